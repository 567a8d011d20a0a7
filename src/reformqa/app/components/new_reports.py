"""The reports that came into the library last, or since the build in the address."""

from __future__ import annotations

import streamlit as st

from reformqa.app.formatting import moment, month
from reformqa.app.html import label
from reformqa.app.state import url
from reformqa.app.state.library import index_folder, remembered
from reformqa.app.state.navigation import go
from reformqa.library import Library
from reformqa.news.arrivals import Arrival, new_since
from reformqa.text.phrases import counted

#: The name of the build in the address.
SINCE = "since"


def draw_new(of: Library) -> None:
    """Draw the reports that are new, and a button that keeps in the address what was seen."""
    since = url.get(SINCE)
    found: tuple[Arrival, ...] | None = remembered(
        of, "new", (since,), lambda: new_since(index_folder(), of, since or None)
    )
    if found is None and since:
        st.info("The address names a build that this library does not know. All reports are below.")
    new = found or ()
    with st.expander(
        f"New: {counted(len(new), 'report') if new else 'none'}",
        expanded=bool(new),
        key="new",
        icon=":material/fiber_new:",
    ):
        st.caption(_told(since, found))
        for arrival in new:
            report = arrival.report
            text = f"{report.publisher}: {report.title}, {month(report.published)}"
            if st.button(label(text), key=f"new-{report.id}", type="tertiary"):
                go("library", report=report.id)
        if since != of.build.id and st.button("Mark all as seen", key="new-seen"):
            url.put(since=of.build.id)
            st.rerun()


def _told(since: str, found: tuple[Arrival, ...] | None) -> str:
    """Return what the reports are new to."""
    if found is None:
        return "No report has come in since the library was made."
    if not since:
        return f"These came with the update of {_when(found[0].build)}."
    what = "These came in" if found else "Nothing has come in"
    kept = "Bookmark this page: its address remembers what you have seen."
    return f"{what} since {_when(since)}. {kept}"


def _when(build: str) -> str:
    """Return the time at which a build was made, which its id begins with."""
    day, time = f"{build[:4]}-{build[4:6]}-{build[6:8]}", f"{build[9:11]}:{build[11:13]}"
    return moment(f"{day}T{time}+00:00")
