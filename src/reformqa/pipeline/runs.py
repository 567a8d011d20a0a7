"""The record of each rebuild: index/report.json, and the same as a page to read.

    index/report.json              the last run, rewritten at each of its steps
    index/report.md, report.html   the last run that ended, as a page
    index/reports/<started>.json   earlier runs, newest last

A record that says "running" while nobody holds the lock is that of a run that was killed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from reformqa.evaluation.history import Score
from reformqa.exports.markdown import escaped
from reformqa.files import write_atomically
from reformqa.model import Build, Changes, FileProblem, Progress

#: How many records of runs are kept.
KEPT = 60

_RECORD = "report.json"
_EARLIER = "reports"


@dataclass(frozen=True, slots=True)
class Run:
    """One rebuild. Times are UTC in ISO 8601; `seconds` maps each step to its duration.

    `step` is the last one begun; `build` is the one served at the end. `changes` is None if
    nothing had to be built. `error` says why the run failed. `score` and `score_before` are how
    well the corpus folder's questions are answered by the new build and by the one before.
    """

    started: str
    state: Literal["running", "built", "unchanged", "failed"] = "running"
    step: str = "listing"
    ended: str | None = None
    build: Build | None = None
    changes: Changes | None = None
    encoded: int = 0
    problems: tuple[FileProblem, ...] = ()
    skipped: tuple[FileProblem, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    score: Score | None = None
    score_before: Score | None = None
    error: str | None = None


_RUN = TypeAdapter(Run)


class Recorder:
    """Keeps the record of a run up to date: what it does, and how long each step takes."""

    def __init__(self, index: Path, progress: Progress) -> None:
        self._index = index
        self._report = progress
        self._began = time.monotonic()  # unlike the clock, it cannot be set back
        self.run = Run(_now())

    def begin(self, step: str) -> None:
        """Begin a step, ending the one before."""
        self._end_step()
        self.run = replace(self.run, step=step)
        self._write()
        self._report(step, 0, 0)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Report how far a step is."""
        self._report(stage, done, total)

    def note(self, **found: Any) -> None:
        """Set fields of the record."""
        self.run = replace(self.run, **found)

    def end(self, state: Literal["built", "unchanged", "failed"], error: str | None = None) -> None:
        """End the run and write its pages."""
        self._end_step()
        self.run = replace(self.run, state=state, ended=_now(), error=error)
        self._write()

    def _end_step(self) -> None:
        now = time.monotonic()
        taken = {self.run.step: round(now - self._began, 3)}
        self.run = replace(self.run, seconds=self.run.seconds | taken)
        self._began = now

    def _write(self) -> None:
        data = _RUN.dump_json(self.run, indent=1)
        write_atomically(self._index / _RECORD, data)
        if self.run.state == "running":
            return
        write_atomically(
            self._index / "report.md", to_markdown(self.run).encode("utf-8", "replace")
        )
        write_atomically(self._index / "report.html", to_html(self.run).encode("utf-8", "replace"))
        earlier = self._index / _EARLIER
        earlier.mkdir(exist_ok=True)
        name = self.run.started.replace(":", "").replace("-", "").partition("+")[0]
        write_atomically(earlier / f"{name}.json", data)
        for old in sorted(earlier.glob("*.json"))[:-KEPT]:
            old.unlink()


@contextmanager
def recorded(index: Path, progress: Progress) -> Iterator[Recorder]:
    """Record a run, however it ends; only a kill leaves the record at "running".

    The run counts as "built" if it has noted changes, and as "unchanged" if not.
    """
    recorder = Recorder(index, progress)
    try:
        yield recorder
    except BaseException as error:
        stopped = isinstance(error, KeyboardInterrupt | SystemExit)
        with suppress(OSError):  # the disk may be what failed: the first error matters more
            recorder.end("failed", "it was stopped" if stopped else str(error) or repr(error))
        raise
    with suppress(OSError):
        recorder.end("unchanged" if recorder.run.changes is None else "built")


def last_run(index: Path) -> Run | None:
    """Return the record of the last run, or None if there is none or it cannot be read."""
    try:
        return _RUN.validate_json((index / _RECORD).read_bytes())
    except (OSError, ValidationError):
        return None


def earlier_runs(index: Path) -> tuple[Run, ...]:
    """Return the records of the runs that ended, oldest first, without unreadable ones."""
    found = []
    for file in sorted((index / _EARLIER).glob("*.json")):
        with suppress(OSError, ValidationError):
            found.append(_RUN.validate_json(file.read_bytes()))
    return tuple(found)


def headline(run: Run) -> str:
    """Return what a run did, in a sentence."""
    if run.state == "running":
        return f"Running: {run.step}."
    if run.state == "failed":
        return f"Failed while {run.step}: {run.error}"
    if run.state == "unchanged":
        return "Nothing had changed."
    changes = run.changes or Changes()
    counts = [
        f"{len(found)} {what}"
        for what, found in (
            ("added", changes.added),
            ("changed", changes.changed),
            ("corrected", changes.corrected),
            ("moved", changes.moved),
            ("removed", changes.removed),
        )
        if found
    ]
    return f"A new build is served: {', '.join(counts) or changes.reason}."


def to_markdown(run: Run) -> str:
    """Return the page of a run in Markdown."""
    blocks = [f"# Rebuild of {_when(run.started)}", escaped(headline(run))]
    for heading, lines in _sections(run):
        blocks += [f"## {heading}", "\n".join(f"- {escaped(line)}" for line in lines)]
    return "\n\n".join(blocks) + "\n"


def to_html(run: Run) -> str:
    """Return the page of a run in HTML, which loads nothing else."""
    template = resources.files("reformqa.pipeline").joinpath("run.html").read_text(encoding="utf-8")
    parts = []
    for heading, lines in _sections(run):
        items = "".join(f'<li dir="auto">{escape(line)}</li>' for line in lines)
        parts.append(f"<section><h2>{escape(heading)}</h2><ul>{items}</ul></section>")
    return Template(template).substitute(
        title=escape(f"Rebuild of {_when(run.started)}"),
        state="well" if run.state != "failed" and not run.problems else "attention",
        headline=escape(headline(run)),
        sections="\n".join(parts),
    )


def _sections(run: Run) -> list[tuple[str, Sequence[str]]]:
    """Return the page's headings with their lines, leaving out headings without any."""
    changes = run.changes or Changes()
    sections: list[tuple[str, Sequence[str]]] = [
        ("Needs attention", [_problem(p) for p in run.problems]),
        ("Notes", run.notes),
        ("Added", changes.added),
        ("Changed", changes.changed),
        ("Corrected in the catalogue", changes.corrected),
        ("Moved", [f"{old} is now {new}" for old, new in changes.moved]),
        ("Removed", changes.removed),
        ("Rebuilt because", [changes.reason] if changes.reason else []),
        ("Library", _library(run)),
        ("Questions of the corpus", _scores(run)),
        ("Not included", [f"{p.file}: {p.reason}" for p in run.skipped]),
        ("Time", [f"{step}: {seconds:.1f} s" for step, seconds in run.seconds.items()]),
    ]
    return [(heading, lines) for heading, lines in sections if lines]


def _problem(problem: FileProblem) -> str:
    kept = " (The previous version is kept.)" if problem.kept else ""
    return f"{problem.file}: {problem.reason}{kept}"


def _library(run: Run) -> list[str]:
    build = run.build
    if build is None:
        return []
    return [
        f"Build {build.id}, made {_when(build.made)}, model {build.model}",
        f"{build.reports:,} reports, {build.paragraphs:,} paragraphs, {build.passages:,} passages,"
        f" {build.recommendations:,} recommendations",
        f"{run.encoded:,} new texts encoded",
    ]


def _scores(run: Run) -> list[str]:
    return [
        f"{when}: {score}"
        for when, score in (("Now", run.score), ("Previous build", run.score_before))
        if score
    ]


def _when(moment: str) -> str:
    try:
        return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return moment


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
