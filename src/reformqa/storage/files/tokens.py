"""The token index: the reduced token vectors of every passage, and the weights of pieces."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reformqa.files import naming
from reformqa.storage.files.parts import Parts, save_array, write_sums
from reformqa.storage.files.places import SEGMENTS, Places

#: The file of a segment that is read in parts, and so checked in parts.
TOKENS = "late.tokens.i8"
_WEIGHTS = "late.weights.npy"


class TokenIndex:
    """The reduced token vectors of passages, and the weights of the vocabulary's pieces."""

    def __init__(
        self, segments: Sequence[TokenSegment], places: Places, weights: NDArray[np.float32]
    ) -> None:
        self.weights = weights
        self._segments = segments
        self._places = places

    @property
    def size(self) -> int:
        """The number of passages that have token vectors."""
        return self._places.held([segment.size for segment in self._segments])

    def take(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
        """Return the token vectors of those rows, one row after another, and how many each has.

        Raises DamagedIndexError if they are not as they were written.
        """
        if not len(rows):
            width = max(segment.width for segment in self._segments)
            return np.zeros((0, width), dtype=np.int8), np.zeros(0, dtype=np.int64)
        found: dict[int, NDArray[np.int8]] = {}
        for n, which, own in self._places.split(rows):
            found |= zip(which.tolist(), self._segments[n].take(own), strict=True)
        ordered = [found[at] for at in range(len(rows))]
        return np.concatenate(ordered), np.array([len(v) for v in ordered], dtype=np.int64)

    @classmethod
    def load(cls, folder: Path, places: Places) -> TokenIndex:
        """Open what was written of a version, the token vectors memory-mapped."""
        segments = [TokenSegment(folder, name) for name in places.segments]
        weights = np.load(folder / _WEIGHTS, mmap_mode="r").view(np.ndarray)
        return cls(segments, places, weights)


class TokenSegment:
    """The token vectors of the passages of a segment.

    Those of row r are `tokens[starts[r]:starts[r] + lengths[r]]`, at least one.
    """

    def __init__(self, folder: Path, segment: str) -> None:
        name = f"{SEGMENTS}/{segment}"
        self._parts = Parts(folder, f"{name}/{TOKENS}")
        self._starts, self._lengths, width = (
            np.load(folder / name / f"late.{of}.npy", mmap_mode="r").view(np.ndarray)
            for of in ("starts", "lengths", "width")
        )
        tokens = self._parts.bytes.view(np.int8)
        self.width = max(1, int(width[0]))
        self._tokens: NDArray[np.int8] = tokens.reshape(-1, self.width)

    @property
    def size(self) -> int:
        """The number of passages."""
        return len(self._lengths)

    def take(self, rows: NDArray[np.int64]) -> list[NDArray[np.int8]]:
        """Return the token vectors of each of those rows.

        Raises DamagedIndexError if they are not as they were written.
        """
        starts = self._starts[rows]
        ends = starts + self._lengths[rows]
        self._parts.check(starts * self.width, ends * self.width)
        ranges = zip(starts.tolist(), ends.tolist(), strict=True)
        return [self._tokens[start:end] for start, end in ranges]


class TokenWriter:
    """Writes the token vectors of a segment into its folder, passage by passage.

    It needs little memory however many passages there are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._starts = array("q")
        self._lengths = array("i")
        self._taken = 0
        self._width = 0
        self._file = (folder / TOKENS).open("wb")

    def add(self, tokens: NDArray[np.int8]) -> int:
        """Add a passage and return its row."""
        self._starts.append(self._taken)
        self._lengths.append(len(tokens))
        self._taken += len(tokens)
        self._width = tokens.shape[1]
        with naming(self._folder / TOKENS):
            self._file.write(tokens.tobytes())
        return len(self._starts) - 1

    def add_again(self, row: int) -> None:
        """Add a passage with the same text as `row`, without storing its vectors again."""
        self._starts.append(self._starts[row])
        self._lengths.append(self._lengths[row])

    def save(self) -> None:
        """Write the arrays beside the token vectors, and close those."""
        self.close()
        write_sums(self._folder / TOKENS)
        save_array(self._folder / "late.starts.npy", np.array(self._starts, dtype=np.int64))
        save_array(self._folder / "late.lengths.npy", np.array(self._lengths, dtype=np.int32))
        save_array(self._folder / "late.width.npy", np.array([self._width], dtype=np.int64))

    def close(self) -> None:
        """Close the file of token vectors."""
        with naming(self._folder / TOKENS):
            self._file.close()


class PieceCounts:
    """Counts the passages that have each piece of the vocabulary, over all segments.

    `factors`, shape (pieces,), multiply each piece's idf.
    """

    def __init__(self, factors: NDArray[np.float32]) -> None:
        self._factors = factors
        self._holders = np.zeros(len(factors), dtype=np.int64)
        self._passages = 0

    def add(self, pieces: NDArray[np.integer[Any]]) -> None:
        """Count a passage; `pieces` are the numbers of its different pieces."""
        self._holders[pieces] += 1
        self._passages += 1

    def save(self, folder: Path) -> None:
        """Write the weights of the pieces."""
        weights = piece_weights(self._holders, self._passages, self._factors)
        save_array(folder / _WEIGHTS, weights)


def piece_weights(
    holders: NDArray[np.int64], passages: int, factors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return each piece's idf over the passages, times its factor, shape (pieces,).

    `holders` is the number of passages that have each piece.
    """
    idf = np.log1p((passages - holders + 0.5) / (holders + 0.5))
    return np.asarray(idf * factors, dtype=np.float32)
