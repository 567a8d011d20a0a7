"""Find paragraphs that state the same, so that a list of hits shows a statement once.

Summary, body and table often print one statement each; two papers of one project share pages; the
same report comes as PDF and as text. Paragraphs are compared by the runs of words that they share
(shingles: Broder 1997, "On the resemblance and containment of documents").

Paragraphs and runs are told apart by hashes of 64 bits, which are sorted on the disk: memory holds
neither texts nor runs, but those runs that a few paragraphs share.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reformqa.model import Recommendation
from reformqa.sorted_runs import RUN as SORTED
from reformqa.sorted_runs import SortedRuns
from reformqa.text.similarity import letters

#: The words in a run.
RUN = 4
#: Two paragraphs state the same if they share this much of the runs of the longer one.
SHARED = 0.5
#: A run in more paragraphs than this says nothing of any two of them.
COMMON = 60
#: A paragraph is a copy of a recommendation if it is at most this many times as long.
COPY_LENGTH = 1.6

#: The pairs that are counted together.
_PAIRS = 1_000_000

#: Pairs of paragraphs, by position: an array of the ones and one of the others.
_Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


class Restatements:
    """Finds which paragraphs of many reports state the same.

    Reports are added one by one; `folder` is where hashes are sorted. Runs in more than `common`
    paragraphs are ignored. About `sorted_` hashes are in memory together.
    """

    def __init__(self, folder: Path, *, common: int = COMMON, sorted_: int = SORTED) -> None:
        self._folder = folder
        self._common = common
        self._sorted = sorted_
        self._hashes = array("q")
        self._sizes = array("i")
        self._recommended = array("i"), array("i")
        self._runs = SortedRuns(folder, np.int64, np.int32, run=sorted_)

    def add(self, paragraphs: Mapping[str, str], recommendations: Iterable[Recommendation]) -> None:
        """Add the paragraphs of a report, as texts by id, and its recommendations."""
        position: dict[str, int] = {}
        lengths: list[int] = []
        before = len(self._hashes)
        for name, text in paragraphs.items():
            words = _words(text)
            position[name] = n = len(self._hashes)
            lengths.append(len(words))
            runs = _runs(words)
            self._runs.add(runs, np.full(len(runs), n))
            self._sizes.append(len(runs))
            # A paragraph without words equals no other: its own number is its hash.
            self._hashes.append(hash(tuple(words)) if words else n)
        for recommendation in recommendations:
            longest = COPY_LENGTH * len(_words(recommendation.text))
            places = (position.get(i) for i in (recommendation.stated, *recommendation.restated))
            copies = [n for n in places if n is not None and lengths[n - before] <= longest]
            for one, other in pairwise(copies):
                self._recommended[0].append(one)
                self._recommended[1].append(other)

    def groups(self) -> NDArray[np.int64]:
        """Return a number for each paragraph, in the order added, equal if two state the same.

        It is the position of the first paragraph of the group. Shape (paragraphs,).
        """
        size = len(self._hashes)
        _, first, number = np.unique(
            np.array(self._hashes, dtype=np.int64), return_index=True, return_inverse=True
        )
        equal = first[number]
        positions = np.arange(size, dtype=np.int64)
        is_first = equal == positions
        stated, restated = (np.array(part, dtype=np.int64) for part in self._recommended)
        pairs = [(stated, restated), (equal[~is_first], positions[~is_first])]
        pairs += self._alike(is_first)
        ones, others = (np.concatenate([p[n] for p in pairs]) for n in range(2))
        return _components(ones, others, size)

    def close(self) -> None:
        """Remove what is sorted on the disk."""
        self._runs.close()

    def _alike(self, is_first: NDArray[np.bool_]) -> Iterator[_Pairs]:
        """Yield pairs that share enough runs; of equal paragraphs only the first is compared."""
        sizes = np.array(self._sizes, dtype=np.int64)
        with closing(SortedRuns(self._folder, np.int32, np.int32, run=self._sorted)) as shared:
            holding, starts = self._telling(is_first, shared)
            for positions, number in shared.merged():
                counts = starts[number + 1] - starts[number]
                for low, high in _cut(positions, counts):
                    own = slice(low, high)
                    others = holding[_ranges(starts[number[own]], counts[own])]
                    ones = np.repeat(positions[own].astype(np.int64), counts[own])
                    pair = (ones << 32 | others)[others < ones]
                    found, times = np.unique(pair, return_counts=True)
                    ones, others = found >> 32, found & 0xFFFFFFFF
                    alike = times >= SHARED * np.maximum(sizes[ones], sizes[others])
                    yield others[alike], ones[alike]

    def _telling(
        self, is_first: NDArray[np.bool_], shared: SortedRuns
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the paragraphs that hold each telling run; add each run of these to `shared`.

        Run n is held by `holding[starts[n]:starts[n + 1]]`.
        """
        holding = [np.zeros(0, dtype=np.int32)]
        counts = [np.zeros(1, dtype=np.int64)]
        numbers = 0
        for runs, holders in self._runs.merged():
            compared = is_first[holders]
            runs, holders = runs[compared], holders[compared]
            _, times = np.unique(runs, return_counts=True)
            telling = (times > 1) & (times <= self._common)
            kept = holders[np.repeat(telling, times)]
            shared.add(kept, numbers + np.repeat(np.arange(telling.sum()), times[telling]))
            holding.append(kept)
            counts.append(times[telling])
            numbers += int(telling.sum())
        return np.concatenate(holding), np.cumsum(np.concatenate(counts))


def _words(text: str) -> list[str]:
    return [w for w in map(letters, text.split()) if w]


def _runs(words: list[str]) -> NDArray[np.int64]:
    """Return the different runs of a paragraph, each as a number."""
    found = (hash(tuple(words[n : n + RUN])) for n in range(len(words) - RUN + 1))
    return np.unique(np.fromiter(found, dtype=np.int64))


def _cut(positions: NDArray[np.int32], counts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of sorted positions with about `_PAIRS` counts; equal ones stay together."""
    begins = np.append(np.flatnonzero(np.diff(positions, prepend=-1)), len(positions))
    before = np.append(0, np.cumsum(counts))[begins]
    steps = np.arange(0, before[-1] + _PAIRS, _PAIRS)
    bounds = begins[np.unique(np.searchsorted(before, steps).clip(max=len(begins) - 1))]
    yield from pairwise(bounds.tolist())


def _ranges(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers from each start on, as many as its count, one range after another."""
    ends = np.cumsum(counts)
    return np.asarray(np.arange(counts.sum()) + np.repeat(starts - (ends - counts), counts))


def _components(ones: NDArray[np.int64], others: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return, for each position, the first one that it is connected with."""
    if not size:
        return np.zeros(0, dtype=np.int64)
    graph = coo_array((np.ones(len(ones), dtype=np.bool_), (ones, others)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1]
    _, first = np.unique(labels, return_index=True)
    return np.asarray(first[labels], dtype=np.int64)
