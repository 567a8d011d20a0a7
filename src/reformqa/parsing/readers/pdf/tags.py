"""Read the pages of a tagged PDF by their tags, where these agree with what a reader sees.

An element of the structure tree becomes a zone of its own (`layout`), which the later steps take
as one paragraph, heading, note or row. Many files have wrong tags, so a page is read by them only
if its text is tagged, its tags go down each column, and the file's tags mark paragraphs that are
also paragraphs on the page. Every other page is read by its look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from statistics import median

from reformqa.parsing.readers.pdf.areas import Area, find_areas, holds
from reformqa.parsing.readers.pdf.columns import column_count, reading_order
from reformqa.parsing.readers.pdf.content import PageContent
from reformqa.parsing.readers.pdf.grouping import ends_sentence
from reformqa.parsing.readers.pdf.layout import NoteCount, Zone, ZoneKind
from reformqa.parsing.readers.pdf.lines import Line
from reformqa.parsing.readers.pdf.margins import note_lines
from reformqa.parsing.readers.pdf.structure_tree import Element, Marks
from reformqa.parsing.readers.pdf.tagged_lines import Tagged, tagged_lines

#: A blank above a line that is larger than the usual step by this factor begins a paragraph.
BLANK = 1.3
#: Tags are not used if more than this share of the paragraphs contain several, or if so many are
#: parts of one (files that are right have at most .02 of either), or if headings hold this share
#: of the letters.
MERGED = 0.08
CUT = 0.05
HEADED = 0.25
#: At most this share of a page's letters may be untagged, in figures, or in whole sections.
UNTAGGED = 0.1
#: An untagged line of more words than this is text, unless it is in the outermost share of the
#: page's height: there, it is a running head or foot.
LABEL_WORDS = 6
#: An untagged line outside figures is text if it is larger than this share of the text's size.
SMALL = 0.95
#: A note's type is at most this share of the text's size.
NOTE_SIZE = 1.02
EDGE = 0.12


@dataclass(frozen=True, slots=True)
class TaggedPage:
    """A page: its running and turned lines, and its elements in the order of the tags."""

    content: PageContent
    heads: list[Line]
    items: list[Tagged]


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
    file.steps = _steps(everything)
    if reason := _doubt_of_file(everything, file.steps):
        file.doubts = dict.fromkeys(file.pages, reason)
    return file


def _steps(tagged: Sequence[Tagged]) -> dict[int, float]:
    """Return the median step within paragraphs for each type size, where there are a few."""
    found: dict[int, list[float]] = {}
    for item in tagged:
        for last, line in pairwise(item.lines if item.flows else ()):
            if 0.8 * line.size < line.base - last.base < 3 * line.size:
                found.setdefault(round(line.size), []).append(line.base - last.base)
    return {size: median(steps) for size, steps in found.items() if len(steps) > 2}


def _paragraphs(lines: Sequence[Line], steps: dict[int, float]) -> list[list[Line]]:
    """Split an element that contains several paragraphs.

    One begins after a finished sentence, below a blank, in another size or weight, or with another
    label at the same indent.
    """
    first = lines[0]
    parts = [[first]]
    for last, line in pairwise(lines):
        blank = line.base - last.base > BLANK * steps.get(round(line.size), 1.3 * line.size)
        next_label = line.label is not None and first.label not in (None, line.label)
        next_label = next_label and abs(line.box[0] - first.box[0]) < 3
        resized = abs(last.size - line.size) > 0.07 * line.size or (line.bold and not last.bold)
        if ends_sentence(last.text) and (blank or next_label or resized):
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts


def _doubt_of_file(tagged: Sequence[Tagged], steps: dict[int, float]) -> str:
    """Return why the tags of the file are not used, or ""."""
    elements = {t.element for t in tagged if t.element is not None}
    if not elements:
        return "no text is tagged"
    roles = {e.role for e in elements} - {"cell", "furniture"}
    if roles <= {"text"} and len({e.name for e in elements if e.role == "text"}) < 2:
        return "the tags name nothing but paragraphs"
    flowing = [(t, t.element) for t in tagged if t.flows and t.element is not None]
    headed = sum(t.letters for t, e in flowing if e.role == "heading")
    if headed > HEADED * sum(t.letters for t, _ in flowing):
        return "the tags make headings of the text"
    text = [t for t, e in flowing if e.role != "heading" and not e.loose]
    long = [t for t in text if len(t.lines) > 1]
    merged = sum(len(_paragraphs(t.lines, steps)) > 1 for t in long)
    cut = sum(_is_cut(last, item) for last, item in pairwise(text))
    if merged > MERGED * len(long):
        return "the tags join paragraphs"
    return "the tags cut paragraphs" if cut > CUT * len(text) else ""


def _is_cut(last: Tagged, item: Tagged) -> bool:
    """Return whether two elements, one right below the other, read as one sentence."""
    end, first = last.lines[-1], item.lines[0]
    below = end.page == first.page and 0 < first.base - end.base < 3 * first.size
    begins = first.text[:1].islower() and not first.hanging
    return below and begins and not ends_sentence(end.text)


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
    if reason := _doubt_of_page(page, columns, feet, areas, file.steps, size):
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
    feet: set[int] = set()
    for column in columns:
        kept = len(column) - note_lines(column, content, size, count.last, goes_on=count.goes_on)
        if below := column[kept:]:
            feet |= {id(ln) for ln in below}
            count.add(below)
    return feet, count


def _doubt_of_page(
    page: TaggedPage,
    columns: Sequence[Sequence[Line]],
    feet: set[int],
    areas: Sequence[Area],
    steps: dict[int, float],
    size: float,
) -> str:
    """Return why the tags of a page are not used, or ""."""
    content, items = page.content, page.items
    if content.scanned:
        return "the text is that of a scan"
    untagged = [t for t in items if t.element is None or t.element.role == "furniture"]
    loose = [t for t in items if t.element is not None and t.element.loose]
    whole = [t for t in loose if len(_paragraphs(t.lines, steps)) > 1]
    middle = [(t, ln) for t in untagged for ln in t.lines if _in_middle(ln, content)]
    letters = sum(t.letters for t in items)
    if any(_is_text(ln, size, figure=t.element is not None) for t, ln in middle):
        return "text without a tag"
    if sum(len(ln.whole) for _, ln in middle) > UNTAGGED * letters:
        return "text without a tag"
    if sum(t.letters for t in whole) > UNTAGGED * letters:
        return "a tag around whole sections"
    if not _in_order(page, columns, feet):
        return "the tags are out of order"
    if any(_is_untagged_table(a, items) for a in areas if a.kind == "table"):
        return "a table without tags"
    return ""


def _is_text(line: Line, size: float, *, figure: bool) -> bool:
    """Return whether an untagged line, perhaps in a figure, is no label by its words or size."""
    return len(line.whole.split()) > LABEL_WORDS or (not figure and line.size > SMALL * size)


def _in_middle(line: Line, content: PageContent) -> bool:
    return EDGE * content.height < line.base < (1 - EDGE) * content.height


def _in_order(page: TaggedPage, columns: Sequence[Sequence[Line]], feet: set[int]) -> bool:
    """Return whether the elements in each column follow one another from top to bottom.

    Running heads and feet may have any place in the order.
    """
    order = {id(ln): n for n, t in enumerate(page.items) for ln in t.lines}
    for column in columns:
        text = [ln for ln in column if id(ln) not in feet and _in_middle(ln, page.content)]
        for last, line in pairwise(text):
            if order[id(line)] < order[id(last)] and line.base > last.base + 2:
                return False
    rows = [t for t in page.items if t.element is not None and t.element.cell]
    return all(
        _row(above) >= _row(cell) or cell.lines[0].base >= above.lines[0].base - 2
        for above, cell in pairwise(rows)
    )


def _row(cell: Tagged) -> tuple[int, int]:
    """Return the table and the row of a cell."""
    return cell.element.cell[:2] if cell.element is not None and cell.element.cell else (0, 0)


def _is_untagged_table(area: Area, page: Sequence[Tagged]) -> bool:
    """Return whether what looks like a table is tagged as text without a heading."""
    roles = [
        t.element.role
        for t in page
        if t.element is not None and any(holds(area.box, ln) for ln in t.lines)
    ]
    return roles.count("cell") < 0.8 * len(roles) and "heading" not in roles


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
    for lines in _paragraphs(item.lines, steps):
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
