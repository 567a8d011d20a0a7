"""The collections of a library: their names, their fields, and the keys of their rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from typing import Any

from reformqa.storage.milvus.server import Schema

#: Raise it when the format of the rows changes; the next rebuild then writes all of them.
SCHEMA_VERSION = 1
#: A row's revision: the number of the version that wrote its report, then the report's in that.
REPORT_BITS = 20
#: A row's place: its revision, then its number in the report.
NUMBER_BITS = 20
#: Characters of a field; Milvus counts bytes, and all that is written is ASCII.
LONGEST = 65_000
#: From this many passages on, the vectors are searched by clusters.
CLUSTERED = 30_000

_VERSION = r"(\d+)_(\d{8})_(\d{6})_([0-9a-f]{6})"


class Kind(IntEnum):
    """The kinds of records of a report."""

    REPORT = 0
    RECOMMENDATIONS = 1
    VECTORS = 2
    PARAGRAPH = 3
    PASSAGE = 4
    EVIDENCE = 5


KIND_BITS = 3


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a library's collections and aliases."""

    library: str

    @property
    def served(self) -> str:
        """The alias of the version being served."""
        return f"{self.library}_served"

    @property
    def writer(self) -> str:
        """The alias of the claim of who writes."""
        return f"{self.library}_writer"

    def passages(self, number: int) -> str:
        """The collection of the passages that version `number` began."""
        return f"{self.library}_passages_{number}"

    def records(self, number: int) -> str:
        """The collection of the records that version `number` began."""
        return f"{self.library}_records_{number}"

    def models(self, digest: str) -> str:
        """The collection of the models with that digest."""
        return f"{self.library}_models_{digest}"

    def claim(self, token: str) -> str:
        """The collection of one claim to write."""
        return f"{self.library}_claim_{token}"

    def version(self, number: int, version_id: str, state: str = "v") -> str:
        """The collection of a version: "v", or a "draft", or "old" while it is removed."""
        return f"{self.library}_{state}_{number}_{version_id.replace('-', '_')}"

    def read(self, collection: str, state: str = "v") -> tuple[int, str] | None:
        """Return the number and the id of a version from its collection's name, or None."""
        found = re.fullmatch(f"{self.library}_{state}_{_VERSION}", collection)
        return (int(found[1]), "-".join(found.groups()[1:])) if found else None

    def numbers(self, collections: Iterable[str], what: str) -> list[int]:
        """Return the numbers of the collections of passages or of records."""
        found = (re.fullmatch(rf"{self.library}_{what}_(\d+)", c) for c in collections)
        return [int(f[1]) for f in found if f]


def revision(version: int, report: int) -> int:
    """Return the revision of the `report`th new report of a version."""
    return version << REPORT_BITS | report


def place(revision: int, number: int) -> int:
    """Return the key of a report's passage, numbered from 0; also part of a record's key."""
    return revision << NUMBER_BITS | number


def item(revision: int, kind: Kind, number: int = 0) -> int:
    """Return the number of a record among all; a paragraph's `number` is that in its report."""
    return place(revision, number) << KIND_BITS | kind


def name_key(name: str) -> int:
    """Return a name as a number, so that no name can break an expression; 63 bits, not 0."""
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return max(1, int.from_bytes(digest) >> 1)


_SPARSE = {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"}
#: What filters on passages look at.
NUMBERS = ("revision", "name", "publisher", "year", "kind", "recommends")
#: Ways to index a number: an inverted index, sorted (Milvus before 2.4), or not at all.
_NUMBER: tuple[dict[str, str], ...] = ({"index_type": "INVERTED"}, {"index_type": "STL_SORT"}, {})


def blobs() -> Schema:
    """Return the schema of values by key, in parts that fit a field."""
    return Schema(
        fields={
            "key": ("INT64", {"is_primary": True}),
            "revision": ("INT64", {}),
            "name": ("INT64", {}),
            "parts": ("INT64", {}),
            "sum": ("INT64", {}),
            "value": ("VARCHAR", {"max_length": 65_535}),
            "unused": ("FLOAT_VECTOR", {"dim": 2}),  # a collection without a vector is refused
        },
        indexes={
            "unused": [{"index_type": "FLAT", "metric_type": "L2"}],
            "revision": _NUMBER,
            "name": _NUMBER,
        },
        on_disk=True,
    )


def passages(dimensions: int, count: int, *, sparse: bool) -> Schema:
    """Return the schema of about `count` passages, with BM25 parts if `sparse`."""
    dense: dict[str, Any] = {"index_type": "FLAT", "metric_type": "IP"}
    if count >= CLUSTERED:
        clusters = int(2 * count**0.5)
        dense = {"index_type": "IVF_FLAT", "metric_type": "IP", "params": {"nlist": clusters}}
    return Schema(
        fields={
            "place": ("INT64", {"is_primary": True}),
            "id": ("VARCHAR", {"max_length": 4_096}),
            **{name: ("INT64", {}) for name in NUMBERS},
            "terms": ("ARRAY", {"element_type": "INT64", "max_capacity": 4_096}),
            "vector": ("FLOAT_VECTOR", {"dim": dimensions}),
            **({"bm25": ("SPARSE_FLOAT_VECTOR", {})} if sparse else {}),
        },
        indexes={
            "vector": [dense],
            **({"bm25": [_SPARSE]} if sparse else {}),
            **dict.fromkeys(NUMBERS, _NUMBER),
            "terms": ({"index_type": "INVERTED"}, {}),
        },
    )


def revision_of(record: int) -> int:
    """Return the revision of a record's number."""
    return record >> (KIND_BITS + NUMBER_BITS)
