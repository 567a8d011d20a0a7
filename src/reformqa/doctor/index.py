"""Checks of the index folder and the builds in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reformqa.doctor.findings import Finding, attention, broken, well
from reformqa.doctor.machine import nearest
from reformqa.errors import DamagedIndexError, MissingIndexError, ReformqaError
from reformqa.model import Build
from reformqa.pipeline.facts import catalogue_of, handed_in_notes
from reformqa.settings import StorageSettings
from reformqa.storage.chosen import open_versions
from reformqa.storage.files.builds import described, folders, served
from reformqa.storage.files.manifest import check_files, read_manifest
from reformqa.storage.files.store import FilesStore

#: How far the clocks of two machines that share an index may differ.
CLOCK_SLACK = timedelta(minutes=5)

_REBUILD = "Run `reformqa rebuild --force` to replace it."


@dataclass(frozen=True, slots=True)
class Served:
    """The size in bytes and the models of the current build, from its manifest."""

    bytes: int
    models: dict[str, Any]


def current_build(index: Path) -> Served | None:
    """Return what the current build's manifest says, or None if it cannot be read."""
    try:
        manifest = read_manifest(served(index))
        sizes = [int(size) for size, _ in manifest["files"].values()]
    except (ReformqaError, OSError, ValueError, TypeError):
        return None  # `check_build` reports why
    models = manifest.get("models")
    return Served(sum(sizes), models if isinstance(models, dict) else {})


def check_index(index: Path) -> Finding:
    """Check that a rebuild could write to the folder, by creating an unnamed file there."""
    place = nearest(index)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        cure = "Choose a folder that this user may write to, or mount it as writable."
        return broken("index", f"{place} cannot be written to: {error.strerror}", cure)
    ready = f"{index} is writable" if index.exists() else f"{index} will be created"
    return well("index", ready)


def check_build(index: Path) -> Finding:
    """Compare every file of the current build with its digest."""
    try:
        store = FilesStore(index)
        store.verify()
    except MissingIndexError as error:
        if any(_folders(index)):
            cure = "Restore the last build with `reformqa rollback`, or rebuild."
            return broken("build", f"{index / 'current'} is missing, but builds are there", cure)
        return attention("build", str(error), "Run `reformqa rebuild`: the app needs a build.")
    except (ReformqaError, OSError) as error:
        others = any(_damage(folder) is None for folder in _folders(index))
        cure = f"{_REBUILD} Until then, `reformqa rollback` restores the previous build."
        return broken("build", str(error), cure if others else _REBUILD)
    return well("build", f"{store.version.id}: every file matches its checksum")


def check_server(index: Path, storage: StorageSettings) -> Finding:
    """Check the current build on a server: its rows are counted, and some compared."""
    try:
        store = open_versions(index, storage).open()
        store.verify()
    except MissingIndexError as error:
        return attention("build", str(error), "Run `reformqa rebuild`: the app needs a build.")
    except DamagedIndexError as error:
        cure = f"{_REBUILD} Until then, `reformqa rollback` restores the previous build."
        return broken("build", str(error), cure)
    except ReformqaError as error:
        cure = "Check storage.url in reformqa.toml, the token, and that the server runs."
        return broken("build", str(error), cure)
    return well("build", f"{store.version.id} on {storage.url}: its rows are as written")


def check_other_builds(index: Path) -> Iterator[Finding]:
    """Check the builds kept for a rollback, by the sizes of their files."""
    try:
        current = served(index)
    except MissingIndexError:
        current = index
    others = [folder for folder in _folders(index) if folder.name != current.name]
    damaged = [reason for folder in others if (reason := _damage(folder))]
    if damaged:
        cure = "Do not roll back to them. The next rebuilds remove them."
        yield attention("older builds", "; ".join(damaged), cure)
    elif others:
        yield well("older builds", ", ".join(sorted((f.name for f in others), reverse=True)))


def check_handed_in(index: Path) -> Iterator[Finding]:
    """Name the reports that visitors handed in under the name of another in the catalogue."""
    try:
        store = FilesStore(index)
        entries = catalogue_of(store.version.facts)
        notes = list(handed_in_notes(store.reports().values(), entries))
    except (ReformqaError, OSError):  # `check_build` reports it
        return
    if notes:
        cure = "Until then, the catalogue's facts are not used for them."
        yield attention("handed in", " ".join(notes), cure)


def check_clock(index: Path, now: datetime) -> Finding:
    """Check that no build claims to have been made later than now."""
    late = [f.name for f in _folders(index) if _made(f) > now + CLOCK_SLACK]
    if not late:
        return well("clock", f"{now:%Y-%m-%d %H:%M} UTC, later than every build")
    found = f"it is {now:%Y-%m-%d %H:%M} UTC, but these builds are dated later: {', '.join(late)}"
    cure = "Set the clock. Builds are named, listed and judged as too old by their dates."
    return attention("clock", found, cure)


def _made(folder: Path) -> datetime:
    """Return when a build was made: the later of the dates in its name and its manifest."""
    dates = [datetime.min.replace(tzinfo=UTC)]
    with suppress(ValueError):  # digits that are no date
        dates.append(datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC))
    with suppress(DamagedIndexError, ValueError):  # reported by the checks of builds
        made = datetime.fromisoformat(_described(folder).made)
        dates.append(made if made.tzinfo else made.replace(tzinfo=UTC))
    return max(dates)


def _damage(folder: Path) -> str | None:
    """Return why a build cannot be read, or None."""
    try:
        _described(folder)
        check_files(folder, read_manifest(folder), lambda name, size: False)
    except (ReformqaError, OSError) as error:
        return str(error)
    return None


def _described(folder: Path) -> Build:
    return described(folder, read_manifest(folder))


def _folders(index: Path) -> list[Path]:
    """Return the folders of complete builds, or none if they cannot be listed."""
    try:
        return sorted(folders(index))
    except OSError:  # `check_index` reports it
        return []
