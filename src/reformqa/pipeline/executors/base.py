"""What reads the files and encodes the passages of a rebuild, and the one of this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from reformqa.ingest.prepare import PreparedReport
from reformqa.ingest.workers import Job, read_all
from reformqa.model import FileProblem, Progress
from reformqa.models.cache import VectorCache
from reformqa.settings import EncoderSettings, PassageSettings, ReadingSettings


class Executor(Protocol):
    """Reads files and encodes texts. Whatever it runs on, the results are equal byte for byte.

    It writes nothing: the caller keeps what it yields, and `VectorCache` what it encodes.
    """

    def read(
        self,
        jobs: Sequence[Job],
        limits: ReadingSettings,
        passages: PassageSettings,
        progress: Progress,
    ) -> Iterator[tuple[Job, PreparedReport | FileProblem]]:
        """Yield each job with its report, prepared, or the problem with its file."""

    def encode(
        self,
        cache: VectorCache,
        models: Mapping[str, Path],
        texts: Iterable[str],
        settings: EncoderSettings,
        progress: Progress,
    ) -> None:
        """Encode texts that the cache lacks ahead of their use, where that is worth while."""


class LocalExecutor:
    """Reads in processes of this machine. Texts are encoded as they are written."""

    def read(
        self,
        jobs: Sequence[Job],
        limits: ReadingSettings,
        passages: PassageSettings,
        progress: Progress,
    ) -> Iterator[tuple[Job, PreparedReport | FileProblem]]:
        """Yield each job, in order, with its report or the problem with its file."""
        return read_all(jobs, limits, passages, progress)

    def encode(
        self,
        cache: VectorCache,
        models: Mapping[str, Path],
        texts: Iterable[str],
        settings: EncoderSettings,
        progress: Progress,
    ) -> None:
        """Do nothing: the cache encodes what it lacks, in threads of this process."""
