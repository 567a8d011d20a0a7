"""A result, taken away."""

from __future__ import annotations

from functools import partial

import streamlit as st

from reformqa import exports
from reformqa.exports.exportable import Exportable

#: What people call the forms of `exports.FORMS`.
NAMES = {
    "docx": "Word",
    "markdown": "Markdown",
    "html": "Web page",
    "csv": "Table (CSV)",
    "ris": "RIS",
    "bibtex": "BibTeX",
    "csl-json": "CSL JSON",
    "text": "Plain text",
}


def draw_downloads(result: Exportable, name: str) -> None:
    """A button for each form in which a result can be taken away."""
    with st.popover("Take it away", key=f"{name}-away"):
        for form, called in NAMES.items():
            how = exports.FORMS[form]
            st.download_button(
                called,
                partial(_made, result, form),
                file_name=f"{name}{how.suffix}",
                mime=how.media_type,
                key=f"{name}-{form}",
                on_click="ignore",
                type="tertiary",
            )


def _made(result: Exportable, form: str) -> bytes:
    return exports.to_bytes(result.document(), form)
