"""Small PDFs made by hand, and the records that reading one of their pages gives.

A page is 600 by 800 points unless said otherwise; `top` is always measured from the page's top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
from pypdf._codecs.core_font_metrics import CORE_FONT_METRICS

from reformqa import Paragraph, Report
from reformqa.parsing import parse
from reformqa.parsing.readers.pdf.content import GlyphRun, PageContent, Shape
from reformqa.parsing.readers.pdf.graphics import Box
from reformqa.parsing.readers.pdf.lines import Line, read_lines
from reformqa.parsing.readers.pdf.page_reading import read_page

WIDTH, HEIGHT = 600, 800
LEFT = 50
#: Paragraphs of a few lines.
MILL = (
    "The mill stands where the canal bends, and for two hundred years the farmers of the valley"
    " have brought their rye to it in the first dry week of autumn."
)
OVEN = (
    "Ovens are lit before dawn by whoever lives nearest, and the wood is paid for out of a box"
    " that hangs beside the door of the bakery and is never locked."
)
SALT = (
    "Salt came up the canal by boat until the railway took the trade away, and with it went the"
    " four inns that had lived on thirsty bargemen."
)
#: The fonts of every made PDF, by the name that its pages use.
FONTS = {
    "F1": "Helvetica",
    "F2": "Helvetica-Bold",
    "F3": "Helvetica-Oblique",
    "F4": "Times-Roman",
}
#: Characters that WinAnsiEncoding lacks, at codes that it leaves free.
EXTRA = {"ﬁ": 0x01, "ﬂ": 0x02, "ﬀ": 0x03}


@dataclass(frozen=True)
class Form:
    """A form XObject: its operators, and its /Matrix; or an image, and its samples."""

    content: str
    matrix: str | None = None
    image: bool = False


#: An image of one grey dot: as a page's form "/X0", drawn by `picture`.
DOT = Form("\xbb", image=True)


@dataclass(frozen=True)
class Sheet:
    """A page: its operators, what is written in its dictionary besides, and the forms it draws.

    The forms are called X0, X1, …
    """

    content: str
    entries: str = ""
    forms: tuple[Form, ...] = ()


def width(text: str, size: float = 10, font: str = "F1") -> float:
    """How wide a text is in one of the fonts, in points."""
    widths = CORE_FONT_METRICS[FONTS[font]].character_widths
    return sum(widths[c] for c in text) * size / 1000


def escaped(text: str) -> str:
    """A text as a PDF string, one character a byte."""
    coded = bytes(EXTRA[c] if c in EXTRA else c.encode("cp1252")[0] for c in text)
    plain = coded.decode("latin-1")
    return "".join(f"\\{c}" if c in "()\\" else c for c in plain)


def text(words: str, x: float, top: float, size: float = 10, font: str = "F1") -> str:
    """Operators that show words with their baseline `top` from the page's top."""
    return f"BT /{font} {size} Tf 1 0 0 1 {x} {HEIGHT - top} Tm ({escaped(words)}) Tj ET"


def rectangle(x0: float, top: float, x1: float, bottom: float, colour: str = "0.9 g") -> str:
    """Operators that fill a rectangle."""
    return f"q {colour} {x0} {HEIGHT - bottom} {x1 - x0} {bottom - top} re f Q"


def picture(x0: float, top: float, x1: float, bottom: float) -> str:
    """Operators that draw the image X0."""
    return f"q {x1 - x0} 0 0 {bottom - top} {x0} {HEIGHT - bottom} cm /X0 Do Q"


def stroke(x0: float, top: float, x1: float, bottom: float) -> str:
    """Operators that draw a straight line."""
    return f"q 0.5 w {x0} {HEIGHT - top} m {x1} {HEIGHT - bottom} l S Q"


def set_lines(lines: Iterable[str], top: float, *, x: float = LEFT, step: float = 12) -> str:
    """Operators that set lines of 10 points under one another."""
    return "\n".join(text(words, x, top + n * step) for n, words in enumerate(lines))


def wrapped(words: str, measure: float, size: float = 10, font: str = "F1") -> list[str]:
    """Words broken into lines that are at most so wide."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, font) <= measure:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def pdf(
    *pages: str | Sheet,
    info: dict[str, str] | None = None,
    outline: Sequence[tuple[str, int]] = (),
    more_fonts: dict[str, str] | None = None,
    labels: str = "",
) -> bytes:
    """A PDF of those pages; `outline` are titles and the pages (from 1) that they lead to.

    `more_fonts` are the bodies of font dictionaries by name, and `labels` is the array /Nums of
    the page labels.
    """
    objects = ["", ""]

    def add(body: str) -> int:
        objects.append(body)
        return len(objects)

    ligatures = "/Differences [1 /fi /fl /ff]"
    coding_at = add(f"<< /Type /Encoding /BaseEncoding /WinAnsiEncoding {ligatures} >>")
    fonts = " ".join(f"/{name} {add(_font(base, coding_at))} 0 R" for name, base in FONTS.items())
    for name, body in (more_fonts or {}).items():
        fonts += f" /{name} {add(body)} 0 R"
    kids = []
    for page in pages:
        sheet = page if isinstance(page, Sheet) else Sheet(page)
        first = len(objects) + 1
        drawn = " ".join(f"/X{n} {first + n} 0 R" for n in range(len(sheet.forms)))
        for form in sheet.forms:
            add(_form(form, fonts, drawn))
        at = add(stream("", sheet.content))
        box = "" if "/MediaBox" in sheet.entries else f"/MediaBox [0 0 {WIDTH} {HEIGHT}]"
        kids.append(
            add(
                f"<< /Type /Page /Parent 2 0 R {box} /Contents {at} 0 R {sheet.entries}"
                f" /Resources << /Font << {fonts} >> /XObject << {drawn} >> >> >>"
            )
        )
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{listed}] /Count {len(kids)} >>"
    marks = _outline(add, outline, kids) if outline else ""
    named = f"/PageLabels << /Nums [{labels}] >>" if labels else ""
    objects[0] = f"<< /Type /Catalog /Pages 2 0 R {marks} {named} >>"
    return assemble(objects, info)


def number_of_font(name: str, more_fonts: dict[str, str]) -> int:
    """The number of the object of one of the additional fonts (or of a map that one needs)."""
    return 3 + len(FONTS) + 1 + list(more_fonts).index(name)


def _font(base: str, coding: int) -> str:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{base} /Encoding {coding} 0 R >>"


def _form(form: Form, fonts: str, drawn: str) -> str:
    if form.image:
        look = "/Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
        return stream(f"/Type /XObject /Subtype /Image {look}", form.content)
    matrix = f"/Matrix [{form.matrix}]" if form.matrix else ""
    return stream(
        f"/Type /XObject /Subtype /Form /BBox [0 0 1000 1000] {matrix}"
        f" /Resources << /Font << {fonts} >> /XObject << {drawn} >> >>",
        form.content,
    )


def stream(entries: str, content: str) -> str:
    """A stream object."""
    return f"<< /Length {len(content)} {entries} >>\nstream\n{content}\nendstream"


def _outline(add: Any, outline: Sequence[tuple[str, int]], kids: Sequence[int]) -> str:
    first = add("") + 1
    root = first - 1
    for n, (title, page) in enumerate(outline):
        following = f"/Next {first + n + 1} 0 R" if n + 1 < len(outline) else ""
        before = f"/Prev {first + n - 1} 0 R" if n else ""
        add(
            f"<< /Title ({escaped(title)}) /Parent {root} 0 R {before} {following}"
            f" /Dest [{kids[page - 1]} 0 R /Fit] >>"
        )
    last = first + len(outline) - 1
    root_body = f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(outline)} >>"
    return f"/Outlines {add(root_body)} 0 R"


def assemble(objects: Sequence[str], info: dict[str, str] | None = None) -> bytes:
    """A PDF file of these objects, the catalogue first."""
    objects = list(objects)
    told = ""
    if info is not None:
        objects.append("<< " + " ".join(f"/{k} ({escaped(v)})" for k, v in info.items()) + " >>")
        told = f"/Info {len(objects)} 0 R"
    out, starts = b"%PDF-1.4\n", []
    for n, body in enumerate(objects, start=1):
        starts.append(len(out))
        out += f"{n} 0 obj\n{body or 'null'}\nendobj\n".encode("latin-1")
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    tail = (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {told} >>\n"
        f"startxref\n{len(out)}\n%%EOF\n"
    )
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    return out + (head + table + tail).encode("latin-1")


def content(page: str | Sheet, number: int = 1) -> PageContent:
    """What the reader finds on a page of these operators."""
    return content_of(pdf(page), 1, number)


def content_of(file: bytes | Path, at: int = 1, number: int | None = None) -> PageContent:
    """What the reader finds on page `at` of a file, called page `number`."""
    with pypdfium2.PdfDocument(file) as document:
        return read_page(document[at - 1], number or at)


def report(folder: Path, *pages: str | Sheet, name: str = "made.pdf", **more: Any) -> Report:
    """The report that is read from a PDF of these pages."""
    file = folder / name
    file.write_bytes(pdf(*pages, **more))
    return parse(file)


def one(read: Report, opening: str) -> Paragraph:
    """The only paragraph that begins so."""
    (found,) = [p for p in read.paragraphs if p.text.startswith(opening)]
    return found


# Records, without a file


def run(words: str, x: float, base: float, size: float = 10, **changes: Any) -> GlyphRun:
    """A run of text in Helvetica, or bold or italic where `changes` say so."""
    font = "F2" if changes.get("bold") else "F3" if changes.get("italic") else "F1"
    known = CORE_FONT_METRICS[FONTS[font]].character_widths
    wide = sum(known.get(c, 500) for c in words) * size / 1000
    values = {
        "text": words,
        "x0": x,
        "x1": x + wide,
        "base": base,
        "size": size,
        "bold": False,
        "italic": False,
        "look": f"{FONTS[font].lower()} 0.00",
    }
    return GlyphRun(**(values | changes))


def page(
    runs: Iterable[GlyphRun],
    shapes: Iterable[Shape] = (),
    number: int = 1,
    images: Sequence[Box] = (),
) -> PageContent:
    """A page that shows these runs and shapes."""
    return PageContent(number, WIDTH, HEIGHT, tuple(runs), tuple(shapes), tuple(images))


def rule(x0: float, y: float, x1: float) -> Shape:
    """A thin rule across."""
    return Shape((x0, y, x1, y + 0.5), None)


def wall(x: float, top: float, bottom: float) -> Shape:
    """A thin upright rule."""
    return Shape((x, top, x + 0.5, bottom), None)


def lines(*runs: GlyphRun, shapes: Iterable[Shape] = (), number: int = 1) -> list[Line]:
    """The lines that are read from these runs."""
    return read_lines(page(runs, shapes, number))


def column(
    words: Sequence[str], x: float = LEFT, top: float = 100, step: float = 12, **changes: Any
) -> list[GlyphRun]:
    """Runs under one another, one for each line."""
    return [run(w, x, top + n * step, **changes) for n, w in enumerate(words)]


def typeset(
    paragraphs: Sequence[str],
    x: float = LEFT,
    top: float = 100,
    measure: float = 230,
    *,
    gap: float = 0,
    indent: float = 0,
    size: float = 10,
    ends_full: bool = False,
    **changes: Any,
) -> list[GlyphRun]:
    """Paragraphs set justified in a column; with `ends_full` the last line is full as well."""
    runs: list[GlyphRun] = []
    for words in paragraphs:
        broken = wrapped(words, measure - max(0, indent), size)
        for n, words_of_line in enumerate(broken):
            start = x + (indent if n == 0 else 0)
            full = n < len(broken) - 1 or (ends_full and words is paragraphs[-1])
            edge = {"x1": x + measure} if full else {}
            runs.append(run(words_of_line, start, top, size, **(edge | changes)))
            top += 1.2 * size
        top += gap
    return runs
