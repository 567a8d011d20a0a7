"""A comparison of the think tanks on one topic, in columns."""

from __future__ import annotations

import streamlit as st

from reformqa.answering.coverage import Coverage
from reformqa.answering.results import Comparison
from reformqa.app.components.citations import places
from reformqa.app.components.comparison import draw_comparison
from reformqa.app.components.coverage import draw_coverage
from reformqa.app.components.downloads import draw_downloads
from reformqa.app.components.inputs import filters_popover, keep, question_box
from reformqa.app.components.source_panel import draw_source
from reformqa.app.pages.page import Page
from reformqa.app.state.library import library, library_asked, remembered
from reformqa.library import Library


def draw() -> None:
    """Draw the page."""
    now = library()
    st.html("<h1>Compare think tanks</h1>")
    with st.container(key="asking"):
        question = question_box("compare", "Topic", "Compare", now.matters)
        chosen = filters_popover(now, "compare", "report", "published")
    if question is None:
        _draw_coverage(now)
        draw_source(now)
        return
    asked = (question, chosen)
    of = library_asked("compare", asked)
    given = chosen.given("report", "published")
    with st.spinner("Comparing think tanks …"):
        comparison: Comparison = remembered(
            of, "comparison", asked, lambda: of.compare(question, **given)
        )
    keep("compare", question, chosen)
    draw_comparison(comparison, "compare")
    draw_downloads(comparison, "comparison")
    draw_source(of, quotes=places(comparison.citations))


def _draw_coverage(of: Library) -> None:
    """Draw who speaks on the largest themes, once that is asked for: it takes a few seconds."""
    with st.expander("Who speaks on what?", key="coverage", on_change="rerun") as shown:
        if shown.open:
            with st.spinner("Comparing think tanks on each topic …"):
                coverage: Coverage = remembered(of, "coverage", (), of.coverage)
            draw_coverage(coverage)
            draw_downloads(coverage, "coverage")


PAGE = Page("compare", "Compare", ":material/view_column:", draw)
