"""The app, served for tests as `reformqa app` serves it, and a browser to visit it with."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from support.places import PROJECT

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: Milliseconds until what a test expects must be there; the first question opens the library.
PATIENCE = 90_000
#: Whether a page is done: its script has ended, and nothing on it has changed for a while.
_STILL = """() => {
    const shown = document.body.innerHTML
    if (shown !== window.shownBefore) [window.shownBefore, window.since] = [shown, Date.now()]
    const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState
    return state === "notRunning" && Date.now() - window.since > 400
}"""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def served(index: Path, corpus: Path, port: int = 0, **more: str) -> Iterator[str]:
    """The address of the app over an index and its corpus; `more` goes into its environment."""
    port = port or free_port()
    command = [sys.executable, "-c", "from reformqa.cli import main; main()", "app"]
    options = ["--index", str(index), "--corpus", str(corpus), "--port", str(port)]
    if settings := more.get("REFORMQA_SETTINGS"):
        options += ["--settings", settings]
    environment = {**os.environ, **more}
    server = subprocess.Popen(
        [*command, *options], cwd=PROJECT, stdout=subprocess.DEVNULL, env=environment
    )
    address = f"http://localhost:{port}"
    try:
        wait_for(f"{address}/_stcore/health", server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers at an address; fails if it has ended."""
    for _ in range(240):
        assert server.poll() is None, "the server ended before it answered"
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:  # refused, or slower than that on a busy machine
            time.sleep(0.5)
    pytest.fail("the server did not answer within two minutes")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    browser_path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if browser_path is None:
        pytest.fail("no Chromium found: install Debian's package `chromium` (or `make browser`)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Wait until a page of the app is drawn whole, and its fading in is over."""
    page.locator("h1, [data-testid=stAlert]").first.wait_for(timeout=PATIENCE)
    expect(page.locator("[data-testid=stSpinner]")).to_have_count(0)
    # What a click asks for takes a moment to begin: count stillness from now, not from before it.
    page.evaluate("window.shownBefore = undefined")
    page.wait_for_function(_STILL, polling=50, timeout=PATIENCE)
