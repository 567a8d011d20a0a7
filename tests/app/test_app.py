"""The start page without a browser: it draws exactly what the library returns."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from reformqa import Library, exports
from reformqa.app.serving.server import SCRIPT
from support.places import PROJECT

QUESTION = "What do the think tanks want to do about targets?"
AUDIT = "What would replace the Audit Commission?"
JOINER = "\u2060"


@pytest.fixture
def page(notes_index: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("REFORMQA_INDEX", str(notes_index))
    monkeypatch.setenv("REFORMQA_CORPUS", str(PROJECT / "corpus"))
    return AppTest.from_file(str(SCRIPT), default_timeout=120)


def shown(page: AppTest) -> str:
    return "\n".join(str(e.body) for e in page.get("html"))


def quotes(page: AppTest) -> list[str]:
    drawn = [line for line in shown(page).splitlines() if line.startswith('<p class="quote">')]
    return [re.sub(r'^<p class="quote">(?:<b>.*?</b> )?|</p>$', "", line) for line in drawn]


def ask(page: AppTest, question: str) -> None:
    page.text_input(key="ask-q").set_value(question)
    page.button[0].click().run()
    assert not page.exception


def bare(label: str) -> str:
    return label.replace("\\", "").replace(JOINER, "")


def test_the_page_opens_with_examples_and_no_answer(page: AppTest, library: Library):
    page.run()
    assert not page.exception
    assert "<h1>Ask the reports</h1>" in shown(page)
    assert [bare(o) for o in page.button_group[0].options] == list(library.examples)
    assert not quotes(page)


def test_an_answer_shows_every_sentence_that_the_library_returns(page: AppTest, library: Library):
    ask(page.run(), QUESTION)
    answer = library.ask(QUESTION)
    assert answer.comparison
    said = [s for row in answer.comparison for s in (*row.sentences, *row.recommendations)]
    assert quotes(page) == [escape(s.text) for s in said]
    for row in answer.comparison:
        assert f"<h2>{escape(row.publisher)}</h2>" in shown(page)


def test_every_citation_is_numbered_and_has_its_place(page: AppTest, library: Library):
    ask(page.run(), AUDIT)
    answer = library.ask(AUDIT)
    cited = [c for s in (*answer.sentences, *answer.more) for c in s.citations]
    assert answer.more  # behind the answer, and numbered on
    drawn = [bare(b.label) for b in page.button if bare(b.label).startswith("[")]
    assert sorted(drawn) == sorted(f"[{n}] {c}" for n, c in enumerate(cited, start=1))


def test_a_set_of_recommendations_is_drawn_with_their_names(page: AppTest, library: Library):
    question = "Which recommendations does the Fabian Society make?"
    ask(page.run(), question)
    stated = [s for s in library.ask(question).sentences if s.recommendation]
    assert len(stated) == len(library.recommendations(publisher="Fabian Society"))
    for sentence in stated:
        named = f"<b>{escape(sentence.recommendation.name)}</b> {escape(sentence.text)}"
        assert named in shown(page)


def test_a_silent_think_tank_is_shown_as_silent_beside_one_that_speaks(
    page: AppTest, library: Library
):
    question = "Do Demos, IPPR and the Fabians say anything about Teesworks?"
    ask(page.run(), question)
    silent = [r for r in library.ask(question).comparison.rows if not r.found]
    assert {r.publisher for r in silent} >= {"IPPR"}
    told = [i.value for i in page.info]
    assert [f"No passage found ({r.searched} passages searched)." for r in silent] == told


def test_an_answer_can_be_downloaded_in_every_form(page: AppTest):
    ask(page.run(), QUESTION)
    labels = [form.label for form in exports.FORMS.values()]
    assert [bare(b.label) for b in page.get("download_button")] == labels
    assert labels[0] == "Word"


def test_a_new_form_is_offered_for_download(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    toy = exports.Form("toy", "Toy", ".toy", "text/x-toy", lambda document: document.title)
    monkeypatch.setitem(exports.FORMS, toy.name, toy)
    ask(page.run(), QUESTION)
    assert bare(page.get("download_button")[-1].label) == "Toy"


def test_the_quoted_words_are_marked_in_their_paragraph(page: AppTest, library: Library):
    ask(page.run(), AUDIT)
    citation = library.ask(AUDIT).sentences[0].citations[0]
    (button,) = (b for b in page.button if bare(b.label) == f"[1] {citation}")
    button.click().run()
    assert f"<mark>{escape(citation.quote)}</mark>" in shown(page)


def test_an_empty_question_is_an_error_message_not_a_traceback(page: AppTest):
    page.run()
    page.button[0].click().run()
    assert not page.exception
    assert page.error[0].value.startswith("The question is empty")


def test_a_very_long_question_is_an_error_message(page: AppTest):
    ask(page.run(), "why " * 25_000)
    assert "characters" in page.error[0].value


def test_an_off_topic_question_gets_no_answer_and_says_why(page: AppTest):
    ask(page.run(), "How do I poach an egg?")
    assert page.warning[0].value.startswith("No answer")
    assert not quotes(page)


def test_a_filter_restricts_the_answer_to_one_think_tank(page: AppTest):
    page.run()
    page.multiselect(key="ask-publisher").set_value(["IPPR"])
    ask(page, "What is said about targets?")
    labels = [bare(b.label) for b in page.button if bare(b.label).startswith("[")]
    assert labels
    assert all("IPPR 2023" in label for label in labels)


def test_years_that_run_backwards_are_told(page: AppTest):
    page.run()
    page.selectbox(key="ask-from").set_value(2024)
    page.selectbox(key="ask-to").set_value(2014)
    ask(page, "What is said about targets?")
    assert "run backwards" in page.error[0].value
    assert not quotes(page)


def test_a_missing_index_is_told_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REFORMQA_INDEX", str(tmp_path / "nowhere"))
    page = AppTest.from_file(str(SCRIPT), default_timeout=60).run()
    assert not page.exception
    assert "<h1>First steps</h1>" in shown(page)
    assert "reformqa rebuild" in bare(page.info[0].value)


def test_settings_that_are_wrong_are_told_with_the_key(
    notes_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[app]\nuploads = 'always'\n", encoding="utf-8")
    monkeypatch.setenv("REFORMQA_INDEX", str(notes_index))
    monkeypatch.setenv("REFORMQA_SETTINGS", str(wrong))
    page = AppTest.from_file(str(SCRIPT), default_timeout=60).run()
    assert not page.exception
    assert "app.uploads" in bare(page.error[0].value)
