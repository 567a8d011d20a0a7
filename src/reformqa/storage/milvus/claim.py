"""The claim of the only writer of a library, whatever machine it is on.

A server has no locks, but an alias can be made only once: whoever makes it writes. The collection
that it stands for says who that is and when it last was alive.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from reformqa.errors import (
    BusyIndexError,
    DamagedIndexError,
    UnreachableStoreError,
    UnsuitableStoreError,
)
from reformqa.storage.milvus import schema
from reformqa.storage.milvus.blobs import Blobs
from reformqa.storage.milvus.schema import Names
from reformqa.storage.milvus.server import Server

#: Seconds between two signs of life.
_BEAT = 30
#: Seconds without a sign of life after which another machine may write. Clocks of two machines
#: may differ by some minutes.
LEASE = 900
_BEAT_NUMBER = 0
_PARTS = 6


class Claim:
    """A claim that is held; `check` before what must not happen twice."""

    def __init__(self, server: Server, names: Names) -> None:
        self._server = server
        self._names = names
        self.collection = names.claim(secrets.token_hex(6))
        self._since = time.time()

    def check(self) -> None:
        """Raise BusyIndexError if another process has taken the claim over."""
        if self._server.target(self._names.writer) != self.collection:
            raise _busy(self._server, "another machine, which took over after a long silence")

    def beat(self) -> None:
        """Give a sign of life."""
        told = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": self._since,
            "beat": time.time(),
        }
        with Blobs(self._server, self.collection, _PARTS).writer() as writer:
            writer.put(_BEAT_NUMBER, json.dumps(told).encode())


@contextmanager
def only_writer(server: Server, names: Names) -> Iterator[Claim]:
    """Hold the claim to write a library.

    Raises BusyIndexError if another process holds it and is alive.
    """
    claim = Claim(server, names)
    server.create(claim.collection, schema.blobs())
    done = threading.Event()
    beats = threading.Thread(target=_go_on, args=(claim, done), daemon=True)
    try:
        claim.beat()
        _take(server, names, claim)
        beats.start()
        yield claim
    finally:
        done.set()
        if beats.is_alive():
            beats.join()
        with suppress(UnreachableStoreError):  # the claim then ends with its lease
            if server.target(names.writer) == claim.collection:
                server.drop_alias(names.writer)
            server.drop(claim.collection)


def holder(server: Server, names: Names) -> str | None:
    """Return who holds the claim to write and is alive, in words; None if nobody does."""
    target = server.target(names.writer)
    if target is None:
        return None
    try:
        server.load(target)
        found = Blobs(server, target, _PARTS).get([_BEAT_NUMBER], strong=True)
        told = json.loads(found[_BEAT_NUMBER])
        silent, host, pid = time.time() - told["beat"], str(told["host"]), int(told["pid"])
    except (KeyError, TypeError, ValueError, DamagedIndexError, UnsuitableStoreError):
        return None
    if silent > LEASE or (host == socket.gethostname() and not _runs(pid)):
        return None
    return f"process {pid} on {host}"


def _take(server: Server, names: Names, claim: Claim) -> None:
    if server.claim(names.writer, claim.collection):
        return
    if who := holder(server, names):
        raise _busy(server, who)
    dead = server.target(names.writer)
    server.point(names.writer, claim.collection)
    time.sleep(1)  # of two that take over at once, the later one keeps the claim
    claim.check()
    if dead:
        server.drop(dead)


def _go_on(claim: Claim, done: threading.Event) -> None:
    while not done.wait(_BEAT):
        with suppress(UnreachableStoreError, UnsuitableStoreError):
            claim.beat()


def _busy(server: Server, who: str) -> BusyIndexError:
    return BusyIndexError(
        f"The library on {server.address} is being changed by {who}. Try again when it is done;"
        " `reformqa status` shows its progress there."
    )


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True
