"""Reports as they were parsed, kept from build to build so that no file is parsed twice.

    index/cache/parsed/<digest>.json.gz    the report without its body, its sections, its paragraphs

What a file parses to depends on its bytes, its name, the parser and whether pictures are read. The
folder may be deleted at any time; a file in it that is harmed counts as missing. It is also where
a rebuild puts down what its workers read, so that one report at a time is in memory.
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
    """The reports of files that were read before, in a folder; `ocr` tells how they were read."""

    def __init__(self, folder: Path, *, ocr: bool) -> None:
        self._folder = folder
        self._ocr = ocr

    def header(self, source: Source) -> Report | None:
        """The report without sections and paragraphs; None where it is not kept."""
        lines = self._lines(source)
        return _valid(_REPORT, lines[0]) if lines else None

    def report(self, source: Source) -> Report | None:
        """The report whole; None where it is not kept."""
        lines = self._lines(source)
        if lines is None or len(lines) != 3:
            return None
        header = _valid(_REPORT, lines[0])
        sections, paragraphs = _valid(_SECTIONS, lines[1]), _valid(_PARAGRAPHS, lines[2])
        if header is None or sections is None or paragraphs is None:
            return None
        return dataclasses.replace(header, sections=sections, paragraphs=paragraphs)

    def keep(self, source: Source, report: Report) -> None:
        """Keep what a file was read as."""
        header = dataclasses.replace(report, sections=(), paragraphs=())
        lines = (
            _REPORT.dump_json(header),
            _SECTIONS.dump_json(report.sections),
            _PARAGRAPHS.dump_json(report.paragraphs),
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file(source), gzip.compress(b"\n".join(lines), 1, mtime=0))

    def keep_only(self, sources: Collection[Source]) -> None:
        """Forget all other files, and what a kill left half-written."""
        kept = {self._file(source) for source in sources}
        for file in self._folder.glob("*"):
            if file not in kept:
                file.unlink()

    def _file(self, source: Source) -> Path:
        told = f"{source.sha256} {source.path.name} parser {PARSER_VERSION} ocr {self._ocr}"
        name = told.encode("utf-8", "surrogateescape")
        return self._folder / f"{hashlib.sha256(name).hexdigest()[:32]}{_SUFFIX}"

    def _lines(self, source: Source) -> list[bytes] | None:
        try:
            with gzip.open(self._file(source)) as file:
                return file.read().split(b"\n")  # to its end, where the checksum is
        except (OSError, EOFError, zlib.error):
            return None


def _valid(adapter: TypeAdapter[_T], line: bytes) -> _T | None:
    try:
        return adapter.validate_json(line)
    except ValidationError:
        return None
