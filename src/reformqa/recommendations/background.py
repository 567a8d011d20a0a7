"""What the vectors of a library's recommendations have in common, which tells none from another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: The zero vectors counted in the mean. The mean of a few recommendations is no background: of one
#: alone it would leave nothing.
PRIOR = 8


def background(
    vectors: NDArray[np.float64], weight: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the weighted mean of unit rows, drawn to zero if they are few, shape (dimensions,)."""
    own = np.ones(len(vectors)) if weight is None else weight
    return np.asarray(own @ vectors / (own.sum() + PRIOR), dtype=np.float64)


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the vectors scaled to length 1; zero vectors stay as they are."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1), dtype=np.float64)


def distinct(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return unit rows of what is left of the vectors without their background."""
    exact = np.asarray(vectors, dtype=np.float64)
    return unit(exact - background(exact))


@dataclass(frozen=True, slots=True)
class Field:
    """Recommendations without their background, to be grouped.

    `vectors` are unit rows after subtracting the `mean`. Near copies share a `statement` number;
    the `weight` of each is one over their number.
    """

    vectors: NDArray[np.float64]
    mean: NDArray[np.float64]
    statement: NDArray[np.int64]
    weight: NDArray[np.float64]
    publisher: Sequence[str]

    def held(self, rows: Iterable[int]) -> float:
        """Return the number of statements in the rows, each copy counting as a part."""
        return float(self.weight[list(rows)].sum())

    def less_mean(self, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return unit rows of what is left of other vectors without the mean of these."""
        return unit(np.asarray(vectors, dtype=np.float64) - self.mean)


def make_field(
    vectors: NDArray[np.float32], publishers: Sequence[str], copies_from: float
) -> Field:
    """Return the recommendations of these unit rows; from the cosine `copies_from`, copies."""
    exact = np.asarray(vectors, dtype=np.float64)
    statement = np.full(len(exact), -1)
    for row in range(len(exact)):
        if statement[row] < 0:
            copies = (exact @ exact[row] >= copies_from) & (statement < 0)
            copies[row] = True  # a zero vector is not even near itself
            statement[copies] = row
    weight = 1 / np.bincount(statement)[statement]
    mean = background(exact, weight)
    return Field(unit(exact - mean), mean, statement, weight, publishers)
