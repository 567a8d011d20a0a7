"""Find where prose begins again after a list of references.

The title of the next chapter is not always seen to be a heading: it may be drawn as a picture. Its
text must not be lost from the search with the list. No single mark tells an entry of a list from a
paragraph of prose, which may cite a year or an author, so they vote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reformqa.parsing.blocks import Block

#: So many paragraphs of prose in turn end a list. Each has so many words, and does not continue
#: one on the page before.
RUN = 2
LONG = 20
#: A shorter paragraph before them, of so many words, is part of the prose.
SHORT = 8
#: So many marks make an entry, unless the paragraph is prose.
ENTRY = 2
#: Prose has so many different words of sentences, and one more for each mark.
SPOKEN = 2
#: If more than this share of what follows are entries, the list goes on: its entries have remarks.
SHARE = 0.2

_YEAR = r"(?:1[6-9]|20)\d\d"
_MARKS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[(\[]{_YEAR}[a-z]?\b[^()\[\]]{{0,20}}[)\]]|\b{_YEAR}[a-z]?\W*$|\b{_YEAR};"
        rf"|\. {_YEAR}[a-z]?\. ",
        r"\bet al\b",
        r"https?:|\bwww\.|\bdoi\b|\b10\.\d{4,}/",
        r"(?i:\b(?:vol(?:ume)?|no|pp?)\b\.? ?\d|\bibid\b|\bISBN\b|\beds?\.|\bop\. cit)",
        r"\b\d+ ?\(\d+\)[:,]|\d:[eE]?\d+[-–]\d",  # 12(3): or 12:45–67
        r"(?i:\b(?:retrieved|accessed|available (?:at|from|online))\b)",
        r"^\W*\d{1,3}[.)\]]? ",
        r"^\W*(?:\d+\W+)?[A-Z][\w'’-]+,? (?:[A-Z]{1,3}\b|(?:[A-Z]\. ?)+)(?=[,.;:& (]|$)",
        r"^\W*(?:[A-Z]\. ?)+[A-Z][\w'’-]+,",
        r"^[“\"‘]",
        r"\bProceedings of\b|\bJournal of\b|\bPress\b|\barXiv\b",
    )
)
#: Words of sentences that are rare in titles.
_SENTENCE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|would|should|must|can|could|may|does|did|do"
    r"|not|it|its|they|their|them|we|our|you|your|this|these|that|those|which|who|also|if|when"
    r"|because|such|than|however)\b",
    re.IGNORECASE,
)


def references_end(blocks: Sequence[Block], start: int, stop: int) -> int | None:
    """Return the position where prose begins after the list that begins at `start`, or None.

    `stop` is the position of the next heading. List items, notes, tables and the like may stand
    between the paragraphs.
    """
    text = [i for i in range(start, stop) if blocks[i].kind in ("body", "numbered")]
    begun: int | None = None
    run = 0
    for n, i in enumerate(text):
        if blocks[i].kind == "numbered" or _is_entry(blocks[i]):
            begun, run = None, 0
            continue
        if begun is None and (_is_prose(blocks[i]) or _is_start(blocks[i])):
            begun = i
        run += _is_prose(blocks[i])
        if run == RUN:
            after = [blocks[j] for j in text[n + 1 :]]
            entries = sum(map(_is_entry, after))
            prose = RUN + sum(map(_is_prose, after))
            return begun if entries <= SHARE * (entries + prose) else None
    return None


def _is_prose(block: Block) -> bool:
    begins = block.kind == "body" and block.words >= LONG and not block.text[0].islower()
    return begins and _spoken(block) >= SPOKEN + _marks(block)


def _is_start(block: Block) -> bool:
    """Return whether the paragraph may begin prose that others, being longer, show to be prose."""
    return block.words >= SHORT and not _marks(block) and _spoken(block) > 0


def _is_entry(block: Block) -> bool:
    return _marks(block) >= ENTRY and not _is_prose(block)


def _spoken(block: Block) -> int:
    return len({word.lower() for word in _SENTENCE.findall(block.text)})


def _marks(block: Block) -> int:
    """Return how many kinds of marks of a reference the paragraph has."""
    labelled = block.label is not None
    return labelled + sum(mark.search(block.text) is not None for mark in _MARKS)
