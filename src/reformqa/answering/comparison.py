"""Think tanks side by side: each is heard on its own, and silence is said aloud.

Nothing here claims that two agree or differ: a row holds what one says, in its own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reformqa.answering.results import ComparisonRow
from reformqa.answering.selection import SAME_WORDS, Shape
from reformqa.model import Report, Sentence
from reformqa.search.retriever import Hits
from reformqa.text.similarity import content_words, overlap

#: How many recommendations a row shows.
RECOMMENDATIONS = 3
#: How many nearest passages are shown where nothing answers.
NEAREST = 3


def gist(quotes: int) -> Shape:
    """The shape of a row: short quotes of as many paragraphs as have something to say."""
    return Shape(quotes, words=200, least=0.7, repeated=0.4, brevity=0.3)


def row(
    publisher: str,
    reports: Iterable[Report],
    hits: Hits,
    sentences: Sequence[Sentence],
    recommended: Sequence[Sentence],
    likely: float,
) -> ComparisonRow:
    """One think tank's row: its sentences, and of its recommendations those not said already.

    Without sentences it is silent; `likely` is how likely it speaks. `reports` are all of the
    library; the row names its publisher's, newest first.
    """
    said = [content_words(s.text) for s in sentences]
    more: list[Sentence] = []
    for sentence in recommended:
        words = content_words(sentence.text)
        if all(overlap(words, other) <= SAME_WORDS for other in said):
            said.append(words)
            more.append(sentence)
    own = [r for r in reports if r.publisher == publisher]
    own.sort(key=lambda r: r.published or "", reverse=True)
    return ComparisonRow(
        publisher=publisher,
        found=bool(sentences),
        sentences=tuple(sentences),
        recommendations=tuple(more[:RECOMMENDATIONS]) if sentences else (),
        reports=tuple(f"{r.title}, {r.year}" if r.year else r.title for r in own),
        searched=hits.searched,
        nearest=() if sentences else tuple(hits[:NEAREST]),
        confidence=likely,
    )
