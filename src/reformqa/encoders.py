"""Encode texts and score pairs with an exported model: onnxruntime and tokenizers, no torch."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidProtobuf,
    NoSuchFile,
)
from tokenizers import Tokenizer

from reformqa.errors import EncoderError

# What onnxruntime raises for a file that is no graph: not one of them is a RuntimeError.
_REFUSALS = (Fail, InvalidArgument, InvalidProtobuf, NoSuchFile)

#: How many texts a forward pass takes: more only pads, on processors.
BATCH = 8
#: How many texts are cut into pieces at a time: what tells pieces takes a hundred times their text.
ROUND = 256
#: A text joins a batch when it has this share of the pieces of the longest: padding costs as text.
LEAST_FULL = 0.75
#: More threads than this gain nothing on so small a model.
MOST_THREADS = 4
#: The files of an exported model's graph, and of its 8-bit twin.
GRAPH = "model.onnx"
QUICK_GRAPH = "quick.onnx"


@dataclass(frozen=True, slots=True)
class Encoding:
    """What one text becomes: a unit vector, and a vector for each of its word pieces.

    `sentence` has shape (dimensions,), `tokens` (pieces, dimensions), float32 both; `pieces` are
    the pieces' numbers in the vocabulary, shape (pieces,).
    """

    sentence: NDArray[np.float32]
    tokens: NDArray[np.float32]
    pieces: NDArray[np.int64]


class Encoder:
    """A sentence-transformers model as `models.export_encoder` wrote it.

    Sentence-BERT (Reimers and Gurevych 2019, arXiv 1908.10084): the sentence vector is pooled from
    the token vectors, so that one forward pass gives both. Vectors are equal to those of
    sentence-transformers within 1e-5.
    """

    def __init__(self, folder: Path) -> None:
        self._graph = self._opened(folder)
        header = self._graph.header
        self.dimensions: int = header.get("dimensions", 0)
        self._prompts: dict[str, str] = {
            "question": header.get("question_prompt", ""),
            "passage": header.get("passage_prompt", ""),
        }

    @staticmethod
    def _opened(folder: Path) -> _Graph:
        return _Graph(folder, GRAPH, _threads())

    def encode(self, texts: Sequence[str], kind: str = "question") -> list[Encoding]:
        """Encode texts in one forward pass; `kind` is "question" or "passage"."""
        pieces = self._pieces(texts, kind)
        return self._forward(pieces) if pieces else []

    def encode_all(
        self,
        texts: Sequence[str],
        kind: str = "passage",
        *,
        progress: Callable[[int], None] = lambda done: None,
    ) -> Iterator[tuple[int, Encoding]]:
        """Encode many texts, each with its position; long ones first, batched with their like."""
        by_length = sorted(range(len(texts)), key=lambda n: -len(texts[n]))
        for done in range(0, len(texts), ROUND):
            places = by_length[done : done + ROUND]
            for n, encoding in self._encode_round([texts[n] for n in places], kind):
                yield places[n], encoding
            progress(done + len(places))

    def _encode_round(self, texts: Sequence[str], kind: str) -> Iterator[tuple[int, Encoding]]:
        pieces = self._pieces(texts, kind)
        order = sorted(range(len(pieces)), key=lambda n: -len(pieces[n]))
        start = 0
        while start < len(order):
            longest = len(pieces[order[start]])
            batch = [
                n for n in order[start : start + BATCH] if len(pieces[n]) >= LEAST_FULL * longest
            ]
            yield from zip(batch, self._forward([pieces[n] for n in batch]), strict=True)
            start += len(batch)

    def sentence_vectors(self, texts: Sequence[str], kind: str = "passage") -> NDArray[np.float32]:
        """Unit vectors of the texts: shape (len(texts), dimensions)."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for n, encoding in self.encode_all(texts, kind):
            vectors[n] = encoding.sentence
        return vectors

    def vocabulary(self) -> list[str]:
        """The word pieces by number."""
        numbers = self._graph.tokenizer.get_vocab()
        pieces = [""] * (max(numbers.values()) + 1)
        for piece, number in numbers.items():
            pieces[number] = piece
        return pieces

    def special_pieces(self) -> list[int]:
        """The numbers of the pieces that stand for no text: the start, the end, padding."""
        added: dict[int, Any] = self._graph.tokenizer.get_added_tokens_decoder()
        return [number for number, token in added.items() if token.special]

    def _pieces(self, texts: Sequence[str], kind: str) -> list[Any]:
        prompt = self._prompts[kind]
        return list(self._graph.tokenizer.encode_batch([prompt + _whole(t) for t in texts]))

    def _forward(self, pieces: Sequence[Any]) -> list[Encoding]:
        tokens, sentences = self._graph.run(pieces)
        return [
            Encoding(sentences[n], tokens[n, : len(p)], np.array(p.ids, dtype=np.int64))
            for n, p in enumerate(pieces)
        ]


class QuickEncoder(Encoder):
    """The same model in 8-bit integers: for texts that no index holds, while somebody waits.

    Twice as quick, its vectors at a cosine of .99 to Encoder's. A text's integers are scaled by
    the largest values of its pass: each has a pass of its own, lest its vectors be of its
    neighbours too. The passes run beside each other, however many ask.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._beside = ThreadPoolExecutor(_threads(), "encoding")

    @staticmethod
    def _opened(folder: Path) -> _Graph:
        return _Graph(folder, QUICK_GRAPH, 1)  # threads within so small a pass mostly wait

    def _forward(self, pieces: Sequence[Any]) -> list[Encoding]:
        alone = super()._forward
        return [encoding for (encoding,) in self._beside.map(lambda p: alone([p]), pieces)]


class Reranker:
    """A cross-encoder as `models.export_reranker` wrote it: it reads question and passage together.

    Nogueira and Cho 2019, arXiv 1901.04085. Better than any leg and far slower, so it only orders
    the best few.
    """

    def __init__(self, folder: Path) -> None:
        self._graph = _Graph(folder, GRAPH, _threads())

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """The model's score for each passage, shape (passages,); higher is better."""
        pairs = self._graph.tokenizer.encode_batch([(_whole(question), p) for p in passages])
        parts = [
            self._graph.run(pairs[start : start + BATCH])[0]
            for start in range(0, len(pairs), BATCH)
        ]
        return np.concatenate([np.zeros(0, dtype=np.float32), *parts])


class _Graph:
    """An exported model: its graph, its tokenizer and its header."""

    def __init__(self, folder: Path, graph: str, threads: int) -> None:
        try:
            self.header: dict[str, Any] = json.loads((folder / "model.json").read_text("utf-8"))
            self.most_pieces: int = self.header["max_pieces"]
            self.tokenizer = _tokenizer(folder / "tokenizer.json")
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            # Threads that spin while they wait slow each other down where cores are shared.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            self._session = onnxruntime.InferenceSession(
                str(folder / graph), options, providers=["CPUExecutionProvider"]
            )
        except (OSError, ValueError, KeyError, TypeError, *_REFUSALS) as error:
            raise EncoderError(
                f"The exported model in {folder} cannot be opened: {error}."
                " Make it anew with `reformqa rebuild --force`."
            ) from error
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(self.most_pieces)
        self._inputs = [i.name for i in self._session.get_inputs()]

    def run(self, pieces: Sequence[Any]) -> list[NDArray[np.float32]]:
        """The graph's outputs for texts (or pairs) already cut into pieces."""
        shape = (len(pieces), max(len(p) for p in pieces))
        given = {name: np.zeros(shape, dtype=np.int64) for name in self._inputs}
        columns = {
            "input_ids": "ids",
            "attention_mask": "attention_mask",
            "token_type_ids": "type_ids",
        }
        for n, piece in enumerate(pieces):
            for name in self._inputs:
                given[name][n, : len(piece)] = getattr(piece, columns[name])
        return list(self._session.run(None, given))


def _tokenizer(file: Path) -> Tokenizer:
    text = file.read_text(encoding="utf-8")
    if "model" not in json.loads(text):  # the library would raise no more than an Exception
        raise ValueError(f"{file.name} is no tokenizer")
    return Tokenizer.from_str(text)


def _whole(text: str) -> str:
    """The text with half characters, as a command line gives for odd bytes, made U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _threads() -> int:
    """OMP_NUM_THREADS where it is set; else the free cores, up to a few.

    The libraries' own default, a thread a core of the machine, slows down several times where
    other work has some of the cores.
    """
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdigit() and int(told) else min(MOST_THREADS, os.cpu_count() or 1)
