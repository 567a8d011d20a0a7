"""Writes a Bm25Index passage by passage; neither texts nor counts stay in memory.

Counts go to the disk in runs, each sorted by term. At the end the runs are merged, some terms at a
time: only then is it known how rare each term is.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reformqa.files import naming
from reformqa.storage.files.bm25 import IN_PARTS
from reformqa.storage.files.parts import save_array, write_sums, written_array
from reformqa.storage.okapi import idf_of, parts_of

#: The counts that are held in memory and sorted together.
CHUNK = 4_000_000

_RUNS = "lexical.runs"


class PostingsWriter:
    """Counts the terms of passages, and writes their weights into a folder.

    Memory holds the vocabulary, and at most about `chunk` counts.
    """

    def __init__(self, folder: Path, chunk: int = CHUNK) -> None:
        self._folder = folder
        self._chunk = chunk
        self._terms: dict[str, int] = {}
        self._holders = np.zeros(0, dtype=np.int64)
        self._lengths = array("i")
        self._sizes: list[int] = []
        self._begin_run()

    def _begin_run(self) -> None:
        self._columns, self._rows, self._counts = array("i"), array("i"), array("i")

    def add(self, terms: Sequence[str]) -> None:
        """Add the terms of the next passage."""
        row = len(self._lengths)
        counted = Counter(terms)
        numbers = self._terms
        self._columns.extend(numbers.setdefault(term, len(numbers)) for term in counted)
        self._rows.extend([row] * len(counted))
        self._counts.extend(counted.values())
        self._lengths.append(len(terms))
        if len(self._columns) >= self._chunk:
            self._end_run()

    def _end_run(self) -> None:
        """Append the run to the file: columns, rows and counts, sorted by column and row."""
        run = np.array([self._columns, self._rows, self._counts], dtype=np.int32)
        self._begin_run()
        run = run[:, np.argsort(run[0], kind="stable")]
        holders = np.bincount(run[0], minlength=len(self._terms))
        holders[: len(self._holders)] += self._holders
        self._holders = holders
        self._sizes.append(run.shape[1])
        file = self._folder / _RUNS
        with naming(file), file.open("ab") as runs:
            runs.write(run.tobytes())

    def save(self) -> None:
        """Write the index."""
        self._end_run()
        indptr = np.concatenate([[0], np.cumsum(self._holders)]).astype(np.int64)
        data, indices = (self._folder / name for name in IN_PARTS)
        peaks: list[NDArray[np.float32]] = []
        with ExitStack() as files:
            write_data = files.enter_context(written_array(data, np.float32, indptr[-1]))
            write_indices = files.enter_context(written_array(indices, np.int32, indptr[-1]))
            for weights, rows, highest in self._merged(indptr):
                write_data(weights)
                write_indices(rows)
                peaks.append(highest)
        (self._folder / _RUNS).unlink()
        write_sums(data)
        write_sums(indices)
        save_array(self._folder / "lexical.indptr.npy", indptr)
        save_array(self._folder / "lexical.peaks.npy", np.concatenate([np.float32([]), *peaks]))
        header = {"passages": len(self._lengths), "terms": list(self._terms)}
        with naming(self._folder / "lexical.json"):
            (self._folder / "lexical.json").write_text(json.dumps(header), encoding="utf-8")

    def _merged(
        self, indptr: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]]:
        """Yield the weights and rows of some terms after others, and the peaks of those terms."""
        lengths = np.array(self._lengths, dtype=np.int64)
        average = lengths.mean() if len(lengths) else 0.0
        idf = idf_of(self._holders, len(lengths))
        bounds = self._bounds(indptr)
        cuts = self._cuts(bounds)
        for n, (first, behind) in enumerate(pairwise(bounds)):
            columns, rows, counts = self._between([(cut[n], cut[n + 1]) for cut in cuts])
            weights = (idf[columns] * parts_of(counts, lengths[rows], average)).astype(np.float32)
            starts = indptr[first:behind] - indptr[first]
            # The weights of a term have the sign of its idf.
            sign = np.sign(idf[first:behind]).astype(np.float32)
            yield weights, rows, sign * np.maximum.reduceat(np.abs(weights), starts)

    def _bounds(self, indptr: NDArray[np.int64]) -> list[int]:
        """Return where to cut the terms, so that those between have about `chunk` counts."""
        steps = np.arange(0, indptr[-1], self._chunk)
        within = np.searchsorted(indptr, steps).tolist()
        return sorted({*within, len(self._holders)})

    def _cuts(self, bounds: Sequence[int]) -> list[list[int]]:
        """Return where each run has to be cut at those terms."""
        found = []
        for number, size in enumerate(self._sizes):
            columns = self._read(number, 0, 0, size)
            found.append(np.searchsorted(columns, bounds).tolist())
        return found

    def _between(self, ranges: Sequence[tuple[int, int]]) -> NDArray[np.int32]:
        """Return what lies in a range of each run, sorted by column and row, shape (3, counts)."""
        found = np.stack(
            [
                np.concatenate([self._read(n, part, *own) for n, own in enumerate(ranges)])
                for part in range(3)
            ]
        )
        return found[:, np.argsort(found[0], kind="stable")]  # runs are in the order of rows

    def _read(self, number: int, part: int, start: int, end: int) -> NDArray[np.int32]:
        """Return a range of the columns (0), rows (1) or counts (2) of a run."""
        before = 3 * sum(self._sizes[:number]) + part * self._sizes[number]
        file = self._folder / _RUNS
        return np.fromfile(file, np.int32, count=end - start, offset=4 * (before + start))
