"""The embedding leg agrees with numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reformqa.dense import DenseIndex

Vectors = NDArray[np.float32]


def unit_vectors(count: int, seed: int) -> Vectors:
    made = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_are_those_that_numpy_ranks_first(seed: int):
    vectors, question = unit_vectors(80, seed), unit_vectors(1, 100 + seed)[0]
    rows, cosines = DenseIndex.build(vectors).nearest(question, 12)
    expected = np.argsort(-(vectors @ question))[:12]
    assert rows.tolist() == expected.tolist()
    assert np.allclose(cosines, (vectors @ question)[expected], atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_only_the_allowed_are_ranked(seed: int):
    vectors, question = unit_vectors(80, seed), unit_vectors(1, 100 + seed)[0]
    allowed = np.arange(seed, 80, 7, dtype=np.int64)
    rows, cosines = DenseIndex.build(vectors).nearest(question, 5, allowed)
    expected = allowed[np.argsort(-(vectors[allowed] @ question))[:5]]
    assert rows.tolist() == expected.tolist()
    assert np.allclose(cosines, (vectors @ question)[expected], atol=1e-6)


def test_no_more_are_given_than_there_are():
    vectors = unit_vectors(4, 1)
    index = DenseIndex.build(vectors)
    every, _ = index.nearest(vectors[0], 10)
    some, _ = index.nearest(vectors[0], 10, np.array([1, 3], dtype=np.int64))
    assert (sorted(every.tolist()), sorted(some.tolist())) == ([0, 1, 2, 3], [1, 3])


def test_cosines_are_dot_products_in_the_order_asked():
    vectors, question = unit_vectors(30, 2), unit_vectors(1, 3)[0]
    rows = np.array([7, 2, 29, 7], dtype=np.int64)
    cosines = DenseIndex.build(vectors).cosines(question, rows)
    assert np.allclose(cosines, [vectors[n] @ question for n in (7, 2, 29, 7)], atol=1e-6)


def test_cosines_of_no_row_are_none():
    found = DenseIndex.build(unit_vectors(3, 4)).cosines(
        unit_vectors(1, 5)[0], np.array([], dtype=np.int64)
    )
    assert found.tolist() == []


def test_a_saved_index_gives_the_same_answers(tmp_path: Path):
    vectors, question = unit_vectors(30, 6), unit_vectors(1, 7)[0]
    built = DenseIndex.build(vectors)
    built.save(tmp_path)
    loaded = DenseIndex.load(tmp_path)
    rows = np.array([4, 0, 11], dtype=np.int64)
    assert loaded.size == 30
    assert [x.tolist() for x in loaded.nearest(question, 9)] == [
        x.tolist() for x in built.nearest(question, 9)
    ]
    assert loaded.cosines(question, rows).tolist() == built.cosines(question, rows).tolist()
