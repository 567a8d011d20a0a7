"""Find a report's title and subtitle: on its cover, in its margins, in what it says of itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from reformqa.model import Guess, Metadata
from reformqa.parsing.blocks import Block
from reformqa.parsing.facts.evidence import Candidate, elect
from reformqa.parsing.facts.front import COVER_WORDS, NOTICE_WORDS, TITLE_BLOCKS, Front
from reformqa.parsing.facts.names import NAMES, PERSON, is_body, is_organisation, people
from reformqa.parsing.titles import CHAPTER, known_kind
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
#: A block of more words with a verb is a sentence.
PROSE_WORDS = 15
#: A heading in this many blocks may be the title of a file without pages.
HEADING_BLOCKS = 40
#: A running head with fewer letters tells no title.
DISTINCT = 8
#: The most words of a title that is bold or a heading; others are no longer than a notice.
LONGEST_TITLE = 60

BYLINE = re.compile(r"^(?:by|authors?:?|editors?:?|edited by|written by)\s+", re.IGNORECASE)
SERIES = re.compile(
    r"\b(?:report|paper|series|briefing|pamphlet|essay|discussion paper|taskforce|reading note)\b",
    re.IGNORECASE,
)
#: References, notices and marks that stand on covers and are no title.
_REFERENCE = re.compile(
    r"^\W*(?:hc|hl|cp|cm|cmnd|isbn|issn|rin|no\.|docket|f\. ?no|l\.n\.|reg\.|vol(?:ume)?\b|version"
    r"|issue\b|price|page\b|draft$|special issue|classification|publication (?:reference|no)"
    r"|£|rs\.|www\.|http|agency:|action:|\d+ cfr|\[|printed|published|submitted|ordered to be"
    r"|downloaded|pdf generated|presented to|report of session|adopted|\(|written by|in exercise"
    r"|(?:an )?act no|i assent|arrangement of|\d+(?:st|nd|rd|th) report|legal notice"
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
#: The mark of a letter's subject.
_SUBJECT = re.compile(r"^(?:sub(?:ject)?|re)\s*[:.–-]+\s*", re.IGNORECASE)
#: Marks of text whose letters were read wrongly, and words set letter by letter.
_NO_WORDS = re.compile(r"[\[\]{}|~^\\]|(?:\b\w ){3}")
_SENTENCE = re.compile(r"\b(?:is|are|was|were|has|have|received|hereby|we|shall)\b")
_QUOTED = re.compile(r"^['‘“\"].*['’”\"]$")
_JOINING = re.compile(r"(?:on|of|for|and|to|in|with|by|&)", re.IGNORECASE)
_UNFINISHED = re.compile(r"\b(?:on|of|for|and|to|in|the|with|a|an)$", re.IGNORECASE)
#: The number of a statute, printed below its name.
_STATUTE_NUMBER = re.compile(r"(?<=\d{4}) no\. \d+ of (?:19|20)\d\d$", re.IGNORECASE)
#: The clause of a statute that names it.
_CITED_AS = re.compile(
    r"(?:act|order|rules|regulations|ordinance|guidelines|code)\W+(?:may|shall) be"
    r" (?:cited|called|known)(?: as)?,? ?(?P<name>(?:the )?[A-Z][^.;“”]{8,150}?)"
    r"(?=\.|;|,? and (?:it )?shall|,? and comes?\b|$)",
    re.IGNORECASE,
)
#: Text that programs write into a title field by themselves.
_GARBAGE = re.compile(
    r"microsoft|untitled|\.(?:docx?|indd|pdf|qxd|pptx?|cdr|p65|doc)\b"
    r"|^(?:layout|slide|document|template|publications? office)\b|[_\\\]]|\bv?\d+\.\d+\b"
    r"|^[(\W]*anonymous",
    re.IGNORECASE,
)


def find_title(
    front: Front, metadata: Metadata, stated: bool, stem: str
) -> tuple[Candidate, Guess] | None:
    """Return the best title and where it was found, or None.

    `stated` says whether the metadata were written for this text; `stem` is the file's name.
    """
    found = list(_printed(front))
    found += [
        Candidate(c.value, "the file name", 0.3) for c in found[:1] if _named_alike(stem, c.value)
    ]
    found += _from_metadata(front, metadata, stated)
    found += _from_statute(front)
    found += _from_margins(front)
    return elect(found, _supports)


def find_subtitle(front: Front, title: Candidate, metadata: Metadata) -> Candidate | None:
    """Return the subtitle printed below the title, or the rest of a title in the metadata."""
    at = title.at
    if len(at) and at.stop < len(front.front) and _may_subtitle(front, at):
        text = front.vocabulary.title(front.front[at.stop].text)
        return Candidate(text, "the cover", 0.7, range(at.stop, at.stop + 1))
    whole = metadata.title or ""
    rest = whole[len(title.value) :]
    if whole.startswith(title.value) and (match := re.match(r"\s*[:–—-]\s+(\S.*)", rest)):
        return Candidate(match[1], "the file's metadata", 0.6)
    return None


def _supports(read: str, value: str) -> bool:
    """Return whether one title is the other, or the other with a subtitle after it."""
    title = re.match(rf"{re.escape(value)}\s*[:–—-]", read, re.IGNORECASE)
    a, b = (re.sub(r"^the(?=\w)", "", letters(t)) for t in (read, value))
    return a == b or title is not None


def _printed(front: Front) -> Iterator[Candidate]:
    """Yield the titles that cover and title page print, or else the first heading."""
    cover = front.cover
    text_size = _text_size(front.blocks)
    if text_size is not None:
        if pieces := _in_display_type(front, cover, text_size):
            yield _joined(front, pieces, "the cover", 0.75)
        for page in _title_pages(front):
            if pieces := _in_display_type(front, page, text_size):
                yield _joined(front, pieces, "the title page", 0.4)
    if first := _first_heading(front):
        yield _joined(front, first, "the first heading", 0.55)


def _joined(front: Front, pieces: range, source: str, weight: float) -> Candidate:
    texts = [front.vocabulary.title(_SUBJECT.sub("", front.front[i].text)) for i in pieces]
    return Candidate(_STATUTE_NUMBER.sub("", " ".join(texts)), source, weight, pieces)


def _text_size(blocks: Sequence[Block]) -> float | None:
    """Return the type size of most words, in points, or None for a file without sizes."""
    words: Counter[float] = Counter()
    for block in blocks:
        if block.size is not None and block.kind != "furniture":
            words[round(block.size * 2) / 2] += block.words
    return words.most_common(1)[0][0] if words else None


def _title_pages(front: Front) -> Iterator[range]:
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


def _in_display_type(front: Front, page: range, text_size: float) -> range | None:
    """Return the blocks of a page set in its largest type, with the pieces that belong to them."""
    fit = [i for i in page if _may_title(front, i)]
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
    for block, at in ((a, i), (b, j)):
        joining = bool(_JOINING.fullmatch(block.text))
        small = (block.size or 0.0) < least
        if not joining and (small or not _may_be_piece(front, at) or _is_name(block.text)):
            return False
    sizes = (a.size or 1.0, b.size or 1.0)
    if not a.places or not b.places:
        return False
    gap = (b.places[0].box[1] - a.places[-1].box[3]) / max(sizes)
    ratio = min(sizes) / max(sizes)
    joined = _JOINING.fullmatch(a.text) or _JOINING.fullmatch(b.text) or _UNFINISHED.search(a.text)
    if -1 <= gap <= NEXT_LINE:
        return bool(joined) or ratio >= OTHER_SIZE
    named = any(people(p.text, front.vocabulary) for p in (a, b))
    return -1 <= gap <= APART and not named and (bool(joined) or ratio >= 1 - SAME_SIZE)


def _may_title(front: Front, i: int) -> bool:
    """Return whether a block's words may be a title, wherever it stands."""
    text = front.front[i].text
    if text[0].islower() or sum(c.isalpha() for c in text) < 4:
        return False
    if _QUOTED.match(text):  # a motto
        return False
    return not _KIND_ALONE.fullmatch(text) and _may_be_piece(front, i)


def _may_be_piece(front: Front, i: int) -> bool:
    """Return whether a block's words may be a part of a title."""
    block = front.front[i]
    text = block.text
    longest = LONGEST_TITLE if block.bold or block.kind == "heading" else NOTICE_WORDS
    if block.kind in ("furniture", "table", "footnote") or block.words > longest:
        return False
    if _NO_WORDS.search(text) or _REFERENCE.search(text) or known_kind(text):
        return False
    if not any(map(str.isalpha, text)):
        return False
    if BYLINE.match(text) or re.match(PERSON, text) or _only_date(text):
        return False
    return block.words <= PROSE_WORDS or not (_SENTENCE.search(text) or text.endswith((".", ";")))


def _only_date(text: str) -> bool:
    """Return whether a text is little more than a date."""
    dates = find_dates(text)
    rest = sum(d.span[1] - d.span[0] for d in dates)
    return bool(dates) and len(letters(text)) - rest <= 8


def _first_heading(front: Front) -> range | None:
    """Return the first heading, or the first short block if that is no title."""
    blocks = front.front
    headings = (
        i
        for i, b in enumerate(blocks[:HEADING_BLOCKS])
        if (b.kind == "heading" or (b.bold and b.size)) and b.box is None
    )
    paged = any(b.places for b in blocks[:1])
    start = next((i for i in headings if not paged or _is_title(front, i)), None)
    if start is None or known_kind(blocks[start].text):
        fit = [i for i in range(min(TITLE_BLOCKS, len(blocks))) if _is_title(front, i)]
        unnamed = (i for i in fit if not people(blocks[i].text, front.vocabulary))
        start = next(unnamed, fit[0] if fit else None)
    return None if start is None else range(start, start + 1)


def _is_title(front: Front, i: int) -> bool:
    """Return whether a block in the size of the text is a title by its words."""
    block = front.front[i]
    if not _may_title(front, i) or block.kind not in ("body", "heading", "numbered"):
        return False
    if block.text.endswith((".", ",", ";", ":")):
        return False
    if CHAPTER.match(re.sub(r"^\W*\d+\.\s*", "", block.text)):
        return False
    if is_organisation(block.text) or block.box is not None:
        return False
    about = "about" + letters(block.text)
    if any(letters(b.text) == about for b in front.front):
        return False  # the publisher's name, above "About …"
    if block.places and block.words < 2:
        return False
    return not (SERIES.search(block.text) and block.words <= 5)


def _may_subtitle(front: Front, at: range) -> bool:
    block, above = front.front[at.stop], front.front[at.stop - 1]
    large = (block.size or 0.0) >= DISPLAY * (_text_size(front.blocks) or 0.0)
    if not (2 if block.size and large else 3) <= block.words <= 24 or block.text.endswith("."):
        return False
    if any(len(d.value) > len(d.year) for d in find_dates(block.text)):
        return False
    if known_kind(block.text) or BYLINE.match(block.text) or _REFERENCE.search(block.text):
        return False
    if block.kind == "heading":
        return block.mark == 1
    if block.kind not in ("body", "furniture"):
        return False
    if not block.places:
        return True
    if at.stop not in front.cover or is_organisation(block.text):
        return False
    named = re.fullmatch(NAMES, front.vocabulary.title(block.text)) is not None
    return front.covered and not named and (block.size or 0.0) <= (above.size or 0.0)


def is_generated(title: str) -> bool:
    """Return whether a program, not a person, filled in the title of the file's metadata."""
    return len(title.split()) < 2 or _GARBAGE.search(title) is not None


def _named_alike(stem: str, title: str) -> bool:
    """Return whether the words of a file name are those of a title."""
    words = {w for w in re.findall(r"[a-z]{3,}", stem.lower()) if w not in ("pdf", "the", "and")}
    return len(words) >= 2 and sum(w in title.lower() for w in words) >= 0.75 * len(words)


def _from_metadata(front: Front, metadata: Metadata, stated: bool) -> Iterator[Candidate]:
    title = metadata.title or ""
    if stated:
        if title:
            yield Candidate(title, "what the file states", 0.95, _block_of(front, title))
        return
    if len(title.split()) < 2 or is_organisation(title.rstrip(",")):
        return
    printed = letters(title) in letters("".join(b.text for b in front.front))
    if printed or not _GARBAGE.search(title):
        weight = 0.7 if printed else 0.45
        yield Candidate(title, "the file's metadata", weight, _block_of(front, title))


def _block_of(front: Front, title: str) -> range:
    """Return the position of the block that prints a title, empty if none does."""
    wanted = letters(title)
    for i, block in enumerate(front.front):
        if letters(block.text) == wanted:
            return range(i, i + 1)
    return range(0)


def _from_statute(front: Front) -> Iterator[Candidate]:
    for block in front.front:
        if match := _CITED_AS.search(block.text):
            name = match["name"].strip(" ,“”\"'")
            name = re.sub(r"^the ", "The ", name)
            if len(name.split()) >= 2 and not _UNFINISHED.search(name):
                yield Candidate(name, "the clause that names it", 0.5, _block_of(front, name))
                return


def _from_margins(front: Front) -> Iterator[Candidate]:
    """Yield the running head that looks most like a title: it supports what the cover says."""
    for text in front.running:
        plain = re.sub(r"^\W*\d+\W+|\W+\d+\W*$", "", text).strip(" |·–-")
        if (
            len(plain.split()) >= 2
            and sum(c.isalpha() for c in plain) >= DISTINCT
            and not (is_organisation(plain) or known_kind(plain) or _only_date(plain))
            and not _REFERENCE.search(plain)
            and plain[-1:] not in ".,;"
        ):
            title = front.vocabulary.title(plain)
            yield Candidate(title, "the running heads", 0.25, _block_of(front, title))
            return
