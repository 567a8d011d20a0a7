"""Bring papers into the corpus: those that its catalogue names, or one by its file or address."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout
from pydantic_core import to_json

from reformqa.errors import (
    CorpusError,
    FetchError,
    FetchRefusedError,
    UnknownNameError,
    UploadError,
)
from reformqa.fetch.client import Response, Web
from reformqa.fetch.links import pdf_links
from reformqa.fetch.resume import Partial, drop_old
from reformqa.files import write_atomically
from reformqa.ingest.corpus import CATALOGUE, PROVENANCE, Entry, list_files, read_catalogue
from reformqa.ingest.upload import LONGEST, safe_name, take
from reformqa.ingest.validation import (
    check_pdf,
    has_title,
    is_cut_off,
    is_pdf,
    title_found,
)
from reformqa.parsing import SUFFIXES, report_id
from reformqa.settings import FetchSettings

#: How many of a page's links are tried.
MOST_LINKS = 5
_PAGE = re.compile(rb"<(?:!doctype html|html|head|body|meta|a)\b", re.IGNORECASE)
_CURE = "Give the PDF's address as `file` in the catalogue, or use `reformqa add`."


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one paper.

    `file` is where it is, of "fetched" and "there"; `address` is where it came from, or is to
    come from; `reason` says what was wrong, and what to do, where there is no file.
    """

    report_id: str
    outcome: Literal["fetched", "there", "to fetch", "refused", "failed", "no address"]
    file: str | None = None
    address: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file of the corpus came from: kept beside it as "<its stem>.provenance.json".

    `asked` is the address that was given, `address` the PDF's own after links and redirects;
    `fetched` is the time (ISO 8601, UTC); `etag` and `last_modified` are as its host gave them.
    """

    report_id: str
    file: str
    title: str | None
    licence: str | None
    asked: str
    address: str
    fetched: str
    sha256: str
    bytes: int
    etag: str | None
    last_modified: str | None


def fetch(
    corpus: Path,
    *,
    catalogue: Path | None = None,
    reports: Sequence[str] = (),
    settings: FetchSettings = FetchSettings(),
    dry_run: bool = False,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> list[Fetched]:
    """Get the papers that the catalogue names and `corpus` lacks, one after the other.

    A paper comes from the entry's `file`, or else from the page at its `url`; reading notes are
    passed over. With `reports`, only those ids; with `dry_run`, nothing is asked or written.
    What goes wrong with one paper is told of it and stops no other. Raises CorpusError for want
    of the folder or a right catalogue, UnknownNameError for an id that the catalogue lacks, and
    FetchError where another run fetches into this folder.
    """
    _check_folder(corpus)
    entries = read_catalogue(catalogue or corpus / CATALOGUE, required=catalogue is not None)
    papers = {name: entry for name, entry in entries.items() if entry.note_on is None}
    for name in reports:
        if name not in papers:
            raise UnknownNameError("report", name, papers)
    chosen = [entry for name, entry in papers.items() if not reports or name in reports]
    with nullcontext() if dry_run else _alone(corpus):
        there = _there(corpus)
        plan = [_planned(entry, there) for entry in chosen]
        if dry_run:
            return plan
        with _web(settings) as web:
            for n, entry in enumerate(chosen):
                progress("fetching", n, len(chosen))
                if plan[n].outcome == "to fetch":
                    plan[n] = _fetched(web, corpus, entry, plan[n].address or "")
    progress("fetching", len(chosen), len(chosen))
    return plan


def add(
    given: str,
    corpus: Path,
    *,
    name: str | None = None,
    title: str | None = None,
    settings: FetchSettings = FetchSettings(),
) -> Fetched:
    """Put one new paper into `corpus`: a file of this machine, or else the PDF at an address.

    It is called `name`, or else after `title`, its file or its address. A PDF from an address has
    to bear `title`, where one is given. Raises CorpusError for want of the folder, UploadError
    where the file is none that can be taken or is there already, FetchError where it cannot be got.
    """
    _check_folder(corpus)
    if os.path.isfile(given):
        return _add_file(Path(given), corpus, name or title)
    if urlsplit(given).scheme.lower() in ("http", "https"):
        return _add_address(given, corpus, name, title, settings)
    raise UploadError(f"{given} is no file here, and no address of http or https. Check it.")


def _add_file(file: Path, corpus: Path, name: str | None) -> Fetched:
    suffix = file.suffix.lower()
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UploadError(f"{file} cannot be read: {error.strerror}.") from error
    taken = take(corpus, f"{_stem(name or file.stem)}{suffix}", data)
    return Fetched(report_id(taken), "fetched", str(taken), str(file))


def _add_address(
    address: str, corpus: Path, name: str | None, title: str | None, settings: FetchSettings
) -> Fetched:
    wanted = name or title
    with _alone(corpus), _web(settings) as web:
        if wanted:
            _check_free(corpus, _pdf_name(wanted))
        try:
            answer = _find(web, corpus, address, title)
            file = _pdf_name(wanted or _named_by(answer.address))
            taken = _keep(corpus, file, answer, address, title, None)
        except OSError as error:
            raise FetchError(_unwritten(corpus, error)) from error
    return Fetched(report_id(taken), "fetched", str(taken), answer.address)


def _planned(entry: Entry, there: dict[str, Path]) -> Fetched:
    """What is to be done for an entry, before anything is asked."""
    name, address = entry.report_id, entry.file or entry.facts.url
    proper = report_id(Path(f"{name}.pdf"))
    if name != proper or len(name) > LONGEST:
        cure = f'Call it "{proper[:LONGEST]}".'
        return Fetched(name, "refused", reason=f"The catalogue's key is no report id. {cure}")
    if name in there:
        return Fetched(name, "there", str(there[name]))
    if not address:
        return Fetched(name, "no address", reason=f"The catalogue gives no address. {_CURE}")
    return Fetched(name, "to fetch", address=address)


def _fetched(web: Web, corpus: Path, entry: Entry, address: str) -> Fetched:
    """What becomes of an entry whose paper is got from `address`."""
    name, title = entry.report_id, entry.facts.title
    try:
        answer = _find(web, corpus, address, title)
        taken = _keep(corpus, f"{name}.pdf", answer, address, title, entry.facts.licence)
    except (FetchRefusedError, UploadError) as error:
        return Fetched(name, "refused", None, address, str(error))
    except FetchError as error:
        return Fetched(name, "failed", None, address, str(error))
    except OSError as error:
        return Fetched(name, "failed", None, address, _unwritten(corpus, error))
    return Fetched(name, "fetched", str(taken), answer.address)


def _find(web: Web, corpus: Path, address: str, title: str | None) -> Response:
    """The PDF at `address`, or the one of that title that the page there links to.

    Raises FetchRefusedError where there is none, FetchError where a host fails.
    """
    answer = web.get(address, Partial(corpus, address))
    if is_pdf(answer.body):
        _check(answer, title)
        return answer
    if not _PAGE.search(answer.body):
        raise FetchRefusedError(f"{answer.address} is neither a PDF nor a web page. {_CURE}")
    links = pdf_links(_decoded(answer.body), answer.address, title)[:MOST_LINKS]
    if not links:
        raise FetchRefusedError(f"The page {answer.address} links to no PDF. {_CURE}")
    faults: list[FetchError] = []
    for link in links:
        try:
            linked = web.get(link, Partial(corpus, link))
            _check(linked, title)
        except FetchError as error:
            faults.append(error)
        else:
            return linked
    told = " ".join(dict.fromkeys(map(str, faults)))
    message = f"No link of the page {answer.address} leads to the paper. {told}"
    if all(isinstance(fault, FetchRefusedError) for fault in faults):
        raise FetchRefusedError(message)
    raise FetchError(message)


def _check(answer: Response, title: str | None) -> None:
    """Raise FetchRefusedError where an answer is no whole PDF, or not the paper of that title."""
    if is_pdf(answer.body) and is_cut_off(answer.body):
        raise FetchRefusedError(f"{answer.address} gives a PDF that is cut off. {_CURE}")
    try:
        check_pdf(answer.address, answer.body)
    except UploadError as error:
        raise FetchRefusedError(str(error)) from error
    if title and not has_title(answer.body, title):
        found = title_found(answer.body)
        what = f'another paper, "{found}"' if found else "a paper without a title that can be read"
        raise FetchRefusedError(f'{answer.address} is {what}, and not "{title}". {_CURE}')


def _keep(
    corpus: Path, file: str, answer: Response, asked: str, title: str | None, licence: str | None
) -> Path:
    """Put what was got into the corpus, with its origin beside it; where it is."""
    _check_free(corpus, file)
    origin = Origin(
        report_id=report_id(Path(file)),
        file=file,
        title=title,
        licence=licence,
        asked=asked,
        address=answer.address,
        fetched=datetime.now(UTC).isoformat(timespec="seconds"),
        sha256=hashlib.sha256(answer.body).hexdigest(),
        bytes=len(answer.body),
        etag=answer.etag,
        last_modified=answer.last_modified,
    )
    # The note first: a run that ends between the two fetches again, and no paper lacks its origin.
    note = corpus / f"{Path(file).stem}{PROVENANCE}"
    write_atomically(note, to_json(origin, indent=2) + b"\n")
    try:
        return take(corpus, file, answer.body)
    except UploadError:
        note.unlink(missing_ok=True)
        raise


def _check_folder(corpus: Path) -> None:
    if not corpus.is_dir():
        raise CorpusError(
            f"There is no corpus folder {corpus}. Make it, or name another with --corpus."
        )


def _check_free(corpus: Path, file: str) -> None:
    """Raise UploadError where the corpus has a report of the id that `file` would have."""
    name = report_id(Path(file))
    if other := _there(corpus).get(name):
        raise UploadError(f"{other.name} is in the corpus already, under the id {name}. Rename it.")


def _there(corpus: Path) -> dict[str, Path]:
    """The files of the corpus by report id, and by the id that they were fetched for."""
    files = [f for f in list_files(corpus) if f.suffix.lower() in SUFFIXES]
    there = {report_id(file): file for file in files}
    for file in files:
        try:
            origin = json.loads(file.with_name(f"{file.stem}{PROVENANCE}").read_bytes())
        except (OSError, ValueError):  # most files have none
            continue
        if isinstance(origin, dict) and isinstance(origin.get("report_id"), str):
            there.setdefault(origin["report_id"], file)
    return there


@contextmanager
def _alone(corpus: Path) -> Iterator[None]:
    """Raise FetchError where another run fetches into the folder."""
    lock = FileLock(corpus / ".fetch.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise FetchError(f"Another run fetches into {corpus}. Wait until it is done.") from error
    except OSError as error:
        raise FetchError(_unwritten(corpus, error)) from error
    try:
        drop_old(corpus)
        yield
    finally:
        lock.release()


def _web(settings: FetchSettings) -> Web:
    return Web(settings, version("reformqa"))


def _decoded(page: bytes) -> str:
    """A page's text; what it says of its coding is not believed, and addresses need none."""
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError:
        return page.decode("cp1252", errors="replace")


def _pdf_name(name: str) -> str:
    """The file's name for a paper of that name, title or address."""
    return safe_name(f"{_stem(name)}.pdf")


def _stem(name: str) -> str:
    """A name without a suffix of papers, and of one part: a title may have a slash."""
    whole = re.sub(r"[/\\]+", " ", name)
    stem, dot, suffix = whole.rpartition(".")
    return stem if f"{dot}{suffix}".lower() in SUFFIXES else whole


def _named_by(address: str) -> str:
    """What an address calls its paper: its last part, or else its host."""
    url = urlsplit(address)
    return unquote(url.path).rstrip("/").rpartition("/")[2] or url.hostname or "paper"


def _unwritten(corpus: Path, error: OSError) -> str:
    return f"{corpus} cannot be written to: {error.strerror}. Look at its rights and its disk."
