"""Encode texts and score pairs with an exported model: onnxruntime and tokenizers, no torch."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

# Before it is imported: from 1.29 on it otherwise reports how it is used to its makers.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

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

#: How many pairs a pass of the reranker takes.
BATCH = 8
#: How many texts wait to be encoded at a time, so that memory stays small however many there are.
ROUND = 256
#: More threads than this gain nothing on so small a model.
MOST_THREADS = 4
#: How many texts QuickEncoder remembers: about 70 kB each.
REMEMBERED = 2_000
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

    Each text has a pass of its own: its vectors are then the same to the last bit whatever texts
    were encoded with it, so that those kept from an earlier build are those that would be made
    anew. One text at a time is answered soonest, with all threads for its pass; many are done
    soonest `side_by_side`, a thread for each, which is quicker than batches are.
    """

    def __init__(self, folder: Path, *, side_by_side: bool = False, graph: str = GRAPH) -> None:
        threads = threads_to_use()
        self.folder = folder
        self._graph = _Graph(folder, graph, 1 if side_by_side else threads)
        self._map = ThreadPoolExecutor(threads, "encoding").map if side_by_side else map
        header = self._graph.header
        self.dimensions: int = header.get("dimensions", 0)
        self._prompts: dict[str, str] = {
            "question": header.get("question_prompt", ""),
            "passage": header.get("passage_prompt", ""),
        }

    def encode(self, texts: Sequence[str], kind: str = "question") -> list[Encoding]:
        """The encodings of texts, in order; `kind` is "question" or "passage"."""
        return list(self.encode_all(texts, kind))

    def encode_all(self, texts: Iterable[str], kind: str = "passage") -> Iterator[Encoding]:
        """The encodings of however many texts, in order, made as they are asked for."""
        waiting = iter(texts)
        while some := list(islice(waiting, ROUND)):
            yield from self._map(lambda text: self._encoded(text, kind), some)

    def sentence_vectors(self, texts: Sequence[str], kind: str = "passage") -> NDArray[np.float32]:
        """Unit vectors of the texts: shape (len(texts), dimensions)."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for n, encoding in enumerate(self.encode_all(texts, kind)):
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

    def _encoded(self, text: str, kind: str) -> Encoding:
        (pieces,) = self._graph.tokenizer.encode_batch([self._prompts[kind] + _whole(text)])
        tokens, sentences = self._graph.run([pieces])
        return Encoding(sentences[0], tokens[0], np.array(pieces.ids, dtype=np.int64))


class QuickEncoder(Encoder):
    """The same model in 8-bit integers: for texts that no index holds, while somebody waits.

    Twice as quick, its vectors at a cosine of .99 to Encoder's. The last texts are remembered: the
    questions of a day come upon the same sentences again and again.
    """

    def __init__(self, folder: Path) -> None:
        # Threads within so small a pass would mostly wait.
        super().__init__(folder, side_by_side=True, graph=QUICK_GRAPH)
        self._remembered = lru_cache(REMEMBERED)(super()._encoded)

    def _encoded(self, text: str, kind: str) -> Encoding:
        return self._remembered(text, kind)


class Reranker:
    """A cross-encoder as `models.export_reranker` wrote it: it reads question and passage together.

    Nogueira and Cho 2019, arXiv 1901.04085. Better than any leg and far slower, so it only orders
    the best few.
    """

    def __init__(self, folder: Path) -> None:
        self._graph = _Graph(folder, GRAPH, threads_to_use())

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


def threads_to_use() -> int:
    """OMP_NUM_THREADS where it is set; else the free cores, up to a few.

    The libraries' own default, a thread a core of the machine, slows down several times where
    other work has some of the cores.
    """
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdigit() and int(told) else min(MOST_THREADS, os.cpu_count() or 1)
