"""What the PDFs really contain: typeset reports exactly, real ones as far as their tags go."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Parsed:
    """A paragraph as read, or a block of a truth; `notes` are its footnotes as (label, page)."""

    kind: str
    text: str
    label: str | None = None
    pages: tuple[int, int] = (0, 0)
    path: tuple[str, ...] = ()
    notes: frozenset[tuple[str, int]] = frozenset()

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The letters, with and without the label."""
        text, label = letters(self.text), letters(self.label or "")
        if not label:
            return (text,)
        return (text, text.removeprefix(label)) if text.startswith(label) else (text, label + text)

    def __str__(self) -> str:
        pages = "-".join(map(str, sorted(set(self.pages))))
        return f"{self.kind} p{pages} {len(self.text)} {self.text[:100]!r}"


def letters(text: str) -> str:
    """Return the letters and digits of a text in lower case, ligatures taken apart."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


@dataclass(frozen=True)
class Typeset:
    """The exact truth of a typeset report."""

    title: str
    blocks: Sequence[Parsed]
    headings: Sequence[tuple[str, int | None]]
    #: Recommendations set as headings: a reader may take them for sections or not.
    set_as_headings: frozenset[str]
    cells: frozenset[str]
    furniture: frozenset[str]
    recommendations: Sequence[Sequence[str]]

    @cached_property
    def text(self) -> str:
        """The letters of all blocks in order."""
        return "".join(b.forms[0] for b in self.blocks)


def typeset_truth(path: Path) -> Typeset:
    """Return the truth in a JSON file beside a typeset PDF."""
    truth = json.loads(path.read_text("utf-8"))
    blocks = truth["blocks"]
    parsed = [_typeset_block(b, blocks) for b in blocks]
    wordings: dict[str, list[str]] = defaultdict(list)
    for b, p in zip(blocks, parsed, strict=True):
        if b.get("recommendation_id"):
            wordings[b["recommendation_id"]] += p.forms
    return Typeset(
        letters(truth["title"]),
        parsed,
        [(letters(b["text"]), b["level"]) for b in blocks if b["kind"] in ("heading", "box")],
        frozenset(letters(b["text"]) for b in blocks if b.get("set_as") == "heading"),
        frozenset(_cells(blocks)) - {""},
        frozenset(_furniture(truth["furniture"])),
        list(wordings.values()),
    )


def _typeset_block(b: Record, blocks: Sequence[Record]) -> Parsed:
    label = b.get("label") or b["recommendation"]  # this may be an id of the truth's own
    kept = label if "label" in b or b["text"].startswith(label or " ") else None
    pages, path = tuple(b["pages"]), tuple(b["section_path"])
    return Parsed(b["kind"], b["text"], kept, pages, path, _notes(b, blocks))


def _notes(block: Record, blocks: Sequence[Record]) -> frozenset[tuple[str, int]]:
    """Return the notes that the block's marks ("1,2" is two) lead to, as (label, first page).

    Marks without a note in the truth are left out; of notes with the same label, the nearest
    counts.
    """
    found = set()
    for mark in re.findall(r"\d+", ",".join(text for _, text in block.get("note_marks", ()))):
        labelled = [n for n in blocks if n["kind"] in ("footnote", "reference") and n.get("label")]
        notes = [n for n in labelled if letters(n["label"]) == mark]
        if notes:
            note = min(notes, key=lambda n: abs(n["n"] - block["n"]))
            found.add((mark, note["pages"][0]))
    return frozenset(found)


def _cells(blocks: Sequence[Record]) -> Iterator[str]:
    """Yield the letters of cells, of runs of whole sentences in a cell, of rows and of tables."""
    for block in blocks:
        rows = block.get("rows", ())
        yield letters(" ".join(cell for row in rows for cell in row))
        for row in rows:
            yield letters(" ".join(row))
            for cell in row:
                parts = [letters(part) for part in re.split(r"(?<=[.?!])\s+", cell)]
                for start in range(len(parts)):
                    for end in range(start + 1, len(parts) + 1):
                        yield "".join(parts[start:end])


def _furniture(items: Sequence[Record]) -> Iterator[str]:
    """Yield the letters of the furniture; of a chart's labels, any four in a row."""
    for item in items:
        words = item["text"].split()
        if item["kind"] == "chart_label":
            yield from (letters("".join(words[n : n + 4])) for n in range(max(1, len(words) - 3)))
        else:
            yield letters(item["text"])


@dataclass(frozen=True)
class Tagged:
    """The truth of a real report: its tag tree's paragraphs, and recommendations if listed."""

    blocks: Sequence[Parsed]
    recommendations: Sequence[Sequence[str]]


Truth = Typeset | Tagged

#: Tags that are no paragraphs, such as the space report's notes.
_NOT_BODY = frozenset(["Footnote", "Note", "TOC", "TOCI", "Table", "TR", "TD", "TH"])
_NOT_BODY_TYPE = re.compile(r"H\d$|Heading|Footnote|TOCI|LI$|Recomm|Paragraph_Style_(?:10|16|18)$")
_LABEL = re.compile(r"\s*(\d+(?:\.\d+)*\.|\(?[a-z]{1,4}\)|[•●–-])\s*(?=\S)")
_CUT = re.compile(r"(?:\d+\.)+(?:[^\s\d]|\s+[a-z])")
_END_MARK = re.compile(r"(?<=[.,;:?!”’\"')\]])\s*\d{1,12}$")
_FRESH = re.compile(r"[*(]|[A-Z]{3}")
_ENDED = re.compile(r"[.:;?!][”’\"')\]]*$")


def real_truth(path: Path) -> Tagged:
    """Return the truth in the files beside the real PDFs."""
    listed = json.loads((path.parent / "recommendations.json").read_text("utf-8"))
    wordings = [[letters(item["rec"])] for item in listed if item["rec_doc"] == path.stem]
    return Tagged(_tag_tree(path), wordings)


def _tag_tree(path: Path) -> list[Parsed]:
    """Return the paragraphs of eight words or more in a PDF's tag tree, joined over page ends.

    A part continues on the following page if what follows begins in lower case, or if the part
    does not end in .:;?! and what follows has no label. Kind "cut" marks paragraphs of the
    inquiry report that evidently lack their first line; others may lack it too.
    """
    found: list[Parsed] = []
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        text = _END_MARK.sub("", row["text"].strip())
        if _NOT_BODY & set(row["anc"]) or text.isdigit() or not letters(text):
            continue
        if _NOT_BODY_TYPE.match(row["type"]):
            found.append(Parsed("heading", text))
            continue
        label = _LABEL.match(text)
        part = Parsed(
            "cut" if row["type"] == "List_Paragraph" and _CUT.match(text) else row["type"],
            text,
            label[1] if label else None,
            (row["page"], row["last_page"]),
        )
        if found and _goes_on(found[-1], part):
            last = found.pop()
            pages = (last.pages[0], part.pages[1])
            part = Parsed(last.kind, f"{last.text} {text}", last.label, pages)
        found.append(part)
    return [p for p in found if p.kind != "heading" and len(p.text.split()) >= 8]


def _goes_on(part: Parsed, following: Parsed) -> bool:
    if part.kind == "heading" or following.pages[0] != part.pages[1] + 1 or following.label:
        return False
    if following.text[0].islower():
        return True
    if len(part.text.split()) < 8 or following.kind == "LBody" or _FRESH.match(following.text):
        return False
    return not _ENDED.search(part.text)


def find_truths(folder: Path, wanted: Sequence[str] | None) -> dict[Path, Truth]:
    """Return the PDFs of a folder that have a truth (and are wanted), each with its truth."""
    truths: dict[Path, Truth] = {}
    for path in sorted(folder.glob("*.pdf")):
        exact, tags = path.with_suffix(".json"), folder / "truth" / f"{path.stem}.jsonl"
        if wanted and path.stem not in wanted:
            continue
        if exact.exists():
            truths[path] = typeset_truth(exact)
        elif tags.exists():
            truths[path] = real_truth(tags)
    return truths


def closest(block: Parsed, found: Sequence[Parsed]) -> Parsed | None:
    """Return what became of a block: the paragraph with its beginning, or the most similar."""
    form = block.forms[-1]
    pages = range(block.pages[0] - 1, block.pages[1] + 2)
    for part in (form, form[:40]):
        for p in found:
            if p.pages[0] in pages and part in p.forms[0]:
                return p
    best = process.extractOne(form, [p.forms[0] for p in found], scorer=fuzz.ratio)
    return found[best[2]] if best else None


def beside(block: Parsed, other: Parsed | None) -> str:
    """Return a block beside what became of it, and the first differences of their letters."""
    if other is None:
        return str(block)
    form = max(block.forms, key=lambda f: fuzz.ratio(f, other.forms[0]))
    changes = []
    for op in Levenshtein.opcodes(form, other.forms[0]):
        if op.tag != "equal":
            lost = form[op.src_start : op.src_end]
            added = other.forms[0][op.dest_start : op.dest_end]
            changes.append(f"-{shorten(lost)}" * bool(lost) + f" +{shorten(added)}" * bool(added))
    alike = fuzz.ratio(form, other.forms[0])
    differing = f"\n        {'; '.join(changes[:4])}" if alike > 50 else ""
    return f"{block}\n    {alike:3.0f} {other}{differing}"


def shorten(text: str) -> str:
    """Return the two ends of a long text."""
    return text if len(text) < 60 else f"{text[:30]}…({len(text)})…{text[-20:]}"
