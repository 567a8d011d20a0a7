"""Put a title together from its pieces on a cover, where it is the largest type."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from reformqa.parsing.blocks import Block
from reformqa.parsing.facts.front import COVER_WORDS, NOTICE_WORDS, Front
from reformqa.parsing.facts.names import PERSON, is_body, is_organisation, people
from reformqa.parsing.titles import CHAPTER, known_kind
from reformqa.text.dates import find_dates
from reformqa.text.similarity import letters

#: Pieces of one title in the same size differ by at most this share, and are at most this many
#: type sizes apart.
SAME_SIZE = 0.1
APART = 4.0
#: Pieces in different sizes are at least this share of each other, and at most this many sizes of
#: the larger apart: a subtitle stands further off.
OTHER_SIZE = 0.55
NEXT_LINE = 0.6
#: A word such as "Report" is the title with the name beside it if it is larger by this factor.
MUCH_LARGER = 1.3
#: The distance of lines set with double spacing, in type sizes.
DOUBLE_SPACED = 1.5
#: A block of more words with a verb is a sentence, unless it is set larger than the text by this
#: factor.
PROSE_WORDS = 15
LARGE = 1.8
#: The most words of a title that is bold or a heading; others are no longer than a notice.
LONGEST_TITLE = 60

BYLINE = re.compile(r"^(?:by|authors?|editors?|edited by|written by):?\s+", re.IGNORECASE)
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
    r"(?:(?:the|an?|interim|final|draft|full|annual|special|summary|main|research|policy|technical"
    r"|discussion|working|background|proposed|client|white|green|general|election|party) )*"
    r"(?:report|paper|policy|newsletter|guidelines?|guidance|directives?|regulations?|rules"
    r"|notices?|circular|draft|brief(?:ing)?|alert|consultation|rules and regulations|manifesto"
    r"|strategy|memo(?:randum)?"
    r"|acts?)(?: no\. ?\d+)?(?:,?(?: of)? (?:19|20)\d\d)?",
    re.IGNORECASE,
)
#: Marks of text whose letters were read wrongly, and words set letter by letter.
_NO_WORDS = re.compile(r"[\[\]{}~^\\\ufffd]|\|(?! )|(?<! )\||(?:\b\w ){3}")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_SENTENCE = re.compile(r"\b(?:is|are|was|were|has|have|received|hereby|we|shall)\b")
#: A quotation; the marks of one set in two lines may be read in another order.
_QUOTED = re.compile(r"^['‘“\"].*['’”\"]$|(?:^| )[‘“] ")
_JOINING = re.compile(r"(?:on|of|for|and|to|in|with|by|&)", re.IGNORECASE)
UNFINISHED = re.compile(r"\b(?:on|of|for|and|to|in|the|with|a|an|through)$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)?\d\d)?")


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


def in_display_type(front: Front, page: range) -> range | None:
    """Return the blocks of a page set in its largest type, with the pieces that belong to them."""
    shown = [i for i in page if front.displayed(front.front[i])]
    sizes = {i: front.front[i].size or 0.0 for i in shown}
    fit = [i for i in shown if may_title(front, i)]
    other = [i for i in fit if not _is_name(front, i)]
    largest = max((sizes[i] for i in other), default=0.0)
    if max((sizes[i] for i in fit), default=0.0) >= MUCH_LARGER * largest:
        # The capitalised words of a title look like a person's name; but none is set so large.
        other = [i for i in fit if not is_organisation(front.front[i].text)]
        largest = max((sizes[i] for i in other), default=0.0)
    for i in shown:
        kind = _KIND_ALONE.fullmatch(front.front[i].text) and sizes[i] >= MUCH_LARGER * largest
        if kind and (named := _kind_with_name(front, shown, i)):
            return named
    if not (leads := other or fit):
        return None
    lead = max(leads, key=lambda i: sizes[i])
    start, stop = lead, lead + 1
    while stop in page and _goes_on(front, stop - 1, stop):
        stop += 1
    while start - 1 in page and _goes_on(front, start - 1, start):
        start -= 1
    while stop - start > 1 and _JOINING.fullmatch(front.front[stop - 1].text):
        stop -= 1
    return range(start, stop)


def _kind_with_name(front: Front, shown: list[int], i: int) -> range | None:
    """Return "The Report" with the name beside it, or "Manifesto 2031" alone."""
    for at in (range(i - 1, i + 1), range(i, i + 2)):
        if at[0] in shown and at[1] in shown:
            a, b = (front.front[j] for j in at)
            if _gap(a, b) <= NEXT_LINE:
                return at
    return range(i, i + 1) if len(front.front[i].text.split()) > 1 else None


def _gap(a: Block, b: Block) -> float:
    """Return the distance of two blocks, one below the other, in sizes of the larger type."""
    if not a.places or not b.places:
        return math.inf
    height = b.places[0].box[1] - a.places[-1].box[3]
    gap = height / max(a.size or 1.0, b.size or 1.0)
    return gap if gap >= -1 else math.inf


def _is_name(front: Front, i: int) -> bool:
    """Return whether a block is the name of an organisation or of people."""
    text = front.front[i].text
    if is_organisation(text) or is_body(text):
        return True
    return bool(people(front.vocabulary.title(text), front.vocabulary))


def _goes_on(front: Front, i: int, j: int) -> bool:
    """Return whether two neighbouring blocks are pieces of one title."""
    a, b = front.front[i], front.front[j]
    if is_latin(a.text) != is_latin(b.text) or b.text.endswith("."):
        return False
    sizes = (a.size or 1.0, b.size or 1.0)
    gap = _gap(a, b)
    alike = min(sizes) >= (1 - SAME_SIZE) * max(sizes)
    for block, at in ((a, i), (b, j)):
        if _JOINING.fullmatch(block.text):
            continue
        if not front.displayed(block) or not _may_be_piece(front, at, after=block is b and alike):
            return False
        if _is_name(front, at) and not (block is b and alike and gap <= DOUBLE_SPACED):
            return False
    joined = _JOINING.fullmatch(a.text) or _JOINING.fullmatch(b.text) or UNFINISHED.search(a.text)
    if _KIND_ALONE.fullmatch(a.text) and not _JOINING.match(b.text):
        return False
    if gap <= NEXT_LINE:
        return bool(joined) or min(sizes) >= OTHER_SIZE * max(sizes)
    named = any(people(p.text, front.vocabulary) for p in (a, b))
    return gap <= APART and not named and (bool(joined) or alike)


def may_title(front: Front, i: int) -> bool:
    """Return whether a block's words may be a title, wherever it stands."""
    text = front.front[i].text
    if text[0].islower() or sum(c.isalpha() for c in text) < 4:
        return False
    if _QUOTED.search(text):  # a motto
        return False
    return not _KIND_ALONE.fullmatch(text) and _may_be_piece(front, i)


def _may_be_piece(front: Front, i: int, *, after: bool = False) -> bool:
    """Return whether a block's words may be a part of a title.

    A year alone may, if it comes `after` another piece in the same type.
    """
    block = front.front[i]
    text = block.text
    longest = LONGEST_TITLE if block.bold or block.kind == "heading" else NOTICE_WORDS
    if block.kind == "footnote" or block.words > longest:
        return False
    if block.kind in ("furniture", "table") and not (i in front.cover and front.displayed(block)):
        return False
    if _NO_WORDS.search(text) or REFERENCE.search(text) or known_kind(text):
        return False
    if after and _YEAR.fullmatch(text):
        return True
    if not any(map(str.isalpha, text)) or (CHAPTER.match(text) and block.words <= 2):
        return False
    if BYLINE.match(text) or re.match(PERSON, text) or only_date(text):
        return False
    large = block.size is not None and block.size >= LARGE * (front.text_size or block.size)
    if block.words <= PROSE_WORDS or (large and not text.endswith((".", ";"))):
        return True
    return not (_SENTENCE.search(text) or text.endswith((".", ";")))


def is_latin(text: str) -> bool:
    """Return whether a text has no words in another script: some covers say all in several."""
    return len(_LATIN.findall(text)) >= 0.9 * len(_LETTER.findall(text))


def only_date(text: str) -> bool:
    """Return whether a text is little more than a date, such as "Nairobi, 25th January 2013"."""
    dates = find_dates(text)
    rest = len(letters(text)) - sum(d.span[1] - d.span[0] for d in dates)
    return bool(dates) and rest <= (8 if any(len(d.value) > len(d.year) for d in dates) else 0)
