"""Filters leave exactly what meets all of them, and say which left nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reformqa import Passage, QuestionError, UnknownNameError
from reformqa.search.filters import Filters, apply, known_name
from reformqa.storage.files.store import FilesStore
from support.makers import contents, opened, paragraph, report, towns

TOWNS = towns()
ROWS = len(TOWNS.passages)
REPORTS = {r.id: r for r in TOWNS.reports}
PARAGRAPHS = {p.id: p for r in TOWNS.reports for p in r.paragraphs}


def left(snapshot: FilesStore, **filters: object) -> list[str]:
    """The paragraphs that the filters leave, in order."""
    allowed = apply(snapshot, Filters(**filters))  # type: ignore[arg-type]
    mask = np.ones(ROWS, dtype=bool) if allowed.mask is None else allowed.mask
    assert allowed.count == np.count_nonzero(mask)
    return list(dict.fromkeys(TOWNS.passages[n].paragraph_id for n in np.flatnonzero(mask)))


def spaced(text: str) -> list[str]:
    """The words of a text, marks and capitals aside."""
    return "".join(c if c.isalnum() else " " for c in text.lower()).split()


def stands(phrase: str, text: str) -> bool:
    """Whether the words of the phrase follow each other in the text."""
    wanted, found = spaced(phrase), spaced(text)
    return any(found[n : n + len(wanted)] == wanted for n in range(len(found)))


def meets(passage: Passage, filters: Filters) -> bool:
    """What a filter means, read off the records."""
    of, place = REPORTS[passage.report_id], PARAGRAPHS[passage.paragraph_id]
    years = filters.published
    return (
        (not filters.publisher or of.publisher in filters.publisher)
        and (not filters.report or of.id in filters.report)
        and (not years or (of.year is not None and years[0] <= of.year <= years[1]))
        and (not filters.section or place.section_kind in filters.section)
        and (not filters.recommendations_only or passage.recommends)
        and all(stands(p, passage.text) for p in filters.phrases)
    )


def some(*names: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), max_size=2, unique=True).map(tuple)


@st.composite
def phrases(draw: st.DrawFn) -> str:
    """Some words in a row of some paragraph, perhaps in capitals."""
    words = draw(st.sampled_from(TOWNS.passages)).text.split()
    start = draw(st.integers(0, len(words) - 1))
    phrase = " ".join(words[start : start + draw(st.integers(1, 4))])
    return phrase.upper() if draw(st.booleans()) else phrase


FILTERS = st.builds(
    Filters,
    publisher=some("Bakers Guild", "Drivers", "Harbour Institute", "Quiet Press"),
    report=some("loaves", "trams", "harbours", "ovens", "hush"),
    published=st.none() | st.tuples(st.integers(2010, 2020), st.integers(2020, 2025)),
    section=some("summary", "chapter", "box", "annex", "conclusion"),
    recommendations_only=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(FILTERS)
def test_what_is_left_is_what_a_slow_look_at_the_records_leaves(town: FilesStore, filters: Filters):
    allowed = apply(town, filters)
    expected = [meets(p, filters) for p in TOWNS.passages]
    assert allowed.count == sum(expected)
    if all(expected):
        assert allowed.mask is None
    else:
        assert allowed.mask is not None
        assert allowed.mask.tolist() == expected
    assert (allowed.reason is None) == any(expected)


@settings(max_examples=200, deadline=None)
@given(FILTERS, st.lists(phrases(), min_size=1, max_size=2).map(tuple))
def test_phrases_leave_what_a_slow_look_at_the_texts_leaves(
    town: FilesStore, filters: Filters, quoted: tuple[str, ...]
):
    filters = replace(filters, phrases=quoted)
    # Amounts have tests of their own, and marks alone are no phrase.
    assume(not any(re.search(r"[\d|]", p) or not spaced(p) for p in quoted))
    allowed = apply(town, filters)
    expected = [meets(p, filters) for p in TOWNS.passages]
    mask = np.ones(ROWS, dtype=bool) if allowed.mask is None else allowed.mask
    assert mask.tolist() == expected
    assert (allowed.reason is None) == any(expected)


def test_no_filter_leaves_everything(town: FilesStore):
    allowed = apply(town, Filters())
    assert (allowed.mask, allowed.count, allowed.reason) == (None, ROWS, None)


def test_filters_that_everything_meets_leave_everything(town: FilesStore):
    every = Filters(publisher=town.publishers, section=town.section_kinds)
    assert apply(town, every).mask is None


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"publisher": ("Drivers",), "section": ("summary",)}, ["trams-1"]),
        ({"publisher": ("  drivers ",), "section": ("SUMMARY",)}, ["trams-1"]),
        ({"report": ("TRAMS",), "section": ("box",)}, []),
        ({"report": ("HARBOURS",), "section": ("summary", "conclusion")}, ["harbours-5"]),
        ({"published": (2023, 2023), "section": ("summary",)}, ["ovens-1", "ovens-2"]),
        ({"published": (2014, 2014), "recommendations_only": True}, ["loaves-1", "loaves-3"]),
        ({"phrases": ("stone crock",)}, ["loaves-2"]),
        ({"phrases": ("before dawn",)}, ["loaves-5", "trams-2"]),
        ({"phrases": ("before dawn",), "publisher": ("Drivers",)}, ["trams-2"]),
        ({"phrases": ("cold ovens", "learn the trade"), "report": ("trams",)}, ["trams-6"]),
    ],
)
def test_filters_hold_together(town: FilesStore, filters: dict[str, object], expected: list[str]):
    assert left(town, **filters) == expected


EMPTY = {
    "publisher": (
        {"publisher": ("Quiet Press",)},
        "publisher: Quiet Press has no passage to search.",
    ),
    "report": (
        {"publisher": ("Drivers",), "report": ("loaves", "ovens")},
        "report: loaves, ovens is by Bakers Guild.",
    ),
    "year": (
        {"published": (1999, 2001)},
        "year: 1999 to 2001, but the reports are of 2014, 2020, 2021, 2023.",
    ),
    "year of a publisher": (
        {"publisher": ("Bakers Guild",), "published": (2020, 2021)},
        "year: 2020 to 2021, but the reports are of 2014, 2023.",
    ),
    "year unknown": (
        {"report": ("harbours",), "published": (2000, 2030)},
        "year: 2000 to 2030, but no report has a year.",
    ),
    "section": (
        {"report": ("ovens",), "section": ("annex", "box")},
        "section: no annex, box in those reports.",
    ),
    "recommendations": (
        {"section": ("box",), "recommendations_only": True},
        "recommendations: none was found there.",
    ),
}


@pytest.mark.parametrize(("filters", "said"), EMPTY.values(), ids=EMPTY)
def test_the_reason_names_the_filter_that_left_nothing_and_what_is_there(
    town: FilesStore, filters: dict[str, object], said: str
):
    allowed = apply(town, Filters(**filters))  # type: ignore[arg-type]
    assert allowed.mask is not None
    assert (allowed.count, allowed.mask.any()) == (0, False)
    assert allowed.reason == f"Nothing is left to search by the filter on {said}"


ONE_EACH = {
    "publisher": {"publisher": ("Drivers",)},
    "report": {"report": ("loaves",)},
    "published": {"published": (2023, 2025)},
    "section": {"section": ("conclusion",)},
    "recommendations": {"recommendations_only": True},
    "phrases": {"phrases": ("fish market",)},
}


@pytest.mark.parametrize("pair", [*combinations(ONE_EACH, 2)], ids="+".join)
def test_two_filters_that_nothing_meets_together_leave_nothing(
    town: FilesStore, pair: tuple[str, str]
):
    first, second = (ONE_EACH[name] for name in pair)
    both = [n for n in left(town, **first) if n in left(town, **second)]
    assert left(town, **first)
    assert left(town, **second)
    assert left(town, **first, **second) == both
    if not both:
        reason = apply(town, Filters(**first, **second)).reason
        assert reason is not None
        assert reason.startswith("Nothing is left to search")


@pytest.mark.parametrize(
    ("filters", "what", "near"),
    [
        ({"publisher": ("Driver",)}, "publisher", ["Drivers"]),
        ({"publisher": ("Drivers", "Baker Guild")}, "publisher", ["Bakers Guild"]),
        ({"report": ("harbour",)}, "report", ["harbours"]),
        ({"section": ("sumary",)}, "section kind", ["summary"]),
        ({"section": ("references",)}, "section kind", []),
        ({"publisher": ("",)}, "publisher", []),
    ],
)
def test_a_name_that_nothing_bears_is_refused_with_near_ones(
    town: FilesStore, filters: dict[str, object], what: str, near: list[str]
):
    with pytest.raises(UnknownNameError, match=f"No {what} is called") as error:
        apply(town, Filters(**filters))  # type: ignore[arg-type]
    assert error.value.near == near


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"section": ("sumary",)}, UnknownNameError),
        ({"published": (2023, 2014)}, QuestionError),
    ],
)
def test_a_wrong_filter_is_refused_even_where_another_leaves_nothing(
    town: FilesStore, wrong: dict[str, object], error: type[Exception]
):
    none = {"publisher": ("Drivers",), "report": ("loaves",)}
    assert left(town, **none) == []
    with pytest.raises(error):
        left(town, **none, **wrong)


@pytest.mark.parametrize("name", ["Drivers", " drivers ", "DRIVERS"])
def test_a_name_is_known_in_any_capitals(name: str):
    assert known_name("publisher", name, ("Bakers Guild", "Drivers")) == "Drivers"


def test_years_that_run_backwards_are_refused(town: FilesStore):
    with pytest.raises(QuestionError, match="2023 to 2014 run backwards"):
        apply(town, Filters(published=(2023, 2014)))


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("heart of a town", ["loaves-8"]),
        ("HEART, of a—town!", ["loaves-8"]),
        ("the stone", []),
        ("crock stone", []),
        ("he art", []),
        ("hear", []),
        ("art of a town", []),
        ("ovens", ["loaves-1", "loaves-3", "loaves-7", "trams-6"]),
        ("oven", ["loaves-8", "ovens-1", "ovens-2", "ovens-4"]),
        ("of a", ["loaves-8"]),
        ("it", ["trams-7", "harbours-2"]),
        ("zeppelin", []),
        ("spent £41 billion on stoves", ["loaves-6"]),
        ("£41bn", []),
        ("41 passengers", ["trams-7"]),
        ("38 per cent of ovens", ["loaves-7"]),
    ],
)
def test_a_phrase_stands_word_for_word(town: FilesStore, phrase: str, expected: list[str]):
    assert left(town, phrases=(phrase,)) == expected


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("per cent of ovens", ["loaves-7"]),
        ("billion on stoves", ["loaves-6"]),
        ("spent £41", ["loaves-6"]),
        ("only 38", ["loaves-7"]),
    ],
)
def test_a_phrase_may_begin_or_end_within_an_amount(
    town: FilesStore, phrase: str, expected: list[str]
):
    assert left(town, phrases=(phrase,)) == expected


def test_a_phrase_that_stands_nowhere_leaves_nothing_and_is_named(town: FilesStore):
    allowed = apply(town, Filters(publisher=("Drivers",), phrases=("before dawn", "stone crock")))
    assert allowed.count == 0
    assert allowed.reason == (
        "Nothing is left to search: the words “stone crock” do not stand there in this order."
    )


def test_a_phrase_is_looked_for_in_what_is_shown_and_not_in_its_heading(
    encoder: Path, tmp_path: Path
):
    told = paragraph("Rye keeps well.", section_path=("Stone crocks",))
    snapshot = opened(tmp_path, contents([report(told)]), encoder)
    assert apply(snapshot, Filters(phrases=("rye keeps",))).count == 1
    assert apply(snapshot, Filters(phrases=("stone crocks",))).count == 0
