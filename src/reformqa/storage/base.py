"""What a store of the library must do: read one published version, and write new ones.

A store returns records and raw evidence; fusion, late interaction and calibration happen outside
it, so every store gives the same answers. Keys are passage ids. A filter is data that a store
compiles into whatever it understands: a mask here, an expression elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from reformqa.model import (
    Build,
    Paragraph,
    Passage,
    PassageId,
    Recommendation,
    Report,
    ReportInfo,
)
from reformqa.models.base import Encoding, Execution, Models, TextVectors

#: What `Store.counts` counts.
Counted = Literal["paragraphs", "passages", "recommendations"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Restrictions of a search; a passage must meet all of them. Empty means no restriction.

    `publisher`, `report` (ids) and `section` (kinds) hold exact names, any one of which will do;
    `published` is an inclusive range of years. Each of `phrases` must occur in the passage's text,
    word for word; each of `runs` likewise in its text or context. Each of `terms` (see
    `text.tokens`) must be indexed for the passage.
    """

    publisher: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    published: tuple[int, int] | None = None
    section: tuple[str, ...] = ()
    recommendations_only: bool = False
    phrases: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """A question as the indexes see it: each of its wordings, encoded.

    The wordings are those of each of its `forms` in turn, equally many of each. `terms` are the
    BM25 terms of each wording, in order and with repeats; `labels` are the recommendations named
    (see `text.labels`); `extra` are further terms to look up, such as amounts, that count for no
    score.
    """

    encodings: tuple[Encoding, ...]
    terms: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    forms: int = 1

    @property
    def all_terms(self) -> tuple[str, ...]:
        """Every term once: those of the wordings, then the extra ones."""
        every = (t for terms in (*self.terms, self.extra) for t in terms)
        return tuple(dict.fromkeys(every))


@dataclass(frozen=True, slots=True)
class Request:
    """A query for the candidates of one search.

    `each` passages are wanted from BM25 and from the embedding of each wording, and at least
    `statements` different statements overall, as far as the filters leave so many.
    """

    query: EncodedQuery
    where: Filters
    each: int
    statements: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What scoring needs of n passages for a query with t different terms.

    `statements`, shape (n,), is equal for passages whose paragraphs state the same. `vectors`,
    shape (n, dimensions), are unit passage vectors. `tokens`, shape (sum of `lengths`, reduced),
    are the passages' reduced token vectors one after another, `lengths`, shape (n,), their
    numbers. `weights`, shape (t, n), are the BM25 weights of `query.all_terms`; `held`, of the
    same shape, is true for the terms that a passage contains. `labelled` are the passages that
    state or restate a recommendation named in the query, each with those labels, in its order.
    """

    ids: tuple[PassageId, ...]
    statements: NDArray[np.int64]
    vectors: NDArray[np.float32]
    tokens: NDArray[np.int8]
    lengths: NDArray[np.int64]
    weights: NDArray[np.float32]
    held: NDArray[np.bool_]
    labelled: Mapping[PassageId, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class IndexVersion:
    """A version of the library: what it contains, and what it depends on.

    `facts` are the models, settings, sources and other inputs; equal facts make equal versions.
    """

    build: Build
    facts: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its build's id; later versions sort after earlier ones."""
        return self.build.id


class Store(Protocol):
    """One version of the library, read only and safe to share between threads.

    Every method may raise DamagedIndexError, and UnreachableStoreError if a server keeps it.
    """

    @property
    def version(self) -> IndexVersion:
        """The version opened."""

    @property
    def piece_weights(self) -> NDArray[np.float32]:
        """The weight of each piece of the token model's vocabulary: its idf, 0 if it says nothing.

        Shape (pieces,).
        """

    def models(self, execution: Execution) -> Models:
        """Open the models kept with this version, each when it is first needed."""

    def verify(self) -> None:
        """Check that everything is as it was written. Raises DamagedIndexError if it is not."""

    def reports(self) -> Mapping[str, ReportInfo]:
        """Return the metadata of every report, by id and in that order."""

    def report(self, report_id: str) -> Report:
        """Return a whole report. Raises KeyError for an unknown id."""

    def section_kinds(self) -> tuple[str, ...]:
        """Return the kinds of section that have passages, sorted."""

    def counts(self, what: Counted) -> dict[str, int]:
        """Return the number of such records in each report; reports with none may be missing."""

    def paragraphs(self, ids: Iterable[str]) -> dict[str, Paragraph]:
        """Return the paragraphs with those ids; unknown ids are left out."""

    def neighbours(self, ids: Iterable[str], before: int, after: int) -> dict[str, list[Paragraph]]:
        """Return each paragraph between its neighbours in the report, in reading order."""

    def recommendations(self, reports: Iterable[str] | None = None) -> Sequence[Recommendation]:
        """Return the recommendations of those reports, or all, by report and order."""

    def recommendation_vectors(self) -> NDArray[np.float32]:
        """Return the unit vectors of all recommendations in that order.

        Shape (recommendations, dimensions).
        """

    def count(self, wheres: Sequence[Filters]) -> list[int]:
        """Return how many passages each filter leaves."""

    def containing(self, terms: Sequence[str], limit: int) -> list[Passage]:
        """Return the first `limit` passages, in the library's order, that have all the terms."""

    def sample(self, count: int) -> list[Passage]:
        """Return about `count` passages, spread evenly over the library."""

    def candidates(self, requests: Sequence[Request]) -> list[list[PassageId]]:
        """Return, for each request, the passages worth scoring, in the library's order.

        These are the nearest by embedding, the best by BM25, and all that state a recommendation
        which the query names; only what the filters leave.
        """

    def evidence(self, query: EncodedQuery, ids: Sequence[PassageId]) -> Evidence:
        """Return what scoring needs of those passages, in their order."""

    def statements(self, numbers: Iterable[int]) -> dict[int, list[Passage]]:
        """Return the passages of each statement, in the library's order."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A report to store, with all that was made of it.

    `statements` has a number for each passage, equal if their paragraphs state the same;
    `recommendation_vectors` has shape (recommendations, dimensions).
    """

    report: Report
    recommendations: Sequence[Recommendation]
    recommendation_vectors: NDArray[np.float32]
    passages: Sequence[Passage]
    statements: Sequence[int]
    vectors: Iterable[TextVectors]


class Draft(Protocol):
    """A version while it is written; nobody reads it yet."""

    def keep_models(self, folders: Mapping[str, Path]) -> None:
        """Keep copies of the exported models, by role ("encoder", …), with the version."""

    def put(self, batch: Batch) -> None:
        """Add a report with its passages."""

    def seal(self, version: IndexVersion) -> Store:
        """Complete the version and open it for checking; it is not served yet."""

    def publish(self) -> None:
        """Serve the sealed version from now on; readers keep the version they opened."""


class Versions(Protocol):
    """The versions of one library, for reading."""

    def versions(self) -> list[str]:
        """Return the ids of the complete versions, newest first; some may be damaged."""

    def served(self) -> str:
        """Return the id of the version being served. Raises MissingIndexError if there is none."""

    def open(self, version_id: str | None = None) -> Store:
        """Open a version, or the one being served.

        Raises MissingIndexError if there is none, DamagedIndexError if it cannot be read.
        """

    def builds(self) -> tuple[Build, ...]:
        """Return the descriptions of the versions, newest first, without damaged ones."""

    def is_written(self) -> bool:
        """Return whether a process is writing a version now."""


class StoreWriter(Versions, Protocol):
    """Writes the versions of one library; the only writer at a time.

    Methods raise UnwritableIndexError if the store takes no writing.
    """

    def begin(
        self, version_id: str, *, piece_factors: NDArray[np.float32]
    ) -> AbstractContextManager[Draft]:
        """Start a version; on leaving the context it is discarded unless it was published.

        `piece_factors`, shape (pieces,), are the factors of the idf in `Store.piece_weights`.
        """

    def serve(self, version_id: str) -> None:
        """Serve that version from now on. Raises MissingIndexError if there is none of that id."""

    def prune(self, keep: int, spared: Collection[str] = ()) -> None:
        """Remove all but the `keep` newest versions, those `spared` and the one being served."""

    def clear(self) -> None:
        """Remove what a killed writer left half-written."""
