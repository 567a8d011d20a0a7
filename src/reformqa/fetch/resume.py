"""Partial downloads: the data that has arrived, and the version of the file it belongs to."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from reformqa.formats import parse_json

_MONTH = 30 * 86_400
#: A strong ETag, limited to characters that every server accepts back.
_TAG = re.compile(r'"[!#-~]*"')


class Partial:
    """The partial download from one address, kept as hidden files in a folder.

    `validator` is a strong ETag or a strong Last-Modified date (RFC 9110, 8.8). Without one, a
    later part might be of another version, so that the data is dropped when a download breaks off.
    """

    def __init__(self, folder: Path, address: str) -> None:
        name = f".{hashlib.sha256(address.encode()).hexdigest()[:16]}.partial"
        self._data = folder / name
        self._about = folder / f"{name}.json"
        self.validator = self._read_validator()

    @property
    def size(self) -> int:
        """The number of bytes that have arrived."""
        return self._data.stat().st_size if self._data.exists() else 0

    def headers(self) -> dict[str, str]:
        """Return the headers of a request for the rest (RFC 9110, 13.1.5), empty at the start."""
        if not self.size or self.validator is None:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self.validator}

    def is_continued_by(self, headers: Mapping[str, str]) -> bool:
        """Return whether the answer with these headers is the rest, of the same version."""
        here = headers.get("content-range", "").startswith(f"bytes {self.size}-")
        version = validator_of(headers)
        return here and (version is None or version == self.validator)

    def begin(self, validator: str | None) -> None:
        """Start again, with the file of this version."""
        self.drop()
        self.validator = validator
        if validator is not None:
            self._about.write_text(json.dumps(validator), encoding="utf-8")

    def open(self) -> BinaryIO:
        """Open the data for appending."""
        return self._data.open("ab")

    def head(self, most: int) -> bytes:
        """Return at most the first `most` bytes."""
        if not self._data.exists():
            return b""
        with self._data.open("rb") as file:
            return file.read(most)

    def read(self) -> bytes:
        """Return all the data."""
        return self._data.read_bytes()

    def drop(self) -> None:
        """Delete the data and its version."""
        # The data goes first, so that a version is never paired with other data.
        self._data.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)
        self.validator = None

    def _read_validator(self) -> str | None:
        try:
            found = parse_json(self._about.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return found if isinstance(found, str) else None


def drop_old(folder: Path) -> None:
    """Delete partial downloads untouched for a month. Their addresses may be out of use."""
    for file in folder.glob(".*.partial*"):
        if time.time() - file.stat().st_mtime > _MONTH:
            file.unlink()


def validator_of(headers: Mapping[str, str]) -> str | None:
    """Return what identifies an answer's version byte for byte (RFC 9110, 8.8), or None.

    A Last-Modified date does if the answer was made at least a second later, because a file may
    change twice within a second.
    """
    tag = headers.get("etag", "")
    if _TAG.fullmatch(tag):
        return tag
    try:
        changed = parsedate_to_datetime(headers.get("last-modified", ""))
        made = parsedate_to_datetime(headers.get("date", ""))
        strong = made - changed >= timedelta(seconds=1)
    except (TypeError, ValueError):  # missing, not a date, or only one has a time zone
        return None
    return headers["last-modified"] if strong else None
