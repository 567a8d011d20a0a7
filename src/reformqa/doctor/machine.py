"""Checks of this machine: Python, packages, processors, memory and disk."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

from reformqa.doctor.findings import Finding, attention, broken, well
from reformqa.isolation.processors import available

#: The memory that a rebuild needs at most, in bytes, rounded up from 0.96 to 1.15 GB for 1 to 40
#: reports (benchmarks/README.md, "Growth").
REBUILD_MEMORY = 1_300 * 10**6
#: The disk space that a first build needs, in bytes: 110 MB of it are the exported model.
FIRST_BUILD = 250 * 10**6
#: A rebuild writes a second build and caches what it has read and encoded.
BUILDS_NEEDED = 2

#: The parts of a requirement that are read: the name, its extras and its marker (PEP 508).
_REQUIREMENT = re.compile(r"([\w.-]+)\s*(?:\[([^\]]*)\])?[^;]*(?:;(.*))?")
#: The one marker that is evaluated. Requirements with others depend on the platform.
_EXTRA = re.compile(r"""\s*extra\s*==\s*["']([\w.-]+)["']\s*""")


def check_python(project: str = "reformqa") -> Finding:
    """Check that this Python is at least the version that the project requires."""
    running = platform.python_version()
    try:
        needed = metadata(project)["Requires-Python"] or ""
    except PackageNotFoundError:
        return attention("Python", f"{running}; {project} is not installed", _install())
    least = re.search(r">=\s*(\d+(?:\.\d+)*)", needed)
    if least and sys.version_info[:3] < tuple(map(int, least[1].split("."))):
        cure = f"Recreate the environment with Python {needed}."
        return broken("Python", f"{running}, but {needed} is needed", cure)
    return well("Python", running)


def check_packages(extras: Sequence[str] = (), project: str = "reformqa") -> Finding:
    """Check that the packages that the project requires are installed.

    `extras` are the optional parts that the settings need. Nothing is imported, and versions are
    left to the installer.
    """
    try:
        missing = list(dict.fromkeys(_missing(project, extras)))
    except PackageNotFoundError:
        return attention("packages", f"{project} is not installed as a package", _install())
    if not missing:
        return well("packages", "all required packages are installed")
    found = "; ".join(f"{name} is not installed" for name in missing)
    return broken("packages", found, _install(extras))


def _install(extras: Sequence[str] = ()) -> str:
    part = f"'.[{','.join(extras)}]'" if extras else "."
    return f"In the project folder, run: pip install --constraint constraints.txt {part}"


def _missing(project: str, extras: Sequence[str]) -> Iterator[str]:
    """Yield the packages that `project` requires with these extras and that are not installed.

    Raises PackageNotFoundError if the project itself is not installed.
    """
    for text in requires(project) or ():
        needed = _REQUIREMENT.match(text)
        assert needed is not None  # every requirement begins with a name
        name, inner, marker = needed.groups(default="")
        extra = _EXTRA.fullmatch(marker)
        if marker and not (extra and extra[1] in extras):
            continue
        try:
            version(name)
        except PackageNotFoundError:
            yield name
        else:
            if inner:
                yield from _missing(name, [part.strip() for part in inner.split(",")])


def check_processors(cgroup: Path = Path("/sys/fs/cgroup")) -> Finding:
    """Check that OMP_NUM_THREADS does not ask for more threads than there are processors."""
    count = available(cgroup)
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if not threads:
        return well("processors", f"{count:g}; OMP_NUM_THREADS is not set, a few threads are used")
    found = f"{count:g}, and OMP_NUM_THREADS is {threads}"
    cure = f"Set OMP_NUM_THREADS to at most {max(1, int(count))}. More threads slow encoding down."
    if not threads.isdigit() or int(threads) < 1 or int(threads) > max(1, count):
        return attention("processors", found, cure)
    return well("processors", found)


def check_memory(
    meminfo: Path = Path("/proc/meminfo"), cgroup: Path = Path("/sys/fs/cgroup")
) -> Finding:
    """Check that a rebuild has enough memory, free now and within a container's limit."""
    lines = dict(line.split(":", 1) for line in _text(meminfo).splitlines() if ":" in line)
    kilobytes = lines.get("MemAvailable", "").split()
    limit = _text(cgroup / "memory.max").strip()
    known = [int(kilobytes[0]) * 1024] if kilobytes and kilobytes[0].isdigit() else []
    known += [int(limit)] if limit.isdigit() else []
    if not known:
        return well("memory", "this system does not report it")
    need = f"a rebuild needs up to {REBUILD_MEMORY / 1e9:.1f} GB"
    found = f"{min(known) / 1e9:.1f} GB available; {need}"
    if min(known) >= REBUILD_MEMORY:
        return well("memory", found)
    cure = "Add memory, rebuild when less is running, or set reading.workers = 1."
    return attention("memory", found, cure)


def check_disk(folder: Path, served: int | None) -> Finding:
    """Check that the disk of `folder` has room for a rebuild.

    `served` is the size of the current build in bytes. A rebuild is estimated to need twice that:
    once for the new build, and once for the cache of what was read and encoded.
    """
    free = shutil.disk_usage(nearest(folder)).free
    one = FIRST_BUILD if served is None else served
    need = BUILDS_NEEDED * one
    basis = "a first build" if served is None else "twice the current build"
    found = f"{free / 1e9:.1f} GB free; a rebuild needs about {need / 1e9:.1f} GB ({basis})"
    cure = "Free some space: delete index/cache, or set rebuild.keep = 2 to keep fewer builds."
    if free >= need:
        return well("disk", found)
    return attention("disk", found, cure) if free >= one else broken("disk", found, cure)


def nearest(folder: Path) -> Path:
    """Return the folder, or its nearest parent that exists."""
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.exists())


def _text(file: Path) -> str:
    """Return the contents of a system file, or "" if it cannot be read."""
    try:
        return file.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
