"""The corpus folder: which files it holds, and what its catalogue knows of them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reformqa.errors import CorpusError
from reformqa.files import digest
from reformqa.model import FileProblem, Metadata
from reformqa.parsing import SUFFIXES, report_id
from reformqa.settings import explain

CATALOGUE = "catalogue.toml"
#: How the name of a file ends that tells where a report was fetched from.
PROVENANCE = ".provenance.json"
#: Files of a corpus folder that are about it and not in it.
_ABOUT_THE_FOLDER = ("readme", "licence", "license")
#: Questions that every build has to answer from the right paragraph, where the folder has them.
QUESTIONS = "questions.jsonl"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(pattern=r"\w")
    publisher: str = Field(pattern=r"\w")
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = Field(None, pattern=r"^\d{4}(-\d{2})?$")
    series: str | None = None
    licence: str | None = None
    url: str | None = None
    file: str | None = None
    note_on: str | None = None


class _Catalogue(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reports: dict[str, _Entry] = {}


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the corpus: the report's id and the file's hash."""

    path: Path
    report_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue knows of a report; `note_on` is set where it is a reading note.

    `file` is the address of its PDF itself, where `facts.url` is the page that presents it.
    """

    report_id: str
    facts: Metadata
    note_on: str | None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """The sources in a folder, the files left out with the reason, and the catalogue.

    `problems` are files that should be in and cannot: somebody has to see to them.
    """

    sources: tuple[Source, ...]
    left_out: tuple[FileProblem, ...]
    problems: tuple[FileProblem, ...]
    catalogue: dict[str, Entry]

    def entry(self, report_id: str, title: str | None = None) -> Entry | None:
        """What the catalogue knows of the report of that id, or else of that title."""
        if report_id in self.catalogue or title is None:
            return self.catalogue.get(report_id)
        named = (e for e in self.catalogue.values() if _same(e.facts.title or "", title))
        return next(named, None)


def read_corpus(
    folder: Path, catalogue: Path | None = None, known: dict[str, Entry] | None = None
) -> Corpus:
    """List and hash the reports in `folder`.

    The catalogue is `catalogue`, or catalogue.toml in the folder where there is one; where it
    cannot be read, what was `known` of the reports so far stands in for it.
    Of two files with the same contents, or the same id, the one that the catalogue knows is taken,
    or else the first in order of names.
    Raises CorpusError where the folder is missing or holds no report, or the catalogue is wrong
    and nothing is known.
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
    # Those that the catalogue knows come first: no copy under an odd name takes a report's place.
    for path in sorted(list_files(folder), key=lambda p: report_id(p) not in entries):
        name = path.name.encode("utf-8", "replace").decode()
        if name != path.name:  # no record could hold it
            problems.append(FileProblem(name, "has a name that is not in UTF-8. Rename it."))
            continue
        if path.suffix.lower() not in SUFFIXES:
            left_out.append(FileProblem(path.name, f"not one of {', '.join(SUFFIXES)}"))
            continue
        try:
            source = Source(path, report_id(path), digest(path))
        except OSError as error:
            reason = f"cannot be read ({error.strerror}). Give the user that rebuilds the right to."
            problems.append(FileProblem(path.name, reason))
            continue
        if same := contents.get(source.sha256):
            reason = f"has the same contents as {same.path.name}"
            left_out.append(FileProblem(path.name, reason))
        elif same := sources.get(source.report_id):
            problems.append(
                FileProblem(
                    path.name,
                    f"would have the same id as {same.path.name}: {source.report_id}."
                    " Rename or remove one of them.",
                )
            )
        else:
            contents[source.sha256] = sources[source.report_id] = source
    if not sources:
        raise CorpusError(
            f"The corpus folder {folder} holds no report. Put {', '.join(SUFFIXES)} files there."
        )
    in_order = sorted(sources.values(), key=lambda s: s.path)
    return Corpus(tuple(in_order), tuple(left_out), tuple(problems), entries)


def _entries(
    file: Path, required: bool, known: dict[str, Entry] | None
) -> tuple[dict[str, Entry], list[FileProblem]]:
    """The catalogue's entries, or those `known` before with the problem that it has now."""
    try:
        return read_catalogue(file, required=required), []
    except CorpusError as error:
        if known is None:
            raise
        return known, [FileProblem(file.name, str(error), kept=True)]


def list_files(folder: Path) -> list[Path]:
    """The files in `folder` and below it that are part of the corpus, of whatever kind."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and is_corpus_file(p, folder))


def is_corpus_file(path: Path, folder: Path) -> bool:
    """Whether a file of that name in `folder` is taken for a part of the corpus."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    about = path.name in (CATALOGUE, QUESTIONS) or path.name.endswith(PROVENANCE)
    return not hidden and not about and path.stem.lower() not in _ABOUT_THE_FOLDER


def read_catalogue(path: Path, *, required: bool = False) -> dict[str, Entry]:
    """The entries of a catalogue file by report id; empty where there is no such file."""
    if not path.is_file():
        if required or path.exists():
            raise CorpusError(f"There is no catalogue file {path}. Check the path.")
        return {}
    try:
        parsed = _Catalogue.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
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


def _same(a: str, b: str) -> bool:
    return re.sub(r"\W+", "", a.lower()) == re.sub(r"\W+", "", b.lower())
