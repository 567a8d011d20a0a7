"""The context of a paragraph: its section, the opening of its list, the head of its table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reformqa.model import LIST_ITEMS, Paragraph, Report

#: The most characters of a lead-in that are kept, from its end, because its end leads in.
LEAD_IN = 200
#: The opening of a list is at most this many paragraphs above its items.
LIST_REACH = 12

# A colon at the end, or "the following" in the last sentence.
_OPENS = re.compile(r"(?:[:…]|\b(?:the following|as follows)\b[^.:;?!]*\.)$", re.IGNORECASE)
# The end of an item after which its list is not at its end.
_GOES_ON = re.compile(r"(?:[;,]|[;,]? (?:and|or))$")


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
    goes_on = True
    for before in reversed(paragraphs[max(0, position - LIST_REACH) : position]):
        if before.kind in ("footnote", "furniture"):
            continue
        within = before.section == item.section
        if before.kind not in LIST_ITEMS:
            opens = before.kind in ("body", "quote") and within and _OPENS.search(before.text)
            return before if opens else None
        # An item that contains a nested list, or a numbered paragraph that opens one.
        if within and before.text.endswith(":") and (goes_on or before.kind != item.kind):
            return before
        goes_on = goes_on and bool(_GOES_ON.search(before.text))
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
