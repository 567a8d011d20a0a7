"""Fixtures: the real model, made texts, the real notes, and the shared test material."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page, expect

from reformqa import Library, Settings, rebuild
from reformqa.storage.files.store import Snapshot
from support.exports import exported
from support.makers import opened, towns
from support.places import PROJECT, SHARED
from support.serving import PATIENCE, chromium


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test material (reports and gold questions)."""
    if not SHARED.is_dir():
        pytest.skip(f"no shared test material at {SHARED}: set REFORMQA_SHARED to its folder")
    return SHARED


@pytest.fixture(scope="session")
def encoder() -> Path:
    """The packaged model as exported. Treat it as read-only: builds hold hard links to it."""
    return exported()


@pytest.fixture(scope="session")
def town(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A build of the made reports of `makers.towns`. Treat it as read-only."""
    return opened(tmp_path_factory.mktemp("town"), towns(), encoder)


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder for what the processes that run tests side by side make once for all of them."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def notes_index(common: Path) -> Path:
    """An index of the five reading notes in corpus/. Treat it as read-only."""
    return built(common / "notes" / "index", PROJECT / "corpus")


@pytest.fixture(scope="session")
def library(notes_index: Path) -> Library:
    """The library of the five reading notes."""
    return Library.open(notes_index, Settings())


@pytest.fixture(scope="session")
def reports_index(shared: Path, common: Path) -> Path:
    """An index of the five reports themselves. Treat it as read-only."""
    return built(common / "reports" / "index", shared / "corpus" / "text")


def built(index: Path, corpus: Path) -> Path:
    """The index, built unless another process of these tests has done so."""
    with FileLock(f"{index.parent}.lock"):
        if not (index / "current").exists():
            rebuild(corpus, index, catalogue=PROJECT / "corpus" / "catalogue.toml")
    return index


@pytest.fixture(scope="session")
def reports_library(reports_index: Path) -> Library:
    """The library of the five reports."""
    return Library.open(reports_index, Settings())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    expect.set_options(timeout=PATIENCE)
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of a desktop's size, without cookies."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE)
    yield page
    page.close()
