"""Find the boxes (shaded or framed) and the tables on a page."""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.parsing.readers.pdf.content import RULE, PageContent, Shape
from reformqa.parsing.readers.pdf.graphics import Box, hull
from reformqa.parsing.readers.pdf.lines import Line
from reformqa.parsing.readers.pdf.tables import (
    TOUCH,
    Area,
    find_rules,
    find_tables,
    held,
    is_white,
    overlap,
)

#: A shape that covers more than this share of the page is its background, not a box.
BACKGROUND = 0.8
#: A bar beside a box is this wide, in points, at most this share of the page high, and the lines
#: beside it begin within this many points. They fill at least this share of its height.
BAR = (1.6, 12.0)
BAR_HEIGHT = 0.86
BAR_GAP = 40.0
BAR_FILLED = 0.4


def find_areas(content: PageContent, lines: Sequence[Line]) -> list[Area]:
    """Return the boxes and tables that contain text, from the top of the page down."""
    shapes = [s for s in content.shapes if _on_page(s, content)]
    tables = find_tables(shapes, lines)
    boxes: list[Area] = []
    for area in _boxes(shapes, lines, content):
        inside = [t for t in tables if overlap(t.box, area.box) > 0.7]
        covered = {id(ln) for t in inside for ln in held(lines, t.box)}
        within = held(lines, area.box)
        if not inside or sum(id(ln) in covered for ln in within) < 0.7 * len(within):
            boxes.append(area)
    return sorted([*tables, *boxes], key=lambda a: a.box[1])


def _on_page(shape: Shape, content: PageContent) -> bool:
    x0, top, x1, bottom = shape.box
    return x1 > 0 and bottom > 0 and x0 < content.width and top < content.height


def _boxes(shapes: Sequence[Shape], lines: Sequence[Line], content: PageContent) -> list[Area]:
    page = content.width * content.height
    filled = [
        s
        for s in shapes
        if s.height > RULE and s.width > 40 and s.width * s.height < BACKGROUND * page
        and (s.fill is None or not is_white(s.fill))
    ]  # fmt: skip
    areas = [Area("box", s.box, s.fill) for s in filled] + _frames(shapes)
    areas += _barred([s for s in shapes if s.height < BAR_HEIGHT * content.height], lines)
    merged: list[Area] = []
    for area in sorted(areas, key=lambda a: (a.box[1], a.box[0])):
        for i, other in enumerate(merged):
            if _one_box(area.box, other.box):
                whole = hull((area.box, other.box))
                ragged = area.ragged and other.ragged
                merged[i] = Area("box", whole, other.fill or area.fill, ragged=ragged)
                break
        else:
            merged.append(area)
    return [a for a in merged if _is_box(a, held(lines, a.box))]


def _one_box(a: Box, b: Box) -> bool:
    if overlap(a, b) > 0.5:
        return True
    same_width = abs(a[0] - b[0]) < 4 and abs(a[2] - b[2]) < 4
    return same_width and a[1] - b[3] < TOUCH and b[1] - a[3] < TOUCH


def _is_box(area: Area, inside: Sequence[Line]) -> bool:
    if not inside:
        return False
    size = max(ln.size for ln in inside)
    return area.box[3] - area.box[1] > 1.8 * size and sum(len(ln.text) for ln in inside) > 20


def _barred(shapes: Sequence[Shape], lines: Sequence[Line]) -> list[Area]:
    """Return the areas to the right of upright bars."""
    bars = [s for s in shapes if BAR[0] < s.width < BAR[1] < s.height]
    areas = []
    for bar in (s for s in bars if s.fill is not None and not is_white(s.fill)):
        x0, top, x1, bottom = bar.box
        beside = [
            ln
            for ln in lines
            if ln.upright and x1 - 1 < ln.box[0] < x1 + BAR_GAP and top < ln.base < bottom
        ]
        if sum(ln.size for ln in beside) > BAR_FILLED * (bottom - top):
            right = max(ln.box[2] for ln in beside)
            areas.append(Area("box", (x0, top, right, bottom), bar.fill, ragged=True))
    return areas


def _frames(shapes: Sequence[Shape]) -> list[Area]:
    """Return the rectangles made of four rules."""
    flat = find_rules(shapes)
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
