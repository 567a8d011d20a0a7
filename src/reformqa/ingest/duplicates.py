"""Find paragraphs that state the same, so that a list of hits shows a statement once.

Summary, body and table often print one statement each; two papers of one project share pages; the
same report comes as PDF and as text. Paragraphs are compared by the runs of words that they share
(shingles: Broder 1997, "On the resemblance and containment of documents").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Recommendation
from reformqa.text.similarity import letters

#: Words in a run.
RUN = 4
#: Two paragraphs state the same when they share this much of the runs of the longer one.
SHARED = 0.5
#: A run found in more paragraphs than this tells nothing of any two of them.
COMMON = 60
#: A paragraph is a copy of a recommendation when it is at most so many times as long.
COPY_LENGTH = 1.6


def group_restatements(
    paragraphs: Mapping[str, str], recommendations: Iterable[Recommendation]
) -> dict[str, int]:
    """A group for each paragraph: those that state the same bear the same number.

    `paragraphs` are texts by id.
    """
    groups = _Groups(len(paragraphs))
    words = [_words(text) for text in paragraphs.values()]
    for same in _equal(words):
        groups.join(same)
    for one, other in _alike(words, groups):
        groups.join((one, other))
    position = {name: n for n, name in enumerate(paragraphs)}
    for recommendation in recommendations:
        longest = COPY_LENGTH * len(_words(recommendation.text))
        places = (position.get(i) for i in (recommendation.stated, *recommendation.restated))
        groups.join([n for n in places if n is not None and len(words[n]) <= longest])
    return {name: groups.of(n) for name, n in position.items()}


def _words(text: str) -> list[str]:
    return [w for w in map(letters, text.split()) if w]


def _equal(words: Sequence[list[str]]) -> Iterable[list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for n, text in enumerate(words):
        if text:
            places[" ".join(text)].append(n)
    return places.values()


def _alike(words: Sequence[list[str]], groups: _Groups) -> Iterator[tuple[int, int]]:
    """Pairs that share enough runs; of equal paragraphs only the first is compared.

    Runs are numbers in arrays: as sets they would take more room than the index does.
    """
    firsts = [n for n in range(len(words)) if groups.of(n) == n]
    runs = [_runs(words[n]) for n in firsts]
    sizes = [len(found) for found in runs]
    if not any(sizes):
        return
    every = np.concatenate(runs)
    holders = np.repeat(np.arange(len(firsts), dtype=np.int32), sizes)
    holders = holders[np.argsort(every, kind="stable")]  # those of a run stand together, in order
    _, number, counts = np.unique(every, return_inverse=True, return_counts=True)
    starts = np.cumsum(counts) - counts
    telling = (counts > 1) & (counts <= COMMON)
    end = 0
    for n, size in enumerate(sizes):
        own = number[end : end + size]
        end += size
        parts = [holders[starts[r] : starts[r] + counts[r]] for r in own[telling[own]]]
        if not parts:
            continue
        sharing = np.concatenate(parts)
        others, times = np.unique(sharing[sharing < n], return_counts=True)
        for other, count in zip(others.tolist(), times.tolist(), strict=True):
            if count >= SHARED * max(size, sizes[other]):
                yield firsts[other], firsts[n]


def _runs(words: Sequence[str]) -> NDArray[np.int64]:
    """The different runs of a paragraph, each as a number."""
    found = (hash(tuple(words[n : n + RUN])) for n in range(len(words) - RUN + 1))
    return np.unique(np.fromiter(found, dtype=np.int64))


class _Groups:
    """Disjoint sets: each member leads to the first of its group."""

    def __init__(self, size: int) -> None:
        self._leads = list(range(size))

    def of(self, member: int) -> int:
        while self._leads[member] != member:
            self._leads[member] = self._leads[self._leads[member]]
            member = self._leads[member]
        return member

    def join(self, members: Sequence[int]) -> None:
        firsts = {self.of(m) for m in members}
        for first in firsts:
            self._leads[first] = min(firsts)
