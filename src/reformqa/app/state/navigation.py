"""Links from one page to another."""

from __future__ import annotations

from typing import Any, NoReturn

import streamlit as st


def go(page: str, **values: Any) -> NoReturn:
    """Go to a page, with these values in its address."""
    st.session_state.pop("written", None)  # the new address was not written by `put`
    pages = st.session_state["pages"]
    st.switch_page(pages[page], query_params={n: v for n, v in values.items() if v})
