"""Key sentences of a report are its summary's, each by itself, from all of its sections."""

from __future__ import annotations

from reformqa.answering.summary import summarise
from reformqa.model import Report, Section
from support.makers import paragraph, report

ARGUES = "This report argues that every harbour town should keep a lighthouse of its own."
LAMPS = "Lamps in a lighthouse burn for two thousand hours before any of them goes out."
SHIPS = "Ships that pass a harbour town by night need a lighthouse more than a chart."
BREAD = "Bread in harbour towns is baked by people who have never seen a lighthouse."


def told(*texts: tuple[str, str, str]) -> Report:
    """Return a report with a paragraph of each text, in a section of its own (title and kind)."""
    paragraphs = [
        paragraph(text, id=f"made-{n}", number=n, section=n, section_path=(title,))
        for n, (title, _, text) in enumerate(texts)
    ]
    sections = tuple(
        Section(title, 1, kind, None, (n, n + 1))  # type: ignore[arg-type]
        for n, (title, kind, _) in enumerate(texts)
    )
    return report(*paragraphs, sections=sections, title="Lighthouses")


def sentences(of: Report, most: int = 5, without: tuple[str, ...] = ()) -> list[str]:
    return [s.text for s in summarise(of, of, most, without)]


def test_only_the_summary_is_summed_up_if_there_is_one():
    made = told(("Summary", "summary", ARGUES), ("Bread", "chapter", BREAD))
    assert sentences(made) == [ARGUES]


def test_without_a_summary_the_conclusion_is_taken_and_without_one_the_text():
    assert sentences(told(("End", "conclusion", SHIPS), ("Bread", "chapter", BREAD))) == [SHIPS]
    assert sentences(told(("Lamps", "chapter", LAMPS), ("Bread", "chapter", BREAD))) == [
        LAMPS,
        BREAD,
    ]


def test_a_sentence_that_says_what_the_report_argues_comes_before_others():
    made = told(("Summary", "summary", f"{LAMPS} {SHIPS} {ARGUES}"))
    assert sentences(made, most=1) == [ARGUES]


def test_sentences_come_in_the_order_of_the_report_and_are_cited():
    made = told(("Summary", "summary", LAMPS), ("More", "summary", ARGUES))
    found = summarise(made, made, 2)
    assert [s.text for s in found] == [LAMPS, ARGUES]
    assert [s.citations[0].status for s in found] == ["verified", "verified"]


def test_a_second_sentence_is_rather_from_another_section():
    made = told(("Summary", "summary", f"{ARGUES} {SHIPS}"), ("More", "summary", LAMPS))
    assert sentences(made, most=2) == [ARGUES, LAMPS]


def test_what_leans_on_the_sentence_before_is_left_out():
    leaning = "These lamps should be replaced in every harbour town before the winter storms."
    assert leaning not in sentences(told(("Summary", "summary", f"{ARGUES} {leaning}")))


def test_paragraphs_may_be_left_out():
    made = told(("Summary", "summary", ARGUES), ("More", "summary", SHIPS))
    assert sentences(made, without=("made-0",)) == [SHIPS]


def test_a_report_without_sentences_has_no_summary():
    assert sentences(told(("Summary", "summary", "Lamps, ships"))) == []
