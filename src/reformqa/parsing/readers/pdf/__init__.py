"""Read a PDF into blocks, each with its places on the pages.

Each step has its own module:

1. read the content of each page through pdfium (`page_reading`) and join its runs into lines
   (`strips`, `lines`); pypdf reads what is about the file: outline, page labels, metadata, tags
2. find running heads (`running`, `frame`), titles beside the text (`side_titles`), footnotes
   (`notes`), boxes and tables (`areas`) and columns (`columns`), and put these zones into reading
   order (`layout`); on pages whose tags can be believed, take each element of the structure tree
   (`structure_tree`) as a zone (`tags`)
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

from reformqa.errors import UnreadableFileError
from reformqa.parsing.blocks import Block, FileText, Layout
from reformqa.parsing.legibility import legible
from reformqa.parsing.readers.pdf.assembly import make_blocks
from reformqa.parsing.readers.pdf.content import PageContent
from reformqa.parsing.readers.pdf.contents import Entry, listed
from reformqa.parsing.readers.pdf.flow import cut, join
from reformqa.parsing.readers.pdf.grouping import find_leading
from reformqa.parsing.readers.pdf.guard import PAGE_ERRORS, PageGuard
from reformqa.parsing.readers.pdf.information import read_information
from reformqa.parsing.readers.pdf.layout import Zone, lay_out
from reformqa.parsing.readers.pdf.levels import set_levels
from reformqa.parsing.readers.pdf.lines import Line, body_size, read_lines
from reformqa.parsing.readers.pdf.notes import NoteCount
from reformqa.parsing.readers.pdf.ocr import read_scan
from reformqa.parsing.readers.pdf.opening import Document, opened
from reformqa.parsing.readers.pdf.page_reading import read_page
from reformqa.parsing.readers.pdf.roles import set_roles
from reformqa.parsing.readers.pdf.running import running_lines
from reformqa.parsing.readers.pdf.side_titles import find_side_titles
from reformqa.parsing.readers.pdf.structure_tree import Marks, read_marks
from reformqa.parsing.readers.pdf.tags import read_tags, tagged_zones
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
    illegible = tuple(p.content.number for p in pages if p.illegible)
    empty = [p.content for p in pages if not p.lines]
    bare = tuple(c.number for c in empty if c.pictured and c.number not in illegible)
    if len(empty) == len(pages):
        what = (
            f"the letters on its pages ({len(illegible)}) make no words"
            if illegible
            else f"its pages ({len(pages)}) are pictures (scanned)"
        )
        raise UnreadableFileError(
            f"{path.name} has no text layer: {what}."
            + ("" if ocr else " It needs OCR: install tesseract and use --ocr.")
        )
    entries = list(_outline(reader))
    marks = read_marks(reader)
    try:
        text = guard.attempt_together(
            pages, lambda page: page.content.number, lambda left: _text(left, entries, marks)
        )
    except PAGE_ERRORS as error:
        raise _refusal(path, guard) from error
    layout = Layout(
        pages=len(reader.pages),
        columns=text.columns,
        headings=text.headings,
        joined=text.joined,
        tagged=text.tagged,
        doubts=text.doubts,
        labels=_labels(reader),
        bare=bare,
        broken=tuple(sorted(guard.reasons)),
        reasons=tuple(reason for _, reason in sorted(guard.reasons.items())),
        layered=tuple(p.content.number for p in pages if p.content.scanned and not p.recognised),
        ocr=tuple(p.content.number for p in pages if p.recognised and p.content.number not in bare),
        illegible=illegible,
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
    """The content of a page, its lines, and whether they were recognised by OCR.

    An illegible page, whose letters make no words, has no lines.
    """

    content: PageContent
    lines: list[Line]
    recognised: bool = False
    illegible: bool = False


def _pages(reader: PdfReader, path: Path, guard: PageGuard, *, ocr: bool) -> Iterator[_Page]:
    """Yield the pages that can be read; `guard` records the others."""

    def read(document: Document, number: int) -> _Page:
        with document.page(number) as page:
            content = read_page(page, number)
        lines = read_lines(content)
        illegible = not legible("\n".join(line.raw for line in lines))
        if ocr and (illegible or not content.runs):
            scan = read_scan(document, number)
            return _Page(scan, read_lines(scan), recognised=True)
        return _Page(content, [] if illegible else lines, illegible=illegible)

    with opened(path, reader) as document:
        for number in range(1, len(reader.pages) + 1):
            if page := guard.attempt(number, partial(read, document, number)):
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
    tagged: tuple[int, ...]
    doubts: tuple[tuple[int, str], ...]


def _text(pages: Sequence[_Page], entries: Sequence[Entry], marks: Marks) -> _Text:
    """Return the text of the pages; `entries` are those of the outline, `marks` the tags."""
    lines = [p.lines for p in pages]
    running = running_lines(lines)
    size = body_size(ln for page in lines for ln in page)
    tags = read_tags([(p.content, p.lines) for p in pages], running, marks)
    sides = find_side_titles(lines, running, size)
    notes = NoteCount()
    zones: list[Zone] = []
    columns: list[int] = []
    for page in pages:
        by_tags = tagged_zones(page.content.number, tags, size, notes)
        found, count = by_tags or lay_out(
            page.content,
            [ln for ln in page.lines if id(ln) not in sides.lines],
            running | sides.furniture,
            size,
            notes,
        )
        if by_tags:
            sides.leave_out(page.content.number)
        zones += found
        columns.append(count)
    leading = find_leading([r.lines for r in zones if r.kind in ("text", "box", "notes")])
    pieces = cut(zones, leading, sides.titles)
    set_roles(pieces)
    pieces = join(pieces)
    method = set_levels(pieces, entries or listed(pieces))
    return _Text(
        make_blocks(pieces),
        max(set(columns), key=columns.count),
        method,
        sum(p.joined for p in pieces),
        tuple(sorted(tags.pages.keys() - tags.doubts.keys())),
        tuple(sorted(tags.doubts.items())),
    )
