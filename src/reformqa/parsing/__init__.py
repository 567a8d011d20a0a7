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
from reformqa.parsing.facts import Facts, find_facts
from reformqa.parsing.furniture import find_contents, mark_furniture
from reformqa.parsing.inline import Vocabulary
from reformqa.parsing.lengths import bounded
from reformqa.parsing.paragraphs import build
from reformqa.parsing.quality import judge
from reformqa.parsing.readers import SUFFIXES, read_file
from reformqa.parsing.sections import find_headings

#: A report, or its metadata alone.
_Info = TypeVar("_Info", bound=ReportInfo)

__all__ = ["NO_PUBLISHER", "PARSER_VERSION", "SUFFIXES", "known_as", "parse", "report_id"]

#: Increase this when a change makes the same file parse differently: stored builds become stale.
PARSER_VERSION = 9

#: A longer page label is not what a page prints.
LONGEST_LABEL = 20

NO_PUBLISHER = "publisher not found: add the report to catalogue.toml"


def report_id(path: Path) -> str:
    """Return the id of the report in `path`: the stem in lower case, its words hyphenated."""
    words = re.findall(r"[a-z0-9]+", path.stem.lower())
    return "-".join(words) or f"report-{hashlib.sha256(path.stem.encode()).hexdigest()[:8]}"


def parse(path: Path, *, ocr: bool = False) -> Report:
    """Parse the report in `path`.

    The report's metadata are found as `facts` describes, and `Report.guesses` says where;
    `known_as` replaces them with the catalogue's. With `ocr`, the text on a PDF's pages without
    text is recognised by tesseract, which has to be installed.
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
    facts = find_facts(file, path.stem, vocabulary)
    # Headings and captions were recognised on the page, or the format marks them.
    trusted = file.layout.pages > 0 or file.structured
    blocks = mark_furniture(blocks, listed, trusted=trusted)
    headings = find_headings(
        blocks, contents, vocabulary, facts.title_at, trusted=trusted, cover=file.cover
    )
    sections, paragraphs = build(report_id(path), blocks, headings, vocabulary)
    paragraphs = tuple(_with_printed_page(p, file.layout.labels) for p in paragraphs)
    quality = judge(file.layout, paragraphs, sections)
    return _report(path, facts, sections, paragraphs, quality)


def _with_printed_page(paragraph: Paragraph, labels: Sequence[str]) -> Paragraph:
    """Return the paragraph with the label of its page, if this is not the page's number."""
    label = labels[paragraph.page - 1] if paragraph.page and labels else ""
    if not label or len(label) > LONGEST_LABEL or label == str(paragraph.page):
        return paragraph
    return dataclasses.replace(paragraph, printed_page=label)


def _report(
    path: Path,
    facts: Facts,
    sections: tuple[Section, ...],
    paragraphs: tuple[Paragraph, ...],
    quality: ParseQuality,
) -> Report:
    warnings = []
    if not sections:
        warnings.append("no headings found: the report is read as one section")
    found, cut = bounded(facts.metadata)
    warnings += cut
    if found.publisher is None:
        warnings.append(NO_PUBLISHER)
    return Report(
        id=report_id(path),
        title=found.title or path.stem,
        subtitle=found.subtitle,
        authors=found.authors,
        publisher=found.publisher or "Unknown publisher",
        published=found.published,
        series=found.series,
        licence=found.licence,
        url=found.url,
        source=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        sections=sections,
        paragraphs=paragraphs,
        guesses=facts.guesses,
        warnings=(*warnings, *quality.advice),
        reading=quality,
    )


def known_as(report: _Info, facts: Metadata) -> _Info:
    """Return the report with the catalogue's `facts` in place of the guessed ones."""
    return dataclasses.replace(
        report,
        **{f.name: getattr(facts, f.name) for f in dataclasses.fields(facts)},
        guesses={},
        warnings=tuple(w for w in report.warnings if w != NO_PUBLISHER),
    )
