"""Packaged models whose graphs come ready: their files are taken as they are, without torch."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer

from reformqa.models.onnx import GRAPH, OnnxEncoder
from reformqa.models.registry import Ready, find_model, fingerprint
from reformqa.models.token_reduction import Reduction

#: The pieces that BERT reads at most.
MOST_PIECES = 512


def write_ready(name: str, ready: Ready, folder: Path) -> None:
    """Write a packaged model into `folder`, for OnnxEncoder.

    Raises EncoderError if the model is missing or altered.
    """
    source = find_model(name)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / GRAPH, folder / GRAPH)
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.add_special_tokens([AddedToken(m, special=True) for m in ready.markers])
    tokenizer.save(str(folder / "tokenizer.json"))
    header: dict[str, Any] = {
        "model": name,
        "digest": fingerprint(source),
        "max_pieces": MOST_PIECES,
        "dimensions": ready.dimensions,
        "question_prompt": ready.question_prompt,
        "passage_prompt": ready.passage_prompt,
        "question_pieces": ready.question_pieces,
        "pools_first": True,
    }
    (folder / "model.json").write_text(json.dumps(header, indent=1), encoding="utf-8")
    Reduction.of_model(OnnxEncoder(folder, side_by_side=True)).save(folder)
