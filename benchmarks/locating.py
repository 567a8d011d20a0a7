"""Where on a PDF's pages the blocks of a truth stand, told by their letters."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from typing import Any

from readers import letters

Block = dict[str, Any]
#: Pages looked at for a block; the letters in a piece of one that is not found whole, and between.
AHEAD, PIECE, SLACK = 12, 16, 2500


def printed(block: Block) -> str:
    """A block's letters as they stand in the bare pages; only notes need their labels."""
    text, label = block["text"], block.get("label") or ""
    for at, mark in reversed(block.get("note_marks", ())):
        text = f"{text[:at]} {mark}{text[at:]}"
    noted = block["kind"] in ("footnote", "reference")
    return letters(label) * noted + letters(text.removeprefix(label))


def locate(blocks: Sequence[Block], pages: Sequence[str], loose: bool) -> list[Block]:
    """Give the blocks their first and last page; those not found get the page they come after.

    Where loose, captions stand beside the text, and are painted before it.
    """
    text, starts = "".join(pages), [*itertools.accumulate(map(len, pages), initial=0)]
    lost, cursor, page = [], 0, 0
    for b in blocks:
        beside = loose and b["kind"] == "caption"
        places = (starts[page],) if beside else (cursor, starts[page], starts[max(0, page - 2)])
        span = find(printed(b), text, places, starts[min(page + AHEAD, len(pages))])
        if span is None:
            lost.append(b)
        first, last = (bisect.bisect_right(starts, at) - 1 for at in span or (starts[page],) * 2)
        b["pages"] = [first + 1, last + 1]
        if span and span[0] >= cursor and not beside:
            cursor, page = span[1] + 1, last
    return lost


def find(form: str, text: str, starts: Sequence[int], end: int) -> tuple[int, int] | None:
    """First and last place of a form: whole, but for a drop cap, or most of it in pieces."""
    for start, part in itertools.product(starts, (form, form[1:])):
        if len(part) > 1 and (at := text.find(part, start, end)) >= 0:
            return at, at + len(part) - 1
    pieces = [form[i : i + PIECE] for i in range(0, len(form) - PIECE + 1, PIECE)] + [form[-PIECE:]]
    for start in starts:
        hits: list[int] = []
        for piece in pieces:
            after, before = (hits[-1] + 1, hits[-1] + SLACK) if hits else (start, end)
            if (at := text.find(piece, after, before)) >= 0:
                hits.append(at)
        if len(hits) >= 0.6 * len(pieces):
            return hits[0], hits[-1] + PIECE - 1
    return None
