"""House styles drawn from a seed: pages, type, headings, running heads, notes, boxes, tables."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

#: The left margin in points that has room for pull quotes.
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
)
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
    heading_colour: str
    heading_weights: tuple[str, str, str]
    capitals: bool
    italic: bool
    numbering: str
    new_page: bool
    spanning: bool
    heads: tuple[str, str]
    head_at: str
    head_size: float
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
    pull_quotes: str
    rules: str
    drop_caps: bool
    contents: str
    late_contents: bool
    imprint: bool
    foreword: bool
    cover: str
    summary: bool
    recommendations: str
    references: bool
    tagged: bool
    outline: bool
    metadata: str


def house_style(seed: int) -> Style:
    """Return the house style of a seed, always the same."""
    chance = random.Random(f"house style {seed}")
    columns = chance.choice((1, 1, 2))
    page = chance.choice(PAGES[:3] if columns == 2 else PAGES)
    text = _text(chance, columns, page)
    headings, heads = _headings(chance), _heads(chance, text["size"])
    blocks = _blocks(chance, text["size"], text["margins"][3] == WIDE)
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


def _headings(chance: random.Random) -> dict[str, Any]:
    third = round(chance.uniform(1.0, 1.12), 2)
    second = round(third + chance.uniform(0.05, 0.35), 2)
    return {
        "heading_font": chance.choice(HEADING_FONTS),
        "heading_sizes": (round(second + chance.uniform(0.1, 0.9), 2), second, third),
        "heading_colour": chance.choice(COLOURS),
        "heading_weights": (chance.choice(("700", "400")), "700", "700"),
        "capitals": _maybe(chance, 0.3),
        "italic": _maybe(chance, 0.4),
        "numbering": chance.choice(("", "", "1", "1.", "Chapter", "over", "1.1", "A")),
        "new_page": _maybe(chance, 0.6),
        "spanning": _maybe(chance, 0.5),
    }


def _heads(chance: random.Random, size: float) -> dict[str, Any]:
    return {
        "heads": chance.choice(HEADS),
        "head_at": chance.choice(("top", "top", "foot")),
        "head_size": round(size * chance.uniform(0.72, 0.95), 1),
        "bare_openers": _maybe(chance, 0.5),
        "number_at": chance.choice(("centre", "outer", "outer", "head", "none")),
        "number": chance.choice(NUMBERS),
        "band": chance.choice(("", "", "", "fill", "rule")),
        "tab": _maybe(chance, 0.12),
    }


def _blocks(chance: random.Random, size: float, wide: bool) -> dict[str, Any]:
    return {
        "notes": chance.choice(("foot", "foot", "end", "chapter", "")),
        "note_size": round(size * chance.uniform(0.75, 0.92), 1),
        "note_label": chance.choice(("raised", "plain", "dot")),
        "bullet": chance.choice(("•", "•", "–", "▪", "»", "·")),
        "box": chance.choice(("fill", "line", "bar", "")),
        "pull_quotes": chance.choice(("", "", "margin" if wide else "flow", "flow")),
        "rules": chance.choice(("grid", "lines", "none")),
    }


def _parts(chance: random.Random) -> dict[str, Any]:
    return {
        "contents": chance.choice(("dots", "plain", "first", "", "dots")),
        "late_contents": _maybe(chance, 0.3),
        "imprint": _maybe(chance, 0.5),
        "foreword": _maybe(chance, 0.4),
        "cover": chance.choice(("whole", "pieces", "pieces", "foot")),
        "summary": _maybe(chance, 0.75),
        "recommendations": chance.choice(("labelled", "labelled", "numbered", "bullets", "boxed")),
        "references": _maybe(chance, 0.5),
        "tagged": _maybe(chance, 0.4),
        "outline": _maybe(chance, 0.3),
        "metadata": chance.choice(("title", "title", "layout", "")),
    }


def stylesheet(style: Style) -> str:
    """Return the CSS of a style."""
    return _page_css(style) + _heading_css(style) + _block_css(style) + _head_css(style)


def _page_css(style: Style) -> str:
    width, height = style.page
    gap = 0 if style.indented else round(style.size * 0.6, 1)
    label = "vertical-align:super;font-size:.7em;line-height:0" * (style.note_label == "raised")
    indent = f"p + p {{ text-indent: {style.size * 1.4}pt }} p.rest {{ text-indent: 0 }}"
    return f"""
@page {{ size: {width}pt {height}pt; margin: 0 }}
* {{ box-sizing: border-box }}
body {{ margin: 0; font: {style.size}pt/{style.leading} '{style.font}'; hyphens: manual }}
.page {{ position: relative; width: {width}pt; height: {height - 0.6}pt; overflow: hidden;
  break-after: page }}
.column, .opener {{ position: absolute }}
.flow {{ display: flow-root }}
.notes {{ position: absolute; bottom: 0; left: 0; right: 0; font-size: {style.note_size}pt;
  line-height: 1.25; display: flow-root }}
.notes:not(:empty) {{ border-top: .6px solid #333; padding-top: 3pt }}
.note {{ margin: 0 0 2pt }} .note > span {{ {label} }}
sup {{ font-size: .65em; line-height: 0; vertical-align: super }}
p {{ margin: 0 0 {gap}pt; text-align: {"justify" if style.justified else "left"} }}
{indent * style.indented}
{".cut { text-align-last: justify }" * style.justified}
.item {{ margin: 0 0 3pt; padding-left: 16pt; position: relative }}
.item > i {{ position: absolute; left: 2pt; font-style: normal }}
.item > i.wide {{ left: 0 }}
.drop::first-letter {{ float: left; font-size: 3.1em; line-height: .8; padding: 3pt 4pt 0 0 }}
.strong {{ font-weight: bold }}
"""


def _heading_css(style: Style) -> str:
    first, second, third = (round(style.size * x, 1) for x in style.heading_sizes)
    return f"""
h1, h2, h3 {{ font-family: '{style.heading_font}'; color: {style.heading_colour}; margin: 0;
  line-height: 1.15; text-align: left }}
h1 {{ font-size: {first}pt; font-weight: {style.heading_weights[0]};
  padding: {first * 0.6}pt 0 {first * 0.5}pt; {"text-transform: uppercase" * style.capitals} }}
h1 b {{ display: block; font-size: 1.5em }}
h2 {{ font-size: {second}pt; padding: {second * 0.8}pt 0 {second * 0.35}pt }}
h3 {{ font-size: {third}pt; padding: {third * 0.6}pt 0 {third * 0.25}pt;
  {"font-style: italic" * style.italic} }}
"""


def _block_css(style: Style) -> str:
    boxes = {
        "fill": "background:#e6ecf2",
        "line": "border:1px solid #555",
        "bar": "border-left:4px solid #1d3557",
    }
    cells = {"grid": "border:.7px solid #444", "lines": "border-bottom:.7px solid #444"}
    return f"""
.box {{ padding: 8pt 10pt 4pt; margin: 8pt 0 10pt; {boxes.get(style.box, "")} }}
.box h4 {{ font: bold {style.size + 0.5}pt '{style.heading_font}'; margin: 0 0 4pt }}
.caption {{ font: bold {style.size * 0.92}pt '{style.heading_font}'; margin: 8pt 0 4pt }}
table {{ border-collapse: collapse; width: 100%; margin: 0 0 10pt; font-size: .9em }}
td, th {{ text-align: left; vertical-align: top; padding: 2.5pt 6pt; {cells.get(style.rules, "")} }}
.pull {{ font: italic {style.size * 1.5}pt/1.25 '{style.heading_font}'; color: #1d3557;
  margin: 10pt 12pt }}
.margin {{ position: absolute; left: 30pt; width: 110pt; font-size: {style.size * 1.15}pt;
  margin: 0 }}
"""


def _head_css(style: Style) -> str:
    return f"""
.head, .number {{ position: absolute; font: {style.head_size}pt/1.2 '{style.heading_font}';
  white-space: nowrap; overflow: hidden }}
.head {{ left: 40pt; right: 40pt }}
.bandfill {{ position: absolute; left: 0; right: 0; height: 30pt; background: #1d3557 }}
.bandrule {{ position: absolute; left: 40pt; right: 40pt; border-top: .8px solid #333 }}
.tab {{ position: absolute; right: 6pt; top: 200pt; writing-mode: vertical-rl; color: #555;
  font: 8pt '{style.heading_font}' }}
.entry {{ display: flex; gap: 8pt; margin: 0 0 5pt }} .entry.deep {{ padding-left: 14pt }}
.entry u {{ flex: 1; text-decoration: none;
  overflow: hidden; white-space: nowrap }}
.cover {{ position: absolute; left: 50pt; right: 50pt; font-family: '{style.heading_font}' }}
"""
