"""The briefings of people who sign in, as files that all replicas of the app share.

    briefings/<digest of the person>/<id>-<revision>.briefing.json

Each change makes the file of the next revision, which only one session can, on whatever machine,
and removes the one before. An empty file marks a briefing as deleted. So no lock is needed, which
network folders often lack.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reformqa.briefing.file import SUFFIX, read_briefing, write_briefing
from reformqa.briefing.records import Briefing
from reformqa.errors import BriefingError
from reformqa.files import write_new

#: The name of the folder, in that of the index.
FOLDER = "briefings"
#: The most briefings of a person.
MOST_KEPT = 100
_NAME = re.compile(rf"([0-9a-f]{{12}})-(\d+){re.escape(SUFFIX)}", re.ASCII)
#: How often a file is looked for that another session replaces meanwhile.
_TRIES = 20


@dataclass(frozen=True, slots=True)
class KeptBriefing:
    """A briefing as kept: `id` is its own for good, `revision` counts its changes from 1."""

    id: str
    revision: int
    briefing: Briefing


class KeptBriefings:
    """The briefings in a folder, which is made when the first one is kept.

    Any number of sessions may use it at a time, on any number of machines. All methods raise
    BriefingError if the folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def titles(self, person: str) -> dict[str, str]:
        """Return the titles of a person's briefings by id, the last one changed first."""
        found: list[tuple[int, str, str]] = []
        for id in self._revisions(person):
            if (now := self._contents(person, id)) and now[1]:
                found.append((-now[2], id, read_briefing(now[1]).title))
        return {id: title for _, id, title in sorted(found)}

    def read(self, person: str, id: str) -> KeptBriefing | None:
        """Return a briefing of a person, or None if there is none of that id."""
        now = self._contents(person, id)
        return KeptBriefing(id, now[0], read_briefing(now[1])) if now and now[1] else None

    def add(self, person: str, briefing: Briefing) -> KeptBriefing:
        """Keep a new briefing. Raises BriefingError if the person has too many."""
        if len(self.titles(person)) >= MOST_KEPT:
            raise BriefingError(
                f"You have {MOST_KEPT} briefings, which is the most. Delete one first."
            )
        kept = KeptBriefing(secrets.token_hex(6), 1, briefing)
        with self._told():
            self._shelf(person).mkdir(parents=True, exist_ok=True)
        self._put(person, kept.id, 1, write_briefing(briefing))
        return kept

    def replace(self, person: str, kept: KeptBriefing, briefing: Briefing) -> KeptBriefing | None:
        """Keep `briefing` in place of `kept`, and return it.

        Returns None, and changes nothing, if another session has changed or deleted it meanwhile.
        """
        now = self._contents(person, kept.id)
        if now is None or now[0] != kept.revision or not now[1]:
            return None
        if not self._put(person, kept.id, kept.revision + 1, write_briefing(briefing)):
            return None
        return KeptBriefing(kept.id, kept.revision + 1, briefing)

    def delete(self, person: str, id: str) -> None:
        """Delete a briefing of a person."""
        while (now := self._contents(person, id)) and now[1]:
            self._put(person, id, now[0] + 1, b"")

    def _put(self, person: str, id: str, revision: int, data: bytes) -> bool:
        """Write a revision and remove those before it; return False if another session has."""
        file = self._file(person, id, revision)
        with self._told():
            try:
                write_new(file, data)
            except FileExistsError:
                return False
            if self._revisions(person).get(id, 0) > revision:  # this one came and went before
                file.unlink()
                return False
            for older in (revision - 1, revision - 2):  # the second if a session was killed here
                self._file(person, id, older).unlink(missing_ok=True)
            return True

    def _contents(self, person: str, id: str) -> tuple[int, bytes, int] | None:
        """Return the last revision of a briefing, its file's contents and its time; None if none.

        A deleted one has no contents.
        """
        for _ in range(_TRIES):
            revision = self._revisions(person).get(id)
            if revision is None:
                return None
            file = self._file(person, id, revision)
            with self._told():
                try:
                    return revision, file.read_bytes(), file.stat().st_mtime_ns
                except FileNotFoundError:  # replaced since it was listed
                    continue
        raise BriefingError("This briefing is being changed all the time. Try again in a moment.")

    def _revisions(self, person: str) -> dict[str, int]:
        """Return the last revision of each of a person's briefings, deleted ones included."""
        last: dict[str, int] = {}
        with self._told():
            shelf = self._shelf(person)
            for file in shelf.iterdir() if shelf.is_dir() else ():
                if name := _NAME.fullmatch(file.name):
                    last[name[1]] = max(int(name[2]), last.get(name[1], 0))
        return last

    def _shelf(self, person: str) -> Path:
        return self._folder / hashlib.sha256(person.encode()).hexdigest()[:32]

    def _file(self, person: str, id: str, revision: int) -> Path:
        return self._shelf(person) / f"{id}-{revision}{SUFFIX}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the errors of the disk into BriefingError."""
        try:
            yield
        except OSError as error:
            raise BriefingError(
                f"Briefings cannot be kept in {self._folder} ({error.strerror}). Download the"
                " briefing file, and tell the administrator of this app."
            ) from error
