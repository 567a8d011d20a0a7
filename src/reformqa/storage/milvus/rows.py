"""The rows that are written of a report: its records, and its passages as they are searched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from reformqa.errors import UnsuitableStoreError
from reformqa.model import Recommendation, Report
from reformqa.storage.base import Batch
from reformqa.storage.milvus import records
from reformqa.storage.milvus.blobs import Blobs
from reformqa.storage.milvus.filters import NO_YEAR
from reformqa.storage.milvus.records import StoredEvidence
from reformqa.storage.milvus.schema import Kind, item, name_key, place
from reformqa.storage.milvus.tables import Entry, Tables
from reformqa.text.labels import label_keys


def stating(recommendations: Sequence[Recommendation]) -> list[tuple[str, str]]:
    """Return each label of recommendations with the paragraphs that state it."""
    return [
        (key, paragraph_id)
        for r in recommendations
        for key in label_keys(r.name)
        for paragraph_id in (r.stated, *r.restated)
    ]


def make_entry(own: int, made: str, batch: Batch) -> Entry:
    paragraphs = batch.report.paragraphs
    return Entry(
        revision=own,
        digest=made,
        info=batch.report.info,
        passages=len(batch.passages),
        paragraphs=len(paragraphs),
        recommendations=len(batch.recommendations),
        last=max((p.number for p in paragraphs), default=0),
    )


def make_records(batch: Batch) -> Iterator[tuple[Callable[[int], int], bytes, int]]:
    """Yield the records of a report: what numbers each, its bytes, and the key of its name."""
    report: Report = batch.report
    ordered = sorted(report.paragraphs, key=lambda p: p.number)
    outline = records.Outline(report.sections, tuple(p.number for p in ordered))
    yield _numbered(Kind.REPORT), records.OUTLINE.dump_json(outline), 0
    listed = tuple(batch.recommendations)
    yield _numbered(Kind.RECOMMENDATIONS), records.RECOMMENDATIONS.dump_json(listed), 0
    vectors = np.asarray(batch.recommendation_vectors, dtype=np.float32)
    yield _numbered(Kind.VECTORS), vectors.tobytes(), 0
    for p in ordered:
        yield _numbered(Kind.PARAGRAPH, p.number), records.PARAGRAPH.dump_json(p), name_key(p.id)
    for n, passage in enumerate(batch.passages):
        yield _numbered(Kind.PASSAGE, n), records.PASSAGE.dump_json(passage), 0


def _numbered(kind: Kind, number: int = 0) -> Callable[[int], int]:
    return lambda own: item(own, kind, number)


def passage_rows(
    blobs: Blobs, tables: Tables, entry: Entry, at: int, numbers: range
) -> Iterator[dict[str, Any]]:
    """Yield the rows of some passages of a report that begins at the position `at`."""
    passages = blobs.get([item(entry.revision, Kind.PASSAGE, n) for n in numbers])
    evidence = blobs.get([item(entry.revision, Kind.EVIDENCE, n) for n in numbers])
    if len(passages) < len(numbers) or len(evidence) < len(numbers):
        raise UnsuitableStoreError("The Milvus server has lost rows that were just written.")
    for n in numbers:
        passage = records.PASSAGE.validate_json(passages[item(entry.revision, Kind.PASSAGE, n)])
        stored = StoredEvidence.unpacked(evidence[item(entry.revision, Kind.EVIDENCE, n)])
        row: dict[str, Any] = {
            "place": place(entry.revision, n),
            "id": passage.id,
            "name": name_key(passage.id),
            "revision": entry.revision,
            "publisher": name_key(entry.info.publisher),
            "year": NO_YEAR if entry.info.year is None else entry.info.year,
            "kind": int(tables.kind[at + n]),
            "recommends": int(tables.recommends[at + n]),
            "terms": stored.counted.keys.tolist(),
            "vector": stored.vector,
        }
        if tables.head.sparse:
            row["bm25"] = stored.counted.sparse(tables.head.average)
        yield row
