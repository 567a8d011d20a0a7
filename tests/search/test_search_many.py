"""Many questions at once find what each finds alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformqa import Hits, Library, QuestionError, Settings, UnknownNameError
from reformqa.evaluation.metrics import read_questions
from reformqa.storage.files.store import FilesStore

QUESTIONS = (
    "Who lends cold ovens?",
    "What do the Drivers say about dawn?",
    "What does the Bakers Guild say about dawn?",
    "What does the Harbour Institute say about dawn?",
    "What does Bread in Towns say about the harbour?",
    "What is Recommendation 3?",
    "Who spent £41bn?",
    'Who writes "before dawn"?',
    'Who writes "zeppelins at noon"?',
    "What does Quiet Press say about dawn?",
    "How do kids learn to bake?",
    "dawn",
    "Where do the think tanks stand on fares?",
)


@pytest.fixture(scope="module")
def made(town: FilesStore) -> Library:
    """The library of the made towns."""
    return Library(town, Settings())


def same(many: Sequence[Hits], singly: Sequence[Hits]) -> None:
    """The same hits: ids, scores, ranks of legs, copies, and what was searched."""
    assert len(many) == len(singly)
    for found, alone in zip(many, singly, strict=True):
        assert [h.paragraph.id for h in found] == [h.paragraph.id for h in alone]
        assert [h.score for h in found] == pytest.approx([h.score for h in alone], abs=1e-4)
        assert [h.similarity for h in found] == pytest.approx(
            [h.similarity for h in alone], abs=1e-4
        )
        assert [list(h.legs) for h in found] == [list(h.legs) for h in alone]
        assert [(h.also, h.terms) for h in found] == [(h.also, h.terms) for h in alone]
        assert (found.searched, found.reason) == (alone.searched, alone.reason)


FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"limit": 3},
    {"limit": 40},
    {"publisher": "Drivers"},
    {"publisher": ["Drivers", "Bakers Guild"], "section": "chapter"},
    {"report": "loaves"},
    {"published": (2014, 2020)},
    {"published": 1999},
    {"recommendations_only": True},
)


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_many_questions_find_what_each_finds_alone(
    made: Library, town: FilesStore, filters: dict[str, Any]
):
    alone = Library(town, Settings())  # one that has not seen these questions
    singly = [alone.search(question, **filters) for question in QUESTIONS]
    same(made.search_many(QUESTIONS, **filters), singly)
    same(Library(town, Settings()).search_many(QUESTIONS, **filters), singly)


def test_each_question_is_answered_by_whom_it_names(made: Library):
    found = made.search_many(QUESTIONS)
    assert {h.publisher for h in found[1]} == {"Drivers"}
    assert {h.publisher for h in found[2]} == {"Bakers Guild"}
    assert {h.publisher for h in found[3]} == {"Harbour Institute"}
    assert {h.paragraph.report_id for h in found[4]} == {"loaves"}
    assert all("before dawn" in h.passage.text for h in found[7])
    assert [bool(hits.reason) for hits in found] == [n in (8, 9) for n in range(len(QUESTIONS))]


def test_a_filter_that_is_given_goes_before_the_names_in_the_questions(made: Library):
    for found in made.search_many(QUESTIONS[:7], publisher="Drivers"):
        assert {h.publisher for h in found} == {"Drivers"}
        assert found.searched == made.counts("trams")["passages"]


def test_no_question_finds_nothing(made: Library):
    assert made.search_many([]) == []


def test_a_question_that_is_repeated_is_answered_each_time(made: Library):
    questions = ["Who lends cold ovens?", "dawn", "Who lends cold ovens?"]
    first, other, second = made.search_many(questions)
    assert first == second
    assert first
    assert first != other
    same([first], [made.search(questions[0])])


def test_the_order_of_the_questions_is_the_order_of_the_hits(made: Library):
    forward, backward = made.search_many(QUESTIONS), made.search_many(QUESTIONS[::-1])
    same(forward, backward[::-1])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(QUESTIONS), max_size=6), st.sampled_from(FILTERS))
def test_any_run_of_questions_finds_what_each_finds_alone(
    made: Library, questions: list[str], filters: dict[str, Any]
):
    same(made.search_many(questions, **filters), [made.search(q, **filters) for q in questions])


@pytest.mark.parametrize(
    ("questions", "filters", "error"),
    [
        (["rye", " "], {}, QuestionError),
        (["rye", "x" * 3_000], {}, QuestionError),
        (["rye"], {"limit": 0}, QuestionError),
        (["rye"], {"published": (2020, 2014)}, QuestionError),
        (["rye", "dawn"], {"publisher": "Driver"}, UnknownNameError),
    ],
)
def test_one_wrong_request_is_refused(
    made: Library, questions: list[str], filters: dict[str, Any], error: type[Exception]
):
    with pytest.raises(error):
        made.search_many(questions, **filters)


def test_nothing_left_to_search_is_told_for_each_question(made: Library):
    found = made.search_many(["rye", "dawn"], published=1999)
    assert [list(hits) for hits in found] == [[], []]
    assert all(hits.reason and "1999" in hits.reason for hits in found)
    assert sum(hits.searched for hits in found) == 0


def test_the_gold_questions_find_together_what_each_finds_alone(
    reports_library: Library, reports_index: Path, shared: Path
):
    files = sorted((shared / "gold").glob("*-*.jsonl"))
    questions = [q.text for q in read_questions([f for f in files if "sets" not in f.name])][::3]
    alone = [reports_library.search(q) for q in questions]
    together = Library.open(reports_index, Settings()).search_many(questions)
    assert len(questions) > 20
    for found, one in zip(together, alone, strict=True):
        assert [h.score for h in found] == pytest.approx([h.score for h in one], abs=1e-4)
        assert found[0].paragraph.id == one[0].paragraph.id
