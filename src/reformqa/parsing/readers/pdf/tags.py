"""Read the pages of a tagged PDF by their tags, where these agree with what a reader sees.

An element of the structure tree becomes a zone of its own (`layout`), which the later steps take
as one paragraph, heading, note or row. A page whose tags are in doubt (`tag_checks`) is read by
its look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from reformqa.parsing.readers.pdf.areas import find_areas
from reformqa.parsing.readers.pdf.columns import column_count, reading_order
from reformqa.parsing.readers.pdf.content import PageContent
from reformqa.parsing.readers.pdf.layout import Zone, ZoneKind
from reformqa.parsing.readers.pdf.lines import Line
from reformqa.parsing.readers.pdf.notes import NoteCount, marks_in, note_lines
from reformqa.parsing.readers.pdf.structure_tree import Element, Marks
from reformqa.parsing.readers.pdf.tables import Area, holds
from reformqa.parsing.readers.pdf.tag_checks import doubt_of_file, doubt_of_page
from reformqa.parsing.readers.pdf.tagged_lines import (
    Tagged,
    TaggedPage,
    paragraphs_of,
    tagged_lines,
    usual_steps,
)

#: A note's type is at most this share of the text's size.
NOTE_SIZE = 1.02


@dataclass(slots=True)
class TaggedFile:
    """The tagged pages of a file by number.

    - `steps`: the usual step between baselines for each type size, in points.
    - `doubts`: why the tags of a page are not used.
    """

    pages: dict[int, TaggedPage] = field(default_factory=dict)
    steps: dict[int, float] = field(default_factory=dict)
    doubts: dict[int, str] = field(default_factory=dict)


def read_tags(
    pages: Sequence[tuple[PageContent, Sequence[Line]]], running: set[int], marks: Marks
) -> TaggedFile:
    """Return the lines of each element on the tagged pages, if the file's tags can be used.

    `running` contains the `id` of each running line, which is left out, tagged or not.
    """
    file = TaggedFile()
    numbers = {number for number, _ in marks}
    for content, lines in pages:
        if content.number in numbers:
            heads = [ln for ln in lines if id(ln) in running or not ln.upright]
            text = [ln for ln in lines if id(ln) not in running and ln.upright]
            items = tagged_lines(content, text, marks)
            file.pages[content.number] = TaggedPage(content, heads, items)
    everything = [t for page in file.pages.values() for t in page.items]
    file.steps = usual_steps(everything)
    if reason := doubt_of_file(everything, file.steps):
        file.doubts = dict.fromkeys(file.pages, reason)
    return file


def tagged_zones(
    number: int, file: TaggedFile, size: float, notes: NoteCount
) -> tuple[list[Zone], int] | None:
    """Return the zones of a page by its tags, and its number of columns.

    The arguments `size` and `notes`, and the result, are those of `layout.lay_out`. If the tags
    are not used, the result is None, and `file.doubts` says why.
    """
    page = file.pages.get(number)
    if page is None or number in file.doubts:
        return None
    content, items = page.content, page.items
    columns = _columns(items)
    feet, count = _feet(columns, content, size, notes)
    areas = find_areas(content, [ln for t in items for ln in t.lines])
    if reason := doubt_of_page(page, columns, feet, areas, file.steps, size):
        file.doubts[number] = reason
        return None
    notes.last, notes.goes_on = count.last, count.goes_on
    boxes = [a for a in areas if a.kind == "box"]
    noted = {id(t) for t in items if _is_note(t, feet, size)}
    zones = [*_zones(number, items, noted, boxes, file.steps)]
    zones += [Zone("running", number, [ln]) for ln in page.heads]
    return zones, column_count([ln.box for column in columns for ln in column])


def _columns(page: Sequence[Tagged]) -> list[list[Line]]:
    """Return the lines of the running text in the order of their places, column by column."""
    lines = [ln for t in page if t.flows for ln in t.lines]
    return [[lines[i] for i in column] for column in reading_order([ln.box for ln in lines])]


def _feet(
    columns: Sequence[Sequence[Line]], content: PageContent, size: float, notes: NoteCount
) -> tuple[set[int], NoteCount]:
    """Return the `id` of each line that is tagged as text but looks like a footnote."""
    count = replace(notes)
    marks = marks_in([ln for column in columns for ln in column], size)
    feet: set[int] = set()
    for column in columns:
        kept = len(column) - note_lines(column, content, size, marks, count)
        if below := column[kept:]:
            feet |= {id(ln) for ln in below}
            count.add(below)
    return feet, count


def _zones(
    number: int,
    page: Sequence[Tagged],
    noted: set[int],
    boxes: Sequence[Area],
    steps: dict[int, float],
) -> Iterator[Zone]:
    """Yield the zones of a page: text and tables in the order of the tags, notes, the rest.

    `noted` contains the `id` of each item that is a note: these are tagged where their marks are.
    """
    text = [ln for t in page if t.flows for ln in t.lines]
    tail: list[Zone] = []
    ordered = sorted(page, key=lambda t: (t.element is None, id(t) in noted))
    for table, items in groupby(ordered, key=lambda t: _table(t.element)):
        if table is not None:
            cells = list(items)
            yield Zone("table", number, [ln for t in cells for ln in t.lines], rows=_rows(cells))
            continue
        for item in items:
            element = item.element
            if element is None or element.role == "furniture":
                tail += [Zone("label", number, [ln]) for ln in item.lines]
            elif id(item) in noted:
                tail.append(Zone("notes", number, item.lines, element=element))
            else:
                yield from _text_zones(number, item, _edge(item.lines, text), boxes, steps)
    yield from tail


def _is_note(item: Tagged, feet: set[int], size: float) -> bool:
    """Return whether an element is a footnote by its tag and type size, or by its look."""
    if item.element is not None and item.element.role == "note":
        return all(ln.size <= NOTE_SIZE * size for ln in item.lines)
    return item.flows and all(id(ln) in feet for ln in item.lines)


def _text_zones(
    number: int, item: Tagged, edge: float, boxes: Sequence[Area], steps: dict[int, float]
) -> Iterator[Zone]:
    """Yield a zone for each paragraph of an element, or one for all if it is not a paragraph."""
    box = next((a for a in boxes if all(holds(a.box, ln) for ln in item.lines)), None)
    kind: ZoneKind = "text" if box is None else "box"
    if item.element is None or item.element.loose or item.element.role == "note":
        yield Zone(kind, number, item.lines, box)
        return
    for lines in paragraphs_of(item.lines, steps):
        yield Zone(kind, number, lines, box, element=item.element, edge=edge)


def _table(element: Element | None) -> int | None:
    return element.cell[0] if element is not None and element.cell else None


def _rows(cells: Sequence[Tagged]) -> list[list[list[Line]]]:
    """Return the rows of a table, each a list of cells; an empty cell has no lines."""
    placed = {t.element.cell[1:]: t.lines for t in cells if t.element and t.element.cell}
    columns = range(max(column for _, column in placed) + 1)
    return [
        [placed.get((row, column), []) for column in columns]
        for row in sorted({row for row, _ in placed})
    ]


def _edge(lines: Sequence[Line], text: Sequence[Line]) -> float:
    """Return the position where full lines end in the column of some lines."""
    left, right = min(ln.box[0] for ln in lines), max(ln.box[2] for ln in lines)
    reach = 3 * lines[0].size
    return max([right, *(ln.box[2] for ln in text if left - reach < ln.box[0] < right)])
