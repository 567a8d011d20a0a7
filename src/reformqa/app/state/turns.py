"""The queue of questions: so many are answered at a time, so many wait, and the rest are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from reformqa.errors import ReformqaError


class BusyError(ReformqaError):
    """A question got no turn: too many wait already, or waited too long. Ask again in a moment."""


class Turns:
    """Turns in order of arrival, `at_once` at a time, with room for `most_waiting` to wait."""

    def __init__(self, at_once: int, most_waiting: int) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._room = threading.BoundedSemaphore(at_once + most_waiting)

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Wait for a turn, at most `patience` seconds, and hold it. Raises BusyError without one.

        If too many are waiting, it raises at once.
        """
        if not self._room.acquire(blocking=False):
            raise BusyError("Busy, a moment: many questions are waiting. Ask again in a minute.")
        try:
            if not self._free.acquire(timeout=patience):
                raise BusyError("Busy, a moment: no answer yet. Ask again in a minute.")
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._room.release()
