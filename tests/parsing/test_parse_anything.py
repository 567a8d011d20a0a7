"""A file of any lines is parsed into a valid tree, or refused with its name."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from reformqa import Report, UnreadableFileError
from reformqa.ingest.passages import make_passages
from reformqa.parsing import parse
from reformqa.recommendations.finding import find_recommendations
from reformqa.text.similarity import letters

LINES = (
    *("# On Bread", "## The mill", "### Box 1: Ovens", "#### Step 1: Heat", "# 3", "## References"),
    *("CHAPTER ONE", "THE MILL", "CASE STUDY", "BOX 2: FLOUR", "Step 2: Knead", "STEP 3: BAKE"),
    *(
        "CONTENTS",
        "Summary\t5",
        "1. The mill.....7",
        "About us",
        "SUMMARY",
        "REFERENCES",
        "Licence",
    ),
    *("- a crust;", "1. A loaf", "   - a crumb", "2) **Sell it.** At once.", "- Trust and flour**"),
    *("TABLE 1", "FIGURE 1.2: Loaves", "Source: our ovens", "a\tb\tc", "| a | b |", "|---|---|"),
    *("<sup>1</sup> Ibid.", "2 Byron, A. Bread. 2020.", "© Byron", "12", "> Bread is all."),
    *("Recommendation 1: Bake more.", "Recommendation 2", "Policy Option One: Bake less."),
    "Government should buy flour from every mill in the valley.",
    "The mill grinds slowly, and its stones are dressed by hand each March for the estab-",
    "lishment of a flour that keeps. Nobody minds the noise it makes on a quiet morning.",
    "Bakers rise early because the ovens want two hours before the first loaf goes in.",
    *("", "", "", "", ""),
)


@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=40)), max_size=40))
def test_any_lines_make_a_sound_report_or_a_named_refusal(lines: list[str]):
    report = read("\n".join(lines))
    if isinstance(report, UnreadableFileError):
        assert "any.txt" in str(report)
        return
    check_tree(report)
    check_paragraphs(report)


def read(text: str) -> Report | UnreadableFileError:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "any.txt"
        file.write_bytes(text.encode("utf-8", errors="replace"))
        try:
            return parse(file)
        except UnreadableFileError as refusal:
            return refusal


def check_tree(report: Report) -> None:
    for n, section in enumerate(report.sections):
        start, end = section.span
        assert 0 <= start < end <= len(report.paragraphs)
        assert section.level >= 1
        if section.parent is not None:
            above = report.sections[section.parent]
            assert section.parent < n
            assert above.level < section.level
            assert above.span[0] <= start
            assert end <= above.span[1]


def check_paragraphs(report: Report) -> None:
    paragraphs = report.paragraphs
    by_id = {p.id: p for p in paragraphs}
    assert len(by_id) == len(paragraphs)
    assert [p.number for p in paragraphs] == list(range(1, len(paragraphs) + 1))
    assert all(letters(p.text) for p in paragraphs)
    found = find_recommendations(report)
    for recommendation in found:
        stated = by_id[recommendation.stated]
        assert letters(recommendation.text) in letters(stated.text)
        assert set(recommendation.restated) <= set(by_id)
    for passage in make_passages(report, found):
        start, end = passage.span
        assert by_id[passage.paragraph_id].text[start:end] == passage.text
