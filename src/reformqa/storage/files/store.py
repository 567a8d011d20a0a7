"""A version of the library in a folder, opened read-only.

    index/builds/<id>/    manifest.json, segments.json, segments/ (see places.py), statements.*,
                          reports.npy, sections.npy, recommendations.npy, lexical.*,
                          late.weights.npy, dense.* if it is large, encoder/, and tokens/ and
                          reranker/ if they are set

Plain files, no pickle. A reader keeps the version it opened; a writer never changes one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache, partial
from pathlib import Path
from weakref import proxy

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Paragraph, Passage, PassageId, Recommendation, Report, ReportInfo
from reformqa.models.base import Execution
from reformqa.models.onnx import OnnxModels
from reformqa.storage.base import Counted, EncodedQuery, Evidence, Filters, IndexVersion, Request
from reformqa.storage.files.bm25 import IN_PARTS, Bm25Index
from reformqa.storage.files.builds import described, known, served
from reformqa.storage.files.columns import Columns, compile_filters
from reformqa.storage.files.dense import DenseIndex
from reformqa.storage.files.manifest import (
    CHECKED_ON_OPENING,
    check_files,
    damaged,
    read_manifest,
)
from reformqa.storage.files.places import SEGMENTS, Places, read_places
from reformqa.storage.files.records import Records
from reformqa.storage.files.rowset import RowSet
from reformqa.storage.files.tokens import TokenIndex

VECTORS = "recommendations.npy"
MODELS = ("encoder", "tokens", "reranker")
#: What is not compared with its digest on opening if it is large, since it is checked as it is
#: read: the records row by row, arrays part by part, models when they are first used.
_CHECKED_WHEN_READ = (f"{SEGMENTS}/", *IN_PARTS, *(f"{name}/" for name in MODELS))
#: The compiled filters that are remembered, each with a bit per passage.
_FILTERS = 64
#: The passage ids that are remembered with their rows.
_IDS = 100_000


class FilesStore:
    """A version in a folder: the one being served, or the one with that id.

    Implements `storage.base.Store`, whose docstrings say what each method returns.
    """

    def __init__(self, index: Path, version_id: str | None = None) -> None:
        """Open it. Raises MissingIndexError if there is none, DamagedIndexError if it is broken."""
        self.index = index
        self._folder = known(index, version_id) if version_id else served(index)
        self._manifest = read_manifest(self._folder)
        facts = {k: v for k, v in self._manifest.items() if k not in ("build", "files", "schema")}
        self.version = IndexVersion(described(self._folder, self._manifest), facts)
        self._ids: dict[int, PassageId] = {}
        self._rows: dict[PassageId, int] = {}
        with self._guarded():
            check_files(self._folder, self._manifest, _digested_on_opening)
            self._columns = Columns.load(self._folder)
            places = read_rows(self._folder)
            self._records = Records(self._folder, places)
            self._bm25 = Bm25Index.load(self._folder)
            self._dense = DenseIndex.load(self._folder, places)
            self._tokens = TokenIndex.load(self._folder, places)
        # A cache that held the store would keep it, and its models, until the garbage is collected.
        self._allowed = lru_cache(_FILTERS)(partial(FilesStore._compile, proxy(self)))

    def verify(self) -> None:
        check_files(self._folder, self._manifest)
        rows = self._columns.size
        sizes = {
            "BM25": self._bm25.size,
            "embeddings": self._dense.size,
            "token vectors": self._tokens.size,
            "passage records": sum(self.counts("passages").values()),
        }
        for what, size in sizes.items():
            if size != rows:
                raise damaged(self._folder, f"it has {rows} passages but {size} {what}")
        with self._guarded():
            recommendations = sum(self._records.counts("recommendations").values())
        if len(self.recommendation_vectors()) != recommendations:
            raise damaged(self._folder, "its recommendations do not match their vectors")

    def models(self, execution: Execution) -> OnnxModels:
        """Open the models kept with this version, each when it is first needed."""

        def check(name: str) -> None:  # altered weights would silently give wrong answers
            check_files(self._folder, self._manifest, within=name)

        folders = {name: self._folder / name for name in MODELS}
        return OnnxModels(
            {n: f for n, f in folders.items() if f.is_dir()}, execution=execution, check=check
        )

    @property
    def piece_weights(self) -> NDArray[np.float32]:
        return self._tokens.weights

    def reports(self) -> Mapping[str, ReportInfo]:
        return self._infos

    @cached_property
    def _infos(self) -> dict[str, ReportInfo]:
        with self._guarded():
            return self._records.infos()

    def report(self, report_id: str) -> Report:
        with self._guarded():
            return self._records.report(self._infos[report_id])

    def section_kinds(self) -> tuple[str, ...]:
        return self._kinds

    @cached_property
    def _kinds(self) -> tuple[str, ...]:
        return self._columns.section_kinds

    def counts(self, what: Counted) -> dict[str, int]:
        with self._guarded():
            return self._records.counts(what)

    def paragraphs(self, ids: Iterable[str]) -> dict[str, Paragraph]:
        with self._guarded():
            return self._records.paragraphs(ids)

    def neighbours(self, ids: Iterable[str], before: int, after: int) -> dict[str, list[Paragraph]]:
        with self._guarded():
            return self._records.neighbours(ids, before, after)

    def recommendations(self, reports: Iterable[str] | None = None) -> Sequence[Recommendation]:
        with self._guarded():
            return self._records.recommendations(reports)

    def recommendation_vectors(self) -> NDArray[np.float32]:
        return self._vectors

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        with self._guarded():
            return np.asarray(np.load(self._folder / VECTORS, mmap_mode="r"), dtype=np.float32)

    def count(self, wheres: Sequence[Filters]) -> list[int]:
        return [self._count(where) for where in wheres]

    def containing(self, terms: Sequence[str], limit: int) -> list[Passage]:
        with self._guarded():
            return self._records.passages(self._bm25.with_all(terms)[:limit].tolist())

    def sample(self, count: int) -> list[Passage]:
        rows = self._columns.size
        with self._guarded():
            return self._records.passages(range(0, rows, max(1, rows // count)))

    def candidates(self, requests: Sequence[Request]) -> list[list[PassageId]]:
        with self._guarded():
            found = self._nearest(requests)
            labelled = self._records.labelled({k for r in requests for k in r.query.labels})
            every = []
            for request, near in zip(requests, found, strict=True):
                of_labels = [n for k in request.query.labels for n in labelled.get(k, ())]
                every.append(self._candidates(request, near, of_labels))
            ids = self._ids_of([n for rows in every for n in rows.tolist()])
            return [[ids[n] for n in rows.tolist()] for rows in every]

    def evidence(self, query: EncodedQuery, ids: Sequence[PassageId]) -> Evidence:
        with self._guarded():
            rows = self._rows_of(ids)
            tokens, lengths = self._tokens.take(rows)
            weights, held = self._bm25.weights(query.all_terms, rows)
            of_label = self._records.labelled(query.labels)
            labelled: dict[PassageId, tuple[str, ...]] = {}
            for label in query.labels:
                for n in np.flatnonzero(np.isin(rows, of_label.get(label, ()))).tolist():
                    labelled[ids[n]] = (*labelled.get(ids[n], ()), label)
            return Evidence(
                ids=tuple(ids),
                statements=self._columns.statement[rows].astype(np.int64),
                vectors=self._dense.vectors(rows),
                tokens=tokens,
                lengths=lengths,
                weights=weights,
                held=held,
                labelled=labelled,
            )

    def statements(self, numbers: Iterable[int]) -> dict[int, list[Passage]]:
        rows = self._columns.stating(np.fromiter(numbers, dtype=np.int64))
        found: dict[int, list[Passage]] = {}
        with self._guarded():
            passages = self._records.passages(rows.tolist())
        for number, passage in zip(self._columns.statement[rows].tolist(), passages, strict=True):
            found.setdefault(number, []).append(passage)
        return found

    def _nearest(self, requests: Sequence[Request]) -> list[NDArray[np.int64]]:
        """Return the rows nearest to each request; like filters are searched together."""
        found: list[list[NDArray[np.int64]]] = [[] for _ in requests]
        groups: dict[tuple[Filters, int], list[int]] = {}
        for n, request in enumerate(requests):
            groups.setdefault((request.where, request.each), []).append(n)
        for (where, each), members in groups.items():
            if not self._count(where):
                continue
            vectors = [(n, e.sentence) for n in members for e in requests[n].query.encodings]
            stacked = np.stack([v for _, v in vectors])
            near = self._dense.nearest(stacked, each, self._allowed(where))
            for (n, _), rows in zip(vectors, near, strict=True):
                found[n].append(rows)
        return [np.concatenate(f) if f else np.zeros(0, dtype=np.int64) for f in found]

    def _candidates(
        self, request: Request, near: NDArray[np.int64], labelled: Sequence[int]
    ) -> NDArray[np.int64]:
        allowed, left = self._allowed(request.where), self._count(request.where)
        of_labels = np.array(labelled, dtype=np.int64)
        if allowed is not None:
            of_labels = of_labels[allowed.holds(of_labels)]
        each = request.each
        while True:
            best = [self._bm25.best(terms, each, allowed) for terms in request.query.terms]
            rows = np.unique(np.concatenate([near, *best, of_labels])).astype(np.int64)
            different = len(np.unique(self._columns.statement[rows]))
            if different >= request.statements or each >= left:
                return rows
            each *= 2  # many of them are copies, or slices of one paragraph
            vectors = np.stack([e.sentence for e in request.query.encodings])
            near = np.concatenate(self._dense.nearest(vectors, each, allowed))

    def _compile(self, where: Filters) -> RowSet | None:
        with self._guarded():
            return compile_filters(where, self._columns, self._infos, self._bm25, self._records)

    def _count(self, where: Filters) -> int:
        if where == Filters(terms=where.terms):
            return self._bm25.count(where.terms)
        allowed = self._allowed(where)
        return self._columns.size if allowed is None else len(allowed)

    def _ids_of(self, rows: Sequence[int]) -> Mapping[int, PassageId]:
        """Return the ids of those rows at least, and remember them."""
        full = len(self._ids) > _IDS
        # Other threads read and replace both dictionaries: never change them in place.
        ids, back = ({}, {}) if full else (self._ids, self._rows)
        if new := self._records.ids([n for n in rows if n not in ids]):
            ids = ids | new
            self._ids, self._rows = ids, back | {i: n for n, i in new.items()}
        return ids

    def _rows_of(self, ids: Sequence[PassageId]) -> NDArray[np.int64]:
        known = self._rows
        missing = [i for i in ids if i not in known]
        found = known | self._records.rows(missing) if missing else known
        if lost := next((i for i in ids if i not in found), None):
            raise damaged(self._folder, f"it has no passage {lost}")
        return np.array([found[i] for i in ids], dtype=np.int64)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, RuntimeError, sqlite3.Error) as error:
            reason = str(error).partition("\n")[0]  # pydantic's go on for lines
            raise damaged(self._folder, reason) from error


def read_rows(folder: Path) -> Places:
    """Return where the rows of a version are stored."""
    return Places(read_places(folder), Columns.load(folder).reports)


def _digested_on_opening(name: str, size: int) -> bool:
    return size <= CHECKED_ON_OPENING or not name.startswith(_CHECKED_WHEN_READ)
