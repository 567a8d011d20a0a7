"""The corpus file that a report was read from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from reformqa.errors import SourceFileError
from reformqa.files import LARGEST_REPORT
from reformqa.model import ReportInfo


def source_file(corpus: Path, report: ReportInfo) -> Path:
    """Return the file of `report` in `corpus` or a folder below it, unchanged since indexing.

    Links out of the corpus folder are not followed. Raises SourceFileError if there is no such
    file, or if its contents are not those that were indexed.
    """
    named = list(_named(corpus, report.source))
    inside = [p for p in named if p.resolve().is_relative_to(corpus.resolve())]
    if not inside:
        raise SourceFileError(
            f"{report.source} is a link that leads out of the corpus folder {corpus}. Replace it"
            " with a copy of the file."
            if named
            else f"{report.source} is not in the corpus folder {corpus}. Put it back, or choose"
            " the folder that the index was built from."
        )
    try:
        for path in inside:
            stat = path.stat()
            if stat.st_size > LARGEST_REPORT:
                continue
            if _sha256(path, stat.st_size, stat.st_mtime_ns) == report.sha256:
                return path
    except OSError as error:
        raise SourceFileError(f"{report.source} cannot be read: {error.strerror}.") from error
    raise SourceFileError(
        f"{report.source} has changed since the index was built. The next rebuild reads it again."
    )


def _named(corpus: Path, name: str) -> Iterator[Path]:
    """Yield the files with that name in the folder and below it, in a fixed order."""
    for folder, folders, files in os.walk(corpus):
        folders.sort()
        if name in files and (path := Path(folder, name)).is_file():
            yield path


@lru_cache(maxsize=256)
def _sha256(path: Path, size: int, modified: int) -> str:
    """Return a file's digest, cached until its size or modification time changes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
