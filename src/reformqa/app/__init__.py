"""The web app for staff. It draws what the library returns and decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import streamlit as st

from reformqa.app.auth import draw_visitor, person, signed_in
from reformqa.app.components.first_run import draw_first_run
from reformqa.app.components.keys import draw_keys
from reformqa.app.components.recent import draw_recent
from reformqa.app.html import label
from reformqa.app.pages import PAGES
from reformqa.app.state import briefing, url
from reformqa.app.state.turns import BusyError
from reformqa.errors import MissingIndexError, ReformqaError, SettingsError, UnreachableStoreError

#: Seconds until a page is drawn again that could not reach the server of the index.
AGAIN = 10
_FILES = files("reformqa") / "app"
STYLE = f"<style>{(_FILES / 'style.css').read_text(encoding='utf-8')}</style>"
#: The icon's own markup. Streamlit fetches an icon given by name from another host.
ICON = (_FILES / "icon.svg").read_text(encoding="utf-8")


def run() -> None:
    """Draw the page in the address, if the visitor may see it."""
    st.set_page_config(page_title="reformqa", page_icon=ICON, layout="wide")
    st.html(STYLE)
    try:
        if not signed_in():
            return
    except SettingsError as error:  # whether sign-in is required is not known
        st.error(label(str(error)))
        return
    url.begin()
    briefing.begin(person())
    pages = {
        page.address: st.Page(
            _guarded(page.draw),
            title=page.title,
            icon=page.icon,
            url_path=page.address,
            default=page is PAGES[0],
        )
        for page in PAGES
    }
    st.session_state["pages"] = pages
    chosen = st.navigation(list(pages.values()), position="top")
    draw_visitor()
    chosen.run()
    draw_recent()
    draw_keys()


def _guarded(draw: Callable[[], None]) -> Callable[[], None]:
    """Return a function that draws a page and shows expected errors as messages."""

    def run() -> None:
        try:
            _draw_or_begin(draw)
        except BusyError as error:
            st.info(label(str(error)), icon=":material/hourglass_top:")
            st.button("Ask again", key="busy-again")  # whatever is clicked, the page is drawn again
        except ReformqaError as error:
            st.error(label(str(error)))
            if isinstance(error, UnreachableStoreError):
                _draw_again()

    return run


def _draw_or_begin(draw: Callable[[], None]) -> None:
    """Draw a page, or how to begin if there is no index yet."""
    try:
        draw()
    except MissingIndexError as error:
        draw_first_run(str(error))


def _draw_again() -> None:
    """Draw the page again after a while: the server may be back."""

    @st.fragment(run_every=AGAIN)
    def wait() -> None:
        if st.session_state.pop("waiting", False):
            st.rerun()
        st.session_state["waiting"] = True

    st.session_state["waiting"] = False
    wait()
