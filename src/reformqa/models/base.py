"""What a model must do, whoever made it: encode texts, encode their tokens, score pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

#: What a text is to its model; some models prefix a prompt that depends on it.
Role = Literal["question", "passage"]


@dataclass(frozen=True, slots=True)
class Encoding:
    """A text encoded: a unit vector of all of it, and a vector for each of its word pieces.

    `sentence` has shape (dimensions,), `tokens` (pieces, dimensions), both float32; `pieces` are
    the pieces' numbers in the vocabulary, shape (pieces,).
    """

    sentence: NDArray[np.float32]
    tokens: NDArray[np.float32]
    pieces: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pieces:
    """The word pieces of a text: their `numbers`, and where each starts and ends in the text.

    `numbers` has shape (pieces,), `places` (pieces, 2), in characters; both int64. The pieces are
    those of the text's `Encoding` without padding; the place of one that stands for no text is
    meaningless.
    """

    numbers: NDArray[np.int64]
    places: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TextVectors:
    """The vectors of a text as an index stores them.

    `sentence` is its unit vector, shape (dimensions,), float32; `tokens` are the reduced vectors
    of its words, shape (words, reduced), int8; `pieces` are the numbers of its different pieces,
    int32.
    """

    sentence: NDArray[np.float32]
    tokens: NDArray[np.int8]
    pieces: NDArray[np.int32]


class Encoder(Protocol):
    """Makes one unit vector of a text. Models of one `digest` make the same vectors."""

    @property
    def digest(self) -> str:
        """A digest of the model's weights and configuration."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    def encode(self, texts: Iterable[str], role: Role) -> Iterator[NDArray[np.float32]]:
        """Yield the unit vector of each text, in order, shape (dimensions,)."""


class TokenEncoder(Protocol):
    """Makes a vector for each word piece of a text."""

    @property
    def vocabulary(self) -> Mapping[int, str]:
        """The word pieces by number."""

    @property
    def special_pieces(self) -> Sequence[int]:
        """The numbers of the pieces that stand for no text: start, end, padding."""

    def encode_tokens(self, texts: Iterable[str], role: Role) -> Iterator[Encoding]:
        """Yield the encoding of each text, in order."""

    def split(self, text: str, role: Role) -> Pieces:
        """Return the word pieces of a text as `encode_tokens` would encode it."""


class TextEncoder(Encoder, TokenEncoder, Protocol):
    """Makes both in one pass: `Encoding.sentence` is what `encode` yields."""


class TokenReduction(Protocol):
    """Reduces token vectors; inner products of `asked` and `stored` ones are cosines."""

    def stored(self, tokens: NDArray[np.float32]) -> NDArray[np.int8]:
        """Return token vectors as an index stores them, shape (n, kept)."""

    def asked(self, tokens: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return token vectors as they are compared with stored ones, shape (n, kept)."""


class Reranker(Protocol):
    """Reads a question and a passage together and scores the pair."""

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Return a score for each passage, shape (passages,); higher is better."""


class Models(Protocol):
    """The models that questions are answered with."""

    @property
    def encoder(self) -> TextEncoder:
        """The model that the passages were encoded with."""

    @property
    def reduction(self) -> TokenReduction:
        """The reduction of the encoder's token vectors."""

    @property
    def reranker(self) -> Reranker | None:
        """A cross-encoder, if one is set."""


@dataclass(frozen=True, slots=True)
class Execution:
    """Where models run. `threads` is 0 for as many as suit the machine."""

    provider: Literal["cpu", "cuda"] = "cpu"
    threads: int = 0
