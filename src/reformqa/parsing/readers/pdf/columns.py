"""Put the items on a page into reading order, column by column.

A page is cut at the blank that the fewest items cross. The items that cross it (a heading or a
figure over both columns) divide the page into bands, each read column by column. Within a column,
the order is from top to bottom. A box or a table counts as one item.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from reformqa.parsing.readers.pdf.graphics import Box

#: The least blank between columns, in points.
GUTTER = 7.0
#: A column contains at least this many items.
LEAST = 3
#: The first line of a column of two lines is at least this many times as long as it is high.
PROSE = 12
#: At most this share of the items, by height, may cross the gutter. An item counts as no higher
#: than this, in points: a box may fill half a page above the columns.
CROSSING = 0.45
HIGHEST = 60.0

#: The top and bottom of a text.
_Span = tuple[float, float]


def reading_order(boxes: Sequence[Box]) -> list[list[int]]:
    """Return the columns in reading order, each as positions of boxes from top to bottom."""
    return _ordered(boxes, list(range(len(boxes))), 0)


def column_count(boxes: Sequence[Box]) -> int:
    """Return the number of columns on the page, at least 1."""
    columns = [c for c in reading_order(boxes) if len(c) >= LEAST]
    best = 1
    for column in columns:
        top = min(boxes[i][1] for i in column)
        bottom = max(boxes[i][3] for i in column)
        beside = [
            c
            for c in columns
            if min(boxes[i][1] for i in c) < bottom and max(boxes[i][3] for i in c) > top
        ]
        best = max(best, len(beside))
    return best


def _ordered(boxes: Sequence[Box], items: list[int], depth: int) -> list[list[int]]:
    if not items:
        return []
    cut = _gutter(boxes, items) if depth < 8 else None
    if cut is None:
        return [sorted(items, key=lambda i: (boxes[i][1] + boxes[i][3], boxes[i][0]))]
    across = [i for i in items if boxes[i][0] < cut < boxes[i][2]]
    rest = [i for i in items if i not in set(across)]
    columns: list[list[int]] = []
    for band, spanning in _bands(boxes, rest, across):
        left = [i for i in band if boxes[i][2] <= cut]
        right = [i for i in band if boxes[i][0] >= cut]
        columns += _ordered(boxes, left, depth + 1) + _ordered(boxes, right, depth + 1)
        if spanning:
            columns.append(spanning)
    return columns


def _bands(
    boxes: Sequence[Box], rest: list[int], across: list[int]
) -> list[tuple[list[int], list[int]]]:
    """Return bands from top to bottom, each as (items in columns, items that span them)."""
    bands: list[tuple[list[int], list[int]]] = []
    left = sorted(rest, key=lambda i: boxes[i][1])
    group: list[int] = []
    for item in sorted(across, key=lambda i: boxes[i][1]):
        middle = (boxes[item][1] + boxes[item][3]) / 2
        above = [i for i in left if (boxes[i][1] + boxes[i][3]) / 2 < middle]
        if above and group:
            bands.append(([], group))
            group = []
        if above:
            bands.append((above, []))
            left = [i for i in left if i not in set(above)]
        group.append(item)
    return [*bands, ([], group), (left, [])]


def _gutter(boxes: Sequence[Box], items: Sequence[int]) -> float | None:
    """Return the middle of the blank between columns, or None if there is a single column.

    A blank lies between the right edge of one item and the left edge of another. What reaches into
    it (a page number below the columns) counts as crossing it.
    """
    total = sum(_weight(boxes[i]) for i in items)
    rights, ending = _summed(items, [boxes[i][2] for i in items], boxes)
    lefts, starting = _summed(items, [boxes[i][0] for i in items], boxes)
    best: tuple[float, float] | None = None
    place: float | None = None
    for x, before in zip(rights, ending, strict=True):
        at = bisect_left(lefts, x + GUTTER)
        if at == len(lefts):
            break
        for left, passed in zip(lefts[at:], [0.0, *starting][at:], strict=False):
            crossing = max(0.0, passed - before)
            if crossing > CROSSING * total:
                break  # a wider blank is crossed by more
            score = (crossing, x - left)
            if (best is None or score < best) and _columns(boxes, items, (x + left) / 2):
                best, place = score, (x + left) / 2
    return place


def _summed(
    items: Sequence[int], edges: Sequence[float], boxes: Sequence[Box]
) -> tuple[list[float], list[float]]:
    """Return the distinct edges in order, and the height of all items up to each."""
    heights: dict[float, float] = {}
    for item, edge in zip(items, edges, strict=True):
        heights[round(edge, 1)] = heights.get(round(edge, 1), 0.0) + _weight(boxes[item])
    places = sorted(heights)
    return places, list(accumulate(heights[x] for x in places))


def _columns(boxes: Sequence[Box], items: Sequence[int], cut: float) -> bool:
    """Return whether both sides of a cut contain text side by side, as columns do.

    Lines that take turns at two indents are not side by side: each is beside a blank.
    """
    left = [boxes[i] for i in items if boxes[i][2] <= cut]
    right = [boxes[i] for i in items if boxes[i][0] >= cut]
    if not all(len(side) >= LEAST or _tall(side) or _short(side) for side in (left, right)):
        return False
    top = max(min(b[1] for b in side) for side in (left, right))
    bottom = min(max(b[3] for b in side) for side in (left, right))
    if bottom - top <= 0.4 * min(sum(map(_height, left)), sum(map(_height, right))):
        return False
    beside = [[s for s in _spans(side) if s[0] < bottom and s[1] > top] for side in (left, right)]
    return _shared(*beside) > 0.4 * min(sum(y1 - y0 for y0, y1 in spans) for spans in beside)


def _shared(left: Sequence[_Span], right: Sequence[_Span]) -> float:
    """Return the height, in points, over which both sides contain text; each is in order."""
    shared, i, j = 0.0, 0, 0
    while i < len(left) and j < len(right):
        shared += max(0.0, min(left[i][1], right[j][1]) - max(left[i][0], right[j][0]))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return shared


def _spans(side: Sequence[Box]) -> list[_Span]:
    """Return the tops and bottoms of the boxes, downwards, those that overlap as one."""
    spans: list[_Span] = []
    for top, bottom in sorted((b[1], b[3]) for b in side):
        if spans and top <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], bottom))
        else:
            spans.append((top, bottom))
    return spans


def _tall(side: Sequence[Box]) -> bool:
    return bool(side) and max(map(_height, side)) > HIGHEST


def _short(side: Sequence[Box]) -> bool:
    """Return whether a side is a column of two lines, the first of them as long as prose."""
    return len(side) > 1 and side[0][2] - side[0][0] > PROSE * _height(side[0])


def _weight(box: Box) -> float:
    return min(_height(box), HIGHEST)


def _height(box: Box) -> float:
    return box[3] - box[1]
