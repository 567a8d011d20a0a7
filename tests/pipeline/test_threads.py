"""A library gives many visitors at once the answers that it gives them one after another."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reformqa import Answer, Comparison, Library, Settings
from reformqa.models.base import Execution
from reformqa.storage.base import EncodedQuery, Filters, Request
from reformqa.storage.files.store import FilesStore
from reformqa.text.tokens import tokens

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
    """Return what each call returns, all begun at the same moment in different threads."""
    begin = threading.Barrier(len(wanted))

    def run(call: Call) -> Answer | Comparison:
        begin.wait(timeout=60)
        return call(library)

    with ThreadPoolExecutor(len(wanted)) as pool:
        return list(pool.map(run, wanted))


@pytest.fixture(scope="module")
def one_by_one(notes_index: Path) -> list[Answer | Comparison]:
    """What the calls return one after another."""
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


def test_threads_do_not_take_each_others_passage_ids_away(
    notes_index: Path, monkeypatch: pytest.MonkeyPatch
):
    """Even if the store forgets the ids that it knows at every search."""
    monkeypatch.setattr("reformqa.storage.files.store._IDS", 0)
    store = FilesStore(notes_index)
    encodings = store.models(Execution()).encoder.encode_tokens(ASKED, "question")
    requests = [
        Request(EncodedQuery((encoding,), (tuple(tokens(question)),)), Filters(), 10, 1)
        for question, encoding in zip(ASKED, encodings, strict=True)
    ]
    expected = [store.candidates([request]) for request in requests]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda request: store.candidates([request]), requests * 100))
    finally:
        sys.setswitchinterval(before)
    assert found == expected * 100
