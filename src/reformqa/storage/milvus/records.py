"""The records of reports as bytes, and what a report's digest covers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from reformqa.model import Paragraph, Passage, Recommendation, Report, ReportInfo, Section
from reformqa.models.base import TextVectors
from reformqa.storage.milvus.bm25 import Counted

INFO = TypeAdapter(ReportInfo)
PARAGRAPH = TypeAdapter(Paragraph)
PASSAGE = TypeAdapter(Passage)
RECOMMENDATIONS = TypeAdapter(tuple[Recommendation, ...])


@dataclass(frozen=True, slots=True)
class Outline:
    """A report's sections, and the numbers of its paragraphs in their order."""

    sections: tuple[Section, ...]
    numbers: tuple[int, ...]


OUTLINE = TypeAdapter(Outline)
_REPORT = TypeAdapter(Report)
_HEADER = struct.Struct("<IIIII")


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """What scoring needs of a passage: its vectors, see `TextVectors`, and its counted terms."""

    vector: NDArray[np.float32]
    tokens: NDArray[np.int8]
    counted: Counted

    def packed(self) -> bytes:
        """Return it as bytes."""
        sizes = len(self.vector), *self.tokens.shape, len(self.counted.keys), self.counted.length
        arrays = self.vector, self.tokens, self.counted.keys, self.counted.counts
        return _HEADER.pack(*sizes) + b"".join(a.tobytes() for a in arrays)

    @classmethod
    def unpacked(cls, data: bytes) -> StoredEvidence:
        """Return what `packed` made bytes of."""
        dimensions, words, width, terms, length = _HEADER.unpack_from(data)
        at = _HEADER.size

        def take(kind: Any, count: int) -> NDArray[Any]:
            nonlocal at
            found = np.frombuffer(data, dtype=kind, count=count, offset=at)
            at += found.nbytes
            return found

        vector = take(np.float32, dimensions)
        tokens = take(np.int8, words * width).reshape(words, width)
        return cls(vector, tokens, Counted(take(np.int64, terms), take(np.uint16, terms), length))


def digest(
    report: Report,
    recommendations: Sequence[Recommendation],
    of_recommendations: NDArray[np.float32],
    passages: Sequence[Passage],
    vectors: Sequence[TextVectors],
) -> str:
    """Return a digest of all that is stored of a report: if it is equal, its rows are."""
    made = blake2b(digest_size=20)
    made.update(_REPORT.dump_json(report))
    made.update(RECOMMENDATIONS.dump_json(tuple(recommendations)))
    made.update(of_recommendations.tobytes())
    for passage, stored in zip(passages, vectors, strict=True):
        made.update(PASSAGE.dump_json(passage))
        made.update(stored.sentence.tobytes())
        made.update(stored.tokens.tobytes())
    return made.hexdigest()


def text_vectors(stored: StoredEvidence) -> TextVectors:
    """Return stored vectors as they were written, without the pieces, which no row keeps."""
    return TextVectors(stored.vector, stored.tokens, np.zeros(0, dtype=np.int32))
