"""Run exported models with onnxruntime and tokenizers, without torch."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from itertools import islice, tee
from pathlib import Path
from typing import Any

# Set before the import: onnxruntime 1.29 and later otherwise report their use to Microsoft.
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
from reformqa.models.base import Encoding, Execution, Pieces, Role, TextEncoder
from reformqa.models.token_reduction import MASK, REDUCTION, Reduction, unit_rows

# What onnxruntime raises for a file that is not a graph; none of these is a RuntimeError.
_REFUSALS = (Fail, InvalidArgument, InvalidProtobuf, NoSuchFile)

#: The pairs that a reranker reads in one pass.
BATCH = 8
#: The texts that wait to be encoded at a time, which bounds memory.
ROUND = 256
#: More threads than this gain nothing on a model this small.
MOST_THREADS = 4
#: The graph of an exported model.
GRAPH = "model.onnx"
#: The roles of models that encode; without one for tokens, the encoder makes those as well.
ENCODER, TOKENS = "encoder", "tokens"

_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


class OnnxEncoder:
    """A model as `models.export.export_encoder` or `models.ready.write_ready` wrote it.

    Sentence-BERT (Reimers and Gurevych 2019, arXiv 1908.10084): the sentence vector is pooled from
    the token vectors, so one forward pass makes both. Vectors of an exported model equal those of
    sentence-transformers within 1e-5.

    Each text has a pass of its own, so that its vectors are the same to the last bit whatever
    other texts are encoded with it. One text is fastest with all threads in its pass; many texts
    are fastest `side_by_side`, each in one thread.
    """

    def __init__(
        self, folder: Path, *, side_by_side: bool = False, execution: Execution = Execution()
    ) -> None:
        """Open the model in `folder`.

        Raises EncoderError if it cannot be opened or `execution` is not available.
        """
        threads = execution.threads or default_threads()
        self.folder = folder
        self._graph = _Graph(folder, execution.provider, 1 if side_by_side else threads)
        self._map = ThreadPoolExecutor(threads, "encoding").map if side_by_side else map
        header = self._graph.header
        self.digest: str = header.get("digest", "")
        self.dimensions: int = header.get("dimensions", 0)
        self._prompts: dict[str, str] = {
            "question": header.get("question_prompt", ""),
            "passage": header.get("passage_prompt", ""),
        }
        self._question_pieces: int = header.get("question_pieces", 0)
        self._pools_first: bool = header.get("pools_first", False)

    def encode(self, texts: Iterable[str], role: Role) -> Iterator[NDArray[np.float32]]:
        """Yield the unit vector of each text, in order, shape (dimensions,)."""
        return (encoding.sentence for encoding in self.encode_tokens(texts, role))

    def encode_tokens(self, texts: Iterable[str], role: Role) -> Iterator[Encoding]:
        """Yield the encoding of each text, in order; texts are read as they are needed."""
        waiting = iter(texts)
        while batch := list(islice(waiting, ROUND)):
            yield from self._map(lambda text: self._encode(text, role), batch)

    @cached_property
    def vocabulary(self) -> Mapping[int, str]:
        """The word pieces by number."""
        return {number: piece for piece, number in self._graph.tokenizer.get_vocab().items()}

    @cached_property
    def special_pieces(self) -> Sequence[int]:
        """The numbers of the pieces that stand for no text: start, end, padding."""
        added: dict[int, Any] = self._graph.tokenizer.get_added_tokens_decoder()
        return [number for number, token in added.items() if token.special]

    def split(self, text: str, role: Role) -> Pieces:
        """Return the pieces of a text as it is encoded, each with its place in the text."""
        pieces = self._pieces(text, role)
        places = np.array(pieces.offsets, dtype=np.int64).reshape(-1, 2)
        places -= len(self._prompts[role])
        return Pieces(np.array(pieces.ids, dtype=np.int64), np.maximum(places, 0))

    def _pieces(self, text: str, role: Role) -> Any:
        return self._graph.tokenizer.encode(self._prompts[role] + _valid(text))

    def _encode(self, text: str, role: Role) -> Encoding:
        pieces = self._pieces(text, role)
        if role == "question" and len(pieces) < self._question_pieces:
            mask = self._graph.tokenizer.token_to_id(MASK)
            pieces.pad(self._question_pieces, pad_id=mask, pad_token=MASK)
        tokens, *pooled = self._graph.run([pieces])
        sentence = unit_rows(tokens[0, :1])[0] if self._pools_first else pooled[0][0]
        return Encoding(sentence, tokens[0], np.array(pieces.ids, dtype=np.int64))


class PairedEncoder:
    """Two models of one kind of text: one makes sentence vectors, the other token vectors."""

    def __init__(self, sentences: OnnxEncoder, tokens: OnnxEncoder) -> None:
        self._sentences = sentences
        self._tokens = tokens
        self.digest = hashlib.sha256(f"{sentences.digest} {tokens.digest}".encode()).hexdigest()
        self.dimensions = sentences.dimensions
        self.split = tokens.split

    @property
    def vocabulary(self) -> Mapping[int, str]:
        """The word pieces of the token model by number."""
        return self._tokens.vocabulary

    @property
    def special_pieces(self) -> Sequence[int]:
        """The numbers of its pieces that stand for no text."""
        return self._tokens.special_pieces

    def encode(self, texts: Iterable[str], role: Role) -> Iterator[NDArray[np.float32]]:
        """Yield the unit vector of each text, in order, shape (dimensions,)."""
        return self._sentences.encode(texts, role)

    def encode_tokens(self, texts: Iterable[str], role: Role) -> Iterator[Encoding]:
        """Yield the encoding of each text, in order, of both models."""
        one, other = tee(texts)
        sentences = self._sentences.encode(one, role)
        for sentence, found in zip(sentences, self._tokens.encode_tokens(other, role), strict=True):
            yield replace(found, sentence=sentence)


def open_encoder(
    folders: Mapping[str, Path],
    *,
    side_by_side: bool = False,
    execution: Execution = Execution(),
) -> TextEncoder:
    """Open the encoder in folders by role. Raises EncoderError if it cannot be opened."""
    opened = {
        role: OnnxEncoder(folders[role], side_by_side=side_by_side, execution=execution)
        for role in (ENCODER, TOKENS)
        if role in folders
    }
    return PairedEncoder(opened[ENCODER], opened[TOKENS]) if TOKENS in opened else opened[ENCODER]


def token_role(folders: Mapping[str, Path]) -> str:
    """Return the role of the model that makes token vectors."""
    return TOKENS if TOKENS in folders else ENCODER


class OnnxReranker:
    """A cross-encoder as `models.export.export_reranker` wrote it.

    Nogueira and Cho 2019, arXiv 1901.04085: it reads question and passage together. That is more
    accurate than any index and far slower, so it only orders the best few.
    """

    def __init__(self, folder: Path, execution: Execution = Execution()) -> None:
        """Open the model in `folder`. Raises EncoderError if it cannot be opened."""
        threads = execution.threads or default_threads()
        self._graph = _Graph(folder, execution.provider, threads)

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Return the model's score for each passage, shape (passages,); higher is better."""
        pairs = self._graph.tokenizer.encode_batch([(_valid(question), p) for p in passages])
        parts = [
            self._graph.run(pairs[start : start + BATCH])[0]
            for start in range(0, len(pairs), BATCH)
        ]
        return np.concatenate([np.zeros(0, dtype=np.float32), *parts])


class OnnxModels:
    """The exported models in folders, by role, each opened when it is first needed.

    `check` is called with the folder that is opened ("encoder/"), and may raise an error.
    """

    def __init__(
        self,
        folders: Mapping[str, Path],
        *,
        execution: Execution = Execution(),
        check: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._folders = folders
        self._execution = execution
        self._check = check

    @cached_property
    def encoder(self) -> TextEncoder:
        """The model, or the two, that the passages were encoded with."""
        for role in (ENCODER, TOKENS):
            if role in self._folders:
                self._check(f"{role}/")
        return open_encoder(self._folders, execution=self._execution)

    @cached_property
    def reduction(self) -> Reduction:
        """The reduction of the encoder's token vectors."""
        role = token_role(self._folders)
        self._check(f"{role}/{REDUCTION}")
        return Reduction.load(self._folders[role])

    @cached_property
    def reranker(self) -> OnnxReranker | None:
        """The cross-encoder, if there is one."""
        self._check("reranker/")
        if "reranker" not in self._folders:
            return None
        return OnnxReranker(self._folders["reranker"], self._execution)


class _Graph:
    """An exported model's graph, tokenizer and header."""

    def __init__(self, folder: Path, provider: str, threads: int) -> None:
        if _PROVIDERS[provider] not in onnxruntime.get_available_providers():
            raise EncoderError(
                f"The setting encoder.provider is {provider!r}, which this onnxruntime does not"
                " offer. Install onnxruntime-gpu, or set it to 'cpu'."
            )
        try:
            self.header: dict[str, Any] = json.loads((folder / "model.json").read_text("utf-8"))
            self.most_pieces: int = self.header["max_pieces"]
            self.tokenizer = _tokenizer(folder / "tokenizer.json")
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            # Threads that spin while they wait slow each other down on shared cores.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            self._session = onnxruntime.InferenceSession(
                str(folder / GRAPH), options, providers=[_PROVIDERS[provider]]
            )
        except (OSError, ValueError, KeyError, TypeError, *_REFUSALS) as error:
            raise EncoderError(
                f"The exported model in {folder} cannot be opened: {error}."
                " Export it again with `reformqa rebuild --force`."
            ) from error
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(self.most_pieces)
        self._inputs = [i.name for i in self._session.get_inputs()]

    def run(self, pieces: Sequence[Any]) -> list[NDArray[np.float32]]:
        """Return the graph's outputs for tokenised texts or pairs."""
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
    if "model" not in json.loads(text):  # the library would raise a bare Exception
        raise ValueError(f"{file.name} is not a tokenizer")
    return Tokenizer.from_str(text)


def _valid(text: str) -> str:
    """Return the text with lone surrogates, which odd bytes on a command line leave, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def default_threads() -> int:
    """Return OMP_NUM_THREADS if set; otherwise the number of cores, up to a few.

    The libraries' own default, a thread for each core of the machine, is several times slower if
    other work occupies some of the cores.
    """
    count = os.environ.get("OMP_NUM_THREADS", "")
    return int(count) if count.isdigit() and int(count) else min(MOST_THREADS, os.cpu_count() or 1)
