"""The operator's inbox: the papers that watched sites announced, and what became of each.

It is corpus/inbox.json. An item stays in it when it was taken or dropped, so that it is not
offered again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from reformqa.errors import CorpusError, UnknownNameError
from reformqa.files import write_atomically
from reformqa.ingest.folder import INBOX
from reformqa.ingest.watched import Watched
from reformqa.news.announcements import Announcement

State = Literal["waiting", "failed", "taken", "dropped"]


@dataclass(frozen=True, slots=True)
class InboxItem:
    """An announced paper: where and when it was `found`, and its state.

    `id` is made from `address`. `site` is the address that is watched. An item is "waiting" for
    the operator; or it "failed" for a passing reason, so that the next look tries again; or it was
    "taken" into `file`, or "dropped". `reason` says why it was not taken; `tries` counts.
    """

    id: str
    title: str
    address: str
    published: str | None
    publisher: str
    site: str
    found: str
    state: State = "waiting"
    file: str | None = None
    reason: str | None = None
    tries: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it is still to be taken or dropped."""
        return self.state in ("waiting", "failed")


_ITEMS = TypeAdapter(tuple[InboxItem, ...])


class Inbox:
    """The items in a corpus folder's inbox by id, oldest first."""

    def __init__(self, corpus: Path) -> None:
        """Read the inbox, which need not exist. Raises CorpusError if it is damaged."""
        self._file = corpus / INBOX
        self._items = {item.id: item for item in self._read()}

    def __contains__(self, address: str) -> bool:
        return _id(address) in self._items

    def open_items(self) -> tuple[InboxItem, ...]:
        """Return the items to be taken or dropped, newest first."""
        return tuple(item for item in reversed(self._items.values()) if item.is_open)

    def failed(self, site: str) -> tuple[InboxItem, ...]:
        """Return the items of a site that are to be tried again."""
        return tuple(i for i in self._items.values() if i.state == "failed" and i.site == site)

    def get(self, item_id: str) -> InboxItem:
        """Return an item that has not been taken. Raises UnknownNameError if there is none."""
        item = self._items.get(item_id)
        if item is None or item.state == "taken":
            known = (i.id for i in self._items.values() if i.is_open)
            raise UnknownNameError("paper in the inbox", item_id, known)
        return item

    def put(self, items: Iterable[InboxItem]) -> None:
        """Add items, or replace those with their ids, and write the inbox.

        Raises CorpusError if it cannot be written.
        """
        self._items |= {item.id: item for item in items}
        try:
            data = _ITEMS.dump_json(tuple(self._items.values()), indent=1)
            write_atomically(self._file, data + b"\n")
        except OSError as error:
            raise CorpusError(
                f"{self._file} cannot be written: {error.strerror}. Check the permissions of its"
                " folder and the disk."
            ) from error

    def _read(self) -> tuple[InboxItem, ...]:
        try:
            return _ITEMS.validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise CorpusError(f"{self._file} cannot be read: {error.strerror}.") from error
        except ValidationError as error:
            raise CorpusError(
                f"{self._file} is damaged, or of a newer version. Correct it, or move it aside:"
                " what was dropped is then offered again."
            ) from error


def new_item(announced: Announcement, watched: Watched) -> InboxItem:
    """Return the item for a paper that a site has just announced."""
    return InboxItem(
        id=_id(announced.address),
        title=announced.title,
        address=announced.address,
        published=announced.published,
        publisher=watched.publisher,
        site=watched.url,
        found=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def taken(item: InboxItem, file: str) -> InboxItem:
    """Return the item after it was taken into `file`."""
    return replace(item, state="taken", file=file, reason=None)


def _id(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:10]
