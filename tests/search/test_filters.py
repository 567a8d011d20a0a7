"""Filters leave exactly what meets all of them, and say which left nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reformqa import Passage, QuestionError, UnknownNameError
from reformqa.search.filters import exact, known_name, make_filters, narrow, why_empty
from reformqa.search.query import parse_query
from reformqa.storage.base import EncodedQuery, Filters, Request, Store
from reformqa.storage.files.store import FilesStore
from reformqa.text.tokens import tokens
from support.asking import packaged_models, town_in_memory
from support.makers import contents, in_memory, paragraph, report, towns
from support.models import small_models

TOWNS = towns()
EVERYTHING = len(TOWNS.passages)
REPORTS = {r.id: r for r in TOWNS.reports}
PARAGRAPHS = {p.id: p for r in TOWNS.reports for p in r.paragraphs}
#: The kinds of store, which must leave the same.
STORES = ("files", "memory")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, town: FilesStore) -> Store:
    """The made reports, in each kind of store."""
    return town if request.param == "files" else town_in_memory()


@lru_cache
def anything() -> EncodedQuery:
    """A question whose candidates, if as many as there are may come, are all that is left."""
    (encoding,) = packaged_models().encoder.encode_tokens(["rye"], "question")
    return EncodedQuery((encoding,), (("rye",),))


def passages_left(store: Store, where: Filters) -> list[Passage]:
    """The passages that the filters leave, in order."""
    where = exact(store, where)
    (found,) = store.candidates([Request(anything(), where, EVERYTHING, EVERYTHING)])
    assert store.count([where]) == [len(found)]
    by_id = {p.id: p for p in TOWNS.passages}
    return [by_id[i] for i in found]


def left(store: Store, **filters: object) -> list[str]:
    """The paragraphs that the filters leave, in order."""
    passages = passages_left(store, Filters(**filters))  # type: ignore[arg-type]
    return list(dict.fromkeys(p.paragraph_id for p in passages))


def reason(store: Store, where: Filters) -> str | None:
    return why_empty(store, [exact(store, where)])[0]


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
        and set(filters.terms) <= set(tokens(passage.indexed))
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


@settings(max_examples=200, deadline=None)
@given(FILTERS)
def test_what_is_left_is_what_a_slow_look_at_the_records_leaves(store: Store, filters: Filters):
    expected = [p for p in TOWNS.passages if meets(p, filters)]
    assert passages_left(store, filters) == expected
    assert (reason(store, filters) is None) == bool(expected)


@settings(max_examples=100, deadline=None)
@given(FILTERS, st.lists(phrases(), min_size=1, max_size=2).map(tuple))
def test_phrases_leave_what_a_slow_look_at_the_texts_leaves(
    store: Store, filters: Filters, quoted: tuple[str, ...]
):
    filters = replace(filters, phrases=quoted)
    # Amounts have tests of their own, and marks alone are no phrase.
    assume(not any(re.search(r"[\d|]", p) or not spaced(p) for p in quoted))
    expected = [p for p in TOWNS.passages if meets(p, filters)]
    assert passages_left(store, filters) == expected
    assert (reason(store, filters) is None) == bool(expected)


def test_no_filter_leaves_everything(store: Store):
    assert passages_left(store, Filters()) == list(TOWNS.passages)
    assert reason(store, Filters()) is None


def test_filters_that_everything_meets_leave_everything(store: Store):
    publishers = tuple(sorted({r.publisher for r in TOWNS.reports}))
    every = Filters(publisher=publishers, section=store.section_kinds())
    assert passages_left(store, every) == list(TOWNS.passages)


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
def test_filters_hold_together(store: Store, filters: dict[str, object], expected: list[str]):
    assert left(store, **filters) == expected


EMPTY = {
    "publisher": (
        {"publisher": ("Quiet Press",)},
        "Quiet Press has no passage to search (filter on publisher).",
    ),
    "report": (
        {"publisher": ("Drivers",), "report": ("loaves", "ovens")},
        "loaves, ovens is by Bakers Guild (filter on report).",
    ),
    "year": (
        {"published": (1999, 2001)},
        "1999 to 2001, but the reports are of 2014, 2020, 2021, 2023 (filter on year).",
    ),
    "year of a publisher": (
        {"publisher": ("Bakers Guild",), "published": (2020, 2021)},
        "2020 to 2021, but the reports are of 2014, 2023 (filter on year).",
    ),
    "year unknown": (
        {"report": ("harbours",), "published": (2000, 2030)},
        "2000 to 2030, but no report has a year (filter on year).",
    ),
    "section": (
        {"report": ("ovens",), "section": ("annex", "box")},
        "no annex, box in those reports (filter on section).",
    ),
    "recommendations": (
        {"section": ("box",), "recommendations_only": True},
        "no recommendation was found there.",
    ),
    "phrase": (
        {"publisher": ("Drivers",), "phrases": ("before dawn", "stone crock")},
        "the words “stone crock” do not occur there in this order.",
    ),
}


@pytest.mark.parametrize(("filters", "said"), EMPTY.values(), ids=EMPTY)
def test_the_reason_names_the_filter_that_left_nothing_and_what_is_there(
    store: Store, filters: dict[str, object], said: str
):
    where = Filters(**filters)  # type: ignore[arg-type]
    assert passages_left(store, where) == []
    assert reason(store, where) == f"Nothing is left to search: {said}"


def test_the_reasons_for_several_filters_come_in_their_order(store: Store):
    wheres = [Filters(**filters) for filters, _ in EMPTY.values()]  # type: ignore[arg-type]
    wheres.insert(2, Filters(publisher=("Drivers",)))
    expected: list[str | None] = [f"Nothing is left to search: {s}" for _, s in EMPTY.values()]
    expected.insert(2, None)
    assert why_empty(store, wheres) == expected
    assert why_empty(store, []) == []


ONE_EACH = {
    "publisher": {"publisher": ("Drivers",)},
    "report": {"report": ("loaves",)},
    "published": {"published": (2023, 2025)},
    "section": {"section": ("conclusion",)},
    "recommendations": {"recommendations_only": True},
    "phrases": {"phrases": ("fish market",)},
}


@pytest.mark.parametrize("pair", [*combinations(ONE_EACH, 2)], ids="+".join)
def test_two_filters_that_nothing_meets_together_leave_nothing(store: Store, pair: tuple[str, str]):
    first, second = (ONE_EACH[name] for name in pair)
    both = [n for n in left(store, **first) if n in left(store, **second)]
    assert left(store, **first)
    assert left(store, **second)
    assert left(store, **first, **second) == both
    why = reason(store, Filters(**first, **second))  # type: ignore[arg-type]
    assert (why is not None) == (not both)


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
    store: Store, filters: dict[str, object], what: str, near: list[str]
):
    with pytest.raises(UnknownNameError, match=f"No {what} is called") as error:
        exact(store, Filters(**filters))  # type: ignore[arg-type]
    assert error.value.near == near


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"section": ("sumary",)}, UnknownNameError),
        ({"published": (2023, 2014)}, QuestionError),
    ],
)
def test_a_wrong_filter_is_refused_even_where_another_leaves_nothing(
    store: Store, wrong: dict[str, object], error: type[Exception]
):
    none = {"publisher": ("Drivers",), "report": ("loaves",)}
    assert left(store, **none) == []
    with pytest.raises(error):
        left(store, **none, **wrong)


@pytest.mark.parametrize("name", ["Drivers", " drivers ", "DRIVERS"])
def test_a_name_is_known_in_any_capitals(name: str):
    assert known_name("publisher", name, ("Bakers Guild", "Drivers")) == "Drivers"


def test_years_that_run_backwards_are_refused(store: Store):
    with pytest.raises(QuestionError, match="2023 to 2014 run backwards"):
        exact(store, Filters(published=(2023, 2014)))


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
def test_a_phrase_stands_word_for_word(store: Store, phrase: str, expected: list[str]):
    assert left(store, phrases=(phrase,)) == expected


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("per cent of ovens", ["loaves-7"]),
        ("billion on stoves", ["loaves-6"]),
        ("spent £41", ["loaves-6"]),
        ("only 38", ["loaves-7"]),
    ],
)
def test_a_phrase_may_begin_or_end_within_an_amount(store: Store, phrase: str, expected: list[str]):
    assert left(store, phrases=(phrase,)) == expected


def test_a_phrase_is_looked_for_in_what_is_shown_and_not_in_its_heading():
    told = paragraph("Rye keeps well.", section_path=("Stone crocks",))
    store = in_memory(contents([report(told)]), small_models())
    phrases = [Filters(phrases=(phrase,)) for phrase in ("rye keeps", "stone crocks")]
    assert store.count(phrases) == [1, 0]


# ---- from names to filters ----------------------------------------------------------------------


def test_names_and_years_are_given_singly_or_together():
    assert make_filters("Drivers", None, 2020, ["box", "annex"]) == Filters(
        publisher=("Drivers",), published=(2020, 2020), section=("box", "annex")
    )
    assert make_filters(["A", "B"], "r", (2014, 2020), recommendations_only=True) == Filters(
        publisher=("A", "B"), report=("r",), published=(2014, 2020), recommendations_only=True
    )
    assert make_filters() == Filters()


@pytest.mark.parametrize(
    ("question", "given_", "narrowed"),
    [
        ("What do the Drivers say?", Filters(), Filters(publisher=("Drivers",))),
        ("Who bakes in Bread in Towns?", Filters(), Filters(report=("loaves",))),
        ("What do the Drivers say?", Filters(report=("ovens",)), Filters(report=("ovens",))),
        (
            "What do the Drivers say?",
            Filters(publisher=("Quiet Press",)),
            Filters(publisher=("Quiet Press",)),
        ),
        ('Who rests "before dawn"?', Filters(), Filters(phrases=("before dawn",))),
        ("Who rests?", Filters(published=(2020, 2020)), Filters(published=(2020, 2020))),
    ],
)
def test_a_question_narrows_only_what_the_caller_left_open(
    question: str, given_: Filters, narrowed: Filters
):
    assert narrow(parse_query(question, TOWNS.reports), given_) == narrowed
