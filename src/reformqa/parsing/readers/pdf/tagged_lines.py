"""Share out the lines of a page among the elements of the file's structure tree.

Most lines belong to one element. A line of several, such as a row of a table, is read again for
each of them; labels, page numbers and note marks with a tag of their own stay in their line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from reformqa.parsing.readers.pdf.content import GlyphRun, PageContent
from reformqa.parsing.readers.pdf.graphics import hull
from reformqa.parsing.readers.pdf.grouping import ends_sentence
from reformqa.parsing.readers.pdf.lines import Line, read_lines
from reformqa.parsing.readers.pdf.structure_tree import Element, Marks

#: A label or a note's number tagged apart from its paragraph has at most this many letters, and
#: is at most so many ems before it.
LABEL_LETTERS = 7
LABEL_GAP = 6.0
#: A blank above a line that is larger than the usual step by this factor begins a paragraph.
BLANK = 1.3
#: The number of a paragraph that is tagged as a heading.
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3}){1,3}\.?")


@dataclass(frozen=True, slots=True)
class Tagged:
    """An element with its lines on one page; lines without a tag have no element."""

    element: Element | None
    lines: list[Line]

    @property
    def flows(self) -> bool:
        """Whether it is part of the running text."""
        return self.element is not None and self.element.role in ("text", "item", "heading")

    @property
    def letters(self) -> int:
        """The number of characters."""
        return sum(len(ln.whole) for ln in self.lines)


@dataclass(frozen=True, slots=True)
class TaggedPage:
    """A page: its running and turned lines, and its elements in the order of the tags."""

    content: PageContent
    heads: list[Line]
    items: list[Tagged]


def tagged_lines(content: PageContent, lines: Sequence[Line], marks: Marks) -> list[Tagged]:
    """Return the lines of each element on a page, in tag order."""
    sizes: Counter[Element | None] = Counter()
    for run in content.runs:
        if run.mark is not None and (element := marks.get((content.number, run.mark))):
            sizes[element] += sum(c.isalnum() for c in run.text)
    groups: dict[Element | None, list[Line]] = {}
    one = _sharing_lines(lines, content.number, marks)
    for line in lines:
        owners = _owners(line, content.number, marks)
        if len(owners) > 1 and not any(e.cell for e in owners):
            # The others are a label, a page number, or the mark of a note, which has its tag.
            main = [e for e in owners if sizes[e] > LABEL_LETTERS and e.role != "note"]
            main = main or [max(owners, key=lambda e: sizes[e])]
            owners = main if len(main) == 1 else owners
        if all(e.loose for e in owners):
            owners = list(dict.fromkeys(one.get(e, e) for e in owners))
        if len(owners) > 1:
            parts = list(_parted(content, line, marks))
        else:
            parts = [(owners[0] if owners else None, line)]
        for element, part in parts:
            groups.setdefault(element, []).append(part)
    _join_labels(groups)
    ordered = sorted(groups, key=lambda e: (e is None, e.order if e else 0))
    return [Tagged(e, sorted(groups[e], key=lambda ln: ln.order)) for e in ordered]


def _sharing_lines(lines: Sequence[Line], page: int, marks: Marks) -> dict[Element, Element]:
    """Map elements outside all blocks to the first of those that they share lines with.

    Together they are one paragraph: some programs give each part between two note marks a tag.
    """
    one: dict[Element, Element] = {}
    for line in lines:
        owners = _owners(line, page, marks)
        if len(owners) > 1 and all(e.loose for e in owners):
            first = min((one.get(e, e) for e in owners), key=lambda e: e.order)
            joined = {one.get(e, e) for e in owners}
            one |= {e: first for e in {*owners, *one} if one.get(e, e) in joined}
    return one


def _owners(line: Line, page: int, marks: Marks) -> list[Element]:
    """Return the elements that the words of a line belong to."""
    found = [marks.get((page, tag)) for tag in line.tags if tag is not None]
    return list(dict.fromkeys(e for e in found if e is not None))


def _parted(
    content: PageContent, line: Line, marks: Marks
) -> Iterator[tuple[Element | None, Line]]:
    """Yield the parts of a line that belong to different elements, as in a row of a table."""
    shares: dict[Element, list[GlyphRun]] = {}
    for run in content.runs:
        if run.mark is not None and _holds(line, run):
            element = marks.get((content.number, run.mark))
            if element is not None:
                shares.setdefault(element, []).append(run)
    for element, runs in shares.items():
        for part in read_lines(replace(content, runs=tuple(runs))):
            yield element, replace(part, order=line.order)


def _holds(line: Line, run: GlyphRun) -> bool:
    inside = line.box[0] - 1 <= run.x0 and run.x1 <= line.box[2] + 1
    return inside and line.box[1] - 1 <= run.base <= line.box[3] + 1


def _join_labels(groups: dict[Element | None, list[Line]]) -> None:
    """Join each label that is an element of its own to its paragraph, beside or below it."""
    kinds = ("text", "item", "note")
    paragraphs = [e for e in groups if e is not None and e.role in kinds]
    for element in [e for e in groups if e is not None and e.role in (*kinds, "heading")]:
        paragraphs = [e for e in paragraphs if e in groups]
        label, *others = groups[element]
        if others or sum(c.isalnum() for c in label.whole) > LABEL_LETTERS:
            continue
        beside: list[tuple[float, Element]] = []
        for other in paragraphs:
            first = groups[other][0]
            gap = (first.box[0] - label.box[2]) / first.size
            level = abs(first.base - label.base) < 0.5 * first.size
            if other is not element and level and -0.2 < gap < LABEL_GAP:
                beside.append((gap, other))
        below = [e for e in paragraphs if e.order > element.order]
        if beside and element.role != "heading":
            home = min(beside, key=lambda pair: pair[0])[1]
        elif element.role == "heading" and _NUMBER.fullmatch(label.whole) and below:
            home = min(below, key=lambda e: e.order)
        else:
            continue
        groups[home] = [_with_label(groups.pop(element)[0], groups[home][0]), *groups[home][1:]]


def _with_label(label: Line, line: Line) -> Line:
    """Return a line with the label that is printed before it."""
    bare = label.bullet is None and label.note is None
    return replace(
        line,
        raw=f"{label.raw} {line.raw}",
        box=hull((label.box, line.box)),
        order=min(label.order, line.order),
        bullet=label.bullet or line.bullet,
        label=(label.label or label.text if bare else None) or line.label,
        note=label.note or line.note,
        prefix=f"{label.whole or label.note} {line.prefix}",
        tags=label.tags | line.tags,
    )


def usual_steps(tagged: Sequence[Tagged]) -> dict[int, float]:
    """Return the median step within paragraphs for each type size, where there are a few."""
    found: dict[int, list[float]] = {}
    for item in tagged:
        for last, line in pairwise(item.lines if item.flows else ()):
            if 0.8 * line.size < line.base - last.base < 3 * line.size:
                found.setdefault(round(line.size), []).append(line.base - last.base)
    return {size: median(steps) for size, steps in found.items() if len(steps) > 2}


def paragraphs_of(lines: Sequence[Line], steps: dict[int, float]) -> list[list[Line]]:
    """Split an element that contains several paragraphs.

    One begins after a finished sentence, below a blank, in another size or weight, or with another
    label at the same indent.
    """
    first = lines[0]
    parts = [[first]]
    for last, line in pairwise(lines):
        blank = line.base - last.base > BLANK * steps.get(round(line.size), 1.3 * line.size)
        next_label = line.label is not None and first.label not in (None, line.label)
        next_label = next_label and abs(line.box[0] - first.box[0]) < 3
        resized = abs(last.size - line.size) > 0.07 * line.size or (line.bold and not last.bold)
        if ends_sentence(last.text) and (blank or next_label or resized):
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts
