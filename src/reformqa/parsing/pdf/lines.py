"""Put a page's runs of text together into lines, note marks taken out and list marks told."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reformqa.parsing.inline import ligatures_apart
from reformqa.parsing.pdf.positions import Box, PageContent, Run

#: Gaps in ems: a space, runs that surely belong together, and the widest in justified text.
SPACE = 0.16
TOGETHER = 0.75
JUSTIFIED = 5.0
#: Between a list mark and its text.
MARK_GAP = 6.0
#: A contents list has at least this many page numbers.
LISTED = 4
#: A large first letter, and a large number before an item, exceed the text's size by this factor.
DROP_CAP = 1.8
NUMERAL = 1.25
#: A note mark is at most this share of the type size, and raised by this share of it.
MARK_SIZE = 0.82
MARK_RISE = 0.12

BULLETS = "•●▪◦■□–—‣∙·►➢➤→◆❯✓✔o-*\uf0b7\uf0a7\uf0d8\uf02d\uf0fc\u2043\u25aa\u25cf\u25fc\u25b6"
_BULLET = re.compile(rf"^([{re.escape(BULLETS)}])(?:\s+(?=\S)|$)")
_LABEL = re.compile(
    r"^(\(?(?:\d{1,3}(?:\.\d{1,3}){0,3}|[a-z]|[ivxl]{1,5})[.)]|\d{1,3}\.\d{1,3})(?:\s+(?=\S)|$)"
    r"|^((?:[a-z]|\d{1,3})\.)(?=[A-Z])"
)
_MARK = re.compile(r"^[\s,]*(?:\d{1,3}|[*†‡§]+)(?:[\s,–-]+\d{1,3})*[\s,]*$")
#: A contents list's page number, where it has one after the number of a paragraph.
_PAGE_NUMBER = re.compile(r"(?:\d{1,3}\.\d{1,3}\s*|[.·…_\s]*\s)?\d{1,3}")
_NOTE_START = re.compile(r"^\s*(\d{1,3}|[*†‡§]+)[.:]?\s+(?=\S)")
_UNIT = re.compile(r"(?:^|[\d\s])[kcm]?m$")


@dataclass(slots=True)
class Line:
    """One line of text on a page.

    `marks` are the note marks taken out of the text, each with the number of characters before
    it; `bullet` and `label` are the list mark that the line starts with, also taken out;
    `prefix` is that mark as printed. `note` is the raised number that it starts with, as a
    footnote does. `x` is where its text starts, the list mark apart.
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

    @property
    def hanging(self) -> bool:
        """Whether it starts with a list mark."""
        return self.bullet is not None or self.label is not None

    @property
    def whole(self) -> str:
        """Its text with the list mark that it starts with."""
        return self.prefix + self.text

    @property
    def width(self) -> float:
        """In points."""
        return self.box[2] - self.box[0]


@dataclass(slots=True)
class _Piece:
    """Runs that stand next to one another on one baseline."""

    runs: list[Run]
    order: int
    x0: float = field(init=False)
    x1: float = field(init=False)
    base: float = field(init=False)
    size: float = field(init=False)

    def __post_init__(self) -> None:
        self._measure()

    def _measure(self) -> None:
        weight: Counter[tuple[float, float]] = Counter()
        for run in self.runs:
            weight[(run.base, run.size)] += len(run.text.strip())
        self.base, self.size = max(weight, key=lambda k: (weight[k], k[1]))
        self.x0 = min(r.x0 for r in self.runs)
        self.x1 = max(r.x1 for r in self.runs)

    def take(self, other: _Piece) -> None:
        self.runs += other.runs
        self.order = min(self.order, other.order)
        self._measure()

    @property
    def text(self) -> str:
        """Its words, spaced as drawn."""
        words: list[str] = []
        right = None
        for run in sorted(self.runs, key=lambda r: r.x0):
            if right is not None and run.x0 - right > SPACE * self.size:
                words.append(" ")
            words.append(run.text)
            right = run.x1
        return " ".join("".join(words).split())


def read_lines(content: PageContent) -> list[Line]:
    """The lines of a page, in drawing order; turned text last, marked as not upright."""
    runs = _distinct(content.runs)
    if any(r.visible for r in runs) and sum(len(r.text) for r in runs if r.visible) > 200:
        runs = [r for r in runs if r.visible]  # an invisible copy under visible text
    walls = [s.box for s in content.shapes if s.width < 2.6 and s.height > 6]
    upright, caps = _without_drop_caps([r for r in runs if not r.angle])
    lines = [_line(p, content.number) for p in _pieces(upright, walls)]
    for cap in caps:
        _with_drop_cap(lines, cap)
    lines += [_turned(r, content.number, len(runs) + n) for n, r in enumerate(runs) if r.angle]
    return [ln for ln in lines if ln.text or ln.hanging]


def _distinct(runs: Sequence[Run]) -> list[Run]:
    """The runs without those drawn twice in one place, as a shadow or for weight."""
    seen: dict[str, list[Run]] = {}
    kept = []
    for run in runs:
        near = 0.3 * min(run.x1 - run.x0, run.size)
        same = seen.setdefault(run.text, [])
        if not any(abs(r.x0 - run.x0) < near and abs(r.base - run.base) < near for r in same):
            kept.append(run)
            same.append(run)
    return kept


def _without_drop_caps(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """The runs, and the large first letters that reach over several of their lines."""
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


def _with_drop_cap(lines: list[Line], cap: Run) -> None:
    """Give a large first letter back to its word, and the lines beside it their edge."""
    beside = [
        ln
        for ln in lines
        if cap.box[1] < ln.base < cap.base + 0.3 * ln.size
        and -1 < ln.box[0] - cap.x1 < 2.5 * ln.size
        and ln.size < cap.size
    ]
    if not beside:
        return
    first = min(beside, key=lambda ln: ln.base)
    first.text = cap.text.strip() + first.text
    first.raw = cap.text.strip() + first.raw
    for line in beside:
        line.box = (cap.x0, *line.box[1:])
        line.x = cap.x0


def _pieces(runs: Sequence[Run], walls: Sequence[Box]) -> list[_Piece]:
    """Runs put together; `walls` are the upright rules that part a table's cells."""
    pieces: list[_Piece] = []
    for order, run in enumerate(runs):
        piece = _Piece([run], order)
        last = pieces[-1] if pieces else None
        near = last and _level(last, piece) and -0.4 < _gap(last, piece) < TOGETHER
        if last and near and not _walled(last, piece, walls):
            last.take(piece)
        else:
            pieces.append(piece)
    return _neighbours_joined(pieces, walls)


def _walled(left: _Piece, right: _Piece, walls: Sequence[Box]) -> bool:
    """Whether an upright rule stands between two pieces."""
    y = left.base - 0.3 * left.size
    return any(left.x1 - 1 <= w[0] <= right.x0 + 1 and w[1] < y < w[3] for w in walls)


def _gap(left: _Piece, right: _Piece) -> float:
    """The space between two pieces in ems; negative where they overlap."""
    return (right.x0 - left.x1) / max(left.size, right.size)


def _level(a: _Piece, b: _Piece) -> bool:
    """Whether they stand on one baseline, a raised or lowered small piece included."""
    low, high = sorted((a, b), key=lambda p: p.size)
    shift = abs(a.base - b.base)
    if low.size < 0.85 * high.size and len(low.text) <= 12:
        return shift < 0.55 * high.size
    return shift < 0.2 * high.size


def _neighbours_joined(pieces: list[_Piece], walls: Sequence[Box]) -> list[_Piece]:
    """Join what was drawn apart: list marks, words of a justified line, raised marks."""
    pieces.sort(key=lambda p: (p.base, p.x0))
    bases = [p.base for p in pieces]
    gone: set[int] = set()
    for i, piece in sorted(enumerate(pieces), key=lambda pair: (pair[1].x0, pair[1].base)):
        if i in gone:
            continue
        while (j := _right_of(pieces, bases, i, gone, walls)) is not None:
            gone.add(j)
            piece.take(pieces[j])
    kept = [p for i, p in enumerate(pieces) if i not in gone]
    return sorted(_listing_joined(kept), key=lambda p: p.order)


def _listing_joined(pieces: list[_Piece]) -> list[_Piece]:
    """Put a contents list's page numbers, set apart at either edge, to their titles."""
    after = [p for p in pieces if _PAGE_NUMBER.fullmatch(p.text) and _beside(p, pieces)]
    before = [p for p in pieces if p.text.isdigit() and _beyond(p, pieces)]
    gone: set[int] = set()
    for number in _one_edge(after, [p.x1 for p in after]):
        titles = [p for p in _beside(number, pieces) if id(p) not in gone]
        if titles:
            gone.add(id(number))
            max(titles, key=lambda p: p.x1).take(number)
    for number in _one_edge(before, [p.x0 for p in before]):
        title = min(_beyond(number, pieces), key=lambda p: p.x0)
        if id(number) not in gone and id(title) not in gone:
            gone.add(id(title))
            number.take(title)
    return [p for p in pieces if id(p) not in gone]


def _one_edge(numbers: Sequence[_Piece], edges: Sequence[float]) -> list[_Piece]:
    """The numbers that share an edge and do not fall from line to line, where they are many."""
    counts = Counter(round(x / 3) for x in edges)
    if not counts or counts.most_common(1)[0][1] < LISTED:
        return []
    edge = counts.most_common(1)[0][0] * 3
    aligned = [p for p, x in zip(numbers, edges, strict=True) if abs(x - edge) < 4]
    aligned.sort(key=lambda p: p.base)
    values = [int(p.text.split()[-1].lstrip(".·…_")) for p in aligned]
    return aligned if values == sorted(values) else []


def _beside(number: _Piece, pieces: Sequence[_Piece]) -> list[_Piece]:
    """What stands to the left of a piece on its line."""
    return [p for p in pieces if p.x1 < number.x0 and _level(p, number)]


def _beyond(number: _Piece, pieces: Sequence[_Piece]) -> list[_Piece]:
    """What stands to the right of a piece on its line."""
    return [p for p in pieces if p.x0 > number.x1 and _level(number, p) and not p.text.isdigit()]


def _near(pieces: Sequence[_Piece], bases: Sequence[float], base: float, reach: float) -> range:
    return range(bisect_left(bases, base - reach), bisect_left(bases, base + reach))


def _right_of(
    pieces: Sequence[_Piece],
    bases: Sequence[float],
    i: int,
    gone: set[int],
    walls: Sequence[Box],
) -> int | None:
    """The piece that goes on to the right of piece `i` on its line, or stands within it."""
    piece = pieces[i]
    around = _near(pieces, bases, bases[i], piece.size)
    others = [
        j
        for j in around
        if j != i and j not in gone and pieces[j].x0 > piece.x0 and _level(piece, pieces[j])
    ]
    if not others:
        return None
    j = min(others, key=lambda j: pieces[j].x0)
    right = pieces[j]
    if _walled(piece, right, walls):
        return None
    gap = _gap(piece, right)
    if gap < TOGETHER:
        return j if gap > -0.4 or right.x1 <= piece.x1 + 1 else None
    text = piece.text
    if gap < MARK_GAP and len(text) <= 9:
        number = text.isdigit() and len(text) <= 3 and len(right.text) > 12
        if number or _BULLET.match(text) or _LABEL.match(text):
            return j
    if gap < JUSTIFIED and _covered(pieces, bases, i, (piece.x1, right.x0)):
        return j
    return None


def _covered(
    pieces: Sequence[_Piece], bases: Sequence[float], i: int, gap: tuple[float, float]
) -> bool:
    """Whether the line above or below runs through a gap: then it is no gutter."""
    piece = pieces[i]
    for j in _near(pieces, bases, bases[i], 1.7 * piece.size):
        other = pieces[j]
        apart = abs(other.base - piece.base) > 0.5 * piece.size
        alike = abs(other.size - piece.size) < 0.1 * piece.size
        if apart and alike and other.x0 < gap[0] - piece.size and other.x1 > gap[1] + piece.size:
            return True
    return False


def _line(piece: _Piece, page: int) -> Line:
    runs = sorted(piece.runs, key=lambda r: r.x0)
    words: list[str] = []
    marks: list[tuple[int, str]] = []
    note = None
    texts = []
    right = None
    last = runs[0]
    for run in runs:
        spaced = right is not None and run.x0 - right > SPACE * piece.size
        right = max(right or run.x1, run.x1)
        done = "".join(words)
        if _is_mark(run, piece) and not _UNIT.search(done):
            label = re.sub(r"\s", "", run.text).strip(",")
            at = len(_spaced(done))
            if marks and not spaced and marks[-1][0] == at and _is_mark(last, piece):
                marks[-1] = (at, marks[-1][1] + label)  # drawn digit by digit
            elif done.strip():
                marks.append((at, label))
            else:
                note = (note or "") + label
            last = run
            texts.append(run.text)
            continue
        if spaced and done and not done.endswith(" ") and not run.text.startswith(" "):
            words.append(" ")
            texts.append(" ")
        words.append(run.text)
        texts.append(run.text)
        last = run
    whole = _spaced("".join(words))
    text, bullet, number = _list_mark(whole)
    if number is None and bullet is None and _is_numeral(runs, piece):
        number, text = runs[0].text.strip(), whole[len(runs[0].text.strip()) :].lstrip()
    taken = len(whole) - len(text)
    main: Counter[str] = Counter()
    for run in runs:
        main[run.look] += len(run.text.strip())
    lettered = [r for r in runs if any(c.isalnum() for c in r.text)] or runs
    sized = [r for r in lettered if not _is_mark(r, piece)] or lettered
    return Line(
        page,
        text,
        _spaced("".join(texts)),
        (
            piece.x0,
            min(r.box[1] for r in runs),
            piece.x1,
            max(r.box[3] for r in runs),
        ),
        _text_start(runs, whole[:taken]),
        piece.base,
        piece.size,
        main.most_common(1)[0][0],
        all(r.bold for r in sized),
        all(r.italic for r in sized),
        piece.order,
        tuple((max(0, at - taken), label) for at, label in marks),
        bullet,
        number,
        whole[:taken],
        note,
        opens_bold=sized[0].bold,
        closes_bold=sized[-1].bold,
    )


def _is_numeral(runs: Sequence[Run], piece: _Piece) -> bool:
    """Whether a line starts with a number set large, as lists of recommendations do."""
    number = runs[0].text.strip()
    return number.isdigit() and len(number) <= 2 and runs[0].size > NUMERAL * piece.size


def _text_start(runs: Sequence[Run], prefix: str) -> float:
    """Where the text begins after a list mark."""
    taken = len(prefix.replace(" ", ""))
    for run in runs:
        length = len("".join(run.text.split()))
        if taken < length:
            return run.x0 + (run.x1 - run.x0) * taken / length
        taken -= length
    return runs[0].x0


def _turned(run: Run, page: int, order: int) -> Line:
    text = _spaced(run.text)
    box = (run.x0, run.base - max(run.size, run.x1 - run.x0), run.x1, run.base)
    look = (run.look, run.bold, run.italic)
    return Line(page, text, text, box, run.x0, run.base, run.size, *look, order, upright=False)


def _is_mark(run: Run, piece: _Piece) -> bool:
    small = run.size <= MARK_SIZE * piece.size
    raised = piece.base - run.base > MARK_RISE * piece.size
    return (small and raised and bool(_MARK.match(run.text))) or bool(
        re.match(r"^[¹²³⁴-⁹⁰]+$", run.text.strip())
    )


def _list_mark(text: str) -> tuple[str, str | None, str | None]:
    """A line's text, and the bullet or label taken off its start."""
    if bullet := _BULLET.match(text):
        return text[bullet.end() :], bullet[1], None
    if label := _LABEL.match(text):
        return text[label.end() :], None, (label[1] or label[2]).strip("().")
    return text, None, None


def _spaced(text: str) -> str:
    """Ligatures apart, odd spaces plain, one space at a time; a soft hyphen only at the end."""
    text = ligatures_apart(text)
    text = "".join(
        c for c in text if not unicodedata.category(c).startswith(("Cc", "Cs")) or c in "\t\n"
    )
    soft = text.rstrip().endswith("\u00ad")
    text = " ".join(text.replace("\u00ad", "").split())
    return f"{text}\u00ad" if soft else text


def note_start(line: Line) -> tuple[str, str] | None:
    """The number and the text of a line that starts as a footnote does, raised or not."""
    if line.note:
        return line.note, line.text
    if line.label and line.label.isdigit():
        return line.label, line.text
    match = _NOTE_START.match(line.text)
    return (match[1], line.text[match.end() :]) if match else None


def body_size(lines: Iterable[Line]) -> float:
    """The type size in which most of the text is set, in points."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0
