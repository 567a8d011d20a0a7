"""The names of themes, which have to tell a newcomer what the recommendations are about.

A name is a phrase of two to four words that the recommendations print ("minimum service
standards"). The best has words that many of the theme and few others print, is itself printed by
many of the theme and few others (c-TF-IDF: Grootendorst 2022, arXiv 2203.05794), and is nearer in
meaning to the theme than to the rest. A theme without a phrase that is good enough is named by its
first term, or by its first two.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from reformqa.models.base import Encoder
from reformqa.recommendations.background import Field, unit
from reformqa.text.terms import Term, find_phrases, is_noun, telling, word_keys
from reformqa.tuning import RecommendationTuning

#: The least statements of a theme that print the telling words of its name.
LEAST_HELD = 1.5
#: How much it counts that a phrase itself is printed.
PRINTED = 0.15
#: The number of phrases of a theme that are encoded.
LOOKED_AT = 12


class Namer:
    """Names the themes of recommendations, whose `texts` are given in pieces."""

    def __init__(
        self,
        texts: Sequence[Iterable[str]],
        field: Field,
        encoder: Encoder,
        printing: Callable[[str], str],
        tuning: RecommendationTuning,
    ) -> None:
        """The parameters are those of `find_themes`."""
        self._field = field
        self._encoder = encoder
        self._printing = printing
        self._tuning = tuning
        self._phrases = find_phrases(texts, sorted(set(field.publisher)))
        self._holders: dict[str, set[int]] = defaultdict(set)
        for row, pieces in enumerate(texts):
            for word in word_keys(pieces):
                self._holders[word].add(row)

    def name(
        self,
        own: Sequence[tuple[Term, float]],
        rows: Collection[int],
        others: Sequence[Term],
    ) -> str:
        """Return the name of the theme of these rows, beginning with a capital.

        `own` are its terms with their merits; `others` are the first terms of other themes, which
        the name does not contain.
        """
        name = self._phrase(rows, others) or self._terms(own, rows)
        return name[:1].upper() + name[1:]

    def _phrase(self, rows: Collection[int], others: Sequence[Term]) -> str | None:
        """Return the best phrase, or None if none is good enough."""
        inside = set(rows)
        printed = [
            (self._printed(phrase, inside), phrase)
            for phrase in self._phrases
            if phrase.holders & inside
            and self._field.held(self._saying(phrase) & inside) >= LEAST_HELD
            and not any(o.within(phrase) or phrase.within(o) for o in others)
        ]
        printed = sorted(printed, key=lambda pair: (-pair[0], pair[1].key))[:LOOKED_AT]
        if not printed:
            return None
        encoded = np.stack(
            list(self._encoder.encode([phrase.name for _, phrase in printed], "passage"))
        )
        meant = self._meant(encoded, inside)
        scored = [
            (score + near, phrase) for (score, phrase), near in zip(printed, meant, strict=True)
        ]
        for score, phrase in sorted(scored, key=lambda pair: (-pair[0], pair[1].key)):
            if score < self._tuning.phrase:
                return None
            if is_noun(phrase, self._printing(phrase.name)):
                return phrase.name
        return None

    def _saying(self, phrase: Term) -> set[int]:
        """Return the rows that print all telling words of a phrase, wherever they stand."""
        return set.intersection(*(self._holders[word] for word in telling(phrase.key)))

    def _printed(self, phrase: Term, inside: set[int]) -> float:
        """Return how much the words of a phrase, and it itself, are those of the theme."""
        held, every = self._field.held(inside), float(self._field.weight.sum())
        words = [self._share(word, inside) for word in phrase.key if word in self._holders]
        often = self._field.held(phrase.holders & inside) / held
        rarity = math.log(1 + every / self._field.held(phrase.holders))
        return round(float(np.mean(words)) + PRINTED * often * rarity, 6)

    def _share(self, word: str, inside: set[int]) -> float:
        """Return the share of the theme that prints a word, less the more others print it."""
        holders, held = self._holders[word], self._field.held(inside)
        own = self._field.held(holders & inside) / held
        rest = float(self._field.weight.sum()) - held
        other = self._field.held(holders - inside) / rest if rest > 0 else 0.0
        return own * own / (own + other) if own else 0.0

    def _meant(self, encoded: NDArray[np.float32], inside: set[int]) -> list[float]:
        """Return how much nearer each phrase is to the theme than to the rest."""
        vectors = self._field.less_mean(encoded)
        rows = sorted(inside)
        rest = sorted(set(range(len(self._field.weight))) - inside)
        middle = unit((self._field.vectors[rows] * self._field.weight[rows, None]).sum(axis=0))
        near = vectors @ middle
        if rest:
            near = near - (vectors @ self._field.vectors[rest].T).mean(axis=1)
        return [round(float(n), 6) for n in near]

    def _terms(self, own: Sequence[tuple[Term, float]], rows: Collection[int]) -> str:
        """Return the first term, with the second if that describes what the first leaves out."""
        (first, _), *more = own
        unsaid = set(rows) - first.holders
        named = [first.name]
        for term, merit in more[:1]:
            if merit >= self._tuning.second and self._field.held(unsaid & term.holders) >= 1:
                named.append(term.name)
        return " and ".join(named)
