"""What gives a paragraph its sense besides its own words: its section, and what leads it in."""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.model import LIST_ITEMS, Paragraph, Report

#: A lead-in longer than this (characters) is cut from the front: its end leads in.
LEAD_IN = 200
#: How far back the opening of a list is looked for, in paragraphs.
LIST_REACH = 12


def context(report: Report, position: int) -> str:
    """What a reader of the paragraph at `position` has in mind: section, lead-in, table's head."""
    parts = [*report.paragraphs[position].section_path]
    if lead := lead_in(report.paragraphs, position):
        parts.append(lead.text[-LEAD_IN:])
    parts += [head.text[:LEAD_IN] for head in table_head(report.paragraphs, position)]
    return "".join(f"{part}. " for part in dict.fromkeys(parts))


def lead_in(paragraphs: Sequence[Paragraph], position: int) -> Paragraph | None:
    """The paragraph that opens the list in which the paragraph at `position` is an item."""
    item = paragraphs[position]
    if item.kind not in LIST_ITEMS:
        return None
    for before in reversed(paragraphs[max(0, position - LIST_REACH) : position]):
        within = before.section == item.section and before.text.endswith(":")
        if before.kind in LIST_ITEMS and before.kind != item.kind and within:
            return before  # an item with a list of its own
        if before.kind in LIST_ITEMS or before.kind in ("footnote", "furniture"):
            continue
        opens = before.kind in ("body", "quote") and before.section == item.section
        return before if opens and before.text.endswith((":", "…")) else None
    return None


def table_head(paragraphs: Sequence[Paragraph], position: int) -> list[Paragraph]:
    """The caption and the first row of the table of which the paragraph at `position` is a row."""
    if paragraphs[position].kind != "table":
        return []
    first = position
    captions: list[Paragraph] = []
    for at in range(position - 1, -1, -1):
        before = paragraphs[at]
        if before.kind == "table":
            first = at
        elif before.kind not in ("furniture", "footnote"):  # the table goes on over a page's foot
            captions = [before] if before.kind == "caption" else []
            break
    return captions + ([paragraphs[first]] if first < position else [])
