"""Join what stands apart on a line of a list: letters before items, page numbers beside titles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from reformqa.parsing.readers.pdf.strips import (
    LEADER,
    LISTED,
    MARK_GAP,
    Strip,
    gap_between,
    is_level,
)

#: The numbers of the items of a short list, and what may be one of them or a letter.
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_LETTER = re.compile(r"[a-z]|[ivx]{2,4}")
#: A page number in a contents list, perhaps after the number of a paragraph. A figure with
#: decimals is not one: it has no blank after its point.
_PAGE_NUMBER = re.compile(r"(?:\d{1,3}\.\d{1,3}\s+|[.·…_\s]*\s)?\d{1,3}")
#: A number at the start of a line: decimal digits, no more than `int` takes.
_NUMBER = re.compile(r"\d{1,9}")


def join_page_numbers(parts: list[Strip]) -> list[Strip]:
    """Return the strips with the page numbers of contents in several columns after their titles.

    Nothing stands beyond those of the last column. Before the others are joined to their titles,
    each may look like the mark of an entry in the next column.
    """
    numbers = [p for p in parts if _PAGE_NUMBER.fullmatch(p.text) and _beside(p, parts)]
    columns = _listed(numbers, [p.x1 for p in numbers])
    last = (not any(_beyond(p, parts) for p in column) for column in columns)
    return _after_titles(columns, parts) if len(columns) > 1 and any(last) else parts


def join_listings(parts: list[Strip]) -> list[Strip]:
    """Return the strips in drawing order, with the marks and numbers of lists in their lines."""
    return sorted(_letters_joined(_listing_joined(parts)), key=lambda p: p.order)


def _letters_joined(parts: list[Strip]) -> list[Strip]:
    """Join letters and roman numbers without a full stop to the items that they stand before.

    They have a common edge, and the one before or after in their series stands there too.
    """
    columns: dict[int, list[tuple[Strip, Strip]]] = {}
    for mark in (p for p in parts if _LETTER.fullmatch(p.text)):
        items = [p for p in _beyond(mark, parts) if len(p.text) > len(mark.text)]
        item = min(items, key=lambda p: p.x0, default=None)
        if item is not None and gap_between(mark, item) < MARK_GAP:
            columns.setdefault(round(mark.x0), []).append((mark, item))
    gone: set[int] = set()
    for column in columns.values():
        texts = {mark.text for mark, _ in column}
        for mark, item in column:
            if any(_successive(mark.text, t) or _successive(t, mark.text) for t in texts):
                gone.add(id(item))
                mark.label = mark.text
                mark.take(item)
    return [p for p in parts if id(p) not in gone]


def _successive(label: str, following: str) -> bool:
    """Return whether two letters or roman numbers follow one another in a list."""
    if label in ROMAN[:-1] and following == ROMAN[ROMAN.index(label) + 1]:
        return True
    return len(label) == len(following) == 1 and ord(following) == ord(label) + 1


def _listing_joined(parts: list[Strip]) -> list[Strip]:
    """Join the page numbers at either edge of a contents list to their titles."""
    after = [p for p in parts if _PAGE_NUMBER.fullmatch(p.text) and _beside(p, parts)]
    before = [p for p in parts if _NUMBER.fullmatch(p.text) and _beyond(p, parts)]
    parts = _after_titles(_listed(after, [p.x1 for p in after]), parts)
    left = {id(p) for p in parts}
    gone: set[int] = set()
    for number in chain(*_listed(before, [p.x0 for p in before])):
        title = min(_beyond(number, parts), key=lambda p: p.x0, default=None)
        if title is not None and id(number) in left and id(title) not in gone:
            gone.add(id(title))
            number.take(title)
    for leader in (p for p in parts if LEADER.match(p.text) and id(p) not in gone):
        titles = [p for p in _beside(leader, parts) if id(p) not in gone]
        if titles:
            gone.add(id(leader))
            max(titles, key=lambda p: p.x1).take(leader)
    return [p for p in parts if id(p) not in gone]


def _after_titles(columns: Sequence[Sequence[Strip]], parts: Sequence[Strip]) -> list[Strip]:
    """Return the strips with the numbers in columns joined to the titles before them."""
    gone: set[int] = set()
    for number in chain(*columns):
        titles = [p for p in _beside(number, parts) if id(p) not in gone]
        if titles:
            gone.add(id(number))
            max(titles, key=lambda p: p.x1).take(number)
    return [p for p in parts if id(p) not in gone]


def _listed(numbers: Sequence[Strip], edges: Sequence[float]) -> list[list[Strip]]:
    """Return the columns of numbers: at least LISTED with a common edge, that never decrease."""
    found: list[list[Strip]] = []
    left = list(zip(numbers, edges, strict=True))
    while left:
        edge = Counter(round(x / 3) for _, x in left).most_common(1)[0][0] * 3
        column = sorted((p for p, x in left if abs(x - edge) < 4), key=lambda p: p.base)
        left = [(p, x) for p, x in left if abs(x - edge) >= 4]
        values = [int(p.text.split()[-1]) for p in column]
        if len(column) >= LISTED and values == sorted(values):
            found.append(column)
    return found


def _beside(number: Strip, parts: Sequence[Strip]) -> list[Strip]:
    """Return the strips to the left of `number` on its line."""
    return [p for p in parts if p.x1 < number.x0 and is_level(p, number)]


def _beyond(number: Strip, parts: Sequence[Strip]) -> list[Strip]:
    """Return the strips to the right of `number` on its line, except other numbers."""
    return [p for p in parts if p.x0 > number.x1 and is_level(number, p) and not p.text.isdigit()]
