"""Do many visitors who ask at once, during rebuilds, get the answers that one alone gets?

Threads ask and compare through a shared library and through libraries that they open themselves,
and check each answer against the one given before the load began. Meanwhile a process rebuilds the
index over and over, so that builds are published and removed while they are in use.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from reformqa import Library, Settings, rebuild
from reformqa.exports.document import Provenance
from soak.harness import PROJECT, Found, rounds

VISITORS = 8
#: How many questions each visitor asks in a round.
EACH = 10
QUESTIONS = (
    "What do schools say about targets?",
    "Why not just spend more?",
    "What is said about inspection?",
    "Which recommendations concern pay?",
    "How do Demos and IPPR differ on targets?",
    "What should be done about kids in care?",
    "What does it cost to repair the moon?",
)


def ask(library: Library, question: str) -> Any:
    """Return the answer and the comparison, without the build that they come from."""
    answer, compared = library.ask(question), library.compare(question)
    nowhere = Provenance()
    within = answer.comparison and replace(answer.comparison, provenance=nowhere)
    answer = replace(answer, provenance=nowhere, comparison=within)
    return answer, replace(compared, provenance=nowhere)


@contextmanager
def rebuilt_over_and_over(corpus: Path, index: Path) -> Iterator[None]:
    """Rebuild in another process, again and again, until the block ends."""
    program = (
        "import sys; from pathlib import Path; from reformqa import rebuild\n"
        "while True: rebuild(Path(sys.argv[1]), Path(sys.argv[2]), force=True)"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(corpus), str(index)])
    try:
        yield
        assert child.poll() is None, "the rebuild failed"
    finally:
        child.terminate()
        child.wait()


def run(seed: int, budget: float) -> Found:
    """Let visitors ask in rounds, all at once."""
    found = Found()
    with tempfile.TemporaryDirectory() as name:
        corpus, index = PROJECT / "corpus", Path(name) / "index"
        rebuild(corpus, index)
        shared = Library.open(index, Settings())
        expected = {question: ask(shared, question) for question in QUESTIONS}

        def visit(number: int, visitor: int) -> None:
            draw = random.Random(f"{seed}-{number}-{visitor}")
            told = f"seed {seed}, round {number}, visitor {visitor}"
            try:
                library = draw.choice((shared, Library.open(index, Settings())))
                for question in draw.choices(QUESTIONS, k=EACH):
                    if ask(library, question) != expected[question]:
                        found.fault(f"{told}: another answer to {question!r}")
                    found.outcomes["answers"] += 1
            except Exception as error:  # noqa: BLE001 - whatever went wrong is what is looked for
                found.fault(f"{told}: {error!r}")

        try:
            with rebuilt_over_and_over(corpus, index):
                for number in rounds(budget):
                    visitors = [
                        threading.Thread(target=visit, args=(number, n)) for n in range(VISITORS)
                    ]
                    for visitor in visitors:
                        visitor.start()
                    for visitor in visitors:
                        visitor.join()
        except AssertionError as error:
            found.fault(f"seed {seed}: {error}")
    return found
