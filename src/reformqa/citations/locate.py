"""The position of a quote's words on a page, found by their letters.

A paragraph's text differs from what its page prints: ligatures are split, and line-end hyphens,
note marks and list marks are removed. Its letters and digits, in order, are the same. The
paragraph's letters are therefore searched for, as one run, among the characters in its region of
the page, and the quote's are found by counting. Words that do not match letter for letter, or match
twice, count as not found: a wrong mark is worse than none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from reformqa.text.normalise import Plain, apart

#: x0, top, x1 and bottom, in points from the top left corner of the page.
Box = tuple[float, float, float, float]

#: How far a character's centre may lie outside its region, in points, because regions are rounded.
SLACK = 1.0
#: How many letters before and after a quote distinguish it from the same words in a pull quote.
CONTEXT = 20
#: The height of a note mark, at most, and its rise, at least, as shares of the type's height.
MARK_SIZE = 0.82
MARK_RISE = 0.12
#: A gap of more than this many line heights separates the cells of a table.
GAP = 1.5
#: A character this many times as high as its neighbour is on a separate line (a drop cap).
TALL = 1.6
#: How far a box may extend above and below the ink of its line, as a share of the ink's height.
MARGIN = 0.3

_MARKS = frozenset("0123456789⁰¹²³⁴⁵⁶⁷⁸⁹*†‡§")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A printed character: `ink` is the area it covers, `room` its font's height and width."""

    text: str
    ink: Box
    room: Box


def standing_in(glyphs: Iterable[Glyph], place: Box) -> list[Glyph]:
    """Return the glyphs whose centre lies in a region, in their order."""
    x0, top, x1, bottom = place
    return [
        g
        for g in glyphs
        if x0 - SLACK <= (g.ink[0] + g.ink[2]) / 2 <= x1 + SLACK
        and top - SLACK <= (g.ink[1] + g.ink[3]) / 2 <= bottom + SLACK
    ]


def find_words(text: str, span: tuple[int, int], glyphs: Sequence[Glyph]) -> list[Box] | None:
    """Return a box for each line of text[span] as `glyphs` print it; None if not found.

    `glyphs` are the characters in the text's region, in reading order. There may be others among
    them.
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
    """The letters and digits of characters, each with the position of its character."""

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
    """Return sets of positions that may be note marks, likeliest first: small and raised,
    small, and signs only.

    A small digit may also begin its line, so that nothing shows whether it is raised, or belong to
    the text, as in a formula. The paragraph's letters decide between the sets.
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
    """Return where printed[first:last] begins in `shown`, by all of `printed` or by context."""
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
    """Return the run extended by the quote's own marks before its first and after its last
    letter, as far as the page shows them."""
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
    """Return the plain form of each character of a text, without spaces."""
    return [sign for sign in (Plain(c).text.strip() for c in text) if sign]


def _lines(glyphs: Sequence[Glyph], run: Sequence[int]) -> Iterator[Box]:
    """Yield a box for each line, or for each part of a line split by another character."""
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
    """Return whether a character is on the line of the one before, close to its right."""
    low, high = sorted((_height(left), _height(right)))
    shared = min(left[3], right[3]) - max(left[1], right[1])
    gap = right[0] - left[2]
    return shared > 0.5 * low and high <= TALL * low and -high < gap < GAP * high


def _box(part: Sequence[Glyph]) -> Box:
    """Return a box as high as the fonts, limited to near the ink: some font heights are wrong."""
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
