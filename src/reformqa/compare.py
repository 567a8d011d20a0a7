"""Think tanks side by side: each is searched on its own, and silence is said aloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reformqa.model import Comparison, ComparisonRow, Hit, Recommendation, Report, Sentence
from reformqa.retrieval import Hits

#: A publisher's hits on the question, and its hits among recommendations.
SearchPublisher = Callable[[str], tuple[Hits, Hits]]
#: Sentences chosen from hits.
ChooseFrom = Callable[[Sequence[Hit]], list[Sentence]]

#: How many recommendations a row shows.
RECOMMENDATIONS = 3


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
    """The recommendations that the hits' paragraphs state or restate, best first, once each."""
    of = {p: r for r in recommendations for p in (*r.restated, r.stated)}
    found = (of.get(h.paragraph.id) for h in hits)
    return tuple(dict.fromkeys(r for r in found if r))
