"""Paragraphs that state the same are one group, as comparing every pair would find."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa import Recommendation
from reformqa.ingest import duplicates
from reformqa.ingest.duplicates import COMMON, Restatements
from support.makers import restatements

STATED = (
    "Every harbour should have a tram that runs to the market each morning, and a baker whose oven"
    " is lit before the first tram comes."
)


def group(*texts: str, recommendations: Sequence[Recommendation] = ()) -> list[int]:
    made = {f"p{n}": text for n, text in enumerate(texts)}
    return list(restatements(made, recommendations).values())


def together(groups: Sequence[int]) -> set[tuple[int, int]]:
    """The pairs of positions that are in one group."""
    return {(a, b) for a, b in combinations(range(len(groups)), 2) if groups[a] == groups[b]}


def recommendation(text: str, stated: str, *restated: str) -> Recommendation:
    return Recommendation("made-rec-1", "made", None, text, (), (), stated, restated)


def test_no_paragraph_is_no_group():
    assert group() == []
    assert group(recommendations=[recommendation("Weigh it.", "p0", "p1")]) == []


@pytest.mark.parametrize(
    "copy",
    [
        STATED,
        STATED.upper(),
        STATED.replace(",", " –").replace(".", ""),
        STATED.replace("each morning", "every morning"),
        STATED.replace("a baker whose oven is", "bakers whose ovens are"),
        f"{STATED} So we say.",
        f"1. {STATED}",
    ],
)
def test_a_statement_and_its_copy_are_one_group(copy: str):
    groups = group("Rain is wet.", STATED, "Bread rises where it is warm.", copy)
    assert together(groups) == {(1, 3)}


@pytest.mark.parametrize(
    "other",
    [
        "Bread rises in a warm kitchen, and trams run to the harbour when the day is young.",
        "Every harbour should have a mill.",
        f"{STATED} And there is a great deal more to say of ropes and sails, of mills and their"
        " millers, of rye that is sown in the autumn and of what the gulls leave of it in spring.",
        "every harbour should",
        "",
    ],
)
def test_statements_that_differ_are_two_groups(other: str):
    assert together(group(STATED, other)) == set()


def test_short_paragraphs_are_one_group_only_where_equal():
    groups = group("Rye bread.", "rye bread", "Rye loaf.", "Rye.", "Rye", "A rye bread.")
    assert together(groups) == {(0, 1), (3, 4)}


def test_paragraphs_without_letters_state_nothing_alike():
    assert together(group("…", "—", "•")) == set()


def test_groups_are_joined_by_what_is_between_them():
    """A like B, B like C: one group, though A and C share too little."""
    words = [f"word{n}" for n in range(60)]
    first, between, last = (" ".join(words[n : n + 30]) for n in (0, 9, 18))
    assert together(group(first, last)) == set()
    assert together(group(first, last, between)) == {(0, 1), (0, 2), (1, 2)}
    assert together(group(between, first, last)) == {(0, 1), (0, 2), (1, 2)}


def test_a_group_bears_the_number_of_its_first():
    assert group("Rain.", STATED, "Rye.", STATED, "Rain") == [0, 1, 2, 1, 0]


# ---- recommendations ----------------------------------------------------------------------------


def test_copies_of_a_recommendation_are_one_group_whatever_their_words():
    stated = recommendation("Light the oven before dawn.", "p1", "p3", "p4")
    groups = group(
        *("Rain.", "Light the oven before dawn.", "Rye.", "Ovens: lit by dawn", "Lit by dawn!"),
        recommendations=[stated],
    )
    assert together(groups) == {(1, 3), (1, 4), (3, 4)}


def test_a_long_row_that_holds_a_recommendation_is_no_copy():
    row = "Ovens | Light the oven before dawn. | baker | 5 | now | all bakers of the harbour | rye"
    stated = recommendation("Light the oven before dawn.", "p0", "p1", "p2")
    groups = group("Light the oven before dawn.", row, "Dawn ovens.", recommendations=[stated])
    assert together(groups) == {(0, 2)}


@pytest.mark.parametrize(("length", "copied"), [(15, True), (16, True), (17, False)])
def test_a_copy_is_about_as_long_as_what_it_copies(length: int, copied: bool):
    text = " ".join(f"rye{n}" for n in range(10))
    copy = " ".join(f"oat{n}" for n in range(length))
    groups = group(text, copy, recommendations=[recommendation(text, "p0", "p1")])
    assert together(groups) == ({(0, 1)} if copied else set())


def test_a_recommendation_of_paragraphs_that_are_not_searched_joins_the_rest():
    stated = recommendation("Light the oven.", "elsewhere", "p0", "gone", "p1")
    assert together(group("Lit ovens.", "Ovens lit.", "Rye.", recommendations=[stated])) == {(0, 1)}


def test_recommendations_alike_join_their_groups():
    stated = [recommendation("Light it.", "p0", "p1"), recommendation("Light it.", "p2", "p3")]
    groups = group("Lit 1.", "Lit 2.", "Lit 3.", "Lit 4.", recommendations=stated)
    assert together(groups) == {(0, 1), (2, 3)}
    joined = [*stated, recommendation("Light it.", "p1", "p2")]
    assert len(set(group("Lit 1.", "Lit 2.", "Lit 3.", "Lit 4.", recommendations=joined))) == 1


# ---- a slow twin --------------------------------------------------------------------------------


def slow_groups(texts: Sequence[str]) -> list[int]:
    """Every pair compared, and groups joined until nothing changes."""
    words = [
        [w for w in ("".join(c for c in part.lower() if c.isalnum()) for part in text.split()) if w]
        for text in texts
    ]
    runs = [{tuple(w[n : n + 4]) for n in range(len(w) - 3)} for w in words]
    groups = list(range(len(texts)))
    changed = True
    while changed:
        changed = False
        for a, b in combinations(range(len(texts)), 2):
            most = max(len(runs[a]), len(runs[b]))
            alike = most and 2 * len(runs[a] & runs[b]) >= most
            equal = bool(words[a]) and words[a] == words[b]
            if groups[a] != groups[b] and (equal or alike):
                groups[a] = groups[b] = min(groups[a], groups[b])
                changed = True
    return groups


CLAUSES = st.sampled_from(
    [
        "the baker lights the oven",
        "a tram runs to the harbour",
        "the tram is late, as ever,",
        "bread rises in the warm",
        "nobody mends the roof of the mill",
        "and so",
        "Rye –",
        "rye",
    ]
)
TEXTS = st.lists(st.lists(CLAUSES, max_size=6).map(" ".join), max_size=12)


@given(TEXTS)
def test_groups_are_those_of_comparing_every_pair(texts: list[str]):
    assert group(*texts) == slow_groups(texts)


@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_paragraphs_changes_no_group(texts: list[str], random):
    order = list(range(len(texts)))
    random.shuffle(order)
    turned = group(*(texts[n] for n in order))
    of = dict(zip(order, turned, strict=True))
    assert together([of[n] for n in range(len(texts))]) == together(group(*texts))


@given(st.lists(TEXTS, max_size=4), st.sampled_from([1, 5, 50]))
def test_groups_of_reports_sorted_on_the_disk_are_those_of_comparing_every_pair(
    reports: list[list[str]], sorted_: int
):
    with TemporaryDirectory() as name, closing(Restatements(Path(name), sorted_=sorted_)) as found:
        for texts in reports:
            found.add({f"p{n}": text for n, text in enumerate(texts)}, [])
        assert found.groups().tolist() == slow_groups([t for texts in reports for t in texts])


def test_pairs_counted_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch):
    texts = [f"{STATED} {n} {n + 1} {n + 2}" for n in range(40)] + ["Rye."] * 3
    whole = group(*texts)
    assert len(set(whole)) == 2
    for pairs in (1, 7, 100):
        monkeypatch.setattr(duplicates, "_PAIRS", pairs)
        assert group(*texts) == whole


def test_a_recommendation_joins_the_paragraphs_of_its_own_report(tmp_path: Path):
    """Paragraphs are numbered through; ids are those of the report."""
    with closing(Restatements(tmp_path)) as found:
        found.add({"a": "Rye.", "b": "Oats."}, [])
        found.add({"c": "Lit ovens.", "d": "Ovens lit."}, [recommendation("Light it.", "c", "d")])
        assert found.groups().tolist() == [0, 1, 2, 2]


# ---- runs that are everywhere -------------------------------------------------------------------


def boilerplate(number: int) -> str:
    """Half a text that all share, and half of its own."""
    own = " ".join(f"loaf{number}x{n}" for n in range(8))
    return f"this page is left blank for the notes of the baker and his men {own}"


def test_runs_in_few_paragraphs_join_them():
    assert len(set(group(*map(boilerplate, range(COMMON))))) == 1


def test_runs_in_many_paragraphs_join_none():
    assert together(group(*map(boilerplate, range(COMMON + 1)))) == set()


def test_equal_paragraphs_are_one_group_however_many():
    assert len(set(group(*[STATED] * (2 * COMMON)))) == 1


def test_equal_paragraphs_do_not_make_their_runs_common():
    copy = STATED.replace("each morning", "every morning")
    assert len(set(group(*[STATED] * (2 * COMMON), copy))) == 1
