"""A store in memory: plain lists and loops, for tests and as the definition of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from reformqa.errors import MissingIndexError
from reformqa.model import (
    Build,
    Paragraph,
    Passage,
    PassageId,
    Recommendation,
    Report,
    ReportInfo,
)
from reformqa.models.base import Execution, TextVectors
from reformqa.models.onnx import OnnxModels
from reformqa.storage.base import (
    Batch,
    Counted,
    EncodedQuery,
    Evidence,
    Filters,
    IndexVersion,
    Request,
)
from reformqa.storage.filtering import matches
from reformqa.text.labels import label_keys
from reformqa.text.tokens import tokens


@dataclass(frozen=True, slots=True)
class _Row:
    """A passage with all that is known of it."""

    passage: Passage
    statement: int
    vectors: TextVectors
    terms: tuple[str, ...]


@dataclass
class MemoryStore:
    """A version in memory, as `storage.base.Store`."""

    version: IndexVersion
    folders: Mapping[str, Path]
    piece_factors: NDArray[np.float32]
    batches: Sequence[Batch]
    rows: Sequence[_Row]

    def __post_init__(self) -> None:
        self._infos = {b.report.id: b.report.info for b in sorted(self.batches, key=_report_id)}
        self._paragraphs = {p.id: p for b in self.batches for p in b.report.paragraphs}
        self._row = {row.passage.id: n for n, row in enumerate(self.rows)}
        documents = [row.terms for row in self.rows]
        self._bm25 = BM25Okapi(documents) if any(documents) else None

    def models(self, execution: Execution) -> OnnxModels:
        return OnnxModels(self.folders, execution=execution)

    def verify(self) -> None:
        return

    @property
    def piece_weights(self) -> NDArray[np.float32]:
        holders = np.zeros(len(self.piece_factors), dtype=np.int64)
        for row in self.rows:
            holders[row.vectors.pieces] += 1
        idf = np.log1p((len(self.rows) - holders + 0.5) / (holders + 0.5))
        return np.asarray(idf * self.piece_factors, dtype=np.float32)

    def reports(self) -> Mapping[str, ReportInfo]:
        return self._infos

    def report(self, report_id: str) -> Report:
        return {b.report.id: b.report for b in self.batches}[report_id]

    def section_kinds(self) -> tuple[str, ...]:
        kinds = {self._paragraphs[row.passage.paragraph_id].section_kind for row in self.rows}
        return tuple(sorted(kinds))

    def counts(self, what: Counted) -> dict[str, int]:
        found: dict[str, int] = {}
        for batch in self.batches:
            records = {
                "paragraphs": batch.report.paragraphs,
                "passages": batch.passages,
                "recommendations": batch.recommendations,
            }
            if records[what]:
                found[batch.report.id] = len(records[what])
        return found

    def paragraphs(self, ids: Iterable[str]) -> dict[str, Paragraph]:
        return {i: self._paragraphs[i] for i in ids if i in self._paragraphs}

    def neighbours(self, ids: Iterable[str], before: int, after: int) -> dict[str, list[Paragraph]]:
        found = {}
        for paragraph in self.paragraphs(ids).values():
            low, high = paragraph.number - before, paragraph.number + after
            near = [
                p for p in self.report(paragraph.report_id).paragraphs if low <= p.number <= high
            ]
            found[paragraph.id] = sorted(near, key=lambda p: p.number)
        return found

    def recommendations(self, reports: Iterable[str] | None = None) -> Sequence[Recommendation]:
        wanted = None if reports is None else set(reports)
        return [
            recommendation
            for batch in sorted(self.batches, key=_report_id)
            for recommendation in batch.recommendations
            if wanted is None or batch.report.id in wanted
        ]

    def recommendation_vectors(self) -> NDArray[np.float32]:
        ordered = sorted(self.batches, key=_report_id)
        return np.concatenate([b.recommendation_vectors for b in ordered])

    def count(self, wheres: Sequence[Filters]) -> list[int]:
        return [len(self._left(where)) for where in wheres]

    def containing(self, terms: Sequence[str], limit: int) -> list[Passage]:
        found = [row.passage for row in self.rows if set(terms) <= set(row.terms)]
        return found[:limit]

    def sample(self, count: int) -> list[Passage]:
        return [row.passage for row in self.rows[:: max(1, len(self.rows) // count)]]

    def candidates(self, requests: Sequence[Request]) -> list[list[PassageId]]:
        return [self._candidates(request) for request in requests]

    def evidence(self, query: EncodedQuery, ids: Sequence[PassageId]) -> Evidence:
        rows = [self.rows[self._row[i]] for i in ids]
        terms = query.all_terms
        scores = [self._scores([term]) for term in terms]
        labelled = {
            row.passage.id: tuple(k for k in query.labels if self._states(row.passage, k))
            for row in rows
        }
        tokens_of = [row.vectors.tokens for row in rows]
        width = self.rows[0].vectors.tokens.shape[1]
        dimensions = len(self.rows[0].vectors.sentence)
        return Evidence(
            ids=tuple(ids),
            statements=np.array([row.statement for row in rows], dtype=np.int64),
            vectors=np.array([row.vectors.sentence for row in rows], dtype=np.float32).reshape(
                len(rows), dimensions
            ),
            tokens=np.concatenate([np.zeros((0, width), dtype=np.int8), *tokens_of]),
            lengths=np.array([len(found) for found in tokens_of], dtype=np.int64),
            weights=np.array(
                [[score[self._row[i]] for i in ids] for score in scores], dtype=np.float32
            ).reshape(len(terms), len(ids)),
            held=np.array(
                [[term in row.terms for row in rows] for term in terms], dtype=np.bool_
            ).reshape(len(terms), len(ids)),
            labelled={i: labels for i, labels in labelled.items() if labels},
        )

    def statements(self, numbers: Iterable[int]) -> dict[int, list[Passage]]:
        wanted = set(numbers)
        found: dict[int, list[Passage]] = {}
        for row in self.rows:
            if row.statement in wanted:
                found.setdefault(row.statement, []).append(row.passage)
        return found

    def _left(self, where: Filters) -> list[int]:
        """Return the rows that a filter leaves."""
        return [
            n
            for n, row in enumerate(self.rows)
            if matches(
                where,
                row.passage,
                self._paragraphs[row.passage.paragraph_id].section_kind,
                self._infos[row.passage.report_id],
            )
        ]

    def _candidates(self, request: Request) -> list[PassageId]:
        left, each = self._left(request.where), request.each
        labelled = {
            n
            for n in left
            if any(self._states(self.rows[n].passage, k) for k in request.query.labels)
        }
        while True:
            found = set(labelled)
            for encoding, terms in zip(request.query.encodings, request.query.terms, strict=True):
                cosines = {
                    n: float(self.rows[n].vectors.sentence @ encoding.sentence) for n in left
                }
                scores = self._scores(terms)
                found |= _best(cosines, each)
                found |= _best({n: scores[n] for n in left if scores[n]}, each)
            different = len({self.rows[n].statement for n in found})
            if different >= request.statements or each >= len(left):
                return [self.rows[n].passage.id for n in sorted(found)]
            each *= 2

    def _scores(self, terms: Sequence[str]) -> NDArray[np.float64]:
        if self._bm25 is None:
            return np.zeros(len(self.rows))
        return np.asarray(self._bm25.get_scores(list(terms)))

    def _states(self, passage: Passage, label: str) -> bool:
        return any(
            passage.paragraph_id in (r.stated, *r.restated)
            for r in self.recommendations()
            if label in label_keys(r.name)
        )


@dataclass
class MemoryWriter:
    """Versions in memory, as `storage.base.StoreWriter`."""

    _stores: dict[str, MemoryStore] = field(default_factory=dict)
    _served: str | None = None

    @contextmanager
    def begin(
        self, version_id: str, *, piece_factors: NDArray[np.float32]
    ) -> Iterator[MemoryDraft]:
        yield MemoryDraft(self, version_id, piece_factors)

    def versions(self) -> list[str]:
        return sorted(self._stores, reverse=True)

    def served(self) -> str:
        if self._served is None:
            raise MissingIndexError("There is no version in memory. Publish one first.")
        return self._served

    def open(self, version_id: str | None = None) -> MemoryStore:
        return self._known(version_id or self.served())

    def serve(self, version_id: str) -> None:
        self._served = self._known(version_id).version.id

    def prune(self, keep: int, spared: Collection[str] = ()) -> None:
        for version_id in self.versions()[keep:]:
            if version_id not in (self._served, *spared):
                del self._stores[version_id]

    def builds(self) -> tuple[Build, ...]:
        return tuple(self._stores[v].version.build for v in self.versions())

    def is_written(self) -> bool:
        return False

    def clear(self) -> None:
        return

    def add(self, store: MemoryStore) -> None:
        """Keep a sealed version and serve it."""
        self._stores[store.version.id] = store
        self._served = store.version.id

    def _known(self, version_id: str) -> MemoryStore:
        if version_id not in self._stores:
            raise MissingIndexError(f"There is no version {version_id} in memory.")
        return self._stores[version_id]


class MemoryDraft:
    """A version being made in memory, as `storage.base.Draft`."""

    def __init__(
        self, writer: MemoryWriter, version_id: str, piece_factors: NDArray[np.float32]
    ) -> None:
        self._writer = writer
        self._id = version_id
        self._factors = piece_factors
        self._folders: Mapping[str, Path] = {}
        self._batches: list[Batch] = []
        self._rows: list[_Row] = []
        self._sealed: MemoryStore | None = None

    def keep_models(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)

    def put(self, batch: Batch) -> None:
        self._batches.append(batch)
        for passage, statement, vectors in zip(
            batch.passages, batch.statements, batch.vectors, strict=True
        ):
            self._rows.append(_Row(passage, statement, vectors, tuple(tokens(passage.indexed))))

    def seal(self, version: IndexVersion) -> MemoryStore:
        self._sealed = MemoryStore(version, self._folders, self._factors, self._batches, self._rows)
        return self._sealed

    def publish(self) -> None:
        assert self._sealed is not None, "seal a draft before you publish it"
        self._writer.add(self._sealed)


def _best(scores: Mapping[int, float], count: int) -> set[int]:
    return set(sorted(scores, key=lambda n: -scores[n])[:count])


def _report_id(batch: Batch) -> str:
    return batch.report.id
