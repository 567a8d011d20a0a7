"""Read reports and compare what was read with the truth: paragraphs, headings, notes, and more.

    python benchmarks/parsing.py [--shared DIR] [--sets text,typeset,real] [--report NAME ...]
                                 [--misses] [--speed] [--json FILE]

Good for: seeing what a change to a reader, to joining paragraphs or to finding headings and
recommendations does to whole reports; --misses lists every difference. Needs: the folder of
reports with their truths; with --speed, whichever of pypdf, pdfplumber, pypdfium2 and pymupdf4llm
are installed. The rules of the readers were made with these reports in view, so expect less on
others. Texts are compared in letters and digits, with or without the label. Furniture is not
looked at.

text: five reports as text, against the gold. Sections: recall, precision (matched by source line;
captions and optional ones left out), and of those found the share with the right level, parent and
title. whole, placed: sampled paragraphs that are whole, and stand in the right section.
Recommendations: recR, recP ("first steps" left out), and the share of restatements joined.
typeset: the same reports as PDFs, with exact truth. recall: the truth's paragraphs that equal one
paragraph read, one to one; ~.95: or are similar to one (0.95). precis, p~.95: paragraphs read that
equal (are similar to) some block of the truth; those that are table cells are left out. order:
Kendall's tau of the paragraphs found. leak: paragraphs, tables and headings with furniture inside
(running heads, pull quotes, contents, chart labels). kind, path, page: of the paragraphs found, the
right kind, section path, and first and last page. headF1: headings and boxes by title; level: of
those found. notesR, notesP: of the marks on paragraphs found those that lead to the right note, and
of all links. recR, recP, recF1: recommendations, one to one (0.9 similarity, label aside).
real: PDFs as published, against their own tag tree, which drops words. strict: its paragraphs of
eight words or more that one paragraph read is similar to; loose: or that contains 0.97 of its
letters in order and is little longer. recR, recP: against lists made by hand (0.7 similarity).
speed: pages a second and peak MB of each typeset PDF read in a fresh process, imports not timed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pypdfium2

import structure
from measuring import Row, Table, default_shared, peak, print_table, provenance
from reformqa.parsing import parse
from reformqa.recommendations.finding import find_recommendations
from scoring import Counts, Reading, Score, evaluate
from truths import Parsed, find_truths, letters

SETS = ("text", "typeset", "real")
#: What is printed: the counts of what is right, and what they are a share of (of two: the F1).
COLUMNS = {
    "recall": ("exact", "true"),
    "~.95": ("near", "true"),
    "precis": ("right", "read"),
    "p~.95": ("nearly", "read"),
    "strict": ("strict", "whole"),
    "loose": ("loose", "tagged"),
    "order": ("order", "reports"),
    "leak": ("leaks", "shown"),
    "kind": ("kind", "near"),
    "path": ("path", "near"),
    "page": ("page", "near"),
    "headF1": ("titles", "headings", "sections"),
    "level": ("level", "levels"),
    "notesR": ("linked", "notes"),
    "notesP": ("linked", "links"),
    "recR": ("recs right", "recs"),
    "recP": ("recs right", "records"),
    "recF1": ("recs right", "recs", "records"),
}


def read_report(path: Path) -> Reading:
    """Return what reformqa reads of a PDF, in the form that is scored."""
    report = parse(path)
    by_id = {p.id: p for p in report.paragraphs}
    found = []
    for p in report.paragraphs:
        notes = [by_id[i] for i in p.notes if i in by_id]
        marks = frozenset((letters(n.label or ""), n.page or 0) for n in notes)
        pages = (p.places[0].page, p.places[-1].page) if p.places else (0, 0)
        found.append(Parsed(p.kind, p.text, p.label, pages, p.section_path, marks))
    sections = [(s.title, s.level) for s in report.sections]
    records = find_recommendations(report)
    return Reading(found, sections, [(r.text, " ".join([r.text, *r.sub_items])) for r in records])


def total(counts: Sequence[Counts]) -> Counts:
    """Return the sums of all reports' counts."""
    return {key: sum(c[key] for c in counts) for key in counts[0]}


def shares(
    counts: Counts, columns: Mapping[str, Sequence[str]] = COLUMNS
) -> dict[str, float | None]:
    """Return the counts as shares, or None if there was nothing to find."""
    row: dict[str, float | None] = {}
    for name, (part, *wholes) in columns.items():
        if part in counts:
            whole = sum(counts[w] for w in wholes)
            row[name] = counts[part] * len(wholes) / whole if whole else None
    return row


def _pdfplumber(path: Path) -> None:
    import pdfplumber

    with pdfplumber.open(path) as document:
        for page in document.pages:
            page.extract_text()


def _pypdf(path: Path) -> None:
    import pypdf

    for page in pypdf.PdfReader(path).pages:
        page.extract_text()


def _pypdfium2(path: Path) -> None:
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            page.get_textpage().get_text_bounded()


def _pymupdf4llm(path: Path) -> None:
    import pymupdf4llm

    pymupdf4llm.to_markdown(path, page_chunks=True)


#: The readers that --speed compares, by their package.
READERS: dict[str, Callable[[Path], object]] = {
    "reformqa": read_report,
    "pypdf": _pypdf,
    "pdfplumber": _pdfplumber,
    "pypdfium2": _pypdfium2,
    "pymupdf4llm": _pymupdf4llm,
}


def timed(reader: str, path: Path) -> tuple[float, float]:
    """Return the seconds and the peak MB that a reader takes for a PDF in this process."""
    importlib.import_module(reader)
    began = time.perf_counter()
    READERS[reader](path)
    return time.perf_counter() - began, peak()


def measure_speed(paths: Sequence[Path]) -> Table:
    """Return pages a second and peak memory of each reader that is installed."""
    pages = 0
    for path in paths:
        with pypdfium2.PdfDocument(path) as document:
            pages += len(document)
    table: Table = {}
    for reader in filter(importlib.util.find_spec, READERS):
        costs = []
        for path in paths:
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                costs.append(pool.apply(timed, (reader, path)))
        seconds, megabytes = zip(*costs, strict=True)
        table[reader] = {"pages": pages, "pages/s": pages / sum(seconds), "MB": max(megabytes)}
    return table


def print_misses(scores: Mapping[str, Score]) -> None:
    """Print what was missed in each report, by headline."""
    for name, score in scores.items():
        for headline, items in score.misses.items():
            print(f"\n{name}: {headline}: {len(items)}", *items, sep="\n  ")


def main() -> None:
    """Print a table for each set of reports: a line for each report, and one for all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=default_shared())
    parser.add_argument("--sets", type=lambda text: text.split(","), default=SETS)
    parser.add_argument("--report", nargs="+", help="names of files without their endings")
    parser.add_argument("--misses", action="store_true", help="list every difference (PDFs)")
    parser.add_argument("--speed", action="store_true", help="time it beside other readers")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    options = parser.parse_args()
    corpus, tables = options.shared / "corpus", {}
    absent = [name for name in READERS if options.speed and not importlib.util.find_spec(name)]
    left_out = [f"{name} (not named in --sets)" for name in SETS if name not in options.sets]
    provenance({"reports": ", ".join(options.report or ["all"])}, [*left_out, *absent])
    for name in options.sets:
        if name == "text":
            counts = structure.score_texts(options.shared, options.report)
        else:
            truths = find_truths(corpus / name, options.report)
            scores = {path.stem: evaluate(read_report(path), t) for path, t in truths.items()}
            if options.misses:
                print_misses(scores)
            counts = {report: score.counts for report, score in scores.items()}
        if not counts:
            continue
        counts |= {"all": total(list(counts.values()))} if len(counts) > 1 else {}
        columns = structure.COLUMNS if name == "text" else COLUMNS
        tables[name] = {report: Row(shares(of, columns)) for report, of in counts.items()}
        print_table(name, tables[name])
    if options.speed:
        tables["speed"] = measure_speed(sorted((corpus / "typeset").glob("*.pdf")))
        print_table("speed", tables["speed"])
    if options.json:
        options.json.write_text(json.dumps(tables, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
