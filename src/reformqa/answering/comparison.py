"""Think tanks side by side: each is asked on its own, and silence is stated.

Nothing here claims that two agree or differ: a row has what one says, in its own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reformqa.answering.results import ComparisonRow
from reformqa.answering.selection import SAME_WORDS
from reformqa.model import ReportInfo, Sentence
from reformqa.search.hits import Hits
from reformqa.text.similarity import content_words, overlap

#: The recommendations that a row shows.
RECOMMENDATIONS = 3
#: The nearest passages that are shown if nothing answers.
NEAREST = 3


def make_row(
    publisher: str,
    reports: Iterable[ReportInfo],
    hits: Hits,
    sentences: Sequence[Sentence],
    recommended: Sequence[Sentence],
    likely: float,
) -> ComparisonRow:
    """Return a publisher's row: its sentences, and those recommendations not said already.

    Without sentences it is silent; `likely` is the probability that it speaks. `reports` are all of
    the library; the row names its publisher's, newest first.
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
        nearest=() if sentences else hits[:NEAREST],
        confidence=likely,
    )
