"""The themes of recommendations: subjects that several of them, by any think tank, are about.

Themes are found by their names. Terms of the recommendations' text (see `text.terms`) are taken one
by one, each the one that brings the recommendations nearest to the terms taken (the greedy
algorithm for facility location: Cornuejols, Fisher and Nemhauser 1977, Management Science 23,
789-810), then exchanged for better ones. A recommendation goes to its nearest term, and
`theme_names` names what has come together.

A recommendation's nearness to a term is the cosine of its vector to the sum of the term's vector
and those of the recommendations that contain the term, except itself and its near copies, plus a
bonus if it contains the term. The mean is subtracted from all vectors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Recommendation
from reformqa.models.base import Encoder
from reformqa.recommendations.background import Field, make_field, unit
from reformqa.recommendations.theme_names import Namer
from reformqa.text.terms import Term, find_terms, is_noun
from reformqa.tuning import RecommendationTuning

#: The theme of recommendations that fit no other.
OTHER = "Other matters"
#: The most themes, and their number as a multiple of the square root of the number of statements.
MOST_THEMES = 12
GROWTH = 1.2
#: The largest share of the recommendations that is left without a theme.
MOST_OTHERS = 0.1
#: A term in a larger share of the recommendations than this distinguishes nothing.
COMMON = 0.4
#: The factors of the gain of a term that only one think tank uses, and of one that more than two
#: use.
ONE_SIDED = 0.8
SHARED = 1.1
#: The number of most promising terms that are examined closely.
LOOKED_AT = 96
#: The most words of a theme.
WORDS = 5
#: The least statements of a theme with a term of its own, and their share of all with that term.
LEAST_HELD = 1.5
OWN = 0.5
#: The number of statements below which a term may occur in one.
FEW = 12
#: The most rounds of exchanging terms, and the decimals to which merits are compared.
EXCHANGES = 3
DECIMALS = 6

_Vectors = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Theme:
    """Recommendations about one subject, by report and order.

    `words` are the terms that distinguish it; `name` is a phrase of its recommendations, or the
    first one or two of the words (see `theme_names`). The theme `OTHER` has no words.
    """

    name: str
    words: tuple[str, ...]
    recommendations: tuple[Recommendation, ...]


def find_themes(
    recommendations: Sequence[Recommendation],
    vectors: NDArray[np.float32],
    publisher_of: Mapping[str, str],
    encoder: Encoder,
    printing: Callable[[str], str],
    tuning: RecommendationTuning,
) -> tuple[Theme, ...]:
    """Return the themes, largest first and `OTHER` last; each recommendation is in one.

    `vectors` are unit rows, shape (recommendations, dimensions); `publisher_of` is by report id;
    `encoder` encodes the terms; `printing` returns some text of the library that contains the words
    it is given, from which nouns are recognised. Raises ValueError if the numbers of vectors and
    recommendations differ.
    """
    if len(vectors) != len(recommendations):
        raise ValueError(f"{len(vectors)} vectors for {len(recommendations)} recommendations")
    if not recommendations:
        return ()
    texts = [(r.text, *r.sub_items) for r in recommendations]
    terms = find_terms(texts, sorted(set(publisher_of.values())))
    field = make_field(vectors, [publisher_of[r.report_id] for r in recommendations], tuning.copies)
    terms = [t for t in _promising(terms, field, tuning) if is_noun(t, printing(t.name))]
    encoded = list(encoder.encode([t.name for t in terms], "passage"))
    nearness = _nearness(terms, field, np.stack(encoded) if encoded else None, tuning)
    themes = _assign(nearness, _take(nearness, terms, field, tuning), tuning)
    taken = [terms[t] for t in themes]
    namer = Namer(texts, field, encoder, printing, tuning)
    made: list[Theme] = []
    for t, rows in themes.items():
        own = _own_terms(t, rows, terms, taken, nearness, field)
        name = namer.name(own, rows, [term for term in taken if term is not terms[t]])
        members = tuple(recommendations[row] for row in rows)
        made.append(Theme(name, tuple(t.name for t, _ in own), members))
    made.sort(key=lambda theme: (-len(theme.recommendations), theme.name))
    placed = {row for rows in themes.values() for row in rows}
    others = tuple(r for row, r in enumerate(recommendations) if row not in placed)
    return (*made, Theme(OTHER, (), others)) if others else tuple(made)


def _promising(terms: Sequence[Term], field: Field, tuning: RecommendationTuning) -> list[Term]:
    """Return the terms that gain most alone, by the recommendations that contain them, by key."""
    few = len(set(field.statement.tolist())) < FEW
    held = [
        t
        for t in terms
        if len({field.statement[row] for row in t.holders}) >= (1 if few else 2)
        and (few or field.held(t.holders) <= COMMON * field.weight.sum())
    ]
    if not held:
        return []
    gains = _gains(
        _nearness(held, field, None, tuning), held, field, np.full(len(field.weight), tuning.least)
    )
    best = sorted(range(len(held)), key=lambda n: (-gains[n], held[n].key))[:LOOKED_AT]
    return [held[n] for n in sorted(best)]


def _nearness(
    terms: Sequence[Term],
    field: Field,
    encoded: NDArray[np.float32] | None,
    tuning: RecommendationTuning,
) -> _Vectors:
    """Return the nearness of each recommendation to each term, (recommendations, terms).

    `encoded` are the terms' own vectors; without them, only the recommendations that contain a term
    count.
    """
    nearness = np.zeros((len(field.weight), len(terms)))
    own = np.zeros((len(terms), field.vectors.shape[1]))
    if encoded is not None:
        own = tuning.meaning * field.less_mean(encoded)
    weighed = field.vectors * field.weight[:, None]
    for n, term in enumerate(terms):
        rows = np.array(sorted(term.holders))
        whole = own[n] + weighed[rows].sum(axis=0)
        nearness[:, n] = field.vectors @ unit(whole)
        for statement in np.unique(field.statement[rows]):
            copies = rows[field.statement[rows] == statement]
            rest = unit(whole - weighed[copies].sum(axis=0))
            nearness[copies, n] = field.vectors[copies] @ rest + tuning.printed
    # Copies stay together.
    sums = np.zeros_like(nearness)
    np.add.at(sums, field.statement, nearness * field.weight[:, None])
    return np.round(sums[field.statement], DECIMALS)


def _gains(nearness: _Vectors, terms: Sequence[Term], field: Field, reached: _Vectors) -> _Vectors:
    """Return what each term would add to the nearness already `reached`, shape (terms,)."""
    more = field.weight @ np.maximum(nearness - reached[:, None], 0)
    sides = [len({field.publisher[row] for row in t.holders}) for t in terms]
    worth = [ONE_SIDED if n < 2 else SHARED if n > 2 else 1.0 for n in sides]
    return np.round(more * worth, DECIMALS)


def _take(
    nearness: _Vectors, terms: Sequence[Term], field: Field, tuning: RecommendationTuning
) -> list[int]:
    """Return the positions of the terms that make the themes."""
    most = min(MOST_THEMES, math.ceil(GROWTH * math.sqrt(field.weight.sum())))
    taken: list[int] = []
    while len(taken) < most and (best := _best(nearness, terms, field, taken, tuning)) is not None:
        taken.append(best)
    for _ in range(EXCHANGES):
        before = list(taken)
        for n in range(len(taken)):
            others = taken[:n] + taken[n + 1 :]
            best = _best(nearness, terms, field, others, tuning)
            taken[n] = taken[n] if best is None else best
        if taken == before:
            break
    return taken


def _best(
    nearness: _Vectors,
    terms: Sequence[Term],
    field: Field,
    taken: Sequence[int],
    tuning: RecommendationTuning,
) -> int | None:
    """Return the term that gains most beside those taken; None if none gains enough."""
    reached = np.maximum(nearness[:, taken].max(axis=1, initial=tuning.least), tuning.least)
    gains = _gains(nearness, terms, field, reached)
    for n in np.argsort(-gains, kind="stable").tolist():
        if gains[n] < tuning.least_gain:
            return None
        if not any(_nested(terms[n], terms[t]) for t in taken):  # "oven", "public oven"
            return int(n)
    return None


def _nested(one: Term, other: Term) -> bool:
    return one.within(other) or other.within(one)


def _assign(
    nearness: _Vectors, taken: Sequence[int], tuning: RecommendationTuning
) -> dict[int, list[int]]:
    """Return the rows of each term taken that has any, without a few rows near to none."""
    if not taken:
        return {}
    near = nearness[:, taken]
    least = np.sort(near.max(axis=1))[int(MOST_OTHERS * len(near))]
    themes: dict[int, list[int]] = {}
    for row in range(len(near)):
        if near[row].max() >= min(tuning.least, least):
            themes.setdefault(taken[int(near[row].argmax())], []).append(row)
    return themes


def _own_terms(
    term: int,
    rows: Sequence[int],
    terms: Sequence[Term],
    taken: Sequence[Term],
    nearness: _Vectors,
    field: Field,
) -> list[tuple[Term, float]]:
    """Return the theme's term, then others that belong to it, best first, with their merits.

    The merit is the mean nearness to the whole theme plus that to the recommendations that do not
    contain its first term.
    """
    first = terms[term]
    unsaid = [row for row in rows if row not in first.holders]
    merits: list[tuple[Term, float]] = []
    for n, other in enumerate(terms):
        if any(_nested(other, t) for t in taken) or set(other.key) & set(first.key):
            continue
        held = field.held(other.holders & set(rows))
        if held >= LEAST_HELD and held >= OWN * field.held(other.holders):
            merit = nearness[rows, n].mean() + (nearness[unsaid, n].mean() if unsaid else 0)
            merits.append((other, round(float(merit), DECIMALS)))
    merits.sort(key=lambda pair: (-pair[1], pair[0].key))
    return [(first, math.inf), *merits][:WORDS]
