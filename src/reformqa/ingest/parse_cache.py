"""A cache of prepared reports, so that successive builds neither parse nor slice a file twice.

    index/cache/parsed/<digest>.json.gz    six lines: the report's metadata, sections, paragraphs;
                                           the rules that prepared it, recommendations, passages

The digest depends on the bytes and the name of the file, the parser's version and the use of OCR.
An entry prepared under other rules is prepared again from its report, without parsing. The folder
may be deleted at any time; a damaged file counts as missing. A rebuild also stores here what its
workers return, so that only one report at a time is in memory.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from reformqa.files import write_atomically
from reformqa.ingest.corpus import Source
from reformqa.ingest.prepare import PreparedReport, prepare
from reformqa.ingest.rules import PIPELINE_VERSION
from reformqa.model import Paragraph, Passage, Recommendation, Report, ReportInfo, Section
from reformqa.parsing import PARSER_VERSION
from reformqa.settings import PassageSettings

_INFO = TypeAdapter(ReportInfo)
_SECTIONS = TypeAdapter(tuple[Section, ...])
_PARAGRAPHS = TypeAdapter(tuple[Paragraph, ...])
_RECOMMENDATIONS = TypeAdapter(tuple[Recommendation, ...])
_PASSAGES = TypeAdapter(tuple[Passage, ...])
_SUFFIX = ".json.gz"
_T = TypeVar("_T")


class ParsedReports:
    """The reports in a folder, read with OCR or without, and prepared under `passages`."""

    def __init__(
        self, folder: Path, *, ocr: bool, passages: PassageSettings = PassageSettings()
    ) -> None:
        self.passages = passages
        self._folder = folder
        self._ocr = ocr

    def info(self, source: Source) -> ReportInfo | None:
        """Return the metadata of a file's report, or None if it is not cached."""
        lines = self._lines(source)
        return _valid(_INFO, lines[0]) if lines else None

    def load(self, source: Source) -> PreparedReport | None:
        """Return the prepared report of a file, or None if it is not cached."""
        lines = self._lines(source) or []
        report = _report(lines[:3])
        if report is None:
            return None
        found = _prepared(report, lines[3:], self._rules())
        if found is None:
            found = prepare(report, self.passages)
            self.keep(source, found)
        return found

    def keep(self, source: Source, prepared: PreparedReport) -> None:
        """Store the report of a file, prepared under the present settings."""
        report = prepared.report
        lines = (
            _INFO.dump_json(report.info),
            _SECTIONS.dump_json(report.sections),
            _PARAGRAPHS.dump_json(report.paragraphs),
            self._rules(),
            _RECOMMENDATIONS.dump_json(prepared.recommendations),
            _PASSAGES.dump_json(prepared.passages),
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file(source), gzip.compress(b"\n".join(lines), 1, mtime=0))

    def keep_only(self, sources: Collection[Source]) -> None:
        """Delete the reports of all other files, and files left incomplete by a crash."""
        kept = {self._file(source) for source in sources}
        for file in self._folder.glob("*"):
            if file not in kept:
                file.unlink()

    def _rules(self) -> bytes:
        """Return what recommendations and passages depend on besides the report."""
        return f"{PIPELINE_VERSION} {self.passages.model_dump_json()}".encode()

    def _file(self, source: Source) -> Path:
        key = f"{source.sha256} {source.path.name} parser {PARSER_VERSION} ocr {self._ocr}"
        name = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        return self._folder / f"{name}{_SUFFIX}"

    def _lines(self, source: Source) -> list[bytes] | None:
        try:
            with gzip.open(self._file(source)) as file:
                return file.read().split(b"\n")  # read to the end, to verify the checksum
        except (OSError, EOFError, zlib.error):
            return None


def _report(lines: Sequence[bytes]) -> Report | None:
    """Return the report in three lines, or None if they do not hold one."""
    if len(lines) != 3:
        return None
    info = _valid(_INFO, lines[0])
    sections, paragraphs = _valid(_SECTIONS, lines[1]), _valid(_PARAGRAPHS, lines[2])
    if info is None or sections is None or paragraphs is None:
        return None
    return info.with_text(sections, paragraphs)


def _prepared(report: Report, lines: Sequence[bytes], rules: bytes) -> PreparedReport | None:
    """Return the prepared report, or None if it was prepared under other rules."""
    if len(lines) != 3 or lines[0] != rules:
        return None
    found, passages = _valid(_RECOMMENDATIONS, lines[1]), _valid(_PASSAGES, lines[2])
    if found is None or passages is None:
        return None
    return PreparedReport(report, found, passages)


def _valid(adapter: TypeAdapter[_T], line: bytes) -> _T | None:
    try:
        return adapter.validate_json(line)
    except ValidationError:
        return None
