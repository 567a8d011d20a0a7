"""Exports of the packaged models, and small models with random weights, each made once a run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from reformqa.models.base import Encoding
from reformqa.models.export import export_encoder, export_reranker
from reformqa.models.onnx import OnnxEncoder
from reformqa.models.registry import chosen_models, encoders_named, find_model, fingerprint
from reformqa.settings import EncoderSettings
from reformqa.storage.files.manifest import write_manifest
from support.common import once

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
#: The default models, as a reader knows them.
DEFAULT = encoders_named(chosen_models(EncoderSettings()))
#: A packaged model of sentence-transformers.
MINILM = "all-MiniLM-L6-v2"
#: The vocabulary of a small model: letters, a few marks and a few words.
VOCABULARY = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_LETTERS, *".,?!:%£-"),
    *(f"##{c}" for c in _LETTERS),
    *("the", "of", "and", "bread", "rye", "tram", "harbour", "question", "passage"),
)
DIMENSIONS = 32
MAX_PIECES = 24
PROMPTS = {"query": "question: ", "document": "passage: "}


@lru_cache
def exported() -> Mapping[str, Path]:
    """Return the folders of the default models, by role. Treat them as read-only."""

    def export(role: str, name: str) -> Path:
        return once(f"exported-{role}", lambda folder: _export(name, folder))

    return {role: export(role, name) for role, name in chosen_models(EncoderSettings()).items()}


@lru_cache
def minilm_exported() -> Path:
    """Return the folder of a packaged model that torch exports. Treat it as read-only."""
    return once("minilm-exported", lambda folder: _export(MINILM, folder))


@lru_cache
def small() -> Path:
    """Return the folder of a small model with prompts. Treat it as read-only."""
    return once("small-model", lambda folder: _only(small_model(folder / "made"), folder))


@lru_cache
def other_small() -> Path:
    """Return the folder of a small model with other weights. Treat it as read-only."""
    return once("other-model", lambda folder: _only(small_model(folder / "made", seed=2), folder))


@lru_cache
def reranker() -> Path:
    """Return the folder of a small cross-encoder. Treat it as read-only."""
    return once("reranker", lambda folder: _only(small_cross_encoder(folder / "made"), folder))


@lru_cache
def small_exported() -> Path:
    """Return the folder of the small model's export. Treat it as read-only."""
    return once("small-exported", lambda folder: _export(str(small()), folder))


def small_models() -> Mapping[str, Path]:
    """Return the folder of the small model's export, by role."""
    return {"encoder": small_exported()}


@lru_cache
def reranker_exported() -> Path:
    """Return the folder of the small cross-encoder's export. Treat it as read-only."""
    return once("reranker-exported", lambda folder: export_reranker(str(reranker()), folder))


@lru_cache
def small_encoder() -> OnnxEncoder:
    """Return an encoder of the small model."""
    return OnnxEncoder(small_exported())


def pieces_of(*pieces: str) -> list[int]:
    """Return the numbers of those pieces of the small vocabulary, between start and end."""
    return [VOCABULARY.index(p) for p in ("[CLS]", *pieces, "[SEP]")]


def made_encoding(pieces: Sequence[int], seed: int, dimensions: int = DIMENSIONS) -> Encoding:
    """Return an encoding of those pieces with random vectors."""
    tokens = np.random.default_rng(seed).normal(size=(len(pieces), dimensions)).astype(np.float32)
    return Encoding(tokens[0], tokens, np.array(pieces, dtype=np.int64))


def export_into(index: Path) -> Path:
    """Copy the default models to where a rebuild looks for them, and return `index`.

    A rebuild then need not write them, which saves seconds. Copies, not links: some tests damage
    them.
    """
    names = chosen_models(EncoderSettings())
    for role, folder in exported().items():
        shutil.copytree(folder, _cached(index, role, find_model(names[role])))
    return index


def small_export_into(index: Path) -> Path:
    """Copy the small model's export to where a rebuild looks for it, and return `index`."""
    shutil.copytree(small_exported(), _cached(index, "encoder", small()))
    return index


def small_model(
    folder: Path,
    pooling: str = "mean",
    *,
    normalised: bool = True,
    include_prompt: bool = True,
    seed: int = 1,
) -> Path:
    """Save a sentence-transformers model of two layers with random weights; return its folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    _bert("BertModel", folder / "bert", seed)
    modules: list[Any] = [
        Transformer(str(folder / "bert"), max_seq_length=MAX_PIECES),
        Pooling(DIMENSIONS, pooling_mode=pooling, include_prompt=include_prompt),
    ]
    modules += [Normalize()] if normalised else []
    model = SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu")
    model.save(str(folder / "saved"), create_model_card=False)
    return folder / "saved"


def small_cross_encoder(folder: Path, labels: int = 1) -> Path:
    """Save a cross-encoder of two layers with random weights; return its folder."""
    from sentence_transformers import CrossEncoder

    _bert("BertForSequenceClassification", folder / "bert", 1, num_labels=labels)
    model = CrossEncoder(str(folder / "bert"), max_length=MAX_PIECES, device="cpu")
    model.save_pretrained(str(folder / "saved"))
    return folder / "saved"


def _export(name: str, folder: Path) -> None:
    export_encoder(name, folder)
    write_manifest(folder, {"build": None})  # as in the cache of an index


def _only(saved: Path, folder: Path) -> None:
    """Keep of `folder` what is in `saved`, a folder two levels below it."""
    for file in saved.iterdir():
        file.rename(folder / file.name)
    shutil.rmtree(saved.parent)


def _cached(index: Path, role: str, model: Path) -> Path:
    return index / "cache" / "models" / f"{role}-{fingerprint(model)[:16]}"


def _bert(kind: str, folder: Path, seed: int, **changes: Any) -> None:
    import torch
    import transformers
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    transformers.BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=DIMENSIONS,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.2,  # so wide that texts differ
        **changes,
    )
    torch.manual_seed(seed)
    getattr(transformers, kind)(config).save_pretrained(folder)
