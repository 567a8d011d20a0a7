"""The app over an index on a server: it says when that is gone, and goes on when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from reformqa.app.serving.server import SCRIPT
from support.milvus_server import LiteServer, skip_without_lite
from support.models import small
from support.nights import make_corpus, night


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[LiteServer]:
    """A server that a test may kill."""
    skip_without_lite()
    server = LiteServer(tmp_path / "milvus")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def page(lite: LiteServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The start page over a small corpus, built onto the server."""
    corpus = make_corpus(tmp_path / "corpus")
    storage = {"url": lite.url, "library": "app", "seconds": 1}
    night(corpus, tmp_path / "index", {"storage": storage})
    file = tmp_path / "reformqa.toml"
    lines = [f"{key} = {value!r}".replace("'", '"') for key, value in storage.items()]
    file.write_text("\n".join(["[encoder]", f'model = "{small()}"', "[storage]", *lines]))
    for name, value in (("INDEX", tmp_path / "index"), ("CORPUS", corpus), ("SETTINGS", file)):
        monkeypatch.setenv(f"REFORMQA_{name}", str(value))
    return AppTest.from_file(str(SCRIPT), default_timeout=120)


def errors(page: AppTest) -> list[str]:
    assert not page.exception
    return [e.value.replace("\\", "").replace("\u2060", "") for e in page.error]


def test_a_server_that_is_gone_is_said_and_asked_again(page: AppTest, lite: LiteServer):
    assert errors(page.run()) == []
    assert page.text_input(key="ask-q") is not None
    lite.kill()
    (said,) = errors(page.run())
    assert "does not answer" in said
    assert "Start it" in said
    lite.start()
    assert errors(page.run()) == []
    assert page.text_input(key="ask-q") is not None
