"""How the app bears many visitors at once: time to an answer, memory, errors, right answers.

    python benchmarks/visitors.py --index index --corpus corpus

Serves the app as `reformqa app` does, and visits it from this process over loopback, by the
app's own websocket: one visitor, then many at once, each asking questions of their own. Every
answer shown is compared with what the library gives to the same question. Then, in a headless
Chromium, the time of the first page and from click to answer; and one visitor again while
`reformqa rebuild` builds the same corpus from nothing into another folder. The questions are made
from the reports' headings, each asked once, so that no answer is remembered. For Linux.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import websockets
from playwright.sync_api import sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from reformqa import Answer, Library

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_QUOTE = re.compile(r'<p class="quote">(?:<b>.*?</b> )?(.*?)</p>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Visit:
    """One question asked: how long it took, in seconds, what was shown, and what went wrong."""

    question: str
    seconds: float
    quotes: tuple[str, ...]
    failure: str | None


def questions_of(library: Library, count: int, seed: int) -> list[str]:
    """So many different questions, made from the headings of the reports' sections."""
    headings = [
        section.title
        for report in library.reports
        for section in library.report(report.id).sections
        if section.kind in ("chapter", "section", "summary") and len(section.title.split()) > 1
    ]
    forms = (
        "What is said about {}?",
        "Why does {} matter?",
        "What should be done about {}?",
        "What do the think tanks say about {}?",
    )
    found = sorted({form.format(heading) for heading in headings for form in forms})
    random.Random(seed).shuffle(found)
    return found[:count]


@contextmanager
def served(index: Path, corpus: Path) -> Iterator[tuple[str, int]]:
    """The app's address (host and port) and the server's process id."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "reformqa", "app"]
    options = ["--index", str(index), "--corpus", str(corpus), "--port", str(port)]
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
        server.wait(timeout=30)


@contextmanager
def rebuilding(corpus: Path) -> Iterator[None]:
    """A rebuild goes on, as the timers in deploy/ have it; it is stopped at the end."""
    command = [sys.executable, "-m", "reformqa", "rebuild"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as index:
        options = ["--corpus", str(corpus), "--index", index, "--nice", "10"]
        rebuild = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL)
        try:
            yield
            assert rebuild.poll() is None, "the rebuild ended first: give a larger corpus"
        finally:
            rebuild.kill()
            rebuild.wait()


async def visit(address: str, question: str) -> Visit:
    """Open the page of a question, as a colleague does who was sent its address."""
    quotes: list[str] = []
    failure = None
    began = time.perf_counter()
    uri = f"ws://{address}/_stcore/stream"
    async with websockets.connect(uri, subprotocols=["streamlit"], max_size=None) as socket_:
        told = BackMsg()
        told.rerun_script.query_string = urlencode({"q": question})
        await socket_.send(told.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(socket_.recv(), 300))
            if message.WhichOneof("type") == "script_finished":
                break
            element = message.delta.new_element
            kind = element.WhichOneof("type")
            if kind == "html":
                quotes += [unescape(q) for q in _QUOTE.findall(element.html.body)]
            elif kind == "exception" or (kind == "alert" and element.alert.format == 1):
                failure = element.exception.message or element.alert.body
    return Visit(question, time.perf_counter() - began, tuple(quotes), failure)


async def visited(address: str, questions: Sequence[Sequence[str]]) -> list[Visit]:
    """All visitors at once; each asks its own questions, one after another."""

    async def one(own: Sequence[str]) -> list[Visit]:
        return [await visit(address, question) for question in own]

    return [v for own in await asyncio.gather(*map(one, questions)) for v in own]


def memory(pid: int) -> float:
    """The most memory that a process has had, in megabytes of 1024² bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def said(answer: Answer) -> list[str]:
    """The sentences that a page shows of an answer."""
    if answer.abstained:
        return []
    rows = answer.comparison.rows if answer.comparison else ()
    shown = [s for row in rows for s in (*row.sentences, *row.recommendations)]
    return sorted(s.text for s in (shown or answer.sentences))


def in_browser(address: str, questions: Sequence[str]) -> tuple[float, list[float]]:
    """Seconds to the first page, and from each click on Ask to the answer, in a browser."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        began = time.perf_counter()
        page.goto(f"http://{address}/")
        page.get_by_label("Your question").wait_for()
        first = time.perf_counter() - began
        for question in questions:
            page.get_by_label("Your question").fill(question)
            began = time.perf_counter()
            page.get_by_role("button", name="Ask", exact=True).click()
            # The address has the question once its answer is drawn.
            page.wait_for_url(f"**{urlencode({'q': question})}**")
            page.locator(".st-key-working").wait_for()
            seconds.append(time.perf_counter() - began)
        browser.close()
    return first, seconds


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--each", type=int, default=3, help="questions of each visitor")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    library = Library.open(options.index)
    wanted = 30 + 15 + 60 + options.visitors * options.each
    questions = questions_of(library, wanted, options.seed)
    alone, clicked, together = questions[:30], questions[30:45], questions[45:-60]
    calm, meanwhile = questions[-60::2], questions[-59::2]
    shared = [together[n :: options.visitors] for n in range(options.visitors)]
    with served(options.index, options.corpus) as (address, pid):
        asyncio.run(visited(address, [["What is this about?"]]))  # the library is opened
        at_rest = memory(pid)
        one = asyncio.run(visited(address, [alone]))
        first, clicks = in_browser(address, clicked)
        many = asyncio.run(visited(address, shared))
        again = asyncio.run(visited(address, [alone]))
        at_most = memory(pid)
        rest = asyncio.run(visited(address, [calm]))
        with rebuilding(options.corpus):
            busy = asyncio.run(visited(address, [meanwhile]))
    single = median(v.seconds for v in one)
    late, at_ease, beside = (
        sorted(v.seconds for v in visits)[int(0.95 * len(visits))] for visits in (many, rest, busy)
    )
    wrong = [
        v.question
        for v in (*one, *many, *rest, *busy)
        if sorted(v.quotes) != said(library.ask(v.question))
    ]
    failed = [v for v in (*one, *many, *again, *rest, *busy) if v.failure]
    print(f"one visitor, {len(one)} questions: median {single:.2f} s")
    print(f"asked again: median {median(v.seconds for v in again):.2f} s")
    print(f"{len(shared)} visitors at once, {len(many)} questions: p95 {late:.2f} s")
    print(f"p95 as a multiple of the single visitor's median: {late / single:.1f}")
    print(f"errors {len(failed)}; answers shown otherwise than the library gives: {len(wrong)}")
    print(f"memory of the server: {at_rest:.0f} MB at first, {at_most:.0f} MB at most")
    print(f"one visitor while a rebuild runs, {len(busy)} questions: p95 {beside:.2f} s,")
    print(f"  {beside / at_ease:.2f} times the {at_ease:.2f} s of others just before it")
    ordered = sorted(clicks)
    print(f"browser: first page {first:.2f} s; from click to answer median {median(clicks):.2f} s,")
    print(f"  slowest of {len(clicks)}: {ordered[-1]:.2f} s")
    for visit_ in failed:
        print(f"  failed: {visit_.question}: {visit_.failure}")
    for question in wrong:
        print(f"  wrong: {question}")


if __name__ == "__main__":
    main()
