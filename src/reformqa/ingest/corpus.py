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
from reformqa.model import FileProblem, Metadata
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
    note_on: str | None = None


class _Catalogue(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reports: dict[str, _Entry] = {}


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the corpus, the id of its report, and its hash."""

    path: Path
    report_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """The catalogue's entry for a report.

    `note_on` is set if the report is a reading note on another. `file` is the address of the PDF,
    while `facts.url` is that of the page that presents it.
    """

    report_id: str
    facts: Metadata
    note_on: str | None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """The sources in a folder, the files left out on purpose, and the catalogue.

    `problems` are files that cannot be included and need attention.
    """

    sources: tuple[Source, ...]
    left_out: tuple[FileProblem, ...]
    problems: tuple[FileProblem, ...]
    catalogue: dict[str, Entry]

    def entry(self, report_id: str, title: str | None = None) -> Entry | None:
        """Return the entry with that id, or else with that title, or None."""
        return find_entry(self.catalogue, report_id, title)


def find_entry(
    catalogue: Mapping[str, Entry], report_id: str, title: str | None = None
) -> Entry | None:
    """Return the entry of a catalogue with that id, or else with that title, or None."""
    if report_id in catalogue or title is None:
        return catalogue.get(report_id)
    named = (e for e in catalogue.values() if _same(e.facts.title or "", title))
    return next(named, None)


def read_corpus(
    folder: Path, catalogue: Path | None = None, known: dict[str, Entry] | None = None
) -> Corpus:
    """List and hash the reports in `folder`.

    The catalogue is `catalogue`, or catalogue.toml in the folder if there is one. If it cannot be
    read, the entries `known` so far are used instead. Of two files with the same contents or the
    same id, the one in the catalogue is used, or else the first by name.
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
    # Files in the catalogue first, so that no copy under another name takes a report's place.
    for path in sorted(files, key=lambda p: report_id(p) not in entries):
        if path.suffix.lower() not in SUFFIXES and printable(path.name) == path.name:
            left_out.append(FileProblem(path.name, f"not one of {', '.join(SUFFIXES)}"))
            continue
        source = _source(path)
        if isinstance(source, FileProblem):
            problems.append(source)
        elif same := contents.get(source.sha256):
            reason = f"has the same contents as {same.path.name}"
            left_out.append(FileProblem(path.name, reason))
        elif same := sources.get(source.report_id):
            reason = f"would have the same id as {same.path.name}: {source.report_id}."
            problems.append(FileProblem(path.name, f"{reason} Rename or remove one of them."))
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
        return Source(path, report_id(path), digest(path))
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
    if not path.is_file():
        if required or path.exists():
            raise CorpusError(f"There is no catalogue file {path}. Check the path.")
        return {}
    try:
        parsed = check_catalogue(parse_toml(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise CorpusError(f"{path}: {explain(error)}") from error
    return {
        name: Entry(
            name,
            Metadata(**entry.model_dump(exclude={"note_on", "file"})),
            entry.note_on,
            entry.file,
        )
        for name, entry in parsed.reports.items()
    }


def check_catalogue(values: dict[str, Any]) -> _Catalogue:
    """Return the catalogue in the values of a TOML file.

    Raises pydantic's ValidationError if a key or value is not one of a catalogue.
    """
    return _Catalogue.model_validate(values)


def _same(a: str, b: str) -> bool:
    return re.sub(r"\W+", "", a.lower()) == re.sub(r"\W+", "", b.lower())
