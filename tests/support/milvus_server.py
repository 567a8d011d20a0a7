"""A Milvus Lite server on a port of this machine, and libraries on it that a test has alone."""

from __future__ import annotations

import importlib.util
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reformqa.settings import StorageSettings
from reformqa.storage.milvus.writer import MilvusWriter
from support.serving import free_port

#: The address of a server to use instead, as `make soak` does with a real one.
ADDRESS = "REFORMQA_MILVUS_URL"
_NUMBERS = itertools.count()


class MilvusServer:
    """A server at an address, with libraries on it that no two tests share."""

    def __init__(self, url: str) -> None:
        self.url = url

    def settings(self, **changes: object) -> StorageSettings:
        """Settings of a library of its own on this server."""
        values = {"url": self.url, "library": f"made_{os.getpid()}_{next(_NUMBERS)}"} | changes
        return StorageSettings.model_validate(values)

    def writer(self, cache: Path, **changes: object) -> MilvusWriter:
        """A writer of a library of its own on this server."""
        return MilvusWriter(self.settings(**changes), cache)


class LiteServer(MilvusServer):
    """A Milvus Lite server over a folder; it may be killed, paused and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        super().__init__(f"http://127.0.0.1:{self.port}")

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "milvus_lite", "server", "--host", "127.0.0.1"]
        options = ["--data-dir", str(self._folder), "--port", str(self.port)]
        with (self._folder.parent / f"{self._folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *options], stdout=log, stderr=log, cwd=self._folder.parent
            )
        for _ in range(240):
            assert self._process.poll() is None, "the Milvus Lite server ended"
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            except OSError:
                time.sleep(0.25)
            else:
                return
        pytest.fail("the Milvus Lite server did not answer within a minute")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it be silent: it takes connections, and does not answer."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


def skip_without_lite() -> None:
    """Skip the test where Milvus Lite is not installed."""
    for name in ("pymilvus", "milvus_lite"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"the package {name} is not installed on this machine")
