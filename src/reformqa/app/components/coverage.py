"""A heat map of topics and think tanks: who speaks, comes near or is silent."""

from __future__ import annotations

import streamlit as st

from reformqa.answering.coverage import Coverage
from reformqa.app.html import escape, label
from reformqa.app.state.navigation import go

_SHADES = {"speaks": 5, "near": 2}


def draw_coverage(coverage: Coverage) -> None:
    """Draw a row for each topic and a column for each think tank; a topic opens its comparison."""
    publishers = coverage.publishers
    widths = [2.0, *[1.0] * len(publishers)]
    with st.container(key="matrix"):
        head = st.columns(widths, wrap=False, gap="xsmall", vertical_alignment="bottom")
        head[0].html('<p class="path">Topic</p>')
        for column, publisher in zip(head[1:], publishers, strict=True):
            column.html(f'<p class="path">{escape(publisher)}</p>')
        for n, comparison in enumerate(coverage.comparisons):
            cells = st.columns(widths, wrap=False, gap="xsmall", vertical_alignment="center")
            with cells[0]:
                _button(f"topic-{n}", comparison.question, comparison.question, kind="tertiary")
            for m, (cell, publisher) in enumerate(zip(cells[1:], publishers, strict=True)):
                row = coverage.row(comparison.question, publisher)
                status = row.status if row else "silent"
                with cell:
                    if status == "silent":
                        st.html('<p class="none">silent</p>')
                        continue
                    key = f"shade{_SHADES[status]}-{n}-{m}"
                    about = f"{publisher} on {comparison.question}: {status}"
                    _button(key, status, comparison.question, about)
    st.download_button(
        "Download as SVG",
        coverage.to_svg(),
        file_name="coverage.svg",
        mime="image/svg+xml",
        key="coverage-svg",
        on_click="ignore",
        type="tertiary",
    )


def _button(key: str, text: str, topic: str, about: str = "", kind: str = "secondary") -> None:
    asked = st.button(
        label(text),
        key=key,
        type="tertiary" if kind == "tertiary" else "secondary",
        help=label(about) or None,
        wrap=kind == "tertiary",
        width="content" if kind == "tertiary" else "stretch",
    )
    if asked:
        go("compare", q=topic)
