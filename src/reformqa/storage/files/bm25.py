"""BM25 over passages: rank-bm25 weighs the terms, a sparse matrix keeps the weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from reformqa.files import naming
from reformqa.storage.files.parts import Parts, save_array, write_sums

#: The files that are read in parts, and so checked in parts.
IN_PARTS = ("lexical.data.npy", "lexical.indices.npy")
#: The bytes of a number in either.
_ITEM = 4


class Bm25Index:
    """Weights of terms (columns) in passages (rows); a query's scores are a sum of columns.

    Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework"), with
    rank-bm25's floor for the idf of very common terms. Column c has the weights
    `data[indptr[c]:indptr[c + 1]]` of the rows `indices[indptr[c]:indptr[c + 1]]`, in order.
    `parts` are those of the files of both, each with the byte at which its array begins.

    Scores, weights and rows raise DamagedIndexError if a column is not as it was written.
    """

    def __init__(
        self,
        data: NDArray[np.float32],
        indices: NDArray[np.int32],
        indptr: NDArray[np.int64],
        terms: dict[str, int],
        size: int,
        parts: Sequence[tuple[Parts, int]] = (),
    ) -> None:
        self.size = size
        self._data = data
        self._indices = indices
        self._indptr = indptr
        self._terms = terms
        self._parts = parts

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> Bm25Index:
        """Weigh the terms of documents, one a row. No document makes a valid, empty index."""
        if not any(documents):
            empty = np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int32)
            return cls(*empty, np.zeros(1, dtype=np.int64), {}, len(documents))
        model = BM25Okapi(documents)
        terms = {term: column for column, term in enumerate(model.idf)}
        columns = np.array([terms[t] for f in model.doc_freqs for t in f], dtype=np.int32)
        idf = np.array([model.idf[t] for t in terms])
        counts = np.array([c for f in model.doc_freqs for c in f.values()], dtype=np.float64)
        rows = np.repeat(np.arange(len(documents)), [len(f) for f in model.doc_freqs])
        lengths = model.k1 * (1 - model.b + model.b * np.array(model.doc_len) / model.avgdl)
        weights = idf[columns] * counts * (model.k1 + 1) / (counts + lengths[rows])
        order = np.lexsort((rows, columns))
        indptr = np.searchsorted(columns[order], np.arange(len(terms) + 1)).astype(np.int64)
        data, indices = weights[order].astype(np.float32), rows[order].astype(np.int32)
        return cls(data, indices, indptr, terms, len(documents))

    def score(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage, shape (passages,); repeated terms count again."""
        scores = np.zeros(self.size, dtype=np.float32)
        for term in terms:
            rows, weights = self._column(term)
            scores[rows] += weights
        return scores

    def weights(
        self, terms: Sequence[str], rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return each term's weight in each row, and whether the row has it at all.

        Both have shape (terms, rows); a term that a row has may weigh nothing.
        """
        weights = np.zeros((len(terms), len(rows)), dtype=np.float32)
        held = np.zeros((len(terms), len(rows)), dtype=np.bool_)
        for n, term in enumerate(terms):
            column, values = self._column(term)
            if len(column):
                at = np.minimum(np.searchsorted(column, rows), len(column) - 1)
                held[n] = column[at] == rows
                weights[n, held[n]] = values[at[held[n]]]
        return weights, held

    def with_all(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return the rows of the passages that have all the terms; all rows for no term."""
        if not terms:
            return np.arange(self.size, dtype=np.int64)
        columns = sorted((self._column(term)[0] for term in set(terms)), key=len)
        rows = columns[0].astype(np.int64)
        for column in columns[1:]:
            at = np.searchsorted(column, rows).clip(max=len(column) - 1)
            rows = rows[column[at] == rows] if len(column) else rows[:0]
        return rows

    def _column(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        column = self._terms.get(term)
        if column is None:
            return self._indices[:0], self._data[:0]
        low, high = self._indptr[column], self._indptr[column + 1]
        for parts, offset in self._parts:
            parts.check(offset + _ITEM * low[None], offset + _ITEM * high[None])
        return self._indices[low:high], self._data[low:high]

    def save(self, folder: Path) -> None:
        """Write the arrays and the list of terms into `folder`."""
        save_array(folder / "lexical.data.npy", self._data)
        save_array(folder / "lexical.indices.npy", self._indices)
        save_array(folder / "lexical.indptr.npy", self._indptr)
        for name in IN_PARTS:
            write_sums(folder / name)
        header = {"passages": self.size, "terms": list(self._terms)}
        with naming(folder / "lexical.json"):
            (folder / "lexical.json").write_text(json.dumps(header), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Bm25Index:
        """Open what `save` wrote, memory-mapped."""
        header = json.loads((folder / "lexical.json").read_text(encoding="utf-8"))
        parts = [Parts(folder / name) for name in IN_PARTS]  # first: they check the headers
        # Plain views of the maps: numpy's own class for them is slow to slice.
        maps = [
            np.load(folder / f"lexical.{name}.npy", mmap_mode="r")
            for name in ("data", "indices", "indptr")
        ]
        data, indices, indptr = (m.view(np.ndarray) for m in maps)
        terms = {term: n for n, term in enumerate(header["terms"])}
        offsets = (m.offset for m in maps[:2])
        placed = tuple(zip(parts, offsets, strict=True))
        return cls(data, indices, indptr, terms, header["passages"], placed)
