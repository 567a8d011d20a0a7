"""Read back from a page's picture which of its characters are highlighted."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw
from PIL import Image

from reformqa.citations.page_image import PagePicture, draw_page
from reformqa.model import Paragraph
from reformqa.text.similarity import letters

#: How much less blue, and at most less red, a highlighted dot is (of 255), and how much more red
#: on a dark ground.
BLUE, RED, LIGHTER = 30, 40, 20
#: The share of a character's box that must be highlighted; the print itself stays black.
MARKED = 0.45
#: A paragraph without a place, which highlights nothing.
NOWHERE = Paragraph("-", "-", 1, "body", "-", "-", -1, (), "front")


def marked_letters(pdf: Path, drawn: PagePicture) -> str:
    """Return the highlighted letters and digits of a page's picture, in the page's order.

    A character counts if most of its box is yellower than in the same page drawn without
    highlights, or lighter on a dark ground.
    """
    now = _dots(drawn.png)
    less = _blank(pdf, drawn.page, now.shape[1]) - now
    yellow = ((less[..., 2] > BLUE) & (less[..., 0] < RED)) | (less[..., 0] < -LIGHTER)
    marked = []
    for character, (x0, top, x1, bottom) in _characters(pdf, drawn.page, *yellow.shape[::-1]):
        part = yellow[top : bottom + 1, x0 : x1 + 1]
        if part.size and part.mean() > MARKED:
            marked.append(character)
    return letters("".join(marked))


def _dots(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"), dtype=np.int16)


@lru_cache(maxsize=50)
def _blank(pdf: Path, number: int, width: int) -> np.ndarray:
    return _dots(draw_page(pdf, NOWHERE, page=number, width=width).png)


@lru_cache(maxsize=50)
def _characters(
    pdf: Path, number: int, width: int, height: int
) -> list[tuple[str, tuple[int, int, int, int]]]:
    """Return each character of a page with its box in dots of a picture of that size."""
    found = []
    with pypdfium2.PdfDocument(pdf) as file:
        page = file[number - 1]
        text = page.get_textpage()
        x, y = ctypes.c_int(), ctypes.c_int()

        def dot(across: float, up: float) -> tuple[int, int]:
            size = (0, 0, width, height, 0)
            pypdfium2.raw.FPDF_PageToDevice(page, *size, across, up, x, y)
            return x.value, y.value

        for n in range(text.count_chars()):
            character = chr(pypdfium2.raw.FPDFText_GetUnicode(text, n))
            if not character.isalnum():
                continue
            left, bottom, right, top = text.get_charbox(n, loose=True)
            (a, b), (c, d) = dot(left, bottom), dot(right, top)
            found.append((character, (min(a, c), min(b, d), max(a, c), max(b, d))))
        text.close()
        page.close()
    return found
