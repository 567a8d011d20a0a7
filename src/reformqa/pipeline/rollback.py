"""Serve an earlier build again, and keep to it until the corpus is another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reformqa.errors import UnknownNameError
from reformqa.files import write_atomically
from reformqa.model import Build
from reformqa.storage.files import builds
from reformqa.storage.files.lock import only_writer, told_plainly
from reformqa.storage.files.store import Snapshot

_FILE = "rolled-back.json"


def rollback(index: Path, build_id: str | None = None) -> Build:
    """Serve the build of that id, or else the one before the one being served.

    Rebuilds then leave things as they are until the corpus, the catalogue, the settings or a model
    is another than what the build that was rolled back was made of.
    Raises UnknownNameError where there is no such build, DamagedIndexError where it is harmed,
    MissingIndexError, BusyIndexError, UnwritableIndexError.
    """
    with only_writer(index), told_plainly(index):
        served = builds.served(index).name
        known = [b.id for b in builds.list_builds(index)]
        earlier = [b for b in known if b < served]
        wanted = build_id or (earlier[0] if earlier else None)
        if wanted is None or wanted not in known:
            raise UnknownNameError("earlier build", wanted or "the one before", known)
        build = Snapshot(index, wanted)
        build.verify()
        if wanted < served:
            rejected = _digest(Snapshot(index, served).manifest)
            data = json.dumps({"rejected": rejected, "build": served}).encode()
            write_atomically(index / _FILE, data)
        else:
            (index / _FILE).unlink(missing_ok=True)
        builds.publish(index, wanted)
        return build.build


def rolled_back(index: Path, facts: Mapping[str, Any]) -> str | None:
    """Why a build of those facts is not to be made: one was rolled back; None where it may be."""
    try:
        told = json.loads((index / _FILE).read_bytes())
        rejected, name = told["rejected"], told["build"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if rejected != _digest(facts):
        return None
    return (
        f"Build {name} of the same corpus was rolled back, so that it is not made again. Change"
        " the corpus, or rebuild with --force."
    )


def _digest(facts: Mapping[str, Any]) -> str:
    """A digest of what a build depends on, whether from its manifest or not yet made."""
    names = ("models", "parser", "settings", "calibration", "sources", "left_out", "catalogue")
    told = json.dumps({n: facts.get(n) for n in names}, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
