"""Fetch the papers that a catalogue lists, or add one by its file or address."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from reformqa.errors import (
    CorpusError,
    FetchError,
    FetchRefusedError,
    UnknownNameError,
    UploadError,
)
from reformqa.fetch.client import Web
from reformqa.fetch.find import BY_HAND, find_paper
from reformqa.fetch.keep import check_free, keep, locked, present, unwritable
from reformqa.files import digest
from reformqa.ingest.corpus import Entry, read_catalogue
from reformqa.ingest.folder import CATALOGUE
from reformqa.ingest.handed_in import note_of, was_handed_in
from reformqa.ingest.upload import LONGEST, safe_name, take
from reformqa.ingest.validation import read_front
from reformqa.isolation.limits import Limits, OverloadError
from reformqa.parsing import SUFFIXES, report_id
from reformqa.settings import DrawingSettings, FetchSettings


@dataclass(frozen=True, slots=True)
class Fetched:
    """The outcome for one paper.

    `file` is its place in the corpus, if it was "fetched" or is already "there". `address` is
    where it came from, or would come from. Without a file, `reason` says what went wrong and what
    to do.
    """

    report_id: str
    outcome: Literal["fetched", "there", "to fetch", "refused", "failed", "no address"]
    file: str | None = None
    address: str | None = None
    reason: str | None = None


def fetch(
    corpus: Path,
    *,
    catalogue: Path | None = None,
    reports: Sequence[str] = (),
    settings: FetchSettings = FetchSettings(),
    limits: Limits = DrawingSettings(),
    dry_run: bool = False,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> list[Fetched]:
    """Fetch the papers that the catalogue lists and `corpus` lacks, one after another.

    A paper comes from its entry's `file`, or else from the page at its `url`. Reading notes are
    skipped. `reports` limits the run to those ids; with `dry_run`, nothing is requested or
    written. Each PDF is checked within `limits`. A failure is reported in that paper's result and
    stops no other.

    Raises CorpusError if the folder is missing or the catalogue invalid, UnknownNameError for an
    id that the catalogue lacks, and FetchError if another run is fetching into this folder.
    """
    check_folder(corpus)
    entries = read_catalogue(catalogue or corpus / CATALOGUE, required=catalogue is not None)
    papers = {name: entry for name, entry in entries.items() if entry.note_on is None}
    for name in reports:
        if name not in papers:
            raise UnknownNameError("report", name, papers)
    chosen = [entry for name, entry in papers.items() if not reports or name in reports]
    with nullcontext() if dry_run else locked(corpus):
        there = present(corpus)
        results = [_planned(entry, there, limits) for entry in chosen]
        if dry_run:
            return results
        with open_web(settings) as web:
            for n, entry in enumerate(chosen):
                progress("fetching", n, len(chosen))
                if results[n].outcome == "to fetch":
                    results[n] = _fetched(web, corpus, entry, results[n].address or "", limits)
    progress("fetching", len(chosen), len(chosen))
    return results


def add(
    given: str,
    corpus: Path,
    *,
    name: str | None = None,
    title: str | None = None,
    settings: FetchSettings = FetchSettings(),
    limits: Limits = DrawingSettings(),
) -> Fetched:
    """Add one new paper to `corpus`: a local file, or else the PDF at an address.

    The file is named `name`, or else after `title`, the given file or the address. If `title` is
    given, a PDF from an address must have it. A PDF is checked within `limits`.

    Raises CorpusError if the folder is missing, UploadError if the file is unsuitable or already
    there, and FetchError if it cannot be downloaded.
    """
    check_folder(corpus)
    if os.path.isfile(given):
        return _add_file(Path(given), corpus, name or title, limits)
    if urlsplit(given).scheme.lower() in ("http", "https"):
        return _add_address(given, corpus, name, title, settings, limits)
    raise UploadError(
        f"{given} is neither a file on this machine nor an http or https address. Check it."
    )


def _add_file(file: Path, corpus: Path, name: str | None, limits: Limits) -> Fetched:
    suffix = file.suffix.lower()
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UploadError(f"{file} cannot be read: {error.strerror}.") from error
    taken = take(corpus, f"{_stem(name or file.stem)}{suffix}", data, limits=limits)
    return Fetched(report_id(taken), "fetched", str(taken), str(file))


def _add_address(
    address: str,
    corpus: Path,
    name: str | None,
    title: str | None,
    settings: FetchSettings,
    limits: Limits,
) -> Fetched:
    with locked(corpus), open_web(settings) as web:
        return add_address(web, corpus, address, name=name, title=title, limits=limits)


def add_address(
    web: Web,
    corpus: Path,
    address: str,
    *,
    name: str | None = None,
    title: str | None = None,
    reserved: Collection[str] = (),
    limits: Limits = DrawingSettings(),
) -> Fetched:
    """Add the PDF at `address`, or that the page there links to, to a locked `corpus`.

    The file is named `name`, or else after `title` or the address. If `title` is given, the PDF
    must have it. Raises UploadError if the corpus has the report already, or its id would be one of
    those `reserved`, and FetchError if it cannot be downloaded.
    """
    wanted = name or title
    if wanted:
        check_free(corpus, _pdf_name(wanted))
    try:
        answer = find_paper(web, corpus, address, title, limits)
        file = _pdf_name(wanted or _named_by(answer.address))
        if report_id(Path(file)) in reserved:
            raise UploadError(
                f"{answer.address} would get the id of a report in the catalogue,"
                f" {report_id(Path(file))}. If it is that report, use `reformqa add` with --name."
            )
        taken = keep(corpus, file, answer, address, title, None)
    except OSError as error:
        raise FetchError(unwritable(corpus, error)) from error
    return Fetched(report_id(taken), "fetched", str(taken), answer.address)


def _planned(entry: Entry, there: dict[str, Path], limits: Limits) -> Fetched:
    """Return what is to be done for an entry, before anything is requested."""
    name, address = entry.report_id, entry.file or entry.facts.url
    proper = report_id(Path(f"{name}.pdf"))
    if name != proper or len(name) > LONGEST:
        cure = f'Rename it to "{proper[:LONGEST]}".'
        reason = f"The key in the catalogue is not a valid report id. {cure}"
        return Fetched(name, "refused", reason=reason)
    if name in there:
        return _present(entry, there[name], limits)
    if not address:
        return Fetched(name, "no address", reason=f"The catalogue has no address. {BY_HAND}")
    return Fetched(name, "to fetch", address=address)


def _present(entry: Entry, file: Path, limits: Limits) -> Fetched:
    """Return that an entry's paper is there, or that `file` only has its name."""
    if not note_of(file).exists() or _is_paper(entry, file, limits):
        return Fetched(entry.report_id, "there", str(file))
    reason = (
        f"{file.name} was handed in under this name, and does not show the title"
        f" “{entry.facts.title}”. If it is the paper, remove {note_of(file).name}. If not, rename"
        " it, and fetch again."
    )
    return Fetched(entry.report_id, "refused", reason=reason)


def _is_paper(entry: Entry, file: Path, limits: Limits) -> bool:
    """Return whether a file that may have been handed in is the paper of an entry."""
    try:
        sha256 = digest(file)
        if not was_handed_in(file, sha256) or entry.sha256 == sha256:
            return True
        front = read_front(file.name, file.read_bytes(), limits)
    except (OSError, UploadError, OverloadError):
        return False
    return front.has_title(entry.facts.title or "")


def _fetched(web: Web, corpus: Path, entry: Entry, address: str, limits: Limits) -> Fetched:
    """Fetch an entry's paper from `address`, and return the outcome."""
    name, title = entry.report_id, entry.facts.title
    try:
        answer = find_paper(web, corpus, address, title, limits)
        taken = keep(corpus, f"{name}.pdf", answer, address, title, entry.facts.licence)
    except (FetchRefusedError, UploadError) as error:
        return Fetched(name, "refused", None, address, str(error))
    except FetchError as error:
        return Fetched(name, "failed", None, address, str(error))
    except OSError as error:
        return Fetched(name, "failed", None, address, unwritable(corpus, error))
    return Fetched(name, "fetched", str(taken), answer.address)


def check_folder(corpus: Path) -> None:
    """Raise CorpusError if there is no such folder."""
    if not corpus.is_dir():
        raise CorpusError(
            f"There is no corpus folder {corpus}. Create it, or choose another with --corpus."
        )


def open_web(settings: FetchSettings) -> Web:
    """Return the client of a run, a context manager."""
    return Web(settings, version("reformqa"))


def _pdf_name(name: str) -> str:
    """Return the file name for a paper with this name, title or address."""
    return safe_name(f"{_stem(name)}.pdf")


def _stem(name: str) -> str:
    """Return a name without a paper's suffix and without slashes, which a title may contain."""
    whole = re.sub(r"[/\\]+", " ", name)
    stem, dot, suffix = whole.rpartition(".")
    return stem if f"{dot}{suffix}".lower() in SUFFIXES else whole


def _named_by(address: str) -> str:
    """Return the last part of an address, or else its host."""
    url = urlsplit(address)
    return unquote(url.path).rstrip("/").rpartition("/")[2] or url.hostname or "paper"
