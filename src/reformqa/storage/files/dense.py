"""The embedding index: a unit vector for each passage, searched with faiss."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from reformqa.files import naming
from reformqa.storage.files.rowset import RowSet

_FILE = "dense.faiss"
_VECTORS = "dense.vectors"
#: The vectors that are added together.
_TOGETHER = 10_000

#: From this many passages on, a search looks only at the nearest clusters. docs/figures.md shows
#: what that saves.
CLUSTERED = 30_000
#: The clusters that a search looks at.
PROBES = 48
#: The vectors that clusters are made from, for each cluster; more would only cost time.
TRAINING = 64
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

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Open what a DenseWriter wrote, memory-mapped."""
        return cls(faiss.read_index(str(folder / _FILE), faiss.IO_FLAG_MMAP))


class DenseWriter:
    """Writes a DenseIndex into a folder, passage by passage.

    The vectors wait in a file; memory has them once, in the finished index.
    """

    def __init__(self, folder: Path, clustered_from: int = CLUSTERED) -> None:
        self._folder = folder
        self._clustered_from = clustered_from
        self._size = 0
        self._dimensions = 0
        with naming(folder / _VECTORS):
            self._file = (folder / _VECTORS).open("w+b")

    def add(self, vector: NDArray[np.float32]) -> int:
        """Add the unit vector of the next passage, and return its row."""
        self._dimensions = len(vector)
        self._size += 1
        with naming(self._folder / _VECTORS):
            self._file.write(vector.tobytes())
        return self._size - 1

    def save(self) -> None:
        """Write the index. Raises OSError if it cannot be written whole."""
        with naming(self._folder / _VECTORS):
            self._file.flush()
        index = self._clustered() if self._size >= self._clustered_from else self._flat()
        self.close()
        try:
            faiss.write_index(index, str(self._folder / _FILE))
        except RuntimeError as error:  # what faiss raises on a full disk, too
            raise OSError(errno.EIO, str(error), str(self._folder / _FILE)) from error

    def close(self) -> None:
        """Close and remove the file of the vectors; closing again does nothing."""
        with naming(self._folder / _VECTORS):
            self._file.close()
            (self._folder / _VECTORS).unlink(missing_ok=True)

    def _flat(self) -> Any:
        index = faiss.IndexFlatIP(self._dimensions)
        for _, vectors in self._read():
            index.add(vectors)
        return index

    def _clustered(self) -> Any:
        centres = faiss.IndexFlatIP(self._dimensions)
        clusters = int(2 * self._size**0.5)
        kind = faiss.METRIC_INNER_PRODUCT
        index: Any = faiss.IndexIVFFlat(centres, self._dimensions, clusters, kind)
        index.cp.max_points_per_centroid = TRAINING
        index.cp.min_points_per_centroid = 1
        index.train(self._sample(TRAINING * clusters))
        nearest = np.concatenate([centres.search(v, 1)[1][:, 0] for _, v in self._read()])
        # Lists that grow would take up to twice the room: each is given its own beforehand.
        for n, size in enumerate(np.bincount(nearest, minlength=clusters).tolist()):
            index.invlists.resize(n, size)
            index.invlists.resize(n, 0)
        for start, vectors in self._read():
            own = nearest[start : start + len(vectors)]
            places = faiss.swig_ptr(vectors), None, faiss.swig_ptr(own)
            index.add_core(len(vectors), *places)
        return index

    def _read(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield the vectors in parts, each with the row of its first."""
        for start in range(0, self._size, _TOGETHER):
            count = min(_TOGETHER, self._size - start)
            yield start, self._vectors(start, count)

    def _sample(self, most: int) -> NDArray[np.float32]:
        """Return at most so many of the vectors, drawn alike in every build of their number."""
        if most >= self._size:
            return self._vectors(0, self._size)
        rows = np.random.default_rng(self._size).choice(self._size, most, replace=False)
        return np.concatenate([self._vectors(row, 1) for row in np.sort(rows).tolist()])

    def _vectors(self, start: int, count: int) -> NDArray[np.float32]:
        width = self._dimensions
        self._file.seek(4 * start * width)
        found = np.fromfile(self._file, dtype=np.float32, count=count * width)
        return found.reshape(count, width)
