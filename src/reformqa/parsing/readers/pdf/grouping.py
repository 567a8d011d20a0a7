"""Group the lines of a zone into paragraphs by spacing, indent, list mark and look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reformqa.parsing.inline import is_capitals
from reformqa.parsing.readers.pdf.lines import Line, body_size, note_start

#: A step between baselines larger than this multiple of the usual one begins a paragraph.
STEP = 1.2
#: The numbers of successive footnotes differ by at most this.
NOTE_SKIP = 3
#: The least indent, in ems.
INDENT = 0.45
#: A line of at least this many words that ends this share of the width short of the right edge,
#: without a full stop, is an entry in a list without marks.
LISTED = 4
SHORT = 0.2
#: Lines of one paragraph are at most this many type sizes apart.
WIDEST = 2.2
#: A change of type size by more than this share begins a paragraph.
RESIZED = 0.07

_ENDS = (".", "!", "?", ":", ";", "…")
#: Marks that begin an item or occur within a sentence.
_DASHES = "-–—*o"
#: The letter of an item without a full stop, as in contracts.
_LOOSE_LABEL = re.compile(r"^(?:[a-z]|[ivx]{1,4})\s")
#: What follows a figure such as "2.6", and not the number of an item: a small letter, or a unit.
AFTER_FIGURE = r"(?:[a-z%‰°×–-]|(?:[kMGT]Wh?|[kMG]t|[MG]b)\b)"
#: A figure within a sentence, or at its end.
_FIGURE = re.compile(rf"\d[\d.,]*(?:\s+{AFTER_FIGURE}|\.\s)")
#: A name in capitals.
_NAME = re.compile(r"\b[A-Z][A-Z'’.-]+ (?:[A-Z]\.? )?[A-Z][A-Z'’-]+\b")
#: A word that stands alone between two items.
_BETWEEN = re.compile(r"(?:AND|OR|AND/OR|EITHER)[.:]?")
_ADDRESS = re.compile(r"https?://|www\.")
_CLOSERS = "'\"’”)]»"


@dataclass(frozen=True, slots=True)
class Leading:
    """The usual step between baselines for each type size, and the size of the text, in points."""

    steps: dict[float, float]
    body: float = 10.0

    def of(self, size: float) -> float:
        """Return the usual step for lines of `size`, estimated if the report has too few."""
        usual = self.steps.get(round(self.body * 2) / 2, 1.25 * self.body) / self.body
        return self.steps.get(round(size * 2) / 2, usual * size)


def find_leading(columns: Iterable[Sequence[Line]]) -> Leading:
    """Return the most common step for each type size over all columns of a report."""
    steps: dict[float, Counter[float]] = {}
    columns = list(columns)
    for lines in columns:
        for last, line in pairwise(lines):
            step = line.base - last.base
            alike = abs(last.size - line.size) < RESIZED * line.size
            if alike and 0.85 * line.size < step < WIDEST * line.size:
                key = round(line.size * 2) / 2
                steps.setdefault(key, Counter())[round(step * 2) / 2] += 1
    common = {}
    for size, counts in steps.items():
        most = counts.most_common(1)[0][1]
        if sum(counts.values()) >= 3:
            common[size] = min(step for step, n in counts.items() if n >= 0.5 * most)
    return Leading(common, body_size(ln for lines in columns for ln in lines))


def ends_sentence(text: str) -> bool:
    """Return whether the last sentence of `text` is finished."""
    return text.rstrip(_CLOSERS + " ").endswith(_ENDS)


def split_notes(lines: Sequence[Line], after: int) -> list[list[Line]]:
    """Split the foot of a column into footnotes; their numbers follow the number `after`."""
    notes: list[list[Line]] = []
    for line in lines:
        start = note_start(line)
        number = int(start[0]) if start and start[0].isdecimal() else None
        in_turn = number is not None and (number == 1 or after < number <= after + NOTE_SKIP)
        if not notes or line.note or in_turn or (start and number is None):
            notes.append([line])
            after = number or after
        else:
            notes[-1].append(line)
    return notes


def split_paragraphs(lines: Sequence[Line], leading: Leading) -> list[list[Line]]:
    """Split a column or a box into paragraphs, from top to bottom."""
    if not lines:
        return []
    lines = [_with_mark(ln) for ln in lines]
    edges = _edges(lines)
    paragraphs = [[lines[0]]]
    for line, after in zip(lines[1:], [*lines[2:], None], strict=False):
        if _begins(paragraphs[-1], line, edges, leading) or (
            paragraphs[-1][0].hanging and _set_in(paragraphs[-1][-1], line, after, edges.right)
        ):
            paragraphs.append([line])
        else:
            paragraphs[-1].append(line)
    return paragraphs


def _with_mark(line: Line) -> Line:
    """Return the line with a raised number at its start as a mark of the sentence before it."""
    if not line.note:
        return line
    return replace(line, note=None, marks=((0, line.note), *line.marks))


@dataclass(frozen=True, slots=True)
class _Edges:
    """The edges of a column: where full lines end, and where most lines of each size begin.

    `flush` is whether the lines of an item begin to the left of its text, as below its mark.
    `firsts` are the `id` of the lines that alone are indented, as first lines of paragraphs are.
    """

    right: float
    lefts: dict[float, float]
    flush: bool
    firsts: frozenset[int]


def _edges(lines: Sequence[Line]) -> _Edges:
    right = _right(lines)
    below = [
        line.box[0] < last.x - INDENT * line.size
        for last, line in pairwise(lines)
        if last.hanging and not line.hanging and _goes_on(last, line, right)
    ]
    lefts = _lefts(lines, right)
    return _Edges(right, lefts, sum(below) > 0.5 * len(below), _firsts(lines, lefts))


def _firsts(lines: Sequence[Line], lefts: dict[float, float]) -> frozenset[int]:
    """Return the `id` of the indented lines between two lines that begin at the left edge."""
    found: set[int] = set()
    for last, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        left = lefts.get(round(line.size), line.box[0])
        flush = all(abs(ln.box[0] - left) < 1.5 and not ln.hanging for ln in (last, after))
        alike = last.look == line.look == after.look and last.size == line.size == after.size
        if flush and alike and not line.hanging and line.box[0] > left + INDENT * line.size:
            found.add(id(line))
    return frozenset(found)


def _right(lines: Sequence[Line]) -> float:
    """Return where full lines end: the ninth decile of the right edges."""
    edges = sorted(ln.box[2] for ln in lines)
    return edges[int(0.9 * (len(edges) - 1))]


def _lefts(lines: Sequence[Line], right: float) -> dict[float, float]:
    """Map each type size to the position where most of its lines begin.

    Lines that go on from a full line count before others: a list of short entries, each indented,
    has more lines at its indent than at its edge.
    """
    starts: dict[float, Counter[int]] = {}
    onward: dict[float, Counter[int]] = {}
    for last, line in zip([None, *lines], lines, strict=False):
        if line.hanging:
            continue
        size, place = round(line.size), round(line.box[0])
        starts.setdefault(size, Counter())[place] += 1
        if last is not None and not last.hanging and _goes_on(last, line, right):
            onward.setdefault(size, Counter())[place] += 1
    return {size: onward.get(size, counts).most_common(1)[0][0] for size, counts in starts.items()}


def _goes_on(last: Line, line: Line, right: float) -> bool:
    """Return whether a line goes on with the sentence of the line before, which is full."""
    alike = last.look == line.look and last.size == line.size
    return alike and not ends_sentence(last.text) and not fits_before(last, line, right)


def _begins(
    paragraph: Sequence[Line],
    line: Line,
    edges: _Edges,
    leading: Leading,
) -> bool:
    last = paragraph[-1]
    em, right = line.size, edges.right
    step = line.base - last.base
    usual = leading.of(min(last.size, line.size))
    if abs(last.size - line.size) > RESIZED * max(last.size, line.size):
        return True
    if step < -0.5 * em or (
        step > STEP * usual + 0.6 and not _set_wide(paragraph, line, step, right)
    ):
        return True
    if line.bullet is not None and line.bullet not in _DASHES:
        return True
    if _BETWEEN.fullmatch(line.text) or _BETWEEN.fullmatch(last.text):
        return True
    if line.hanging:
        return _is_item(paragraph[0], last, line, right, step, usual)
    if _one_heading(last, line, leading):
        return False
    fits = fits_before(last, line, right)
    done = ends_sentence(last.text) or fits
    if _changes_look(paragraph, line, fits=fits, done=done):
        return True
    if paragraph[0].hanging and edges.flush:  # a full line goes on, whatever it ends with
        done = fits
    first = id(line) in edges.firsts and len(paragraph) > 1 and not line.text[:1].islower()
    if first or _indented(paragraph, line, edges.lefts, done=done):
        return True
    left = edges.lefts.get(round(line.size), line.box[0])
    inset = min(line.box[0], last.box[0]) - left
    if len(paragraph) == 1 and inset > INDENT * em and fits_before(last, line, right - inset):
        return not line.text[:1].islower()  # one indented line after another
    if not fits or paragraph[0].hanging or line.text[:1].islower() or line.bold:
        return False
    if _FIGURE.match(line.text) and not paragraph[0].text[:1].isdigit():
        return ends_sentence(last.text)
    if ends_sentence(last.text):
        return not (last.text.endswith(":") and _ADDRESS.match(line.text))
    return _ends_entry(paragraph, right) and not _ADDRESS.match(line.text)


def _set_wide(paragraph: Sequence[Line], line: Line, step: float, right: float) -> bool:
    """Return whether a paragraph that is set wider than others of its size goes on at `line`."""
    last = paragraph[-1]
    if line.hanging or last.look != line.look or step > WIDEST * line.size:
        return False
    if len(paragraph) > 1 and not paragraph[0].hanging:
        return abs(step - (last.base - paragraph[-2].base)) < 0.6
    onward = line.text[:1].islower() and not _ADDRESS.match(line.text)
    return onward and _goes_on(last, line, right)


def _changes_look(paragraph: Sequence[Line], line: Line, *, fits: bool, done: bool) -> bool:
    """Return whether a change of weight, slant or capitals begins a paragraph at `line`."""
    last = paragraph[-1]
    if last.bold and not line.bold and _face(last) != _face(line):
        return fits or not line.opens_bold  # a heading as large as the text, even on a full line
    if last.bold and not line.bold and not line.opens_bold:
        sentence = last.text.endswith(".") and len(paragraph) * len(last.text) > 40
        if fits and not sentence:
            return True
    elif line.bold and not last.bold and done:
        return True
    capitals = is_capitals(line.text)
    if capitals != is_capitals(last.text) and not line.text[:1].isdigit():
        named = line if capitals else last
        goes_on = last.text.endswith(",") and not fits
        if _NAME.search(named.text) and (fits or capitals) and not goes_on:
            return True  # as in a list of people
    slanted = all(ln.italic for ln in paragraph) and not paragraph[0].hanging
    return last.look != line.look and done and slanted and not line.italic


def _face(line: Line) -> tuple[str, str]:
    """Return the family of a line's font, and its colour."""
    font, _, colour = line.look.partition(" ")
    return font.split("-")[0], colour


def _ends_entry(paragraph: Sequence[Line], right: float) -> bool:
    """Return whether the last line of `paragraph` ends an entry in a list without marks."""
    last = paragraph[-1]
    width = right - min(ln.box[0] for ln in paragraph)
    return (
        len(last.text.split()) >= LISTED
        and last.text[-1] not in ",-–"
        and right - last.box[2] > SHORT * width
    )


def _one_heading(last: Line, line: Line, leading: Leading) -> bool:
    """Return whether two large or bold lines of one look are one heading, whatever their indent."""
    loud = line.size > 1.12 * leading.body or (line.bold and last.bold)
    return loud and line.look == last.look and not last.text.rstrip().endswith((".", ";"))


def _is_item(first: Line, last: Line, line: Line, right: float, step: float, usual: float) -> bool:
    """Whether a line with a list mark begins an item, and is not part of a wrapped sentence."""
    if line.bullet and first.bullet == line.bullet and abs(first.box[0] - line.box[0]) < 2:
        return True
    within = line.prefix.startswith("(")  # "(a) … and (b) …" may be part of a sentence
    ended = ends_sentence(last.text) and not (within and last.text.endswith((";", ":")))
    ended = ended or (not within and last.text.rstrip().endswith((",", " and", " or")))
    out = line.box[0] < last.x - INDENT * line.size
    return ended or out or step > 1.08 * usual or right - last.box[2] > 4 * line.size


def _set_in(last: Line, line: Line, after: Line | None, right: float) -> bool:
    """Whether an indented paragraph begins below a list item, at the indent of the item's text."""
    if after is None or after.hanging or not ends_sentence(last.text):
        return False
    return after.box[0] < line.box[0] - INDENT * line.size and fits_before(last, line, right)


def fits_before(last: Line, line: Line, right: float) -> bool:
    """Whether the first word of `line` fits on the line before, so that the break is deliberate."""
    wide = first_word(line)
    return wide > 0 and right - last.box[2] > wide + 1.2 * line.size


def first_word(line: Line) -> float:
    """Return the width of the first word of a line, in points; 0 if it has none."""
    words = line.text.split()
    return line.width * len(words[0]) / len(line.text) if words else 0.0


def _indented(
    paragraph: Sequence[Line], line: Line, lefts: dict[float, float], *, done: bool
) -> bool:
    """Return whether an indent, or the end of one, begins a paragraph at `line`."""
    last, em = paragraph[-1], line.size
    first = paragraph[0]
    shift = line.box[0] - (last.x if last.hanging else last.box[0])
    if first.hanging:
        edge = min(first.x, *(ln.box[0] for ln in paragraph[1:])) if paragraph[1:] else first.x
        if line.box[0] < edge - INDENT * em:
            return done
        return len(paragraph) > 1 and shift > INDENT * em and done
    left = lefts.get(round(line.size), line.box[0])
    if shift > INDENT * em:
        out = len(paragraph) == 1 and abs(line.box[0] - left) < 1.5 and last.box[0] < left - 1.5
        hangs = out or (len(paragraph) == 1 and bool(_LOOSE_LABEL.match(last.text)))
        return not hangs and done
    if shift < -INDENT * em:
        opened = len(paragraph) == 1 and abs(line.box[0] - left) < 2.5
        return not opened and (done or (len(paragraph) > 1 and not line.text[:1].islower()))
    return False
