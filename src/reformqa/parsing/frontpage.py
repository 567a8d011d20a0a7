"""Read a report's metadata from its front page, for reports that are not in the catalogue."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reformqa.model import Metadata
from reformqa.parsing.blocks import Block
from reformqa.parsing.inline import Vocabulary, is_capitals
from reformqa.parsing.titles import CHAPTER, known_kind
from reformqa.text.similarity import letters

#: The front matter is expected in this many blocks.
FRONT_BLOCKS = 140
#: The title is expected in this many blocks.
TITLE_BLOCKS = 12

_MONTHS = tuple(calendar.month_name)[1:]
_DATE = re.compile(rf"\b({'|'.join(_MONTHS)})\s+((?:19|20)\d\d)\b", re.IGNORECASE)
_PUBLISHED = re.compile(r"\bpublished\b|©|\bto be printed\b", re.IGNORECASE)
#: A block of more words is running text, which may name dates and authors of other works.
NOTICE_WORDS = 40
_YEAR = re.compile(r"(?:©|copyright|published).{0,40}?\b((?:19|20)\d\d)\b", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"\b(?:institute|society|foundation|commission|committee|house of|centre|department|ministry"
    r"|council|trust|office|inquiry|think tank)\b",
    re.IGNORECASE,
)
_MADE_BY = re.compile(r"\b(?:printed|designed|typeset|produced)\b", re.IGNORECASE)
_SERIES = re.compile(
    r"\b(?:report|paper|series|briefing|pamphlet|essay|discussion paper|taskforce|reading note)\b",
    re.IGNORECASE,
)
_NAME = r"(?:(?:Dr|Prof|Sir|Dame|Lord|Lady|Baroness)\.? )?[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+){1,3}"
_NAMES = rf"{_NAME}(?:(?:, and |, | and | with | & ){_NAME})*"
_BY = re.compile(rf"\b(?:by|Authors?:?)\s+({_NAMES})")
_BYLINE = re.compile(r"^(?:by|authors?:?)\s+", re.IGNORECASE)
_ABOUT_AUTHOR = re.compile(rf"^({_NAME}) is\b")
_ORG_NAME = r"([A-Z][\w&'’ ]{1,60}?)"
_PUBLISHERS = (
    re.compile(
        rf"\b[Pp]ublished by (?:the )?(?:Authority of the )?{_ORG_NAME}"
        rf"(?=[,.©]|\s+(?:in|on|{'|'.join(_MONTHS)})\b|$)"
    ),
    re.compile(rf"©\s*(?:[Cc]opyright )?(?:[Tt]he )?(?!Crown){_ORG_NAME}\s+(?:19|20)\d\d"),
    re.compile(rf"(?:©|\b[Cc]opyright)\s+(?:19|20)\d\d,? (?:[Tt]he )?{_ORG_NAME}(?=[,.]|$)"),
    re.compile(rf"\bpublications of (?:the )?{_ORG_NAME}(?=[,.])"),
)
_CROWN = re.compile(r"©\s*Crown copyright", re.IGNORECASE)
_ABOUT = re.compile(r"^about (?!the\b|this\b|us\b)(?P<name>.{2,40})$", re.IGNORECASE)
_LICENCES = (
    re.compile(r"\bAttribution[\w -]*?\d\.\d(?: [A-Z]{2,})?"),
    re.compile(r"\bOpen (?:Government|Parliament) Licence(?: v?\d\.\d)?", re.IGNORECASE),
    re.compile(r"\bCreative Commons (?:[A-Z][\w-]+ ?)+?(?= ?[Ll]icen[cs]e)"),
    re.compile(r"\bCC[ -]BY[\w.-]*(?: \d\.\d)?"),
)
_OWN_ADDRESS = re.compile(r"\bdownload|\bcitation", re.IGNORECASE)
_LANDING = re.compile(r"https?://(?!creativecommons)[\w.-]+/\S*(?:publication|research|report)\S*")


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The metadata found, and the positions of the blocks that print title and subtitle."""

    facts: Metadata
    title_at: range


def read_front_page(blocks: Sequence[Block], vocabulary: Vocabulary) -> FrontPage:
    """Return the metadata that the front matter states; other fields are None or empty."""
    front = blocks[:FRONT_BLOCKS]
    text = [b.text for b in front]
    at = _title_at(front, text)
    title = vocabulary.title(text[at.start]) if at else None
    subtitle = vocabulary.title(text[at.stop - 1]) if len(at) > 1 else None
    authors: tuple[str, ...] = ()
    if subtitle and (by := re.search(rf",?\s+by ({_NAMES})$", subtitle)):
        subtitle = subtitle[: by.start()]
        authors = _split_names(by[1])
    publisher = _publisher(front, at)
    series = _series(front, at, vocabulary)
    return FrontPage(
        Metadata(
            title=title,
            subtitle=subtitle,
            authors=authors or _authors(front, at, vocabulary),
            publisher=publisher,
            published=_published([b.text for b in front if b.words <= NOTICE_WORDS] or text),
            series=series.removesuffix(publisher or "").strip() if series else None,
            licence=_licence(text),
            url=_landing_page(text),
        ),
        at,
    )


def _title_at(front: Sequence[Block], text: Sequence[str]) -> range:
    headings = (i for i, b in enumerate(front[:40]) if b.kind == "heading" and not b.box)
    start = next(headings, None)
    if start is None or known_kind(text[start]):
        start = next((i for i, _ in enumerate(front[:TITLE_BLOCKS]) if _may_title(front, i)), None)
    if start is None:
        return range(0)
    subtitle = start + 1 < len(front) and _may_subtitle(front[start + 1])
    return range(start, start + 1 + subtitle)


def _may_title(front: Sequence[Block], i: int) -> bool:
    block = front[i]
    if block.kind != "body" or block.words > 15 or not any(c.isalpha() for c in block.text):
        return False
    if block.text.endswith((".", ",", ";", ":")):
        return False
    if _ORGANISATION.search(block.text) or known_kind(block.text) or _DATE.search(block.text):
        return False
    names_publisher = any(
        _ABOUT.match(b.text) and letters(b.text) == "about" + letters(block.text) for b in front
    )
    return not names_publisher and not (_SERIES.search(block.text) and block.words <= 5)


def _may_subtitle(block: Block) -> bool:
    return (
        (block.kind == "heading" or (block.kind == "body" and not block.places))
        and 3 <= block.words <= 24
        and not block.text.endswith(".")
        and not _DATE.search(block.text)
        and not known_kind(block.text)
        and not _BYLINE.match(block.text)
        and (block.kind != "heading" or block.mark == 1)
    )


def _authors(front: Sequence[Block], at: range, vocabulary: Vocabulary) -> tuple[str, ...]:
    for block in front[at.stop : at.stop + 6]:
        text = _BYLINE.sub("", vocabulary.title(block.text))
        if known_kind(block.text) or CHAPTER.match(block.text):
            break
        if block.kind == "body" and block.words <= 16 and re.fullmatch(_NAMES, text):
            names = _split_names(text)
            if all(vocabulary.is_name(n) for n in names) and not _ORGANISATION.search(text):
                return names
    for block in front:
        if block.words > NOTICE_WORDS:
            continue
        if (by := _BY.search(block.text)) and not _MADE_BY.search(block.text):
            names = _split_names(by[1])
            if all(vocabulary.is_name(n) for n in names) and not _ORGANISATION.search(by[1]):
                return names
    return tuple(_about_authors(front))


def _about_authors(front: Sequence[Block]) -> Iterator[str]:
    inside = False
    for block in front:
        if re.fullmatch(r"about the authors?", block.text, re.IGNORECASE):
            inside = True
        elif inside:
            match = _ABOUT_AUTHOR.match(block.text)
            if not match:
                return
            yield match[1]


def _split_names(text: str) -> tuple[str, ...]:
    return tuple(n.strip() for n in re.split(r", and |, | and | with | & ", text) if n.strip())


def _publisher(front: Sequence[Block], title: range) -> str | None:
    for pattern in _PUBLISHERS:
        for block in front:
            if match := pattern.search(block.text):
                return match[1].strip()
    for block in front:
        if (match := _ABOUT.match(block.text)) and block.words <= 5:
            name = match["name"]
            return name.title() if name.isupper() and len(name) > 5 else name
    for i, block in enumerate(front[:TITLE_BLOCKS]):
        if i in title:
            continue  # a report on an office, not by it
        named = all(w[0].isupper() for w in block.text.split() if len(w) > 3)
        named = named and not re.search(r"recommendation|report|response", block.text, re.I)
        if named and _ORGANISATION.search(block.text) and block.words <= 8:
            return block.text.title() if is_capitals(block.text) else block.text
    crown = any(_CROWN.search(b.text) for b in front)
    return "HM Government" if crown else None


def _published(text: Sequence[str]) -> str | None:
    dated = [(t, m) for t in text if (m := _DATE.search(t))]
    said = [(t, m) for t, m in dated if (at := _PUBLISHED.search(t)) and at.start() < 30]
    alone = [(t, m) for t, m in dated if len(t.split()) <= 3]  # as covers print it
    dated = said or alone or dated
    if dated:
        month, year = dated[0][1].groups()
        return f"{year}-{_MONTHS.index(month.capitalize()) + 1:02d}"
    return next((m[1] for t in text if (m := _YEAR.search(t))), None)


def _series(front: Sequence[Block], at: range, vocabulary: Vocabulary) -> str | None:
    for i, block in enumerate(front[: at.stop + 6 if at else 6]):
        short = block.kind == "body" and 2 <= block.words <= 9 and i not in at
        if short and is_capitals(block.text) and _SERIES.search(block.text):
            return vocabulary.title(block.text)
    return None


def _landing_page(text: Sequence[str]) -> str | None:
    """Return the report's own address, printed below "Download" or in a suggested citation."""
    for i, line in enumerate(text):
        nearby = " ".join(text[max(0, i - 2) : i + 1])
        if (match := _LANDING.search(line)) and _OWN_ADDRESS.search(nearby):
            return match[0].rstrip(".,>)")
    return None


def _licence(text: Sequence[str]) -> str | None:
    for pattern in _LICENCES:
        for line in text:
            if match := pattern.search(line):
                return match[0].strip()
    return None
