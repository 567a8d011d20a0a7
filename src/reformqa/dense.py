"""The embedding leg: a unit vector for each passage, searched with faiss."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

_FILE = "dense.faiss"


class DenseIndex:
    """Exact inner-product search over unit vectors, hence cosines."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> DenseIndex:
        """Index `vectors`, shape (passages, dimensions), rows of length 1."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors))
        return cls(index)

    @property
    def size(self) -> int:
        """How many passages it holds."""
        return int(self._index.ntotal)

    def nearest(
        self, vector: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows and cosines of the `limit` nearest passages, best first.

        `allowed` restricts the search to those rows before anything is ranked.
        """
        selector = None
        if allowed is not None:
            selector = faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed))  # type: ignore[call-arg]
        scores, rows = self._index.search(vector.reshape(1, -1), limit, params=selector)
        found = rows[0] >= 0
        return rows[0][found], scores[0][found]

    def cosines(self, vector: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The cosines of the passages in `rows`, in that order."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        vectors: NDArray[np.float32] = self._index.reconstruct_batch(rows)
        return np.asarray(vectors @ vector, dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write the index into `folder`."""
        faiss.write_index(self._index, str(folder / _FILE))

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Open what `save` wrote, memory-mapped."""
        return cls(faiss.read_index(str(folder / _FILE), faiss.IO_FLAG_MMAP))
