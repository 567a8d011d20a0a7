"""Find running heads, running feet and page numbers by what is repeated near the page's edges."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from reformqa.parsing.readers.pdf.frame import (
    LEAST_PAGES,
    LEAST_SHARE,
    SHIFT,
    TITLE,
    in_turn,
    is_label,
    outside,
)
from reformqa.parsing.readers.pdf.lines import Line, body_size
from reformqa.text.similarity import letters

#: Running lines are within this many rows of the top or bottom of a page.
DEPTH = 3
#: A running head has at most this many words.
HEAD_WORDS = 12

_FOLIO = re.compile(
    r"^[-–—|\s]*(?:page\s+)?[\divxl]{1,5}(?:\s*(?:of|/)\s*\d{1,4})?[-–—|\s]*$", re.IGNORECASE
)


def running_lines(pages: Sequence[Sequence[Line]]) -> set[int]:
    """Return the `id` of each running head, running foot and page number.

    Lines repeated near an edge are found by their words, the others by their place: heads that
    change with the chapter or section stand in one place outside the frame of the text.
    """
    found: set[int] = set()
    large = TITLE * body_size(ln for page in pages for ln in page if ln.upright)
    edges = {side: [_edge(page, from_top=side) for page in pages] for side in (True, False)}
    for rows in edges.values():
        found |= _repeated(rows, len(pages), large)
    found |= outside(pages, found)
    for rows in edges.values():
        found |= _folios(rows, found)
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


def _repeated(edges: Sequence[Sequence[Sequence[Line]]], pages: int, large: float) -> set[int]:
    slots: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for rows in edges:
        for line in (ln for row in rows for ln in row if not is_label(ln)):
            if not (key := _key(line)):
                continue
            near = next((k for k in slots if k[0] == key and abs(k[1] - line.base) <= SHIFT), None)
            slots[near or (key, round(line.base))].append(line)
    least = max(LEAST_PAGES, LEAST_SHARE * pages)
    known = [s for s in slots.values() if len({ln.page for ln in s}) >= least]
    known = [s for s in known if s[0].size < large or in_turn({ln.page for ln in s})]
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
