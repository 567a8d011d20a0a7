"""Read a page through pdfium: its runs of text, its shapes and its images.

A run is text of one text object, split at gaps as wide as those between columns. Its place comes
from the matrix of the object and from the origins of its characters, so its baseline is exact.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from reformqa.parsing.pdfium import Matrix, frame
from reformqa.parsing.readers.pdf.calls import HANDLE, INT, function, handle
from reformqa.parsing.readers.pdf.characters import Shown, read_characters
from reformqa.parsing.readers.pdf.content import GlyphRun, PageContent
from reformqa.parsing.readers.pdf.graphics import Box, apply, times
from reformqa.parsing.readers.pdf.page_objects import TextObject, fill_of, read_objects

#: The least gap between two characters of a text object that separates two runs, in ems.
APART = 1.0
#: The most that a space is widened by to justify a line, in ems.
JUSTIFIED = 4.0
#: The decimals of a point that are kept. pdfium computes in 32 bits: what is level and equal in the
#: file differs by less than this.
PLACES = 3
#: The farthest from the page's origin that text and shapes are kept, and the largest size of type
#: and of a page, in points. A viewer's limit is 14,400 (ISO 32000-1, annex C); farther out, sums
#: and squares overflow, and a number that is not finite fails wherever it is rounded.
FARTHEST = 10_000_000

_INVISIBLE = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)

_size = function("FPDFText_GetFontSize", ctypes.c_double, HANDLE, INT)
_matrix = function("FPDFText_GetMatrix", INT, HANDLE, INT, HANDLE)
_room = function("FPDFText_GetLooseCharBox", INT, HANDLE, INT, HANDLE)
_mode = function("FPDFTextObj_GetTextRenderMode", INT, HANDLE)


def read_page(page: Any, number: int) -> PageContent:
    """Read the content of a page of pypdfium2; the caller holds the lock of pdfium.

    What lies outside the visible part of the page, or not within FARTHEST of its origin, is left
    out. Raises ValueError if the page is hostile.
    """
    flip, width, height = frame(page)
    if not _near((width, height)):
        raise ValueError(f"the page is {width:g} by {height:g} points")
    sheet = (0.0, 0.0, width, height)
    objects = read_objects(page, flip)
    text = page.get_textpage()
    try:
        runs = tuple(_runs(text, objects.texts, flip, sheet))
    finally:
        text.close()
    shapes = tuple(s for s in objects.shapes if _near(s.box) and _touch(s.box, sheet))
    images = tuple(b for b in objects.images if _near(b) and _touch(b, sheet))
    return PageContent(number, width, height, runs, shapes, images)


def _near(values: Iterable[float]) -> bool:
    """Return whether all values are finite, and within FARTHEST of the origin."""
    return all(abs(v) <= FARTHEST for v in values)  # not so for a value that is no number


def _touch(a: Box, b: Box) -> bool:
    return a[2] >= b[0] and a[3] >= b[1] and a[0] <= b[2] and a[1] <= b[3]


def _runs(text: Any, objects: Sequence[TextObject], flip: Matrix, sheet: Box) -> Iterator[GlyphRun]:
    """Yield the runs of a text page in drawing order; `sheet` is the visible part of the page."""
    shown = read_characters(text)
    for drawn in objects:
        if drawn.address not in shown:
            continue
        line = _Baseline(handle(text), shown[drawn.address], flip)
        if not line.near:
            continue
        font = line.font
        look = f"{font.name} {fill_of(drawn.address)}"
        visible = _mode(drawn.address) not in _INVISIBLE
        for start, end in line.parts():
            start, end = line.on(sheet, start, end)
            words = "".join(line.characters[start:end])
            if not words.strip():
                continue
            (x0, y0), (x1, y1) = line.ends(start, end)
            if line.angle:
                x0, x1, y0 = min(x0, x1), max(x0, x1), max(y0, y1)
            x0, x1, y0, size = (round(v, PLACES) for v in (x0, x1, y0, line.size))
            style = (font.bold, font.italic, look, visible, line.angle, drawn.mark)
            yield GlyphRun(words, x0, x1, y0, size, *style)


class _Baseline:
    """The characters of a text object along its baseline, on the page as shown.

    `size` is the type size as seen, in points. `angle` is the direction in degrees, a multiple of
    90. `pens` are the distances of the characters' origins from that of the first, in points.
    """

    def __init__(self, text: ctypes.c_void_p, shown: Shown, flip: Matrix) -> None:
        self.characters = shown.characters
        self._indexes = shown.indexes
        self.font = shown.font
        self._text, self._flip = text, flip
        m = pdfium.FS_MATRIX()
        _matrix(text, shown.indexes[0], ctypes.byref(m))
        whole = times((m.a, m.b, m.c, m.d, m.e, m.f), flip)
        em = abs(float(_size(text, shown.indexes[0])))
        across = math.hypot(whole[0], whole[1])
        self.size: float = em * math.hypot(whole[2], whole[3])
        self._em = em * across
        self._way: tuple[float, float] = (
            (whole[0] / across, whole[1] / across) if across else (1.0, 0.0)
        )
        self.angle = round(math.degrees(math.atan2(-whole[1], whole[0])) / 90) * 90 % 360
        self._start = apply(flip, shown.xs[0], shown.ys[0])
        along_x = self._way[0] * flip[0] + self._way[1] * flip[1]
        along_y = self._way[0] * flip[2] + self._way[1] * flip[3]
        x0, y0 = shown.xs[0], shown.ys[0]
        self.pens = [
            (x - x0) * along_x + (y - y0) * along_y for x, y in zip(shown.xs, shown.ys, strict=True)
        ]
        last = self.pens[-1] + self._advance(len(self.pens) - 1)
        self.near = self.size > 0 and _near((self.size, last, *self._start, *self._at(last)))

    def _at(self, pen: float) -> tuple[float, float]:
        return (self._start[0] + pen * self._way[0], self._start[1] + pen * self._way[1])

    def _advance(self, n: int) -> float:
        """Return how far the pen moves for the character `n`, in points."""
        if (n and self.pens[n] == self.pens[n - 1]) or not self.font.width(self.characters[n]):
            return self._reach(n)  # a part of a ligature, or of a replaced text
        return self.font.width(self.characters[n]) * self._em

    def _reach(self, n: int) -> float:
        """Return how far the box of the character `n` reaches beyond its origin, in points."""
        room = pdfium.FS_RECTF()
        _room(self._text, self._indexes[n], ctypes.byref(room))
        origin = self._at(self.pens[n])
        corners = [
            apply(self._flip, x, y)
            for x in (room.left, room.right)
            for y in (room.bottom, room.top)
        ]
        return max(
            (x - origin[0]) * self._way[0] + (y - origin[1]) * self._way[1] for x, y in corners
        )

    def parts(self) -> Iterator[tuple[int, int]]:
        """Yield the half-open ranges of the characters between wide gaps."""
        start = 0
        least = APART * self._em
        for n, (pen, following) in enumerate(pairwise(self.pens)):
            if following - pen <= least or self._gap(n) <= least:
                continue
            yield start, n + 1
            start = n + 1
            if (
                self.characters[start] == " "
                and self.pens[start] in self.pens[start + 1 : start + 2]
            ):
                start += 1  # the space that pdfium adds for the gap
        yield start, len(self.pens)

    def _gap(self, n: int) -> float:
        """Return the gap after the character `n`, less what spaces are widened by (justified)."""
        gap = self._blank(n)
        if self.characters[n] != " ":
            return gap
        spaces = [k for k, c in enumerate(self.characters[:-1]) if c == " "]
        return gap - min(JUSTIFIED * self._em, *map(self._blank, spaces))

    def _blank(self, n: int) -> float:
        return self.pens[n + 1] - self.pens[n] - self._advance(n)

    def ends(self, start: int, end: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the points on the baseline where a range begins and ends."""
        return self._at(self.pens[start]), self._at(self.pens[end - 1] + self._advance(end - 1))

    def on(self, sheet: Box, start: int, end: int) -> tuple[int, int]:
        """Return the part of a range that is on the visible page.

        This is all of it if its middle is visible: a line that bleeds off stays whole.
        """
        (x0, y0), (x1, y1) = self.ends(start, end)
        if _touch(((x0 + x1) / 2, (y0 + y1) / 2) * 2, sheet):
            return start, end
        middles = [self._at(self.pens[n] + self._advance(n) / 2) for n in range(start, end)]
        seen = [start + n for n, middle in enumerate(middles) if _touch(middle * 2, sheet)]
        return (seen[0], seen[-1] + 1) if seen else (start, start)
