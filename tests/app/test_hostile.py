"""A hostile paper in the library costs its own pictures, and nobody else anything."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from reformqa import Library, rebuild
from support import bombs, pdfs
from support.models import export_into
from support.places import PROJECT
from support.serving import served, settle

SLOW = "took longer than 5 processor seconds"
QUESTION = "What would replace the Audit Commission?"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return an index and its corpus: the notes, a paper that is drawn, and one that is not."""
    folder = tmp_path_factory.mktemp("shelf")
    corpus = folder / "corpus"
    corpus.mkdir()
    for note in (PROJECT / "corpus").glob("*.md"):
        (corpus / note.name).write_bytes(note.read_bytes())
    (corpus / "a-bomb.pdf").write_bytes(bombs.tiles())
    (corpus / "bread.pdf").write_bytes(pdfs.pdf(pdfs.set_lines(bombs.WORDS, 100)))
    (folder / "reformqa.toml").write_text("[drawing]\nseconds = 5\n", encoding="utf-8")
    rebuild(corpus, export_into(folder / "index"))
    return folder / "index", corpus


@pytest.fixture(scope="module")
def address(shelf: tuple[Path, Path]) -> Iterator[str]:
    index, corpus = shelf
    settings = str(index.parent / "reformqa.toml")
    with served(index, corpus, REFORMQA_SETTINGS=settings) as address:
        yield address


def test_questions_are_answered_while_a_cover_keeps_its_drawer_busy(
    address: str, page: Page, browser: Browser
):
    page.goto(f"{address}/library")
    expect(page.locator(".st-key-report-a-bomb")).to_be_attached()
    other = browser.new_page()
    other.goto(f"{address}/?q={quote(QUESTION)}")
    expect(other.get_by_role("button", name=re.compile(r"^\[1\] "))).to_be_visible()
    other.close()
    with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:
        assert (answer.status, answer.read()) == (200, b"ok")
    settle(page)
    expect(page.locator(".st-key-report-a-bomb").get_by_text(SLOW)).to_be_visible()
    expect(page.locator(".st-key-report-bread img")).to_be_visible()


def test_a_page_that_cannot_be_drawn_shows_its_text_and_says_why(
    address: str, page: Page, shelf: tuple[Path, Path]
):
    (found,) = Library.open(shelf[0]).report("a-bomb").paragraphs
    page.goto(f"{address}/?cite={found.id}:0-17")
    source = page.locator(".st-key-source")
    expect(source.get_by_text(SLOW)).to_be_visible()
    expect(source.locator("mark")).to_have_text("The harbour board")
