"""Words for a reader, made of parts."""

from __future__ import annotations

from collections.abc import Sequence


def listed(parts: Sequence[str], joined_by: str = "and") -> str:
    """Return the parts, at least one, as one phrase: "A, B and C"."""
    *first, last = parts
    return f"{', '.join(first)} {joined_by} {last}" if first else last


def counted(count: int, noun: str) -> str:
    """Return "1 report" or "1,234 reports"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
