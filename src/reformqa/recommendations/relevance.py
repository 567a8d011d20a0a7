"""Sets of recommendations: those that passages state, and those of them that are on a matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from reformqa.model import Hit, Recommendation
from reformqa.search.retriever import Nearness
from reformqa.text.similarity import letters

#: A recommendation is known by so many of its first letters.
OPENING = 40

#: The weights of a recommendation's own nearness to the question and of its section's, beside its
#: paragraph's score in the search; and the share of the mean merit of the best few that each of
#: the set needs: chosen on list questions (see benchmarks).
COSINE_WEIGHT = 0.5
SECTION_WEIGHT = 0.25
BEST_FEW = 5
LEAST_MERIT = 0.78

#: The recommendations that each paragraph states, by the paragraph's id.
Stated = Mapping[str, Sequence[Recommendation]]


def by_paragraph(recommendations: Sequence[Recommendation]) -> Stated:
    """The recommendations by the paragraphs that state or restate them.

    A statement of two reports is a recommendation of each.
    """
    stated: dict[str, list[Recommendation]] = defaultdict(list)
    for recommendation in recommendations:
        for paragraph_id in (recommendation.stated, *recommendation.restated):
            stated[paragraph_id].append(recommendation)
    return stated


def stated_in(hits: Sequence[Hit], stated: Stated) -> dict[Recommendation, Hit]:
    """The recommendations that the hits' statements make, best first, each with its best hit."""
    found: dict[Recommendation, Hit] = {}
    for hit in hits:
        texts = ((hit.paragraph.id, hit.passage.text), *((p.id, p.text) for p in hit.also))
        for paragraph_id, text in texts:
            for recommendation in _meant(text, stated.get(paragraph_id, ())):
                found.setdefault(recommendation, hit)
    return found


def on_the_matter(
    found: Mapping[Recommendation, Hit], nearness: Callable[[Sequence[str]], Nearness]
) -> list[Recommendation]:
    """Of the recommendations that a search found, those on its matter, best first."""
    if not found:
        return []
    own = nearness([r.text for r in found])
    sections = nearness([" › ".join(r.section_path) for r in found]).cosine
    near = own.late + COSINE_WEIGHT * own.cosine + SECTION_WEIGHT * sections
    merits = {
        recommendation: hit.score + merit
        for (recommendation, hit), merit in zip(found.items(), near.tolist(), strict=True)
    }
    best_first = sorted(merits, key=lambda r: -merits[r])
    least = LEAST_MERIT * fmean(merits[r] for r in best_first[:BEST_FEW])
    return [r for r in best_first if merits[r] >= least]


def _meant(text: str, stated: Sequence[Recommendation]) -> Sequence[Recommendation]:
    """Of the recommendations in a paragraph (a table row may hold many), those in `text`."""
    if len(stated) < 2:
        return stated
    passage = letters(text)
    return [r for r in stated if letters(r.text)[:OPENING] in passage]
