"""Put the items on a page into reading order, column by column.

A page is cut at the blank that the fewest items cross. The items that cross it (a heading or a
figure over both columns) divide the page into bands, each read column by column. Within a column,
the order is from top to bottom. A box or a table counts as one item.
"""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.parsing.readers.pdf.graphics import Box

#: The least blank between columns, in points.
GUTTER = 7.0
#: A column contains at least this many items.
LEAST = 3
#: At most this share of the items, by height, may cross the gutter.
CROSSING = 0.45


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
    """Return the middle of the blank between columns, or None if there is a single column."""
    total = sum(_height(boxes[i]) for i in items)
    best: tuple[float, float] | None = None
    for x in sorted({boxes[i][2] for i in items})[:-1]:
        after = [boxes[i][0] for i in items if boxes[i][0] >= x - 0.5]
        if not after:
            continue
        blank = min(after) - x
        if blank < GUTTER:
            continue
        cut = x + blank / 2
        crossing = sum(_height(boxes[i]) for i in items if boxes[i][0] < cut < boxes[i][2])
        if crossing > CROSSING * total or not _columns(boxes, items, cut):
            continue
        if best is None or (crossing, -blank) < best:
            best, place = (crossing, -blank), cut
    return place if best is not None else None


def _columns(boxes: Sequence[Box], items: Sequence[int], cut: float) -> bool:
    """Return whether both sides of a cut contain text side by side, as columns do."""
    left = [boxes[i] for i in items if boxes[i][2] <= cut]
    right = [boxes[i] for i in items if boxes[i][0] >= cut]
    if not all(len(side) >= LEAST or _tall(side) for side in (left, right)):
        return False
    beside = min(max(b[3] for b in left), max(b[3] for b in right)) - max(
        min(b[1] for b in left), min(b[1] for b in right)
    )
    least = min(sum(map(_height, left)), sum(map(_height, right)))
    return beside > 0.4 * least


def _tall(side: Sequence[Box]) -> bool:
    return bool(side) and max(map(_height, side)) > 60


def _height(box: Box) -> float:
    return box[3] - box[1]
