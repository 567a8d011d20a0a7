"""House styles drawn from a seed: pages, type, headings, running heads, notes, boxes, tables.

`stylesheets` writes them as CSS.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

#: The left margin in points that has room for pull quotes, notes, headings or running heads.
WIDE = 160
FONTS = ("Liberation Serif", "Liberation Sans", "DejaVu Serif", "DejaVu Sans")
HEADING_FONTS = (*FONTS, "Liberation Sans Narrow")
COLOURS = ("#000", "#222", "#1d3557", "#7a1f3d", "#0b6e4f", "#5b2a86")
#: Width and height in points: A4, US letter, and two trimmed sizes.
PAGES = ((595, 842), (595, 842), (612, 792), (482, 680), (540, 720))
#: What the running heads of a left and a right page carry.
HEADS = (
    *(("title", "title"), ("chapter", "chapter"), ("title", "chapter"), ("chapter", "section")),
    *(("publisher", "title"), ("section", "section"), ("both", "both"), ("", "")),
    *(("publisher", "chapter"), ("short", "short"), ("split", "split"), ("chapter", "section")),
)
HEAD_PLACES = ("top", "top", "top", "foot", "foot", "side")
NOTES = ("foot", "foot", "end", "chapter", "")
PULLS = ("", "", "flow", "flow", "ruled", "beside")
CONTENTS_TITLES = ("Contents", "Contents", "Table of contents", "CONTENTS")
NUMBERS = ("{n}", "{n}", "Page {n}", "{n} of {total}", "– {n} –")


@dataclass(frozen=True)
class Style:
    """A house style; lengths are in points, sizes of headings in multiples of the text's."""

    page: tuple[int, int]
    columns: int
    margins: tuple[int, int, int, int]
    gutter: int
    font: str
    size: float
    leading: float
    justified: bool
    indented: bool
    heading_font: str
    heading_sizes: tuple[float, float, float]
    heading_colours: tuple[str, str, str]
    heading_weights: tuple[str, str, str]
    capitals: bool
    italic: bool
    run_in: bool
    side_heads: bool
    numbering: str
    paragraph_numbers: bool
    new_page: bool
    spanning: bool
    opener_alone: bool
    heads: tuple[str, str]
    head_at: str
    head_size: float
    small_caps: bool
    joiner: str
    bare_openers: bool
    number_at: str
    number: str
    band: str
    tab: bool
    notes: str
    note_size: float
    note_label: str
    bullet: str
    box: str
    box_breaks: bool
    pull_quotes: str
    rules: str
    drop_caps: bool
    contents: str
    contents_at: str
    contents_columns: int
    contents_depth: int
    contents_title: str
    imprint: bool
    front_sections: int
    cover: str
    summary: bool
    recommendations: str
    references: bool
    tagged: bool
    outline: bool
    metadata: str
    whole: bool


def house_style(seed: int) -> Style:
    """Return the house style of a seed, always the same."""
    chance = random.Random(f"house style {seed}")
    columns = chance.choice((1, 1, 2))
    page = chance.choice(PAGES[:3] if columns == 2 else PAGES)
    text = _text(chance, columns, page)
    use = chance.choice(("pull", "heads", "notes", "running")) if text["margins"][3] == WIDE else ""
    headings, heads = _headings(chance, use), _heads(chance, text["size"], use)
    blocks = _blocks(chance, text["size"], use)
    return Style(
        page=page, columns=columns, **text, **headings, **heads, **blocks, **_parts(chance)
    )


def _maybe(chance: random.Random, share: float) -> bool:
    return chance.random() < share


def _text(chance: random.Random, columns: int, page: tuple[int, int]) -> dict[str, Any]:
    sizes = (8.5, 10) if columns == 2 else (9.5, 12)
    side = chance.randint(45, 80)
    wide = columns == 1 and page[0] > 590 and _maybe(chance, 0.3)
    return {
        "margins": (
            *(chance.randint(62, 90), side),
            *(chance.randint(62, 90), WIDE if wide else side),
        ),
        "gutter": chance.randint(16, 28),
        "font": chance.choice(FONTS),
        "size": round(chance.uniform(*sizes), 1),
        "leading": round(chance.uniform(1.2, 1.5), 2),
        "justified": _maybe(chance, 0.5),
        "indented": _maybe(chance, 0.35),
        "drop_caps": _maybe(chance, 0.2),
    }


def _headings(chance: random.Random, use: str) -> dict[str, Any]:
    third = round(chance.uniform(1.0, 1.12), 2)
    second = round(third + chance.uniform(0.05, 0.35), 2)
    sizes = (round(second + chance.uniform(0.1, 0.9), 2), second, third)
    colour = chance.choice(COLOURS)
    colours, weights = (colour,) * 3, (chance.choice(("700", "400")), "700", "700")
    italic = _maybe(chance, 0.4)
    if _maybe(chance, 0.25):  # levels that differ by a point, a colour or a slant alone
        sizes = chance.choice(((1.3, 1.15, 1.05), (1.1, 1.0, 1.0), (1.2, 1.0, 1.0)))
        first, second_colour = chance.sample(COLOURS[2:], 2)
        colours, italic = (first, second_colour, "#000"), True
        weights = ("700", "700", chance.choice(("400", "700")))
    return {
        "heading_font": chance.choice(HEADING_FONTS),
        "heading_sizes": sizes,
        "heading_colours": colours,
        "heading_weights": weights,
        "capitals": _maybe(chance, 0.3),
        "italic": italic,
        "run_in": _maybe(chance, 0.15),
        "side_heads": use == "heads",
        "numbering": chance.choice(("", "", "1", "1.", "Chapter", "over", "over", "1.1", "A")),
        "paragraph_numbers": _maybe(chance, 0.12),
        "new_page": _maybe(chance, 0.6),
        "spanning": _maybe(chance, 0.5),
        "opener_alone": _maybe(chance, 0.25),
    }


def _heads(chance: random.Random, size: float, use: str) -> dict[str, Any]:
    return {
        "heads": chance.choice(HEADS),
        "head_at": "margin" if use == "running" else chance.choice(HEAD_PLACES),
        "head_size": round(size * chance.uniform(0.72, 1.0), 1),
        "small_caps": _maybe(chance, 0.2),
        "joiner": chance.choice(("   ", " | ", " · ", "  ")),
        "bare_openers": _maybe(chance, 0.5),
        "number_at": chance.choice(("centre", "outer", "outer", "head", "head", "none")),
        "number": chance.choice(NUMBERS),
        "band": chance.choice(("", "", "", "fill", "rule")),
        "tab": _maybe(chance, 0.12),
    }


def _blocks(chance: random.Random, size: float, use: str) -> dict[str, Any]:
    return {
        "notes": "side"
        if use == "notes"
        else chance.choice(("foot", "foot", "end", "chapter", "")),
        "note_size": round(size * chance.uniform(0.75, 0.92), 1),
        "note_label": chance.choice(("raised", "plain", "dot")),
        "bullet": chance.choice(("•", "•", "–", "▪", "»", "·")),
        "box": chance.choice(("fill", "line", "bar", "")),
        "box_breaks": _maybe(chance, 0.4),
        "pull_quotes": "margin" if use == "pull" else chance.choice(PULLS),
        "rules": chance.choice(("grid", "lines", "none")),
    }


def _parts(chance: random.Random) -> dict[str, Any]:
    return {
        "contents": chance.choice(("dots", "plain", "first", "", "dots")),
        "contents_at": chance.choice(("first", "first", "after front", "after summary")),
        "contents_columns": chance.choice((1, 1, 1, 2)),
        "contents_depth": chance.choice((1, 2, 2, 3)),
        "contents_title": chance.choice(CONTENTS_TITLES),
        "imprint": _maybe(chance, 0.5),
        "front_sections": chance.choice((0, 0, 1, 2, 3)),
        "cover": chance.choice(("whole", "pieces", "pieces", "foot")),
        "summary": _maybe(chance, 0.75),
        "recommendations": chance.choice(("labelled", "labelled", "numbered", "bullets", "boxed")),
        "references": _maybe(chance, 0.5),
        "tagged": _maybe(chance, 0.4),
        "outline": _maybe(chance, 0.3),
        "metadata": chance.choice(("title", "title", "layout", "")),
        "whole": _maybe(chance, 0.4),
    }
