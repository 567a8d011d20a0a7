"""Keep fetched papers in the corpus folder, each with a note of its origin."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import Timeout
from pydantic_core import to_json

from reformqa.errors import FetchError, UploadError
from reformqa.fetch.client import Response
from reformqa.fetch.resume import drop_old
from reformqa.files import write_atomically
from reformqa.formats import parse_json
from reformqa.ingest.folder import PROVENANCE, list_files
from reformqa.ingest.upload import place
from reformqa.locks import held
from reformqa.parsing import SUFFIXES, report_id


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a corpus file came from, as saved beside it in "<its stem>.provenance.json".

    `asked` is the address that was given, and `address` the PDF's own after links and redirects.
    `fetched` is the time (ISO 8601, UTC). `etag` and `last_modified` are the host's.
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


def keep(
    corpus: Path, file: str, answer: Response, asked: str, title: str | None, licence: str | None
) -> Path:
    """Write a paper that `find_paper` has checked, and its origin, and return the paper's path.

    Raises UploadError if the corpus has a report with the same id.
    """
    check_free(corpus, file)
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
    # The note is written first. If a run ends between the two, the next one fetches the paper
    # again, and no paper lacks its origin.
    note = corpus / f"{Path(file).stem}{PROVENANCE}"
    write_atomically(note, to_json(origin, indent=2) + b"\n")
    try:
        return place(corpus, file, answer.body)
    except UploadError:
        note.unlink(missing_ok=True)
        raise


def check_free(corpus: Path, file: str) -> None:
    """Raise UploadError if the corpus has a report with the id that `file` would get."""
    name = report_id(Path(file))
    if other := present(corpus).get(name):
        raise UploadError(
            f"{other.name} is in the corpus already, with the id {name}. Choose another name."
        )


def present(corpus: Path) -> dict[str, Path]:
    """Return the corpus files by report id, and by the id that they were fetched for."""
    files = [f for f in list_files(corpus) if f.suffix.lower() in SUFFIXES]
    there = {report_id(file): file for file in files}
    for file in files:
        origin = _origin(file)
        if isinstance(origin.get("report_id"), str):
            there.setdefault(origin["report_id"], file)
    return there


def addresses_present(corpus: Path) -> set[str]:
    """Return the addresses from which the corpus files came, as given and after redirects."""
    origins = [_origin(f) for f in list_files(corpus) if f.suffix.lower() in SUFFIXES]
    found = (origin.get(key) for origin in origins for key in ("asked", "address"))
    return {address for address in found if isinstance(address, str)}


def _origin(file: Path) -> dict[str, Any]:
    """Return what is noted of a file's origin; most files have no note."""
    try:
        origin = parse_json(file.with_name(f"{file.stem}{PROVENANCE}").read_bytes())
    except (OSError, ValueError):
        return {}
    return origin if isinstance(origin, dict) else {}


@contextmanager
def locked(corpus: Path) -> Iterator[None]:
    """Lock the folder for one run. Raises FetchError if another run is fetching into it."""
    with ExitStack() as stack:
        try:
            stack.enter_context(held(corpus / ".fetch.lock", 0))
        except Timeout as error:
            raise FetchError(
                f"Another run is fetching into {corpus}. Wait until it has finished."
            ) from error
        except OSError as error:
            raise FetchError(unwritable(corpus, error)) from error
        drop_old(corpus)
        yield


def unwritable(corpus: Path, error: OSError) -> str:
    """Return the message for a corpus folder that cannot be written to."""
    return f"{corpus} cannot be written to: {error.strerror}. Check its permissions and the disk."
