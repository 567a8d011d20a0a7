"""Files written so that a kill, a power cut or a full disk leaves the old or the new one whole."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: The most bytes of a report: asked before a file is hashed, as that reads all of it.
LARGEST_REPORT = 1_000 * 2**20


def write_atomically(file: Path, data: bytes) -> None:
    """Replace the contents of `file` by `data` completely or not at all.

    Raises OSError if it cannot be written; `file` is then unchanged.
    """
    with written_beside(file, data) as aside:
        os.replace(aside, file)
        sync(file.parent)


def write_new(file: Path, data: bytes) -> None:
    """Write a new file completely or not at all. Raises FileExistsError if it exists.

    Of several processes that try, on whatever machines, one succeeds.
    """
    with written_beside(file, data) as aside:
        try:
            os.link(aside, file)
        except FileExistsError:
            raise
        except OSError:  # the disk has no hard links: claim the name, then rename over it
            file.open("xb").close()
            os.replace(aside, file)


@contextmanager
def written_beside(file: Path, data: bytes) -> Iterator[Path]:
    """Yield a hidden file beside `file` with `data` flushed to disk; remove it afterwards."""
    aside = file.with_name(f".{file.name}.{secrets.token_hex(3)}")
    try:
        with naming(file), aside.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield aside
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Name `file` in an error of the disk or of SQLite that names none.

    Opening a file names it, but writing to one, as on a full disk, does not.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        if getattr(error, "filename", None) is None:
            error.filename = str(file)  # type: ignore[union-attr]
        raise


def is_half_written(file: Path) -> bool:
    """Return whether a killed `write_atomically` or `written_beside` left the file behind."""
    return re.fullmatch(r"\..+\.[0-9a-f]{6}", file.name) is not None and file.is_file()


def sync(path: Path) -> None:
    """Flush a file's contents, or the names in a folder, to disk."""
    if os.name == "nt" and path.is_dir():  # Windows flushes names itself and opens no folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
