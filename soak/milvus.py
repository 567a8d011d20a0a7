"""Does a library on a Milvus server stay whole if its writer or the server is killed?

Made versions are written one after another; each changes the text of one report in ten, so that
every answer tells which version it is of. In turn:

- the process that writes is killed (SIGKILL) at a random moment of writing or publishing;
- the server is killed at such a moment, and started again;
- eight clients ask without pause, each opening what is served, while ten versions are published
  and old ones removed. Errors, and answers with rows of two versions, are faults.

After each, the version served must be one that was published or just being published, whole, and
the next must be written as if nothing had happened.

The server is Milvus Lite, or the one that the command in REFORMQA_MILVUS_SERVER starts: that of
the wheel `milvus` 2.3.5, a real server, in an environment of its own (`…/bin/milvus-server`).
"""

from __future__ import annotations

import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from reformqa.errors import ReformqaError, UnreachableStoreError
from reformqa.model import Build, Paragraph, Passage, Report
from reformqa.models.base import Encoding, TextVectors
from reformqa.settings import StorageSettings
from reformqa.storage.base import Batch, EncodedQuery, Filters, IndexVersion, Request
from reformqa.storage.milvus.store import MilvusStore
from reformqa.storage.milvus.writer import MilvusVersions, MilvusWriter
from soak.harness import PROJECT, Found, rounds

REPORTS, PARAGRAPHS, CLIENTS, PUBLISHED = 10, 8, 8, 10
#: Seconds within which a server that was started must answer.
PATIENCE = 180
#: The process to kill: it writes versions from a number on until it is.
CHILD = """
import sys
from pathlib import Path
from soak.milvus import storage, write
from reformqa.storage.milvus.writer import MilvusWriter

url, library, number = sys.argv[1:]
with MilvusWriter(storage(url, library), Path()).claimed() as writer:
    writer.clear()
    print("go", flush=True)
    for version in range(int(number), int(number) + 100):
        write(writer, version)
"""


def storage(url: str, library: str) -> StorageSettings:
    """The settings of a library on a server."""
    return StorageSettings(url=url, library=library, seconds=30)


def version_id(number: int) -> str:
    """The id of a made version."""
    return f"20260101-{number:06}-000000"


def texts(number: int, report: int) -> list[str]:
    """The paragraphs of a report in a version; one report in ten changes with each."""
    last = changed(number, report)
    return [f"Tide {n} of report {report} as of version {last}." for n in range(PARAGRAPHS)]


def changed(number: int, report: int) -> int:
    """The last version, up to a number, that changed a report."""
    return max((n for n in range(number + 1) if n % REPORTS == report), default=0)


def expected(number: int) -> set[str]:
    """All that is printed in a version."""
    return {text for report in range(REPORTS) for text in texts(number, report)}


def write(writer: MilvusWriter, number: int) -> None:
    """Write a version, check it and publish it."""
    with writer.begin(version_id(number), piece_factors=np.ones(1, dtype=np.float32)) as draft:
        for report in range(REPORTS):
            draft.put(_batch(number, report))
        counts = REPORTS, REPORTS * PARAGRAPHS, REPORTS * PARAGRAPHS, 0
        draft.seal(IndexVersion(Build(version_id(number), "now", "made", *counts), {}))
        draft.publish()
    writer.prune(3)


def answered(store: MilvusStore) -> set[str]:
    """Everything that a store finds, read as an answer is."""
    vector = np.array([1, 0], dtype=np.float32)
    nothing = np.zeros((0, 2), dtype=np.float32), np.zeros(0, dtype=np.int64)
    query = EncodedQuery((Encoding(vector, *nothing),), (("tide",),))
    (ids,) = store.candidates([Request(query, Filters(), each=1_000, statements=1)])
    evidence = store.evidence(query, ids)
    found = store.statements(evidence.statements.tolist())
    return {passage.text for passages in found.values() for passage in passages}


def run(seed: int, budget: float) -> Found:
    """Kill and publish until the seconds are spent."""
    draw, found = random.Random(seed), Found()
    with tempfile.TemporaryDirectory() as name, _server(Path(name)) as server:
        settings = storage(server.url, f"soak_{seed}")
        write(MilvusWriter(settings, Path(name)), 0)
        number = 0
        for n in rounds(budget):
            kind = ("writer killed", "server killed", "published while asked")[n % 3]
            try:
                if kind == "published while asked":
                    number = _publish_while_asked(settings, number, found)
                else:
                    number = _kill(settings, server, number, draw, kind)
                _check(settings, number)
            except (ReformqaError, AssertionError) as error:
                found.fault(f"seed {seed}, round {n}, {kind}: {error}")
            found.outcomes[kind] += 1
    return found


def _kill(
    settings: StorageSettings, server: Server, number: int, draw: random.Random, kind: str
) -> int:
    """Kill a writer, or the server under it; return the number of the version served then."""
    command = [sys.executable, "-c", CHILD, settings.url, settings.library, str(number + 1)]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=PROJECT
    )
    assert child.stdout is not None
    with child.stdout:
        child.stdout.readline()
        time.sleep(draw.uniform(0, 2 * server.pace))
        if kind == "server killed":
            server.kill()
            server.start()
        child.send_signal(signal.SIGKILL)
        child.wait()
    served = MilvusVersions(settings, Path()).served()
    now = int(served.split("-")[1])
    assert number <= now, f"version {now} is served after {number}"
    return now


def _publish_while_asked(settings: StorageSettings, number: int, found: Found) -> int:
    """Publish versions while clients ask; return the number of the last."""
    done = threading.Event()
    clients = [threading.Thread(target=_ask, args=(settings, done, found)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        with MilvusWriter(settings, Path()).claimed() as writer:
            writer.clear()
            for next_one in range(number + 1, number + 1 + PUBLISHED):
                write(writer, next_one)
    finally:
        done.set()
        for client in clients:
            client.join()
    return number + PUBLISHED


def _ask(settings: StorageSettings, done: threading.Event, found: Found) -> None:
    versions = MilvusVersions(settings, Path())
    while not done.is_set():
        try:
            store = versions.open()
            mixed = answered(store) ^ expected(int(store.version.id.split("-")[1]))
        except ReformqaError as error:
            found.fault(f"a client was refused: {error}")
            return
        found.outcomes["answers while publishing"] += 1
        if mixed:
            found.fault(f"an answer of {store.version.id} is mixed: {sorted(mixed)[:3]}")


def _check(settings: StorageSettings, number: int) -> None:
    """Clear what was left, check the version served, and write the one it has again."""
    with MilvusWriter(settings, Path()).claimed() as writer:
        writer.clear()
        store = writer.open()
        store.verify()
        assert store.version.id == version_id(number), store.version.id
        assert answered(store) == expected(number), f"version {number} is not whole"


def _batch(number: int, report: int) -> Batch:
    name = f"report-{report}"
    paragraphs = tuple(
        Paragraph(f"{name}-{n}", name, n + 1, "body", text, text, 0, ("Tides",), "chapter")
        for n, text in enumerate(texts(number, report))
    )
    made = Report(
        id=name,
        title=name,
        subtitle=None,
        authors=(),
        publisher="Maker",
        published="2024",
        series=None,
        licence=None,
        url=None,
        source=f"{name}.txt",
        sha256="0" * 64,
        sections=(),
        paragraphs=paragraphs,
    )
    passages = [Passage(p.id, name, p.text, p.text, (0, len(p.text))) for p in paragraphs]
    statements = range(report * PARAGRAPHS, (report + 1) * PARAGRAPHS)
    angles = [changed(number, report) + n for n in range(PARAGRAPHS)]
    vectors = [
        TextVectors(
            np.array([np.cos(a), np.sin(a)], dtype=np.float32),
            np.array([[1, 2]], dtype=np.int8),
            np.array([0], dtype=np.int32),
        )
        for a in angles
    ]
    return Batch(made, [], np.zeros((0, 2), dtype=np.float32), passages, statements, vectors)


class Server:
    """A server over a folder, which may be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        real = os.environ.get("REFORMQA_MILVUS_SERVER")
        #: About the seconds that a version takes.
        self.pace = 15.0 if real else 1.0
        if real:
            options = ["--data", str(self._folder), "--proxy-port", str(port)]
            self._command = [*shlex.split(real), *options]
        else:
            options = ["--data-dir", str(self._folder), "--host", "127.0.0.1", "--port", str(port)]
            self._command = [sys.executable, "-m", "milvus_lite", "server", *options]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            self._command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=self._folder.parent,
        )
        end = time.monotonic() + PATIENCE
        while True:
            try:
                MilvusVersions(storage(self.url, "soak"), Path()).versions()
            except UnreachableStoreError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)
            else:
                return

    def kill(self) -> None:
        """End it, and what it started, at once."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def _server(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
