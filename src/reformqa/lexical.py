"""The BM25 leg: rank-bm25 weighs the terms, a sparse matrix keeps the weights."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import Stemmer
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

_AMOUNT = re.compile(
    r"(?<![a-z0-9.])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?"
    r"(?:[\s-]?(%|per ?cents?\b|percent\b|pc\b|tn\b|trillion\b|bn\b|billion\b|mn?\b|million\b"
    r"|k\b|thousand\b))?(?![a-z0-9])"
)
_SCALES = {"t": 10**12, "b": 10**9, "m": 10**6, "k": 10**3}
_UNITS = frozenset(
    {"per", "cent", "cents", "percent", "pc", "tn", "trillion", "bn", "billion"}
    | {"m", "mn", "million", "k", "thousand"}
)
_TOKEN = re.compile(rf"(?P<amount>{_AMOUNT.pattern})|[a-z0-9]+", re.IGNORECASE)
STOP_WORDS = frozenset(
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
    """The terms of `text`: words stemmed, stop words left out, amounts as `amount` writes them."""
    return [term for _, term in words(text)]


def words(text: str) -> list[tuple[str, str]]:
    """The words and amounts of `text` as written, each with its term; stop words left out."""
    found: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(text):
        if match["amount"]:
            found.append((match[0], amount(match["amount"])))
        elif (word := match[0].lower()) not in STOP_WORDS:
            found.append((match[0], _STEMMER.stemWord(word)))
    return found


def plain_terms(text: str) -> list[str]:
    """The terms of the words in `text` that no amount can take in.

    "per cent of ovens" gives only "oven": a passage may have the rest within "38 per cent".
    """
    return [
        term
        for word, term in words(text)
        if word.lower() not in _UNITS and not any(c.isdigit() for c in word)
    ]


def amounts(text: str) -> list[str]:
    """The amounts in `text`, in order, each as `amount` writes it."""
    return [amount(m["amount"]) for m in _TOKEN.finditer(text) if m["amount"]]


def amount(written: str) -> str:
    """One form for however a number is written.

    "£41bn", "41 billion" and "41,000 million" are one amount, so are "38%" and "38 per cent".
    """
    match = _AMOUNT.fullmatch(written.lower())
    if not match:
        return written
    whole, part, unit = match.groups()
    value = float(whole.replace(",", "") + (part or ""))
    if not unit:
        return f"{value:.12g}"
    if unit[0] in "%p":
        return f"{value:.12g}%"
    scale = _SCALES["k" if unit.startswith("th") else unit[0]]
    return f"{value * scale:.12g}"


class LexicalIndex:
    """Weights of terms (columns) in passages (rows); a query's scores are a sum of columns.

    Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework"), with
    rank-bm25's floor for the idf of very common terms. Column c holds the weights
    `data[indptr[c]:indptr[c + 1]]` of the rows `indices[indptr[c]:indptr[c + 1]]`, in order.
    """

    def __init__(
        self,
        data: NDArray[np.float32],
        indices: NDArray[np.int32],
        indptr: NDArray[np.int64],
        terms: dict[str, int],
        size: int,
    ) -> None:
        self.size = size
        self._data = data
        self._indices = indices
        self._indptr = indptr
        self._terms = terms

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Weigh the terms of `texts`, one text a row. No text is a valid, empty index."""
        documents = [tokens(t) for t in texts]
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

    def score(self, question: str) -> NDArray[np.float32]:
        """The BM25 score of every passage, shape (passages,)."""
        scores = np.zeros(self.size, dtype=np.float32)
        for term in tokens(question):
            rows, weights = self._column(term)
            scores[rows] += weights
        return scores

    def holds(self, term: str, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each of the passages in `rows` has the term."""
        return _among(rows, self._column(term)[0])

    def with_all(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """The rows of the passages that have every one of the terms; all rows for no term."""
        if not terms:
            return np.arange(self.size, dtype=np.int64)
        columns = sorted((self._column(term)[0] for term in set(terms)), key=len)
        rows = columns[0].astype(np.int64)
        for column in columns[1:]:
            rows = rows[_among(rows, column)]
        return rows

    def _column(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        column = self._terms.get(term)
        if column is None:
            return self._indices[:0], self._data[:0]
        low, high = self._indptr[column], self._indptr[column + 1]
        return self._indices[low:high], self._data[low:high]

    def save(self, folder: Path) -> None:
        """Write the arrays and the list of terms into `folder`."""
        np.save(folder / "lexical.data.npy", self._data)
        np.save(folder / "lexical.indices.npy", self._indices)
        np.save(folder / "lexical.indptr.npy", self._indptr)
        header = {"passages": self.size, "terms": list(self._terms)}
        (folder / "lexical.json").write_text(json.dumps(header), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open what `save` wrote, memory-mapped."""
        header = json.loads((folder / "lexical.json").read_text(encoding="utf-8"))
        # Plain views of the maps: numpy's own class for them is slow to slice.
        data, indices, indptr = (
            np.load(folder / f"lexical.{name}.npy", mmap_mode="r").view(np.ndarray)
            for name in ("data", "indices", "indptr")
        )
        terms = {term: n for n, term in enumerate(header["terms"])}
        return cls(data, indices, indptr, terms, header["passages"])


def _among(rows: NDArray[np.int64], column: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which of the rows are in a column, whose own rows are in order."""
    if not len(column):
        return np.zeros(len(rows), dtype=np.bool_)
    at = np.minimum(np.searchsorted(column, rows), len(column) - 1)
    return np.asarray(column[at] == rows)
