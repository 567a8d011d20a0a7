"""Many visitors of the app at once, and questions while a rebuild runs.

    python benchmarks/load.py [--shared DIR] [--index DIR] [--visitors 20] [--each 2] [--seed 1]
                              [--seconds 10] [--idle 200] [--visits 1000]
                              [--only app,many,library] [--browser] [--json FILE]

Good for: knowing how many people a machine bears, whether every visitor gets the answer that the
library gives, and what a rebuild in working hours costs those who ask. Needs: Linux, the folder of
reports, and websockets (of the `dev` extra); with --browser, playwright and a Chromium.

The app is served as by `reformqa app` and visited from this process over loopback through the
app's own websocket. The questions are made from the reports' headings and asked once each, so that
no answer is remembered, except in the line "the same again".
asked: questions; p50, p95, slowest: seconds from opening a question's page to its whole answer;
times: p95 as a multiple of the p50 of one visitor alone, and of the p95 at rest while a rebuild
runs; errors: pages with an error; otherwise: answers that show other sentences than the library.
MB: peak of the server. Browser: seconds to the first page, and from a click on Ask to the answer.
Many: a visitor beside so many others who have a page open and do nothing, and the memory of the
server after each quarter of so many visits, four at a time.
Library: milliseconds of `search` and of `ask`, one after another in a process of its own
(OMP_NUM_THREADS=1), for so many seconds at rest and while a rebuild runs; the same questions come
over and over, asked once before.
The rebuild reads and encodes the same reports into another index over and over, at the priority
that timers give it (--nice 10), with two threads.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

from measuring import (
    ASKING,
    BUILDING,
    CATALOGUE,
    Row,
    Table,
    default_shared,
    environment,
    peak,
    print_table,
    provenance,
    resident,
    text_index,
)
from reformqa import Library, Settings
from visiting import Visit, in_browser, served, shown, visited

#: How many questions one visitor alone asks, and how many are asked in the browser.
ALONE, CLICKED = 30, 15
#: How many questions the library is asked over and over.
SAME = 30
TABLES = ("app", "many", "library")


def make_questions(library: Library, seed: int) -> list[str]:
    """Return different questions made from the headings of the reports' sections."""
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
    return found


@contextmanager
def rebuilding(corpus: Path, index: Path) -> Iterator[None]:
    """Rebuild the corpus from nothing, over and over, with the models that `index` exported."""
    stopped = threading.Event()

    def repeat() -> None:
        while not stopped.is_set():
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
                if (models := index / "cache" / "models").is_dir():
                    shutil.copytree(models, Path(name) / "cache" / "models")
                command = [sys.executable, "-m", "reformqa", "rebuild", "--nice", "10"]
                options = ["--corpus", str(corpus), "--index", name, "--catalogue", str(CATALOGUE)]
                with subprocess.Popen(
                    [*command, *options],
                    env=environment(BUILDING),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                ) as rebuild:
                    while rebuild.poll() is None and not stopped.wait(0.2):
                        pass
                    rebuild.kill()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        time.sleep(3)  # until it reads
        yield
    finally:
        stopped.set()
        thread.join()


def row(visits: Sequence[Visit], library: Library) -> Row:
    """Return what some visits took, and how many went wrong."""
    seconds = [v.seconds for v in visits]
    wrong = [v for v in visits if sorted(v.quotes) != shown(library.ask(v.question))]
    for v in visits:
        if v.error or v in wrong:
            print(f"{v.question}: {v.error or 'other sentences'}", file=sys.stderr)
    return {
        "asked": len(visits),
        "p50": median(seconds),
        "p95": quantiles(seconds, n=20, method="inclusive")[-1],
        "slowest": max(seconds),
        "times": None,
        "errors": sum(v.error is not None for v in visits),
        "otherwise": len(wrong),
    }


def measure_app(index: Path, corpus: Path, options: argparse.Namespace) -> dict[str, Table]:
    """Return what visitors wait, one alone and many at once, at rest and during a rebuild."""
    library = Library.open(index, Settings())
    questions = make_questions(library, options.seed)
    wanted = [ALONE, CLICKED, ALONE, ALONE, *[options.each] * options.visitors]
    if sum(wanted) > len(questions):
        sys.exit(f"The reports have headings for {len(questions)} questions: ask fewer.")
    unasked = iter(questions)
    alone, clicked, rest, busy, *many = [list(islice(unasked, count)) for count in wanted]
    browser: Table = {}
    with served(index, corpus) as (address, pid):
        visited(address, [["What is this about?"]])  # the library is opened
        memory: Table = {"at first": {"MB": peak(pid)}}
        names = ("one visitor", "the same again", f"{options.visitors} at once", "one, at rest")
        groups = ([alone], [alone], many, [rest])
        visits = {name: visited(address, group) for name, group in zip(names, groups, strict=True)}
        memory["at most"] = {"MB": peak(pid)}
        with rebuilding(corpus, index):
            visits["one, while rebuilding"] = visited(address, [busy])
        if options.browser:
            browser["browser"] = in_browser(address, clicked)
    table: Table = {name: row(of, library) for name, of in visits.items()}
    one, _, together, calm, beside = table.values()
    together["times"] = float(together["p95"] or 0) / float(one["p50"] or 1)
    beside["times"] = float(beside["p95"] or 0) / float(calm["p95"] or 1)
    return {"App, seconds": table, "Server": memory, "Browser, seconds": browser}


def measure_many(index: Path, corpus: Path, options: argparse.Namespace) -> dict[str, Table]:
    """Return what a visitor waits beside many who are idle, and the memory over many visits."""
    library = Library.open(index, Settings())
    questions = make_questions(library, options.seed)
    rest, beside, pool = (questions[n * ALONE : (n + 1) * ALONE] for n in range(3))
    quarter = options.visits // 4
    memory: Table = {}
    with served(index, corpus) as (address, pid):
        visited(address, [["What is this about?"]])
        table = {"one, at rest": row(visited(address, [rest]), library)}
        name = f"one, beside {options.idle} idle"
        table[name] = row(visited(address, [beside], options.idle), library)
        for n in range(1, 5):
            own = [[pool[i % ALONE] for i in range(who, quarter, 4)] for who in range(4)]
            errors = sum(v.error is not None for v in visited(address, own))
            memory[f"after {n * quarter} visits"] = {"MB": resident(pid), "errors": errors}
    calm, busy = table.values()
    busy["times"] = float(busy["p95"] or 0) / float(calm["p95"] or 1)
    return {"Many, seconds": table, "Server over many visits": memory}


def loop(index: str, how: str, seconds: str, questions: str) -> None:
    """Ask over and over for so many seconds, and print the milliseconds of each question."""
    ask = getattr(Library.open(index, Settings()), how)
    texts = json.loads(questions)
    for text in texts:  # later questions find their sentences remembered
        ask(text)
    taken: list[float] = []
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        start = time.perf_counter()
        ask(f"{texts[len(taken) % len(texts)]} {len(taken)}")  # a number, so none is remembered
        taken.append(1000 * (time.perf_counter() - start))
    print(json.dumps(taken))


def measure_library(index: Path, corpus: Path, options: argparse.Namespace) -> Table:
    """Return what searches and answers take at rest and while a rebuild runs."""
    questions = json.dumps(make_questions(Library.open(index, Settings()), options.seed)[:SAME])

    def taken(how: str) -> Row:
        command = [sys.executable, __file__, "loop", str(index), how, str(options.seconds)]
        done = subprocess.run(
            [*command, questions],
            check=True,
            capture_output=True,
            text=True,
            env=environment(ASKING),
        )
        found = json.loads(done.stdout)
        return {"asked": len(found), "p50": median(found), "p95": quantiles(found, n=20)[-1]}

    table: Table = {}
    for how in ("search", "ask"):
        rest = taken(how)
        with rebuilding(corpus, index):
            busy = taken(how)
        busy["times"] = float(busy["p95"] or 0) / float(rest["p95"] or 1)
        table |= {f"{how}, at rest": rest, f"{how}, while rebuilding": busy}
    return table


def main() -> None:
    """Print the tables, or be the process that is measured."""
    if sys.argv[1:2] == ["loop"]:
        loop(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=default_shared())
    parser.add_argument("--index", type=Path, help="an index of the five reports as text")
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--each", type=int, default=2, help="questions of each visitor")
    parser.add_argument("--idle", type=int, default=200, help="visitors who do nothing")
    parser.add_argument("--visits", type=int, default=1_000, help="over which memory is read")
    parser.add_argument("--seconds", type=float, default=10, help="of asking the library")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=lambda text: text.split(","), default=TABLES)
    parser.add_argument("--browser", action="store_true", help="click in a browser, too")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    options = parser.parse_args()
    index, corpus = text_index(options.index, options.shared), options.shared / "corpus" / "text"
    left_out = [name for name in TABLES if name not in options.only]
    left_out += ["the browser"] * (not options.browser)
    provenance({"visitors": options.visitors, "seed": options.seed}, left_out)
    tables: dict[str, Table] = {}
    if "app" in options.only:
        tables |= measure_app(index, corpus, options)
    if "many" in options.only:
        tables |= measure_many(index, corpus, options)
    if "library" in options.only:
        tables["Library, ms"] = measure_library(index, corpus, options)
    for title, table in tables.items():
        print_table(title, table)
    if options.json:
        options.json.write_text(json.dumps(tables, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
