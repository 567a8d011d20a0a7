"""Counts and dates in British style."""

from __future__ import annotations

from datetime import datetime

from reformqa.model import FileProblem

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def month(published: str | None) -> str:
    """Return "December 2024" for "2024-12" and "2024" for "2024"."""
    if not published:
        return "undated"
    year, _, number = published.partition("-")
    named = number.isdecimal() and 1 <= int(number) <= len(_MONTHS)
    return f"{_MONTHS[int(number) - 1]} {year}" if named else year


def moment(iso: str) -> str:
    """Return "21 November 2026, 19:46" for a time in ISO 8601, and other text unchanged."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    zone = " UTC" if at.tzinfo and not at.utcoffset() else ""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}{zone}"


def file_problem(problem: FileProblem) -> str:
    """Return the message for a file that could not be read in its present version."""
    what = "Kept the previous version" if problem.kept else "Left out"
    return f"{what}: {problem.file}: {problem.reason}"
