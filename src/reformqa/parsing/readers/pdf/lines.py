"""Join a page's runs of text into lines, and separate note marks and list marks."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reformqa.parsing.inline import ligatures_apart
from reformqa.parsing.readers.pdf.content import RULE, GlyphRun, PageContent
from reformqa.parsing.readers.pdf.graphics import Box
from reformqa.parsing.readers.pdf.listings import join_listings, join_page_numbers
from reformqa.parsing.readers.pdf.strips import (
    BULLET,
    LABEL,
    SPACE,
    Strip,
    join_neighbours,
    strips,
)

#: A drop cap, and a large number before an item, exceed the size of the text by this factor.
DROP_CAP = 1.8
NUMERAL = 1.25
#: A note mark is at most this share of the type size, and raised by more than this share; one that
#: is raised high may be larger.
MARK_SIZE = 0.82
MARK_RISE = 0.12
HIGH_MARK, HIGH_RISE = 0.9, 0.3

_MARK = re.compile(r"^[\s,]*(?:\d{1,3}|[*†‡§]+)(?:[\s,–-]+\d{1,3})*[\s,]*$")
_NOTE_START = re.compile(r"^\s*(\d{1,3}|[*†‡§]+)[.:]?\s+(?=\S)")
#: Control characters, except a tab and the end of a line, and halves of surrogate pairs.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UNIT = re.compile(r"(?:^|[\d\s])[kcm]?m$")


@dataclass(slots=True)
class Line:
    """A line of text on a page.

    - `x`: the start of the text after a list mark.
    - `marks`: the note marks removed from the text, each with the number of characters before it.
    - `bullet`, `label`: the list mark removed from the start of the text.
    - `prefix`: the list mark as printed.
    - `note`: the raised number at the start, as in a footnote.
    - `tags`: the ids of the marked content that its words belong to; None for words without.
    """

    page: int
    text: str
    raw: str
    box: Box
    x: float
    base: float
    size: float
    look: str
    bold: bool
    italic: bool
    order: int
    marks: tuple[tuple[int, str], ...] = ()
    bullet: str | None = None
    label: str | None = None
    prefix: str = ""
    note: str | None = None
    upright: bool = True
    opens_bold: bool = False
    closes_bold: bool = False
    tags: frozenset[int | None] = frozenset()

    @property
    def hanging(self) -> bool:
        """Whether the line starts with a list mark."""
        return self.bullet is not None or self.label is not None

    @property
    def whole(self) -> str:
        """The text with its list mark."""
        return self.prefix + self.text

    @property
    def width(self) -> float:
        """The width in points."""
        return self.box[2] - self.box[0]


def read_lines(content: PageContent) -> list[Line]:
    """Return the lines of a page in drawing order; rotated text is last, and not `upright`."""
    runs = _distinct(content.runs)
    if any(r.visible for r in runs) and sum(len(r.text) for r in runs if r.visible) > 200:
        runs = [r for r in runs if r.visible]  # without an invisible copy of the visible text
    walls = [s.box for s in content.shapes if s.width < RULE and s.height > 6]
    upright, caps = _without_drop_caps([r for r in runs if not r.angle])
    parts = join_neighbours(join_page_numbers(strips(upright, walls)), walls)
    lines = [_line(p, content.number) for p in join_listings(parts)]
    for cap in caps:
        _with_drop_cap(lines, cap)
    lines += [_turned(r, content.number, len(runs) + n) for n, r in enumerate(runs) if r.angle]
    return [ln for ln in lines if ln.text or ln.hanging]


def _distinct(runs: Sequence[GlyphRun]) -> list[GlyphRun]:
    """Return the runs without second copies in the same place, drawn as a shadow or for weight."""
    seen: dict[str, list[tuple[float, float]]] = {}  # the places of each text, downwards
    kept = []
    for run in runs:
        near = 0.3 * min(run.x1 - run.x0, run.size)
        places = seen.setdefault(run.text, [])
        level = places[
            bisect_left(places, (run.base - near,)) : bisect_left(places, (run.base + near,))
        ]
        if not any(abs(base - run.base) < near and abs(x - run.x0) < near for base, x in level):
            kept.append(run)
            insort(places, (run.base, run.x0))
    return kept


def _without_drop_caps(runs: Sequence[GlyphRun]) -> tuple[list[GlyphRun], list[GlyphRun]]:
    """Return the other runs, and the drop caps: large first letters beside several lines."""
    sizes: Counter[float] = Counter()
    for run in runs:
        sizes[round(run.size)] += len(run.text)
    usual = sizes.most_common(1)[0][0] if sizes else 0
    large = [r for r in runs if r.size > DROP_CAP * usual]
    caps = [
        r
        for r in large
        if len(r.text.strip()) == 1
        and r.text.strip().isupper()
        and not any(o is not r and abs(o.base - r.base) < 0.3 * r.size for o in large)
    ]
    return [r for r in runs if r not in caps], caps


def _with_drop_cap(lines: list[Line], cap: GlyphRun) -> None:
    """Put a drop cap back before its word, and extend the lines beside it to its left edge."""
    near = [
        ln
        for ln in lines
        if cap.box[1] < ln.base < cap.base + 1.5 * ln.size
        and -1 < ln.box[0] - cap.x1 < 2.5 * ln.size
        and ln.size < cap.size
    ]
    beside = [ln for ln in near if ln.base < cap.base + 0.3 * ln.size]
    # The blank below a letter may reach to one more line.
    lefts = {round(ln.box[0]) for ln in beside}
    beside += [ln for ln in near if ln not in beside and round(ln.box[0]) in lefts]
    if not beside:
        return
    first = min(beside, key=lambda ln: ln.base)
    first.text = cap.text.strip() + first.text
    first.raw = cap.text.strip() + first.raw
    for line in beside:
        line.box = (cap.x0, *line.box[1:])
        line.x = cap.x0


def _line(strip: Strip, page: int) -> Line:
    runs = sorted(strip.runs, key=lambda r: r.x0)
    whole, raw, marks, note = _written(runs, strip)
    text, bullet, number = _list_mark(whole)
    if number is None and bullet is None and _is_numeral(runs, strip):
        number, text = runs[0].text.strip(), whole[len(runs[0].text.strip()) :].lstrip()
    if strip.label is not None:
        number, text = strip.label, whole.removeprefix(strip.label).lstrip()
    taken = len(whole) - len(text)
    looks: Counter[str] = Counter()
    for run in runs:
        looks[run.look] += len(run.text.strip())
    lettered = [r for r in runs if any(c.isalnum() for c in r.text)] or runs
    sized = [r for r in lettered if not _is_mark(r, strip)] or lettered
    top, bottom = min(r.box[1] for r in runs), max(r.box[3] for r in runs)
    return Line(
        page,
        text,
        raw,
        (strip.x0, top, strip.x1, bottom),
        _text_start(runs, whole[:taken]),
        strip.base,
        strip.size,
        looks.most_common(1)[0][0],
        all(r.bold for r in sized),
        all(r.italic for r in sized),
        strip.order,
        tuple((max(0, at - taken), label) for at, label in marks),
        bullet,
        number,
        whole[:taken],
        note,
        opens_bold=sized[0].bold,
        closes_bold=sized[-1].bold,
        tags=frozenset(r.mark for r in runs if r.text.strip()),
    )


def _written(
    runs: Sequence[GlyphRun], strip: Strip
) -> tuple[str, str, list[tuple[int, str]], str | None]:
    """Return a line's text without and with note marks, the marks, and a mark at its start."""
    words: list[str] = []
    raw: list[str] = []
    marks: list[tuple[int, str]] = []
    note: str | None = None
    last: GlyphRun | None = None
    right = runs[0].x0
    for run in runs:
        spaced = run.x0 - right > SPACE * strip.size
        right = max(right, run.x1)
        done = "".join(words)
        if _is_mark(run, strip) and not _UNIT.search(done):
            label = re.sub(r"\s", "", run.text).strip(",")
            at = len(_spaced(done))
            if marks and not spaced and last is not None and _is_mark(last, strip):
                marks[-1] = (at, marks[-1][1] + label)  # drawn digit by digit
            elif done.strip():
                marks.append((at, label))
            else:
                note = (note or "") + label
        else:
            if spaced and done and not done.endswith(" ") and not run.text.startswith(" "):
                words.append(" ")
                raw.append(" ")
            words.append(run.text)
        raw.append(run.text)
        last = run
    return _spaced("".join(words)), _spaced("".join(raw)), marks, note


def _is_numeral(runs: Sequence[GlyphRun], strip: Strip) -> bool:
    """Return whether a line starts with a large number, as in some lists of recommendations."""
    number = runs[0].text.strip()
    return number.isdigit() and len(number) <= 2 and runs[0].size > NUMERAL * strip.size


def _text_start(runs: Sequence[GlyphRun], prefix: str) -> float:
    """Return where the text begins after the list mark `prefix`."""
    taken = len(prefix.replace(" ", ""))
    for run in runs:
        length = len("".join(run.text.split()))
        if taken < length:
            return run.x0 + (run.x1 - run.x0) * taken / length
        taken -= length
    return runs[0].x0


def _turned(run: GlyphRun, page: int, order: int) -> Line:
    text = _spaced(run.text)
    box = (run.x0, run.base - max(run.size, run.x1 - run.x0), run.x1, run.base)
    look = (run.look, run.bold, run.italic)
    tags = frozenset({run.mark})
    place = (box, run.x0, run.base, run.size)
    return Line(page, text, text, *place, *look, order, upright=False, tags=tags)


def _is_mark(run: GlyphRun, strip: Strip) -> bool:
    size, rise = run.size / strip.size, (strip.base - run.base) / strip.size
    small = size <= MARK_SIZE and rise > MARK_RISE
    high = size <= HIGH_MARK and rise > HIGH_RISE
    return ((small or high) and bool(_MARK.match(run.text))) or bool(
        re.match(r"^[¹²³⁴-⁹⁰]+$", run.text.strip())
    )


def _list_mark(text: str) -> tuple[str, str | None, str | None]:
    """Return the text without its list mark, and the bullet or the label."""
    if bullet := BULLET.match(text):
        return text[bullet.end() :], bullet[1], None
    if label := LABEL.match(text):
        return text[label.end() :], None, (label[1] or label[2]).strip("().")
    return text, None, None


def _spaced(text: str) -> str:
    """Return `text` without ligatures, control characters and repeated spaces.

    A soft hyphen is kept only at the end.
    """
    text = ligatures_apart(text)
    text = _CONTROLS.sub("", text)
    soft = text.rstrip().endswith("\u00ad")
    text = " ".join(text.replace("\u00ad", "").split())
    return f"{text}\u00ad" if soft else text


def note_start(line: Line) -> tuple[str, str] | None:
    """Return the number and the text of a line that starts like a footnote, or None."""
    if line.note:
        return line.note, line.text
    if line.label and line.label.isdigit():
        return line.label, line.text
    match = _NOTE_START.match(line.text)
    return (match[1], line.text[match.end() :]) if match else None


def body_size(lines: Iterable[Line]) -> float:
    """Return the type size of most of the text, in points."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0
