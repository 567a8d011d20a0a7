"""Is anything lost if a rebuild is killed or runs out of disk space?

An index serves a build of the corpus; then one report is added, one edited, one renamed and one
removed, and the title of one is corrected. A rebuild of that is killed (SIGKILL), each time in
another process and on a copy of the index: at the beginning of each step, then at random moments
up to the time that an undisturbed rebuild takes. After each kill the index must answer from the
build before or, if the new one was already published, from that, and every file of the build must
be as it was written. An undisturbed rebuild must then end with a build equal to one that was never
disturbed, byte for byte, and leave nothing half-written. Every tenth round limits the size of
files instead of killing, as a full disk would.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reformqa import rebuild
from reformqa.pipeline.rebuild import STEPS
from reformqa.settings import Settings, load_settings
from soak.harness import PROJECT, Found, rounds
from soak.indexes import contents, hits

QUESTION = "Why not just spend more?"
#: The process to kill: it prints when it begins, and kills itself at the given step.
CHILD = """
import os, signal, sys
from pathlib import Path
from reformqa import rebuild
from reformqa.settings import load_settings

corpus, index, settings, step = sys.argv[1:]

def progress(stage, done, total):
    if stage == step and done == 0:
        os.kill(os.getpid(), signal.SIGKILL)

print("go", flush=True)
rebuild(Path(corpus), Path(index), settings=load_settings(Path(settings)), progress=progress)
print("done", flush=True)
"""
#: The command line, in a process that cannot write large files, as on a full disk.
SHORT = """
import resource, sys
most = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
sys.argv = ["reformqa", "rebuild", *sys.argv[2:]]
from reformqa.cli import main
main()
"""
#: The range of file sizes, in bytes, at which the disk is full.
ROOM = (200, 300_000)


@dataclass(frozen=True)
class Case:
    """An edited corpus, the index before the edits, and the contents that it should have after."""

    corpus: Path
    index: Path
    settings_file: Path
    before: dict[str, Any]
    after: dict[str, Any]
    seconds: float

    @property
    def settings(self) -> Settings:
        """The settings of its rebuilds."""
        return load_settings(self.settings_file)


def edit(corpus: Path) -> None:
    """Add, edit, rename and remove one report each, and change the title of another."""
    first, second, third, fourth, *_ = sorted(f for f in corpus.glob("*.md") if f.stem != "README")
    text = first.read_text(encoding="utf-8")
    (corpus / "one-more.md").write_text(text.replace(" the ", " that "), encoding="utf-8")
    words = second.read_text(encoding="utf-8").split("\n\n")
    longest = max(range(len(words)), key=lambda n: len(words[n]))
    words[longest] += " And there is more to say of it."
    second.write_text("\n\n".join(words), encoding="utf-8")
    third.rename(third.with_name(f"moved-{third.name}"))
    fourth.unlink()
    catalogue = corpus / "catalogue.toml"
    entries = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(entries.replace('title = "', 'title = "A ', 1), encoding="utf-8")


@contextmanager
def case(reports: Path, settings: str = "") -> Iterator[Case]:
    """Make a case of the reports in a folder (at least four, with a catalogue).

    `settings` is the text of the settings file of its rebuilds.
    """
    with tempfile.TemporaryDirectory() as name:
        corpus, index, twin = (Path(name) / part for part in ("corpus", "index", "twin"))
        file = Path(name) / "reformqa.toml"
        file.write_text(settings, encoding="utf-8")
        shutil.copytree(reports, corpus)
        rebuild(corpus, index, settings=load_settings(file))
        before = contents(index)
        edit(corpus)
        shutil.copytree(index, twin)
        began = time.monotonic()
        line = [sys.executable, "-c", CHILD, *map(str, (corpus, twin, file)), ""]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - began
        after = contents(twin)
        assert before != after
        shutil.rmtree(twin)
        yield Case(corpus, index, file, before, after, seconds)


def kill(of: Case, index: Path, step: str = "", seconds: float = 0.0) -> bool:
    """Kill a rebuild at a step, or after that many seconds; return whether it was still running."""
    line = [sys.executable, "-c", CHILD, *map(str, (of.corpus, index, of.settings_file)), step]
    child = subprocess.Popen(line, stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        child.stdout.readline()
        if not step:
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                child.kill()
        child.wait()
    return child.returncode != 0


def trial(of: Case, step: str = "", seconds: float = 0.0) -> str:
    """Kill a rebuild once, and return the outcome. Raises AssertionError if something is lost."""
    with _copied(of) as index:
        met = "killed" if kill(of, index, step, seconds) else "was done before"
        served = contents(index)
        assert served in (of.before, of.after), "a mix is served"
        assert hits(index, [QUESTION], of.settings)[0], "nothing is found"
        _finish(of, index)
        which = "the build before" if served == of.before else "the new build"
        return f"{met}, {which} was served"


def short_of_room(of: Case, most: int) -> tuple[int, str]:
    """Run a rebuild that cannot write files above `most` bytes; return its status and errors.

    As after a kill, the index must be intact, and the next run must make the right build.
    """
    with _copied(of) as index:
        options = ["--corpus", of.corpus, "--index", index, "--settings", of.settings_file]
        line = [sys.executable, "-c", SHORT, str(most), *map(str, options)]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert contents(index) in (of.before, of.after), "a mix is served"
        _finish(of, index)
        return done.returncode, done.stderr


@contextmanager
def _copied(of: Case) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=of.index.parent) as name:
        shutil.copytree(of.index, Path(name) / "index", copy_function=_copy)
        yield Path(name) / "index"


def _finish(of: Case, index: Path) -> None:
    """Rebuild undisturbed, and check that nothing was lost or left over."""
    rebuild(of.corpus, index, settings=of.settings)
    assert contents(index) == of.after, "the next run's build is another"
    half = [p for p in index.rglob(".*") if p.name.endswith((".writing", ".removing"))]
    assert not half, f"left half-made: {half}"


def _copy(source: str, target: str) -> None:
    """Link the files that no rebuild writes to, and copy the others."""
    if "/builds/" in source or "/models/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def run(seed: int, budget: float) -> Found:
    """Kill rebuilds at every step and then at random moments."""
    found, draw = Found(), random.Random(seed)
    with case(PROJECT / "corpus") as of:
        for number in rounds(budget):
            step = STEPS[number] if number < len(STEPS) else ""
            seconds, most = draw.uniform(0, of.seconds), draw.randint(*ROOM)
            full = not step and number % 10 == 9
            told = f"seed {seed}, round {number}"
            told += f", files of {most} bytes" if full else f", {step or f'{seconds:.2f} s'}"
            try:
                if full:
                    status, said = short_of_room(of, most)
                    assert "Traceback" not in said, said
                    found.outcomes[f"full disk, exit status {status}"] += 1
                else:
                    found.outcomes[trial(of, step, seconds)] += 1
            except Exception as error:  # noqa: BLE001 - whatever went wrong is what is looked for
                found.fault(f"{told}: {error!r}")
    return found
