"""Rebuild an index: in full, with one report more, with nothing changed, and as it grows.

    python benchmarks/rebuild.py [--shared DIR] [--pdfs DIR] [--reports 200] [--paragraphs 20]
                                 [--seed 1] [--only pdfs,growth] [--json FILE]

Good for: knowing what a night costs, whether a rebuild does only what the change calls for, and
whether time, memory and disk grow in a straight line. Needs: Linux; for the first table, a folder
of PDFs (corpus/typeset of the shared folder unless --pdfs names another).

Each rebuild is a whole `reformqa rebuild` (OMP_NUM_THREADS=2), its start included.
s: wall-clock time; work s: the time that the run's own record counts, without the start of Python;
reading, encoding: the parts of it that read files and encode texts; encoded: texts that were new to
the index; MB: peak of the largest process; index MB: the build on disk without the model.
PDFs: the PDFs but the first, and one of the project's notes, from nothing; then with the first PDF
added, with nothing changed, and with a sentence added to a paragraph of the note.
Made reports (made_reports.py): the corpus grows from an eighth of the reports to all but one, so
that each line encodes what the line before lacks; then one added, nothing changed, a sentence
added. ms each: work for each text encoded. p50, p95: milliseconds of 100 searches for 10 hits in
a process of its own, each asked once after 20 others (OMP_NUM_THREADS=1); asking MB: its peak.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from made_reports import Notes, make_questions, read_notes, write_corpus
from measuring import (
    ASKING,
    BUILDING,
    PROJECT,
    Row,
    Table,
    default_shared,
    measure,
    print_table,
    provenance,
    rebuild_command,
)
from systems import OURS, System, Worker

NOTE = "note-on-great-government.md"
#: How many searches are timed, and how many come before them.
QUESTIONS, WARMING, LIMIT = 100, 20, 10
TABLES = ("pdfs", "growth")


def rebuild(corpus: Path, index: Path) -> Row:
    """Rebuild as a user does, and return what it cost and what it encoded."""
    cost = measure(rebuild_command(corpus, index, "--json"), BUILDING)
    outcome = json.loads(cost.output)
    seconds = json.loads((index / "report.json").read_text(encoding="utf-8"))["seconds"]
    return {
        "reports": outcome["build"]["reports"],
        "passages": outcome["build"]["passages"],
        "encoded": outcome["encoded"],
        "s": cost.seconds,
        "work s": sum(seconds.values()),
        "reading": seconds.get("reading"),
        "encoding": seconds.get("encoding"),
        "MB": cost.megabytes,
        "index MB": size(index),
    }


def size(index: Path) -> float:
    """Return the MB of the build being served, without the model."""
    build = index / "builds" / (index / "current").read_text()
    return sum(f.stat().st_size for f in build.glob("*") if f.is_file()) / 1024**2


def add_sentence(file: Path) -> None:
    """Add a sentence to the longest paragraph of a file."""
    parts = file.read_text(encoding="utf-8").split("\n\n")
    longest = max(range(len(parts)), key=lambda n: len(parts[n]))
    parts[longest] += " One more sentence is added here."
    file.write_text("\n\n".join(parts), encoding="utf-8")


def small_changes(corpus: Path, index: Path, aside: Path, changed: Path) -> Table:
    """Rebuild with the report `aside` added, with nothing changed, and with a sentence added."""
    shutil.move(aside, corpus / aside.name)
    table: Table = {"one report added": rebuild(corpus, index)}
    table["nothing changed"] = rebuild(corpus, index)
    add_sentence(changed)
    table["one paragraph changed"] = rebuild(corpus, index)
    return table


def measure_pdfs(pdfs: Path, folder: Path) -> Table:
    """Return what rebuilds of real files cost."""
    corpus, aside = folder / "pdfs", folder / "aside"
    corpus.mkdir()
    aside.mkdir()
    for pdf in sorted(pdfs.glob("*.pdf")):
        shutil.copy(pdf, corpus)
    shutil.copy(PROJECT / "corpus" / NOTE, corpus / "a-note.md")
    later = Path(shutil.move(sorted(corpus.glob("*.pdf"))[0], aside))
    table: Table = {"full, but one report": rebuild(corpus, folder / "index")}
    return table | small_changes(corpus, folder / "index", later, corpus / "a-note.md")


def ask(index: Path, notes: Notes, seed: int) -> Row:
    """Return what searches of an index cost in a process of its own."""
    questions = make_questions(notes, WARMING + QUESTIONS, seed)
    with Worker(System(OURS, sys.executable, index)) as worker:
        worker.ask(questions[:WARMING], LIMIT)
        taken = worker.ask(questions[WARMING:], LIMIT)
    p95 = quantiles(taken["ms"], n=20, method="inclusive")[-1]
    return {"p50 ms": median(taken["ms"]), "p95 ms": p95, "asking MB": taken["MB"]}


def measure_growth(reports: int, paragraphs: int, seed: int, folder: Path) -> Table:
    """Return what rebuilds of a growing corpus cost, and searches of its index."""
    made, corpus, index = folder / "made", folder / "growing", folder / "growing-index"
    notes = read_notes(PROJECT / "corpus")
    write_corpus(made, notes, reports, paragraphs, seed)
    corpus.mkdir()
    shutil.copy(made / "catalogue.toml", corpus)
    table: Table = {}
    for some in (reports // 8, reports // 4, reports // 2, reports - 1):
        for n in range(some):
            shutil.copy(made / f"report-{n + 1}.md", corpus)
        row = rebuild(corpus, index)
        row["ms each"] = 1000 * float(row["work s"] or 0) / max(1, int(row["encoded"] or 0))
        table[f"{some} reports"] = row | ask(index, notes, seed)
        print(f"{some} reports are measured", file=sys.stderr)
    last, changed = made / f"report-{reports}.md", corpus / "report-1.md"
    return table | small_changes(corpus, index, last, changed)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=default_shared())
    parser.add_argument("--pdfs", type=Path, help="a folder of PDFs")
    parser.add_argument("--reports", type=int, default=200, help="how many are made, 8 or more")
    parser.add_argument("--paragraphs", type=int, default=20, help="of each made report")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=lambda text: text.split(","), default=TABLES)
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    options = parser.parse_args()
    pdfs = options.pdfs or options.shared / "corpus" / "typeset"
    made = f"{options.reports} of {options.paragraphs} paragraphs, seed {options.seed}"
    threads = f"{BUILDING} building, {ASKING} asking"
    settings = {"PDFs": pdfs.name, "made reports": made, "OMP_NUM_THREADS": threads}
    provenance(settings, [name for name in TABLES if name not in options.only])
    tables: dict[str, Table] = {}
    with tempfile.TemporaryDirectory() as name:
        if "pdfs" in options.only:
            tables["PDFs"] = measure_pdfs(pdfs, Path(name))
            print_table("PDFs", tables["PDFs"])
        if "growth" in options.only:
            growth = measure_growth(options.reports, options.paragraphs, options.seed, Path(name))
            tables["Made reports"] = growth
            print_table("Made reports", growth)
    if options.json:
        options.json.write_text(json.dumps(tables, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
