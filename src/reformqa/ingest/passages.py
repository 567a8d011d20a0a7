"""Make the passages of a report: the units that are searched.

A paragraph is a passage; one too long for the encoder is sliced at sentence ends. What is indexed
is more than what is shown: section path and lead-in come first, so that a bullet is found by the
words that give it its meaning. The report's title is left to the filters: every passage of the
report would have it.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_text_splitters import RecursiveCharacterTextSplitter

from reformqa.model import (
    UNSEARCHED_PARAGRAPHS,
    UNSEARCHED_SECTIONS,
    Passage,
    Recommendation,
    Report,
)
from reformqa.settings import PassageSettings
from reformqa.text.context import context

_SLICE_AT = [". ", "? ", "! ", "; ", " | ", ", ", " ", ""]


def make_passages(
    report: Report,
    recommendations: Sequence[Recommendation],
    settings: PassageSettings = PassageSettings(),
) -> list[Passage]:
    """Return the passages of `report`, in reading order."""
    splitter = RecursiveCharacterTextSplitter(
        separators=_SLICE_AT,
        chunk_size=settings.max_characters,
        chunk_overlap=0,
        keep_separator="end",
        strip_whitespace=False,
    )
    recommends = {i for r in recommendations for i in (r.stated, *r.restated)}
    unsearched = UNSEARCHED_SECTIONS - set(settings.include)
    passages: list[Passage] = []
    for position, paragraph in enumerate(report.paragraphs):
        if paragraph.kind in UNSEARCHED_PARAGRAPHS or paragraph.section_kind in unsearched:
            continue
        before = context(report, position)
        for start, text in _slices(paragraph.text, splitter):
            passages.append(
                Passage(
                    paragraph_id=paragraph.id,
                    report_id=report.id,
                    text=text,
                    indexed=f"{before}{text.strip()}",
                    span=(start, start + len(text)),
                    recommends=paragraph.id in recommends,
                )
            )
    return passages


def _slices(text: str, splitter: RecursiveCharacterTextSplitter) -> list[tuple[int, str]]:
    """Return consecutive slices of `text` with their starts; together they are the text."""
    slices: list[tuple[int, str]] = []
    start = 0
    for piece in splitter.split_text(text):
        slices.append((start, piece))
        start += len(piece)
    return slices
