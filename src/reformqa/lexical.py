"""The BM25 leg: rank-bm25 weighs the terms, a sparse matrix keeps the weights."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import Stemmer
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi
from scipy import sparse

_TOKEN = re.compile(r"[a-z0-9]+(?:[.,]\d+)*")
_STOP_WORDS = frozenset(
    word
    for line in (
        "a about above after again all also am an and any are as at be because been being between",
        "both but by can could did do does doing for from had has have he her here his how i if in",
        "into is it its itself just me more most my no nor not of on once only or other our out",
        "over own s same she should so some such t than that the their them then there these they",
        "this those through to too under until up very was we were what when where which while",
        "who whom why will with would you your",
    )
    for word in line.split()
)
_STEMMER = Stemmer.Stemmer("english")


def tokens(text: str) -> list[str]:
    """The stemmed terms of `text`, stop words left out."""
    words = [w for w in _TOKEN.findall(text.lower().replace("’", "'")) if w not in _STOP_WORDS]
    stems: list[str] = _STEMMER.stemWords(words)
    return stems


class LexicalIndex:
    """Weights of terms (columns) in passages (rows); a query's scores are a sum of columns.

    Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework"), with
    rank-bm25's floor for the idf of very common terms.
    """

    def __init__(self, weights: sparse.csc_matrix, terms: dict[str, int]) -> None:
        self._weights = weights
        self._terms = terms

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Weigh the terms of `texts`, one text a row. No text is a valid, empty index."""
        documents = [tokens(t) for t in texts]
        if not any(documents):
            return cls(sparse.csc_matrix((len(documents), 0), dtype=np.float32), {})
        model = BM25Okapi(documents)
        terms = {term: column for column, term in enumerate(model.idf)}
        rows, columns, values = [], [], []
        for row, frequencies in enumerate(model.doc_freqs):
            length = model.k1 * (1 - model.b + model.b * model.doc_len[row] / model.avgdl)
            for term, count in frequencies.items():
                rows.append(row)
                columns.append(terms[term])
                values.append(model.idf[term] * count * (model.k1 + 1) / (count + length))
        shape = (len(documents), len(terms))
        weights = sparse.csc_matrix((values, (rows, columns)), shape=shape, dtype=np.float32)
        return cls(weights, terms)

    def score(self, question: str) -> NDArray[np.float32]:
        """The BM25 score of every passage, shape (passages,)."""
        scores = np.zeros(self._weights.shape[0], dtype=np.float32)
        matrix = self._weights
        for column in self._columns(question):
            low, high = matrix.indptr[column], matrix.indptr[column + 1]
            scores[matrix.indices[low:high]] += matrix.data[low:high]
        return scores

    def _columns(self, question: str) -> list[int]:
        return [self._terms[t] for t in tokens(question) if t in self._terms]

    @cached_property
    def size(self) -> int:
        """How many passages it holds."""
        return int(self._weights.shape[0])

    def save(self, folder: Path) -> None:
        """Write the arrays and the list of terms into `folder`."""
        for name in ("data", "indices", "indptr"):
            np.save(folder / f"lexical.{name}.npy", getattr(self._weights, name))
        header = {"passages": self.size, "terms": list(self._terms)}
        (folder / "lexical.json").write_text(json.dumps(header), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open what `save` wrote, memory-mapped."""
        header = json.loads((folder / "lexical.json").read_text(encoding="utf-8"))
        parts = [
            np.load(folder / f"lexical.{name}.npy", mmap_mode="r")
            for name in ("data", "indices", "indptr")
        ]
        shape = (header["passages"], len(header["terms"]))
        weights = sparse.csc_matrix(tuple(parts), shape=shape, copy=False)
        return cls(weights, {term: n for n, term in enumerate(header["terms"])})
