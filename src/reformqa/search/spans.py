"""Score parts of passages, such as sentences, by the token vectors that an index holds of them.

A part has the vectors of its pieces as they were encoded in their passage, context included
("late chunking": Günther et al. 2024, arXiv 2409.04701), so no text is encoded at question time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Passage
from reformqa.models.base import Models
from reformqa.models.token_reduction import kept_pieces
from reformqa.search.scoring import PieceWeights, of_question, weighted
from reformqa.storage.base import EncodedQuery, Evidence
from reformqa.text.sentences import Span

#: The passages whose pieces are remembered.
REMEMBERED = 4_000


@dataclass(frozen=True, slots=True)
class Part:
    """The characters `start` to `end` of what the indexes see of a passage, its context first."""

    passage: Passage
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near texts come to a question: arrays of shape (texts,).

    `late` is MaxSim with all words of the question alike, `rare` by their idf.
    """

    late: NDArray[np.float32]
    rare: NDArray[np.float32]


#: Returns how near texts, made of parts of passages, come to the question that is being answered.
NearnessOf = Callable[[Sequence[Sequence[Part]]], Nearness]


class SpanScorer:
    """Scores parts of one library's passages."""

    def __init__(self, models: Models, weights: PieceWeights) -> None:
        self._models = models
        self._weights = weights
        self._places = lru_cache(REMEMBERED)(partial(_split, models, kept_pieces(models.encoder)))

    def nearness(
        self,
        query: EncodedQuery,
        evidence: Evidence,
        texts: Sequence[Sequence[Part]],
    ) -> Nearness:
        """Return how near texts come to a question.

        A text is made of parts of passages that `evidence` is of; one without parts is not near.
        """
        reduction = self._models.reduction
        rows, owners = self._rows(evidence, texts)
        tokens = evidence.tokens[rows]
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        having = owners[starts]
        late, rare = np.zeros((2, len(query.encodings), len(texts)), dtype=np.float32)
        if len(rows):
            for n, encoding in enumerate(query.encodings):
                similar = tokens.astype(np.float32) @ reduction.asked(encoding.tokens).T
                best = np.maximum.reduceat(similar, starts, axis=0).T
                late[n, having] = weighted(best, encoding, self._weights.plain)
                rare[n, having] = weighted(best, encoding, self._weights.rare)
        return Nearness(of_question(late, query.forms), of_question(rare, query.forms))

    def _rows(
        self, evidence: Evidence, texts: Sequence[Sequence[Part]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of the evidence's tokens in each text, and of which text each is."""
        ends = np.cumsum(evidence.lengths)
        first = dict(zip(evidence.ids, (ends - evidence.lengths).tolist(), strict=True))
        rows: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
        for parts in texts:
            found = [
                first[part.passage.id] + _within(self._places(part.passage.indexed), part)
                for part in parts
            ]
            rows.append(np.concatenate([np.zeros(0, dtype=np.int64), *found]))
        owners = np.repeat(np.arange(len(texts)), [len(r) for r in rows[1:]])
        return np.concatenate(rows), owners


def _split(models: Models, kept: NDArray[np.bool_], indexed: str) -> NDArray[np.int64]:
    """Return where the pieces of a passage begin that have vectors, shape (vectors,)."""
    pieces = models.encoder.split(indexed, "passage")
    own = kept[pieces.numbers]
    return pieces.places[own, 0] if own.any() else pieces.places[:, 0]


def parts_of(passages: Iterable[Passage], span: Span) -> list[Part]:
    """Return the parts of a paragraph's passages that a span of its text covers."""
    found = []
    for passage in passages:
        start, end = max(span[0], passage.span[0]), min(span[1], passage.span[1])
        if start < end:
            shift = _start(passage) - passage.span[0] - _indent(passage.text)
            found.append(Part(passage, start + shift, end + shift))
    return found


def context_of(passage: Passage) -> Part:
    """Return the context of a passage: the headings and the opening that come before its text."""
    return Part(passage, 0, _start(passage))


def _within(begins: NDArray[np.int64], part: Part) -> NDArray[np.int64]:
    return np.flatnonzero((begins >= part.start) & (begins < part.end))


def _start(passage: Passage) -> int:
    """Return where the text starts in what is indexed."""
    return len(passage.indexed) - len(passage.text.strip())


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
