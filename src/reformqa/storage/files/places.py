"""Where the reports of a version are stored: in segments that it may share with others.

    segments/<id>/    what is stored of the reports that the version of that id wrote
    segments.json     for each report of a version: its segment, its first row there, its digest

A segment is never changed. It may hold reports that a version does not have, or has otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from reformqa.files import naming

SEGMENTS = "segments"
FILE = f"{SEGMENTS}.json"


class Place(NamedTuple):
    """Where a report is stored: its segment, the row of its first passage there, its digest."""

    segment: str
    first: int
    digest: str


_PLACES = TypeAdapter(dict[str, Place])


class Places:
    """The segments of a version, and which of its rows are which of theirs."""

    def __init__(self, of: Mapping[str, Place], ranges: NDArray[np.int64]) -> None:
        """`of` has a place for each report, and `ranges` its rows, by id: see Columns."""
        self.of = dict(sorted(of.items()))
        self.segments = tuple(sorted({p.segment for p in of.values()}))
        number = {name: n for n, name in enumerate(self.segments)}
        self.size = int((ranges[:, 1] - ranges[:, 0]).sum())
        order = np.lexsort((ranges[:, 1], ranges[:, 0]))  # of an empty report first
        places = list(self.of.values())
        self._starts = ranges[order, 0]
        self._segment = np.array([number[p.segment] for p in places], dtype=np.int64)[order]
        shifts = np.array([p.first for p in places], dtype=np.int64) - ranges[:, 0]
        self._shift = shifts[order]
        self._shifts = dict(zip(self.of, shifts.tolist(), strict=True))
        self._lengths = dict(zip(self.of, (ranges[:, 1] - ranges[:, 0]).tolist(), strict=True))

    def shifts(self, segment: str) -> dict[str, int]:
        """Return what the row in that segment is more than the version's, for its reports."""
        return {i: self._shifts[i] for i, p in self.of.items() if p.segment == segment}

    def split(
        self, rows: NDArray[np.int64]
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the segments of some rows: its number, which of `rows`, and their rows in it."""
        at = np.searchsorted(self._starts, rows, side="right") - 1
        segment, own = self._segment[at], rows + self._shift[at]
        for n in np.unique(segment).tolist():
            which = np.flatnonzero(segment == n)
            yield n, which, own[which]

    def used(self, segment: str) -> int:
        """Return how many rows of that segment the version has."""
        return sum(self._lengths[i] for i in self.shifts(segment))

    def held(self, sizes: Sequence[int]) -> int:
        """Return how many rows of the version are in segments of those sizes."""
        most = dict(zip(self.segments, sizes, strict=True))
        rows = ((p, self._lengths[i]) for i, p in self.of.items())
        return sum(min(length, max(0, most[p.segment] - p.first)) for p, length in rows)


def read_places(folder: Path) -> dict[str, Place]:
    """Return the place of each report of a version."""
    return _PLACES.validate_json((folder / FILE).read_bytes())


def write_places(folder: Path, places: Mapping[str, Place]) -> None:
    """Write the place of each report of a version."""
    with naming(folder / FILE):
        (folder / FILE).write_text(json.dumps(places, sort_keys=True), encoding="utf-8")
