"""One kept case for each bug met: inputs that were once read wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa import Report
from reformqa.parsing import parse
from reformqa.parsing.inline import Vocabulary, clean, is_capitals
from reformqa.recommendations import find_recommendations

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


def test_most_text_unsearched_is_a_warning(tmp_path: Path):
    text = f"# On Bread\n\n## Introduction\n\n{W}\n\n## About us\n\n{80 * X}\n\n{Y}\n"
    assert read(text, tmp_path, "made.md").warnings[0].startswith("only 1 of 3 paragraphs")


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
