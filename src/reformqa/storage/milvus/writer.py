"""The versions of a library on a Milvus server, read and written."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reformqa.errors import (
    DamagedIndexError,
    MissingIndexError,
    UnreachableStoreError,
    UnsuitableStoreError,
)
from reformqa.model import Build
from reformqa.settings import StorageSettings
from reformqa.storage.milvus import schema
from reformqa.storage.milvus.claim import Claim, holder, only_writer
from reformqa.storage.milvus.draft import MilvusDraft
from reformqa.storage.milvus.schema import Names, revision
from reformqa.storage.milvus.server import AT_ONCE, Server, numbers
from reformqa.storage.milvus.store import MilvusStore
from reformqa.storage.milvus.tables import Tables, another, read_build, read_tables


class MilvusVersions:
    """The versions of a library on a server, as `storage.base.Versions`.

    `cache` is a folder for the models, which are fetched when they are first needed.
    """

    def __init__(self, settings: StorageSettings, cache: Path) -> None:
        self._server = Server(settings)
        self._names = Names(settings.library)
        self._cache = cache

    def versions(self) -> list[str]:
        """Return the ids of the complete versions, newest first."""
        return sorted(self._known(), reverse=True)

    def served(self) -> str:
        """Return the id of the version being served. Raises MissingIndexError if there is none."""
        return self._served()[1]

    def open(self, version_id: str | None = None) -> MilvusStore:
        """Open a version, or the one being served.

        Raises MissingIndexError if there is none, DamagedIndexError if it cannot be read.
        """
        collection = self._collection(version_id) if version_id else self._served()[0]
        return MilvusStore(self._server, collection, self._names, self._cache)

    def builds(self) -> tuple[Build, ...]:
        """Return the descriptions of the versions, newest first, without damaged ones."""
        found: list[Build] = []
        for _, collection in sorted(self._known().items(), reverse=True):
            with suppress(DamagedIndexError):
                found.append(read_build(self._server, collection, self._names.library))
        return tuple(found)

    def is_written(self) -> bool:
        """Return whether a process, on whatever machine, is changing the library now."""
        return holder(self._server, self._names) is not None

    def _known(self) -> dict[str, str]:
        """Return the collections of the complete versions, by id."""
        found = {c: self._names.read(c) for c in self._server.collections()}
        return {read[1]: c for c, read in found.items() if read}

    def _served(self) -> tuple[str, str]:
        """Return the collection and the id of the version being served."""
        collection = self._server.target(self._names.served)
        if collection is None or not (known := self._names.read(collection)):
            if collection is not None:
                raise another(self._server, collection)
            raise MissingIndexError(
                f"There is no library {self._names.library} on {self._server.address}. Run"
                " `reformqa rebuild` to make one, or correct storage.library in reformqa.toml."
            )
        return collection, known[1]

    def _collection(self, version_id: str) -> str:
        known = self._known()
        if version_id not in known:
            raise MissingIndexError(
                f"There is no build {version_id} on {self._server.address}. Check the id, or leave"
                " it out to use the build being served."
            )
        return known[version_id]


class MilvusWriter(MilvusVersions):
    """Writes versions, as `storage.base.StoreWriter`; within `claimed`, as the only one."""

    def __init__(self, settings: StorageSettings, cache: Path) -> None:
        super().__init__(settings, cache)
        self._claim: Claim | None = None

    @contextmanager
    def claimed(self) -> Iterator[MilvusWriter]:
        """Be the only writer, on whatever machine.

        Raises BusyIndexError if another process writes, UnsuitableStoreError if the server lacks
        what the rows need.
        """
        _ = self._sparse
        with only_writer(self._server, self._names) as self._claim:
            yield self
        self._claim = None

    @contextmanager
    def begin(
        self, version_id: str, *, piece_factors: NDArray[np.float32]
    ) -> Iterator[MilvusDraft]:
        """Start a version aside, which is removed unless it is published."""
        number = 1 + max(self._numbers(), default=0)
        draft = MilvusDraft(
            self._server,
            self._names,
            self._cache,
            number,
            version_id,
            piece_factors,
            self._shareable(),
            self._check,
            sparse=self._sparse,
        )
        try:
            yield draft
        finally:
            if not draft.published:
                # A server that is gone leaves the draft for the next rebuild to remove.
                with suppress(UnreachableStoreError):
                    self._discard(draft.collection, number)

    def serve(self, version_id: str) -> None:
        """Serve that version from now on: an alias is moved to it when it has been opened.

        Raises MissingIndexError if there is none of that id.
        """
        collection = self._collection(version_id)
        self.open(version_id)
        self._check()
        self._server.point(self._names.served, collection)

    def prune(self, keep: int, spared: Collection[str] = ()) -> None:
        """Remove all but the `keep` newest versions, those spared and the one served, with rows."""
        stays = {self.served(), *spared}
        for version_id in self.versions()[keep:]:
            if version_id not in stays:
                # Renamed first: whoever still reads it is told, rather than given fewer rows.
                collection = self._collection(version_id)
                read = self._names.read(collection)
                assert read is not None
                old = self._names.version(*read, "old")
                self._server.rename(collection, old)
                self._remove(old)
        self._sweep()

    def clear(self) -> None:
        """Remove what a killed writer left half-written or half-removed."""
        for collection in self._server.collections():
            if draft := self._names.read(collection, "draft"):
                self._discard(collection, draft[0])
            elif self._names.read(collection, "old"):
                self._remove(collection)
        self._sweep()

    def _check(self) -> None:
        if self._claim:
            self._claim.check()

    def _numbers(self) -> list[int]:
        """Return the numbers of all versions, drafts and versions being removed."""
        found = (
            self._names.read(c, state)
            for c in self._server.collections()
            for state in ("v", "draft", "old")
        )
        return [read[0] for read in found if read]

    def _shareable(self) -> list[Tables]:
        """Return the tables of the versions whose rows can be shared, the one served first.

        None are if one is damaged, or rows of a version that is gone remain: which rows do not
        belong to the next one could not be told.
        """
        if any(self._names.read(c, "old") for c in self._server.collections()):
            return []
        try:
            store = self.open()
            store.verify()
            others = [v for v in self.versions() if v != store.version.id]
            return [store.tables, *self._tables(others)]
        except (MissingIndexError, DamagedIndexError):
            return []

    def _tables(self, version_ids: list[str]) -> list[Tables]:
        library = self._names.library
        return [read_tables(self._server, self._collection(v), library) for v in version_ids]

    def _discard(self, collection: str, number: int) -> None:
        """Remove a draft and all rows that it wrote."""
        for rows in self._names.numbers(self._server.collections(), "records"):
            where = f"revision >= {revision(number, 0)} and revision < {revision(number + 1, 0)}"
            for of in (self._names.passages(rows), self._names.records(rows)):
                if rows == number:
                    self._server.drop(of)
                elif self._server.has(of):
                    self._server.delete(of, where)
        self._server.drop(collection)

    def _remove(self, collection: str) -> None:
        """Remove a version with the rows that no version shares."""
        try:
            tables = read_tables(self._server, collection, self._names.library)
            kept = self._tables(self.versions())
        except DamagedIndexError:
            return  # which rows are its own cannot be known: the next version begins others
        shared = {e.revision for t in kept for e in t.entries if t.head.rows == tables.head.rows}
        alone = sorted({e.revision for e in tables.entries} - shared)
        rows = tables.head.rows
        if any(t.head.rows == rows for t in kept):
            for start in range(0, len(alone), AT_ONCE):
                where = f"revision in {numbers(alone[start : start + AT_ONCE])}"
                for of in (self._names.passages(rows), self._names.records(rows)):
                    self._server.delete(of, where)
        self._server.drop(collection)

    def _sweep(self) -> None:
        """Remove the collections that no version uses: rows, models, claims that have ended."""
        try:
            heads = [t.head for t in self._tables(self.versions())]
        except DamagedIndexError:
            return  # what it uses cannot be known
        used = {h.rows for h in heads}
        claimed = self._server.target(self._names.writer)
        kept = {self._names.models(h.models) for h in heads}
        kept |= {f(n) for n in used for f in (self._names.passages, self._names.records)}
        for collection in self._server.collections():
            old = self._names.read(collection, "old")
            ours = any(
                collection.startswith(f"{self._names.library}_{what}_")
                for what in ("passages", "records", "models", "claim", "probe")
            )
            if (ours and collection not in kept | {claimed}) or (
                old and used and old[0] < min(used)
            ):
                self._server.drop(collection)

    @cached_property
    def _sparse(self) -> bool:
        """Whether the server has sparse vectors, found by trying all that the rows need.

        Raises UnsuitableStoreError if it lacks something else. No version is asked for: forks and
        services have other numbers than what they can do.
        """
        try:
            self._try(sparse=True)
        except UnsuitableStoreError:
            self._try(sparse=False)
            return False
        return True

    def _try(self, *, sparse: bool) -> None:
        """Write a row into a collection of its own and look for it."""
        collection = f"{self._names.library}_probe_{secrets.token_hex(6)}"
        server = self._server.fresh()
        row: dict[str, Any] = dict.fromkeys(schema.NUMBERS, 1)
        row |= {"place": 1, "id": "a", "terms": [1, 2], "vector": [1.0, 0.0]}
        if sparse:
            row["bm25"] = {5: 1.0, 9: 2.0}
        where = "place < 5 and revision not in [7] and array_contains_all(terms, [1,2])"
        legs: dict[str, Any] = {"vector": [1.0, 0.0], **({"bm25": {9: 1.5}} if sparse else {})}
        try:
            server.create(collection, schema.passages(2, 0, sparse=sparse))
            server.upsert(collection, [row])
            for field, vector in legs.items():
                if not server.search(collection, field, [vector], 1, where, ["id"], {})[0]:
                    raise UnsuitableStoreError(f"A row is not found by its field {field}.")
        except UnsuitableStoreError as error:
            raise UnsuitableStoreError(
                f"The Milvus server at {self._server.address} lacks what a library needs. {error}"
                " Use Milvus 2.3 or later, best 2.4 or later."
            ) from error
        finally:
            with suppress(UnreachableStoreError, UnsuitableStoreError):
                server.drop(collection)
