"""Headings, marked or not, are found and placed in the tree with the right kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reformqa import Report
from reformqa.model import UNSEARCHED_SECTIONS
from reformqa.parsing import parse
from reformqa.parsing.furniture import Contents
from reformqa.parsing.inline import Vocabulary
from reformqa.parsing.sections import find_headings
from reformqa.parsing.titles import aside_kind, is_statement, known_kind, marks_nest
from support import pdfs
from support.makers import block
from support.pdfs import LEFT

RYE = "Rye was sown on the north side of the hill and cut by hand in the second week of August."
OATS = "Oats came later, once the miller had found a buyer for them in the town beyond the ridge."
OVEN = "The oven holds sixty loaves, and it is lit on every night of the week except for Sunday."


def read(folder: Path, *blocks: str) -> Report:
    file = folder / "bread.txt"
    file.write_text("\n\n".join(blocks), encoding="utf-8")
    return parse(file)


def outline(report: Report) -> list[tuple[int, str, str]]:
    """Return the level, kind and title of each section after the report's title."""
    return [(s.level, s.kind, s.title) for s in report.sections[1:]]


def test_marks_that_nest_are_believed(tmp_path: Path):
    report = read(
        tmp_path,
        *("# On Bread", RYE, "## Rye", "### Kinds", "#### Dark", OATS, "### Uses", "## Oats", OVEN),
    )
    assert [(s.title, s.level, s.parent, s.span, s.line) for s in report.sections] == [
        ("On Bread", 1, None, (0, 2), 1),
        ("Rye", 1, None, (2, 7), 5),
        ("Kinds", 2, 1, (3, 6), 7),
        ("Dark", 3, 2, (4, 6), 9),
        ("Uses", 2, 1, (6, 7), 13),
        ("Oats", 1, None, (7, 9), 15),
    ]


@pytest.mark.parametrize(
    ("marks", "nest"),
    [
        ([1, 2, 3, 2, 3], True),
        ([1, 2, 4], False),
        ([1, 2, 1], False),
        ([2, 3], False),
        ([1], False),
        ([], False),
    ],
)
def test_marks_nest_with_one_title_and_no_level_skipped(marks: list[int], nest: bool):
    assert marks_nest([block("Rye", "heading", mark=m) for m in marks]) is nest


def test_marks_that_do_not_nest_leave_the_level_to_name_and_capitals(tmp_path: Path):
    report = read(
        tmp_path,
        *("# On Bread", "#### Executive summary", RYE, "# WHAT WE SAW", "## The mill", OATS),
        *("###### References", "Byron A (2019) On Rye."),
    )
    assert outline(report) == [
        (1, "summary", "Executive summary"),
        (2, "summary", "What We Saw"),
        (3, "summary", "The mill"),
        (1, "references", "References"),
    ]


def test_unmarked_capitals_are_a_heading_and_sentence_case_ranks_below(tmp_path: Path):
    report = read(
        tmp_path,
        *("ON BREAD", "INTRODUCTION", RYE, "THE MILL", OATS, "Who owns the wheel", OVEN),
        *("THE OVEN", RYE + " Again."),
    )
    assert outline(report) == [
        (1, "chapter", "Introduction"),
        (2, "section", "The Mill"),
        (3, "section", "Who owns the wheel"),
        (2, "section", "The Oven"),
    ]


def test_the_contents_list_says_which_unmarked_headings_are_chapters(tmp_path: Path):
    report = read(
        tmp_path,
        *("ON BREAD", "CONTENTS", "Rye and its kinds 3", "The oven 8"),
        *("Rye and its kinds", RYE, "Who cuts it", OATS, "The oven", OVEN),
    )
    assert outline(report) == [
        (1, "front", "Contents"),
        (1, "chapter", "Rye and its kinds"),
        (2, "section", "Who cuts it"),
        (1, "chapter", "The oven"),
    ]
    assert [p.text for p in report.paragraphs if p.kind == "furniture"] == [
        "Rye and its kinds 3",
        "The oven 8",
    ]


def test_with_a_contents_list_a_conclusion_it_leaves_out_is_the_chapters_own(tmp_path: Path):
    report = read(
        tmp_path,
        *("ON BREAD", "CONTENTS", "Chapter One: Rye 3", "Chapter Two: Oats 8"),
        *("CHAPTER ONE: RYE", RYE, "CONCLUSION", OVEN, "CHAPTER TWO: OATS", OATS),
    )
    assert outline(report)[1:] == [
        (1, "chapter", "Chapter One: Rye"),
        (2, "section", "Conclusion"),
        (1, "chapter", "Chapter Two: Oats"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "title"),
    [
        ("CHAPTER ONE", "THE MILL ON THE HILL", "Chapter One: The Mill on the Hill"),
        ("Chapter 2", "Who owns the mill", "Chapter 2: Who owns the mill"),
        ("PART TWO", "THE MILL", "Part Two: The Mill"),
    ],
)
def test_a_chapter_number_takes_the_title_on_the_next_line(
    tmp_path: Path, first: str, second: str, title: str
):
    report = read(tmp_path, "ON BREAD", "INTRODUCTION", RYE, first, second, OATS)
    assert outline(report) == [(1, "chapter", "Introduction"), (1, "chapter", title)]
    assert report.paragraphs[3].lines == (7, 9)


def test_a_marked_number_takes_the_title_on_the_next_line(tmp_path: Path):
    report = read(tmp_path, "# On Bread", "# Introduction", RYE, "# 3", "# The mill", OATS)
    assert [t for _, _, t in outline(report)] == ["Introduction", "3. The mill"]


def test_a_case_study_has_its_title_and_is_below_the_section_it_interrupts(tmp_path: Path):
    report = read(
        tmp_path,
        *(
            "ON BREAD",
            "INTRODUCTION",
            RYE,
            "THE MILL",
            OATS,
            "CASE STUDY 2",
            "THE OVERBY OVEN",
            OVEN,
        ),
    )
    assert outline(report)[1:] == [
        (2, "section", "The Mill"),
        (3, "case study", "Case Study 2: The Overby Oven"),
    ]


def test_numbered_families_share_a_level(tmp_path: Path):
    report = read(
        tmp_path,
        *("ON BREAD", "INTRODUCTION", RYE, "SHIFT 1: THE MILL", OATS, "Who owns it", OVEN),
        *("SHIFT 2: THE OVEN", RYE + " Again."),
    )
    assert [(level, title) for level, _, title in outline(report)] == [
        (1, "Introduction"),
        (2, "Shift 1: The Mill"),
        (3, "Who owns it"),
        (2, "Shift 2: The Oven"),
    ]


def test_a_heading_caught_in_a_list_is_a_heading(tmp_path: Path):
    report = read(
        tmp_path, "# On Bread", "## Rye", "- sown late", "- cut by hand", "- Who buys it**", OATS
    )
    assert [(p.kind, p.text) for p in report.paragraphs[2:]] == [
        ("bullet", "sown late"),
        ("bullet", "cut by hand"),
        ("heading", "Who buys it"),
        ("body", OATS),
    ]


def test_a_sentence_set_as_a_heading_stays_text(tmp_path: Path):
    demand = "Councils should let any miller use the wheel on a Sunday"
    report = read(tmp_path, "# On Bread", "## Rye", RYE, f"## {demand}", OATS)
    assert outline(report) == [(1, "chapter", "Rye")]
    assert [(p.kind, p.text) for p in report.paragraphs[2:]] == [
        ("body", RYE),
        ("body", demand),
        ("body", OATS),
    ]


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("Councils should let any miller use the wheel", True),
        ("What should councils do?", False),
        ("COUNCILS SHOULD LET ANY MILLER USE THE WHEEL", False),
        ("3 Councils should let any miller use the wheel", False),
        (OATS, True),
        ("A long title that says of the mill and of the wheel all that there is", False),
    ],
)
def test_what_counts_as_a_sentence_set_as_a_heading(text: str, statement: bool):
    assert is_statement(block(text, "heading", mark=2)) is statement


@pytest.mark.parametrize(
    "lines",
    [
        ("The mill turned and the miller slept.", OATS),
        ("Three things are needed for it:", "- rye", "- salt"),
        ("Overby", "Netherfold", "Upper Fold", OATS),
        ("ada@mill.example", OATS),
    ],
)
def test_a_short_line_that_is_no_title_is_no_heading(tmp_path: Path, lines: tuple[str, ...]):
    report = read(tmp_path, "ON BREAD", "INTRODUCTION", RYE, *lines)
    assert [t for _, _, t in outline(report)][:1] == ["Introduction"]
    assert lines[0] not in [t for _, _, t in outline(report)]


def test_a_bold_line_in_a_file_with_heading_marks_is_a_heading(tmp_path: Path):
    report = read(tmp_path, "# On Bread", "## Rye", RYE, "**Who buys the rye**", OATS)
    assert [t for _, _, t in outline(report)] == ["Rye", "Who buys the rye"]


def test_a_bold_line_under_a_figure_is_part_of_it(tmp_path: Path):
    report = read(
        tmp_path, "# On Bread", "## Rye", RYE, "Figure 1", "Sacks a year", "**Rye oats bran**", OATS
    )
    assert [t for _, _, t in outline(report)] == ["Rye"]


def test_numbered_subsections_share_a_level_and_unnumbered_ones_stand_below(tmp_path: Path):
    report = read(
        tmp_path,
        *("ON BREAD", "INTRODUCTION", RYE, "THE MILL", OATS, "2.1 The wheel", OVEN),
        *("Who turns it", RYE + " Again.", "2.2 The stone", OATS + " Again."),
    )
    assert [(level, title) for level, _, title in outline(report)[1:]] == [
        (2, "The Mill"),
        (3, "2.1 The wheel"),
        (4, "Who turns it"),
        (3, "2.2 The stone"),
    ]


def test_a_lower_mark_right_below_a_heading_is_one_level_deeper(tmp_path: Path):
    report = read(
        tmp_path,
        *("# On Bread", "# Introduction", RYE, "# THE MILL", "## The wheel", "### Who turns it"),
        *(OATS, "### Who oils it", OVEN, "## The stone", RYE + " Again."),
    )
    assert [(level, title) for level, _, title in outline(report)[1:]] == [
        (2, "The Mill"),
        (3, "The wheel"),
        (4, "Who turns it"),
        (4, "Who oils it"),
        (3, "The stone"),
    ]


def test_a_list_of_references_has_no_headings_of_its_own(tmp_path: Path):
    report = read(
        tmp_path,
        "ON BREAD",
        "INTRODUCTION",
        RYE,
        "REFERENCES",
        "Byron on rye",
        "Clarke J, Oats",
        OATS,
    )
    assert outline(report) == [(1, "chapter", "Introduction"), (1, "references", "References")]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Contents", "front"),
        ("ABOUT THE AUTHORS", "front"),
        ("Acknowledgements", "front"),
        ("Licence to publish", "licence"),
        ("Open access. Some rights reserved.", "licence"),
        ("Bibliography", "references"),
        ("Endnotes", "references"),
        ("EXECUTIVE SUMMARY", "summary"),
        ("Key findings", "summary"),
        ("5. Conclusion", "conclusion"),
        ("Appendix A: Ovens", "annex"),
        ("Foreword", "chapter"),
        ("The mill", None),
        ("Referencesmith", None),
    ],
)
def test_a_well_known_title_names_its_kind(title: str, kind: str | None):
    assert known_kind(title) == kind


def test_boxes_and_case_studies_say_so_in_their_title():
    titles = ("Box 2: Ovens", "CASE STUDY", "Case study 3: Rye", "Boxes", "A case study")
    assert [aside_kind(t) for t in titles] == ["box", "case study", "case study", None, None]


def test_front_matter_references_and_licence_are_not_searched(tmp_path: Path):
    report = read(
        tmp_path,
        *("# On Bread", RYE, "## Introduction", OATS, "## References", "Byron A, On Rye"),
        *("## Licence to publish", OVEN, "## Annex A", "Bran was weighed."),
    )
    kinds = {p.section_kind: p.searchable for p in report.paragraphs if p.kind == "body"}
    assert kinds == {
        "front": False,
        "chapter": True,
        "references": False,
        "licence": False,
        "annex": True,
    }
    assert {k for k, searched in kinds.items() if not searched} == UNSEARCHED_SECTIONS


def test_sections_below_a_summary_are_summary_too(tmp_path: Path):
    report = read(tmp_path, "# On Bread", "## Summary", RYE, "### What we ask", OATS)
    assert outline(report) == [(1, "summary", "Summary"), (2, "summary", "What we ask")]


def test_numbered_titles_without_marks_are_headings(tmp_path: Path):
    report = read(
        tmp_path,
        *(
            "On Bread",
            "1. Introduction",
            RYE,
            "1.1 Rye",
            OATS,
            "1.2 Oats\n1.2.1 Oats by weight",
            OVEN,
        ),
        *("2. Baking", RYE, "1. Knead the dough\n2. Prove the dough\n3. Bake the dough", OATS),
        *("3 Prices\n3.1 In the town", OVEN, "References", "Miller, A. (2030) On rye."),
    )
    assert outline(report) == [
        (1, "chapter", "1. Introduction"),
        (2, "section", "1.1 Rye"),
        (2, "section", "1.2 Oats"),
        (3, "section", "1.2.1 Oats by weight"),
        (1, "chapter", "2. Baking"),
        (1, "chapter", "3 Prices"),
        (2, "section", "3.1 In the town"),
        (1, "references", "References"),
    ]
    assert [p.text for p in report.paragraphs if p.kind == "numbered"] == [
        *("Knead the dough", "Prove the dough", "Bake the dough"),
    ]


def test_a_list_is_no_outline(tmp_path: Path):
    report = read(tmp_path, "On Bread", RYE, "1. Knead it", "2. Prove it", "3. Bake it", OVEN)
    assert [s.title for s in report.sections if s.title[0].isdigit()] == []


def test_a_first_chapter_is_no_subtitle(tmp_path: Path):
    report = read(tmp_path, "On Bread", "Chapter 1\nRye in the hills", RYE, "Chapter 2\nOats", OATS)
    assert [title for *_, title in outline(report)] == [
        "Chapter 1 Rye in the hills",
        "Chapter 2 Oats",
    ]
    assert [p.text for p in report.paragraphs if p.searchable] == [RYE, OATS]


def test_a_contents_list_holds_no_sections(tmp_path: Path):
    listed = "Rye 1\nOats and barley 2\nThe oven 3"
    report = read(
        tmp_path,
        *("THE BREAD REVIEW", "Contents", listed, "Rye", RYE, "Oats and barley", OATS),
        *("The oven", OVEN),
    )
    assert outline(report) == [
        (1, "front", "Contents"),
        *((1, "chapter", title) for title in ("Rye", "Oats and barley", "The oven")),
    ]
    assert [p.text for p in report.paragraphs if p.searchable] == [RYE, OATS, OVEN]


def test_sections_below_the_title_are_no_front_matter():
    blocks = [
        *(block("On Bread", kind="heading", mark=2), block(RYE)),
        *(block("Where rye grows", kind="heading", mark=3), block(OATS)),
        *(block("About us", kind="heading", mark=3), block(OVEN)),
    ]
    nothing = Contents(frozenset(), frozenset())
    vocabulary = Vocabulary([b.text for b in blocks])
    found = find_headings(blocks, nothing, vocabulary, range(1), trusted=True)
    assert [(h.level, h.kind) for h in found] == [(1, "front"), (2, "chapter"), (2, "front")]


def test_a_report_without_headings_says_so(tmp_path: Path):
    report = read(tmp_path, RYE, OATS)
    assert report.sections == ()
    assert [(p.section, p.section_path) for p in report.paragraphs] == [(-1, ()), (-1, ())]
    assert report.warnings == (
        "no headings found: the report is read as one section",
        "publisher not found: add the report to catalogue.toml",
    )


def test_headings_of_the_five_reports_agree_with_the_hand_made_truth(shared: Path):
    truth = json.loads((shared / "gold" / "sections.json").read_text("utf-8"))
    right = wanted = found = level = 0
    for name, entries in truth.items():
        headings = [t for t in entries if t["kind"] not in ("figure", "table")]
        optional = {t["line"] for t in headings if t.get("optional")}
        levels = {t["line"]: t["level"] for t in headings if not t.get("optional")}
        report = parse(shared / "corpus" / "text" / f"{name}.txt")
        read_levels = {s.line: s.level for s in report.sections if s.line not in optional}
        both = levels.keys() & read_levels.keys()
        right, wanted, found = right + len(both), wanted + len(levels), found + len(read_levels)
        level += sum(levels[line] == read_levels[line] for line in both)
    assert wanted > 300
    assert right / wanted >= 0.97
    assert right / found >= 0.97
    assert level / right >= 0.85


def test_the_text_below_a_title_is_searched_although_a_heading_stands_above_it(tmp_path: Path):
    rows = ["This goes to all who bake in the valley.", "Subject: Ovens of the valley"]
    page = [
        pdfs.text("Circular of the mill", LEFT, 60, 10, "F2"),
        pdfs.set_lines(rows[:1], 90),
        pdfs.text(rows[1], LEFT, 120, 10, "F2"),
        pdfs.set_lines(pdfs.wrapped(f"{pdfs.MILL} {pdfs.OVEN}", 480), 160),
    ]
    read = pdfs.report(tmp_path, "\n".join(page))
    assert read.title == "Ovens of the valley"
    assert any(p.searchable and p.text.startswith(pdfs.MILL) for p in read.paragraphs)


def test_the_references_of_one_chapter_do_not_hold_the_next(tmp_path: Path):
    said = "The mill of the valley has stood where the canal bends for two hundred years."
    parts = [
        f"## References\n\n{n}. Hopper G (19{n}0) Ferries.\n\n#### The oven {n}\n\n{said} {n}"
        for n in (1, 2, 3)
    ]
    file = tmp_path / "mill.md"
    file.write_text("# On Bread\n\n## The mill\n\n" + "\n\n".join([said, *parts]), encoding="utf-8")
    searched = [p.text for p in parse(file).paragraphs if p.searchable]
    assert [f"{said} {n}" for n in (1, 2, 3)] == [t for t in searched if t[-1].isdigit()]
