"""The index on a Milvus server beside the same index in files.

    python benchmarks/stores.py --url http://127.0.0.1:19530 [--shared DIR] [--index DIR]
                                [--questions 60] [--seed 1] [--json FILE]

Good for: knowing what a server costs each question, and each night. Needs: the folder of reports,
pymilvus, and a server (`milvus-lite server --data-dir DIR` is one).

Both are asked the same gold questions one after another, in turn, in one process: load on the
machine falls on both alike. p50, p95: milliseconds of `search` and of `ask`; times: p50 as a
multiple of that of files; other: questions with another result. "first", the questions as they
come, when little of the index has been read; "again", the same once more.
Nights: seconds of a rebuild whose texts are all encoded; rows: rows of passages and values that
are written; MB: their size as they are sent.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from measuring import (
    CATALOGUE,
    REPORTS,
    Row,
    Table,
    default_shared,
    print_table,
    provenance,
    text_index,
)
from reformqa import Library, Settings, rebuild
from reformqa.evaluation.metrics import read_questions
from reformqa.storage.milvus.server import Server


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="the address of the server")
    parser.add_argument("--shared", type=Path, default=default_shared())
    parser.add_argument("--index", type=Path, help="an index of the five reports as text")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    options = parser.parse_args()
    library = f"benchmark_{secrets.token_hex(4)}"
    settings = Settings.model_validate({"storage": {"url": options.url, "library": library}})
    provenance({"url": options.url, "questions": options.questions, "seed": options.seed})
    index = text_index(options.index, options.shared)
    try:
        tables = {"nights": nights(options.shared, index, settings)}
        print_table("nights", tables["nights"])
        in_files, on_server = Library.open(index, Settings()), Library.open(index, settings)
        files = [options.shared / "gold" / f"{report}.jsonl" for report in REPORTS]
        texts = [q.text for q in read_questions([f for f in files if f.is_file()])]
        random.Random(options.seed).shuffle(texts)
        tables["questions"] = questions(in_files, on_server, texts[: options.questions])
        print_table("questions", tables["questions"])
    finally:
        clear(settings)
    if options.json:
        options.json.write_text(json.dumps(tables, indent=1))


def nights(shared: Path, index: Path, settings: Settings) -> Table:
    """Return what a first load costs, and a night in which one paragraph changed."""
    table: Table = {}
    with tempfile.TemporaryDirectory() as name:
        corpus, work = Path(name) / "corpus", Path(name) / "index"
        shutil.copytree(shared / "corpus" / "text", corpus)
        shutil.copy(CATALOGUE, corpus / "catalogue.toml")
        shutil.copytree(index / "cache", work / "cache")
        table["first load"] = _night(corpus, work, settings)
        table["nothing changed"] = _night(corpus, work, settings)
        changed = min(corpus.glob("*.txt"), key=lambda f: f.stat().st_size)
        before = changed.read_text("utf-8")
        changed.write_text(f"{before}\n\nA paragraph that was not there before.\n", "utf-8")
        table["one paragraph changed"] = _night(corpus, work, settings)
        changed.write_text(before, "utf-8")
        table["and back"] = _night(corpus, work, settings)
    return table


def _night(corpus: Path, index: Path, settings: Settings) -> Row:
    with counted() as sent:
        begun = time.perf_counter()
        rebuild(corpus, index, settings=settings)
        seconds = time.perf_counter() - begun
    return {"s": seconds, "rows": sent["rows"], "MB": sent["bytes"] / 1e6}


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    """Count the rows that are written, and the bytes of their texts and vectors."""
    sent = {"rows": 0, "bytes": 0}
    real = Server.upsert

    def upsert(self: Server, collection: str, rows: Sequence[dict[str, Any]]) -> None:
        sent["rows"] += len(rows)
        sent["bytes"] += sum(map(_size, rows))
        real(self, collection, rows)

    Server.upsert = upsert  # type: ignore[method-assign, assignment]
    try:
        yield sent
    finally:
        Server.upsert = real  # type: ignore[method-assign]


def _size(row: dict[str, Any]) -> int:
    if "value" in row:
        return len(row["value"])
    return 4 * len(row["vector"]) + 8 * (len(row["terms"]) + len(row.get("bm25", ())))


def questions(in_files: Library, on_server: Library, texts: Sequence[str]) -> Table:
    """Return how long questions take on both, and how many have other results."""
    table: Table = {}
    for what in ("search", "ask"):
        for when in ("first", "again"):
            asks = getattr(in_files, what), getattr(on_server, what)
            table[f"{what}, {when}"] = _paired(*asks, texts)
    return table


def _paired(files: Callable[[str], Any], server: Callable[[str], Any], texts: Sequence[str]) -> Row:
    taken: dict[str, list[float]] = {"files": [], "server": []}
    other = 0
    for text in texts:
        results = []
        for name, ask in (("files", files), ("server", server)):
            begun = time.perf_counter()
            results.append(ask(text))
            taken[name].append(1000 * (time.perf_counter() - begun))
        other += _said(results[0]) != _said(results[1])
    row: Row = {"questions": len(texts), "other": other}
    for name, times in taken.items():
        row |= {f"{name} p50": median(times), f"{name} p95": quantiles(times, n=20)[-1]}
    return row | {"times": median(taken["server"]) / median(taken["files"])}


def _said(result: Any) -> list[str]:
    """Return what a result shows: the sentences of an answer, or the ids of hits."""
    if hasattr(result, "sentences"):
        return [f"{s.text} {[str(c) for c in s.citations]}" for s in result.sentences]
    return [hit.passage.id for hit in result]


def clear(settings: Settings) -> None:
    """Remove the library from the server."""
    server = Server(settings.storage)
    library = settings.storage.library
    for collection in server.collections():
        if collection.startswith(f"{library}_"):
            server.drop(collection)
    if server.target(f"{library}_served"):
        server.drop_alias(f"{library}_served")


if __name__ == "__main__":
    sys.exit(main())
