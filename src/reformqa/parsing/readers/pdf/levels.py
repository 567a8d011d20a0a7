"""Find the levels of headings from the outline, the contents list, or the look of the type."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from reformqa.parsing.readers.pdf.contents import Entry, is_contents_title
from reformqa.parsing.readers.pdf.flow import Piece
from reformqa.parsing.readers.pdf.roles import ASIDE, KICKER, Style, style
from reformqa.parsing.readers.pdf.tag_levels import tagged_levels
from reformqa.parsing.titles import CHAPTER
from reformqa.text.similarity import letters

_DECIMALS = re.compile(r"^(\d{1,2}(?:\.\d{1,2})+)\.?\s+\S")

#: A style takes the level of its named headings if they are at least this share of its headings.
TELLING = 0.3
#: How well an entry names a heading: with all its letters, or as its end.
EXACT, NEARLY = 4, 3
#: A heading of more letters than this may be the end of an entry, and of more than this its middle.
PART, LONG_PART = 8, 14
#: An entry that contradicts the others of a style counts if so large a share of them agree with it.
DISSENT = 0.25
#: A style used less often than this does not push other styles a level down.
OFTEN = 3


def set_levels(pieces: Sequence[Piece], entries: Sequence[Entry]) -> str:
    """Set the level of each heading, and return the source of the levels.

    This is "tags", "outline" or "contents" if these name headings, or else "type". A style takes
    the level of most of its named headings; styles without named headings rank by size, weight
    and slant. A title in the margin is below the heading before it. The title on the cover has
    level 0.
    """
    _lift_title(pieces)
    for piece in pieces:
        if piece.role == "heading" and is_contents_title(piece):
            piece.level = 1  # its look says nothing of the sections'
    headings = [p for p in pieces if p.role == "heading" and p.level is None and not p.beside]
    tagged = tagged_levels(headings)
    named = _on_one_scale(_named(headings, entries), tagged)
    _lift_kickers(headings, named)
    flowing = [p for p in headings if p.box is None and not KICKER.match(p.text)]
    flowing = [p for p in flowing if not ASIDE.match(p.text)] or flowing
    votes = _votes(flowing, named)
    counts = Counter(style(p) for p in flowing)
    for look in [k for k in votes if votes[k].total() < EXACT * TELLING * counts[k]]:
        if len(votes[look]) > 1 or votes[look].total() < EXACT * OFTEN:
            del votes[look]  # a few matches with the contents list may be chance
    levels = _ranked(flowing, votes)
    following: Piece | None = None
    for piece in reversed(headings):
        level = levels.get(style(piece))
        own = named.get(id(piece))
        if own is not None and own.exact and not _agreed(votes[style(piece)], own.level):
            level = own.level
        if KICKER.match(piece.text) and following is not None:
            level = following.level
        piece.level = _nearest(style(piece), levels) if level is None else level
        following = piece
    _settle_front(headings)
    _close_gaps(headings)
    _set_beside(pieces)
    if tagged:
        return "tags"
    if named and len(named) >= 0.5 * len(entries):
        return "outline" if entries[0].page is not None else "contents"
    return "type"


def _votes(headings: Sequence[Piece], named: Mapping[int, _Named]) -> dict[Style, Counter[int]]:
    """Return the votes for each style's level: of entries, and of the numbering of titles.

    A vote counts as much as the likeness of entry and heading.
    """
    votes: dict[Style, Counter[int]] = defaultdict(Counter)
    for piece in headings:
        if (own := named.get(id(piece))) is not None:
            votes[style(piece)][own.level] += EXACT if own.exact else 1
        elif match := _DECIMALS.match(f"{piece.first.prefix}{piece.text}"):
            votes[style(piece)][match[1].count(".") + 1] += 1
        elif CHAPTER.match(piece.text) and not KICKER.match(piece.text):
            votes[style(piece)][1] += NEARLY
    return votes


def _agreed(votes: Counter[int], level: int) -> bool:
    """Return whether most of a style's votes are for another level than that of an entry."""
    return votes.total() >= EXACT * OFTEN and votes[level] < DISSENT * votes.total()


def _settle_front(headings: Sequence[Piece]) -> None:
    """Raise the headings of the front matter, often smaller than chapters, to the top level."""
    levels = [p.level or 1 for p in headings]
    top = min(levels, default=1)
    first = next((i for i, level in enumerate(levels) if level == top), 0)
    shift = min(levels[:first], default=top) - top
    for piece in headings[:first]:
        piece.level = (piece.level or 1) - shift


def _set_beside(pieces: Sequence[Piece]) -> None:
    """Put each title in the margin one level below the heading in the text before it."""
    above = 0
    for piece in pieces:
        if piece.beside:
            piece.level = above + 1
        elif piece.role == "heading" and piece.level is not None:
            above = piece.level


def _close_gaps(headings: Sequence[Piece]) -> None:
    """Renumber the levels so that the top one is 1 and none between is unused."""
    used = sorted({p.level for p in headings if p.level})
    for piece in headings:
        if piece.level:
            piece.level = used.index(piece.level) + 1


def _lift_title(pieces: Sequence[Piece]) -> None:
    """Give level 0 to the title if there is no cover: the largest heading, at the top of page 1."""
    headings = [p for p in pieces if p.role == "heading"]
    if not headings or headings[0].page != 1 or headings[0].level == 0:
        return
    if headings[0].box is not None or ASIDE.match(headings[0].text):
        return
    first, *others = headings
    if all(p.size < 0.98 * first.size for p in others):
        first.level = 0


def _lift_kickers(headings: Sequence[Piece], named: dict[int, _Named]) -> None:
    """Name the second of two headings that the contents list has as one ("Chapter One: A title").

    `named` maps the `id` of a piece to what its entry says, and is updated.
    """
    for piece, after in pairwise(headings):
        if KICKER.match(piece.text) and id(piece) in named:
            named.setdefault(id(after), named[id(piece)])


@dataclass(frozen=True, slots=True)
class _Named:
    """The level that an entry gives a heading, and whether it has the heading's whole text."""

    level: int
    exact: bool


def _named(headings: Sequence[Piece], entries: Sequence[Entry]) -> dict[int, _Named]:
    """Map the `id` of each heading that has an entry to what the entry says.

    Entries and headings are aligned in their order, so that of headings with the same words the
    right one is named: the most and the best pairs in one order (a longest common subsequence with
    weights).
    """
    printed = [letters(f"{p.first.prefix}{p.text}") for p in headings]
    best = [[0] * (len(entries) + 1) for _ in range(len(headings) + 1)]
    for i in range(len(headings) - 1, -1, -1):
        for j in range(len(entries) - 1, -1, -1):
            likeness = _likeness(headings[i], printed[i], entries[j])
            paired = likeness + best[i + 1][j + 1] if likeness else 0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    named: dict[int, _Named] = {}
    i = j = 0
    while i < len(headings) and j < len(entries):
        likeness = _likeness(headings[i], printed[i], entries[j])
        if likeness and best[i][j] == likeness + best[i + 1][j + 1]:
            named[id(headings[i])] = _Named(entries[j].level, likeness == EXACT)
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return named


def _on_one_scale(named: Mapping[int, _Named], tagged: Mapping[int, int]) -> dict[int, _Named]:
    """Return what tags and entries say of headings, with the entries' levels on the tags' scale."""
    shifts = [tagged[key] - named[key].level for key in named if key in tagged]
    shift = round(median(shifts)) if shifts else 0
    moved = {key: replace(own, level=max(1, own.level + shift)) for key, own in named.items()}
    return moved | {key: _Named(level, exact=True) for key, level in tagged.items()}


def _likeness(heading: Piece, printed: str, entry: Entry) -> int:
    """Return how well an entry names a heading: 0 if not, EXACT if it has the same letters.

    A chapter's number is often printed apart, and an entry on two lines may have its page number
    on the first, so that a part of it may be the heading's.
    """
    if entry.page is not None and abs(heading.page - entry.page) > 1:
        return 0
    if printed == entry.title:
        return EXACT
    if KICKER.match(heading.text):
        return int(entry.title.startswith(printed))
    if len(printed) > PART and entry.title.endswith(printed):
        return NEARLY
    shorter, longer = sorted((printed, entry.title), key=len)
    return int(len(shorter) > LONG_PART and shorter in longer)


def _rank(look: Style) -> tuple[float, bool, bool, bool]:
    return (-look[0], not look[3], not look[1], look[2])


def _ranked(headings: Sequence[Piece], votes: dict[Style, Counter[int]]) -> dict[Style, int]:
    """Return a level for each style.

    It is that of the style's votes, or of another style of the same rank, or one below the rank
    before.
    """
    levels: dict[Style, int] = {}
    by_rank: dict[tuple[float, bool, bool, bool], int] = {}
    deepest = 0
    counts = Counter(style(p) for p in headings)
    for look in sorted(counts, key=lambda s: (_rank(s), s not in votes)):
        if look in votes:
            level = votes[look].most_common(1)[0][0]
        else:
            level = by_rank.get(_rank(look), deepest + 1)
        levels[look] = level
        by_rank.setdefault(_rank(look), level)
        if look in votes or counts[look] >= OFTEN or not deepest:
            deepest = max(deepest, level)
    return levels


def _nearest(look: Style, levels: dict[Style, int]) -> int:
    """Return the level of the style nearest in size."""
    if not levels:
        return 1
    return levels[min(levels, key=lambda s: (abs(s[0] - look[0]), s[1:4] != look[1:4]))]
