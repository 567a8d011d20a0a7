"""The library that a visitor uses: opened once per build and shared by all visitors."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from reformqa.app.html import label
from reformqa.app.state.turns import BusyError, Turns
from reformqa.ingest.folder import CATALOGUE
from reformqa.library import Library
from reformqa.pipeline.leaving import is_leaving
from reformqa.settings import Settings, StorageSettings, load_settings
from reformqa.storage.base import Versions
from reformqa.storage.chosen import open_versions

#: How many results are cached for all visitors.
KEPT = 256
#: How many questions are answered at a time, in order of arrival. More would only compete for the
#: processors, and everybody would wait for the last.
AT_ONCE = 2
#: How many questions wait, and how many seconds each. Others are asked to come again.
MOST_WAITING, PATIENCE = 40, 30.0
TURNS = Turns(AT_ONCE, MOST_WAITING)
_OPENING = threading.Lock()


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


def briefings_folder() -> Path:
    """Return the folder in which the briefings of people who sign in are kept."""
    return Path(settings().app.briefings or index_folder())


def settings() -> Settings:
    """Return the settings. Raises SettingsError if their file is invalid."""
    file = os.environ.get("REFORMQA_SETTINGS")
    return load_settings(Path(file) if file else None)


def library() -> Library:
    """Return the library of the current build, opening it if it has just been published.

    Raises MissingIndexError if there is no index, and DamagedIndexError if it is damaged.
    """
    return _shown(*_current())


@st.cache_resource(max_entries=2, show_spinner="Opening the library …")
def _shown(index: Path, corpus: Path, build: str) -> Library:
    """Return what `_opened` does, with a message meanwhile on the page of a visitor."""
    return _opened(index, corpus, build)


def _opened(index: Path, corpus: Path, build: str) -> Library:
    with _OPENING:  # by one, while others wait
        return _open(index, corpus, build)


@lru_cache(maxsize=2)
def _open(index: Path, corpus: Path, build: str) -> Library:
    opened = Library.open(index, settings(), corpus=corpus)
    _ = opened.examples  # takes a second, here rather than at the first question
    return opened


def _current() -> tuple[Path, Path, str]:
    """Return the folders of index and corpus, and the id of the current build, "" for none."""
    index = index_folder()
    return index, corpus_folder(), _served(index)


def _served(index: Path) -> str:
    """Return the id of the current build, or "" if there is none."""
    storage = settings().storage
    if storage.url:
        return _versions(index, storage).served()
    current = index / "current"
    return current.read_text(encoding="utf-8") if current.is_file() else ""


@lru_cache(maxsize=2)
def _versions(index: Path, storage: StorageSettings) -> Versions:
    return open_versions(index, storage)


def library_asked(page: str, asked: object) -> Library:
    """Return the library that first answered what was `asked` on this page.

    A build published meanwhile is used from the next question on, or when the first one is about
    to be removed. A message offers to ask this question again.
    """
    now = library()
    kept = st.session_state.get(f"{page} asked")
    if kept is None or kept[0] != asked or _is_leaving(kept[1], now):
        st.session_state[f"{page} asked"] = (asked, now)
        return now
    first: Library = kept[1]
    if first.build.id != now.build.id:
        st.info(f"The library has been updated since you asked: build {label(now.build.id)}.")
        if st.button("Ask again", key=f"{page}-again"):
            st.session_state[f"{page} asked"] = (asked, now)
            st.rerun()
    return first


def _is_leaving(first: Library, now: Library) -> bool:
    """Return whether the build that answered first was removed, or is about to be."""
    if first.build.id == now.build.id:
        return False
    chosen = settings()
    kept = _versions(index_folder(), chosen.storage).versions()
    return is_leaving(kept, first.build.id, chosen.rebuild.grace_hours)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _result(build: str, what: str, asked: tuple[Any, ...], _make: Callable[[], Any]) -> Any:
    with TURNS.turn(PATIENCE):
        return _make()


def remembered(of: Library, what: str, asked: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """Return `make()`, computed once for all visitors who ask the same of the same build.

    Raises BusyError if too many questions are waiting.
    """
    return _result(of.build.id, what, asked, make)


def answers(patience: float) -> bool:
    """Return whether a question put to the library now is answered, or refused with a reason.

    It waits in the queue for at most `patience` seconds, and nothing of it is remembered. Raises
    the errors of `library`.
    """
    of = _opened(*_current())  # without a page, on which a message could be
    question = next(iter(of.examples), of.reports[0].title)
    try:
        with TURNS.turn(patience):
            of.ask(question)
    except BusyError:
        return False
    return True
