"""Titles, publishers and dates are read from covers of many shapes."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa.parsing import parse
from support import pdfs

PROSE = "The locks of the northern canals were built for barges that nobody has used since the war."
#: A line of a cover: its words, its size in points, its distance from the top, its typeface.
Line = tuple[str, float, float, str]


def book(folder: Path, *cover: Line, imprint: str = "", head: str = "", **more: object):
    """Return the facts of a PDF with that cover, an imprint on the next page, and four of text."""
    pages = ["\n".join(pdfs.text(words, 60, top, size, font) for words, size, top, font in cover)]
    if imprint:
        pages.append(pdfs.set_lines(imprint.split("\n"), 600))
    text = pdfs.set_lines(pdfs.wrapped(f"{PROSE} {PROSE}", 460), 120)
    pages += [f"{pdfs.text(head, 60, 40, 8)}\n{text}" if head else text for _ in range(4)]
    return pdfs.report(folder, *pages, **more)


def test_a_title_in_parts_is_put_together(shared: Path):
    report = parse(shared / "cases" / "cover-title-in-parts" / "sessional.pdf")
    assert report.title == "Sessional Paper No. 7 of 2031 on National Canal Policy"
    assert (report.authors, report.publisher) == ((), "Ministry of Waters")
    assert report.published == "2031-08"
    assert "on" not in [s.title for s in report.sections]


def test_pieces_in_several_sizes_are_one_title_and_the_subtitle_stands_apart(tmp_path: Path):
    report = book(
        tmp_path,
        ("Canal Institute", 12, 60, "F1"),
        ("The", 26, 140, "F1"),
        ("Long", 40, 178, "F2"),
        ("Water", 32, 214, "F2"),
        ("What becomes of the locks", 16, 280, "F1"),
        ("March 2031", 11, 700, "F1"),
    )
    assert (report.title, report.subtitle) == ("The Long Water", "What becomes of the locks")
    assert (report.publisher, report.published) == ("Canal Institute", "2031-03")


def test_the_name_of_the_house_may_be_larger_than_the_title(tmp_path: Path):
    report = book(
        tmp_path,
        ("MINISTRY OF WATERS", 20, 80, "F2"),
        ("Policy for the Northern Canals", 18, 240, "F2"),
        ("‘All locks open to all barges’", 22, 330, "F2"),
        ("23rd July, 2031", 12, 640, "F1"),
    )
    assert report.title == "Policy for the Northern Canals"
    assert (report.publisher, report.published) == ("Ministry of Waters", "2031-07")


@pytest.mark.parametrize(
    ("imprint", "publisher", "published", "source"),
    [
        ("© Canal Institute 2031", "Canal Institute", "2031", "the copyright line"),
        ("Published by Weir and Sluice\nMay 2031", "Weir and Sluice", "2031-05", "“published by”"),
        (
            "Presented to Parliament by the Secretary of State\nfor Inland Waters\n"
            "© Crown copyright 2031",
            "Department for Inland Waters",
            "2031",
            "the presentation to Parliament",
        ),
        ("Institute for Canal Policy Research\nwww.icpr.example", None, None, "the address icpr"),
    ],
)
def test_what_an_imprint_says(
    imprint: str, publisher: str | None, published: str | None, source: str, tmp_path: Path
):
    report = book(tmp_path, ("The Long Water", 30, 200, "F2"), imprint=imprint)
    assert report.title == "The Long Water"
    assert report.publisher == (publisher or "Institute for Canal Policy Research")
    assert report.published == published
    assert source in report.guesses["publisher"].source


def test_a_date_may_stand_in_the_running_head(tmp_path: Path):
    report = book(
        tmp_path, ("The Long Water", 30, 200, "F2"), head="Canal Gazette, Friday, April 6, 2012"
    )
    assert report.published == "2012-04"
    assert report.guesses["published"].source == "the running heads"


@pytest.mark.parametrize(
    "line",
    [
        "Contents",
        "Version 2.1",
        "HC 1119",
        "Price: Rs. 80.00",
        "www.canals.example",
        "Guidelines",
        "14 March 2031",
        "By Ada Byron",
    ],
)
def test_what_is_no_title_however_large(line: str, tmp_path: Path):
    report = book(tmp_path, (line, 30, 100, "F2"), ("The Long Water", 24, 300, "F2"))
    assert report.title == "The Long Water"


def test_a_cover_that_says_nothing_leaves_the_facts_unknown(tmp_path: Path):
    report = book(tmp_path, ("The Long Water", 30, 200, "F2"))
    assert (report.publisher, report.published) == ("Unknown publisher", None)
    assert report.guessed == ("title",)


def test_the_date_of_the_file_is_the_last_resort_and_doubtful(tmp_path: Path):
    report = book(
        tmp_path, ("The Long Water", 30, 200, "F2"), info={"CreationDate": "D:20190514080000Z"}
    )
    assert report.published == "2019-05"
    assert report.guesses["published"].sure == "doubtful"


def test_places_that_agree_make_a_fact_surer(tmp_path: Path):
    info = {"Title": "The Long Water"}
    alone = book(tmp_path, ("The Long Water", 30, 200, "F2"))
    agreed = book(tmp_path, ("The Long Water", 30, 200, "F2"), info=info)
    assert agreed.guesses["title"].confidence > alone.guesses["title"].confidence
    assert "the file's metadata" in agreed.guesses["title"].source
