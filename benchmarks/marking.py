"""Mark sentences on the pages that they stand on, and read back what is marked.

    python benchmarks/marking.py [--shared ../shared] [--sample 200] [--seed 1] [FILE.pdf …]

Of every file (the typeset reports, unless named), so many of the sentences that can be quoted are
drawn as the app draws them, on every page that they stand on; 0 takes all. What is marked is told
from the picture alone: the characters, where pdfium puts them, whose box is yellower than in the
same page drawn without marks (on a dark ground: lighter).

words: the share whose own words alone are said to be marked. paragraph: the share of which only
the paragraph is marked. wrong: those said to be marked whose marked letters, in order, are not
the sentence's, or whose pages are not those of the truth's block that is the paragraph.
placeless: those of paragraphs without a place, which cannot be marked. ms, p95: of a picture, the
file opened for each; a median and a 95th percentile.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw
from PIL import Image

from readers import letters
from reformqa.citations.page_image import PagePicture, draw_page
from reformqa.model import Paragraph
from reformqa.parsing import parse
from reformqa.text.sentences import sentences

#: How much less blue, and at most less red, a dot under the highlighter is (of 255); how much
#: more red on a dark ground.
BLUE, RED, LIGHTER = 30, 40, 20
#: The share of a character's box that has to be marked; the print itself stays black.
MARKED = 0.45
#: What marks nothing.
NOWHERE = Paragraph("-", "-", 1, "body", "-", "-", -1, (), "front")


@dataclass
class Score:
    """The outcomes of a file's sentences, and how long each picture took, in milliseconds."""

    words: int = 0
    paragraph: int = 0
    placeless: int = 0
    wrong: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """How many sentences there were."""
        return self.words + self.paragraph + self.placeless + len(self.wrong)


def marked_letters(pdf: Path, drawn: PagePicture) -> str:
    """The letters and digits that are marked on a page's picture, in the page's order."""
    now = _dots(drawn.png)
    less = _blank(pdf, drawn.page, now.shape[1]) - now
    yellow = ((less[..., 2] > BLUE) & (less[..., 0] < RED)) | (less[..., 0] < -LIGHTER)
    marked = []
    for character, (x0, top, x1, bottom) in _characters(pdf, drawn.page, *yellow.shape[::-1]):
        part = yellow[top : bottom + 1, x0 : x1 + 1]
        if part.size and part.mean() > MARKED:
            marked.append(character)
    return letters("".join(marked))


def _dots(png: bytes) -> np.ndarray[Any, np.dtype[np.int16]]:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"), dtype=np.int16)


@lru_cache(maxsize=50)
def _blank(pdf: Path, number: int, width: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    return _dots(draw_page(pdf, NOWHERE, page=number, width=width).png)


@lru_cache(maxsize=50)
def _characters(
    pdf: Path, number: int, width: int, height: int
) -> list[tuple[str, tuple[int, int, int, int]]]:
    """Each character of a page, and its box in dots of a picture of that size."""
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


def score(pdf: Path, truth: Path | None, sample: int, seed: int) -> Score:
    """Mark a sample of the sentences of a file, and judge each."""
    report = parse(pdf)
    pages = _true_pages(truth)
    quotable = [
        (paragraph, span)
        for paragraph in report.paragraphs
        if paragraph.searchable
        for span, _ in sentences(paragraph.text)
    ]
    if 0 < sample < len(quotable):
        quotable = random.Random(seed).sample(quotable, sample)
    found = Score()
    for paragraph, span in sorted(quotable, key=lambda pair: pair[0].number):
        _judge(found, pdf, paragraph, span, pages)
    return found


def _judge(
    found: Score,
    pdf: Path,
    paragraph: Paragraph,
    span: tuple[int, int],
    pages: dict[str, tuple[int, int]],
) -> None:
    if not paragraph.places:
        found.placeless += 1
        return
    drawn = list(_pictures(found, pdf, paragraph, span))
    if not all(picture.marked == "words" for picture in drawn):
        found.paragraph += 1
        return
    shown = "".join(marked_letters(pdf, picture) for picture in drawn)
    first, last = pages.get(letters(paragraph.text), (drawn[0].page, drawn[-1].page))
    sentence = paragraph.text[slice(*span)]
    if shown == letters(sentence) and first <= drawn[0].page <= drawn[-1].page <= last:
        found.words += 1
    else:
        found.wrong.append(f"p. {drawn[0].page}: {sentence[:80]!r} marked as {shown[:80]!r}")


def _pictures(
    found: Score, pdf: Path, paragraph: Paragraph, span: tuple[int, int]
) -> Iterator[PagePicture]:
    """The pages that a span stands on, from the first."""
    page: int | None = None
    rest: tuple[int, ...] = ()
    while page is None or rest:
        if page is not None:
            page, rest = rest[0], rest[1:]
        began = time.perf_counter()
        picture = draw_page(pdf, paragraph, span, page)
        found.times.append(1000 * (time.perf_counter() - began))
        if page is None:
            page, rest = picture.page, picture.others
        yield picture


def _true_pages(truth: Path | None) -> dict[str, tuple[int, int]]:
    """The first and last page of each block of a truth, by its letters, where they are its own."""
    if truth is None or not truth.is_file():
        return {}
    blocks = json.loads(truth.read_text(encoding="utf-8"))["blocks"]
    forms = [letters(block["text"]) for block in blocks]
    return {
        form: (block["pages"][0], block["pages"][1])
        for form, block in zip(forms, blocks, strict=True)
        if forms.count(form) == 1
    }


def rows(scores: dict[str, Score]) -> Iterator[str]:
    """The table, and under it what is marked wrongly."""
    wide = max(map(len, [*scores, "all"]))
    heads = ("sentences", "words", "paragraph", "wrong", "placeless", "ms", "p95")
    yield " ".join([" " * wide, *(f"{head:>9}" for head in heads)])
    for name, found in scores.items():
        shares = [found.words / found.asked, found.paragraph / found.asked]
        counts = [len(found.wrong), found.placeless]
        times = np.percentile(found.times, [50, 95]) if found.times else [0.0, 0.0]
        cells = [f"{found.asked:>9,}", *(f"{share:>9.4f}" for share in shares)]
        cells += [*(f"{count:>9}" for count in counts), *(f"{ms:>9.0f}" for ms in times)]
        yield " ".join([f"{name:<{wide}}", *cells])
    for name, found in scores.items():
        if name != "all":
            yield from (f"{name}, {wrong}" for wrong in found.wrong)


def together(scores: Sequence[Score]) -> Score:
    """One score of several."""
    return Score(
        sum(s.words for s in scores),
        sum(s.paragraph for s in scores),
        sum(s.placeless for s in scores),
        [w for s in scores for w in s.wrong],
        [t for s in scores for t in s.times],
    )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("files", nargs="*", type=Path)
    shared = Path(__file__).resolve().parents[2] / "shared"
    options.add_argument("--shared", type=Path, default=shared)
    options.add_argument("--sample", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    files = given.files or sorted((given.shared / "corpus" / "typeset").glob("*.pdf"))
    scores = {
        pdf.stem: score(pdf, pdf.with_suffix(".json"), given.sample, given.seed) for pdf in files
    }
    if len(scores) > 1:
        scores["all"] = together(list(scores.values()))
    print(*rows(scores), sep="\n")


if __name__ == "__main__":
    main()
