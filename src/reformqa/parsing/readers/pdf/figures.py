"""Tell what only looks like a list item's label: "2.6 million", "p. 4"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from reformqa.parsing.readers.pdf.grouping import (
    AFTER_FIGURE,
    RESIZED,
    Leading,
    ends_sentence,
    fits_before,
)
from reformqa.parsing.readers.pdf.lines import Line


def keep_figures(lines: Sequence[Line], leading: Leading) -> list[Line]:
    """Return the lines with a figure ("2.6 million", "p. 4") at their start as text, not a mark."""
    labels = {ln.label for ln in lines}
    kept: list[Line] = []
    for n, line in enumerate(lines):
        if n and _is_abbreviation(lines[n - 1], line, labels):
            line = _without_mark(line)
        number = (line.label or "").split(".")
        figure = all(part.isdigit() for part in number) and not line.prefix.startswith("(")
        if figure and not _in_series(number, labels):
            decimal = len(number) > 1 and line.prefix.strip() == line.label
            after_decimal = decimal and re.match(AFTER_FIGURE, line.text)
            if after_decimal or (n and _within_sentence(lines, n, leading)):
                line = _without_mark(line)
        kept.append(line)
    return kept


def _is_abbreviation(last: Line, line: Line, labels: set[str | None]) -> bool:
    """Return whether a letter with a full stop goes on with the sentence of the line before."""
    letter = line.label or ""
    if len(letter) != 1 or not letter.isalpha() or letter in "ai" or line.prefix.startswith("("):
        return False
    series = any(chr(ord(letter) + step) in labels for step in (-1, 1))
    return not series and not ends_sentence(last.text) and abs(last.size - line.size) < 1


def _in_series(number: Sequence[str], labels: set[str | None]) -> bool:
    """Return whether `labels` contain the number before or after this one."""
    *outer, last = number
    return any(".".join([*outer, str(int(last) + step)]) in labels for step in (-1, 1))


def _within_sentence(lines: Sequence[Line], n: int, leading: Leading) -> bool:
    """Return whether line `n`, which has a number, goes on with the sentence of the line before."""
    last, line, below = lines[n - 1], lines[n], lines[n + 1 : n + 2]
    usual = 1.08 * leading.of(line.size)
    if not 0 < line.base - last.base < usual or last.bold != line.bold:
        return False
    if abs(last.size - line.size) > RESIZED * line.size or line.label == "1":
        return False
    if ends_sentence(last.text) or last.text.endswith((",", " and", " or")):
        return False
    edge = last.x if last.hanging else last.box[0]
    hung = any(line.box[0] + 2 < ln.box[0] and abs(ln.box[0] - line.x) < 2 for ln in below)
    right = max(ln.box[2] for ln in (last, *_run(lines[n:], usual)))
    fits = fits_before(last, replace(line, text=line.whole), right)
    return abs(line.box[0] - edge) < 2 and not hung and not fits


def _run(lines: Sequence[Line], step: float) -> Iterator[Line]:
    """Yield the first lines, until two of them are more than `step` apart."""
    yield lines[0]
    for last, line in pairwise(lines):
        if not 0 < line.base - last.base < step:
            return
        yield line


def _without_mark(line: Line) -> Line:
    """Return the line with its list mark as the first word of its text."""
    shift = len(line.prefix)
    return replace(
        line,
        text=line.whole,
        x=line.box[0],
        marks=tuple((at + shift, mark) for at, mark in line.marks),
        label=None,
        prefix="",
    )
