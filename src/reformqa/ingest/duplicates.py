"""Find paragraphs that state the same, so that a list of hits shows a statement once.

Summary, body and table often print one statement each; two papers of one project share pages; the
same report comes as PDF and as text. Paragraphs are compared by the runs of words that they share
(shingles: Broder 1997, "On the resemblance and containment of documents").
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reformqa.model import Recommendation
from reformqa.text.similarity import letters

#: The words in a run.
RUN = 4
#: Two paragraphs state the same if they share this much of the runs of the longer one.
SHARED = 0.5
#: A run in more paragraphs than this says nothing of any two of them.
COMMON = 60
#: A paragraph is a copy of a recommendation if it is at most this many times as long.
COPY_LENGTH = 1.6

#: Two paragraphs, by position, that state the same.
_Pair = tuple[int, int]


def group_restatements(
    paragraphs: Mapping[str, str],
    recommendations: Iterable[Recommendation],
    *,
    common: int = COMMON,
) -> dict[str, int]:
    """Return a number for each paragraph, equal if two state the same.

    `paragraphs` are texts by id. Runs in more than `common` paragraphs are ignored.
    """
    words = [_words(text) for text in paragraphs.values()]
    equal = list(_equal(words))
    later = {other for _, other in equal}
    firsts = [n for n in range(len(words)) if n not in later]
    position = {name: n for n, name in enumerate(paragraphs)}
    pairs = [*equal, *_alike(words, firsts, common)]
    pairs += _recommended(recommendations, words, position)
    groups = _components(pairs, len(words))
    return {name: groups[n] for name, n in position.items()}


def _words(text: str) -> list[str]:
    return [w for w in map(letters, text.split()) if w]


def _equal(words: Sequence[list[str]]) -> Iterator[_Pair]:
    """Yield each paragraph with the first one of the same words, if there is one before it."""
    first: dict[str, int] = {}
    for n, text in enumerate(words):
        if text and (earlier := first.setdefault(" ".join(text), n)) != n:
            yield earlier, n


def _recommended(
    recommendations: Iterable[Recommendation],
    words: Sequence[list[str]],
    position: Mapping[str, int],
) -> Iterator[_Pair]:
    """Yield the paragraphs that state the same recommendation and hardly anything besides."""
    for recommendation in recommendations:
        longest = COPY_LENGTH * len(_words(recommendation.text))
        places = (position.get(i) for i in (recommendation.stated, *recommendation.restated))
        copies = [n for n in places if n is not None and len(words[n]) <= longest]
        yield from itertools.pairwise(copies)


def _alike(words: Sequence[list[str]], firsts: Sequence[int], common: int) -> Iterator[_Pair]:
    """Yield pairs that share enough runs; of equal paragraphs only the first is compared.

    Runs are numbers in arrays: as sets they would take more memory than the index does.
    """
    runs = [_runs(words[n]) for n in firsts]
    sizes = [len(found) for found in runs]
    if not any(sizes):
        return
    every = np.concatenate(runs)
    holders = np.repeat(np.arange(len(firsts), dtype=np.int32), sizes)
    holders = holders[np.argsort(every, kind="stable")]  # those of a run together, in order
    _, number, counts = np.unique(every, return_inverse=True, return_counts=True)
    starts = np.cumsum(counts) - counts
    telling = (counts > 1) & (counts <= common)
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
    """Return the different runs of a paragraph, each as a number."""
    found = (hash(tuple(words[n : n + RUN])) for n in range(len(words) - RUN + 1))
    return np.unique(np.fromiter(found, dtype=np.int64))


def _components(pairs: Sequence[_Pair], size: int) -> list[int]:
    """Return, for each position, the first one that it is connected with."""
    ones, others = [a for a, _ in pairs], [b for _, b in pairs]
    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (ones, others)), shape=(size, size))
    labels: list[int] = connected_components(graph, directed=False)[1].tolist() if size else []
    first: dict[int, int] = {}
    for n in reversed(range(size)):
        first[labels[n]] = n
    return [first[label] for label in labels]
