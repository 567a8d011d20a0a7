"""Where the words of a quote stand on a page, told by their letters.

A paragraph's text is not what its page prints: ligatures are apart, hyphens at line ends, note
marks and list marks are gone. Its letters and digits, in their order, are the same. So the letters
of the paragraph are looked for, in one run, among the characters that stand in its place; the
quote's are then known by counting. What is not found letter for letter, or is found twice, is not
found: a wrong mark is worse than none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from reformqa.text.normalise import Plain, apart

#: x0, top, x1, bottom in points from the page's top left corner.
Box = tuple[float, float, float, float]

#: How far a character's middle may stand outside its place, in points: places are rounded.
SLACK = 1.0
#: So many letters before and after a quote, where it has as many, tell it from the same words in
#: a pull quote.
CONTEXT = 20
#: A note mark is at most this share of the type's height, and raised by this share of it.
MARK_SIZE = 0.82
MARK_RISE = 0.12
#: A gap of more than so many line heights parts the cells of a table.
GAP = 1.5
#: A character so many times as high as its neighbour stands on lines of its own (a drop cap).
TALL = 1.6
#: How far a mark may reach over and under the ink of its line, as a share of the ink's height.
MARGIN = 0.3

_MARKS = frozenset("0123456789⁰¹²³⁴⁵⁶⁷⁸⁹*†‡§")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character as printed; `ink` is what it covers, `room` has its font's height and width."""

    text: str
    ink: Box
    room: Box


def standing_in(glyphs: Iterable[Glyph], place: Box) -> list[Glyph]:
    """The glyphs whose middle is in a place, in their order."""
    x0, top, x1, bottom = place
    return [
        g
        for g in glyphs
        if x0 - SLACK <= (g.ink[0] + g.ink[2]) / 2 <= x1 + SLACK
        and top - SLACK <= (g.ink[1] + g.ink[3]) / 2 <= bottom + SLACK
    ]


def find_words(text: str, span: tuple[int, int], glyphs: Sequence[Glyph]) -> list[Box] | None:
    """A box for each line of text[span], where `glyphs` print `text`; None where not found.

    `glyphs` are those of the text's place, in reading order, perhaps with others among them.
    """
    printed = _Letters(text)
    first, last = (bisect_left(printed.origins, at) for at in span)
    for dropped in _note_marks(glyphs):
        kept = [n for n in range(len(glyphs)) if n not in dropped]
        shown = _Letters(glyphs[n].text for n in kept)
        at = _position(printed.text, first, last, shown.text)
        if at is not None:
            run = _with_punctuation(
                [glyphs[n].text for n in kept],
                (shown.origins[at], shown.origins[at + last - first - 1] + 1),
                text[span[0] : printed.origins[first]],
                text[printed.origins[last - 1] + 1 : span[1]],
            )
            return list(_lines(glyphs, kept[slice(*run)]))
    return None


class _Letters:
    """The letters and digits of characters, each with the position of the one it is from."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.origins: list[int] = []
        letters: list[str] = []
        for n, character in enumerate(characters):
            for letter in apart(character).lower():
                if letter.isalnum():
                    letters.append(letter)
                    self.origins.append(n)
        self.text = "".join(letters)


def _note_marks(glyphs: Sequence[Glyph]) -> tuple[set[int], ...]:
    """Sets of positions that may be note marks, likeliest first: small and raised; small; signs.

    A small digit may also be a mark that begins its line, where nothing tells that it is raised,
    or belong to the text, as in a formula: which set it was, the paragraph's letters decide.
    """
    usual = median(_height(g.room) for g in glyphs) if glyphs else 0.0
    small: set[int] = set()
    raised: set[int] = set()
    base = 0.0
    for n, glyph in enumerate(glyphs):
        if glyph.text in _MARKS and not glyph.text.isascii():
            small.add(n)
            raised.add(n)
        elif _height(glyph.room) > MARK_SIZE * usual:
            base = glyph.room[3]
        elif glyph.text in _MARKS:
            small.add(n)
            if base - glyph.room[3] > MARK_RISE * usual:
                raised.add(n)
    return raised, small, {n for n in small if not glyphs[n].text.isalnum()}


def _position(printed: str, first: int, last: int, shown: str) -> int | None:
    """Where printed[first:last] begins in `shown`: by the whole of `printed`, else by context."""
    if first == last:
        return None
    near = (max(0, first - CONTEXT), min(len(printed), last + CONTEXT))
    for start, end in ((0, len(printed)), near):
        at = shown.find(printed[start:end])
        if at >= 0 and shown.find(printed[start:end], at + 1) < 0:
            return at + first - start
    return None


def _with_punctuation(
    shown: Sequence[str], run: tuple[int, int], before: str, after: str
) -> tuple[int, int]:
    """A run of characters, longer by the quote's own marks before its first and after its last
    letter, as far as they are shown there."""
    start, end = run
    for sign in reversed(_signs(before)):
        if not start or Plain(shown[start - 1]).text != sign:
            break
        start -= 1
    for sign in _signs(after):
        if end == len(shown) or Plain(shown[end]).text != sign:
            break
        end += 1
    return start, end


def _signs(text: str) -> list[str]:
    """The plain form of each character of a text, but for spaces."""
    return [sign for sign in (Plain(c).text.strip() for c in text) if sign]


def _lines(glyphs: Sequence[Glyph], run: Sequence[int]) -> Iterator[Box]:
    """A box for each line, and for each part of a line that another character parts."""
    part: list[Glyph] = []
    last = -1
    for n in run:
        glyph = glyphs[n]
        if part and (n != last + 1 or not _goes_on(part[-1].room, glyph.room)):
            yield _box(part)
            part = []
        part.append(glyph)
        last = n
    if part:
        yield _box(part)


def _goes_on(left: Box, right: Box) -> bool:
    """Whether a character stands on the line of the one before, not far to its right."""
    low, high = sorted((_height(left), _height(right)))
    shared = min(left[3], right[3]) - max(left[1], right[1])
    gap = right[0] - left[2]
    return shared > 0.5 * low and high <= TALL * low and -high < gap < GAP * high


def _box(part: Sequence[Glyph]) -> Box:
    """As high as the fonts are, but not far over the ink: some fonts say nonsense."""
    x0, x1 = (pick(g.room[n] for g in part) for pick, n in ((min, 0), (max, 2)))
    top, bottom = min(g.ink[1] for g in part), max(g.ink[3] for g in part)
    margin = MARGIN * (bottom - top)
    return (
        x0,
        max(top - margin, min(g.room[1] for g in part)),
        x1,
        min(bottom + margin, max(g.room[3] for g in part)),
    )


def _height(box: Box) -> float:
    return box[3] - box[1]
