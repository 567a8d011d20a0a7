"""Read a PDF into blocks, each with its places on the pages.

Each step has its own module:

1. read the content of each page (`positions`) and join its runs into lines (`strips`, `lines`)
2. find running heads and footnotes (`margins`), boxes and tables (`areas`), columns (`columns`),
   and put these zones into reading order (`layout`)
3. split zones into paragraphs (`grouping`), and join those parted by columns and pages (`flow`)
4. find headings, captions and the like (`roles`), and the levels of headings (`levels`)
5. turn the result into blocks (`assembly`)

A page that any of these steps fails on is left out (`guard`), and the others are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.generic import Destination
from pypdf.generic._font import Font

from reformqa.errors import UnreadableFileError
from reformqa.parsing.blocks import Block, FileText, Layout
from reformqa.parsing.readers.pdf.assembly import make_blocks
from reformqa.parsing.readers.pdf.content import PageContent
from reformqa.parsing.readers.pdf.flow import cut, join
from reformqa.parsing.readers.pdf.grouping import find_leading
from reformqa.parsing.readers.pdf.guard import PAGE_ERRORS, PageGuard
from reformqa.parsing.readers.pdf.information import read_information
from reformqa.parsing.readers.pdf.layout import NoteCount, Zone, lay_out
from reformqa.parsing.readers.pdf.levels import Entry, listed, set_levels
from reformqa.parsing.readers.pdf.lines import Line, body_size, read_lines
from reformqa.parsing.readers.pdf.margins import running_lines
from reformqa.parsing.readers.pdf.ocr import read_scan
from reformqa.parsing.readers.pdf.positions import read_page
from reformqa.parsing.readers.pdf.roles import set_roles
from reformqa.text.similarity import letters


def read_pdf(path: Path, *, ocr: bool = False) -> FileText:
    """Read a PDF; with `ocr`, recognise the text on pages that have none.

    Raises UnreadableFileError if the file is not a PDF, is locked or broken, or has no text.
    """
    reader = _open(path)
    guard = PageGuard()
    pages = list(_pages(reader, path, guard, ocr=ocr))
    if not pages:
        raise _refusal(path, guard)
    empty = [p.content for p in pages if not p.lines]
    bare = tuple(c.number for c in empty if c.pictured)
    if len(empty) == len(pages):
        raise UnreadableFileError(
            f"{path.name} has no text layer: its pages ({len(pages)}) are pictures (scanned)."
            + ("" if ocr else " It needs OCR: install tesseract and use --ocr.")
        )
    entries = list(_outline(reader))
    try:
        text = guard.attempt_together(
            pages, lambda page: page.content.number, lambda left: _text(left, entries)
        )
    except PAGE_ERRORS as error:
        raise _refusal(path, guard) from error
    layout = Layout(
        pages=len(reader.pages),
        columns=text.columns,
        headings=text.headings,
        joined=text.joined,
        labels=_labels(reader),
        bare=bare,
        broken=tuple(sorted(guard.reasons)),
        reasons=tuple(reason for _, reason in sorted(guard.reasons.items())),
        layered=tuple(p.content.number for p in pages if p.content.scanned and not p.recognised),
        ocr=tuple(p.content.number for p in pages if p.recognised and p.content.number not in bare),
    )
    return FileText(text.blocks, layout, read_information(reader))


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
    except PAGE_ERRORS as error:
        raise _broken(path, error) from error
    return reader


def _broken(path: Path, error: object) -> UnreadableFileError:
    return UnreadableFileError(
        f"{path.name} is a broken PDF ({error}). Get a fresh copy, or repair it."
    )


def _refusal(path: Path, guard: PageGuard) -> UnreadableFileError:
    """Return the error for a file none of whose pages can be read."""
    number, reason = min(guard.reasons.items())
    return _broken(path, f"page {number}: {reason}")


@dataclass(frozen=True, slots=True)
class _Page:
    """The content of a page, its lines, and whether they were recognised by OCR."""

    content: PageContent
    lines: list[Line]
    recognised: bool


def _pages(reader: PdfReader, path: Path, guard: PageGuard, *, ocr: bool) -> Iterator[_Page]:
    """Yield the pages that can be read; `guard` records the others."""
    fonts: dict[int, Font | None] = {}

    def read(number: int) -> _Page:
        content = read_page(reader.pages[number - 1], number, fonts)
        recognised = ocr and not content.runs
        if recognised:
            content = read_scan(path, number)
        return _Page(content, read_lines(content), recognised)

    for number in range(1, len(reader.pages) + 1):
        if page := guard.attempt(number, partial(read, number)):
            yield page


def _outline(reader: PdfReader) -> Iterator[Entry]:
    """Yield the entries of the file's outline (bookmarks), if it has at least three."""
    try:
        outline = reader.outline
    except PAGE_ERRORS:
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
    except PAGE_ERRORS:
        return
    if len(found) >= 3:
        yield from found


def _labels(reader: PdfReader) -> tuple[str, ...]:
    """Return the label of each page (ISO 32000-1, 12.4.2), or nothing if the file has none."""
    try:
        if "/PageLabels" not in reader.root_object:
            return ()
        return tuple(" ".join(str(label).split()) for label in reader.page_labels)
    except PAGE_ERRORS:
        return ()


@dataclass(frozen=True, slots=True)
class _Text:
    """The blocks of a report, and how they were found, as in `Layout`."""

    blocks: list[Block]
    columns: int
    headings: str
    joined: int


def _text(pages: Sequence[_Page], entries: Sequence[Entry]) -> _Text:
    """Return the text of the pages; `entries` are those of the outline."""
    lines = [p.lines for p in pages]
    running = running_lines(lines)
    size = body_size(ln for page in lines for ln in page)
    notes = NoteCount()
    zones: list[Zone] = []
    columns: list[int] = []
    for page in pages:
        found, count = lay_out(page.content, page.lines, running, size, notes)
        zones += found
        columns.append(count)
    leading = find_leading([r.lines for r in zones if r.kind in ("text", "box", "notes")])
    pieces = cut(zones, leading)
    set_roles(pieces)
    pieces = join(pieces)
    method = set_levels(pieces, entries or listed(pieces))
    joined = sum(p.joined for p in pieces)
    return _Text(make_blocks(pieces), max(set(columns), key=columns.count), method, joined)
