"""Counts and days as people in the United Kingdom write them."""

from __future__ import annotations

from datetime import datetime

from reformqa.model import FileProblem

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def counted(count: int, noun: str) -> str:
    """ "1 report", "1,234 reports"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def month(published: str | None) -> str:
    """ "December 2024" for "2024-12", "2024" for "2024"."""
    if not published:
        return "undated"
    year, _, number = published.partition("-")
    named = number.isdecimal() and 1 <= int(number) <= len(_MONTHS)
    return f"{_MONTHS[int(number) - 1]} {year}" if named else year


def moment(iso: str) -> str:
    """ "21 November 2026, 19:46" for a moment in ISO 8601; as it is where it is none."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    zone = " UTC" if at.tzinfo and not at.utcoffset() else ""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}{zone}"


def out_of_place(problem: FileProblem) -> str:
    """What to say of a file that is not in as it is."""
    what = "The version before stays in" if problem.kept else "Left out"
    return f"{what}: {problem.file}: {problem.reason}"
