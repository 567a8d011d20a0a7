"""Find the tables that rules are drawn for, and what is inside an area of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from reformqa.parsing.readers.pdf.cells import cells, is_prose
from reformqa.parsing.readers.pdf.content import RULE, Shape
from reformqa.parsing.readers.pdf.graphics import Box
from reformqa.parsing.readers.pdf.lines import Line

#: Edges no farther apart than this, in points, are one.
TOUCH = 2.0
#: The side of a rectangle is a wall of a row if it ends this near to the row's edges, in points.
WALL_END = 4.0

_SCALE = re.compile(r"^[\s\d.,%£$€/–-]+\w?$")


@dataclass(frozen=True, slots=True)
class Area:
    """A box or a table on a page.

    `rows` contains the top and bottom of each row of a table; `walls` the positions of the upright
    rules between its columns, from the left. A box is `ragged` if only a bar at its left is drawn:
    it reaches as far as its text.
    """

    kind: Literal["box", "table"]
    box: Box
    fill: str | None = None
    rows: tuple[tuple[float, float], ...] = ()
    walls: tuple[float, ...] = ()
    ragged: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A horizontal rule, the edge of a rectangle, or, if not `drawn`, where upright rules end."""

    y: float
    x0: float
    x1: float
    drawn: bool = True


def holds(box: Box, line: Line) -> bool:
    """Return whether the line is inside the box."""
    middle = line.base - 0.3 * line.size
    inside = box[1] - 1 <= middle <= box[3] + 1
    return inside and line.box[0] >= box[0] - 3 and line.box[2] <= box[2] + 6


def held(lines: Iterable[Line], box: Box) -> list[Line]:
    """Return the upright lines that are inside the box."""
    return [ln for ln in lines if ln.upright and holds(box, ln)]


def overlap(a: Box, b: Box) -> float:
    """Return the share of the smaller box that is inside the other, 0 to 1."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    least = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width * height / least if width > 0 and height > 0 and least > 0 else 0.0


def is_white(fill: str) -> bool:
    """Return whether a colour, in grey, RGB or CMYK, cannot be told from paper."""
    parts = [float(v) for v in fill.split()]
    return all(v < 0.02 for v in parts) if len(parts) == 4 else all(v > 0.98 for v in parts)


def find_rules(shapes: Sequence[Shape]) -> list[Edge]:
    """Return horizontal rules and the edges of rectangles, with adjoining segments merged."""
    found: list[Edge] = []
    for s in shapes:
        if s.width < 12 or (s.fill is not None and is_white(s.fill)):
            continue
        ys = [(s.box[1] + s.box[3]) / 2] if s.height <= RULE else [s.box[1], s.box[3]]
        found += [Edge(y, s.box[0], s.box[2]) for y in ys]
    found += _row_ends(shapes, found)
    found.sort(key=lambda e: (round(e.y / TOUCH), e.x0))
    rules: list[Edge] = []
    for edge in found:
        last = rules[-1] if rules else None
        if last and abs(last.y - edge.y) <= TOUCH and edge.x0 <= last.x1 + 4:
            drawn = last.drawn or edge.drawn
            rules[-1] = Edge(last.y, last.x0, max(last.x1, edge.x1), drawn)
        else:
            rules.append(edge)
    return sorted(rules, key=lambda e: e.y)


def _row_ends(shapes: Sequence[Shape], edges: Sequence[Edge]) -> list[Edge]:
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
                ends.append(Edge(y, min(xs), max(xs), drawn=False))
    return ends


def find_tables(shapes: Sequence[Shape], lines: Sequence[Line]) -> list[Area]:
    """Return the tables: runs of bands between rules, most of them with text side by side."""
    rules = find_rules(shapes)
    walls = _Walls(shapes)
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
        sides = (rule.x0, rule.x1)
        bands = list(_bands([rules[j] for j in stack], sides, walls))
        for run in _tabular_runs(bands, sides, lines, walls):
            box = (rule.x0, run[0][0], rule.x1, run[-1][1])
            if not any(overlap(box, t.box) > 0.3 for t in tables):
                tables.append(Area("table", box, None, tuple(run), walls.between(run, sides)))
                used.update(j for j in stack if box[1] <= rules[j].y <= box[3])
    return tables


def _bands(
    stack: Sequence[Edge], sides: tuple[float, float], walls: _Walls
) -> Iterator[tuple[float, float] | None]:
    """Yield the bands between rules; None parts two tables, between which nothing is drawn."""
    for upper, lower in pairwise(stack):
        band = (upper.y, lower.y)
        if upper.drawn or lower.drawn or len(walls.of(band, sides)) > 1:
            if lower.y - upper.y > TOUCH:
                yield band
        else:
            yield None


class _Walls:
    """The upright rules of a page, and the upright sides of its rectangles."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self.rules = [s.box for s in shapes if s.width <= RULE and s.height > 8]
        self.sides = [
            (x, s.box[1], x, s.box[3])
            for s in shapes
            if s.width > RULE and s.height > 8 and (s.fill is None or not is_white(s.fill))
            for x in (s.box[0], s.box[2])
        ]

    def of(self, band: tuple[float, float], sides: tuple[float, float]) -> list[float]:
        """Return the positions of the walls of a row, those at its sides included."""
        top, bottom = band
        middle = (top + bottom) / 2
        drawn = [w[0] for w in self.rules if w[1] <= middle <= w[3]]
        edges = [
            w[0] for w in self.sides if abs(w[1] - top) < WALL_END and abs(w[3] - bottom) < WALL_END
        ]
        places = _apart([*drawn, *edges], sides)
        # The two sides of a rectangle make a box; only with others they are the walls of cells.
        return places if len(places) > 2 else _apart(drawn, sides)

    def between(
        self, run: Sequence[tuple[float, float]], sides: tuple[float, float]
    ) -> tuple[float, ...]:
        """Return the walls between the columns of a table: those of at least half of its rows."""
        found = sorted(x for band in run for x in self.of(band, sides))
        places: list[list[float]] = []
        for x in found:
            if places and x - places[-1][0] < 4:
                places[-1].append(x)
            else:
                places.append([x])
        common = [p[0] for p in places if len(p) >= 0.5 * len(run)]
        return tuple(x for x in common if sides[0] + 6 < x < sides[1] - 6)


def _apart(xs: Sequence[float], sides: tuple[float, float]) -> list[float]:
    """Return the positions between the sides in order, those that nearly touch once."""
    places: list[float] = []
    for x in sorted(x for x in xs if sides[0] - 3 <= x <= sides[1] + 3):
        if not places or x - places[-1] > 3:
            places.append(x)
    return places


def _tabular_runs(
    bands: Sequence[tuple[float, float] | None],
    sides: tuple[float, float],
    lines: Sequence[Line],
    walls: _Walls,
) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = []
    row: list[tuple[float, float]] = []
    telling = 0
    for band in bands:
        inside = held(lines, (sides[0], band[0], sides[1], band[1])) if band else []
        parts = len(walls.of(band, sides)) - 1 if band else 0
        columns = 2 if parts > 1 else len(cells(inside))
        narrow = band and inside and band[1] - band[0] < 5 * max(ln.size for ln in inside)
        if inside and parts <= 1 and all(_SCALE.match(ln.whole) for ln in inside):
            columns = 0  # a chart's scale
        if band and (columns > 1 or (columns == 1 and (narrow or parts == 1))):
            row.append(band)
            telling += columns > 1 and (parts > 1 or not is_prose(inside))
        elif band and not inside and row:
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
    return all(_SCALE.match(ln.whole) for ln in held(lines, box))


def _tall_and_even(
    band: tuple[float, float], sides: tuple[float, float], lines: Sequence[Line]
) -> bool:
    """Return whether a single band is a table: it has two columns of at least two lines each."""
    columns = cells(held(lines, (sides[0], band[0], sides[1], band[1])))
    return len(columns) > 1 and min(len(c) for c in columns) > 1
