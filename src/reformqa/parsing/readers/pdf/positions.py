"""Read a PDF page's content: the text shown, with its place and look, and what is drawn.

pypdf parses the file, its content streams and its fonts. Its text visitor tells where a run of
text starts, but not where it ends, loses the place of text in form XObjects, and does not tell
invisible text; so the operators that place text (ISO 32000-1, 8.4 and 9.3 to 9.4) are followed
here, on what pypdf has parsed. Coordinates are points from the top left corner of the page as a
viewer shows it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pypdf import PageObject
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ContentStream,
    DictionaryObject,
    NameObject,
    RectangleObject,
    StreamObject,
)
from pypdf.generic._font import Font

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
    number,
    numbers,
    rectangle,
    times,
)

#: What pypdf and the following of operators raise on files that break the rules.
BROKEN = (
    PyPdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)
#: A gap within a shown string that is a space, and one that parts two runs, in ems.
SPACE = 0.16
APART = 1.0
#: Forms within forms, and glyphs on a page, beyond which a page is hostile.
DEEPEST_FORM = 12
MOST_GLYPHS = 200_000
#: Drawn areas and rules kept of a page; a map or a chart has many times more than it needs.
MOST_SHAPES = 5_000
#: A shape no thicker than this, in points, is a rule.
RULE = 2.6
#: More characters than a cover prints over its photograph.
LAYER = 400
#: More shapes than a frame and some rules make.
FEW_SHAPES = 12

_INVISIBLE = (3, 7)
_PATH_ENDS = {b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"n"}
_SHOWS = {b"Tj", b"TJ", b"'", b'"'}
_COLOURS = {b"g", b"rg", b"k", b"sc", b"scn"}
_FILLS = {b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"}


@dataclass(frozen=True, slots=True)
class GlyphRun:
    """Text in one look on one baseline, as drawn.

    `base` is the baseline; `size` the type size as seen; `angle` the text's direction in degrees
    counter-clockwise, 0 for upright text; `look` names font and colour.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool
    italic: bool
    look: str
    visible: bool = True
    angle: int = 0

    @property
    def box(self) -> Box:
        """The run's box, ascenders and descenders included."""
        return (self.x0, self.base - 0.78 * self.size, self.x1, self.base + 0.22 * self.size)


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled or stroked rectangle or straight line; `fill` is its colour, or None."""

    box: Box
    fill: str | None

    @property
    def width(self) -> float:
        """In points."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """In points."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a page shows: its size, its runs in drawing order, its shapes, its images' boxes."""

    number: int
    width: float
    height: float
    runs: tuple[GlyphRun, ...]
    shapes: tuple[Shape, ...]
    images: tuple[Box, ...]

    @property
    def scanned(self) -> bool:
        """Whether its text is the layer that a scanner's program put under or over a picture."""
        if not self.runs:
            return False
        page = self.width * self.height
        covered = any((b[2] - b[0]) * (b[3] - b[1]) > 0.8 * page for b in self.images)
        hidden = not any(r.visible for r in self.runs)
        return hidden or (covered and sum(len(r.text) for r in self.runs) > LAYER)

    @property
    def pictured(self) -> bool:
        """Whether it shows more than a few lines: a page without text may then be a scan."""
        return bool(self.images) or len(self.shapes) > FEW_SHAPES


def read_page(page: PageObject, number: int, fonts: dict[int, Font | None]) -> PageContent:
    """The content of a page; `fonts` keeps the fonts read so far, by object, between pages.

    Raises PyPdfError where the page is broken, RecursionError or ValueError where it is hostile.
    """
    left, bottom, right, top = _shown(page)
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
    reader = _ContentReader(page.pdf, fonts)
    contents = page.get_contents()
    if contents is not None:
        reader.read(contents, _resources(page), flip, 0)
    return PageContent(
        number, width, height, tuple(reader.runs), tuple(reader.shapes), tuple(reader.images)
    )


def _shown(page: PageObject) -> Box:
    """What a viewer shows of a page: its crop box as far as its media box goes, in the file's own
    coordinates (left, bottom, right, top)."""
    media = _corners(page.mediabox)
    try:
        crop = _corners(page.cropbox)
    except ValueError:  # no four numbers
        return media
    left, bottom = max(crop[0], media[0]), max(crop[1], media[1])
    right, top = min(crop[2], media[2]), min(crop[3], media[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def _corners(box: RectangleObject) -> Box:
    """The box with its lower left corner first, whichever corners the file names."""
    (left, right), (bottom, top) = sorted((box.left, box.right)), sorted((box.bottom, box.top))
    return (float(left), float(bottom), float(right), float(top))


def _resources(page: DictionaryObject) -> DictionaryObject:
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


class _ContentReader:
    """Follows the operators of a page and of the forms it draws."""

    def __init__(self, pdf: Any, fonts: dict[int, Font | None]) -> None:
        self.runs: list[GlyphRun] = []
        self.shapes: list[Shape] = []
        self.images: list[Box] = []
        self._pdf = pdf
        self._fonts = fonts
        self._glyphs = 0
        self._kept: list[Any] = []

    def read(
        self, stream: StreamObject, resources: DictionaryObject, matrix: Matrix, depth: int
    ) -> None:
        """Follow one content stream, its coordinates led to the page's by `matrix`."""
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
            elif operator == b"Do":
                self._do(resources, operands, at.state, depth)

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
            path = [hull(path)]  # an area drawn as a path
        self.shapes += [Shape(box, fill) for box in path]

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
                self._fonts[key] = Font.from_font_resource(found)
            except BROKEN:  # the page's other fonts may be whole
                self._fonts[key] = None
            self._kept.append(found)  # while it lives, nothing else has its id
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
            self.images.append(rectangle((0, 0, 1, 1), state.matrix))
        elif thing.get("/Subtype") == "/Form":
            if depth >= DEEPEST_FORM:
                raise ValueError(f"forms within forms, deeper than {DEEPEST_FORM}")
            inner = thing.get("/Matrix")
            matrix = times(matrix_of(inner), state.matrix) if inner else state.matrix
            own = thing.get("/Resources")
            own = own.get_object() if own is not None else resources
            self.read(
                thing, own if isinstance(own, DictionaryObject) else resources, matrix, depth + 1
            )

    def _show(self, operands: Sequence[Any], state: State, text: Matrix) -> Matrix:
        """Show strings (and kerns); return the text matrix after them."""
        if not operands:
            return text
        shown = operands[0] if isinstance(operands[0], list) else [operands[0]]
        parts: list[str] = []
        start = pen = 0.0
        em = state.size * state.scale or 1.0
        for item in shown:
            if isinstance(item, (bytes, str)) and not isinstance(item, NameObject):
                for char, width in _decode(item, state.font):
                    parts.append(char)
                    pen += (width * state.size + state.char_space) * state.scale
                    if char == " ":
                        pen += state.word_space * state.scale
                    self._glyphs += 1
            elif isinstance(item, (int, float)):
                kern = -float(item) / 1000 * em
                if parts and abs(kern) > APART * abs(em):
                    self._add("".join(parts), state, text, start, pen)
                    parts, start = [], pen + kern
                elif parts and kern > SPACE * abs(em) and parts[-1] != " ":
                    parts.append(" ")
                elif not parts:
                    start = pen + kern
                pen += kern
        if self._glyphs > MOST_GLYPHS:
            raise ValueError(f"more than {MOST_GLYPHS:,} characters on the page")
        self._add("".join(parts), state, text, start, pen)
        return times((1, 0, 0, 1, pen, 0), text)

    def _add(self, text: str, state: State, matrix: Matrix, start: float, end: float) -> None:
        whole = times(matrix, state.matrix)
        x0, y0 = apply(whole, start, state.rise)
        x1, y1 = apply(whole, end, state.rise)
        size = abs(state.size) * math.hypot(whole[2], whole[3])
        if not text.strip() or not math.isfinite(x0 + x1 + y0 + y1) or size <= 0:
            return
        angle = round(math.degrees(math.atan2(-whole[1], whole[0])) / 90) * 90 % 360
        name = state.font.name if state.font else ""
        descriptor = state.font.font_descriptor if state.font else None
        plain = name.lower().partition("+")[2] or name.lower()
        bold = any(w in plain for w in ("bold", "black", "heavy", "semibold", "-demi")) or (
            descriptor is not None and bool(int(number(descriptor.flags)) & 0x40000)
        )
        italic = "italic" in plain or "oblique" in plain
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
                f"{plain} {state.fill}",
                state.mode not in _INVISIBLE,
                angle,
            )
        )


def _decode(shown: bytes | str, font: Font | None) -> list[tuple[str, float]]:
    """The characters of a shown string, and the width of each in ems."""
    if font is None:
        text = shown if isinstance(shown, str) else shown.decode("latin-1")
        return [(c, 0.5) for c in text]
    if isinstance(shown, str):
        codes = texts = list(shown)
    elif isinstance(font.encoding, str):
        try:
            codes = list(shown.decode(font.encoding, "surrogatepass"))
        except UnicodeDecodeError:
            codes = list(shown.decode(font.encoding, "replace"))
        texts = codes
    else:
        codes = [chr(b) for b in shown]
        texts = [font.encoding.get(b, chr(b)) for b in shown]
    widths, default = font.character_widths, font.character_widths.get("default", 500)
    return [
        (
            str(font.character_map.get(t, t)),
            number(font.space_width if c == font.space_char else widths.get(c, default)) / 1000,
        )
        for c, t in zip(codes, texts, strict=True)
    ]


def _thin(box: Box) -> bool:
    return box[2] - box[0] < 1.5 or box[3] - box[1] < 1.5
