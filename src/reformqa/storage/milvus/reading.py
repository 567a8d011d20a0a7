"""The records of a version, read by id or by position and checked as they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from reformqa.errors import DamagedIndexError
from reformqa.model import Paragraph, Passage, Recommendation, Report
from reformqa.storage.milvus import records
from reformqa.storage.milvus.blobs import Blobs
from reformqa.storage.milvus.bm25 import Counted
from reformqa.storage.milvus.layout import Layout
from reformqa.storage.milvus.records import StoredEvidence
from reformqa.storage.milvus.schema import KIND_BITS, Kind, item, name_key, revision_of
from reformqa.storage.milvus.server import AT_ONCE
from reformqa.storage.milvus.tables import Entry, Tables

#: The paragraph ids that are remembered with the numbers of their records.
_IDS = 100_000


class RecordReader:
    """Reads the records that belong to a version; `damaged` makes an error of a reason."""

    def __init__(
        self,
        values: Blobs,
        tables: Tables,
        layout: Layout,
        damaged: Callable[[str], DamagedIndexError],
    ) -> None:
        self._values = values
        self._dimensions = tables.head.dimensions
        self._layout = layout
        self._damaged = damaged
        self._paragraphs: dict[str, int] = {}
        self._known: dict[int, tuple[Recommendation, ...]] = {}

    def paragraphs(self, ids: Iterable[str]) -> dict[str, Paragraph]:
        """Return the paragraphs with those ids; unknown ids are left out."""
        wanted = list(dict.fromkeys(ids))
        known = self._paragraphs
        read = self.numbered(known[i] for i in wanted if i in known)
        if missing := [name_key(i) for i in wanted if i not in known]:
            read |= {
                n: records.PARAGRAPH.validate_json(data)
                for n, data in self._values.named(missing).items()
                if self._layout.has(revision_of(n))
            }
            full = len(known) > _IDS
            # Other threads read and replace it: never change it in place.
            self._paragraphs = ({} if full else known) | {p.id: n for n, p in read.items()}
        of_id = {p.id: p for p in read.values()}
        return {i: of_id[i] for i in wanted if i in of_id}

    def numbered(self, numbers: Iterable[int]) -> dict[int, Paragraph]:
        """Return the paragraphs whose records have those numbers; unknown ones are left out."""
        found = self._values.get(numbers)
        return {n: records.PARAGRAPH.validate_json(data) for n, data in found.items()}

    def passages(self, positions: Sequence[int]) -> list[Passage]:
        """Return the passages at those positions, in their order."""
        return [records.PASSAGE.validate_json(data) for data in self._at(Kind.PASSAGE, positions)]

    def evidence(self, positions: Sequence[int] | NDArray[np.int64]) -> list[StoredEvidence]:
        """Return what scoring needs of the passages at those positions, in their order."""
        return [StoredEvidence.unpacked(data) for data in self._at(Kind.EVIDENCE, positions)]

    def all_counted(self) -> Iterator[Counted]:
        """Yield the counted terms of every passage, in the library's order."""
        for start in range(0, self._layout.size, AT_ONCE):
            positions = range(start, min(start + AT_ONCE, self._layout.size))
            yield from (stored.counted for stored in self.evidence(positions))

    def reports(self, entries: Sequence[Entry]) -> list[Report]:
        """Return whole reports."""
        outlines = self._all([item(e.revision, Kind.REPORT) for e in entries])
        made = []
        for entry, data in zip(entries, outlines, strict=True):
            outline = records.OUTLINE.validate_json(data)
            texts = self._all([item(entry.revision, Kind.PARAGRAPH, n) for n in outline.numbers])
            paragraphs = tuple(records.PARAGRAPH.validate_json(text) for text in texts)
            made.append(entry.info.with_text(outline.sections, paragraphs))
        return made

    def recommendations(self, entries: Sequence[Entry]) -> list[Recommendation]:
        """Return the recommendations of reports; those that were read are remembered."""
        own = [e.revision for e in entries if e.recommendations]
        known = self._known
        if missing := [r for r in own if r not in known]:
            lists = self._all([item(r, Kind.RECOMMENDATIONS) for r in missing])
            read = map(records.RECOMMENDATIONS.validate_json, lists)
            known = self._known = known | dict(zip(missing, read, strict=True))
        return [recommendation for r in own for recommendation in known[r]]

    def recommendation_vectors(self, entries: Sequence[Entry]) -> NDArray[np.float32]:
        """Return the vectors of the recommendations of reports."""
        own = [item(e.revision, Kind.VECTORS) for e in entries if e.recommendations]
        vectors = np.frombuffer(b"".join(self._all(own)), dtype=np.float32)
        return vectors.reshape(-1, self._dimensions)

    def _at(self, kind: Kind, positions: Sequence[int] | NDArray[np.int64]) -> list[bytes]:
        """Return the records of passages, in their order."""
        places = self._layout.places(positions).tolist()
        return self._all([p << KIND_BITS | kind for p in places])

    def _all(self, items: Sequence[int]) -> list[bytes]:
        """Return the records of those numbers. Raises DamagedIndexError if one is missing."""
        found = self._values.get(items)
        if any(i not in found for i in items):
            raise self._damaged("records are missing; it may have been removed by a rebuild")
        return [found[i] for i in items]
