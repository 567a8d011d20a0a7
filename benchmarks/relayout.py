"""Set the typeset reports again in layouts that the reader was not made for, with exact truth.

    python benchmarks/relayout.py OUT_DIR [--shared ../shared] [--report NAME] … [--layout NAME] …
    python benchmarks/parsing.py --set typeset --shared OUT_DIR/LAYOUT

Chromium prints each report twice: as it is, and bare, with all that is no block of the truth hidden
in its place. The bare pages tell where a block stands. Both go by the same style sheet, so that the
pages are the same; this is checked. Written are OUT_DIR/LAYOUT/corpus/typeset/NAME.pdf and .json.

What the truth holds: numbers of headings and paragraphs are in their text, and a paragraph's number
is its label; a line over a chapter's title ("Chapter 2") or over a recommendation is a block of its
own, of kind "label", that parsing.py takes for a heading or not, as the reader does; otherwise a
recommendation's label is not in its text unless it runs into it.
"""

from __future__ import annotations

import argparse
import bisect
import html
import itertools
import json
import os
import random
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2
from playwright.sync_api import Browser, sync_playwright

from readers import letters

Block = dict[str, Any]

#: Parts that open on a new page and have running heads of their own.
CHAPTERS = frozenset({"summary", "chapter", "section", "conclusion", "references", "annex"})
NUMBERED_PARTS = frozenset({"chapter", "section", "conclusion"})
OWN_NUMBER = re.compile(r"(?:Chapter (?:One|Two|Three|Four|Five|Six|Seven)|\d+)[:.]\s+")
BELOW = re.compile(r"(?:Sources?|Notes?)\b")
LEAD = re.compile(r"(?:Fig(?:ure)?|Table) \w|©")
#: A syllable's end, near enough: between two consonants that stand between vowels.
SYLLABLE = re.compile(r"(?<=[a-z]{2}[aeiou][bcdfglmnprst])(?=[bcdfgklmnprstv][aeiou][a-z]{2})")
#: Pages looked at for a block, and the letters in a piece of one that is not found whole.
AHEAD, PIECE = 12, 16


@dataclass(frozen=True)
class Layout:
    """A house style; `css` is without the page margins' content, which is in `margins`."""

    css: str
    margins: str
    bullet: str
    recommendations: str  # plain, numeral, box or line
    notes: str  # chapter (under "Notes"), report (under "Endnotes") or foot
    contents: int  # depth
    headings: str = ""  # number, paragraphs (they are numbered, and chapters) or opener
    pull_quotes: bool = False
    hyphens: bool = False
    side_captions: bool = False
    repeat_header: bool = False
    chart: str = "bars"  # bars, line or none
    pdf: Mapping[str, bool] = field(default_factory=dict)


COMMON = """
*{box-sizing:border-box} body,p,h1,h2,h3,h4,figure{margin:0} sup{font-size:.65em;line-height:0}
h1,h2,h3,h4,.boxtitle,.above{break-after:avoid} svg{display:block;width:100%} p{orphans:2;widows:2}
table{border-collapse:collapse;width:100%} td,th{text-align:left;vertical-align:top}
tr,svg,.above{break-inside:avoid} .lab{display:inline-block} a{color:inherit}
.chapter,.front{break-before:page}
body{overflow-wrap:anywhere} /* or Chromium makes the whole smaller */
"""
BARE = "nav *,.pull,svg *{visibility:hidden!important}"

ACADEMIC = """
@page{size:A4;margin:27mm 30mm 26mm} @page:left{margin-left:36mm;margin-right:24mm}
@page:right{margin-left:24mm;margin-right:36mm}
body{font:10.5pt/1.32 "Liberation Serif"} p{text-indent:4.5mm;text-align:justify}
h1+p,h2+p,h3+p,h4+p,.boxtitle+p,figure+p,.cover p{text-indent:0}
h1{font:400 21pt/1.2 "Liberation Serif";margin:14mm 0 11mm} h2{font-size:13pt;margin:7mm 0 2.5mm}
h3{font:italic 400 11.5pt "Liberation Serif";margin:5mm 0 2mm} h4{font-size:10.5pt;margin:3mm 0 1mm}
.bullet,.num{text-indent:-5mm;padding-left:10mm} .lab{width:5mm;text-indent:0} .num .lab{width:6mm}
.rec{font-style:italic;margin:2mm 8mm;text-indent:0}
.box{border:.5pt solid #000;padding:3.5mm 4mm;margin:4.5mm 0;font-size:9.5pt}
.boxtitle{font-weight:700;text-indent:0;text-align:left;margin-bottom:1.5mm}
.note,.ref{font-size:8.5pt;line-height:1.25;text-indent:-7mm;padding-left:7mm;margin-bottom:.6mm}
.note,.ref{text-align:left} .note .lab,.ref .lab{width:7mm} figure{margin:5mm 0} figure p{text-indent:0;font-size:9pt}
.above:first-child{font-weight:700} .below{font-style:italic}
table{font-size:9pt;border-top:1pt solid;border-bottom:1pt solid;margin:2mm 0}
td{padding:1mm 1.5mm} tr:first-child td{border-bottom:.5pt solid;font-weight:700}
.cover{padding-top:60mm} .cover p{margin-bottom:3mm} .cover h1{font-size:27pt} nav div{display:flex;padding:.7mm 0}
nav i{flex:1;text-align:right;white-space:nowrap;font-style:normal;padding-right:1mm}
nav .l2{padding-left:6mm} nav span{max-width:112mm} svg{max-width:105mm}
"""
ACADEMIC_MARGINS = """
@page{@bottom-center{content:counter(page);font:9pt "Liberation Serif"}}
@page:left{@top-left{content:"%(short)s";font:italic 9pt "Liberation Serif"}}
@page %(page)s:right{@top-right{content:"%(chapter)s";font:italic 9pt "Liberation Serif"}}
@page cover{@top-left{content:""}@top-right{content:""}@bottom-center{content:""}}
"""
MAGAZINE = """
@page{size:A4;margin:20mm 17mm 23mm}
body{font:9.6pt/1.42 "Liberation Sans"} p{margin-bottom:2.7mm} .cols{columns:2;column-gap:8mm}
h1{font:400 27pt/1.15 "Liberation Sans";color:#0b6e6e;margin:0 0 9mm}
h2{font:400 15pt/1.2 "Liberation Sans";color:#0b6e6e;margin:5mm 0 2.5mm}
h3,h4{font:400 11pt/1.3 "Liberation Sans";color:#c2410c;margin:3.5mm 0 1.5mm}
.bullet,.num{padding-left:4.5mm;text-indent:-4.5mm;margin-bottom:1.6mm} .lab{width:4.5mm}
.lab{text-indent:0;color:#0b6e6e} .box{background:#e3f0ee;border-radius:4mm;padding:5mm 5mm 3mm}
.box{margin:3mm 0 5mm;font-size:9pt} .boxtitle{font-size:12pt;color:#0b6e6e}
.pull{float:left;width:100%;font:400 15.5pt/1.3 "Liberation Sans";color:#c2410c;padding:4mm 0 5mm}
.rec{padding-left:13mm;text-indent:-13mm} .rec.run{padding:0;text-indent:0}
.rec .lab{width:13mm;font-size:22pt;line-height:1;color:#c2410c}
.note,.ref{font-size:7.6pt;line-height:1.35;margin-bottom:1mm} .note .lab{width:6mm}
.front h1{font-size:17pt;margin:7mm 0 4mm} figure{margin:3mm 0 5mm;break-inside:avoid} figure p{margin:0 0 1.5mm;font-size:8.8pt}
.above:first-child{color:#0b6e6e;font-weight:700} .below{font-size:7.6pt;color:#555}
figure.wide{column-span:all} table{font-size:8.4pt;margin-bottom:2mm} td{padding:1.4mm 2mm}
tr:first-child td{background:#0b6e6e;color:#fff} tr:nth-child(odd) td{background:#eef5f4}
tr:first-child td{background:#0b6e6e} .cover h1{font-size:40pt;padding-top:80mm}
nav div{padding:1.3mm 0;font-size:11pt} nav b{display:inline-block;width:13mm;color:#c2410c}
"""
MAGAZINE_MARGINS = """
@page{@bottom-left{content:"%(publisher)s  |  %(short)s  |  " counter(page);
font:8pt "Liberation Sans";color:#555}} @page cover{@bottom-left{content:""}}
"""
GOVERNMENT = """
@page{size:A4;margin:31mm 25mm 22mm} body{font:11pt/1.38 "Liberation Sans"} p{margin-bottom:3.2mm}
h1{font-size:20pt;margin:0 0 8mm} h2{font-size:14pt;margin:7mm 0 3mm} h3{font-size:12pt}
h3,h4{margin:5mm 0 2mm} .np{padding-left:14mm;text-indent:-14mm} .np .lab{width:14mm}
.lab{text-indent:0} .bullet,.num{padding-left:21mm;text-indent:-7mm;margin-bottom:2mm}
.bullet .lab,.num .lab{width:7mm} .box .bullet,.box .num{padding-left:7mm}
.box{border-top:2pt solid #000;border-bottom:2pt solid #000;padding:3mm 0;margin:5mm 0}
.boxtitle{font-weight:700} .rec{background:#e2e2e2;padding:4mm 5mm 1mm;margin:4mm 0 5mm}
.rec{break-inside:avoid} .rt{font-weight:700;margin-bottom:1mm;break-after:avoid}
.feet{border-top:.5pt solid;padding-top:2mm;margin-top:8mm} .note,.ref{font-size:8.5pt}
.note,.ref{line-height:1.3;margin-bottom:1mm} figure{margin:4mm 0} figure p{font-size:10pt}
.above:first-child{font-weight:700} .above,.below{margin-bottom:1.5mm} svg{max-width:105mm}
table{font-size:9.5pt;margin-bottom:2mm} td,th{padding:1.6mm 2mm 1.6mm 0;border-bottom:.5pt solid}
th{border-top:.5pt solid} .cover h1{font-size:30pt;padding-top:50mm}
nav div{display:flex;justify-content:space-between;padding:1mm 0} nav .l1{font-weight:700}
nav .l2{padding-left:8mm} nav span{max-width:130mm}
"""
GOVERNMENT_MARGINS = """
@page{@top-left{content:"%(title)s";width:85%%;border-bottom:.75pt solid;text-align:left;
font:8.5pt "Liberation Sans";vertical-align:bottom;padding-bottom:2mm;margin-bottom:7mm}
@top-right{content:counter(page);width:15%%;border-bottom:.75pt solid;font:8.5pt "Liberation Sans";
vertical-align:bottom;padding-bottom:2mm;margin-bottom:7mm}}
"""
BROCHURE = """
@page{size:210mm 210mm;margin:18mm 18mm 24mm}
body{font:200 9.6pt/1.6 "DejaVu Sans";color:#222;padding-left:52mm} p{margin-bottom:3.4mm}
.cover{margin-left:-46mm}
h1,h2,h3,h4{font-weight:200;line-height:1.25;color:#5b2a86}
h1{font-size:24pt;text-transform:uppercase;margin-bottom:12mm} h2{font-size:16pt}
h2{margin:8mm 0 4mm} h3{font-size:12.5pt;margin:5mm 0 3mm} h4{font-size:11pt;margin:3mm 0 2mm}
.opener{display:block;font-size:11pt;letter-spacing:.15em;margin-bottom:3mm;color:#e07a1f}
.drop:first-letter{float:left;font-size:43pt;line-height:.86;padding:1mm 2mm 0 0;color:#e07a1f}
.bullet,.num{padding-left:7mm;text-indent:-7mm;margin-bottom:2mm} .lab{width:7mm;text-indent:0}
.bullet .lab{color:#e07a1f} .box{border-top:3pt solid #e07a1f;background:#faf3ea;margin:5mm 0}
.box{padding:4mm 5mm 2mm} .boxtitle{font-size:12.5pt;color:#e07a1f}
.rec{border-left:1.5pt solid #5b2a86;padding-left:5mm;font-size:11pt}
.rec .run{color:#5b2a86;letter-spacing:.03em;padding-right:2mm}
.side{float:left;clear:left;width:44mm;margin-left:-52mm;font-size:6.8pt;line-height:1.45}
.box .side{margin-left:-57mm} .side{break-inside:avoid;padding-bottom:2mm} .side p{margin:0 0 1mm}
.ref,.note{font-size:7.5pt;line-height:1.45;margin-bottom:1.5mm}
.cap .above:first-child{color:#5b2a86} figure{margin:4mm 0 6mm} table{font-size:7.8pt}
td{padding:1.5mm 3mm 2.5mm 0} tr:first-child td{color:#5b2a86} .below{font-size:7pt}
.cover h1{font-size:38pt;padding-top:45mm} nav div{font-size:12pt;padding:1.4mm 0}
nav b{display:inline-block;width:14mm;font-weight:200;color:#e07a1f}
"""
BROCHURE_MARGINS = """
@page{@bottom-right{content:counter(page);background:#e07a1f;color:#fff;border-radius:5mm;
width:10mm;height:10mm;margin:5mm 0 0 auto;text-align:center;font:200 9pt/10mm "DejaVu Sans"}}
@page cover{@bottom-right{content:"";background:none}}
"""
LAYOUTS = {
    "academic": Layout(
        ACADEMIC, ACADEMIC_MARGINS, "•", "plain", "chapter", 2, "number", hyphens=True, chart="line"
    ),
    "magazine": Layout(
        MAGAZINE, MAGAZINE_MARGINS, "•", "numeral", "report", 1, pull_quotes=True, chart="bars"
    ),
    "government": Layout(
        GOVERNMENT, GOVERNMENT_MARGINS, "–", "box", "foot", 2, "paragraphs", repeat_header=True,
        pdf={"tagged": True, "outline": True},
    ),
    "brochure": Layout(
        BROCHURE, BROCHURE_MARGINS, "→", "line", "report", 1, "opener", side_captions=True,
        chart="none",
    ),
}  # fmt: skip


def prepare(blocks: Iterable[Block], layout: Layout) -> list[Block]:
    """The blocks as the layout words, numbers and orders them."""
    changed = [b | {"in_box": b.get("in_box")} for b in blocks]
    for b in changed:
        b.pop("set_as", None)
    number_headings(changed, layout)
    if layout.headings == "paragraphs":
        number_paragraphs(changed)
    for b in changed:
        if b["kind"] == "recommendation":
            label_recommendation(b, layout.recommendations)
    changed = list(move_notes(add_labels(changed, layout), layout.notes))
    for n, b in enumerate(changed, start=1):
        b["n"] = n
    return changed


def number_headings(blocks: Sequence[Block], layout: Layout) -> None:
    """Reword the headings of chapters and sections, and the section paths with them."""
    renamed: dict[tuple[str, ...], str] = {}
    chapter, section, numbered = 0, 0, False
    for b in blocks:
        b["bare"] = b["text"]
        if layout.headings and b["kind"] == "heading" and b["part"] in NUMBERED_PARTS:
            own = OWN_NUMBER.match(b["text"])
            if b["level"] == 1:
                numbered = bool(own) or layout.headings == "paragraphs"
                chapter, section = chapter + numbered, 0
                b["bare"] = b["text"][own.end() :] if own else b["text"]
                b["number"] = chapter if numbered else None
                shown = numbered and layout.headings != "opener"
                b["text"] = f"{chapter} {b['bare']}" if shown else b["bare"]
            elif b["level"] == 2 and numbered and layout.headings == "number":
                section += 1
                b["number"], b["text"] = f"{chapter}.{section}", f"{chapter}.{section} {b['text']}"
            renamed[tuple(b["section_path"])] = b["text"]
        path = b["section_path"]
        b["section_path"] = [renamed.get(tuple(path[: i + 1]), t) for i, t in enumerate(path)]


def number_paragraphs(blocks: Sequence[Block]) -> None:
    """Number the paragraphs of the chapters that stand in no box: 1.1, 1.2, …"""
    chapter, last = 0, 0
    for b in blocks:
        if b["kind"] == "heading" and b.get("number"):
            chapter, last = b["number"], 0
        elif b["kind"] == "paragraph" and b["part"] in NUMBERED_PARTS and not b["in_box"]:
            last += 1
            b["kind"], b["label"] = "numbered", f"{chapter}.{last}"
            shift = len(b["label"]) + 1
            b["text"] = f"{b['label']} {b['text']}"
            b["note_marks"] = [[at + shift, mark] for at, mark in b.get("note_marks", ())]


def label_recommendation(block: Block, style: str) -> None:
    """Give a recommendation the label that the style sets it with."""
    own = block.get("label") or block["recommendation"]
    worded = block["text"].startswith(own)
    if style == "plain" or (style == "numeral" and worded and not own[0].isdigit()):
        return
    number = re.findall(r"\d+", block["recommendation_id"])[-1]
    block["label"] = number if style == "numeral" else f"Recommendation {number}"
    if worded:
        block["text"] = block["text"][len(own) :].lstrip(" :.")


def add_labels(blocks: Iterable[Block], layout: Layout) -> Iterator[Block]:
    """Add the lines over a recommendation or a chapter's title that may count as headings."""
    for b in blocks:
        boxed = b["kind"] == "recommendation" and layout.recommendations == "box"
        text = b["label"] if boxed else f"Chapter {b['number']}" if b.get("number") else None
        if boxed or (text and layout.headings == "opener"):
            kept = {key: b[key] for key in ("section_path", "in_box", "part")}
            yield {
                "kind": "label",
                "set_as": "heading",
                "text": text,
                "recommendation": None,
            } | kept
        yield b


def move_notes(found: Iterable[Block], place: str) -> Iterator[Block]:
    """Put the notes at the end of each chapter, or of the last one, under a heading if not foot."""
    blocks, waiting = list(found), []
    last = max(i for i, b in enumerate(blocks) if b["part"] in NUMBERED_PARTS | {"annex"})
    for i, b in enumerate(blocks):
        opens = b["kind"] == "heading" and b["level"] == 1
        if waiting and (opens if place != "report" else i == last + 1):
            yield from noted(waiting, place)
            waiting = []
        if b["kind"] == "footnote":
            waiting.append(b)
        else:
            yield b
    yield from noted(waiting, place)


def noted(notes: Sequence[Block], place: str) -> Iterator[Block]:
    """The notes, after their heading."""
    if not notes:
        return
    path, level, part = notes[-1]["section_path"][:1], 2, notes[-1]["part"]
    if place == "report":
        path, level, part = ["Endnotes"], 1, "references"
    elif place == "chapter":
        path = [*path, "Notes"]
    if place != "foot":
        yield {"kind": "heading", "level": level, "text": path[-1], "bare": path[-1], "part": part,
               "section_path": path, "recommendation": None, "in_box": None}  # fmt: skip
    for note in notes:
        yield note | {"section_path": path, "in_box": None, "part": part}


class Page:
    """The HTML of a report in a layout, and what stands in it that is no block."""

    def __init__(self, report: Block, blocks: Sequence[Block], layout: Layout) -> None:
        self.report, self.blocks, self.layout = report, blocks, layout
        self.furniture: list[Block] = []
        self.feet: list[str] = []
        self.short = report["title"].split(":")[0]
        self.contents = [
            b for b in blocks
            if b["kind"] == "heading" and b["level"] <= layout.contents
            and b["text"] not in (report["title"], "Contents", "Notes")
            and (b["level"] == 1 or b["part"] in NUMBERED_PARTS)
        ]  # fmt: skip
        self.random = random.Random(report["doc"])
        self.chapters: list[str] = []
        self.body = "".join(self.section(part) for part in self.sections())
        self.furniture += [{"kind": "contents", "text": b["text"]} for b in self.contents]
        heads = {"academic": [self.short, *self.chapters], "government": [report["title"]],
                 "magazine": [f"{report['publisher']} | {self.short} |"]}  # fmt: skip
        name = next(k for k, v in LAYOUTS.items() if v is layout)
        self.furniture += [
            {"kind": "running_head", "text": t} for t in dict.fromkeys(heads.get(name, ()))
        ]

    def sections(self) -> Iterator[list[Block]]:
        """The cover, the other front matter, and the chapters."""
        part: list[Block] = []
        titles = 0
        for b in self.blocks:
            if b["kind"] == "heading" and b["level"] == 1:
                titles += 1
                front = part and part[0]["part"] in ("front", "licence") and titles > 2
                if titles > 1 and not (front and b["part"] in ("front", "licence")):
                    yield part
                    part = []
            part.append(b)
        yield part

    def section(self, blocks: Sequence[Block]) -> str:
        """A chapter, on named pages."""
        first, inner = blocks[0], self.flow(blocks)
        if first["n"] == 1:
            return f'<div class="cover" style="page:cover">{inner}</div>'
        self.chapters.append(first["bare"])
        kind = "chapter" if first["part"] in CHAPTERS else "front"
        head, rest = inner.split("</h1>", 1)
        page = f'style="page:c{len(self.chapters)}"'
        return f'<div class="{kind}" {page}>{head}</h1><div class="cols">{rest}</div></div>'

    def html(self, pages: Sequence[int] | None) -> str:
        """The whole; with the contents' page numbers, or bare."""
        numbers = ["00"] * len(self.contents) if pages is None else [str(p) for p in pages]
        rows = []
        for b, number in zip(self.contents, numbers, strict=True):
            text, css = f"<span>{html.escape(b['text'])}</span>", f'class="l{b["level"]}"'
            dots = " ." * max(5, int((132 - 1.8 * len(b["text"])) / 1.85 - 3 * b["level"]))
            behind = f"<i>{dots}</i>" if self.layout.headings == "number" else ""
            row = f"{text}{behind}<em style='font-style:normal'>{number}</em>"
            if self.layout.contents == 1:
                row = f"<b>{number}</b>{text}"
            rows.append(f"<div {css}>{row}</div>")
        names = {"short": self.short, "title": self.report["title"]}
        names |= {"publisher": self.report["publisher"]}
        margins = [
            self.layout.margins % (names | {"page": f"c{n}", "chapter": c.replace('"', "”")})
            for n, c in enumerate(self.chapters, start=1)
        ]
        styles = COMMON + self.layout.css + (BARE if pages is None else "".join(margins))
        body = self.body.replace("<nav></nav>", f"<nav>{''.join(rows)}</nav>")
        title = html.escape(self.report["title"])
        return (f'<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>{title}</title>'
                f"<style>{styles}</style><body>{body}</body></html>")  # fmt: skip

    def flow(self, blocks: Sequence[Block]) -> str:
        """The blocks one after the other; boxes and figures put together."""
        parts, i = [], 0
        drop = False
        while i < len(blocks):
            b, end = blocks[i], i + 1
            if b["kind"] == "box":
                while end < len(blocks) and blocks[end]["in_box"] == b["text"]:
                    end += 1
                inner = f'<p class="boxtitle">{self.inline(b)}</p>{self.flow(blocks[i + 1 : end])}'
                parts.append(f'<div class="box">{inner}</div>')
            elif b["kind"] in ("caption", "table"):
                while end < len(blocks) and blocks[end]["kind"] in ("caption", "table"):
                    if blocks[end]["in_box"] != b["in_box"] or LEAD.match(blocks[end]["text"]):
                        break
                    end += 1
                parts.append(self.figure(blocks[i:end]))
            elif b["kind"] == "footnote" and self.layout.notes == "foot":
                while end < len(blocks) and blocks[end]["kind"] == "footnote":
                    end += 1
                notes = "".join(self.paragraph(note) for note in blocks[i:end])
                parts.append(f'<div class="feet">{notes}</div>')
            else:
                parts.append(self.paragraph(b, drop and b["kind"] == "paragraph"))
            drop = b["kind"] == "heading" and b["level"] == 1 and b["part"] == "chapter"
            i = end
        return "".join(parts)

    def paragraph(self, b: Block, drop: bool = False) -> str:
        """A heading, a paragraph, an item, a note or a recommendation."""
        kind, label = b["kind"], html.escape(b.get("label") or "")
        inner, lab = self.inline(b), f'<span class="lab">{label}</span>'
        if kind == "heading":
            return self.heading(b)
        if kind == "label":  # set by what it stands over
            return ""
        if kind == "bullet":
            return f'<p class="bullet"><span class="lab">{self.layout.bullet}</span>{inner}</p>'
        if kind == "footnote":
            raised = f'<span class="lab"><sup>{label}</sup></span>'
            return f'<p class="note">{raised if self.layout.notes == "foot" else lab} {inner}</p>'
        if kind == "reference":
            return f'<p class="ref">{lab if label else ""}{inner}</p>'
        if kind == "recommendation":
            return self.recommendation(b, inner, lab)
        if kind == "numbered":
            margin = self.layout.headings == "paragraphs" and re.match(r"\d+\.\d", b["label"])
            return f'<p class="{"np" if margin else "num"}">{lab}{inner}</p>'
        if self.layout.pull_quotes and b["part"] in NUMBERED_PARTS and not b["in_box"]:
            inner = self.pull_quote(b) or inner
        return f"<p{' class=drop' * (drop and self.layout.headings == 'opener')}>{inner}</p>"

    def heading(self, b: Block) -> str:
        """A heading; the contents list after its own."""
        inner, number = html.escape(b["bare"]), b.get("number")
        if number and self.layout.headings == "opener":
            inner = f'<span class="opener">Chapter {number}</span> {inner}'
        elif number:
            inner = f"{number}&ensp;{inner}"
        tag = f"h{b['level']}"
        return f"<{tag}>{inner}</{tag}>" + "<nav></nav>" * (b["text"] == "Contents")

    def recommendation(self, b: Block, inner: str, lab: str) -> str:
        """A recommendation in the layout's style."""
        style, label = self.layout.recommendations, html.escape(b.get("label") or "")
        if style == "box":
            return f'<div class="rec"><p class="rt">{label}</p><p>{inner}</p></div>'
        if style == "line":
            return f'<p class="rec"><span class="run">{label}</span> {inner}</p>'
        if style == "numeral" and label:
            return f'<p class="rec">{lab}{inner}</p>'
        own = html.escape(b.get("label") or b["recommendation"])
        return f'<p class="rec run">{inner.replace(own, f"<b>{own}</b>", 1)}</p>'

    def inline(self, b: Block) -> str:
        """The text without its label, unless that runs into it; with raised marks."""
        text, label = b["text"], b.get("label")
        run_in = b["kind"] == "recommendation" and self.layout.recommendations == "plain"
        start = len(label) if label and text.startswith(label) and not run_in else 0
        parts = []
        for at, mark in [*b.get("note_marks", ()), [len(text), ""]]:
            parts.append(self.words(text[start:at].lstrip() if not parts else text[start:at]))
            parts.append(f"<sup>{mark}</sup>" if mark else "")
            start = at
        return "".join(parts)

    def words(self, text: str) -> str:
        """Text as HTML, with soft hyphens if the layout hyphenates."""
        if self.layout.hyphens:
            text = re.sub(
                r"(?<![\w/.@-])[A-Za-z]{7,}(?![\w/@-]|\.\w)",
                lambda m: SYLLABLE.sub("\u00ad", m[0]),
                text,
            )
        return html.escape(text)

    def pull_quote(self, b: Block) -> str | None:
        """Some long paragraphs with a sentence of theirs set large in their middle."""
        ends = [m.end() for m in re.finditer(r"[a-z]{3}[.?!] (?=[A-Z])", b["text"])]
        inside = [b["text"][i:j].strip() for i, j in itertools.pairwise(ends)]
        fit = [s for s in inside if 70 < len(s) < 190]
        if not fit or len(b["text"]) < 450 or b.get("note_marks") or self.random.random() < 0.6:
            return None
        cut = b["text"].index(" ", len(b["text"]) // 2)
        quote = self.random.choice(fit)
        self.furniture.append({"kind": "pull_quote", "text": quote, "near": b["n"]})
        pull = f'<span class="pull">{html.escape(quote)}</span>'
        return f"{self.words(b['text'][:cut])} {pull}{self.words(b['text'][cut + 1 :])}"

    def figure(self, blocks: Sequence[Block]) -> str:
        """Captions with a table, or a chart or a picture in place of one."""
        table = next((b for b in blocks if b["kind"] == "table"), None)
        lead = blocks[0]["text"]
        captions = [b for b in blocks if b["kind"] == "caption"]
        under = [b for b in captions if BELOW.match(b["text"]) or b["text"].startswith("©")]
        above = "".join(
            f'<p class="above">{self.inline(b)}</p>' for b in captions if b not in under
        )
        below = "".join(f'<p class="below">{self.inline(b)}</p>' for b in under)
        if table:
            wide = len(table["rows"][0]) > 2 or len(table["text"]) > 900
            wide = wide and not table["in_box"]
            css = ' class="wide"' * wide
            return f"<figure{css}>{above}{self.table(table)}{below}</figure>"
        picture = ""
        if LEAD.match(lead) and not lead.startswith("Table"):
            plain = self.layout.chart == "none" or lead.startswith("©")
            picture = self.picture() if plain else self.chart(blocks[0]["n"])
        if self.layout.side_captions and picture:
            return f'<figure><div class="side cap">{above}{below}</div>{picture}</figure>'
        return f"<figure>{above}{picture}{below}</figure>"

    def table(self, b: Block) -> str:
        """A table; its first row repeated on each page if the layout does so."""
        rows = [[html.escape(cell) for cell in row] for row in b["rows"]]
        head = ""
        if self.layout.repeat_header:
            head = f"<thead><tr><th>{'</th><th>'.join(rows.pop(0))}</th></tr></thead>"
        body = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in rows)
        return f"<table>{head}<tbody>{body}</tbody></table>"

    def picture(self) -> str:
        """A picture's place."""
        hue, height = self.random.randrange(360), self.random.randrange(80, 150)
        hill = f'<path d="M0 {height}L90 30L150 {height - 20}L210 50L300 {height}Z" opacity=".4"/>'
        fill = f'<rect width="300" height="{height}" fill="hsl({hue} 40% 70%)"/>'
        return f'<svg viewBox="0 0 300 {height}">{fill}{hill}</svg>'

    def chart(self, n: int) -> str:
        """A chart with invented values, ticks, categories, a unit and a legend."""
        areas = ["London", "North East", "Wales", "Scotland", "South West", "Midlands", "England"]
        years = [str(y) for y in range(2015, 2024)]
        names = self.random.choice([areas, years])[: self.random.randint(4, 7)]
        unit = self.random.choice(["Per cent", "£ billion", "Index (2015 = 100)", "Thousands"])
        legend = self.random.sample(["Baseline", "Central scenario", "With reform", "Actual"], 2)
        values = [self.random.randint(15, 100) for _ in names]
        step, marks, labels = 250 / len(names), [], [unit]
        for y in (0, 25, 50, 75, 100):
            marks.append(f'<text x="22" y="{132 - y}" text-anchor="end">{y}</text>')
            labels.append(str(y))
        points = [(30 + step * (i + 0.5), 130 - v) for i, v in enumerate(values)]
        for (x, y), name in zip(points, names, strict=True):
            marks.append(f'<text x="{x:.0f}" y="141" text-anchor="middle">{name}</text>')
            labels.append(name)
            if self.layout.chart == "bars":
                box = f'x="{x - 9:.0f}" y="{y}" width="18" height="{130 - y}"'
                marks.append(f'<rect {box} fill="#5a9"/>')
        if self.layout.chart == "line":
            line = " ".join(f"{x:.0f},{y}" for x, y in points)
            marks.append(f'<polyline points="{line}" fill="none" stroke="#000"/>')
        for x, name in zip((60, 160), legend, strict=True):
            marks.append(f'<rect x="{x - 9}" y="151" width="6" height="6" fill="#888"/>')
            marks.append(f'<text x="{x}" y="157">{name}</text>')
            labels.append(name)
        self.furniture.append({"kind": "chart_label", "text": " ".join(labels), "near": n})
        axes = '<path d="M28 28V130H285" fill="none" stroke="#000" stroke-width=".6"/>'
        return (f'<svg viewBox="0 0 290 162" font-size="7.5"><text x="4" y="20">{unit}</text>'
                f"{axes}{''.join(marks)}</svg>")  # fmt: skip


def page_letters(path: Path) -> list[str]:
    """The letters of each page."""
    with pypdfium2.PdfDocument(path) as document:
        return [letters(page.get_textpage().get_text_range()) for page in document]


def printed(block: Block) -> str:
    """A block's letters as they stand in the bare pages: without its label, with its marks."""
    text, label = block["text"], block.get("label") or ""
    for at, mark in reversed(block.get("note_marks", ())):
        text = f"{text[:at]} {mark}{text[at:]}"
    noted = block["kind"] in ("footnote", "reference")
    return letters(label) * noted + letters(text.removeprefix(label))


def locate(blocks: Sequence[Block], pages: Sequence[str], loose: bool) -> list[Block]:
    """Give the blocks their first and last page; those not found get the page they come after."""
    text = "".join(pages)
    starts = list(itertools.accumulate(map(len, pages), initial=0))
    lost, cursor, page = [], 0, 0
    for b in blocks:
        end = starts[min(page + AHEAD, len(pages))]
        beside = loose and b["kind"] == "caption"  # painted before the page's text
        places = (starts[page],) if beside else (cursor, starts[page], starts[max(0, page - 2)])
        span = find(printed(b), text, places, end)
        if span is None:
            lost.append(b)
            b["pages"] = [page + 1, page + 1]
            continue
        first, last = (bisect.bisect_right(starts, at) - 1 for at in span)
        b["pages"] = [first + 1, last + 1]
        if span[0] >= cursor and not beside:
            cursor, page = span[1] + 1, last
    return lost


def find(form: str, text: str, starts: Iterable[int], end: int) -> tuple[int, int] | None:
    """First and last place of a form: whole, but for a drop cap, or most of it in pieces."""
    for start in starts:
        for part in (form, form[1:]):
            if len(part) > 1 and (at := text.find(part, start, end)) >= 0:
                return at, at + len(part) - 1
    start = min(starts)
    pieces = [form[i : i + PIECE] for i in range(0, len(form) - PIECE + 1, PIECE)]
    pieces.append(form[-PIECE:])
    places = [text.find(piece, start, end) for piece in pieces]
    hits = [at for at in places if at >= 0]
    if len(hits) < 0.6 * len(pieces):
        return None
    return min(hits), max(hits) + PIECE - 1


def print_pdf(browser: Browser, source: str, target: Path, options: Mapping[str, bool]) -> None:
    """Print HTML to a file."""
    page = browser.new_page()
    page.set_content(source)
    page.pdf(path=target, prefer_css_page_size=True, print_background=True, **options)
    page.close()


def relay(browser: Browser, report: Block, layout: Layout, target: Path) -> str:
    """Print a report in a layout and write its truth; what to say of it."""
    blocks = prepare(report["blocks"], layout)
    page = Page(report, blocks, layout)
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.pdf"
        print_pdf(browser, page.html(None), bare, {})
        found = page_letters(bare)
    lost = locate(blocks, found, layout.side_captions)
    print_pdf(browser, page.html([b["pages"][0] for b in page.contents]), target, layout.pdf)
    final = page_letters(target)
    strayed = sum(a[-12:] not in b for a, b in zip(found, final, strict=True))
    for b in blocks:
        b |= {"level": b.get("level"), "bare": None, "number": None}
        for key in ("bare", "number", *([] if b["in_box"] else ["in_box"])):
            del b[key]
    truth = report | {"pages": len(final), "blocks": blocks, "furniture": page.furniture}
    truth |= {"layout": target.parts[-4], "engine": "chromium", "pdf_info": "correct"}
    truth |= {"outline": layout.pdf.get("outline", False)}
    target.with_suffix(".json").write_text(json.dumps(truth, ensure_ascii=False), "utf-8")
    return "\n".join(
        [f"{len(final)} pages, {len(blocks)} blocks, {len(lost)} not found, {strayed} pages differ"]
        + [f"    {b['kind']} after p{b['pages'][0]}: {b['text'][:60]!r}" for b in lost]
    )


def main() -> None:
    """Set the reports wanted in the layouts wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    shared = os.environ.get("REFORMQA_SHARED", "../shared")
    parser.add_argument("--shared", type=Path, default=shared)
    parser.add_argument("--report", action="append", help="a file's name without its ending")
    parser.add_argument("--layout", action="append", choices=list(LAYOUTS))
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        for name in options.layout or LAYOUTS:
            folder = options.out / name / "corpus" / "typeset"
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted((options.shared / "corpus" / "typeset").glob("*.json")):
                if not options.report or path.stem in options.report:
                    report = json.loads(path.read_text("utf-8"))
                    said = relay(browser, report, LAYOUTS[name], folder / f"{path.stem}.pdf")
                    print(f"{name} {path.stem}: {said}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
