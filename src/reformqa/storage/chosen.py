"""The store that the settings choose: the index's folder, or a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reformqa.settings import StorageSettings
from reformqa.storage.base import StoreWriter, Versions
from reformqa.storage.files.lock import Lock
from reformqa.storage.files.writer import FilesVersions, FilesWriter
from reformqa.storage.milvus.writer import MilvusVersions, MilvusWriter

#: Where an index folder keeps the models that a server's versions were made with.
_MODELS = Path("cache") / "served-models"


def open_versions(index: Path, storage: StorageSettings) -> Versions:
    """Return the versions in the folder `index`, or on the server that the settings name."""
    if storage.url:
        return MilvusVersions(storage, index / _MODELS)
    return FilesVersions(index)


@contextmanager
def open_writer(
    index: Path, storage: StorageSettings, lock: Lock, *, afresh: bool = False
) -> Iterator[StoreWriter]:
    """Write to the folder `index`, of which the caller holds the `lock`, or to the server.

    Versions in a folder share what they have in common, unless they are written `afresh`.
    A server's library is claimed, so that no process on another machine writes to it. Raises
    BusyIndexError if one does, UnreachableStoreError or UnsuitableStoreError if the server cannot
    be written to.
    """
    if storage.url:
        with MilvusWriter(storage, index / _MODELS).claimed() as writer:
            yield writer
    else:
        yield FilesWriter(index, lock.check, afresh=afresh)
