"""The records of a version, in one SQLite file that is written once and then only read."""

from __future__ import annotations

import sqlite3
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
from reformqa.text.labels import label_keys

FILE = "library.sqlite"

_VALUES = 5_000  # SQLite limits the number of values in a query
_TABLES = """
CREATE TABLE reports (id TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE sections (report_id TEXT, n INTEGER, record TEXT NOT NULL,
    PRIMARY KEY (report_id, n));
CREATE TABLE paragraphs (id TEXT PRIMARY KEY, report_id TEXT, number INTEGER,
    record TEXT NOT NULL);
CREATE INDEX paragraph_order ON paragraphs (report_id, number);
CREATE TABLE recommendations (id TEXT PRIMARY KEY, report_id TEXT, n INTEGER,
    record TEXT NOT NULL);
CREATE TABLE labels (label TEXT, paragraph_id TEXT);
CREATE INDEX label ON labels (label);
CREATE TABLE passages (n INTEGER PRIMARY KEY, paragraph_id TEXT, start INTEGER, report_id TEXT,
    statement INTEGER, record TEXT NOT NULL);
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
        self._closed = False

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

    def close(self) -> None:
        """Commit and close the file; closing it again does nothing."""
        if not self._closed:
            self._database.commit()
            self._database.close()
            self._closed = True

    def _insert(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        for row in rows:
            values = ", ".join("?" * len(row))
            self._database.execute(f"INSERT INTO {table} VALUES ({values})", row)


class Database:
    """The records of a version, opened for reading by any number of threads.

    Every method may raise sqlite3.Error or pydantic's ValidationError for a damaged file.
    """

    def __init__(self, file: Path) -> None:
        uri = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        # Streamlit asks from several threads; the connection only reads.
        self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)

    def infos(self) -> dict[str, ReportInfo]:
        """Return the metadata of every report, by id and in that order."""
        rows = self._select("SELECT record FROM reports ORDER BY id")
        return {r.id: r for r in (_INFO.validate_json(row[0]) for row in rows)}

    def report(self, info: ReportInfo) -> Report:
        """Return the whole report."""
        sections = self._select(
            "SELECT record FROM sections WHERE report_id = ? ORDER BY n", info.id
        )
        paragraphs = self._select(
            "SELECT record FROM paragraphs WHERE report_id = ? ORDER BY number", info.id
        )
        return info.with_text(
            tuple(_SECTION.validate_json(row[0]) for row in sections),
            tuple(_PARAGRAPH.validate_json(row[0]) for row in paragraphs),
        )

    def counts(self, what: Counted) -> dict[str, int]:
        """Return the number of such records in each report that has any."""
        return dict(self._select(f"SELECT report_id, COUNT(*) FROM {what} GROUP BY report_id"))

    def paragraphs(self, ids: Iterable[str]) -> dict[str, Paragraph]:
        """Return the paragraphs with those ids."""
        found = self._select_in("SELECT id, record FROM paragraphs WHERE id IN", ids)
        return {i: _PARAGRAPH.validate_json(record) for i, record in found}

    def neighbours(self, ids: Iterable[str], before: int, after: int) -> dict[str, list[Paragraph]]:
        """Return each paragraph between its neighbours, in reading order."""
        query = (
            "SELECT a.id, b.id, b.record FROM paragraphs a JOIN paragraphs b"
            f" ON b.report_id = a.report_id AND b.number BETWEEN a.number - {int(before)}"
            f" AND a.number + {int(after)} WHERE a.id IN"
        )
        known: dict[str, Paragraph] = {}  # lists overlap: each record is read once
        found: dict[str, list[Paragraph]] = {}
        for own, other, record in self._select_in(query, ids):
            paragraph = known.get(other) or _PARAGRAPH.validate_json(record)
            known[other] = paragraph
            found.setdefault(own, []).append(paragraph)
        for near in found.values():
            near.sort(key=lambda p: p.number)
        return found

    def recommendations(self, reports: Iterable[str] | None) -> list[Recommendation]:
        """Return the recommendations of those reports, or all, by report and order."""
        columns = "SELECT report_id, n, record FROM recommendations"
        if reports is None:
            rows = self._select(columns)
        else:
            rows = self._select_in(f"{columns} WHERE report_id IN", reports)
        return [_RECOMMENDATION.validate_json(row[2]) for row in sorted(rows)]

    def passages(self, rows: Iterable[int]) -> list[Passage]:
        """Return the passages in those rows of the indexes, in the order of rows."""
        found = self._select_in("SELECT n, record FROM passages WHERE n IN", rows)
        return [_PASSAGE.validate_json(record) for _, record in sorted(found)]

    def ids(self, rows: Iterable[int]) -> dict[int, PassageId]:
        """Return the ids of the passages in those rows."""
        found = self._select_in("SELECT n, paragraph_id, start FROM passages WHERE n IN", rows)
        return {n: f"{i}@{start}" if start else i for n, i, start in found}

    def rows(self, ids: Iterable[PassageId]) -> dict[PassageId, int]:
        """Return the rows of passages; unknown ids are left out."""
        wanted = set(ids)
        query = "SELECT n, paragraph_id, start FROM passages WHERE paragraph_id IN"
        found = self._select_in(query, {i.partition("@")[0] for i in wanted})
        rows = {f"{i}@{start}" if start else i: n for n, i, start in found}
        return {i: n for i, n in rows.items() if i in wanted}

    def statements(self, numbers: Iterable[int]) -> dict[int, list[Passage]]:
        """Return the passages of each statement, in the order of rows."""
        query = "SELECT statement, n, record FROM passages WHERE statement IN"
        found: dict[int, list[Passage]] = {}
        for statement, _, record in sorted(self._select_in(query, numbers)):
            found.setdefault(statement, []).append(_PASSAGE.validate_json(record))
        return found

    def labelled(self, labels: Iterable[str]) -> Mapping[str, list[int]]:
        """Return the rows of the passages that state each labelled recommendation."""
        query = (
            "SELECT DISTINCT labels.label, passages.n FROM labels JOIN passages"
            " ON passages.paragraph_id = labels.paragraph_id WHERE labels.label IN"
        )
        found: dict[str, list[int]] = {}
        for label, row in sorted(self._select_in(query, labels)):
            found.setdefault(label, []).append(row)
        return found

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


def _json(adapter: TypeAdapter[Any], record: Any) -> str:
    return adapter.dump_json(record).decode()
