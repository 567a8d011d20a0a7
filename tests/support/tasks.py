"""What tests have done in a process of its own."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable

from reformqa.errors import UploadError


def double(number: int) -> int:
    return 2 * number


def where() -> int:
    return os.getpid()


def refuse(reason: str) -> None:
    raise UploadError(reason)


def hold(megabytes: int) -> int:
    return len(bytearray(megabytes * 2**20))


def burn() -> None:
    while True:
        pass


def stay() -> None:
    """Go on when asked to end, as a reader that is deep in a library does."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(1_000)


class Late:
    """What prepares a worker; it takes a second to arrive there."""

    def __call__(self) -> None:
        pass

    def __reduce__(self) -> tuple[Callable[[], Late], tuple[()]]:
        return _arrive, ()


def _arrive() -> Late:
    time.sleep(1)
    return Late()


def end(how: str) -> None:
    ends: dict[str, Callable[[], object]] = {
        "exit": lambda: os._exit(3),
        "segfault": lambda: ctypes.string_at(1),
        "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "sleep": lambda: time.sleep(1_000),
    }
    ends[how]()
