"""The download menu of a result."""

from __future__ import annotations

from functools import partial

import streamlit as st

from reformqa import exports
from reformqa.exports.exportable import Exportable


def draw_downloads(result: Exportable, name: str) -> None:
    """Draw a button for each form of export; `name` is the stem of the downloaded file."""
    with st.popover("Download", key=f"{name}-download"):
        for form in exports.FORMS.values():
            st.download_button(
                form.label,
                partial(_drawn, result, form.name),
                file_name=f"{name}{form.suffix}",
                mime=form.media_type,
                key=f"{name}-{form.name}",
                on_click="ignore",
                type="tertiary",
            )


def _drawn(result: Exportable, form: str) -> bytes:
    return exports.to_bytes(result.document(), form)
