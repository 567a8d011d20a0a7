"""Put a title together from its pieces on a cover, where it is the largest type."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from reformqa.parsing.blocks import Block
from reformqa.parsing.facts.front import COVER_WORDS, NOTICE_WORDS, Front
from reformqa.parsing.facts.names import PERSON, is_body, is_organisation, people
from reformqa.parsing.titles import known_kind
from reformqa.text.dates import find_dates
from reformqa.text.similarity import letters

#: Type larger than the text's by this factor is display type.
DISPLAY = 1.15
#: A title beside the larger name of an organisation is at least this share of its size.
BESIDE_NAME = 0.75
#: Pieces of one title in the same size differ by at most this share, and are at most this many
#: type sizes apart.
SAME_SIZE = 0.1
APART = 4.0
#: Pieces in different sizes are at least this share of each other, and at most this many sizes of
#: the larger apart: a subtitle stands further off.
OTHER_SIZE = 0.55
NEXT_LINE = 0.6
#: The distance of lines set with double spacing, in type sizes.
DOUBLE_SPACED = 1.5
#: A block of more words with a verb is a sentence.
PROSE_WORDS = 15
#: The most words of a title that is bold or a heading; others are no longer than a notice.
LONGEST_TITLE = 60

BYLINE = re.compile(r"^(?:by|authors?:?|editors?:?|edited by|written by)\s+", re.IGNORECASE)
#: References, notices and marks that stand on covers and are no title.
REFERENCE = re.compile(
    r"^\W*(?:(?:hc|hl|cp|cm|cmnd|isbn|issn|rin|docket)\b|no\.|f\. ?no|l\.n\.|reg\.|vol(?:ume)?\b"
    r"|version \d|issue \d|price\W*[:(]|page \d|draft$|special issue|classification:"
    r"|publication (?:reference|no)|£|©|copyright\b"
    r"|rs\.|www\.|http|agency:|action:|\d+ cfr|\[|printed|published|submitted|ordered to be"
    r"|downloaded|pdf generated|presented to|report of session|adopted|\(|written by|in exercise"
    r"|(?:an )?act no|i assent|commencement\b|arrangement of|\d+(?:st|nd|rd|th) report|legal notice"
    r"|policy paper$|report$|to:|dear\b)"
    r"|@|://|\bcfr part\b|\btel[:.]|all rights reserved",
    re.IGNORECASE,
)
#: What a paper is, which is no title alone.
_KIND_ALONE = re.compile(
    r"(?:the )?(?:report|paper|policy|guidelines?|guidance|directives?|regulations?|rules|notices?"
    r"|circular|draft|briefing|consultation|proposed rules|rules and regulations|final report"
    r"|annual report|manifesto|strategy|white paper|green paper|acts?(?:, (?:19|20)\d\d)?)",
    re.IGNORECASE,
)
#: Marks of text whose letters were read wrongly, and words set letter by letter.
_NO_WORDS = re.compile(r"[\[\]{}|~^\\]|(?:\b\w ){3}")
_SENTENCE = re.compile(r"\b(?:is|are|was|were|has|have|received|hereby|we|shall)\b")
_QUOTED = re.compile(r"^['‘“\"].*['’”\"]$")
_JOINING = re.compile(r"(?:on|of|for|and|to|in|with|by|&)", re.IGNORECASE)
UNFINISHED = re.compile(r"\b(?:on|of|for|and|to|in|the|with|a|an|through)$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)?\d\d)?")


def text_size(blocks: Sequence[Block]) -> float | None:
    """Return the type size of most words, in points, or None for a file without sizes."""
    words: Counter[float] = Counter()
    for block in blocks:
        if block.size is not None and block.kind != "furniture":
            words[round(block.size * 2) / 2] += block.words
    return words.most_common(1)[0][0] if words else None


def title_pages(front: Front) -> Iterator[range]:
    """Yield the blocks of each of the next two pages that has few words."""
    start = front.cover.stop
    for _ in range(2):
        if start >= len(front.front):
            return
        page = front.front[start].places[0].page if front.front[start].places else None
        end = start
        while end < len(front.front) and (
            not front.front[end].places or front.front[end].places[0].page == page
        ):
            end += 1
        if sum(b.words for b in front.front[start:end]) < COVER_WORDS:
            yield range(start, end)
        start = end


def in_display_type(front: Front, page: range, text_size: float) -> range | None:
    """Return the blocks of a page set in its largest type, with the pieces that belong to them."""
    fit = [i for i in page if may_title(front, i)]
    sizes = {i: front.front[i].size or 0.0 for i in fit}
    if not sizes or max(sizes.values()) < DISPLAY * text_size:
        return None
    least = BESIDE_NAME * max(sizes.values())
    other = [i for i in fit if sizes[i] >= least and not _is_name(front.front[i].text)]
    lead = max(other or fit, key=lambda i: sizes[i])
    start, stop = lead, lead + 1
    least = DISPLAY * text_size
    while stop in page and _goes_on(front, stop - 1, stop, least):
        stop += 1
    while start - 1 in page and _goes_on(front, start - 1, start, least):
        start -= 1
    while stop - start > 1 and _JOINING.fullmatch(front.front[stop - 1].text):
        stop -= 1
    return range(start, stop)


def _is_name(text: str) -> bool:
    return is_organisation(text) or is_body(text)


def _goes_on(front: Front, i: int, j: int, least: float) -> bool:
    """Return whether two neighbouring blocks are pieces of one title.

    `least` is the least type size of a piece that is more than a joining word.
    """
    a, b = front.front[i], front.front[j]
    if not a.places or not b.places:
        return False
    sizes = (a.size or 1.0, b.size or 1.0)
    gap = (b.places[0].box[1] - a.places[-1].box[3]) / max(sizes)
    alike = min(sizes) >= (1 - SAME_SIZE) * max(sizes)
    for block, at in ((a, i), (b, j)):
        if _JOINING.fullmatch(block.text):
            continue
        if (block.size or 0.0) < least or not _may_be_piece(front, at, after=block is b and alike):
            return False
        if _is_name(block.text) and not (block is b and alike and gap <= DOUBLE_SPACED):
            return False
    joined = _JOINING.fullmatch(a.text) or _JOINING.fullmatch(b.text) or UNFINISHED.search(a.text)
    if -1 <= gap <= NEXT_LINE:
        return bool(joined) or min(sizes) >= OTHER_SIZE * max(sizes)
    named = any(people(p.text, front.vocabulary) for p in (a, b))
    return -1 <= gap <= APART and not named and (bool(joined) or alike)


def may_title(front: Front, i: int) -> bool:
    """Return whether a block's words may be a title, wherever it stands."""
    text = front.front[i].text
    if text[0].islower() or sum(c.isalpha() for c in text) < 4:
        return False
    if _QUOTED.match(text):  # a motto
        return False
    return not _KIND_ALONE.fullmatch(text) and _may_be_piece(front, i)


def _may_be_piece(front: Front, i: int, *, after: bool = False) -> bool:
    """Return whether a block's words may be a part of a title.

    A year alone may, if it comes `after` another piece in the same type.
    """
    block = front.front[i]
    text = block.text
    longest = LONGEST_TITLE if block.bold or block.kind == "heading" else NOTICE_WORDS
    if block.kind in ("furniture", "table", "footnote") or block.words > longest:
        return False
    if _NO_WORDS.search(text) or REFERENCE.search(text) or known_kind(text):
        return False
    if after and _YEAR.fullmatch(text):
        return True
    if not any(map(str.isalpha, text)):
        return False
    if BYLINE.match(text) or re.match(PERSON, text) or only_date(text):
        return False
    return block.words <= PROSE_WORDS or not (_SENTENCE.search(text) or text.endswith((".", ";")))


def only_date(text: str) -> bool:
    """Return whether a text is little more than a date."""
    dates = find_dates(text)
    rest = sum(d.span[1] - d.span[0] for d in dates)
    return bool(dates) and len(letters(text)) - rest <= 8
