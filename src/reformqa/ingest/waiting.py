"""Uploads that wait for the next rebuild: in a folder that all replicas of the app share, or in an
object store.

    <digest>         the bytes of a report
    <digest>.json    the note that it was handed in, with its name

The note is made after the bytes, and only once: of two replicas that are handed the same report,
one is told so.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from reformqa.errors import UploadError
from reformqa.files import write_new
from reformqa.ingest.handed_in import describe

_NOTE = ".json"


class _Place(Protocol):
    """Where files wait. Its methods raise UploadError if it cannot be reached."""

    def names(self) -> list[str]:
        """Return the names of the files."""

    def read(self, name: str) -> bytes | None:
        """Return the contents of a file, or None if it is gone."""

    def put_new(self, name: str, data: bytes) -> bool:
        """Write a new file whole, and return whether this was the one to do so."""

    def remove(self, name: str) -> None:
        """Remove a file, which may be gone."""


class Waiting:
    """The uploads that wait at an address: that of a folder, or of an object store.

    All methods raise UploadError if it cannot be reached.
    """

    def __init__(self, address: str) -> None:
        self._place: _Place = _Store(address) if "://" in address else _Folder(Path(address))
        self._address = address

    def put(self, name: str, data: bytes) -> None:
        """Let a report that was checked wait. Raises UploadError if it waits already."""
        digest = hashlib.sha256(data).hexdigest()
        self._place.put_new(digest, data)
        if not self._place.put_new(digest + _NOTE, describe(Path(name), data)):
            raise UploadError("This report was handed in already. It waits for the next rebuild.")

    def digests(self) -> list[str]:
        """Return the digests of the reports that wait."""
        names = self._place.names()
        return [name.removesuffix(_NOTE) for name in names if name.endswith(_NOTE)]

    def read(self, digest: str) -> tuple[bytes, bytes] | None:
        """Return a report's note and bytes; None if another process is taking it.

        Raises UploadError if the bytes are not those that were handed in.
        """
        note, data = self._place.read(digest + _NOTE), self._place.read(digest)
        if note is None or data is None:
            return None
        if hashlib.sha256(data).hexdigest() != digest:
            raise UploadError(
                f"{digest} at {self._address} is not what was handed in. Remove it and its note."
            )
        return note, data

    def remove(self, digest: str) -> None:
        """Remove a report that is in the corpus now, or what is left of one."""
        self._place.remove(digest)
        self._place.remove(digest + _NOTE)


class _Folder:
    """A folder, which is made when something is first put there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        with self._told():
            try:
                return sorted(name for name in os.listdir(self._folder) if name[0] != ".")
            except FileNotFoundError:
                return []

    def read(self, name: str) -> bytes | None:
        with self._told():
            try:
                return (self._folder / name).read_bytes()
            except FileNotFoundError:
                return None

    def put_new(self, name: str, data: bytes) -> bool:
        with self._told():
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                write_new(self._folder / name, data)
            except FileExistsError:
                return False
            return True

    def remove(self, name: str) -> None:
        with self._told():
            (self._folder / name).unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _unreachable(str(self._folder), error) from error


class _Store:
    """An object store, or whatever else fsspec reaches."""

    def __init__(self, address: str) -> None:
        import fsspec  # only where a setting names a store

        self._address = address
        with self._told():
            self._files, self._path = fsspec.core.url_to_fs(address.rstrip("/"))

    def names(self) -> list[str]:
        with self._told():
            self._files.invalidate_cache()  # other processes write there
            try:
                found = self._files.ls(self._path, detail=False)
            except FileNotFoundError:
                return []
            return sorted(str(path).rpartition("/")[2] for path in found)

    def read(self, name: str) -> bytes | None:
        with self._told():
            try:
                return bytes(self._files.cat_file(f"{self._path}/{name}"))
            except FileNotFoundError:
                return None

    def put_new(self, name: str, data: bytes) -> bool:
        with self._told():
            try:
                self._files.pipe_file(f"{self._path}/{name}", data, mode="create")
            except FileExistsError:
                return False
            return True

    def remove(self, name: str) -> None:
        with self._told(), suppress(FileNotFoundError):
            self._files.rm_file(f"{self._path}/{name}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each kind of store has errors of its own
            raise _unreachable(self._address, error) from error


def _unreachable(where: str, error: Exception) -> UploadError:
    reason = getattr(error, "strerror", None) or error
    return UploadError(
        f"The place of uploads, {where}, cannot be used: {reason}. Check the setting"
        " app.upload_folder, its permissions, and that the package for its kind is installed."
    )
