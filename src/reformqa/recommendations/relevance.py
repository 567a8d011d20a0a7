"""Sets of recommendations: those that passages state, and those of them on a matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from reformqa.model import Hit, Recommendation
from reformqa.search.retriever import Nearness
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
    nearness: Callable[[Sequence[str]], Nearness],
    tuning: SetTuning,
) -> list[Recommendation]:
    """Return those of the recommendations found that are on the question's matter, best first."""
    if not found:
        return []
    own = nearness([r.text for r in found])
    sections = nearness([" › ".join(r.section_path) for r in found]).cosine
    near = own.late + tuning.cosine * own.cosine + tuning.section * sections
    merits = {
        recommendation: hit.score + merit
        for (recommendation, hit), merit in zip(found.items(), near.tolist(), strict=True)
    }
    best_first = sorted(merits, key=lambda r: -merits[r])
    least = tuning.least_merit * fmean(merits[r] for r in best_first[:BEST_FEW])
    return [r for r in best_first if merits[r] >= least]


def _meant(text: str, stated: Sequence[Recommendation]) -> Sequence[Recommendation]:
    """Return those of a paragraph's recommendations (a table row may have many) in `text`."""
    if len(stated) < 2:
        return stated
    passage = letters(text)
    return [r for r in stated if letters(r.text)[:OPENING] in passage]
