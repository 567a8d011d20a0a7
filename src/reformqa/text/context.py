"""The context of a paragraph: its section, the opening of its list, the head of its table."""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.model import LIST_ITEMS, Paragraph, Report

#: The most characters of a lead-in that are kept, from its end, because its end leads in.
LEAD_IN = 200
#: The opening of a list is at most this many paragraphs above its items.
LIST_REACH = 12


def context(report: Report, position: int) -> str:
    """Return the section path, lead-in and table head of the paragraph at `position`."""
    parts = [*report.paragraphs[position].section_path]
    if lead := lead_in(report.paragraphs, position):
        parts.append(lead.text[-LEAD_IN:])
    parts += [head.text[:LEAD_IN] for head in table_head(report.paragraphs, position)]
    return "".join(f"{part}. " for part in dict.fromkeys(parts))


def lead_in(paragraphs: Sequence[Paragraph], position: int) -> Paragraph | None:
    """Return the paragraph that opens the list of the item at `position`, or None."""
    item = paragraphs[position]
    if item.kind not in LIST_ITEMS:
        return None
    for before in reversed(paragraphs[max(0, position - LIST_REACH) : position]):
        within = before.section == item.section and before.text.endswith(":")
        if before.kind in LIST_ITEMS and before.kind != item.kind and within:
            return before  # an item that contains a nested list
        if before.kind in LIST_ITEMS or before.kind in ("footnote", "furniture"):
            continue
        opens = before.kind in ("body", "quote") and before.section == item.section
        return before if opens and before.text.endswith((":", "…")) else None
    return None


def table_head(paragraphs: Sequence[Paragraph], position: int) -> list[Paragraph]:
    """Return the caption and the first row of the table of the row at `position`."""
    if paragraphs[position].kind != "table":
        return []
    first = position
    captions: list[Paragraph] = []
    for at in range(position - 1, -1, -1):
        before = paragraphs[at]
        if before.kind == "table":
            first = at
        elif before.kind not in ("furniture", "footnote"):  # a table may continue on the next page
            captions = [before] if before.kind == "caption" else []
            break
    return captions + ([paragraphs[first]] if first < position else [])
