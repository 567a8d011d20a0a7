"""Exported models by digest, kept beside the builds that hold hard links to their files."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from reformqa.files import naming
from reformqa.models.export import export_encoder, export_reranker
from reformqa.models.onnx import ENCODER, TOKENS
from reformqa.storage.files.manifest import is_whole, write_manifest

_EXPORT = {ENCODER: export_encoder, TOKENS: export_encoder, "reranker": export_reranker}


def exported_models(cache: Path, models: Mapping[str, Mapping[str, str]]) -> dict[str, Path]:
    """Return the folder of each model's export, exporting those that are missing or damaged.

    `models` has a name and a digest for each role. Exports of other models are removed: builds
    that use one keep its files.
    """
    folders: dict[str, Path] = {}
    for role, model in models.items():
        folders[role] = cache / f"{role}-{model['digest'][:16]}"
        if not is_whole(folders[role]):
            shutil.rmtree(folders[role], ignore_errors=True)
            aside = cache / f".{folders[role].name}.{secrets.token_hex(3)}"
            try:
                with naming(folders[role]):
                    _EXPORT[role](model["name"], aside)
                write_manifest(aside, {"build": None})
                aside.rename(folders[role])
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    for old in set(cache.iterdir()) - set(folders.values()):
        shutil.rmtree(old)
    return folders
