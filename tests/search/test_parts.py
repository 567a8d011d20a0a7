"""A question is cut into parts only where each can be asked by itself."""

from __future__ import annotations

import pytest

from reformqa.search.parts import split_parts
from reformqa.search.query import Reader
from support.makers import by


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What share of firms ship by water, and what do parents say about cost?",
            ("What share of firms ship by water?", "what do parents say about cost?"),
        ),
        (
            "Who repairs the locks? How much do the dredgers cost?",
            ("Who repairs the locks?", "How much do the dredgers cost?"),
        ),
        ("Which law set up the lock board, and in what year?", None),
        ("When is the white paper due, and who should help write it?", None),
        ("How many staff and how much money would the board take?", None),
        ("The plan rests on four principles. What is the fourth principle?", None),
        ("What is said of locks and keepers?", None),
        ("", None),
    ],
)
def test_a_question_of_parts_that_stand_alone_is_cut(question: str, parts: tuple[str, ...] | None):
    assert split_parts(question) == (parts or (question,))


def test_a_part_that_names_no_source_asks_that_of_the_whole():
    reader = Reader([by("Market Forum"), by("Harbour Society")])
    asked = reader.parse("What tolls does Market Forum want, and how should boats pay tolls?")
    first, second = reader.parse_parts(asked)
    assert first.named == second.named == ("Market Forum",)


def test_a_comparison_or_a_set_stays_whole():
    reader = Reader([by("Market Forum"), by("Harbour Society")])
    for text in (
        "What do think tanks say about tolls, and what do parents say about cost?",
        "Which recommendations are on tolls, and which recommendations are on locks?",
    ):
        assert len(reader.parse_parts(reader.parse(text))) == 1
