"""What filters and grouping look at: for each report, kind of section and passage."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Passage, ReportInfo, SectionKind
from reformqa.storage.base import Filters
from reformqa.storage.files.bm25 import Bm25Index
from reformqa.storage.files.parts import save_array
from reformqa.storage.files.records import Records
from reformqa.storage.files.rowset import RowSet
from reformqa.storage.filtering import has_phrase, has_run, matches_report
from reformqa.text.tokens import plain_terms, tokens

_STATEMENTS, _ORDER = "statements.npy", "statements.order.npy"
_REPORTS, _SECTIONS = "reports.npy", "sections.npy"
_KINDS: tuple[str, ...] = get_args(SectionKind)
#: The set of the passages that recommend comes after those of the kinds.
_RECOMMENDS = len(_KINDS)


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of rows without reading their records.

    `statement`, shape (passages,), is equal for passages whose paragraphs state the same; `order`,
    of the same shape, are the rows by their statement.
    `reports`, shape (reports, 2), are the first row of each report, by id, and the one behind its
    last. `sections`, shape (kinds and one more, bytes), are the bits of a RowSet for each kind of
    section, and for the passages that recommend.
    """

    statement: NDArray[np.int32]
    order: NDArray[np.int64]
    reports: NDArray[np.int64]
    sections: NDArray[np.uint8]

    @classmethod
    def load(cls, folder: Path) -> Columns:
        """Open what `save` wrote, memory-mapped."""
        names = _STATEMENTS, _ORDER, _REPORTS, _SECTIONS
        return cls(*(np.load(folder / name, mmap_mode="r").view(np.ndarray) for name in names))

    @property
    def size(self) -> int:
        """The number of passages."""
        return len(self.statement)

    @property
    def section_kinds(self) -> tuple[str, ...]:
        """The kinds of section that have passages, sorted."""
        return tuple(
            sorted(k for k, bits in zip(_KINDS, self.sections, strict=False) if bits.any())
        )

    def stating(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of the statements of those numbers, in order."""
        own = np.unique(numbers).astype(np.int32)
        first = np.searchsorted(self.statement, own, "left", self.order)
        end = np.searchsorted(self.statement, own, "right", self.order)
        ranges = (self.order[a:b] for a, b in zip(first.tolist(), end.tolist(), strict=True))
        return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *ranges]))

    def in_sections(self, kinds: tuple[str, ...]) -> RowSet:
        """Return the rows in sections of those kinds."""
        known = [_KINDS.index(k) for k in kinds if k in _KINDS]
        return RowSet(np.bitwise_or.reduce(self.sections[known], axis=0), self.size)

    @property
    def recommends(self) -> RowSet:
        """The rows that recommend."""
        return RowSet(self.sections[_RECOMMENDS], self.size)


class ColumnsWriter:
    """Collects the columns, report by report and passage by passage."""

    def __init__(self) -> None:
        self._starts: dict[str, int] = {}
        self._statements = array("i")
        self._kinds = bytearray()
        self._recommends = bytearray()

    def begin(self, report_id: str) -> None:
        """Begin a report, whose passages come next."""
        self._starts[report_id] = len(self._statements)

    def add(self, passage: Passage, kind: SectionKind, statement: int) -> None:
        """Add the next passage, in a section of that kind."""
        self._statements.append(statement)
        self._kinds.append(_KINDS.index(kind))
        self._recommends.append(passage.recommends)

    def save(self, folder: Path) -> None:
        """Write the columns."""
        statements = np.array(self._statements, dtype=np.int32)
        save_array(folder / _STATEMENTS, statements)
        save_array(folder / _ORDER, np.argsort(statements, kind="stable"))
        starts = list(self._starts.values())
        ends = dict(zip(self._starts, [*starts[1:], len(self._statements)], strict=False))
        ranges = [(self._starts[i], ends[i]) for i in sorted(ends)]
        save_array(folder / _REPORTS, np.array(ranges, dtype=np.int64).reshape(-1, 2))
        kinds = np.frombuffer(self._kinds, dtype=np.uint8)
        sets = [RowSet.where(kinds == n).bits for n in range(len(_KINDS))]
        recommends = np.frombuffer(self._recommends, dtype=np.bool_)
        save_array(folder / _SECTIONS, np.stack([*sets, RowSet.where(recommends).bits]))


def compile_filters(
    where: Filters,
    columns: Columns,
    reports: Mapping[str, ReportInfo],
    bm25: Bm25Index,
    records: Records,
) -> RowSet | None:
    """Return the rows that a filter leaves, or None if it leaves all."""
    size = columns.size
    of_report = np.array([matches_report(where, r) for r in reports.values()], dtype=np.bool_)
    left = RowSet.between(columns.reports[of_report], size)
    if where.section:
        left &= columns.in_sections(where.section)
    if where.recommendations_only:
        left &= columns.recommends
    if where.terms:
        left &= RowSet.of(bm25.with_all(where.terms), size)
    for phrase in where.phrases:
        rows = _in(left, bm25.with_all(plain_terms(phrase)))
        passages = zip(rows, records.passages(rows), strict=True)
        left = RowSet.of([n for n, p in passages if has_phrase(p.text, phrase)], size)
    for run in where.runs:
        rows = _in(left, bm25.with_all(tokens(run)))
        passages = zip(rows, records.passages(rows), strict=True)
        left = RowSet.of([n for n, p in passages if has_run(p.indexed, run)], size)
    return None if len(left) == size else left


def _in(left: RowSet, rows: NDArray[np.int64]) -> list[int]:
    found: list[int] = rows[left.holds(rows)].tolist()
    return found
