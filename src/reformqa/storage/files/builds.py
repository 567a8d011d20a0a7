"""The builds of an index on disk, and which of them is served.

index/current            the id of the build being served
index/builds/<id>/       a build; a leading dot marks one being written or removed
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator
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


def new_id(known: Iterable[str], now: datetime) -> str:
    """Return an id for a build made at that moment.

    It sorts after the ids of all builds that are `known`, even if the clock was set back in the
    meantime.
    """
    last = max(known, default="")
    moment = f"{now:%Y%m%d-%H%M%S}"
    if moment <= last[: len(moment)]:
        after = datetime.strptime(last[: len(moment)], "%Y%m%d-%H%M%S") + timedelta(seconds=1)
        moment = f"{after:%Y%m%d-%H%M%S}"
    return f"{moment}-{secrets.token_hex(3)}"


def is_id(name: str) -> bool:
    """Return whether a name has the form of a build's id, and so cannot lead elsewhere."""
    return _ID.fullmatch(name) is not None


def folder_of(index: Path, build_id: str) -> Path:
    """Return the folder of a build, which need not exist."""
    return index / "builds" / build_id


def served(index: Path) -> Path:
    """Return the folder of the build being served. Raises MissingIndexError if there is none."""
    current = index / "current"
    if not current.is_file():
        raise MissingIndexError(
            f"There is no index in {index}. Run `reformqa rebuild` to make one, or name another"
            " folder with --index."
        )
    return folder_of(index, current.read_text(encoding="utf-8", errors="replace").strip())


def known(index: Path, build_id: str) -> Path:
    """Return the folder of a build. Raises MissingIndexError if there is none of that id."""
    folder = folder_of(index, build_id)
    if not folder.is_dir():
        raise MissingIndexError(
            f"There is no build {build_id} in {index}. Check the id, or leave it out to use the"
            " build being served."
        )
    return folder


@contextmanager
def written_aside(index: Path, build_id: str) -> Iterator[Path]:
    """Yield a folder to write a build into; remove it afterwards unless it was admitted."""
    aside = folder_of(index, f".{build_id}.writing")
    try:
        aside.mkdir(parents=True)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def admit(index: Path, aside: Path, build_id: str) -> None:
    """Move a build that was written aside among the others: one rename."""
    os.rename(aside, folder_of(index, build_id))
    sync(index / "builds")


def publish(index: Path, build_id: str) -> None:
    """Serve the build from now on: one rename. Readers keep the build that they opened."""
    write_atomically(index / "current", build_id.encode())


def clear(index: Path) -> None:
    """Remove what killed rebuilds left half-written or half-removed."""
    builds = index / "builds"
    for half in (*builds.glob(".*.writing"), *builds.glob(".*.removing")):
        shutil.rmtree(half)
    for half in index.glob(".*"):
        if is_half_written(half):
            half.unlink()


def prune(index: Path, keep: int, spared: Collection[str] = ()) -> None:
    """Remove all but the `keep` newest builds, those `spared` and the one being served."""
    kept = {served(index).name, *spared}
    for folder in sorted(folders(index), reverse=True)[keep:]:
        if folder.name not in kept:
            # Renamed first, so that a kill leaves no build with some of its files.
            half = folder.rename(folder.with_name(f".{folder.name}.removing"))
            shutil.rmtree(half)


def list_builds(index: Path) -> tuple[Build, ...]:
    """Return the descriptions of the builds on disk, newest first, without damaged ones."""
    found: list[Build] = []
    for folder in sorted(folders(index), reverse=True):
        try:
            found.append(described(folder, read_manifest(folder)))
        except DamagedIndexError:  # perhaps a rebuild has just removed it
            continue
    return tuple(found)


def described(folder: Path, manifest: dict[str, Any]) -> Build:
    """Return the build that a manifest describes. Raises DamagedIndexError if it has none."""
    try:
        return _BUILD.validate_python(manifest["build"])
    except ValidationError as error:
        raise damaged(folder, "its manifest does not describe a build") from error


def folders(index: Path) -> Iterator[Path]:
    """Return the folders of complete builds, in no order. Raises OSError if it cannot list them."""
    builds = index / "builds"
    found = builds.iterdir() if builds.is_dir() else ()
    return (d for d in found if is_id(d.name))
