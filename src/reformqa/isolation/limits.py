"""Limits on the processor time and the memory that a task may take of its process."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

if sys.platform == "linux":
    import resource

#: A process whose parent was killed exits this many seconds of processor time after the limit.
_GRACE = 5
_MEGABYTE = 1024 * 1024


#: What ended a task. "killed": by the system or by a person.
Cause = Literal["processor", "clock", "memory", "killed", "crash"]


class OverloadError(Exception):
    """A task took more than its limits allow, or crashed its process.

    The message completes "it …".
    """

    def __init__(self, message: str, why: Cause) -> None:
        super().__init__(message)
        self.why = why

    @property
    def passing(self) -> bool:
        """Whether the machine may have been the cause, and not the file."""
        return self.why in ("clock", "killed")


class Limits(Protocol):
    """What a task may take: processor seconds, megabytes, and seconds by the clock.

    The clock is the backstop for a task that is stuck, and several times larger: a busy machine
    must not meet it.
    """

    @property
    def seconds(self) -> int: ...
    @property
    def megabytes(self) -> int: ...
    @property
    def clock_seconds(self) -> int: ...


@contextmanager
def limited(seconds: int, megabytes: int) -> Iterator[None]:
    """Limit the memory that a task may add to this process's, and its processor time.

    This limit on processor time matters if the parent was killed or is busy; otherwise the pool
    ends the process first. Both apply on Linux only.
    """
    if sys.platform != "linux":
        yield
        return
    held = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    wanted = {
        resource.RLIMIT_DATA: held + megabytes * _MEGABYTE,
        resource.RLIMIT_CPU: int(time.process_time()) + seconds + _GRACE,
    }
    before = {kind: resource.getrlimit(kind) for kind in wanted}
    for kind, most in wanted.items():
        hard = before[kind][1]
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (soft, hard))
    try:
        yield
    finally:
        for kind, were in before.items():
            resource.setrlimit(kind, were)
