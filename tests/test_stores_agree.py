"""The store does not matter: libraries in files, in memory and on a server give the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from reformqa import Library, Settings
from reformqa.storage.base import Store
from support.asking import town_in_memory

QUESTIONS = (
    "Who lends cold ovens to people who learn the trade?",
    "How long does rye keep?",
    "How many passengers did the line carry in 2014?",
    "Who spent £41bn?",
    "Are 39% of ovens lit before six?",
    "What is Recommendation 14?",
    "What are recommendations 3 and 4?",
    "What is Recommendation 77?",
    'Who rests "before dawn" when the tide covers the rails?',
    'Who writes "zeppelins at noon"?',
    "What do the Drivers say about dawn?",
    "What does Quiet Press say about dawn?",
    "How do kids learn to bake?",
    "What should towns do with ovens?",
    "What do the think tanks say about dawn?",
    "Which recommendations are about ovens?",
    "List all the recommendations",
    "Who won the chess championship in Zanzibar?",
)
SUBJECTS = ("ovens", "dawn", "fares of trams", "dredging", "zeppelins")
#: Stores may sum in another order.
TOLERANCE = 1e-4


@pytest.fixture(scope="module", params=["files", "milvus"])
def kept(request: pytest.FixtureRequest) -> Library:
    """The library in files, and on a server."""
    name = {"files": "town", "milvus": "town_on_milvus"}[request.param]
    store: Store = request.getfixturevalue(name)
    return Library(store, Settings())


@pytest.fixture(scope="module")
def in_memory() -> Library:
    return Library(town_in_memory(), Settings())


def differences(one: Any, other: Any, where: str = "it") -> list[str]:
    """Where two results differ, floats that are nearly equal aside."""
    if isinstance(one, float) and isinstance(other, float):
        close = math.isclose(one, other, abs_tol=TOLERANCE)
        return [] if close else [f"{where}: {one} and {other}"]
    if type(one) is not type(other):
        return [f"{where}: {type(one)} and {type(other)}"]
    pairs: list[tuple[str, Any, Any]] = []
    if is_dataclass(one):
        compared = [f.name for f in fields(one) if f.compare]
        pairs = [(name, getattr(one, name), getattr(other, name)) for name in compared]
    elif isinstance(one, Mapping):
        if list(one) != list(other):
            return [f"{where}: {list(one)} and {list(other)}"]
        pairs = [(str(key), one[key], other[key]) for key in one]
    elif isinstance(one, Sequence) and not isinstance(one, str):
        if len(one) != len(other):
            return [f"{where}: {len(one)} and {len(other)} of them"]
        pairs = [(str(n), a, b) for n, (a, b) in enumerate(zip(one, other, strict=True))]
    elif one != other:
        return [f"{where}: {one!r} and {other!r}"]
    return [d for name, a, b in pairs for d in differences(a, b, f"{where}.{name}")]


def test_a_difference_is_found_wherever_it_is(in_memory: Library):
    one, other = (in_memory.ask(q) for q in QUESTIONS[:2])
    assert differences(one, one) == []
    assert "it.question: " in differences(one, other)[0]
    assert differences({"a": (1.0, 2.0)}, {"a": (1.0, 2.1)}) == ["it.a.1: 2.0 and 2.1"]
    assert differences((1,), (1, 2)) == ["it: 1 and 2 of them"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_the_same_answer(kept: Library, in_memory: Library, question: str):
    assert differences(kept.ask(question), in_memory.ask(question)) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_search_has_the_same_hits(kept: Library, in_memory: Library, question: str):
    one, other = (it.search(question, limit=30) for it in (kept, in_memory))
    assert differences(one, other) == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_comparison_has_the_same_rows(kept: Library, in_memory: Library, subject: str):
    assert differences(kept.compare(subject), in_memory.compare(subject)) == []


@pytest.mark.parametrize("subject", [*SUBJECTS, None])
def test_the_same_recommendations_are_listed(
    kept: Library, in_memory: Library, subject: str | None
):
    one, other = (it.recommendations(about=subject) for it in (kept, in_memory))
    assert differences(one, other) == []
    assert differences(one.document(), other.document()) == []


def test_the_crosswalk_and_the_themes_are_the_same(kept: Library, in_memory: Library):
    for least in (-1.0, 0.3, 0.5, None):
        one, other = (it.crosswalk(least=least) for it in (kept, in_memory))
        assert differences(one, other) == []
    assert len(in_memory.crosswalk(least=-1.0)) > 0
    assert kept.themes == in_memory.themes
    assert (kept.examples, kept.matters) == (in_memory.examples, in_memory.matters)


def test_reports_and_paragraphs_are_the_same(kept: Library, in_memory: Library):
    assert kept.reports == in_memory.reports
    for info in kept.reports:
        assert kept.report(info.id) == in_memory.report(info.id)
        assert kept.counts(info.id) == in_memory.counts(info.id)
    one, other = (it.paragraph("trams-3").context(2, 9) for it in (kept, in_memory))
    assert one == other
    assert kept.section_kinds == in_memory.section_kinds
