"""Join runs of text on one baseline: the words of a line, and its list mark."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from reformqa.parsing.readers.pdf.content import GlyphRun
from reformqa.parsing.readers.pdf.graphics import Box

#: Gaps in ems: a space, runs that belong together, and the widest space in justified text.
SPACE = 0.16
TOGETHER = 0.75
JUSTIFIED = 5.0
#: A gap wider than this may be a narrow gutter if a column begins after it, in ems.
EDGE = 0.4
#: The gaps of a justified line are equal, but for this much, and its words are not, by this much;
#: both in ems.
EQUAL = 0.08
UNEQUAL = 1.0
#: The widest space between words of a justified line that nothing else tells from a gutter, in ems.
WIDEST = 20.0
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
#: The number of a heading or a paragraph that is a letter or has one, standing apart from its text.
_LETTERED = re.compile(r"(?:[A-Z]|[IVXL]{1,5})\.|[A-Z](?:\.\d{1,3}){1,3}\.?")
#: The dots between a title in a contents list and its page number, perhaps with the number.
LEADER = re.compile(r"(?:[.·…_]\s*){4,}\d{0,3}$")
#: The dots that lead from a cell of a table to the next one.
DOTS = re.compile(r"\s+(?:[.·…_]\s*){2,}$|(?:[.·…_]\s*){4,}$")


class Strip:
    """Adjacent runs on one baseline; `base` and `size` are those of most of the text.

    `label` is a list mark at the start that only its place tells: a letter without a full stop.
    """

    __slots__ = ("_text", "_weight", "base", "label", "order", "runs", "size", "x0", "x1")

    def __init__(self, run: GlyphRun, order: int) -> None:
        self.runs = [run]
        self.label: str | None = None
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
    """Join runs drawn in sequence; `walls` are the upright rules between the cells of a table."""
    parts: list[Strip] = []
    for order, run in enumerate(runs):
        strip = Strip(run, order)
        last = parts[-1] if parts else None
        if (
            last
            and is_level(last, strip)
            and _follows(strip, last)
            and not _walled(last, strip, walls)
        ):
            last.take(strip)
        else:
            parts.append(strip)
    return _evenly_joined(parts, walls)


def _follows(strip: Strip, last: Strip) -> bool:
    """Return whether a strip, drawn next, begins about where the last one ends.

    A lone mark's box may be wider than its place: some fonts give an apostrophe that of a capital.
    """
    gap, mark = gap_between(last, strip), last.runs[-1]
    within = len(mark.text) == 1 and mark.x0 < strip.x0
    return gap < TOGETHER and (gap > -0.4 or within)


def _evenly_joined(parts: Sequence[Strip], walls: Sequence[Box]) -> list[Strip]:
    """Join the words of a justified line: drawn in sequence, with wide gaps that are all equal."""
    lines: list[list[Strip]] = []
    for strip in parts:
        line = lines[-1] if lines else []
        if line and _spaced_alike(line, strip) and not _walled(line[-1], strip, walls):
            line.append(strip)
        elif len(line) == 2 and _spaced_alike(line[1:], strip):  # a list mark comes first
            lines[-1:] = [line[:1], [line[1], strip]]
        else:
            lines.append([strip])
    joined: list[Strip] = []
    for first, *others in lines:
        widths = [p.x1 - p.x0 for p in (first, *others)]
        even = len(others) > 1 and max(widths) - min(widths) > UNEQUAL * first.size
        for other in others:
            if even:
                first.take(other)
        joined += [first] if even else [first, *others]
    return joined


def _spaced_alike(line: Sequence[Strip], strip: Strip) -> bool:
    """Return whether a strip follows those of a line, at the distance that they have."""
    last = line[-1]
    gap = gap_between(last, strip)
    level = abs(last.base - strip.base) < 0.1 and last.size == strip.size
    if not level or not 0 < gap < WIDEST:
        return False
    return len(line) < 2 or abs(gap - gap_between(line[-2], last)) < EQUAL


def _walled(left: Strip, right: Strip, walls: Sequence[Box]) -> bool:
    """Return whether an upright rule is between two strips."""
    y = left.base - 0.3 * left.size
    return any(left.x1 - 1 <= w[0] <= right.x0 + 1 and w[1] < y < w[3] for w in walls)


def gap_between(left: Strip, right: Strip) -> float:
    """Return the gap between two strips in ems; negative if they overlap."""
    return (right.x0 - left.x1) / max(left.size, right.size)


def is_level(a: Strip, b: Strip) -> bool:
    """Return whether two strips are on one baseline; a small strip may be raised or lowered."""
    low, high = (a, b) if a.size <= b.size else (b, a)
    shift = abs(a.base - b.base)
    if shift < 0.2 * high.size:
        return True
    smaller = 0.95 if low.text.strip().isdigit() else 0.85
    return shift < 0.55 * high.size and low.size < smaller * high.size and len(low.text) <= 12


def join_neighbours(parts: list[Strip], walls: Sequence[Box]) -> list[Strip]:
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
    return sorted(kept, key=lambda p: p.order)


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
        if j != i and j not in gone and parts[j].x0 > strip.x0 and is_level(strip, parts[j])
    ]
    if not others:
        return None
    j = min(others, key=lambda j: parts[j].x0)
    right = parts[j]
    if _walled(strip, right, walls):
        return None
    gap = gap_between(strip, right)
    text = strip.text
    if gap > EDGE and len(text) > 9 and _begins_column(parts, bases, j):
        return None
    if gap < TOGETHER:
        return j if gap > -0.4 or right.x1 <= strip.x1 + 1 else None
    if gap < MARK_GAP and len(text) <= 9:
        number = text.isdigit() and len(text) <= 3 and len(right.text) > 12
        number = number and not _ends_line(strip, right, [parts[k] for k in around])
        lettered = _LETTERED.fullmatch(text) and not right.text[:1].islower()
        if number or lettered or BULLET.match(text) or LABEL.match(text):
            return j
    if gap < JUSTIFIED and _covered(parts, bases, i, (strip.x1, right.x0)):
        return j
    return None


def _ends_line(number: Strip, right: Strip, near: Sequence[Strip]) -> bool:
    """Return whether a number is on the baseline of text to its left, and not of that to its right.

    Such is a page number in a contents list beside a column of text.
    """
    apart = abs(number.base - right.base)
    before = [p for p in near if p.x1 < number.x0 and abs(p.base - number.base) < 0.3]
    return bool(before) and (apart > 0.6 or any(LEADER.search(p.text) for p in before))


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
        alike = abs(other.size - strip.size) < 0.05 * strip.size
        if apart and alike and other.x0 < gap[0] - edge and other.x1 > gap[1] + edge:
            return True
    return False
