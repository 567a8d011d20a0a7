"""The three legs of a search (BM25, embedding, late interaction): made and opened together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reformqa.models.cache import VectorStore
from reformqa.storage.files.bm25 import LexicalIndex
from reformqa.storage.files.dense import DenseIndex
from reformqa.storage.files.late import LateIndex, LateWriter

#: Progress is told each so many texts.
TOLD_EACH = 32


@dataclass(frozen=True, slots=True)
class Indexes:
    """The legs of a build; row n of each is its passage n."""

    lexical: LexicalIndex
    dense: DenseIndex
    late: LateIndex

    @classmethod
    def load(cls, folder: Path) -> Indexes:
        """Open what `write_indexes` wrote, memory-mapped."""
        return cls(LexicalIndex.load(folder), DenseIndex.load(folder), LateIndex.load(folder))


def write_indexes(
    folder: Path,
    texts: Sequence[str],
    store: VectorStore,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write the legs of passages into `folder`; `texts` are what is indexed, at least one.

    A text that is there twice, as in a report that is there twice, is kept once.
    """
    LexicalIndex.build(texts).save(folder)
    rows: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        rows[text].append(row)
    sentences = np.empty((len(texts), store.dimensions), dtype=np.float32)
    with LateWriter(folder, store.reducer, len(texts)) as late:
        for done, (text, vectors) in enumerate(zip(rows, store.vectors(list(rows)), strict=True)):
            sentences[rows[text]] = vectors.sentence
            late.add(rows[text], vectors.tokens, vectors.pieces)
            if done % TOLD_EACH == 0:
                progress(done, len(rows))
    progress(len(rows), len(rows))
    DenseIndex.build(sentences).save(folder)
