"""Lists quoted whole, for questions that ask for all of their items: "What are the six maxims?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reformqa.answering.selection import Candidate, opening_of
from reformqa.citations.verify import cite
from reformqa.model import LIST_ITEMS, Paragraph, ReportInfo, Sentence
from reformqa.search.ordinals import CARDINAL, value
from reformqa.text.sentences import sentences
from reformqa.text.tokens import tokens

#: The items of a list are among so many paragraphs after its opening.
REACH = 30
#: The most words of a list; of a longer one, the first sentence of each item is quoted.
MOST_WORDS = 160

_PASSED_OVER = ("footnote", "furniture")


def is_list_of(things: Sequence[str], lead: Paragraph, items: Sequence[Paragraph]) -> bool:
    """Return whether a list is of the things asked for, the last of which may say how many.

    Its opening or a heading above it names them, or it has as many items.
    """
    named = {t for text in (opening_of(lead), *lead.section_path) for t in tokens(text)}
    counts = [value(t) for t in things if re.fullmatch(CARDINAL, t, re.IGNORECASE)]
    return len(items) in counts or any(t in named for thing in things for t in tokens(thing))


def items_of(item: Paragraph, following: Sequence[Paragraph]) -> list[Paragraph]:
    """Return the items of the list that `item` is in, of the paragraphs after its opening."""
    found = []
    for paragraph in following:
        if paragraph.kind == item.kind and paragraph.section == item.section:
            found.append(paragraph)
        elif paragraph.kind not in (*LIST_ITEMS, *_PASSED_OVER):
            break
    return found


def whole_list(
    candidate: Candidate,
    following: Sequence[Paragraph],
    report: ReportInfo,
    things: Sequence[str],
) -> Sentence | None:
    """Return the list that a candidate is an item of as one sentence, each item cited.

    `following` are the paragraphs after its opening. Returns None if it is no item of a list of the
    things asked for that can be quoted within MOST_WORDS.
    """
    items = items_of(candidate.hit.paragraph, following)
    if not candidate.lead or candidate.lead.kind == "table" or len(items) < 2:
        return None
    if not is_list_of(things, candidate.lead, items):
        return None
    opening = opening_of(candidate.lead)
    for texts in ([p.text for p in items], [next(sentences(p.text))[1] for p in items]):
        if len(f"{opening} {' '.join(texts)}".split()) <= MOST_WORDS:
            quotes = [cite(text, p, report) for text, p in zip(texts, items, strict=True)]
            lead = cite(opening, candidate.lead, report)
            told = [t if t[-1] in ".,;:!?…" else f"{t};" for t in texts[:-1]]
            return Sentence(" ".join((opening, *told, texts[-1])), (lead, *quotes))
    return None
