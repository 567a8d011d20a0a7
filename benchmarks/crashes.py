"""Does a rebuild that is killed lose anything?

    python benchmarks/crashes.py [--kills 200] [--seed 1] [--corpus corpus]

An index serves a build of the corpus; then one report is added, one edited, one renamed and one
removed, and the title of one is corrected. A rebuild of that is killed (SIGKILL), in a process of
its own and on a copy of the index each time: at every named step as it begins, and at random
moments up to the time that an undisturbed one takes. After each kill the index has to answer, from
the build before or, where it was published already, from the new one, and every file of that build
has to be as it was written. Then a rebuild that nobody disturbs has to end with a build equal to
one that was never disturbed, byte for byte, and nothing half-made may be left.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reformqa import Library, Settings, rebuild
from reformqa.pipeline.rebuild import STEPS

QUESTION = "Why not just spend more?"
#: What the killed process runs: it says when it begins, and kills itself at the step named.
CHILD = """
import os, signal, sys
from pathlib import Path
from reformqa.rebuilding import rebuild

def progress(stage, done, total):
    if stage == sys.argv[3] and done == 0:
        os.kill(os.getpid(), signal.SIGKILL)

print("go", flush=True)
rebuild(Path(sys.argv[1]), Path(sys.argv[2]), progress=progress)
print("done", flush=True)
"""
#: The command line, in a process that may write no large file: as on a disk that is full.
SHORT = """
import resource, sys
most = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
sys.argv = ["reformqa", "rebuild", *sys.argv[2:]]
from reformqa.cli import main
main()
"""


@dataclass(frozen=True)
class Case:
    """A corpus after its edits, an index of before, and what the index is to become."""

    corpus: Path
    index: Path
    before: dict[str, Any]
    after: dict[str, Any]
    seconds: float


def contents(index: Path) -> dict[str, Any]:
    """What the build served holds: the digest of every file and what it was made of.

    Left out are its id, and when and after which build it was made.
    """
    library = Library.open(index, Settings())
    library.verify()
    snapshot = library._snapshot
    told = {k: v for k, v in snapshot.manifest.items() if k != "build"}
    build = library.build
    return told | {
        "counts": (build.reports, build.paragraphs, build.passages, build.recommendations),
        "left out": (build.problems, build.skipped),
    }


def answers(index: Path) -> list[tuple[str, float]]:
    """What a search finds, with the scores."""
    hits = Library.open(index, Settings()).search(QUESTION)
    return [(hit.paragraph.id, hit.score) for hit in hits]


def edit(corpus: Path) -> None:
    """One report added, one edited, one renamed, one removed, one known by another title."""
    first, second, third, fourth, *_ = sorted(corpus.glob("*.md"))
    text = first.read_text(encoding="utf-8")
    (corpus / "one-more.md").write_text(text.replace(" the ", " that "), encoding="utf-8")
    words = second.read_text(encoding="utf-8").split("\n\n")
    longest = max(range(len(words)), key=lambda n: len(words[n]))
    words[longest] += " And there is more to say of it."
    second.write_text("\n\n".join(words), encoding="utf-8")
    third.rename(third.with_name(f"moved-{third.name}"))
    fourth.unlink()
    catalogue = corpus / "catalogue.toml"
    told = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(told.replace('title = "', 'title = "A ', 1), encoding="utf-8")


@contextmanager
def case(reports: Path) -> Iterator[Case]:
    """A case made of the reports (at least four, with a catalogue) in that folder."""
    with tempfile.TemporaryDirectory() as name:
        corpus, index, twin = (Path(name) / part for part in ("corpus", "index", "twin"))
        shutil.copytree(reports, corpus)
        rebuild(corpus, index)
        before = contents(index)
        edit(corpus)
        shutil.copytree(index, twin)
        began = time.monotonic()
        subprocess.run(command(corpus, twin), check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - began
        after = contents(twin)
        assert before != after
        shutil.rmtree(twin)
        yield Case(corpus, index, before, after, seconds)


def command(corpus: Path, index: Path, step: str = "") -> list[str]:
    """The child that rebuilds, and kills itself where that step begins."""
    return [sys.executable, "-c", CHILD, str(corpus), str(index), step]


def kill(of: Case, index: Path, step: str = "", seconds: float = 0.0) -> str:
    """Kill a rebuild at a step, or so many seconds after it began; whether that met it."""
    child = subprocess.Popen(command(of.corpus, index, step), stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        child.stdout.readline()
        if not step:
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                child.kill()
        child.wait()
    return "killed" if child.returncode else "was done before"


def trial(of: Case, step: str = "", seconds: float = 0.0) -> str:
    """One kill, and what came of it; raises AssertionError, or whatever else went wrong."""
    with tempfile.TemporaryDirectory(dir=of.index.parent) as name:
        index = Path(name) / "index"
        shutil.copytree(of.index, index, copy_function=_copy)
        met = kill(of, index, step, seconds)
        served = contents(index)
        assert served in (of.before, of.after), "a mix is served"
        assert answers(index), "nothing is found"
        rebuild(of.corpus, index)
        assert contents(index) == of.after, "the next run's build is another"
        half = [p for p in index.rglob(".*") if p.name.endswith((".writing", ".removing"))]
        assert not half, f"left half-made: {half}"
        which = "the build before" if served == of.before else "the new build"
        return f"{met}, {which} was served"


def _copy(source: str, target: str) -> None:
    """A link to what no rebuild writes to, a copy of the rest."""
    if "/builds/" in source or "/models/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def short_of_room(of: Case, most: int) -> tuple[int, str]:
    """A rebuild that may write no file of more than `most` bytes: its exit status and last words.

    As after a kill, the index has to be whole, and the next run's build the right one.
    """
    with tempfile.TemporaryDirectory(dir=of.index.parent) as name:
        index = Path(name) / "index"
        shutil.copytree(of.index, index, copy_function=_copy)
        command = [sys.executable, "-c", SHORT, str(most), "--corpus", of.corpus, "--index", index]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert contents(index) in (of.before, of.after), "a mix is served"
        rebuild(of.corpus, index)
        assert contents(index) == of.after, "the next run's build is another"
        return done.returncode, done.stderr


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill rebuilds and look at what is left.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    given = parser.parse_args()
    draw = random.Random(given.seed)
    with case(given.corpus) as of:
        print(f"an undisturbed rebuild takes {of.seconds:.1f} s with its start", flush=True)
        for step in STEPS:
            print(f"{step}: {trial(of, step)}", flush=True)
        found: Counter[str] = Counter()
        for n in range(given.kills):
            seconds = draw.uniform(0, of.seconds)
            try:
                found[trial(of, seconds=seconds)] += 1
            except Exception as error:  # noqa: BLE001 - whatever went wrong is what is looked for
                found[f"WRONG: {error!r}"] += 1
                print(f"kill {n} after {seconds:.2f} s: {error!r}", flush=True)
            if n % 20 == 19:
                print(f"{n + 1}: {dict(found)}", flush=True)
    for what, count in sorted(found.items()):
        print(f"{count:5}  {what}")


if __name__ == "__main__":
    main()
