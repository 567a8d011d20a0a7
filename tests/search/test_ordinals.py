"""Recommendations and parts are known by their numbers, however these are written."""

from __future__ import annotations

import pytest

from reformqa.search.ordinals import numbered_parts, with_numbers
from reformqa.search.query import parse_query
from support.makers import by


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("What is the third recommendation?", ("recommendation 3",)),
        ("What is the 3rd recommendation?", ("recommendation 3",)),
        ("What is recommendation three?", ("recommendation 3",)),
        ("Under its tenth policy option, who pays?", ("policy option 10",)),
        ("the 40th recommendation", ("recommendation 40",)),
        ("the first option", ()),
        ("a third of recommendations", ()),
        ("the third recommendations", ()),
    ],
)
def test_an_ordinal_names_a_recommendation(question: str, labels: tuple[str, ...]):
    assert parse_query(question, [by("Maker")]).labels == labels


def test_a_label_is_put_as_its_number():
    assert with_numbers("the Twelfth Recommendation") == "the Recommendation 12"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("step seven of the method", [("step", 7)]),
        ("the seventh step", [("step", 7)]),
        ("case study 12", [("case study", 12)]),
        ("Shift 9 and Chapter 3", [("shift", 9), ("chapter", 3)]),
        ("step 2.5 metres away", []),
        ("a step forward", []),
    ],
)
def test_parts_are_known_by_number(text: str, parts: list[tuple[str, int]]):
    assert numbered_parts(text) == parts
