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
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reformqa.errors import DamagedIndexError, MissingIndexError
from reformqa.files import is_half_written, sync, write_atomically
from reformqa.model import Build
from reformqa.storage.files.manifest import damaged, read_manifest

_BUILD = TypeAdapter(Build)
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}", re.ASCII)


def new_id(index: Path, now: datetime) -> str:
    """An id for a build made at that moment: after all that are there in order of names, even
    where the clock was set back since."""
    last = max((folder.name for folder in folders(index)), default="")
    moment = f"{now:%Y%m%d-%H%M%S}"
    if moment <= last[: len(moment)]:
        after = datetime.strptime(last[: len(moment)], "%Y%m%d-%H%M%S") + timedelta(seconds=1)
        moment = f"{after:%Y%m%d-%H%M%S}"
    return f"{moment}-{secrets.token_hex(3)}"


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


def known(index: Path, build_id: str) -> Path:
    """The folder of a build. Raises MissingIndexError if there is none of that id."""
    folder = folder_of(index, build_id)
    if not folder.is_dir():
        raise MissingIndexError(
            f"There is no build {build_id} in {index}. Check the id, or leave it out for the one"
            " being served."
        )
    return folder


@contextmanager
def written_aside(index: Path, build_id: str) -> Iterator[Path]:
    """A folder to write a build into, which is gone afterwards unless the build was admitted."""
    aside = folder_of(index, f".{build_id}.writing")
    try:
        aside.mkdir(parents=True)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def admit(index: Path, aside: Path, build_id: str) -> None:
    """Put a build that was written aside among the builds: one rename."""
    os.rename(aside, folder_of(index, build_id))
    sync(index / "builds")


def publish(index: Path, build_id: str) -> None:
    """Serve the build from now on: one rename. Readers keep to the build that they opened."""
    write_atomically(index / "current", build_id.encode())


def clear(index: Path) -> None:
    """Remove what a rebuild that was killed has left half-made."""
    builds = index / "builds"
    for half in (*builds.glob(".*.writing"), *builds.glob(".*.removing")):
        shutil.rmtree(half)
    for half in index.glob(".*"):
        if is_half_written(half):
            half.unlink()


def prune(index: Path, keep: int) -> None:
    """Remove all but the `keep` newest builds; the one being served stays, however old."""
    current = served(index)
    for folder in sorted(folders(index), reverse=True)[keep:]:
        if folder != current:
            # Under another name first: a build that is half removed is none.
            half = folder.rename(folder.with_name(f".{folder.name}.removing"))
            shutil.rmtree(half)


def list_builds(index: Path) -> tuple[Build, ...]:
    """What the builds on disk say of themselves, newest first; unreadable ones are passed over."""
    found: list[Build] = []
    for folder in sorted(folders(index), reverse=True):
        try:
            found.append(described(folder, read_manifest(folder)))
        except DamagedIndexError:  # perhaps removed by a rebuild at this moment
            continue
    return tuple(found)


def described(folder: Path, manifest: dict[str, Any]) -> Build:
    """The build that a manifest describes. Raises DamagedIndexError where it describes none."""
    try:
        return _BUILD.validate_python(manifest["build"])
    except ValidationError as error:
        raise damaged(folder, str(error)) from error


def folders(index: Path) -> Iterator[Path]:
    """The folders of whole builds, in no order. Raises OSError where they cannot be listed."""
    builds = index / "builds"
    found = builds.iterdir() if builds.is_dir() else ()
    return (d for d in found if is_id(d.name))
