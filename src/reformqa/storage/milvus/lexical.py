"""BM25 in this process, for a server that has no sparse vectors (Milvus before 2.4).

The terms of all passages are read once, on opening: some 600 bytes each in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from reformqa.storage.milvus.bm25 import Counted, Vocabulary
from reformqa.storage.milvus.schema import name_key
from reformqa.storage.okapi import parts_of


class LocalBm25:
    """The parts of the weights of all passages, by term."""

    def __init__(self, passages: Iterable[Counted], vocabulary: Vocabulary, average: float) -> None:
        """Take the counted passages in the library's order, and the length of an average one."""
        counted = list(passages)
        self._vocabulary = vocabulary
        self._size = len(counted)
        keys = np.concatenate([np.zeros(0, dtype=np.int64), *(c.keys for c in counted)])
        parts = [parts_of(c.counts, c.length, average) for c in counted]
        order = np.argsort(keys, kind="stable")  # stable: the passages of a term stay in order
        self._keys = keys[order]
        self._parts = np.concatenate([np.zeros(0), *parts])[order].astype(np.float32)
        positions = np.repeat(np.arange(self._size), [len(c.keys) for c in counted])
        self._positions = positions[order].astype(np.int32)

    def best(self, terms: Sequence[str], wanted: int, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the positions of the best passages within `mask`; of equals, the first."""
        scores = np.zeros(self._size, dtype=np.float32)
        for term, times in Counter(terms).items():
            key = name_key(term)
            low, high = np.searchsorted(self._keys, key), np.searchsorted(self._keys, key, "right")
            scores[self._positions[low:high]] += (
                times * self._vocabulary.idf(term) * self._parts[low:high]
            )
        found = np.flatnonzero((scores > 0) & mask)
        return found[np.argsort(-scores[found], kind="stable")[:wanted]]
