"""The lettered parts of a list, with their roman parts, however they were read.

A mark may have been read as the label of an item, or left in the text of a paragraph or heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reformqa.recommendations.statements import Entry
from reformqa.text.labels import roman_value

#: A list may lack so many letters in a row, misread, and still go on.
MISSING = 2
#: A part may go on for so many paragraphs without a mark.
LOOSE = 2

_LABEL = re.compile(r"[a-z]$|[ivx]{1,5}$")
_MARK = re.compile(r"\(?([a-z]|[ivx]{1,5})[.)]\s+(?=\S)")


def parts_from(found: Sequence[Entry], first: int) -> tuple[list[str], int]:
    """Return the parts of the list whose "a" or "i" is at `first`, and where the list ends."""
    parts: list[str] = []
    order = _Order()
    end = first
    while end < len(found):
        mark, text = _marked(found[end])
        if mark:
            if not order.takes(mark):
                break
            parts.append(text)
        elif not parts or found[end].paragraph.kind == "heading" or found[end].label:
            break
        elif found[end].paragraph.kind == "bullet":
            parts.append(text)
        elif _goes_on(found, end, order):
            parts[-1] = f"{parts[-1]} {text}"
        else:
            break
        end += 1
    return parts, end


def highest(run: Sequence[Entry]) -> list[int]:
    """Return where the parts of the first depth begin in a list that may have letters and romans.

    An item with a mark out of order is one of the first depth, as is one like the first.
    """
    order = _Order()
    at: list[int] = []
    for n, entry in enumerate(run):
        mark, _ = _marked(entry)
        if mark and not order.takes(mark):
            order = _Order()
            order.takes(mark)
        if (mark is None) == (run[0].label is None) and not (mark and order.nested):
            at.append(n)
    return at


def _marked(entry: Entry) -> tuple[str | None, str]:
    """Return the mark of a part and its words; the mark of other paragraphs is None."""
    if entry.label:
        return (entry.label if _LABEL.match(entry.label) else None), entry.text
    mark = _MARK.match(entry.text)
    return (mark[1], entry.text[mark.end() :]) if mark else (None, entry.text)


def _goes_on(found: Sequence[Entry], at: int, order: _Order) -> bool:
    """Whether the list goes on soon after the unmarked paragraph at `at`."""
    for entry in found[at + 1 : at + 1 + LOOSE]:
        mark, _ = _marked(entry)
        if mark:
            return replace(order).takes(mark)
        if entry.paragraph.kind == "heading" or entry.label:
            return False
    return False


@dataclass(slots=True)
class _Order:
    """The last letter and the last roman number of a list, 0 before the first."""

    letter: int = 0
    roman: int = 0
    first: str = ""

    @property
    def nested(self) -> bool:
        """Whether the last mark is one of the second depth."""
        return (self.roman if self.first == "a" else self.letter) > 0

    def takes(self, mark: str) -> bool:
        """Take a mark, if it is the list's next; return whether it is."""
        if not self.first:
            self.first = mark
            self.letter, self.roman = int(mark == "a"), int(mark == "i")
            return mark in ("a", "i")
        letter = ord(mark) - ord("a") + 1 if len(mark) == 1 else 0
        roman = roman_value(mark.upper()) if set(mark) <= set("ivx") else 0
        if roman == 1 and self.first == "a" and letter != self.letter + 1:
            self.roman = 1
        elif self.letter < letter <= self.letter + 1 + MISSING:
            self.letter, self.roman = letter, 0 if self.first == "a" else self.roman
        elif self.roman < roman <= self.roman + 1 + MISSING:
            self.roman = roman
            self.letter = self.letter if self.first == "a" else 0
        else:
            return False
        return True
