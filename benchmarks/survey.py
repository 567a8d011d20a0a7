"""Read any number of public PDFs without hand-made truth, with pdfium as the second witness.

    python benchmarks/survey.py FOLDER [FOLDER ...] [--json FILE]

Good for: seeing how a change to a reader does on reports that nobody has labelled, and which
files read badly although their verdict is "good". Needs: folders of PDFs (searched with their
subfolders; equal files count once) and, for the processor time, Linux. Each file is read alone in
a worker with the limits of a rebuild, so that a crash is recorded. pdfium errs as well: its words
are evidence, not truth.

outcome: "read", "refused" (with a reason meant for the operator), "limit" (time or memory), or
"crashed" (an unforeseen error, or a worker that died). both: words that pdfium sees inside the
CropBox and reformqa reads; unread: share of pdfium's words that it does not read. A word counts as
read if it stands there together with its neighbours, however the words are spaced. doubled:
letters of words read more often than pdfium sees them, as a share of pdfium's; off: words read
that pdfium sees only outside the CropBox. searched: share of the words read that the search
includes. mid: share of the body paragraphs of twelve words or more that begin in lower case (list
items aside) or end without a full stop, question mark, colon or the like. stray: paragraphs
without a letter (lone bullets, lone numbers). odd: characters that are U+FFFD, private or control
characters. heads: headings a page. recs: recommendations. facts: which of title (T), publisher (P)
and date (D) look right: no file name, no sentence, a year that is possible. cpu: seconds of
processor time a page.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from pebble import ProcessPool

from measuring import Row, Table, print_table, provenance
from reformqa.ingest.prepare import PreparedReport
from reformqa.ingest.workers import Job, read_all
from reformqa.model import FileProblem, Paragraph, Report
from reformqa.parsing import NO_PUBLISHER, report_id
from reformqa.settings import ReadingSettings
from witness import Seen, look, split_words

#: How a problem's reason begins if nobody foresaw it, and if a limit was met.
CRASHED = ("crashed its reader", "could not be read (")
LIMIT = ("took longer than", "needed more than")
#: Seconds that pdfium may take for a file.
PATIENCE = 120
#: Body paragraphs of fewer words may end without a stop.
LONG = 12
#: A title or publisher of more words is a sentence.
SENTENCE_WORDS = 25
_ENDED = re.compile(r"[.?!:;…][\d,\s]*[”’\"')\]]*[\d,\s]*$")
#: The end of a lead-in, or of an item before another.
_LEADS_IN = re.compile(r"(?:[:;—–][\s–-]*|[;,] (?:and|or))$")
_LONE = re.compile(r"[\W\d_]{1,6}")

#: The bar: a file beyond one of these should not have the verdict "good".
BAR: dict[str, Callable[[Row], bool]] = {
    "over 5% of the words unread": lambda row: _number(row["unread"]) > 0.05,
    "over 3% of the words doubled": lambda row: _number(row["doubled"]) > 0.03,
    "over 1% of the words off the page": lambda row: (
        _number(row["off"]) > 0.01 * max(1.0, _number(row["both"]))
    ),
    "under 60% of the words searched": lambda row: _number(row["searched"]) < 0.6,
    "over 15% of the paragraphs cut in mid-sentence": lambda row: _number(row["mid"]) > 0.15,
    "over 20 odd letters": lambda row: _number(row["odd"]) > 20,
    "over one stray mark in four pages": lambda row: (
        _number(row["stray"]) > _number(row["pages"]) / 4
    ),
}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def find_files(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the PDFs of the folders by a short unique name; of equal files, the first."""
    seen: set[bytes] = set()
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.pdf")):
            digest = hashlib.sha256(path.read_bytes()).digest()
            if digest not in seen:
                seen.add(digest)
                name = path.stem[:36]
                found[name if name not in found else f"{name[:28]}-{digest.hex()[:6]}"] = path
    return found


def children_seconds() -> float:
    """Return the processor time of workers that have ended, or 0 if it is not reported."""
    ticks = 0
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            stat = Path(f"/proc/{pid}/stat")
            if stat.exists():
                fields = stat.read_text().rpartition(")")[2].split()
                ticks += int(fields[13]) + int(fields[14])  # cutime and cstime in proc(5)
    return ticks / os.sysconf("SC_CLK_TCK")


def read(path: Path) -> tuple[PreparedReport | FileProblem, float]:
    """Return the report or the problem, and the seconds of processor time that it took."""
    before = children_seconds()
    [(_, result)] = read_all([Job(path, report_id(path))], ReadingSettings(workers=1))
    time.sleep(0.05)  # for the worker to be reaped
    return result, children_seconds() - before


def survey(path: Path, pool: ProcessPool) -> Row:
    """Return a file's row: how it was read, beside what pdfium sees."""
    looking = pool.schedule(look, args=[path], timeout=PATIENCE)
    result, seconds = read(path)
    try:
        seen = looking.result()
    except Exception:  # noqa: BLE001 — the witness may fail in any way; it then has seen nothing
        seen = Seen(0, [], [])
    if isinstance(result, FileProblem):
        outcome = "refused"
        if result.reason.startswith(LIMIT):
            outcome = "limit"
        elif result.reason.startswith(CRASHED):
            outcome = "crashed"
        return {"outcome": outcome, "pages": seen.pages or None, "reason": result.reason}
    pages = result.report.reading.pages
    return {
        "outcome": "read",
        "pages": pages,
        **compare(result.report, seen),
        **judge(result.report),
        "heads": len(result.report.sections) / max(1, pages),
        "recs": len(result.recommendations),
        "facts": facts(result.report, path),
        "verdict": result.report.reading.verdict,
        "cpu": seconds / max(1, pages),
        "seen": len(seen.words),
    }


def compare(report: Report, seen: Seen) -> Row:
    """Return how many words both see, only pdfium sees, and reformqa sees twice or off the page."""
    parts = [part for p in report.paragraphs for part in split_words(_text(p))]
    read_words, visible, outside = Counter(parts), Counter(seen.words), Counter(seen.outside)
    missing = visible - read_words
    stream, unread, respaced = "".join(parts), 0, 0
    for n, word in enumerate(seen.words):
        if missing[word] > 0:
            missing[word] -= 1
            there = "".join(seen.words[max(0, n - 1) : n + 2]) in stream
            unread += not there
            respaced += len(word) * there
    extra = read_words - visible
    more = sum(len(word) * count for word, count in (extra - outside).items())
    return {
        "both": len(seen.words) - unread,
        "unread": unread / max(1, len(seen.words)),
        "doubled": max(0, more - respaced) / max(1, sum(map(len, seen.words))),
        "off": (extra & outside).total(),
    }


def _text(paragraph: Paragraph) -> str:
    label = paragraph.label or ""
    return paragraph.raw if paragraph.raw.startswith(label) else f"{label} {paragraph.raw}"


def judge(report: Report) -> Row:
    """Return what the paragraphs look like by themselves."""
    words = {p.id: len(p.text.split()) for p in report.paragraphs}
    shown = [p for p in report.paragraphs if p.kind not in ("furniture", "table")]
    cut = [
        is_cut(p.text, before.text if before else "")
        for before, p in pairwise([None, *shown])
        if p and p.kind == "body" and words[p.id] >= LONG
    ]
    text = "".join(p.text for p in shown)
    return {
        "searched": sum(words[p.id] for p in report.paragraphs if p.searchable)
        / max(1, sum(words.values())),
        "mid": sum(cut) / len(cut) if cut else None,
        "stray": sum(bool(_LONE.fullmatch(p.text)) for p in shown),
        "odd": sum(is_odd(c) for c in text),
    }


def is_cut(text: str, before: str) -> bool:
    """Return whether a paragraph begins or ends in mid-sentence.

    An item after a lead-in ("The board shall:") or after another item may begin in lower case.
    """
    begun = text[0].islower() and not _LEADS_IN.search(before)
    return begun or not (_ENDED.search(text) or _LEADS_IN.search(text))


def is_odd(character: str) -> bool:
    """Return whether no reader could tell which letter a character is."""
    return character == "\ufffd" or unicodedata.category(character) in ("Cc", "Co", "Cn")


def facts(report: Report, path: Path) -> str:
    """Return the initials of the plausible facts, a dash in place of the others."""
    title, publisher, year = report.title, report.publisher, report.year
    named = NO_PUBLISHER not in report.warnings and _is_name(publisher)
    right = {
        "T": _is_name(title) and not _same(title, path.stem),
        "P": named,
        "D": year is not None and 1850 <= year <= datetime.now(UTC).year,
    }
    return "".join(initial if found else "-" for initial, found in right.items())


def _is_name(text: str) -> bool:
    sentence = text.rstrip().endswith((".", ";", ",")) or len(text.split()) > SENTENCE_WORDS
    return any(c.isalpha() for c in text) and not sentence and not text[0].islower()


def _same(title: str, stem: str) -> bool:
    return "".join(split_words(title)) == "".join(split_words(stem))


def below(row: Row) -> list[str]:
    """Return the names of the bars that a file that was read does not reach."""
    return [name for name, fails in BAR.items() if row["outcome"] == "read" and fails(row)]


def totals(rows: Sequence[Row]) -> Row:
    """Return the figures of all files: sums, shares of all words, and medians."""
    read_rows = [row for row in rows if row["outcome"] == "read"]
    seen = max(1.0, sum(_number(row["seen"]) for row in read_rows))
    count = max(1, len(read_rows))
    outcomes = Counter(row["outcome"] for row in rows)
    totalled: Row = {name: outcomes[name] for name in ("read", "refused", "limit", "crashed")}
    totalled["pages"] = int(sum(_number(row["pages"]) for row in read_rows))
    for name in ("unread", "doubled"):
        totalled[name] = sum(_number(r[name]) * _number(r["seen"]) for r in read_rows) / seen
    totalled["off"] = int(sum(_number(row["off"]) for row in read_rows))
    for name in ("searched", "mid", "heads", "cpu"):
        values = [_number(row[name]) for row in read_rows if row[name] is not None]
        totalled[name] = median(values) if values else None
    for name in ("stray", "odd", "recs"):
        totalled[name] = int(sum(_number(row[name]) for row in read_rows))
    for initial, name in zip("TPD", ("title", "publisher", "date"), strict=True):
        totalled[name] = sum(initial in str(row["facts"]) for row in read_rows) / count
    totalled["below"] = sum(bool(below(row)) for row in read_rows)
    totalled["too kind"] = sum(bool(below(r)) and r["verdict"] == "good" for r in read_rows)
    return totalled


def print_lists(rows: Table) -> None:
    """Print the files that were not read, and those whose verdict is too kind, with the reasons."""
    lost = {name: row for name, row in rows.items() if row["outcome"] != "read"}
    print(f"not read: {len(lost)}")
    print(
        *(f"  {row['outcome']:8} {name}: {row['reason']}" for name, row in lost.items()), sep="\n"
    )
    kind = {n: below(row) for n, row in rows.items() if row.get("verdict") == "good"}
    kind = {name: reasons for name, reasons in kind.items() if reasons}
    print(f"\nverdict too kind: {len(kind)}")
    for name, reasons in kind.items():
        print(f"  {name}: {'; '.join(reasons)}")


def main() -> None:
    """Print a row for each file, the totals, and the files to look at."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="+", help="folders of PDFs")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    options = parser.parse_args()
    files = find_files(options.folder)
    limits = ReadingSettings()
    settings = {"seconds": limits.seconds, "megabytes": limits.megabytes, "ocr": limits.ocr}
    provenance({"files": len(files), **settings}, ["equal files after the first"])
    rows: Table = {}
    with ProcessPool(1, max_tasks=20, context=get_context("spawn")) as pool:
        for name, path in files.items():
            rows[name] = survey(path, pool)
    hidden = ("seen", "reason")
    shown = {n: {k: v for k, v in r.items() if k not in hidden} for n, r in rows.items()}
    print_table("file", shown)
    summary = totals(list(rows.values()))
    print_table("all", {"": summary})
    print_lists(rows)
    if options.json:
        figures = {"files": rows, "all": summary}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
