"""Records sorted on the disk, for more of them than should be in memory.

Records are written in runs of so many, each sorted; then the runs are merged, some keys at a time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from reformqa.files import naming

#: The records of a run, and about as many are merged together.
RUN = 500_000
#: The keys of a run that are remembered, to cut all runs into equal parts.
_SAMPLED = 256

_Arrays = tuple[NDArray[Any], ...]


class SortedRuns:
    """Sorts records of a key and further fields, all numbers, by their key.

    Records of one key keep the order in which they were added. The file that the runs are in has
    no name, and is gone when this is closed or the process ends.
    """

    def __init__(self, folder: Path, *types: DTypeLike, run: int = RUN) -> None:
        """`types` are those of the key and of each field."""
        self._folder = folder
        self._types = [np.dtype(t) for t in types]
        self._run = run
        self._sizes: list[int] = []
        self._sample: list[NDArray[Any]] = []
        self._written = 0
        self._waiting = [bytearray() for _ in types]
        with naming(folder):
            self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as this

    def add(self, *fields: NDArray[Any]) -> None:
        """Add records: an array of their keys, and one for each field."""
        for waiting, kind, values in zip(self._waiting, self._types, fields, strict=True):
            waiting += values.astype(kind, copy=False).tobytes()
        if len(self._waiting[0]) >= self._run * self._types[0].itemsize:
            self._end_run()

    def merged(self) -> Iterator[_Arrays]:
        """Yield the keys and fields of some records after others, in the order of keys.

        Records of one key come together.
        """
        self._end_run()
        runs = [_Keys(self, n) for n in range(len(self._sizes))]
        cuts = [[0] * len(runs)]
        cuts += [[bisect_left(keys, bound) for keys in runs] for bound in self._bounds()]
        cuts.append(self._sizes)
        for starts, ends in pairwise(cuts):
            if starts != ends:
                yield self._between(starts, ends)

    def close(self) -> None:
        """Remove the file."""
        with naming(self._folder):
            self._file.close()

    def read(self, run: int, field: int, start: int, end: int) -> NDArray[Any]:
        """Return a range of a field of a run."""
        kind = self._types[field]
        before = sum(t.itemsize for t in self._types) * sum(self._sizes[:run])
        before += sum(t.itemsize for t in self._types[:field]) * self._sizes[run]
        self._file.seek(before + start * kind.itemsize)
        return np.fromfile(self._file, dtype=kind, count=end - start)

    def _end_run(self) -> None:
        """Write the records that wait: their keys, sorted, and then each field."""
        fields = [
            np.frombuffer(waiting, dtype=kind)
            for waiting, kind in zip(self._waiting, self._types, strict=True)
        ]
        self._waiting = [bytearray() for _ in self._types]
        if not len(fields[0]):
            return
        order = np.argsort(fields[0], kind="stable")
        with naming(self._folder):
            for field in fields:
                self._file.write(field[order].tobytes())
            self._file.flush()
        self._sizes.append(len(order))
        self._sample.append(fields[0][order[:: max(1, self._run // _SAMPLED)]])

    def _bounds(self) -> list[Any]:
        """Return the keys that cut the records into parts of about the size of a run."""
        parts = -(-sum(self._sizes) // self._run)
        if parts < 2:
            return []
        sample = np.sort(np.concatenate(self._sample))
        at = np.linspace(0, len(sample), parts, endpoint=False).astype(int)[1:]
        return list(np.unique(sample[at]).tolist())

    def _between(self, starts: Sequence[int], ends: Sequence[int]) -> _Arrays:
        """Return the records in a range of each run, sorted."""
        ranges = list(enumerate(zip(starts, ends, strict=True)))
        fields = [
            np.concatenate([self.read(n, field, *own) for n, own in ranges])
            for field in range(len(self._types))
        ]
        order = np.argsort(fields[0], kind="stable")
        return tuple(field[order] for field in fields)


@dataclass(frozen=True, slots=True)
class _Keys(Sequence[Any]):
    """The keys of a run, each read when it is looked at."""

    runs: SortedRuns
    number: int

    def __len__(self) -> int:
        return self.runs._sizes[self.number]

    def __getitem__(self, at: Any) -> Any:
        return self.runs.read(self.number, 0, at, at + 1)[0]
