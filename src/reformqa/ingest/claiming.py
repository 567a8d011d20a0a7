"""Claim the uploads that wait for this rebuild: each gets into the corpus once.

A report is claimed by making its file in the corpus, which only one process can, and then removed
from where it waited. Killed in between, a rebuild finds it in the corpus the next time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from reformqa.errors import UploadError
from reformqa.ingest.upload import place, safe_name, same_contents
from reformqa.ingest.waiting import Waiting


class _Note(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """The names of the reports that came into the corpus, and what is wrong with others."""

    files: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def claim(corpus: Path, address: str) -> Claimed:
    """Move the uploads that wait at an address into the folder `corpus`.

    An upload that cannot be moved stays, and stops no other. Nor does a place that cannot be
    reached stop a rebuild: it is one of the faults.
    """
    files: list[str] = []
    faults: list[str] = []
    try:
        waiting = Waiting(address)
        digests = waiting.digests()
    except UploadError as error:
        return Claimed(faults=(str(error),))
    for digest in digests:
        try:
            name = _claim(corpus, waiting, digest)
        except UploadError as error:
            faults.append(f"An upload stays where it waits. {error}")
        else:
            files += [name] if name else []
    return Claimed(tuple(files), tuple(faults))


def _claim(corpus: Path, waiting: Waiting, digest: str) -> str | None:
    """Return the name under which a report came into the corpus; None if it was there already."""
    name = None
    if found := waiting.read(digest):
        note, data = found
        name = _placed(corpus, _name(note), data, digest)
    waiting.remove(digest)
    return name


def _name(note: bytes) -> str:
    try:
        return safe_name(_Note.model_validate_json(note).file)
    except ValidationError as error:
        raise UploadError("Its note cannot be read. Remove both.") from error


def _placed(corpus: Path, name: str, data: bytes, digest: str) -> str | None:
    """Put a file into the corpus, and return its name; None if the corpus has its contents.

    If another report has the name by now, a part of the digest is added: the visitor is gone and
    cannot be asked for another.
    """
    for other in (name, f"{digest[:8]}-{name}"):
        if same_contents(corpus, data):
            return None
        try:
            return place(corpus, other, data, handed_in=True).name
        except UploadError as error:
            fault = error
    if same_contents(corpus, data):
        return None
    raise fault
