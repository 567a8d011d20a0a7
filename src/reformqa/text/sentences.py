"""Sentences with their places in a text."""

from __future__ import annotations

from collections.abc import Iterator

import sentencex

#: A character range of a paragraph's text, half-open.
Span = tuple[int, int]


def sentences(text: str) -> Iterator[tuple[Span, str]]:
    """The sentences of `text` with their spans; each is text[span] without space around it."""
    start = 0
    for piece in sentencex.segment("en", text):
        at = text.find(piece, start)
        start = at + len(piece)
        inner = piece.strip()
        if inner:
            begin = at + piece.index(inner)
            yield (begin, begin + len(inner)), inner
