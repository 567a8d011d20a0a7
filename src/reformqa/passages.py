"""Make the passages of a report: what search looks through.

A paragraph is a passage. One too long for the encoder is sliced at sentence ends. What is indexed
is more than what is shown: report title, section path and a list's lead-in come first, so that a
bullet is found by the words that give it its sense.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_text_splitters import RecursiveCharacterTextSplitter

from reformqa.model import (
    LIST_ITEMS,
    UNSEARCHED_PARAGRAPHS,
    UNSEARCHED_SECTIONS,
    Paragraph,
    Passage,
    Recommendation,
    Report,
)
from reformqa.settings import PassageSettings

#: A lead-in longer than this (characters) is cut from the front: its end leads in.
LEAD_IN = 200

_SLICE_AT = [". ", "? ", "! ", "; ", " | ", ", ", " ", ""]


def make_passages(
    report: Report,
    recommendations: Sequence[Recommendation],
    settings: PassageSettings = PassageSettings(),
) -> list[Passage]:
    """The passages of `report`, in reading order."""
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
                    indexed=f"{before} {text}".strip(),
                    span=(start, start + len(text)),
                    recommends=paragraph.id in recommends,
                )
            )
    return passages


def _slices(text: str, splitter: RecursiveCharacterTextSplitter) -> list[tuple[int, str]]:
    """Consecutive slices of `text` with their starts; together they are the text."""
    slices: list[tuple[int, str]] = []
    start = 0
    for piece in splitter.split_text(text):
        slices.append((start, piece))
        start += len(piece)
    return slices


def context(report: Report, position: int) -> str:
    """What a reader of the paragraph at `position` has in mind: title, section, lead-in."""
    paragraph = report.paragraphs[position]
    parts = [report.title, *paragraph.section_path]
    if lead := lead_in(report.paragraphs, position):
        parts.append(lead.text[-LEAD_IN:])
    return ". ".join(dict.fromkeys(parts)) + "."


def lead_in(paragraphs: Sequence[Paragraph], position: int) -> Paragraph | None:
    """The paragraph that opens the list in which the paragraph at `position` is an item."""
    item = paragraphs[position]
    if item.kind not in LIST_ITEMS:
        return None
    for before in reversed(paragraphs[max(0, position - 12) : position]):
        within = before.section == item.section and before.text.endswith(":")
        if before.kind in LIST_ITEMS and before.kind != item.kind and within:
            return before  # an item with a list of its own
        if before.kind in LIST_ITEMS or before.kind in ("footnote", "furniture"):
            continue
        opens = before.kind in ("body", "quote") and before.section == item.section
        return before if opens and before.text.endswith((":", "…")) else None
    return None
