"""The lock of an index: one writer at a time."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from reformqa.errors import BusyIndexError, UnwritableIndexError

_FILE = "lock"
#: Seconds to wait for the lock: longer than `is_locked` holds it, shorter than any rebuild.
_SECONDS = 1


@contextmanager
def only_writer(index: Path) -> Iterator[None]:
    """Hold the lock of an index, creating its folder if needed. Readers need no lock.

    The operating system frees the lock when the process ends, even if it crashes.
    Raises BusyIndexError if another process holds it, UnwritableIndexError if the folder cannot be
    written.
    """
    lock = FileLock(index / _FILE, timeout=_SECONDS)
    try:
        index.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise BusyIndexError(
            f"The index in {index} is being changed by another process. Try again when it is"
            " done; `reformqa status` shows its progress."
        ) from error
    except OSError as error:
        raise UnwritableIndexError(
            f"The index folder {index} cannot be written: {error.strerror or error}. Give the"
            " user that rebuilds permission to write there, or name another folder with --index."
        ) from error
    try:
        yield
    finally:
        lock.release()


def is_locked(index: Path) -> bool:
    """Return whether a process is changing the index now."""
    if not (index / _FILE).exists():
        return False
    lock = FileLock(index / _FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:  # without permission to write, the lock cannot be tried
        return False
    lock.release()
    return False


@contextmanager
def told_plainly(index: Path) -> Iterator[None]:
    """Turn the errors of a full or read-only disk into UnwritableIndexError."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, shutil.Error):  # of a folder: each file that was not copied, with why
            _, where, reason = error.args[0][0]
        else:
            reason = getattr(error, "strerror", None) or str(error)
            # Of two names, the second is that of the file being written.
            names = (getattr(error, name, None) for name in ("filename2", "filename"))
            where = next(filter(None, names), index)
        reason = reason.rstrip(".")
        raise UnwritableIndexError(
            f"{where}: {reason}. The build being served is unchanged. Free disk space, or give"
            " the user that rebuilds permission to write there, then rebuild again."
        ) from error
