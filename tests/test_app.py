"""The app's first page, run headless: what it draws is what the library returns."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from conftest import PROJECT
from reformqa import Library, exports

WORKING = "The best passages, and why they came"
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
    assert [re.sub(r"<b>.*?</b> ", "", line) for line in drawn] == [
        f"<p class='quote'>{escape(s.text)}</p>" for s in answer.sentences
    ]
    assert answer.comparison
    assert [h.value for h in page.subheader] == [r.publisher for r in answer.comparison]


def test_a_set_of_recommendations_is_drawn_with_their_names(page: AppTest, library: Library):
    question = "Which recommendations does the Fabian Society make?"
    ask(page.run(), question)
    stated = [s for s in library.ask(question).sentences if s.recommendation]
    assert len(stated) == len(library.recommendations(publisher="Fabian Society"))
    for sentence in stated:
        assert f"<b>{escape(sentence.recommendation.name)}</b> {escape(sentence.text)}" in shown(
            page
        )


def test_a_silent_think_tank_is_shown_as_silent_beside_one_that_speaks(
    page: AppTest, library: Library
):
    question = "Do Demos, IPPR and the Fabians say anything about Teesworks?"
    ask(page.run(), question)
    silent = [r for r in library.ask(question).comparison.rows if not r.found]
    assert {r.publisher for r in silent} >= {"IPPR"}
    told = [i.value for i in page.info]
    assert [f"No passage found ({r.searched} passages searched)." for r in silent] == told


def test_an_answer_can_be_taken_away_in_every_form(page: AppTest):
    ask(page.run(), QUESTION)
    assert [b.label for b in page.get("download_button")] == list(exports.FORMS)


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
    *labels, last = [e.label for e in page.expander]
    assert labels
    assert all("IPPR 2023" in label for label in labels)
    assert last == WORKING
    rows = [line for line in shown(page).splitlines() if "in all" in line]
    assert len(rows) == 10
    assert all("IPPR, " in row for row in rows)


def test_the_best_passages_are_shown_with_the_working_of_the_search(
    page: AppTest, library: Library
):
    question = "What is Recommendation 7 about pay?"
    ask(page.run(), question)
    (working,) = (e for e in page.expander if e.label == WORKING)
    drawn = [str(e.body) for e in working.get("html")]
    hits = library.search(question)
    assert len(drawn) == len(hits) == 10
    for rank, (text, hit) in enumerate(zip(drawn, hits, strict=True), start=1):
        assert f">{rank}. {escape(hit.publisher)}, {escape(hit.report_title)}" in text
        assert f"para {hit.paragraph.number}<" in text
        assert f"<p class='context'>{escape(hit.passage.text)}</p>" in text
        for name, leg in hit.legs.items():
            assert f"{name} #{leg.rank} ({leg.score:.2f})" in text
        assert f"in all {hit.score:.2f}<" in text
        assert ("has: " + escape(", ".join(hit.terms)) in text) is bool(hit.terms)
        assert ("stated also in" in text) is bool(hit.also)
        for other in hit.also:
            assert f"{other.report_id}, para {other.number}" in text
    assert "label #1 (1.00)" in drawn[0]


def test_where_nothing_is_left_to_search_the_working_says_why(page: AppTest):
    ask(page.run(), 'Who wants "sourdough for all"?')
    (working,) = (e for e in page.expander if e.label == WORKING)
    assert "sourdough for all" in working.info[0].value
    assert not working.get("html")


def test_marks_in_a_question_are_shown_and_not_run(page: AppTest):
    ask(page.run(), "What of <b>targets</b> & <script>alert(1)</script> for staff?")
    drawn = shown(page)
    assert "has: " in drawn
    assert "<b>" not in drawn
    assert "<script>" not in drawn


def test_a_missing_index_is_told_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REFORMQA_INDEX", str(tmp_path / "nowhere"))
    page = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    assert not page.exception
    assert "reformqa rebuild" in page.error[0].value
