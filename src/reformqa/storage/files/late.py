"""The late-interaction leg: each word of a question looks for its best match in a passage.

ColBERT's MaxSim (Khattab and Zaharia 2020, arXiv 2004.12832) over the token vectors of the same
forward pass that gives the sentence vector, as in "late chunking" models without training for it.
Each piece of the question counts by its idf (as BM25 counts terms); vectors are reduced by
principal components and kept as 8-bit integers, in the spirit of ColBERTv2's compression (Santhanam
et al. 2022, arXiv 2112.01488).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from reformqa.models.onnx import Encoding
from reformqa.models.token_reduction import Reducer, Reduction, _units, _word
from reformqa.text.tokens import STOP_WORDS

#: A stop word counts this share of its idf: it says little, and not quite nothing.
STOP_WEIGHT = 0.25


_TOKENS = "late.tokens.i8"


class LateIndex:
    """The reduced token vectors of every passage, one after another.

    Row r's tokens are `tokens[starts[r]:starts[r] + lengths[r]]`; at least one each. `weights`
    has a weight for each piece of the vocabulary.
    """

    def __init__(
        self,
        reduction: Reduction,
        tokens: NDArray[np.int8],
        starts: NDArray[np.int64],
        lengths: NDArray[np.int32],
        weights: NDArray[np.float32],
    ) -> None:
        self._reduction = reduction
        self._tokens = tokens
        self._starts = starts
        self._lengths = lengths
        self._weights = weights

    @property
    def size(self) -> int:
        """How many passages it holds."""
        return len(self._starts)

    def score(self, asked: Sequence[Encoding], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """MaxSim of each wording of a question with the passages in `rows`, 0–1 in practice.

        The mean over the question's pieces, each by its weight, of the best cosine with a piece
        of the passage. Shape (wordings, rows).
        """
        if not len(rows):
            return np.zeros((len(asked), 0), dtype=np.float32)
        lengths = self._lengths[rows]
        ends = np.cumsum(lengths)
        at = np.arange(ends[-1]) + np.repeat(self._starts[rows] - (ends - lengths), lengths)
        tokens = self._tokens[at].astype(np.float32)
        scores = np.empty((len(asked), len(rows)), dtype=np.float32)
        for n, wording in enumerate(asked):
            weights = self._weights[wording.pieces]
            if not weights.any():  # nothing but stop marks: every piece counts alike
                weights = np.ones_like(weights)
            counted = weights > 0
            similar = tokens @ self._reduction.asked(wording.tokens[counted]).T
            best = np.maximum.reduceat(similar, ends - lengths, axis=0)
            scores[n] = best @ (weights[counted] / weights.sum())
        return scores

    def met(self, asked: Encoding, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The best cosine of each piece of a question in each passage. Shape (pieces, rows)."""
        pieces = self._reduction.asked(asked.tokens)
        best = np.empty((len(pieces), len(rows)), dtype=np.float32)
        for n, row in enumerate(rows):
            start = self._starts[row]
            tokens = self._tokens[start : start + self._lengths[row]].astype(np.float32)
            best[:, n] = (pieces @ tokens.T).max(axis=1)
        return best

    def words(self, asked: Encoding, vocabulary: Sequence[str]) -> dict[str, list[int]]:
        """The words of a question that say something, each with the places of its pieces."""
        found: list[tuple[str, list[int]]] = []
        for place, number in enumerate(asked.pieces):
            piece = vocabulary[number]
            if self._weights[number] <= 0:
                continue
            if piece.startswith("##") and found and found[-1][1][-1] == place - 1:
                word, places = found.pop()
                found.append((word + piece.removeprefix("##"), [*places, place]))
            else:
                found.append((_word(piece), [place]))
        return {w: places for w, places in found if w not in STOP_WORDS and len(w) > 1}

    def between(self, asked: Encoding, texts: Sequence[Encoding]) -> NDArray[np.float32]:
        """MaxSim of a wording of a question with texts encoded apart, unreduced. Shape (texts,)."""
        weights = self._weights[asked.pieces]
        counted = weights > 0
        question = _units(asked.tokens[counted])
        scores = np.zeros(len(texts), dtype=np.float32)
        for n, text in enumerate(texts):
            words = self._weights[text.pieces] > 0
            if counted.any() and words.any():
                best = (question @ _units(text.tokens[words]).T).max(axis=1)
                scores[n] = best @ (weights[counted] / weights.sum())
        return scores

    @classmethod
    def load(cls, folder: Path) -> LateIndex:
        """Open what a LateWriter wrote, the token vectors memory-mapped."""
        parts = [
            np.load(folder / f"late.{name}.npy", mmap_mode="r").view(np.ndarray)
            for name in ("components", "scale", "starts", "lengths", "weights")
        ]
        components, scale, starts, lengths, weights = parts
        tokens = np.memmap(folder / _TOKENS, dtype=np.int8, mode="r").view(np.ndarray)
        tokens = tokens.reshape(-1, components.shape[1])
        reduction = Reduction(np.array(components), np.array(scale))
        return cls(reduction, tokens, starts, lengths, weights)


class LateWriter:
    """Writes a LateIndex into a folder, a text at a time and in any order.

    Memory stays small however many passages there are. Use it as a context manager.
    """

    def __init__(self, folder: Path, reducer: Reducer, passages: int) -> None:
        self._folder = folder
        self._reducer = reducer
        self._starts = np.zeros(passages, dtype=np.int64)
        self._lengths = np.zeros(passages, dtype=np.int32)
        self._holders = np.zeros(len(reducer.vocabulary), dtype=np.int64)
        self._taken = 0

    def __enter__(self) -> Self:
        self._file = (self._folder / _TOKENS).open("wb")
        return self

    def add(
        self, rows: Sequence[int], tokens: NDArray[np.int8], pieces: NDArray[np.integer[Any]]
    ) -> None:
        """Take one text; `rows` are the passages that it is the text of.

        `tokens` are as the reducer gives them, `pieces` the numbers of its different pieces.
        """
        self._starts[rows] = self._taken
        self._lengths[rows] = len(tokens)
        self._taken += len(tokens)
        self._holders[pieces] += len(rows)
        self._file.write(tokens.tobytes())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        reduction = self._reducer.reduction
        np.save(self._folder / "late.components.npy", reduction.components)
        np.save(self._folder / "late.scale.npy", reduction.scale)
        np.save(self._folder / "late.starts.npy", self._starts)
        np.save(self._folder / "late.lengths.npy", self._lengths)
        np.save(self._folder / "late.weights.npy", self._weights())

    def _weights(self) -> NDArray[np.float32]:
        """Each piece's idf over the passages; less for stop words, none for punctuation."""
        passages = len(self._starts)
        idf = np.log1p((passages - self._holders + 0.5) / (self._holders + 0.5))
        stops = [_word(piece) in STOP_WORDS for piece in self._reducer.vocabulary]
        weighed = idf * self._reducer.kept * np.where(stops, STOP_WEIGHT, 1)
        return np.asarray(weighed, dtype=np.float32)
