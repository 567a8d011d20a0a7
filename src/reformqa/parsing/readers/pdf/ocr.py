"""Recognise the text of a scanned page: pypdfium2 renders it and tesseract reads it.

The result is the content of a page like any other, so the same steps find its lines, columns and
paragraphs. Tesseract does not report type sizes or baselines. Both are estimated here from the
boxes of the words. Sizes that are nearly equal are made equal, because a heading is recognised by
its size.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from statistics import median

import pypdfium2

from reformqa.errors import UnreadableFileError
from reformqa.parsing.readers.pdf.content import GlyphRun, PageContent
from reformqa.parsing.readers.pdf.guard import UnreadablePageError
from reformqa.parsing.readers.pdf.opening import Document

#: The resolution of rendered pages, and the most pixels on a side.
DPI = 300
MOST_DOTS = 6_000
#: A tesseract that takes more seconds than this for a page, by the clock, is stuck. On a busy
#: machine it may take minutes; the processor seconds of a rebuild are limited for each file.
PATIENCE = 600
#: Lines with a lower confidence (of 100) are specks and drawings, not text. A doubtful word in a
#: good line is kept: a sentence with a misread word is better than one with a missing word.
LEAST_SURE = 30
#: Heights in ems: of tall letters, of "t", of a word with neither, and of descenders.
TALL, MIDDLE, SMALL, TAIL = 0.72, 0.65, 0.52, 0.21
#: Lines whose sizes differ by no more than this share have one size.
ONE_SIZE = 0.12
#: A bullet is often read as one of these signs, followed by a gap of more than this many ems.
BULLET_READ_AS = frozenset("e°¢©®@«»*¤•")
BULLET_GAP = 0.5
#: A stand-in for font and colour, which OCR does not report.
LOOK = "scan 0"
#: Words farther apart than this, in ems, may be in different cells of a table.
ONE_LINE = 2.0

_TALL = re.compile(r"[A-Z0-9bdfhijkl]")
_TAILED = re.compile(r"[gjpqyQ,;()\[\]{}|/@$]")
_LETTERS = re.compile(r"[^\W_]")
#: Tesseract's columns: level, five numbers, left, top, width, height, confidence, text.
_COLUMNS = 12
_PAGE, _WORD = "1", "5"


@dataclass(frozen=True, slots=True)
class _Word:
    """A word and its box, in points."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def em(self) -> float:
        """The type size estimated from the height of the word."""
        high = TALL if _TALL.search(self.text) else MIDDLE if "t" in self.text else SMALL
        tail = TAIL if self.tailed else 0.0
        return (self.bottom - self.top) / (high + tail)

    @property
    def tailed(self) -> bool:
        """Whether the word extends below the baseline."""
        return _TAILED.search(self.text) is not None


def tesseract_available() -> bool:
    """Return whether the `tesseract` command is installed."""
    return shutil.which("tesseract") is not None


def read_scan(document: Document, number: int) -> PageContent:
    """Return the content of page `number` (from 1), read by OCR.

    Raises UnreadableFileError if tesseract is not installed, and UnreadablePageError if it cannot
    read the page.
    """
    if not tesseract_available():
        raise UnreadableFileError(
            f"{document.name} has pages that need OCR. Install tesseract"
            " (Debian's tesseract-ocr package)."
        )
    picture, width, height = _rendered(document, number)
    command = ["tesseract", "-", "-", "--psm", "3", "-l", "eng", "--dpi", str(DPI), "tsv"]
    try:
        done = subprocess.run(
            command,
            input=picture,
            capture_output=True,
            check=True,
            timeout=PATIENCE,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # more threads gain nothing
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadablePageError(f"tesseract did not finish in {PATIENCE} seconds") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise UnreadablePageError(f"tesseract failed ({said[-1]})") from error
    return page_from_tsv(done.stdout.decode(errors="replace"), number, width, height)


def _rendered(document: Document, number: int) -> tuple[bytes, float, float]:
    """Return the page as a greyscale PNG, and its width and height in points."""
    try:
        with document.page(number) as page:
            width, height = page.get_size()
            scale = min(DPI / 72, MOST_DOTS / max(width, height, 1))
            image = page.render(scale=scale, grayscale=True).to_pil()
    except (pypdfium2.PdfiumError, ValueError) as error:
        raise UnreadablePageError(f"it cannot be drawn: {error}") from error
    out = BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), width, height


def page_from_tsv(tsv: str, number: int, width: float, height: float) -> PageContent:
    """Return the content of a page from tesseract's TSV output; its size is in points."""
    lines = list(_lines(tsv, width, height))
    sizes = _settled([(median(w.em for w in ln), sum(len(w.text) for w in ln)) for ln in lines])
    runs = [run for ln, size in zip(lines, sizes, strict=True) for run in _runs(ln, size)]
    return PageContent(number, width, height, tuple(runs), (), ())


def _lines(tsv: str, width: float, height: float) -> Iterator[list[_Word]]:
    """Yield the lines in tesseract's order, converting pixels to points by the page's size."""
    rows = [row.rstrip("\r").split("\t") for row in tsv.split("\n")]
    rows = [row for row in rows if len(row) == _COLUMNS and row[0] in (_PAGE, _WORD)]
    page = next((row for row in rows if row[0] == _PAGE), None)
    if page is None:
        return
    across, down = width / max(1, int(page[8])), height / max(1, int(page[9]))
    words = [row for row in rows if row[0] == _WORD and row[11].strip()]
    for _, group in groupby(words, key=lambda row: row[2:5]):
        line = list(group)
        if median(float(row[10]) for row in line) < LEAST_SURE:
            continue
        found = []
        for row in line:
            if float(row[10]) < LEAST_SURE and not _LETTERS.search(row[11]):
                continue
            left, top, wide, high = map(int, row[6:10])
            box = (left * across, top * down, (left + wide) * across, (top + high) * down)
            found.append(_Word(row[11].strip(), *box))
        if any(_LETTERS.search(w.text) for w in found):
            yield found


def _settled(measured: Sequence[tuple[float, int]]) -> list[float]:
    """Return the size of each line in half points, with nearly equal sizes made equal.

    `measured` contains the size of each line and its number of characters. Of nearly equal sizes,
    the one with the most characters is used.
    """
    counts: Counter[float] = Counter()
    for size, characters in measured:
        counts[max(1.0, round(size * 2) / 2)] += characters
    settled: dict[float, float] = {}
    for size, _ in counts.most_common():
        settled[size] = next((s for s in settled.values() if abs(s - size) <= ONE_SIZE * s), size)
    return [settled[max(1.0, round(size * 2) / 2)] for size, _ in measured]


def _runs(line: Sequence[_Word], size: float) -> Iterator[GlyphRun]:
    """Yield the words of a line, on one baseline and in one size."""
    level = [w.bottom for w in line if not w.tailed]
    base = median(level) if level else median(w.bottom for w in line) - TAIL * size
    for word, following in zip(line, (*line[1:], None), strict=True):
        text, x1 = word.text, word.x1
        gap = following.x0 - x1 if following else 0.0
        if word is line[0] and text in BULLET_READ_AS and gap > BULLET_GAP * size:
            text = "•"
        if following and gap < ONE_LINE * size:
            text, x1 = f"{text} ", max(x1, following.x0)
        yield GlyphRun(text, word.x0, x1, base, size, False, False, LOOK)
