"""The keys of the app: `/` goes to the question box, and `?` lists them all.

Streamlit binds letters and a few named keys to buttons, but neither of these two, and cannot move
the cursor into a field.
"""

from __future__ import annotations

from importlib.resources import files

import streamlit as st

_FILES = files("reformqa") / "app"
_KEYS = st.components.v2.component(
    "keys",
    html=(_FILES / "keys.html").read_text(encoding="utf-8"),
    js=(_FILES / "keys.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def draw_keys() -> None:
    """Draw the list of keys, hidden until it is asked for, and let the keys work."""
    _KEYS(key="keys")
