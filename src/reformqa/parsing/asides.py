"""Find the end of a box or case study in a file that marks only its beginning.

The end is inferred from the blocks after the heading. It is:

1. where a paragraph begins further left than the aside, on a page that shows it set in;
2. otherwise the source line of the box, if it has one;
3. otherwise the earliest of: a figure or table of the surrounding text; a page's footnotes after
   several finished paragraphs (the box then fills a page); and, in a box with a list, the
   paragraph that sums up the list;
4. otherwise the next heading.

A box also ends where a paragraph of the surrounding text continues; see `paragraphs`.
"""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.model import LIST_ITEMS
from reformqa.parsing.blocks import Block

#: A paragraph further left than an aside by so many type sizes is outside it.
SET_OUT = 0.8
#: Footnotes end an aside only after this many finished paragraphs in it.
PAGEFUL = 3


def aside_end(blocks: Sequence[Block], start: int, stop: int, *, box: bool) -> int:
    """Return the position after the last block of the aside whose text begins at `start`.

    The aside ends at `stop`, the position of the next heading, at the latest.
    """
    inner = range(start, stop)
    if (outside := _set_out(blocks, inner)) is not None:
        return outside
    source = _own_source(blocks, inner)
    if source is not None:
        return source + 1
    ends = [_figure(blocks, inner), _footnotes(blocks, inner)]
    if box and not any(_goes_on(blocks[i]) for i in inner):
        ends.append(_after_list(blocks, inner))
    return min(end for end in (*ends, stop) if end is not None)


def _set_out(blocks: Sequence[Block], inner: range) -> int | None:
    """Return the first paragraph further left than the heading, or than the aside on its page."""
    held = [blocks[inner.start - 1]]
    for i in inner:
        block = blocks[i]
        if block.kind != "body" or not block.places or not block.size:
            continue
        place = block.places[0]
        beside = [p for b in held for p in b.places if p.page == place.page]
        beside = [p for p in beside if p.box[0] < place.box[2] and p.box[2] > place.box[0]]
        if any(place.box[0] < p.box[0] - SET_OUT * block.size for p in beside):
            return i
        held.append(block)
    return None


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
