"""The embedding index: a unit vector for each passage, compared by faiss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from reformqa.files import naming
from reformqa.storage.files.parts import Parts, save_array, write_sums
from reformqa.storage.files.places import SEGMENTS, Places
from reformqa.storage.files.rowset import RowSet

#: The file of a segment that is read in parts, and so checked in parts.
VECTORS = "dense.vectors.f32"
_DIMENSIONS = "dense.dimensions.npy"
_CENTRES, _ENDS, _MEMBERS = "dense.centres.npy", "dense.ends.npy", "dense.members.npy"
#: The vectors that are put into clusters together.
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

    Exact up to CLUSTERED passages; beyond, only the members of the nearest clusters are compared
    (Jégou, Douze and Schmid 2011, "Product Quantization for Nearest Neighbor Search", without the
    quantisation).
    """

    def __init__(self, vectors: DenseVectors, clusters: Clusters | None) -> None:
        self._vectors = vectors
        self._clusters = clusters

    @property
    def size(self) -> int:
        """The number of passages that have a vector."""
        return self._vectors.size

    @property
    def is_clustered(self) -> bool:
        """Whether a search looks only at the nearest clusters."""
        return self._clusters is not None

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

        Of equally near ones, the first come first. `vectors` has shape (questions, dimensions);
        `allowed` restricts the search before anything is ranked.
        """
        if self._clusters is None or (allowed is not None and len(allowed) <= compared):
            rows = self._vectors.rows() if allowed is None else allowed.rows()
            return [self._best(v, rows, limit) for v in vectors]
        found = []
        for vector in vectors:
            rows = self._clusters.near(vector, probes)
            found.append(self._best(vector, rows[allowed.holds(rows)] if allowed else rows, limit))
        return found

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of the passages in `rows`, shape (rows, dimensions)."""
        return self._vectors.take(rows)

    def _best(
        self, vector: NDArray[np.float32], rows: NDArray[np.int64], limit: int
    ) -> NDArray[np.int64]:
        cosines = self._vectors.cosines(vector, rows)
        if limit < len(rows):
            least = np.partition(cosines, -limit)[-limit]
            rows, cosines = rows[cosines >= least], cosines[cosines >= least]
        return rows[np.lexsort((rows, -cosines))[:limit]]

    @classmethod
    def load(cls, folder: Path, places: Places) -> DenseIndex:
        """Open what was written of a version, memory-mapped."""
        clusters = Clusters.load(folder) if (folder / _CENTRES).is_file() else None
        return cls(DenseVectors(folder, places), clusters)


class DenseVectors:
    """The vectors of all passages, in the segments of a version."""

    def __init__(self, folder: Path, places: Places) -> None:
        self._places = places
        self._segments = [DenseSegment(folder, name) for name in places.segments]

    @property
    def size(self) -> int:
        """The number of passages that have a vector."""
        return self._places.held([len(segment.vectors) for segment in self._segments])

    def rows(self) -> NDArray[np.int64]:
        """Return all rows."""
        return np.arange(self._places.size, dtype=np.int64)

    def take(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of the passages in `rows`, shape (rows, dimensions)."""
        width = max(segment.vectors.shape[1] for segment in self._segments)
        found = np.zeros((len(rows), width), dtype=np.float32)
        for n, which, own in self._places.split(rows):
            found[which] = self._segments[n].checked(own)[own]
        return found

    def cosines(self, vector: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the cosines of a unit vector with those of the passages in `rows`."""
        found = np.zeros(len(rows), dtype=np.float32)
        vector = np.ascontiguousarray(vector)
        for n, which, own in self._places.split(rows):
            others = self._segments[n].checked(own)
            cosines = np.empty(len(own), dtype=np.float32)
            arrays = (faiss.swig_ptr(a) for a in (cosines, vector, others, own))
            # faiss's stubs lack the function.
            faiss.fvec_inner_products_by_idx(*arrays, len(vector), 1, len(own))  # type: ignore[attr-defined]
            found[which] = cosines
        return found


class DenseSegment:
    """The vectors of the passages of a segment, shape (passages, dimensions)."""

    def __init__(self, folder: Path, segment: str) -> None:
        name = f"{SEGMENTS}/{segment}"
        self._parts = Parts(folder, f"{name}/{VECTORS}")
        (dimensions,) = np.load(folder / name / _DIMENSIONS).tolist()
        # Of the same map: pages in two would count as memory twice.
        vectors = self._parts.bytes.view(np.float32)
        self.vectors: NDArray[np.float32] = vectors.reshape(-1, max(1, dimensions))

    def checked(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return all vectors, of which those in `rows` are known to be as they were written.

        Raises DamagedIndexError if they are not.
        """
        width = self.vectors.strides[0]
        self._parts.check(rows * width, (rows + 1) * width)
        return self.vectors


class Clusters:
    """Rows by the centre that is nearest to them: those of n are `members[ends[n - 1]:ends[n]]`."""

    def __init__(
        self,
        centres: NDArray[np.float32],
        ends: NDArray[np.int64],
        members: NDArray[np.int32],
    ) -> None:
        self._centres = faiss.IndexFlatIP(centres.shape[1])
        self._centres.add(centres)
        self._ends = np.append(0, ends)
        self._members = members

    def near(self, vector: NDArray[np.float32], probes: int) -> NDArray[np.int64]:
        """Return the rows in the `probes` clusters nearest to a vector, in order."""
        _, nearest = self._centres.search(vector[None], min(probes, self._centres.ntotal))
        ranges = (self._members[self._ends[n] : self._ends[n + 1]] for n in nearest[0].tolist())
        return np.sort(np.concatenate(list(ranges))).astype(np.int64)

    @classmethod
    def load(cls, folder: Path) -> Clusters:
        """Open what `write_clusters` wrote."""
        centres, ends = np.load(folder / _CENTRES), np.load(folder / _ENDS)
        return cls(centres, ends, np.load(folder / _MEMBERS, mmap_mode="r").view(np.ndarray))


class DenseWriter:
    """Writes the vectors of a segment into its folder, passage by passage."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._dimensions = 0
        self._file = (folder / VECTORS).open("wb")

    def add(self, vector: NDArray[np.float32]) -> None:
        """Add the unit vector of the next passage."""
        self._dimensions = len(vector)
        with naming(self._folder / VECTORS):
            self._file.write(vector.tobytes())

    def save(self) -> None:
        """Write what is known of the vectors beside them, and close their file."""
        self.close()
        write_sums(self._folder / VECTORS)
        save_array(self._folder / _DIMENSIONS, np.array([self._dimensions], dtype=np.int64))

    def close(self) -> None:
        """Close the file of vectors."""
        with naming(self._folder / VECTORS):
            self._file.close()


def write_clusters(folder: Path, vectors: DenseVectors, clustered_from: int = CLUSTERED) -> None:
    """Put the passages into clusters, if there are so many, and write which are in which."""
    rows = vectors.rows()
    if len(rows) < clustered_from:
        return
    clusters = int(2 * len(rows) ** 0.5)
    sample = vectors.take(_sample(rows, TRAINING * clusters))
    centres = _centres(sample, clusters)
    parts = (vectors.take(r) for r in np.split(rows, range(_TOGETHER, len(rows), _TOGETHER)))
    nearest = np.concatenate([centres.search(part, 1)[1][:, 0] for part in parts])
    members = np.argsort(nearest, kind="stable").astype(np.int32)
    save_array(folder / _CENTRES, centres.reconstruct_n(0, clusters))
    save_array(folder / _ENDS, np.cumsum(np.bincount(nearest, minlength=clusters)))
    save_array(folder / _MEMBERS, members)


def _sample(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return at most so many rows, drawn alike in every build of their number."""
    if most >= len(rows):
        return rows
    return np.sort(np.random.default_rng(len(rows)).choice(len(rows), most, replace=False))


def _centres(sample: NDArray[np.float32], clusters: int) -> Any:  # faiss's stubs lack its fields
    centres = faiss.IndexFlatIP(sample.shape[1])
    kind = faiss.METRIC_INNER_PRODUCT
    index: Any = faiss.IndexIVFFlat(centres, sample.shape[1], clusters, kind)
    index.cp.max_points_per_centroid = TRAINING
    index.cp.min_points_per_centroid = 1
    index.train(sample)
    return centres
