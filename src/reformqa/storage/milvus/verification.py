"""Whether a version's rows are as they were written: all are counted, those of some compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reformqa.storage.milvus import records
from reformqa.storage.milvus.layout import Layout
from reformqa.storage.milvus.reading import RecordReader
from reformqa.storage.milvus.server import AT_ONCE, Server, numbers
from reformqa.storage.milvus.tables import Tables

#: About how many reports, evenly spread, are compared with their digests.
SAMPLED = 20


def find_fault(
    server: Server, passages: str, tables: Tables, layout: Layout, reader: RecordReader
) -> str | None:
    """Return the first fault of the rows in the collection `passages` and of records, or None."""
    found = server.count(passages, layout.within, strong=True)
    if found != layout.size:
        return f"it has {layout.size} passages but {found} rows"
    step = max(1, len(tables.entries) // SAMPLED)
    # Other reports with every version, so that some nights see all of them.
    for of in range(tables.head.number % step, len(tables.entries), step):
        if fault := _fault_of_report(of, server, passages, tables, layout, reader):
            return fault
    return None


def _fault_of_report(
    of: int,
    server: Server,
    passages: str,
    tables: Tables,
    layout: Layout,
    reader: RecordReader,
) -> str | None:
    """Compare the records of a report with its digest, and its rows with those."""
    entry = tables.entries[of]
    positions = np.flatnonzero(layout.report == of)
    held = reader.passages(positions.tolist())
    stored = reader.evidence(positions)
    (report,) = reader.reports([entry])
    made = records.digest(
        report,
        reader.recommendations([entry]),
        reader.recommendation_vectors([entry]),
        held,
        [records.text_vectors(s) for s in stored],
    )
    if made != entry.digest:
        return f"the records of the report {report.id} are altered"
    rows = _rows(server, passages, layout.places(positions))
    for passage, evidence, row in zip(held, stored, rows, strict=True):
        same = row is not None and row[0] == passage.id
        if row is None or not same or not np.array_equal(row[1], evidence.vector):
            return f"the row of the passage {passage.id} is missing or altered"
    return None


def _rows(
    server: Server, passages: str, places: NDArray[np.int64]
) -> list[tuple[str, NDArray[np.float32]] | None]:
    """Return the id and the vector in each row; None for one that is missing."""
    found = {}
    for start in range(0, len(places), AT_ONCE):
        where = f"place in {numbers(places[start : start + AT_ONCE].tolist())}"
        for row in server.query(passages, where, ["id", "vector"], strong=True):
            found[row["place"]] = row["id"], np.asarray(row["vector"], dtype=np.float32)
    return [found.get(place) for place in places.tolist()]
