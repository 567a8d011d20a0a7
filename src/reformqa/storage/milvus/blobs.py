"""Values by number in a collection: compressed, checked when they are read, in parts if long."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from reformqa.errors import DamagedIndexError, UnwritableIndexError
from reformqa.storage.milvus.remembered import Remembered
from reformqa.storage.milvus.schema import LONGEST
from reformqa.storage.milvus.server import AT_ONCE, Server, numbers

#: Parts of long values that are asked for at a time.
_PARTS_AT_ONCE = 200
#: Characters that are written at a time; a server takes 64 MB.
_WRITTEN = 8 * 2**20
_FIELDS = ("key", "name", "parts", "sum", "value")


class Blobs:
    """The values in a collection; a value has at most 2 ** `part_bits` parts.

    The last `remembered` bytes that were read are not asked for again.
    """

    def __init__(
        self, server: Server, collection: str, part_bits: int, remembered: int = 0
    ) -> None:
        self.collection = collection
        self._remembered = Remembered(remembered)
        self._server = server
        self._bits = part_bits

    def get(self, items: Iterable[int], *, strong: bool = False) -> dict[int, bytes]:
        """Return the values with those numbers; unknown ones are left out.

        Raises DamagedIndexError if one is not as it was written.
        """
        wanted = dict.fromkeys(items)
        found = self._remembered.get(wanted)
        if missing := [i << self._bits for i in wanted if i not in found]:
            new = self._joined(self._rows(missing, AT_ONCE, strong), strong)
            self._remembered.add(new)
            found |= new
        return found

    def named(self, names: Iterable[int]) -> dict[int, bytes]:
        """Return the values with one of those names, by number."""
        wanted = list(dict.fromkeys(names))
        rows: list[dict[str, Any]] = []
        for start in range(0, len(wanted), AT_ONCE):
            part = numbers(wanted[start : start + AT_ONCE])
            rows += self._server.query(self.collection, f"name in {part}", _FIELDS)
        found = self._joined({row["key"]: row for row in rows}, strong=False)
        self._remembered.add(found)
        return found

    def writer(self) -> BlobsWriter:
        """Return a writer of values into the collection."""
        return BlobsWriter(self._server, self.collection, self._bits)

    def _rows(self, keys: list[int], at_once: int, strong: bool) -> dict[int, dict[str, Any]]:
        found: dict[int, dict[str, Any]] = {}
        for start in range(0, len(keys), at_once):
            where = f"key in {numbers(keys[start : start + at_once])}"
            rows = self._server.query(self.collection, where, _FIELDS, strong=strong)
            found |= {row["key"]: row for row in rows}
        return found

    def _joined(self, rows: Mapping[int, dict[str, Any]], strong: bool) -> dict[int, bytes]:
        mask = (1 << self._bits) - 1
        firsts = {key: row for key, row in rows.items() if not key & mask}
        missing = [
            key + n
            for key, row in firsts.items()
            for n in range(row["parts"])
            if key + n not in rows
        ]
        every = {**rows, **self._rows(missing, _PARTS_AT_ONCE, strong)}
        found = {}
        for key, row in firsts.items():
            parts = [every.get(key + n, {}).get("value", "") for n in range(row["parts"])]
            text = "".join(parts)
            if zlib.crc32(text.encode()) != row["sum"]:
                raise DamagedIndexError(
                    f"A value in {self.collection} on {self._server.address} is altered or"
                    " missing. Run `reformqa rebuild --force` to replace it."
                )
            found[key >> self._bits] = _unpacked(text)
        return found


class BlobsWriter:
    """Writes values, many at a time; leaving its context without an error writes the last."""

    def __init__(self, server: Server, collection: str, part_bits: int) -> None:
        self._server = server
        self._collection = collection
        self._bits = part_bits
        self._rows: list[dict[str, Any]] = []
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()

    def put(
        self, item: int, value: bytes, *, revision: int = 0, name: int = 0, dense: bool = False
    ) -> None:
        """Write a value; a `dense` one is not compressed, since that would not help.

        Raises UnwritableIndexError if it is too long.
        """
        text = _packed(value, dense)
        parts = [text[n : n + LONGEST] for n in range(0, len(text), LONGEST)]
        if len(parts) > 1 << self._bits:
            raise UnwritableIndexError(
                f"A record of {len(value):,} bytes is too long for a Milvus server. Split its"
                " report, or keep the index in files: remove storage.url."
            )
        for n, part in enumerate(parts):
            row = {
                "key": item << self._bits | n,
                "revision": revision,
                "name": name,
                "parts": len(parts) if n == 0 else 0,
                "sum": zlib.crc32(text.encode()),
                "value": part,
                "unused": [0.0, 0.0],
            }
            self._rows.append(row)
            self._size += len(part)
            if self._size >= _WRITTEN or len(self._rows) >= 2 * AT_ONCE:
                self.flush()

    def flush(self) -> None:
        """Write what has been put."""
        if self._rows:
            self._server.upsert(self._collection, self._rows)
            self._rows, self._size = [], 0


def _packed(value: bytes, dense: bool) -> str:
    if dense:
        return "=" + base64.b64encode(value).decode()
    return "z" + base64.b64encode(zlib.compress(value, 6)).decode()


def _unpacked(text: str) -> bytes:
    value = base64.b64decode(text[1:])
    return zlib.decompress(value) if text[0] == "z" else value
