"""When each report came into the library, by the builds that led to the one being served."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reformqa.library import Library
from reformqa.model import Build, ReportInfo
from reformqa.pipeline.runs import earlier_runs
from reformqa.storage.files.builds import is_id


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report, and the id and time (`made`, ISO 8601) of the build that added it."""

    report: ReportInfo
    build: str
    made: str


def arrivals(index: Path, library: Library) -> tuple[Arrival, ...]:
    """Return when each report of the library arrived, newest first.

    Builds are known from the index's records of runs, which it keeps for two months of nights. A
    report that is older arrived with the oldest build known.
    """
    chain = _chain(index, library.build)
    came: dict[str, Build] = {}
    for build in chain:
        came |= dict.fromkeys(build.changes.added, build)
        for old, new in build.changes.moved:  # the same file under another name is not new
            came[new] = came.pop(old, chain[0])
    found = []
    for report in library.reports:
        build = came.get(report.id, chain[0])
        found.append(Arrival(report, build.id, build.made))
    return tuple(sorted(found, key=lambda a: (a.build, a.report.published or ""), reverse=True))


def new_since(
    index: Path, library: Library, build_id: str | None = None
) -> tuple[Arrival, ...] | None:
    """Return what arrived after a build, newest first; None if it is no build of this library's.

    Without an id, it is what arrived last; None if all of it came at once.
    """
    if build_id is not None and (not is_id(build_id) or build_id > library.build.id):
        return None
    arrived = arrivals(index, library)
    if build_id is not None:
        return tuple(a for a in arrived if a.build > build_id)
    last = tuple(a for a in arrived if a.build == arrived[0].build)
    return last if len(last) < len(arrived) else None


def _chain(index: Path, build: Build) -> list[Build]:
    """Return the builds that led to this one, oldest first. What was rolled back is not among."""
    runs = earlier_runs(index)
    known = {r.build.id: r.build for r in runs if r.build is not None and r.changes is not None}
    chain = [build]
    while (before := known.pop(chain[-1].changes.before or "", None)) is not None:
        chain.append(before)
    return chain[::-1]
