"""What a question lets one expect of an answer, and which sentences say it."""

from __future__ import annotations

import pytest

from reformqa.answering.expected import asks_figure, expected_of


@pytest.mark.parametrize(
    ("question", "says", "repeats"),
    [
        ("How many ovens are lit?", "Some 40 ovens are lit.", "Ovens are lit each day."),
        ("How much of 2020's bread is sold?", "Half is.", "In 2020, bread was sold."),
        ("Last, how long until the tide turns?", "It takes six hours.", "The tide turns slowly."),
        ("What share of fares is lost?", "A third of fares.", "One share of fares is lost."),
        ("When is the line to close?", "It closes in March.", "The line will soon close."),
        ("In which year did it open?", "It opened in 1931.", "It opened that year."),
        ("Why did the bakery fail?", "It failed because flour ran out.", "The bakery failed."),
        ("What held back the line?", "Rust led to delays.", "The line was held back."),
        ("Which three towns have ovens?", "Ayle, Brun and Crue have.", "Three towns have ovens."),
        ("What are the 4 maxims?", "Bake; knead; rest; eat.", "The maxims are old and wise."),
    ],
)
def test_a_sentence_that_says_what_is_asked_for_is_told_from_one_that_repeats_the_question(
    question: str, says: str, repeats: str
):
    expected = expected_of(question)
    assert expected is not None
    assert expected(says)
    assert not expected(repeats)


@pytest.mark.parametrize(
    "question",
    [
        "Is counting how long loaves rest a mistake?",
        "What happens when the tide turns?",
        "Which ovens are lit?",
        "Do think tanks want tolls?",
    ],
)
def test_other_questions_let_one_expect_nothing(question: str):
    assert expected_of(question) is None


def test_a_figure_is_asked_for_at_the_start_of_a_clause_only():
    assert asks_figure("By how much did fares rise?")
    assert not asks_figure("Does it matter how much fares rise?")
