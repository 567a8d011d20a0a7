"""Okapi BM25 as rank-bm25 defines it, on arrays.

Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", with a floor for the idf of
very common terms.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

_DEFAULTS = inspect.signature(BM25Okapi).parameters
K1, B, EPSILON = (float(_DEFAULTS[name].default) for name in ("k1", "b", "epsilon"))


def idf_of(holders: NDArray[np.integer[Any]], passages: int) -> NDArray[np.float64]:
    """Return the idf of terms that so many of the passages hold, shape (terms,)."""
    idf = np.log(passages - holders + 0.5) - np.log(holders + 0.5)
    floor = EPSILON * idf.mean() if len(idf) else 0.0
    return np.where(idf < 0, floor, idf)


def parts_of(
    counts: NDArray[np.integer[Any]], lengths: NDArray[np.integer[Any]] | int, average: float
) -> NDArray[np.float64]:
    """Return the weight of terms divided by their idf.

    `counts` are how often each occurs in a passage of that length; `average` is the length of an
    average passage.
    """
    times = counts.astype(np.float64)
    return times * (K1 + 1) / (times + K1 * (1 - B + B * lengths / average))
