"""The library that a visitor uses: opened once per build and shared by all visitors."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from reformqa.app.html import label
from reformqa.ingest.folder import CATALOGUE
from reformqa.library import Library
from reformqa.settings import Settings, StorageSettings, load_settings
from reformqa.storage.base import Versions
from reformqa.storage.chosen import open_versions

#: How many results are cached for all visitors.
KEPT = 256
#: How many questions are answered at a time, in order of arrival. More would only compete for the
#: processors, and everybody would wait for the last.
AT_ONCE = 2
_TURNS = threading.BoundedSemaphore(AT_ONCE)


def index_folder() -> Path:
    """Return the index folder."""
    return Path(os.environ.get("REFORMQA_INDEX", "index"))


def corpus_folder() -> Path:
    """Return the corpus folder, the source of page images and the target of uploads."""
    return Path(os.environ.get("REFORMQA_CORPUS", "corpus"))


def catalogue_file() -> Path:
    """Return the file of the catalogue, which need not exist."""
    file = os.environ.get("REFORMQA_CATALOGUE")
    return Path(file) if file else corpus_folder() / CATALOGUE


def settings() -> Settings:
    """Return the settings. Raises SettingsError if their file is invalid."""
    file = os.environ.get("REFORMQA_SETTINGS")
    return load_settings(Path(file) if file else None)


@st.cache_resource(max_entries=2, show_spinner="Opening the library …")
def _opened(index: Path, corpus: Path, build: str) -> Library:
    opened = Library.open(index, settings(), corpus=corpus)
    _ = opened.examples  # takes a second, here rather than at the first question
    return opened


def library() -> Library:
    """Return the library of the current build, opening it if it has just been published.

    Raises MissingIndexError if there is no index, and DamagedIndexError if it is damaged.
    """
    index = index_folder()
    return _opened(index, corpus_folder(), _served(index))


def _served(index: Path) -> str:
    """Return the id of the current build, or "" if the folder has none."""
    storage = settings().storage
    if storage.url:
        return _versions(index, storage.model_dump_json(), storage).served()
    current = index / "current"
    return current.read_text(encoding="utf-8") if current.is_file() else ""


@st.cache_resource(max_entries=2, show_spinner=False)
def _versions(index: Path, named: str, _storage: StorageSettings) -> Versions:
    return open_versions(index, _storage)


def library_asked(page: str, asked: object) -> Library:
    """Return the library that first answered what was `asked` on this page.

    A build published meanwhile is used from the next question on. A message offers to ask this
    question again.
    """
    now = library()
    kept = st.session_state.get(f"{page} asked")
    if kept is None or kept[0] != asked:
        st.session_state[f"{page} asked"] = (asked, now)
        return now
    first: Library = kept[1]
    if first.build.id != now.build.id:
        st.info(f"The library has been updated since you asked: build {label(now.build.id)}.")
        if st.button("Ask again", key=f"{page}-again"):
            st.session_state[f"{page} asked"] = (asked, now)
            st.rerun()
    return first


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _result(build: str, what: str, asked: tuple[Any, ...], _make: Callable[[], Any]) -> Any:
    with _TURNS:
        return _make()


def remembered(of: Library, what: str, asked: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """Return `make()`, computed once for all visitors who ask the same of the same build."""
    return _result(of.build.id, what, asked, make)


def answers(patience: float) -> bool:
    """Return whether a question put to the library now is answered, or refused with a reason.

    It waits in the queue for at most `patience` seconds, and nothing of it is remembered. Raises
    the errors of `library`.
    """
    of = library()
    question = next(iter(of.examples), of.reports[0].title)
    if not _TURNS.acquire(timeout=patience):
        return False
    try:
        of.ask(question)
    finally:
        _TURNS.release()
    return True
