"""The questions of this visit, which can be asked again."""

from __future__ import annotations

import streamlit as st

from reformqa.app.html import label
from reformqa.app.state import url
from reformqa.app.state.navigation import go

#: A question of this visit: its page, its words and the values in the address.
Visited = tuple[str, str, dict[str, list[str]]]
#: How many questions are listed.
REMEMBERED = 20


def remember(page: str, question: str) -> None:
    """Put a question at the top of the list, with the present address."""
    visit: list[Visited] = st.session_state.setdefault("visit", [])
    others = [entry for entry in visit if entry[:2] != (page, question)]
    st.session_state["visit"] = [(page, question, url.present()), *others][:REMEMBERED]


def draw_recent() -> None:
    """Draw the menu of recent questions, once there are two."""
    visit: list[Visited] = st.session_state.get("visit", [])
    if len(visit) < 2:
        return
    with st.popover("Recent questions", key="visit-list"):
        for n, (page, question, where) in enumerate(visit):
            if st.button(label(question), key=f"visit-{n}", type="tertiary"):
                go(page, **where)
