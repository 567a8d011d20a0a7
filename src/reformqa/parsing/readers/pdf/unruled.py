"""Find the tables that no rules are drawn for: short cells under one another, mostly figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from reformqa.parsing.readers.pdf.cells import Cell, cells, edges_of, find_columns
from reformqa.parsing.readers.pdf.content import RULE, PageContent
from reformqa.parsing.readers.pdf.graphics import Box, hull
from reformqa.parsing.readers.pdf.lines import Line
from reformqa.parsing.readers.pdf.tables import Area

#: Baselines no farther apart than this are one row, in ems.
ONE_ROW = 0.35
#: The farthest that two rows of a table are apart, from baseline to baseline, in ems.
ROW_STEP = 3.2
#: A line no farther below another than this may be the rest of its cell, in ems.
WRAPPED = 1.45
#: The most rows of one cell under one another, as names on several lines and titles make.
LONE_ROWS = 2
#: A table has at least this many rows with two cells or more.
LEAST_ROWS = 3
#: The most words in a cell of the first column, and in one of the others.
NAME_WORDS = 9
CELL_WORDS = 5
#: The least share of the cells beside the first column that are figures: in a table of two
#: columns, in a wider one, and below the caption of a table.
FIGURES = (0.8, 0.3, 0.0)
#: The least share of cells that are in a single column.
FITTING = 0.85
#: At least this many shapes are the bars of a chart.
BARS = 3

_FIGURE = re.compile(
    r"^[-–−+<>~(]*[£$€]?\s?\d[\d.,\s/–-]*\s?(?:%|k|m|bn|pp|million|billion)?\)?[*†]?$"
    r"|^(?:[-–—.…*]|n/?a|nil|\.\.|yes|no)$",
    re.IGNORECASE,
)
_TABLE = re.compile(r"^table\b", re.IGNORECASE)
_CHART = re.compile(r"^(?:figure|fig\.|chart|graph|map)\s*\d", re.IGNORECASE)

_Row = list[Line]


def find_unruled(content: PageContent, lines: Sequence[Line]) -> list[Area]:
    """Return the tables among lines that are in no other area, from the top of the page down."""
    rows = _rows(lines)
    tables = []
    for start, end in _runs(rows):
        run = rows[start:end]
        above = [ln for row in rows[max(0, start - 3) : start] for ln in row]
        box = hull([ln.box for row in run for ln in row])
        if _is_table(run, above) and not _is_chart(content, box):
            bands = tuple(
                (min(ln.box[1] for ln in row), max(ln.box[3] for ln in row))
                for row in _wrapped_joined(run)
            )
            tables.append(Area("table", box, None, bands))
    return tables


def _rows(lines: Sequence[Line]) -> list[_Row]:
    """Return the lines on each baseline, downwards, each row from the left."""
    rows: list[_Row] = []
    for line in sorted(lines, key=lambda ln: ln.base):
        if rows and line.base - rows[-1][0].base < ONE_ROW * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda ln: ln.box[0]) for row in rows]


def _runs(rows: Sequence[_Row]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of rows that may be a table."""
    start: int | None = None
    for n in range(len(rows) + 1):
        if start is not None and n < len(rows) and _may_follow(rows[start:n], rows[n]):
            continue
        if start is not None:
            end = n
            while len(cells(rows[end - 1])) < 2:
                end -= 1
            if sum(len(cells(row)) > 1 for row in rows[start:end]) >= LEAST_ROWS:
                yield start, end
        start = n if n < len(rows) and len(cells(rows[n])) > 1 and _is_short(rows[n]) else None


def _may_follow(run: Sequence[_Row], row: _Row) -> bool:
    """Return whether a row may be the next row of a table."""
    last, size = run[-1][0], row[0].size
    alike = abs(size - last.size) < 0.2 * size
    if not alike or row[0].base - last.base > ROW_STEP * size or not _is_short(row):
        return False
    if len(cells(row)) > 1:
        return True
    if all(len(cells(r)) == 1 for r in run[-LONE_ROWS:]):
        return False
    columns = find_columns([cells(r) for r in run])
    return sum(min(row[0].box[2], x1) > max(row[0].box[0], x0) for x0, x1 in columns) <= 1


def _is_short(row: _Row) -> bool:
    """Return whether no cell of a row has more words than a table's."""
    first, *others = row
    return len(first.whole.split()) <= NAME_WORDS and all(
        len(ln.whole.split()) <= 2 * CELL_WORDS for ln in others
    )


def _is_table(run: Sequence[_Row], above: Sequence[Line]) -> bool:
    parted = [cells(row) for row in run]
    columns = find_columns(parted)
    if len(columns) < 2 or not _fit(parted, columns):
        return False
    rows = [row for row in parted if len(row) > 1]
    beside = [_said(cell) for row in rows for cell in row[1:]]
    if sum(len(text.split()) for text in beside) > CELL_WORDS * len(beside):
        return False
    figures = sum(bool(_FIGURE.match(text)) for text in beside) / len(beside)
    named = sum(any(c.isalpha() for c in _said(row[0])) for row in rows)
    if any(_CHART.match(ln.whole) for ln in above[-1:]):
        return False
    captioned = any(_TABLE.match(ln.whole) for ln in above)
    least = FIGURES[2] if captioned else FIGURES[min(len(columns), 3) - 2]
    contents = len(columns) == 2 and _counts_up(beside)
    return figures >= least and named >= 0.5 * len(rows) and not contents


def _fit(rows: Sequence[Sequence[Cell]], columns: Sequence[tuple[float, float]]) -> bool:
    """Return whether nearly all cells are in a single column."""
    over = [
        sum(min(x1, right) > max(x0, left) for x0, x1 in columns)
        for row in rows
        for left, right in map(edges_of, row)
    ]
    return sum(n <= 1 for n in over) >= FITTING * len(over)


def _counts_up(texts: Sequence[str]) -> bool:
    """Return whether the texts are whole numbers that never decrease, as page numbers do."""
    if not all(text.isdecimal() and len(text) < 5 for text in texts):
        return False
    return all(int(a) <= int(b) for a, b in pairwise(texts))


def _said(cell: Cell) -> str:
    return " ".join(ln.whole for ln in cell)


def _is_chart(content: PageContent, box: Box) -> bool:
    """Return whether bars are drawn among the figures; shading spans a whole row."""
    bars = [
        s
        for s in content.shapes
        if s.height > RULE
        and s.width > RULE
        and s.width < 0.9 * (box[2] - box[0])
        and box[0] - 30 < s.box[0] < box[2] + 30
        and box[1] - 30 < s.box[1] < box[3] + 30
    ]
    return len(bars) >= BARS


def _wrapped_joined(run: Sequence[_Row]) -> list[_Row]:
    """Return the rows, with the lines of a cell that goes on below in one row."""
    joined: list[_Row] = []
    for row in run:
        if joined and _goes_on(joined[-1], row):
            joined[-1] = [*joined[-1], *row]
        else:
            joined.append(row)
    return joined


def _goes_on(last: _Row, row: _Row) -> bool:
    """Return whether a row is the rest of the row above."""
    if row[0].base - max(ln.base for ln in last) > WRAPPED * row[0].size:
        return False
    if row[0].text[:1].islower() and not row[0].hanging:
        return True
    unnamed = len(cells(last)) == 1 and last[0].hanging and not row[0].hanging
    return unnamed and row[0].box[0] > last[0].box[0] + 2
