"""Fixtures: the packaged model, made texts, the real notes, and the shared test material."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck
from playwright.sync_api import Browser, Page, expect

from reformqa import Library, Settings, rebuild
from reformqa.storage.files.store import FilesStore
from reformqa.storage.milvus.store import MilvusStore
from support.common import close_common, once, open_common
from support.makers import opened, publish, towns
from support.milvus_server import ADDRESS, LiteServer, MilvusServer, skip_without_lite
from support.models import export_into, exported
from support.paper_server import Site, serving
from support.places import PROJECT, SHARED
from support.serving import PATIENCE, chromium

#: No test has a deadline, nor a limit on the seconds that drawing its examples takes.
UNHURRIED = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
# `make test` draws the same examples everywhere; `make soak` draws others, and more.
hypothesis.settings.register_profile("suite", max_examples=100, derandomize=True, **UNHURRIED)
hypothesis.settings.register_profile("soak", max_examples=500, print_blob=True, **UNHURRIED)
hypothesis.settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Open the folder of what is made once a run; its workers find it there."""
    if not hasattr(config, "workerinput"):
        open_common()
        config.add_cleanup(close_common)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test material (reports and gold questions)."""
    if not SHARED.is_dir():
        pytest.skip(f"no shared test material at {SHARED}: set REFORMQA_SHARED to its folder")
    return SHARED


@pytest.fixture(scope="session")
def models() -> Mapping[str, Path]:
    """The default models by role. Treat them as read-only: builds hold hard links to them."""
    return exported()


@pytest.fixture(scope="session")
def town(models: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> FilesStore:
    """A build of the made reports of `makers.towns`. Treat it as read-only."""
    return opened(tmp_path_factory.mktemp("town"), towns(), models)


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """A Milvus server, mostly Milvus Lite; each test has a library of its own on it."""
    if url := os.environ.get(ADDRESS):
        yield MilvusServer(url)
        return
    skip_without_lite()
    server = LiteServer(tmp_path_factory.mktemp("milvus") / "data")
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def town_on_milvus(
    milvus: MilvusServer, models: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> MilvusStore:
    """A version of the made reports of `makers.towns` on a server. Treat it as read-only."""
    writer = milvus.writer(tmp_path_factory.mktemp("milvus-models"))
    publish(writer, towns(), models)
    return writer.open()


@pytest.fixture(scope="session")
def notes_index() -> Path:
    """An index of the five reading notes in corpus/. Treat it as read-only."""
    return once("notes-index", lambda index: build(PROJECT / "corpus", index))


@pytest.fixture(scope="session")
def library(notes_index: Path) -> Library:
    """The library of the five reading notes."""
    return Library.open(notes_index, Settings())


@pytest.fixture(scope="session")
def reports_index(shared: Path) -> Path:
    """An index of the five reports themselves. Treat it as read-only."""
    return once("reports-index", lambda index: build(shared / "corpus" / "text", index))


def build(corpus: Path, index: Path) -> None:
    """Build the index of a corpus with the packaged model."""
    rebuild(corpus, export_into(index), catalogue=PROJECT / "corpus" / "catalogue.toml")


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


@pytest.fixture
def site() -> Iterator[Site]:
    """A web site on this machine that gives papers."""
    with serving() as site:
        yield site


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """An empty corpus folder."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    return folder
