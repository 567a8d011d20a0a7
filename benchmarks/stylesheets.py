"""A house style as CSS."""

from __future__ import annotations

from house_styles import WIDE, Style


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
body {{ margin: 0; font: {style.size}pt/{style.leading} '{style.font}'; hyphens: manual;
  overflow-wrap: break-word }}
.page {{ position: relative; width: {width}pt; height: {height - 0.6}pt; overflow: hidden;
  break-after: page }}
.column, .opener {{ position: absolute }}
.flow {{ display: flow-root }}
.notes {{ position: absolute; bottom: 0; left: 0; right: 0; font-size: {style.note_size}pt;
  line-height: 1.25; display: flow-root }}
.notes:not(:empty) {{ border-top: .6px solid #333; padding-top: 3pt }}
.note {{ overflow-wrap: anywhere; margin: 0 0 2pt }} .note > span {{ {label} }}
sup {{ font-size: .65em; line-height: 0; vertical-align: super }}
p {{ margin: 0 0 {gap}pt; text-align: {"justify" if style.justified else "left"} }}
{indent * style.indented}
{".cut { text-align-last: justify }" * style.justified}
.item {{ margin: 0 0 3pt; padding-left: 16pt; position: relative }}
.item > i {{ position: absolute; left: 2pt; font-style: normal }}
.item > i.wide {{ left: 0 }}
.drop::first-letter {{ float: left; font-size: 3.1em; line-height: .8; padding: 3pt 4pt 0 0 }}
.item.count {{ padding-left: 30pt }}
.strong {{ font-weight: bold }}
.figure {{ height: 60pt; background: #dfe7ee; margin: 0 0 8pt }}
.notes.side {{ left: -{WIDE - 34}pt; right: auto; width: {WIDE - 50}pt; border: none !important }}
"""


def _heading_css(style: Style) -> str:
    first, second, third = (round(style.size * x, 1) for x in style.heading_sizes)
    one, two, three = style.heading_colours
    weight, second_weight, third_weight = style.heading_weights
    width = WIDE - 46
    return f"""
h1, h2, h3, h4 {{ font-family: '{style.heading_font}'; margin: 0; line-height: 1.15;
  text-align: left; clear: left }}
h1 {{ font-size: {first}pt; font-weight: {weight}; color: {one};
  padding: {first * 0.6}pt 0 {first * 0.5}pt; {"text-transform: uppercase" * style.capitals} }}
h1 b {{ display: block; font-size: 1.5em }}
h2 {{ font-size: {second}pt; padding: {second * 0.8}pt 0 {second * 0.35}pt; color: {two};
  font-weight: {second_weight} }}
h3 {{ font-size: {third}pt; padding: {third * 0.6}pt 0 {third * 0.25}pt; color: {three};
  font-weight: {third_weight}; {"font-style: italic" * style.italic} }}
h4 {{ font-size: {style.size}pt; padding: {third * 0.5}pt 0 0; color: {three}; font-style: italic;
  font-weight: 400 }}
.sidehead {{ float: left; width: {width}pt; margin: 8pt 12pt 4pt -{width + 12}pt; padding: 0 }}
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
.boxtitle {{ font: bold {style.size + 0.5}pt '{style.heading_font}'; margin: 0 0 4pt }}
.caption {{ font: bold {style.size * 0.92}pt '{style.heading_font}'; margin: 8pt 0 4pt }}
table {{ border-collapse: collapse; width: 100%; margin: 0 0 10pt; font-size: .9em }}
td, th {{ text-align: left; vertical-align: top; padding: 2.5pt 6pt; {cells.get(style.rules, "")} }}
.pull {{ font: italic {style.size * 1.5}pt/1.25 '{style.heading_font}'; color: #1d3557;
  margin: 10pt 12pt }}
.ruled {{ border-top: 1.5px solid #1d3557; border-bottom: 1.5px solid #1d3557; padding: 5pt 0 }}
.beside {{ float: right; width: 42%; margin: 4pt 0 4pt 12pt }}
.source {{ font-size: .85em; margin: 2pt 0 8pt }}
.margin {{ position: absolute; left: 30pt; width: 110pt; font-size: {style.size * 1.15}pt;
  margin: 0 }}
"""


def _head_css(style: Style) -> str:
    return f"""
.head, .number {{ position: absolute; font: {style.head_size}pt/1.2 '{style.heading_font}';
  white-space: nowrap; overflow: hidden }}
.head {{ left: 40pt; right: 40pt; {"font-variant: small-caps" * style.small_caps} }}
.head.inmargin {{ right: auto; left: 30pt; width: {WIDE - 50}pt; white-space: normal }}
.bandfill {{ position: absolute; left: 0; right: 0; height: 30pt; background: #1d3557 }}
.bandrule {{ position: absolute; left: 40pt; right: 40pt; border-top: .8px solid #333 }}
.tab {{ position: absolute; top: 200pt; writing-mode: vertical-rl; color: #555;
  font: 8pt '{style.heading_font}' }}
.contents {{ columns: {style.contents_columns} }}
.entry {{ break-inside: avoid; display: flex; gap: 8pt; margin: 0 0 5pt }}
.deep2 {{ padding-left: 14pt }} .deep3 {{ padding-left: 28pt }}
.entry u {{ flex: 1; text-decoration: none;
  overflow: hidden; white-space: nowrap }}
.cover {{ position: absolute; left: 50pt; right: 50pt; font-family: '{style.heading_font}' }}
"""
