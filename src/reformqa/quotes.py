"""Quotes: a sentence is cited only where it stands, letter for letter, in its paragraph."""

from __future__ import annotations

from collections.abc import Iterator

import sentencex

from reformqa.model import Citation, Paragraph, Report

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


def cite(quote: str, paragraph: Paragraph, report: Report) -> Citation:
    """A citation of `quote`; `status` says whether the paragraph holds exactly these words.

    Where it does not, the span is empty at 0.
    """
    at = paragraph.text.find(quote)
    return Citation(
        paragraph_id=paragraph.id,
        report_id=report.id,
        quote=quote,
        span=(at, at + len(quote)) if at >= 0 else (0, 0),
        status="verified" if at >= 0 and quote.strip() else "unsupported",
        publisher=report.publisher,
        report_title=report.title,
        year=report.year,
        section_path=paragraph.section_path,
        number=paragraph.number,
        page=paragraph.page,
    )
