"""Read a PDF's text layer into blocks, with the page and box of each.

A first version: text is taken in the order in which the file draws it, which for most reports is
the reading order. Running heads, folios, footnotes and headings are told by repetition, place
and type size. pypdf gives where a run of text starts but not where it ends, so the right edge of
a box is an estimate from the number of characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

from reformqa.errors import UnreadableFileError
from reformqa.model import ParagraphKind, Place
from reformqa.parsing.blocks import Block
from reformqa.parsing.inline import Vocabulary, clean

#: Mean width of a character, as a share of the type size, for the estimate of a line's end.
CHARACTER_WIDTH = 0.48

_BULLET = re.compile(r"^\s*[•●▪◦\uf0b7\uf0a7–-]\s+")
_NUMBERED = re.compile(r"^\s*(\d{1,3})[.)]\s+(?=\S)")
_CAPTION = re.compile(r"^(?:FIGURE|TABLE|Figure|Table|Fig\.?)\s+[A-Z]?\d+(?:\.\d+)?\b|^Sources?:")
_NOTE = re.compile(r"^\d{1,3}\s+\S")
_ENDS_IN_PAGE = re.compile(r"(?:\.{2,}|\s|PAGE )\s*\d{1,3}\s*$")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    page: int
    x: float
    top: float
    size: float
    bold: bool

    @property
    def box(self) -> tuple[float, float, float, float]:
        width = len(self.text) * self.size * CHARACTER_WIDTH
        return (self.x, self.top, self.x + width, self.top + self.size * 1.2)


def read_pdf(path: Path) -> tuple[list[Block], list[str]]:
    """The blocks of a PDF in order, and warnings about pages that could not be read.

    Raises UnreadableFileError where it is no PDF, is locked, is broken, or has no text layer.
    """
    if not path.read_bytes()[:1024].lstrip().startswith(b"%PDF"):
        reason = "is empty" if not path.stat().st_size else "is not a PDF, whatever its name says"
        raise UnreadableFileError(f"{path.name} {reason}. Replace it, or remove it.")
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFileError(f"{path.name} is locked with a password. Save it unlocked.")
        pages = [_lines(page, n) for n, page in enumerate(reader.pages, start=1)]
    except PyPdfError as error:
        raise UnreadableFileError(
            f"{path.name} is a broken PDF ({error}). Ask for a fresh copy, or repair it."
        ) from error
    bare = [str(n) for n, lines in enumerate(pages, start=1) if not lines]
    if len(bare) == len(pages):
        raise UnreadableFileError(
            f"{path.name} has no text layer: its pages are pictures (scanned). It needs OCR first."
        )
    warnings = [f"no text on page {', '.join(bare)}: scanned or empty"] if bare else []
    return _blocks(pages), warnings


def _lines(page: PageObject, number: int) -> list[_Line]:
    """The lines of a page in drawing order; tops are measured from the page's top edge."""
    height = float(page.mediabox.top)
    left = float(page.mediabox.left)
    lines: list[_Line] = []

    def visit(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        if not text.strip():
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = abs(tm[3] * cm[3]) or abs(tm[1] * cm[2]) or 1.0
        points = round(size * scale, 1)
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        for part in text.strip("\n").split("\n"):
            line = _Line(part, number, x - left, height - y - points, points, bold)
            if lines and abs(lines[-1].top + lines[-1].size - line.top - points) < points * 0.4:
                last = lines.pop()
                line = replace(last, text=last.text + part, bold=last.bold and bold)
            lines.append(line)

    page.extract_text(visitor_text=visit)
    return [replace(ln, text=" ".join(ln.text.split())) for ln in lines if ln.text.strip()]


def _blocks(pages: Sequence[Sequence[_Line]]) -> list[Block]:
    running = _running(pages)
    everything = [line for page in pages for line in page]
    sizes = Counter[float]()
    for line in everything:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0]
    ranks = {
        s: n for n, s in enumerate(sorted((s for s in sizes if s > body * 1.05), reverse=True), 1)
    }
    vocabulary = Vocabulary([line.text for line in everything])
    blocks: list[Block] = []
    for page in pages:
        listing = sum(bool(_ENDS_IN_PAGE.search(ln.text)) for ln in page) > 0.4 * len(page)
        for group in _groups(page, running, body, listing=listing):
            blocks.append(_block(group, running, body, ranks, vocabulary))
    return [b for b in blocks if b.text]


def _key(line: _Line) -> str:
    return re.sub(r"\d+", "#", line.text).strip().lower()


def _running(pages: Sequence[Sequence[_Line]]) -> frozenset[str]:
    """Lines that stand at the head or foot of several pages, figures aside."""
    counts: Counter[str] = Counter()
    for page in pages:
        by_top = sorted(page, key=lambda ln: ln.top)
        counts.update({_key(ln) for ln in (*by_top[:2], *by_top[-2:])})
    least = max(3, len(pages) // 8)
    return frozenset(k for k, n in counts.items() if n >= least) | {"#"}


def _groups(
    page: Sequence[_Line], running: frozenset[str], body: float, *, listing: bool
) -> list[list[_Line]]:
    """Cut a page's lines into paragraphs."""
    groups: list[list[_Line]] = []
    for line in page:
        last = groups[-1][-1] if groups else None
        if last is None or listing or _cuts(last, line, running, body):
            groups.append([line])
        else:
            groups[-1].append(line)
    return groups


def _cuts(last: _Line, line: _Line, running: frozenset[str], body: float) -> bool:
    step = line.top - last.top
    heading = max(last.size, line.size) > body * 1.05 or (last.bold and not line.bold)
    return (
        abs(last.size - line.size) > 0.6
        or (heading and last.bold != line.bold)
        or step < -1
        or step > 1.75 * max(last.size, line.size)
        or (_key(last) in running) != (_key(line) in running)
        or any(p.match(line.text) for p in (_BULLET, _NUMBERED, _CAPTION))
        or (line.size < 0.9 * body and bool(_NOTE.match(line.text)))
    )


def _block(
    lines: Sequence[_Line],
    running: frozenset[str],
    body: float,
    ranks: dict[float, int],
    vocabulary: Vocabulary,
) -> Block:
    kind, mark, label = _kind(lines, running, body, ranks)
    starts = {"bullet": _BULLET, "numbered": _NUMBERED}.get(kind)
    text = ""
    places: list[Place] = []
    for n, line in enumerate(lines):
        words = clean(starts.sub("", line.text) if starts and n == 0 else line.text)
        text = vocabulary.join(text, words)
        begin = max(0, len(text) - len(words))
        if places:  # a hyphen dropped at the line's end shortens the line before
            last = places[-1]
            places[-1] = replace(last, span=(last.span[0], min(last.span[1], begin)))
        places.append(Place(line.page, line.box, (begin, len(text))))
    bold = all(line.bold for line in lines)
    raw = "\n".join(line.text for line in lines)
    return Block(kind, text, raw, 0, mark, bold, label, places=_merged(places))


def _kind(
    lines: Sequence[_Line], running: frozenset[str], body: float, ranks: dict[float, int]
) -> tuple[ParagraphKind, int | None, str | None]:
    first = lines[0]
    words = sum(len(line.text.split()) for line in lines)
    if _key(first) in running:
        return "furniture", None, None
    if _CAPTION.match(first.text):
        return "caption", None, None
    if first.size < 0.9 * body and _NOTE.match(first.text):
        return "footnote", None, None
    if _BULLET.match(first.text):
        return "bullet", None, None
    if (number := _NUMBERED.match(first.text)) and first.size <= body * 1.05:
        return "numbered", None, number[1]
    ends = lines[-1].text.rstrip().endswith((".", ";", ","))
    if first.size in ranks and words <= 30:
        return "heading", min(6, ranks[first.size]), None
    if all(line.bold for line in lines) and words <= 15 and not ends:
        return "heading", min(6, len(ranks) + 1), None
    return "body", None, None


def _merged(places: Sequence[Place]) -> tuple[Place, ...]:
    """One place for each run of lines in the same column of the same page."""
    merged: list[Place] = []
    for place in places:
        last = merged[-1] if merged else None
        if last and last.page == place.page and place.box[1] >= last.box[1]:
            box = (
                min(last.box[0], place.box[0]),
                last.box[1],
                max(last.box[2], place.box[2]),
                max(last.box[3], place.box[3]),
            )
            merged[-1] = Place(last.page, box, (last.span[0], place.span[1]))
        else:
            merged.append(place)
    return tuple(merged)
