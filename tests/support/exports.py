"""The packaged model, exported once a session, and small models made on the spot."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from reformqa.models.export import PACKAGED, export_encoder, find_model, fingerprint
from reformqa.models.onnx import Encoder
from reformqa.storage.files.manifest import write_manifest

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
#: What a small model knows: letters, a few marks and a few words.
VOCABULARY = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_LETTERS, *".,?!:%£-"),
    *(f"##{c}" for c in _LETTERS),
    *("the", "of", "and", "bread", "rye", "tram", "harbour", "question", "passage"),
)
DIMENSIONS = 32
MAX_PIECES = 24
PROMPTS = {"query": "question: ", "document": "passage: "}


@lru_cache
def exported() -> Path:
    """The folder of the packaged model's export."""
    folder = Path(tempfile.mkdtemp(prefix="reformqa-export-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    export_encoder(PACKAGED, folder / "encoder")
    write_manifest(folder / "encoder", {"build": None})  # as an index's cache has it
    return folder / "encoder"


def export_into(index: Path) -> Path:
    """Put a copy of that export where a rebuild looks for it, which saves seconds; give `index`."""
    folder = index / "cache" / "models" / f"encoder-{fingerprint(find_model(PACKAGED))[:16]}"
    shutil.copytree(exported(), folder)  # copies: some tests harm them
    return index


@lru_cache
def small() -> Path:
    """The folder of a small model, made once a session. Treat it as read-only."""
    folder = Path(tempfile.mkdtemp(prefix="reformqa-model-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return small_model(folder)


@lru_cache
def small_encoder() -> Encoder:
    """An encoder of a small model with prompts."""
    folder = Path(tempfile.mkdtemp(prefix="reformqa-small-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    export_encoder(str(small_model(folder / "model")), folder / "encoder")
    return Encoder(folder / "encoder")


def small_model(
    folder: Path,
    pooling: str = "mean",
    *,
    normalised: bool = True,
    include_prompt: bool = True,
    seed: int = 1,
) -> Path:
    """A sentence-transformers model of two layers, its weights drawn at random, saved."""
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
    """A cross-encoder of two layers, its weights drawn at random, saved."""
    from sentence_transformers import CrossEncoder

    _bert("BertForSequenceClassification", folder / "bert", 1, num_labels=labels)
    model = CrossEncoder(str(folder / "bert"), max_length=MAX_PIECES, device="cpu")
    model.save_pretrained(str(folder / "saved"))
    return folder / "saved"


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
