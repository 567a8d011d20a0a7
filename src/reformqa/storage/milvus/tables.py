"""The tables of a version: which rows belong to it, and what changes with every version."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from reformqa.errors import DamagedIndexError, UnsuitableStoreError
from reformqa.model import Build, ReportInfo
from reformqa.storage.base import IndexVersion
from reformqa.storage.milvus.blobs import Blobs
from reformqa.storage.milvus.schema import SCHEMA_VERSION
from reformqa.storage.milvus.server import Server

#: Parts of a table: more than any has.
_PART_BITS = 32
_HEAD, _ENTRIES, _LABELS, _ARRAYS, _SEAL = range(5)


@dataclass(frozen=True, slots=True)
class Entry:
    """A report in a version, in the library's order.

    `revision` says where its rows are, `digest` what they hold; the others are the numbers of its
    records, and `last` that of its last paragraph.
    """

    revision: int
    digest: str
    info: ReportInfo
    passages: int
    paragraphs: int
    recommendations: int
    last: int


@dataclass(frozen=True, slots=True)
class Head:
    """A version's description.

    `number` counts the library's versions; `rows` is the number of the version that began the
    collections which its rows are in; `not_here` are revisions in those, up to this version's
    own, that do not belong to it. `words` is the length of all passages together, and `average`
    that of one as the rows have it; `begun` is the number of passages that these collections
    began with; `sparse` is true if they have BM25 parts;
    `models` is the digest of the exported models.
    """

    schema: int
    library: str
    number: int
    rows: int
    build: Build
    facts: dict[str, Any]
    not_here: tuple[int, ...]
    words: int
    average: float
    sparse: bool
    begun: int
    dimensions: int
    width: int
    models: str


_HEADS = TypeAdapter(Head)
_LISTS = TypeAdapter(list[Entry])
_LABELLED = TypeAdapter(dict[str, list[int]])


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of a version.

    `statement`, `kind` and `recommends` have a number for each passage, in the library's order;
    `terms` and `holders` one for each term (see `bm25.Vocabulary`); `pieces` are the weights in
    `Store.piece_weights`; `labels` are the positions of the passages that state a label.
    """

    head: Head
    entries: list[Entry]
    labels: Mapping[str, list[int]]
    statement: NDArray[np.int64]
    kind: NDArray[np.uint8]
    recommends: NDArray[np.bool_]
    terms: NDArray[np.int64]
    holders: NDArray[np.int32]
    pieces: NDArray[np.float32]

    @property
    def version(self) -> IndexVersion:
        """The version that they describe."""
        return IndexVersion(self.head.build, self.head.facts)

    def write(self, server: Server, collection: str) -> None:
        """Write the tables into a new collection; the seal comes last."""
        arrays = io.BytesIO()
        np.savez(
            arrays,
            statement=self.statement,
            kind=self.kind,
            recommends=self.recommends,
            terms=self.terms,
            holders=self.holders,
            pieces=self.pieces,
        )
        with Blobs(server, collection, _PART_BITS).writer() as writer:
            writer.put(_HEAD, _HEADS.dump_json(self.head))
            writer.put(_ENTRIES, _LISTS.dump_json(self.entries))
            writer.put(_LABELS, _LABELLED.dump_json(dict(self.labels)))
            writer.put(_ARRAYS, arrays.getvalue())
            writer.flush()
            writer.put(_SEAL, b"whole")


def read_tables(server: Server, collection: str, library: str) -> Tables:
    """Return the tables of a version.

    Raises DamagedIndexError if they are not whole, UnsuitableStoreError if the collection is of
    another library or program.
    """
    head = _read_head(server, collection, library)
    found = Blobs(server, collection, _PART_BITS).get([_ENTRIES, _LABELS, _ARRAYS], strong=True)
    try:
        with np.load(io.BytesIO(found[_ARRAYS]), allow_pickle=False) as arrays:
            return Tables(
                head,
                _LISTS.validate_json(found[_ENTRIES]),
                _LABELLED.validate_json(found[_LABELS]),
                **arrays,
            )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise damaged(server, collection, str(error).partition("\n")[0]) from error


def read_build(server: Server, collection: str, library: str) -> Build:
    """Return the description of a version. Raises as `read_tables` does."""
    return _read_head(server, collection, library).build


def damaged(server: Server, collection: str, reason: str) -> DamagedIndexError:
    """Return the error for a version that cannot be read, with the command that replaces it."""
    return DamagedIndexError(
        f"The version in the collection {collection} on {server.address} cannot be read: {reason}."
        " Run `reformqa rebuild --force` to replace it."
    )


def _read_head(server: Server, collection: str, library: str) -> Head:
    server.load(collection)
    if not {"key", "parts", "sum", "value"} <= server.fields(collection):
        raise another(server, collection)
    found = Blobs(server, collection, _PART_BITS).get([_HEAD, _SEAL], strong=True)
    if found.keys() != {_HEAD, _SEAL}:
        raise damaged(server, collection, "it was not written to its end")
    try:
        head = _HEADS.validate_json(found[_HEAD])
    except ValidationError as error:
        raise damaged(server, collection, "its description is of another format") from error
    if head.library != library:
        raise another(server, collection)
    if head.schema != SCHEMA_VERSION:
        raise damaged(server, collection, f"its format is {head.schema}, not {SCHEMA_VERSION}")
    return head


def another(server: Server, collection: str) -> UnsuitableStoreError:
    """Return the error for a collection that something else has made under one of our names."""
    return UnsuitableStoreError(
        f"The collection {collection} on {server.address} belongs to another library or program."
        " Name yours otherwise with storage.library in reformqa.toml."
    )
