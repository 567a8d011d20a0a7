"""A deadline for a whole request, which a host cannot postpone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self


class Deadline:
    """Ends a request at a given time, even if the host sends its headers or body byte by byte.

    A timeout on each read cannot do that, because every byte restarts it.
    """

    def __init__(self, until: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(0.0, until - time.monotonic()), self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:  # the socket is closed by now, and its number may be reused
            self._socket = None
        self._timer.cancel()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the connection. Called by httpcore, through its `trace` extension."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
            if self.passed:
                self._end()

    def _end(self) -> None:
        with self._lock:
            self.passed = True
            if self._socket is not None:
                # The plain socket's method: a TLS socket's is not safe in another thread.
                with suppress(OSError):  # the host may have closed it already
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
