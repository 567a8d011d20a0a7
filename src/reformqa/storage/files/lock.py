"""The lock of an index: one writer at a time, on whatever machine."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import Timeout

from reformqa import locks
from reformqa.errors import BusyIndexError, UnwritableIndexError

_FILE = "lock"
#: Seconds to wait for the lock: longer than `is_locked` holds it, shorter than any rebuild.
_SECONDS = 1


class Lock:
    """The lock of an index that is held; `check` before what must not happen twice."""

    def __init__(self, index: Path, held: locks.Held) -> None:
        self._index = index
        self._held = held

    def check(self) -> None:
        """Raise BusyIndexError if another machine has taken the lock over."""
        if not self._held.is_held():
            raise BusyIndexError(
                f"The index in {self._index} was taken over by another machine, after this one gave"
                " no sign of life there. Nothing was changed; look at the network folder."
            )


@contextmanager
def only_writer(index: Path, lease: float = locks.LEASE) -> Iterator[Lock]:
    """Hold the lock of an index, creating its folder if needed. Readers need no lock.

    The operating system frees the lock when the process ends, even if it crashes; another machine
    takes it over after `lease` seconds of silence.
    Raises BusyIndexError if another process holds it, UnwritableIndexError if the folder cannot be
    written.
    """
    with ExitStack() as stack:
        try:
            index.mkdir(parents=True, exist_ok=True)
            held = stack.enter_context(locks.held(index / _FILE, _SECONDS, lease))
        except Timeout as error:
            raise BusyIndexError(
                f"The index in {index} is being changed by another process. Try again when it is"
                " done; `reformqa status` shows its progress."
            ) from error
        except OSError as error:
            raise UnwritableIndexError(
                f"The index folder {index} cannot be written: {error.strerror or error}. Give the"
                " user that rebuilds permission to write there, or name another folder with"
                " --index."
            ) from error
        yield Lock(index, held)


def is_locked(index: Path) -> bool:
    """Return whether a process is changing the index now."""
    return locks.is_held(index / _FILE)


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
