"""Years of publication are told from the years that a question is about."""

from __future__ import annotations

import pytest

from reformqa import QuestionError
from reformqa.search.filters import make_filters
from reformqa.search.query import Reader
from reformqa.search.years import FIRST, LAST
from support.makers import by, report

SHELF = (
    by("Institute for Waterways", published="2019-03"),
    by("Harbour Society", published="2023-05"),
    by("Market Forum", published="2022-01"),
)
READER = Reader(SHELF)


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("What did Market Forum say in 2022 about tolls?", (2022, 2022)),
        ("What did the Institute for Waterways say about keepers' pay in 2019?", (2019, 2019)),
        ("In 2019, what did the Institute for Waterways want?", (2019, 2019)),
        ("reports since 2022 on tolls", (2022, LAST)),
        ("papers published before 2020 on locks", (FIRST, 2019)),
        ("papers after 2020 on locks", (2021, LAST)),
        ("What has been recommended on tolls since 2020?", (2020, LAST)),
        ("What have think tanks said about tolls since 2022?", (2022, LAST)),
        ("How did the think tanks' views change between 2019 and 2023?", (2019, 2023)),
        ("reports from 2019 to 2022 on tolls", (2019, 2022)),
        ("Which recommendations has Market Forum made since 2020?", (2020, LAST)),
        ("What share of firms shipped by water in 2019?", None),
        ("How many locks have closed since 2010?", None),
        ("What does Market Forum say about tolls in 2022?", None),
        ("What did Market Forum say about tolls in 1850?", None),
        ("How did trade grow between 2010 and 2019?", None),
    ],
)
def test_the_years_of_publication_are_those_of_the_saying(
    question: str, years: tuple[int, int] | None
):
    asked = READER.parse(question)
    assert asked.published == years
    shown = [str(y) for y in years or () if y not in (FIRST, LAST)]
    assert not any(y in asked.topic for y in shown)


def test_the_latest_report_is_that_of_the_publisher_asked():
    shelf = [by("A Press", published=y) for y in ("2019", "2024")]
    ids = [f"r{n}" for n in range(2)]
    held = [
        report(id=i, publisher="A Press", title="untitled", published=r.published)
        for i, r in zip(ids, shelf, strict=True)
    ]
    assert Reader(held).parse("What does A Press's latest report say about tolls?").reports == (
        "r1",
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (2020, (2020, 2020)),
        ((2014, 2020), (2014, 2020)),
        ((2020, None), (2020, LAST)),
        ((None, 2014), (FIRST, 2014)),
        ((None, None), None),
        (None, None),
    ],
)
def test_a_range_of_years_may_be_open(given, expected):
    assert make_filters(published=given).published == expected


@pytest.mark.parametrize("given", ["2020", ("2019", "2020"), (2019,), (1, 2, 3), 2019.5])
def test_what_is_no_range_of_years_is_refused_with_how_to_ask(given):
    with pytest.raises(QuestionError, match=r"\(2020, None\)"):
        make_filters(published=given)
