"""The visitor's briefing: quotes in their order, with headings and notes, to share and export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from reformqa.app.components.citations import open_button
from reformqa.app.components.downloads import draw_downloads
from reformqa.app.components.open_file import draw_opening
from reformqa.app.components.source_panel import draw_source
from reformqa.app.html import escape, label, paragraph
from reformqa.app.pages.page import Page
from reformqa.app.state import briefing as state
from reformqa.app.state import url
from reformqa.app.state.briefing import Desk, change, desk
from reformqa.app.state.library import library, remembered
from reformqa.briefing.check import QuoteCheck
from reformqa.briefing.file import LARGEST, SUFFIX, read_briefing, write_briefing
from reformqa.briefing.records import LONGEST_NOTE, LONGEST_TITLE, Briefing, Item, QuoteItem
from reformqa.citations.permalink import Place
from reformqa.errors import BriefingError
from reformqa.library import Library
from reformqa.text.phrases import counted


def draw() -> None:
    """Draw the page."""
    of, now = library(), desk()
    st.html("<h1>Briefing</h1>")
    with st.container(key="briefing"):
        _draw_state(now)
        _draw_head(of, now)
        checks = _checked(of, now.briefing)
        if not now.briefing.items:
            st.html(paragraph("Add quotes with “Add” beside them on the other pages.", "welcome"))
        for n, item in enumerate(now.briefing.items):
            with st.container(key=f"item-{now.edition}-{item.id}"):
                _draw_item(item, checks.get(item.id), now)
                _draw_moves(item.id, n, now)
        _draw_writing(None, "end")
    draw_source(of)


PAGE = Page("briefing", "Briefing", ":material/edit_note:", draw)


def _draw_state(now: Desk) -> None:
    """Draw what went wrong, and what another tab has done."""
    if now.fault:
        st.error(label(now.fault))
        state.seen()
    if now.behind and now.kept:
        st.warning(
            "This briefing was changed in another tab or window. What you see here is not kept"
            " until you choose."
        )
        with st.container(horizontal=True):
            st.button("Open the other version", on_click=state.open_kept, args=(now.kept.id,))
            st.button("Keep this one as a copy", on_click=state.keep_copy)


def _draw_head(of: Library, now: Desk) -> None:
    key = f"title-{now.edition}"
    st.text_input(
        "Title",
        now.briefing.title,
        key=key,
        max_chars=LONGEST_TITLE,
        on_change=lambda: change(lambda b: b.entitled(st.session_state[key])),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="briefing-head"):
        quotes = counted(len(now.briefing.quotes), "quote")
        st.html(f'<p class="count">{quotes}</p>', width="stretch")
        if now.before:
            st.button("Undo", key="undo", icon=":material/undo:", on_click=state.undo)
        here = replace(now.briefing, address=url.home(PAGE.address))
        if now.briefing.items:
            draw_downloads(here, "briefing")
        with st.popover("Briefing file", key="briefing-file"):
            st.caption("A file of your own, to go on with later or to send to a colleague.")
            st.download_button(
                "Download briefing file",
                lambda: write_briefing(here),
                file_name=f"briefing{SUFFIX}",
                mime="application/json",
                on_click="ignore",
            )
            draw_opening("briefing-open", LARGEST, _opener(of))
            if not now.person:
                st.caption("It replaces the briefing that is open. “Undo” brings that back.")
        _draw_shelf(now)


def _draw_shelf(now: Desk) -> None:
    """Draw the other briefings of a person, or a button for a new one."""
    with st.popover("Briefings" if now.person else "New briefing", key="briefing-shelf"):
        for id, title in state.titles().items():
            open_now = now.kept is not None and now.kept.id == id
            text = f"{label(title)}{' (open)' if open_now else ''}"
            st.button(
                text,
                key=f"shelf-{id}",
                type="tertiary",
                disabled=open_now,
                on_click=state.open_kept,
                args=(id,),
            )
        if not now.person:
            st.caption("The briefing that is open is lost unless you have downloaded its file.")
        st.button("Begin a new briefing", on_click=state.start, args=(state.EMPTY,))
        if now.kept:
            st.button("Delete this briefing", on_click=state.delete)


def _opener(of: Library) -> Callable[[str | None, int], None]:
    def take(text: str | None, size: int) -> None:
        try:
            data = b" " * size if text is None else text.encode(errors="surrogatepass")
            opened = read_briefing(data, {r.id for r in of.reports})
        except BriefingError as error:
            state.fail(error)
            return
        state.start(opened)

    return take


def _checked(of: Library, briefing: Briefing) -> dict[int, QuoteCheck]:
    """Return what has become of each quote, by the id of its item."""
    checks: tuple[QuoteCheck, ...] = remembered(
        of, "quotes", briefing.quotes, lambda: of.check_briefing(briefing)
    )
    return {item.id: check for item, check in zip(briefing.quotes, checks, strict=True)}


def _draw_item(item: Item, check: QuoteCheck | None, now: Desk) -> None:
    if isinstance(item, QuoteItem):
        _draw_quote(item, check)
        return
    key = f"text-{now.edition}-{item.id}"

    def write() -> None:
        change(lambda b: b.rewrite(item.id, st.session_state[key]))

    if item.kind == "heading":
        st.text_input("Heading", item.text, key=key, max_chars=LONGEST_TITLE, on_change=write)
    else:
        st.text_area(
            "Note", item.text, key=key, max_chars=LONGEST_NOTE, height="content", on_change=write
        )


def _draw_quote(item: QuoteItem, check: QuoteCheck | None) -> None:
    name = f"<b>{escape(item.name)}</b> " if item.name else ""
    st.html(f'<p class="quote">{name}{escape(item.citation.quote)}</p>')
    shown = check.now if check and check.now and check.status == "stands" else item.citation
    with st.container(horizontal=True, key=f"quoted-citations-{item.id}"):
        place = Place.of(shown)
        open_button(place, str(shown), f"quoted-{item.id}")
    if check is None:
        return
    if check.status == "gone":
        st.warning(label(f"Gone from the library. {check.explanation}"))
    elif check.status == "changed" and check.now:
        st.warning(label(f"Changed. {check.explanation} It now says:"))
        st.html(paragraph(check.now.quote, "context"))
        now = Place.of(check.now)
        open_button(now, str(check.now), f"now-{item.id}")
    elif check.explanation:
        st.caption(label(f"{check.explanation} The words are the same."))


def _draw_moves(id: int, at: int, now: Desk) -> None:
    count = len(now.briefing.items)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"moves-{id}"):
        if count > 2:
            _draw_place(id, at, now)
        for text, icon, steps in (("Up", "upward", -1), ("Down", "downward", 1)):
            st.button(
                text,
                key=f"{text}-{id}",
                icon=f":material/arrow_{icon}:",
                type="tertiary",
                disabled=not 0 <= at + steps < count,
                on_click=change,
                args=(lambda b, steps=steps: b.move(id, steps),),
            )
        st.button(
            "Remove",
            key=f"remove-{id}",
            icon=":material/delete:",
            type="tertiary",
            on_click=change,
            args=(lambda b: b.remove(id),),
        )
        _draw_writing(id, str(id))


def _draw_place(id: int, at: int, now: Desk) -> None:
    """Draw the box that moves an item to any place, by keyboard and on a phone alike."""
    count = len(now.briefing.items)
    key = f"place-{now.edition}-{id}-{at}-{count}"  # another one once the item has moved
    st.selectbox(
        "Place",
        range(count),
        at,
        format_func=lambda n: f"{n + 1} of {count}",
        key=key,
        label_visibility="collapsed",
        width=120,
        on_change=lambda: change(lambda b: b.move(id, st.session_state[key] - at)),
    )


def _draw_writing(below: int | None, key: str) -> None:
    """Draw the buttons for a new note and a new heading, at the end or below an item."""
    where = "" if below is None else " below"
    with st.container(horizontal=True, gap="small", width="content", key=f"writing-{key}"):
        st.button(
            f"Note{where}" if where else "Add a note",
            key=f"note-{key}",
            icon=":material/notes:",
            type="tertiary" if where else "secondary",
            on_click=change,
            args=(lambda b: b.add_note("", below),),
        )
        st.button(
            f"Heading{where}" if where else "Add a heading",
            key=f"heading-{key}",
            icon=":material/title:",
            type="tertiary" if where else "secondary",
            on_click=change,
            args=(lambda b: b.add_heading("", below),),
        )
