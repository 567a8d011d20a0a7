"""A question takes a constant number of calls of the store, and each step is done once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import pytest

from reformqa import Citation, Library, Paragraph, Recommendation, ReportInfo, Settings
from reformqa.answering import selection
from reformqa.citations.verify import cite
from reformqa.storage.base import Store
from reformqa.storage.memory import MemoryStore
from support.asking import town_in_memory
from support.counting_store import CountingStore
from support.makers import contents, in_memory, paragraph, report
from support.models import exported

THINGS = ("ovens", "trams", "mills", "quays", "carts", "kilns", "looms", "wells", "barns", "docks")
REST = (
    *("spring", "crew", "valley", "winter", "timber", "council", "harbour", "guild", "market"),
    *("copper", "river", "meadow", "lantern", "garden", "bridge", "chapel", "orchard", "pepper"),
    *("needle", "barrel", "thunder", "saddle", "candle", "fiddle", "marble", "ribbon", "tunnel"),
)

#: A search calls each once: what the filters leave, what may meet the question, what is known of
#: it, the other passages of the statements found, and the paragraphs of the hits.
SEARCH = Counter(count=1, candidates=1, evidence=1, statements=1, paragraphs=1)
#: What else is gathered: what is known of the other passages of the paragraphs found, what leads
#: lists in, and how many passages print the question's terms.
GATHER = Counter(evidence=1, neighbours=1, count=1)
#: The recommendations of the reports, and the paragraphs that state those that are shown.
RECOMMENDED = Counter(recommendations=1, neighbours=1)
#: In how many passages each everyday term of the question occurs.
EVERYDAY = Counter(count=1)
#: Which filter left nothing.
WHY_EMPTY = Counter(count=1)
#: Whether the words that may be mistyped occur, and those one edit away.
SPELLING = Counter(count=2)
#: The statements of the recommendations that the question names.
LABELLED = Counter(statements=1)


@lru_cache
def shelf(publishers: int) -> MemoryStore:
    """Reports of so many publishers, each with ten paragraphs that each state a recommendation.

    What follows it is drawn at random, so that no paragraph restates another.
    """
    draw = random.Random(7)
    reports, recommendations = [], []
    for n in range(publishers):
        name = f"house{n}"
        told = [
            paragraph(
                f"Towns should lend {thing} to learners."
                f" Idle {thing} {' '.join(draw.sample(REST, 9))}.",
                id=f"{name}-{number}",
                report_id=name,
                number=number,
            )
            for number, thing in enumerate(THINGS, start=1)
        ]
        reports.append(report(*told, id=name, title="untitled", publisher=f"House {n}"))
        recommendations += [
            Recommendation(f"{p.id}-r", name, None, p.text.split(". ")[0] + ".", (), (), p.id)
            for p in told
        ]
    held = contents(reports, recommendations)
    assert len(set(held.statements)) == len(THINGS) * publishers
    return in_memory(held, exported())


class Asked:
    """A library, and the calls that the last question took of its store and its encoder."""

    def __init__(self, store: Store) -> None:
        self.store = CountingStore(store)
        self.library = Library(cast(Store, self.store), Settings())

    def calls(self, ask: Callable[[Library], object]) -> Counter[str]:
        self.store.calls.clear()
        self.encoded.clear()
        ask(self.library)
        return +self.store.calls

    @property
    def encoded(self) -> list[str]:
        models = self.library._retriever.models
        return cast(Any, models).encoder.encoded


@pytest.fixture(scope="module", params=[3, 6], ids=["three", "six"])
def several(request: pytest.FixtureRequest) -> Asked:
    """Libraries of three and of six publishers, which must take the same calls."""
    return Asked(shelf(request.param))


@pytest.fixture(scope="module")
def town() -> Asked:
    return Asked(town_in_memory())


@pytest.mark.parametrize("limit", [1, 5, 25])
def test_a_search_takes_the_same_calls_whatever_its_limit(several: Asked, limit: int):
    calls = several.calls(lambda it: it.search("lending looms to learners", limit=limit))
    assert calls == SEARCH
    assert len(several.library.search("lending looms to learners", limit=limit)) == limit


def test_filters_that_leave_nothing_take_one_more_call(several: Asked):
    calls = several.calls(lambda it: it.search("looms", published=1950))
    # Nothing is scored or described, but the statements of nothing are asked for all the same.
    assert calls == Counter(count=1, statements=1, paragraphs=1) + WHY_EMPTY


def test_everyday_terms_are_looked_up_together(several: Asked):
    calls = several.calls(lambda it: it.search("Do kids, bosses and folk get looms?"))
    assert calls == SEARCH + EVERYDAY


@pytest.mark.parametrize("questions", [2, 7])
def test_many_questions_share_all_calls_but_that_for_evidence(several: Asked, questions: int):
    asked = [f"lending {thing} to learners" for thing in THINGS[:questions]]
    calls = several.calls(lambda it: it.search_many(asked))
    assert calls == SEARCH + Counter(evidence=questions - 1)


def test_an_answer_takes_a_search_and_what_is_gathered(several: Asked):
    question = "To whom do towns lend looms?"
    assert several.library.ask(question).sentences
    assert several.calls(lambda it: it.ask(question)) == SEARCH + GATHER


def test_a_question_for_what_should_be_done_searches_twice_in_the_same_calls(several: Asked):
    question = "Should towns lend looms to learners?"
    assert several.library.ask(question).sentences
    assert several.calls(lambda it: it.ask(question)) == SEARCH + GATHER


def test_an_abstention_takes_no_more_calls_than_an_answer(several: Asked):
    question = "Who won the chess championship of the empire?"
    assert several.library.ask(question).abstained
    assert several.calls(lambda it: it.ask(question)) == SEARCH + GATHER


def test_an_abstention_with_a_mistyped_word_looks_up_what_is_meant(several: Asked):
    question = "Who won the chess championship of mlils?"
    assert several.library.ask(question).corrected
    assert several.calls(lambda it: it.ask(question)) == SEARCH + GATHER + SPELLING


def test_a_comparison_takes_the_same_calls_however_many_publishers(several: Asked):
    subject = "lending looms to learners"
    rows = several.library.compare(subject).rows
    assert all(row.found for row in rows)
    assert several.calls(lambda it: it.compare(subject)) == SEARCH + GATHER + RECOMMENDED


def test_publishers_that_the_filters_silence_take_one_more_call_together(several: Asked):
    def compare(library: Library) -> None:
        assert [r.searched > 0 for r in library.compare("looms", report="house1")][:3] == [
            *(False, True, False)
        ]

    assert several.calls(compare) == SEARCH + GATHER + RECOMMENDED + WHY_EMPTY


def test_a_comparison_as_an_answer_takes_no_other_calls(several: Asked):
    question = "What do the think tanks say about lending looms to learners?"
    assert several.library.ask(question).comparison
    assert several.calls(lambda it: it.ask(question)) == SEARCH + GATHER + RECOMMENDED


def test_a_set_on_a_subject_takes_the_same_calls(several: Asked):
    question = "Which recommendations are about looms?"
    assert several.library.ask(question).sentences
    assert several.calls(lambda it: it.ask(question)) == SEARCH + GATHER + RECOMMENDED


def test_all_recommendations_take_two_calls(several: Asked):
    assert several.calls(lambda it: it.ask("List all the recommendations")) == RECOMMENDED


def test_a_recommendation_named_by_its_label_takes_one_more_call(town: Asked):
    question = "What is Recommendation 14?"
    assert town.library.ask(question).confidence == 1
    assert town.calls(lambda it: it.ask(question)) == SEARCH + LABELLED + GATHER


def test_a_label_that_does_not_exist_takes_the_recommendations_to_say_which_do(town: Asked):
    question = "What is Recommendation 77?"
    assert town.library.ask(question).abstained
    known = Counter(recommendations=1)
    assert town.calls(lambda it: it.ask(question)) == SEARCH + LABELLED + GATHER + known


# ---- each step once -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "To whom would towns lend their looms?",
        "Which recommendations are about lending looms?",
        "What do the think tanks say about who lends looms?",
        "Who won the chess championship of Zanzibar?",
    ],
)
def test_nothing_is_encoded_but_the_question(several: Asked, question: str):
    several.calls(lambda it: it.ask(question))
    assert several.encoded == [several.library.parse(question).topic]


@pytest.mark.parametrize(
    "question", ["To whom do towns lend looms?", "Should towns lend looms to learners?"]
)
def test_no_quote_of_an_answer_is_verified_twice(
    several: Asked, question: str, monkeypatch: pytest.MonkeyPatch
):
    verified: list[tuple[str, str]] = []

    def noted(quote: str, found: Paragraph, of: ReportInfo) -> Citation:
        verified.append((quote, found.id))
        return cite(quote, found, of)

    monkeypatch.setattr(selection, "cite", noted)
    answer = several.library.ask(question)
    sentences = (*answer.sentences, *answer.more)
    assert verified == [(c.quote, c.paragraph_id) for s in sentences for c in s.citations]
    assert len(set(verified)) == len(verified) > 0
