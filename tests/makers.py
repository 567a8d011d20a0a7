"""Records in a line each, for tests."""

from __future__ import annotations

from typing import Any

from reformqa import Hit, Paragraph, Passage, Report
from reformqa.parsing.blocks import Block


def paragraph(text: str = "Words.", **changes: Any) -> Paragraph:
    """A body paragraph of the report "made", unless changed."""
    values: dict[str, Any] = {
        "id": "made-00000001",
        "report_id": "made",
        "number": 1,
        "kind": "body",
        "text": text,
        "raw": text,
        "section": 0,
        "section_path": ("Chapter",),
        "section_kind": "chapter",
    }
    return Paragraph(**(values | changes))


def report(*paragraphs: Paragraph, **changes: Any) -> Report:
    """A report titled "Made Report" by the publisher "Maker", of 2024."""
    values: dict[str, Any] = {
        "id": "made",
        "title": "Made Report",
        "subtitle": None,
        "authors": (),
        "publisher": "Maker",
        "published": "2024-05",
        "series": None,
        "licence": None,
        "url": None,
        "source": "made.txt",
        "sha256": "0" * 64,
        "sections": (),
        "paragraphs": paragraphs,
    }
    return Report(**(values | changes))


def hit(text: str, *, similarity: float = 0.8, publisher: str = "Maker", **changes: Any) -> Hit:
    """A hit on a paragraph of that text; `changes` go to the paragraph."""
    found = paragraph(text, **changes)
    passage = Passage(found.id, found.report_id, text, text, (0, len(text)))
    return Hit(found, passage, similarity, similarity, {}, publisher, "Made Report", 2024)


def block(text: str, kind: str = "body", **changes: Any) -> Block:
    """A block of that text, at line 1."""
    return Block(**({"kind": kind, "text": text, "raw": text, "line": 1} | changes))
