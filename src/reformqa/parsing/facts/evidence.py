"""Weigh the evidence for a fact: candidates from several places of a report vote."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reformqa.model import Guess
from reformqa.text.phrases import listed

#: The most places that a guess names.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value read in one place of a report.

    `source` names the place as in "from the cover"; `weight` is the chance that a value read
    there is right, 0 to 1. `at` are the positions of the blocks that print it, empty for none.
    """

    value: str
    source: str
    weight: float
    at: range = range(0)


def elect(
    candidates: Iterable[Candidate], supports: Callable[[str, str], bool]
) -> tuple[Candidate, Guess] | None:
    """Return the best candidate with its confidence and sources, or None if there are none.

    `supports(a, b)` says whether a place that reads `a` speaks for the value `b`. The places are
    taken as independent, so the confidence is the chance that not all of them err; a place counts
    once. The first of equal candidates wins.
    """
    weighty = sorted(candidates, key=lambda c: -c.weight)
    best: tuple[Candidate, Guess] | None = None
    for candidate in weighty:
        sources: dict[str, float] = {}
        for other in weighty:
            if other is candidate or supports(other.value, candidate.value):
                sources.setdefault(other.source, other.weight)
        confidence = round(1 - math.prod(1 - w for w in sources.values()), 2)
        if best is None or confidence > best[1].confidence:
            named = list(dict.fromkeys([candidate.source, *sources]))[:_NAMED]
            best = (candidate, Guess(listed(named), confidence))
    return best
