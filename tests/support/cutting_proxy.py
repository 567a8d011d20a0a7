"""A proxy between a client and a server that cuts the connection, or lets it fall silent."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: Sent with a reset, as a cable that is pulled or a host that dies looks.
_RESET = struct.pack("ii", 1, 0)


class CuttingProxy:
    """Passes bytes on, until it is told to `cut` them or to hold them back (`silent`)."""

    def __init__(self, port: int) -> None:
        """Pass connections on to a port of this machine."""
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._flowing = threading.Event()
        self._flowing.set()
        self._refusing = False
        self._left: int | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def lead_to(self, port: int) -> None:
        """Pass new connections on to another port of this machine."""
        self._server = port

    def cut(self) -> None:
        """Reset all connections, and every new one, until `mend`."""
        self._refusing = True
        self._reset()

    def cut_after(self, count: int) -> None:
        """Reset all connections once after that many more bytes of replies."""
        self._left = count

    def silence(self) -> None:
        """Take what comes and pass nothing on, until `mend`."""
        self._flowing.clear()

    def mend(self) -> None:
        """Pass everything on again."""
        self._left = None
        self._refusing = False
        self._flowing.set()

    def close(self) -> None:
        """Stop listening, and end all connections."""
        self._listener.close()
        self.cut()
        self._flowing.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            if self._refusing:
                _drop(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._server), timeout=30)
            except OSError:  # the server is not there
                _drop(client)
                continue
            with self._lock:
                self._open |= {client, server}
            for one, other, reply in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._pass, args=(one, other, reply), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket, reply: bool) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                self._flowing.wait()
                if reply and self._left is not None:
                    self._left -= len(data)
                    if self._left < 0:
                        self._left = None
                        self._reset()
                        return
                other.sendall(data)
        for end in (one, other):
            _drop(end)

    def _reset(self) -> None:
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            _drop(end)


@contextmanager
def cutting_proxy(port: int) -> Iterator[CuttingProxy]:
    """Pass connections on to a port of this machine, for a while."""
    proxy = CuttingProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()


def _drop(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        end.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        end.close()
