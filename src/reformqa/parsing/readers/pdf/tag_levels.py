"""Take the levels of headings from the tags of a PDF, if they agree with the type."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from reformqa.parsing.readers.pdf.flow import Piece
from reformqa.parsing.readers.pdf.roles import Style, style

#: The levels of the tags are used if they give one to at least this share of the headings.
TAGGED = 0.5
#: A tagged level that fewer of the headings of a style have is a slip.
STRAY = 0.34


def tagged_levels(headings: Sequence[Piece]) -> dict[int, int]:
    """Map the `id` of each heading to the level that it is tagged with, from 1.

    Empty unless the tags give a level to most headings, and lower levels no larger type. A heading
    tagged unlike most of its style takes their level. A single heading above all others is the
    report's title, and is left out.
    """
    levels = {id(p): p.element.level for p in headings if p.element is not None}
    found = {key: level for key, level in levels.items() if level is not None}
    votes: dict[Style, Counter[int]] = defaultdict(Counter)
    for piece in headings:
        if id(piece) in found:
            votes[style(piece)][found[id(piece)]] += 1
    for piece in headings:
        cast = votes[style(piece)]
        if id(piece) in found and cast[found[id(piece)]] < STRAY * cast.total():
            found[id(piece)] = cast.most_common(1)[0][0]
    if len(found) < TAGGED * len(headings):
        return {}
    sizes: dict[int, list[float]] = defaultdict(list)
    for piece in headings:
        if id(piece) in found and piece.box is None:
            sizes[found[id(piece)]].append(piece.size)
    usual = [median(sizes[level]) for level in sorted(sizes)]
    if len(usual) < 2 or any(b > a + 0.5 for a, b in pairwise(usual)):
        return {}
    top = min(sizes)
    if len(sizes[top]) == 1 and found.get(id(headings[0])) == top:
        del found[id(headings[0])]
        top = sorted(sizes)[1]
    return {key: max(1, level - top + 1) for key, level in found.items()}
