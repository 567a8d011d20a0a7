"""Find the levels of headings from the outline, the contents list, or the look of the type."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from reformqa.parsing.readers.pdf.flow import Piece
from reformqa.parsing.readers.pdf.roles import ASIDE, KICKER, Style, contents_entry, style
from reformqa.text.similarity import letters

#: A style takes the level of its named headings if they are at least this share of its headings.
TELLING = 0.3
#: The levels of the tags are used if they give one to at least this share of the headings.
TAGGED = 0.5
#: A tagged level that fewer of the headings of a style have is a slip.
STRAY = 0.34
#: A style used less often than this does not push other styles a level down.
OFTEN = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry in the outline or the contents list; `title` is in the form of `letters`."""

    title: str
    level: int
    page: int | None


def listed(pieces: Sequence[Piece]) -> list[Entry]:
    """Return the entries of the printed contents list, with levels from their indents and looks."""
    entries: list[Entry] = []
    looks: list[tuple[str, int]] = []
    title = ""
    lines = [ln for p in pieces if p.role == "contents" for ln in p.lines]
    left: dict[int, float] = {}  # left and right pages have different margins
    for line in lines:
        left[line.page] = min(left.get(line.page, line.box[0]), line.box[0])
    for line in lines:
        entry = contents_entry(line.raw)
        title = f"{title} {entry or line.raw}".strip(" .…|")
        if entry and letters(title):
            look = (line.look.split(" ", 1)[1], round((line.box[0] - left[line.page]) / 6))
            if look not in looks:
                looks.append(look)
            entries.append(Entry(letters(title), looks.index(look) + 1, None))
            title = ""
    return entries


def set_levels(pieces: Sequence[Piece], entries: Sequence[Entry]) -> str:
    """Set the level of each heading, and return the source of the levels.

    This is "tags", "outline" or "contents" if these name headings, or else "type". A style takes
    the level of most of its named headings; styles without named headings rank by size, weight
    and slant. The title on the cover has level 0.
    """
    _lift_title(pieces)
    headings = [p for p in pieces if p.role == "heading" and p.level is None]
    tagged = _tagged(headings)
    named = _on_one_scale(_named(headings, entries), tagged)
    _lift_kickers(headings, named)
    flowing = [p for p in headings if p.box is None and not KICKER.match(p.text)]
    flowing = [p for p in flowing if not ASIDE.match(p.text)] or flowing
    votes: dict[Style, Counter[int]] = defaultdict(Counter)
    for piece in flowing:
        if (level := named.get(id(piece))) is not None:
            votes[style(piece)][level] += 1
    counts = Counter(style(p) for p in flowing)
    for look in [k for k in votes if votes[k].total() < TELLING * counts[k]]:
        if len(votes[look]) > 1 or votes[look].total() < OFTEN:
            del votes[look]  # a few matches with the contents list may be chance
    levels = _ranked(flowing, votes)
    following: Piece | None = None
    for piece in reversed(headings):
        level = named.get(id(piece), levels.get(style(piece)))
        if KICKER.match(piece.text) and following is not None:
            level = following.level
        piece.level = _nearest(style(piece), levels) if level is None else level
        following = piece
    _settle_front(headings)
    if tagged:
        return "tags"
    if named and len(named) >= 0.5 * len(entries):
        return "outline" if entries[0].page is not None else "contents"
    return "type"


def _settle_front(headings: Sequence[Piece]) -> None:
    """Raise the headings of the front matter, often smaller than chapters, to the top level."""
    levels = [p.level or 1 for p in headings]
    top = min(levels, default=1)
    first = next((i for i, level in enumerate(levels) if level == top), 0)
    shift = min(levels[:first], default=top) - top
    for piece in headings[:first]:
        piece.level = (piece.level or 1) - shift


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


def _lift_kickers(headings: Sequence[Piece], named: dict[int, int]) -> None:
    """Name the second of two headings that the contents list has as one ("Chapter One: A title").

    `named` maps the `id` of a piece to its level, and is updated.
    """
    for piece, after in pairwise(headings):
        if KICKER.match(piece.text) and id(piece) in named:
            named.setdefault(id(after), named[id(piece)])


def _tagged(headings: Sequence[Piece]) -> dict[int, int]:
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


def _on_one_scale(named: dict[int, int], tagged: dict[int, int]) -> dict[int, int]:
    """Return the levels of the tags, and those of other headings moved to the tags' scale."""
    shifts = [tagged[key] - named[key] for key in named if key in tagged]
    shift = round(median(shifts)) if shifts else 0
    return {key: max(1, level + shift) for key, level in named.items()} | tagged


def _named(headings: Sequence[Piece], entries: Sequence[Entry]) -> dict[int, int]:
    """Map the `id` of each heading that has an entry to the entry's level.

    If no heading equals an entry, one that equals its end is used, because a chapter's number or
    "Chapter One:" is often printed apart.
    """
    named: dict[int, int] = {}
    printed = {id(p): letters(f"{p.first.prefix}{p.text}") for p in headings}
    for entry in entries:
        near = [
            p
            for p in headings
            if id(p) not in named and (entry.page is None or abs(p.page - entry.page) <= 1)
        ]
        same = [p for p in near if printed[id(p)] == entry.title]
        ends = [p for p in near if len(printed[id(p)]) > 8 and entry.title.endswith(printed[id(p)])]
        begins = [
            p for p in near if KICKER.match(p.text) and entry.title.startswith(printed[id(p)])
        ]
        for piece in same[:1] or [*begins[:1], *ends[:1]]:
            named[id(piece)] = entry.level
    return named


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
