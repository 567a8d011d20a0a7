"""Counts and dates in British style."""

from __future__ import annotations

import calendar
from datetime import datetime

from reformqa.model import FileProblem
from reformqa.text.dates import in_words


def month(published: str | None) -> str:
    """Return "December 2024" for "2024-12", "2024" for "2024", and "undated" for no date."""
    return in_words(published) or "undated"


def moment(iso: str) -> str:
    """Return "21 November 2026, 19:46" for a time in ISO 8601, and other text unchanged."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    zone = " UTC" if at.tzinfo and not at.utcoffset() else ""
    return f"{at.day} {calendar.month_name[at.month]} {at.year}, {at:%H:%M}{zone}"


def file_problem(problem: FileProblem) -> str:
    """Return the message for a file that could not be read in its present version."""
    what = "Kept the previous version" if problem.kept else "Left out"
    return f"{what}: {problem.file}: {problem.reason}"
