"""The three legs of a search (BM25, embedding, late interaction): made and opened together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reformqa.dense import DenseIndex
from reformqa.encoders import Encoder, Encoding
from reformqa.late import LateIndex, LateWriter
from reformqa.lexical import LexicalIndex

#: So many passages, evenly spread, show the reduction of the token vectors what to keep.
SAMPLE = 256


@dataclass(frozen=True, slots=True)
class Legs:
    """The legs of a build; row n of each is its passage n."""

    lexical: LexicalIndex
    dense: DenseIndex
    late: LateIndex

    @classmethod
    def load(cls, folder: Path) -> Legs:
        """Open what `write_legs` wrote, memory-mapped."""
        return cls(LexicalIndex.load(folder), DenseIndex.load(folder), LateIndex.load(folder))


def write_legs(
    folder: Path,
    texts: Sequence[str],
    encoder: Encoder,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write the legs of passages into `folder`; `texts` are what is indexed, at least one.

    Each text is encoded once, in one forward pass that serves both vector legs; a text that is
    there twice, as in a report that is there twice, is encoded once too.
    """
    LexicalIndex.build(texts).save(folder)
    rows: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        rows[text].append(row)
    distinct = list(rows)
    first = set(range(0, len(distinct), max(1, len(distinct) // SAMPLE)))
    sampled = sorted(first)
    sample = dict(encoder.encode_all([distinct[n] for n in sampled]))
    done = len(sample)
    rest = [n for n in range(len(distinct)) if n not in first]
    vectors = np.empty((len(texts), encoder.dimensions), dtype=np.float32)
    with LateWriter(folder, encoder, list(sample.values()), len(texts)) as late:

        def keep(positions: Sequence[int], encodings: Iterable[tuple[int, Encoding]]) -> None:
            for n, encoding in encodings:
                of_text = rows[distinct[positions[n]]]
                vectors[of_text] = encoding.sentence
                late.add(of_text, encoding)

        keep(sampled, sample.items())
        more = encoder.encode_all(
            [distinct[n] for n in rest],
            progress=lambda n: progress(done + n, len(distinct)),
        )
        keep(rest, more)
    progress(len(distinct), len(distinct))
    DenseIndex.build(vectors).save(folder)
