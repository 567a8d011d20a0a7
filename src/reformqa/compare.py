"""Think tanks side by side: each is searched on its own, and silence is said aloud."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from reformqa.likeness import letters
from reformqa.model import Hit, Recommendation, Report, Sentence
from reformqa.results import Comparison, ComparisonRow
from reformqa.retrieval import Hits

#: A publisher's hits on the question, and its hits among recommendations.
SearchPublisher = Callable[[str], tuple[Hits, Hits]]
#: Sentences chosen from hits.
ChooseFrom = Callable[[Sequence[Hit]], list[Sentence]]

#: How many recommendations a row shows.
RECOMMENDATIONS = 3
#: A recommendation is known by so many of its first letters.
OPENING = 40


def compare(
    question: str,
    reports: Sequence[Report],
    recommendations: Sequence[Recommendation],
    search_publisher: SearchPublisher,
    choose_from: ChooseFrom,
    near: Callable[[Hit], bool],
) -> Comparison:
    """A row for every publisher of the reports, by name.

    A publisher none of whose passages is `near` has a row that says so, with how many passages
    were searched.
    """
    rows = []
    for publisher in sorted({r.publisher for r in reports}):
        hits, recommending = search_publisher(publisher)
        speaking = [h for h in hits if near(h)]
        rows.append(
            ComparisonRow(
                publisher=publisher,
                found=bool(speaking),
                sentences=tuple(choose_from(speaking)) if speaking else (),
                recommendations=stated_in([h for h in recommending if near(h)], recommendations)[
                    :RECOMMENDATIONS
                ],
                reports=tuple(
                    f"{r.title}, {r.year}" if r.year else r.title
                    for r in reports
                    if r.publisher == publisher
                ),
                searched=hits.searched,
            )
        )
    return Comparison(question, tuple(rows))


def stated_in(
    hits: Sequence[Hit], recommendations: Sequence[Recommendation]
) -> tuple[Recommendation, ...]:
    """The recommendations that the hits' statements make, best first, once each.

    A statement of two reports is a recommendation of each.
    """
    of: dict[str, list[Recommendation]] = defaultdict(list)
    for recommendation in recommendations:
        for paragraph_id in (recommendation.stated, *recommendation.restated):
            of[paragraph_id].append(recommendation)
    meant = (
        recommendation
        for hit in hits
        for paragraph_id, text in (
            (hit.paragraph.id, hit.passage.text),
            *((copy.id, copy.text) for copy in hit.also),
        )
        for recommendation in _meant(text, of[paragraph_id])
    )
    return tuple(dict.fromkeys(meant))


def _meant(text: str, stated: Sequence[Recommendation]) -> Sequence[Recommendation]:
    """Of the recommendations in a paragraph (a table row may hold many), those in `text`."""
    if len(stated) < 2:
        return stated
    passage = letters(text)
    return [r for r in stated if letters(r.text)[:OPENING] in passage]
