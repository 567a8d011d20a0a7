"""Whether this machine has what the library needs: Python, packages, processors, memory, disk."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

from reformqa.doctor.findings import Finding, attention, broken, well

#: Bytes that a rebuild takes at most (benchmarks/README.md, "Growth": 0.96 to 1.15 GB from 1 to 40
#: reports), rounded up.
REBUILD_MEMORY = 1_300 * 10**6
#: Bytes on disk that the first build is taken to need: the exported model is 110 MB of it.
FIRST_BUILD = 250 * 10**6
#: A rebuild writes a build beside the one served, and keeps what it read and encoded besides.
BUILDS_NEEDED = 2


def check_python(project: str = "reformqa") -> Finding:
    """Whether this Python is one that the project is for."""
    from packaging.specifiers import SpecifierSet

    running = platform.python_version()
    try:
        needed = metadata(project)["Requires-Python"] or ""
    except PackageNotFoundError:
        return attention("Python", f"{running}; {project} is not installed", _install())
    if not SpecifierSet(needed).contains(running, prereleases=True):
        cure = f"Make the environment anew with Python {needed}."
        return broken("Python", f"{running}, where {needed} is needed", cure)
    return well("Python", running)


def check_packages(extras: Sequence[str] = (), project: str = "reformqa") -> Finding:
    """Whether the packages that the project asks for are installed, in a version that it takes.

    `extras` are the optional parts that the settings need. Nothing is imported: what is told is
    what the installed packages say of themselves.
    """
    try:
        lacking = list(_lacking(project, ("", *extras)))
    except PackageNotFoundError:
        return attention("packages", f"{project} is not installed as a package", _install())
    if not lacking:
        return well("packages", "all that are needed")
    return broken("packages", "; ".join(lacking), _install(extras))


def _install(extras: Sequence[str] = ()) -> str:
    part = f"'.[{','.join(extras)}]'" if extras else "."
    return f"In the project's folder: pip install --constraint constraints.txt {part}"


def _lacking(project: str, extras: Sequence[str]) -> Iterator[str]:
    """What is missing or of another version, in words; of each package, the extras it is asked for.

    Raises PackageNotFoundError where the project itself is not installed.
    """
    from packaging.requirements import Requirement

    for text in requires(project) or ():
        needed = Requirement(text)
        if needed.marker and not any(needed.marker.evaluate({"extra": e}) for e in extras):
            continue
        try:
            present = version(needed.name)
        except PackageNotFoundError:
            yield f"{needed.name} is not installed"
            continue
        if not needed.specifier.contains(present, prereleases=True):
            yield f"{needed.name} is {present}, where {needed.specifier} is needed"
        if needed.extras:
            yield from _lacking(needed.name, sorted(needed.extras))


def check_processors(cgroup: Path = Path("/sys/fs/cgroup")) -> Finding:
    """Whether OMP_NUM_THREADS asks for more threads than there are processors to use."""
    count = _processors(cgroup)
    told = os.environ.get("OMP_NUM_THREADS", "")
    if not told:
        return well("processors", f"{count:g}; OMP_NUM_THREADS is not set, a few threads are used")
    found = f"{count:g}, and OMP_NUM_THREADS is {told}"
    cure = f"Set OMP_NUM_THREADS to at most {max(1, int(count))}: with more, encoding slows down."
    if not told.isdigit() or int(told) < 1 or int(told) > max(1, count):
        return attention("processors", found, cure)
    return well("processors", found)


def _processors(cgroup: Path) -> float:
    """How many this process may use: its own, or a container's share of them."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = float(len(affinity(0)) if affinity else os.cpu_count() or 1)
    quota, _, period = _text(cgroup / "cpu.max").partition(" ")
    if quota.isdigit() and period.strip().isdigit() and int(period):
        return min(count, int(quota) / int(period))
    return count


def check_memory(
    meminfo: Path = Path("/proc/meminfo"), cgroup: Path = Path("/sys/fs/cgroup")
) -> Finding:
    """Whether there is memory for a rebuild: what is free now, and what a container may take."""
    lines = dict(line.split(":", 1) for line in _text(meminfo).splitlines() if ":" in line)
    kilobytes = lines.get("MemAvailable", "").split()
    limit = _text(cgroup / "memory.max").strip()
    known = [int(kilobytes[0]) * 1024] if kilobytes and kilobytes[0].isdigit() else []
    known += [int(limit)] if limit.isdigit() else []
    if not known:
        return well("memory", "not told by this system")
    need = f"a rebuild takes up to {REBUILD_MEMORY / 1e9:.1f} GB"
    found = f"{min(known) / 1e9:.1f} GB available; {need}"
    if min(known) >= REBUILD_MEMORY:
        return well("memory", found)
    cure = "Give the machine or container more, rebuild when less runs, or set reading.workers = 1."
    return attention("memory", found, cure)


def check_disk(folder: Path, served: int | None) -> Finding:
    """Whether a rebuild has room on the disk of `folder`; `served` is the served build's bytes.

    What it needs is estimated as twice the build served: the new one aside, and as much again for
    what is kept of reading and encoding.
    """
    free = shutil.disk_usage(nearest(folder)).free
    one = FIRST_BUILD if served is None else served
    need = BUILDS_NEEDED * one
    basis = "a first build" if served is None else "twice the build served"
    found = f"{free / 1e9:.1f} GB free; a rebuild needs about {need / 1e9:.1f} GB ({basis})"
    cure = "Free space: index/cache may be deleted, and rebuild.keep = 2 keeps one build fewer."
    if free >= need:
        return well("disk", found)
    return attention("disk", found, cure) if free >= one else broken("disk", found, cure)


def nearest(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.exists())


def _text(file: Path) -> str:
    """What the system tells in a file of its own; nothing where it has none."""
    try:
        return file.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
