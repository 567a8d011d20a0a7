"""The app in a real headless Chromium, served as `make app` serves it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from docx import Document
from playwright.sync_api import Page, expect, sync_playwright

from conftest import PROJECT
from reformqa import Library

QUESTION = "What do the think tanks want to do about targets?"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def served(notes_index: Path) -> Iterator[str]:
    """The address of the app, served by the command line over the reading notes."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from reformqa.cli import main; main()", "app"]
    options = ["--index", str(notes_index), "--port", str(port)]
    server = subprocess.Popen([*command, *options], cwd=PROJECT, stdout=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    try:
        wait_for(f"{address}/_stcore/health", server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert server.poll() is None, "the app ended before it answered"
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
    pytest.fail("the app did not answer within two minutes")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    browser_path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if browser_path is None:
        pytest.fail("no Chromium found: install Debian's package `chromium` (or `make browser`)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def test_a_question_is_typed_and_answered_with_citations(served: str, page: Page):
    page.goto(served)
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("summary", has_text="[1] ")).to_be_visible(timeout=90_000)
    for publisher in ("Demos", "Fabian Society", "IPPR"):
        expect(page.get_by_role("heading", name=publisher)).to_be_visible()


def test_an_example_picked_is_asked(served: str, page: Page):
    page.goto(served)
    page.get_by_role("button", name=QUESTION).or_(page.get_by_text(QUESTION)).first.click()
    expect(page.get_by_label("Your question")).to_have_value(QUESTION, timeout=90_000)
    expect(page.locator("summary", has_text="[1] ")).to_be_visible(timeout=90_000)


def test_a_citation_opens_its_paragraph_with_the_quoted_words_marked(served: str, page: Page):
    page.goto(f"{served}/?q={quote(QUESTION)}")
    citation = page.locator("summary", has_text="[1] ")
    citation.click()
    marked = page.locator("mark").first
    expect(marked).to_be_visible()
    sentence = page.locator("p.quote").first.inner_text()
    assert marked.inner_text() == sentence
    assert len(page.locator("p.source").first.inner_text()) > len(sentence)
    if target := os.environ.get("REFORMQA_SCREENSHOT"):
        page.wait_for_timeout(1_000)  # let the source slide open
        page.screenshot(path=target)


def test_the_best_passages_open_with_their_working(served: str, page: Page):
    page.goto(f"{served}/?q={quote(QUESTION)}")
    working = page.locator("summary", has_text="The best passages, and why they came")
    expect(working).to_be_visible(timeout=90_000)
    shown = page.get_by_text(re.compile(r"late #\d+ \(0\.\d\d\) · embedding #\d+"))
    expect(shown.first).to_be_hidden()
    working.click()
    expect(shown.first).to_be_visible()
    expect(shown).to_have_count(10)


def test_think_tanks_stand_side_by_side_and_silence_is_said(served: str, page: Page):
    page.goto(f"{served}/compare?q={quote('volcanoes and glaciers')}")
    expect(page.get_by_text("No passage found")).to_have_count(3, timeout=90_000)
    for publisher in ("Demos", "Fabian Society", "IPPR"):
        expect(page.get_by_role("heading", name=publisher)).to_be_visible()


def test_the_crosswalk_page_sets_recommendations_side_by_side(
    served: str, page: Page, library: Library
):
    page.goto(f"{served}/crosswalk")
    walk = library.crosswalk()
    shown = page.get_by_text(re.compile(r"^Similarity \d"))
    expect(shown).to_have_count(len(walk.groups), timeout=90_000)
    for match in walk:
        for side in (match.one, match.other):
            expect(page.locator("p.quote", has_text=side.text[:60]).first).to_be_visible()


def test_an_answer_is_taken_away_as_a_word_file(served: str, page: Page):
    page.goto(f"{served}/?q={quote(QUESTION)}")
    page.get_by_text("Take it away").click(timeout=90_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="docx").click()
    paragraphs = [p.text for p in Document(download.value.path()).paragraphs]
    assert QUESTION in paragraphs
    assert {"Demos", "Fabian Society", "IPPR"} <= set(paragraphs)


def test_the_recommendations_page_narrows_to_a_matter(served: str, page: Page):
    page.goto(f"{served}/recommendations")
    expect(page.get_by_text("85 recommendations")).to_be_visible(timeout=90_000)
    matter = page.get_by_label("On what?")
    matter.fill("workforce commission")
    matter.press("Enter")
    expect(page.get_by_text("85 recommendations")).to_have_count(0)
    expect(page.get_by_text("Recommendation 21").first).to_be_visible()


def test_the_library_page_lists_the_reports_and_says_which_are_notes(served: str, page: Page):
    page.goto(f"{served}/library")
    for title in ("Reading note on Balancing Act", "Reading note on Going Public"):
        expect(page.get_by_text(title)).to_be_visible(timeout=90_000)
    expect(page.get_by_text("A reading note:")).to_have_count(5)


def test_markup_in_a_question_is_not_run(served: str, page: Page):
    page.goto(f"{served}/?q={quote('<img src=x onerror=document.title=1> egg timer')}")
    expect(page.get_by_text("No answer.")).to_be_visible(timeout=90_000)
    assert page.title() != "1"
    assert page.locator("img[src=x]").count() == 0
