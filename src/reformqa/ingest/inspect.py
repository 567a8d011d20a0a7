"""Inspect one file: what its parse report tells, and its pages with the paragraphs on them."""

from __future__ import annotations

import html
import json
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from string import Template
from typing import IO

import pypdfium2

from reformqa.errors import CallerError, UnreadableFileError
from reformqa.ingest.corpus import CATALOGUE, Corpus, read_catalogue
from reformqa.model import Paragraph, ParseQuality, Region, Report, SectionKind
from reformqa.parsing import SUFFIXES, known_as, parse
from reformqa.parsing.quality import pages
from reformqa.recommendations.finding import find_recommendations

#: Dots for each point of a page, and the most dots a side may have.
SCALE = 1.5
MOST_DOTS = 2_000
#: Pages with few colours (text) are smallest as PNG, pages with photographs as JPEG.
COLOURS = 32
QUALITY = 60
#: A box this near the page's left edge, in points, has its number inside.
EDGE = 26

_PAGES = "<!-- pages -->"
_HEADINGS = {
    "outline": "the file's outline (bookmarks)",
    "contents": "the printed contents list",
    "type": "type sizes and weights",
    "marks": "the text's own marks and wording",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A section as found: `page` is where it begins, `paragraphs` what stands under it."""

    title: str
    level: int
    kind: SectionKind
    page: int | None
    paragraphs: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """The parse report of one file.

    `guessed` names the facts that were read from the front page; `kinds` counts the paragraphs of
    each kind, most first; `placeless` counts those without a place on a page.
    """

    id: str
    source: str
    title: str
    authors: tuple[str, ...]
    publisher: str
    published: str | None
    guessed: tuple[str, ...]
    reading: ParseQuality
    kinds: dict[str, int]
    placeless: int
    recommendations: int
    sections: tuple[Heading, ...]
    warnings: tuple[str, ...]


def read_report(path: Path, *, catalogue: Path | None = None, ocr: bool = False) -> Report:
    """The report in `path`, with what the catalogue beside it (or `catalogue`) knows of it.

    Pages without text are read from their pictures where `ocr` is true.

    Raises CallerError where there is no such file or it is of no kind that is read, CorpusError
    where the catalogue is wrong, UnreadableFileError where the file is.
    """
    if not path.is_file():
        raise CallerError(f"There is no file {path}. Check the path.")
    if path.suffix.lower() not in SUFFIXES:
        raise CallerError(f"{path.name} is not one of {', '.join(SUFFIXES)}.")
    entries = read_catalogue(catalogue or path.parent / CATALOGUE, required=catalogue is not None)
    report = parse(path, ocr=ocr)
    entry = Corpus((), (), (), entries).entry(report.id, report.title)
    return known_as(report, entry.facts) if entry else report


def inspect(report: Report) -> Inspection:
    """What the parse report of a report tells."""
    return Inspection(
        id=report.id,
        source=report.source,
        title=report.title,
        authors=report.authors,
        publisher=report.publisher,
        published=report.published,
        guessed=report.guessed,
        reading=report.reading,
        kinds=dict(Counter(p.kind for p in report.paragraphs).most_common()),
        placeless=sum(not p.places for p in report.paragraphs),
        recommendations=len(find_recommendations(report)),
        sections=tuple(
            Heading(s.title, s.level, s.kind, _page(report, s.span), s.span[1] - s.span[0])
            for s in report.sections
        ),
        warnings=tuple(w for w in report.warnings if w not in report.reading.advice),
    )


def _page(report: Report, span: tuple[int, int]) -> int | None:
    return next((p.page for p in report.paragraphs[slice(*span)] if p.page), None)


def rows(found: Inspection) -> Iterator[tuple[str, str]]:
    """The parse report as names and values, those that tell nothing left out."""
    reading = found.reading
    for name, value in (
        ("title", found.title),
        ("authors", ", ".join(found.authors) or "not found"),
        ("publisher", found.publisher),
        ("published", found.published or "not found"),
    ):
        yield name, f"{value} (guessed)" if name in found.guessed else value
    if reading.pages:
        yield "pages", str(reading.pages)
        yield "columns", str(reading.columns)
    yield "headings' levels from", _HEADINGS.get(reading.headings, reading.headings)
    listed = ", ".join(f"{count} {kind}" for kind, count in found.kinds.items())
    yield "paragraphs", f"{sum(found.kinds.values())}: {listed}"
    yield "recommendations", str(found.recommendations)
    linked = f", {reading.linked} of them linked to their marks" if reading.footnotes else ""
    yield "footnotes", f"{reading.footnotes}{linked}"
    yield "furniture removed", str(reading.furniture)
    if reading.pages:
        yield "joined across pages", str(reading.joined)
    for name, numbers in (
        ("pages without text", reading.bare),
        ("broken pages", reading.broken),
        ("scanned, text invisible", reading.layered),
        ("read by OCR", reading.ocr),
    ):
        if numbers:
            yield name, pages(numbers)
    if reading.pages and found.placeless:
        yield "without a place", f"{found.placeless} paragraphs"


# The pages, drawn


def write_html(report: Report, path: Path, out: Path) -> None:
    """Write one HTML file that shows each page of the PDF `path` with its paragraphs' boxes.

    Pages are drawn and written one at a time. Raises CallerError where the file has no pages or
    `out` cannot be written, UnreadableFileError where the pages cannot be drawn.
    """
    if path.suffix.lower() != ".pdf":
        raise CallerError(f"--html shows pages; {path.name} is text and has none.")
    if out.resolve() == path.resolve():
        raise CallerError(f"--html would overwrite {path.name}. Name another file.")
    try:
        with pypdfium2.PdfDocument(path) as pdf, out.open("w", encoding="utf-8") as file:
            _write(report, pdf, file)
    except OSError as error:
        raise CallerError(f"{out} cannot be written: {error.strerror or error}.") from error
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(f"{path.name} cannot be drawn: {error}.") from error


def _write(report: Report, pdf: pypdfium2.PdfDocument, file: IO[str]) -> None:
    template = files("reformqa.ingest").joinpath("inspection.html").read_text(encoding="utf-8")
    head, tail = template.split(_PAGES)
    found = inspect(report)
    remarks = _remarks(found.reading)
    places: dict[int, list[tuple[Paragraph, int]]] = defaultdict(list)
    for paragraph in report.paragraphs:
        for part, place in enumerate(paragraph.places):
            places[place.page].append((paragraph, part))
    numbers = range(1, len(pdf) + 1)
    top = {
        "title": html.escape(report.title),
        "source": html.escape(report.source),
        "summary": _summary(report, found),
        "hiding": "\n".join(f".no-{k} .box.{k} {{display: none}}" for k in found.kinds),
        "legend": "\n".join(_choice(k, n) for k, n in found.kinds.items()),
        "navigator": "".join(_page_link(n, remarks.get(n)) for n in numbers),
    }
    file.write(Template(head).substitute(top))
    for number in numbers:
        file.write(_sheet(pdf, number, len(pdf), places[number], remarks.get(number)))
    data = json.dumps({p.id: _facts(p) for p in report.paragraphs}, ensure_ascii=False)
    below = {"placeless": _placeless(report), "paragraphs": data.replace("<", "\\u003c")}
    file.write(Template(tail).substitute(below))


def _remarks(reading: ParseQuality) -> dict[int, str]:
    """What is odd about a page, for the pages where something is."""
    remarks: dict[int, str] = {}
    for words, numbers in (
        ("no text", reading.bare),
        ("could not be read", reading.broken),
        ("a scan with an invisible text layer", reading.layered),
        ("read by OCR", reading.ocr),
    ):
        remarks |= dict.fromkeys(numbers, words)
    return remarks


def _summary(report: Report, found: Inspection) -> str:
    reading = found.reading
    advice = "".join(f"<li>{html.escape(a)}</li>" for a in (*reading.advice, *found.warnings))
    facts = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in rows(found)
    )
    sections = "".join(
        _section_line(s, report.paragraphs[r.span[0]])
        for s, r in zip(found.sections, report.sections, strict=True)
    )
    return (
        f'<div class="card"><span class="verdict {reading.verdict}">Verdict: {reading.verdict}'
        f"</span>{f'<ul class=advice>{advice}</ul>' if advice else ''}<dl>{facts}</dl>"
        f'<details class="sections"><summary>Sections ({len(found.sections)})</summary>'
        f"<ol>{sections}</ol></details></div>"
    )


def _section_line(section: Heading, first: Paragraph) -> str:
    indent = f"{1.1 * (section.level - 1):.1f}rem"
    title = html.escape(section.title)
    if section.page:
        title = f'<a href="#page-{section.page}" data-id="{html.escape(first.id)}">{title}</a>'
    page = f"p. {section.page}" if section.page else ""
    return (
        f'<li style="padding-left:{indent}"><span>{title}</span>'
        f'<span class="where">level {section.level} · {page}</span></li>'
    )


def _choice(kind: str, count: int) -> str:
    return (
        f'<label class="{kind}"><input type="checkbox" data-kind="{kind}" checked>'
        f'<span class="swatch"></span>{kind}<span class="count">{count}</span></label>'
    )


def _page_link(number: int, remark: str | None) -> str:
    odd = f' class="odd" title="{remark}"' if remark else ""
    said = f", {remark}" if remark else ""
    return f'<li><a href="#page-{number}"{odd} aria-label="Page {number}{said}">{number}</a></li>'


def _sheet(
    pdf: pypdfium2.PdfDocument,
    number: int,
    count: int,
    placed: Sequence[tuple[Paragraph, int]],
    remark: str | None,
) -> str:
    """A page's heading, picture and boxes."""
    try:
        page = pdf[number - 1]
        width, height = page.get_size()
        picture = f'<img alt="" decoding="async" src="{_picture(page)}">'
    except pypdfium2.PdfiumError:
        width, height = _reach([p.places[part] for p, part in placed])
        picture = '<p class="missing">This page cannot be drawn.</p>'
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


def _picture(page: pypdfium2.PdfPage) -> str:
    """The page as a data URI, in whichever format is the smaller."""
    scale = min(SCALE, MOST_DOTS / max(*page.get_size(), 1))
    image = page.render(scale=scale).to_pil()
    png, jpeg = BytesIO(), BytesIO()
    image.quantize(COLOURS).save(png, "PNG")
    image.save(jpeg, "JPEG", quality=QUALITY, optimize=True)
    name, data = min((("png", png), ("jpeg", jpeg)), key=lambda pair: len(pair[1].getvalue()))
    return f"data:image/{name};base64,{b64encode(data.getvalue()).decode()}"


def _reach(places: Sequence[Region]) -> tuple[float, float]:
    """A size for a page that cannot be drawn: A4, or as far as its boxes go."""
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


def _facts(paragraph: Paragraph) -> dict[str, object]:
    """What the page shows of a paragraph that is pointed at."""
    return {
        "number": paragraph.number,
        "kind": paragraph.kind,
        "path": " › ".join(paragraph.section_path),
        "text": paragraph.text,
        "label": paragraph.label,
        "notes": paragraph.notes,
        "ocr": paragraph.ocr,
        "places": [(p.page, *p.span) for p in paragraph.places],
    }


def _placeless(report: Report) -> str:
    lost = [p for p in report.paragraphs if not p.places]
    if not lost:
        return ""
    items = "".join(
        f'<li class="{p.kind}"><span class="kind">{p.kind}</span> {p.number}.'
        f" {html.escape(p.text)} <code>{html.escape(p.id)}</code></li>"
        for p in lost
    )
    heading = f"<h2>Without a place ({len(lost)})</h2>"
    return f'<section class="placeless card">{heading}<ul>{items}</ul></section>'
