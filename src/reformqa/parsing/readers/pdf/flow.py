"""Split zones into pieces, and join the pieces separated by pages, columns and boxes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reformqa.parsing.inline import is_capitals
from reformqa.parsing.readers.pdf.figures import keep_figures
from reformqa.parsing.readers.pdf.grouping import (
    Leading,
    ends_sentence,
    first_word,
    split_notes,
    split_paragraphs,
)
from reformqa.parsing.readers.pdf.layout import Zone, ZoneKind
from reformqa.parsing.readers.pdf.lines import Line, note_start
from reformqa.parsing.readers.pdf.side_titles import Place, SideTitle, place, with_titles
from reformqa.parsing.readers.pdf.structure_tree import Element
from reformqa.parsing.readers.pdf.tables import Area

#: A line that ends within this many ems of the right edge is full.
FULL = 2.5
#: A report indents its paragraphs if more than this share of them are indented.
INDENTING = 0.2
#: A report numbers its paragraphs if more than this share of them have a number.
NUMBERING = 0.5
#: Words and marks that a paragraph never ends with.
_GOES_ON = re.compile(
    r"(?:,|[–—-]|\b(?:the|a|an|of|and|or|to|in|for|with|by|that|on|as|from|at|is|are|was|were|be"
    r"|which|who|their|its|this|these|has|have|had|will|not|than|but|into|between|about))$",
    re.IGNORECASE,
)

_ASIDE = re.compile(r"(?:box|case study|recommendation)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|www\.")
_ADDRESS_END = re.compile(r"(?:://|www\.|/)\S*$")

#: A heading over two columns is larger than their text by this factor.
OVER_BOTH = 1.3
#: The zones of which a column is made.
_COLUMN_KINDS = ("text", "box", "table")

#: The role of a piece, inferred from its place and look.
Role = Literal["text", "heading", "caption", "pull quote", "contents"]


@dataclass(slots=True)
class Piece:
    """A paragraph, or the part of one that is in one zone.

    - `box`: the number of the box around it; a box that continues on the next page is one box.
    - `full`: whether the last line reaches the right edge.
    - `room`: the blank after the last line, in points.
    - `indented`: whether the first line is indented.
    - `left`: the left edge of its column.
    - `joined`: whether it is made of parts from several zones.
    - `level`: the level of a heading, 0 for the report's title; None if unknown.
    - `cells`: the cells of a table row.
    - `element`: the element of the file's structure tree that it is, if the file's tags are used.
    - `beside`: whether it is a title beside a numbered section.
    """

    lines: list[Line]
    kind: ZoneKind
    box: int | None = None
    full: bool = False
    room: float = 0.0
    left: float = 0.0
    indented: bool = False
    joined: bool = False
    role: Role = "text"
    level: int | None = None
    cells: list[list[Line]] = field(default_factory=list)
    element: Element | None = None
    beside: bool = False

    @property
    def text(self) -> str:
        """The text with hyphens at line ends kept: for checks of its form only."""
        return " ".join(ln.text for ln in self.lines)

    @property
    def words(self) -> int:
        """The number of words."""
        return sum(len(ln.text.split()) for ln in self.lines)

    @property
    def first(self) -> Line:
        """The first line."""
        return self.lines[0]

    @property
    def size(self) -> float:
        """The type size of the longest line, in points."""
        return max(self.lines, key=lambda ln: len(ln.text)).size

    @property
    def bold(self) -> bool:
        """Whether every line is bold."""
        return all(ln.bold for ln in self.lines)

    @property
    def italic(self) -> bool:
        """Whether every line is italic."""
        return all(ln.italic for ln in self.lines)

    @property
    def page(self) -> int:
        """The page of the first line."""
        return self.lines[0].page


def cut(
    zones: Iterable[Zone], leading: Leading, titles: Mapping[Place, SideTitle] | None = None
) -> list[Piece]:
    """Split the zones into pieces, in reading order; side titles come before their sections."""
    zones, titles = list(zones), titles or {}
    pieces: list[Piece] = []
    boxes = note = 0
    last: tuple[Zone, int] | None = None
    for zone in zones:
        if zone.kind == "table":
            rows = [row for row in zone.rows if any(row)]
            pieces += [Piece([ln for c in row for ln in c], "table", cells=row) for row in rows]
            continue
        box = None
        if zone.kind == "box":
            if last is not None and _goes_on_from(last[0], zone, zones):
                box = last[1]
            else:
                box = boxes = boxes + 1
            last = (zone, box)
        left, right = min(ln.box[0] for ln in zone.lines), zone.right
        if zone.kind == "notes":
            parts = split_notes(zone.lines, note)
            numbers = [n[0] for p in parts if (n := note_start(p[0])) and n[0].isdecimal()]
            note = max(note, *map(int, numbers)) if numbers else note
        else:
            parts = split_paragraphs(keep_figures(zone.lines, leading), leading)
        if zone.element is not None and zone.kind != "notes":  # some tags join notes
            parts = [zone.lines]
        for lines in (part for whole in parts for part in with_titles(whole, titles)):
            if (title := titles.get(place(lines[0]))) is not None:
                pieces.append(
                    Piece(title.lines, "text", box, role="heading", beside=title.numbered)
                )
            piece = Piece(lines, zone.kind, box, element=zone.element)
            piece.left, piece.room = left, right - lines[-1].box[2]
            piece.full = piece.room < FULL * piece.size
            piece.indented = len(lines) > 1 and lines[0].box[0] > lines[1].box[0] + 0.4 * piece.size
            pieces.append(piece)
    return pieces


def _goes_on_from(last: Zone, zone: Zone, zones: Sequence[Zone]) -> bool:
    """Whether a box continues the `last` one from the column or page before, in the same look.

    The first part is then the last thing in its column, and the second part the first.
    """
    a, b = last.area, zone.area
    if a is None or b is None or a is b:
        return a is b
    wider = 0.0 if a.ragged and b.ragged else (a.box[2] - a.box[0]) - (b.box[2] - b.box[0])
    next_page = zone.page == last.page + 1 and b.box[1] < a.box[3]
    next_column = zone.page == last.page and b.box[0] > a.box[2] - 4 and b.box[1] < a.box[3]
    if a.fill != b.fill or abs(wider) >= 4 or not (next_page or next_column):
        return False
    first = zone.lines[0]
    near = [z for z in zones if z.page in (last.page, zone.page) and z.kind in _COLUMN_KINDS]
    after = [ln for z in near if z.page == last.page for ln in z.lines if ln.base > a.box[3]]
    before = [ln for z in near if z.page == zone.page for ln in z.lines if ln.base < b.box[1]]
    if _in_column(a, after, first.size) or _in_column(b, before, first.size):
        return False
    titled = first.bold and any(not ln.bold for ln in zone.lines)
    return not titled or not (_ASIDE.match(first.text) or ends_sentence(last.lines[-1].text))


def _in_column(area: Area, lines: Iterable[Line], size: float) -> bool:
    """Return whether any of the lines is in the column of an area; a heading over both is not.

    `size` is the type size of the text in the area.
    """
    left, _, right, _ = area.box
    return any(
        ln.box[0] < right
        and ln.box[2] > left
        and (ln.size < OVER_BOTH * size or ln.box[0] > left - ln.size)
        for ln in lines
    )


@dataclass(frozen=True, slots=True)
class _Habits:
    """Whether the report indents its paragraphs, and whether it numbers them."""

    indenting: bool
    numbering: bool


def join(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces, with those that continue an earlier one joined to it.

    A box, figure, pull quote, note or page end may separate the parts; a heading may not. The
    parts of one element of the structure tree on several pages are one piece.
    """
    pieces = list(pieces)
    long = [p for p in pieces if p.role == "text" and p.kind == "text" and len(p.lines) > 1]
    indented = [p.indented for p in long if not p.first.hanging]
    habits = _Habits(
        indenting=sum(indented) > INDENTING * max(1, len(indented)),
        numbering=sum(p.first.label is not None for p in long) > NUMBERING * max(1, len(long)),
    )
    whole: list[Piece] = []
    unfinished: dict[str, Piece] = {}
    elements: dict[Element | None, Piece] = {}  # the last part of each element that has a tag
    before: Piece | None = None
    for piece in pieces:
        if piece.kind in ("running", "label", "table") or piece.role not in ("text", "heading"):
            whole.append(piece)
            before = piece if piece.kind not in ("running", "label") else before
            continue
        flow = f"{piece.kind} {piece.box or 0} "
        name = f"{flow}{round(piece.size)}"
        if piece.role == "heading":  # a paragraph left unfinished above it stays unfinished
            unfinished = {k: v for k, v in unfinished.items() if not k.startswith(flow)}
        earlier = unfinished.get(name)
        begun = elements.get(piece.element)
        if begun is not None and _is_later_part(piece, begun):
            earlier = begun
        elif earlier is not None and not _goes_on(
            earlier, piece, habits, parted=_parted(before, earlier, piece)
        ):
            earlier = None
        if earlier is not None:
            earlier.lines = [*earlier.lines, *piece.lines]
            earlier.left, earlier.full, earlier.room = piece.left, piece.full, piece.room
            earlier.joined = True
            before = earlier
        else:
            whole.append(piece)
            unfinished[name] = before = earlier = piece
        if piece.element is not None:
            elements[piece.element] = earlier
    return whole


def _is_later_part(piece: Piece, begun: Piece) -> bool:
    """Return whether a piece goes on with the element `begun` on an earlier page.

    Some elements contain several paragraphs, or a heading.
    """
    first, last = piece.first, begun.lines[-1]
    alike = abs(begun.size - piece.size) <= 0.07 * piece.size
    alike = alike and is_capitals(piece.text) == is_capitals(begun.text)
    begins = first.hanging or first.note is not None or first.opens_bold != last.closes_bold
    return last.page < first.page and alike and not (begins and ends_sentence(last.text))


def _parted(before: Piece | None, earlier: Piece, piece: Piece) -> bool:
    """Return whether another piece, or the end of a column or page, separates two pieces."""
    return before is not earlier or _turned(earlier, piece)


def _goes_on(earlier: Piece, piece: Piece, habits: _Habits, *, parted: bool) -> bool:
    """Return whether `piece` continues the paragraph `earlier`."""
    dash = piece.first.bullet is not None and piece.first.bullet in "-–—"
    if "heading" in (earlier.role, piece.role) or (piece.first.hanging and not dash):
        return False
    if abs(earlier.size - piece.size) > 0.07 * piece.size or _is_later_note(earlier, piece):
        return False
    end = earlier.lines[-1].text
    start = piece.text.lstrip("'\"‘“(")[:1]
    if dash:
        if piece.first.bullet == earlier.first.bullet and _in_place(earlier.first, earlier, piece):
            return False  # the next item
        return start.islower() and earlier.full and not ends_sentence(end)
    if is_capitals(earlier.text) != is_capitals(piece.text):
        return False
    weight_kept = earlier.lines[-1].closes_bold == piece.first.opens_bold
    if not weight_kept and (ends_sentence(end) or not start.islower()):
        return False
    if end.endswith(("-", "\u00ad")):
        return earlier.full or start.islower()
    if start.islower() and not _ADDRESS.match(piece.text):
        unended = not ends_sentence(end) and (parted or earlier.full)
        return unended or (parted and earlier.full and not end.endswith((".", ":")))
    if not parted:
        return False
    if not ends_sentence(end):
        if _GOES_ON.search(end):
            return True
        long = len(earlier.lines) > 1 and not _ADDRESS_END.search(end)
        aligned = _in_place(earlier.lines[-1], earlier, piece)
        full = earlier.full or earlier.room < first_word(piece.first) + piece.size
        return full and long and (aligned or not earlier.first.hanging)
    if not earlier.full or end.endswith(":"):
        return False
    if habits.numbering and earlier.first.label:
        return abs(piece.first.box[0] - earlier.lines[-1].box[0]) < 2 and len(earlier.lines) > 1
    flush = habits.indenting and not piece.indented and len(piece.lines) > 1
    return flush and not earlier.first.hanging and _turned(earlier, piece)


def _turned(earlier: Piece, piece: Piece) -> bool:
    """Return whether the end of a column or page lies between two pieces, not only a figure.

    The first line after a figure between two paragraphs may have no indent.
    """
    last = earlier.lines[-1]
    return last.page != piece.page or piece.first.base < last.base


def _in_place(line: Line, earlier: Piece, piece: Piece) -> bool:
    """Return whether `piece` begins below a line of `earlier`, or as far from its column's edge."""
    shift = piece.first.box[0] - line.box[0]
    return min(abs(shift), abs(shift - piece.left + earlier.left)) < 2


def _is_later_note(earlier: Piece, piece: Piece) -> bool:
    """Return whether `piece` is a footnote with a higher number than the footnote `earlier`."""
    if piece.kind != "notes":
        return False
    numbers = [start[0] if (start := note_start(p.first)) else "" for p in (earlier, piece)]
    return all(n.isdecimal() for n in numbers) and int(numbers[0]) < int(numbers[1])
