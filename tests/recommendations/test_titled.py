"""A title over lettered parts is one recommendation, where the report says that it recommends."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa import Recommendation, Report
from reformqa.parsing import parse
from reformqa.recommendations.finding import find_recommendations
from support import pdfs

PROSE = "The river rose in the night of the fair, and by the morning the lower town was gone. "
#: Three recommendations as an inquiry prints them, with marks at three depths.
MEMORY = """\
## 2. Remembering the flood

(a) A stone be raised on the quay with the names of those who drowned.

(b) A day in the spring be named after the lower town.

(c) The lists of names are kept at the library.
"""
LEARNING = """\
## 3. Learning from the flood

(a) The harbour board's rules be rewritten, in particular that:

(i) the gauge be read each hour;

(ii) its readings be sent to the mill.

(b) The way of working at the weir be changed.
"""


def read(folder: Path, text: str) -> tuple[Recommendation, ...]:
    path = folder / "flood.md"
    path.write_text(text, encoding="utf-8")
    return find_recommendations(parse(path))


def shown(records: tuple[Recommendation, ...]) -> list[tuple[str | None, str, int]]:
    return [(r.label, r.text, len(r.sub_items)) for r in records]


BOTH = [("2", "Remembering the flood", 3), ("3", "Learning from the flood", 4)]


@pytest.mark.parametrize(
    "lead",
    [
        f"# The flood\n\n## What we ask\n\n{PROSE}\n\nAccordingly, I recommend:\n\n",
        f"# The flood\n\n## 1.5 Recommendations\n\n{PROSE}\n\n",
    ],
    ids=["lead-in", "sibling section"],
)
def test_a_numbered_title_over_letters_is_a_recommendation(lead: str, tmp_path: Path):
    records = read(tmp_path, f"{lead}{MEMORY}\n{LEARNING}")
    assert shown(records) == BOTH
    assert records[0].name == "Recommendation 2"
    assert records[1].sub_items[1] == "the gauge be read each hour;"


@pytest.mark.parametrize(
    ("lead", "text"),
    [
        ("I recommend that:", "Remembering the flood"),
        ("The council should:", "The council should:"),
        ("I recommend that the town remember.", "I recommend that the town remember."),
    ],
)
def test_a_sentence_below_the_title_is_the_text_if_it_says_more(
    lead: str, text: str, tmp_path: Path
):
    before = f"# The flood\n\n## Recommendations\n\n{PROSE}\n\n"
    led = MEMORY.replace("(a)", f"{lead}\n\n(a)")
    assert shown(read(tmp_path, before + led + LEARNING)) == [("2", text, 3), BOTH[1]]


def test_a_list_restated_at_the_end_is_joined_to_the_first(tmp_path: Path):
    lead = "Accordingly, I recommend:\n\n"
    again = f"## How it happened\n\n{PROSE * 5}\n\n# All that is asked\n\nI recommend:\n\n"
    first = f"# The flood\n\n## What we ask\n\n{PROSE}\n\n{lead}{MEMORY}\n{LEARNING}"
    text = f"{first}\n{again}{MEMORY}\n{LEARNING}"
    records = read(tmp_path, text)
    assert shown(records) == BOTH
    assert [len(r.restated) for r in records] == [1, 1]


def test_a_part_read_as_a_heading_belongs_to_its_list(tmp_path: Path):
    lead = f"# The flood\n\n## What we ask\n\n{PROSE}\n\nAccordingly, I recommend:\n\n"
    headed = MEMORY.replace("(c) The", "### (c) The")
    assert shown(read(tmp_path, f"{lead}{headed}\n{LEARNING}")) == BOTH


def test_a_title_among_them_without_letters_is_one_too(tmp_path: Path):
    lead = f"# The flood\n\n## What we ask\n\n{PROSE}\n\nI recommend:\n\n"
    first = "## 1. Redress\n\nMinisters should pay those who lost a house within a year.\n\n"
    records = read(tmp_path, f"{lead}{first}{MEMORY}\n{LEARNING}")
    assert [r.label for r in records] == ["1", "2", "3"]
    assert records[0].text.startswith("Ministers should pay")


def test_several_in_a_row_that_demand_need_no_lead_in(tmp_path: Path):
    said = f"# The flood\n\n## Before it\n\n{PROSE}We recommend that the weir be mended.\n\n"
    lists = "".join(
        f"## {n}. {title}\n\n(a) Ministers should pay for {what}.\n\n"
        f"(b) The council must look after {what}.\n\n"
        for n, (title, what) in enumerate(
            [("The quay", "a new quay"), ("The weir", "two gates"), ("The mill", "its wheel")],
            start=1,
        )
    )
    records = read(tmp_path, said + f"# What is to be done\n\n{PROSE}\n\n" + lists)
    assert shown(records) == [("1", "The quay", 2), ("2", "The weir", 2), ("3", "The mill", 2)]


@pytest.mark.parametrize(
    "text",
    [
        # An act.
        "".join(
            f"## {n}. {title}\n\nThe Harbour Board shall—\n\n(a) keep a register of boats;\n\n"
            "(b) appoint a clerk; and\n\n(c) set the dues.\n\n"
            for n, title in enumerate(["Duties", "Powers", "Clerks"], start=1)
        ),
        # Terms of reference, in a report that recommends elsewhere.
        f"## 1. Terms of reference\n\n(a) how the flood began;\n\n(b) who was warned of it.\n\n"
        f"## 2. Terms used\n\n(a) a boat is any vessel;\n\n(b) a quay is any landing.\n\n# The end"
        f"\n\n{PROSE * 3}\n\nWe recommend that the weir be mended before the winter.",
        # The rules of an act, after a duty to lay recommendations before a parliament.
        "## 29. Reports\n\nThe clerk shall lay the recommendations before the council:\n\n"
        "2. In particular, such rules may provide for all these matters, namely:—\n\n"
        "(a) the dues of boats;\n\n(b) the lamps on the quay.",
    ],
    ids=["act", "terms of reference", "rules"],
)
def test_letters_below_a_title_are_not_enough(text: str, tmp_path: Path):
    records = read(tmp_path, f"# The harbour\n\n{PROSE}\n\n{text}")
    assert [r for r in records if r.label or r.sub_items] == []


def test_roman_parts_of_a_lettered_recommendation_are_none_of_their_own(tmp_path: Path):
    parts = (
        "(a) The council should read the gauge:",
        "(i) each hour;",
        "(ii) at night as well.",
        "(b) Ministers should pay for a new weir.",
    )
    lead = f"# The flood\n\n## Recommendations\n\n{PROSE}\n\nOur recommendations are:\n\n"
    records = read(tmp_path, lead + "\n\n".join(parts))
    assert [(r.label, len(r.sub_items)) for r in records] == [("a", 2), ("b", 0)]


def test_lists_in_boxes_of_a_pdf_are_recommendations(tmp_path: Path):
    def page(title: str, lines: list[str]) -> str:
        return "".join(
            (
                pdfs.text(title, 72, 80, 16, "F2"),
                pdfs.set_lines(pdfs.wrapped(PROSE * 3, 440), 110),
                pdfs.set_lines(["Accordingly, I recommend:"], 200),
                pdfs.text(title, 72, 230, 12, "F2"),
                pdfs.set_lines(lines, 255, x=90),
            )
        )

    def lines(text: str) -> list[str]:
        return [line for line in text.split("\n") if line.startswith("(")]

    made: Report = pdfs.report(
        tmp_path,
        pdfs.text("The flood", 72, 200, 24, "F2"),
        page("2. Remembering the flood", lines(MEMORY)),
        page("3. Learning from the flood", lines(LEARNING)),
    )
    assert shown(find_recommendations(made)) == BOTH
