"""What an index costs as it grows from a thousand passages to a million.

    python benchmarks/growth.py [--store files,milvus] [--sizes 1000,10000,100000]
                                [--asked 100] [--seed 1]
                                [--folder DIR] [--json FILE]
                                [--alone 1000000 [--parts bm25,vectors,duplicates]]

Good for: knowing what size one machine bears, and which part of a build or a question grows.
Needs: Linux; for the bare encoding, the models; for --store milvus, pymilvus and milvus-lite,
whose server is started with its data in the folder. growth_figure.py draws what --json writes.

Passages and vectors are made (made_passages.py), so nothing is encoded: what remains is the work
that grows with the library. Builds and questions have a process each.
Build: a first build, and a night in which one report in a hundred is another (at least one).
s: duplicates, writing and opening; MB: the peak of the process, in which the models are loaded and
have encoded, as in a rebuild; times: that peak as a multiple of the bare encoding, which is the
peak of a process that only encodes; index MB: the build on disk, or all of the server's data; new
MB: what of it is not shared with the build before, or what was sent; server MB: its peak so far.
Questions: open: ms until an index is open; first: ms from there to the first result; then p50 and
p95, in ms, of so many questions with six words of a passage each: bm25, the best 100 rows; dense,
the nearest 100; search, candidates and their evidence; filtered, the same within one publisher and
some years, each filter asked for the first time; MB: the peak. bm25 and dense: files only.
With --alone, parts of an index of so many passages are measured, and no whole build, which takes
much longer: BM25, vectors, duplicates. s, MB: writing it, without models; p50, p95 as above.
OMP_NUM_THREADS is 2, and 1 asking a whole index.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from time import perf_counter

import numpy as np

from growth_parts import PARTS, WANTED, p50_and_p95, timed
from growth_stores import STORES, placed, versions, written
from made_passages import PASSAGES, PIECES, PUBLISHERS, MadeReports, MadeVectors
from measuring import ASKING, BUILDING, Row, Table, measure, peak, print_table, provenance
from reformqa import Settings
from reformqa.model import Build
from reformqa.models.base import Encoding, TextEncoder
from reformqa.models.onnx import open_encoder
from reformqa.pipeline.contents import make_contents, write_contents
from reformqa.pipeline.exported import exported_models
from reformqa.pipeline.facts import digest_models
from reformqa.storage.base import EncodedQuery, Filters, IndexVersion, Request, Store
from reformqa.storage.files.bm25 import Bm25Index
from reformqa.storage.files.dense import DenseIndex
from reformqa.storage.files.store import read_rows
from reformqa.text.tokens import tokens
from stores import counted

FIRST, LATER = "20260101-000000-000000", "20260102-000000-000000"
#: The texts that are encoded for the bare encoding.
ENCODED = 64


def encode(models: str, seed: str) -> TextEncoder:
    """Open the models and encode some texts, as a rebuild does."""
    encoder = open_encoder(
        exported_models(Path(models), digest_models(Settings().encoder)), side_by_side=True
    )
    texts = [p.indexed for report in MadeReports(3, int(seed)) for p in report.passages][:ENCODED]
    for _ in encoder.encode_tokens(texts, "passage"):
        pass
    return encoder


def build(
    index: str, url: str, models: str, version: str, reports: str, seed: str, changed: str
) -> None:
    """Write a version of so many reports, every `changed`th of them in another edition."""
    encoder = encode(models, seed)
    begun = perf_counter()
    other = set(range(0, int(reports), int(changed))) if int(changed) else set()
    collected = MadeReports(int(reports), int(seed), other)
    cache = Path(index) / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    contents = make_contents(collected, cache)  # type: ignore[arg-type]
    factors = np.ones(PIECES, dtype=np.float32)
    with (
        counted() as sent,
        written(Path(index), url) as writer,
        writer.begin(version, piece_factors=factors) as draft,
    ):
        vectors = MadeVectors(int(seed))
        write_contents(draft, collected, contents, vectors, lambda *_: None)  # type: ignore[arg-type]
        counts = int(reports), contents.paragraphs, contents.passages, contents.recommendations
        draft.seal(IndexVersion(Build(version, "now", "made", *counts), {}))
        draft.publish()
    row: Row = {"s": perf_counter() - begun}
    print(json.dumps(row | ({"new MB": sent["bytes"] / 1024**2} if url else {})))
    del encoder


def make_questions(store: Store, asked: int, seed: int) -> list[EncodedQuery]:
    """Return questions of six words of a passage each, with a vector of their own."""
    draw, made = np.random.default_rng(seed), MadeVectors(seed)
    found = []
    for passage in store.sample(asked)[:asked]:
        words = draw.choice(passage.text.split(), 6, replace=False).tolist()
        sentence = made.sentence(draw)
        encoding = Encoding(sentence, sentence[None], np.zeros(1, dtype=np.int64))
        found.append(EncodedQuery((encoding,), (tuple(tokens(" ".join(words))),)))
    return found


def search(store: Store, query: EncodedQuery, where: Filters = Filters()) -> None:
    """Find candidates as a search for ten hits does, and read what scores and shows them."""
    (ids,) = store.candidates([Request(query, where, each=50, statements=10)])
    evidence = store.evidence(query, ids)
    store.statements(evidence.statements[:10].tolist())


def ask(index: str, url: str, asked: str, seed: str) -> None:
    """Ask an index, and print what the questions took."""
    begun = perf_counter()
    store = versions(Path(index), url).open()
    row: Row = {"open": 1000 * (perf_counter() - begun)}
    first, *queries = make_questions(store, int(asked) + 1, int(seed))
    (row["first"],) = timed(lambda query: search(store, query), [first])
    wheres = (
        Filters(publisher=(f"Institute {n % PUBLISHERS}",), published=(2000 + n % 16, 2009 + n))
        for n in range(len(queries))
    )
    legs = {} if url else legs_of(Path(index) / "builds" / store.version.id)
    legs |= {
        "search": lambda query: search(store, query),
        "filtered": lambda query: search(store, query, next(wheres)),
    }
    for name, work in legs.items():
        row |= p50_and_p95(timed(work, queries), f"{name} ")
    print(json.dumps(row | {"MB": peak()}))


def legs_of(folder: Path) -> dict[str, Callable[[EncodedQuery], object]]:
    """Return what looks for the best rows in a build in files."""
    bm25, dense = Bm25Index.load(folder), DenseIndex.load(folder, read_rows(folder))
    return {
        "bm25": lambda query: bm25.best(query.terms[0], WANTED),
        "dense": lambda query: dense.nearest(query.encodings[0].sentence[None], WANTED),
    }


def measure_size(
    store: str, passages: int, models: Path, options: argparse.Namespace
) -> tuple[Table, Row]:
    """Return what a first build and a night cost at a size, and what questions take."""
    reports = str(max(1, passages // PASSAGES))
    index = Path(options.folder or tempfile.gettempdir()) / f"growth-{store}-{passages}"
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir(parents=True)
    table: Table = {}
    try:
        with placed(store, index) as place:
            for name, version, changed in (("first", FIRST, "0"), ("night", LATER, "100")):
                own = [str(models), version, reports, str(options.seed), changed]
                command = [sys.executable, __file__, "build", str(index), place.url, *own]
                cost = measure(command, BUILDING)
                row: Row = json.loads(cost.output) | {"MB": cost.megabytes}
                table[f"{store}, {passages:,}, {name}"] = row | place.sizes(version)
            own = [str(index), place.url, str(options.asked), str(options.seed)]
            cost = measure([sys.executable, __file__, "ask", *own], ASKING)
            return table, json.loads(cost.output)
    finally:
        shutil.rmtree(index, ignore_errors=True)


def measure_alone(part: str, options: argparse.Namespace) -> Row:
    """Return what a part of an index costs, and what questions take of it."""
    script = Path(__file__).with_name("growth_parts.py")
    numbers = map(str, (options.alone, options.asked, options.seed))
    cost = measure([sys.executable, str(script), part, *numbers], BUILDING)
    row: Row = json.loads(cost.output)
    return row


def main() -> None:
    """Print the tables, or be the process that is measured."""
    if sys.argv[1:2] == ["build"]:
        build(*sys.argv[2:])
        return
    if sys.argv[1:2] == ["ask"]:
        ask(*sys.argv[2:])
        return
    if sys.argv[1:2] == ["encode"]:
        encode(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sizes = [1_000, 10_000, 100_000]
    parser.add_argument("--sizes", type=lambda t: list(map(int, t.split(","))), default=sizes)
    parser.add_argument("--store", type=lambda t: t.split(","), default=["files"])
    parser.add_argument("--asked", type=int, default=100, help="questions of each size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where indexes are built, and removed again")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--alone", type=int, default=0, help="passages of parts written alone")
    parser.add_argument("--parts", type=lambda t: t.split(","), default=list(PARTS))
    options = parser.parse_args()
    if unknown := set(options.store) - set(STORES):
        parser.error(f"--store {', '.join(unknown)}: choose from {', '.join(STORES)}")
    threads = f"{BUILDING} building, {ASKING} asking"
    provenance({"asked": options.asked, "seed": options.seed, "OMP_NUM_THREADS": threads})
    if options.alone:
        alone: Table = {part: measure_alone(part, options) for part in options.parts}
        print_table(f"{options.alone:,} passages", alone)
        return
    models = Path(tempfile.gettempdir()) / f"reformqa-benchmarks-{os.getuid()}" / "models"
    models.mkdir(parents=True, exist_ok=True)
    bare = [sys.executable, __file__, "encode", str(models), str(options.seed)]
    measure(bare, BUILDING)  # exports the models
    encoding = measure(bare, BUILDING).megabytes
    builds: Table = {"bare encoding": {"MB": encoding}}
    questions: Table = {}
    for store, passages in product(options.store, options.sizes):
        table, questions[f"{store}, {passages:,}"] = measure_size(store, passages, models, options)
        builds |= {n: r | {"times": float(r["MB"] or 0) / encoding} for n, r in table.items()}
        print(f"{passages:,} passages in {store} are measured", file=sys.stderr)
    print_table("Builds", builds)
    print_table("Questions, ms", questions)
    if options.json:
        options.json.write_text(json.dumps([builds, questions], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
