"""The corpus folder: its files, and what the catalogue says about them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reformqa.errors import CorpusError
from reformqa.files import digest
from reformqa.formats import parse_toml
from reformqa.ingest.folder import CATALOGUE, printable, survey
from reformqa.ingest.handed_in import was_handed_in
from reformqa.ingest.watched import Watched
from reformqa.model import FileProblem, Metadata, ReportInfo
from reformqa.parsing import SUFFIXES, report_id
from reformqa.parsing.lengths import LONGEST, MOST_AUTHORS
from reformqa.settings import explain

_Author = Annotated[str, Field(max_length=LONGEST["authors"])]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(pattern=r"\w", max_length=LONGEST["title"])
    publisher: str = Field(pattern=r"\w", max_length=LONGEST["publisher"])
    subtitle: str | None = Field(None, max_length=LONGEST["subtitle"])
    authors: tuple[_Author, ...] = Field((), max_length=MOST_AUTHORS)
    published: str | None = Field(None, pattern=r"^\d{4}(-\d{2})?$")
    series: str | None = Field(None, max_length=LONGEST["series"])
    licence: str | None = Field(None, max_length=LONGEST["licence"])
    url: str | None = Field(None, max_length=LONGEST["url"])
    file: str | None = Field(None, max_length=LONGEST["url"])
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    note_on: str | None = None
    edition_of: str | None = None


class _Catalogue(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reports: dict[str, _Entry] = {}
    watch: tuple[Watched, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the corpus, the id of its report, its hash, and whether a visitor handed it in."""

    path: Path
    report_id: str
    sha256: str
    handed_in: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """The catalogue's entry for a report.

    `note_on` is set if the report is a reading note on another. `file` is the address of the PDF,
    while `facts.url` is that of the page that presents it. `sha256` is the digest of a file that a
    visitor handed in, if that is the report. `edition_of` is the report of which this is another
    edition, for titles that do not show it.
    """

    report_id: str
    facts: Metadata
    note_on: str | None
    file: str | None = None
    sha256: str | None = None
    edition_of: str | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """The sources in a folder, the files left out on purpose, and the catalogue.

    `problems` are files that cannot be included and need attention.
    """

    sources: tuple[Source, ...]
    left_out: tuple[FileProblem, ...]
    problems: tuple[FileProblem, ...]
    catalogue: dict[str, Entry]


def find_entry(catalogue: Mapping[str, Entry], report: ReportInfo) -> Entry | None:
    """Return a report's entry in a catalogue, found by its id or else by its title, or None.

    The id of a report that was handed in counts only if the entry of that id has its digest or its
    title.
    """
    named = catalogue.get(report.id)
    if named and (not report.handed_in or _is_of(named, report)):
        return named
    others = (e for e in catalogue.values() if e is not named)
    return next((e for e in others if _same(e.facts.title or "", report.title)), None)


def is_mistaken(catalogue: Mapping[str, Entry], report: ReportInfo) -> bool:
    """Return whether a report was handed in under the id of an entry that is not its own."""
    named = catalogue.get(report.id)
    return report.handed_in and named is not None and find_entry(catalogue, report) is not named


def _is_of(entry: Entry, report: ReportInfo) -> bool:
    """Return whether a report has the digest of an entry, or its title with or without subtitle."""
    if entry.sha256 == report.sha256 or _same(entry.facts.title or "", report.title):
        return True
    return _same(*(f"{r.title} {r.subtitle or ''}" for r in (entry.facts, report)))


def read_corpus(
    folder: Path, catalogue: Path | None = None, known: dict[str, Entry] | None = None
) -> Corpus:
    """List and hash the reports in `folder`.

    The catalogue is `catalogue`, or catalogue.toml in the folder if there is one. If it cannot be
    read, the entries `known` so far are used instead. Of two files with the same contents or the
    same id, the operator's is used before one that was handed in, then the one in the catalogue,
    then the first by name.
    Raises CorpusError if the folder is missing or contains no report, or if the catalogue is
    invalid and no entries are known.
    """
    if not folder.is_dir():
        raise CorpusError(
            f"There is no corpus folder {folder}. Make it and put reports in, or name another"
            " with --corpus."
        )
    file = catalogue or folder / CATALOGUE
    entries, problems = _entries(file, catalogue is not None, known)
    sources: dict[str, Source] = {}
    contents: dict[str, Source] = {}
    left_out: list[FileProblem] = []
    files, strange = survey(folder)
    problems += strange
    found: list[Source] = []
    for path in files:
        if path.suffix.lower() not in SUFFIXES and printable(path.name) == path.name:
            left_out.append(FileProblem(path.name, f"not one of {', '.join(SUFFIXES)}"))
        elif isinstance(source := _source(path), FileProblem):
            problems.append(source)
        else:
            found.append(source)
    # In this order, no copy under another name takes a report's place.
    for source in sorted(found, key=lambda s: (s.handed_in, s.report_id not in entries)):
        name = source.path.name
        if same := contents.get(source.sha256):
            left_out.append(FileProblem(name, f"has the same contents as {same.path.name}"))
        elif same := sources.get(source.report_id):
            reason = f"would have the same id as {same.path.name}: {source.report_id}."
            problems.append(FileProblem(name, f"{reason} Rename or remove one of them."))
        else:
            contents[source.sha256] = sources[source.report_id] = source
    if not sources:
        named = "".join(f" {p.file} {p.reason}" for p in problems)
        raise CorpusError(
            f"The corpus folder {folder} holds no report. Put {', '.join(SUFFIXES)} files there."
            f"{named}"
        )
    in_order = sorted(sources.values(), key=lambda s: s.path)
    return Corpus(tuple(in_order), tuple(left_out), tuple(problems), entries)


def _source(path: Path) -> Source | FileProblem:
    """Return the source in `path`, or why it cannot be one."""
    if (name := printable(path.name)) != path.name:  # it could not be written to any record
        return FileProblem(name, "has a name that is not in UTF-8. Rename it.")
    try:
        sha256 = digest(path)
        return Source(path, report_id(path), sha256, was_handed_in(path, sha256))
    except OSError as error:
        reason = f"cannot be read ({error.strerror}). Make it readable for the user that rebuilds."
        return FileProblem(path.name, reason)


def _entries(
    file: Path, required: bool, known: dict[str, Entry] | None
) -> tuple[dict[str, Entry], list[FileProblem]]:
    """Return the catalogue's entries, or those `known` with the problem that it has."""
    try:
        return read_catalogue(file, required=required), []
    except CorpusError as error:
        if known is None:
            raise
        return known, [FileProblem(file.name, str(error), kept=True)]


def read_catalogue(path: Path, *, required: bool = False) -> dict[str, Entry]:
    """Return the entries of a catalogue file by report id; empty if there is no such file.

    Raises CorpusError if the file is invalid, or is `required` and missing.
    """
    parsed = _parsed(path, required)
    return {
        name: Entry(
            name,
            Metadata(**entry.model_dump(exclude={"note_on", "file", "sha256", "edition_of"})),
            entry.note_on,
            entry.file,
            entry.sha256,
            entry.edition_of,
        )
        for name, entry in parsed.reports.items()
    }


def read_watched(path: Path, *, required: bool = False) -> tuple[Watched, ...]:
    """Return what a catalogue file watches; nothing if there is no such file.

    Raises CorpusError as `read_catalogue` does.
    """
    return _parsed(path, required).watch


def _parsed(path: Path, required: bool) -> _Catalogue:
    if not path.is_file():
        if required or path.exists():
            raise CorpusError(f"There is no catalogue file {path}. Check the path.")
        return _Catalogue()
    try:
        return check_catalogue(parse_toml(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise CorpusError(f"{path}: {explain(error)}") from error


def check_catalogue(values: dict[str, Any]) -> _Catalogue:
    """Return the catalogue in the values of a TOML file.

    Raises pydantic's ValidationError if a key or value is not one of a catalogue.
    """
    return _Catalogue.model_validate(values)


def _same(a: str, b: str) -> bool:
    return re.sub(r"\W+", "", a.lower()) == re.sub(r"\W+", "", b.lower())
