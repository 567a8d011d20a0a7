"""One build on disk: written aside, opened read-only.

    index/builds/<id>/       manifest.json, library.sqlite, passages.npy, recommendations.npy,
                             lexical.*, dense.faiss, late.*, encoder/, reranker/ where one is set
    index/cache/models/      exported models by fingerprint; builds hold hard links to them

Plain files, no pickle. A reader keeps to the build that it opened; a writer never touches one.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from reformqa.model import (
    Build,
    Paragraph,
    Passage,
    Recommendation,
    Report,
    Section,
    SectionKind,
)
from reformqa.models.cache import VectorStore
from reformqa.models.onnx import QUICK_GRAPH, Encoder, QuickEncoder, Reranker
from reformqa.storage.files.builds import described, folder_of, served
from reformqa.storage.files.indexes import Indexes, write_indexes
from reformqa.storage.files.manifest import (
    CHECKED_ON_OPENING,
    MANIFEST,
    check_files,
    damaged,
    read_manifest,
    write_manifest,
)
from reformqa.text.labels import label_keys

_DATABASE = "library.sqlite"
_COLUMNS = "passages.npy"
_VECTORS = "recommendations.npy"
_VALUES = 5_000  # SQLite takes no more than some thousands of values a query
_KINDS: tuple[str, ...] = get_args(SectionKind)
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
CREATE TABLE passages (n INTEGER PRIMARY KEY, paragraph_id TEXT, report_id TEXT, statement INTEGER,
    record TEXT NOT NULL);
CREATE INDEX passage_report ON passages (report_id);
CREATE INDEX passage_paragraph ON passages (paragraph_id);
CREATE INDEX passage_statement ON passages (statement);
"""

_REPORT = TypeAdapter(Report)
_SECTION = TypeAdapter(Section)
_PARAGRAPH = TypeAdapter(Paragraph)
_RECOMMENDATION = TypeAdapter(Recommendation)
_PASSAGE = TypeAdapter(Passage)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a build holds. `statements` has a number for each passage: equal, where its paragraph
    states the same as another's. The reports may be loaded one by one, as they are asked for."""

    reports: Iterable[Report]
    recommendations: Sequence[Recommendation]
    passages: Sequence[Passage]
    statements: Sequence[int]


@dataclass(frozen=True, slots=True)
class Columns:
    """What filters and grouping look at: arrays of shape (passages,).

    `report` and `kind` are positions in Snapshot.reports and in the section kinds; `statement` is
    equal for passages whose paragraphs state the same.
    """

    report: NDArray[np.int32]
    kind: NDArray[np.int32]
    recommends: NDArray[np.int32]
    statement: NDArray[np.int32]


def write(
    folder: Path,
    build: Build,
    contents: Contents,
    models: Mapping[Literal["encoder", "reranker"], Path],
    store: VectorStore,
    facts: dict[str, Any],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write a build into `folder`, which is empty; `facts` go into the manifest as they are.

    `models` are folders of exported models, of which the build keeps a copy; `store` gives the
    vectors of texts by that encoder.
    """
    for name, model in models.items():
        own = shutil.ignore_patterns(MANIFEST)  # the cache's, not this build's
        shutil.copytree(model, folder / name, copy_function=_link, ignore=own)
    write_indexes(folder, [p.indexed for p in contents.passages], store, progress)
    np.save(folder / _VECTORS, _vectors(contents.recommendations, store))
    kinds = _write_database(folder / _DATABASE, contents)
    _write_columns(folder / _COLUMNS, contents, kinds)
    write_manifest(folder, {"build": asdict(build), **facts})


def _link(source: str, target: str) -> None:
    """A hard link where the disk has them: three builds then hold one copy of a model."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _write_database(file: Path, contents: Contents) -> dict[str, dict[str, SectionKind]]:
    """Write all records; give the section kind of each paragraph, by the reports' ids."""
    kinds: dict[str, dict[str, SectionKind]] = {}
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(_TABLES)
        for report in contents.reports:
            _insert_report(database, report)
            kinds[report.id] = {p.id: p.section_kind for p in report.paragraphs}
        _insert(
            database,
            "recommendations",
            (
                (r.id, r.report_id, n, _json(_RECOMMENDATION, r))
                for n, r in enumerate(contents.recommendations)
            ),
        )
        labels = (
            (key, paragraph_id)
            for r in contents.recommendations
            for key in label_keys(r.name)
            for paragraph_id in (r.stated, *r.restated)
        )
        _insert(database, "labels", labels)
        numbered = enumerate(zip(contents.passages, contents.statements, strict=True))
        _insert(
            database,
            "passages",
            (
                (n, p.paragraph_id, p.report_id, statement, _json(_PASSAGE, p))
                for n, (p, statement) in numbered
            ),
        )
    return kinds


def _write_columns(
    file: Path, contents: Contents, kinds: Mapping[str, Mapping[str, SectionKind]]
) -> None:
    reports = {report_id: n for n, report_id in enumerate(sorted(kinds))}
    columns = [
        [reports[p.report_id] for p in contents.passages],
        [_KINDS.index(kinds[p.report_id][p.paragraph_id]) for p in contents.passages],
        [p.recommends for p in contents.passages],
        contents.statements,
    ]
    np.save(file, np.array(columns, dtype=np.int32))


def _vectors(recommendations: Sequence[Recommendation], store: VectorStore) -> NDArray[np.float32]:
    """Their unit vectors, of words and sub-items, in the order of `recommendations()`."""
    ordered = sorted(recommendations, key=lambda r: r.report_id)
    vectors = np.empty((len(ordered), store.dimensions), dtype=np.float32)
    for n, found in enumerate(store.vectors([_whole(r) for r in ordered])):
        vectors[n] = found.sentence
    return vectors


def _whole(recommendation: Recommendation) -> str:
    return " ".join((recommendation.text, *recommendation.sub_items))


def encoded_texts(contents: Contents) -> set[str]:
    """Every text of a build that has vectors."""
    return {p.indexed for p in contents.passages} | {_whole(r) for r in contents.recommendations}


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
    """A build opened for reading: the one served, or that of the id given.

    Every method may raise DamagedIndexError.
    """

    def __init__(self, index: Path, build_id: str | None = None) -> None:
        self.index = index
        self._folder = folder_of(index, build_id) if build_id else served(index)
        self.manifest = read_manifest(self._folder)
        self.build = described(self._folder, self.manifest)
        with self._guarded():
            check_files(self._folder, self.manifest, CHECKED_ON_OPENING)
            uri = f"{(self._folder / _DATABASE).resolve().as_uri()}?mode=ro&immutable=1"
            # Streamlit asks from several threads; the connection only reads.
            self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
            self.legs = Indexes.load(self._folder)
            self.columns = Columns(
                *np.load(self._folder / _COLUMNS, mmap_mode="r").view(np.ndarray)
            )

    def verify(self) -> None:
        """Compare every file with its digest. Raises DamagedIndexError where one differs."""
        check_files(self._folder, self.manifest)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, RuntimeError, sqlite3.Error) as error:
            raise damaged(self._folder, str(error)) from error

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._guarded():
            return self._database.execute(query, values).fetchall()

    def _rows_in(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of a query that ends with what is to be in `values`, however many those are."""
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(values), _VALUES):
            part = values[start : start + _VALUES]
            found += self._rows(f"{query} IN ({','.join('?' * len(part))})", *part)
        return found

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

    def paragraphs(self, paragraph_ids: Sequence[str]) -> dict[str, Paragraph]:
        """The paragraphs of those ids."""
        query = "SELECT id, record FROM paragraphs WHERE id"
        found = self._rows_in(query, list(paragraph_ids))
        return {i: _PARAGRAPH.validate_json(record) for i, record in found}

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

    @cached_property
    def recommendation_vectors(self) -> NDArray[np.float32]:
        """Their unit vectors in that order: shape (recommendations, dimensions), memory-mapped."""
        with self._guarded():
            return np.asarray(np.load(self._folder / _VECTORS, mmap_mode="r"), dtype=np.float32)

    def passages(self, rows: Sequence[int]) -> dict[int, Passage]:
        """The passages in those rows of the legs."""
        found = self._rows_in("SELECT n, record FROM passages WHERE n", [int(n) for n in rows])
        return {n: _PASSAGE.validate_json(record) for n, record in found}

    def rows_of(self, paragraph_ids: Sequence[str]) -> NDArray[np.int64]:
        """The rows of the passages of those paragraphs, in order."""
        found = self._rows_in("SELECT n FROM passages WHERE paragraph_id", paragraph_ids)
        return np.array(sorted(row[0] for row in found), dtype=np.int64)

    def restated(self, statements: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
        """The passages of each statement, in order: the row and the paragraph's id of each."""
        found: dict[int, list[tuple[int, str]]] = {}
        query = "SELECT statement, n, paragraph_id FROM passages WHERE statement"
        for statement, row, paragraph_id in sorted(self._rows_in(query, statements)):
            found.setdefault(statement, []).append((row, paragraph_id))
        return found

    def labelled(self, label: str) -> NDArray[np.int64]:
        """The rows of the passages that state the recommendation of that label."""
        found = self._rows("SELECT DISTINCT paragraph_id FROM labels WHERE label = ?", label)
        return self.rows_of([row[0] for row in found])

    def rows_of_kinds(self, kinds: Sequence[str]) -> NDArray[np.bool_]:
        """Which passages stand in sections of those kinds, shape (passages,)."""
        return np.isin(self.columns.kind, [_KINDS.index(kind) for kind in kinds])

    @cached_property
    def section_kinds(self) -> tuple[str, ...]:
        """The kinds of section that hold passages, in alphabetical order."""
        return tuple(sorted(_KINDS[n] for n in np.unique(self.columns.kind)))

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder that the passages were encoded with."""
        check_files(self._folder, self.manifest, within="encoder/")  # odd weights, odd answers
        return Encoder(self._folder / "encoder")

    @cached_property
    def quick_encoder(self) -> QuickEncoder:
        """Its quicker and less exact twin, for texts that no index holds."""
        check_files(self._folder, self.manifest, within=f"encoder/{QUICK_GRAPH}")
        return QuickEncoder(self._folder / "encoder")

    @cached_property
    def reranker(self) -> Reranker | None:
        """The cross-encoder, where the build has one."""
        folder = self._folder / "reranker"
        check_files(self._folder, self.manifest, within="reranker/")
        return Reranker(folder) if folder.is_dir() else None
