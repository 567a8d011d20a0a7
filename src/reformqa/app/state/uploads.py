"""Who may send files to the server now, and how many more today.

A file is held in memory before the app sees it, so the server asks here before it takes one. The
record lasts as long as the process.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime

from reformqa.settings import AppSettings

#: The sessions that are remembered; the one admitted longest ago is forgotten first.
MOST_SESSIONS = 10_000
#: What surrounds the file in a request: boundaries, headers and its name.
OVERHEAD = 64 * 1024


def _today() -> date:
    return datetime.now(UTC).date()


class Refusal(Exception):
    """A file is not taken; `status` is that of the HTTP response."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Admissions:
    """The sessions whose visitor was shown the form for a report, and each visitor's day."""

    def __init__(self, today: Callable[[], date] = _today) -> None:
        self._today = today
        self._lock = threading.Lock()
        self._visitors: OrderedDict[str, str] = OrderedDict()
        self._sent: Counter[str] = Counter()
        self._day = today()

    def admit(self, session: str, visitor: str) -> None:
        """Let a session send files, on its visitor's account."""
        with self._lock:
            self._visitors[session] = visitor
            self._visitors.move_to_end(session)
            while len(self._visitors) > MOST_SESSIONS:
                self._visitors.popitem(last=False)

    def admitted(self, session: str) -> bool:
        """Return whether a session may send files."""
        with self._lock:
            return session in self._visitors

    def claim(self, session: str, size: int | None, settings: AppSettings) -> None:
        """Count a file of `size` bytes, None if unknown, that a session wants to send.

        Raises Refusal if it may not.
        """
        if settings.uploads == "off":
            raise Refusal(404, "Uploads are off.")
        with self._lock:
            visitor = self._visitors.get(session)
            if visitor is None:
                raise Refusal(403, "This page may not send files. Load the Library page again.")
            if size is None:
                raise Refusal(411, "The size of the file is not declared.")
            if size > settings.upload_megabytes * 2**20 + OVERHEAD:
                raise Refusal(413, f"At most {settings.upload_megabytes} MB are allowed.")
            if self._today() != self._day:
                self._day = self._today()
                self._sent.clear()
            if self._sent[visitor] >= settings.uploads_a_day:
                raise Refusal(429, f"At most {settings.uploads_a_day} files a day are allowed.")
            self._sent[visitor] += 1


#: Those of this process.
ADMISSIONS = Admissions()
