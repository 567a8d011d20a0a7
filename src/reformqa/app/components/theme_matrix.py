"""A matrix of themes and think tanks: a darker cell has more recommendations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from reformqa.app.html import escape, label
from reformqa.app.state import url
from reformqa.library import Library
from reformqa.model import Recommendation

#: The number of shades; the largest count has the last one.
SHADES = 5


def draw_matrix(of: Library, found: Sequence[Recommendation]) -> None:
    """Draw a row for each theme and a column for each think tank; a cell opens its list."""
    publisher_of = {r.id: r.publisher for r in of.reports}
    kept = {r.id for r in found}
    publishers = [p for p in of.publishers if any(publisher_of[r.report_id] == p for r in found)]
    counts = {
        theme.name: Counter(
            publisher_of[r.report_id] for r in theme.recommendations if r.id in kept
        )
        for theme in of.themes
    }
    counts = {name: row for name, row in counts.items() if row}
    if not counts:
        return
    most = max(max(row.values()) for row in counts.values())
    widths = [2.0, *[1.0] * len(publishers)]
    with st.container(key="matrix"):
        head = st.columns(widths, wrap=False, gap="xsmall", vertical_alignment="bottom")
        head[0].html('<p class="path">Theme</p>')
        for column, publisher in zip(head[1:], publishers, strict=True):
            column.html(f'<p class="path">{escape(publisher)}</p>')
        for n, (name, row) in enumerate(counts.items()):
            cells = st.columns(widths, wrap=False, gap="xsmall", vertical_alignment="center")
            with cells[0]:
                st.button(
                    label(name),
                    key=f"theme-{n}",
                    type="tertiary",
                    wrap=True,
                    on_click=_choose,
                    args=(name, None),
                )
            for m, (cell, publisher) in enumerate(zip(cells[1:], publishers, strict=True)):
                with cell:
                    _draw_cell(f"{n}-{m}", name, publisher, row[publisher], most)


def _draw_cell(key: str, theme: str, publisher: str, count: int, most: int) -> None:
    if not count:
        st.html('<p class="none" aria-label="none">·</p>')
        return
    shade = max(1, round(SHADES * count / most))
    st.button(
        str(count),
        key=f"shade{shade}-{key}",
        help=label(f"{publisher} on {theme}: {count}"),
        on_click=_choose,
        args=(theme, publisher),
        width="stretch",
    )


def _choose(theme: str, publisher: str | None) -> None:
    url.put(theme=theme, by=publisher, sheet=None)
