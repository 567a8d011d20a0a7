"""So many questions are answered at a time, so many wait, and the rest are told to come again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from reformqa.app.serving.server import SCRIPT
from reformqa.app.state.library import AT_ONCE, TURNS
from reformqa.app.state.turns import BusyError, Turns


def test_who_finds_no_room_to_wait_is_told_at_once():
    turns = Turns(1, 1)
    begun, over = threading.Event(), threading.Event()
    served: list[int] = []

    def ask(number: int) -> None:
        with turns.turn(60):
            served.append(number)
            begun.set()
            over.wait(60)

    first = threading.Thread(target=ask, args=(1,))
    first.start()
    begun.wait(60)
    second = threading.Thread(target=ask, args=(2,))
    second.start()
    while turns._room._value:  # until the second waits
        pass
    with pytest.raises(BusyError, match="many questions are waiting"), turns.turn(60):
        pytest.fail("a third was let in")
    over.set()
    first.join()
    second.join()
    assert served == [1, 2]
    with turns.turn(0):
        pass


def test_who_waits_too_long_is_told_and_leaves_the_queue():
    turns = Turns(1, 1)
    with turns.turn(0):
        for _ in range(3):
            with pytest.raises(BusyError, match="no answer yet"), turns.turn(0.01):
                pytest.fail("two at once")
    with turns.turn(0):
        pass


@pytest.fixture
def full() -> Iterator[None]:
    """Nobody gets a turn, and nobody may wait for one."""
    with ExitStack() as taken:
        for _ in range(AT_ONCE):
            taken.enter_context(TURNS.turn(1))
        while TURNS._room.acquire(blocking=False):
            taken.callback(TURNS._room.release)
        yield


@pytest.mark.usefixtures("full")
def test_the_page_says_busy_and_offers_to_ask_again(
    notes_index: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REFORMQA_INDEX", str(notes_index))
    page = AppTest.from_file(str(SCRIPT), default_timeout=120)
    page.run()
    page.text_input(key="ask-q").set_value("What do the think tanks say about queues?")
    page.button[0].click().run()
    assert not page.exception
    assert "many questions are waiting" in page.info[0].value
    assert page.button(key="busy-again").label == "Ask again"
