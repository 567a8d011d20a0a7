"""What a build contains that the one before did not, judged by what each was made from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from reformqa.model import Changes, ReportInfo

#: What a build depends on besides files, and how to say that it changed.
_OTHERS = {
    "models": "other models",
    "parser": "another parser",
    "settings": "other settings",
    "rules": "other rules",
    "tuning": "another calibration",
    "catalogue": "another catalogue",
    "handed_in": "other files handed in",
}
_FILES = ("sources", "left_out")


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """What is needed of a build to compare it: its id, its reports, what it was made from."""

    build_id: str
    reports: Mapping[str, ReportInfo]
    facts: Mapping[str, Any]


def compare_builds(before: Made | None, now: Made, *, forced: bool = False) -> Changes:
    """Return what is new in the build `now`.

    `before` is the one served so far, or None for the first one. `forced` is true if a new build
    was asked for even if nothing had changed.
    """
    if before is None:
        return Changes(added=tuple(sorted(now.reports)))
    added, removed = set(now.reports) - set(before.reports), set(before.reports) - set(now.reports)
    moved = _moved(
        {i: before.reports[i].sha256 for i in removed}, {i: now.reports[i].sha256 for i in added}
    )
    common = sorted(set(now.reports) & set(before.reports))
    changed = {i for i in common if now.reports[i].sha256 != before.reports[i].sha256}
    corrected = {i for i in common if _facts(now.reports[i]) != _facts(before.reports[i])}
    others = [w for key, w in _OTHERS.items() if before.facts.get(key) != now.facts.get(key)]
    if not (others or added or removed or changed or corrected):
        if any(before.facts.get(key) != now.facts[key] for key in _FILES):
            others = ["other files left out"]
        else:
            others = ["asked for" if forced else "the build before was damaged"]
    return Changes(
        before=before.build_id,
        added=tuple(sorted(added - {new for _, new in moved})),
        changed=tuple(sorted(changed)),
        removed=tuple(sorted(removed - {old for old, _ in moved})),
        corrected=tuple(sorted(corrected - changed)),
        moved=moved,
        reason=", ".join(others) or None,
    )


def _moved(removed: Mapping[str, str], added: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return pairs of ids, old and new, of files with the same contents."""
    places = {sha256: report_id for report_id, sha256 in added.items()}
    return tuple(
        (old, places.pop(sha256)) for old, sha256 in sorted(removed.items()) if sha256 in places
    )


def _facts(report: ReportInfo) -> tuple[Any, ...]:
    """Return what a correction of the catalogue may change."""
    return (
        *(report.title, report.subtitle, report.authors, report.publisher, report.published),
        *(report.series, report.licence, report.url, report.note_on, report.edition_of),
    )
