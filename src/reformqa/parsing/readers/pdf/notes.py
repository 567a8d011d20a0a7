"""Tell the footnotes at the end of a column from its text, by size, rule, number and mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reformqa.parsing.readers.pdf.content import RULE, PageContent, Shape
from reformqa.parsing.readers.pdf.lines import Line, note_start

#: Notes are in small type if its size is at most this share of the text's, in nearly as large type
#: if it is at most NEARLY.
SMALL = 0.94
NEARLY = 0.985
#: The numbers of successive notes differ by at most this, because some may not be found.
NOTE_REACH = 40
#: The votes that make a note; see `_votes`.
ENOUGH = 3


@dataclass(slots=True)
class NoteCount:
    """The number of the last footnote on the pages so far, and whether it is unfinished."""

    last: int = 0
    goes_on: bool = False

    def add(self, notes: Sequence[Line]) -> None:
        """Count the footnotes of a column."""
        for line in notes:
            start = note_start(line)
            if start and start[0].isdecimal() and self.last < int(start[0]) <= self._reach:
                self.last = int(start[0])
        self.goes_on = not notes[-1].text.rstrip().endswith((".", "]", ")"))

    def is_next(self, number: str) -> bool:
        """Return whether a note of this number may be the next: a sign, or a number in turn."""
        return not number.isdecimal() or number == "1" or self.last < int(number) <= self._reach

    @property
    def _reach(self) -> int:
        return self.last + NOTE_REACH


@dataclass(frozen=True, slots=True)
class NoteMarks:
    """The note marks on a page, and those among them in type as large as the report's text."""

    found: frozenset[str]
    in_text: frozenset[str]


def marks_in(lines: Sequence[Line], size: float) -> NoteMarks:
    """Return the note marks on a page; `size` is the type size of the report's text."""
    return NoteMarks(_marks(lines), _marks(ln for ln in lines if ln.size > SMALL * size))


def _marks(lines: Iterable[Line]) -> frozenset[str]:
    labels = (label for line in lines for _, label in line.marks)
    return frozenset(mark for label in labels for mark in label.split(","))


def note_lines(
    column: Sequence[Line],
    content: PageContent,
    size: float,
    marks: NoteMarks,
    notes: NoteCount,
) -> int:
    """Return the number of lines at the end of a column that are footnotes.

    `size` is the type size of the report's text, `marks` the note marks on the page;
    `notes` counts the notes of the pages so far.
    """
    body = _exact(column, size)
    rules = _rules(content, column)
    count = 0
    largest = 0.0
    for n in range(len(column) - 1, -1, -1):
        line = column[n]
        largest = max(largest, line.size)
        if largest > 1.02 * body:
            break
        if largest < 1.05 * line.size and _votes(column, n, body, marks, rules, notes) >= ENOUGH:
            count = len(column) - n
    return count


def _exact(column: Sequence[Line], size: float) -> float:
    """Return the exact type size of the text in a column; `size` is rounded to half a point."""
    sizes: Counter[float] = Counter()
    for line in column:
        if abs(line.size - size) <= 0.5:
            sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else size


def _votes(
    column: Sequence[Line],
    n: int,
    body: float,
    marks: NoteMarks,
    rules: Sequence[Shape],
    notes: NoteCount,
) -> int:
    """Return the number of votes for the notes of a column to begin at line `n`, 0 to 5.

    A rule above, small type, and a number that the text has as a mark have two votes each; type
    nearly as large, and a raised number in turn, one.
    """
    line = column[n]
    small = 2 if line.size <= SMALL * body else 1 if line.size <= NEARLY * body else 0
    start = note_start(line)
    if not small and not line.note:
        return 0
    raised = start is not None and bool(line.note) and notes.is_next(start[0])
    marked = start is not None and start[0] in marks.found
    below_text = n > 0 and any(note_start(ln) for ln in column[n:])
    opens = raised or marked or notes.goes_on or below_text
    if opens and _rule_above(line, rules, column):
        return small + 2 if small else ENOUGH
    if start is None or not small:
        return 0
    beside = start[0] in marks.in_text
    if not beside and not any(abs(ln.size - body) < 0.06 * body for ln in column[:n]):
        return 0  # without text above or beside, a column in small type is a list of references
    return small + raised + 2 * marked


def _rules(content: PageContent, column: Sequence[Line]) -> list[Shape]:
    """Return the rules on a page that do not underline a link in the column."""
    return [
        s
        for s in content.shapes
        if s.height <= RULE
        and s.width >= 20
        and not any(
            ln.base < (s.box[1] + s.box[3]) / 2 < ln.base + 0.4 * ln.size and _over(s, ln)
            for ln in column
        )
    ]


def _rule_above(line: Line, rules: Sequence[Shape], column: Sequence[Line]) -> bool:
    """Return whether a rule separates a line from the lines above it in its column."""
    above = [ln.base for ln in column if ln.base < line.base - 0.5 * line.size]
    ceiling = max(above, default=0.0)
    for rule in rules:
        y = (rule.box[1] + rule.box[3]) / 2
        across = rule.box[0] < line.box[0] + 40 and rule.box[2] > line.box[0]
        if across and ceiling < y < line.base - 0.5 * line.size and line.base - y < 5 * line.size:
            return True
    return False


def _over(shape: Shape, line: Line) -> bool:
    return shape.box[0] < line.box[2] and shape.box[2] > line.box[0]
