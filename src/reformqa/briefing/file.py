"""A briefing as a file of one's own, in JSON: written here, and read from whoever sends one."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from reformqa.briefing.records import (
    LONGEST_NOTE,
    LONGEST_TITLE,
    MOST_ITEMS,
    Briefing,
    HeadingItem,
    NoteItem,
    QuoteItem,
)
from reformqa.errors import BriefingError
from reformqa.formats import parse_json
from reformqa.text.phrases import counted, listed

#: What the file says it is, and the newest version of it that is understood.
FORMAT, VERSION = "reformqa briefing", 1
#: The most bytes of a file that is read, and the most characters of each text of a quote.
LARGEST, LONGEST_TEXT = 4 * 2**20, 50_000
#: How a file's name ends.
SUFFIX = ".briefing.json"

_PUBLISHED = re.compile(r"\d{4}(?:-\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Contents:
    """The part of a file that is the briefing's own."""

    title: str
    items: tuple[Annotated[HeadingItem | NoteItem | QuoteItem, Field(discriminator="kind")], ...]
    address: str = ""


_CONTENTS = TypeAdapter(_Contents)


def write_briefing(briefing: Briefing) -> bytes:
    """Return a briefing as the contents of a file, which `read_briefing` reads."""
    contents = _Contents(briefing.title, briefing.items, briefing.address)
    values = _CONTENTS.dump_python(contents, mode="json", exclude={"items": {"__all__": {"id"}}})
    whole = {"format": FORMAT, "version": VERSION, **values}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def read_briefing(data: bytes, reports: Collection[str] | None = None) -> Briefing:
    """Return the briefing in the contents of a file.

    `reports` are the ids of a library's reports: a briefing that quotes none of them is refused as
    another library's. Raises BriefingError if it is not a briefing, or damaged, too large, or
    written by a newer version.
    """
    if len(data) > LARGEST:
        raise BriefingError(
            f"The file has {len(data) / 2**20:.1f} MB; a briefing has at most"
            f" {LARGEST // 2**20} MB. Choose another file."
        )
    try:
        values = parse_json(data)
    except ValueError as error:
        raise _damaged("it is not JSON") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise BriefingError("The file is not a briefing. Choose one saved with “Briefing file”.")
    version = values.get("version")
    if type(version) is not int or version < 1:
        raise _damaged("its version is not a number")
    if version > VERSION:
        raise BriefingError(
            "The briefing was saved by a newer version of reformqa. Update reformqa, or export the"
            " briefing there as Word or Markdown."
        )
    briefing = _validated(values)
    _check_library(briefing, reports)
    return briefing


def _validated(values: dict[str, Any]) -> Briefing:
    """Return the briefing with its items numbered. Raises BriefingError if a value is wrong."""
    try:
        contents = _CONTENTS.validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _damaged(f"{where[:80]}: {first['msg'][:120]}") from error
    for fault in _faults(contents):
        raise _damaged(fault)
    items = tuple(replace(item, id=n) for n, item in enumerate(contents.items, start=1))
    return Briefing(contents.title, items, contents.address)


def _faults(contents: _Contents) -> Iterator[str]:
    """Yield what no file has that was written here, though its types are right."""
    if len(contents.items) > MOST_ITEMS:
        yield f"it has {len(contents.items):,} items, and at most {MOST_ITEMS} are allowed"
    if len(contents.title) > LONGEST_TITLE or len(contents.address) > LONGEST_TITLE:
        yield "its title or address is too long"
    for n, item in enumerate(contents.items, start=1):
        if isinstance(item, HeadingItem | NoteItem):
            longest = LONGEST_TITLE if isinstance(item, HeadingItem) else LONGEST_NOTE
            if len(item.text) > longest:
                yield f"item {n} has more than {longest:,} characters"
            continue
        cited, facts = item.citation, item.source
        texts = (cited.quote, cited.publisher, cited.report_title, item.name, item.build)
        if max(map(len, (*texts, *cited.section_path, *cited.repairs))) > LONGEST_TEXT:
            yield f"item {n} has a text of more than {LONGEST_TEXT:,} characters"
        start, end = cited.span
        if cited.status == "unsupported" or not 0 <= start < end <= 10 * LONGEST_TEXT:
            yield f"item {n} does not say which characters it quotes"
        if facts and facts.published and not _PUBLISHED.fullmatch(facts.published):
            yield f"item {n} has a date that is not a year and month"


def _check_library(briefing: Briefing, reports: Collection[str] | None) -> None:
    quoted = dict.fromkeys(q.citation.report_id for q in briefing.quotes)
    if reports is None or not quoted or not quoted.keys().isdisjoint(reports):
        return
    first = [f"“{q.citation.report_title[:80]}”" for q in briefing.quotes]
    named = list(dict.fromkeys(first))
    shown = [*named[:3], *([f"{len(named) - 3} more"] if len(named) > 3 else [])]
    raise BriefingError(
        f"The briefing is of another library: it quotes {counted(len(quoted), 'report')}"
        f" ({listed(shown)}), none of which is in this one. Open it where it was made."
    )


def _damaged(reason: str) -> BriefingError:
    return BriefingError(
        f"The briefing file is damaged ({reason}). Download it again, or open an earlier copy."
    )
