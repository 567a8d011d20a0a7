"""Visits to the app: served as by `reformqa app`, asked by its websocket or in a browser."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from measuring import Row
from reformqa import Answer

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PROTOCOL = websockets.Subprotocol("streamlit")
#: A page that is drawn whole.
STILL = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_QUOTE = re.compile(r'<p class="quote">(?:<b>.*?</b> )?(.*?)</p>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Visit:
    """A question asked of the app: its seconds, the sentences shown, and any error."""

    question: str
    seconds: float
    quotes: tuple[str, ...]
    error: str | None


@contextmanager
def served(index: Path, corpus: Path) -> Iterator[tuple[str, int]]:
    """Serve the app, and yield its address (host and port) and the server's process id."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "reformqa", "app", "--port", str(port)]
    options = ["--index", str(index), "--corpus", str(corpus)]
    server = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://localhost:{port}/_stcore/health").close()
                break
            except OSError:
                time.sleep(0.5)
        yield f"localhost:{port}", server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


async def visit(address: str, question: str) -> Visit:
    """Open the page of a question, as someone does who was sent its address."""
    quotes: list[str] = []
    error = None
    began = time.perf_counter()
    uri = f"ws://{address}/_stcore/stream"
    async with websockets.connect(uri, subprotocols=[PROTOCOL], max_size=None) as connection:
        request = BackMsg()
        request.rerun_script.query_string = urlencode({"q": question})
        await connection.send(request.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(connection.recv(), 300))
            if message.WhichOneof("type") == "script_finished":
                break
            element = message.delta.new_element
            kind = element.WhichOneof("type")
            if kind == "html":
                quotes += [unescape(q) for q in _QUOTE.findall(element.html.body)]
            elif kind == "exception" or (kind == "alert" and element.alert.format == 1):
                error = element.exception.message or element.alert.body
    return Visit(question, time.perf_counter() - began, tuple(quotes), error)


@asynccontextmanager
async def _idling(address: str) -> AsyncIterator[None]:
    """Have the start page open, drawn whole."""
    uri = f"ws://{address}/_stcore/stream"
    async with websockets.connect(uri, subprotocols=[PROTOCOL], max_size=None) as connection:
        request = BackMsg()
        request.rerun_script.query_string = ""
        await connection.send(request.SerializeToString())
        message = ForwardMsg()
        while message.WhichOneof("type") != "script_finished":
            message.ParseFromString(await asyncio.wait_for(connection.recv(), 300))
        yield


def visited(address: str, questions: Sequence[Sequence[str]], idle: int = 0) -> list[Visit]:
    """Visit the app with all visitors at once; each asks its own questions one after another.

    Meanwhile so many `idle` visitors have the start page open.
    """

    async def one(own: Sequence[str]) -> list[Visit]:
        return [await visit(address, question) for question in own]

    async def every() -> list[list[Visit]]:
        async with AsyncExitStack() as opened:
            for _ in range(idle):
                await opened.enter_async_context(_idling(address))
            return await asyncio.gather(*map(one, questions))

    return [v for own in asyncio.run(every()) for v in own]


def shown(answer: Answer) -> list[str]:
    """Return the sentences that a page shows of an answer."""
    if answer.abstained:
        return []
    rows = answer.comparison.rows if answer.comparison else ()
    sentences = [s for row in rows for s in (*row.sentences, *row.recommendations)]
    return sorted(s.text for s in (sentences or (*answer.sentences, *answer.more)))


def in_browser(address: str, questions: Sequence[str]) -> Row:
    """Return the seconds to the first page and from a click to the answer, in a browser."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        began = time.perf_counter()
        page.goto(f"http://{address}/")
        page.get_by_label("Your question").wait_for()
        first = time.perf_counter() - began
        for question in questions:
            page.get_by_label("Your question").fill(question)
            began = time.perf_counter()
            page.get_by_role("button", name="Ask", exact=True).click()
            page.wait_for_url(f"**{urlencode({'q': question})}**")  # set once it is answered
            page.locator(STILL).wait_for()
            seconds.append(time.perf_counter() - began)
        browser.close()
    return {
        "first page": first,
        "asked": len(seconds),
        "p50": median(seconds),
        "slowest": max(seconds),
    }
