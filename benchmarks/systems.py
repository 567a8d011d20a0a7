"""The systems that retrieval.py measures: reformqa and its peers, in processes of their own.

    python benchmarks/systems.py MODE ARGUMENT ...

is what those processes run, each under the Python that has its system.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import peers
from measuring import (
    ASKING,
    BUILDING,
    CATALOGUE,
    Cost,
    environment,
    measure,
    peak,
    rebuild_command,
)

OURS = "reformqa"
PEERS = {peer.name: peer for peer in peers.PEERS}


@dataclass(frozen=True, slots=True)
class System:
    """A library that is measured, the Python that has it, and its index."""

    name: str
    python: str
    index: Path

    def start(self, question: str) -> Cost:
        """Return what a whole process costs that prints its first result for a question."""
        ours = [self.python, "-m", "reformqa", "search", question, "--index", str(self.index)]
        peer = [self.python, __file__, "first", self.name, str(self.index), question]
        cost = measure(ours if self.name == OURS else peer, ASKING)
        if not cost.output.strip():
            sys.exit(f"{self.name} printed nothing for {question!r}.")
        return cost

    def build(self, corpus: Path) -> Cost:
        """Build the index of the texts in a folder, and return what that cost."""
        self.index.mkdir(exist_ok=True)
        ours = rebuild_command(corpus, self.index, "--catalogue", str(CATALOGUE))
        peer = [self.python, __file__, "build", self.name, str(corpus), str(self.index)]
        return measure(ours if self.name == OURS else peer, BUILDING)


def find_peers(python: Path, folder: Path) -> tuple[list[System], dict[str, str]]:
    """Return the peers that another Python has, with indexes in `folder`, and their versions."""
    found = json.loads(measure([str(python), __file__, "list"], ASKING).output)
    systems = [System(name, str(python), folder / name) for name in found]
    return systems, {
        name: ", ".join(f"{package} {number}" for package, number in versions.items())
        for name, versions in found.items()
    }


class Worker:
    """A process that has a system's index open and answers rounds of questions."""

    def __init__(self, system: System) -> None:
        self._process = subprocess.Popen(
            [system.python, __file__, "serve", system.name, str(system.index)],
            env=environment(ASKING),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, questions: Sequence[str], limit: int) -> dict[str, Any]:
        """Return what a round of the questions took and found. Raises SystemExit if it fails."""
        assert self._process.stdin
        assert self._process.stdout
        asked = {"questions": questions, "limit": limit}
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        if not (line := self._process.stdout.readline()):
            sys.exit(f"{self._process.args!r} ended with status {self._process.wait()}.")
        return dict(json.loads(line))


def serve(name: str, folder: str) -> None:
    """Open a system's index and answer lines of standard input, each a round of questions."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # a library's own output must not mix with the answers
    search = opened(name, Path(folder))
    for line in sys.stdin:
        asked = json.loads(line)
        taken, texts, cpu = [], [], time.process_time()
        for question in asked["questions"]:
            start = time.perf_counter()
            texts.append(search(question, asked["limit"]))
            taken.append(1000 * (time.perf_counter() - start))
        cores = (time.process_time() - cpu) * 1000 / sum(taken)
        told = {"ms": taken, "cores": cores, "MB": peak(), "texts": texts}
        print(json.dumps(told), file=answers, flush=True)


def opened(name: str, folder: Path) -> Callable[[str, int], list[str]]:
    """Return the search of a system over its index: a question and a limit in, texts out."""
    if name == OURS:
        from reformqa import Library

        library = Library.open(folder)
        return lambda question, limit: [
            hit.paragraph.text for hit in library.search(question, limit=limit)
        ]
    peer = PEERS[name]()
    peer.open(folder)
    return peer.search


def build_peer(name: str, corpus: str, folder: str) -> None:
    """Build a peer's index of the texts in a folder."""
    texts = {path.stem: path.read_text("utf-8") for path in sorted(Path(corpus).glob("*.txt"))}
    PEERS[name]().build(texts, Path(folder))


def list_peers() -> None:
    """Print the peers that are installed, with the versions of their packages."""
    python = {"python": platform.python_version()}
    print(json.dumps({p.name: python | peers.versions(p) for p in peers.available()}))


def print_first(name: str, folder: str, question: str) -> None:
    """Print the first text that a peer finds: a whole cold script of that library."""
    peer = PEERS[name]()
    peer.open(Path(folder))
    print(peer.search(question, 5)[0])


MODES: dict[str, Callable[..., None]] = {
    "serve": serve,
    "build": build_peer,
    "first": print_first,
    "list": list_peers,
}

if __name__ == "__main__":
    os.environ |= peers.QUIET
    MODES[sys.argv[1]](*sys.argv[2:])
