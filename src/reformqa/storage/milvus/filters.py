"""Filters as what they leave: a mask over the passages, and an expression for the server.

What reports and tables say is looked up here; only words are looked up on the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Passage
from reformqa.storage.base import Filters
from reformqa.storage.filtering import has_phrase, has_run, matches_report
from reformqa.storage.milvus.layout import KINDS, Layout
from reformqa.storage.milvus.schema import CLUSTERED, name_key
from reformqa.storage.milvus.server import numbers
from reformqa.storage.milvus.tables import Tables
from reformqa.text.tokens import plain_terms, tokens

#: Among clustered vectors, a filter that leaves at most this many passages names them: the server
#: then compares them all, and misses none.
NAMED = 2_000
#: The year of a report without one; no range of years reaches so far.
NO_YEAR = -(2**40)


@dataclass(frozen=True, slots=True)
class Left:
    """What a filter leaves: which passages, how many, and the expression that finds their rows.

    `mask` has shape (passages,).
    """

    mask: NDArray[np.bool_]
    count: int
    expression: str


class FilterCompiler:
    """Compiles the filters of a version.

    `with_terms` returns the positions of the passages that have all of some terms and whose rows
    an expression leaves; `read` the passages at some positions.
    """

    def __init__(
        self,
        tables: Tables,
        layout: Layout,
        with_terms: Callable[[Sequence[str], str], NDArray[np.int64]],
        read: Callable[[Sequence[int]], list[Passage]],
    ) -> None:
        self._tables = tables
        self._layout = layout
        self._with_terms = with_terms
        self._read = read

    def left(self, where: Filters) -> Left:
        """Return what a filter leaves."""
        mask = self._by_tables(where)
        expression = " and ".join([self._layout.within, *self._clauses(where)])
        if where.terms and mask.any():
            mask &= self._among(self._with_terms(where.terms, expression))
        for phrase in where.phrases:
            mask = self._holding(mask, plain_terms(phrase), phrase, expression)
        for run in where.runs:
            mask = self._holding(mask, tokens(run), run, expression, of_context=True)
        count = int(np.count_nonzero(mask))
        words = where.phrases or where.runs or where.terms
        if words or (count <= NAMED and self._layout.size >= CLUSTERED):
            places = self._layout.places(np.flatnonzero(mask)).tolist()
            return Left(mask, count, f"place in {numbers(places)}")
        return Left(mask, count, expression)

    def _by_tables(self, where: Filters) -> NDArray[np.bool_]:
        tables, report = self._tables, self._layout.report
        of_report = np.array(
            [matches_report(where, e.info) for e in tables.entries], dtype=np.bool_
        )
        mask = of_report[report] if len(report) else np.zeros(0, dtype=np.bool_)
        if where.section:
            mask &= np.isin(tables.kind, [KINDS.index(k) for k in where.section if k in KINDS])
        if where.recommendations_only:
            mask &= tables.recommends
        return mask

    def _clauses(self, where: Filters) -> Iterator[str]:
        if where.publisher:
            yield f"publisher in {numbers([name_key(p) for p in where.publisher])}"
        if where.report:
            own = [e.revision for e in self._tables.entries if e.info.id in where.report]
            yield f"revision in {numbers(own or [-1])}"
        if where.published:
            first, last = where.published
            yield f"year >= {max(first, NO_YEAR + 1)} and year <= {last}"
        if where.section:
            known = [KINDS.index(k) for k in where.section if k in KINDS]
            yield f"kind in {numbers(known or [-1])}"
        if where.recommendations_only:
            yield "recommends == 1"

    def _holding(
        self,
        mask: NDArray[np.bool_],
        terms: Sequence[str],
        words: str,
        expression: str,
        *,
        of_context: bool = False,
    ) -> NDArray[np.bool_]:
        """Return a mask without the passages that do not have the words in a row."""
        if not mask.any():
            return mask
        if terms:
            mask = mask & self._among(self._with_terms(terms, expression))
        rows = np.flatnonzero(mask).tolist()
        has = has_run if of_context else has_phrase
        kept = [
            n
            for n, p in zip(rows, self._read(rows), strict=True)
            if has(p.indexed if of_context else p.text, words)
        ]
        return self._among(kept)

    def _among(self, positions: Sequence[int] | NDArray[np.int64]) -> NDArray[np.bool_]:
        mask = np.zeros(self._layout.size, dtype=np.bool_)
        mask[np.asarray(positions, dtype=np.int64)] = True
        return mask
