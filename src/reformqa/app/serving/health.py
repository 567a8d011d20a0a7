"""The health of the app, for monitoring: it puts a question to the library."""

from __future__ import annotations

import logging
import threading
import time

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reformqa.app.state.library import answers
from reformqa.errors import ReformqaError

#: Seconds that the question waits in the queue.
PATIENCE = 10.0
#: Seconds for which a result holds, so that asking for it is no way to keep the app busy.
HELD = 15.0
_LOG = logging.getLogger(__name__)


class Health:
    """The last result, renewed by one request at a time."""

    def __init__(self, patience: float = PATIENCE, held: float = HELD) -> None:
        self._patience = patience
        self._held = held
        self._checking = threading.Lock()
        self._until = 0.0
        self._fault: str | None = "starting"

    def fault(self) -> str | None:
        """Return what is wrong, or None if a question was answered."""
        if time.monotonic() >= self._until and self._checking.acquire(blocking=False):
            try:
                self._fault = self._check()
                self._until = time.monotonic() + self._held
            finally:
                self._checking.release()
        return self._fault

    def _check(self) -> str | None:
        try:
            answered = answers(self._patience)
        except ReformqaError as error:
            _LOG.error("No question can be answered: %s", error)
            return "the library cannot be used: see the app's log, and run `reformqa doctor`"
        return None if answered else f"busy: no answer within {self._patience:g} seconds"

    def respond(self, request: Request) -> Response:
        """Return "ok", or status 503 and what is wrong."""
        fault = self.fault()
        return PlainTextResponse(fault or "ok", status_code=503 if fault else 200)
