"""Without layout, a box or case study ends at its source, after its list, or with its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa.model import Region
from reformqa.parsing import parse
from reformqa.parsing.asides import aside_end
from reformqa.parsing.blocks import Block
from support.makers import block

PROSE = block("The oven was built in a week and fired on the eighth day.")
OPEN = block("The oven was built in a week and then")
SMALL = block("fired on the eighth day.")
ITEM = block("a dry cord of ash", "bullet")
LEAD = block("It burns three things:")
FIGURE = block("Figure 3: Heat by hour", "caption")
SOURCE = block("Source: the oven log", "caption")
NOTE = block("4 Byron A (2019) On Ovens", "footnote")


@pytest.mark.parametrize(
    ("blocks", "end"),
    [
        ([PROSE, SOURCE, PROSE], 2),
        ([PROSE, PROSE, PROSE], 3),
        ([PROSE, FIGURE, SOURCE, PROSE], 1),
        ([LEAD, ITEM, ITEM, PROSE, PROSE], 4),
        ([LEAD, ITEM, LEAD, ITEM, PROSE, PROSE], 5),
        ([LEAD, ITEM, ITEM], 3),
        ([PROSE, PROSE, PROSE, NOTE, PROSE], 3),
        ([PROSE, PROSE, NOTE, PROSE], 4),
        ([PROSE, PROSE, PROSE, OPEN, NOTE, PROSE], 6),
        ([LEAD, ITEM, PROSE, SMALL, PROSE], 5),
    ],
    ids=[
        "its own source line",
        "else the next heading",
        "a figure of the text around it",
        "the paragraph that sums its list up",
        "the last of its lists",
        "a list that nothing sums up",
        "a page's footnotes after a pageful",
        "footnotes before a pageful do not",
        "footnotes inside a sentence do not",
        "a paragraph that goes on leaves it to the joining",
    ],
)
def test_a_box_ends_at(blocks: list[Block], end: int):
    assert aside_end(blocks, 0, len(blocks), box=True) == end


def test_a_case_study_goes_on_after_its_list():
    blocks = [LEAD, ITEM, PROSE, PROSE]
    assert aside_end(blocks, 0, len(blocks), box=False) == 4


def test_an_aside_ends_at_the_next_heading_whatever_comes_after():
    blocks = [PROSE, PROSE, block("Oats", "heading"), PROSE, SOURCE]
    assert aside_end(blocks, 0, 2, box=True) == 2


def test_the_text_after_a_box_is_back_in_the_section_around_it(tmp_path: Path):
    file = tmp_path / "ovens.md"
    after = "Nobody in the valley had seen bread rise so far in so short a time."
    file.write_text(
        "# Ovens\n\n## Fire\n\n### Wood\n\n"
        f"{PROSE.text}\n\n#### Box 1: The log\n\nIt was kept daily.\n\n{SOURCE.text}\n\n{after}\n",
        encoding="utf-8",
    )
    paths = {p.text: (p.section_path, p.section_kind) for p in parse(file).paragraphs}
    assert paths["It was kept daily."] == (("Fire", "Wood", "Box 1: The log"), "box")
    assert paths[SOURCE.text] == (("Fire", "Wood", "Box 1: The log"), "box")
    assert paths[after] == (("Fire", "Wood"), "section")


def test_an_aside_that_is_set_in_ends_where_the_text_returns_to_the_edge():
    def at(left: float, top: float, words: str = PROSE.text) -> Block:
        place = Region(1, (left, top, 300.0, top + 20), (0, len(words)))
        return block(words, places=(place,), size=10.0)

    blocks = [at(60, 100, "Box 1: Ovens"), at(60, 120), at(60, 150), at(50, 200), at(50, 240)]
    assert aside_end(blocks, 1, len(blocks), box=True) == 3
