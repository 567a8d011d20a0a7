"""Records sorted on the disk come as `sorted` gives them, whatever the size of a run."""

from __future__ import annotations

import tempfile
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa.sorted_runs import SortedRuns

RECORDS = st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 100)), max_size=6)


@given(st.lists(RECORDS, max_size=6), st.sampled_from([1, 2, 7, 1_000]))
def test_records_come_in_the_order_of_keys_and_then_as_they_were_added(
    added: list[list[tuple[int, int]]], run: int
):
    with tempfile.TemporaryDirectory() as name:
        with closing(SortedRuns(Path(name), np.int64, np.int16, run=run)) as runs:
            for records in added:
                runs.add(*np.array(records, dtype=np.int64).reshape(-1, 2).T)
            parts = [(keys.tolist(), values.tolist()) for keys, values in runs.merged()]
        assert not list(Path(name).iterdir())
    found = [record for keys, values in parts for record in zip(keys, values, strict=True)]
    assert found == sorted([r for records in added for r in records], key=lambda r: r[0])
    for (before, _), (after, _) in pairwise(parts):
        assert before[-1] < after[0]


def test_parts_are_about_as_large_as_runs(tmp_path: Path):
    keys = np.random.default_rng(1).integers(0, 2**60, size=20_000)
    with closing(SortedRuns(tmp_path, np.int64, run=1_000)) as runs:
        for some in np.split(keys, 100):
            runs.add(some)
        parts = [len(part) for (part,) in runs.merged()]
    assert sum(parts) == 20_000
    assert len(parts) == 20
    assert max(parts) < 1_500


@pytest.mark.parametrize("run", [1, 100])
def test_nothing_comes_of_nothing(tmp_path: Path, run: int):
    with closing(SortedRuns(tmp_path, np.int32, np.int32, run=run)) as runs:
        runs.add(np.array([]), np.array([]))
        assert list(runs.merged()) == []
