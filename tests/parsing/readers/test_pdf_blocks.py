"""Lists, tables, notes, boxes and columns of small PDFs are read as a reader sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa import Report
from reformqa.parsing import parse
from reformqa.parsing.readers.pdf.strips import BULLET
from support import pdfs
from support.pdfs import set_lines, text, wrapped
from support.places import PROJECT

CASES = PROJECT / "tests" / "data" / "blocks"
SENTENCE = "The keepers of the upper reach close their locks at dusk and open them at dawn. "


def read(name: str) -> Report:
    return parse(CASES / f"{name}.pdf")


def kinds(report: Report, kind: str) -> list[str]:
    return [p.text for p in report.paragraphs if p.kind == kind]


def prose(top: float) -> str:
    """Return a paragraph set from `top` down."""
    return set_lines(wrapped(SENTENCE * 6, 400), top)


# Columns


def test_two_short_columns_are_read_one_after_the_other():
    assert [p.text for p in read("twocol").paragraphs] == [
        "The trustees looked at the yearly accounts and agreed the sum that is set aside for the"
        " dredger of the coming year."
    ]


def test_columns_between_rules_with_a_pull_quote_are_no_table():
    report = read("library-plan")
    assert kinds(report, "table") == []
    for page in (1, 2, 3):
        body = [p for p in report.paragraphs if p.page == page and p.kind == "body"]
        assert len(body) == 12
        lefts = [round(p.places[0].box[0]) for p in body]
        assert lefts == sorted(lefts)
        assert all(
            p.text.startswith(("In the", "At ", "The ", "Most", "Two", "Nine")) for p in body
        )


def test_a_page_number_below_the_gutter_parts_no_columns(tmp_path: Path):
    left = set_lines(wrapped(SENTENCE * 8, 230), 100)
    right = set_lines(wrapped(SENTENCE.replace("upper", "lower") * 8, 230), 100, x=310)
    report = pdfs.report(tmp_path, f"{left} {right} {text('– 6 –', 285, 760)}")
    assert [p.text for p in report.paragraphs][:2] == [
        (SENTENCE * 8).strip(),
        (SENTENCE.replace("upper", "lower") * 8).strip(),
    ]


def test_a_line_that_nearly_touches_the_next_column_is_not_joined_to_it(tmp_path: Path):
    words = "The keepers of the upper reach close their locks at dusk and open"
    edge = pdfs.LEFT + pdfs.width(words) + 6
    left = set_lines([words, *["The keepers of the upper reach close them"] * 7], 100)
    right = set_lines(["of the lower reach nobody has said anything so far"] * 8, 100, x=edge)
    report = pdfs.report(tmp_path, f"{left} {right}")
    assert not any("open of" in p.text for p in report.paragraphs)


# Lists


def test_words_between_items_stay_between_them():
    report = read("berth-rules")
    told = [p.text for p in report.paragraphs if p.kind in ("body", "bullet")]
    at = told.index("OR")
    assert told[at - 1].startswith("that the boat is the only home of its crew")
    assert told[at - 1].endswith("made by the keepers of the trust.")
    assert [words.split(",")[0][:30] for words in told[at : at + 5]] == [
        "OR",
        "that no other berth is free wi",
        "AND",
        "that the boat has been surveye",
        "AND",
    ]


def test_items_whose_lines_return_to_the_margin_are_whole(tmp_path: Path):
    item = "The lock of Mere Hithe keeps the hours of the Old Navigation, and nobody knows why"
    first, second = item[:45], item[46:]
    column = set_lines(wrapped(SENTENCE * 6, 230), 300)
    drawn = [text(f"• {first}", 70, 100), set_lines([second], 112), column]
    assert kinds(pdfs.report(tmp_path, " ".join(drawn)), "bullet") == [item]


@pytest.mark.parametrize("mark", ["•", "\N{BLACK SMALL SQUARE}"])
def test_a_mark_may_touch_its_word(mark: str):
    assert BULLET.match(f"{mark}Locks")
    assert not BULLET.match("-locks")


@pytest.mark.parametrize(
    ("lines", "labels"),
    [
        (["(A) Close the lock at dusk.", "(B) Open the lock at dawn."], ["A", "B"]),
        (["5.2.1 Close the lock at dusk.", "5.2.2 Open the lock at dawn."], ["5.2.1", "5.2.2"]),
        (["(iv) Close the lock at dusk.", "(v) Open the lock at dawn."], ["iv", "v"]),
    ],
)
def test_labels_of_items(tmp_path: Path, lines: list[str], labels: list[str]):
    report = pdfs.report(tmp_path, set_lines(lines, 100, step=20) + prose(200))
    assert [p.label for p in report.paragraphs if p.kind == "numbered"] == labels


def test_an_abbreviation_at_the_start_of_a_line_is_no_label(tmp_path: Path):
    lines = ["The hours of the locks were never kept at all (Bennett 1990,", "p. 4). They are now."]
    report = pdfs.report(tmp_path, set_lines(lines, 100))
    assert [p.text for p in report.paragraphs] == [" ".join(lines)]


def test_names_in_capitals_part_a_list_of_people(tmp_path: Path):
    lines = ["LORD VICTOR SALT", "Chair of the Locks", "RT HON ANNE REED", "Keeper of the Reach"]
    report = pdfs.report(tmp_path, set_lines(lines, 100) + prose(200))
    found = [p.text.upper() for p in report.paragraphs]
    assert found[:4] == [words.upper() for words in lines]


# Tables


def test_an_empty_cell_keeps_its_column():
    assert kinds(read("van-stops"), "table") == [
        "| 2031 | 2032 | 2033 | 2034",
        "Stops | 310 | 340 | 360 | 400",
        "Evening stops | | 40 | 55 | 70",
        "Extra money | | £1.1m | £1.0m | £0.9m",
    ]


ROWS = [
    ("", "2031", "2032", "2033"),
    ("Stops of the van", "310", "340", "360"),
    ("Evening stops", "", "40", "55"),
    ("Stops at schools", "12", "14", "n/a"),
]


def test_a_table_without_rules_is_read_by_rows(tmp_path: Path):
    drawn = [
        text(cell, (60, 250, 350, 450)[n], 200 + 16 * m)
        for m, row in enumerate(ROWS)
        for n, cell in enumerate(row)
        if cell
    ]
    report = pdfs.report(tmp_path, " ".join([text(SENTENCE, 50, 150), *drawn, prose(300)]))
    assert kinds(report, "table") == [
        "| 2031 | 2032 | 2033",
        "Stops of the van | 310 | 340 | 360",
        "Evening stops | | 40 | 55",
        "Stops at schools | 12 | 14 | n/a",
    ]
    assert kinds(report, "body") == [(SENTENCE * 6).strip()]


def test_the_words_under_the_caption_of_a_chart_are_no_table(tmp_path: Path):
    drawn = [
        text(cell, (60, 250, 350)[n], 200 + 16 * m, 7)
        for m, row in enumerate([("Rye", "10", "20"), ("Oats", "30", "40"), ("Spelt", "5", "6")])
        for n, cell in enumerate(row)
    ]
    caption = text("Figure 2: What the mills ground", 60, 180)
    report = pdfs.report(tmp_path, " ".join([caption, *drawn, set_lines([SENTENCE] * 3, 300)]))
    assert kinds(report, "table") == []


# Notes and boxes


def test_notes_nearly_as_large_as_the_text_are_told_by_rule_and_mark():
    report = read("reading-rooms")
    notes = [p for p in report.paragraphs if p.kind == "footnote"]
    assert [(p.label, p.text[:13]) for p in notes] == [
        ("1", "County ledger"),
        ("2", "Minutes of th"),
    ]
    assert not any(p.searchable for p in notes)
    linked = [p.notes for p in report.paragraphs if p.notes]
    assert linked == [(notes[0].id,), (notes[1].id,)]


def test_boxes_of_two_pages_with_text_around_them_are_two():
    assert [p.text for p in read("tabs").paragraphs if p.text.startswith(("Bring", "Give"))] == [
        "Bring in a fund for lock keepers with a 300 pound winter bonus every year",
        "Give each school by the river a boat and an instructor with pay for two days a week",
    ]
