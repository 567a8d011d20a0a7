"""A cache of parsed reports, so that no file is parsed twice in successive builds.

    index/cache/parsed/<digest>.json.gz    three lines: the report's header, sections, paragraphs

The digest depends on the bytes and the name of the file, the parser's version and the use of OCR.
The folder may be deleted at any time; a damaged file counts as missing. A rebuild also stores here
what its workers read, so that only one report at a time is in memory.
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from reformqa.files import write_atomically
from reformqa.ingest.corpus import Source
from reformqa.model import Paragraph, Report, Section
from reformqa.parsing import PARSER_VERSION

_REPORT = TypeAdapter(Report)
_SECTIONS = TypeAdapter(tuple[Section, ...])
_PARAGRAPHS = TypeAdapter(tuple[Paragraph, ...])
_SUFFIX = ".json.gz"
_T = TypeVar("_T")


class ParsedReports:
    """The parsed reports in a folder; `ocr` is whether they were read with OCR."""

    def __init__(self, folder: Path, *, ocr: bool) -> None:
        self._folder = folder
        self._ocr = ocr

    def header(self, source: Source) -> Report | None:
        """Return the report without sections and paragraphs, or None if it is not cached."""
        lines = self._lines(source)
        return _valid(_REPORT, lines[0]) if lines else None

    def report(self, source: Source) -> Report | None:
        """Return the complete report, or None if it is not cached."""
        lines = self._lines(source)
        if lines is None or len(lines) != 3:
            return None
        header = _valid(_REPORT, lines[0])
        sections, paragraphs = _valid(_SECTIONS, lines[1]), _valid(_PARAGRAPHS, lines[2])
        if header is None or sections is None or paragraphs is None:
            return None
        return dataclasses.replace(header, sections=sections, paragraphs=paragraphs)

    def keep(self, source: Source, report: Report) -> None:
        """Store the report parsed from a file."""
        header = dataclasses.replace(report, sections=(), paragraphs=())
        lines = (
            _REPORT.dump_json(header),
            _SECTIONS.dump_json(report.sections),
            _PARAGRAPHS.dump_json(report.paragraphs),
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file(source), gzip.compress(b"\n".join(lines), 1, mtime=0))

    def keep_only(self, sources: Collection[Source]) -> None:
        """Delete the reports of all other files, and files left incomplete by a crash."""
        kept = {self._file(source) for source in sources}
        for file in self._folder.glob("*"):
            if file not in kept:
                file.unlink()

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


def _valid(adapter: TypeAdapter[_T], line: bytes) -> _T | None:
    try:
        return adapter.validate_json(line)
    except ValidationError:
        return None
