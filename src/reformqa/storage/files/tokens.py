"""The token index: the reduced token vectors of every passage, one after another."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reformqa.files import naming
from reformqa.storage.files.parts import Parts, save_array, write_sums

#: The file that is read in parts, and so checked in parts.
TOKENS = "late.tokens.i8"


class TokenIndex:
    """The reduced token vectors of passages, and the weights of the vocabulary's pieces.

    The vectors of row r are `tokens[starts[r]:starts[r] + lengths[r]]`, at least one.
    """

    def __init__(
        self,
        tokens: NDArray[np.int8],
        starts: NDArray[np.int64],
        lengths: NDArray[np.int32],
        weights: NDArray[np.float32],
        parts: Parts,
    ) -> None:
        self.weights = weights
        self._parts = parts
        self._tokens = tokens
        self._starts = starts
        self._lengths = lengths

    @property
    def size(self) -> int:
        """The number of passages."""
        return len(self._starts)

    def take(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
        """Return the token vectors of those rows, one row after another, and how many each has.

        Raises DamagedIndexError if they are not as they were written.
        """
        lengths = self._lengths[rows].astype(np.int64)
        if not len(rows):
            return self._tokens[:0], lengths
        starts, width = self._starts[rows], self._tokens.shape[1]
        self._parts.check(starts * width, (starts + lengths) * width)
        ends = np.cumsum(lengths)
        at = np.arange(ends[-1]) + np.repeat(starts - (ends - lengths), lengths)
        return self._tokens[at], lengths

    @classmethod
    def load(cls, folder: Path) -> TokenIndex:
        """Open what a TokenWriter wrote, the token vectors memory-mapped."""
        starts, lengths, weights, width = (
            np.load(folder / f"late.{name}.npy", mmap_mode="r").view(np.ndarray)
            for name in ("starts", "lengths", "weights", "width")
        )
        tokens = np.memmap(folder / TOKENS, dtype=np.int8, mode="r").view(np.ndarray)
        parts = Parts(folder / TOKENS)
        return cls(tokens.reshape(-1, int(width[0])), starts, lengths, weights, parts)


class TokenWriter:
    """Writes a TokenIndex into a folder, passage by passage.

    It needs little memory however many passages there are. `factors`, shape (pieces,), multiply
    each piece's idf.
    """

    def __init__(self, folder: Path, factors: NDArray[np.float32]) -> None:
        self._folder = folder
        self._factors = factors
        self._starts = array("q")
        self._lengths = array("i")
        self._holders = np.zeros(len(factors), dtype=np.int64)
        self._taken = 0
        self._width = 0
        self._file = (folder / TOKENS).open("wb")

    def add(self, tokens: NDArray[np.int8], pieces: NDArray[np.integer[Any]]) -> int:
        """Add a passage and return its row; `pieces` are the numbers of its different pieces."""
        self._starts.append(self._taken)
        self._lengths.append(len(tokens))
        self._taken += len(tokens)
        self._width = tokens.shape[1]
        self._holders[pieces] += 1
        with naming(self._folder / TOKENS):
            self._file.write(tokens.tobytes())
        return len(self._starts) - 1

    def add_again(self, row: int, pieces: NDArray[np.integer[Any]]) -> None:
        """Add a passage with the same text as `row`, without storing its vectors again."""
        self._starts.append(self._starts[row])
        self._lengths.append(self._lengths[row])
        self._holders[pieces] += 1

    def save(self) -> None:
        """Write the arrays beside the token vectors, and close those."""
        self.close()
        write_sums(self._folder / TOKENS)
        weights = piece_weights(self._holders, len(self._starts), self._factors)
        save_array(self._folder / "late.starts.npy", np.array(self._starts, dtype=np.int64))
        save_array(self._folder / "late.lengths.npy", np.array(self._lengths, dtype=np.int32))
        save_array(self._folder / "late.width.npy", np.array([self._width], dtype=np.int64))
        save_array(self._folder / "late.weights.npy", weights)

    def close(self) -> None:
        """Close the file of token vectors."""
        with naming(self._folder / TOKENS):
            self._file.close()


def piece_weights(
    holders: NDArray[np.int64], passages: int, factors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return each piece's idf over the passages, times its factor, shape (pieces,).

    `holders` is the number of passages that have each piece.
    """
    idf = np.log1p((passages - holders + 0.5) / (holders + 0.5))
    return np.asarray(idf * factors, dtype=np.float32)
