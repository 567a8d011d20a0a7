"""A question that takes for granted what the reports contradict is refused by that premise."""

from __future__ import annotations

import pytest

from reformqa.answering.premises import any_prints, contradicted, denied
from reformqa.model import Recommendation
from reformqa.search.filters import exact, narrow
from reformqa.search.query import parse_query
from reformqa.search.retriever import Search
from reformqa.storage.base import Filters
from reformqa.storage.memory import MemoryStore
from support.asking import retriever_of
from support.makers import by, contents, hit, in_memory, paragraph, report
from support.models import exported

MILLS = (
    "The plan rests on three plain aims: silt, locks and light.",
    "A mill must pass the ten tests of this list before it may open.",
    "There are four maxims of keeping a lock, and the second maxim is the oldest.",
    "The Night Mill grinds for nine villages around Harwick.",
    "The Lock Reform Unit would sit in the harbour office.",
)
ELSEWHERE = (
    "Trams in Seaton run late.",
    "A Ferry Review Board should be set up, with a levy on wet cargo.",
)


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    held = []
    for name, texts in (("mills", MILLS), ("ferries", ELSEWHERE)):
        told = [
            paragraph(text, id=f"{name}-{n}", report_id=name, number=n)
            for n, text in enumerate(texts, start=1)
        ]
        held.append(report(*told, id=name, publisher=f"{name.title()} Trust", title="untitled"))
    return in_memory(contents(held), exported())


def premise(store: MemoryStore, question: str) -> str | None:
    query = parse_query(question, store.reports().values())
    where = exact(store, narrow(query, Filters()))
    hits = retriever_of(store).search([Search(query, where, 12)])[0].hits
    return contradicted(query, where, hits, store)


@pytest.mark.parametrize(
    ("question", "asked", "told"),
    [
        ("What are the fifteen tests that a mill must pass?", "fifteen tests", "ten tests"),
        ("What are the 15 tests that a mill must pass?", "15 tests", "ten tests"),
        ("The plan rests on four aims. Which are they?", "four aims", "three plain aims"),
        ("What is the fifth maxim of keeping a lock?", "fifth maxim", "four maxims"),
    ],
)
def test_a_count_that_the_reports_do_not_reach_is_named(
    store: MemoryStore, question: str, asked: str, told: str
):
    found = premise(store, question)
    assert found is not None
    assert f"“{asked}”" in found
    assert f"“{told}”" in found


@pytest.mark.parametrize(
    "question",
    [
        "What are the ten tests that a mill must pass?",
        "Which three tests of a mill are hardest?",
        "What is the second maxim of keeping a lock?",
        "How did trade change over fifteen years?",
        "What are the twelve apostles?",
        "Which nine villages does the Night Mill serve?",
        "What does the Mills Trust say about silt?",
        "Does the Night Mill serve Harwick?",
        "Who runs trams in Seaton?",
        "WHAT DOES THE NIGHT MILL GRIND?",
        "Does the Night Mill follow US rules?",
    ],
)
def test_a_premise_that_the_reports_bear_or_leave_open_is_let_stand(
    store: MemoryStore, question: str
):
    assert premise(store, question) is None


def test_a_name_that_only_another_publisher_prints_is_named_with_it(store: MemoryStore):
    found = premise(store, "How would the Mills Trust's Ferry Review Board work?")
    assert found == (
        "“Ferry Review Board” is in reports of the Ferries Trust, not in the reports of the Mills"
        " Trust."
    )
    assert premise(store, "How does the Mills Trust define its 'levy on wet cargo'?") is not None
    assert premise(store, "How would the Ferries Trust's Ferry Review Board work?") is None


def test_two_names_that_no_passage_brings_together_are_named(store: MemoryStore):
    found = premise(store, "What did the Night Mill grind in Cardiff?")
    assert found == "The closest passages in the reports do not mention “Cardiff”."


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Why does the Mills Trust want every lock closed?", True),
        ("Why do they call for closed locks?", True),
        ("Why would closed locks be an error?", False),  # the question denies it, too
        ("Should locks be closed?", False),
        ("Why does it want locks painted?", False),
        ("Why close?", False),
    ],
)
def test_a_sentence_that_denies_what_reasons_are_asked_for_is_told(question: str, expected: bool):
    said = hit("Locks matter. It would be an error to close all locks. Keepers are few.")
    found = denied(parse_query(question, [by("Mills Trust")]), [said])
    assert (found is not None) is expected
    assert found in (
        None,
        "The reports may say otherwise: “It would be an error to close all locks.”",
    )


@pytest.mark.parametrize(
    ("wordings", "expected"),
    [
        (("boats",), True),
        (("tolls",), False),
        (("kids", "kids (children, pupils)"), True),
        (("kids", "kids (young people, pupils)"), False),
    ],
)
def test_a_set_is_one_if_a_recommendation_prints_a_word_of_its_subject(
    wordings: tuple[str, ...], expected: bool
):
    made = Recommendation("r", "made", None, "Children should own boats.", (), (), "p")
    assert any_prints([made], wordings) is expected
