"""Find the frame of the text, and the lines that stand in one place outside it on many pages.

A running head may carry the title of its chapter or section, so that its words occur once. Its
place tells: text begins and ends at the frame, on almost every page, and what stands outside it in
the same place of several pages is no text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from reformqa.parsing.readers.pdf.lines import Line, body_size
from reformqa.text.similarity import letters

#: A running line is on at least this many pages, and on at least this share of them.
LEAST_PAGES = 3
LEAST_SHARE = 0.05
#: The most that its baseline shifts from page to page, in points.
SHIFT = 4.0
#: This share of the pages, and at least one, may have text outside the frame, as on a cover.
ASTRAY = 0.1
#: What stands outside the frame is beyond it by this share of the text's size.
BEYOND = 0.8
#: Lines of one paragraph are at most this many type sizes apart, or farther by the factor LOOSE
#: than is usual in a report that is set wide, up to FAR.
STEP = 1.7
LOOSE = 1.15
FAR = 3.0
#: Lines with fewer words than this may be a running head above or below a page number.
FEW_WORDS = 3
_LABEL = re.compile(r"^(?:recommendation|box|case study|figure|table)\b", re.IGNORECASE)
#: Type larger than the text's by this factor is a title, and running only if repeated in turn.
TITLE = 1.25
#: Fewer pages with text than this have no frame.
FRAMED = 4
#: The sides of the frame are those of the lines wider than this share of the widest.
WIDE = 0.5
#: A head in the side margin is on this share of the pages, because headings may stand there too.
SIDE_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class _Frame:
    """The edges of the text on most pages: baselines of its first and last lines, and sides.

    `step` is the most type sizes between the lines of one paragraph.
    """

    top: float
    bottom: float
    left: float
    right: float
    step: float


def outside(pages: Sequence[Sequence[Line]], found: set[int]) -> set[int]:
    """Return the `id` of each line that stands outside the text in a place of running lines.

    `found` has the running lines found already, which are not part of the text.
    """
    upright = [[ln for ln in page if ln.upright] for page in pages]
    size = body_size(ln for page in upright for ln in page)
    kept = [[ln for ln in page if id(ln) not in found] for page in upright]
    frame = _frame(kept, size)
    if frame is None:
        return set()
    least = max(LEAST_PAGES, LEAST_SHARE * len(pages))
    running: set[int] = set()
    for inward in (1, -1):
        edge = frame.top if inward > 0 else frame.bottom
        outer = [ln for page in upright for ln in _beyond(page, inward, edge, size, frame.step)]
        running |= _in_place(outer, least, size, [ln for page in kept[1:] for ln in page])
    return running | _beside(upright, frame, max(least, SIDE_SHARE * len(pages)))


def is_label(line: Line) -> bool:
    """Return whether a line is a label that many pages may begin with, and not a running head."""
    return bool(_LABEL.match(line.raw))


def _frame(pages: Sequence[Sequence[Line]], size: float) -> _Frame | None:
    step = max(STEP, LOOSE * _usual_step(pages, size))
    edges: list[tuple[float, float, float, float]] = []
    for page in pages:
        text = [
            ln for ln in page if 0.75 * size < ln.size < 1.1 * size and _has_next(ln, page, step)
        ]
        if len(text) > LEAST_PAGES:
            bases = [ln.base for ln in text]
            widest = max(ln.width for ln in text)
            wide = [ln for ln in text if ln.width > WIDE * widest]  # not those in the margin
            lefts, rights = [ln.box[0] for ln in wide], [ln.box[2] for ln in wide]
            edges.append((min(bases), max(bases), min(lefts), max(rights)))
    if len(edges) < FRAMED:
        return None
    tops, bottoms, lefts, rights = (sorted(each) for each in zip(*edges, strict=True))
    low = max(1, int(ASTRAY * len(edges)))
    return _Frame(tops[low], bottoms[-1 - low], lefts[low], rights[-1 - low], step)


def _usual_step(pages: Sequence[Sequence[Line]], size: float) -> float:
    """Return the median distance of a line of the text's size from the next, in type sizes."""
    steps: list[float] = []
    for page in pages:
        text = sorted((ln for ln in page if 0.9 * size < ln.size < 1.1 * size), key=_base)
        for n, line in enumerate(text):
            over = (ln.base - line.base for ln in text[n + 1 :] if _overlap(line, ln))
            steps += [s for s in (next(over, 0.0) / line.size,) if 0.5 < s < FAR]
    return median(steps) if steps else 0.0


def _base(line: Line) -> float:
    return line.base


def _overlap(a: Line, b: Line) -> bool:
    return a.box[0] < b.box[2] and a.box[2] > b.box[0]


def _has_next(line: Line, page: Sequence[Line], step: float) -> bool:
    """Return whether another line of the same paragraph stands above or below a line."""
    return any(
        0.5 * line.size < abs(other.base - line.base) < step * line.size
        and abs(other.size - line.size) < 0.07 * line.size
        and _overlap(line, other)
        and min(len(other.text.split()), len(line.text.split())) >= FEW_WORDS
        for other in page
    )


def _beyond(
    page: Sequence[Line], inward: int, edge: float, size: float, step: float
) -> Iterator[Line]:
    """Yield the lines outside an edge of the frame, without text that reaches out of it.

    `inward` is 1 at the top and -1 at the bottom.
    """
    limit = inward * edge - BEYOND * size
    ordered = sorted(page, key=lambda ln: -inward * ln.base)  # from within
    text = [ln for ln in ordered if inward * ln.base > limit]
    for line in (ln for ln in ordered if inward * ln.base <= limit):
        reaching = any(
            abs(other.base - line.base) < step * line.size
            and abs(other.size - line.size) < 0.07 * line.size
            for other in text
        )
        if reaching or _has_next(line, page, step):
            text.append(line)
        elif not is_label(line):
            yield line


def _in_place(lines: Iterable[Line], least: float, size: float, others: Sequence[Line]) -> set[int]:
    """Return the `id` of the lines whose place is that of lines on enough pages.

    Not so the headings of chapters that each begin a page: no two have the same words, and on pages
    between them text takes their place. `others` are all lines that may be text.
    """
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda ln: ln.base):
        if rows and line.base - rows[-1][0].base <= SHIFT:
            rows[-1].append(line)
        else:
            rows.append([line])
    found: set[int] = set()
    for row in rows:
        pages: dict[str, set[int]] = defaultdict(set)
        for line in row:
            pages[letters(line.raw)].add(line.page)
        small = [ln for ln in row if ln.size < TITLE * size or in_turn(pages[letters(ln.raw)])]
        apart = all(len(at) == 1 for at in pages.values())
        on = {ln.page for ln in row}
        taken = any(abs(ln.base - row[0].base) < SHIFT and ln.page not in on for ln in others)
        if len({ln.page for ln in small}) >= least and not (apart and taken):
            found |= {id(ln) for ln in small}
    return found


def in_turn(pages: set[int]) -> bool:
    """Return whether one of two successive pages has a line on enough pages, as with a head.

    A title that many chapters have, such as "References", stands on pages far apart.
    """
    near = sum(n + 1 in pages or n + 2 in pages for n in pages)
    return len(pages) >= LEAST_PAGES and near >= 0.5 * (len(pages) - 1)


def _beside(pages: Sequence[Sequence[Line]], frame: _Frame, least: float) -> set[int]:
    """Return the `id` of the lines of heads at the side of the text, in one place of many pages."""
    heads: dict[tuple[bool, int], list[list[Line]]] = defaultdict(list)
    for page in pages:
        for left in (True, False):
            column = [ln for ln in page if _is_beside(ln, frame, left=left)]
            column.sort(key=lambda ln: ln.base)
            block = column[:1]
            for line in column[1:]:
                if (
                    line.base - block[-1].base < frame.step * line.size
                    and line.look == block[0].look
                ):
                    block.append(line)
            if block:
                heads[left, round(block[0].base / SHIFT)].append(block)
    found: set[int] = set()
    for (left, place), blocks in heads.items():
        near = [*blocks, *heads.get((left, place + 1), ())]
        if len(near) >= least:
            found |= {id(ln) for block in near for ln in block}
    return found


def _is_beside(line: Line, frame: _Frame, *, left: bool) -> bool:
    within = frame.top - line.size < line.base < frame.bottom + line.size
    return within and (line.box[2] <= frame.left if left else line.box[0] >= frame.right)
