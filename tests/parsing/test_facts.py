"""The front page states a report's metadata; the catalogue's take precedence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reformqa import Report
from reformqa.model import Metadata
from reformqa.parsing import known_as, parse
from reformqa.parsing.blocks import FileText
from reformqa.parsing.facts import find_facts
from reformqa.parsing.facts.covers import is_latin
from reformqa.parsing.facts.names import is_organisation
from reformqa.parsing.inline import Vocabulary
from reformqa.text.similarity import letters
from support import pdfs
from support.makers import block

PROSE = "The ferry has been tied up since the spring, and the island eats what it can grow."
FRONT = (
    "ISLAND PAPER SERIES",
    "THE LAST FERRY",
    "What an island does without one",
    "Grace Hopper, Joan Clarke and Dr Ada Byron",
    "MARCH 2021",
    "Published by the Skerry Trust, April 2021",
    "Printed by Tidewell Press",
    "Attribution-ShareAlike 3.0 UK",
    "Download",
    "https://skerry.example/publications/last-ferry",
    "INTRODUCTION",
    PROSE,
)
FACTS = Metadata(
    title="The Last Ferry",
    subtitle="What an island does without one",
    authors=("Grace Hopper", "Joan Clarke", "Dr Ada Byron"),
    publisher="Skerry Trust",
    published="2021-04",
    series="Island Paper Series",
    licence="Attribution-ShareAlike 3.0 UK",
    url="https://skerry.example/publications/last-ferry",
)


def facts(*lines: str) -> Metadata:
    blocks = [block(line) for line in (*lines, "INTRODUCTION", PROSE)]
    return find_facts(FileText(blocks), "ferry", Vocabulary([b.text for b in blocks])).metadata


def read(folder: Path, known: Metadata | None = None) -> Report:
    file = folder / "ferry.txt"
    file.write_text("\n\n".join(FRONT), encoding="utf-8")
    report = parse(file)
    return known_as(report, known) if known else report


def facts_of(report: Report) -> Metadata:
    return Metadata(
        report.title,
        report.subtitle,
        report.authors,
        report.publisher,
        report.published,
        report.series,
        report.licence,
        report.url,
    )


def test_every_fact_is_read_from_the_front_page_and_listed_as_guessed(tmp_path: Path):
    report = read(tmp_path)
    assert facts_of(report) == FACTS
    assert report.guessed == (
        *("authors", "licence", "published", "publisher"),
        *("series", "subtitle", "title", "url"),
    )
    assert report.warnings == ()
    assert report.year == 2021


def test_a_report_that_the_catalogue_knows_takes_nothing_from_its_front_page(tmp_path: Path):
    known = Metadata(title="Ferry, The Last", publisher="Skerry", published="2020")
    report = read(tmp_path, known)
    assert facts_of(report) == known
    assert report.guessed == ()


def test_a_file_that_says_nothing_of_itself_is_named_by_its_file_with_a_warning(tmp_path: Path):
    file = tmp_path / "Ferry Notes.txt"
    file.write_text(f"{PROSE}\n\n{PROSE} Still.", encoding="utf-8")
    report = parse(file)
    assert facts_of(report) == Metadata(title="Ferry Notes", publisher="Unknown publisher")
    assert report.guessed == ()
    assert "publisher not found: add the report to catalogue.toml" in report.warnings


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("First published by Skerry Trust in 2021", "Skerry Trust"),
        ("Published by the Skerry Trust, London", "Skerry Trust"),
        ("© Skerry Trust 2021", "Skerry Trust"),
        ("This is one of the publications of the Skerry Trust, a charity.", "Skerry Trust"),
        ("About Skerry", "Skerry"),
        ("ABOUT SKERRY TRUST", "Skerry Trust"),
        ("About IPPR", "IPPR"),
        ("SKERRY FOUNDATION", "Skerry Foundation"),
        ("© Crown copyright 2021", "HM Government"),
        ("About the authors", None),
        ("About this paper", None),
    ],
)
def test_where_the_publisher_is_read(line: str, publisher: str | None):
    assert facts("The Last Ferry", line).publisher == publisher


@pytest.mark.parametrize(
    ("lines", "published"),
    [
        (("May 2020",), "2020-05"),
        (("May 2020", "Published June 2021"), "2021-06"),
        (("SEPTEMBER 1999",), "1999-09"),
        (("First published in 2021",), "2021"),
        (("© Skerry Trust 2021",), "2021"),
        (("In 2021 the ferry stopped.",), None),
    ],
)
def test_when_it_was_published(lines: tuple[str, ...], published: str | None):
    assert facts("The Last Ferry", *lines).published == published


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("Grace Hopper", ("Grace Hopper",)),
        ("Grace Hopper and Joan Clarke", ("Grace Hopper", "Joan Clarke")),
        ("Grace Hopper with Joan Clarke", ("Grace Hopper", "Joan Clarke")),
        ("Dame Grace Hopper & Joan Clarke", ("Dame Grace Hopper", "Joan Clarke")),
        ("GRACE HOPPER", ("Grace Hopper",)),
        ("Written for the islanders by Grace Hopper", ("Grace Hopper",)),
        ("What becomes of an island, by Grace Hopper", ("Grace Hopper",)),
        ("Skerry Trust", ()),
        ("Printed by Grace Hopper", ()),
    ],
)
def test_who_wrote_it(line: str, authors: tuple[str, ...]):
    found = facts("The Last Ferry", "In eight parts and an annex", line)
    assert found.authors == authors


def test_authors_are_read_from_the_page_about_them():
    about = ("About the authors", "Grace Hopper is a pilot.", "Joan Clarke is a purser.")
    assert facts("The Last Ferry", *about).authors == ("Grace Hopper", "Joan Clarke")


def test_a_byline_is_taken_off_the_subtitle():
    found = facts("The Last Ferry", "What an island does without one, by Grace Hopper")
    assert found.subtitle == "What an island does without one"


@pytest.mark.parametrize(
    ("line", "licence"),
    [
        ("This work is under CC BY-NC-ND 4.0.", "CC BY-NC-ND 4.0"),
        ("Attribution-NonCommercial 2.0 UK: England", "Attribution-NonCommercial 2.0 UK"),
        ("Reused under the Open Government Licence v3.0.", "Open Government Licence v3.0"),
        ("All rights reserved.", None),
    ],
)
def test_which_licence_it_names(line: str, licence: str | None):
    assert facts("The Last Ferry", line).licence == licence


@pytest.mark.parametrize(
    ("lines", "url"),
    [
        (
            ("Download", "https://skerry.example/research/ferry."),
            "https://skerry.example/research/ferry",
        ),
        (
            ("Citation: Hopper G, https://skerry.example/reports/1",),
            "https://skerry.example/reports/1",
        ),
        (("See also https://other.example/reports/2",), None),
        (("Download", "https://creativecommons.org/publications/by"), None),
    ],
)
def test_its_own_address_is_near_download_or_citation(lines: tuple[str, ...], url: str | None):
    assert facts("The Last Ferry", *lines).url == url


def test_a_series_or_an_organisation_above_the_title_is_not_the_title():
    assert facts("FERRY REPORT", "Skerry Trust", "The Last Ferry").title == "The Last Ferry"


@pytest.mark.parametrize(
    ("clause", "title"),
    [
        (
            "This Act may be cited as the Weirs (Amendment) Act, No. 13 of 2025.",
            "The Weirs (Amendment) Act, No. 13 of 2025",
        ),
        (
            "This Act may be cited as the Weirs Act, 2016, and commencement shall come later.",
            "The Weirs Act, 2016",
        ),
        ("This Act may be cited as the Canals of the", "The Law of Weirs"),
    ],
)
def test_a_statute_is_titled_by_the_clause_that_names_it(clause: str, title: str):
    assert facts("The Law of Weirs", clause).title == title


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("City of New Weir", True),
        ("Alliance for Open Locks", True),
        ("Weir College Northern Lands", True),
        ("Weir Observatory State of the Barges", False),
        ("Dosage and Administration", False),
        ("Leader, Society of Lock Keepers", False),
        ("Centre for Locks (CFL) Keep Barges", False),
    ],
)
def test_what_is_the_name_of_an_organisation(text: str, named: bool):
    assert is_organisation(text) is named


def test_the_first_marked_heading_is_the_title_unless_it_is_a_well_known_one():
    lines = [block("Skerry in spring"), block("Contents", "heading", mark=1), block(PROSE)]
    page = find_facts(FileText(lines), "ferry", Vocabulary([]))
    assert (page.metadata.title, page.title_at) == ("Skerry in spring", range(1))
    lines = [block("Skerry in spring"), block("The Last Ferry", "heading", mark=1), block(PROSE)]
    page = find_facts(FileText(lines), "ferry", Vocabulary([]))
    assert (page.metadata.title, page.title_at) == ("The Last Ferry", range(1, 2))


def test_words_in_another_script_are_told_apart():
    assert is_latin("Água para todos, 2031")
    assert not is_latin("水 Agua para todos 人民的水")


def test_the_front_pages_of_the_five_reports_agree_with_the_hand_made_truth(shared: Path):
    truth = json.loads((shared / "gold" / "metadata.json").read_text("utf-8"))
    months = ("October", "November", "December")
    for name, fact in truth.items():
        report = parse(shared / "corpus" / "text" / f"{name}.txt")
        wanted = (fact["title"], fact["publisher"], fact["authors"], fact["licence"], fact["url"])
        found = (report.title, report.publisher, list(report.authors), report.licence, report.url)
        assert found == wanted
        assert letters(report.subtitle or "") == letters(fact["subtitle"])
        assert report.published == f"{fact['year']}-{months.index(fact['month']) + 10}"
        assert letters(report.series or "").startswith(letters(fact["series"] or ""))
        assert bool(report.series) == bool(fact["series"])


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        (
            "Annex 7 to the order of the Ministry of Fisheries of the Republic of Skerry No. 12",
            "Ministry of Fisheries of the Republic of Skerry",
        ),
        (
            "Suggested citation: The Society of Nets, Boats and Tides (SNBT) guidelines panel.",
            "Society of Nets, Boats and Tides",
        ),
        ("This paper is cited as: Skerry Trust, 2031: What an island needs.", "Skerry Trust"),
    ],
)
def test_a_line_that_says_whose_paper_it_is_names_the_publisher(line: str, publisher: str):
    assert facts("THE LAST FERRY", line).publisher == publisher


def test_what_a_report_says_of_its_authors_names_the_institute_that_it_speaks_of():
    said = "Joan Clarke is a senior fellow at the Institute for Island Studies."
    used = [f"The Institute for Island Studies asked {n} skippers." for n in range(5, 10)]
    assert facts("THE LAST FERRY", said, *used).publisher == "Institute for Island Studies"


@pytest.mark.parametrize(
    "words", ["College Finance", "Council Tax", "Membership of the Senior Review Group"]
)
def test_a_word_for_a_body_before_its_matter_is_no_name(words: str):
    assert not is_organisation(words)


@pytest.mark.parametrize("name", ["NHS Skerry", "Reference Group for Island Health"])
def test_names_of_bodies(name: str):
    assert is_organisation(name)


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("# The Last Ferry By Joan Clarke and Ada Byron May 2024", "The Last Ferry"),
        ("# Ferry Prices in the U.S.", "Ferry Prices in the U.S."),
    ],
)
def test_a_title_without_byline_and_with_its_abbreviation(printed: str, title: str, tmp_path: Path):
    file = tmp_path / "ferry.md"
    names = "Joan Clarke and Ada Byron wrote it; Joan Clarke rows, and Ada Byron sails."
    file.write_text(f"{printed}\n\n{PROSE} {names}\n\n## Tides\n\n{PROSE}\n", encoding="utf-8")
    assert parse(file).title == title


def test_a_source_that_footnotes_repeat_is_no_publisher_and_an_abbreviation_in_a_foot_is(
    tmp_path: Path,
):
    pages = []
    for n in range(1, 6):
        words = (
            f"{pdfs.MILL} In {1800 + n} the Institute for Island Studies rowed there. {pdfs.SALT}"
        )
        foot = f"The Government of Skerry, “The Plan for the Island”, {n}"
        pages.append(
            "\n".join(
                [
                    pdfs.set_lines(pdfs.wrapped(words, 480), 100 + 7 * n),
                    pdfs.text(foot, pdfs.LEFT, 730, 8),
                    pdfs.text(f"IIS | The Last Ferry {n}", pdfs.LEFT, 770, 8),
                ]
            )
        )
    assert pdfs.report(tmp_path, *pages).publisher == "Institute for Island Studies"
