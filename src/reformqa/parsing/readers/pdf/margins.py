"""Find what is in the margins of a page: running heads and feet, page numbers, footnotes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from reformqa.parsing.readers.pdf.content import RULE, PageContent, Shape
from reformqa.parsing.readers.pdf.lines import Line, note_start
from reformqa.text.similarity import letters

#: Running lines are within this many rows of the top or bottom of a page.
DEPTH = 3
#: A running line is on at least this many pages, and on at least this share of them.
LEAST_PAGES = 3
LEAST_SHARE = 0.05
#: The most that its baseline shifts from page to page, in points.
SHIFT = 4.0
#: A running head has at most this many words.
HEAD_WORDS = 12
#: The size of notes is at most this share of the text's size.
NOTE_SIZE = 0.94
#: The numbers of successive notes differ by at most this, because some may not be found.
NOTE_REACH = 40

_FOLIO = re.compile(r"^(?:page\s+)?[\divxl]{1,5}(?:\s*(?:of|/)\s*\d{1,4})?$", re.IGNORECASE)


def running_lines(pages: Sequence[Sequence[Line]]) -> set[int]:
    """Return the `id` of each running head, running foot and page number."""
    found: set[int] = set()
    for from_top in (True, False):
        edges = [_edge(page, from_top=from_top) for page in pages]
        found |= _repeated(edges, len(pages))
        found |= _folios(edges, found)
    return found


def _edge(page: Sequence[Line], *, from_top: bool) -> list[list[Line]]:
    """Return the outermost rows of lines of a page, outermost first."""
    rows: list[list[Line]] = []
    upright = [ln for ln in page if ln.upright]
    for line in sorted(upright, key=lambda ln: ln.base if from_top else -ln.base):
        if rows and abs(rows[-1][0].base - line.base) < SHIFT:
            rows[-1].append(line)
        elif len(rows) == DEPTH:
            break
        else:
            rows.append([line])
    return rows


def _key(line: Line) -> str:
    """Return the part of a running line that is the same on every page: without its number."""
    return re.sub(r"\d+|\b[ivxl]+\b", "", letters(line.raw))


def _label(line: Line) -> bool:
    """Return whether a line is a label that many pages may begin with, and not a running head."""
    return bool(re.match(r"^(?:recommendation|box|case study|figure|table)\b", line.raw, re.I))


def _repeated(edges: Sequence[Sequence[Sequence[Line]]], pages: int) -> set[int]:
    slots: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for rows in edges:
        for line in (ln for row in rows for ln in row if not _label(ln)):
            if not (key := _key(line)):
                continue
            near = next((k for k in slots if k[0] == key and abs(k[1] - line.base) <= SHIFT), None)
            slots[near or (key, round(line.base))].append(line)
    least = max(LEAST_PAGES, LEAST_SHARE * pages)
    known = [s for s in slots.values() if len({ln.page for ln in s}) >= least]
    found = {id(ln) for slot in known for ln in slot}
    words = {(_key(slot[0]), slot[0].look) for slot in known}
    places = [(slot[0].base, slot[0].look) for slot in known]
    for rows in (r for r in edges if r):
        # A short chapter has a head of its own: in a known place and look, apart from the text.
        below = [ln for row in rows[1:2] for ln in row]
        for line in rows[0]:
            known_place = any(
                abs(line.base - y) <= SHIFT and line.look == look for y, look in places
            )
            in_text = any(
                ln.look == line.look and abs(ln.base - line.base) < 2 * line.size for ln in below
            )
            if known_place and not in_text and len(line.text.split()) <= HEAD_WORDS:
                found.add(id(line))
            if (_key(line), line.look) in words:
                found.add(id(line))  # on some pages the head is slightly out of place
    return found


def _folios(edges: Sequence[Sequence[Sequence[Line]]], found: set[int]) -> set[int]:
    """Return the `id` of each page number alone in the outermost row without a running head."""
    folios: set[int] = set()
    for rows in edges:
        for row in rows:
            if all(id(ln) in found for ln in row):
                continue
            numbers = [ln for ln in row if _FOLIO.match(ln.raw.strip())]
            others = [ln for ln in row if ln not in numbers and id(ln) not in found]
            if numbers and not others:
                folios.update(id(ln) for ln in numbers)
            break
    return folios


def note_lines(
    column: Sequence[Line], content: PageContent, size: float, last: int, *, goes_on: bool
) -> int:
    """Return the number of lines at the end of a column that are footnotes.

    Footnotes are below a rule, or start with the next number in small type. `size` is the type
    size of the text, `last` the number of the last note so far, and `goes_on` whether that note
    is unfinished.
    """
    count = 0
    for line in reversed(column):
        if line.size > NOTE_SIZE * size:
            break
        count += 1
    if not count:
        return 0
    tail = column[len(column) - count :]
    first = next((i for i, ln in enumerate(tail) if _starts_note(ln, last)), None)
    ruled = next((i for i, ln in enumerate(tail) if _rule_above(ln, content, column)), None)
    if ruled is not None and (goes_on or any(note_start(ln) for ln in tail[ruled:])):
        return count - min(ruled, first if first is not None and ruled > 0 else ruled)
    above = column[: len(column) - count]
    if not any(abs(ln.size - size) < 0.06 * size for ln in above):
        return 0  # the column is a list of references in small type
    return 0 if first is None else count - first


def _starts_note(line: Line, last: int) -> bool:
    start = note_start(line)
    if start is None:
        return False
    if not start[0].isdecimal():
        return True
    return int(start[0]) == 1 or last < int(start[0]) <= last + NOTE_REACH


def _rule_above(line: Line, content: PageContent, column: Sequence[Line]) -> bool:
    """Return whether a rule separates a line from the lines above it in its column."""
    above = [ln.base for ln in column if ln.base < line.base - 0.5 * line.size]
    ceiling = max(above, default=0.0)
    for shape in content.shapes:
        if shape.height > RULE or shape.width < 20:
            continue
        y = (shape.box[1] + shape.box[3]) / 2
        if any(ln.base < y < ln.base + 0.4 * ln.size and _over(shape, ln) for ln in column):
            continue  # the underline of a link
        across = shape.box[0] < line.box[0] + 40 and shape.box[2] > line.box[0]
        if across and ceiling < y < line.base - 0.5 * line.size and line.base - y < 5 * line.size:
            return True
    return False


def _over(shape: Shape, line: Line) -> bool:
    return shape.box[0] < line.box[2] and shape.box[2] > line.box[0]
