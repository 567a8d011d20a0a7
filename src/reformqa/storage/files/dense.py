"""The embedding index: a unit vector for each passage, searched with faiss."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from reformqa.storage.files.rowset import RowSet

_FILE = "dense.faiss"

#: From this many passages on, a search looks only at the nearest clusters. docs/figures.md shows
#: what that saves.
CLUSTERED = 30_000
#: The clusters that a search looks at.
PROBES = 48
#: If filters leave at most this many passages, all are compared: clusters could miss them.
COMPARED = 20_000


class DenseIndex:
    """Inner-product search over unit vectors, hence cosines.

    Exact up to CLUSTERED passages; beyond, faiss's inverted file (Jégou, Douze and Schmid 2011,
    "Product Quantization for Nearest Neighbor Search", without the quantisation).
    """

    def __init__(self, index: Any) -> None:  # faiss's stubs know only its base class
        self._index = index
        self._clustered = isinstance(index, faiss.IndexIVFFlat)
        if self._clustered:
            index.make_direct_map()

    @classmethod
    def build(cls, vectors: NDArray[np.float32], clustered_from: int = CLUSTERED) -> DenseIndex:
        """Index `vectors`, shape (passages, dimensions), with rows of length 1."""
        passages, dimensions = vectors.shape
        vectors = np.ascontiguousarray(vectors)
        if passages < clustered_from:
            flat: Any = faiss.IndexFlatIP(dimensions)
            flat.add(vectors)
            return cls(flat)
        clusters = int(2 * passages**0.5)
        index: Any = faiss.IndexIVFFlat(
            faiss.IndexFlatIP(dimensions), dimensions, clusters, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.max_points_per_centroid = 64  # more would only cost time
        index.cp.min_points_per_centroid = 1
        index.train(vectors)
        index.add(vectors)
        return cls(index)

    @property
    def size(self) -> int:
        """The number of passages."""
        return int(self._index.ntotal)

    def nearest(
        self,
        vectors: NDArray[np.float32],
        limit: int,
        allowed: RowSet | None = None,
        *,
        compared: int = COMPARED,
        probes: int = PROBES,
    ) -> list[NDArray[np.int64]]:
        """Return the rows of the `limit` passages nearest to each vector, best first.

        `vectors` has shape (questions, dimensions); `allowed` restricts the search before
        anything is ranked.
        """
        if allowed is not None and len(allowed) <= compared:
            rows = allowed.rows()
            return [self._compared(v, rows, limit) for v in vectors]
        parameters = self._restricted(allowed, probes)
        _, found = self._index.search(vectors, min(limit, self.size), params=parameters)
        return [rows[rows >= 0] for rows in found]

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of the passages in `rows`, shape (rows, dimensions)."""
        if not len(rows):
            return np.zeros((0, self._index.d), dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32)

    def _compared(
        self, vector: NDArray[np.float32], rows: NDArray[np.int64], limit: int
    ) -> NDArray[np.int64]:
        cosines = self.vectors(rows) @ vector
        return rows[np.argsort(-cosines, kind="stable")[:limit]]

    def _restricted(self, allowed: RowSet | None, probes: int) -> Any:
        options: dict[str, Any] = {}
        if allowed is not None:
            options["sel"] = faiss.IDSelectorBitmap(allowed.bits)  # type: ignore[call-arg, arg-type]
        if self._clustered:
            options["nprobe"] = min(probes, self._index.nlist)
            return faiss.SearchParametersIVF(**options)
        return faiss.SearchParameters(**options)

    def save(self, folder: Path) -> None:
        """Write the index into `folder`. Raises OSError if it cannot be written whole."""
        try:
            faiss.write_index(self._index, str(folder / _FILE))
        except RuntimeError as error:  # what faiss raises on a full disk, too
            raise OSError(errno.EIO, str(error), str(folder / _FILE)) from error

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Open what `save` wrote, memory-mapped."""
        return cls(faiss.read_index(str(folder / _FILE), faiss.IO_FLAG_MMAP))
