"""What pdfium sees in a PDF: the second witness of the survey of public reports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from ctypes import byref, c_double
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

#: A hyphen at the end of a line, as pdfium marks it, and the break after it.
_BROKEN = re.compile("[\u0002\ufffe\u00ad]\\s*")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Seen:
    """The pages of a PDF, its words inside the CropBox in reading order, and those outside."""

    pages: int
    words: Sequence[str]
    outside: Sequence[str]


def split_words(text: str) -> list[str]:
    """Return the runs of letters and digits in lower case, ligatures taken apart."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def look(path: Path) -> Seen:
    """Return what pdfium sees in a PDF. Raises PdfiumError if it cannot open the file."""
    inside: list[str] = []
    outside: list[str] = []
    with pypdfium2.PdfDocument(path) as document:
        pages = len(document)
        for page in document:
            for text, visible in _runs(page):
                (inside if visible else outside).extend(split_words(text))
            page.close()
    return Seen(pages, inside, outside)


def _runs(page: pypdfium2.PdfPage) -> Iterator[tuple[str, bool]]:
    """Yield the text of a page in runs, each with whether it stands inside the CropBox."""
    left, bottom, right, top = page.get_cropbox()
    textpage = page.get_textpage()
    edges = [c_double() for _ in range(4)]
    run, visible = "", True
    for n in range(textpage.count_chars()):
        letter = chr(pdfium.FPDFText_GetUnicode(textpage, n))
        if not letter.isspace() and pdfium.FPDFText_GetCharBox(textpage, n, *map(byref, edges)):
            x0, x1, y0, y1 = (edge.value for edge in edges)
            here = left <= (x0 + x1) / 2 <= right and bottom <= (y0 + y1) / 2 <= top
            if here != visible:
                yield _BROKEN.sub("", run), visible
                run, visible = "", here
        run += letter
    yield _BROKEN.sub("", run), visible
    textpage.close()
