"""A set of rows as a bit for each passage: what a filter leaves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


class RowSet:
    """A set of the rows of `size` passages.

    `bits`, shape (bytes,), has row n as bit n % 8 of byte n // 8: 125 kB for a million passages.
    Bits beyond the last row are 0.
    """

    def __init__(self, bits: NDArray[np.uint8], size: int) -> None:
        self.bits = bits
        self.size = size

    @classmethod
    def of(cls, rows: NDArray[np.int64] | Sequence[int], size: int) -> RowSet:
        """Return the set of those rows."""
        mask = np.zeros(size, dtype=np.bool_)
        mask[np.asarray(rows, dtype=np.int64)] = True
        return cls.where(mask)

    @classmethod
    def between(cls, ranges: NDArray[np.int64], size: int) -> RowSet:
        """Return the rows from each start to before its end; `ranges` has shape (ranges, 2)."""
        mask = np.zeros(size, dtype=np.bool_)
        for start, end in ranges.tolist():
            mask[start:end] = True
        return cls.where(mask)

    @classmethod
    def where(cls, mask: NDArray[np.bool_]) -> RowSet:
        """Return the rows where `mask`, shape (passages,), is true."""
        return cls(np.packbits(mask, bitorder="little"), len(mask))

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _count(self) -> int:
        return int(np.bitwise_count(self.bits).sum())

    def __and__(self, other: RowSet) -> RowSet:
        return RowSet(self.bits & other.bits, self.size)

    def __or__(self, other: RowSet) -> RowSet:
        return RowSet(self.bits | other.bits, self.size)

    def holds(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
        """Return whether each of `rows` is in the set, in their shape."""
        bits = self.bits[rows >> 3] >> (rows & 7).astype(np.uint8)
        return np.asarray(bits & 1, dtype=np.bool_)

    def rows(self) -> NDArray[np.int64]:
        """Return the rows, in order."""
        return np.flatnonzero(np.unpackbits(self.bits, count=self.size, bitorder="little"))
