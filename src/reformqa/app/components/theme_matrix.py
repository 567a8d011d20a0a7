"""A matrix of themes and think tanks: a darker cell has more recommendations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from reformqa.app.components.grid import SHADES, Cell, Line, draw_grid
from reformqa.app.state import url
from reformqa.library import Library
from reformqa.model import Recommendation


def draw_matrix(of: Library, found: Sequence[Recommendation]) -> None:
    """Draw a line for each theme and a column for each think tank; a cell opens its list."""
    publisher_of = {r.id: r.publisher for r in of.reports}
    kept = {r.id for r in found}
    publishers = [p for p in of.publishers if any(publisher_of[r.report_id] == p for r in found)]
    counts = {
        theme.name: Counter(
            publisher_of[r.report_id] for r in theme.recommendations if r.id in kept
        )
        for theme in of.themes
    }
    most = max((count for row in counts.values() for count in row.values()), default=0)
    lines = [
        Line(name, [_cell(name, publisher, row[publisher], most) for publisher in publishers])
        for name, row in counts.items()
        if row
    ]
    if lines and (chosen := draw_grid("Theme", publishers, lines)):
        url.put(theme=chosen.name, by=chosen.publisher, sheet=None)
        st.rerun()


def _cell(theme: str, publisher: str, count: int, most: int) -> Cell:
    if not count:
        return Cell("·", about="none")
    shade = max(1, round(SHADES * count / most))
    return Cell(str(count), shade, f"{publisher} on {theme}: {count}")
