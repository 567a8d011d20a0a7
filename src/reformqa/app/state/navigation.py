"""From one page to another."""

from __future__ import annotations

from typing import Any, NoReturn

import streamlit as st


def go(page: str, **values: Any) -> NoReturn:
    """Turn to a page, its address holding these values."""
    st.session_state.pop("written", None)  # what the address then holds was written by nobody
    pages = st.session_state["pages"]
    st.switch_page(pages[page], query_params={n: v for n, v in values.items() if v})
