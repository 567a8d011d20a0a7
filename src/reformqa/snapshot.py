"""One build on disk: written aside, published by a rename, opened read-only.

    index/current            names the build being served
    index/builds/<id>/       manifest.json, library.sqlite, lexical.*, dense.faiss

Plain files, no pickle. A reader keeps to the build that it opened; a writer never touches one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from reformqa.dense import DenseIndex
from reformqa.errors import DamagedIndexError, MissingIndexError
from reformqa.lexical import LexicalIndex
from reformqa.model import Build, Paragraph, Passage, Recommendation, Report, Section

#: Raise when the files on disk change shape: older builds are then rebuilt, not read.
SCHEMA_VERSION = 1

_MANIFEST = "manifest.json"
_DATABASE = "library.sqlite"
_TABLES = """
CREATE TABLE reports (id TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE sections (report_id TEXT, n INTEGER, record TEXT NOT NULL,
    PRIMARY KEY (report_id, n));
CREATE TABLE paragraphs (id TEXT PRIMARY KEY, report_id TEXT, number INTEGER,
    record TEXT NOT NULL);
CREATE INDEX paragraph_order ON paragraphs (report_id, number);
CREATE TABLE recommendations (id TEXT PRIMARY KEY, report_id TEXT, n INTEGER,
    record TEXT NOT NULL);
CREATE TABLE passages (n INTEGER PRIMARY KEY, paragraph_id TEXT, report_id TEXT, publisher TEXT,
    year INTEGER, section_kind TEXT, recommends INTEGER, record TEXT NOT NULL);
CREATE INDEX passage_publisher ON passages (publisher, year);
CREATE INDEX passage_report ON passages (report_id);
CREATE INDEX passage_paragraph ON passages (paragraph_id);
"""

_REPORT = TypeAdapter(Report)
_SECTION = TypeAdapter(Section)
_PARAGRAPH = TypeAdapter(Paragraph)
_RECOMMENDATION = TypeAdapter(Recommendation)
_PASSAGE = TypeAdapter(Passage)
_BUILD = TypeAdapter(Build)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a build holds: records, and a vector for each passage, shape (passages, dimensions)."""

    reports: Sequence[Report]
    recommendations: Sequence[Recommendation]
    passages: Sequence[Passage]
    vectors: NDArray[np.float32]


def write(index: Path, build: Build, contents: Contents, facts: dict[str, Any]) -> Path:
    """Write a build into `index` without serving it; `facts` go into the manifest as they are.

    A build that fails half-way leaves nothing that a reader could open.
    """
    target = index / "builds" / build.id
    aside = index / "builds" / f".{build.id}.writing"
    try:
        aside.mkdir(parents=True)
        _write_database(aside / _DATABASE, contents)
        LexicalIndex.build([p.indexed for p in contents.passages]).save(aside)
        DenseIndex.build(contents.vectors).save(aside)
        manifest = {
            "schema": SCHEMA_VERSION,
            "build": asdict(build),
            **facts,
            "files": {f.name: _digest(f) for f in sorted(aside.iterdir())},
        }
        (aside / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        os.rename(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def publish(index: Path, build_id: str) -> None:
    """Serve the build from now on: one atomic rename."""
    name = index / f".current.{os.getpid()}"
    name.write_text(build_id, encoding="utf-8")
    os.replace(name, index / "current")


def prune(index: Path, keep: int) -> None:
    """Remove all but the `keep` newest builds; the one being served stays, however old."""
    current = _served(index)
    builds = [d for d in (index / "builds").iterdir() if not d.name.startswith(".")]
    builds.sort(key=lambda d: d.stat().st_mtime_ns, reverse=True)
    for folder in builds[keep:]:
        if folder != current:
            shutil.rmtree(folder)


def _served(index: Path) -> Path:
    """The folder of the build being served. Raises MissingIndexError where there is none."""
    current = index / "current"
    if not current.is_file():
        raise MissingIndexError(
            f"There is no index in {index}. Make one with `reformqa rebuild`, or name another"
            " with --index."
        )
    return index / "builds" / current.read_text(encoding="utf-8", errors="replace").strip()


def _read_manifest(folder: Path) -> dict[str, Any]:
    """A build's manifest. Raises DamagedIndexError where it cannot be read."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(folder, str(error)) from error
    if not isinstance(manifest, dict) or not {"build", "files"} <= set(manifest):
        raise _damaged(folder, "its manifest is not one")
    if manifest.get("schema") != SCHEMA_VERSION:
        raise _damaged(folder, f"its format is {manifest.get('schema')}, not {SCHEMA_VERSION}")
    return manifest


def _damaged(folder: Path, reason: str) -> DamagedIndexError:
    return DamagedIndexError(
        f"The index build {folder.name} cannot be read: {reason}. Make it anew with"
        " `reformqa rebuild --force`."
    )


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_database(file: Path, contents: Contents) -> None:
    by_id = {r.id: r for r in contents.reports}
    kinds = {p.id: p.section_kind for r in contents.reports for p in r.paragraphs}
    with sqlite3.connect(file) as database:
        database.executescript(_TABLES)
        for report in contents.reports:
            _insert_report(database, report)
        _insert(
            database,
            "recommendations",
            (
                (r.id, r.report_id, n, _json(_RECOMMENDATION, r))
                for n, r in enumerate(contents.recommendations)
            ),
        )
        rows = []
        for n, p in enumerate(contents.passages):
            report = by_id[p.report_id]
            facts = (report.publisher, report.year, kinds[p.paragraph_id], p.recommends)
            rows.append((n, p.paragraph_id, p.report_id, *facts, _json(_PASSAGE, p)))
        _insert(database, "passages", rows)
    database.close()


def _insert_report(database: sqlite3.Connection, report: Report) -> None:
    bare = replace(report, sections=(), paragraphs=())
    _insert(database, "reports", [(report.id, _json(_REPORT, bare))])
    sections = enumerate(report.sections)
    _insert(database, "sections", ((report.id, n, _json(_SECTION, s)) for n, s in sections))
    _insert(
        database,
        "paragraphs",
        ((p.id, report.id, p.number, _json(_PARAGRAPH, p)) for p in report.paragraphs),
    )


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    for row in rows:
        database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _json(adapter: TypeAdapter[Any], record: Any) -> str:
    return adapter.dump_json(record).decode()


class Snapshot:
    """A build opened for reading. Every method may raise DamagedIndexError."""

    def __init__(self, index: Path) -> None:
        self._folder = _served(index)
        self.manifest = _read_manifest(self._folder)
        with self._guarded():
            self.build = _BUILD.validate_python(self.manifest["build"])
        for name, digest in self.manifest["files"].items():
            file = self._folder / name
            if not file.is_file() or _digest(file) != digest:
                raise _damaged(self._folder, f"{name} is missing or altered")
        with self._guarded():
            uri = f"{(self._folder / _DATABASE).resolve().as_uri()}?mode=ro&immutable=1"
            # Streamlit asks from several threads; the connection only reads.
            self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
            self.lexical = LexicalIndex.load(self._folder)
            self.dense = DenseIndex.load(self._folder)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, RuntimeError, sqlite3.Error) as error:
            raise _damaged(self._folder, str(error)) from error

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._guarded():
            return self._database.execute(query, values).fetchall()

    @cached_property
    def reports(self) -> dict[str, Report]:
        """Every report by id, without its sections and paragraphs."""
        rows = self._rows("SELECT record FROM reports ORDER BY id")
        return {r.id: r for r in (_REPORT.validate_json(row[0]) for row in rows)}

    @cached_property
    def publishers(self) -> tuple[str, ...]:
        """The publishers, in alphabetical order."""
        return tuple(sorted({r.publisher for r in self.reports.values()}))

    def counts(self, table: Literal["paragraphs", "passages", "recommendations"]) -> dict[str, int]:
        """How many of them each report has."""
        rows = self._rows(f"SELECT report_id, COUNT(*) FROM {table} GROUP BY report_id")
        return dict(rows)

    def report(self, report_id: str) -> Report:
        """A report whole. Raises KeyError where there is none of that id."""
        bare = self.reports[report_id]
        sections = self._rows(
            "SELECT record FROM sections WHERE report_id = ? ORDER BY n", report_id
        )
        rows = self._rows(
            "SELECT record FROM paragraphs WHERE report_id = ? ORDER BY number", report_id
        )
        return replace(
            bare,
            sections=tuple(_SECTION.validate_json(row[0]) for row in sections),
            paragraphs=tuple(_PARAGRAPH.validate_json(row[0]) for row in rows),
        )

    def paragraph(self, paragraph_id: str) -> Paragraph:
        """One paragraph. Raises KeyError where there is none of that id."""
        rows = self._rows("SELECT record FROM paragraphs WHERE id = ?", paragraph_id)
        if not rows:
            raise KeyError(paragraph_id)
        return _PARAGRAPH.validate_json(rows[0][0])

    def paragraph_ids(self, report_id: str) -> list[str]:
        """The ids of a report's paragraphs; none where there is no such report."""
        rows = self._rows("SELECT id FROM paragraphs WHERE report_id = ?", report_id)
        return [row[0] for row in rows]

    def around(self, paragraph: Paragraph, before: int, after: int) -> list[Paragraph]:
        """The paragraph and its neighbours in the report, in order."""
        rows = self._rows(
            "SELECT record FROM paragraphs WHERE report_id = ? AND number BETWEEN ? AND ?"
            " ORDER BY number",
            paragraph.report_id,
            paragraph.number - before,
            paragraph.number + after,
        )
        return [_PARAGRAPH.validate_json(row[0]) for row in rows]

    def recommendations(self) -> list[Recommendation]:
        """Every recommendation, by report and order."""
        rows = self._rows("SELECT record FROM recommendations ORDER BY report_id, n")
        return [_RECOMMENDATION.validate_json(row[0]) for row in rows]

    def passages(self, rows: Sequence[int]) -> dict[int, Passage]:
        """The passages in those rows of the legs."""
        marks = ",".join("?" * len(rows))
        found = self._rows(f"SELECT n, record FROM passages WHERE n IN ({marks})", *map(int, rows))
        return {n: _PASSAGE.validate_json(record) for n, record in found}

    def passage_rows(self, condition: str, values: Sequence[Any]) -> NDArray[np.int64]:
        """The rows of the passages that meet an SQL condition on the passages table."""
        found = self._rows(f"SELECT n FROM passages WHERE {condition} ORDER BY n", *values)
        return np.array([row[0] for row in found], dtype=np.int64)

    @cached_property
    def section_kinds(self) -> tuple[str, ...]:
        """The kinds of section that hold passages, in alphabetical order."""
        rows = self._rows("SELECT DISTINCT section_kind FROM passages ORDER BY section_kind")
        return tuple(row[0] for row in rows)
