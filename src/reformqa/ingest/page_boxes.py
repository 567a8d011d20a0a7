"""The pages of a PDF as HTML, with a box around each paragraph."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pypdfium2

from reformqa.model import Paragraph, Region
from reformqa.parsing.pdfium import PDFIUM

#: Pixels for each point of a page, and the most pixels on a side.
SCALE = 1.5
MOST_DOTS = 2_000
#: The colours of a PNG and the quality of a JPEG. Text is smaller as PNG, photographs as JPEG.
COLOURS = 32
QUALITY = 60
#: A box closer to the left edge of the page than this, in points, has its number inside.
EDGE = 26


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as drawn: its size in points, and its picture as a data URI."""

    width: float
    height: float
    picture: str


def count_pages(pdf: Path) -> int:
    """Return the number of pages of a PDF."""
    with PDFIUM, pypdfium2.PdfDocument(pdf) as file:
        return len(file)


def draw_sheet(pdf: Path, number: int) -> Sheet:
    """Draw page `number`, from 1, in PNG or JPEG, whichever is smaller."""
    with PDFIUM, pypdfium2.PdfDocument(pdf) as file:
        page = file[number - 1]
        width, height = page.get_size()
        scale = min(SCALE, MOST_DOTS / max(width, height, 1))
        image = page.render(scale=scale).to_pil()
        png, jpeg = BytesIO(), BytesIO()
        image.quantize(COLOURS).save(png, "PNG")
        image.save(jpeg, "JPEG", quality=QUALITY, optimize=True)
    name, data = min((("png", png), ("jpeg", jpeg)), key=lambda pair: len(pair[1].getvalue()))
    picture = f"data:image/{name};base64,{b64encode(data.getvalue()).decode()}"
    return Sheet(width, height, picture)


def page_html(
    sheet: Sheet | str,
    number: int,
    count: int,
    placed: Sequence[tuple[Paragraph, int]],
    remark: str | None,
) -> str:
    """Return the HTML of page `number` (from 1): its heading, picture and boxes.

    `sheet` is the page as drawn, or why it cannot be. `placed` contains each paragraph on the page
    with the index of its place there; `remark` says what is unusual about the page.
    """
    if isinstance(sheet, Sheet):
        width, height = sheet.width, sheet.height
        picture = f'<img alt="" decoding="async" src="{sheet.picture}">'
    else:
        width, height = _reach([p.places[part] for p, part in placed])
        picture = f'<p class="missing">{html.escape(sheet)}</p>'
    boxes = "\n".join(
        _box(paragraph, part, width, height, first=n == 0)
        for n, (paragraph, part) in enumerate(placed)
    )
    flag = f'<span class="remark">{remark}</span>' if remark else ""
    many = f"{len(placed)} {'box' if len(placed) == 1 else 'boxes'}"
    return (
        f'<section class="page" id="page-{number}" aria-label="Page {number}">'
        f"<h3>Page {number} <span>of {count} · {many}</span>{flag}</h3>"
        f'<div class="sheet" style="aspect-ratio:{width:.2f}/{height:.2f}">{picture}\n{boxes}'
        "</div></section>\n"
    )


def _reach(places: Sequence[Region]) -> tuple[float, float]:
    """Return a size for a page that cannot be drawn: A4, or larger if its boxes need it."""
    rights, bottoms = [p.box[2] for p in places], [p.box[3] for p in places]
    return max(595.0, *rights, 0.0), max(842.0, *bottoms, 0.0)


def _box(paragraph: Paragraph, part: int, width: float, height: float, *, first: bool) -> str:
    x0, top, x1, bottom = paragraph.places[part].box
    left, wide = 100 * x0 / width, 100 * (x1 - x0) / width
    down, high = 100 * top / height, 100 * (bottom - top) / height
    above = 1000 - min(999, max(0, round(wide * high / 10)))  # small boxes over large ones
    number = f'<b class="more">…</b>{paragraph.number}' if part else str(paragraph.number)
    words = paragraph.text if len(paragraph.text) <= 90 else f"{paragraph.text[:90]}…"
    more = f", part {part + 1}" if part else ""
    label = html.escape(f"{paragraph.number}, {paragraph.kind}{more}: {words}")
    return (
        f'<button type="button" class="box {paragraph.kind}{" inward" if x0 < EDGE else ""}"'
        f' data-id="{html.escape(paragraph.id)}" data-part="{part}" data-kind="{paragraph.kind}"'
        f' tabindex="{0 if first else -1}" aria-label="{label}" style="left:{left:.2f}%;'
        f'top:{down:.2f}%;width:{wide:.2f}%;height:{high:.2f}%;z-index:{above}">'
        f"<span>{number}</span></button>"
    )
