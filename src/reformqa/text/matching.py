"""Pair the texts of two versions: those that are the same, then those that are most alike."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence

from reformqa.text.similarity import content_words, letters


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how many of the content words of two texts are in both: Dice's coefficient, 0 to 1."""
    return 2 * len(one & other) / max(1, len(one) + len(other))


def match(before: Sequence[str], after: Sequence[str], least: float) -> dict[int, int]:
    """Return the position in `after` of each text in `before` that has a match there.

    Texts with the same letters are matched in their order. Of the others, the two most alike are
    taken first; ties go to the texts nearest in place. Their likeness is at least `least`.
    """
    found = _equal(before, after)
    taken = set(found.values())
    ones = {n: content_words(t) for n, t in enumerate(before) if n not in found}
    others = {n: content_words(t) for n, t in enumerate(after) if n not in taken}
    alike = [
        (-score, abs(one / len(before) - other / len(after)), one, other)
        for one, other, score in _alike(ones, others, least)
    ]
    for _, _, one, other in sorted(alike):
        if one not in found and other not in taken:
            found[one] = other
            taken.add(other)
    return found


def _equal(before: Sequence[str], after: Sequence[str]) -> dict[int, int]:
    places: dict[str, deque[int]] = defaultdict(deque)
    for n, text in enumerate(after):
        places[letters(text)].append(n)
    return {
        n: places[same].popleft() for n, text in enumerate(before) if places[same := letters(text)]
    }


def _alike(
    ones: dict[int, frozenset[str]], others: dict[int, frozenset[str]], least: float
) -> Iterator[tuple[int, int, float]]:
    """Yield every two that share a word and are as alike as that, with their likeness."""
    holders: dict[str, list[int]] = defaultdict(list)
    for n, words in others.items():
        for word in words:
            holders[word].append(n)
    for n, words in ones.items():
        shared = Counter(itertools.chain.from_iterable(holders.get(word, ()) for word in words))
        for other, count in shared.items():
            score = 2 * count / (len(words) + len(others[other]))
            if score >= least:
                yield n, other, score
