"""Find footnotes at the end of a column."""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.parsing.readers.pdf.content import RULE, PageContent, Shape
from reformqa.parsing.readers.pdf.lines import Line, note_start

#: The size of notes is at most this share of the text's size.
NOTE_SIZE = 0.94
#: The numbers of successive notes differ by at most this, because some may not be found.
NOTE_REACH = 40


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
