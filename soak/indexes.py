"""What an index holds and finds, in a form that is equal for equal builds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reformqa import Library, Settings, verify


def contents(index: Path) -> dict[str, Any]:
    """Return the digest of every file of the served build, and what the build was made of.

    Its id is left out, and when and after which build it was made. Raises DamagedIndexError if a
    file is not as it was written.
    """
    build = verify(index)
    manifest = json.loads((index / "builds" / build.id / "manifest.json").read_text("utf-8"))
    facts = {k: v for k, v in manifest.items() if k != "build"}
    return facts | {
        "counts": (build.reports, build.paragraphs, build.passages, build.recommendations),
        "left out": (build.problems, build.skipped),
    }


def hits(
    index: Path, questions: Sequence[str], settings: Settings
) -> list[list[tuple[str, float]]]:
    """Return the paragraph and the score of every hit, question by question."""
    library = Library.open(index, settings)
    return [[(hit.paragraph.id, hit.score) for hit in library.search(q)] for q in questions]
