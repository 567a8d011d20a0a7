"""The five typeset reports, whole, as blocks to set in another house style."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from composing import Block, Report
from house_styles import Style
from measuring import REPORTS

#: A chapter's number before its title: what a style that sets it over the title takes apart.
_NUMBER = re.compile(r"^(?:((?:chapter|part) \w+)[:.]?|(\d+)\.?) (?=\S)", re.IGNORECASE)
_FRONT = ("front", "licence")


def whole_report(seed: int, style: Style, shared: Path) -> Report | None:
    """Return a whole report for a seed, or None if the shared folder does not have it."""
    chance = random.Random(f"whole {seed}")
    path = shared / "corpus" / "typeset" / f"{chance.choice(REPORTS)}.json"
    if not path.exists():
        return None
    truth = json.loads(path.read_text("utf-8"))
    taken = _Taken(truth["blocks"], style)
    parts = list(taken.sections())
    begun = next(n for n, (part, _) in enumerate(parts) if part not in _FRONT)
    ended = begun + (parts[begun][0] == "summary")
    front = [blocks for _, blocks in parts[:begun]]
    chance.shuffle(front)
    title, _, subtitle = truth["title"].partition(": ")
    late = [b for _, blocks in parts[ended:] for b in blocks]
    if taken.notes and style.notes in ("end", "chapter", ""):
        late += taken.end_notes()
    summary = [b for _, blocks in parts[begun:ended] for b in blocks]
    (summary or late)[0].opens = True
    return Report(
        title=title,
        subtitle=subtitle,
        authors=" and ".join(truth["authors"]),
        publisher=truth["publisher"],
        date=f"{chance.choice(('March', 'June', 'October'))} {truth['year']}",
        front=[b for blocks in front for b in blocks],
        summary=summary,
        blocks=late,
        notes={label: block.text for label, block in taken.notes.items()},
    )


class _Taken:
    """The records of a truth as blocks, with section paths as this style prints the headings."""

    def __init__(self, records: Sequence[dict[str, Any]], style: Style) -> None:
        self.style = style
        self.notes: dict[str, Block] = {}
        self._records = records
        self._path: tuple[str, ...] = ()
        self._boxed: tuple[str, ...] = ()  # the title of the box, and of the part of it
        self._places: list[tuple[int, str, str]] = []  # position, old label, new label
        for n, record in enumerate(r for r in records if r["kind"] == "footnote"):
            self._places.append((record["n"], record["label"], str(n + 1)))

    def sections(self) -> Iterator[tuple[str, list[Block]]]:
        """Yield the sections of the top level, each with the part of the report it is in."""
        found: list[Block] = []
        part, title, skipped = "front", self._records[0]["text"], True
        for record in self._records:
            top = record["kind"] == "heading" and record["level"] == 1
            if top:
                if found:
                    yield part, found
                title, part, found = record["text"], record["part"], []
                skipped = title == "Contents" or record["pages"][0] == 1
            if not skipped and (block := self._block(record)):
                block.opens = top and self.style.new_page
                found.append(block)
        if found:
            yield part, found

    def end_notes(self) -> list[Block]:
        """Return the notes as a section at the end."""
        self._path = ("Notes",)
        heading = Block("heading", "Notes", 1, path=self._path, opens=self.style.new_page)
        for note in self.notes.values():
            note.path = self._path
        return [heading, *self.notes.values()]

    def _block(self, record: dict[str, Any]) -> Block | None:
        kind, text = record["kind"], " ".join(record["text"].split())
        over = ""
        if kind == "heading":
            if self.style.numbering == "over" and (number := _NUMBER.match(text)):
                over = (number[1] or number[2]) * (record["level"] == 1)
                text = text[number.end() :]
            self._heading(record, text)
        elif kind == "box":
            self._boxed = (text,)
        elif kind != "footnote":
            self._boxed = self._boxed * bool(record.get("in_box"))
        inside = record.get("in_box")
        path = (*self._path, *self._boxed)
        block = Block(kind, text, record["level"], record.get("label"), path, over=over)
        block.recommendation = record.get("recommendation_id")
        block.rows, block.set_as = record.get("rows", []), record.get("set_as")
        block.box = inside or text * (kind == "box")
        if kind == "footnote":
            block.box, block.path = "", self._path
            block.label = next(new for n, _, new in self._places if n == record["n"])
            self.notes[block.label] = block
            return None
        for at, marks in record.get("note_marks", ()):
            block.marks += [(at, self._label(record["n"], m)) for m in re.findall(r"\d+", marks)]
        return block

    def _heading(self, record: dict[str, Any], title: str) -> None:
        """Go on below a heading; one in a box is below the box's title, and ends with the box."""
        if inside := record.get("in_box"):
            self._boxed = (inside, title)
        else:
            self._path, self._boxed = (*self._path[: record["level"] - 1], title), ()

    def _label(self, place: int, label: str) -> str:
        """Return the new label of the nearest note with an old label."""
        same = [(abs(n - place), new) for n, old, new in self._places if old == label]
        return min(same)[1] if same else label
