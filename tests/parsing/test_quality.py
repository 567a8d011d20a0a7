"""The quality of a parse is judged by counts, and the advice says what to do."""

from __future__ import annotations

import pytest

from reformqa import Paragraph
from reformqa.model import ParseQuality, Section
from reformqa.parsing.blocks import Layout
from reformqa.parsing.quality import judge, pages
from support.makers import paragraph

SECTIONS = (Section("The mill", 1, "chapter", None, (0, 1)),)
TEXT = "Ovens are lit before dawn. " * 200


def judged(
    *paragraphs: Paragraph, sections: tuple[Section, ...] = SECTIONS, **layout
) -> ParseQuality:
    return judge(Layout(**({"pages": 10} | layout)), paragraphs or (paragraph(TEXT),), sections)


def note(label: str) -> Paragraph:
    return paragraph("Ibid.", kind="footnote", label=label, id=f"note-{label}")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((3,), "page 3"),
        ((3, 4, 5), "pages 3 to 5"),
        ((9, 3, 5, 4), "pages 3 to 5 and 9"),
        ((1, 3, 5), "pages 1, 3 and 5"),
        ((1, 2, 7), "pages 1 to 2 and 7"),
    ],
)
def test_page_numbers_are_printed_as_ranges(numbers: tuple[int, ...], words: str):
    assert pages(numbers) == words


def test_a_file_read_without_trouble_is_good():
    reading = judged()
    assert (reading.verdict, reading.advice, reading.pages) == ("good", (), 10)


@pytest.mark.parametrize(
    ("layout", "advice"),
    [
        ({"bare": (2,)}, "no text on page 2: probably scanned, use OCR"),
        (
            {"broken": (2, 3), "reasons": ("no such font", "no such font")},
            "pages 2 to 3 could not be read (no such font): get a fresh copy",
        ),
        (
            {"layered": (1, 2)},
            "pages 1 to 2 scanned: the scan's text layer may contain errors",
        ),
        ({"ocr": (4,)}, "page 4 read by OCR: the text may contain errors"),
    ],
)
def test_pages_in_trouble_call_for_a_look(layout: dict[str, tuple[object, ...]], advice: str):
    reading = judged(**layout)
    assert (reading.verdict, reading.advice) == ("check", (advice,))


def test_pages_broken_for_different_reasons_are_named_apart():
    reading = judged(broken=(2, 3, 5), reasons=("no such font", "cut short", "no such font"))
    assert reading.advice == (
        "pages 2 and 5 could not be read (no such font): get a fresh copy",
        "page 3 could not be read (cut short): get a fresh copy",
    )


@pytest.mark.parametrize(("bare", "verdict"), [((1, 2, 3), "check"), ((1, 2, 3, 4), "poor")])
def test_many_pages_without_text_make_a_reading_poor(bare: tuple[int, ...], verdict: str):
    assert judged(bare=bare).verdict == verdict


def test_letters_that_no_font_explains_make_a_reading_poor():
    reading = judged(paragraph("\ufffd" * 10 + "x" * 3000))
    assert reading.verdict == "good"
    reading = judged(paragraph("\ue012" * 300 + "x" * 5000))
    assert reading.verdict == "poor"
    assert reading.advice[0].startswith("its fonts do not map to letters")


def test_little_text_on_many_pages_calls_for_a_look():
    reading = judged(paragraph("Ovens are lit."))
    assert reading.verdict == "check"
    assert reading.advice == ("little text for the number of pages: some of it may be in pictures",)


def test_a_long_file_without_headings_calls_for_a_look_and_a_short_one_does_not():
    assert judged(sections=()).advice == (
        "no headings found: citations will give page numbers only",
    )
    assert judged(sections=(), pages=3).verdict == "good"


@pytest.mark.parametrize(("linked", "verdict"), [(4, "good"), (3, "check")])
def test_notes_without_a_mark_call_for_a_look(linked: int, verdict: str):
    notes = [note(str(n)) for n in range(1, 6)]
    reading = judged(paragraph(TEXT, notes=tuple(n.id for n in notes[:linked])), *notes)
    assert (reading.footnotes, reading.linked, reading.verdict) == (5, linked, verdict)
    expected = () if verdict == "good" else ("2 of 5 footnotes have no mark in the text",)
    assert reading.advice == expected


@pytest.mark.parametrize(
    ("kinds", "taken"),
    [
        ({"section_kind": "front"}, "front matter (under “About us”)"),
        ({"section_kind": "references"}, "references (under “About us”)"),
        ({"kind": "furniture"}, "furniture"),
    ],
)
@pytest.mark.parametrize(("times", "verdict", "share"), [(1, "check", 50), (3, "poor", 25)])
def test_the_advice_says_why_few_words_are_searched(
    kinds: dict[str, str], taken: str, times: int, verdict: str, share: int
):
    left_out = paragraph(TEXT * times, section_path=("About us",), id="left-out", **kinds)
    reading = judged(left_out, paragraph(TEXT))
    assert (reading.verdict, reading.searched) == (verdict, share / 100)
    assert reading.advice[0].startswith(f"only {share}% of the words are searched")
    assert f"read as {taken}:" in reading.advice[0]


def test_counts_come_from_the_layout_and_the_paragraphs():
    furniture = paragraph("On bread", kind="furniture", id="head")
    reading = judged(paragraph(TEXT), furniture, columns=2, headings="outline", joined=7)
    assert (reading.columns, reading.headings, reading.joined, reading.furniture) == (
        *(2, "outline", 7, 1),
    )
