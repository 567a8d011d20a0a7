"""The briefings of people who sign in, in one SQLite file beside the index."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reformqa.briefing.file import read_briefing, write_briefing
from reformqa.briefing.records import Briefing
from reformqa.errors import BriefingError

#: The name of the file, in the folder of the index.
FILE = "briefings.sqlite"
#: The most briefings of a person.
MOST_KEPT = 100
#: Seconds to wait for another session that is writing.
_PATIENCE = 10.0
_TABLE = """CREATE TABLE IF NOT EXISTS briefings (
    person TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, saved TEXT NOT NULL,
    revision INTEGER NOT NULL, contents BLOB NOT NULL, PRIMARY KEY (person, id))"""


@dataclass(frozen=True, slots=True)
class KeptBriefing:
    """A briefing as kept: `id` is its own for good, `revision` counts its changes from 1."""

    id: str
    revision: int
    briefing: Briefing


class KeptBriefings:
    """The briefings in a file, which is made when the first one is kept.

    Any number of sessions may use it at a time. All methods raise BriefingError if the file cannot
    be read or written.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def titles(self, person: str) -> dict[str, str]:
        """Return the titles of a person's briefings by id, the last one changed first."""
        if not self._file.exists():
            return {}
        ask = "SELECT id, title FROM briefings WHERE person = ? ORDER BY saved DESC, id"
        with self._opened() as database:
            return dict(database.execute(ask, (person,)).fetchall())

    def read(self, person: str, id: str) -> KeptBriefing | None:
        """Return a briefing of a person, or None if there is none of that id."""
        if not self._file.exists():
            return None
        ask = "SELECT revision, contents FROM briefings WHERE person = ? AND id = ?"
        with self._opened() as database:
            row = database.execute(ask, (person, id)).fetchone()
        return KeptBriefing(id, row[0], read_briefing(row[1])) if row else None

    def add(self, person: str, briefing: Briefing) -> KeptBriefing:
        """Keep a new briefing. Raises BriefingError if the person has too many."""
        if len(self.titles(person)) >= MOST_KEPT:
            raise BriefingError(
                f"You have {MOST_KEPT} briefings, which is the most. Delete one first."
            )
        kept = KeptBriefing(secrets.token_hex(6), 1, briefing)
        values = (person, kept.id, briefing.title, _now(), 1, write_briefing(briefing))
        with self._opened() as database:
            database.execute("INSERT INTO briefings VALUES (?, ?, ?, ?, ?, ?)", values)
        return kept

    def replace(self, person: str, kept: KeptBriefing, briefing: Briefing) -> KeptBriefing | None:
        """Keep `briefing` in place of `kept`, and return it.

        Returns None, and changes nothing, if another session has changed or deleted it meanwhile.
        """
        change = (
            "UPDATE briefings SET title = ?, saved = ?, revision = revision + 1, contents = ?"
            " WHERE person = ? AND id = ? AND revision = ?"
        )
        values = (briefing.title, _now(), write_briefing(briefing), person, kept.id, kept.revision)
        with self._opened() as database:
            done = database.execute(change, values).rowcount
        return KeptBriefing(kept.id, kept.revision + 1, briefing) if done else None

    def delete(self, person: str, id: str) -> None:
        """Delete a briefing of a person."""
        with self._opened() as database:
            database.execute("DELETE FROM briefings WHERE person = ? AND id = ?", (person, id))

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Yield the database in a transaction. Raises BriefingError if it cannot be used."""
        try:
            with closing(sqlite3.connect(self._file, timeout=_PATIENCE)) as database:
                database.execute("PRAGMA journal_mode = WAL")
                with database:
                    database.execute(_TABLE)
                    yield database
        except sqlite3.Error as error:
            raise BriefingError(
                f"Briefings cannot be kept in {self._file.name} ({error}). Download the briefing"
                " file, and tell the administrator of this app."
            ) from error


def _now() -> str:
    return datetime.now(UTC).isoformat()
