"""The records of a segment, in one SQLite file that is written once and then only read."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from reformqa.model import (
    Paragraph,
    Passage,
    PassageId,
    Recommendation,
    Report,
    ReportInfo,
    Section,
)
from reformqa.storage.base import Counted
from reformqa.storage.files.manifest import damaged
from reformqa.storage.files.places import SEGMENTS
from reformqa.text.labels import label_keys

FILE = "library.sqlite"

#: What is in a row, column by column.
Values: TypeAlias = tuple[Any, ...]

_VALUES = 5_000  # SQLite limits the number of values in a query
_TABLES = """
CREATE TABLE reports (id TEXT PRIMARY KEY, record TEXT NOT NULL, sum INTEGER);
CREATE TABLE sections (report_id TEXT, n INTEGER, record TEXT NOT NULL, sum INTEGER,
    PRIMARY KEY (report_id, n));
CREATE TABLE paragraphs (id TEXT PRIMARY KEY, report_id TEXT, number INTEGER,
    record TEXT NOT NULL, sum INTEGER);
CREATE INDEX paragraph_order ON paragraphs (report_id, number);
CREATE TABLE recommendations (id TEXT PRIMARY KEY, report_id TEXT, n INTEGER,
    record TEXT NOT NULL, sum INTEGER);
CREATE TABLE labels (label TEXT, paragraph_id TEXT, sum INTEGER);
CREATE INDEX label ON labels (label);
CREATE TABLE passages (n INTEGER PRIMARY KEY, paragraph_id TEXT, start INTEGER, report_id TEXT,
    record TEXT NOT NULL, sum INTEGER);
CREATE INDEX passage_report ON passages (report_id);
CREATE INDEX passage_paragraph ON passages (paragraph_id);
"""

_INFO = TypeAdapter(ReportInfo)
_SECTION = TypeAdapter(Section)
_PARAGRAPH = TypeAdapter(Paragraph)
_RECOMMENDATION = TypeAdapter(Recommendation)
_PASSAGE = TypeAdapter(Passage)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a report in each table, without their checksums; of passages without `n`."""

    reports: list[Values]
    sections: list[Values]
    paragraphs: list[Values]
    recommendations: list[Values]
    labels: list[Values]
    passages: list[Values]

    @classmethod
    def of(
        cls,
        report: Report,
        recommendations: Sequence[Recommendation],
        passages: Sequence[Passage],
    ) -> Rows:
        """Return the rows of a report with its recommendations and passages, each in order."""
        own = report.id
        return cls(
            [(own, _json(_INFO, report.info))],
            [(own, n, _json(_SECTION, s)) for n, s in enumerate(report.sections)],
            [(p.id, own, p.number, _json(_PARAGRAPH, p)) for p in report.paragraphs],
            [
                (r.id, r.report_id, n, _json(_RECOMMENDATION, r))
                for n, r in enumerate(recommendations)
            ],
            [
                (key, paragraph_id)
                for r in recommendations
                for key in label_keys(r.name)
                for paragraph_id in (r.stated, *r.restated)
            ],
            [(p.paragraph_id, p.span[0], p.report_id, _json(_PASSAGE, p)) for p in passages],
        )


class DatabaseWriter:
    """Writes the records of a segment into a new file."""

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file)
        self._database.executescript(_TABLES)

    def add(self, rows: Rows, first: int) -> None:
        """Add the rows of a report, whose first passage is in the row `first` of the segment."""
        numbered = [(n, *row) for n, row in enumerate(rows.passages, start=first)]
        for table in fields(rows):
            values = numbered if table.name == "passages" else getattr(rows, table.name)
            self._insert(table.name, values)

    def commit(self) -> None:
        """Write what was added to the disk."""
        self._database.commit()

    def close(self) -> None:
        """Close the file, without what was not committed; closing it again does nothing."""
        self._database.close()

    def _insert(self, table: str, rows: Iterable[Values]) -> None:
        for row in rows:
            values = ", ".join("?" * (len(row) + 1))
            self._database.execute(f"INSERT INTO {table} VALUES ({values})", (*row, _sum(row)))


class Database:
    """The records of a segment, opened for reading by any number of threads.

    It gives only those of the reports in `shifts`, which are what the row of a passage in the
    segment is more than that in the version. Rows that it returns are those of the version.
    Every row has a checksum, which is compared when the row is read. For a damaged file, every
    method may raise DamagedIndexError, sqlite3.Error or pydantic's ValidationError.
    """

    def __init__(self, folder: Path, segment: str, shifts: Mapping[str, int]) -> None:
        self._folder = folder
        self._name = f"{SEGMENTS}/{segment}/{FILE}"
        self._shifts = shifts
        uri = f"{(folder / self._name).resolve().as_uri()}?mode=ro&immutable=1"
        # Streamlit asks from several threads; the connection only reads.
        self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)

    def infos(self) -> list[ReportInfo]:
        """Return the metadata of every report."""
        rows = self._own(self._intact(self._select("SELECT * FROM reports")), 0)
        return [_INFO.validate_json(row[1]) for row in rows]

    def report(self, info: ReportInfo) -> Report:
        """Return the whole report."""
        sections = self._select("SELECT * FROM sections WHERE report_id = ? ORDER BY n", info.id)
        paragraphs = self._select(
            "SELECT * FROM paragraphs WHERE report_id = ? ORDER BY number", info.id
        )
        return info.with_text(
            tuple(_SECTION.validate_json(row[2]) for row in self._intact(sections)),
            tuple(_PARAGRAPH.validate_json(row[3]) for row in self._intact(paragraphs)),
        )

    def counts(self, what: Counted) -> dict[str, int]:
        """Return the number of such records in each report that has any."""
        query = f"SELECT report_id, COUNT(*) FROM {what} GROUP BY report_id"
        return dict(self._own(self._select(query), 0))

    def paragraphs(self, ids: Iterable[str]) -> dict[str, Paragraph]:
        """Return the paragraphs with those ids."""
        found = self._own(self._select_in("SELECT * FROM paragraphs WHERE id IN", ids), 1)
        return {row[0]: _PARAGRAPH.validate_json(row[3]) for row in self._intact(found)}

    def neighbours(self, ids: Iterable[str], before: int, after: int) -> dict[str, list[Paragraph]]:
        """Return each paragraph between its neighbours, in reading order."""
        query = (
            "SELECT a.id, b.* FROM paragraphs a JOIN paragraphs b"
            f" ON b.report_id = a.report_id AND b.number BETWEEN a.number - {int(before)}"
            f" AND a.number + {int(after)} WHERE a.id IN"
        )
        known: dict[str, Paragraph] = {}  # lists overlap: each record is read once
        found: dict[str, list[Paragraph]] = {}
        for own, *row in self._own(self._select_in(query, ids), 2):
            other = row[0]
            if other not in known:
                (intact,) = self._intact([tuple(row)])
                known[other] = _PARAGRAPH.validate_json(intact[3])
            found.setdefault(own, []).append(known[other])
        for near in found.values():
            near.sort(key=lambda p: p.number)
        return found

    def recommendations(self, reports: Iterable[str] | None) -> list[Recommendation]:
        """Return the recommendations of those reports, or all, by report and order."""
        columns = "SELECT * FROM recommendations"
        if reports is None:
            rows = self._select(columns)
        else:
            rows = self._select_in(f"{columns} WHERE report_id IN", reports)
        return [
            _RECOMMENDATION.validate_json(record)
            for _, _, record in sorted(row[1:4] for row in self._intact(self._own(rows, 1)))
        ]

    def passages(self, rows: Iterable[int]) -> dict[int, Passage]:
        """Return the passages in those rows of the segment, by the rows of the version."""
        return {n: _PASSAGE.validate_json(record) for n, *_, record in self._in_rows(rows)}

    def ids(self, rows: Iterable[int]) -> dict[int, PassageId]:
        """Return the ids of the passages in those rows likewise."""
        return {n: f"{i}@{s}" if s else i for n, i, s, *_ in self._in_rows(rows)}

    def rows(self, ids: Iterable[PassageId]) -> dict[PassageId, int]:
        """Return the rows of passages; unknown ids are left out."""
        wanted = set(ids)
        found = self._passages("paragraph_id", {i.partition("@")[0] for i in wanted})
        rows = {f"{i}@{start}" if start else i: n for n, i, start, *_ in found}
        return {i: n for i, n in rows.items() if i in wanted}

    def labelled(self, labels: Iterable[str]) -> set[tuple[str, int]]:
        """Return each labelled recommendation with the row of a passage that states it."""
        query = (
            "SELECT passages.n, passages.report_id, labels.* FROM labels JOIN passages"
            " ON passages.paragraph_id = labels.paragraph_id WHERE labels.label IN"
        )
        rows = self._own(self._select_in(query, labels), 1)
        intact = self._intact([tuple(row) for _, _, *row in rows])
        places = ((n - self._shifts[report]) for n, report, *_ in rows)
        return {(label, n) for (label, _), n in zip(intact, places, strict=True)}

    def _in_rows(self, rows: Iterable[int]) -> list[Values]:
        wanted = set(rows)
        found = self._passages("n", wanted)
        if len(found) < len(wanted):
            raise damaged(self._folder, f"{self._name} has not all passages of the indexes")
        return found

    def _passages(self, column: str, values: Iterable[Any]) -> list[Values]:
        """Return the rows of the passages with one of those values in a column."""
        query = f"SELECT * FROM passages WHERE {column} IN"
        rows = self._intact(self._own(self._select_in(query, values), 3))
        return [(n - self._shifts[row[2]], *row) for n, *row in rows]

    def _own(self, rows: Iterable[Values], report_id: int) -> list[Values]:
        """Return the rows whose value in that place is a report that the version has here."""
        return [row for row in rows if row[report_id] in self._shifts]

    def _intact(self, rows: Sequence[Values]) -> list[Values]:
        """Return rows without their checksums. Raises DamagedIndexError if one does not match."""
        for *values, written in rows:
            if _sum(values) != written:
                raise damaged(self._folder, f"a record in {self._name} is altered")
        return [row[:-1] for row in rows]

    def _select(self, query: str, *values: Any) -> list[Values]:
        return self._database.execute(query, values).fetchall()

    def _select_in(self, query: str, values: Iterable[Any]) -> list[Values]:
        """Return the rows of a query that ends with IN, however many values there are."""
        every = list(dict.fromkeys(values))
        found: list[Values] = []
        for start in range(0, len(every), _VALUES):
            part = every[start : start + _VALUES]
            found += self._select(f"{query} ({','.join('?' * len(part))})", *part)
        return found


def _sum(values: Iterable[Any]) -> int:
    """Return the checksum of the values of a row."""
    return zlib.crc32("\0".join(map(str, values)).encode())


def _json(adapter: TypeAdapter[Any], record: Any) -> str:
    return adapter.dump_json(record).decode()
