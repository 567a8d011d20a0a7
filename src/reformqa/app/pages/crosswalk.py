"""Similar recommendations of different think tanks, next to each other."""

from __future__ import annotations

import streamlit as st

from reformqa.app.components.citations import draw_sentences
from reformqa.app.components.downloads import draw_downloads
from reformqa.app.components.source_panel import draw_source
from reformqa.app.html import escape, label
from reformqa.app.pages.page import Page
from reformqa.app.state import url
from reformqa.app.state.library import library, library_asked, remembered
from reformqa.recommendations.crosswalk import Crosswalk

#: The most think tanks whose columns stand below each other.
COLUMNS = 4
#: The range of the similarity slider.
LEAST, MOST = 0.3, 0.9


def draw() -> None:
    """Draw the page."""
    st.html("<h1>Crosswalk</h1>")
    st.caption(
        "Similar recommendations from different think tanks, side by side: perhaps the same"
        " measure, or another on the same matter. Similar wording does not mean that they agree."
    )
    if url.opened() or "crosswalk-least" not in st.session_state:
        default = library().tuning.recommendations.match
        st.session_state["crosswalk-least"] = _from_address(default)
    least = st.slider("Minimum similarity", LEAST, MOST, step=0.01, key="crosswalk-least")
    of = library_asked("crosswalk", least)
    url.put(least=f"{least:.2f}")
    walk: Crosswalk = remembered(of, "crosswalk", (least,), lambda: of.crosswalk(least=least))
    if walk.reason:
        st.info(label(walk.reason))
    _draw_groups(walk)
    if walk.matches:
        with st.expander("As a table", key="table", on_change="rerun") as shown:
            if shown.open:
                st.dataframe(walk.to_pandas(), hide_index=True)
        draw_downloads(walk, "crosswalk")
    draw_source(of)


PAGE = Page("crosswalk", "Crosswalk", ":material/compare_arrows:", draw)


def _from_address(default: float) -> float:
    try:
        least = float(url.get("least") or default)
    except ValueError:
        least = default
    return round(min(max(least, LEAST), MOST), 2) if least == least else default


def _draw_groups(walk: Crosswalk) -> None:
    """Draw a row for each group; each think tank keeps its column if there are few of them."""
    aligned = walk.publishers if len(walk.publishers) <= COLUMNS else ()
    number = 0
    for n, group in enumerate(walk.groups):
        columns = aligned or group.publishers
        with st.container(border=True, key=f"group-{n}"):
            st.html(f"<h2>{walk.level(group)} <span>Similarity {group.similarity:.2f}</span></h2>")
            drawn = dict(zip(columns, st.columns(len(columns)), strict=True))
            sides = zip(group.publishers, group.recommendations, strict=True)
            for m, (publisher, recommendation) in enumerate(sides):
                with drawn[publisher]:
                    st.html(f"<h3>{escape(publisher)}</h3>")
                    sentences = (walk.sentences[recommendation.id],)
                    number = draw_sentences(
                        sentences, number, f"walk-{n}-{m}", walk.provenance, titled=False
                    )
