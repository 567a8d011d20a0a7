"""Sets of recommendations: those that passages state, and those of them on a matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from reformqa.model import Hit, Recommendation
from reformqa.search.spans import NearnessOf, Part, context_of, parts_of
from reformqa.text.similarity import letters
from reformqa.tuning import SetTuning

#: The letters at its start by which a recommendation is recognised.
OPENING = 40

#: The best recommendations whose mean merit the others are held to.
BEST_FEW = 5

#: The recommendations that each paragraph states, by the paragraph's id.
Stated = Mapping[str, Sequence[Recommendation]]


def by_paragraph(recommendations: Sequence[Recommendation]) -> Stated:
    """Return the recommendations by the paragraphs that state or restate them.

    A statement that two reports make is a recommendation of each.
    """
    stated: dict[str, list[Recommendation]] = defaultdict(list)
    for recommendation in recommendations:
        for paragraph_id in (recommendation.stated, *recommendation.restated):
            stated[paragraph_id].append(recommendation)
    return stated


def stated_in(hits: Sequence[Hit], stated: Stated) -> dict[Recommendation, Hit]:
    """Return the recommendations that the hits state, best first, each with its best hit."""
    found: dict[Recommendation, Hit] = {}
    for hit in hits:
        texts = ((hit.paragraph.id, hit.passage.text), *((p.id, p.text) for p in hit.also))
        for paragraph_id, text in texts:
            for recommendation in _meant(text, stated.get(paragraph_id, ())):
                found.setdefault(recommendation, hit)
    return found


def on_the_matter(
    found: Mapping[Recommendation, Hit],
    nearness: NearnessOf,
    tuning: SetTuning,
) -> list[Recommendation]:
    """Return those of the recommendations found that are on the question's matter, best first."""
    if not found:
        return []
    own = nearness([_stated(r, hit) for r, hit in found.items()])
    around = nearness([[context_of(hit.passage)] for hit in found.values()])
    near = own.late + tuning.rare * own.rare + tuning.section * around.late
    merits = {
        recommendation: hit.score + merit
        for (recommendation, hit), merit in zip(found.items(), near.tolist(), strict=True)
    }
    best_first = sorted(merits, key=lambda r: -merits[r])
    least = fmean(merits[r] for r in best_first[:BEST_FEW]) - tuning.behind
    return [r for r in best_first if merits[r] >= least]


def _stated(recommendation: Recommendation, hit: Hit) -> list[Part]:
    """Return the part of the hit's passage that a recommendation is stated in, or all of it."""
    at = hit.passage.text.find(recommendation.text)
    start = hit.passage.span[0] + max(at, 0)
    length = len(recommendation.text if at >= 0 else hit.passage.text)
    return parts_of([hit.passage], (start, start + length))


def _meant(text: str, stated: Sequence[Recommendation]) -> Sequence[Recommendation]:
    """Return those of a paragraph's recommendations (a table row may have many) in `text`."""
    if len(stated) < 2:
        return stated
    passage = letters(text)
    return [r for r in stated if letters(r.text)[:OPENING] in passage]
