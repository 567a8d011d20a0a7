"""The records of a version, from the databases of its segments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np

from reformqa.model import Paragraph, Passage, PassageId, Recommendation, Report, ReportInfo
from reformqa.storage.base import Counted
from reformqa.storage.files.database import Database
from reformqa.storage.files.places import Places

_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


class Records:
    """The records of a version, for reading by any number of threads.

    For a damaged file, every method may raise what those of Database raise.
    """

    def __init__(self, folder: Path, places: Places) -> None:
        self._places = places
        self._databases = [Database(folder, s, places.shifts(s)) for s in places.segments]

    def infos(self) -> dict[str, ReportInfo]:
        """Return the metadata of every report, by id and in that order."""
        found = (info for database in self._databases for info in database.infos())
        return {info.id: info for info in sorted(found, key=lambda info: info.id)}

    def report(self, info: ReportInfo) -> Report:
        """Return the whole report."""
        segment = self._places.of[info.id].segment
        return self._databases[self._places.segments.index(segment)].report(info)

    def counts(self, what: Counted) -> dict[str, int]:
        """Return the number of such records in each report that has any."""
        return self._merged(lambda database: database.counts(what))

    def paragraphs(self, ids: Iterable[str]) -> dict[str, Paragraph]:
        """Return the paragraphs with those ids."""
        wanted = list(ids)
        return self._merged(lambda database: database.paragraphs(wanted))

    def neighbours(self, ids: Iterable[str], before: int, after: int) -> dict[str, list[Paragraph]]:
        """Return each paragraph between its neighbours, in reading order."""
        wanted = list(ids)
        return self._merged(lambda database: database.neighbours(wanted, before, after))

    def recommendations(self, reports: Iterable[str] | None) -> list[Recommendation]:
        """Return the recommendations of those reports, or all, by report and order."""
        wanted = None if reports is None else list(reports)
        found = [r for database in self._databases for r in database.recommendations(wanted)]
        return sorted(found, key=lambda r: r.report_id)  # a report is in one segment

    def passages(self, rows: Iterable[int]) -> list[Passage]:
        """Return the passages in those rows, in the order of rows."""
        found = self._in_rows(rows, Database.passages)
        return [found[n] for n in sorted(found)]

    def ids(self, rows: Iterable[int]) -> dict[int, PassageId]:
        """Return the ids of the passages in those rows."""
        return self._in_rows(rows, Database.ids)

    def rows(self, ids: Iterable[PassageId]) -> dict[PassageId, int]:
        """Return the rows of passages; unknown ids are left out."""
        wanted = list(ids)
        return self._merged(lambda database: database.rows(wanted))

    def labelled(self, labels: Iterable[str]) -> Mapping[str, list[int]]:
        """Return the rows of the passages that state each labelled recommendation."""
        wanted = list(labels)
        found: dict[str, list[int]] = {}
        for label, n in sorted({p for d in self._databases for p in d.labelled(wanted)}):
            found.setdefault(label, []).append(n)
        return found

    def _merged(self, look: Callable[[Database], dict[_Key, _Found]]) -> dict[_Key, _Found]:
        """Return what all databases find, each of which has reports of its own."""
        return {key: value for database in self._databases for key, value in look(database).items()}

    def _in_rows(
        self, rows: Iterable[int], look: Callable[[Database, Iterable[int]], dict[int, _Found]]
    ) -> dict[int, _Found]:
        wanted = np.unique(np.fromiter(rows, dtype=np.int64))
        found: dict[int, _Found] = {}
        for n, _, own in self._places.split(wanted):
            found |= look(self._databases[n], own.tolist())
        return found
