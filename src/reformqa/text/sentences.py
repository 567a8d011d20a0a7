"""Split a text into sentences."""

from __future__ import annotations

from collections.abc import Iterator

import sentencex

#: A half-open range of characters in a text.
Span = tuple[int, int]


def sentences(text: str) -> Iterator[tuple[Span, str]]:
    """Yield each sentence of `text`, stripped of white space, with its span."""
    start = 0
    for piece in sentencex.segment("en", text):
        at = text.find(piece, start)
        start = at + len(piece)
        inner = piece.strip()
        if inner:
            begin = at + piece.index(inner)
            yield (begin, begin + len(inner)), inner
