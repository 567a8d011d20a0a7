"""BM25 as sparse vectors: the part of a passage is stored, the idf comes with the question.

An engine then adds up what `storage.files.bm25` would, term by term, and no row changes when a
new report changes the idf of its words. The average length of a passage enters the stored part:
it is frozen for all versions that share rows, and exact in the weights that scoring uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reformqa.storage.milvus.schema import name_key
from reformqa.storage.okapi import idf_of, parts_of

#: A dimension that no term has: an engine may refuse a vector without any.
_NONE = 0
#: Milvus allows dimensions below 2**32 - 1.
_DIMENSIONS = 2**32 - 2


@dataclass(frozen=True, slots=True)
class Counted:
    """The terms of a text: their sorted `keys` (see `name_key`), how often each occurs, and all.

    `keys` has shape (terms,), int64; `counts` likewise, uint16; `length` counts repeats.
    """

    keys: NDArray[np.int64]
    counts: NDArray[np.uint16]
    length: int

    @classmethod
    def of(cls, terms: Sequence[str]) -> Counted:
        """Count the terms of a text."""
        counted = Counter(map(name_key, terms))
        keys = sorted(counted)
        counts = np.array([min(counted[k], 65_535) for k in keys], dtype=np.uint16)
        return cls(np.array(keys, dtype=np.int64), counts, len(terms))

    def sparse(self, average: float) -> dict[int, float]:
        """Return the parts of the terms' weights that do not depend on other passages.

        `average` is the length of an average passage.
        """
        parts = parts_of(self.counts, self.length, average)
        return {dimension(k): float(p) for k, p in zip(self.keys, parts, strict=True)} or {
            _NONE: 1.0
        }


def dimension(key: np.int64 | int) -> int:
    """Return the dimension of a term. Two terms share one once in four thousand million pairs."""
    return int(key) % _DIMENSIONS + 1


class Vocabulary:
    """In how many of a version's passages each term occurs, and so its idf."""

    def __init__(self, keys: NDArray[np.int64], holders: NDArray[np.int32], passages: int) -> None:
        """Take the sorted keys of the terms and the passages that hold each, shape (terms,)."""
        self.keys = keys
        self.holders = holders
        self._idf = idf_of(holders, passages)

    def count(self, term: str) -> int:
        """Return the number of passages that hold a term."""
        at = self._at(term)
        return 0 if at is None else int(self.holders[at])

    def idf(self, term: str) -> float:
        """Return a term's idf, 0 for an unknown one."""
        at = self._at(term)
        return 0.0 if at is None else float(self._idf[at])

    def query(self, terms: Sequence[str]) -> dict[int, float]:
        """Return the sparse vector of a question's terms; repeated ones count again."""
        weights: dict[int, float] = {}
        for term, times in Counter(terms).items():
            if (idf := self.idf(term)) > 0:
                at = dimension(name_key(term))
                weights[at] = weights.get(at, 0.0) + times * idf
        return weights

    def weights(
        self, terms: Sequence[str], passages: Sequence[Counted], average: float
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return each term's weight in each passage, and whether the passage has it at all.

        Both have shape (terms, passages).
        """
        weights = np.zeros((len(terms), len(passages)), dtype=np.float32)
        held = np.zeros((len(terms), len(passages)), dtype=np.bool_)
        if not len(terms) or not passages:
            return weights, held
        keys = np.array([name_key(t) for t in terms], dtype=np.int64)
        idf = np.array([self.idf(t) for t in terms])
        for n, passage in enumerate(passages):
            if not len(passage.keys):
                continue
            at = np.minimum(np.searchsorted(passage.keys, keys), len(passage.keys) - 1)
            has = passage.keys[at] == keys
            held[:, n] = has
            parts = parts_of(passage.counts[at], passage.length, average)
            weights[:, n] = np.where(has, idf * parts, 0)
        return weights, held

    def _at(self, term: str) -> int | None:
        key = name_key(term)
        at = int(np.searchsorted(self.keys, key))
        return at if at < len(self.keys) and self.keys[at] == key else None


def vocabulary_of(holders: Mapping[int, int], passages: int) -> Vocabulary:
    """Return the vocabulary of counted holders, by the key of the term."""
    keys = np.array(sorted(holders), dtype=np.int64)
    counts = np.array([holders[k] for k in keys.tolist()], dtype=np.int32)
    return Vocabulary(keys, counts, passages)
