"""A figure at the start of a line is told from the number of a list item."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import pdfs
from support.pdfs import wrapped

FIGURES = [
    ("of the county were kept for ten years, and", "2.6 million loans were made to the young."),
    ("The work would take the county to a level of", "3.5 GW of wind power before the year ends."),
    ("the van cost 140 thousand. Of this they paid", "12. The rest came from the lottery."),
    ("All parishes hold a meeting for residents and", "2,000 homes sent somebody to listen to it."),
    ("They set a date for the whole of the work, but", "2030 is only the year in which it begins."),
]


@pytest.mark.parametrize(("first", "second"), FIGURES)
@pytest.mark.parametrize("beside", [True, False])
def test_a_figure_at_the_start_of_a_line_is_no_list_number(
    tmp_path: Path, first: str, second: str, beside: bool
):
    wide = wrapped("The reading van went to all villages of the county on Mondays. " * 4, 500)
    drawn = pdfs.set_lines([first, second], 200)
    other = pdfs.set_lines(wide, 100) if beside else ""
    report = pdfs.report(tmp_path, f"{drawn} {other}")
    found = pdfs.one(report, first)
    assert (found.kind, found.text) == ("body", f"{first} {second}")


@pytest.mark.parametrize(
    "items",
    [
        ["1. build more homes in all parts of it", "2. sell fewer of them"],
        ["3.1 an assessment of needs", "3.2 a plan for the homes"],
        ["8.26. We ask that the review be made at once by the county, with all of its parishes"],
    ],
)
def test_a_list_below_an_open_line_keeps_its_numbers(tmp_path: Path, items: list[str]):
    drawn = pdfs.set_lines(
        ["The county should", *items, "and that is all we have to say on it"], 100
    )
    report = pdfs.report(tmp_path, drawn)
    kept = [p.label for p in report.paragraphs if p.kind == "numbered"]
    assert kept == [item.split(" ")[0].rstrip(".") for item in items]
