"""The library that a visitor reads: opened once for each build, and kept while it is read."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from reformqa.app.html import label
from reformqa.library import Library
from reformqa.settings import Settings, load_settings

#: How many results of each kind are kept for all visitors.
KEPT = 256
#: So many visitors' questions are worked on at a time, in the order of their coming: more at once
#: only take the cores from each other, and everybody waits for the last.
AT_ONCE = 2
_TURNS = threading.BoundedSemaphore(AT_ONCE)


def index_folder() -> Path:
    """The index that is served."""
    return Path(os.environ.get("REFORMQA_INDEX", "index"))


def corpus_folder() -> Path:
    """The folder of the reports, where page pictures come from and uploads go."""
    return Path(os.environ.get("REFORMQA_CORPUS", "corpus"))


def settings() -> Settings:
    """The settings. Raises SettingsError where their file is wrong."""
    file = os.environ.get("REFORMQA_SETTINGS")
    return load_settings(Path(file) if file else None)


@st.cache_resource(max_entries=2, show_spinner="Opening the library …")
def _opened(index: Path, corpus: Path, build: str) -> Library:
    opened = Library.open(index, settings(), corpus=corpus)
    _ = opened.examples  # a second, which the first visitor of a build need not wait for twice
    return opened


def library() -> Library:
    """The library of the build that is served now; opened anew when another is published.

    Raises MissingIndexError where there is no index, DamagedIndexError where it is broken.
    """
    index = index_folder()
    current = index / "current"
    build = current.read_text(encoding="utf-8") if current.is_file() else ""
    return _opened(index, corpus_folder(), build)


def library_asked(page: str, asked: object) -> Library:
    """The library that what was `asked` on a page was first asked of.

    A build that is published while somebody reads an answer is taken by the next question; a
    message offers to ask this one again.
    """
    now = library()
    kept = st.session_state.get(f"{page} asked")
    if kept is None or kept[0] != asked:
        st.session_state[f"{page} asked"] = (asked, now)
        return now
    first: Library = kept[1]
    if first.build.id != now.build.id:
        st.info(f"New papers have come in since this was asked: build {label(now.build.id)}.")
        if st.button("Ask again", key=f"{page}-again"):
            st.session_state[f"{page} asked"] = (asked, now)
            st.rerun()
    return first


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _result(build: str, what: str, asked: tuple[Any, ...], _make: Callable[[], Any]) -> Any:
    with _TURNS:
        return _make()


def remembered(of: Library, what: str, asked: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """What `make` gives, made once for all visitors who ask the same of the same build."""
    return _result(of.build.id, what, asked, make)
