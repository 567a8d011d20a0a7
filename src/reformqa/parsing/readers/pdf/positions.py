"""Read the content of a PDF page by following its operators.

pypdf parses the file, its content streams and its fonts. Its text visitor reports where a run of
text starts but not where it ends, loses the position of text in form XObjects, and does not
report invisible text. Therefore the operators that place text (ISO 32000-1, 8.4 and 9.3 to 9.4)
are followed here, on the streams that pypdf has parsed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from pypdf import PageObject
from pypdf.generic import (
    ContentStream,
    DictionaryObject,
    NameObject,
    StreamObject,
)
from pypdf.generic._font import Font

from reformqa.parsing.readers.pdf.content import GlyphRun, PageContent, Shape
from reformqa.parsing.readers.pdf.fonts import decode, font_style, load_font
from reformqa.parsing.readers.pdf.graphics import (
    MOVES,
    TEXT_STATE,
    Box,
    Matrix,
    State,
    Stream,
    apply,
    hull,
    matrix_of,
    numbers,
    rectangle,
    times,
)
from reformqa.parsing.readers.pdf.guard import PAGE_ERRORS
from reformqa.parsing.readers.pdf.page_frame import placing, resources_of

#: The least gap within a shown string that is a space, and that separates two runs, in ems.
SPACE = 0.16
APART = 1.0
#: A page with more nested forms, or more glyphs, is hostile.
DEEPEST_FORM = 12
MOST_GLYPHS = 200_000
#: The most shapes kept for a page; a map or a chart has many more than the layout needs.
MOST_SHAPES = 5_000

#: The farthest from the page's origin that text and shapes are kept, and the largest size of type
#: and of a page, in points. A viewer's limit is 14,400 (ISO 32000-1, annex C); farther out, sums
#: and squares overflow, and a number that is not finite fails wherever it is rounded.
FARTHEST = 10_000_000

_INVISIBLE = (3, 7)
_PATH_ENDS = {b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"n"}
_SHOWS = {b"Tj", b"TJ", b"'", b'"'}
_COLOURS = {b"g", b"rg", b"k", b"sc", b"scn"}
_FILLS = {b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"}


def read_page(page: PageObject, number: int, fonts: dict[int, Font | None]) -> PageContent:
    """Read the content of a page; `fonts` caches fonts between pages, by object number.

    What lies outside the visible part of the page, or not within FARTHEST of its origin, is left
    out. Raises one of PAGE_ERRORS if the page is broken, and ValueError if it is hostile.
    """
    flip, width, height = placing(page)
    reader = _ContentReader(page.pdf, fonts, (width, height))
    contents = page.get_contents()
    if contents is not None:
        reader.read(contents, resources_of(page), flip, 0)
    if not _near((width, height)):
        raise ValueError(f"the page is {width:g} by {height:g} points")
    shapes = [s for s in reader.shapes if _near(s.box)]
    images = [b for b in reader.images if _near(b)]
    return PageContent(number, width, height, tuple(reader.runs), tuple(shapes), tuple(images))


def _near(values: Iterable[float]) -> bool:
    """Return whether all values are finite, and within FARTHEST of the origin."""
    return all(abs(v) <= FARTHEST for v in values)  # not so for a value that is no number


class _ContentReader:
    """A reader that follows the operators of a page and of the forms that it draws."""

    def __init__(self, pdf: Any, fonts: dict[int, Font | None], size: tuple[float, float]) -> None:
        self.runs: list[GlyphRun] = []
        self.shapes: list[Shape] = []
        self.images: list[Box] = []
        self._pdf = pdf
        self._fonts = fonts
        self._size = size
        self._glyphs = 0
        self._marks: list[int | None] = []
        self._kept: list[Any] = []

    def read(
        self, stream: StreamObject, resources: DictionaryObject, matrix: Matrix, depth: int
    ) -> None:
        """Follow one content stream; `matrix` maps its coordinates to the page's."""
        at = Stream(State(matrix), resources, depth)
        for operands, operator in ContentStream(stream, self._pdf, "bytes").operations:
            if operator in _SHOWS:
                self._show_operator(at, operator, operands)
            elif operator in TEXT_STATE:
                TEXT_STATE[operator](at.state, numbers(operands, 1)[0])
            elif operator in MOVES:
                MOVES[operator](at, operands)
            elif operator == b"Tf":
                at.state.font = self._font(resources, operands)
                at.state.size = numbers(operands[1:], 1)[0]
            elif operator in _COLOURS:
                shown = numbers(operands, len(operands))
                at.state.fill = " ".join(f"{v:.2f}" for v in shown)
            elif operator in _PATH_ENDS:
                self._draw(at.path, operator, at.state)
                at.path = []
            elif operator in (b"BDC", b"BMC"):
                self._begin_marked(resources, operands, depth)
            elif operator == b"EMC" and self._marks:
                self._marks.pop()
            elif operator == b"Do":
                self._do(resources, operands, at.state, depth)

    def _begin_marked(
        self, resources: DictionaryObject, operands: Sequence[Any], depth: int
    ) -> None:
        """Begin marked content; inside it, the mark of the innermost content counts."""
        mark = self._marks[-1] if self._marks else None
        found = operands[1] if len(operands) > 1 else None
        if isinstance(found, NameObject):
            try:
                found = resources["/Properties"][found].get_object()  # type: ignore[index]
            except (KeyError, TypeError, AttributeError):
                found = None
        own = found.get("/MCID") if isinstance(found, DictionaryObject) else None
        if isinstance(own, int):
            mark = None if depth else int(own)
        self._marks.append(mark)

    def _show_operator(self, at: Stream, operator: bytes, operands: Sequence[Any]) -> None:
        if operator in (b"'", b'"'):
            at.next_line(0, -at.state.leading)
            if operator == b'"' and len(operands) == 3:
                at.state.word_space, at.state.char_space = numbers(operands[:2], 2)
        at.text = self._show(operands[-1:], at.state, at.text)

    def _draw(self, path: Sequence[Box], operator: bytes, state: State) -> None:
        if operator == b"n" or len(self.shapes) + len(path) > MOST_SHAPES:
            return
        fill = state.fill if operator in _FILLS else None
        if fill is not None and len(path) > 2 and all(_thin(b) for b in path):
            path = [hull(path)]  # an area drawn as a path of thin lines
        self.shapes += [Shape(box, fill) for box in path if self._reaches(box)]

    def _font(self, resources: DictionaryObject, operands: Sequence[Any]) -> Font | None:
        try:
            fonts: Any = resources["/Font"].get_object()
            reference = fonts.raw_get(operands[0])
            found = reference.get_object()
        except (KeyError, IndexError, AttributeError):
            return None
        key = getattr(reference, "idnum", 0) or -id(found)
        if key not in self._fonts:
            try:
                self._fonts[key] = load_font(found)
            except PAGE_ERRORS:  # the page's other fonts may be sound
                self._fonts[key] = None
            self._kept.append(found)  # while it lives, no other object has its id
        return self._fonts[key]

    def _do(
        self, resources: DictionaryObject, operands: Sequence[Any], state: State, depth: int
    ) -> None:
        try:
            things: Any = resources["/XObject"].get_object()
            thing = things[operands[0]].get_object()
        except (KeyError, IndexError, AttributeError):
            return
        if not isinstance(thing, StreamObject):
            return
        if thing.get("/Subtype") == "/Image":
            box = rectangle((0, 0, 1, 1), state.matrix)
            if self._reaches(box):
                self.images.append(box)
        elif thing.get("/Subtype") == "/Form":
            if depth >= DEEPEST_FORM:
                raise ValueError(f"forms are nested more than {DEEPEST_FORM} deep")
            inner = thing.get("/Matrix")
            matrix = times(matrix_of(inner), state.matrix) if inner else state.matrix
            own = thing.get("/Resources")
            own = own.get_object() if own is not None else resources
            self.read(
                thing, own if isinstance(own, DictionaryObject) else resources, matrix, depth + 1
            )

    def _show(self, operands: Sequence[Any], state: State, text: Matrix) -> Matrix:
        """Show strings and kerns, and return the text matrix after them."""
        if not operands:
            return text
        shown = operands[0] if isinstance(operands[0], list) else [operands[0]]
        parts: list[str] = []
        pens: list[float] = []  # where each part begins
        pen = 0.0
        em = state.size * state.scale or 1.0
        for item in shown:
            if isinstance(item, (bytes, str)) and not isinstance(item, NameObject):
                for char, width in decode(item, state.font):
                    parts.append(char)
                    pens.append(pen)
                    pen += (width * state.size + state.char_space) * state.scale
                    if char == " ":
                        pen += state.word_space * state.scale
                    self._glyphs += 1
            elif isinstance(item, (int, float)):
                kern = -float(item) / 1000 * em
                if parts and abs(kern) > APART * abs(em):
                    self._add(parts, [*pens, pen], state, text)
                    parts, pens = [], []
                elif parts and kern > SPACE * abs(em) and parts[-1] != " ":
                    parts.append(" ")
                    pens.append(pen)
                pen += kern
        if self._glyphs > MOST_GLYPHS:
            raise ValueError(f"more than {MOST_GLYPHS:,} characters on the page")
        self._add(parts, [*pens, pen], state, text)
        return times((1, 0, 0, 1, pen, 0), text)

    def _reaches(self, box: Box) -> bool:
        """Return whether a part of `box` lies on the visible page."""
        return box[2] >= 0 and box[3] >= 0 and box[0] <= self._size[0] and box[1] <= self._size[1]

    def _visible(self, pens: Sequence[float], whole: Matrix, rise: float) -> tuple[int, int]:
        """Return the half-open range of the parts that are on the visible page.

        These are all if the middle of the run is visible: a line that bleeds off stays whole.
        """
        if self._reaches(apply(whole, (pens[0] + pens[-1]) / 2, rise) * 2):
            return 0, len(pens) - 1
        middles = [apply(whole, (a + b) / 2, rise) for a, b in pairwise(pens)]
        seen = [n for n, middle in enumerate(middles) if self._reaches(middle * 2)]
        return (seen[0], seen[-1] + 1) if seen else (0, 0)

    def _add(
        self, parts: Sequence[str], pens: Sequence[float], state: State, matrix: Matrix
    ) -> None:
        """Add a run of `parts`; `pens` are where they begin, and where the last one ends."""
        whole = times(matrix, state.matrix)
        first, last = self._visible(pens, whole, state.rise)
        text = "".join(parts[first:last])
        x0, y0 = apply(whole, pens[first], state.rise)
        x1, y1 = apply(whole, pens[last], state.rise)
        size = abs(state.size) * math.hypot(whole[2], whole[3])
        if not text.strip() or not _near((x0, x1, y0, y1, size)) or size <= 0:
            return
        angle = round(math.degrees(math.atan2(-whole[1], whole[0])) / 90) * 90 % 360
        name, bold, italic = font_style(state.font)
        if angle:
            x0, x1 = min(x0, x1), max(x0, x1)
        self.runs.append(
            GlyphRun(
                text,
                x0,
                x1,
                y0 if not angle else max(y0, y1),
                size,
                bold,
                italic,
                f"{name} {state.fill}",
                state.mode not in _INVISIBLE,
                angle,
                self._marks[-1] if self._marks else None,
            )
        )


def _thin(box: Box) -> bool:
    return box[2] - box[0] < 1.5 or box[3] - box[1] < 1.5
