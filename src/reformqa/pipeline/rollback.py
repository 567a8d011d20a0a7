"""Serve an earlier build again, and keep serving it until the corpus changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reformqa.errors import UnknownNameError
from reformqa.files import write_atomically
from reformqa.formats import parse_json
from reformqa.model import Build
from reformqa.pipeline.leaving import note_leaving
from reformqa.settings import StorageSettings
from reformqa.storage.chosen import open_writer
from reformqa.storage.files.lock import only_writer, told_plainly

_FILE = "rolled-back.json"


def rollback(
    index: str | Path,
    build_id: str | None = None,
    *,
    storage: StorageSettings = StorageSettings(),
) -> Build:
    """Serve the build with that id, or else the one before the one being served.

    Rebuilds then change nothing until the corpus, the catalogue, the settings or a model differs
    from what the build that was rolled back was made from.
    Raises UnknownNameError if there is no such build, DamagedIndexError if it is damaged,
    MissingIndexError, BusyIndexError, UnwritableIndexError.
    """
    index = Path(index)
    with (
        only_writer(index) as lock,
        told_plainly(index),
        open_writer(index, storage, lock) as writer,
    ):
        served = writer.open()
        known = writer.versions()
        earlier = [v for v in known if v < served.version.id]
        wanted = build_id or (earlier[0] if earlier else None)
        if wanted is None or wanted not in known:
            raise UnknownNameError("earlier build", wanted or "the one before", known)
        build = writer.open(wanted)
        build.verify()
        if wanted < served.version.id:
            rejected = _digest(served.version.facts)
            data = json.dumps({"rejected": rejected, "build": served.version.id}).encode()
            write_atomically(index / _FILE, data)
        else:
            (index / _FILE).unlink(missing_ok=True)
        note_leaving(index, served.version.id, known)
        writer.serve(wanted)
        return build.version.build


def rolled_back(index: Path, facts: Mapping[str, Any]) -> str | None:
    """Return why no build of those facts may be made, if one was rolled back; None otherwise."""
    try:
        told = parse_json((index / _FILE).read_bytes())
        rejected, name = told["rejected"], told["build"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if rejected != _digest(facts):
        return None
    return (
        f"Build {name} of the same corpus was rolled back, so it is not built again. Change"
        " the corpus, or rebuild with --force."
    )


def _digest(facts: Mapping[str, Any]) -> str:
    """Return a digest of what a build depends on, made or not yet made."""
    names = ["models", "parser", "rules", "settings", "tuning"]
    names += ["sources", "handed_in", "left_out", "catalogue"]
    told = json.dumps({n: facts.get(n) for n in names}, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
