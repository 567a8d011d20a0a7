"""The contents of an index and what it finds, in a form that is equal for equal builds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reformqa import Library, Settings, verify
from reformqa.storage.files.builds import served
from reformqa.storage.files.manifest import read_manifest


def contents(index: Path) -> dict[str, Any]:
    """Return the digest of every file of the served build, and what the build depends on.

    Left out are the build's id, its time and the build before it. Raises DamagedIndexError if a
    file is not as it was written.
    """
    build = verify(index)
    facts = {k: v for k, v in read_manifest(served(index)).items() if k != "build"}
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
