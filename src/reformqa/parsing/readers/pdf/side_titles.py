"""Find titles in a narrow column beside the text.

In acts and regulations, a title in small type stands level with the number of its section. What
else stands there, such as the number of an act that the text names, is furniture. In other reports
a title in another look stands outside the frame of the text, beside the first line of a paragraph.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reformqa.parsing.readers.pdf.grouping import ends_sentence
from reformqa.parsing.readers.pdf.lines import Line, note_start

#: Small type is at most this share of the text's size.
SMALL = 0.93
#: A title's lines are narrower than this share of the frame of the text, which is that of the lines
#: wider than FULL of the widest.
NARROW = 0.4
FULL = 0.6
#: Lines of one title are at most so many type sizes apart, and begin as near to one edge.
STEP = 1.45
INDENT = 1.5
#: The baseline of a title is this near to its section's, and of one outside the frame to that of
#: the paragraph that it stands beside, in type sizes.
LEVEL = 0.6
BESIDE = 1.0
#: A paragraph begins below a gap of so many type sizes, or below a line so far from full.
GAP = 1.75
#: A report has titles of sections, or titles outside the frame, if it has at least so many.
SECTIONS, OUTSIDE = 3, 2
#: A title outside the frame has at most so many words.
TITLE_WORDS = 14

_SECTION = re.compile(r"[“\"‘']?\d{1,3}[A-Z]{0,2}(?:\.|\s|$)")

#: The page, the baseline and the left edge of a line.
Place = tuple[int, float, float]


@dataclass(frozen=True, slots=True)
class SideTitle:
    """The lines of a title, and whether its section has a number."""

    lines: list[Line]
    numbered: bool


@dataclass(slots=True)
class SideTitles:
    """The titles by the place of the line that each stands beside.

    `lines` are the `id` of the lines of titles, `furniture` of others in small type outside the
    frame.
    """

    titles: dict[Place, SideTitle] = field(default_factory=dict)
    lines: set[int] = field(default_factory=set)
    furniture: set[int] = field(default_factory=set)

    def add(self, titles: Mapping[Place, list[Line]], *, numbered: bool) -> None:
        """Add titles, by the place of the line that each stands beside."""
        for where, lines in titles.items():
            self.titles[where] = SideTitle(lines, numbered)
            self.lines |= {id(ln) for ln in lines}

    def leave_out(self, page: int) -> None:
        """Leave out the titles of a page, whose tags have them as elements of their own."""
        self.titles = {where: t for where, t in self.titles.items() if where[0] != page}


def place(line: Line) -> Place:
    """Return where a line stands."""
    return (line.page, line.base, line.box[0])


def find_side_titles(pages: Sequence[Sequence[Line]], running: set[int], size: float) -> SideTitles:
    """Return the side titles of a report; `size` is the type size of its text."""
    looks = Counter(ln.look for page in pages for ln in page for _ in ln.text)
    usual = looks.most_common(1)[0][0] if looks else ""
    sections: dict[Place, list[Line]] = {}
    outside: dict[Place, list[Line]] = {}
    others: list[list[Line]] = []
    for page in pages:
        free = [ln for ln in page if ln.upright and id(ln) not in running]
        text = [ln for ln in free if ln.size > SMALL * size]
        left, right = _frame(text)
        apart = [ln for ln in free if ln.size <= SMALL * size or (ln.bold and ln.look != usual)]
        for group in _groups([ln for ln in apart if ln.width < NARROW * (right - left)]):
            x0, x1 = min(ln.box[0] for ln in group), max(ln.box[2] for ln in group)
            beyond = x1 < left or x0 > right
            if group[0].size <= SMALL * size:
                if (section := _section(group[0], (x0, x1), text, size)) is not None:
                    sections[place(section)] = group
                elif beyond:
                    others.append(group)
            elif beyond and (first := _first_line(group, text, (left, right))) is not None:
                outside[place(first)] = group
    found = SideTitles()
    if len(sections) >= max(SECTIONS, len(others)):
        found.add(sections, numbered=True)
        found.furniture = {id(ln) for group in others for ln in group}
    if len(outside) >= OUTSIDE:
        found.add(outside, numbered=False)
    return found


def _frame(text: Sequence[Line]) -> tuple[float, float]:
    """Return the left and right edges of the text on a page."""
    widest = max((ln.width for ln in text), default=0.0)
    wide = [ln for ln in text if ln.width >= FULL * widest]
    left, right = (ln.box[0] for ln in wide), (ln.box[2] for ln in wide)
    return min(left, default=0.0), max(right, default=0.0)


def _groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield the lines that may be those of one title, downwards."""
    groups: list[list[Line]] = []
    for line in sorted(lines, key=lambda ln: (ln.base, ln.box[0])):
        above = next((g for g in groups if _goes_on(g, line)), None)
        if above is not None:
            above.append(line)
        else:
            groups.append([line])
    yield from (g for g in groups if note_start(g[0]) is None or g[0].label is None)


def _goes_on(group: Sequence[Line], line: Line) -> bool:
    last = group[-1]
    near = abs(line.box[0] - group[0].box[0]) < INDENT * line.size
    return near and 0.5 * line.size < line.base - last.base < STEP * line.size


def _section(
    first: Line, sides: tuple[float, float], text: Sequence[Line], size: float
) -> Line | None:
    """Return the line with a section's number that a title is level with and apart from."""
    level = [ln for ln in text if abs(ln.base - first.base) < LEVEL * size]
    if any(ln.box[0] < sides[1] and ln.box[2] > sides[0] for ln in level):
        return None
    return next((ln for ln in level if _SECTION.match(ln.whole)), None)


def _first_line(
    group: Sequence[Line], text: Sequence[Line], frame: tuple[float, float]
) -> Line | None:
    """Return the first line of the paragraph that a title outside the frame stands beside."""
    words = " ".join(ln.text for ln in group)
    if len(words.split()) > TITLE_WORDS or words[:1].islower() or ends_sentence(words):
        return None
    within = [ln for ln in text if ln.box[0] > frame[0] - 1 and ln.box[2] < frame[1] + 1]
    title = group[0]
    near = [ln for ln in within if abs(ln.base - title.base) < BESIDE * title.size]
    opening = [ln for ln in near if _opens(ln, within, frame[1])]
    return min(opening, key=lambda ln: abs(ln.base - title.base), default=None)


def _opens(line: Line, text: Sequence[Line], right: float) -> bool:
    """Return whether a line begins a paragraph: below a gap or a short line, or at the top."""
    above = [ln for ln in text if ln.base < line.base - 0.5 * line.size]
    last = max(above, key=lambda ln: ln.base, default=None)
    if last is None or line.base - last.base > GAP * line.size:
        return True
    return right - last.box[2] > GAP * line.size or last.size > 1.1 * line.size


def with_titles(lines: Sequence[Line], titles: Mapping[Place, SideTitle]) -> list[list[Line]]:
    """Return the lines of a paragraph in parts, each of which but the first has a side title."""
    parts: list[list[Line]] = []
    for line in lines:
        if not parts or place(line) in titles:
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts
