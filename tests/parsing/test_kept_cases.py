"""One case for each past bug: inputs that were once parsed incorrectly."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa import Report
from reformqa.parsing import parse
from reformqa.parsing.inline import Vocabulary, clean, is_capitals
from reformqa.recommendations.finding import find_recommendations
from support import pdfs

W = "Wheat is ground slowly between two stones, and the flour keeps the germ."
X = "The millers of the valley share one wheel, which turns from March onwards."
Y = "Ovens are lit before dawn so that the bread is ready for the first customers."


def read(text: str, tmp_path: Path, name: str = "made.txt") -> Report:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return parse(file)


def searched(report: Report) -> list[str]:
    return [p.text for p in report.paragraphs if p.searchable]


@pytest.mark.parametrize(
    "text",
    [
        f"{W}\n\n{X}\n\n{Y}\n",
        f"On Bread\n\n{W}\n\n{X}\n\n{Y}\n",
        f"# On Bread\n\n{W}\n\n{X}\n\n{Y}\n",
    ],
)
def test_a_report_without_headings_is_searched(text: str, tmp_path: Path):
    assert searched(read(text, tmp_path)) == [W, X, Y]


@pytest.mark.parametrize(
    "text",
    [
        f"ON BREAD\n\n{W}\n\nTHE MILL\n\n{X}\n\nTHE OVEN\n\n{Y}\n",
        f"# On Bread\n\n{W}\n\n# The mill\n\n{X}\n\n# The oven\n\n{Y}\n",
    ],
)
def test_chapters_without_a_contents_list_end_the_front_matter(text: str, tmp_path: Path):
    report = read(text, tmp_path)
    assert searched(report) == [X, Y]
    assert [(s.level, s.kind) for s in report.sections[1:]] == [(1, "chapter"), (1, "chapter")]


def test_a_title_that_begins_with_about_or_box_is_a_chapter_like_others(tmp_path: Path):
    titles = ("About a third of bread is waste", "Box office takings")
    text = f"# On Bread\n\n## {titles[0]}\n\n{W}\n\n## {titles[1]}\n\n{X}\n"
    report = read(text, tmp_path, "made.md")
    assert [(s.title, s.kind) for s in report.sections[1:]] == [(t, "chapter") for t in titles]


def test_an_advisory_board_in_the_body_is_no_front_matter(tmp_path: Path):
    text = f"# On Bread\n\n## Introduction\n\n{W}\n\n## The Flour Advisory Board\n\n{X}\n"
    assert searched(read(text, tmp_path, "made.md")) == [W, X]


def test_text_after_a_chapters_box_belongs_to_the_chapter(tmp_path: Path):
    text = f"# T\n\n## The mill\n\n{X}\n\n## Box 1: Ovens\n\n{Y}\n\nSource: us\n\n{W}\n"
    paths = {p.text: p.section_path for p in read(text, tmp_path, "made.md").paragraphs}
    assert paths[Y] == ("The mill", "Box 1: Ovens")
    assert paths[W] == ("The mill",)


def test_front_matter_that_holds_most_of_the_text_is_searched(tmp_path: Path):
    text = f"# On Bread\n\n## Introduction\n\n{W}\n\n## About us\n\n{80 * X}\n\n{Y}\n"
    assert searched(read(text, tmp_path, "made.md"))[-1] == Y


def test_most_text_unsearched_is_a_warning(tmp_path: Path):
    text = f"# On Bread\n\n## Introduction\n\n{W}\n\n## References\n\n{80 * X}\n\n{Y}\n"
    report = read(text, tmp_path, "made.md")
    assert report.reading.verdict == "poor"
    assert [w for w in report.warnings if w.startswith("only 1% of the words are searched")]


@pytest.mark.parametrize("text", ["One", "Pay", "The Law Act"])
def test_short_words_with_a_capital_are_not_capitals(text: str):
    assert not is_capitals(text)


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        ("their day-", "to-day work", "their day-to-day work"),
        ("their day-to-", "day work", "their day-to-day work"),
        ("a non-", "place-based view", "a non-place-based view"),
        ("they estab-", "lish it", "they establish it"),
    ],
)
def test_compounds_of_three_keep_their_hyphens(left: str, right: str, joined: str):
    vocabulary = Vocabulary(["Their day-to-day work. A non place is based there."])
    assert vocabulary.join(left, right) == joined


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31km² of mud", "31km² of mud"),
        ("growth² in 40 m² flats", "growth in 40 m² flats"),
        ("https://x.org/?id=3&section=2&copy=1", "https://x.org/?id=3&section=2&copy=1"),
        ("a &amp; b", "a & b"),
        ("2*3 and *bold* and _slanted_ and `code`", "2*3 and bold and slanted and code"),
        ("![A map](x.png) shown[^1]", "shown"),
        ("0__ and __bold__ and snake_case", "0 and bold and snake_case"),
    ],
)
def test_marks_are_taken_away_and_nothing_else(text: str, expected: str):
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("title", "shown"), [("PART IV", "Part IV"), ("IPPR'S IDEA", "IPPR's Idea")]
)
def test_numerals_and_possessives_keep_their_form_in_a_title(title: str, shown: str):
    assert Vocabulary(["An idea of IPPR is that it has a part."]).title(title) == shown


@pytest.mark.parametrize(
    ("front", "authors"),
    [
        ("Small Town Health\n\nEXECUTIVE SUMMARY", ()),
        ("Small Town Health\n\nBy Ada Byron", ("Ada Byron",)),
        ("Small Town Health\n\nAuthors: Ada Byron and Mary Lamb", ("Ada Byron", "Mary Lamb")),
    ],
)
def test_headings_are_no_authors_and_bylines_no_subtitles(
    front: str, authors: tuple[str, ...], tmp_path: Path
):
    report = read(f"{front}\n\n{W}\n", tmp_path)
    assert (report.authors, report.subtitle) == (authors, None)


@pytest.mark.parametrize("notice", ["© 2021 Valley Institute", "Copyright 2021 Valley Institute"])
def test_a_publisher_may_follow_the_year(notice: str, tmp_path: Path):
    report = read(f"# On Bread\n\n{notice}\n\n## Introduction\n\n{W}\n", tmp_path)
    assert (report.publisher, report.published) == ("Valley Institute", "2021")


@pytest.mark.parametrize(
    "label", ["### Recommendation 1\n\n", "Recommendation 1\n\n", "### Recommendation 1: "]
)
def test_a_label_may_stand_above_its_recommendation(label: str, tmp_path: Path):
    text = f"# On Bread\n\n## Proposals\n\n{W}\n\n{label}Pay for half the slates.\n\n{X}\n"
    found = find_recommendations(read(text, tmp_path, "made.md"))
    assert [(r.label, r.text) for r in found] == [("Recommendation 1", "Pay for half the slates.")]


def test_the_last_item_but_one_does_not_swallow_what_follows(tmp_path: Path):
    text = f"# T\n\n## C\n\nWe ask for:\n\n- a clock; and\n\n{W}\n"
    assert searched(read(text, tmp_path, "made.md")) == ["We ask for:", "a clock; and", W]


def test_a_recommendation_spelt_out_below_is_not_a_pull_quote(tmp_path: Path):
    short = "Government should pay for the slates of every mill in the land."
    text = f"# T\n\n## C\n\n{short}\n\n{short} It costs little and keeps the rain out.\n"
    assert searched(read(text, tmp_path, "made.md"))[0] == short


# PDFs


def flow(text: str, times: int = 3) -> str:
    """Return the same sentence repeatedly, each time with another year."""
    return " ".join(f"{text[:-1]} in {1900 + n}." for n in range(times))


def prose(words: str, top: float, *, x: float = 50, measure: float = 480) -> str:
    return pdfs.set_lines(pdfs.wrapped(words, measure), top, x=x)


def kinds(report: Report) -> dict[str, str]:
    return {p.text: p.kind for p in report.paragraphs}


def test_the_underline_of_a_link_is_no_rule_above_footnotes(tmp_path: Path):
    page = [
        pdfs.text("On bread", 50, 70, 24),
        prose(flow(W), 100),
        prose(flow(X), 160),
        pdfs.text("The ledger is kept at mill.example/ledger by the town's own clerk.", 50, 700, 8),
        pdfs.stroke(50, 701.5, 250, 701.5),
        pdfs.text("300 loaves were lost in the year of the flood.", 50, 712, 8),
    ]
    report = pdfs.report(tmp_path, "\n".join(page))
    assert [p.kind for p in report.paragraphs if "loaves were lost" in p.text] == ["body"]


@pytest.mark.parametrize("size", [8, 10])
def test_the_first_line_of_a_page_in_a_running_heads_place_is_kept(tmp_path: Path, size: float):
    pages = [
        pdfs.text("On bread", 50, 40, size) + prose(flow(words), 100 + 30 * n)
        for n, words in enumerate((W, X, "Salt is sold by the sack on the quay.", "It rains."))
    ]
    opening = prose(flow(Y), 41)  # this page has no running head
    report = pdfs.report(tmp_path, *pages, opening)
    assert pdfs.one(report, "Ovens are lit").text == flow(Y)
    assert [p.text for p in report.paragraphs if p.kind == "furniture"] == ["On bread"] * 4


def test_a_long_heading_that_the_contents_list_repeats_is_no_pull_quote(tmp_path: Path):
    title = "What every miller of the valley is paid for a sack of rye"
    listed = [pdfs.text("Contents", 50, 80, 18)]
    for n, name in enumerate((title, "The mill", "The oven", "The lock"), start=2):
        listed += [pdfs.text(name, 50, 100 + 20 * n), pdfs.text(str(n), 540, 100 + 20 * n)]
    chapter = pdfs.text(title, 50, 80, 15, "F2") + prose(flow(X), 120) + prose(flow(W), 200)
    report = pdfs.report(tmp_path, "\n".join(listed), chapter)
    assert kinds(report)[title] == "heading"
    assert pdfs.one(report, "The millers of").section_path[-1] == title


def test_double_letters_drawn_one_by_one_are_both_read(tmp_path: Path):
    words = "A full bushel of good wheat will keep all the needy off the streets."
    drawn, x = [], 50.0
    for letter in words:
        drawn.append(pdfs.text(letter, round(x, 2), 100) if letter != " " else "")
        x += pdfs.width(letter)
    assert words in kinds(pdfs.report(tmp_path, "\n".join(drawn) + prose(W, 130)))


def test_a_boxs_title_after_a_figure_is_a_heading_and_no_caption(tmp_path: Path):
    page = [
        pdfs.text("On bread", 50, 70, 24),
        prose(flow(W), 100),
        pdfs.text("Figure 1: Loaves by day", 50, 200, 10, "F2"),
        pdfs.rectangle(50, 220, 550, 320),
        pdfs.text("Box 2: Salt", 60, 240, 10, "F2"),
        prose(flow(X), 260, x=60, measure=460),
        prose(flow(Y), 350),
    ]
    report = pdfs.report(tmp_path, "\n".join(page))
    assert kinds(report)["Box 2: Salt"] == "heading"
    assert kinds(report)["Figure 1: Loaves by day"] == "caption"
    assert pdfs.one(report, "The millers of").section_kind == "box"


def test_a_boxs_title_is_not_the_reports(tmp_path: Path):
    page = [
        prose(flow(W), 100),
        pdfs.rectangle(50, 220, 550, 320),
        pdfs.text("Box 2: Salt", 60, 240, 10, "F2"),
        prose(flow(X), 260, x=60, measure=460),
        prose(flow(Y), 350),
    ]
    report = pdfs.report(tmp_path, "\n".join(page))
    assert report.title != "Box 2: Salt"
    assert pdfs.one(report, "The millers of").section_kind == "box"


def test_boxes_of_one_look_on_following_pages_are_two(tmp_path: Path):
    pages = []
    for n, words in enumerate((W, X), start=1):
        page = [
            pdfs.rectangle(50, 100, 550, 220),
            pdfs.text(f"Box {n}: Salt", 60, 120, 10, "F2"),
            prose(flow(words), 140, x=60, measure=460),
            prose(flow(Y), 260),
        ]
        pages.append("\n".join(page))
    first = pdfs.text("On bread", 50, 70, 24) + prose(flow(Y, 8), 100)
    report = pdfs.report(tmp_path, first, *pages)
    assert [s.title for s in report.sections if s.kind == "box"] == ["Box 1: Salt", "Box 2: Salt"]
    assert pdfs.one(report, "Wheat is").section_path[-1] == "Box 1: Salt"
    assert pdfs.one(report, "The millers").section_path[-1] == "Box 2: Salt"


def test_a_table_row_cut_by_the_page_end_is_a_row(tmp_path: Path):
    """Upright rules show the row, because no rule across ends it on its page."""
    cells = (("Crop", "Sown"), ("Rye", "Late, when the first"), ("Oats", "Early, and not"))
    rows = [
        pdfs.text(cell, 60 + 200 * n, 694 + 30 * m)
        for m, row in enumerate(cells)
        for n, cell in enumerate(row)
    ]
    rules = [pdfs.stroke(50, y, 450, y) for y in (680, 710, 740)]
    rules += [
        pdfs.stroke(x, top, x, bottom)
        for x in (50, 250, 450)
        for top, bottom in ((680, 710), (710, 740), (740, 770))
    ]
    report = pdfs.report(tmp_path, "\n".join([prose(flow(W), 100), *rows, *rules]), prose(Y, 100))
    assert [p.text for p in report.paragraphs if p.kind == "table"] == [
        " | ".join(row) for row in cells
    ]


def test_a_large_number_before_a_recommendation_makes_no_heading_of_it(tmp_path: Path):
    items = ["Weigh every loaf at the door of the bakery.", "Sow rye in every field by the lock."]
    page = [prose(flow(W), 100)]
    for n, words in enumerate(items, start=1):
        page += [pdfs.text(str(n), 50, 202 + 40 * n, 20), pdfs.text(words, 72, 200 + 40 * n)]
    report = pdfs.report(tmp_path, "\n".join([*page, prose(flow(X), 350)]))
    assert [(p.kind, p.label) for p in report.paragraphs if p.text in items] == [
        ("numbered", "1"),
        ("numbered", "2"),
    ]


def test_a_drop_cap_is_the_first_letter_of_its_paragraph(tmp_path: Path):
    lines = pdfs.wrapped(flow(W)[1:], 400)
    edge = 50 + pdfs.width("W", 34) + 2
    page = [
        pdfs.text("W", 50, 124, 34),
        *(pdfs.text(ln, edge if n < 2 else 50, 104 + 12 * n) for n, ln in enumerate(lines)),
        prose(flow(X), 200),
    ]
    report = pdfs.report(tmp_path, "\n".join(page))
    assert [p.text for p in report.paragraphs] == [flow(W), flow(X)]
