"""The state of an index: the build served, how the last rebuild went, what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from reformqa.model import Build, ReportInfo
from reformqa.pipeline.runs import Run, headline, last_run
from reformqa.settings import StorageSettings
from reformqa.storage.chosen import open_versions


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What monitoring asks for.

    `findings` say what needs attention; there are none if all is well. `rebuilding` is true while
    a rebuild runs; `run` is the last one on record. `builds` are those on disk, newest first.
    `reports` are those of the build served.
    """

    state: Literal["well", "attention"]
    findings: tuple[str, ...]
    rebuilding: bool
    build: Build
    builds: tuple[Build, ...]
    run: Run | None
    reports: tuple[ReportInfo, ...]


def status(
    index: str | Path,
    max_age: float | None = None,
    *,
    storage: StorageSettings = StorageSettings(),
) -> IndexStatus:
    """Return the state of the index in a folder.

    `max_age` is the number of hours within which a rebuild should have succeeded.
    Raises MissingIndexError or DamagedIndexError if no build can be read.
    """
    index = Path(index)
    versions = open_versions(index, storage)
    store = versions.open()
    build, reports = store.version.build, store.reports()
    run = last_run(index)
    rebuilding = versions.is_written()
    findings = [f"{p.file}: {p.reason}" for p in build.problems]
    if run and run.state == "failed":
        findings.append(f"The last rebuild, started {run.started}, failed: {run.error}")
    if run and run.state == "running" and not rebuilding:
        findings.append(
            f"The last rebuild, started {run.started}, was killed while {run.step}. The next one"
            " finishes its work."
        )
    if max_age is not None and (age := _hours_since(run)) > max_age:
        findings.append(
            f"No rebuild has succeeded for {age:.0f} hours; one should every {max_age:g}."
            " Check its timer."
        )
    return IndexStatus(
        "attention" if findings else "well",
        tuple(findings),
        rebuilding,
        build,
        versions.builds(),
        run,
        tuple(reports.values()),
    )


def verify(
    index: str | Path,
    build_id: str | None = None,
    *,
    storage: StorageSettings = StorageSettings(),
) -> Build:
    """Compare every file of a build, or of the one being served, with its digest.

    On a server, rows are counted, and those of some reports compared with their digests.

    Raises MissingIndexError if there is no index, DamagedIndexError if a file differs.
    """
    store = open_versions(Path(index), storage).open(build_id)
    store.verify()
    return store.version.build


def _hours_since(run: Run | None) -> float:
    """Return the hours since the last run that succeeded, as far as the record shows."""
    if run is None or run.ended is None or run.state == "failed":
        return float("inf")
    ended = datetime.fromisoformat(run.ended)
    return (datetime.now(UTC) - ended).total_seconds() / 3600


def describe(found: IndexStatus) -> str:
    """Return the state in a sentence or two."""
    run = f"Last rebuild, {found.run.started}: {headline(found.run)}" if found.run else ""
    return " ".join(filter(None, ("A rebuild is running." if found.rebuilding else "", run)))
