"""Writes the versions of an index into its folder: each aside, then admitted by one rename."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Build
from reformqa.storage.base import Batch, IndexVersion
from reformqa.storage.files import builds
from reformqa.storage.files.columns import ColumnsWriter
from reformqa.storage.files.database import Rows
from reformqa.storage.files.dense import DenseVectors, write_clusters
from reformqa.storage.files.lock import is_locked
from reformqa.storage.files.manifest import MANIFEST, write_manifest
from reformqa.storage.files.parts import save_array
from reformqa.storage.files.postings import PostingsWriter
from reformqa.storage.files.segments import SegmentsWriter, Shared, link
from reformqa.storage.files.store import VECTORS, FilesStore, read_rows
from reformqa.storage.files.tokens import PieceCounts
from reformqa.text.tokens import tokens


class FilesVersions:
    """The versions of the index in a folder, as `storage.base.Versions`."""

    def __init__(self, index: Path) -> None:
        self._index = index

    def versions(self) -> list[str]:
        """Return the ids of the versions on disk, newest first."""
        return sorted((folder.name for folder in builds.folders(self._index)), reverse=True)

    def served(self) -> str:
        """Return the id of the version being served. Raises MissingIndexError if there is none."""
        return builds.served(self._index).name

    def open(self, version_id: str | None = None) -> FilesStore:
        """Open a version, or the one being served.

        Raises MissingIndexError if there is none, DamagedIndexError if it cannot be read.
        """
        return FilesStore(self._index, version_id)

    def builds(self) -> tuple[Build, ...]:
        """Return the descriptions of the versions on disk, newest first, without damaged ones."""
        return builds.list_builds(self._index)

    def is_written(self) -> bool:
        """Return whether a process holds the lock of the index now."""
        return is_locked(self._index)


class FilesWriter(FilesVersions):
    """Writes versions, as `storage.base.StoreWriter`.

    The caller holds the index's lock (`storage.files.lock`), and `check` raises if that is lost.
    Versions share what they have in common, unless they are written `afresh`.
    """

    def __init__(
        self, index: Path, check: Callable[[], None] = lambda: None, *, afresh: bool = False
    ) -> None:
        super().__init__(index)
        self._check = check
        self._afresh = afresh

    @contextmanager
    def begin(self, version_id: str, *, piece_factors: NDArray[np.float32]) -> Iterator[FilesDraft]:
        """Start a version in a folder aside, which is removed unless it is published."""
        with builds.written_aside(self._index, version_id) as aside:
            shared = Shared.none() if self._afresh else Shared.of_served(self._index)
            draft = FilesDraft(self._index, aside, version_id, piece_factors, self._check, shared)
            try:
                yield draft
            finally:
                draft.close()

    def serve(self, version_id: str) -> None:
        """Serve that version from now on: one rename.

        Raises MissingIndexError if there is none of that id.
        """
        builds.known(self._index, version_id)
        self._check()
        builds.publish(self._index, version_id)

    def prune(self, keep: int, spared: Collection[str] = ()) -> None:
        """Remove all but the `keep` newest versions, those spared and the one being served."""
        self._check()
        builds.prune(self._index, keep, spared)

    def clear(self) -> None:
        """Remove what a killed writer left half-written."""
        self._check()
        builds.clear(self._index)


class FilesDraft:
    """A version being written, as `storage.base.Draft`."""

    def __init__(
        self,
        index: Path,
        folder: Path,
        version_id: str,
        piece_factors: NDArray[np.float32],
        check: Callable[[], None],
        shared: Shared,
    ) -> None:
        self._check = check
        self._index = index
        self._folder = folder
        self._id = version_id
        self._segments = SegmentsWriter(folder, version_id, shared)
        self._columns = ColumnsWriter()
        self._pieces = PieceCounts(piece_factors)
        self._postings = PostingsWriter(folder)
        self._recommended: dict[str, NDArray[np.float32]] = {}

    def keep_models(self, folders: Mapping[str, Path]) -> None:
        """Keep copies of exported models, by role, with the version."""
        for role, model in folders.items():
            own = shutil.ignore_patterns(MANIFEST)  # the cache's, not this version's
            shutil.copytree(model, self._folder / role, copy_function=link, ignore=own)

    def put(self, batch: Batch) -> None:
        """Add a report with its passages."""
        report, passages, vectors = batch.report, batch.passages, list(batch.vectors)
        rows = Rows.of(report, batch.recommendations, passages)
        self._segments.put(report, rows, passages, vectors)
        self._recommended[report.id] = batch.recommendation_vectors
        self._columns.begin(report.id)
        kinds = {p.id: p.section_kind for p in report.paragraphs}
        for passage, statement, made in zip(passages, batch.statements, vectors, strict=True):
            self._columns.add(passage, kinds[passage.paragraph_id], statement)
            self._postings.add(tokens(passage.indexed))
            self._pieces.add(made.pieces)

    def seal(self, version: IndexVersion) -> FilesStore:
        """Complete the version and open it; it is not served yet."""
        known = self._segments.save()
        self._columns.save(self._folder)
        self._pieces.save(self._folder)
        self._postings.save()
        write_clusters(self._folder, DenseVectors(self._folder, read_rows(self._folder)))
        ordered = [self._recommended[i] for i in sorted(self._recommended)]
        save_array(self._folder / VECTORS, np.concatenate(ordered))
        facts = {"build": asdict(version.build), **version.facts}
        write_manifest(self._folder, facts, known)
        return FilesStore(self._index, self._folder.name)

    def publish(self) -> None:
        """Put the sealed version among the others and serve it: one rename each."""
        self._check()
        builds.admit(self._index, self._folder, self._id)
        builds.publish(self._index, self._id)

    def close(self) -> None:
        """Close the files that are still being written, each even if another cannot be."""
        with ExitStack() as files:
            for part in (self._segments, self._postings):
                files.callback(part.close)
