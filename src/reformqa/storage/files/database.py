"""The records of a version, in one SQLite file that is written once and then only read."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

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
from reformqa.text.labels import label_keys

FILE = "library.sqlite"

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
    statement INTEGER, record TEXT NOT NULL, sum INTEGER);
CREATE INDEX passage_report ON passages (report_id);
CREATE INDEX passage_paragraph ON passages (paragraph_id);
CREATE INDEX passage_statement ON passages (statement);
"""

_INFO = TypeAdapter(ReportInfo)
_SECTION = TypeAdapter(Section)
_PARAGRAPH = TypeAdapter(Paragraph)
_RECOMMENDATION = TypeAdapter(Recommendation)
_PASSAGE = TypeAdapter(Passage)


class DatabaseWriter:
    """Writes the records of a version into a new file."""

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file)
        self._database.executescript(_TABLES)

    def add_report(self, report: Report) -> None:
        """Add a report with its sections and paragraphs."""
        self._insert("reports", [(report.id, _json(_INFO, report.info))])
        sections = enumerate(report.sections)
        self._insert("sections", ((report.id, n, _json(_SECTION, s)) for n, s in sections))
        self._insert(
            "paragraphs",
            ((p.id, report.id, p.number, _json(_PARAGRAPH, p)) for p in report.paragraphs),
        )

    def add_recommendations(self, recommendations: Sequence[Recommendation]) -> None:
        """Add the recommendations of a report, in order."""
        self._insert(
            "recommendations",
            (
                (r.id, r.report_id, n, _json(_RECOMMENDATION, r))
                for n, r in enumerate(recommendations)
            ),
        )
        labels = (
            (key, paragraph_id)
            for r in recommendations
            for key in label_keys(r.name)
            for paragraph_id in (r.stated, *r.restated)
        )
        self._insert("labels", labels)

    def add_passage(self, row: int, passage: Passage, statement: int) -> None:
        """Add the passage of a row of the indexes."""
        p = passage
        values = (row, p.paragraph_id, p.span[0], p.report_id, statement, _json(_PASSAGE, p))
        self._insert("passages", [values])

    def commit(self) -> None:
        """Write what was added to the disk."""
        self._database.commit()

    def close(self) -> None:
        """Close the file, without what was not committed; closing it again does nothing."""
        self._database.close()

    def _insert(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        for row in rows:
            values = ", ".join("?" * (len(row) + 1))
            self._database.execute(f"INSERT INTO {table} VALUES ({values})", (*row, _sum(row)))


class Database:
    """The records of a version, opened for reading by any number of threads.

    Every row has a checksum, which is compared when the row is read. For a damaged file, every
    method may raise DamagedIndexError, sqlite3.Error or pydantic's ValidationError.
    """

    def __init__(self, file: Path) -> None:
        self._folder = file.parent
        uri = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        # Streamlit asks from several threads; the connection only reads.
        self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)

    def infos(self) -> dict[str, ReportInfo]:
        """Return the metadata of every report, by id and in that order."""
        rows = self._select("SELECT * FROM reports ORDER BY id")
        return {r.id: r for r in (_INFO.validate_json(row[1]) for row in self._intact(rows))}

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
        return dict(self._select(f"SELECT report_id, COUNT(*) FROM {what} GROUP BY report_id"))

    def paragraphs(self, ids: Iterable[str]) -> dict[str, Paragraph]:
        """Return the paragraphs with those ids."""
        found = self._select_in("SELECT * FROM paragraphs WHERE id IN", ids)
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
        for own, *row in self._select_in(query, ids):
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
            for _, _, record in sorted(row[1:4] for row in self._intact(rows))
        ]

    def passages(self, rows: Iterable[int]) -> list[Passage]:
        """Return the passages in those rows of the indexes, in the order of rows."""
        return [_PASSAGE.validate_json(row[5]) for row in sorted(self._in_rows(rows))]

    def ids(self, rows: Iterable[int]) -> dict[int, PassageId]:
        """Return the ids of the passages in those rows."""
        return {n: f"{i}@{s}" if s else i for n, i, s, *_ in self._in_rows(rows)}

    def rows(self, ids: Iterable[PassageId]) -> dict[PassageId, int]:
        """Return the rows of passages; unknown ids are left out."""
        wanted = set(ids)
        found = self._passages("paragraph_id", {i.partition("@")[0] for i in wanted})
        rows = {f"{i}@{start}" if start else i: n for n, i, start, *_ in found}
        return {i: n for i, n in rows.items() if i in wanted}

    def statements(self, numbers: Iterable[int]) -> dict[int, list[Passage]]:
        """Return the passages of each statement, in the order of rows."""
        found: dict[int, list[Passage]] = {}
        for row in sorted(self._passages("statement", numbers)):
            found.setdefault(row[4], []).append(_PASSAGE.validate_json(row[5]))
        return found

    def labelled(self, labels: Iterable[str]) -> Mapping[str, list[int]]:
        """Return the rows of the passages that state each labelled recommendation."""
        query = (
            "SELECT passages.n, labels.* FROM labels JOIN passages"
            " ON passages.paragraph_id = labels.paragraph_id WHERE labels.label IN"
        )
        rows = self._select_in(query, labels)
        intact = self._intact([tuple(row) for _, *row in rows])
        found: dict[str, list[int]] = {}
        for label, n in sorted({(i[0], n) for i, (n, *_) in zip(intact, rows, strict=True)}):
            found.setdefault(label, []).append(n)
        return found

    def _in_rows(self, rows: Iterable[int]) -> list[tuple[Any, ...]]:
        wanted = set(rows)
        found = self._passages("n", wanted)
        if len(found) < len(wanted):
            raise damaged(self._folder, f"{FILE} has not all passages of the indexes")
        return found

    def _passages(self, column: str, values: Iterable[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of the passages with one of those values in a column."""
        query = f"SELECT * FROM passages WHERE {column} IN"
        return self._intact(self._select_in(query, values))

    def _intact(self, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Return rows without their checksums. Raises DamagedIndexError if one does not match."""
        for *values, written in rows:
            if _sum(values) != written:
                raise damaged(self._folder, f"a record in {FILE} is altered")
        return [row[:-1] for row in rows]

    def _select(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._database.execute(query, values).fetchall()

    def _select_in(self, query: str, values: Iterable[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a query that ends with IN, however many values there are."""
        every = list(dict.fromkeys(values))
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(every), _VALUES):
            part = every[start : start + _VALUES]
            found += self._select(f"{query} ({','.join('?' * len(part))})", *part)
        return found


def _sum(values: Iterable[Any]) -> int:
    """Return the checksum of the values of a row."""
    return zlib.crc32("\0".join(map(str, values)).encode())


def _json(adapter: TypeAdapter[Any], record: Any) -> str:
    return adapter.dump_json(record).decode()
