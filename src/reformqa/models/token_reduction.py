"""Token vectors made small: principal components, kept as 8-bit integers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reformqa.errors import EncoderError
from reformqa.models.onnx import Encoder, Encoding

#: Dimensions kept, of the 384 of the default model.
DIMENSIONS = 128
#: The largest values are cut off at this quantile, so that the others keep their resolution.
CUT_OFF = 0.9999
#: The reduction is fitted on so many made texts, each of up to so many words.
MADE_TEXTS = 256
MADE_WORDS = 90
_REDUCTION = "reduction.npy"


@dataclass(frozen=True, slots=True)
class Reduction:
    """From token vectors to few small integers, and back as far as an inner product needs.

    `components` has shape (dimensions, kept), `scale` (kept,): an integer times its scale is the
    component's value.
    """

    components: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def fit(cls, tokens: NDArray[np.float32], kept: int = DIMENSIONS) -> Reduction:
        """The principal components of `tokens`, shape (n, dimensions), about the origin."""
        units = _units(tokens)
        _, vectors = np.linalg.eigh(units.T @ units)
        components = np.ascontiguousarray(vectors[:, ::-1][:, :kept], dtype=np.float32)
        largest = np.quantile(np.abs(_units(units @ components)), CUT_OFF, axis=0)
        return cls(components, (np.maximum(largest, 1e-6) / 127).astype(np.float32))

    @classmethod
    def of_model(cls, encoder: Encoder) -> Reduction:
        """The reduction that belongs to a model, and to no library.

        It is fitted on texts of random words of the model's own vocabulary, so that what is kept
        of a text stays as it is whatever other texts come and go. (docs/design.md compares it
        with one fitted on a library's passages.)
        """
        vocabulary = encoder.vocabulary()
        kept = _kept(encoder, vocabulary)
        words = {_word(p) for p, is_kept in zip(vocabulary, kept, strict=True) if is_kept}
        known = sorted(w for w in words if w.isalpha() and len(w) > 1) or ["a"]
        draw = random.Random(0)
        lengths = (draw.randint(5, MADE_WORDS) for _ in range(MADE_TEXTS))
        texts = (" ".join(draw.choices(known, k=length)) for length in lengths)
        return cls.fit(np.concatenate([_shown(e, kept) for e in encoder.encode_all(texts)]))

    def save(self, folder: Path) -> None:
        """Write it beside the model that it belongs to."""
        np.save(folder / _REDUCTION, np.vstack([self.components, self.scale]))

    @classmethod
    def load(cls, folder: Path) -> Reduction:
        """Read what `save` wrote. Raises EncoderError where that cannot be read."""
        try:
            both = np.load(folder / _REDUCTION)
        except (OSError, ValueError) as error:
            raise EncoderError(
                f"The exported model in {folder} cannot be opened: {error}."
                " Make it anew with `reformqa rebuild --force`."
            ) from error
        return cls(np.ascontiguousarray(both[:-1]), both[-1].copy())

    def stored(self, tokens: NDArray[np.float32]) -> NDArray[np.int8]:
        """Token vectors as they are kept: shape (n, kept)."""
        reduced = self._reduced(tokens) / self.scale
        return np.asarray(np.clip(np.rint(reduced), -127, 127), dtype=np.int8)

    def asked(self, tokens: NDArray[np.float32]) -> NDArray[np.float32]:
        """Token vectors whose inner products with stored ones are cosines: shape (n, kept)."""
        return self._reduced(tokens) * self.scale

    def _reduced(self, tokens: NDArray[np.float32]) -> NDArray[np.float32]:
        return _units(_units(tokens) @ self.components)


class Reducer:
    """What a LateIndex keeps of a text's encoding, for one encoder."""

    def __init__(self, encoder: Encoder, reduction: Reduction) -> None:
        self.vocabulary = encoder.vocabulary()
        self.kept = _kept(encoder, self.vocabulary)
        self.reduction = reduction

    def tokens(self, encoding: Encoding) -> NDArray[np.int8]:
        """The vectors of the pieces that are kept: words and numbers, or all where none is."""
        return self.reduction.stored(_shown(encoding, self.kept))


def _kept(encoder: Encoder, vocabulary: Sequence[str]) -> NDArray[np.bool_]:
    """Which pieces of the vocabulary say something: words, parts of words and numbers."""
    kept = np.array([any(c.isalnum() for c in piece) for piece in vocabulary])
    kept[encoder.special_pieces()] = False
    return kept


def _shown(encoding: Encoding, kept: NDArray[np.bool_]) -> NDArray[np.float32]:
    own = kept[encoding.pieces]
    return encoding.tokens[own] if own.any() else encoding.tokens


def _word(piece: str) -> str:
    for mark in ("▁", "Ġ"):
        piece = piece.removeprefix(mark)
    return piece.lower()  # a piece "##s" goes on a word: it is not the word "s"


def _units(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
