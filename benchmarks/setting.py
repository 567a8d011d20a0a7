"""A composed report as blocks of HTML for the script that sets them, with its truth."""

from __future__ import annotations

import dataclasses
import html
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from composing import Block, Report
from house_styles import Style
from stylesheets import stylesheet
from truths import letters

#: A table of more rows may break over pages, and a title of as many words has no page to itself.
LONG_TABLE = 6
LONG_TITLE = 16


class Setting:
    """A report as blocks for the script, numbered as in the truth."""

    def __init__(self, report: Report, style: Style, seed: int) -> None:
        self.report, self.style = report, style
        self.chance = random.Random(f"typeset {seed}")
        self.records: list[dict[str, Any]] = []
        self.furniture: list[dict[str, str]] = []
        self.blocks: list[dict[str, Any]] = []
        self.boxes = 0
        self.figure = False  # whether a figure follows the captions set last
        self.note_places: dict[str, int] = {}
        self.headings: dict[int, str] = {}
        self.noted = style.notes in ("foot", "side")
        self.blocks.append({"tag": "cover", "lead": self.cover()})
        at = ("first", "after front", "after summary").index(style.contents_at)
        parts = [report.front, report.summary, report.blocks]
        for n, part in enumerate(parts):
            if style.contents and n == at:
                listed = self.open_contents()
            for block in part:
                self.add(block)
        if style.contents:
            listed["lead"] = self.contents()

    def open_contents(self) -> dict[str, Any]:
        """Add the heading of the contents list, and return the empty block of its lines."""
        title = self.style.contents_title
        n = self.record(Block("heading", title, 1, path=(title,)))
        more = {"opens": True, "keep": True}
        self.blocks.append(self.block("h1", "", title, n, text=title, level=1, **more))
        self.blocks.append(self.block("div", "contents", "", 0, closes=True))
        return self.blocks[-1]

    def page(self) -> str:
        """Return the HTML of the empty document."""
        title = {"title": self.report.title, "layout": "Layout 1"}.get(self.style.metadata, " ")
        head = f"<title>{html.escape(title)}</title><style>{stylesheet(self.style)}</style>"
        return f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}</head></html>'

    def spec(self) -> dict[str, Any]:
        """Return what the script needs."""
        foot = self.report.notes if self.noted else {}
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
        marks = [list(mark) for mark in block.marks]
        set_as = {"set_as": block.set_as} if block.set_as else {}
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
                **set_as,
            }
        )
        return len(self.records)

    def block(self, tag: str, name: str, lead: str, n: int, **more: Any) -> dict[str, Any]:
        """Return a block for the script: fixed HTML, and by default no words to split."""
        plain = {"tokens": [], "splits": False, "keep": False, "level": 0, "opens": False, "box": 0}
        return {"tag": tag, "name": name, "lead": lead, "n": n, **plain, **more}

    def tokens(self, text: str, marks: Sequence[tuple[int, str]] = ()) -> list[str]:
        """Return the words as HTML, each with the note marks that follow it."""
        words: list[str] = []
        for found in re.finditer(r"\S+", text):
            here = [label for at, label in marks if found.start() < at <= found.end()]
            sups = "".join(f'<sup data-note="{n}">{n}</sup>' for n in here)
            words.append(html.escape(found[0]) + sups)
        return words

    def add(self, block: Block) -> None:
        """Add a block of the report, and its notes if they stand at the foot or the side."""
        if block.kind == "pull_quote":
            self.furniture.append({"kind": "pull_quote", "text": block.text})
            kind = self.style.pull_quotes
            name = {"margin": "margin", "flow": "pull"}.get(kind, f"pull {kind}")
            self.blocks.append(self.block("div", name, html.escape(block.text), 0))
            return
        n = self.record(block)
        shown = self.shown(block, n)
        if block.kind == "box":
            self.boxes += 1
        shown["box"] = self.boxes if block.box else 0
        if self.figure and (block.kind != "caption" or shown["name"] == "source"):
            self.blocks.append(self.block("div", "figure", "", 0, keep=True))
            self.figure = False
        self.figure |= block.kind == "caption" and block.text.lower().startswith("fig")
        self.blocks.append(shown)
        for _, label in block.marks if self.noted else ():
            if label in self.report.notes and label not in self.note_places:
                note = Block("footnote", self.report.notes[label], label=label, path=block.path)
                self.note_places[label] = self.record(note)

    def shown(self, block: Block, n: int) -> dict[str, Any]:
        """Return a recorded block for the script."""
        words = self.tokens(block.text, block.marks)
        if block.lead:
            words[: block.lead] = [f"<b>{' '.join(words[: block.lead])}</b>"]
        if block.kind == "heading":
            return self.heading(block, n, words)
        if block.kind == "box":
            return self.block("div", "boxtitle", "", n, tokens=words, keep=True)
        if block.kind == "caption":
            source = block.text.lower().startswith(("source", "note"))
            name = "source" if source else "caption"
            return self.block("div", name, "", n, tokens=words, keep=not source)
        if block.kind == "table":
            rows = self.rows(block.rows)
            return self.block("table", "", "", n, tokens=rows, splits=len(rows) > LONG_TABLE)
        if block.set_as:
            return self.block("p", "strong", "", n, tokens=words, splits=True)
        return self.shown_text(block, n, words)

    def heading(self, block: Block, n: int, words: list[str]) -> dict[str, Any]:
        """Return a heading for the script."""
        self.headings[n] = block.text
        style, level = self.style, block.level or 1
        more = {"level": level, "text": block.text, "opens": block.opens, "keep": True}
        spans = style.new_page and level == 1 and (style.spanning or style.opener_alone)
        more["alone"] = spans and style.opener_alone and len(words) < LONG_TITLE and block.opens
        name = "sidehead" * (style.side_heads and level == 2)
        lead = f"<b>{block.over}</b> " if block.over else ""
        return self.block(f"h{min(level, 4)}", name, lead, n, tokens=words, spans=spans, **more)

    def shown_text(self, block: Block, n: int, words: list[str]) -> dict[str, Any]:
        """Return a paragraph, item, note or recommendation for the script."""
        listed = block.recommendation and self.style.recommendations
        more = {"tokens": words, "splits": True}
        if block.kind == "bullet" or (listed == "bullets" and not block.label):
            return self.block("div", "item", f"<i>{self.style.bullet}</i> ", n, **more)
        if block.kind == "numbered" or (block.label and block.kind == "recommendation"):
            labelled = block.text.startswith(f"{block.label} ")
            mark = words.pop(0) if labelled else block.label
            name = "item count" if "." in (mark or "").rstrip(".") else "item"
            return self.block("div", name, f'<i class="wide">{mark}</i> ', n, **more)
        if listed == "boxed" and not block.box:
            return self.block("div", "box", "", n, tokens=words)
        if listed == "labelled" and block.text.startswith("Recommendation "):
            words[:2] = [f'<span class="strong">{" ".join(words[:2])}</span>']
        if block.label and not block.text.startswith(block.label):
            words.insert(0, f"{block.label.rstrip('.')}.")
        return self.block("p", "drop" * block.drop, "", n, opens=block.opens, **more)

    def rows(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """Return the HTML of each row of a table."""
        cells = [
            "".join(f"<t{'d' if n else 'h'}>{html.escape(c)}</t{'d' if n else 'h'}>" for c in row)
            for n, row in enumerate(rows)
        ]
        return [f"<tr>{row}</tr>" for row in cells]

    def contents(self) -> str:
        """Return the HTML of the contents list, whose page numbers the script fills in."""
        lines = []
        for record in self.records:
            if record["n"] not in self.headings or record["level"] > self.style.contents_depth:
                continue
            text = record["text"]
            self.furniture.append({"kind": "contents", "text": text})
            dots = "." * max(4, 44 - len(text)) if self.style.contents == "dots" else ""
            parts = [html.escape(text), f"<u>{dots}</u>", "<span>00</span>"]
            if self.style.contents == "first":
                parts = ["<span>00</span>", parts[0]]
            deep = f"deep{record['level']}"
            lines.append(
                f'<div class="entry {deep}" data-target="{record["n"]}">{" ".join(parts)}</div>'
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
        foot = self.style.cover == "foot"
        groups: dict[int, str] = {150: f'<div data-n="{n}">{shown}</div>'}
        for top, size, text in (
            (150, 17, report.subtitle),
            (150, 12, report.authors),
            (height - 110 if foot else 60, 14, report.publisher),
            (height - 80, 11, report.date),
        ):
            n = self.record(Block("caption", text, path=path))
            line = f'<div data-n="{n}" style="font-size:{size}pt;margin-top:24pt">'
            groups[top] = f"{groups.get(top, '')}{line}{html.escape(text)}</div>"
        return "".join(
            f'<div class="cover" style="top:{y}pt">{lines}</div>' for y, lines in groups.items()
        )
