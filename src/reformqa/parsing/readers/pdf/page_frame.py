"""The visible part of a PDF page, and the resources of its content."""

from __future__ import annotations

from typing import Any

from pypdf import PageObject
from pypdf.generic import DictionaryObject, RectangleObject

from reformqa.parsing.readers.pdf.graphics import Box, Matrix


def placing(page: PageObject) -> tuple[Matrix, float, float]:
    """Return the matrix from the file's coordinates to the page as shown, and its size in points.

    The page as shown is turned by its /Rotate, and its top left corner is (0, 0).
    """
    left, bottom, right, top = shown_box(page)
    width, height = right - left, top - bottom
    turn = int(page.rotation or 0) % 360
    flip: Matrix = {
        0: (1, 0, 0, -1, -left, top),
        90: (0, 1, 1, 0, -bottom, -left),
        180: (-1, 0, 0, 1, right, -bottom),
        270: (0, -1, -1, 0, top, right),
    }.get(turn, (1, 0, 0, -1, -left, top))
    if turn in (90, 270):
        width, height = height, width
    return flip, width, height


def shown_box(page: PageObject) -> Box:
    """Return the part of a page that a viewer shows: its crop box within its media box.

    The coordinates are the file's own: (left, bottom, right, top).
    """
    media = _corners(page.mediabox)
    try:
        crop = _corners(page.cropbox)
    except ValueError:  # not four numbers
        return media
    left, bottom = max(crop[0], media[0]), max(crop[1], media[1])
    right, top = min(crop[2], media[2]), min(crop[3], media[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def _corners(box: RectangleObject) -> Box:
    """Return the box with its lower left corner first, whichever corners the file lists."""
    (left, right), (bottom, top) = sorted((box.left, box.right)), sorted((box.bottom, box.top))
    return (float(left), float(bottom), float(right), float(top))


def resources_of(page: DictionaryObject) -> DictionaryObject:
    node: Any = page
    for _ in range(50):
        found = node.get("/Resources")
        if found is not None and isinstance(found.get_object(), DictionaryObject):
            resources: DictionaryObject = found.get_object()
            return resources
        node = node.get("/Parent")
        if node is None:
            break
        node = node.get_object()
    return DictionaryObject()
