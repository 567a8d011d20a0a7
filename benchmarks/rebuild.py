"""What a night costs: in full, with nothing changed, one report more, one paragraph changed.

    python benchmarks/rebuild.py [--pdfs ../shared/corpus/typeset] [--reports 200]
                                 [--paragraphs 50] [--rounds 1]

The first table is of the PDFs in a folder and one of the project's notes, in which the paragraph is
changed: each rebuild is a whole `reformqa rebuild` (OMP_NUM_THREADS=2), its start included. "work
s" is what the run's record counts, without the start of Python; "encode s" encodes the texts that
were new, and nothing else, with the same encoder in a process that is started already; "times" is
the work as a multiple of that. MB is the peak of the largest process.

The second table is of made reports (growth.py recombines the project's notes), of so many
paragraphs each: the index grows from an eighth of them to all, so that each line encodes what the
line before lacks; its last three lines are the nights of the first table. "MB more" and "index MB
more" tell whether memory grows faster than what is on disk (without the model).

The third asks questions of the first index, one after another in a process of its own
(OMP_NUM_THREADS=1), at rest and while a rebuild reads and encodes the same corpus into another
index: milliseconds, of searches and of answers. The rebuild stands back as it does by default.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import growth
import search

THREADS = 2
NOTE = "note-on-great-government.md"
#: What tells of a run that changed nothing, encoded nothing.
NOTHING = "nothing changed"


def night(corpus: Path, index: Path, *options: str) -> dict[str, float]:
    """One rebuild as its user runs it: what it cost and what it encoded."""
    command = [sys.executable, "-m", "reformqa", "rebuild", "--corpus", corpus, "--index", index]
    cost = search.measure([*command, "--json", "--nice", "0", *options], THREADS)
    told = json.loads(cost.output)
    run = json.loads((index / "report.json").read_text(encoding="utf-8"))
    return {
        "reports": told["build"]["reports"],
        "passages": told["build"]["passages"],
        "encoded": told["encoded"],
        "s": cost.seconds,
        "work s": sum(run["seconds"].values()),
        "MB": cost.megabytes,
    }


def bare(index: Path, texts: int) -> float:
    """The seconds that encoding so many of the build's passages takes, and nothing else."""
    code = (
        "import sys, time; from pathlib import Path; from reformqa.snapshot import Snapshot\n"
        "from reformqa.encoders import Encoder; s = Snapshot(Path(sys.argv[1]))\n"
        "n = sum(s.counts('passages').values()); k = min(n, int(sys.argv[2]))\n"
        "texts = [p.indexed for p in s.passages(range(n - k, n)).values()]\n"
        "e = Encoder(s.encoder.folder, side_by_side=True); e.encode(['warm'])\n"
        "t = time.perf_counter(); list(e.encode_all(texts)); print(time.perf_counter() - t)"
    )
    command = [sys.executable, "-c", code, str(index), str(texts)]
    output = subprocess.run(
        command, check=True, capture_output=True, text=True, env=search.environment(THREADS)
    )
    return float(output.stdout)


def size(index: Path) -> float:
    """The MB of the build served, without the model."""
    build = index / "builds" / (index / "current").read_text()
    return sum(f.stat().st_size for f in build.glob("*") if f.is_file()) / 2**20


def change(file: Path) -> None:
    """Another sentence in one paragraph."""
    parts = file.read_text(encoding="utf-8").split("\n\n")
    longest = max(range(len(parts)), key=lambda n: len(parts[n]))
    parts[longest] += " And that is said once more."
    file.write_text("\n\n".join(parts), encoding="utf-8")


def nights(corpus: Path, index: Path, last: Path, changed: Path) -> dict[str, dict[str, float]]:
    """The four nights; `last` is the report that comes in later."""
    aside = corpus.parent / last.name
    shutil.move(last, aside)
    rows = {"all but one": night(corpus, index)}
    shutil.move(aside, last)
    rows["one report added"] = night(corpus, index)
    rows[NOTHING] = night(corpus, index)
    change(changed)
    rows["one paragraph changed"] = night(corpus, index)
    return rows


def with_encoding(rows: dict[str, dict[str, float]], index: Path) -> None:
    """Add what the bare encoding of each night's new texts takes."""
    for row in rows.values():
        if row["encoded"]:
            row["encode s"] = bare(index, int(row["encoded"]))
            row["times"] = row["work s"] / row["encode s"]


def of_pdfs(pdfs: Path, folder: Path) -> dict[str, dict[str, float]]:
    """The first table."""
    corpus = folder / "pdfs"
    corpus.mkdir()
    for pdf in pdfs.glob("*.pdf"):
        shutil.copy(pdf, corpus)
    shutil.copy(Path("corpus") / NOTE, corpus / "a-note.md")
    full = {"full": night(corpus, folder / "full")}
    first = sorted(corpus.glob("*.pdf"))[0]
    rows = full | nights(corpus, folder / "index", first, corpus / "a-note.md")
    with_encoding(rows, folder / "full")
    return rows


def of_made(reports: int, paragraphs: int, folder: Path) -> dict[str, dict[str, float]]:
    """The second table."""
    made, corpus, index = folder / "made", folder / "some", folder / "made-index"
    growth.REPORT = paragraphs
    growth.write_corpus(made, growth.read_notes(Path("corpus")), reports * paragraphs, 1)
    corpus.mkdir()
    shutil.copy(made / "catalogue.toml", corpus)
    rows: dict[str, dict[str, float]] = {}
    for some in (reports // 8, reports // 4, reports // 2, reports - 1):
        for file in [made / f"report-{n + 1}.md" for n in range(some)]:
            shutil.copy(file, corpus)
        row = night(corpus, index) | {"index MB": size(index)}
        if rows:
            last = list(rows.values())[-1]
            for name in ("MB", "index MB"):
                row[f"{name} more"] = row[name] - last[name]
        rows[f"up to {some}"] = row
    shutil.copy(made / f"report-{reports}.md", corpus)
    rows["one report added"] = night(corpus, index)
    rows[NOTHING] = night(corpus, index)
    change(corpus / "report-1.md")
    rows["one paragraph changed"] = night(corpus, index)
    with_encoding(rows, index)
    return rows


def asked(index: Path, how: str, questions: Sequence[str], seconds: float) -> list[float]:
    """The milliseconds that each question took, asked over and over for so long."""
    code = (
        "import json, sys, time; from reformqa import Library; l = Library.open(sys.argv[1])\n"
        "questions = json.loads(sys.argv[3]); how = getattr(l, sys.argv[2]); end = None; n = 0\n"
        "for q in questions[:3]: how(q)\n"
        "end = time.time() + float(sys.argv[4]); took = []\n"
        "while time.time() < end:\n"
        "    q = f'{questions[n % len(questions)]} {n}'; n += 1; t = time.perf_counter(); how(q)\n"
        "    took.append(1000 * (time.perf_counter() - t))\n"
        "print(json.dumps(took))"
    )
    command = [sys.executable, "-c", code, str(index), how, json.dumps(questions), str(seconds)]
    output = subprocess.run(
        command, check=True, capture_output=True, text=True, env=search.environment(1)
    )
    return list(json.loads(output.stdout))


def while_rebuilding(folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """The third table."""
    notes = growth.read_notes(Path("corpus"))
    draw = random.Random(1)
    questions = [" ".join(draw.choice(notes.sentences)[:12]) for _ in range(60)]
    rows: dict[str, dict[str, float]] = {}
    for how in ("search", "ask"):
        took: dict[str, list[float]] = {"at rest": [], "while rebuilding": []}
        for n in range(rounds):
            took["at rest"] += asked(folder / "full", how, questions, 12)
            busy = folder / f"busy-{how}-{n}"
            shutil.copytree(folder / "full" / "cache" / "models", busy / "cache" / "models")
            command = [sys.executable, "-m", "reformqa", "rebuild", "--corpus", folder / "pdfs"]
            with subprocess.Popen(
                [*command, "--index", busy],
                env=search.environment(THREADS),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as rebuild:
                time.sleep(3)
                took["while rebuilding"] += asked(folder / "full", how, questions, 15)
                assert rebuild.poll() is None, "the rebuild ended first: give it more to do"
                rebuild.kill()
        for when, found in took.items():
            p95 = statistics.quantiles(found, n=20)[-1]
            row = {"asked": len(found), "p50": statistics.median(found), "p95": p95}
            rows[f"{how}, {when}"] = row
        rest, busy_row = rows[f"{how}, at rest"], rows[f"{how}, while rebuilding"]
        busy_row["p95 times"] = busy_row["p95"] / rest["p95"]
    return rows


def show(title: str, rows: dict[str, dict[str, float]]) -> None:
    """Print a table."""
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    print(f"\n{title:24}" + "".join(f"{name:>15}" for name in columns))
    for name, row in rows.items():
        cells = (f"{row[c]:15.4g}" if c in row else f"{'-':>15}" for c in columns)
        print(f"{name:24}" + "".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what a night costs.")
    parser.add_argument("--pdfs", type=Path, default=Path("../shared/corpus/typeset"))
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--paragraphs", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, OMP_NUM_THREADS={THREADS}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        show("PDFs", of_pdfs(given.pdfs, folder))
        show("questions, ms", while_rebuilding(folder, given.rounds))
        show("made reports", of_made(given.reports, given.paragraphs, folder))


if __name__ == "__main__":
    main()
