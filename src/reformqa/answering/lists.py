"""Lists quoted whole, for questions that ask for all of their items: "What are the six maxims?"."""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.answering.selection import Candidate, opening_of
from reformqa.citations.verify import cite
from reformqa.model import LIST_ITEMS, Paragraph, ReportInfo, Sentence
from reformqa.text.sentences import sentences

#: The items of a list are among so many paragraphs after its opening.
REACH = 30
#: The most words of a list; of a longer one, the first sentence of each item is quoted.
MOST_WORDS = 160

_PASSED_OVER = ("footnote", "furniture")


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
    candidate: Candidate, following: Sequence[Paragraph], report: ReportInfo
) -> Sentence | None:
    """Return the list that a candidate is an item of as one sentence, each item cited.

    `following` are the paragraphs after its opening. Returns None if it is no item of a list that
    can be quoted within MOST_WORDS.
    """
    items = items_of(candidate.hit.paragraph, following)
    if not candidate.lead or candidate.lead.kind == "table" or len(items) < 2:
        return None
    opening = opening_of(candidate.lead)
    for texts in ([p.text for p in items], [next(sentences(p.text))[1] for p in items]):
        if len(f"{opening} {' '.join(texts)}".split()) <= MOST_WORDS:
            quotes = [cite(text, p, report) for text, p in zip(texts, items, strict=True)]
            lead = cite(opening, candidate.lead, report)
            told = [t if t[-1] in ".,;:!?…" else f"{t};" for t in texts[:-1]]
            return Sentence(" ".join((opening, *told, texts[-1])), (lead, *quotes))
    return None
