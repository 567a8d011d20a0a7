"""The upload of a new report, if the operator allows it."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from reformqa.app.auth import visitor
from reformqa.app.components.rebuilding import rebuild_now
from reformqa.app.html import label
from reformqa.app.state.library import corpus_folder, settings
from reformqa.app.state.uploads import ADMISSIONS
from reformqa.errors import ReformqaError
from reformqa.ingest.upload import receive
from reformqa.parsing import SUFFIXES


def draw_upload() -> None:
    """Draw a box that adds a report to the corpus, and rebuilds the index if so configured."""
    chosen = settings().app
    if context := get_script_run_ctx():
        ADMISSIONS.admit(context.session_id, visitor())
    limits = (
        f"Up to {chosen.upload_megabytes} MB and {chosen.upload_pages} pages, and"
        f" {chosen.uploads_a_day} files a day."
    )
    with st.expander("Add a report", key="upload", icon=":material/upload_file:"):
        st.caption(
            f"{limits} It becomes searchable after the next rebuild."
            if chosen.uploads == "wait"
            else f"{limits} The index is rebuilt at once, which takes a minute or more. Others can"
            " keep reading meanwhile."
        )
        # In a form, whose button waits until the file is uploaded.
        with st.form("paper", clear_on_submit=True, border=False):
            given = st.file_uploader(
                "Report file",
                type=[s.removeprefix(".") for s in SUFFIXES],
                max_upload_size=chosen.upload_megabytes,
            )
            asked = st.form_submit_button("Add to library", type="primary")
        if asked and given is None:
            st.warning("Choose a file first.")
        elif asked and given is not None:
            _take(given.name, given.getvalue())


def _take(name: str, data: bytes) -> None:
    file = receive(corpus_folder(), name, data, settings().app, settings().drawing)
    if settings().app.uploads == "wait":
        st.success(label(f"{file.name} was added. It becomes searchable after the next rebuild."))
        return
    try:
        rebuild_now()
    except ReformqaError as error:
        st.error(label(f"{file.name} was added, but the rebuild failed: {error}"))
        return
    st.rerun()
