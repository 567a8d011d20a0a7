"""Images of PDF pages, with the words of a quote highlighted."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from reformqa.citations.locate import Box, Glyph, find_words, standing_in
from reformqa.errors import SourceFileError
from reformqa.model import Paragraph, Region
from reformqa.parsing.pdfium import PDFIUM, frame

if TYPE_CHECKING:
    from PIL.Image import Image

#: The longest side of an image in pixels.
MOST_DOTS = 4_000
#: The highlight colours for words and for a whole paragraph, multiplied into the page.
WORDS = (255, 224, 138)
PARAGRAPH = (255, 246, 219)
#: On a background darker than this (of 255), colours are blended instead of multiplied.
DARK = 100
#: The line beside the paragraph: its colour, and its width and distance in points.
LINE = (180, 83, 10)
LINE_WIDTH = 1.5
LINE_GAP = 5.0
#: The space beside a column that is shown alone, in points, and its least share of the page.
MARGIN, LEAST_BAND = 14.0, 0.6
#: The size of the PNG palette: enough for text and charts in a small file.
COLOURS = 128


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a PNG; `page` counts from 1 to `pages`.

    `marked` says what is highlighted. It is "words" for the quote's own words. It is "paragraph" if
    words were not requested, are on another page or cannot be located, and "nothing" if the
    paragraph is not on this page. `others` are the other pages with the words, or the paragraph.
    """

    png: bytes
    page: int
    pages: int
    marked: Literal["words", "paragraph", "nothing"]
    others: tuple[int, ...]


def draw_page(
    pdf: Path,
    paragraph: Paragraph,
    span: tuple[int, int] = (0, 0),
    page: int | None = None,
    width: int = 900,
    around: float | None = None,
) -> PagePicture:
    """Draw a page of `pdf`, which the paragraph was read from, with paragraph.text[span] marked.

    An empty span marks the paragraph. By default the page is the one on which the words begin.
    `width` is in pixels. With `around`, the image is cropped to this many points above and below
    the mark, and to the paragraph's column, which is then drawn that wide: large enough to read.

    Raises SourceFileError if the file cannot be opened, has no such page or cannot be drawn.
    """
    wanted = _holding(paragraph, span) or paragraph.places
    number = page if page is not None else wanted[0].page if wanted else 1
    places = [p for p in paragraph.places if p.page == number]
    with _opened(pdf) as file:
        pages = len(file)
        with _loaded(pdf, file, number) as shown:
            wide = shown.get_width()
            columns = [p.box for p in places] if around is not None else []
            left, right = _band(wide, columns)
            scale, image = _drawn(shown, round(width * wide / (right - left)) if columns else width)
            words = _words(shown, paragraph, span, [p for p in wanted if p.page == number])
    regions = [p.box for p in places]
    _tint(image, scale, words or regions, WORDS if words else PARAGRAPH)
    _rule(image, scale, regions)
    if around is not None and regions:
        image = _part_around(image, scale, words or regions, around, (left, right))
    return PagePicture(
        _png(image, COLOURS),
        number,
        pages,
        "words" if words else "paragraph" if regions else "nothing",
        tuple(sorted({p.page for p in wanted} - {number})),
    )


def draw_cover(pdf: Path, width: int = 160) -> bytes:
    """Draw the first page as a PNG, `width` pixels wide.

    Raises SourceFileError if the file cannot be opened or drawn.
    """
    with _opened(pdf) as file, _loaded(pdf, file, 1) as shown:
        _, image = _drawn(shown, width)
    return _png(image, 2 * COLOURS)


def _holding(paragraph: Paragraph, span: tuple[int, int]) -> tuple[Region, ...]:
    """Return the regions that contain letters of the span."""
    return tuple(p for p in paragraph.places if _part(paragraph.text, span, p) is not None)


def _part(text: str, span: tuple[int, int], place: Region) -> tuple[int, int] | None:
    """Return the part of the span in a region, or None if it has no letters there."""
    start, end = max(span[0], place.span[0]), min(span[1], place.span[1])
    return (start, end) if any(c.isalnum() for c in text[start:end]) else None


def _words(
    shown: Any, paragraph: Paragraph, span: tuple[int, int], places: Sequence[Region]
) -> list[Box]:
    """Return a box for each line of the span's words, or none if some are not found."""
    parts = [(place, _part(paragraph.text, span, place)) for place in places]
    if not any(part for _, part in parts):
        return []
    glyphs = list(_glyphs(shown))
    boxes: list[Box] = []
    for place, part in parts:
        if part is None:
            continue
        start, end = place.span
        inner = (part[0] - start, part[1] - start)
        found = find_words(paragraph.text[start:end], inner, standing_in(glyphs, place.box))
        if found is None:
            return []
        boxes += found
    return boxes


# The file


@contextmanager
def _opened(pdf: Path) -> Iterator[Any]:
    """Open the file, holding the lock of pdfium."""
    import pypdfium2

    if pdf.suffix.lower() != ".pdf":
        raise SourceFileError(f"{pdf.name} is a text file and has no pages to show.")
    with PDFIUM:
        try:
            file = pypdfium2.PdfDocument(pdf)
        except (OSError, pypdfium2.PdfiumError) as error:
            raise SourceFileError(
                f"{pdf.name} cannot be opened ({error}). Get a new copy of the file."
            ) from error
        with file:
            yield file


@contextmanager
def _loaded(pdf: Path, file: Any, number: int) -> Iterator[Any]:
    """Load page `number`, counted from 1."""
    import pypdfium2

    if not 1 <= number <= len(file):
        raise SourceFileError(f"{pdf.name} has {len(file)} pages. There is no page {number}.")
    try:
        page = file[number - 1]
        try:
            yield page
        finally:
            page.close()
    except (pypdfium2.PdfiumError, _NoSizeError) as error:
        raise SourceFileError(
            f"Page {number} of {pdf.name} cannot be drawn ({error}). Open the file itself."
        ) from error


class _NoSizeError(ValueError):
    """A page has no size."""


def _drawn(page: Any, width: int) -> tuple[float, Image]:
    """Return the scale in pixels per point, and the image of the page."""
    wide, high = page.get_size()
    if not (wide > 0 and high > 0):
        raise _NoSizeError("it has no size")
    scale = min(max(1, width) / wide, MOST_DOTS / max(wide, high))
    scale *= 1 - 1e-6  # sizes are rounded up: 900.0000001 pixels would be 901
    bitmap = page.render(scale=scale)
    try:
        return scale, bitmap.to_pil().convert("RGB")
    finally:
        bitmap.close()


def _glyphs(page: Any) -> Iterator[Glyph]:
    """Yield the page's characters as the reader reads them, in pdfium's order, without spaces."""
    import pypdfium2.raw as pdfium

    from reformqa.parsing.readers.pdf.characters import read_characters

    place = _placing(page)
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    room = pdfium.FS_RECTF()
    text = page.get_textpage()
    try:
        shown = read_characters(text).values()
        characters = [pair for s in shown for pair in zip(s.indexes, s.characters, strict=True)]
        for n, character in sorted(characters):
            if character.isspace():
                continue
            pdfium.FPDFText_GetCharBox(text, n, left, right, bottom, top)
            pdfium.FPDFText_GetLooseCharBox(text, n, room)
            yield Glyph(
                character,
                place(left.value, bottom.value, right.value, top.value),
                place(room.left, room.bottom, room.right, room.top),
            )
    finally:
        text.close()


def _placing(page: Any) -> Callable[[float, float, float, float], Box]:
    """Return a function from PDF coordinates to points from the top left of the page as shown."""
    a, b, c, d, e, f = frame(page)[0]

    def place(x0: float, y0: float, x1: float, y1: float) -> Box:
        xs = (a * x0 + c * y0 + e, a * x1 + c * y1 + e)
        ys = (b * x0 + d * y0 + f, b * x1 + d * y1 + f)
        return (min(xs), min(ys), max(xs), max(ys))

    return place


# The image


def _tint(image: Image, scale: float, boxes: Sequence[Box], colour: tuple[int, int, int]) -> None:
    """Tint the boxes, overlaps only once, so that the print stays readable."""
    from PIL import Image, ImageChops, ImageDraw, ImageStat

    mask = Image.new("1", image.size)
    draw = ImageDraw.Draw(mask)
    for box in boxes:
        draw.rectangle([round(v * scale) for v in box], fill=1)
    area = mask.getbbox()
    if area:
        part, mask = image.crop(area), mask.crop(area)
        ink = Image.new("RGB", part.size, colour)
        dark = ImageStat.Stat(part.convert("L"), mask).median[0] < DARK
        over = Image.blend(part, ink, 0.5) if dark else ImageChops.multiply(part, ink)
        image.paste(over, area[:2], mask)


def _rule(image: Image, scale: float, regions: Sequence[Box]) -> None:
    """Draw a thin line to the left of each region."""
    from PIL import ImageDraw

    draw = ImageDraw.Draw(image)
    for x0, top, _, bottom in regions:
        right = max(LINE_WIDTH, x0 - LINE_GAP)
        line = (right - LINE_WIDTH, top, right, bottom)
        draw.rectangle([round(v * scale) for v in line], fill=LINE)


def _band(wide: float, boxes: Sequence[Box]) -> tuple[float, float]:
    """Return the left and right of the boxes' column, with margins; the page's for no boxes.

    It has at least `LEAST_BAND` of the page's width, so that no word is drawn as a headline.
    """
    if not boxes:
        return 0.0, wide
    left = min(box[0] for box in boxes) - MARGIN
    right = max(box[2] for box in boxes) + MARGIN
    missing = max(0.0, LEAST_BAND * wide - (right - left)) / 2
    left, right = left - missing, right + missing
    inward = max(0.0, -left) - max(0.0, right - wide)
    return max(0.0, left + inward), min(wide, right + inward)


def _part_around(
    image: Image,
    scale: float,
    boxes: Sequence[Box],
    around: float,
    band: tuple[float, float],
) -> Image:
    """Crop the image to a band of its width, and to `around` points above and below the boxes."""
    top = max(0, round((min(box[1] for box in boxes) - around) * scale))
    bottom = min(image.height, round((max(box[3] for box in boxes) + around) * scale))
    left, right = round(band[0] * scale), min(image.width, round(band[1] * scale))
    return image.crop((left, top, right, bottom)) if top < bottom and left < right else image


def _png(image: Image, colours: int) -> bytes:
    from PIL import Image

    out = BytesIO()
    fewer = image.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    fewer.save(out, "PNG")
    return out.getvalue()
