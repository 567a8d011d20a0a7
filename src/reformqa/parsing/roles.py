"""Tell headings, captions, pull quotes, contents lists and figures' words by look and place."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reformqa.parsing.flow import Piece
from reformqa.parsing.grouping import ends_sentence
from reformqa.parsing.inline import is_capitals, letters

#: A heading has at most this many words and lines.
HEADING_WORDS = 32
HEADING_LINES = 5
#: Type larger than the text's by this share is loud.
LARGER = 1.07
#: A pull quote is set larger than the text by this share.
PULLED = 1.12

CAPTION = re.compile(
    r"^(?:figure|fig\.?|table|chart|graph|map|exhibit)\s+[A-Z]?\d+(?:\.\d+)*(?![\d.]*\w)"
    r"|^(?:sources?|notes?|base)\s*:|^©",
    re.IGNORECASE,
)
_SENTENCE_ON_FIGURE = re.compile(r"^\w+\.?\s+[A-Z]?[\d.]+\s+[a-z]+")
_PAGE_AT_END = re.compile(r"(?:\s|\.{2,}|…)\s*(?:\d{1,3}|[ivxl]{1,5})$")
_ASIDE = re.compile(r"^(?:box|case study)\b", re.IGNORECASE)

Style = tuple[float, bool, bool, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading that the file's own outline or contents list names: letters, level, page."""

    title: str
    level: int
    page: int | None


def style(piece: Piece) -> Style:
    """How a piece is set: size in half points, bold, italic, font and colour."""
    look = max(piece.lines, key=lambda ln: len(ln.text)).look
    return (round(piece.size * 2) / 2, piece.bold, piece.italic, look)


def body_style(pieces: Sequence[Piece]) -> Style:
    """The style in which most of the text is set."""
    counts: Counter[Style] = Counter()
    for piece in pieces:
        if piece.kind in ("text", "box"):
            counts[style(piece)] += len(piece.text)
    return counts.most_common(1)[0][0] if counts else (10.0, False, False, "")


def tell_roles(pieces: Sequence[Piece]) -> None:
    """Set the role of each piece, levels of headings apart."""
    body = body_style(pieces)
    text = letters("".join(p.text for p in pieces if style(p)[0] <= body[0] * LARGER))
    _contents(pieces)
    for i, piece in enumerate(pieces):
        if piece.kind not in ("text", "box") or piece.role != "text":
            continue
        if CAPTION.match(piece.text) and not _SENTENCE_ON_FIGURE.match(piece.text):
            piece.role = "caption"
        elif _is_pulled(piece, body, text):
            piece.role = "pull quote"
        elif _is_heading(pieces, i, body):
            piece.role = "heading"
    _drop_lone(pieces, body)


def _contents(pieces: Sequence[Piece]) -> None:
    """Mark the lines of the contents list: those after its heading that end in a page number."""
    start = next(
        (
            i
            for i, p in enumerate(pieces)
            if p.page <= 12 and letters(p.text) in ("contents", "tableofcontents")
        ),
        None,
    )
    if start is None:
        return
    misses = 0
    for piece in pieces[start + 1 :]:
        if piece.kind in ("running", "notes"):
            continue
        ends = sum(bool(_PAGE_AT_END.search(ln.raw)) for ln in piece.lines)
        if ends and (piece.words <= 30 or ends > 1):
            piece.role = "contents"
            misses = 0
        elif (misses := misses + 1) > 3 or piece.words > 40:
            break


def _is_pulled(piece: Piece, body: Style, text: str) -> bool:
    """A sentence set large that the text holds too."""
    plain = letters(piece.text.replace("-", ""))
    large = piece.size > body[0] * PULLED or (piece.italic and piece.size > body[0] * 1.04)
    return large and piece.words >= 8 and plain[:200] in text


def _is_heading(pieces: Sequence[Piece], i: int, body: Style) -> bool:
    piece = pieces[i]
    text = piece.text.strip()
    if not any(c.isalpha() for c in text) or piece.first.bullet or piece.first.note:
        return False
    if piece.words > HEADING_WORDS or len(piece.lines) > HEADING_LINES or "@" in text:
        return False
    if text[0].islower() or text.endswith((",", ";", "-")) or "://" in text:
        return False
    size, bold, italic, look = style(piece)
    larger = size >= body[0] * LARGER
    coloured = look.split(" ", 1)[-1] != body[3].split(" ", 1)[-1] and not body[2]
    other = look.split(" ", 1)[0] != body[3].split(" ", 1)[0]
    loud = larger or (
        size >= 0.93 * body[0]
        and ((bold and not body[1]) or coloured or (italic and not body[2]) or is_capitals(text))
    )
    if not loud and not (other and is_capitals(text)):
        return False
    if text.endswith(".") and piece.words > 9:
        return False
    if italic and not larger and not bold and (ends_sentence(text) or piece.words > 14):
        return False
    return not (text.endswith(":") and not larger and piece.words > 8)


def _drop_lone(pieces: Sequence[Piece], body: Style) -> None:
    """Take back headings at the end of a page's text with nothing under them but headings."""
    following = None
    for piece in reversed(pieces):
        if piece.kind in ("running", "notes") or piece.role in ("pull quote",):
            continue
        if piece.role == "heading" and following is None and style(piece)[0] <= body[0]:
            piece.role = "text"
        following = piece


# Levels


def set_levels(pieces: Sequence[Piece], entries: Sequence[Entry]) -> str:
    """Give headings their level, and say how it was told: "outline", "contents" or "type".

    The outline or the contents list names some headings; a style takes the level of most of its
    named headings, and styles without any rank by size, weight and slant.
    """
    headings = [p for p in pieces if p.role == "heading"]
    named = _named(headings, entries)
    flowing = [p for p in headings if p.box is None and not _ASIDE.match(p.text)]
    votes: dict[Style, Counter[int]] = defaultdict(Counter)
    for piece in flowing:
        level = named.get(id(piece))
        if level is not None:
            votes[style(piece)][level] += 1
    levels = _ranked(flowing, votes)
    for piece in headings:
        level = named.get(id(piece), levels.get(style(piece)))
        if level is None:
            level = _nearest(style(piece), levels)
        piece.level = level
    if named and len(named) >= 0.5 * len(entries):
        return "outline" if entries[0].page is not None else "contents"
    return "type"


def _named(headings: Sequence[Piece], entries: Sequence[Entry]) -> dict[int, int]:
    """The level that the outline or contents list gives, by the `id` of the piece."""
    named: dict[int, int] = {}
    used: set[int] = set()
    for entry in entries:
        for piece in headings:
            if id(piece) in used or (
                entry.page is not None and abs(piece.page - entry.page) > 1
            ):
                continue
            printed = letters(f"{piece.first.label or ''}{piece.text}".replace("- ", ""))
            if printed == entry.title or (
                len(printed) > 8 and (entry.title.endswith(printed) or entry.title.startswith(printed))
            ):
                named[id(piece)] = entry.level
                used.add(id(piece))
                if printed == entry.title:
                    break
    return named


def _rank(look: Style) -> tuple[float, bool, bool]:
    return (-look[0], not look[1], look[2])


def _ranked(headings: Sequence[Piece], votes: dict[Style, Counter[int]]) -> dict[Style, int]:
    """A level for each style: as named, or one below the style before it in rank."""
    levels: dict[Style, int] = {}
    last, deepest = 0, 0
    for look in sorted({style(p) for p in headings}, key=_rank):
        if look in votes:
            level = votes[look].most_common(1)[0][0]
        else:
            count = sum(style(p) == look for p in headings)
            front = all(p.page <= 2 for p in headings if style(p) == look)
            level = last if (front and count <= 2 and last) else deepest + 1
            if not levels:
                level = 1
        levels[look] = max(1, level)
        if not all(p.page <= 2 for p in headings if style(p) == look) or look in votes:
            last, deepest = level, max(deepest, level)
    return levels


def _nearest(look: Style, levels: dict[Style, int]) -> int:
    """The level of the style nearest in size."""
    if not levels:
        return 1
    return levels[min(levels, key=lambda s: (abs(s[0] - look[0]), s[1] != look[1]))]
