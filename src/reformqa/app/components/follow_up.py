"""The box for a follow-up question, and the thread of questions that led to this one."""

from __future__ import annotations

import streamlit as st

from reformqa.app.html import label
from reformqa.app.state import url
from reformqa.errors import QuestionError
from reformqa.library import Library
from reformqa.search.follow_ups import asks_more

#: The most earlier questions of a thread that the address keeps, and their most characters.
REMEMBERED, LONGEST = 6, 1_000


def draw_thread(page: str) -> None:
    """Draw the earlier questions of the thread, and how the last follow-up was read."""
    earlier = url.get_all("after")
    if not earlier:
        return
    with st.container(key="thread"):
        st.caption("Earlier in this thread")
        for n, question in enumerate(earlier):
            st.button(
                label(question),
                key=f"thread-{n}",
                type="tertiary",
                wrap=True,
                on_click=_go_to,
                args=(page, question, earlier[:n]),
            )
        typed = _typed()
        if typed and typed != url.get("q") and not asks_more(typed):
            read = f"“{typed}” was read as the question above. Change it if that is wrong."
            st.caption(label(read))


def draw_follow_up(page: str, of: Library, question: str) -> None:
    """Draw the box for a follow-up to `question`, and a message if it cannot be read."""
    with (
        st.container(key="follow-up"),
        st.form(f"{page}-follow-up", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(
            "Follow-up question",
            key=f"{page}-next",
            placeholder=f"And {of.publishers[-1]}?   What about schools?   Show me more",
            width="stretch",
        )
        st.form_submit_button("Follow up", on_click=_follow, args=(page, of, question))
    if fault := st.session_state.pop("follow-up fault", ""):
        st.error(label(fault))


def more_asked() -> bool:
    """Return whether the last follow-up to this question asks for more of the same."""
    return asks_more(_typed())


def _typed() -> str:
    """Return the follow-up that the present question was completed from, or ""."""
    typed, whole = st.session_state.get("follow-up", ("", ""))
    return str(typed) if whole == url.get("q") else ""


def _follow(page: str, of: Library, question: str) -> None:
    typed = st.session_state[f"{page}-next"].strip()
    try:
        whole = of.follow_up(typed, question)
    except QuestionError as error:
        st.session_state["follow-up fault"] = str(error)
        return
    st.session_state["follow-up"] = (typed, whole)
    if whole != question:
        earlier = [*url.get_all("after"), question][-REMEMBERED:]
        while sum(map(len, earlier)) > LONGEST:
            del earlier[0]
        _go_to(page, whole, earlier)


def _go_to(page: str, question: str, earlier: list[str]) -> None:
    st.session_state[f"{page}-q"] = question
    url.put(q=question, after=earlier, cite=None, build=None, page=None)
