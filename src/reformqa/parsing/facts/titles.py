"""Find a report's title and subtitle: on its cover, in its margins, in what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reformqa.model import Guess, Metadata
from reformqa.parsing.facts.covers import (
    BYLINE,
    LONGEST_TITLE,
    REFERENCE,
    UNFINISHED,
    in_display_type,
    is_latin,
    may_title,
    only_date,
    title_pages,
)
from reformqa.parsing.facts.evidence import Candidate, elect
from reformqa.parsing.facts.front import FOLIO, TITLE_BLOCKS, Front
from reformqa.parsing.facts.names import NAMES, is_organisation, people
from reformqa.parsing.titles import CHAPTER, known_kind
from reformqa.text.dates import find_dates
from reformqa.text.similarity import letters

#: A heading in this many blocks may be the title of a file without pages.
HEADING_BLOCKS = 40
#: A heading below more words of text is a section's.
BEGUN = 150
#: A running head with fewer letters tells no title.
DISTINCT = 8

SERIES = re.compile(
    r"\b(?:report|paper|series|briefing|pamphlet|essay|discussion paper|taskforce|reading note)\b",
    re.IGNORECASE,
)
#: What stands between a title and a subtitle, or the name of a site.
_SEPARATOR = re.compile(r":|\s[–—|-]\s|\s?—\s?")
#: A heading of what follows, below which no title stands.
_OPENS = re.compile(
    r"in this (?:document|report|issue|paper)\b|(?:table of )?contents$|abstract$", re.IGNORECASE
)
#: The mark of a letter's subject.
_SUBJECT = re.compile(r"^(?:sub(?:ject)?|re)\s*[:.–-]+\s*", re.IGNORECASE)
#: A name alone is a title that much less often.
_NAME_ONLY = 0.6
_BY = re.compile(rf",?\s+by:?\s+(?P<names>{NAMES})$", re.IGNORECASE)
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}$")
#: The number of a statute, printed below its name.
_STATUTE_NUMBER = re.compile(r"(?<=\d{4}) no\. \d+ of (?:19|20)\d\d$", re.IGNORECASE)
#: The clause of a statute that names it.
_STATUTE = "(?:act|order|rules|regulations|ordinance|guidelines|code|bill)"
_CITED_AS = re.compile(
    rf"{_STATUTE}\W+(?:may|shall) be (?:cited|called|known)(?: as)?,?"
    rf" ?(?P<name>(?:the )?[A-Z][^.;“”]{{2,140}}?\b{_STATUTE}(?:,? (?:No\. ?\d+ of )?\d{{4}})?)"
    r"(?=[.,;]|,? and\b|$)",
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
    """Return whether one title is the other, or the other with a subtitle or a site after it."""
    wanted = _plain(value)
    ends = (m.start() for m in _SEPARATOR.finditer(read))
    return wanted == _plain(read) or any(_plain(read[:end]) == wanted for end in ends)


def _plain(title: str) -> str:
    return re.sub(r"^the(?=\w)", "", letters(title))


def _printed(front: Front) -> Iterator[Candidate]:
    """Yield the titles that cover and title page print, or else the first heading."""
    for i in front.cover:
        if front.front[i].words <= LONGEST_TITLE and (mark := _SUBJECT.match(front.front[i].text)):
            alone = mark.end() == len(front.front[i].text) and i + 1 in front.cover
            at = range(i + 1, i + 2) if alone else range(i, i + 1)
            yield _joined(front, at, "the line that says its subject", 0.8)
    if pieces := in_display_type(front, front.cover):
        yield _joined(front, pieces, "the cover", 0.75)
    for page in title_pages(front):
        if pieces := in_display_type(front, page):
            yield _joined(front, pieces, "the title page", 0.4)
    if first := _first_heading(front):
        yield _joined(front, first, "the first heading", 0.55)


def _joined(front: Front, pieces: range, source: str, weight: float) -> Candidate:
    texts = [front.vocabulary.title(_SUBJECT.sub("", front.front[i].text)) for i in pieces]
    title = _STATUTE_NUMBER.sub("", " ".join(texts))
    title = title if _INITIALS.search(title) else title.removesuffix(".")
    dates = [d for d in find_dates(title) if d.span[1] == len(title)]
    undated = title[: dates[0].span[0]].strip(" |·,–-") if dates else title
    if (by := _BY.search(undated)) and people(by["names"], front.vocabulary):
        title = title[: by.start()]
    if is_organisation(title):
        weight *= _NAME_ONLY
    return Candidate(title, source, weight, pieces)


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
    before = blocks[: start or 0]
    text = [b for b in before if b.kind not in ("heading", "furniture")]
    later = blocks[front.cover.stop : start or 0]
    if sum(b.words for b in text) > BEGUN or any(_OPENS.match(b.text) for b in later):
        return None
    if start is None or known_kind(blocks[start].text):
        fit = [i for i in range(min(TITLE_BLOCKS, len(blocks))) if _is_title(front, i)]
        unnamed = (i for i in fit if not people(blocks[i].text, front.vocabulary))
        start = next(unnamed, fit[0] if fit else None)
    return None if start is None else range(start, start + 1)


def _is_title(front: Front, i: int) -> bool:
    """Return whether a block in the size of the text is a title by its words."""
    block = front.front[i]
    if not may_title(front, i) or block.kind not in ("body", "heading"):
        return False
    if block.text.endswith((".", ",", ";", ":")):
        return False
    if _OPENS.match(block.text) or CHAPTER.match(re.sub(r"^\W*\d+\.\s*", "", block.text)):
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
    if not (2 if front.displayed(block) else 3) <= block.words <= 24 or block.text.endswith("."):
        return False
    if any(len(d.value) > len(d.year) for d in find_dates(block.text)):
        return False
    if known_kind(block.text) or BYLINE.match(block.text) or REFERENCE.search(block.text):
        return False
    if is_organisation(block.text) or people(block.text, front.vocabulary):
        return False
    if is_latin(block.text) != is_latin(above.text):
        return False
    if block.kind == "heading":
        return block.mark == 1
    if block.kind not in ("body", "furniture"):
        return False
    if not block.places:
        return True
    if at.stop not in front.cover:
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
    named = is_organisation(title.rstrip(",")) and not _SEPARATOR.search(title)
    if len(title.split()) < 2 or named:
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
            if len(name.split()) >= 2 and not UNFINISHED.search(name):
                yield Candidate(name, "the clause that names it", 0.9, _block_of(front, name))
                return


def _from_margins(front: Front) -> Iterator[Candidate]:
    """Yield the running head that looks most like a title: it supports what the cover says."""
    for text in front.running:
        plain = FOLIO.sub("", text).strip(" |·–-")
        if (
            len(plain.split()) >= 2
            and sum(c.isalpha() for c in plain) >= DISTINCT
            and not (is_organisation(plain) or known_kind(plain) or only_date(plain))
            and not REFERENCE.search(plain)
            and not any(len(d.value) > len(d.year) for d in find_dates(plain))
            and plain[-1:] not in ".,;"
        ):
            title = front.vocabulary.title(plain)
            yield Candidate(title, "the running heads", 0.25, _block_of(front, title))
            return
