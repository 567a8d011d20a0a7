"""Find who published a report."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from itertools import groupby, pairwise

from reformqa.model import Guess, Metadata
from reformqa.parsing.facts.addresses import from_addresses, in_full, is_short_for
from reformqa.parsing.facts.evidence import Candidate, elect
from reformqa.parsing.facts.front import FOLIO, Front
from reformqa.parsing.facts.names import (
    ORGANISATION,
    cased,
    is_body,
    is_organisation,
    people,
)
from reformqa.parsing.facts.titles import SERIES
from reformqa.text.dates import find_dates
from reformqa.text.similarity import letters

_MONTHS = "|".join(calendar.month_name[1:])
_NAME = r"(?P<name>[A-Z][\w&'’,. -]{1,90}?)"
_END = r"(?=\s*(?:[.;:©|(]|,? (?:in|on|with|at|under)\b|,? (?:19|20)\d\d|$))"
#: What a report prints before or after its publisher's name, with the place that this is.
_SAID: tuple[tuple[re.Pattern[str], str, float], ...] = tuple(
    (re.compile(pattern), source, weight)
    for pattern, source, weight in (
        (
            rf"\b(?i:published (?:and \w+ )?by:?)\s+(?i:(?:the )?(?:authority of the )?){_NAME}"
            rf"(?=\s*(?:[.,;:©|]|,? (?:in|on|with|and printed|{_MONTHS}|(?:19|20)\d\d)\b|$))",
            "the line “published by”",
            0.85,
        ),
        (
            r"\b(?i:promoted|published|issued|printed|prepared|produced)\b[^.]{0,90}?"
            rf"\b(?i:on behalf of):? (?:[Tt]he )?{_NAME}(?=,? (?:both|all|of \d)\b|[,.;(]|$)",
            "the line “on behalf of”",
            0.85,
        ),
        (
            rf"^(?i:prepared for):? (?:[Tt]he )?{_NAME}{_END}",
            "the line “prepared for”",
            0.6,
        ),
        (
            rf"^(?i:prepared by):? (?:[Tt]he )?{_NAME}{_END}",
            "the line “prepared by”",
            0.45,
        ),
        (
            rf"\b(?i:cited?\b|citation\b)[^:.]{{0,60}}: (?:[Tt]he )?{_NAME}"
            r"(?:,? \(?(?:19|20)\d\d[):]| \([A-Z]{2,8}\))",
            "the suggested citation",
            0.6,
        ),
        (
            r"\b(?i:orders?|decrees?|decisions?|resolution|approved|endorsed|issued)\b[^.;]{0,60}?"
            rf"\b(?i:of|by) the (?P<name>(?:Ministry|Department|Government) of [A-Z]"
            rf"[\w&'’,. -]{{1,80}}?){_END}",
            "the order that it is part of",
            0.45,
        ),
        (
            rf"(?:©|\([cC]\))\s*(?i:copyright )?(?:[Tt]he )?(?!(?i:crown|copyright)){_NAME}"
            r",?\s+(?:19|20)\d\d",
            "the copyright line",
            0.8,
        ),
        (
            rf"(?:©|(?i:\bcopyright))\s*(?:©\s*)?(?:19|20)\d\d(?:[-–]\d+)?,? (?:by )?(?:[Tt]he )?"
            rf"(?!(?i:crown)){_NAME}{_END}",
            "the copyright line",
            0.8,
        ),
        (
            rf"\bpublications of (?:the )?{_NAME}(?=[,.])",
            "the imprint",
            0.7,
        ),
        (
            r"^.{0,30}?\b(?i:issued by|a (?:report|paper|publication) (?:by|of|from)) (?:the )?"
            rf"{_NAME}{_END}",
            "the line “issued by”",
            0.6,
        ),
    )
)
#: The name stands in the next block.
_TO_BE_NAMED = re.compile(r"\b(?:by|behalf of):?$", re.IGNORECASE)
_AFTER_NAME = re.compile(
    r"\s*(?:,|\. |\s\d|\bno$|\bfreepost\b|\ball rights\b|\bwith the authority\b)", re.IGNORECASE
)
_CROWN = re.compile(r"©\s*Crown copyright", re.IGNORECASE)
_ABOUT = re.compile(r"^about (?!the\b|this\b|us\b|our\b)(?P<name>.{2,40})$", re.IGNORECASE)
#: The minister by whom a paper comes before Parliament: the department publishes it.
_PRESENTED = re.compile(
    r"\b[Pp]resented to Parliament by the (?:[\w ]+ and )?Secretary of State for "
    r"(?P<of>[A-Z][\w,& ]+?)(?= (?:by|on|pursuant|under)\b|\s*[.;©]|$)"
)
_HIGHER = re.compile(r"^(?:HM |the )?(?:government|republic)\b|\bgovernment$", re.IGNORECASE)
#: What a report says of an author who works for its publisher; scholars work elsewhere.
_STAFF = re.compile(
    r"\bis (?:an?|the) (?:[\w-]+ ){0,3}(?:fellow|director|president|analyst|economist|researcher)\b"
    rf"[\w ]{{0,40}}?,? (?:at|of|with) (?:[Tt]he )?{_NAME}(?=[.,;(]| and (?:a|an|the|his|her)\b|$)"
)
#: A part of a university or company, which is named beside it.
_PART = re.compile(
    r"^(?:department of (?:[\w ]*sciences?|\w+ics)|school of|faculty of)\b", re.IGNORECASE
)
#: "National Institute for Health and Care Excellence (NICE)"
_WITH_SHORT = re.compile(r"^(?P<long>.+?)\s*\((?P<short>[A-Z][\w&-]{1,9})\)$")
#: A quoted title or a page number, as in a source that footnotes repeat.
_SOURCE = re.compile(r"[“”‘\"]|[’'],|\bpp?\. ?\d|\bibid\b", re.IGNORECASE)
#: What stands between a name and what is printed beside it.
_PARTS = re.compile(r"[,:]\s|(?:^|\s+)[|·•●■◆/–-]\s+")
#: Words between a party's name and "manifesto".
_KINDS = (
    r"(?:general|westminster|european|local|election|northern ireland|scottish|welsh|(?:19|20)\d\d)"
)
_MANIFESTO = re.compile(
    rf"^(?:the )?(?!{_KINDS}\b)(?P<name>\S.*?)(?:['’]s)? (?:{_KINDS} )*manifesto\b", re.IGNORECASE
)
#: A line of more words is a sentence, though it names an organisation.
_LINE_WORDS = 14
#: A line alone further down is a heading rather than the publisher's name.
_NEAR = 40
#: The rows of a table at the head of the first page may be a letterhead.
_ROWS = 3
#: A name without such a word ("Demos") has at most this many words, and the text uses it so often.
_PLAIN_WORDS = 3
_USED = 3
#: Only a place of this weight makes a publisher of what is the title.
_SURE = 0.6
#: A place of less weight names no publisher, however often the text does.
_TOLD = 0.2
#: A block of more words is not a name alone.
_SHORT_LINE = 12


def find_publisher(
    front: Front,
    metadata: Metadata,
    stated: bool,
    stem: str,
    title: range,
    authors: tuple[str, ...],
) -> tuple[Candidate, Guess] | None:
    """Return the best publisher, or None. `title` are the blocks of the title.

    `stated` says whether the metadata were written for this text; `stem` is the file's name.
    """
    found = [
        *_said(front),
        *_presented(front),
        *_named_alone(front, title),
        *_of_manifesto(front, title),
        *_plain_on_cover(front, title),
        *_about(front),
        *_staff(front),
        *_of_file(front, metadata, stated, authors),
        *_running(front),
        *_of_file_name(front, stem),
    ]
    found += from_addresses(front, [c.value for c in found], stem)
    titled = letters("".join(front.front[i].text for i in title))
    taken = {"", *map(letters, authors)}
    found = [c for c in found if letters(c.value) not in taken]
    found = [c for c in found if letters(c.value) != titled or c.weight >= _SURE]
    found += _used(front, found)
    if any(_CROWN.search(b.text) for b in front.notices):
        found.append(Candidate("HM Government", "the copyright line", 0.35))
    return elect(found, _supports)


def _used(front: Front, found: list[Candidate]) -> list[Candidate]:
    """Return the names found that the text uses often: it speaks of its publisher."""
    names = {c.value for c in found if c.weight >= _TOLD}
    often = (n for n in sorted(names) if is_organisation(n) or re.fullmatch(r"[A-Z]{3,}", n))
    return [Candidate(n, "the text", 0.3) for n in often if front.uses(n) > _USED]


def _supports(read: str, value: str) -> bool:
    a, b = (re.sub(r"^the(?=\w)", "", letters(t.replace("&", "and"))) for t in (read, value))
    return a == b or is_short_for(read, value) or is_short_for(value, read)


def _said(front: Front) -> Iterator[Candidate]:
    notices = [
        f"{a.text} {b.text}" if _TO_BE_NAMED.search(a.text) else a.text
        for a, b in pairwise((*front.notices, *front.notices[-1:]))
    ]
    texts = [*notices, *(b.text for b in front.front)]
    for pattern, source, weight in _SAID:
        for text in notices if "issued" in source else texts:
            if match := pattern.search(text):
                short = text.startswith(" (", match.end("name"))
                name = match["name"] if short else _trimmed(match["name"])
                # Where the words say that it is the publisher, its name may be any.
                if is_organisation(name, worded=False) and not people(name, front.vocabulary):
                    yield Candidate(cased(name, front.vocabulary), source, weight)
                    break


def _trimmed(name: str) -> str:
    """Return a name without the place and the licence that follow it."""
    return _AFTER_NAME.split(name, maxsplit=1)[0].strip(" .,-")


def _presented(front: Front) -> Iterator[Candidate]:
    for block in front.front:
        if match := _PRESENTED.search(block.text):
            office = match["of"].strip()
            named = rf"(?:Department|Ministry) (?:for|of) {re.escape(office)}"
            printed = (re.search(named, b.text) for b in front.blocks)
            found = next((m for m in printed if m), None)
            name = found[0] if found else f"Department for {office}"
            yield Candidate(name, "the presentation to Parliament", 0.7)
            return


def _named_alone(front: Front, title: range) -> Iterator[Candidate]:
    """Yield the organisations whose names are lines of their own in the front matter."""
    for text, i in _lines(front):
        if i in title:
            continue  # a report on an office, not by it
        block = front.front[i]
        on_cover = i in front.masthead
        if not on_cover and block.kind not in ("body", "heading"):
            continue
        if block.kind == "table" and not front.covered and i > _ROWS:
            continue
        if len(text.split()) > _LINE_WORDS:
            continue
        whole = text.strip(" ,|·-–")
        parts = [p.strip() for p in _PARTS.split(whole)]
        place = "the cover" if on_cover else "the front matter"
        named = is_organisation(whole) and not _is_list(parts, front)
        for name in [whole] if named else filter(is_organisation, parts):
            weight = 0.6 if on_cover else 0.25 if i < _NEAR else 0.1
            # Of a ministry and its government the ministry is meant, of a department and its
            # university the university.
            beside = (name not in (whole, parts[0]), bool(_HIGHER.search(name)))
            small = (block.words > _SHORT_LINE, bool(_PART.match(name)))
            weight *= 0.6 ** sum((*beside, *small))
            yield Candidate(cased(name, front.vocabulary), place, weight)


def _is_list(parts: list[str], front: Front) -> bool:
    """Return whether the parts of a line are more than one name: a person's, or a whole one first.

    "Ministry of Lands, Mining and Water" is one name.
    """
    if any(people(p, front.vocabulary) for p in parts):
        return True
    return len(parts) > 1 and ORGANISATION.fullmatch(parts[0].rpartition(" ")[2]) is not None


def _lines(front: Front) -> Iterator[tuple[str, int]]:
    """Yield the lines of the short blocks, but a name in several lines whole, with their blocks."""
    for i, lines in groupby(front.lines, key=lambda line: line.block):
        block = front.front[i]
        if is_organisation(block.text):
            yield block.text, i
        else:
            yield from ((line.text, i) for line in lines)


def _of_manifesto(front: Front, title: range) -> Iterator[Candidate]:
    """Yield the party before the word "manifesto": "Water Party General Election Manifesto"."""
    cover = [front.front[i] for i in front.cover]
    found = [(b.text, "the cover", False) for b in cover if b.words <= _LINE_WORDS]
    found.append((" ".join(front.front[i].text for i in title), "the title", True))
    found += [(FOLIO.sub("", text), "the running heads", False) for text in front.running]
    for text, place, joined in found:
        if match := _MANIFESTO.match(text):
            name = match["name"].strip()
            named = is_organisation(name, worded=joined and not re.fullmatch(r"[A-Z]+", name))
            if named and not SERIES.search(name):
                yield Candidate(cased(name, front.vocabulary), place, 0.5)


def _plain_on_cover(front: Front, title: range) -> Iterator[Candidate]:
    """Yield the lines of a cover that are names used in the text, and not of people."""
    if not front.covered:
        return
    for line in front.lines:
        name = line.text.strip(" ,|·-–")
        plain = len(name.split()) <= _PLAIN_WORDS and is_organisation(name, worded=False)
        if not plain or line.block not in front.cover or line.block in title:
            continue
        block = front.front[line.block]
        if block.kind == "furniture" or not front.vocabulary.is_name(name):
            continue
        if block.words > _PLAIN_WORDS or SERIES.search(name) or people(name, front.vocabulary):
            continue
        if front.uses(name) > _USED and not (is_body(name) or _HIGHER.search(name)):
            yield Candidate(name, "the cover", 0.35)


def _about(front: Front) -> Iterator[Candidate]:
    for block in front.front:
        if (match := _ABOUT.match(block.text)) and block.words <= 5:
            name = match["name"]
            shown = name.title() if name.isupper() and len(name) > 5 else name
            yield Candidate(shown, f"the heading “About {shown}”", 0.6)
            return


def _staff(front: Front) -> Iterator[Candidate]:
    """Yield the organisation whose staff wrote the report: "… is a fellow at the Institute …"."""
    for block in (*front.front, *front.back):
        if match := _STAFF.search(block.text):
            name = _trimmed(match["name"])
            if is_organisation(name):
                yield Candidate(cased(name, front.vocabulary), "what it says of its authors", 0.3)
                return


def _of_file(
    front: Front, metadata: Metadata, stated: bool, authors: tuple[str, ...]
) -> Iterator[Candidate]:
    if metadata.publisher:
        yield Candidate(
            metadata.publisher,
            "what the file states" if stated else "the file's metadata",
            0.95 if stated else 0.7,
        )
    for name in metadata.authors:
        plain = match["long"] if (match := _WITH_SHORT.match(name)) else in_full(name, front.text)
        if name in authors:
            continue
        if is_organisation(plain):
            yield Candidate(plain, "the file's metadata", 0.5)
        elif re.fullmatch(r"[A-Z]{3,8}", name) and front.uses(name) > _USED:
            yield Candidate(name, "the file's metadata", 0.4)


def _running(front: Front) -> Iterator[Candidate]:
    for text in front.running:
        if _SOURCE.search(text):
            continue
        for part in _PARTS.split(FOLIO.sub("", text)):
            name = in_full(part, front.text)
            if is_organisation(name) and not find_dates(name):
                yield Candidate(cased(name, front.vocabulary), "the running heads", 0.4)


def _of_file_name(front: Front, stem: str) -> Iterator[Candidate]:
    """Yield the printed name for which an abbreviation in the file's name stands."""
    text = " ".join(b.text for b in front.front)
    for word in re.findall(r"[A-Z]{3,6}(?=[A-Z][a-z]|[^A-Za-z]|$)|(?<![A-Za-z])[a-z]{3,6}", stem):
        name = in_full(word.upper(), text)
        if name != word.upper() and is_organisation(name):
            yield Candidate(cased(name, front.vocabulary), "the file name", 0.3)
