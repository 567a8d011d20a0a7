"""What the vectors of a library's recommendations have in common, which tells none from another."""

from __future__ import annotations

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
