"""Labels of list items, rows of tables and levels of headings, for readers of marked-up files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reformqa.parsing.blocks import Block

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
#: A row has at most this many columns, and a cell covers at most this many rows.
MOST_CELLS = 200


def label(number: int, form: str) -> str:
    """Return a list number as printed: `form` is "1", "a", "A", "i" or "I"."""
    if form in ("a", "A") and 0 < number <= 702:
        head, tail = divmod(number - 1, 26)
        shown = (chr(96 + head) if head else "") + chr(97 + tail)
        return shown.upper() if form == "A" else shown
    if form in ("i", "I") and 0 < number < 4000:
        shown = ""
        for value, letters in _ROMAN:
            times, number = divmod(number, value)
            shown += letters * times
        return shown.upper() if form == "I" else shown
    return str(number)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell, which may cover several columns and rows."""

    text: str
    columns: int = 1
    rows: int = 1


def rows(table: Sequence[Sequence[Cell]]) -> list[str]:
    """Return the rows as text, their cells separated by bars.

    Empty cells are kept, so that each figure stays below its column head. A cell's text is in the
    first column that it covers, and in every row.
    """
    shown = []
    above: dict[int, tuple[int, str]] = {}  # column: rows still covered, and the text there
    for line in table:
        texts: list[str] = []
        for cell in line:
            _descend(texts, above)
            if len(texts) >= MOST_CELLS:
                break
            covered = [cell.text, *[""] * (min(cell.columns, MOST_CELLS) - 1)]
            if cell.rows > 1:
                more = min(cell.rows, MOST_CELLS) - 1
                above |= {len(texts) + n: (more, text) for n, text in enumerate(covered)}
            texts += covered
        _descend(texts, above)
        shown.append(" | ".join(texts))
    return shown


def _descend(texts: list[str], above: dict[int, tuple[int, str]]) -> None:
    """Add the cells of earlier rows that cover the next columns of this one."""
    while covering := above.pop(len(texts), None):
        more, text = covering
        if more > 1:
            above[len(texts)] = (more - 1, text)
        texts.append(text)


def levelled(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with heading marks that begin with 1, the title's.

    If several headings have mark 1, the first is the title, and the others and what they contain
    are one level deeper. Below the title, the highest mark is 2.
    """
    marks = [b.mark for b in blocks if b.mark]
    if not marks:
        return list(blocks)
    shift = 1 if 1 in marks[1:] else 2 - min(marks[1:], default=2)
    first = next(n for n, b in enumerate(blocks) if b.mark)
    return [
        replace(b, mark=1 if n == first else max(2, b.mark + shift)) if b.mark else b
        for n, b in enumerate(blocks)
    ]
