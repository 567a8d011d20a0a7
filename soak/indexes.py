"""The contents of an index and what it finds, in a form that is equal for equal builds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reformqa import Library, Settings, verify
from reformqa.storage.base import EncodedQuery
from reformqa.storage.files.builds import served
from reformqa.storage.files.manifest import read_manifest
from reformqa.storage.files.places import SEGMENTS
from reformqa.storage.files.store import FilesStore


def contents(index: Path) -> dict[str, Any]:
    """Return all that the served build says, and what it depends on.

    Of the files that no other build shares, that is their digests; of the reports, which are in
    segments that depend on the builds before, their records and vectors. Left out are the build's
    id, its time and the build before it. Raises DamagedIndexError if a file is not as it was
    written.
    """
    build = verify(index)
    facts = {k: v for k, v in read_manifest(served(index)).items() if k != "build"}
    files = {n: f for n, f in facts["files"].items() if not n.startswith(SEGMENTS)}
    return facts | {
        "files": files,
        "reports": _stored(FilesStore(index)),
        "counts": (build.reports, build.paragraphs, build.passages, build.recommendations),
        "left out": (build.problems, build.skipped),
    }


def _stored(store: FilesStore) -> list[Any]:
    """Return the records and the digest of the vectors of all reports."""
    passages = store.sample(sum(store.counts("passages").values()))
    evidence = store.evidence(EncodedQuery((), ()), [p.id for p in passages])
    digest = hashlib.sha256()
    for array in (evidence.vectors, evidence.tokens, evidence.lengths):
        digest.update(array.tobytes())
    whole = [store.report(report) for report in store.reports()]
    return [whole, list(store.recommendations()), passages, digest.hexdigest()]


def hits(
    index: Path, questions: Sequence[str], settings: Settings
) -> list[list[tuple[str, float]]]:
    """Return the paragraph and the score of every hit, question by question."""
    library = Library.open(index, settings)
    return [[(hit.paragraph.id, hit.score) for hit in library.search(q)] for q in questions]
