"""Find the printed contents list, wherever it stands, and the levels of its entries.

Its lines are told by page numbers at the end, at the start, or apart on the same baseline. If it
has no page numbers, they are told by titles that are printed again later.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from reformqa.parsing.furniture import CONTENTS_TITLES
from reformqa.parsing.readers.pdf.flow import Piece
from reformqa.parsing.readers.pdf.lines import Line
from reformqa.text.similarity import letters

#: The contents list begins within this many pages.
CONTENTS_PAGES = 20
#: So many lines tell where a contents list has its page numbers.
OPENING = 12
#: More words than this are no entry.
ENTRY_WORDS = 25
#: At most so many pieces in a row are no entries.
MISSES = 3
#: Lines of one title are at most so many type sizes apart, and nearer to each other than to the
#: next title by so many points.
LINE_STEP = 1.7
NEARER = 1.0
#: Baselines on one row differ by at most this, in points.
SAME_ROW = 2.5
#: A look or indent of a smaller share of the entries makes no level.
COMMON = 0.08
#: The least width of a column of entries, and the most that an entry is indented in it, in points.
COLUMN = 90.0
DEEPEST = 40.0
#: Entries whose indents differ by less than this, in points, have one level.
INDENT = 5.0

_PAGE_AT_END = re.compile(r"(?:\s+\d+\.\d+)?(?:\s|\.{2,}|…|\|)\s*(?:\d{1,3}|[ivxl]{1,5})$")
_PAGE_AT_START = re.compile(r"^\d{1,3}(?:\s*\|)?\s+(?=[A-Z'‘“\d])")
_PAGE_ALONE = re.compile(r"^(?:[.…\s]{3,}|[.…\s]*(?:\d{1,3}|[ivxl]{1,5}))$")
_NUMBERING = re.compile(r"^(?:chapter\s+|part\s+)?(\d{1,2}(?:\.\d{1,2})*)\b[.:]?\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry in the outline or the contents list; `title` is in the form of `letters`."""

    title: str
    level: int
    page: int | None


@dataclass(slots=True)
class _Row:
    """A title in the contents list, with its place, look and lines, but without its page number."""

    title: str
    first: Line
    lines: list[Line]

    @property
    def look(self) -> tuple[float, bool]:
        """A key that sorts large and bold titles first."""
        return (-round(self.first.size), not self.first.bold)


def mark_contents(pieces: Sequence[Piece]) -> None:
    """Give the pieces of the contents list the role "contents"."""
    shown = [p for p in pieces if p.kind not in ("running", "label", "notes")]
    start = next(
        (i for i, p in enumerate(shown) if p.page <= CONTENTS_PAGES and is_contents_title(p)),
        None,
    )
    if start is None:
        return
    following = shown[start + 1 :]
    list_lines = _Lines([ln for p in following for ln in p.lines])
    for piece in reversed(shown[:start]):  # the title stands beside its list
        if piece.page != shown[start].page or not list_lines.is_listed(piece):
            break
        piece.role = "contents"
    titles = Counter(letters(p.text) for p in following if p.words <= ENTRY_WORDS)
    misses: list[Piece] = []
    reached: Counter[int] = Counter()  # the largest number on each page
    for piece in following:
        if list_lines.numbered:
            number, page = list_lines.page(piece.lines[0]), piece.page
            before = max((n for other, n in reached.items() if other < page), default=0)
            hit = list_lines.is_listed(piece) and number >= before
            reached[page] = max(reached[page], number * hit)
        else:
            hit = titles[letters(piece.text)] > 1
        if hit:
            for passed in misses:  # the first of two lines of a title, or the title of a part
                passed.role = "contents"
            piece.role, misses = "contents", []
        elif len(misses) > MISSES or piece.words > ENTRY_WORDS:
            break
        else:
            misses.append(piece)
        titles[letters(piece.text)] -= 1


def is_contents_title(piece: Piece) -> bool:
    """Return whether a piece is the heading of a contents list."""
    return letters(piece.text) in CONTENTS_TITLES


def _is_alone(line: Line) -> bool:
    return bool(_PAGE_ALONE.match(line.raw.strip()))


class _Lines:
    """Lines that may be those of a contents list, and where it has its page numbers.

    They stand first on a row, last, or nowhere (neither `first` nor `numbered`).
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._rows: dict[tuple[int, int], list[Line]] = defaultdict(list)
        for line in lines:
            self._rows[line.page, round(line.base / 2)].append(line)
        firsts = lasts = 0
        for line in lines[:OPENING]:
            row = sorted(self._beside(line), key=lambda ln: ln.box[0])
            if _is_alone(row[-1]) or _PAGE_AT_END.search(row[-1].raw):
                lasts += 1  # a number at the start may be the chapter's
            else:
                firsts += _is_alone(row[0]) or bool(_PAGE_AT_START.match(row[0].raw))
        self.first = firsts > lasts and firsts > 1
        self.numbered = self.first or lasts > 0
        self._second = self._second_columns(lines)

    def _second_columns(self, lines: Sequence[Line]) -> dict[int, float]:
        """Map each page with two entries on a row to where its second column may begin."""
        edges: dict[int, float] = {}
        for line in (ln for ln in lines if not _is_alone(ln) and self.is_entry(ln)):
            for other in self._beside(line):
                apart = other.box[0] > line.box[2] and not _is_alone(other)
                if apart and other.box[0] - line.box[0] > COLUMN and self.is_entry(other):
                    edge = other.box[0] - DEEPEST
                    edges[line.page] = min(edge, edges.get(line.page, edge))
        return edges

    def second(self, line: Line) -> bool:
        """Return whether a line is in the second column of its page."""
        return line.box[0] >= self._second.get(line.page, line.box[0] + 1)

    def _beside(self, line: Line) -> list[Line]:
        """Return the lines on the row of a line, itself among them."""
        near = [
            other
            for shift in (-1, 0, 1)
            for other in self._rows[line.page, round(line.base / 2) + shift]
        ]
        return [ln for ln in near if abs(ln.base - line.base) <= SAME_ROW]

    def number(self, line: Line) -> Line | None:
        """Return the page number alone on the row of a title, next to it, if it has one."""
        row = [ln for ln in self._beside(line) if ln is not line]
        if self.first:
            before = [ln for ln in row if ln.box[2] <= line.x]
            near = max(before, key=lambda ln: ln.box[2], default=None)
        else:
            after = [ln for ln in row if ln.box[0] >= line.box[2] - 1]
            near = min(after, key=lambda ln: ln.box[0], default=None)
        return near if near is not None and _is_alone(near) else None

    def is_entry(self, line: Line) -> bool:
        """Return whether a line has a page number or is one."""
        if _is_alone(line) or self.number(line) is not None:
            return True
        pattern = _PAGE_AT_START if self.first else _PAGE_AT_END
        return bool(pattern.search(line.raw))

    def is_listed(self, piece: Piece) -> bool:
        """Return whether a piece is entries, each perhaps of several lines."""
        hits = sum(map(self.is_entry, piece.lines))
        one = piece.words <= ENTRY_WORDS and self.numbered and self.is_entry(piece.lines[0])
        return one or hits > 0.3 * len(piece.lines)

    def page(self, line: Line) -> int:
        """Return the page number in a line, or 0 if it has none in arabic figures."""
        pattern = _PAGE_AT_START if self.first else _PAGE_AT_END
        match = pattern.search(line.raw)
        figures = re.findall(r"\d+", match[0]) if match else []
        return int(figures[-1]) if figures else 0

    def title(self, line: Line) -> str:
        """Return the title in a line."""
        if self.first:
            return _PAGE_AT_START.sub("", line.raw, count=1).strip(" .…·|")
        match = _PAGE_AT_END.search(line.raw)
        return (line.raw[: match.start()] if match else line.raw).strip(" .…·|")


def listed(pieces: Sequence[Piece]) -> list[Entry]:
    """Return the entries of the printed contents list, with levels from numbers, indents, looks."""
    every = [ln for p in pieces if p.role == "contents" for ln in p.lines]
    found = _Lines(every)
    every.sort(key=lambda ln: (ln.page, found.second(ln), ln.base, ln.box[0]))
    lines = [ln for ln in every if not _is_alone(ln)]
    rows: list[_Row] = []
    starts: list[tuple[tuple[int, bool], float]] = []  # column and left edge of each row
    for line, onward in zip(lines, _onward(lines, found), strict=True):
        if rows and onward:
            rows[-1].title = f"{rows[-1].title} {found.title(line)}".strip()
            rows[-1].lines.append(line)
        else:
            number = found.number(line) if found.first else None
            rows.append(_Row(found.title(line), line, [line]))
            starts.append(((line.page, found.second(line)), (number or line).box[0]))
    if rows and found.numbered and not any(map(found.is_entry, rows[-1].lines)):
        rows, starts = rows[:-1], starts[:-1]  # the last line is no title
    levels = _levels(rows, _indents(starts))
    return [
        Entry(letters(row.title), level, None)
        for row, level in zip(rows, levels, strict=True)
        if letters(row.title)
    ]


def _onward(lines: Sequence[Line], found: _Lines) -> list[bool]:
    """Return whether each line goes on with the title of the line before.

    A title on several lines has its page number on the first or the last of them: lines without
    one belong to the nearer entry.
    """
    entries = [not found.numbered or found.is_entry(ln) for ln in lines]
    onward = [False] * len(lines)
    for entry, group in groupby(range(len(lines)), key=entries.__getitem__):
        first, *others = group
        if entry:
            continue
        after = (others or [first])[-1] + 1
        onward[first] = found.first or _above(lines, first, after, found)
        for n in (*others, *([after] if after < len(lines) and not onward[first] else ())):
            onward[n] = True
    return onward


def _above(lines: Sequence[Line], first: int, after: int, found: _Lines) -> bool:
    """Return whether the line `first` is nearer to the entry above than the next one is below."""

    def step(n: int) -> float | None:
        if not 0 < n < len(lines):
            return None
        last, line = lines[n - 1], lines[n]
        level = last.page == line.page and found.second(last) == found.second(line)
        return line.base - last.base if level else None

    above, below = step(first), step(after)
    if above is None:
        return False
    return above < (LINE_STEP * lines[first].size if below is None else below - NEARER)


def _indents(starts: Sequence[tuple[tuple[int, bool], float]]) -> list[int]:
    """Return the step of indent of each row, counted from 0 in its column of its page."""
    lefts: dict[tuple[int, bool], float] = {}
    for column, x in starts:
        lefts[column] = min(x, lefts.get(column, x))
    shifts = [x - lefts[column] for column, x in starts]
    steps: list[float] = []
    for shift in sorted(shifts):
        if not steps or shift - steps[-1] > INDENT:
            steps.append(shift)
    return [sum(step <= shift for step in steps) - 1 for shift in shifts]


def _levels(rows: Sequence[_Row], indents: Sequence[int]) -> list[int]:
    """Return the level of each entry: that of its indent and look, corrected by its numbering."""
    keys = [(indent, *row.look) for row, indent in zip(rows, indents, strict=True)]
    uses = Counter(keys)
    common = sorted(key for key, n in uses.items() if n >= COMMON * len(keys))
    ranks = {key: max(1, sum(other <= key for other in common)) for key in uses}
    depths: dict[tuple[int, float, bool], Counter[int]] = defaultdict(Counter)
    matches = [_NUMBERING.match(row.title) for row in rows]
    numbers = Counter((key, match[1]) for match, key in zip(matches, keys, strict=True) if match)
    again = {key for (key, _), n in numbers.items() if n > 1}  # below each chapter, from 1
    for match, key in zip(matches, keys, strict=True):
        if match and key not in again:
            depths[key][match[1].count(".") + 1] += 1
    for key, counts in depths.items():
        depth, votes = counts.most_common(1)[0]
        if 2 * votes > keys.count(key) and depth < ranks[key]:
            ranks[key] = depth
    found = []
    for match, key in zip(matches, keys, strict=True):
        depth = match[1].count(".") + 1 if match else 0
        found.append(depth if depth > 1 else ranks[key])
    return found
