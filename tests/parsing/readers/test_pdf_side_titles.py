"""Titles in a narrow column beside the text belong to the sections that they stand beside."""

from __future__ import annotations

from reformqa.parsing.readers.pdf.content import GlyphRun
from reformqa.parsing.readers.pdf.flow import Piece, cut, join
from reformqa.parsing.readers.pdf.grouping import find_leading
from reformqa.parsing.readers.pdf.layout import NoteCount, lay_out
from reformqa.parsing.readers.pdf.levels import set_levels
from reformqa.parsing.readers.pdf.lines import read_lines
from reformqa.parsing.readers.pdf.roles import set_roles
from reformqa.parsing.readers.pdf.side_titles import find_side_titles
from support.pdfs import MILL, OVEN, SALT, column, page, run, typeset

TITLES = ("Short title", "Duties of the miller", "Repeal")


def read(*pages: list[GlyphRun]) -> list[Piece]:
    """Return the pieces of a report with these pages, its side titles in their places."""
    shown = [page(runs, number=n) for n, runs in enumerate(pages, start=1)]
    lines = [read_lines(p) for p in shown]
    sides, notes = find_side_titles(lines, set(), 10), NoteCount()
    zones = []
    for content, found in zip(shown, lines, strict=True):
        left = [ln for ln in found if id(ln) not in sides.lines]
        zones += lay_out(content, left, sides.furniture, 10, notes)[0]
    pieces = cut(zones, find_leading([z.lines for z in zones]), sides.titles)
    set_roles(pieces)
    pieces = join(pieces)
    set_levels(pieces, ())
    return pieces


def act(*beside: tuple[str, ...]) -> list[GlyphRun]:
    """Return the sections of an act, each with the lines that stand beside its number."""
    runs: list[GlyphRun] = []
    top = 100.0
    for n, (words, lines) in enumerate(zip((MILL, OVEN, SALT), beside, strict=True), start=1):
        runs += typeset([f"{n}. {words}"], 150, top, 300)
        runs += column(lines, 50, top, 9.6, size=8)
        top = max(r.base for r in runs) + 26
    return runs


def told(pieces: list[Piece]) -> list[tuple[str, str]]:
    return [(p.role, p.first.whole[:12]) for p in pieces if p.kind != "running"]


def test_the_title_beside_a_section_is_its_heading_and_in_no_paragraph():
    lines = [(title,) for title in TITLES]
    pieces = read(act(*lines))
    assert told(pieces) == [
        pair
        for n, (title, words) in enumerate(zip(TITLES, (MILL, OVEN, SALT), strict=True), start=1)
        for pair in (("heading", title[:12]), ("text", f"{n}. {words}"[:12]))
    ]


def test_a_title_on_several_lines_is_one_heading():
    pieces = read(act(("Short title",), ("Duties of", "the miller and", "the baker"), ("Repeal",)))
    assert [p.text for p in pieces if p.role == "heading"] == [
        "Short title",
        "Duties of the miller and the baker",
        "Repeal",
    ]


def test_titles_beside_sections_are_one_level_below_the_heading_before_them():
    chapter = run("CHAPTER I", 250, 70)
    pieces = read(typeset([MILL]), [chapter, *act(*((title,) for title in TITLES))])
    assert [p.level for p in pieces if p.role == "heading"] == [1, 2, 2, 2]


def test_what_stands_beside_no_section_is_furniture():
    pieces = read([*act(*((t,) for t in TITLES)), run("69 of 1980", 50, 124, 8)])
    assert [p.text for p in pieces if p.kind == "running"] == ["69 of 1980"]
    assert not any("1980" in p.text for p in pieces if p.kind == "text")


def test_small_words_beside_fewer_sections_are_no_titles():
    pieces = read(act(("Short title",), (), ("Repeal",)))
    assert [p.text for p in pieces if p.role == "heading"] == []


def test_a_bold_head_in_the_margin_is_before_the_paragraph_that_it_stands_beside():
    first, second = typeset([MILL, OVEN, SALT], 160, 100, 380, gap=8), "Bread"
    starts = [n for n, r in enumerate(first) if r.text[:6] in (MILL[:6], OVEN[:6], SALT[:6])]
    heads = [
        run("Where rye is", 34, first[starts[1]].base + 6, 12, bold=True),
        run("sown", 34, first[starts[1]].base + 20, 12, bold=True),
        run(second, 34, first[starts[2]].base + 6, 12, bold=True),
    ]
    assert [(p.role, p.text[:16]) for p in read([*first, *heads])] == [
        ("text", MILL[:16]),
        ("heading", "Where rye is sow"),
        ("text", OVEN[:16]),
        ("heading", second[:16]),
        ("text", SALT[:16]),
    ]
