"""Divide a page into zones of one kind each, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reformqa.parsing.readers.pdf.areas import find_areas
from reformqa.parsing.readers.pdf.cells import Cell, table_rows
from reformqa.parsing.readers.pdf.columns import column_count, reading_order
from reformqa.parsing.readers.pdf.content import PageContent
from reformqa.parsing.readers.pdf.graphics import hull
from reformqa.parsing.readers.pdf.lines import Line
from reformqa.parsing.readers.pdf.notes import NoteCount, marks_in, note_lines
from reformqa.parsing.readers.pdf.structure_tree import Element
from reformqa.parsing.readers.pdf.tables import Area, holds, overlap
from reformqa.parsing.readers.pdf.unruled import find_unruled

ZoneKind = Literal["text", "box", "table", "notes", "running", "label"]

#: Type larger than the text's by this factor may be a heading on more than one line.
LARGE = 1.12
#: The labels of a chart are smaller than the text by this factor, have at most this many words,
#: and are at least this many.
LABEL_SIZE = 0.92
LABEL_WORDS = 3
LEAST_LABELS = 4
#: A row of so many words is prose.
PROSE_WORDS = 25
_CAPTION = re.compile(r"^(?:fig|table|chart|source|note|box|©)", re.IGNORECASE)
_ADDRESS = re.compile(r"://|^www\.|@")
_FIGURE = re.compile(r"^[-–+£$€(]?\d[\d.,/–-]*\s?(?:%|k|m|bn|pp)?\)?$")


@dataclass(slots=True)
class Zone:
    """Lines that are read one after another: those of a column, a box or a table.

    - `rows`: the rows of a table, each a list of cells.
    - `element`: the element of the file's structure tree, if the zone is one paragraph of it.
    - `edge`: the position where full lines end, if it is not that of these lines.
    """

    kind: ZoneKind
    page: int
    lines: list[Line]
    area: Area | None = None
    rows: list[list[Cell]] = field(default_factory=list)
    element: Element | None = None
    edge: float | None = None

    @property
    def right(self) -> float:
        """The position where full lines end."""
        return max(ln.box[2] for ln in self.lines) if self.edge is None else self.edge


def lay_out(
    content: PageContent,
    lines: Sequence[Line],
    running: set[int],
    size: float,
    notes: NoteCount,
) -> tuple[list[Zone], int]:
    """Return the zones of a page in reading order, and its number of columns.

    Footnotes, running lines and labels come last. `running` contains the `id` of each running
    line; `size` is the type size of the report's text; `notes` is updated.
    """
    page = content.number
    furniture = [ln for ln in lines if id(ln) in running or not ln.upright]
    free = [ln for ln in lines if id(ln) not in running and ln.upright]
    areas = find_areas(content, free)
    unruled = find_unruled(content, _sorted_into(areas, free)[0])
    areas += [t for t in unruled if not any(overlap(t.box, a.box) for a in areas)]
    loose, inside = _sorted_into(areas, free)
    boxed = [ln for a, held in zip(areas, inside, strict=True) if a.kind == "box" for ln in held]
    labels = _labels([*loose, *boxed], size)
    loose = [ln for ln in loose if id(ln) not in labels]
    inside = [[ln for ln in held if id(ln) not in labels] for held in inside]
    filled = [_Filled(area, held) for area, held in zip(areas, inside, strict=True) if held]
    items: list[list[Line] | _Filled] = [*_headings_whole(loose, size), *filled]
    boxes = [i.area.box if isinstance(i, _Filled) else hull([ln.box for ln in i]) for i in items]
    marks = marks_in(free, size)
    zones: list[Zone] = []
    tail: list[Zone] = []
    for column in reading_order(boxes):
        ordered = [items[i] for i in column]
        text = [ln for item in ordered if not isinstance(item, _Filled) for ln in item]
        kept = len(text) - note_lines(text, content, size, marks, notes)
        below = text[kept:]
        if below:
            tail.append(Zone("notes", page, below))
            notes.add(below)
        zones += _column_zones(page, ordered, {id(ln) for ln in below})
    count = column_count([ln.box for ln in loose])
    heads = [Zone("running", page, [ln]) for ln in furniture]
    heads += [Zone("label", page, [ln]) for ln in free if id(ln) in labels]
    return [*zones, *tail, *heads], count


@dataclass(frozen=True, slots=True)
class _Filled:
    """An area with the lines in it."""

    area: Area
    lines: list[Line]


def _sorted_into(
    areas: Sequence[Area], lines: Sequence[Line]
) -> tuple[list[Line], list[list[Line]]]:
    """Return the lines outside all areas, and the lines inside each; the smallest area wins."""
    inside: list[list[Line]] = [[] for _ in areas]
    loose: list[Line] = []
    for line in lines:
        homes = [n for n, a in enumerate(areas) if holds(a.box, line)]
        if homes:
            inside[min(homes, key=lambda n: _extent(areas[n]))].append(line)
        else:
            loose.append(line)
    return loose, inside


def _column_zones(
    page: int, items: Sequence[list[Line] | _Filled], dropped: set[int]
) -> Iterator[Zone]:
    """Yield the zones of a column: its text without the lines `dropped`, parted by areas."""
    text: list[Line] = []
    for item in items:
        if isinstance(item, _Filled):
            if text:
                yield Zone("text", page, text)
                text = []
            yield from _area_zones(page, item.area, item.lines)
        else:
            text = [*text, *(ln for ln in item if id(ln) not in dropped)]
    if text:
        yield Zone("text", page, text)


def _headings_whole(loose: Sequence[Line], size: float) -> list[list[Line]]:
    """Return the lines in groups: those of a large heading together, others alone.

    Otherwise the short last line of a heading across columns would seem to be in one of them.
    """
    groups: list[list[Line]] = []
    for line in sorted(loose, key=lambda ln: ln.base):
        if line.size > LARGE * size:
            above = next((g for g in groups if _goes_below(g[-1], line)), None)
            if above is not None:
                above.append(line)
                continue
        groups.append([line])
    return groups


def _goes_below(last: Line, line: Line) -> bool:
    step = line.base - last.base
    alike = last.look == line.look and abs(last.size - line.size) < 0.3
    over = last.box[2] > line.box[0] and line.box[2] > last.box[0]
    return alike and 0.5 * line.size < step < 1.5 * line.size and over


def _labels(loose: Sequence[Line], size: float) -> set[int]:
    """Return the `id` of each label in a chart: one of several scraps in small type."""
    scraps = [
        ln
        for ln in loose
        if ln.size < LABEL_SIZE * size
        and len(ln.whole.split()) <= LABEL_WORDS
        and not ln.note
        and not ln.whole.endswith((".", ":", "]"))
        and not _CAPTION.match(ln.whole)
        and not _ADDRESS.search(ln.whole)
    ]
    ends = [ln for ln in loose if len(ln.whole.split()) > LABEL_WORDS]
    scraps = [ln for ln in scraps if not any(_goes_below(last, ln) for last in ends)]
    numbers = sum(bool(_FIGURE.match(ln.whole)) for ln in scraps)
    if len(scraps) < LEAST_LABELS or numbers < 0.3 * len(scraps):
        return set()
    return {id(ln) for ln in scraps}


def _extent(area: Area) -> float:
    x0, top, x1, bottom = area.box
    return (x1 - x0) * (bottom - top)


def _only_framed(rows: Sequence[Sequence[Cell]]) -> bool:
    """Return whether rules only frame the text: prose, and nowhere two cells side by side."""
    single = all(sum(map(bool, row)) <= 1 for row in rows)
    words = [sum(len(ln.text.split()) for cell in row for ln in cell) for row in rows]
    return single and max(words, default=0) >= PROSE_WORDS


def _area_zones(page: int, area: Area, held: Sequence[Line]) -> list[Zone]:
    if area.kind == "table":
        rows = table_rows(area.rows, area.walls, held)
        if not _only_framed(rows):
            return [Zone("table", page, list(held), area, rows)]
    columns = reading_order([ln.box for ln in held])
    return [Zone("box", page, [held[i] for i in column], area) for column in columns]
