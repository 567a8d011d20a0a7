"""Find the boxes (shaded or framed) and the ruled tables that are drawn on a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from reformqa.parsing.readers.pdf.content import RULE, PageContent, Shape
from reformqa.parsing.readers.pdf.graphics import Box, hull
from reformqa.parsing.readers.pdf.lines import Line

#: Edges no farther apart than this, in points, are one.
TOUCH = 2.0
#: The least blank between two cells of a row, in points.
GUTTER = 4.0
#: In a table with fewer bands between its rules, a band may contain several rows.
FEW_RULES = 4
#: A shape that covers more than this share of the page is its background, not a box.
BACKGROUND = 0.8

_SCALE = re.compile(r"^[\s\d.,%£$€/–-]+\w?$")


@dataclass(frozen=True, slots=True)
class Area:
    """A box or a table on a page; `rows` contains the top and bottom of each row of a table."""

    kind: Literal["box", "table"]
    box: Box
    fill: str | None = None
    rows: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Edge:
    y: float
    x0: float
    x1: float


def find_areas(content: PageContent, lines: Sequence[Line]) -> list[Area]:
    """Return the boxes and tables that contain text, from the top of the page down."""
    shapes = [s for s in content.shapes if _on_page(s, content)]
    tables = _tables(shapes, lines)
    boxes: list[Area] = []
    for area in _boxes(shapes, lines, content):
        inside = [t for t in tables if overlap(t.box, area.box) > 0.7]
        covered = sum(1 for ln in _held(lines, area.box) if any(holds(t.box, ln) for t in inside))
        if not inside or covered < 0.7 * len(_held(lines, area.box)):
            boxes.append(area)
    return sorted([*tables, *boxes], key=lambda a: a.box[1])


def holds(box: Box, line: Line) -> bool:
    """Return whether the line is inside the box."""
    middle = line.base - 0.3 * line.size
    inside = box[1] - 1 <= middle <= box[3] + 1
    return inside and line.box[0] >= box[0] - 3 and line.box[2] <= box[2] + 6


def overlap(a: Box, b: Box) -> float:
    """Return the share of the smaller box that is inside the other, 0 to 1."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    least = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width * height / least if width > 0 and height > 0 and least > 0 else 0.0


def _held(lines: Iterable[Line], box: Box) -> list[Line]:
    return [ln for ln in lines if ln.upright and holds(box, ln)]


def _on_page(shape: Shape, content: PageContent) -> bool:
    x0, top, x1, bottom = shape.box
    return x1 > 0 and bottom > 0 and x0 < content.width and top < content.height


def _white(fill: str) -> bool:
    parts = [float(v) for v in fill.split()]
    return all(v < 0.02 for v in parts) if len(parts) == 4 else all(v > 0.98 for v in parts)


# Boxes


def _boxes(shapes: Sequence[Shape], lines: Sequence[Line], content: PageContent) -> list[Area]:
    page = content.width * content.height
    filled = [
        s
        for s in shapes
        if s.height > RULE and s.width > 40 and s.width * s.height < BACKGROUND * page
        and (s.fill is None or not _white(s.fill))
    ]  # fmt: skip
    areas = [Area("box", s.box, s.fill) for s in filled] + _frames(shapes)
    merged: list[Area] = []
    for area in sorted(areas, key=lambda a: (a.box[1], a.box[0])):
        for i, other in enumerate(merged):
            if _one_box(area.box, other.box):
                merged[i] = Area("box", hull((area.box, other.box)), other.fill or area.fill)
                break
        else:
            merged.append(area)
    return [a for a in merged if _is_box(a, _held(lines, a.box))]


def _one_box(a: Box, b: Box) -> bool:
    if overlap(a, b) > 0.5:
        return True
    same_width = abs(a[0] - b[0]) < 4 and abs(a[2] - b[2]) < 4
    return same_width and a[1] - b[3] < TOUCH and b[1] - a[3] < TOUCH


def _is_box(area: Area, held: Sequence[Line]) -> bool:
    if not held:
        return False
    size = max(ln.size for ln in held)
    return area.box[3] - area.box[1] > 1.8 * size and sum(len(ln.text) for ln in held) > 20


def _frames(shapes: Sequence[Shape]) -> list[Area]:
    """Return the rectangles made of four rules."""
    flat = _rules(shapes)
    upright = [s.box for s in shapes if s.width <= RULE and s.height > 12]
    frames = []
    for i, top in enumerate(flat):
        for bottom in flat[i + 1 :]:
            if abs(top.x0 - bottom.x0) > 4 or abs(top.x1 - bottom.x1) > 4:
                continue
            sides = [
                any(abs(u[0] - x) < 4 and u[1] < top.y + 6 and u[3] > bottom.y - 6 for u in upright)
                for x in (top.x0, top.x1)
            ]
            if all(sides):
                frames.append(Area("box", (top.x0, top.y, top.x1, bottom.y)))
            break
    return frames


# Tables


def _rules(shapes: Sequence[Shape]) -> list[_Edge]:
    """Return horizontal rules and the edges of rectangles, with adjoining segments merged."""
    found: list[_Edge] = []
    for s in shapes:
        if s.width < 12 or (s.fill is not None and _white(s.fill)):
            continue
        ys = [(s.box[1] + s.box[3]) / 2] if s.height <= RULE else [s.box[1], s.box[3]]
        found += [_Edge(y, s.box[0], s.box[2]) for y in ys]
    found += _row_ends(shapes, found)
    found.sort(key=lambda e: (round(e.y / TOUCH), e.x0))
    rules: list[_Edge] = []
    for edge in found:
        last = rules[-1] if rules else None
        if last and abs(last.y - edge.y) <= TOUCH and edge.x0 <= last.x1 + 4:
            rules[-1] = _Edge(last.y, last.x0, max(last.x1, edge.x1))
        else:
            rules.append(edge)
    return sorted(rules, key=lambda e: e.y)


def _row_ends(shapes: Sequence[Shape], edges: Sequence[_Edge]) -> list[_Edge]:
    """Return the ends of upright rules with no rule across: a row cut by the end of the page."""
    rows: dict[tuple[int, int], list[float]] = {}
    for s in shapes:
        if s.width <= RULE and s.height > 10:
            rows.setdefault((round(s.box[1]), round(s.box[3])), []).append(s.box[0])
    ends = []
    for (top, bottom), xs in rows.items():
        for y in (top, bottom):
            near = any(
                abs(e.y - y) <= TOUCH + 1 and e.x0 < max(xs) and e.x1 > min(xs) for e in edges
            )
            if len(xs) > 1 and not near:
                ends.append(_Edge(y, min(xs), max(xs)))
    return ends


def _tables(shapes: Sequence[Shape], lines: Sequence[Line]) -> list[Area]:
    """Return the tables: runs of bands between rules, most of them with text side by side."""
    rules = _rules(shapes)
    walls = [s.box for s in shapes if s.width <= RULE and s.height > 8]
    tables: list[Area] = []
    used: set[int] = set()
    for i, rule in enumerate(rules):
        if i in used:
            continue
        stack = [i] + [
            j
            for j in range(i + 1, len(rules))
            if abs(rules[j].x0 - rule.x0) < 5 and abs(rules[j].x1 - rule.x1) < 5
        ]
        bands = [
            (rules[a].y, rules[b].y) for a, b in pairwise(stack) if rules[b].y - rules[a].y > TOUCH
        ]
        for run in _tabular_runs(bands, (rule.x0, rule.x1), lines, walls):
            box = (rule.x0, run[0][0], rule.x1, run[-1][1])
            if not any(overlap(box, t.box) > 0.3 for t in tables):
                tables.append(Area("table", box, None, tuple(run)))
                used.update(j for j in stack if box[1] <= rules[j].y <= box[3])
    return tables


def _tabular_runs(
    bands: Sequence[tuple[float, float]],
    sides: tuple[float, float],
    lines: Sequence[Line],
    walls: Sequence[Box],
) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = []
    row: list[tuple[float, float]] = []
    telling = 0
    for top, bottom in bands:
        held = _held(lines, (sides[0], top, sides[1], bottom))
        parts = _walled(top, bottom, sides, walls)
        walled = parts > 1
        columns = 2 if walled else len(cells(held))
        narrow = bool(held) and bottom - top < 5 * max(ln.size for ln in held)
        if held and not walled and all(_SCALE.match(ln.whole) for ln in held):
            columns = 0  # a chart's scale
        if columns > 1 or (columns == 1 and (narrow or parts == 1)):
            row.append((top, bottom))
            telling += columns > 1
        elif not held and row:
            continue
        else:
            if telling:
                runs.append(row)
            row, telling = [], 0
    if telling:
        runs.append(row)
    whole = [r for r in runs if len(r) > 1 or _tall_and_even(r[0], sides, lines)]
    return [r for r in whole if not _is_chart((sides[0], r[0][0], sides[1], r[-1][1]), lines)]


def _is_chart(box: Box, lines: Sequence[Line]) -> bool:
    """Return whether there are only numbers between the rules, as in the grid of a chart."""
    held = _held(lines, box)
    return all(_SCALE.match(ln.whole) for ln in held)


def _walled(top: float, bottom: float, sides: tuple[float, float], walls: Sequence[Box]) -> int:
    """Return the number of cells that upright rules divide a band into."""
    middle = (top + bottom) / 2
    xs = {
        round(w[0] / 3)
        for w in walls
        if w[1] <= middle <= w[3] and sides[0] - 3 <= w[0] <= sides[1] + 3
    }
    return len(xs) - 1


def _tall_and_even(
    band: tuple[float, float], sides: tuple[float, float], lines: Sequence[Line]
) -> bool:
    """Return whether a single band is a table: it has two columns of at least two lines each."""
    held = _held(lines, (sides[0], band[0], sides[1], band[1]))
    columns = cells(held)
    return len(columns) > 1 and min(len(c) for c in columns) > 1


def cells(lines: Sequence[Line]) -> list[list[Line]]:
    """Split lines into columns at the blanks between them, left to right."""
    columns: list[list[Line]] = []
    edge = float("-inf")
    for line in sorted(lines, key=lambda ln: ln.box[0]):
        if line.box[0] > edge + GUTTER:
            columns.append([])
        columns[-1].append(line)
        edge = max(edge, line.box[2])
    return [sorted(c, key=lambda ln: ln.base) for c in columns]


def table_rows(area: Area, lines: Sequence[Line]) -> list[list[list[Line]]]:
    """Return a table's rows from top to bottom; a row is a list of cells, each a list of lines."""
    rows = []
    for top, bottom in area.rows:
        held = [ln for ln in lines if top - 1 <= ln.base - 0.3 * ln.size <= bottom + 1]
        rows += _split_rows(held) if len(area.rows) < FEW_RULES else [cells(held)] if held else []
    return rows


def _split_rows(held: Sequence[Line]) -> list[list[list[Line]]]:
    """Split a band into rows where all columns leave a blank, as tables without rules do."""
    rows: list[list[Line]] = []
    edge = float("-inf")
    for line in sorted(held, key=lambda ln: ln.box[1]):
        if line.box[1] > edge + 0.35 * line.size:
            rows.append([])
        rows[-1].append(line)
        edge = max(edge, line.box[3])
    parted = [cells(r) for r in rows]
    if len(rows) > 1 and min(len(c) for c in parted) > 1:
        return parted
    return [cells(held)] if held else []
