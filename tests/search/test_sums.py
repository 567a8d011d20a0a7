"""Sums in a question are put as reports print them."""

from __future__ import annotations

import pytest

from reformqa.search.query import parse_query
from support.makers import by


@pytest.mark.parametrize(
    ("question", "topic", "amounts"),
    [
        ("Who spends 4 billion pounds?", "Who spends £4 billion?", ("4000000000",)),
        ("Who spends four billion pounds?", "Who spends £4 billion?", ("4000000000",)),
        ("Who spends £4bn?", "Who spends £4bn?", ("4000000000",)),
        ("Who spends 14m pounds sterling?", "Who spends £14m?", ("14000000",)),
        ("Who lost 2,500 quid?", "Who lost £2,500?", ("2500",)),
        ("Who served ten million people?", "Who served 10 million people?", ("10000000",)),
        ("Who lost ten pounds?", "Who lost ten pounds?", ()),
        ("Who weighs pounds and ounces?", "Who weighs pounds and ounces?", ()),
    ],
)
def test_a_sum_is_known_however_it_is_put(question: str, topic: str, amounts: tuple[str, ...]):
    asked = parse_query(question, [by("Maker")])
    assert (asked.topic, asked.amounts) == (topic, amounts)
