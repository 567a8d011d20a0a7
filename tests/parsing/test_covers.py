"""Titles, publishers and dates are read from covers of many shapes."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa.parsing import parse
from support import pdfs

PROSE = "The locks of the northern canals were built for barges that nobody has used since the war."
#: A line of a cover: its words, its size in points, its distance from the top, its typeface.
Line = tuple[str, float, float, str]


def prose(pages: int, times: int = 2) -> list[str]:
    """Return the text of some pages, each of them different, as no running head is."""
    words = PROSE.split()
    turned = [" ".join(words[n:] + words[:n]) for n in range(pages)]
    return [pdfs.set_lines(pdfs.wrapped(f"{text} " * times, 460), 120) for text in turned]


def book(folder: Path, *cover: Line, imprint: str = "", head: str = "", **more: object):
    """Return the facts of a PDF with that cover, an imprint on the next page, and four of text."""
    pages = ["\n".join(pdfs.text(words, 60, top, size, font) for words, size, top, font in cover)]
    if imprint:
        pages.append(pdfs.set_lines(imprint.split("\n"), 600))
    for text in prose(4):
        pages.append(f"{pdfs.text(head, 60, 40, 8)}\n{text}" if head else text)
    return pdfs.report(folder, *pages, **more)


def test_a_title_in_parts_is_put_together(shared: Path):
    report = parse(shared / "cases" / "cover-title-in-parts" / "sessional.pdf")
    assert report.title == "Sessional Paper No. 7 of 2031 on National Canal Policy"
    assert (report.authors, report.publisher) == ((), "Ministry of Waters")
    assert report.published == "2031-08"
    assert "on" not in [s.title for s in report.sections]


@pytest.mark.parametrize(
    ("cover", "facts"),
    [
        pytest.param(
            [
                ("Canal Institute", 12, 60, "F1"),
                ("The", 26, 140, "F1"),
                ("Long", 40, 178, "F2"),
                ("Water", 32, 214, "F2"),
                ("What becomes of the locks", 16, 280, "F1"),
                ("March 2031", 11, 700, "F1"),
            ],
            {
                "title": "The Long Water",
                "subtitle": "What becomes of the locks",
                "publisher": "Canal Institute",
                "published": "2031-03",
            },
            id="pieces in several sizes are one title, and the subtitle stands apart",
        ),
        pytest.param(
            [
                ("MINISTRY OF WATERS", 20, 80, "F2"),
                ("Policy for the Northern Canals", 18, 240, "F2"),
                ("‘All locks open to all barges’", 22, 330, "F2"),
                ("23rd July, 2031", 12, 640, "F1"),
            ],
            {
                "title": "Policy for the Northern Canals",
                "publisher": "Ministry of Waters",
                "published": "2031-07",
            },
            id="the name of the house may be larger than the title",
        ),
        pytest.param(
            [
                ("Lock Failure Inquiry", 22, 100, "F1"),
                ("The Report", 40, 126, "F2"),
                ("What went wrong in the northern locks", 20, 300, "F1"),
            ],
            {"title": "Lock Failure Inquiry The Report", "publisher": "Unknown publisher"},
            id="a word for the report is its title with the name beside it",
        ),
        pytest.param(
            [("INTERIM REPORT", 28, 100, "F1"), ("The Long Water", 28, 180, "F2")],
            {"title": "The Long Water"},
            id="the kind of report stands above the title and is no part of it",
        ),
        pytest.param(
            [
                ("The Long Water", 20, 100, "F2"),
                ("Ada Byron, Grace Hopper, & Joan Clarke", 18, 150, "F2"),
                ("All locks open.", 20, 200, "F2"),
            ],
            {"title": "The Long Water", "subtitle": None},
            id="nor are the writer and a slogan below it",
        ),
        pytest.param(
            [
                ("Policy for the Northern Canals", 16, 100, "F2"),
                ("All locks open to ‘ all barges ’", 22, 330, "F2"),
            ],
            {"title": "Policy for the Northern Canals"},
            id="a motto is no title, though its quotation mark is read late",
        ),
        pytest.param(
            [
                ("Circular No. 6 of 2031", 11, 60, "F1"),
                ("Ministry of Waters", 11, 90, "F1"),
                ("Subject: Guiding Principles for the Upkeep of Locks.", 11, 120, "F2"),
            ],
            {"title": "Guiding Principles for the Upkeep of Locks"},
            id="the subject of a letter is its title",
        ),
        pytest.param(
            [
                ("The Long Water", 30, 200, "F2"),
                ("Department of Locks and", 12, 600, "F1"),
                ("Northern Barges", 12, 614, "F1"),
            ],
            {"publisher": "Department of Locks and Northern Barges"},
            id="a name in two lines is read whole",
        ),
        pytest.param(
            [
                ("Working for the Water", 30, 200, "F2"),
                ("THE BARGE WORKERS GENERAL ELECTION MANIFESTO 2031", 11, 700, "F1"),
            ],
            {"title": "Working for the Water", "publisher": "Barge Workers"},
            id="a manifesto is published by the party that it names",
        ),
    ],
)
def test_what_a_cover_says(cover: list[Line], facts: dict[str, str | None], tmp_path: Path):
    report = book(tmp_path, *cover)
    assert {name: getattr(report, name) for name in facts} == facts


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


def test_the_name_of_a_site_after_the_title_is_left_out(tmp_path: Path):
    info = {"Title": "The Long Water - Canal Institute"}
    report = book(tmp_path, ("The Long Water", 30, 200, "F2"), info=info)
    assert report.title == "The Long Water"
    assert "the file's metadata" in report.guesses["title"].source


def test_a_heading_far_down_the_text_and_a_running_head_are_no_titles(tmp_path: Path):
    first, *others = prose(5, 12)
    pages = [f"{first}\n{pdfs.text('Public Comments', 60, 700, 11, 'F2')}"]
    pages += [f"{pdfs.text('Canal Notices', 60, 40, 8)}\n{text}" for text in others]
    report = pdfs.report(tmp_path, *pages)
    assert "title" not in report.guesses


@pytest.mark.parametrize(
    ("imprint", "publisher"),
    [
        (
            "Promoted by Ada Byron on behalf of Weir and Sluice, both at Lock House",
            "Weir and Sluice",
        ),
        ("Published and printed by\nWeir and Sluice", "Weir and Sluice"),
        ("Prepared for the Northern Waters", "Northern Waters"),
        ("Please cite as: Northern Waters (2031), The Long Water", "Northern Waters"),
        (
            "Weir and Sluice is a charity.\nwww.weirandsluice.example\nask@weirandsluice.example.",
            "Weir and Sluice",
        ),
        (
            "The Plas Newydd mill. At Plas Newydd.\nwww.plas.example\nask@plas.example",
            "Plas Newydd",
        ),
        ("Based on https://mills.example/a/1 and https://mills.example/a/2, on Mills", None),
    ],
)
def test_who_published_it_is_said_in_many_ways(imprint: str, publisher: str | None, tmp_path: Path):
    report = book(tmp_path, ("The Long Water", 30, 200, "F2"), imprint=imprint)
    assert report.publisher == (publisher or "Unknown publisher")


def test_names_below_the_text_of_the_first_page_say_less(tmp_path: Path):
    text, *others = prose(3, 8)
    thanks = pdfs.text("National Centre for Old Barges", 60, 700, 11)
    first = "\n".join([pdfs.text("The Long Water", 60, 60, 30, "F2"), text, thanks])
    assert pdfs.report(tmp_path, first, *others).publisher == "Unknown publisher"


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
