"""A download that may be interrupted: what has come so far, and of which version of the file."""

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

_MONTH = 30 * 86_400
#: A strong ETag, of characters that every server takes back.
_TAG = re.compile(r'"[!#-~]*"')


class Partial:
    """What has come of the file at one address, kept as hidden files in a folder.

    Without a validator (RFC 9110, 8.8: a strong ETag, or a Last-Modified that is strong), nobody
    could tell whether the rest belongs to it: then it is dropped when a download breaks off.
    """

    def __init__(self, folder: Path, address: str) -> None:
        name = f".{hashlib.sha256(address.encode()).hexdigest()[:16]}.partial"
        self._data = folder / name
        self._about = folder / f"{name}.json"
        self.validator = self._read_validator()

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return self._data.stat().st_size if self._data.exists() else 0

    def headers(self) -> dict[str, str]:
        """What a request for the rest says (RFC 9110, 13.1.5); empty where there is nothing yet."""
        if not self.size or self.validator is None:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self.validator}

    def begin(self, validator: str | None) -> None:
        """Start anew, with a file of that version."""
        self.drop()
        self.validator = validator
        if validator is not None:
            self._about.write_text(json.dumps(validator), encoding="utf-8")

    def open(self) -> BinaryIO:
        """The file to add to."""
        return self._data.open("ab")

    def head(self, most: int) -> bytes:
        """The first bytes of what has come."""
        if not self._data.exists():
            return b""
        with self._data.open("rb") as file:
            return file.read(most)

    def read(self) -> bytes:
        """What has come."""
        return self._data.read_bytes()

    def drop(self) -> None:
        """Forget what has come."""
        # The data first: what tells its version must never be told of other data.
        self._data.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)
        self.validator = None

    def _read_validator(self) -> str | None:
        try:
            found = json.loads(self._about.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return found if isinstance(found, str) else None


def drop_old(folder: Path) -> None:
    """Drop what nobody has gone on with for a month: its address may be asked no more."""
    for file in folder.glob(".*.partial*"):
        if time.time() - file.stat().st_mtime > _MONTH:
            file.unlink()


def validator_of(headers: Mapping[str, str]) -> str | None:
    """What tells the version of an answer byte for byte (RFC 9110, 8.8), or None.

    A date does where the answer was made a second or more after it: within one second, a file may
    change twice.
    """
    tag = headers.get("etag", "")
    if _TAG.fullmatch(tag):
        return tag
    try:
        changed = parsedate_to_datetime(headers.get("last-modified", ""))
        made = parsedate_to_datetime(headers.get("date", ""))
        strong = made - changed >= timedelta(seconds=1)
    except (TypeError, ValueError):  # none, or no date; or one of them without its zone
        return None
    return headers["last-modified"] if strong else None
