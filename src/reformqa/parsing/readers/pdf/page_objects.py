"""The objects that a page draws, in drawing order: text, shapes and images.

Form XObjects are entered; their matrices lead to the page's own coordinates.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from reformqa.parsing.pdfium import Matrix
from reformqa.parsing.readers.pdf.calls import HANDLE, INT, function, handle
from reformqa.parsing.readers.pdf.content import Shape
from reformqa.parsing.readers.pdf.graphics import Box, apply, hull, hull_of, square, times

#: A page with more nested forms is hostile.
DEEPEST_FORM = 12
#: The most shapes kept for a page, and the most segments read of a path; a map or a chart has many
#: more than the layout needs.
MOST_SHAPES = 5_000
MOST_SEGMENTS = 5_000
#: A side thinner than this, in points, belongs to a line rather than to an area.
THIN = 1.5

_count = function("FPDFPage_CountObjects", INT, HANDLE)
_member = function("FPDFPage_GetObject", HANDLE, HANDLE, INT)
_form_count = function("FPDFFormObj_CountObjects", INT, HANDLE)
_form_member = function("FPDFFormObj_GetObject", HANDLE, HANDLE, ctypes.c_ulong)
_kind = function("FPDFPageObj_GetType", INT, HANDLE)
_matrix = function("FPDFPageObj_GetMatrix", INT, HANDLE, HANDLE)
_mark = function("FPDFPageObj_GetMarkedContentID", INT, HANDLE)
_fill = function("FPDFPageObj_GetFillColor", INT, *[HANDLE] * 5)
_draw_mode = function("FPDFPath_GetDrawMode", INT, *[HANDLE] * 3)
_segments = function("FPDFPath_CountSegments", INT, HANDLE)
_segment = function("FPDFPath_GetPathSegment", HANDLE, HANDLE, INT)
_segment_kind = function("FPDFPathSegment_GetType", INT, HANDLE)
_point = function("FPDFPathSegment_GetPoint", INT, *[HANDLE] * 3)
_closes = function("FPDFPathSegment_GetClose", INT, HANDLE)


@dataclass(frozen=True, slots=True)
class TextObject:
    """A text object: its address, and the id of the marked content that it belongs to.

    The ids of marked content in a form count for the form alone (ISO 32000-1, 14.7.4.2), so there
    the id is that of the form, if it has one.
    """

    address: int
    mark: int | None


@dataclass(slots=True)
class PageObjects:
    """The text objects, the shapes and the boxes of the images of a page, in drawing order."""

    texts: list[TextObject]
    shapes: list[Shape]
    images: list[Box]


def read_objects(page: Any, flip: Matrix) -> PageObjects:
    """Return the objects of a page; `flip` maps its coordinates to those of the page as shown.

    Raises ValueError if forms are nested more than DEEPEST_FORM deep.
    """
    found = PageObjects([], [], [])
    at = handle(page)
    _read(found, [_member(at, n) for n in range(_count(at))], flip, 0, None)
    return found


def _read(
    found: PageObjects, members: Sequence[int], matrix: Matrix, depth: int, form: int | None
) -> None:
    """Add members of the page or of a form; `form` is the mark of the form around them."""
    for member in members:
        kind = _kind(member)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            mark = _marked(member) if not depth else form
            found.texts.append(TextObject(member, mark))
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            if len(found.shapes) < MOST_SHAPES:
                shapes = _shapes(member, times(matrix_of(member), matrix))
                found.shapes += shapes[: MOST_SHAPES - len(found.shapes)]
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            found.images.append(square(times(matrix_of(member), matrix)))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            if depth >= DEEPEST_FORM:
                raise ValueError(f"forms are nested more than {DEEPEST_FORM} deep")
            inner = [_form_member(member, n) for n in range(max(0, _form_count(member)))]
            mark = _marked(member) if not depth else form
            _read(found, inner, times(matrix_of(member), matrix), depth + 1, mark)


def _marked(member: int) -> int | None:
    mark = int(_mark(member))
    return mark if mark >= 0 else None


def matrix_of(member: int) -> Matrix:
    """Return the matrix of an object, to the coordinates of the page or of the form around it."""
    m = pdfium.FS_MATRIX()
    _matrix(member, ctypes.byref(m))
    return (m.a, m.b, m.c, m.d, m.e, m.f)


def fill_of(member: int) -> str:
    """Return the fill colour of an object, its red, green and blue from 0 to 1."""
    parts = [ctypes.c_uint() for _ in range(4)]
    _fill(member, *map(ctypes.byref, parts))
    return " ".join(f"{part.value / 255:.2f}" for part in parts[:3])


def _shapes(path: int, matrix: Matrix) -> list[Shape]:
    """Return the rectangles and the straight lines of a path that is filled or stroked."""
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    _draw_mode(path, ctypes.byref(filled), ctypes.byref(stroked))
    if not filled.value and not stroked.value:
        return []
    boxes = [box for part in _parts(path, matrix) for box in _boxes(part)]
    fill = fill_of(path) if filled.value else None
    if fill is not None and len(boxes) > 2 and all(_thin(b) for b in boxes):
        boxes = [hull(boxes)]  # an area drawn as a path of thin lines
    return [Shape(box, fill) for box in boxes]


#: A point of a path, and whether a straight line leads to it.
_Point = tuple[float, float, bool]


def _parts(path: int, matrix: Matrix) -> Iterator[list[_Point]]:
    """Yield the points of each part of a path, without the control points of curves."""
    x, y = ctypes.c_float(), ctypes.c_float()
    at_x, at_y = ctypes.byref(x), ctypes.byref(y)
    part: list[_Point] = []
    for n in range(min(_segments(path), MOST_SEGMENTS)):
        segment = _segment(path, n)
        kind = _segment_kind(segment)
        _point(segment, at_x, at_y)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if part:
                yield part
            part = []
        part.append((*apply(matrix, x.value, y.value), kind == pdfium.FPDF_SEGMENT_LINETO))
        if _closes(segment):
            part.append((*part[0][:2], True))
    if part:
        yield part


def _boxes(part: Sequence[_Point]) -> list[Box]:
    """Return the box of a rectangle, or else one for each straight line of the part."""
    lines = [(a[:2], b[:2]) for a, b in pairwise(part) if b[2] and a[:2] != b[:2]]
    points = [p[:2] for p in part]
    upright = all(abs(a[0] - b[0]) < 0.01 or abs(a[1] - b[1]) < 0.01 for a, b in lines)
    if upright and len(lines) == len(_CORNERS) and points[0] == points[-1]:
        return [hull_of(points)]
    return [hull_of(line) for line in lines]


#: The sides of a rectangle.
_CORNERS = range(4)


def _thin(box: Box) -> bool:
    return box[2] - box[0] < THIN or box[3] - box[1] < THIN
