"""The builds of an index: which are on disk, which one is served, and what each says of itself.

index/current            names the build being served
index/builds/<id>/       one build; a name with a leading dot is one being written
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reformqa.errors import DamagedIndexError, MissingIndexError
from reformqa.manifest import MANIFEST, damaged, read_manifest
from reformqa.model import Build

_BUILD = TypeAdapter(Build)
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}", re.ASCII)


def new_id(now: datetime) -> str:
    """An id for a build made at that moment."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def is_id(name: str) -> bool:
    """Whether a build may be called that: such a name leads nowhere but to a build."""
    return _ID.fullmatch(name) is not None


def folder_of(index: Path, build_id: str) -> Path:
    """Where a build lies, or would."""
    return index / "builds" / build_id


def served(index: Path) -> Path:
    """The folder of the build being served. Raises MissingIndexError where there is none."""
    current = index / "current"
    if not current.is_file():
        raise MissingIndexError(
            f"There is no index in {index}. Make one with `reformqa rebuild`, or name another"
            " with --index."
        )
    return folder_of(index, current.read_text(encoding="utf-8", errors="replace").strip())


def publish(index: Path, build_id: str) -> None:
    """Serve the build from now on: one atomic rename."""
    name = index / f".current.{os.getpid()}"
    name.write_text(build_id, encoding="utf-8")
    os.replace(name, index / "current")


def prune(index: Path, keep: int) -> None:
    """Remove all but the `keep` newest builds; the one being served stays, however old."""
    current = served(index)
    folders = sorted(_folders(index), key=lambda d: d.stat().st_mtime_ns, reverse=True)
    for folder in folders[keep:]:
        if folder != current:
            shutil.rmtree(folder)


def list_builds(index: Path) -> tuple[Build, ...]:
    """What the builds on disk say of themselves, newest first; unreadable ones are passed over."""
    found: list[tuple[str, int, Build]] = []
    for folder in _folders(index):
        try:
            build = described(folder, read_manifest(folder))
            found.append((build.made, (folder / MANIFEST).stat().st_mtime_ns, build))
        except (DamagedIndexError, OSError):  # OSError: removed by a rebuild at this moment
            continue
    return tuple(build for *_, build in sorted(found, key=lambda f: f[:2], reverse=True))


def described(folder: Path, manifest: dict[str, Any]) -> Build:
    """The build that a manifest describes. Raises DamagedIndexError where it describes none."""
    try:
        return _BUILD.validate_python(manifest["build"])
    except ValidationError as error:
        raise damaged(folder, str(error)) from error


def _folders(index: Path) -> Iterator[Path]:
    builds = index / "builds"
    found = builds.iterdir() if builds.is_dir() else ()
    return (d for d in found if not d.name.startswith("."))
