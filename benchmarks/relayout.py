"""Set the typeset reports again in layouts that the reader was not made for, with exact truth.

    python benchmarks/relayout.py OUT_DIR [--shared ../shared] [--report NAME] … [--layout NAME] …
    python benchmarks/parsing.py --set typeset --shared OUT_DIR/LAYOUT

Chromium prints each report twice: as it is, and bare, with all that is no block of the truth hidden
in its place. The bare pages, which break alike (this is checked), tell where a block stands.
Written are OUT_DIR/LAYOUT/corpus/typeset/NAME.pdf and .json.

What the truth holds: numbers of headings and paragraphs are in their text, and a paragraph's number
is its label; a line over a chapter's title ("Chapter 2") or over a recommendation is a block of its
own, of kind "label", that parsing.py takes for a heading or not, as the reader does; otherwise a
recommendation's label is not in its text unless it runs into it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

import pypdfium2
from playwright.sync_api import Browser, sync_playwright

from layouts import BARE, COMMON, HTML, LABELLED, LAYOUTS, Layout
from locating import Block, locate, printed
from readers import letters

CHAPTER = frozenset({"chapter", "section", "conclusion"})
FRONT = frozenset({"front", "licence"})
OWN_NUMBER = re.compile(r"(?:Chapter (?:One|Two|Three|Four|Five|Six|Seven)|\d+)[:.]\s+")
LEAD, UNDER = re.compile(r"(?:Fig(?:ure)?|Table) \w|©"), re.compile(r"(?:Sources?|Notes?)\b|©")
LONG_WORD = re.compile(r"(?<![\w/.@-])[A-Za-z]{7,}(?![\w/@-]|\.\w)")
#: A syllable's end, near enough: between two consonants that stand between vowels.
SYLLABLE = re.compile(r"(?<=[a-z]{2}[aeiou][bcdfglmnprst])(?=[bcdfgklmnprstv][aeiou][a-z]{2})")


def prepare(found: Iterable[Block], layout: Layout) -> list[Block]:
    """The blocks as the layout words, numbers and orders them."""
    blocks = [b | {"in_box": b.get("in_box"), "bare": b["text"]} for b in found]
    number_headings(blocks, layout.headings)
    last: Block = {}
    for b in blocks:
        b.pop("set_as", None)
        if b.get("number"):
            last = {"chapter": b["number"], "paragraph": 0} if b["level"] == 1 else last
        numbered = b["kind"] == "paragraph" and b["part"] in CHAPTER and not b["in_box"]
        if numbered and layout.headings == "paragraphs":
            last["paragraph"] += 1
            b["kind"], b["label"] = "numbered", f"{last['chapter']}.{last['paragraph']}"
            b["text"], shift = f"{b['label']} {b['text']}", len(b["label"]) + 1
            b["note_marks"] = [[at + shift, mark] for at, mark in b.get("note_marks", ())]
        elif b["kind"] == "recommendation" and layout.recommendation:
            own = b.get("label") or b["recommendation"]
            worded = b["text"].startswith(own)
            if not worded or own[0].isdigit() or layout.label != "{}":
                number = re.findall(r"\d+", b["recommendation_id"])[-1]
                b["label"] = layout.label.format(number)
                b["text"] = b["text"][len(own) if worded else 0 :].lstrip(" :.")
    return list(move_notes(list(add_labels(blocks, layout)), layout.notes))


def number_headings(blocks: Sequence[Block], style: str) -> None:
    """Reword the headings of chapters and sections, and the section paths with them."""
    renamed: dict[tuple[str, ...], str] = {}
    chapter, section, numbered = 0, 0, False
    for b in blocks:
        if style and b["kind"] == "heading" and b["part"] in CHAPTER and b["level"] < 3:
            if b["level"] == 1:
                own = OWN_NUMBER.match(b["text"])
                numbered = bool(own) or style == "paragraphs"
                chapter, section = chapter + numbered, 0
                b["bare"], number = b["text"][own.end() if own else 0 :], f"{chapter}"
            else:
                section, number = section + 1, f"{chapter}.{section + 1}"
            b["text"] = b["bare"]
            if numbered and (b["level"] == 1 or style == "number"):
                b["number"] = number
                b["text"] = b["bare"] if style == "opener" else f"{number} {b['bare']}"
            renamed[tuple(b["section_path"])] = b["text"]
        path = b["section_path"]
        b["section_path"] = [renamed.get(tuple(path[: i + 1]), t) for i, t in enumerate(path)]


def add_labels(blocks: Iterable[Block], layout: Layout) -> Iterator[Block]:
    """Add the lines over a recommendation or a chapter's title that may count as headings."""
    for b in blocks:
        boxed = b["kind"] == "recommendation" and "</div>" in layout.recommendation
        if boxed or (b.get("number") and layout.headings == "opener"):
            text = b["label"] if boxed else f"Chapter {b['number']}"
            kept = {key: b[key] for key in ("section_path", "in_box", "part")}
            kept |= {"kind": "label", "set_as": "heading", "recommendation": None}
            yield kept | {"text": text}
        yield b


def move_notes(blocks: Sequence[Block], place: str) -> Iterator[Block]:
    """Put the notes at the end of each chapter, or of the last one, under a heading if not foot."""
    waiting: list[Block] = []
    end = 1 + max(i for i, b in enumerate(blocks) if b["part"] in CHAPTER | {"annex"})
    for i, b in enumerate([*blocks, {"kind": "heading", "level": 1}]):
        opens = b["kind"] == "heading" and b["level"] == 1
        if waiting and (i == end if place == "report" else opens):
            path, level, part = waiting[-1]["section_path"][:1], 2, waiting[-1]["part"]
            if place == "report":
                path, level, part = ["Endnotes"], 1, "references"
            elif place == "chapter":
                path = [*path, "Notes"]
            title = {"kind": "heading", "level": level, "text": path[-1], "bare": path[-1]}
            moved = {"section_path": path, "in_box": None, "part": part}
            yield from [] if place == "foot" else [title | moved | {"recommendation": None}]
            yield from (note | moved for note in waiting)
            waiting = []
        if b["kind"] == "footnote":
            waiting.append(b)
        elif i < len(blocks):
            yield b


class Setting:
    """A report's HTML in a layout, and under `furniture` what stands in it that is no block."""

    def __init__(self, report: Block, blocks: Sequence[Block], layout: Layout) -> None:
        self.layout, self.random, self.furniture = layout, random.Random(report["doc"]), []
        self.names = {key: report[key] for key in ("title", "publisher")}
        self.names["short"] = report["title"].split(":")[0]
        self.contents = [
            b for b in blocks
            if b["kind"] == "heading" and b["level"] <= layout.contents
            and b["text"] not in (report["title"], "Contents", "Notes")
            and (b["level"] == 1 or b["part"] in CHAPTER)
        ]  # fmt: skip
        self.heads: list[str] = []
        self.body = "".join(map(self.section, sections(blocks)))
        heads = [*(head % self.names for head in layout.heads)]
        heads += self.heads if "%(chapter)s" in layout.margins else []
        self.add("running_head", *dict.fromkeys(heads))
        self.add("contents", *(b["text"] for b in self.contents))

    def add(self, kind: str, *texts: str) -> None:
        """Note furniture."""
        self.furniture += [{"kind": kind, "text": text} for text in texts]

    def html(self, pages: Sequence[int] | None) -> str:
        """The whole; with the contents' page numbers, or bare."""
        rows = ""
        for b, page in zip(self.contents, pages or itertools.repeat(88), strict=pages is not None):
            dots = " ." * max(5, int((143 - 1.75 * len(b["text"])) / 1.85 - 3 * b["level"]))
            cells = f"<span>{escape(b['text'])}</span><i>{dots}</i><em>{page}</em>"
            rows += f'<div class="l{b["level"]}">{cells}</div>'
        css = COMMON + self.layout.css + (BARE if pages is None else "")
        for n, head in enumerate(self.heads if pages else (), start=1):
            names = {"page": f"c{n}", "chapter": head.replace('"', "”")}
            css += self.layout.margins % (self.names | names)
        body = self.body.replace("<nav></nav>", f"<nav>{rows}</nav>")
        head = f'<meta charset="utf-8"><title>{escape(self.names["title"])}</title>'
        return f'<!doctype html><html lang="en-GB">{head}<style>{css}</style><body>{body}</body>'

    def section(self, blocks: Sequence[Block]) -> str:
        """A chapter on pages with a name of their own; or the cover, or the front matter."""
        head, _, rest = self.flow(blocks).partition("</h1>")
        if blocks[0]["n"] == 1:
            return f'<div class="cover" style="page:cover">{head}</h1>{rest}</div>'
        title = next(b for b in blocks if b["kind"] == "heading")
        front = title["part"] in FRONT
        self.heads.append(self.names["short"] if front else title["bare"])
        kind = f'class="{"front" if front else "chapter"}" style="page:c{len(self.heads)}"'
        return f'<div {kind}>{head}</h1><div class="cols">{rest}</div></div>'

    def flow(self, blocks: Sequence[Block]) -> str:
        """The blocks one after the other; boxes and figures put together."""
        parts, i, first = [], 0, False
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
            else:
                parts.append(self.block(b, first))
            first = b["kind"] == "heading" and b["level"] == 1 and b["part"] == "chapter"
            i = end
        return "".join(parts)

    def block(self, b: Block, first: bool) -> str:
        """A heading, a paragraph, an item, a note or a recommendation."""
        kind, layout, label = b["kind"], self.layout, escape(b.get("label") or "")
        text, number = self.inline(b), b.get("number")
        if kind == "heading":
            inner = f"{number}&ensp;{escape(b['bare'])}" if number else escape(b["bare"])
            if number and layout.headings == "opener":
                inner = f'<span class="opener">Chapter {number}</span> {escape(b["bare"])}'
            inner = f"<h{b['level']}>{inner}</h{b['level']}>"
            return inner + "<nav></nav>" * (b["text"] == "Contents")
        if kind == "bullet":
            return HTML[kind].format(label=layout.bullet, text=text)
        if kind == "recommendation":
            own = escape(b.get("label") or b["recommendation"])
            html = HTML["run"] if text.startswith(own) or not label else layout.recommendation
            html = html.format(label=label, text=text)
            return html.replace(own, f"<b>{own}</b>", 1) if "rec run" in html else html
        if kind == "numbered" and re.match(r"\d+\.\d", label):
            return f'<p class="np">{LABELLED.format(label=label)}{text}</p>'
        if kind in HTML:
            return HTML[kind].format(label=label, text=text)
        if layout.pull_quotes and b["part"] in CHAPTER and not b["in_box"]:
            text = self.pull_quote(b) or text
        return f'<p class="{"drop" * first}">{text}</p>'

    def inline(self, b: Block) -> str:
        """The text with raised marks, without its label unless that runs into it."""
        text, start, html = b["text"], len(b["text"]) - len(unlabelled(b)), ""
        if b["kind"] == "recommendation":
            start = 0
        for at, mark in [*b.get("note_marks", ()), [len(text), ""]]:
            html += self.words(text[start:at]) + (f"<sup>{mark}</sup>" if mark else "")
            start = at
        return html.lstrip()

    def words(self, text: str) -> str:
        """Text as HTML, with soft hyphens in a layout of numbered headings."""
        if self.layout.headings == "number":
            text = LONG_WORD.sub(lambda m: SYLLABLE.sub("\u00ad", m[0]), text)
        return escape(text)

    def pull_quote(self, b: Block) -> str | None:
        """Some long paragraphs with a sentence of theirs set large in their middle."""
        ends = [m.end() for m in re.finditer(r"[a-z]{3}[.?!] (?=[A-Z])", b["text"])]
        inside = [b["text"][i:j].strip() for i, j in itertools.pairwise(ends)]
        fit = [s for s in inside if 70 < len(s) < 190]
        if not fit or len(b["text"]) < 450 or b.get("note_marks") or self.random.random() < 0.6:
            return None
        quote, cut = self.random.choice(fit), b["text"].index(" ", len(b["text"]) // 2) + 1
        self.add("pull_quote", quote)
        pull = f'<span class="pull">{escape(quote)}</span>'
        return f"{escape(b['text'][:cut])}{pull}{escape(b['text'][cut:])}"

    def figure(self, blocks: Sequence[Block]) -> str:
        """Captions with a table, or a chart or a picture in place of one."""
        table = next((b for b in blocks if b["kind"] == "table"), None)
        lead, above, below, inner = blocks[0]["text"], "", "", ""
        for b in blocks:
            if b["kind"] == "caption" and UNDER.match(b["text"]):
                below += f'<p class="below">{self.inline(b)}</p>'
            elif b["kind"] == "caption":
                above += f'<p class="above">{self.inline(b)}</p>'
        if table:
            rows = ["".join(f"<td>{escape(c)}</td>" for c in row) for row in table["rows"]]
            head = f"<thead><tr>{rows.pop(0)}</tr></thead>" if self.layout.pdf else ""
            inner = f"<table>{head}<tr>{'</tr><tr>'.join(rows)}</tr></table>"
        elif LEAD.match(lead) and not lead.startswith("Table"):
            inner = self.chart(not self.layout.chart or lead.startswith("©"))
            if self.layout.headings == "opener":
                above, below = f'<div class="side cap">{above}{below}</div>', ""
        wide = table and not table["in_box"] and (len(table["rows"][0]) > 2 or len(inner) > 1200)
        return f"<{self.layout.wide if wide else 'figure'}>{above}{inner}{below}</figure>"

    def chart(self, picture: bool) -> str:
        """A chart with invented values, ticks, categories, a unit and a legend; or a picture."""
        pick = self.random
        if picture:
            fill = f'<rect width="290" height="120" fill="hsl({pick.randrange(360)} 40% 70%)"/>'
            hill = '<path d="M0 120L90 30L150 95L210 50L290 120Z" opacity=".4"/>'
            return f'<svg viewBox="0 0 290 120">{fill}{hill}</svg>'
        areas = ["London", "North East", "Wales", "Scotland", "South West", "Midlands", "England"]
        names = pick.choice([areas, [str(y) for y in range(2015, 2024)]])[: pick.randint(4, 7)]
        unit = pick.choice(["Per cent", "£ billion", "Index (2015 = 100)", "Thousands"])
        step, line = 250 / len(names), ""
        labels: list[tuple[float, float, str]] = [(4, 20, unit)]
        labels += [(14, 132 - y, str(y)) for y in (0, 25, 50, 75, 100)]
        marks = '<path d="M28 28V130H285" fill="none" stroke="#000" stroke-width=".6"/>'
        for i, name in enumerate(names):
            x, y = 30 + step * (i + 0.3), pick.randint(30, 115)
            labels.append((x - 4, 141, name))
            line += f"{x + 9:.0f},{y} "
            if self.layout.chart == "bars":
                marks += f'<rect x="{x:.0f}" y="{y}" width="18" height="{130 - y}" fill="#5a9"/>'
        if self.layout.chart == "line":
            marks += f'<polyline points="{line}" fill="none" stroke="#000"/>'
        legend = pick.sample(["Baseline", "Central scenario", "With reform", "Actual"], 2)
        for x, name in zip((60, 160), legend, strict=True):
            marks += f'<rect x="{x - 9}" y="151" width="6" height="6" fill="#888"/>'
            labels.append((x, 157, name))
        self.add("chart_label", " ".join(text for *_, text in labels))
        texts = "".join(f'<text x="{x:.0f}" y="{y}">{text}</text>' for x, y, text in labels)
        return f'<svg viewBox="0 0 290 162" font-size="7.5">{marks}{texts}</svg>'


def sections(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """The cover, the front matter, and the chapters."""
    part: list[Block] = []
    titles = 0
    for b in blocks:
        if b["kind"] == "heading" and b["level"] == 1:
            titles += 1
            same = titles > 2 and part[0]["part"] in FRONT and b["part"] in FRONT
            if titles > 1 and not same:
                yield part
                part = []
        part.append(b)
    yield part


def unlabelled(block: Block) -> str:
    """A block's text without its label."""
    return str(block["text"]).removeprefix(block.get("label") or "")


def print_pages(browser: Browser, html: str, to: Path, options: Mapping[str, bool]) -> list[str]:
    """Print HTML to a file; the letters of each page."""
    page = browser.new_page()
    page.set_content(html)
    page.pdf(path=to, prefer_css_page_size=True, print_background=True, **options)
    page.close()
    with pypdfium2.PdfDocument(to) as document:
        return [letters(p.get_textpage().get_text_range()) for p in document]


def relay(browser: Browser, report: Block, layout: Layout, target: Path) -> str:
    """Print a report in a layout and write its truth; what to say of it."""
    blocks = prepare(report["blocks"], layout)
    for n, b in enumerate(blocks, start=1):
        b |= {"n": n, "level": b.get("level")}
    setting = Setting(report, blocks, layout)
    with tempfile.TemporaryDirectory() as folder:
        bare = print_pages(browser, setting.html(None), Path(folder) / "bare.pdf", {})
    lost = locate(blocks, bare, layout.headings == "opener")
    pages = [b["pages"][0] for b in setting.contents]
    final = print_pages(browser, setting.html(pages), target, layout.pdf)
    strayed = sum(a[-12:] not in b for a, b in zip(bare, final, strict=True))
    for b in blocks:
        for key in ("bare", "number", *([] if b["in_box"] else ["in_box"])):
            b.pop(key, None)
    truth = report | {"pages": len(final), "blocks": blocks, "furniture": setting.furniture}
    truth |= {"layout": target.parts[-4], "engine": "chromium", "pdf_info": "title only"}
    truth |= {"outline": layout.pdf.get("outline", False)}
    target.with_suffix(".json").write_text(json.dumps(truth, ensure_ascii=False), "utf-8")
    text = "".join(bare)
    broken = sum(printed(b)[1:] not in text for b in blocks) - len(lost)
    said = f"{len(final)} pages, {len(blocks)} blocks, {len(lost)} lost, {broken} in pieces"
    said += f", {strayed} pages differ"
    return "\n  ".join([said, *(f"{b['kind']} p{b['pages'][0]} {b['text'][:60]!r}" for b in lost)])


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


if __name__ == "__main__":
    main()
