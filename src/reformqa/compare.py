"""Think tanks side by side: each is heard on its own, and silence is said aloud.

Nothing here claims that two agree or differ: a row holds what one says, in its own words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from reformqa.likeness import letters
from reformqa.model import Hit, Recommendation

#: A recommendation is known by so many of its first letters.
OPENING = 40

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


def _meant(text: str, stated: Sequence[Recommendation]) -> Sequence[Recommendation]:
    """Of the recommendations in a paragraph (a table row may hold many), those in `text`."""
    if len(stated) < 2:
        return stated
    passage = letters(text)
    return [r for r in stated if letters(r.text)[:OPENING] in passage]
