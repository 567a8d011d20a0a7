"""One writer at a time: whoever changes an index holds its lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from reformqa.errors import BusyIndexError, UnwritableIndexError

_FILE = "lock"
#: How long to wait for the lock: as long as `is_locked` may hold it, and no rebuild does.
_SECONDS = 1


@contextmanager
def only_writer(index: Path) -> Iterator[None]:
    """Hold the lock of an index, which is made where there is none.

    The operating system holds it for the process and frees it when that ends, however it ends: no
    crash leaves one behind. Readers need none.
    Raises BusyIndexError where another process has it, UnwritableIndexError where the folder
    cannot be written.
    """
    lock = FileLock(index / _FILE, timeout=_SECONDS)
    try:
        index.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise BusyIndexError(
            f"The index in {index} is being changed by another process. Wait until that is done;"
            " `reformqa status` tells how far it is."
        ) from error
    except OSError as error:
        raise UnwritableIndexError(
            f"The folder of the index, {index}, cannot be written: {error.strerror or error}. Give"
            " the user that rebuilds the right to write there, or name another with --index."
        ) from error
    try:
        yield
    finally:
        lock.release()


def is_locked(index: Path) -> bool:
    """Whether some process is changing the index now."""
    if not (index / _FILE).exists():
        return False
    lock = FileLock(index / _FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:  # one may read the index, and not write it: then nobody can tell
        return False
    lock.release()
    return False


@contextmanager
def told_plainly(index: Path) -> Iterator[None]:
    """Turn what a disk that is full, or one that takes no writing, raises into an error for people.

    Raises UnwritableIndexError.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
        where = getattr(error, "filename", None) or index
        raise UnwritableIndexError(
            f"{where}: {reason}. What is served is whole. Make room on its disk, or give the user"
            " that rebuilds the right to write there, and rebuild again."
        ) from error
