"""A set of rows is as a set of numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reformqa.storage.files.rowset import RowSet

SIZE = 21
ROWS = st.sets(st.integers(0, SIZE - 1))


def rowset(rows: set[int]) -> RowSet:
    return RowSet.of(sorted(rows), SIZE)


@given(ROWS, ROWS)
def test_it_joins_and_meets_others_as_sets_do(one: set[int], other: set[int]):
    for found, expected in (
        (rowset(one), one),
        (rowset(one) & rowset(other), one & other),
        (rowset(one) | rowset(other), one | other),
    ):
        assert found.rows().tolist() == sorted(expected)
        assert len(found) == len(expected)


@given(ROWS, st.lists(st.integers(0, SIZE - 1)))
def test_it_holds_its_rows(rows: set[int], asked: list[int]):
    for kind in (np.int32, np.int64):
        held = rowset(rows).holds(np.array(asked, dtype=kind))
        assert held.tolist() == [row in rows for row in asked]


@given(st.lists(st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(sorted), max_size=4))
def test_it_is_what_ranges_cover(ranges: list[list[int]]):
    found = RowSet.between(np.array(ranges, dtype=np.int64).reshape(-1, 2), SIZE)
    assert found.rows().tolist() == sorted({n for start, end in ranges for n in range(start, end)})
