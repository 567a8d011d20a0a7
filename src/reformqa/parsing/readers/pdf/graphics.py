"""Boxes, and the affine maps from one frame of coordinates to another (ISO 32000-1, 8.3.3)."""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.parsing.pdfium import Matrix

#: x0, top, x1 and bottom, in points from the top left corner of the page.
Box = tuple[float, float, float, float]


def times(m: Matrix, n: Matrix) -> Matrix:
    """Return the matrix that applies `m`, then `n`."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def apply(m: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return the point (`x`, `y`) transformed by `m`."""
    return (m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5])


def hull_of(points: Sequence[tuple[float, float]]) -> Box:
    """Return the smallest box around the points."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (min(xs), min(ys), max(xs), max(ys))


def hull(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around the boxes."""
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def square(m: Matrix) -> Box:
    """Return the box of the unit square transformed by `m`, as of an image."""
    return hull_of([apply(m, x, y) for x in (0, 1) for y in (0, 1)])
