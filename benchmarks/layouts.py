"""Set reports in house styles drawn from seeds, read them, and compare with the exact truth.

    python benchmarks/layouts.py [--seeds 1-40] [--shared DIR] [--keep FOLDER] [--misses]
                                 [--json FILE]

Good for: seeing how reading does in layouts for which no rule was made. Needs: Chromium; the
words come from the reading notes in corpus/, and from the folder of reports if it is there: two
seeds in five set one of its reports whole. A seed's PDF is the same whenever the same words and
the same Chromium set it. Tune on seeds 1 to 40, and look at nothing of 41 to 80: those are printed
as totals only, without a line for each. A chapter's number over its title may be read as part of
the title or not.

The columns are those of parsing.py. path: of the paragraphs found, the share with the right
section path; headF1: headings and boxes by title; leak: paragraphs, tables and headings with
furniture inside; recall, precis: paragraphs exactly as set, of the truth and of those read; recF1:
recommendations. mean, worst and tenth (the tenth percentile; for leak the ninetieth) are over
seeds, a seed without recommendations left out of recF1.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from composing import compose
from house_styles import house_style
from measuring import Row, Table, default_shared, print_table, provenance
from parsing import COLUMNS, print_misses, read_report, shares
from scoring import Reading, Score, evaluate
from truths import typeset_truth
from typesetting import chromium, typeset
from whole_reports import whole_report

#: The seeds of which nothing but totals may be seen.
UNSEEN = range(41, 81)
SHOWN = ("path", "headF1", "leak", "recall", "precis", "recF1")


def parse_seeds(text: str) -> range:
    """Return the seeds that "1-40" or "7" names."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def set_all(seeds: Sequence[int], shared: Path, folder: Path) -> dict[int, Path]:
    """Set the report of each seed into a folder and return the PDFs."""
    paths = {}
    with chromium() as browser:
        for seed in seeds:
            style = house_style(seed)
            report = style.whole and whole_report(seed, style, shared)
            report = report or compose(seed, style, shared)
            paths[seed] = typeset(report, style, seed, folder, browser)
    return paths


def bare(reading: Reading) -> Reading:
    """Return a reading without the numbers that are set over titles: with or without is right."""

    def name(title: str) -> str:
        return re.sub(r"^(?:(?:chapter|part) \w+[:.]?|\d+\.?)\s+(?=\D)", "", title, flags=re.I)

    paragraphs = [
        replace(
            p,
            text=name(p.text) if p.kind == "heading" else p.text,
            path=tuple(map(name, p.path)),
        )
        for p in reading.paragraphs
    ]
    sections = [(name(title), level) for title, level in reading.sections]
    return replace(reading, paragraphs=paragraphs, sections=sections)


def summarise(rows: Sequence[Row]) -> Table:
    """Return the mean, the worst and the tenth percentile of each column."""
    table: Table = {"mean": {}, "worst": {}, "tenth": {}}
    for name in SHOWN:
        values = [float(v) for row in rows if isinstance(v := row[name], float | int)]
        worst, tenth = (max, 90) if name == "leak" else (min, 10)
        table["mean"][name] = float(np.mean(values)) if values else None
        table["worst"][name] = worst(values, default=None)
        table["tenth"][name] = float(np.percentile(values, tenth)) if values else None
    return table


def main() -> None:
    """Print a line for each seed that may be seen, and the totals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=parse_seeds, default=parse_seeds("1-40"))
    parser.add_argument("--shared", type=Path, default=default_shared())
    parser.add_argument("--keep", type=Path, help="keep the PDFs and truths in this folder")
    parser.add_argument("--misses", action="store_true", help="list every difference")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    options = parser.parse_args()
    unseen = any(seed in UNSEEN for seed in options.seeds)
    if unseen and (options.misses or options.keep):
        sys.exit("seeds 41 to 80 are not to be looked at: leave out --misses and --keep")
    words = "notes and reports" if options.shared.is_dir() else "notes"
    provenance({"seeds": f"{options.seeds[0]}-{options.seeds[-1]}", "words": words})
    scores: dict[str, Score] = {}
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        for seed, path in set_all(options.seeds, options.shared, folder).items():
            truth = typeset_truth(path.with_suffix(".json"))
            over = house_style(seed).numbering == "over"
            reading = read_report(path)
            scores[str(seed)] = evaluate(bare(reading) if over else reading, truth)
    columns = {name: COLUMNS[name] for name in SHOWN}
    rows = {seed: Row(shares(score.counts, columns)) for seed, score in scores.items()}
    if not unseen:
        print_table("seed", rows)
    table = summarise(list(rows.values()))
    print_table(f"{len(rows)} seeds", table)
    if options.misses:
        print_misses(scores)
    if options.json:
        figures = table if unseen else {**rows, **table}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
