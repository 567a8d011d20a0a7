"""Add a report to the corpus folder: check it, give it a safe name, and write it.

A file is written completely or not at all, and never replaces another.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from reformqa.errors import UploadError
from reformqa.files import write_atomically, write_new
from reformqa.ingest.folder import is_corpus_file, list_files
from reformqa.ingest.handed_in import describe, note_of
from reformqa.ingest.validation import check_paper
from reformqa.ingest.waiting import Waiting
from reformqa.isolation.limits import Limits
from reformqa.parsing import SUFFIXES, report_id
from reformqa.settings import AppSettings, DrawingSettings

#: The most bytes in the stem of a file name: with suffixes it then fits every file system.
LONGEST = 180
#: The characters that a name keeps besides letters and digits.
_KEPT = frozenset("-_.,()&'+")
_ONE_AT_A_TIME = threading.Lock()


def receive(
    corpus: Path,
    name: str,
    data: bytes,
    settings: AppSettings,
    limits: Limits = DrawingSettings(),
) -> Path:
    """Add an uploaded file called `name` to the folder `corpus`, and return its path there.

    If the settings name a place for uploads, it waits there until a rebuild gives it that path.
    Raises UploadError if uploads are off, the file is too large or a PDF has too many pages, and
    for the reasons of `take`.
    """
    if settings.uploads == "off":
        raise UploadError("Uploads are off. To allow them, change the setting app.uploads.")
    safe = safe_name(name)
    if len(data) > settings.upload_megabytes * 2**20:
        raise UploadError(
            f"{safe} has {len(data) / 2**20:.1f} MB; at most {settings.upload_megabytes} MB are"
            " allowed (the setting app.upload_megabytes)."
        )
    check_paper(safe, data, settings.upload_pages, limits)
    if not settings.upload_folder:
        return place(corpus, safe, data, handed_in=True)
    target = _target(corpus, safe)
    _check_new(corpus, target, data)
    Waiting(settings.upload_folder).put(safe, data)
    return target


def take(corpus: Path, name: str, data: bytes, limits: Limits = DrawingSettings()) -> Path:
    """Check a file called `name`, add it to the folder `corpus`, and return its path there.

    Raises UploadError if a PDF exceeds `limits`, or if the file is not what its suffix says, and
    for the reasons of `place`.
    """
    safe = safe_name(name)
    check_paper(safe, data, limits=limits)
    return place(corpus, safe, data)


def place(corpus: Path, name: str, data: bytes, *, handed_in: bool = False) -> Path:
    """Add a file that has been checked to the folder `corpus`, and return its path there.

    A file that a visitor has `handed_in` gets a note beside it, which is written first.
    Raises UploadError if it cannot be written, or is already in the corpus.
    """
    safe = safe_name(name)
    target = _target(corpus, safe)
    try:
        with _ONE_AT_A_TIME:
            _check_new(corpus, target, data)
            with _noted(target, data) if handed_in else nullcontext():
                write_new(target, data)
    except FileExistsError as error:
        raise UploadError(f"{safe} is in the corpus already. Rename the report.") from error
    except OSError as error:
        raise UploadError(
            f"{safe} cannot be written to the corpus folder: {error.strerror}. Ask the"
            " administrator to check its permissions and free space."
        ) from error
    return target


def _target(corpus: Path, name: str) -> Path:
    """Return the path of a report of that safe name. Raises UploadError if none may have it."""
    target = corpus / name
    if not is_corpus_file(target, corpus):
        raise UploadError(f"{name} is a name for a file about the folder. Rename the report.")
    return target


def safe_name(name: str) -> str:
    """Return a safe file name made from the last part of the path `name`.

    Letters, digits and a few marks are kept, invisible characters are removed, and other marks
    become hyphens. Raises UploadError if nothing is left, or if no reader has that suffix.
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = unicodedata.normalize("NFC", "".join(map(_plain, last)))
    stem, dot, suffix = plain.rpartition(".")
    suffix = dot + suffix.strip().lower()
    if suffix not in SUFFIXES:
        raise UploadError(
            f"Only {', '.join(SUFFIXES)} files can be read. Save the report as one of these."
        )
    stem = stem.encode()[:LONGEST].decode(errors="ignore")
    stem = re.sub(r" +", " ", stem).strip(" .-")
    if not any(c.isalnum() for c in stem):
        raise UploadError("The file name has no letters or digits. Name it after the report.")
    return stem + suffix


def _plain(character: str) -> str:
    kind = unicodedata.category(character)[0]
    if kind in "LNM" or character in _KEPT:
        return character
    return {"C": "", "Z": " "}.get(kind, "-")


def _check_new(corpus: Path, target: Path, data: bytes) -> None:
    """Raise UploadError if a file in the corpus has the same contents or the same id."""
    for file in list_files(corpus):
        if report_id(file) == report_id(target) and file.suffix.lower() in SUFFIXES:
            raise UploadError(
                f"{file.name} is in the corpus already, with the same id ({report_id(file)})."
                " Rename the report, or ask the administrator to replace that file."
            )
    if same := same_contents(corpus, data):
        raise UploadError(f"This report is in the corpus already: {same.name}.")


def same_contents(corpus: Path, data: bytes) -> Path | None:
    """Return the file in the corpus with these contents, or None."""
    same_size = (f for f in list_files(corpus) if f.stat().st_size == len(data))
    return next((f for f in same_size if f.read_bytes() == data), None)


@contextmanager
def _noted(target: Path, data: bytes) -> Iterator[None]:
    """Write the note that a file was handed in, and remove it if the file cannot be written."""
    note = note_of(target)
    write_atomically(note, describe(target, data))
    try:
        yield
    except OSError:
        note.unlink(missing_ok=True)
        raise
