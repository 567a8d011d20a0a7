"""A version of the library on a Milvus server, opened read-only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reformqa.errors import DamagedIndexError
from reformqa.model import Paragraph, Passage, PassageId, Recommendation, Report, ReportInfo
from reformqa.models.base import Execution
from reformqa.models.onnx import OnnxModels
from reformqa.storage.base import Counted as What
from reformqa.storage.base import EncodedQuery, Evidence, Filters, IndexVersion, Request
from reformqa.storage.milvus.blobs import Blobs
from reformqa.storage.milvus.bm25 import Vocabulary
from reformqa.storage.milvus.candidates import best
from reformqa.storage.milvus.filters import FilterCompiler, Left
from reformqa.storage.milvus.layout import KINDS, Layout
from reformqa.storage.milvus.lexical import LocalBm25
from reformqa.storage.milvus.models import fetch_models
from reformqa.storage.milvus.reading import RecordReader
from reformqa.storage.milvus.schema import (
    KIND_BITS,
    Kind,
    Names,
    item,
    name_key,
)
from reformqa.storage.milvus.server import AT_ONCE, MOST_ROWS, Server, numbers
from reformqa.storage.milvus.tables import Entry, damaged, read_tables
from reformqa.storage.milvus.verification import find_fault

#: The parts of a key of a record that hold its part, as `schema.item` leaves them room.
RECORD_PARTS = 6
#: The compiled filters that are remembered.
_FILTERS = 64
#: The passage ids that are remembered with their positions.
_IDS = 100_000
#: The bytes of records that are remembered: they never change, and questions meet them again.
_READ = 96 * 2**20
#: The clusters that a search looks at, as in files.
_PROBES = 48


class MilvusStore:
    """A version on a server, as `storage.base.Store`, whose docstrings say what is returned.

    Every method may raise UnreachableStoreError besides: no answer is made of half the rows.
    """

    def __init__(self, server: Server, collection: str, names: Names, cache: Path) -> None:
        """Open the version in `collection`; models are fetched into the folder `cache`.

        Raises DamagedIndexError if it is broken.
        """
        self._server = server
        self._collection = collection
        self._names = names
        self._cache = cache
        self.tables = read_tables(server, collection, names.library)
        head = self.tables.head
        self.version: IndexVersion = self.tables.version
        self._layout = Layout(self.tables)
        self._vocabulary = Vocabulary(self.tables.terms, self.tables.holders, self._layout.size)
        self._passages = names.passages(head.rows)
        values = Blobs(server, names.records(head.rows), RECORD_PARTS, _READ)
        self._reader = RecordReader(values, self.tables, self._layout, self._damaged)
        self._average = head.words / max(1, self._layout.size)
        for rows in (self._passages, values.collection):
            if not server.has(rows):
                raise damaged(server, collection, f"the collection {rows} is missing")
            server.load(rows)
        if self._layout.size:
            self._see(values)
        self._ids: dict[int, PassageId] = {}
        self._positions: dict[PassageId, int] = {}
        self._lexical = None if head.sparse else self._local_bm25()
        filters = FilterCompiler(self.tables, self._layout, self._with_terms, self._reader.passages)
        self._left: Callable[[Filters], Left] = lru_cache(_FILTERS)(filters.left)

    def _see(self, values: Blobs) -> None:
        """Read a row that was written last, so that reads from now on see those before it."""
        last = int(self._layout.places(range(self._layout.size)).max())
        record = last << KIND_BITS | Kind.EVIDENCE
        row = self._server.query(self._passages, f"place in [{last}]", ["place"], strong=True)
        if not row or not values.get([record], strong=True):
            raise self._damaged("rows are missing; they may not have been loaded yet")

    def _local_bm25(self) -> LocalBm25:
        counted = self._reader.all_counted()
        return LocalBm25(counted, self._vocabulary, self.tables.head.average)

    def renamed(self, collection: str) -> None:
        """Go on reading the version under another name."""
        self._collection = collection

    def verify(self) -> None:
        fault = find_fault(self._server, self._passages, self.tables, self._layout, self._reader)
        if fault:
            raise self._damaged(fault)

    def models(self, execution: Execution) -> OnnxModels:
        """Open the models kept with this version, each when it is first needed."""
        return fetch_models(
            self._server, self._names, self.tables.head.models, self._cache, execution
        )

    @property
    def piece_weights(self) -> NDArray[np.float32]:
        return self.tables.pieces

    def reports(self) -> Mapping[str, ReportInfo]:
        return self._infos

    @cached_property
    def _infos(self) -> dict[str, ReportInfo]:
        return {i: self._entries[i].info for i in sorted(self._entries)}

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return {e.info.id: e for e in self.tables.entries}

    def report(self, report_id: str) -> Report:
        return self._reader.reports([self._entries[report_id]])[0]

    def section_kinds(self) -> tuple[str, ...]:
        return self._kinds

    @cached_property
    def _kinds(self) -> tuple[str, ...]:
        return tuple(sorted(KINDS[n] for n in np.unique(self.tables.kind)))

    def counts(self, what: What) -> dict[str, int]:
        numbers_of = {e.info.id: getattr(e, what) for e in self.tables.entries}
        return {i: n for i, n in numbers_of.items() if n}

    def paragraphs(self, ids: Iterable[str]) -> dict[str, Paragraph]:
        return self._reader.paragraphs(ids)

    def neighbours(self, ids: Iterable[str], before: int, after: int) -> dict[str, list[Paragraph]]:
        centres = self.paragraphs(ids)
        spans: dict[str, list[int]] = {}
        for paragraph in centres.values():
            entry = self._entries[paragraph.report_id]
            low = max(0, paragraph.number - before)
            high = min(entry.last, paragraph.number + after)
            spans[paragraph.id] = [
                item(entry.revision, Kind.PARAGRAPH, n) for n in range(low, high + 1)
            ]
        read = self._reader.numbered(n for near in spans.values() for n in near)
        return {i: [read[n] for n in near if n in read] for i, near in spans.items()}

    def recommendations(self, reports: Iterable[str] | None = None) -> Sequence[Recommendation]:
        wanted = self._infos if reports is None else set(reports)
        return self._reader.recommendations([self._entries[i] for i in self._infos if i in wanted])

    def recommendation_vectors(self) -> NDArray[np.float32]:
        return self._all_vectors

    @cached_property
    def _all_vectors(self) -> NDArray[np.float32]:
        return self._reader.recommendation_vectors([self._entries[i] for i in self._infos])

    def count(self, wheres: Sequence[Filters]) -> list[int]:
        return [self._count(where) for where in wheres]

    def containing(self, terms: Sequence[str], limit: int) -> list[Passage]:
        if not terms:
            return self._reader.passages(range(min(limit, self._layout.size)))
        return self._reader.passages(self._with_terms(terms, self._layout.within)[:limit].tolist())

    def sample(self, count: int) -> list[Passage]:
        return self._reader.passages(
            range(0, self._layout.size, max(1, self._layout.size // count))
        )

    def candidates(self, requests: Sequence[Request]) -> list[list[PassageId]]:
        seen: dict[int, PassageId] = {}
        rows: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)] * len(requests)
        left = dict.fromkeys(range(len(requests)))
        times = 1
        while left:  # many of what was found may be copies, or slices of one paragraph
            groups: dict[tuple[Filters, int], list[int]] = {}
            for n in left:
                groups.setdefault((requests[n].where, requests[n].each * times), []).append(n)
            for (where, each), members in groups.items():
                near = self._nearest([requests[n].query for n in members], where, each, seen)
                for n, found in zip(members, near, strict=True):
                    rows[n] = found
                    different = len(np.unique(self.tables.statement[found]))
                    if different >= requests[n].statements or each >= self._left(where).count:
                        del left[n]
            times *= 2
        if requests and not self._server.has(self._collection):
            raise self._damaged("it was removed while it was read; open the library again")
        self._remember(seen)
        ids = self._ids_of(np.unique(np.concatenate([*rows, np.zeros(0, dtype=np.int64)])))
        return [[ids[n] for n in found.tolist()] for found in rows]

    def evidence(self, query: EncodedQuery, ids: Sequence[PassageId]) -> Evidence:
        positions = self._positions_of(ids)
        stored = self._reader.evidence(positions)
        weights, held = self._vocabulary.weights(
            query.all_terms, [s.counted for s in stored], self._average
        )
        labelled: dict[PassageId, tuple[str, ...]] = {}
        for label in query.labels:
            stating = set(self.tables.labels.get(label, ()))
            for passage_id, at in zip(ids, positions.tolist(), strict=True):
                if at in stating and label not in labelled.get(passage_id, ()):
                    labelled[passage_id] = (*labelled.get(passage_id, ()), label)
        head = self.tables.head
        none = np.zeros((0, head.width), dtype=np.int8)
        return Evidence(
            ids=tuple(ids),
            statements=self.tables.statement[positions],
            vectors=np.array([s.vector for s in stored], dtype=np.float32).reshape(
                len(stored), head.dimensions
            ),
            tokens=np.concatenate([none, *(s.tokens for s in stored)]),
            lengths=np.array([len(s.tokens) for s in stored], dtype=np.int64),
            weights=weights,
            held=held,
            labelled=labelled,
        )

    def statements(self, numbers: Iterable[int]) -> dict[int, list[Passage]]:
        wanted = np.array(sorted(set(numbers)), dtype=np.int64)
        positions = np.flatnonzero(np.isin(self.tables.statement, wanted)).tolist()
        found: dict[int, list[Passage]] = {}
        for at, passage in zip(positions, self._reader.passages(positions), strict=True):
            found.setdefault(int(self.tables.statement[at]), []).append(passage)
        return found

    # ---- what the server finds ------------------------------------------------------------------

    def _nearest(
        self, queries: Sequence[EncodedQuery], where: Filters, each: int, seen: dict[int, PassageId]
    ) -> list[NDArray[np.int64]]:
        """Return the positions of the candidates of each query, in order."""
        left = self._left(where)
        none = np.zeros(0, dtype=np.int64)
        if not left.count:
            return [none for _ in queries]
        found: list[list[NDArray[np.int64]]] = []
        for query in queries:
            stating = [p for k in query.labels for p in self.tables.labels.get(k, ())]
            found.append([np.array([p for p in stating if left.mask[p]], dtype=np.int64)])
        dense = [(n, e.sentence) for n, q in enumerate(queries) for e in q.encodings]
        asked = [(n, terms) for n, q in enumerate(queries) for terms in q.terms]
        legs = (dense, self._by_vector), (asked, self._by_terms)
        for wanted, leg in legs:
            if wanted:
                rows = leg([of for _, of in wanted], each, left, seen)
                for (n, _), own in zip(wanted, rows, strict=True):
                    found[n].append(own)
        return [np.unique(np.concatenate([none, *of])) for of in found]

    def _by_vector(
        self, vectors: Sequence[Any], each: int, left: Left, seen: dict[int, PassageId]
    ) -> list[NDArray[np.int64]]:
        return best(
            self._server,
            self._passages,
            "vector",
            vectors,
            each,
            left.expression,
            self._layout.positions,
            seen,
            {"nprobe": _PROBES},
        )

    def _by_terms(
        self, asked: Sequence[Any], each: int, left: Left, seen: dict[int, PassageId]
    ) -> list[NDArray[np.int64]]:
        if self._lexical:
            return [self._lexical.best(terms, each, left.mask) for terms in asked]
        vectors = [self._vocabulary.query(terms) for terms in asked]
        rows = iter(
            best(
                self._server,
                self._passages,
                "bm25",
                known,
                each,
                left.expression,
                self._layout.positions,
                seen,
                {},
                positive=True,
            )
            if (known := [v for v in vectors if v])
            else ()
        )
        return [next(rows) if v else np.zeros(0, dtype=np.int64) for v in vectors]

    def _with_terms(self, terms: Sequence[str], expression: str) -> NDArray[np.int64]:
        """Return the positions, in order, of the passages with all the terms."""
        if not all(map(self._vocabulary.count, terms)):
            return np.zeros(0, dtype=np.int64)
        keys = numbers(sorted({name_key(t) for t in terms}))
        where = f"{expression} and array_contains_all(terms, {keys})"
        found: list[int] = []
        after = -1
        while True:
            rows = self._server.query(self._passages, f"place > {after} and {where}", ["place"])
            found += [row["place"] for row in rows]
            if len(rows) < MOST_ROWS:
                return np.sort(self._layout.positions(found))
            after = max(found)

    def _count(self, where: Filters) -> int:
        if where == Filters(terms=where.terms) and len(where.terms) <= 1:
            return self._vocabulary.count(where.terms[0]) if where.terms else self._layout.size
        return self._left(where).count

    # ---- ids and positions ----------------------------------------------------------------------

    def _remember(self, seen: Mapping[int, PassageId]) -> None:
        # Other threads read and replace both dictionaries: never change them in place.
        full = len(self._ids) > _IDS
        ids, back = ({}, {}) if full else (self._ids, self._positions)
        self._ids, self._positions = ids | dict(seen), back | {i: n for n, i in seen.items()}

    def _ids_of(self, positions: NDArray[np.int64]) -> Mapping[int, PassageId]:
        known: dict[int, PassageId] = self._ids
        missing = [n for n in positions.tolist() if n not in known]
        if missing:
            of = {n: p.id for n, p in zip(missing, self._reader.passages(missing), strict=True)}
            self._remember(of)
            known = known | of
        return known

    def _positions_of(self, ids: Sequence[PassageId]) -> NDArray[np.int64]:
        known = self._positions
        missing = [i for i in dict.fromkeys(ids) if i not in known]
        for start in range(0, len(missing), AT_ONCE):
            keys = numbers([name_key(i) for i in missing[start : start + AT_ONCE]])
            where = f"name in {keys} and {self._layout.within}"
            rows = self._server.query(self._passages, where, ["place", "id"])
            at = self._layout.positions([row["place"] for row in rows]).tolist()
            known = known | {row["id"]: n for row, n in zip(rows, at, strict=True)}
        if lost := next((i for i in ids if i not in known), None):
            raise self._damaged(f"it has no passage {lost}")
        if missing:
            self._remember({known[i]: i for i in missing})
        return np.array([known[i] for i in ids], dtype=np.int64)

    def _damaged(self, reason: str) -> DamagedIndexError:
        return damaged(self._server, self._collection, reason)
