"""Where a box or case study ends, in a file that marks only where it begins.

Layout is lost in a text file, so the end is inferred from what follows the heading:

1. its own source line, where it has one;
2. else the earliest of: a figure or table of the text around it; a page's footnotes after
   several finished paragraphs (such an aside fills a page); and, in a box with a list, the
   paragraph that sums the list up;
3. else the next heading.

A paragraph of the surrounding text that goes on after the box ends it too: paragraphs.py does that.
"""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.model import LIST_ITEMS
from reformqa.parsing.blocks import Block

#: Footnotes end an aside only after this many finished paragraphs of its own.
PAGEFUL = 3


def aside_end(blocks: Sequence[Block], start: int, stop: int, *, box: bool) -> int:
    """The position after the last block of the aside whose text begins at `start`.

    `stop` is the position of the next heading, which ends it at the latest.
    """
    inner = range(start, stop)
    source = _own_source(blocks, inner)
    if source is not None:
        return source + 1
    ends = [_figure(blocks, inner), _footnotes(blocks, inner)]
    if box and not any(_goes_on(blocks[i]) for i in inner):
        ends.append(_after_list(blocks, inner))
    return min(end for end in (*ends, stop) if end is not None)


def _is_source(block: Block) -> bool:
    return block.kind == "caption" and block.text.lower().startswith("source")


def _goes_on(block: Block) -> bool:
    return block.kind == "body" and block.text[0].islower()


def _own_source(blocks: Sequence[Block], inner: range) -> int | None:
    for i in inner:
        if _is_source(blocks[i]):
            return i
        if blocks[i].kind == "caption":
            return None
    return None


def _figure(blocks: Sequence[Block], inner: range) -> int | None:
    return next((i for i in inner if blocks[i].kind == "caption"), None)


def _footnotes(blocks: Sequence[Block], inner: range) -> int | None:
    finished = 0
    for i in inner:
        if blocks[i].kind == "footnote":
            if finished >= PAGEFUL and not blocks[i - 1].ends_open:
                return i
        elif blocks[i].kind == "body" and not blocks[i].ends_open:
            finished += 1
    return None


def _after_list(blocks: Sequence[Block], inner: range) -> int | None:
    for i in inner:
        if i == inner.start or blocks[i].kind != "body" or blocks[i].text.endswith(":"):
            continue
        item_before = blocks[i - 1].kind in LIST_ITEMS
        item_after = i + 1 in inner and blocks[i + 1].kind in LIST_ITEMS
        if item_before and not item_after:
            return i + 1
    return None
