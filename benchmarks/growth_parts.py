"""The parts of an index that hold all passages, each written alone: for `growth.py --alone`."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import TypeVar

import numpy as np

from made_passages import PASSAGES, MadeReports, MadeVectors
from measuring import Row, peak
from reformqa.ingest.duplicates import Restatements
from reformqa.storage.files.bm25 import Bm25Index
from reformqa.storage.files.dense import DenseIndex, DenseVectors, DenseWriter, write_clusters
from reformqa.storage.files.places import SEGMENTS, Place, Places
from reformqa.storage.files.postings import PostingsWriter

#: The rows that a question wants of a part.
WANTED = 100
_Question = TypeVar("_Question")


def timed(work: Callable[[_Question], object], questions: Sequence[_Question]) -> list[float]:
    """Return the milliseconds that each question takes."""
    taken = []
    for question in questions:
        begun = perf_counter()
        work(question)
        taken.append(1000 * (perf_counter() - begun))
    return taken


def p50_and_p95(taken: Sequence[float], name: str = "") -> Row:
    """Return the median of what questions took, and what all but one in twenty took at most."""
    p95 = quantiles(taken, n=20, method="inclusive")[-1]
    return {f"{name}p50": median(taken), f"{name}p95": p95}


def bm25(folder: Path, passages: int, asked: int, seed: int) -> Row:
    """Write the terms of so many passages, and ask for six words of some."""
    made, draw = MadeReports(0, seed), np.random.default_rng(seed)
    begun = perf_counter()
    writer = PostingsWriter(folder)
    for _ in range(passages):
        writer.add(made.text(draw).split())
    writer.save()
    row: Row = {"s": perf_counter() - begun, "MB": peak()}
    index = Bm25Index.load(folder)
    texts = [made.text(draw).split() for _ in range(asked)]
    questions = [draw.choice(words, 6, replace=False).tolist() for words in texts]
    return row | p50_and_p95(timed(lambda terms: index.best(terms, WANTED), questions))


def vectors(folder: Path, passages: int, asked: int, seed: int) -> Row:
    """Write so many vectors, and ask for the nearest of others."""
    made, draw = MadeVectors(seed), np.random.default_rng(seed)
    begun = perf_counter()
    own = folder / SEGMENTS / "one"
    own.mkdir(parents=True)
    writer = DenseWriter(own)
    for _ in range(passages):
        writer.add(made.sentence(draw))
    writer.save()
    places = Places({"made": Place("one", 0, "")}, np.array([[0, passages]]))
    write_clusters(folder, DenseVectors(folder, places))
    row: Row = {"s": perf_counter() - begun, "MB": peak()}
    index = DenseIndex.load(folder, places)
    questions = [made.sentence(draw)[None] for _ in range(asked)]
    return row | p50_and_p95(timed(lambda vector: index.nearest(vector, WANTED), questions))


def duplicates(folder: Path, passages: int, asked: int, seed: int) -> Row:
    """Find which of so many paragraphs state the same."""
    begun = perf_counter()
    with closing(Restatements(folder)) as restatements:
        for prepared in MadeReports(passages // PASSAGES, seed):
            restatements.add({p.id: p.text for p in prepared.report.paragraphs}, ())
        restatements.groups()
    return {"s": perf_counter() - begun, "MB": peak()}


PARTS = {"bm25": bm25, "vectors": vectors, "duplicates": duplicates}


if __name__ == "__main__":
    part, *numbers = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(PARTS[part](Path(name), *map(int, numbers))))
