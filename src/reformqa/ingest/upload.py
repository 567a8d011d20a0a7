"""A report that comes in: looked at, given a safe name, put into the corpus folder.

A file comes in whole or not at all, and nothing in the folder is replaced.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import unicodedata
from pathlib import Path

from reformqa.errors import UploadError
from reformqa.files import written_beside
from reformqa.ingest.corpus import is_corpus_file, list_files
from reformqa.ingest.validation import check_paper
from reformqa.parsing import SUFFIXES, report_id
from reformqa.settings import AppSettings

#: The longest stem of a file's name, in bytes: with a suffix and a mark it fits every file system.
LONGEST = 180
#: What a name keeps besides letters and digits.
_KEPT = frozenset("-_.,()&'+")
_ONE_AT_A_TIME = threading.Lock()


def receive(corpus: Path, name: str, data: bytes, settings: AppSettings) -> Path:
    """Put a file that a visitor handed in under `name` into `corpus`; where it is now.

    Raises UploadError where uploads are off, the file is too large, and as `take` does.
    """
    if settings.uploads == "off":
        raise UploadError("This app takes no uploads. The setting app.uploads allows them.")
    safe = safe_name(name)
    if len(data) > settings.upload_megabytes * 2**20:
        raise UploadError(
            f"{safe} has {len(data) / 2**20:.1f} MB; at most {settings.upload_megabytes} are"
            " taken (the setting app.upload_megabytes)."
        )
    return take(corpus, safe, data, settings.upload_pages)


def take(corpus: Path, name: str, data: bytes, most_pages: int | None = None) -> Path:
    """Put a file called `name` into `corpus`; where it is now.

    Raises UploadError where a PDF has more than `most_pages`, the file is not what its name says,
    cannot be opened or written, or is in the corpus already.
    """
    safe = safe_name(name)
    check_paper(safe, data, most_pages)
    target = corpus / safe
    if not is_corpus_file(target, corpus):
        raise UploadError(f"{safe} is a name for a file about the folder. Rename the report.")
    try:
        with _ONE_AT_A_TIME:
            _check_new(corpus, target, data)
            _write(target, data)
    except FileExistsError as error:
        raise UploadError(f"{safe} is in the corpus already. Rename the report.") from error
    except OSError as error:
        raise UploadError(
            f"{safe} cannot be put into the corpus folder: {error.strerror}. Tell those who run"
            " the library to look at its rights and its disk."
        ) from error
    return target


def safe_name(name: str) -> str:
    """The name that a file is kept under: the last part of `name`, of plain characters.

    Letters, digits and a few marks stay; what nobody sees goes; other marks become hyphens.
    Raises UploadError where nothing is left, or its suffix is of no kind that is read.
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = unicodedata.normalize("NFC", "".join(map(_plain, last)))
    stem, dot, suffix = plain.rpartition(".")
    suffix = dot + suffix.strip().lower()
    if suffix not in SUFFIXES:
        raise UploadError(f"Only {', '.join(SUFFIXES)} files are read; save the report as one.")
    stem = stem.encode()[:LONGEST].decode(errors="ignore")
    stem = re.sub(r" +", " ", stem).strip(" .-")
    if not any(c.isalnum() for c in stem):
        raise UploadError("The file has no name. Name it after the report.")
    return stem + suffix


def _plain(character: str) -> str:
    kind = unicodedata.category(character)[0]
    if kind in "LNM" or character in _KEPT:
        return character
    return {"C": "", "Z": " "}.get(kind, "-")


def _check_new(corpus: Path, target: Path, data: bytes) -> None:
    """Raise UploadError where a file of the corpus has the same contents or the same id."""
    digest = hashlib.sha256(data).digest()
    for file in list_files(corpus):
        if report_id(file) == report_id(target) and file.suffix.lower() in SUFFIXES:
            raise UploadError(
                f"{file.name} is in the corpus already, under the same id ({report_id(file)})."
                " Rename the report, or ask those who run the app to replace that file."
            )
        if file.stat().st_size != len(data):
            continue
        if hashlib.sha256(file.read_bytes()).digest() == digest:
            raise UploadError(f"This report is in the corpus already: {file.name}.")


def _write(target: Path, data: bytes) -> None:
    """Write a new file, whole or not at all. Raises FileExistsError where there is one."""
    with written_beside(target, data) as aside:
        try:
            os.link(aside, target)
        except FileExistsError:
            raise
        except OSError:  # no hard links on this disk: take the name, then fill it by a rename
            target.open("xb").close()
            os.replace(aside, target)
