"""A follow-up is completed from the question before it, and a whole question stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa import QuestionError
from reformqa.search.follow_ups import asks_more, complete
from reformqa.search.query import Reader
from support.makers import by, report

READER = Reader(
    [
        *map(by, ("Demos", "Fabian Society", "IPPR")),
        report(id="trams", title="Trams by the Sea", publisher="Drivers", published="2014-05"),
    ]
)
TARGETS = "What does Demos say about targets?"
SETS = "Which recommendations are about housing?"


@pytest.mark.parametrize(
    ("before", "asked", "whole"),
    [
        (TARGETS, "And IPPR?", "What does IPPR say about targets?"),
        (TARGETS, "the Fabians", "What does the Fabian Society say about targets?"),
        (
            TARGETS,
            "IPPR and the Fabians?",
            "What do the Fabian Society and IPPR say about targets?",
        ),
        (TARGETS, "What about Trams by the Sea?", "What does Trams by the Sea say about targets?"),
        (TARGETS, "Does IPPR agree?", "What does IPPR say about targets?"),
        ("Does Demos back tolls?", "And does IPPR?", "Does IPPR back tolls?"),
        ("Does Demos back tolls?", "IPPR too?", "Does IPPR back tolls?"),
        ("What is a tram fund?", "And IPPR?", "What is a tram fund, according to IPPR?"),
        (SETS, "And IPPR?", "Which recommendations by IPPR are about housing?"),
        ("How do the think tanks differ on trams?", "Demos?", "What does Demos say about trams?"),
        (TARGETS, "the others?", "What do the think tanks apart from Demos say about targets?"),
    ],
)
def test_another_publisher_is_asked_the_same(before: str, asked: str, whole: str):
    assert complete(asked, before, READER) == whole


@pytest.mark.parametrize(
    ("before", "asked", "whole"),
    [
        (TARGETS, "What about schools?", "What does Demos say about schools?"),
        (TARGETS, "And the NHS?", "What does Demos say about the NHS?"),
        (TARGETS, "And the cost?", "What does Demos say about the cost of targets?"),
        (TARGETS, "And IPPR on housing?", "What does IPPR say about housing?"),
        (SETS, "and trams", "Which recommendations are about trams?"),
        ("Who pays for tolls?", "And in Scotland?", "Who pays for tolls in Scotland?"),
        ("Why should we trust ministers?", "trams", "What is said about trams?"),
        ("Compare Demos and IPPR on trust", "What about trams?", "Compare Demos and IPPR on trams"),
    ],
)
def test_the_same_is_asked_of_another_matter(before: str, asked: str, whole: str):
    assert complete(asked, before, READER) == whole


@pytest.mark.parametrize(
    ("before", "asked", "whole"),
    [
        (TARGETS, "Since 2020?", f"{TARGETS[:-1]} in reports published since 2020?"),
        (
            f"{TARGETS[:-1]} in reports published since 2020?",
            "before 2010?",
            f"{TARGETS[:-1]} in reports published before 2010?",
        ),
        ("What did Demos say in 2014?", "and in 2024?", "What did Demos say in 2024?"),
        (SETS, "IPPR since 2012", f"{SETS[:-1].replace('are', 'by IPPR are')}"
                                  " in reports published since 2012?"),
    ],
)  # fmt: skip
def test_the_same_is_asked_of_other_years(before: str, asked: str, whole: str):
    assert complete(asked, before, READER) == whole


def test_years_of_a_follow_up_restrict_the_reports():
    query = READER.parse(complete("Since 2010?", TARGETS, READER))
    assert (query.published, query.topic) == ((2010, 9999), READER.parse(TARGETS).topic)


@pytest.mark.parametrize(
    ("before", "asked", "whole"),
    [
        (TARGETS, "Which of these are recommendations?",
         "Which recommendations by Demos are about targets?"),
        (TARGETS, "What do they recommend?", "Which recommendations by Demos are about targets?"),
        (TARGETS, "Only recommendations", "Which recommendations by Demos are about targets?"),
        (TARGETS, "Which do not?", "Which think tanks do not mention targets?"),
        ("Which think tanks support tolls?", "Who is against?", "Who is against tolls?"),
        (TARGETS, "Why?", "Why does Demos say this about targets?"),
        (TARGETS, "How would that work?", "How does Demos want targets to work?"),
        (TARGETS, "At what cost?", "How much would targets cost, according to Demos?"),
    ],
)  # fmt: skip
def test_another_kind_of_answer_on_the_same_matter(before: str, asked: str, whole: str):
    assert complete(asked, before, READER) == whole


@pytest.mark.parametrize(
    ("before", "asked", "whole"),
    [
        (TARGETS, "What do they say about teachers?", "What does Demos say about teachers?"),
        (TARGETS, "How does IPPR see it?", "How does IPPR see targets?"),
        ("What is the tram fund?", "Who would run it?", "Who would run the tram fund?"),
        ("What should happen to the Tram Office?", "What would replace it?",
         "What would replace the Tram Office?"),
        ("Should the Tram Office be abolished?", "Who is against it?",
         "Who is against the Tram Office?"),
        ("Why does IPPR want to abolish the Tram Office?", "How would that be paid for?",
         "How would the Tram Office be paid for?"),
    ],
)  # fmt: skip
def test_pronouns_stand_for_the_publisher_or_the_matter(before: str, asked: str, whole: str):
    assert complete(asked, before, READER) == whole


@pytest.mark.parametrize(
    "asked",
    [
        "How should mayors be elected?",
        "What does IPPR say about trams?",
        SETS,
        "Who wrote the Act?",
    ],
)
def test_a_whole_question_stays_as_it_is(asked: str):
    assert complete(asked, TARGETS, READER) == asked


@pytest.mark.parametrize("asked", ["Show me more", "more", "Anything else?", "What else?"])
def test_more_of_the_same_is_the_same_question(asked: str):
    assert asks_more(asked)
    assert complete(asked, TARGETS, READER) == TARGETS


@pytest.mark.parametrize(
    "asked", ["What more should be done about trams?", "Is more money needed?"]
)
def test_a_question_with_more_in_it_asks_for_no_more_of_the_same(asked: str):
    assert not asks_more(asked)


def test_an_empty_follow_up_is_refused():
    with pytest.raises(QuestionError, match="empty"):
        complete(" ", TARGETS, READER)


@given(asked=st.text(max_size=60), before=st.sampled_from([TARGETS, SETS, "trams", "Why? Who? 12"]))
def test_any_text_is_completed_or_refused(asked: str, before: str):
    try:
        whole = complete(asked, before, READER)
    except QuestionError:
        return
    assert READER.parse(whole).topic
