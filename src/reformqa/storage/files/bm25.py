"""BM25 over passages: for each term, the passages that hold it and its weight in each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reformqa.storage.files.parts import Parts
from reformqa.storage.files.rowset import RowSet

#: The files that are read in parts, and so checked in parts.
IN_PARTS = ("lexical.data.npy", "lexical.indices.npy")
#: The bytes of a number in either.
_ITEM = 4
#: Sums in another order differ by less than this share of what is added.
_ROUNDING = 1e-5
#: Looking a row up in a column takes about as long as reading so many of its rows.
_LOOKED_UP = 16


class Bm25Index:
    """Weights of terms (columns) in passages (rows); a query's scores are a sum of columns.

    The weights are those of `storage.okapi`. Column c has the weights
    `data[indptr[c]:indptr[c + 1]]` of the rows `indices[indptr[c]:indptr[c + 1]]`, in order;
    `peaks[c]` is the weight in it that is farthest from 0. `parts` are those of the files of both,
    each with the byte at which its array begins.

    What is read raises DamagedIndexError if a column is not as it was written.
    """

    def __init__(
        self,
        data: NDArray[np.float32],
        indices: NDArray[np.int32],
        indptr: NDArray[np.int64],
        peaks: NDArray[np.float32],
        terms: dict[str, int],
        size: int,
        parts: Sequence[tuple[Parts, int]] = (),
    ) -> None:
        self.size = size
        self._data = data
        self._indices = indices
        self._indptr = indptr
        self._peaks = peaks
        self._terms = terms
        self._parts = parts

    def best(
        self, terms: Sequence[str], wanted: int, allowed: RowSet | None = None
    ) -> NDArray[np.int64]:
        """Return the rows of the `wanted` best scores except 0, in order; of equals, the first.

        Repeated terms count again; `allowed` restricts the rows. Only rows that hold a term are
        looked at, and the rows of a common term only if it can still lift one of them among the
        best (MaxScore: Turtle and Flood 1995, "Query evaluation: strategies and optimizations").
        """
        columns = self._by_peak(terms)
        peaks = np.array([peak for peak, _, _ in columns], dtype=np.float64)
        up, down = (_of_the_rest(part) for part in (peaks.clip(min=0), peaks.clip(max=0)))
        slack = _ROUNDING * float(np.abs(peaks).sum())
        sums = _Sums(self.size)
        closed = False
        for n, (_, term, times) in enumerate(columns):
            rows, weights = self._column(term)
            if len(rows) > len(sums.rows):  # or else asking for the least would cost more
                least = sums.least(wanted) + down[n]
                sums.drop_below(least - up[n] - slack)
                closed = closed or least > up[n] + slack
            at: NDArray[np.int64] | slice = slice(None)
            if closed:
                at = _found(rows, sums.rows)
            elif allowed is not None:
                at = _allowed(rows, allowed)
            sums.add(rows[at], weights[at] * np.float32(times))
        sums.drop_below(sums.least(wanted) - slack)
        possible = sums.rows.astype(np.int64)
        scores = self._scores(terms, possible)
        order = np.lexsort((possible, -scores))[: min(wanted, np.count_nonzero(scores))]
        return np.sort(possible[order])

    def _by_peak(self, terms: Sequence[str]) -> list[tuple[float, str, int]]:
        """Return the most that each known term can add, the term, and how often it is asked."""
        counted = Counter(t for t in terms if t in self._terms)
        peaks = [(float(self._peaks[self._terms[t]]) * n, t, n) for t, n in counted.items()]
        return sorted(peaks, key=lambda column: -column[0])

    def _scores(self, terms: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of some rows, added up in the order of the terms."""
        place = {term: n for n, term in enumerate(dict.fromkeys(terms))}
        weights, _ = self.weights(list(place), rows)
        scores = np.zeros(len(rows), dtype=np.float32)
        for term in terms:
            scores += weights[place[term]]
        return scores

    def weights(
        self, terms: Sequence[str], rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return each term's weight in each row, and whether the row has it at all.

        Both have shape (terms, rows); a term that a row has may weigh nothing.
        """
        weights = np.zeros((len(terms), len(rows)), dtype=np.float32)
        held = np.zeros((len(terms), len(rows)), dtype=np.bool_)
        own = rows.astype(np.int32)  # of the columns' type: or else each would be copied
        for n, term in enumerate(terms):
            column, values = self._column(term)
            if len(column):
                at = np.minimum(np.searchsorted(column, own), len(column) - 1)
                held[n] = column[at] == own
                weights[n, held[n]] = values[at[held[n]]]
        return weights, held

    def count(self, terms: Sequence[str]) -> int:
        """Return how many passages have all the terms."""
        if len(set(terms)) != 1:
            return len(self.with_all(terms))
        column = self._terms.get(terms[0])
        return 0 if column is None else int(self._indptr[column + 1] - self._indptr[column])

    def with_all(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return the rows of the passages that have all the terms; all rows for no term."""
        if not terms:
            return np.arange(self.size, dtype=np.int64)
        columns = sorted((self._column(term)[0] for term in set(terms)), key=len)
        rows = columns[0]
        for column in columns[1:]:
            rows = column[_found(column, rows)]
        return rows.astype(np.int64)

    def _column(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        column = self._terms.get(term)
        if column is None:
            return self._indices[:0], self._data[:0]
        low, high = self._indptr[column], self._indptr[column + 1]
        for parts, offset in self._parts:
            parts.check(offset + _ITEM * low[None], offset + _ITEM * high[None])
        return self._indices[low:high], self._data[low:high]

    @classmethod
    def load(cls, folder: Path) -> Bm25Index:
        """Open what a PostingsWriter wrote, memory-mapped."""
        header = json.loads((folder / "lexical.json").read_text(encoding="utf-8"))
        parts = [Parts(folder, name) for name in IN_PARTS]  # first: they check the headers
        # Plain views of the maps: numpy's own class for them is slow to slice.
        maps = [
            np.load(folder / f"lexical.{name}.npy", mmap_mode="r")
            for name in ("data", "indices", "indptr", "peaks")
        ]
        data, indices, indptr, peaks = (m.view(np.ndarray) for m in maps)
        terms = {term: n for n, term in enumerate(header["terms"])}
        offsets = (m.offset for m in maps[:2])
        placed = tuple(zip(parts, offsets, strict=True))
        return cls(data, indices, indptr, peaks, terms, header["passages"], placed)


class _Sums:
    """Sums of weights by row; `rows` are those that were added to and not dropped."""

    def __init__(self, size: int) -> None:
        # Pages of memory that nothing is written to cost nothing.
        self._sums = np.zeros(size, dtype=np.float32)
        self._seen = np.zeros(size, dtype=np.bool_)
        self.rows = np.zeros(0, dtype=np.int32)

    def add(self, rows: NDArray[np.int32], weights: NDArray[np.float32]) -> None:
        """Add to different rows."""
        self.rows = np.concatenate([self.rows, rows[~self._seen[rows]]])
        self._seen[rows] = True
        self._sums[rows] += weights

    def least(self, wanted: int) -> float:
        """Return the least of the `wanted` largest sums; -infinity if there are not so many."""
        if len(self.rows) < max(wanted, 1):
            return -np.inf
        return float(np.partition(self._sums[self.rows], -wanted)[-wanted])

    def drop_below(self, least: float) -> None:
        """Drop the rows whose sums are below `least`; they do not come back."""
        self.rows = self.rows[self._sums[self.rows] >= least]


def _of_the_rest(peaks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of the peaks from each one on, and 0 after the last."""
    return np.append(np.cumsum(peaks[::-1])[::-1], 0.0)


def _found(rows: NDArray[np.int32], wanted: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return where in the sorted `rows` those of `wanted` are that are there, in their order."""
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    own = wanted.astype(np.int32)  # of one type: or else all rows would be copied
    at = np.searchsorted(rows, own).clip(max=len(rows) - 1)
    return np.asarray(at[rows[at] == own], dtype=np.int64)


def _allowed(rows: NDArray[np.int32], allowed: RowSet) -> NDArray[np.int64]:
    """Return where in the sorted `rows` the allowed ones are."""
    if _LOOKED_UP * len(allowed) < len(rows):
        return _found(rows, allowed.rows())
    return np.flatnonzero(allowed.holds(rows))
