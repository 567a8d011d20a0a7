"""Join runs of text on one baseline: the words of a line, its list mark, its page number."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from reformqa.parsing.readers.pdf.content import GlyphRun
from reformqa.parsing.readers.pdf.graphics import Box

#: Gaps in ems: a space, runs that belong together, and the widest space in justified text.
SPACE = 0.16
TOGETHER = 0.75
JUSTIFIED = 5.0
#: A gap wider than this may be a narrow gutter if a column begins after it, in ems.
EDGE = 0.4
#: A line crosses a gap if it goes on this far at either side, in ems.
BEYOND = 0.3
#: The widest gap between a list mark and its text, in ems.
MARK_GAP = 6.0
#: The least number of page numbers in a contents list, and of lines with one left edge.
LISTED = 4
#: The height of a few lines, in ems.
FEW_LINES = 4.0
BULLETS = "•‣∙·⁃→⇨★☐☑☒»›–—o-*"
#: Geometric shapes, dingbats (numbers in circles aside), arrows and symbol fonts' private codes.
_SIGNS = r"\u25a0-\u25ff\u2700-\u2775\u2794-\u27bf\u2b00-\u2bff\uf020-\uf0ff"
#: The marks that are nothing else, and may touch the word after them.
_PLAIN = rf"•‣∙⁃★☐☑☒⦁⚫{_SIGNS}"
BULLET = re.compile(rf"^([{re.escape(BULLETS)}⦁⚫{_SIGNS}])(?:\s+(?=\S)|$|(?<=[{_PLAIN}])(?=\w))")
#: A list item's number, or a figure that only looks like one (`figures` tells them apart).
LABEL = re.compile(
    r"^(\(?(?:\d{1,3}(?:\.\d{1,3}){0,3}|[a-z]|[ivxl]{1,5})[.)]"
    r"|\([A-Z]\)|\([IVXL]{1,5}\)|\d{1,3}(?:\.\d{1,3}){1,3})(?:\s+(?=\S)|$)"
    r"|^((?:[a-z]|\d{1,3})\.)(?=[A-Z])"
)
#: A page number in a contents list, perhaps after the number of a paragraph. A figure with
#: decimals is not one: it has no blank after its point.
_PAGE_NUMBER = re.compile(r"(?:\d{1,3}\.\d{1,3}\s+|[.·…_\s]*\s)?\d{1,3}")
#: A number at the start of a line: decimal digits, no more than `int` takes.
_NUMBER = re.compile(r"\d{1,9}")


class Strip:
    """Adjacent runs on one baseline; `base` and `size` are those of most of the text."""

    __slots__ = ("_text", "_weight", "base", "order", "runs", "size", "x0", "x1")

    def __init__(self, run: GlyphRun, order: int) -> None:
        self.runs = [run]
        self.order = order
        self.base, self.size = run.base, run.size
        self.x0, self.x1 = run.x0, run.x1
        self._weight = {(run.base, run.size): len(run.text.strip())}
        self._text: str | None = None

    def take(self, other: Strip) -> None:
        """Add the runs of another strip."""
        self.runs += other.runs
        self.order = min(self.order, other.order)
        self.x0, self.x1 = min(self.x0, other.x0), max(self.x1, other.x1)
        for look, weight in other._weight.items():
            self._weight[look] = self._weight.get(look, 0) + weight
        self.base, self.size = max(self._weight, key=lambda k: (self._weight[k], k[1]))
        self._text = None

    @property
    def text(self) -> str:
        """The words, spaced as drawn."""
        if self._text is None:
            self._text = self._spaced()
        return self._text

    def _spaced(self) -> str:
        words: list[str] = []
        right = None
        for run in sorted(self.runs, key=lambda r: r.x0):
            if right is not None and run.x0 - right > SPACE * self.size:
                words.append(" ")
            words.append(run.text)
            right = run.x1
        return " ".join("".join(words).split())


def strips(runs: Sequence[GlyphRun], walls: Sequence[Box]) -> list[Strip]:
    """Join runs into strips; `walls` are the upright rules between the cells of a table."""
    parts: list[Strip] = []
    for order, run in enumerate(runs):
        strip = Strip(run, order)
        last = parts[-1] if parts else None
        near = last and _level(last, strip) and -0.4 < _gap(last, strip) < TOGETHER
        if last and near and not _walled(last, strip, walls):
            last.take(strip)
        else:
            parts.append(strip)
    return _neighbours_joined(parts, walls)


def _walled(left: Strip, right: Strip, walls: Sequence[Box]) -> bool:
    """Return whether an upright rule is between two strips."""
    y = left.base - 0.3 * left.size
    return any(left.x1 - 1 <= w[0] <= right.x0 + 1 and w[1] < y < w[3] for w in walls)


def _gap(left: Strip, right: Strip) -> float:
    """Return the gap between two strips in ems; negative if they overlap."""
    return (right.x0 - left.x1) / max(left.size, right.size)


def _level(a: Strip, b: Strip) -> bool:
    """Return whether two strips are on one baseline; a small strip may be raised or lowered."""
    low, high = (a, b) if a.size <= b.size else (b, a)
    shift = abs(a.base - b.base)
    if shift < 0.2 * high.size:
        return True
    return shift < 0.55 * high.size and low.size < 0.85 * high.size and len(low.text) <= 12


def _neighbours_joined(parts: list[Strip], walls: Sequence[Box]) -> list[Strip]:
    """Join neighbours not drawn in sequence: list marks, justified words, raised marks.

    A justified line is joined because the line above or below it is whole, so this is repeated
    until no more lines become whole.
    """
    parts.sort(key=lambda p: (p.base, p.x0))
    bases = [p.base for p in parts]
    gone: set[int] = set()
    before = -1
    while len(gone) > before:
        before = len(gone)
        for i, strip in sorted(enumerate(parts), key=lambda pair: (pair[1].x0, pair[1].base)):
            while i not in gone and (j := _right_of(parts, bases, i, gone, walls)) is not None:
                gone.add(j)
                strip.take(parts[j])
    kept = [p for i, p in enumerate(parts) if i not in gone]
    return sorted(_listing_joined(kept), key=lambda p: p.order)


def _listing_joined(parts: list[Strip]) -> list[Strip]:
    """Join the page numbers at either edge of a contents list to their titles."""
    after = [p for p in parts if _PAGE_NUMBER.fullmatch(p.text) and _beside(p, parts)]
    before = [p for p in parts if _NUMBER.fullmatch(p.text) and _beyond(p, parts)]
    gone: set[int] = set()
    for number in _one_edge(after, [p.x1 for p in after]):
        titles = [p for p in _beside(number, parts) if id(p) not in gone]
        if titles:
            gone.add(id(number))
            max(titles, key=lambda p: p.x1).take(number)
    for number in _one_edge(before, [p.x0 for p in before]):
        title = min(_beyond(number, parts), key=lambda p: p.x0)
        if id(number) not in gone and id(title) not in gone:
            gone.add(id(title))
            number.take(title)
    return [p for p in parts if id(p) not in gone]


def _one_edge(numbers: Sequence[Strip], edges: Sequence[float]) -> list[Strip]:
    """Return the numbers with a common edge that never decrease, if there are at least LISTED."""
    aligned = _aligned(numbers, edges)
    values = [int(p.text.split()[-1]) for p in aligned]
    return aligned if values == sorted(values) else []


def _aligned(numbers: Sequence[Strip], edges: Sequence[float]) -> list[Strip]:
    """Return the numbers with a common edge, downwards, if there are at least LISTED."""
    counts = Counter(round(x / 3) for x in edges)
    if not counts or counts.most_common(1)[0][1] < LISTED:
        return []
    edge = counts.most_common(1)[0][0] * 3
    aligned = [p for p, x in zip(numbers, edges, strict=True) if abs(x - edge) < 4]
    return sorted(aligned, key=lambda p: p.base)


def _beside(number: Strip, parts: Sequence[Strip]) -> list[Strip]:
    """Return the strips to the left of `number` on its line."""
    return [p for p in parts if p.x1 < number.x0 and _level(p, number)]


def _beyond(number: Strip, parts: Sequence[Strip]) -> list[Strip]:
    """Return the strips to the right of `number` on its line, except other numbers."""
    return [p for p in parts if p.x0 > number.x1 and _level(number, p) and not p.text.isdigit()]


def _near(parts: Sequence[Strip], bases: Sequence[float], base: float, reach: float) -> range:
    return range(bisect_left(bases, base - reach), bisect_left(bases, base + reach))


def _right_of(
    parts: Sequence[Strip],
    bases: Sequence[float],
    i: int,
    gone: set[int],
    walls: Sequence[Box],
) -> int | None:
    """Return the strip that continues strip `i` to the right, or is within it, or None."""
    strip = parts[i]
    around = _near(parts, bases, bases[i], strip.size)
    others = [
        j
        for j in around
        if j != i and j not in gone and parts[j].x0 > strip.x0 and _level(strip, parts[j])
    ]
    if not others:
        return None
    j = min(others, key=lambda j: parts[j].x0)
    right = parts[j]
    if _walled(strip, right, walls):
        return None
    gap = _gap(strip, right)
    text = strip.text
    if gap > EDGE and len(text) > 9 and _begins_column(parts, bases, j):
        return None
    if gap < TOGETHER:
        return j if gap > -0.4 or right.x1 <= strip.x1 + 1 else None
    if gap < MARK_GAP and len(text) <= 9:
        number = text.isdigit() and len(text) <= 3 and len(right.text) > 12
        if number or BULLET.match(text) or LABEL.match(text):
            return j
    if gap < JUSTIFIED and _covered(parts, bases, i, (strip.x1, right.x0)):
        return j
    return None


def _begins_column(parts: Sequence[Strip], bases: Sequence[float], j: int) -> bool:
    """Return whether strip `j` is one of several strips near it with the same left edge."""
    strip = parts[j]
    near = _near(parts, bases, bases[j], FEW_LINES * strip.size)
    return sum(abs(parts[k].x0 - strip.x0) < 0.5 for k in near) >= LISTED


def _covered(
    parts: Sequence[Strip], bases: Sequence[float], i: int, gap: tuple[float, float]
) -> bool:
    """Return whether a line above or below crosses the gap, which is then not a gutter."""
    strip = parts[i]
    edge = BEYOND * strip.size
    for j in _near(parts, bases, bases[i], 1.7 * strip.size):
        other = parts[j]
        apart = abs(other.base - strip.base) > 0.5 * strip.size
        alike = abs(other.size - strip.size) < 0.1 * strip.size
        if apart and alike and other.x0 < gap[0] - edge and other.x1 > gap[1] + edge:
            return True
    return False
