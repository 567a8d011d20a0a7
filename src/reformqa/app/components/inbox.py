"""The operator's inbox: papers that watched sites announced, to be taken in or dropped."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from reformqa.app.html import label, paragraph
from reformqa.app.state.library import catalogue_file, corpus_folder, settings
from reformqa.errors import ReformqaError
from reformqa.news.inbox import InboxItem
from reformqa.news.watch import drop, take, waiting
from reformqa.text.phrases import counted

#: The papers that are shown at a time.
SHOWN = 20
#: Where the message about the last paper is kept until it is shown.
_SAID = "inbox said"


def draw_inbox() -> None:
    """Draw the papers that wait, each with buttons that take it into the corpus or drop it."""
    try:
        items = waiting(corpus_folder())
    except ReformqaError as error:
        st.error(label(str(error)))
        return
    count = counted(len(items), "paper") if items else "empty"
    with st.expander(f"Inbox: {count}", key="inbox", icon=":material/inbox:"):
        if said := st.session_state.pop(_SAID, None):
            st.success(label(said))
        if not items:
            st.caption(
                "No paper waits. New ones appear here once the catalogue names sites to watch and"
                " `reformqa watch` has looked at them."
            )
            return
        st.caption(
            "Papers on the sites that the catalogue watches. One that you take becomes searchable"
            " after the next rebuild."
        )
        for item in items[:SHOWN]:
            _draw_item(item)
        if len(items) > SHOWN:
            st.caption(f"Take or drop these to see {len(items) - SHOWN} more.")


def _draw_item(item: InboxItem) -> None:
    with st.form(f"inbox-{item.id}"):
        st.html(paragraph(item.title))
        facts = (item.publisher, item.published, item.address)
        st.html(paragraph(" · ".join(filter(None, facts)), "path"))
        if item.reason:
            st.warning(label(item.reason))
        title = st.text_input(
            "Title of the PDF",
            item.title,
            help="Only a PDF with this title is taken. Leave it empty to take any.",
        )
        with st.container(horizontal=True):
            taking = st.form_submit_button("Take", type="primary")
            dropping = st.form_submit_button("Drop")
            st.link_button("Open its page", item.address)
    if taking:
        _take(item, title)
    elif dropping:
        _done(lambda: drop(corpus_folder(), item.id), f"“{item.title}” was dropped.")


def _take(item: InboxItem, title: str) -> None:
    chosen, book = settings(), catalogue_file()
    with st.spinner("Downloading …"):
        _done(
            lambda: take(
                corpus_folder(),
                item.id,
                title=title,
                catalogue=book if book.is_file() else None,
                settings=chosen.fetch,
                limits=chosen.drawing,
            ),
            f"“{item.title}” was added. It becomes searchable after the next rebuild.",
        )


def _done(act: Callable[[], InboxItem], said: str) -> None:
    """Do something with a paper and draw the inbox anew, or show why it cannot be done."""
    try:
        act()
    except ReformqaError as error:
        st.error(label(str(error)))
        return
    st.session_state[_SAID] = said
    st.rerun()
