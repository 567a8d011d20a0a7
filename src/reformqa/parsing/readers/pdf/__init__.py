"""Read a PDF into blocks, each with its places on the pages.

Each step has its own module:

1. read the content of each page (`positions`) and join its runs into lines (`strips`, `lines`)
2. find running heads and footnotes (`margins`), boxes and tables (`areas`), columns (`columns`),
   and put these zones into reading order (`layout`)
3. split zones into paragraphs (`grouping`), and join those parted by columns and pages (`flow`)
4. find headings, captions and the like (`roles`), and the levels of headings (`levels`)
5. turn the result into blocks (`assembly`)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.generic import Destination
from pypdf.generic._font import Font

from reformqa.errors import UnreadableFileError
from reformqa.model import Metadata
from reformqa.parsing.blocks import FileText, Layout
from reformqa.parsing.readers.pdf.assembly import make_blocks
from reformqa.parsing.readers.pdf.content import PageContent
from reformqa.parsing.readers.pdf.flow import Piece, cut, join
from reformqa.parsing.readers.pdf.grouping import find_leading
from reformqa.parsing.readers.pdf.layout import NoteCount, Zone, lay_out
from reformqa.parsing.readers.pdf.levels import Entry, listed, set_levels
from reformqa.parsing.readers.pdf.lines import Line, body_size, read_lines
from reformqa.parsing.readers.pdf.margins import running_lines
from reformqa.parsing.readers.pdf.ocr import read_scan
from reformqa.parsing.readers.pdf.positions import BROKEN, read_page
from reformqa.parsing.readers.pdf.roles import set_roles
from reformqa.text.similarity import letters


def read_pdf(path: Path, *, ocr: bool = False) -> FileText:
    """Read a PDF; with `ocr`, recognise the text on pages that have none.

    Raises UnreadableFileError if the file is not a PDF, is locked or broken, or has no text.
    """
    reader = _open(path)
    try:
        contents = list(_contents(reader))
        entries = list(_outline(reader))
        metadata = _metadata(reader)
        labels = _labels(reader)
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
            + ("" if ocr else " It needs OCR: install tesseract and use --ocr.")
        )
    layered = tuple(c.number for c in read if c.scanned and c.number not in scanned)
    pieces, columns = _pieces(read, lines)
    method = set_levels(pieces, entries or listed(pieces))
    layout = Layout(
        pages=len(contents),
        columns=columns,
        headings=method,
        joined=sum(p.joined for p in pieces),
        labels=labels,
        bare=bare,
        broken=broken,
        layered=layered,
        ocr=tuple(n for n in scanned if n not in bare),
    )
    return FileText(make_blocks(pieces), layout, metadata)


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
        f"{path.name} is a broken PDF ({error}). Get a fresh copy, or repair it."
    )


def _contents(reader: PdfReader) -> Iterator[PageContent | Exception]:
    """Yield the content of each page, or the error that reading it raised."""
    fonts: dict[int, Font | None] = {}
    for number, page in enumerate(reader.pages, start=1):
        try:
            yield read_page(page, number, fonts)
        except BROKEN as error:
            yield error


def _outline(reader: PdfReader) -> Iterator[Entry]:
    """Yield the entries of the file's outline (bookmarks), if it has at least three."""
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


def _labels(reader: PdfReader) -> tuple[str, ...]:
    """Return the label of each page (ISO 32000-1, 12.4.2), or nothing if the file has none."""
    try:
        if "/PageLabels" not in reader.root_object:
            return ()
        return tuple(" ".join(str(label).split()) for label in reader.page_labels)
    except BROKEN:
        return ()


def _metadata(reader: PdfReader) -> Metadata:
    info = reader.metadata
    if info is None:
        return Metadata()
    authors = tuple(a.strip() for a in re.split(r";|, | and ", str(info.author or "")) if a.strip())
    return Metadata(title=str(info.title).strip() if info.title else None, authors=authors)


def _pieces(
    contents: Sequence[PageContent], lines: Sequence[list[Line]]
) -> tuple[list[Piece], int]:
    """Return the report's pieces with their roles, and the column count of most pages."""
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
    set_roles(pieces)
    return join(pieces), max(set(columns), key=columns.count)
