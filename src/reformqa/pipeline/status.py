"""How an index stands: which build is served, how the last rebuild went, what wants attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from reformqa.model import Build, Report
from reformqa.pipeline.runs import Run, headline, last_run
from reformqa.storage.files.lock import is_locked
from reformqa.storage.files.store import Snapshot


@dataclass(frozen=True, slots=True)
class Standing:
    """What monitoring asks for. `findings` say what wants attention; there is none where all is
    well. `rebuilding` tells whether a rebuild is under way; `run` is the last one on record."""

    state: Literal["well", "attention"]
    findings: tuple[str, ...]
    rebuilding: bool
    build: Build
    run: Run | None
    reports: tuple[Report, ...]


def standing(index: Path, max_age: float | None = None) -> Standing:
    """How the index stands now; `max_age` are the hours after which a run should have ended well.

    Raises MissingIndexError or DamagedIndexError where no build can be read.
    """
    build = Snapshot(index)
    run = last_run(index)
    rebuilding = is_locked(index)
    findings = [f"{p.file}: {p.reason}" for p in build.build.problems]
    if run and run.state == "failed":
        findings.append(f"The last rebuild, begun {run.started}, failed: {run.error}")
    if run and run.state == "running" and not rebuilding:
        findings.append(
            f"The last rebuild, begun {run.started}, was killed while {run.step}. The next one"
            " finishes its work."
        )
    if max_age is not None and (age := _hours_since(run)) > max_age:
        findings.append(
            f"No rebuild has ended well for {age:.0f} hours; one should every {max_age:g}."
            " Look at its timer."
        )
    return Standing(
        "attention" if findings else "well",
        tuple(findings),
        rebuilding,
        build.build,
        run,
        tuple(build.reports.values()),
    )


def _hours_since(run: Run | None) -> float:
    """The age of the last run that ended well, as far as the record tells."""
    if run is None or run.ended is None or run.state == "failed":
        return float("inf")
    ended = datetime.fromisoformat(run.ended)
    return (datetime.now(UTC) - ended).total_seconds() / 3600


def told(found: Standing) -> str:
    """The standing in a sentence or two."""
    run = f"Last rebuild, {found.run.started}: {headline(found.run)}" if found.run else ""
    return " ".join(filter(None, ("A rebuild is under way." if found.rebuilding else "", run)))
