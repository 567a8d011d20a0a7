"""Files that a kill, a power cut or a full disk leaves whole: the old ones, or the new."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_atomically(file: Path, data: bytes) -> None:
    """Write `data` into `file`, in place of what it holds, at once or not at all.

    Raises OSError where it cannot be written; `file` is then as it was.
    """
    with written_beside(file, data) as aside:
        os.replace(aside, file)
        sync(file.parent)


@contextmanager
def written_beside(file: Path, data: bytes) -> Iterator[Path]:
    """A hidden file beside `file`, with that data on the disk; gone in the end."""
    aside = file.with_name(f".{file.name}.{secrets.token_hex(3)}")
    try:
        with aside.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def is_half_written(file: Path) -> bool:
    """Whether a file is one that `write_atomically` was writing when it was killed."""
    return re.fullmatch(r"\..+\.[0-9a-f]{6}", file.name) is not None and file.is_file()


def sync(path: Path) -> None:
    """Have the disk hold what a file contains, or which names a folder has."""
    if os.name == "nt" and path.is_dir():  # Windows keeps names by itself, and opens no folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
