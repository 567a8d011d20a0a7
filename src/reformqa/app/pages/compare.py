"""A comparison of the think tanks on one topic, in columns."""

from __future__ import annotations

import streamlit as st

from reformqa.answering.results import Comparison
from reformqa.app.components.citations import places
from reformqa.app.components.comparison import draw_comparison
from reformqa.app.components.downloads import draw_downloads
from reformqa.app.components.inputs import filters_popover, keep, question_box
from reformqa.app.components.source_panel import draw_source
from reformqa.app.pages.page import Page
from reformqa.app.state.library import library, library_asked, remembered


def draw() -> None:
    """Draw the page."""
    now = library()
    st.html("<h1>Compare think tanks</h1>")
    with st.container(key="asking"):
        question = question_box("compare", "Topic", "Compare", now.matters)
        chosen = filters_popover(now, "compare", "report", "published")
    if question is None:
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
    draw_source(of, quotes=places(c for row in comparison for c in row.citations))


PAGE = Page("compare", "Compare", ":material/view_column:", draw)
