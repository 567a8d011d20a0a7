"""Find the end of a box or case study in a file that marks only its beginning.

A text file has no layout, so the end is inferred from the blocks after the heading. It is:

1. the source line of the box, if it has one;
2. otherwise the earliest of: a figure or table of the surrounding text; a page's footnotes after
   several finished paragraphs (the box then fills a page); and, in a box with a list, the
   paragraph that sums up the list;
3. otherwise the next heading.

A box also ends where a paragraph of the surrounding text continues; see `paragraphs`.
"""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.model import LIST_ITEMS
from reformqa.parsing.blocks import Block

#: Footnotes end an aside only after this many finished paragraphs in it.
PAGEFUL = 3


def aside_end(blocks: Sequence[Block], start: int, stop: int, *, box: bool) -> int:
    """Return the position after the last block of the aside whose text begins at `start`.

    The aside ends at `stop`, the position of the next heading, at the latest.
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
