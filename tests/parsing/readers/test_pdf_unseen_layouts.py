"""Layouts that were once misread: wide leading, tables in one line, boxes over columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa.parsing.readers.pdf.columns import reading_order
from reformqa.parsing.readers.pdf.grouping import Leading, split_paragraphs
from reformqa.parsing.readers.pdf.tables import find_tables
from support import pdfs
from support.pdfs import LEFT, MILL, OVEN, SALT

FOOT = "The valley and its bread"
LONG = f"{MILL} {OVEN} {SALT}"


def told(n: int) -> str:
    """A paragraph that no other page repeats."""
    return f"In the year {1800 + n} it was so. {LONG}"


def test_lines_set_far_apart_are_text_and_no_running_heads(tmp_path: Path):
    words = f"{MILL} {SALT} {OVEN} {MILL}".split()
    wide = [" ".join(["Then", *words[5 * n :], *words[: 5 * n]]) for n in range(1, 7)]
    pages = [
        "\n".join(
            [
                pdfs.set_lines(pdfs.wrapped(said, 480), 90, step=18),
                pdfs.set_lines(pdfs.wrapped(told(n), 480), 500 + 20 * n),
                pdfs.text(f"{FOOT} {n}", LEFT, 770, 8),
            ]
        )
        for n, said in enumerate(wide, 1)
    ]
    read = pdfs.report(tmp_path, *pages)
    furniture = [p.text for p in read.paragraphs if p.kind == "furniture"]
    assert furniture == [f"{FOOT} {n}" for n in range(1, 7)]


def test_a_title_that_chapters_far_apart_repeat_is_no_running_head(tmp_path: Path):
    turned = [told(n).split()[n:] + told(n).split()[:n] for n in range(1, 14)]
    bodies = [pdfs.set_lines(pdfs.wrapped(" ".join(words), 480), 140) for words in turned]
    title = pdfs.text("References", LEFT, 80, 18, "F2")
    pages = [f"{title}\n{b}" if n % 4 == 0 else b for n, b in enumerate(bodies, 1)]
    read = pdfs.report(tmp_path, *pages)
    assert sum(p.text == "References" and p.kind == "heading" for p in read.paragraphs) == 3


def test_a_paragraph_set_wider_than_the_others_is_one():
    words = [
        "The mill stands where the canal bends, and",
        "farmers bring their rye to it in autumn.",
    ]
    words += [
        "Ovens are lit before dawn by whoever lives",
        "nearest, and the wood is paid for by all.",
    ]
    lines = pdfs.lines(*[pdfs.run(w, 50, 100 + 17 * n, x1=250) for n, w in enumerate(words)])
    assert split_paragraphs(lines, Leading({10.0: 12.0}, 10.0)) == [lines]


def test_text_between_two_tables_with_rules_at_the_same_places_is_no_table():
    def table(top: float) -> tuple[list[pdfs.Shape], list[pdfs.GlyphRun]]:
        walls = [pdfs.wall(x, top, top + 30) for x in (200, 300, 400)]
        cells = [pdfs.run(w, x, top + 20) for w, x in (("rye", 210), ("oats", 310))]
        return walls, cells

    (upper, first), (lower, second) = table(100), table(400)
    between = [
        pdfs.run(words, x, 200 + 12 * n)
        for x in (210, 310)
        for n, words in enumerate(("the mill was", "shut in the", "first frost"))
    ]
    lines = pdfs.lines(*first, *between, *second, shapes=[*upper, *lower])
    assert all(t.box[3] <= 140 or t.box[1] >= 390 for t in find_tables([*upper, *lower], lines))


def test_a_tall_box_above_columns_does_not_hide_them():
    box = (50.0, 60.0, 550.0, 430.0)
    left = [(50.0, 450.0 + 12 * n, 290.0, 460.0 + 12 * n) for n in range(15)]
    right = [(310.0, 450.0 + 12 * n, 550.0, 460.0 + 12 * n) for n in range(15)]
    rows = [b for pair in zip(left, right, strict=True) for b in pair]
    columns = reading_order([box, *rows])
    assert columns == [[0], list(range(1, 31, 2)), list(range(2, 31, 2))]


@pytest.mark.parametrize("number", ["B.1.1", "II.", "C."])
def test_a_lettered_number_apart_from_its_text_belongs_to_it(number: str):
    (line,) = pdfs.lines(pdfs.run(number, 50, 100), pdfs.run("Widespread frosts", 90, 100))
    assert line.whole == f"{number} Widespread frosts"


def test_a_lettered_number_beside_the_rest_of_a_sentence_stays_apart():
    assert len(pdfs.lines(pdfs.run("C.", 50, 100), pdfs.run("and oats", 90, 100))) == 2


def test_prose_between_rules_without_columns_is_a_box(tmp_path: Path):
    words = pdfs.wrapped(f"{MILL} {SALT}", 420)
    frame = [pdfs.stroke(60, y, 540, y) for y in (100, 122, 190)]
    sides = [pdfs.stroke(x, 100, x, 190) for x in (60, 540)]
    page = [
        *frame,
        *sides,
        pdfs.rectangle(60, 100, 540, 122),
        pdfs.text("What the valley asks for", 70, 115, 10, "F2"),
        pdfs.text("24.", 70, 138),
        pdfs.set_lines(words, 138, x=95),
        pdfs.set_lines(pdfs.wrapped(OVEN, 480), 260),
    ]
    read = pdfs.report(tmp_path, "\n".join(page))
    assert {p.kind for p in read.paragraphs} == {"heading", "body", "numbered"}


def test_notes_that_are_addresses_keep_their_numbers(tmp_path: Path):
    body = pdfs.set_lines(pdfs.wrapped(LONG, 480), 60)
    notes = [
        part
        for n in range(4)
        for part in (
            pdfs.text(str(n + 1), LEFT, 700 + 18 * n - 2.5, 6),
            pdfs.text(f"https://mill.example/rye/{n}", LEFT + 8, 700 + 18 * n, 7),
        )
    ]
    read = pdfs.report(tmp_path, "\n".join([body, pdfs.stroke(50, 685, 250, 685), *notes]))
    found = [(p.label, p.text) for p in read.paragraphs if p.kind == "footnote"]
    assert found == [(str(n + 1), f"https://mill.example/rye/{n}") for n in range(4)]


def test_bold_advice_with_its_grade_is_no_heading(tmp_path: Path):
    advice = "25. We recommend that each mill is looked over by its farmers once a year. (1B)"
    page = [
        pdfs.text(advice, LEFT, 100, 10, "F2"),
        pdfs.set_lines(pdfs.wrapped(LONG, 480), 130),
    ]
    assert pdfs.one(pdfs.report(tmp_path, "\n".join(page)), "We recommend").kind == "numbered"


def test_capitals_within_a_sentence_do_not_begin_a_paragraph(tmp_path: Path):
    first = "The rye of the valley has failed three times since the railway came (see BOX ONE 7.3,"
    lines = [first, "CCB FROST, CCB FLOOD 4, RYE AND OATS 9, SALT 12)."]
    fill = pdfs.set_lines(pdfs.wrapped(LONG, pdfs.width(first)), 160)
    read = pdfs.report(tmp_path, f"{pdfs.set_lines(lines, 100)}\n{fill}")
    assert pdfs.one(read, "The rye").text == " ".join(lines)


def test_a_large_question_set_in_from_the_text_is_no_heading(tmp_path: Path):
    body = pdfs.set_lines(pdfs.wrapped(LONG, 480), 120)
    plain = f"{pdfs.text('The mill', LEFT, 90, 14, 'F2')}\n{body}"
    quote = pdfs.text("Who will pay for the ovens of the valley?", LEFT + 40, 220, 14, "F3")
    read = pdfs.report(tmp_path, *[plain] * 6, f"{plain}\n{quote}", plain)
    assert pdfs.one(read, "Who will pay").kind == "furniture"
