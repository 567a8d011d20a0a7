"""One library answers many at once as it answers them one after another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reformqa import Answer, Comparison, Library, Settings

THREADS = 20
ASKED = (
    "What do schools say about targets?",
    "Why not just spend more?",
    "What is said about inspection?",
    "Which recommendations concern pay?",
    "How do Demos and IPPR differ on targets?",
    "What should be done about kids in care?",
    "What does it cost to repair the moon?",
)
COMPARED = ("targets", "prevention", "the role of local government")

#: What a thread does with the library.
Call = Callable[[Library], Answer | Comparison]


def calls() -> list[Call]:
    """Twenty questions and comparisons, some of them twice."""
    asked: list[Call] = [lambda library, q=q: library.ask(q) for q in ASKED]
    compared: list[Call] = [lambda library, q=q: library.compare(q) for q in COMPARED]
    return [*(2 * (asked + compared))]


def at_once(library: Library, wanted: Sequence[Call]) -> list[Answer | Comparison]:
    """What each call gives, all begun at one moment, each in a thread of its own."""
    begin = threading.Barrier(len(wanted))

    def run(call: Call) -> Answer | Comparison:
        begin.wait(timeout=60)
        return call(library)

    with ThreadPoolExecutor(len(wanted)) as pool:
        return list(pool.map(run, wanted))


@pytest.fixture(scope="module")
def one_by_one(notes_index: Path) -> list[Answer | Comparison]:
    """What the calls give one after another."""
    library = Library.open(notes_index, Settings())
    return [call(library) for call in calls()]


def test_twenty_at_once_get_what_they_get_one_by_one(
    notes_index: Path, one_by_one: list[Answer | Comparison]
):
    """The library is new: encoders, records and counts are opened by all of them at once."""
    wanted = calls()
    assert len(wanted) == THREADS
    library = Library.open(notes_index, Settings())
    assert at_once(library, wanted) == one_by_one
    assert at_once(library, wanted[::-1]) == one_by_one[::-1]


def test_the_calls_differ_and_some_are_answered(one_by_one: list[Answer | Comparison]):
    first = one_by_one[: THREADS // 2]
    assert one_by_one[THREADS // 2 :] == first
    assert all(a != b for n, a in enumerate(first) for b in first[:n])
    assert sum(bool(a.sentences) for a in first if isinstance(a, Answer)) >= 3
    assert any(row.found for a in first if isinstance(a, Comparison) for row in a)
