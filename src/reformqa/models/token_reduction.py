"""Reduced token vectors: principal components about their mean as 8-bit integers.

In the spirit of ColBERTv2's compression (Santhanam et al. 2022, arXiv 2112.01488).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from reformqa.errors import EncoderError
from reformqa.models.base import Encoding, TextVectors, TokenEncoder
from reformqa.text.tokens import STOP_WORDS

#: Dimensions kept, of the 384 of the default model.
DIMENSIONS = 128
#: Larger values than this quantile are cut off, which leaves the others more resolution.
CUT_OFF = 0.9999

#: The reduction is fitted on this many made-up texts of up to so many words each.
MADE_TEXTS = 256
MADE_WORDS = 90

#: The piece that questions are filled up with, and how much it counts beside a word.
MASK, MASK_WEIGHT = "[MASK]", 0.3

#: The file of a reduction, beside its model.
REDUCTION = "reduction.npz"


@dataclass(frozen=True, slots=True)
class Reduction:
    """A map from token vectors to a few small integers that preserves cosines about their mean.

    What all token vectors of a model have in common tells none from another, so it is taken away
    first (Mu and Viswanath 2018, arXiv 1702.01417). `mean` has shape (dimensions,), `components`
    (dimensions, kept), `scale` (kept,): an integer times its scale is the component's value.
    """

    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def fit(cls, tokens: NDArray[np.float32], kept: int = DIMENSIONS) -> Reduction:
        """Return the principal components of `tokens`, shape (n, dimensions), about their mean."""
        mean = tokens.mean(axis=0)
        units = unit_rows(tokens - mean)
        _, vectors = np.linalg.eigh(units.T @ units)
        components = np.ascontiguousarray(vectors[:, ::-1][:, :kept], dtype=np.float32)
        largest = np.quantile(np.abs(unit_rows(units @ components)), CUT_OFF, axis=0)
        return cls(mean, components, (np.maximum(largest, 1e-6) / 127).astype(np.float32))

    @classmethod
    def of_model(cls, encoder: TokenEncoder) -> Reduction:
        """Return the reduction of a model, which depends on no library.

        It is fitted on random words of the model's own vocabulary, so the vectors of a text do not
        change when other texts come and go. docs/design.md compares it with a reduction fitted on
        a library's passages.
        """
        kept = kept_pieces(encoder)
        words = {word_of(p) for n, p in encoder.vocabulary.items() if kept[n]}
        known = sorted(w for w in words if w.isalpha() and len(w) > 1) or ["a"]
        draw = random.Random(0)
        lengths = (draw.randint(5, MADE_WORDS) for _ in range(MADE_TEXTS))
        texts = (" ".join(draw.choices(known, k=length)) for length in lengths)
        encodings = encoder.encode_tokens(texts, "passage")
        return cls.fit(np.concatenate([_kept_tokens(e, kept) for e in encodings]))

    def save(self, folder: Path) -> None:
        """Write it beside its model."""
        np.savez(folder / REDUCTION, mean=self.mean, components=self.components, scale=self.scale)

    @classmethod
    def load(cls, folder: Path) -> Reduction:
        """Read what `save` wrote. Raises EncoderError if it cannot be read."""
        try:
            with np.load(folder / REDUCTION) as parts:
                return cls(parts["mean"], parts["components"], parts["scale"])
        except (OSError, ValueError, EOFError, KeyError, BadZipFile, TypeError) as error:
            raise EncoderError(
                f"The exported model in {folder} cannot be opened: {error}."
                " Export it again with `reformqa rebuild --force`."
            ) from error

    def stored(self, tokens: NDArray[np.float32]) -> NDArray[np.int8]:
        """Return token vectors as an index stores them, shape (n, kept)."""
        reduced = self._reduced(tokens) / self.scale
        return np.asarray(np.clip(np.rint(reduced), -127, 127), dtype=np.int8)

    def asked(self, tokens: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return vectors whose inner products with stored ones are cosines, shape (n, kept)."""
        return self._reduced(tokens) * self.scale

    def _reduced(self, tokens: NDArray[np.float32]) -> NDArray[np.float32]:
        return unit_rows(unit_rows(tokens - self.mean) @ self.components)


class Reducer:
    """Turns a model's encodings into the vectors that an index stores."""

    def __init__(self, encoder: TokenEncoder, reduction: Reduction) -> None:
        self.reduction = reduction
        self._kept = kept_pieces(encoder)

    def reduce(self, encoding: Encoding) -> TextVectors:
        """Return a text's vectors: tokens of its words and numbers, or all if it has none."""
        tokens = self.reduction.stored(_kept_tokens(encoding, self._kept))
        return TextVectors(encoding.sentence, tokens, np.unique(encoding.pieces).astype(np.int32))


def kept_pieces(encoder: TokenEncoder) -> NDArray[np.bool_]:
    """Return which pieces of the vocabulary say something: words, parts of words and numbers."""
    pieces: Mapping[int, str] = encoder.vocabulary
    kept = np.zeros(max(pieces) + 1, dtype=np.bool_)
    for number, piece in pieces.items():
        kept[number] = any(c.isalnum() for c in piece)
    kept[list(encoder.special_pieces)] = False
    return kept


def piece_factors(encoder: TokenEncoder, stop_weight: float) -> NDArray[np.float32]:
    """Return how much each piece counts besides its idf, shape (pieces,).

    Words count 1, stop words `stop_weight`, and marks and special pieces nothing.
    """
    factors = kept_pieces(encoder).astype(np.float32)
    for number, piece in encoder.vocabulary.items():
        if word_of(piece) in STOP_WORDS:
            factors[number] *= stop_weight
    return factors


def plain_weights(encoder: TokenEncoder) -> NDArray[np.float32]:
    """Return how much each piece counts in a question where all words are alike, (pieces,).

    The masks that fill a question up count MASK_WEIGHT, and marks and special pieces nothing.
    """
    weights = kept_pieces(encoder).astype(np.float32)
    for number in encoder.special_pieces:
        if encoder.vocabulary[number] == MASK:
            weights[number] = MASK_WEIGHT
    return weights


def word_of(piece: str) -> str:
    """Return a piece in lower case without the mark of a word's start."""
    for mark in ("▁", "Ġ"):
        piece = piece.removeprefix(mark)
    return piece.lower()  # "##s" continues a word: it is not the word "s"


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rows scaled to length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def _kept_tokens(encoding: Encoding, kept: NDArray[np.bool_]) -> NDArray[np.float32]:
    own = kept[encoding.pieces]
    return encoding.tokens[own] if own.any() else encoding.tokens
