"""Find the headings of a file without heading marks by their numbers: "1.", "2.3 Title"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reformqa.parsing.blocks import Block

#: A title has at most this many words.
TITLE_WORDS = 14
#: So many numbered headings make an outline, and so many of them are of the top level.
LEAST = 3
LEAST_TOP = 2

_NUMBER = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[A-Z‘“'\"])")
_CLOSED = (".", ",", ";", ":", "…")

#: The numbers of a heading: (2, 3) is "2.3".
Number = tuple[int, ...]


def outline(blocks: Sequence[Block]) -> dict[int, int]:
    """Return the depth of each numbered heading by its position; empty if there is no outline.

    Numbers of headings follow one another as in a tree, and have text between them; those of a
    list have not. Of all such rows of numbers the longest is the outline.
    """
    found = [(i, number) for i, b in enumerate(blocks) if (number := _number(b))]
    found = [item for n, item in enumerate(found) if not _in_list(blocks, found, n)]
    # The longest row that ends at each candidate: its length, and the candidate before.
    lengths: list[tuple[int, int | None]] = []
    for n, (_, number) in enumerate(found):
        before = [(lengths[k][0], k) for k in range(n) if _follows(found[k][1], number)]
        best, last = max(before, default=(0, None))
        lengths.append((best + 1, last) if best or number == (1,) else (0, None))
    if not lengths:
        return {}
    at: int | None = max(range(len(lengths)), key=lambda n: lengths[n][0])
    row: dict[int, int] = {}
    while at is not None:
        row[found[at][0]] = len(found[at][1])
        at = lengths[at][1]
    enough = len(row) >= LEAST and sum(depth == 1 for depth in row.values()) >= LEAST_TOP
    return row if enough else {}


def _number(block: Block) -> Number | None:
    """Return the number of a block that may be a heading, or None."""
    text = f"{block.label}. {block.text}" if block.kind == "numbered" else block.text
    short = block.kind in ("body", "numbered") and block.words <= TITLE_WORDS
    match = _NUMBER.match(text) if short and not text.endswith(_CLOSED) else None
    return tuple(map(int, match[1].split("."))) if match else None


def _in_list(blocks: Sequence[Block], found: Sequence[tuple[int, Number]], n: int) -> bool:
    """Return whether a neighbour in a list has the number before or after, with no text between."""
    at, number = found[n]
    for m in (n - 1, n + 1):
        if 0 <= m < len(found) and len(found[m][1]) == len(number):
            between = blocks[min(at, found[m][0]) + 1 : max(at, found[m][0])]
            if not any(b.kind != "furniture" for b in between):
                return True
    beside = [blocks[i].label or "" for i in (at - 1, at + 1) if 0 <= i < len(blocks)]
    return len(number) == 1 and any(
        label.isdigit() and abs(int(label) - number[0]) == 1 for label in beside
    )


def _follows(last: Number, number: Number) -> bool:
    """Return whether a number follows another as its child, its sibling or an ancestor's sibling.

    A number may be left out, because a title may not be recognised.
    """
    if len(number) > len(last):
        return number == (*last, 1)
    above = last[: len(number)]
    return number[:-1] == above[:-1] and 1 <= number[-1] - above[-1] <= 2
