"""Contents lists, page numbers, credits and captions are recognised, marked and kept."""

from __future__ import annotations

import pytest

from reformqa.parsing.blocks import Block
from reformqa.parsing.furniture import Contents, find_contents, mark_furniture
from reformqa.text.similarity import letters
from support.makers import block

PROSE = (
    "The miller let nobody near the wheel, and the flour was the better for it, or so his"
    " daughter told the four of us when we came to buy a sack of it in the spring."
)


def kinds(blocks: list[Block]) -> list[str]:
    return [b.kind for b in mark_furniture(blocks, set())]


def contents(*lines: str) -> tuple[Contents, set[int]]:
    return find_contents([block(t) for t in ("On Bread", *lines, PROSE, PROSE, PROSE)])


@pytest.mark.parametrize(
    "line", ["Rye and oats 12", "Rye and oats ..... 12", "Rye and oats | 12", "Rye and oats iv"]
)
def test_a_contents_line_ends_in_its_page_and_gives_the_title(line: str):
    wanted = frozenset({"ryeandoats"})
    assert contents("Contents", line) == (Contents(wanted, wanted), {2})


def test_numbered_lines_are_the_top_level_of_a_contents_list():
    found, lines = contents("CONTENTS", "Summary 3", "1. Rye 5", "Who bakes it 6", "2. Oats 9")
    assert found.titles == {"summary", "1rye", "whobakesit", "2oats"}
    assert found.top == {"summary", "1rye", "2oats"}
    assert lines == {2, 3, 4, 5}


def test_with_chapters_in_words_every_line_is_of_the_top_level():
    found, _ = contents("Table of contents", "Foreword 3", "Chapter One: Rye 5", "Who bakes 6")
    assert found.top == found.titles == {"foreword", "chapteronerye", "whobakes"}


def test_one_line_without_a_page_does_not_end_a_contents_list_but_two_do():
    _, one = contents("Contents", "Rye 2", "Oats", "Bran 7")
    _, two = contents("Contents", "Rye 2", "Oats", "Barley", "Bran 7")
    assert (one, two) == ({2, 4}, {2})


def test_a_report_without_a_contents_list_has_none():
    assert contents("Rye 2", "Oats 4") == (Contents(frozenset(), frozenset()), set())


def test_contents_lines_are_marked_and_nothing_is_lost():
    blocks = [block("Contents"), block("Rye 4"), block(PROSE)]
    marked = mark_furniture(blocks, {1})
    assert [b.kind for b in marked] == ["body", "furniture", "body"]
    assert [letters(b.text) for b in marked] == [letters(b.text) for b in blocks]


@pytest.mark.parametrize("text", ["12", "page 4", "Page 12", "xiv", "© Mill Press", "Photo: Ada"])
def test_a_folio_or_a_credit_is_furniture(text: str):
    assert kinds([block(PROSE), block(text), block(PROSE)]) == ["body", "furniture", "body"]


@pytest.mark.parametrize("text", ["12 loaves", "Photo", "1999", "In the end", "Page four"])
def test_a_short_line_of_words_is_no_furniture(text: str):
    assert kinds([block(PROSE), block(text), block(PROSE)]) == ["body", "body", "body"]


def test_the_title_under_a_bare_figure_label_is_its_caption():
    blocks = [
        block("Title", "heading", mark=1),
        block("Figure 2", "caption"),
        block("Loaves by town", "heading", mark=3),
        block(PROSE),
    ]
    assert kinds(blocks) == ["heading", "caption", "caption", "body"]


def test_loose_words_under_a_figure_are_its_legend_up_to_the_next_prose():
    blocks = [
        block("Figure 2: Loaves", "caption"),
        block("Overby"),
        block("Netherfold"),
        block("Source: ours", "caption"),
        block("Who bakes for whom"),
        block(PROSE),
    ]
    assert kinds(blocks) == ["caption", "caption", "caption", "caption", "body", "body"]


def test_prose_that_goes_on_under_a_figure_is_no_legend():
    blocks = [block("Figure 2: Loaves", "caption"), block("and so the miller slept")]
    assert kinds(blocks) == ["caption", "body"]


def test_a_heading_in_capitals_ends_the_loose_words_under_a_figure():
    blocks = [block("Figure 2: Loaves", "caption"), block("2. THE OVENS"), block("Hot and cold")]
    assert kinds(blocks) == ["caption", "body", "body"]
