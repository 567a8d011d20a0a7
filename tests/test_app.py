"""The app's first page, run headless: what it draws is what the library returns."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from conftest import PROJECT
from reformqa import Library

QUESTION = "What do the think tanks want to do about targets?"


@pytest.fixture
def page(notes_index: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("REFORMQA_INDEX", str(notes_index))
    return AppTest.from_file(str(PROJECT / "app.py"), default_timeout=120)


def shown(page: AppTest) -> str:
    return "\n".join(str(e.body) for e in page.get("html"))


def ask(page: AppTest, question: str) -> None:
    page.text_input(key="ask-question").set_value(question)
    page.button[0].click().run()
    assert not page.exception


def test_the_page_opens_with_examples_and_no_answer(page: AppTest):
    page.run()
    assert not page.exception
    assert page.title[0].value == "Ask the reports"
    assert QUESTION in page.button_group[0].options
    assert "<p class='quote'>" not in shown(page)


def test_an_answer_shows_every_sentence_that_the_library_returns(page: AppTest, library: Library):
    ask(page.run(), QUESTION)
    answer = library.ask(QUESTION)
    drawn = [line for line in shown(page).splitlines() if line.startswith("<p class='quote'>")]
    assert drawn == [f"<p class='quote'>{escape(s.text)}</p>" for s in answer.sentences]
    assert [h.value for h in page.subheader] == list(answer.by_publisher)


def test_the_quoted_words_are_marked_in_their_paragraph(page: AppTest, library: Library):
    question = "What would replace the Audit Commission?"
    ask(page.run(), question)
    for sentence in library.ask(question).sentences:
        for citation in sentence.citations:
            assert f"<mark>{escape(citation.quote)}</mark>" in shown(page)


def test_an_empty_question_is_an_error_message_not_a_traceback(page: AppTest):
    page.run()
    page.button[0].click().run()
    assert not page.exception
    assert page.error[0].value.startswith("The question is empty.")


def test_a_very_long_question_is_an_error_message(page: AppTest):
    ask(page.run(), "why " * 25_000)
    assert "characters" in page.error[0].value


def test_an_off_topic_question_gets_no_answer_and_says_why(page: AppTest):
    ask(page.run(), "How do I poach an egg?")
    assert page.warning[0].value.startswith("No answer.")
    assert not page.subheader


def test_a_filter_restricts_the_answer_to_one_think_tank(page: AppTest):
    page.run()
    page.multiselect(key="ask-publisher").set_value(["IPPR"])
    ask(page, "What is said about targets?")
    labels = [e.label for e in page.expander]
    assert labels
    assert all("IPPR 2023" in label for label in labels)


def test_a_missing_index_is_told_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REFORMQA_INDEX", str(tmp_path / "nowhere"))
    page = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    assert not page.exception
    assert "reformqa rebuild" in page.error[0].value
