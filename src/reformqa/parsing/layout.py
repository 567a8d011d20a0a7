"""Lay out a page: its regions in reading order, each of one kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from reformqa.parsing.areas import Area, find_areas, holds, table_rows
from reformqa.parsing.columns import column_count, reading_order
from reformqa.parsing.lines import Line, note_start
from reformqa.parsing.margins import note_lines
from reformqa.parsing.positions import PageContent

RegionKind = Literal["text", "box", "table", "notes", "running", "label"]


#: A chart's words are set at most at this share of the text's size, so many at once, and there
#: are several of them.
LABEL_SIZE = 0.92
LABEL_WORDS = 3
LEAST_LABELS = 4
_CAPTION = re.compile(r"^(?:fig|table|chart|source|note|box|©)", re.IGNORECASE)
_FIGURE = re.compile(r"^[-–+£$€(]?\d[\d.,/–-]*\s?(?:%|k|m|bn|pp)?\)?$")


@dataclass(slots=True)
class Region:
    """Lines that are read one after another: a column, or what a box or a table holds.

    `rows` are a table's rows of cells of lines. `left` and `right` are the edges of its text.
    """

    kind: RegionKind
    page: int
    lines: list[Line]
    area: Area | None = None
    rows: list[list[list[Line]]] = field(default_factory=list)
    last_on_page: bool = False

    @property
    def right(self) -> float:
        """Where full lines end."""
        return max(ln.box[2] for ln in self.lines)


@dataclass(slots=True)
class NoteCount:
    """Carried from page to page: the last footnote's number, and whether it was unfinished."""

    last: int = 0
    goes_on: bool = False


def lay_out(
    content: PageContent,
    lines: Sequence[Line],
    running: set[int],
    size: float,
    notes: NoteCount,
) -> tuple[list[Region], int]:
    """The regions of a page in reading order, and the number of its columns.

    `size` is the type size of the report's text.
    """
    page = content.number
    furniture = [ln for ln in lines if id(ln) in running or not ln.upright]
    free = [ln for ln in lines if id(ln) not in running and ln.upright]
    areas = find_areas(content, free)
    inside: list[list[Line]] = [[] for _ in areas]
    loose: list[Line] = []
    for line in free:
        homes = [n for n, a in enumerate(areas) if holds(a.box, line)]
        if homes:
            inside[min(homes, key=lambda n: _extent(areas[n]))].append(line)
        else:
            loose.append(line)
    labels = _labels(loose, size)
    loose = [ln for ln in loose if id(ln) not in labels]
    things: list[Line | int] = [*loose, *(n for n, held in enumerate(inside) if held)]
    boxes = [t.box if isinstance(t, Line) else areas[t].box for t in things]
    regions: list[Region] = []
    tail: list[Region] = []
    for column in reading_order(boxes):
        ordered = [things[i] for i in column]
        text = [t for t in ordered if isinstance(t, Line)]
        kept = len(text) - note_lines(text, content, size, notes.last, goes_on=notes.goes_on)
        below = text[kept:]
        if below:
            tail.append(Region("notes", page, below))
            _count(below, notes)
        dropped = {id(ln) for ln in below}
        for thing in ordered:
            if isinstance(thing, int):
                regions += _area_regions(page, areas[thing], inside[thing])
            elif id(thing) not in dropped:
                last = regions[-1] if regions else None
                if (
                    last is None
                    or last.kind != "text"
                    or id(last.lines[0]) not in {id(ln) for ln in text}
                ):
                    regions.append(Region("text", page, []))
                regions[-1].lines.append(thing)
    count = column_count([ln.box for ln in loose])
    heads = [Region("running", page, [ln]) for ln in furniture]
    heads += [Region("label", page, [ln]) for ln in free if id(ln) in labels]
    return [*regions, *tail, *heads], count


def _labels(loose: Sequence[Line], size: float) -> set[int]:
    """The words and figures of charts, by `id`: scraps in small type, several on the page."""
    scraps = [
        ln
        for ln in loose
        if ln.size < LABEL_SIZE * size
        and len(ln.whole.split()) <= LABEL_WORDS
        and not ln.note
        and not ln.whole.endswith((".", ":", "]"))
        and not _CAPTION.match(ln.whole)
    ]
    numbers = sum(bool(_FIGURE.match(ln.whole)) for ln in scraps)
    if len(scraps) < LEAST_LABELS or numbers < 0.3 * len(scraps):
        return set()
    return {id(ln) for ln in scraps}


def _extent(area: Area) -> float:
    x0, top, x1, bottom = area.box
    return (x1 - x0) * (bottom - top)


def _count(below: Sequence[Line], notes: NoteCount) -> None:
    for line in below:
        start = note_start(line)
        if start and start[0].isdigit() and notes.last < int(start[0]) <= notes.last + 40:
            notes.last = int(start[0])
    notes.goes_on = not below[-1].text.rstrip().endswith((".", "]", ")"))


def _area_regions(page: int, area: Area, held: Sequence[Line]) -> list[Region]:
    if area.kind == "table":
        return [Region("table", page, list(held), area, table_rows(area, held))]
    columns = reading_order([ln.box for ln in held])
    return [Region("box", page, [held[i] for i in column], area) for column in columns]
