"""What filters and grouping look at, as arrays with a number for each passage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Passage, ReportInfo, SectionKind
from reformqa.storage.base import Filters
from reformqa.storage.files.bm25 import Bm25Index
from reformqa.storage.files.database import Database
from reformqa.storage.files.parts import save_array
from reformqa.storage.filtering import has_phrase, has_run, matches_report
from reformqa.text.tokens import plain_terms, tokens

_FILE = "passages.npy"
_KINDS: tuple[str, ...] = get_args(SectionKind)


@dataclass(frozen=True, slots=True)
class Columns:
    """Arrays of shape (passages,).

    `report` is a position among the reports by id, `kind` one among the section kinds; `statement`
    is equal for passages whose paragraphs state the same.
    """

    report: NDArray[np.int32]
    kind: NDArray[np.int32]
    recommends: NDArray[np.int32]
    statement: NDArray[np.int32]

    @classmethod
    def load(cls, folder: Path) -> Columns:
        """Open what `save` wrote, memory-mapped."""
        return cls(*np.load(folder / _FILE, mmap_mode="r").view(np.ndarray))

    @property
    def section_kinds(self) -> tuple[str, ...]:
        """The kinds of section that have passages, sorted."""
        return tuple(sorted(_KINDS[n] for n in np.unique(self.kind)))


class ColumnsWriter:
    """Collects the columns, passage by passage."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, int, bool, int]] = []

    def add(self, passage: Passage, kind: SectionKind, statement: int) -> None:
        """Add the next passage, in a section of that kind."""
        row = (passage.report_id, _KINDS.index(kind), passage.recommends, statement)
        self._rows.append(row)

    def save(self, folder: Path, reports: Sequence[str]) -> None:
        """Write the columns; `reports` are the ids of all reports."""
        position = {report_id: n for n, report_id in enumerate(sorted(reports))}
        rows = [(position[report_id], *rest) for report_id, *rest in self._rows]
        columns = np.array(rows, dtype=np.int32).reshape(-1, 4).T
        save_array(folder / _FILE, np.ascontiguousarray(columns))


def compile_filters(
    where: Filters,
    columns: Columns,
    reports: Mapping[str, ReportInfo],
    bm25: Bm25Index,
    database: Database,
) -> NDArray[np.bool_] | None:
    """Return which passages a filter leaves, shape (passages,), or None if it leaves all."""
    mask = np.ones(len(columns.report), dtype=np.bool_)
    of_report = np.array([matches_report(where, r) for r in reports.values()], dtype=np.bool_)
    if not of_report.all():
        mask &= of_report[columns.report]
    if where.section:
        mask &= np.isin(columns.kind, [_KINDS.index(k) for k in where.section if k in _KINDS])
    if where.recommendations_only:
        mask &= np.asarray(columns.recommends, dtype=np.bool_)
    if where.terms:
        mask &= _among(len(mask), bm25.with_all(where.terms))
    for phrase in where.phrases:
        rows = np.flatnonzero(mask & _among(len(mask), bm25.with_all(plain_terms(phrase))))
        passages = zip(rows, database.passages(rows.tolist()), strict=True)
        mask = _among(len(mask), [int(n) for n, p in passages if has_phrase(p.text, phrase)])
    for run in where.runs:
        rows = np.flatnonzero(mask & _among(len(mask), bm25.with_all(tokens(run))))
        passages = zip(rows, database.passages(rows.tolist()), strict=True)
        mask = _among(len(mask), [int(n) for n, p in passages if has_run(p.indexed, run)])
    return None if mask.all() else mask


def _among(size: int, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.bool_]:
    mask = np.zeros(size, dtype=np.bool_)
    mask[np.asarray(rows, dtype=np.int64)] = True
    return mask
