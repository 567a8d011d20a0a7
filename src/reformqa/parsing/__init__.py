"""Parse a report file into sections and paragraphs.

A reader for the file's suffix (`readers`) splits it into blocks. From these the furniture, the
headings and the paragraphs are found, in that order.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from reformqa.errors import UnreadableFileError
from reformqa.model import Metadata, Paragraph, ParseQuality, Report, ReportInfo, Section
from reformqa.parsing.blocks import Block
from reformqa.parsing.frontpage import FRONT_BLOCKS, read_front_page
from reformqa.parsing.furniture import find_contents, mark_furniture
from reformqa.parsing.inline import Vocabulary
from reformqa.parsing.paragraphs import build
from reformqa.parsing.quality import judge
from reformqa.parsing.readers import SUFFIXES, read_file
from reformqa.parsing.sections import find_headings
from reformqa.text.similarity import letters

#: A report, or its metadata alone.
_Info = TypeVar("_Info", bound=ReportInfo)

__all__ = ["NO_PUBLISHER", "PARSER_VERSION", "SUFFIXES", "known_as", "parse", "report_id"]

#: Increase this when a change makes the same file parse differently: stored builds become stale.
PARSER_VERSION = 4

#: Text that programs write into a title field by themselves.
_GARBAGE = re.compile(
    r"microsoft|untitled|\.(?:docx?|indd|pdf|qxd|pptx?)\b|^(?:layout|slide|document|template)\b"
    r"|[_\\]|\bv?\d+\.\d+\b",
    re.IGNORECASE,
)
#: A longer page label is not what a page prints.
LONGEST_LABEL = 20
_NAME = re.compile(r"[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+){1,3}")

NO_PUBLISHER = "publisher not found: add the report to catalogue.toml"


def report_id(path: Path) -> str:
    """Return the id of the report in `path`: the stem in lower case, its words hyphenated."""
    words = re.findall(r"[a-z0-9]+", path.stem.lower())
    return "-".join(words) or f"report-{hashlib.sha256(path.stem.encode()).hexdigest()[:8]}"


def parse(path: Path, *, ocr: bool = False) -> Report:
    """Parse the report in `path`.

    The report's metadata come from its front page, or else from the file's own metadata, and are
    listed in `Report.guessed`; `known_as` replaces them with the catalogue's. With `ocr`, the
    text on a PDF's pages without text is recognised by tesseract, which has to be installed.
    Raises UnreadableFileError if the file cannot be read as what its suffix says.
    """
    file = read_file(path, ocr=ocr)
    blocks = file.blocks
    if not any(b.words > 8 for b in blocks):
        raise UnreadableFileError(
            f"{path.name} holds no paragraph of text. Replace it, or remove it."
        )
    vocabulary = Vocabulary([b.text for b in blocks])
    contents, listed = find_contents(blocks)
    front = read_front_page(blocks, vocabulary)
    # Headings and captions were recognised on the page, or the format marks them.
    trusted = file.layout.pages > 0 or file.structured
    blocks = mark_furniture(blocks, listed, trusted=trusted)
    headings = find_headings(
        blocks, contents, vocabulary, front.title_at, trusted=trusted, cover=file.cover
    )
    sections, paragraphs = build(report_id(path), blocks, headings, vocabulary)
    paragraphs = tuple(_with_printed_page(p, file.layout.labels) for p in paragraphs)
    quality = judge(file.layout, paragraphs, sections)
    if file.stated:
        facts = _with_stated(front.facts, file.metadata)
    else:
        facts = _with_metadata(front.facts, file.metadata, blocks)
    return _report(path, facts, sections, paragraphs, quality)


def _with_printed_page(paragraph: Paragraph, labels: Sequence[str]) -> Paragraph:
    """Return the paragraph with the label of its page, if this is not the page's number."""
    label = labels[paragraph.page - 1] if paragraph.page and labels else ""
    if not label or len(label) > LONGEST_LABEL or label == str(paragraph.page):
        return paragraph
    return dataclasses.replace(paragraph, printed_page=label)


def _report(
    path: Path,
    facts: Metadata,
    sections: tuple[Section, ...],
    paragraphs: tuple[Paragraph, ...],
    quality: ParseQuality,
) -> Report:
    warnings = []
    if not sections:
        warnings.append("no headings found: the report is read as one section")
    if facts.publisher is None:
        warnings.append(NO_PUBLISHER)
    return Report(
        id=report_id(path),
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
        guessed=tuple(sorted(k for k, v in dataclasses.asdict(facts).items() if v)),
        warnings=(*warnings, *quality.advice),
        reading=quality,
    )


def known_as(report: _Info, facts: Metadata) -> _Info:
    """Return the report with the catalogue's `facts` in place of the guessed ones."""
    return dataclasses.replace(
        report,
        **{f.name: getattr(facts, f.name) for f in dataclasses.fields(facts)},
        guessed=(),
        warnings=tuple(w for w in report.warnings if w != NO_PUBLISHER),
    )


def _with_metadata(found: Metadata, metadata: Metadata, blocks: Sequence[Block]) -> Metadata:
    """Return what the front page says, completed from the file's metadata if they look right.

    Programs fill in metadata, and templates leave old ones behind. A title is used if the first
    pages print it, or else if it does not look generated.
    """
    title = metadata.title or ""
    printed = letters(title) in letters("".join(b.text for b in blocks[:FRONT_BLOCKS]))
    good = len(title.split()) > 1 and (printed or not _GARBAGE.search(title))
    authors = tuple(a for a in metadata.authors if _NAME.fullmatch(a))
    return dataclasses.replace(
        found,
        title=found.title or (title if good else None),
        authors=found.authors or (authors if good else ()),
        published=found.published or metadata.published,
    )


def _with_stated(found: Metadata, stated: Metadata) -> Metadata:
    """Return what the file states about itself, completed from the front page."""
    known = {f.name: getattr(stated, f.name) for f in dataclasses.fields(stated)}
    return dataclasses.replace(found, **{name: value for name, value in known.items() if value})
