"""Writes reports into segments, and shares those of the version before.

A report whose records and vectors are the same as in the version before stays in its segment, to
which the new version gets hard links; all others go into one new segment. A night thus writes what
changed. So that few segments are read and little of them is for nothing, some are not shared:
their reports are written again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from hashlib import blake2b
from pathlib import Path
from typing import Any

from reformqa.errors import DamagedIndexError, MissingIndexError
from reformqa.files import naming
from reformqa.model import Passage, Report
from reformqa.models.base import TextVectors
from reformqa.storage.files.builds import served
from reformqa.storage.files.columns import Columns
from reformqa.storage.files.database import FILE as DATABASE
from reformqa.storage.files.database import DatabaseWriter, Rows
from reformqa.storage.files.dense import DenseWriter
from reformqa.storage.files.manifest import check_files, read_manifest
from reformqa.storage.files.places import SEGMENTS, Place, Places, read_places, write_places
from reformqa.storage.files.tokens import TokenSegment, TokenWriter

#: The most segments of a version. A question looks for records in each.
MOST = 8


@dataclass(frozen=True, slots=True)
class Shared:
    """What the next version may share of one: reports by digest, and the manifest's files."""

    folder: Path
    places: Mapping[str, Place]
    files: Mapping[str, list[Any]]

    @classmethod
    def none(cls) -> Shared:
        """Return that nothing may be shared."""
        return cls(Path(), {}, {})

    @classmethod
    def of_served(cls, index: Path) -> Shared:
        """Return what may be shared of the version served: nothing if it is damaged."""
        try:
            folder = served(index)
            manifest = read_manifest(folder)
            check_files(folder, manifest, within=f"{SEGMENTS}/")
            of = read_places(folder)
            rows = Places(of, Columns.load(folder).reports)
            sizes = {s: TokenSegment(folder, s).size for s in rows.segments}
        except (MissingIndexError, DamagedIndexError, OSError, ValueError):
            return cls.none()
        used = Counter({s: rows.used(s) for s in sizes})
        kept = {s for s in sizes if 2 * used[s] >= sizes[s]}
        if len(kept) >= MOST:
            kept &= {s for s, _ in used.most_common(MOST // 2)}
        places = {p.digest: p for p in of.values() if p.segment in kept}
        return cls(folder, places, manifest["files"])


class SegmentsWriter:
    """Puts the reports of a version where they are stored."""

    def __init__(self, folder: Path, version_id: str, shared: Shared) -> None:
        self._folder = folder
        self._id = version_id
        self._shared = shared
        self._places: dict[str, Place] = {}
        self._new: SegmentWriter | None = None

    def put(
        self,
        report: Report,
        rows: Rows,
        passages: Sequence[Passage],
        vectors: Sequence[TextVectors],
    ) -> None:
        """Store a report with its passages and their vectors, unless it is stored already."""
        if report.id in self._places:
            raise ValueError(f"The report {report.id} is put twice.")
        digest = _digest(rows, vectors)
        place = self._shared.places.get(digest)
        if place is None:
            self._new = self._new or SegmentWriter(self._folder / SEGMENTS / self._id)
            first = self._new.add(rows, passages, vectors)
            place = Place(self._id, first, digest)
        self._places[report.id] = place

    def save(self) -> dict[str, list[Any]]:
        """Complete the segments; return what the manifest says of files that are links."""
        if self._new:
            self._new.save()
        linked = {}
        used = {p.segment for p in self._places.values()} - {self._id}
        for name in self._shared.files:
            if name.startswith(tuple(f"{SEGMENTS}/{segment}/" for segment in used)):
                own = self._folder / name
                own.parent.mkdir(parents=True, exist_ok=True)
                if link(str(self._shared.folder / name), str(own)):
                    linked[name] = self._shared.files[name]
        write_places(self._folder, self._places)
        return linked

    def close(self) -> None:
        """Close the files that are still being written."""
        if self._new:
            self._new.close()


class SegmentWriter:
    """Writes a segment into a new folder, report by report."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._file = folder / DATABASE
        with naming(self._file):
            self._database = DatabaseWriter(self._file)
        self._tokens = TokenWriter(folder)
        self._dense = DenseWriter(folder)
        self._rows: dict[bytes, int] = {}
        self._size = 0

    def add(self, rows: Rows, passages: Sequence[Passage], vectors: Sequence[TextVectors]) -> int:
        """Add a report, and return the row of its first passage."""
        first = self._size
        with naming(self._file):
            self._database.add(rows, first)
        for passage, made in zip(passages, vectors, strict=True):
            self._dense.add(made.sentence)
            # A text that occurs twice, as in a report that is there twice, is kept once.
            key = blake2b(passage.indexed.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            if key in self._rows:
                self._tokens.add_again(self._rows[key])
            else:
                self._rows[key] = self._tokens.add(made.tokens)
        self._size += len(passages)
        return first

    def save(self) -> None:
        """Complete the files of the segment."""
        with naming(self._file):
            self._database.commit()
        self._database.close()
        self._rows.clear()
        self._tokens.save()
        self._dense.save()

    def close(self) -> None:
        """Close the files that are still being written, each even if another cannot be."""
        with ExitStack() as files:
            for part in (self._database, self._tokens, self._dense):
                files.callback(part.close)


def link(source: str, target: str) -> bool:
    """Make a hard link if the disk has them, or else a copy; return whether it is a link."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
        return False
    return True


def _digest(rows: Rows, vectors: Sequence[TextVectors]) -> str:
    """Return the digest of all that is stored of a report."""
    tables = [getattr(rows, table.name) for table in fields(rows)]
    digest = blake2b(json.dumps(tables).encode(), digest_size=16)
    for made in vectors:
        digest.update(f"{made.sentence.shape} {made.tokens.shape}".encode())
        digest.update(made.sentence.tobytes())
        digest.update(made.tokens.tobytes())
    return digest.hexdigest()
