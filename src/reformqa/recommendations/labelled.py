"""The statements that a report labels as recommendations: "Recommendation 7: …"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from reformqa.model import Paragraph
from reformqa.parsing.inline import clean
from reformqa.recommendations.statements import Entry, Statement, entries, is_title, stated_below
from reformqa.text.labels import RECOMMENDATION_LABEL

#: What a label states is looked for in this many paragraphs below it.
REACH = 12
#: A shorter text after a label, in characters, is a reference: "see p. 4".
SHORTEST = 11
#: A line of a contents list ends with the number of a page.
_PAGE = re.compile(r"(?:\.{2,}|…|\s)\s*\d{1,3}$")


def labelled(paragraphs: Sequence[Paragraph]) -> Iterator[Statement]:
    """Yield what each label states: the words after it, or if those are a title, what is below."""
    for n, paragraph in enumerate(paragraphs):
        if paragraph.kind == "table":
            yield from _in_cells(paragraph)
            continue
        label = RECOMMENDATION_LABEL.match(paragraph.text)
        if label is None:
            continue
        text = paragraph.text[label.end() :].strip()
        refers = 0 < len(text) < SHORTEST and not text[0].isupper()
        if refers or (_PAGE.search(text) and is_title(text)):
            continue
        found = stated_below(paragraph, text, _reach(paragraphs, n))
        if found:
            yield replace(found, label=label[1])


def _in_cells(paragraph: Paragraph) -> Iterator[Statement]:
    """Yield the statements in the cells of a table row, each of which may contain several."""
    waiting: str | None = None
    for raw in re.split(r"\t|</p>|<br ?/?>", paragraph.raw):
        part = clean(raw) if raw.strip() else ""
        label = RECOMMENDATION_LABEL.match(part)
        text = part[label.end() :].strip() if label else part
        name = label[1] if label else waiting
        if name and len(text) >= SHORTEST:
            yield Statement(paragraph, text, name)
        if part:
            waiting = label[1] if label and not text else None


def _reach(paragraphs: Sequence[Paragraph], n: int) -> list[Entry]:
    """Return the entries that may belong to the label of paragraph `n`."""
    end = n + 1
    while end < len(paragraphs) and end <= n + REACH:
        other = paragraphs[end]
        if other.kind in ("heading", "table") or RECOMMENDATION_LABEL.match(other.text):
            break
        if other.section != paragraphs[n].section and paragraphs[n].kind != "heading":
            break
        end += 1
    return entries(paragraphs[n + 1 : end])
