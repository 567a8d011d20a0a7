"""Where the passages of a version are: positions in the library's order, and places of rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from reformqa.errors import DamagedIndexError
from reformqa.model import SectionKind
from reformqa.storage.milvus.schema import NUMBER_BITS, revision
from reformqa.storage.milvus.server import numbers
from reformqa.storage.milvus.tables import Tables

KINDS: tuple[str, ...] = get_args(SectionKind)


class Layout:
    """The positions and places of a version's passages."""

    def __init__(self, tables: Tables) -> None:
        self._entries = tables.entries
        self._head = tables.head
        counts = [e.passages for e in tables.entries]
        self.size = sum(counts)
        #: The report of each passage, as a position among the entries, shape (passages,).
        self.report = np.repeat(np.arange(len(counts)), counts)
        self._starts = np.cumsum([0, *counts])
        self._revisions = np.array([e.revision for e in tables.entries], dtype=np.int64)
        self._order = np.argsort(self._revisions)
        self._sorted = self._revisions[self._order]

    def places(self, positions: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the keys of the rows of passages."""
        at = np.asarray(positions, dtype=np.int64)
        of = self.report[at]
        places = (self._revisions[of] << NUMBER_BITS) | (at - self._starts[of])
        return np.asarray(places, dtype=np.int64)

    def positions(self, places: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the positions of rows. Raises DamagedIndexError if one is of another version."""
        at = np.asarray(places, dtype=np.int64)
        own, number = at >> NUMBER_BITS, at & ((1 << NUMBER_BITS) - 1)
        near = np.minimum(np.searchsorted(self._sorted, own), len(self._sorted) - 1)
        if (self._sorted[near] != own).any():
            raise DamagedIndexError(
                f"Rows of another version than {self._head.build.id} were found. Run `reformqa"
                " rebuild --force` to replace it."
            )
        return np.asarray(self._starts[self._order[near]] + number, dtype=np.int64)

    def has(self, revision: int) -> bool:
        """Return whether a revision's rows belong to the version."""
        return revision in self._known

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(self._revisions.tolist())

    @cached_property
    def within(self) -> str:
        """The expression that leaves the rows of this version: no later ones, no others."""
        until = f"revision < {revision(self._head.number + 1, 0)}"
        others = self._head.not_here
        return f"{until} and revision not in {numbers(others)}" if others else until
