"""The app that staff use. It draws what the library returns and decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import streamlit as st

from reformqa.app.auth import draw_visitor, signed_in
from reformqa.app.components.inputs import draw_visit
from reformqa.app.html import label
from reformqa.app.pages import ask, compare, crosswalk, health, library, recommendations
from reformqa.app.state import url
from reformqa.errors import ReformqaError

_OWN = files("reformqa") / "app"
STYLE = f"<style>{(_OWN / 'style.css').read_text(encoding='utf-8')}</style>"
#: Given as a picture: Streamlit has browsers fetch an icon that is named from another host.
ICON = (_OWN / "icon.svg").read_text(encoding="utf-8")
PAGES = {
    "ask": ("Ask", ":material/search:", ask.page),
    "compare": ("Side by side", ":material/view_column:", compare.page),
    "recommendations": ("Recommendations", ":material/checklist:", recommendations.page),
    "crosswalk": ("Crosswalk", ":material/compare_arrows:", crosswalk.page),
    "library": ("Library", ":material/menu_book:", library.page),
    "health": ("Health", ":material/monitor_heart:", health.page),
}


def run() -> None:
    """Draw the page that the address names, for those who may see it."""
    st.set_page_config(page_title="reformqa", page_icon=ICON, layout="wide")
    st.html(STYLE)
    if not signed_in():
        return
    url.begin()
    pages = {
        name: st.Page(_guarded(draw), title=title, icon=icon, url_path=name, default=name == "ask")
        for name, (title, icon, draw) in PAGES.items()
    }
    st.session_state["pages"] = pages
    chosen = st.navigation(list(pages.values()), position="top")
    draw_visitor()
    chosen.run()
    draw_visit()


def _guarded(draw: Callable[[], None]) -> Callable[[], None]:
    """A page that shows a foreseen error as a message."""

    def run() -> None:
        try:
            draw()
        except ReformqaError as error:
            st.error(label(str(error)))

    return run
