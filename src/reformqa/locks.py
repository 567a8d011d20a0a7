"""Locks of a folder that several machines may share.

A lock is two. The kernel's excludes the other processes of this machine, and is freed when its
process dies. The lease excludes other machines: a file that can be made only once, which names its
owner and is touched as long as that lives. Whoever finds it untouched for so many seconds, by a
clock of its own, takes it over. Clocks of two machines need not agree.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, SoftFileLease, Timeout

#: Seconds without a sign of life after which another machine takes a lease over. All that share a
#: folder have to agree on it.
LEASE = 180.0
#: The signs of life in that time: some may be late, or seen late.
_SIGNS = 9
#: Network folders without locks: the lease then is all there is.
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class Held:
    """A lock that is held, as long as no other machine had reason to take it over."""

    def __init__(self, lease: SoftFileLease) -> None:
        self._lease = lease

    def is_held(self) -> bool:
        """Return whether it is held still; ask before what must not happen twice."""
        return self._lease.compromise is None and self._lease.is_lock_held_by_us


@contextmanager
def held(file: Path, patience: float, lease: float = LEASE) -> Iterator[Held]:
    """Hold the lock `file`, waiting `patience` seconds for a holder that is alive.

    Of a holder on another machine it is known only after some seconds that it lives, or after
    `lease` seconds that it does not. Raises filelock's Timeout if it lives, and OSError if the
    folder cannot be written.
    """
    with _kernel_lock(file, patience):
        mark = _mark(file, lease)
        _take(mark, patience, lease)
        try:
            yield Held(mark)
        finally:
            mark.release()


def is_held(file: Path, lease: float = LEASE) -> bool:
    """Return whether a process holds the lock `file` now, as far as this user can tell."""
    mark = _mark(file, lease)
    try:
        if file.exists():
            FileLock(file, timeout=0).acquire().lock.release()
        if _touched(mark):
            mark.acquire(timeout=0)
            mark.release()
    except Timeout:
        # A machine that died hours ago holds nothing, though nobody has taken its lease over yet.
        since = _touched(mark)
        return since is None or time.time() - since < 10 * lease
    except OSError:  # without permission to write, the lock cannot be tried
        return False
    return False


@contextmanager
def _kernel_lock(file: Path, patience: float) -> Iterator[None]:
    lock = FileLock(file, timeout=patience, fallback_to_soft=False)
    try:
        lock.acquire()
    except NotImplementedError:
        yield
        return
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _mark(file: Path, lease: float) -> SoftFileLease:
    return SoftFileLease(
        file.with_name(f"{file.name}.lease"),
        lease_duration=lease,
        heartbeat_interval=lease / _SIGNS,
        thread_local=False,
    )


def _take(mark: SoftFileLease, patience: float, lease: float) -> None:
    """Acquire a lease, or raise Timeout once it is known that its holder lives."""
    began, first = time.monotonic(), _touched(mark)
    while True:
        try:
            mark.acquire(timeout=min(1, patience))
            return
        except Timeout:
            waited = time.monotonic() - began
            if (waited >= patience and _touched(mark) != first) or waited > 2 * lease:
                raise


def _touched(mark: SoftFileLease) -> float | None:
    """Return when a lease was touched last, or None if there is none."""
    try:
        return Path(mark.lock_file).stat().st_mtime
    except FileNotFoundError:
        return None
