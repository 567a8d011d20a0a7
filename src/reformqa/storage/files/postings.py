"""Writes a Bm25Index passage by passage; neither texts nor counts stay in memory.

Counts are sorted by term on the disk. Only at the end is it known how rare each term is.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reformqa.files import naming
from reformqa.sorted_runs import RUN, SortedRuns
from reformqa.storage.files.bm25 import IN_PARTS
from reformqa.storage.files.parts import save_array, write_sums, written_array
from reformqa.storage.okapi import idf_of, parts_of


class PostingsWriter:
    """Counts the terms of passages, and writes their weights into a folder.

    Memory holds the vocabulary, and some of the counts: about `run`.
    """

    def __init__(self, folder: Path, run: int = RUN) -> None:
        self._folder = folder
        self._terms: dict[str, int] = {}
        self._holders = np.zeros(1, dtype=np.int64)
        self._lengths = array("i")
        self._counts = SortedRuns(folder, np.int32, np.int32, np.int32, run=run)

    def add(self, terms: Sequence[str]) -> None:
        """Add the terms of the next passage."""
        counted = Counter(terms)
        known = self._terms
        numbers = np.array([known.setdefault(t, len(known)) for t in counted], dtype=np.int32)
        if len(known) > len(self._holders):
            self._holders = np.append(self._holders, np.zeros(len(known), dtype=np.int64))
        self._holders[numbers] += 1
        rows = np.full(len(counted), len(self._lengths))
        self._counts.add(numbers, rows, np.array(list(counted.values()), dtype=np.int32))
        self._lengths.append(len(terms))

    def save(self) -> None:
        """Write the index."""
        holders = self._holders[: len(self._terms)]
        lengths = np.array(self._lengths, dtype=np.int64)
        average = lengths.mean() if len(lengths) else 0.0
        idf = idf_of(holders, len(lengths))
        # The weights of a term have the sign of its idf.
        peaks = np.sign(idf).astype(np.float32)
        data, indices = (self._folder / name for name in IN_PARTS)
        total = int(holders.sum())
        with ExitStack() as files:
            write_weights = files.enter_context(written_array(data, np.float32, total))
            write_rows = files.enter_context(written_array(indices, np.int32, total))
            for terms, rows, counts in self._counts.merged():
                parts = idf[terms] * parts_of(counts, lengths[rows], average)
                weights = parts.astype(np.float32)
                write_weights(weights)
                write_rows(rows)
                found, starts = np.unique(terms, return_index=True)
                peaks[found] *= np.maximum.reduceat(np.abs(weights), starts)
        self.close()
        indptr = np.append(0, np.cumsum(holders)).astype(np.int64)
        self._save_rest(indptr, peaks)

    def _save_rest(self, indptr: NDArray[np.int64], peaks: NDArray[np.float32]) -> None:
        for name in IN_PARTS:
            write_sums(self._folder / name)
        save_array(self._folder / "lexical.indptr.npy", indptr)
        save_array(self._folder / "lexical.peaks.npy", peaks)
        header = {"passages": len(self._lengths), "terms": list(self._terms)}
        with naming(self._folder / "lexical.json"):
            (self._folder / "lexical.json").write_text(json.dumps(header), encoding="utf-8")
        self._terms.clear()

    def close(self) -> None:
        """Remove what waits on the disk; closing again does nothing."""
        self._counts.close()
