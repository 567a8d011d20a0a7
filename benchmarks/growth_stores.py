"""Where growth.py keeps the index that it measures: in a folder, or on a Milvus server."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring import Row, peak
from reformqa.settings import StorageSettings
from reformqa.storage.base import StoreWriter, Versions
from reformqa.storage.chosen import open_versions, open_writer
from reformqa.storage.files.lock import only_writer

STORES = ("files", "milvus")
_MB = 1024**2


@contextmanager
def written(index: Path, url: str) -> Iterator[StoreWriter]:
    """Write to the folder `index`, or to the server at `url` if there is one."""
    with only_writer(index) as lock, open_writer(index, _storage(url), lock) as writer:
        yield writer


def versions(index: Path, url: str) -> Versions:
    """Return the versions in the folder `index`, or on the server at `url` if there is one."""
    return open_versions(index, _storage(url))


def _storage(url: str) -> StorageSettings:
    return StorageSettings(url=url, library="growth", seconds=600)


class Place:
    """The place of an index: a folder, and a server if it is on one."""

    def __init__(self, index: Path, url: str = "", pid: int = 0) -> None:
        self.index = index
        self.url = url
        self._pid = pid

    def sizes(self, version: str) -> Row:
        """Return the MB on disk, and those that a night wrote if files tell; the server's peak."""
        if self.url:
            files = [f.stat() for f in (self.index / "data").rglob("*") if f.is_file()]
            return {"index MB": sum(f.st_size for f in files) / _MB, "server MB": peak(self._pid)}
        files = [f.stat() for f in (self.index / "builds" / version).rglob("*") if f.is_file()]
        new = [f for f in files if f.st_nlink == 1]
        sizes = (sum(f.st_size for f in some) / _MB for some in (files, new))
        return dict(zip(("index MB", "new MB"), sizes, strict=True))


@contextmanager
def placed(store: str, index: Path) -> Iterator[Place]:
    """Provide the place; a server is a Milvus Lite of its own, which keeps its data there."""
    if store == "files":
        yield Place(index)
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "milvus_lite", "server", "--host", "127.0.0.1"]
    options = ["--data-dir", str(index / "data"), "--port", str(port)]
    silent = subprocess.DEVNULL
    server = subprocess.Popen([*command, *options], stdout=silent, stderr=silent, cwd=index)
    try:
        _wait_for(port)
        yield Place(index, f"http://127.0.0.1:{port}", server.pid)
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(240):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.25)
        else:
            return
    sys.exit("The Milvus Lite server does not answer. Install reformqa[milvus] and milvus-lite.")
