"""A list of references ends where prose begins again, and what follows is searched."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa import Report
from reformqa.model import ParagraphKind
from reformqa.parsing import parse
from reformqa.parsing.references import references_end
from support.makers import block

ENTRIES = [
    "Byron A. and Hopper G. (2019), On Ovens, vol. 4, Bath: The Mill Press, pp. 12-40.",
    "Clarke J, Long P, Moss R, et al. The price of flour in the towns of the north, and what is "
    "known of it. Journal of Bread 2017;12(3):45-67. Available at: https://example.org/flour",
    "Jeffrey Short, Anna Pell, and Omar Reed. 2013. Which loaves rise. In Proceedings of the "
    "Bakers of the Valley, Bath.",
]
PROSE = [
    "The ovens of the valley were built when wood was cheap, and most of them have not been "
    "repaired since then, although the millers asked for it.",
    "This chapter says who should pay for the repairs. It also shows that the cost is lower than "
    "the price of the bread that the valley buys from the towns.",
    "They may be repaired in turn, as Byron et al. (2019) found, because the valley does not need "
    "all of its ovens in summer, when it is easier to buy.",
]
REMARK = (
    "This is the first study of the ovens, and it is still the best. It does not say how they "
    "were built, which others have since found out."
)


def end(*blocks: tuple[ParagraphKind, str]) -> int | None:
    made = [block(text, kind) for kind, text in blocks]
    return references_end(made, 0, len(made))


def body(*texts: str) -> list[tuple[ParagraphKind, str]]:
    return [("body", text) for text in texts]


@pytest.mark.parametrize(
    ("blocks", "position"),
    [
        (body(*ENTRIES, *PROSE), 3),
        (body(*ENTRIES, *PROSE[:2]), 3),
        (body(*ENTRIES, *PROSE[:1]), None),
        (body(*ENTRIES, PROSE[0][:-1], "and " + PROSE[1]), None),
        (body(*ENTRIES), None),
        (body(*ENTRIES, "This is about the ovens that are left.", *PROSE), 3),
        ([*body(*ENTRIES, PROSE[0]), ("bullet", "oats"), *body(PROSE[1])], 3),
        ([*body(*ENTRIES, PROSE[0]), ("footnote", "1 Op."), *body(PROSE[1])], 3),
        (body(ENTRIES[0], REMARK, ENTRIES[1], REMARK, ENTRIES[2], REMARK), None),
        (body(ENTRIES[0], REMARK, REMARK, ENTRIES[1], REMARK, REMARK, ENTRIES[2], REMARK), None),
        ([("numbered", REMARK)] * 5, None),
        (body(*PROSE, *PROSE, ENTRIES[0]), 0),
    ],
    ids=[
        "prose after entries",
        "two paragraphs are enough",
        "one is a remark",
        "also if a page divides it",
        "a list alone",
        "a short paragraph before them is theirs",
        "a list may stand between them",
        "a note may stand between them",
        "an annotated list",
        "an annotated list with long remarks",
        "numbered endnotes that are sentences",
        "an entry among much prose",
    ],
)
def test_references_end_at(blocks: list[tuple[ParagraphKind, str]], position: int | None):
    assert end(*blocks) == position


def test_prose_may_cite_a_year_and_an_author():
    assert end(*body(ENTRIES[0], PROSE[2], PROSE[2])) == 1


def read(folder: Path, *parts: str) -> Report:
    file = folder / "made.md"
    file.write_text("\n\n".join(["# On Bread", *parts]), encoding="utf-8")
    return parse(file)


def searched(report: Report) -> list[str]:
    return [p.text for p in report.paragraphs if p.searchable]


def test_prose_after_references_without_a_heading_is_searched(tmp_path: Path):
    report = read(tmp_path, "## The mill", REMARK, "## References", *ENTRIES, *PROSE)
    assert searched(report) == [REMARK, *PROSE]
    found = {p.text: (p.section_path, p.section_kind) for p in report.paragraphs}
    assert {found[text] for text in ENTRIES} == {(("References",), "references")}
    assert {found[text] for text in PROSE} == {((), "chapter")}, "its title is unknown"
    assert report.sections[-1].span == (3, 7), "the section ends with its list"


def test_headings_after_the_prose_are_outside_the_references(tmp_path: Path):
    report = read(
        tmp_path,
        *("## The mill", REMARK, "## References", *ENTRIES, *PROSE),
        *("#### The oven", REMARK + " So it is."),
    )
    assert searched(report)[-1].endswith("So it is.")
    assert report.paragraphs[-1].section_path == ("The oven",)


def test_a_heading_in_references_with_prose_and_no_list_begins_the_prose(tmp_path: Path):
    report = read(
        tmp_path, "## The mill", REMARK, "## References", *ENTRIES, "#### The oven", *PROSE
    )
    assert searched(report) == [REMARK, *PROSE]
    assert report.paragraphs[-1].section_path == ("The oven",)


def test_notes_that_are_prose_are_searched_below_their_title(tmp_path: Path):
    report = read(tmp_path, "## The mill", REMARK, "## Notes", *PROSE)
    assert searched(report) == [REMARK, *PROSE]
    assert report.paragraphs[-1].section_path == ("Notes",)


def test_a_report_without_prose_in_its_references_is_read_as_before(tmp_path: Path):
    report = read(
        tmp_path, "## The mill", REMARK, "## References", *ENTRIES, "#### Books", *ENTRIES
    )
    assert searched(report) == [REMARK]
    assert {p.section_kind for p in report.paragraphs[4:]} == {"references"}
