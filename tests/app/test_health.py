"""The health of the app is that of a question: it says so when none can be answered."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from reformqa.app.serving.health import Health
from reformqa.app.state.library import AT_ONCE, TURNS, _open


@contextmanager
def every_turn_taken() -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(AT_ONCE):
            stack.enter_context(TURNS.turn(1))
        yield


@pytest.fixture
def index(notes_index: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REFORMQA_INDEX", str(notes_index))
    return notes_index


def asked(health: Health) -> tuple[int, str]:
    with TestClient(Starlette(routes=[Route("/healthz", health.respond)])) as client:
        answer = client.get("/healthz")
        return answer.status_code, answer.text


@pytest.mark.usefixtures("index")
def test_the_app_is_well_if_a_question_gets_its_turn_and_not_otherwise():
    health = Health(patience=0.2, held=0)
    assert asked(health) == (200, "ok")
    with every_turn_taken():
        assert asked(health) == (503, "busy: no answer within 0.2 seconds")
    assert asked(health) == (200, "ok")


@pytest.mark.usefixtures("index")
def test_a_result_holds_for_a_while_so_that_asking_keeps_nobody_waiting():
    health = Health(patience=0.2, held=1_000)
    assert health.fault() is None
    with every_turn_taken():
        assert health.fault() is None


@pytest.mark.usefixtures("index")
def test_the_check_needs_no_page_of_a_visitor(caplog: pytest.LogCaptureFixture):
    """Streamlit complains of whatever would be drawn where there is no page."""
    streamlit = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    streamlit.addHandler(caplog.handler)
    try:
        _open.cache_clear()
        st.cache_resource.clear()
        assert Health(held=0).fault() is None
    finally:
        streamlit.removeHandler(caplog.handler)
    assert "ScriptRunContext" not in caplog.text


def test_a_library_that_cannot_be_opened_is_not_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REFORMQA_INDEX", str(tmp_path))
    status, said = asked(Health(held=0))
    assert status == 503
    assert said.startswith("the library cannot be used")
    assert str(tmp_path) not in said
