"""A cache of text vectors across builds, so that no text is encoded twice.

    index/cache/vectors/<encoder>.sqlite    a row for each text: digest, vectors, checksum

A row depends only on its text and the model. Rows are written as texts are encoded, so a killed
rebuild loses at most the last few. The file may be deleted at any time; a damaged row or file
counts as missing.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from reformqa.files import naming
from reformqa.models.base import TextEncoder, TextVectors
from reformqa.models.token_reduction import Reducer, Reduction

#: The texts that are looked up and encoded together.
_ROUND = 256

_TABLES = (
    "CREATE TABLE reduction (checksum INTEGER)",
    "CREATE TABLE texts (digest BLOB PRIMARY KEY, sentence BLOB, tokens BLOB, pieces BLOB,"
    " checksum INTEGER) WITHOUT ROWID",
)
#: Which texts were asked for; SQLite keeps it in a file that is gone when the cache is closed.
_USED = "CREATE TEMP TABLE used (digest BLOB PRIMARY KEY) WITHOUT ROWID"


class VectorCache:
    """The vectors of texts by one encoder, as a context manager.

    `encoded` counts the texts that had to be encoded.
    """

    def __init__(self, file: Path, encoder: TextEncoder, reduction: Reduction) -> None:
        self._encoder = encoder
        self._file = file
        self.encoded = 0
        self.reducer = Reducer(encoder, reduction)
        with naming(file):
            self._database = _opened(file)
            self._forget_what_was_reduced_otherwise()
            self._database.execute(_USED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    @property
    def dimensions(self) -> int:
        """The length of a sentence vector."""
        return self._encoder.dimensions

    def vectors(self, texts: Sequence[str]) -> Iterator[TextVectors]:
        """Yield the vectors of texts, in order, encoding and keeping those that are missing."""
        for start in range(0, len(texts), _ROUND):
            some = texts[start : start + _ROUND]
            digests = [_digest(text) for text in some]
            with naming(self._file), self._database:
                used = ((d,) for d in digests)
                self._database.executemany("INSERT OR IGNORE INTO used VALUES (?)", used)
            found = {d: self._read(d) for d in digests}
            missing = {d: t for d, t in zip(digests, some, strict=True) if found[d] is None}
            with naming(self._file):
                found |= self._encode(missing)
            for digest in digests:
                vectors = found[digest]
                assert vectors is not None
                yield vectors

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Return the texts that have no vectors yet, sorted, each once."""
        return sorted({text for text in texts if self._read(_digest(text)) is None})

    def keep(self, texts: Sequence[str], vectors: Sequence[TextVectors]) -> None:
        """Keep the vectors of texts that were encoded elsewhere, by the same encoder."""
        with self._database:
            for text, found in zip(texts, vectors, strict=True):
                self._insert(_digest(text), found)
        self.encoded += len(texts)

    def keep_used(self) -> None:
        """Remove the vectors of all texts that were not asked for since this was opened."""
        with naming(self._file):
            with self._database:
                self._database.execute(
                    "DELETE FROM texts WHERE digest NOT IN (SELECT digest FROM used)"
                )
            # It returns a row for each freed page; `execute` would stop after the first.
            self._database.executescript("PRAGMA incremental_vacuum")

    def _encode(self, texts: dict[bytes, str]) -> dict[bytes, TextVectors]:
        found = {}
        encodings = self._encoder.encode_tokens(texts.values(), "passage")
        with self._database:
            for digest, encoding in zip(texts, encodings, strict=True):
                vectors = self.reducer.reduce(encoding)
                found[digest] = vectors
                self._insert(digest, vectors)
        self.encoded += len(found)
        return found

    def _insert(self, digest: bytes, vectors: TextVectors) -> None:
        blobs = [v.tobytes() for v in (vectors.sentence, vectors.tokens, vectors.pieces)]
        self._database.execute(
            "INSERT OR REPLACE INTO texts VALUES (?, ?, ?, ?, ?)",
            (digest, *blobs, _checksum(*blobs)),
        )

    def _read(self, digest: bytes) -> TextVectors | None:
        row = self._database.execute(
            "SELECT sentence, tokens, pieces, checksum FROM texts WHERE digest = ?", (digest,)
        ).fetchone()
        if row is None or not all(isinstance(blob, bytes) for blob in row[:3]):
            return None
        if _checksum(*row[:3]) != row[3]:
            return None
        sentence, tokens, pieces = row[:3]
        reduced = np.frombuffer(tokens, dtype=np.int8)
        return TextVectors(
            np.frombuffer(sentence, dtype=np.float32),
            reduced.reshape(-1, len(self.reducer.reduction.scale)),
            np.frombuffer(pieces, dtype=np.int32),
        )

    def _forget_what_was_reduced_otherwise(self) -> None:
        """Clear the cache if the reduction differs: a new export may flip axes."""
        reduction = self.reducer.reduction
        parts = (reduction.mean, reduction.components, reduction.scale)
        now = _checksum(*(part.tobytes() for part in parts))
        if self._database.execute("SELECT checksum FROM reduction").fetchone() == (now,):
            return
        with self._database:
            self._database.execute("DELETE FROM texts")
            self._database.execute("DELETE FROM reduction")
            self._database.execute("INSERT INTO reduction VALUES (?)", (now,))


def _opened(file: Path) -> sqlite3.Connection:
    """Open the database, replacing it if it is damaged or of another form."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connected(file)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if isinstance(error, sqlite3.OperationalError):  # the disk is full or read-only
            raise
        for part in file.parent.glob(f"{file.name}*"):
            part.unlink()
        return _connected(file)


def _connected(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file)
    database.text_factory = bytes  # a damaged row may call a blob text that cannot be decoded
    try:
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")  # what a power cut loses is encoded again
        if database.execute("PRAGMA quick_check").fetchone() != (b"ok",):
            raise sqlite3.DatabaseError(f"{file} is damaged")
        tables = database.execute("SELECT CAST(sql AS BLOB) FROM sqlite_schema").fetchall()
        if not tables:
            database.executescript(";".join(_TABLES))
        elif {sql for (sql,) in tables} != {sql.encode() for sql in _TABLES}:
            raise sqlite3.DatabaseError(f"{file} has other tables")
    except (sqlite3.Error, UnicodeDecodeError):  # a damaged name cannot even be reported
        database.close()
        raise
    return database


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _checksum(*blobs: bytes) -> int:
    """Return a CRC-32, which is enough to recognise a damaged row."""
    total = 0
    for blob in blobs:
        total = zlib.crc32(blob, total)
    return total
