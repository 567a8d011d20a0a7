"""The embedding index agrees with numpy: exactly while flat, nearly when clustered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from numpy.typing import NDArray

from reformqa.storage.files import dense
from reformqa.storage.files.dense import (
    CLUSTERED,
    DenseIndex,
    DenseVectors,
    DenseWriter,
    write_clusters,
)
from reformqa.storage.files.places import SEGMENTS, Place, Places
from reformqa.storage.files.rowset import RowSet

Vectors = NDArray[np.float32]


def units(made: NDArray[np.floating]) -> Vectors:
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def unit_vectors(count: int, seed: int) -> Vectors:
    return units(np.random.default_rng(seed).normal(size=(count, 16)))


def in_clusters(count: int, seed: int) -> tuple[Vectors, Vectors]:
    """Vectors around 60 centres, and 50 questions around the same."""
    draw = np.random.default_rng(seed)
    centres = draw.normal(size=(60, 32))
    near = centres[draw.integers(60, size=count + 50)]
    made = units(near + 0.5 * draw.normal(size=near.shape))
    return made[:count], made[count:]


def indexed(vectors: Vectors, clustered_from: int = CLUSTERED) -> DenseIndex:
    """The index of vectors, as it is written and opened."""
    with TemporaryDirectory() as name:
        return written(Path(name), [vectors], clustered_from)


def written(
    folder: Path, segments: Sequence[Vectors], clustered_from: int = CLUSTERED
) -> DenseIndex:
    """The index of vectors that are in segments of a folder, one report in each."""
    sizes = list(map(len, segments))
    for n, vectors in enumerate(segments):
        own = folder / SEGMENTS / f"{n}"
        own.mkdir(parents=True)
        writer = DenseWriter(own)
        for vector in vectors:
            writer.add(vector)
        writer.save()
    ends = np.cumsum(sizes)
    ranges = np.stack([ends - sizes, ends], axis=1)
    places = Places({f"{n}": Place(f"{n}", 0, "") for n in range(len(segments))}, ranges)
    write_clusters(folder, DenseVectors(folder, places), clustered_from)
    return DenseIndex.load(folder, places)


def slow_nearest(
    vectors: Vectors, question: Vectors, limit: int, allowed: NDArray[np.bool_] | None = None
) -> list[int]:
    rows = range(len(vectors)) if allowed is None else np.flatnonzero(allowed)
    cosines = {int(row): float(vectors[row] @ question) for row in rows}
    return sorted(cosines, key=lambda row: -cosines[row])[:limit]


def recall(found: list[NDArray[np.int64]], expected: list[list[int]]) -> float:
    shared = sum(len(set(f.tolist()) & set(e)) for f, e in zip(found, expected, strict=True))
    return shared / sum(map(len, expected))


@pytest.fixture(scope="module")
def clustered() -> tuple[DenseIndex, Vectors, Vectors]:
    """A clustered index of 3,000 vectors, the vectors, and questions."""
    vectors, questions = in_clusters(3_000, 1)
    return indexed(vectors, clustered_from=1_000), vectors, questions


# ---- flat ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_are_those_that_numpy_ranks_first(seed: int):
    vectors, questions = unit_vectors(80, seed), unit_vectors(3, 100 + seed)
    found = indexed(vectors).nearest(questions, 12)
    assert [f.tolist() for f in found] == [slow_nearest(vectors, q, 12) for q in questions]


@pytest.mark.parametrize("compared", [0, 1_000])
@pytest.mark.parametrize("seed", range(5))
def test_only_the_allowed_are_ranked(seed: int, compared: int):
    vectors, questions = unit_vectors(83, seed), unit_vectors(3, 100 + seed)
    allowed = np.random.default_rng(seed).random(83) < 0.3
    found = indexed(vectors).nearest(questions, 12, RowSet.where(allowed), compared=compared)
    assert [f.tolist() for f in found] == [slow_nearest(vectors, q, 12, allowed) for q in questions]


@pytest.mark.parametrize("compared", [0, 1_000])
def test_no_more_are_given_than_there_are(compared: int):
    vectors = unit_vectors(4, 1)
    index = indexed(vectors)
    (every,) = index.nearest(vectors[:1], 10, compared=compared)
    (some,) = index.nearest(vectors[:1], 10, RowSet.of([1, 3], 4), compared=compared)
    (none,) = index.nearest(vectors[:1], 10, RowSet.of([], 4), compared=compared)
    assert (sorted(every), sorted(some), sorted(none)) == ([0, 1, 2, 3], [1, 3], [])


def test_an_index_is_clustered_from_so_many_passages_on():
    vectors, questions = in_clusters(400, 2)
    expected = [slow_nearest(vectors, q, 10) for q in questions]
    flat = indexed(vectors, clustered_from=401).nearest(questions, 10)
    assert [f.tolist() for f in flat] == expected
    assert not indexed(vectors, clustered_from=401).is_clustered
    assert indexed(vectors, clustered_from=400).is_clustered


# ---- clustered ----------------------------------------------------------------------------------


def test_clusters_miss_little(clustered: tuple[DenseIndex, Vectors, Vectors]):
    index, vectors, questions = clustered
    found = index.nearest(questions, 10)
    assert all(len(set(f.tolist())) == 10 for f in found)
    assert recall(found, [slow_nearest(vectors, q, 10) for q in questions]) > 0.95


def test_more_probes_find_more(clustered: tuple[DenseIndex, Vectors, Vectors]):
    index, vectors, questions = clustered
    expected = [slow_nearest(vectors, q, 10) for q in questions]
    one, usual = (recall(index.nearest(questions, 10, probes=n), expected) for n in (1, 48))
    assert 0.1 < one < usual


def test_what_clusters_give_is_ranked_by_cosine(clustered: tuple[DenseIndex, Vectors, Vectors]):
    index, vectors, questions = clustered
    for rows, question in zip(index.nearest(questions, 30), questions, strict=True):
        cosines = vectors[rows] @ question
        assert (np.diff(cosines) <= 1e-6).all()


@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.9])
@pytest.mark.parametrize("compared", [0, 100, 5_000])
def test_clusters_give_none_but_the_allowed(
    clustered: tuple[DenseIndex, Vectors, Vectors],
    share: float,
    compared: int,
):
    index, vectors, questions = clustered
    allowed = np.random.default_rng(5).random(len(vectors)) < share
    found = index.nearest(questions, 10, RowSet.where(allowed), compared=compared)
    assert all(allowed[rows].all() for rows in found)
    assert all(len(set(rows.tolist())) == len(rows) <= 10 for rows in found)
    expected = [slow_nearest(vectors, q, 10, allowed) for q in questions]
    if allowed.sum() <= compared:
        assert [f.tolist() for f in found] == expected
    elif share >= 0.3:
        assert recall(found, expected) > 0.95


def test_few_allowed_far_away_are_found_all_the_same(
    clustered: tuple[DenseIndex, Vectors, Vectors],
):
    """Clusters alone would miss them."""
    index, vectors, questions = clustered
    allowed = np.zeros(len(vectors), dtype=np.bool_)
    farthest = np.argsort(vectors @ questions[0])[:5]
    allowed[farthest] = True
    (found,) = index.nearest(questions[:1], 10, RowSet.where(allowed))
    assert found.tolist() == slow_nearest(vectors, questions[0], 10, allowed)


# ---- both ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("clustered_from", [100, 1_000])
@pytest.mark.parametrize("compared", [0, 1_000])
def test_questions_together_are_answered_as_one_by_one(clustered_from: int, compared: int):
    vectors, questions = in_clusters(500, 3)
    index = indexed(vectors, clustered_from=clustered_from)
    allowed = RowSet.where(np.arange(500) % 3 > 0)
    for mask in (None, allowed):
        together = index.nearest(questions, 7, mask, compared=compared)
        alone = [index.nearest(q[None], 7, mask, compared=compared)[0] for q in questions]
        assert [t.tolist() for t in together] == [a.tolist() for a in alone]


@pytest.mark.parametrize("clustered_from", [10, 1_000])
def test_vectors_are_returned_in_the_order_asked(clustered_from: int):
    vectors = unit_vectors(300, 2)
    rows = np.array([7, 2, 299, 7, 0], dtype=np.int64)
    index = indexed(vectors, clustered_from=clustered_from)
    assert index.size == 300
    assert np.array_equal(index.vectors(rows), vectors[rows])


@pytest.mark.parametrize("clustered_from", [2, 1_000])
def test_no_row_has_no_vector(clustered_from: int):
    index = indexed(unit_vectors(30, 4), clustered_from=clustered_from)
    assert index.vectors(np.array([], dtype=np.int64)).shape == (0, 16)


def test_clusters_are_made_from_some_of_the_vectors(monkeypatch: pytest.MonkeyPatch):
    """Four for each of 126 clusters, and yet little is missed."""
    monkeypatch.setattr(dense, "TRAINING", 4)
    vectors, questions = in_clusters(4_000, 9)
    index = indexed(vectors, clustered_from=1_000)
    assert np.array_equal(index.vectors(np.arange(4_000)), vectors)
    expected = [slow_nearest(vectors, q, 10) for q in questions]
    assert recall(index.nearest(questions, 10), expected) > 0.9


def test_equal_vectors_make_equal_files(tmp_path: Path):
    vectors, _ = in_clusters(400, 5)
    files = []
    for name in ("one", "other"):
        written(tmp_path / name, [vectors], clustered_from=100)
        every = sorted(f for f in (tmp_path / name).rglob("*") if f.is_file())
        files.append([(f.name, f.read_bytes()) for f in every])
    assert files[0] == files[1]
    assert "dense.members.npy" in dict(files[0])


@pytest.mark.parametrize("clustered_from", [100, 1_000])
def test_vectors_in_segments_are_found_as_those_in_one(tmp_path: Path, clustered_from: int):
    vectors, questions = in_clusters(500, 7)
    vectors = np.concatenate([vectors[:200], vectors[:100], vectors[200:]])  # some are equal
    parts = [vectors[:3], vectors[3:3], vectors[3:290], vectors[290:]]
    apart = written(tmp_path / "apart", parts, clustered_from)
    whole = written(tmp_path / "whole", [vectors], clustered_from)
    assert apart.size == whole.size == 600
    every = np.arange(600)
    assert np.array_equal(apart.vectors(every), vectors)
    for allowed in (None, RowSet.where(every % 3 > 0)):
        for compared in (0, 1_000):
            found = [i.nearest(questions, 9, allowed, compared=compared) for i in (apart, whole)]
            assert [f.tolist() for f in found[0]] == [f.tolist() for f in found[1]]
