"""A rebuild of the index from the app, with its progress."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import streamlit as st

from reformqa.app.state.library import corpus_folder, index_folder
from reformqa.pipeline.background import renew


def rebuild_now() -> None:
    """Rebuild the index and draw its progress. Raises RenewalError if that fails."""
    bar = st.progress(0.0, text="Starting …")
    own = os.environ.get("REFORMQA_SETTINGS")
    catalogue = os.environ.get("REFORMQA_CATALOGUE")
    steps = renew(
        corpus_folder(),
        index_folder(),
        catalogue=Path(catalogue) if catalogue else None,
        settings_file=Path(own) if own else None,
    )
    with closing(steps):
        for step in steps:
            share = step.done / step.total if step.total else 0.0
            bar.progress(min(share, 1.0), text=f"{step.stage.capitalize()} …")
