"""Inspect how a file was read: its parse report, and its pages with a box for each paragraph."""

from __future__ import annotations

import html
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from math import ceil
from pathlib import Path
from string import Template
from typing import IO

from reformqa.citations.drawing import draw_apart
from reformqa.errors import CallerError, SourceFileError, UnreadableFileError
from reformqa.ingest.corpus import find_entry, read_catalogue
from reformqa.ingest.folder import CATALOGUE
from reformqa.ingest.handed_in import as_handed_in, was_handed_in
from reformqa.ingest.page_boxes import Sheet, count_pages, draw_sheet, page_html
from reformqa.isolation.limits import Limits
from reformqa.isolation.processors import available
from reformqa.model import Guess, Paragraph, ParseQuality, Report, SectionKind
from reformqa.parsing import SUFFIXES, known_as, parse
from reformqa.parsing.quality import pages
from reformqa.recommendations.finding import find_recommendations
from reformqa.recommendations.soundness import with_advice
from reformqa.settings import DrawingSettings

_PAGES = "<!-- pages -->"
_HEADINGS = {
    "tags": "the tags of the file",
    "outline": "the file's outline (bookmarks)",
    "contents": "the printed contents list",
    "type": "type sizes and weights",
    "marks": "marks and wording in the text",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A section of the report: the page where it begins, and its number of paragraphs."""

    title: str
    level: int
    kind: SectionKind
    page: int | None
    paragraphs: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """The parse report of a file.

    `guesses` maps the metadata that no catalogue gives to how each was found. `kinds` counts the
    paragraphs of each kind, the most frequent first; `placeless` counts those without a place on a
    page.
    """

    id: str
    source: str
    title: str
    authors: tuple[str, ...]
    publisher: str
    published: str | None
    guesses: dict[str, Guess]
    reading: ParseQuality
    kinds: dict[str, int]
    placeless: int
    recommendations: int
    sections: tuple[Heading, ...]
    warnings: tuple[str, ...]


def read_report(path: Path, *, catalogue: Path | None = None, ocr: bool = False) -> Report:
    """Parse the report in `path`, with metadata from `catalogue` or the catalogue beside it.

    With `ocr`, the text on pages without text is recognised.
    Raises CallerError if the file does not exist or has an unknown suffix, CorpusError if the
    catalogue is invalid, and UnreadableFileError if the file cannot be read.
    """
    if not path.is_file():
        raise CallerError(f"There is no file {path}. Check the path.")
    if path.suffix.lower() not in SUFFIXES:
        raise CallerError(f"{path.name} is not one of {', '.join(SUFFIXES)}.")
    entries = read_catalogue(catalogue or path.parent / CATALOGUE, required=catalogue is not None)
    report = parse(path, ocr=ocr)
    if was_handed_in(path, report.sha256):
        report = as_handed_in(report)
    entry = find_entry(entries, report)
    return known_as(report, entry.facts) if entry else report


def inspect(report: Report) -> Inspection:
    """Return the parse report of a report."""
    recommendations = find_recommendations(report)
    report = with_advice(report, recommendations)
    return Inspection(
        id=report.id,
        source=report.source,
        title=report.title,
        authors=report.authors,
        publisher=report.publisher,
        published=report.published,
        guesses=report.guesses,
        reading=report.reading,
        kinds=dict(Counter(p.kind for p in report.paragraphs).most_common()),
        placeless=sum(not p.places for p in report.paragraphs),
        recommendations=len(recommendations),
        sections=tuple(
            Heading(s.title, s.level, s.kind, _page(report, s.span), s.span[1] - s.span[0])
            for s in report.sections
        ),
        warnings=tuple(w for w in report.warnings if w not in report.reading.advice),
    )


def _page(report: Report, span: tuple[int, int]) -> int | None:
    return next((p.page for p in report.paragraphs[slice(*span)] if p.page), None)


def rows(found: Inspection) -> Iterator[tuple[str, str]]:
    """Yield the entries of the parse report as names and values, without empty ones."""
    reading = found.reading
    for name, value in (
        ("title", found.title),
        ("authors", ", ".join(found.authors) or "not found"),
        ("publisher", found.publisher),
        ("published", found.published or "not found"),
    ):
        guess = found.guesses.get(name)
        yield name, f"{value} ({guess})" if guess else value
    if reading.pages:
        yield "pages", str(reading.pages)
        yield "columns", str(reading.columns)
    if reading.tagged or reading.doubts:
        yield "read by tags", f"{len(reading.tagged)} of {reading.pages} pages"
    if reading.doubts:
        yield "tags not used", "; ".join(reading.doubts)
    yield "heading levels from", _HEADINGS.get(reading.headings, reading.headings)
    listed = ", ".join(f"{count} {kind}" for kind, count in found.kinds.items())
    yield "paragraphs", f"{sum(found.kinds.values())}: {listed}"
    yield "recommendations", str(found.recommendations)
    linked = f", {reading.linked} of them linked to a mark" if reading.footnotes else ""
    yield "footnotes", f"{reading.footnotes}{linked}"
    yield "page furniture", str(reading.furniture)
    yield "words searched", f"{reading.searched:.0%}"
    if reading.pages:
        yield "joined across pages", str(reading.joined)
    for name, numbers in (
        ("pages without text", reading.bare),
        ("unreadable pages", reading.broken),
        ("invisible text layer", reading.layered),
        ("read by OCR", reading.ocr),
    ):
        if numbers:
            yield name, pages(numbers)
    if reading.pages and found.placeless:
        yield "without a place", f"{found.placeless} paragraphs"


# The pages, drawn


def write_html(report: Report, path: Path, out: Path, limits: Limits = DrawingSettings()) -> None:
    """Write an HTML file that shows each page of the PDF `path` with its paragraphs in boxes.

    Each page is drawn in a process of its own, within `limits`; one that cannot be says why.
    Raises CallerError if `path` is not a PDF or `out` cannot be written, and UnreadableFileError
    if the file cannot be opened.
    """
    if path.suffix.lower() != ".pdf":  # not asked of the registry: PDFium draws only PDFs
        raise CallerError(f"--html shows the pages of a PDF; {path.name} has none.")
    if out.resolve() == path.resolve():
        raise CallerError(f"--html would overwrite {path.name}. Choose another file.")
    try:
        count = draw_apart(count_pages, path, limits=limits)
    except SourceFileError as error:
        raise UnreadableFileError(str(error)) from error
    try:
        with out.open("w", encoding="utf-8") as file:
            _write(report, _sheets(path, count, limits), count, file)
    except OSError as error:
        raise CallerError(f"{out} cannot be written: {error.strerror or error}.") from error


def _sheets(path: Path, count: int, limits: Limits) -> Iterator[Sheet | str]:
    """Yield each page as drawn, or why it cannot be; a few are drawn side by side."""

    def draw(number: int) -> Sheet | str:
        try:
            return draw_apart(draw_sheet, path, number, limits=limits)
        except SourceFileError as error:
            return str(error)

    with ThreadPoolExecutor(ceil(available())) as threads:
        yield from threads.map(draw, range(1, count + 1))


def _write(report: Report, sheets: Iterator[Sheet | str], count: int, file: IO[str]) -> None:
    template = files("reformqa.ingest").joinpath("inspection.html").read_text(encoding="utf-8")
    head, tail = template.split(_PAGES)
    found = inspect(report)
    remarks = _remarks(found.reading)
    places: dict[int, list[tuple[Paragraph, int]]] = defaultdict(list)
    for paragraph in report.paragraphs:
        for part, place in enumerate(paragraph.places):
            places[place.page].append((paragraph, part))
    numbers = range(1, count + 1)
    top = {
        "title": html.escape(report.title),
        "source": html.escape(report.source),
        "summary": _summary(report, found),
        "hiding": "\n".join(f".no-{k} .box.{k} {{display: none}}" for k in found.kinds),
        "legend": "\n".join(_choice(k, n) for k, n in found.kinds.items()),
        "navigator": "".join(_page_link(n, remarks.get(n)) for n in numbers),
    }
    file.write(Template(head).substitute(top))
    for number, sheet in zip(numbers, sheets, strict=True):
        file.write(page_html(sheet, number, count, places[number], remarks.get(number)))
    data = json.dumps({p.id: _facts(p) for p in report.paragraphs}, ensure_ascii=False)
    below = {"placeless": _placeless(report), "paragraphs": data.replace("<", "\\u003c")}
    file.write(Template(tail).substitute(below))


def _remarks(reading: ParseQuality) -> dict[int, str]:
    """Map each unusual page to a remark about it."""
    remarks: dict[int, str] = {}
    for words, numbers in (
        ("no text", reading.bare),
        ("unreadable", reading.broken),
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


def _facts(paragraph: Paragraph) -> dict[str, object]:
    """Return what the page shows about the selected paragraph."""
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
    heading = f"<h2>Paragraphs without a place ({len(lost)})</h2>"
    return f'<section class="placeless card">{heading}<ul>{items}</ul></section>'
