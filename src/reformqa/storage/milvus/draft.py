"""A version being written to a Milvus server: only reports that changed are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reformqa.storage.base import Batch, IndexVersion
from reformqa.storage.files.tokens import piece_weights
from reformqa.storage.milvus import records, schema
from reformqa.storage.milvus.blobs import Blobs, BlobsWriter
from reformqa.storage.milvus.bm25 import Counted, vocabulary_of
from reformqa.storage.milvus.layout import KINDS
from reformqa.storage.milvus.models import keep_models
from reformqa.storage.milvus.records import StoredEvidence
from reformqa.storage.milvus.rows import make_entry, make_records, passage_rows, stating
from reformqa.storage.milvus.schema import (
    CLUSTERED,
    SCHEMA_VERSION,
    Kind,
    Names,
    item,
    name_key,
    revision,
)
from reformqa.storage.milvus.server import Server
from reformqa.storage.milvus.store import RECORD_PARTS, MilvusStore
from reformqa.storage.milvus.tables import Entry, Head, Tables
from reformqa.text.tokens import tokens

#: How far the average length of a passage may move before all rows are written with the new one.
DRIFT = 0.02
#: How many times as many passages as at the beginning need other clusters.
GROWTH = 4
#: Rows of passages that are written at a time.
_ROWS = 500


class MilvusDraft:
    """A version being written, as `storage.base.Draft`.

    `kept` are the tables of the versions whose rows it may share, the one served first; `check`
    raises an error if this process may no longer write; `sparse` says whether the server has sparse
    vectors, for rows that begin with this version.
    """

    def __init__(
        self,
        server: Server,
        names: Names,
        cache: Path,
        number: int,
        version_id: str,
        piece_factors: NDArray[np.float32],
        kept: Sequence[Tables],
        check: Callable[[], None],
        *,
        sparse: bool,
    ) -> None:
        self._server = server.fresh()
        self._names = names
        self._cache = cache
        self._number = number
        self._id = version_id
        self._factors = piece_factors
        self._check = check
        self._sparse = sparse
        self._kept = [t for t in kept if t.head.rows == kept[0].head.rows]
        self._models = ""
        self._rows: int | None = None
        self._records: BlobsWriter | None = None
        self._width = 0
        self._dimensions = 0
        self._words = 0
        self._fresh = 0
        self._entries: list[Entry] = []
        self._columns: list[tuple[int, int, bool]] = []
        self._stating: list[tuple[str, str]] = []
        self._paragraphs: list[int] = []
        self._holders: dict[int, int] = {}
        self._pieces = np.zeros(len(piece_factors), dtype=np.int64)
        self._store: MilvusStore | None = None
        self.collection = names.version(number, version_id, "draft")
        self._server.create(self.collection, schema.blobs())

    def keep_models(self, folders: Mapping[str, Path]) -> None:
        """Keep exported models, by role, on the server; what it has is not sent again."""
        self._models = keep_models(self._server, self._names, folders)

    def put(self, batch: Batch) -> None:
        """Add a report with its passages; send it unless a version kept has just the same."""
        vectors = list(batch.vectors)
        counted = [Counted.of(tokens(p.indexed)) for p in batch.passages]
        for passage, of, stored in zip(batch.passages, counted, vectors, strict=True):
            self._words += of.length
            self._pieces[stored.pieces] += 1
            self._width = stored.tokens.shape[1]
            self._paragraphs.append(name_key(passage.paragraph_id))
            for key in of.keys.tolist():
                self._holders[key] = self._holders.get(key, 0) + 1
        self._dimensions = batch.recommendation_vectors.shape[1]
        kinds = {p.id: KINDS.index(p.section_kind) for p in batch.report.paragraphs}
        self._columns += [
            (statement, kinds[p.paragraph_id], p.recommends)
            for p, statement in zip(batch.passages, batch.statements, strict=True)
        ]
        self._stating += stating(batch.recommendations)
        made = records.digest(
            batch.report,
            batch.recommendations,
            batch.recommendation_vectors,
            batch.passages,
            vectors,
        )
        own = self._known(made)
        if own is None:
            own = revision(self._number, self._fresh)
            self._fresh += 1
            evidence = [
                StoredEvidence(v.sentence, v.tokens, c)
                for v, c in zip(vectors, counted, strict=True)
            ]
            self._send(own, batch, evidence)
        self._entries.append(make_entry(own, made, batch))

    def seal(self, version: IndexVersion) -> MilvusStore:
        """Complete the version and open it; it is not served yet."""
        assert self._records is not None, "put a report first"
        assert self._rows is not None
        self._records.flush()
        tables = self._tables(version)
        self._send_passages(tables)
        if self._fresh:
            for rows in (self._names.passages(self._rows), self._names.records(self._rows)):
                self._server.settle(rows)
        tables.write(self._server, self.collection)
        self._store = MilvusStore(self._server, self.collection, self._names, self._cache)
        self._store.verify()
        return self._store

    def publish(self) -> None:
        """Put the sealed version among the others and serve it: a renaming, then an alias."""
        assert self._store is not None, "seal a draft before you publish it"
        self._check()
        collection = self._names.version(self._number, self._id)
        self._server.rename(self.collection, collection)
        self._server.load(collection)
        self._store.renamed(collection)
        self.collection = collection
        self._server.point(self._names.served, collection)

    @property
    def published(self) -> bool:
        """Whether it is among the versions."""
        return self._names.read(self.collection) is not None

    # ---- rows -----------------------------------------------------------------------------------

    def _known(self, made: str) -> int | None:
        """Return the revision of a report that has the same rows already, or None."""
        if self._rows is None:
            self._choose_rows()
        return self._shared.get(made)

    def _choose_rows(self) -> None:
        """Go on with the collections of rows of the version before, or begin others."""
        base = self._kept[0] if self._kept else None
        if base and base.head.dimensions == self._dimensions and not _outgrown(base):
            self._rows = base.head.rows
            self._average: float | None = base.head.average
            self._begun, self._sparse = base.head.begun, base.head.sparse
            self._shared = {e.digest: e.revision for t in self._kept for e in t.entries}
        else:
            self._rows, self._average, self._shared = self._number, None, {}
            self._begun = 0
            self._server.create(self._names.records(self._number), schema.blobs())
            about = len(base.statement) if base else 0
            self._server.create(
                self._names.passages(self._number),
                schema.passages(self._dimensions, about, sparse=self._sparse),
            )
        blobs = Blobs(self._server, self._names.records(self._rows), RECORD_PARTS)
        self._records = blobs.writer()

    def _send(self, own: int, batch: Batch, stored: Sequence[StoredEvidence]) -> None:
        assert self._records is not None
        for number, data, name in make_records(batch):
            self._records.put(number(own), data, revision=own, name=name)
        for n, evidence in enumerate(stored):
            self._records.put(
                item(own, Kind.EVIDENCE, n), evidence.packed(), revision=own, dense=True
            )

    def _send_passages(self, tables: Tables) -> None:
        """Write the rows that are searched, now that the average length is known."""
        blobs = Blobs(self._server, self._names.records(tables.head.rows), RECORD_PARTS)
        collection = self._names.passages(tables.head.rows)
        at = 0
        first = revision(self._number, 0)
        rows: list[dict[str, Any]] = []
        for entry in tables.entries:
            if entry.revision >= first:
                for start in range(0, entry.passages, _ROWS):
                    numbers = range(start, min(start + _ROWS, entry.passages))
                    rows += passage_rows(blobs, tables, entry, at, numbers)
                    if len(rows) >= _ROWS:
                        self._server.upsert(collection, rows)
                        rows = []
            at += entry.passages
        if rows:
            self._server.upsert(collection, rows)

    def _tables(self, version: IndexVersion) -> Tables:
        assert self._rows is not None
        size = len(self._columns)
        own = {e.revision for e in self._entries}
        there = {e.revision for t in self._kept for e in t.entries} if self._shared else set()
        vocabulary = vocabulary_of(self._holders, size)
        head = Head(
            schema=SCHEMA_VERSION,
            library=self._names.library,
            number=self._number,
            rows=self._rows,
            build=version.build,
            facts=dict(version.facts),
            not_here=tuple(sorted(there - own)),
            words=self._words,
            average=self._average or self._words / max(1, size) or 1.0,
            sparse=self._sparse,
            begun=self._begun or size,
            dimensions=self._dimensions,
            width=self._width,
            models=self._models,
        )
        columns = np.array(self._columns, dtype=np.int64).reshape(size, 3).T
        return Tables(
            head=head,
            entries=self._entries,
            labels=self._labels(),
            statement=columns[0],
            kind=columns[1].astype(np.uint8),
            recommends=columns[2].astype(np.bool_),
            terms=vocabulary.keys,
            holders=vocabulary.holders,
            pieces=piece_weights(self._pieces, size, self._factors),
        )

    def _labels(self) -> dict[str, list[int]]:
        """Return the positions of the passages that state each label."""
        paragraphs = np.array(self._paragraphs, dtype=np.int64)
        order = np.argsort(paragraphs, kind="stable")
        found: dict[str, set[int]] = {}
        for label, paragraph_id in self._stating:
            low, high = (
                np.searchsorted(paragraphs, name_key(paragraph_id), side, sorter=order)
                for side in ("left", "right")
            )
            found.setdefault(label, set()).update(order[low:high].tolist())
        return {label: sorted(found[label]) for label in sorted(found)}


def _outgrown(tables: Tables) -> bool:
    """Return whether rows of a version no longer suit what it has become."""
    size = len(tables.statement)
    drift = abs(tables.head.words / max(1, size) / tables.head.average - 1)
    begun = tables.head.begun
    return drift > DRIFT or (size >= CLUSTERED and size > GROWTH * begun)
