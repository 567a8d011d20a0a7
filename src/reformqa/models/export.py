"""Export models to ONNX, so that asking and nightly rebuilds run without torch.

sentence-transformers and torch are imported only here and only to export: their import takes
seconds and half a gigabyte of memory, a cost that a question should not pay.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

from reformqa.errors import EncoderError
from reformqa.models.onnx import GRAPH, OnnxEncoder
from reformqa.models.ready import write_ready
from reformqa.models.registry import PACKAGED, find_model, fingerprint
from reformqa.models.token_reduction import Reduction

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

_OPSET = 17


def export_encoder(name: str, folder: Path) -> None:
    """Write a sentence-transformers model into `folder`, for OnnxEncoder.

    The whole chain of its modules (transformer, pooling, normalisation …) goes into the graph,
    which returns the token vectors and the sentence vector of one forward pass. Beside it goes the
    reduction of its token vectors. Sentence vectors are scaled to length 1 even if the model does
    not do so. A packaged model whose graph is ready is copied.
    Raises EncoderError if the model cannot be loaded or exported.
    """
    if name in PACKAGED and (ready := PACKAGED[name].ready):
        write_ready(name, ready, folder)
        return
    from sentence_transformers import SentenceTransformer

    model = _load(SentenceTransformer, name)
    if not math.isfinite(model.max_seq_length or 0):
        raise EncoderError(f"The model {name!r} is not a transformer. Name one that is.")
    if any(model.prompts.values()) and not all(getattr(m, "include_prompt", True) for m in model):
        raise EncoderError(
            f"The model {name!r} leaves its prompts out of the mean, which an export cannot do."
            " Name another."
        )
    header = {
        "model": name,
        "digest": fingerprint(find_model(name)),
        "max_pieces": int(model.max_seq_length or 512),
        "dimensions": int(model.get_embedding_dimension() or 0),
        "question_prompt": model.prompts.get("query", ""),
        "passage_prompt": model.prompts.get("document", ""),
    }
    _export(model, ["A question?", "Two texts, of unequal length."], ["tokens", "sentence"], folder)
    (folder / "model.json").write_text(json.dumps(header, indent=1), encoding="utf-8")
    Reduction.of_model(OnnxEncoder(folder, side_by_side=True)).save(folder)


def export_reranker(name: str, folder: Path) -> None:
    """Write a cross-encoder into `folder`, for OnnxReranker: a graph that scores pairs.

    Raises EncoderError if the model cannot be loaded or exported.
    """
    from sentence_transformers import CrossEncoder

    model = _load(CrossEncoder, name)
    if not any("Classification" in kind for kind in model.config.architectures or ()):
        raise EncoderError(f"The model {name!r} is not a cross-encoder: it does not score pairs.")
    if model.config.num_labels != 1:
        raise EncoderError(
            f"The model {name!r} returns {model.config.num_labels} scores for a pair; a reranker"
            " must return one. Name another."
        )
    header = {"model": name, "max_pieces": int(model.max_seq_length or 512)}
    _export(
        model, [("A question?", "A passage."), ("Another?", "A longer passage.")], ["score"], folder
    )
    (folder / "model.json").write_text(json.dumps(header, indent=1), encoding="utf-8")


def _load(kind: type[Any], name: str) -> Any:
    from safetensors import SafetensorError
    from transformers.utils import logging as transformers_logging

    # Loading is too quick for a progress bar.
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = find_model(name)
    try:
        return kind(str(folder), device="cpu", local_files_only=True).eval()
    except (OSError, ValueError, KeyError, SafetensorError, UnpicklingError) as error:
        raise EncoderError(f"The model {name!r} cannot be loaded: {error}") from error


def _export(
    model: SentenceTransformer | CrossEncoder, examples: list[Any], outputs: list[str], folder: Path
) -> None:
    """Trace `model` over the examples and write its graph and tokenizer."""
    import torch

    tokenizer = model.tokenizer
    if not hasattr(tokenizer, "backend_tokenizer"):
        raise EncoderError("The model's tokenizer has no tokenizer.json. Name another model.")
    features = dict(tokenizer(examples, padding=True, return_tensors="pt"))
    names = list(features)

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model: Any = model  # must be a submodule, or its weights are not exported

        def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
            given = dict(zip(names, inputs, strict=True))
            if outputs == ["score"]:
                return (self.model.model(**given).logits[:, 0],)
            found = self.model(given)
            sentences = torch.nn.functional.normalize(found["sentence_embedding"], dim=-1)
            return found["token_embeddings"], sentences

    axes = {n: {0: "texts", 1: "pieces"} for n in (*names, "tokens")}
    axes |= {n: {0: "texts"} for n in ("sentence", "score")}
    axes = {n: a for n, a in axes.items() if n in (*names, *outputs)}
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), torch.no_grad(), tempfile.TemporaryDirectory() as aside:
        # The tracer warns about branches on shapes and about its age, but takes 1 s; the newer
        # exporter takes 7 s and needs a compiler. Tests compare the graphs with the models.
        warnings.simplefilter("ignore")
        graph = Path(aside) / "model.onnx"
        try:
            torch.onnx.export(
                Graph(),
                tuple(features[n] for n in names),
                str(graph),
                input_names=names,
                output_names=outputs,
                dynamic_axes=axes,
                opset_version=_OPSET,
                dynamo=False,
            )
        except (RuntimeError, ValueError, TypeError) as error:
            raise EncoderError(f"The model cannot be exported to ONNX: {error}") from error
        shutil.move(graph, folder / GRAPH)
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
