"""Check the tags of a PDF against its pages: many files have wrong ones.

A check returns why tags are not used, as words of the parse report, or "".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from reformqa.parsing.readers.pdf.content import PageContent
from reformqa.parsing.readers.pdf.grouping import ends_sentence
from reformqa.parsing.readers.pdf.lines import Line
from reformqa.parsing.readers.pdf.tables import Area, holds
from reformqa.parsing.readers.pdf.tagged_lines import Tagged, TaggedPage, paragraphs_of

#: Tags are not used if more than this share of the paragraphs contain several, or if so many are
#: parts of one (files that are right have at most .02 of either), or if headings hold this share
#: of the letters.
MERGED = 0.08
CUT = 0.05
HEADED = 0.25
#: At most this share of a page's letters may be untagged, in figures, or in whole sections.
UNTAGGED = 0.1
#: Lines in the outermost share of the page's height may be running heads and feet.
EDGE = 0.12
#: An untagged line elsewhere is text if it has more words than this.
LABEL_WORDS = 6
#: Labels and notes are smaller than this share of the text's size.
SMALL = 0.95


def doubt_of_file(tagged: Sequence[Tagged], steps: dict[int, float]) -> str:
    """Return why the tags of the file are not used, or ""."""
    elements = {t.element for t in tagged if t.element is not None}
    if not elements:
        return "no text is tagged"
    roles = {e.role for e in elements} - {"cell", "furniture"}
    if roles <= {"text"} and len({e.name for e in elements if e.role == "text"}) < 2:
        return "the tags name nothing but paragraphs"
    flowing = [(t, t.element) for t in tagged if t.flows and t.element is not None]
    headed = sum(t.letters for t, e in flowing if e.role == "heading")
    if headed > HEADED * sum(t.letters for t, _ in flowing):
        return "the tags make headings of the text"
    text = [t for t, e in flowing if e.role != "heading" and not e.loose]
    long = [t for t in text if len(t.lines) > 1]
    merged = sum(len(paragraphs_of(t.lines, steps)) > 1 for t in long)
    cut = sum(_is_cut(last, item) for last, item in pairwise(text))
    if merged > MERGED * len(long):
        return "the tags join paragraphs"
    return "the tags cut paragraphs" if cut > CUT * len(text) else ""


def _is_cut(last: Tagged, item: Tagged) -> bool:
    """Return whether two elements, one right below the other, read as one sentence."""
    end, first = last.lines[-1], item.lines[0]
    below = end.page == first.page and 0 < first.base - end.base < 3 * first.size
    begins = first.text[:1].islower() and not first.hanging
    return below and begins and not ends_sentence(end.text)


def doubt_of_page(
    page: TaggedPage,
    columns: Sequence[Sequence[Line]],
    feet: set[int],
    areas: Sequence[Area],
    steps: dict[int, float],
    size: float,
) -> str:
    """Return why the tags of a page are not used, or ""."""
    content, items = page.content, page.items
    if content.scanned:
        return "the text is that of a scan"
    untagged = [t for t in items if t.element is None or t.element.role == "furniture"]
    loose = [t for t in items if t.element is not None and t.element.loose]
    whole = [t for t in loose if len(paragraphs_of(t.lines, steps)) > 1]
    middle = [(t, ln) for t in untagged for ln in t.lines if _in_middle(ln, content)]
    letters = sum(t.letters for t in items)
    if any(_is_text(ln, size, figure=t.element is not None) for t, ln in middle):
        return "text without a tag"
    if sum(len(ln.whole) for _, ln in middle) > UNTAGGED * letters:
        return "text without a tag"
    if sum(t.letters for t in whole) > UNTAGGED * letters:
        return "a tag around whole sections"
    if any(_is_text_as_note(t, items, size) for t in items):
        return "text tagged as notes"
    if not _in_order(page, columns, feet):
        return "the tags are out of order"
    if any(_is_untagged_table(a, items) for a in areas if a.kind == "table"):
        return "a table without tags"
    return ""


def _is_text(line: Line, size: float, *, figure: bool) -> bool:
    """Return whether an untagged line, perhaps in a figure, is no label by its words or size."""
    return len(line.whole.split()) > LABEL_WORDS or (not figure and line.size > SMALL * size)


def _is_text_as_note(item: Tagged, page: Sequence[Tagged], size: float) -> bool:
    """Return whether an element tagged as a note has the text's size and is above some of it."""
    if item.element is None or item.element.role != "note":
        return False
    large = all(ln.size > SMALL * size for ln in item.lines)
    return large and any(ln.base > item.lines[0].base for t in page if t.flows for ln in t.lines)


def _in_middle(line: Line, content: PageContent) -> bool:
    return EDGE * content.height < line.base < (1 - EDGE) * content.height


def _in_order(page: TaggedPage, columns: Sequence[Sequence[Line]], feet: set[int]) -> bool:
    """Return whether the elements in each column follow one another from top to bottom.

    Running heads and feet may have any place in the order.
    """
    order = {id(ln): n for n, t in enumerate(page.items) for ln in t.lines}
    for column in columns:
        text = [ln for ln in column if id(ln) not in feet and _in_middle(ln, page.content)]
        for last, line in pairwise(text):
            if order[id(line)] < order[id(last)] and line.base > last.base + 2:
                return False
    rows = [t for t in page.items if t.element is not None and t.element.cell]
    return all(
        _row(above) >= _row(cell) or cell.lines[0].base >= above.lines[0].base - 2
        for above, cell in pairwise(rows)
    )


def _row(cell: Tagged) -> tuple[int, int]:
    """Return the table and the row of a cell."""
    return cell.element.cell[:2] if cell.element is not None and cell.element.cell else (0, 0)


def _is_untagged_table(area: Area, page: Sequence[Tagged]) -> bool:
    """Return whether what looks like a table is tagged as text without a heading."""
    roles = [
        t.element.role
        for t in page
        if t.element is not None and any(holds(area.box, ln) for ln in t.lines)
    ]
    return roles.count("cell") < 0.8 * len(roles) and "heading" not in roles
