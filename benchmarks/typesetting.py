"""Composed reports set by Chromium, each with its exact truth beside the PDF."""

from __future__ import annotations

import dataclasses
import html
import json
import random
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2
from playwright.sync_api import Browser, sync_playwright

from composing import Block, Report
from house_styles import Style, stylesheet
from truths import letters

SCRIPT = Path(__file__).with_name("typesetting.js")
#: Letters of a block's beginning and end that have to stand on its pages.
CHECKED = 16


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window. Raises SystemExit if there is none."""
    path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if path is None:
        sys.exit("no Chromium found: install Debian's package `chromium`")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--font-render-hinting=none"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


def typeset(report: Report, style: Style, seed: int, folder: Path, browser: Browser) -> Path:
    """Set a report, write its PDF and its truth (`.json`) into a folder, and return the PDF.

    Raises SystemExit if a block does not stand on the page that the truth gives.
    """
    setting = _Setting(report, style, seed)
    page = browser.new_page()
    page.emulate_media(media="print")
    page.set_content(setting.page())
    page.add_script_tag(path=str(SCRIPT))
    placed = page.evaluate("spec => typeset(spec)", setting.spec())
    pdf = folder / f"layout-{seed:03}.pdf"
    pdf.write_bytes(
        page.pdf(
            prefer_css_page_size=True,
            print_background=True,
            tagged=style.tagged or style.outline,
            outline=style.outline,
        )
    )
    page.close()
    truth = setting.truth(placed)
    pdf.with_suffix(".json").write_text(json.dumps(truth, indent=1) + "\n", "utf-8")
    check(pdf, truth)
    return pdf


def check(pdf: Path, truth: Mapping[str, Any]) -> None:
    """Raise SystemExit if a block does not begin and end on the pages that the truth gives."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [letters(page.get_textpage().get_text_range()) for page in document]
    if len(pages) != truth["pages"]:
        sys.exit(f"{pdf} has {len(pages)} pages, not {truth['pages']}")
    for block in truth["blocks"]:
        first, last = block["pages"]
        form = letters(block["text"])
        begun = form[1 : CHECKED + 1] in pages[first - 1] or block["kind"] == "table"
        if not begun or form[-CHECKED:] not in pages[last - 1]:
            sys.exit(f"{pdf}: not on pages {first} to {last}: {block['text'][:80]}")


class _Setting:
    """A report as blocks for the script, numbered as in the truth."""

    def __init__(self, report: Report, style: Style, seed: int) -> None:
        self.report, self.style = report, style
        self.chance = random.Random(f"typeset {seed}")
        self.records: list[dict[str, Any]] = []
        self.furniture: list[dict[str, str]] = []
        self.blocks: list[dict[str, Any]] = []
        self.note_places: dict[str, int] = {}
        self.headings: dict[int, str] = {}
        self.blocks.append({"tag": "cover", "lead": self.cover()})
        front, late = report.front, style.late_contents
        for block in front if late else ():
            self.add(block)
        if style.contents:
            n = self.record(Block("heading", "Contents", 1, path=("Contents",)))
            self.blocks.append(self.block("h1", "", "Contents", n, opens=True, keep=True))
            listed = len(self.blocks)
            self.blocks.append(self.block("div", "contents", "", 0))
        for block in [*(() if late else front), *report.blocks]:
            self.add(block)
        if style.contents:
            self.blocks[listed]["lead"] = self.contents()

    def page(self) -> str:
        """Return the HTML of the empty document."""
        title = {"title": self.report.title, "layout": "Layout 1"}.get(self.style.metadata, " ")
        head = f"<title>{html.escape(title)}</title><style>{stylesheet(self.style)}</style>"
        return f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}</head></html>'

    def spec(self) -> dict[str, Any]:
        """Return what the script needs."""
        foot = self.report.notes if self.style.notes == "foot" else {}
        marks = {"raised": "{}", "plain": "{}", "dot": "{}."}[self.style.note_label]
        return {
            "style": dataclasses.asdict(self.style),
            "title": self.report.title,
            "publisher": self.report.publisher,
            "blocks": self.blocks,
            "headings": self.headings,
            "notes": {
                n: f"<span>{marks.format(n)}</span> {html.escape(text)}" for n, text in foot.items()
            },
            "notePlaces": self.note_places,
        }

    def truth(self, placed: Mapping[str, Any]) -> dict[str, Any]:
        """Return the truth in the form of the typeset reports'."""
        for record in self.records:
            record["pages"] = placed["where"][str(record["n"])]
        heads = {(item["kind"], item["text"]) for item in placed["furniture"]}
        furniture = [{"kind": kind, "text": text} for kind, text in sorted(heads)]
        furniture += self.furniture
        return {
            "title": f"{self.report.title}: {self.report.subtitle}",
            "publisher": self.report.publisher,
            "published": self.report.date,
            "pages": placed["pages"],
            "too_large": placed["tooLarge"],
            "blocks": self.records,
            # A bare number is nobody's text, and is found in any year.
            "furniture": [f for f in furniture if not letters(f["text"]).isdigit()],
        }

    def record(self, block: Block) -> int:
        """Add a block to the truth and return its number."""
        label = {"label": block.label} if block.label else {}
        rows = {"rows": block.rows} if block.rows else {}
        marks = [[len(block.text), mark] for mark in block.notes]
        proposed = block.recommendation
        self.records.append(
            {
                "n": len(self.records) + 1,
                "kind": block.kind,
                "level": block.level,
                "text": block.text,
                "section_path": list(block.path),
                "recommendation": proposed,
                **({"recommendation_id": proposed} if proposed else {}),
                **({"note_marks": marks} if marks else {}),
                **label,
                **rows,
            }
        )
        return len(self.records)

    def block(self, tag: str, name: str, lead: str, n: int, **more: Any) -> dict[str, Any]:
        """Return a block for the script: fixed HTML, and by default no words to split."""
        plain = {"tokens": [], "splits": False, "keep": False, "level": 0, "opens": False}
        return {"tag": tag, "name": name, "lead": lead, "n": n, **plain, **more}

    def tokens(self, text: str, notes: Sequence[str] = ()) -> list[str]:
        """Return the words as HTML, the last one with its note marks."""
        words = [html.escape(word) for word in text.split()]
        words[-1] += "".join(f'<sup data-note="{n}">{n}</sup>' for n in notes)
        return words

    def add(self, block: Block) -> None:
        """Add a block of the report, and its notes if they stand at the foot."""
        if block.kind == "pull_quote":
            self.furniture.append({"kind": "pull_quote", "text": block.text})
            name = "margin" if self.style.pull_quotes == "margin" else "pull"
            self.blocks.append(self.block("div", name, html.escape(block.text), 0))
            return
        n = self.record(block)
        self.blocks.append(self.shown(block, n))
        if self.style.notes == "foot":
            for label in block.notes:
                note = Block("footnote", self.report.notes[label], label=label, path=block.path)
                self.note_places[label] = self.record(note)

    def shown(self, block: Block, n: int) -> dict[str, Any]:
        """Return a recorded block for the script."""
        words = self.tokens(block.text, block.notes)
        if block.kind == "heading":
            self.headings[n] = block.text
            lead = f"<b>{block.over}</b>" if block.over else ""
            more = {"level": block.level, "text": block.text, "opens": block.opens, "keep": True}
            spans = self.style.spanning and self.style.new_page and block.level == 1
            return self.block(f"h{block.level}", "", lead, n, tokens=words, spans=spans, **more)
        if block.kind == "caption":
            return self.block("div", "caption", "", n, tokens=words, keep=True)
        if block.kind == "table":
            return self.block("table", "", self.rows(block.rows), n)
        if block.kind == "box":
            inside = "".join(self.inside(child) for child in block.children)
            return self.block("div", "box", f"<h4>{html.escape(block.text)}</h4>{inside}", n)
        listed = block.recommendation and self.style.recommendations
        if block.kind == "bullet" or listed == "bullets":
            return self.block(
                "div", "item", f"<i>{self.style.bullet}</i> ", n, tokens=words, splits=True
            )
        if block.kind == "numbered" or listed == "numbered":
            mark = words.pop(0)
            return self.block(
                "div", "item", f'<i class="wide">{mark}</i> ', n, tokens=words, splits=True
            )
        if listed == "boxed":
            return self.block("div", "box", "", n, tokens=words)
        if listed == "labelled":
            words[:2] = [f'<span class="strong">{" ".join(words[:2])}</span>']
        if block.kind == "footnote":
            words.insert(0, f"{block.label}.")
        more = {"splits": True, "opens": block.opens}
        return self.block("p", "drop" * block.drop, "", n, tokens=words, **more)

    def inside(self, child: Block) -> str:
        """Return the HTML of a block in a box."""
        n, text = self.record(child), html.escape(child.text)
        if child.kind == "bullet":
            return f'<div class="item" data-n="{n}"><i>{self.style.bullet}</i> {text}</div>'
        return f'<p data-n="{n}">{text}</p>'

    def rows(self, rows: Sequence[Sequence[str]]) -> str:
        """Return the HTML of a table."""
        cells = [
            "".join(f"<t{'d' if n else 'h'}>{html.escape(c)}</t{'d' if n else 'h'}>" for c in row)
            for n, row in enumerate(rows)
        ]
        return "".join(f"<tr>{row}</tr>" for row in cells)

    def contents(self) -> str:
        """Return the HTML of the contents list, whose page numbers the script fills in."""
        lines = []
        for record in self.records:
            if record["n"] not in self.headings or record["level"] > 2:
                continue
            text = record["text"]
            self.furniture.append({"kind": "contents", "text": text})
            dots = "." * max(4, 44 - len(text)) if self.style.contents == "dots" else ""
            parts = [html.escape(text), f"<u>{dots}</u>", "<span>00</span>"]
            if self.style.contents == "first":
                parts = ["<span>00</span>", parts[0]]
            deep = " deep" * (record["level"] == 2)
            lines.append(
                f'<div class="entry{deep}" data-target="{record["n"]}">{" ".join(parts)}</div>'
            )
        return "".join(lines)

    def cover(self) -> str:
        """Return the HTML of the cover, whose title may stand in pieces."""
        report, path = self.report, (self.report.title,)
        height = self.style.page[1]
        words, pieces = report.title.split(), [report.title]
        if self.style.cover == "pieces" and len(words) > 2:
            cut = self.chance.randint(1, len(words) - 1)
            pieces = [" ".join(words[:cut]), " ".join(words[cut:])]
        sizes = self.chance.sample((26, 32, 40), len(pieces))
        n = self.record(Block("heading", report.title, 1, path=path))
        shown = "".join(
            f'<div style="font-size:{size}pt;font-weight:bold">{html.escape(p)}</div>'
            for p, size in zip(pieces, sizes, strict=True)
        )
        lines = [(150, f'<div data-n="{n}">{shown}</div>')]
        foot = self.style.cover == "foot"
        for top, size, text in (
            (330, 17, report.subtitle),
            (400, 12, report.authors),
            (height - 110 if foot else 60, 14, report.publisher),
            (height - 80, 11, report.date),
        ):
            n = self.record(Block("caption", text, path=path))
            lines.append(
                (top, f'<div data-n="{n}" style="font-size:{size}pt">{html.escape(text)}</div>')
            )
        return "".join(f'<div class="cover" style="top:{y}pt">{line}</div>' for y, line in lines)
