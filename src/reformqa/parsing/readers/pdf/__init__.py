"""Read a PDF into blocks, each with its places on the pages.

The steps, each in a module of its own: what a page shows (positions), lines (lines), running
heads (margins), boxes, tables and columns (areas, columns, layout), paragraphs within a column
(grouping), paragraphs over columns and pages (flow), headings and their levels (roles).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.generic import Destination
from pypdf.generic._font import Font

from reformqa.errors import UnreadableFileError
from reformqa.model import Metadata, ParagraphKind, Region
from reformqa.parsing.blocks import Block, Layout
from reformqa.parsing.inline import Vocabulary
from reformqa.parsing.readers.pdf.flow import Piece, cut, join
from reformqa.parsing.readers.pdf.graphics import hull
from reformqa.parsing.readers.pdf.grouping import find_leading
from reformqa.parsing.readers.pdf.layout import NoteCount, Zone, lay_out
from reformqa.parsing.readers.pdf.levels import Entry, listed, set_levels
from reformqa.parsing.readers.pdf.lines import Line, body_size, note_start, read_lines
from reformqa.parsing.readers.pdf.margins import running_lines
from reformqa.parsing.readers.pdf.ocr import read_scan
from reformqa.parsing.readers.pdf.positions import BROKEN, PageContent, read_page
from reformqa.parsing.readers.pdf.roles import tell_roles
from reformqa.text.similarity import letters

_REGION_KINDS: dict[str, ParagraphKind] = {"table": "table", "notes": "footnote"}


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a PDF holds: its blocks, how it is laid out, and what its metadata say."""

    blocks: list[Block]
    layout: Layout
    facts: Metadata


def read_pdf(path: Path, *, ocr: bool = False) -> PdfText:
    """The blocks of a PDF in reading order; with `ocr`, pages without text are read as pictures.

    Raises UnreadableFileError where it is no PDF, is locked, is broken, or has no text layer.
    """
    reader = _open(path)
    try:
        contents = list(_contents(reader))
        entries = list(_outline(reader))
        facts = _metadata(reader)
    except BROKEN as error:
        raise _broken(path, error) from error
    read = [c for c in contents if isinstance(c, PageContent)]
    broken = tuple(n for n, c in enumerate(contents, start=1) if not isinstance(c, PageContent))
    if contents and not read:
        raise _broken(path, f"page 1: {contents[0]}")
    scanned = tuple(c.number for c in read if ocr and not c.runs)
    read = [read_scan(path, c.number) if c.number in scanned else c for c in read]
    lines = [read_lines(c) for c in read]
    empty = [c for c, found in zip(read, lines, strict=True) if not found]
    bare = tuple(c.number for c in empty if c.pictured)
    if len(empty) == len(read):
        raise UnreadableFileError(
            f"{path.name} has no text layer: its pages ({len(read)}) are pictures (scanned)."
            + ("" if ocr else " It needs OCR: install tesseract, and ask for it with --ocr.")
        )
    layered = tuple(c.number for c in read if c.scanned and c.number not in scanned)
    pieces, columns = _pieces(read, lines)
    method = set_levels(pieces, entries or listed(pieces))
    layout = Layout(
        pages=len(contents),
        columns=columns,
        headings=method,
        joined=sum(p.joined for p in pieces),
        bare=bare,
        broken=broken,
        layered=layered,
        ocr=tuple(n for n in scanned if n not in bare),
    )
    return PdfText(_blocks(pieces), layout, facts)


def _open(path: Path) -> PdfReader:
    if not path.read_bytes()[:1024].lstrip().startswith(b"%PDF"):
        reason = "is empty" if not path.stat().st_size else "is not a PDF, whatever its name says"
        raise UnreadableFileError(f"{path.name} {reason}. Replace it, or remove it.")
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFileError(
                f"{path.name} is locked with a password. Save it without one."
            )
        if not reader.pages:
            raise UnreadableFileError(f"{path.name} has no pages. Replace it, or remove it.")
    except BROKEN as error:
        raise _broken(path, error) from error
    return reader


def _broken(path: Path, error: object) -> UnreadableFileError:
    return UnreadableFileError(
        f"{path.name} is a broken PDF ({error}). Ask for a fresh copy, or repair it."
    )


def _contents(reader: PdfReader) -> Iterator[PageContent | Exception]:
    """What each page shows, or why it cannot be told."""
    fonts: dict[int, Font | None] = {}
    for number, page in enumerate(reader.pages, start=1):
        try:
            yield read_page(page, number, fonts)
        except BROKEN as error:
            yield error


def _outline(reader: PdfReader) -> Iterator[Entry]:
    """The entries of the file's outline (bookmarks), where it has one worth the name."""
    try:
        outline = reader.outline
    except BROKEN:
        return

    def walk(items: Sequence[Any], level: int) -> Iterator[Entry]:
        for item in items:
            if isinstance(item, list):
                yield from walk(item, level + 1)
            elif isinstance(item, Destination) and (title := letters(str(item.title))):
                number = reader.get_destination_page_number(item)
                yield Entry(title, level, None if number is None else number + 1)

    try:
        found = list(walk(outline, 1))
    except BROKEN:
        return
    if len(found) >= 3:
        yield from found


def _metadata(reader: PdfReader) -> Metadata:
    info = reader.metadata
    if info is None:
        return Metadata()
    authors = tuple(a.strip() for a in re.split(r";|, | and ", str(info.author or "")) if a.strip())
    return Metadata(title=str(info.title).strip() if info.title else None, authors=authors)


def _pieces(
    contents: Sequence[PageContent], lines: Sequence[list[Line]]
) -> tuple[list[Piece], int]:
    """The paragraphs of the report, roles told, and the number of columns of most pages."""
    running = running_lines(lines)
    size = body_size(ln for page in lines for ln in page)
    notes = NoteCount()
    zones: list[Zone] = []
    columns: list[int] = []
    for content, found in zip(contents, lines, strict=True):
        page, count = lay_out(content, found, running, size, notes)
        zones += page
        columns.append(count)
    leading = find_leading([r.lines for r in zones if r.kind in ("text", "box", "notes")])
    pieces = cut(zones, leading)
    tell_roles(pieces)
    return join(pieces), max(set(columns), key=columns.count)


# Pieces to blocks


def _blocks(pieces: Sequence[Piece]) -> list[Block]:
    vocabulary = Vocabulary(_texts(pieces))
    boxes = _titled_boxes(pieces)
    blocks = [_block(p, vocabulary, boxes.get(id(p), p.box)) for p in pieces]
    return [b for b in blocks if b.text]


def _texts(pieces: Sequence[Piece]) -> list[str]:
    """The text of each line, without the second half of a word that a line end parts."""
    texts = []
    for piece in pieces:
        cut_word = False
        for line in piece.lines:
            text = line.text
            if cut_word and " " in text:
                text = text.split(" ", 1)[1]
            texts.append(text)
            cut_word = line.text.endswith(("-", "\u00ad"))
    return texts


def _titled_boxes(pieces: Sequence[Piece]) -> dict[int, int]:
    """Titles printed above their box ("BOX 1", then the frame), by the `id` of the piece."""
    titles: dict[int, int] = {}
    above: list[Piece] = []
    for piece in pieces:
        if piece.box is not None:
            titles.update({id(p): piece.box for p in above})
            above = []
        elif piece.role == "heading" and (above or re.match(r"box\b", piece.text, re.IGNORECASE)):
            above.append(piece)
        elif piece.kind not in ("running", "label"):
            above = []
    return titles


def _block(piece: Piece, vocabulary: Vocabulary, box: int | None) -> Block:
    kind = _kind(piece)
    label = piece.first.label
    lines = piece.lines
    note = note_start(piece.first) if kind == "footnote" else None
    if note is not None:
        label = note[0]
        lines = [replace(piece.first, text=note[1]), *lines[1:]]
    elif kind in ("heading", "caption", "furniture") and piece.first.hanging:
        lines = [replace(piece.first, text=piece.first.whole), *lines[1:]]
        label = None
    raw = "\n".join(ln.raw for ln in lines)
    if kind == "table":
        text, places = _row(piece, vocabulary)
    else:
        text, places = _joined(lines, vocabulary)
    return Block(
        kind,
        text,
        raw,
        0,
        mark=(piece.level or 0) + 1 if kind == "heading" else None,
        bold=piece.bold and kind == "body",
        label=label if kind in ("numbered", "footnote") else None,
        gap=False,
        places=_merged(places),
        marks=tuple((label, ln.page) for ln in lines for _, label in ln.marks),
        box=box,
    )


def _kind(piece: Piece) -> ParagraphKind:
    if piece.kind in ("running", "label") or piece.role in ("pull quote", "contents"):
        return "furniture"
    if piece.kind in _REGION_KINDS:
        return _REGION_KINDS[piece.kind]
    if piece.role == "heading":
        return "heading"
    if piece.role == "caption":
        return "caption"
    if piece.first.bullet is not None:
        return "bullet"
    return "numbered" if piece.first.label is not None else "body"


def _joined(lines: Sequence[Line], vocabulary: Vocabulary) -> tuple[str, list[Region]]:
    """The lines as one text, and the place of each line, its span counted in the text."""
    text = ""
    places: list[Region] = []
    for n, line in enumerate(lines):
        words = line.whole if n else line.text
        text = text[:-1] + words if text.endswith("\u00ad") else vocabulary.join(text, words)
        begin = max(0, len(text) - len(words))
        if places:  # a hyphen dropped at the line's end shortens the line before
            last = places[-1]
            places[-1] = replace(last, span=(min(last.span[0], begin), min(last.span[1], begin)))
        places.append(Region(line.page, _rounded(line), (begin, len(text))))
    return text.rstrip("\u00ad"), places


def _row(piece: Piece, vocabulary: Vocabulary) -> tuple[str, list[Region]]:
    text = ""
    places: list[Region] = []
    for cell in piece.cells:
        shown = [replace(ln, text=ln.whole, prefix="") for ln in cell]
        words, found = _joined(shown, vocabulary)
        shift = len(text) + (3 if text else 0)
        text = f"{text} | {words}" if text else words
        places += [replace(p, span=(p.span[0] + shift, p.span[1] + shift)) for p in found]
    return text, places


def _rounded(line: Line) -> tuple[float, float, float, float]:
    x0, top, x1, bottom = (round(v, 1) for v in line.box)
    return (x0, top, x1, bottom)


def _merged(places: Sequence[Region]) -> tuple[Region, ...]:
    """One place for each run of lines in the same column of the same page."""
    merged: list[Region] = []
    for place in places:
        last = merged[-1] if merged else None
        if last and last.page == place.page and place.box[1] >= last.box[1]:
            merged[-1] = Region(
                last.page, hull((last.box, place.box)), (last.span[0], place.span[1])
            )
        else:
            merged.append(place)
    return tuple(merged)
