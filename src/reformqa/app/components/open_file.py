"""A box that opens a small file of the visitor's own.

The browser reads the file and sends its text like that of a text box. Streamlit's own box would
send it to the address for reports, which is closed unless uploads are on.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_HTML = '<label>Open a briefing file<input type="file" accept=".json,application/json"></label>'
_CSS = """
label {display: flex; flex-direction: column; gap: .3rem; font: 14px var(--st-font);}
input, input::file-selector-button {font: inherit; color: var(--st-text-color); max-width: 100%;}
input::file-selector-button {
  background: var(--st-secondary-background-color); padding: .4rem .75rem; margin-right: .6rem;
  border: 1px solid var(--st-border-color); border-radius: .25rem;
}
"""
_SCRIPT = """
export default function ({parentElement, setTriggerValue, data}) {
  const input = parentElement.querySelector("input")
  input.onchange = async () => {
    const file = input.files[0]
    if (!file) return
    const text = file.size > data.most ? null : await file.text()
    setTriggerValue("file", {text, size: file.size})
    input.value = ""
  }
}
"""


def draw_opening(key: str, most: int, take: Callable[[str | None, int], None]) -> None:
    """Draw the box; `take` is called with a file's text and bytes, without text if over `most`."""
    mount = st.components.v2.component("reformqa-open-file", html=_HTML, css=_CSS, js=_SCRIPT)

    def taken() -> None:
        file = st.session_state[key]["file"] or {}
        text, size = file.get("text"), file.get("size")
        take(text if isinstance(text, str) else None, size if isinstance(size, int) else 0)

    mount(key=key, data={"most": most}, on_file_change=taken)
