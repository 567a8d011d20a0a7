"""Read a report file: lines, furniture, headings, paragraphs, in that order."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from reformqa.errors import UnreadableFileError
from reformqa.model import Metadata, Report
from reformqa.parsing.blocks import Block, Layout
from reformqa.parsing.frontpage import FRONT_BLOCKS, read_front_page
from reformqa.parsing.furniture import find_contents, mark_furniture
from reformqa.parsing.inline import Vocabulary
from reformqa.parsing.paragraphs import build
from reformqa.parsing.quality import judge
from reformqa.parsing.readers.pdf import read_pdf
from reformqa.parsing.readers.text import read_text
from reformqa.parsing.sections import find_headings
from reformqa.text.similarity import letters

#: Raise by one when a change makes the same file parse differently: stored builds become stale.
PARSER_VERSION = 3

#: What programs write where a title belongs.
_GARBAGE = re.compile(
    r"microsoft|untitled|\.(?:docx?|indd|pdf|qxd|pptx?)\b|^(?:layout|slide|document|template)\b"
    r"|[_\\]|\bv?\d+\.\d+\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+){1,3}")

NO_PUBLISHER = "publisher not found: add the report to catalogue.toml"

SUFFIXES = (".txt", ".md", ".pdf")


def report_id(path: Path) -> str:
    """A report's id: its file's stem in lower case, words joined by hyphens."""
    words = re.findall(r"[a-z0-9]+", path.stem.lower())
    return "-".join(words) or f"report-{hashlib.sha256(path.stem.encode()).hexdigest()[:8]}"


def parse(path: Path, *, ocr: bool = False) -> Report:
    """Read the report in `path`.

    Its facts are read from the front page, or else from a PDF's metadata, and listed in
    `Report.guessed`; `known_as` puts the catalogue's in their place. With `ocr`, a PDF's pages
    without text are read from their pictures (tesseract has to be installed).
    Raises UnreadableFileError where the file cannot be read as what its suffix says.
    """
    blocks, layout, metadata = _read(path, ocr=ocr)
    if not any(b.words > 8 for b in blocks):
        raise UnreadableFileError(
            f"{path.name} holds no paragraph of text. Replace it, or remove it."
        )
    vocabulary = Vocabulary([b.text for b in blocks])
    contents, listed = find_contents(blocks)
    front = read_front_page(blocks, vocabulary)
    trusted = layout.pages > 0  # the look of the page told headings and captions
    blocks = mark_furniture(blocks, listed, trusted=trusted)
    headings = find_headings(blocks, contents, vocabulary, front.title_at, trusted=trusted)
    name = report_id(path)
    sections, paragraphs = build(name, blocks, headings, vocabulary)
    facts = _with_metadata(front.facts, metadata, blocks)
    guessed = tuple(sorted(k for k, v in dataclasses.asdict(facts).items() if v))
    warnings = []
    if not sections:
        warnings.append("no headings found: the report is read as one section")
    if facts.publisher is None:
        warnings.append(NO_PUBLISHER)
    reading = judge(layout, paragraphs, sections)
    return Report(
        id=name,
        title=facts.title or path.stem,
        subtitle=facts.subtitle,
        authors=facts.authors,
        publisher=facts.publisher or "Unknown publisher",
        published=facts.published,
        series=facts.series,
        licence=facts.licence,
        url=facts.url,
        source=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        sections=sections,
        paragraphs=paragraphs,
        guessed=guessed,
        warnings=(*warnings, *reading.advice),
        reading=reading,
    )


def known_as(report: Report, facts: Metadata) -> Report:
    """The report with the catalogue's facts in place of those that it tells of itself."""
    return dataclasses.replace(
        report,
        **{f.name: getattr(facts, f.name) for f in dataclasses.fields(facts)},
        guessed=(),
        warnings=tuple(w for w in report.warnings if w != NO_PUBLISHER),
    )


def _read(path: Path, *, ocr: bool) -> tuple[list[Block], Layout, Metadata]:
    if path.suffix.lower() == ".pdf":
        pdf = read_pdf(path, ocr=ocr)
        return pdf.blocks, pdf.layout, pdf.facts
    return read_text(path), Layout(), Metadata()


def _with_metadata(found: Metadata, metadata: Metadata, blocks: Sequence[Block]) -> Metadata:
    """What the front page says, completed from the metadata where they are worth it.

    Metadata are filled in by programs and left over from templates: a title is believed where
    the first pages print it, and otherwise taken only where it reads as one.
    """
    title = metadata.title or ""
    printed = letters(title) in letters("".join(b.text for b in blocks[:FRONT_BLOCKS]))
    good = len(title.split()) > 1 and (printed or not _GARBAGE.search(title))
    authors = tuple(a for a in metadata.authors if _NAME.fullmatch(a))
    return dataclasses.replace(
        found,
        title=found.title or (title if good else None),
        authors=found.authors or (authors if good else ()),
    )
