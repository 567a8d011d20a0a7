"""A sentence or a row that prints all of a question answers it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reformqa.answering.printed import prints_all
from reformqa.model import Hit
from reformqa.search.query import parse_query
from support.makers import by, hit

SAID = hit("Keepers are few. A toll of £3 a day on boats would raise £14 million. Locks are old.")


def row() -> Hit:
    found = hit("Crane End | 120 |  | 98", kind="table")
    heads = "Club | Members 2020 | Members 2022 | Members 2023"
    return replace(found, passage=replace(found.passage, indexed=f"{heads}. {found.passage.text}"))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How much would tolls raise?", True),
        ("How much money would tolls on boats raise?", True),
        ("What raises tolls?", True),
        ("How much would tolls on barges raise?", False),
        ("How many keepers are few?", False),  # no figure, and one term
        ("How many old locks are there?", False),  # no figure
        ("What raises keepers and tolls?", False),  # not in one sentence
        ("tolls", False),
        ("How many members did Crane End have in 2023?", True),
        ("Crane End 2022", True),
        ("How many members did Weir Street have in 2023?", False),
    ],
)
def test_what_prints_all_of_a_question_is_known(question: str, expected: bool):
    assert prints_all(parse_query(question, [by("Maker")]), [SAID, row()]) is expected
