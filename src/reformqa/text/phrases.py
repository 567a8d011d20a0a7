"""Words for a reader, made of parts."""

from __future__ import annotations

from collections.abc import Sequence


def listed(parts: Sequence[str], joined_by: str = "and") -> str:
    """Return the parts, at least one, as one phrase: "A, B and C"."""
    *first, last = parts
    return f"{', '.join(first)} {joined_by} {last}" if first else last
