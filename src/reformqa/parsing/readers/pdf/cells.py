"""Divide the lines of a table into rows and cells, each cell in its column."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from reformqa.parsing.readers.pdf.lines import Line
from reformqa.parsing.readers.pdf.strips import DOTS

#: The least blank between two cells of a row, in points.
GUTTER = 4.0
#: In a table with fewer bands between its rules, a band may contain several rows.
FEW_RULES = 4
#: A band is several rows if at least this share of them have more than one cell.
PARTED = 0.6
#: Columns of at least this many lines, with this many words in each line, are prose.
PROSE_LINES = 6
PROSE_WORDS = 4

#: The lines in a cell, from top to bottom; none in an empty cell.
Cell = list[Line]


def cells(lines: Sequence[Line]) -> list[Cell]:
    """Split lines into columns at the blanks between them, left to right."""
    columns: list[Cell] = []
    edge = float("-inf")
    for line in sorted(lines, key=lambda ln: ln.box[0]):
        if line.box[0] > edge + GUTTER:
            columns.append([])
        columns[-1].append(line)
        edge = max(edge, line.box[2])
    return [sorted(c, key=lambda ln: ln.base) for c in columns]


def is_prose(lines: Sequence[Line]) -> bool:
    """Return whether every column of the lines is running text, as between two rules of a page."""
    columns = cells(lines)
    words = [sum(len(ln.text.split()) for ln in c) / len(c) for c in columns]
    long = all(len(c) >= PROSE_LINES for c in columns)
    return long and all(w >= PROSE_WORDS for w in words)


def table_rows(
    bands: Sequence[tuple[float, float]], walls: Sequence[float], lines: Sequence[Line]
) -> list[list[Cell]]:
    """Return a table's rows from top to bottom, each with a cell for every column.

    `bands` are the tops and bottoms between the rules, `walls` the positions of upright rules
    between columns. A row that fills only the first column has that cell alone.
    """
    rows: list[list[Cell]] = []
    for top, bottom in bands:
        inside = [ln for ln in lines if top - 1 <= ln.base - 0.3 * ln.size <= bottom + 1]
        if not inside:
            continue
        parts = split_rows(inside) if len(bands) < FEW_RULES and not walls else [inside]
        divide = partial(_walled, walls=walls) if walls else cells
        rows += [divide(row) for part in parts for row in _led(part, divide(part)[0])]
    if not walls:
        columns = find_columns(rows)
        rows = [_in_columns(row, columns) for row in rows]
    filled = [any(column) for column in zip(*rows, strict=True)]
    rows = [[cell for cell, used in zip(row, filled, strict=True) if used] for row in rows]
    return [row[:1] if not any(row[1:]) else row for row in rows]


def _led(inside: Sequence[Line], first: Cell) -> list[list[Line]]:
    """Split a band where dots end a cell of its first column, which lead the eye along the row."""
    tops = [line.box[1] for before, line in pairwise(first) if DOTS.search(before.whole)]
    rows: list[list[Line]] = [[] for _ in range(len(tops) + 1)]
    for line in inside:
        rows[sum(top < line.box[1] + 0.5 * line.size for top in tops)].append(line)
    return rows


def split_rows(inside: Sequence[Line]) -> list[list[Line]]:
    """Split a band into rows where all columns leave a blank, as tables without rules do."""
    rows: list[list[Line]] = []
    edge = float("-inf")
    for line in sorted(inside, key=lambda ln: ln.box[1]):
        if line.box[1] > edge + 0.35 * line.size:
            rows.append([])
        rows[-1].append(line)
        edge = max(edge, line.box[3])
    if len(rows) > 1 and sum(len(cells(r)) > 1 for r in rows) >= PARTED * len(rows):
        return rows
    return [list(inside)]


def _walled(lines: Sequence[Line], walls: Sequence[float]) -> list[Cell]:
    """Return the cells between walls; a line over several columns is in the first of them."""
    row: list[Cell] = [[] for _ in range(len(walls) + 1)]
    for line in sorted(lines, key=lambda ln: (ln.base, ln.box[0])):
        row[sum(w < line.box[0] + 2 for w in walls)].append(line)
    return row


def find_columns(rows: Sequence[Sequence[Cell]]) -> list[tuple[float, float]]:
    """Return the left and right edge of each column, from the rows with the most cells.

    Cells that overlap are in one column, so that the columns are apart.
    """
    most = max((len(row) for row in rows), default=0)
    edges = sorted(edges_of(cell) for row in rows if len(row) == most for cell in row)
    columns: list[tuple[float, float]] = []
    for left, right in edges:
        if columns and left < columns[-1][1] + 0.5:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _in_columns(row: Sequence[Cell], columns: Sequence[tuple[float, float]]) -> list[Cell]:
    """Return a row with its cells in their columns, and empty cells in the others."""
    placed: list[Cell] = [[] for _ in columns]
    for cell in row:
        left, right = edges_of(cell)
        over = [n for n, (x0, x1) in enumerate(columns) if min(right, x1) > max(left, x0)]
        near = [max(x0 - right, left - x1) for x0, x1 in columns]
        at = over[0] if over else near.index(min(near))
        placed[at] = sorted([*placed[at], *cell], key=lambda ln: (ln.base, ln.box[0]))
    return placed


def edges_of(cell: Cell) -> tuple[float, float]:
    """Return the left and right edge of a cell that has lines."""
    return min(ln.box[0] for ln in cell), max(ln.box[2] for ln in cell)
