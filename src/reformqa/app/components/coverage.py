"""A heat map of topics and think tanks: who speaks, comes near or is silent."""

from __future__ import annotations

import streamlit as st

from reformqa.answering.coverage import Coverage
from reformqa.app.components.grid import Cell, Line, draw_grid
from reformqa.app.state.navigation import go

_SHADES = {"speaks": 5, "near": 2, "silent": 0}


def draw_coverage(coverage: Coverage) -> None:
    """Draw a line for each topic and a column for each think tank; a topic opens its comparison."""
    lines = [
        Line(c.question, [_cell(coverage, c.question, p) for p in coverage.publishers])
        for c in coverage.comparisons
    ]
    chosen = draw_grid("Topic", coverage.publishers, lines)
    st.download_button(
        "Download as SVG",
        coverage.to_svg(),
        file_name="coverage.svg",
        mime="image/svg+xml",
        key="coverage-svg",
        on_click="ignore",
        type="tertiary",
    )
    if chosen:
        go("compare", q=chosen.name)


def _cell(coverage: Coverage, topic: str, publisher: str) -> Cell:
    row = coverage.row(topic, publisher)
    status = row.status if row else "silent"
    about = f"{publisher} on {topic}: {status}"
    return Cell(status, _SHADES[status], about)
