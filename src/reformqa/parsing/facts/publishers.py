"""Find who published a report."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Iterator

from reformqa.model import Guess, Metadata
from reformqa.parsing.facts.evidence import Candidate, elect
from reformqa.parsing.facts.front import FOLIO, Front
from reformqa.parsing.facts.names import cased, is_organisation, people
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
            rf"\b(?i:published by)\s+(?i:(?:the )?(?:authority of the )?){_NAME}"
            rf"(?=\s*(?:[.,;:©|]|,? (?:in|on|with|and printed|{_MONTHS}|(?:19|20)\d\d)\b|$))",
            "the line “published by”",
            0.85,
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
_CROWN = re.compile(r"©\s*Crown copyright", re.IGNORECASE)
_ABOUT = re.compile(r"^about (?!the\b|this\b|us\b|our\b)(?P<name>.{2,40})$", re.IGNORECASE)
#: The minister by whom a paper comes before Parliament: the department publishes it.
_PRESENTED = re.compile(
    r"\b[Pp]resented to Parliament by the Secretary of State for (?P<of>[A-Z][\w,& ]+?)"
    r"(?= (?:by|on|pursuant|under)\b|\s*[.;©]|$)"
)
_HOST = re.compile(r"(?:https?://|www\.|@)(?:www\.)?(?P<host>[\w-]+(?:\.[\w-]+)+)", re.IGNORECASE)
#: Labels of a host that name no publisher.
_COMMON = frozenset(
    word
    for line in (
        "www com org net gov edu ac co uk eu int info ie in ke nhs mil blog web mail email gmail",
        "hotmail outlook yahoo twitter facebook linkedin youtube instagram flickr doi licence",
        "creativecommons license nationalarchives legislation parliament publications bit google",
        "archive unsplash istockphoto shutterstock",
    )
    for word in line.split()
)
_HIGHER = re.compile(r"^(?:HM |the )?(?:government|republic)\b|\bgovernment$", re.IGNORECASE)
#: A part of a university or company, which is named beside it.
_PART = re.compile(
    r"^(?:department of (?:[\w ]*sciences?|\w+ics)|school of|faculty of)\b", re.IGNORECASE
)
#: "National Institute for Health and Care Excellence (NICE)"
_WITH_SHORT = re.compile(r"^(?P<long>.+?)\s*\((?P<short>[A-Z][\w&-]{1,9})\)$")
#: A line of more words is a sentence, though it names an organisation.
_LINE_WORDS = 14
#: A line alone further down is a heading rather than the publisher's name.
_NEAR = 40
#: A name without such a word ("Demos") has at most this many words, and the text uses it so often.
_PLAIN_WORDS = 3
_USED = 3
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
        *_plain_on_cover(front, title),
        *_about(front),
        *_of_file(front, metadata, stated, authors),
        *_running(front),
        *_of_file_name(front, stem),
    ]
    found += _of_addresses(front, [c.value for c in found])
    found = [c for c in found if letters(c.value) and letters(c.value) not in map(letters, authors)]
    if any(_CROWN.search(b.text) for b in front.notices):
        found.append(Candidate("HM Government", "the copyright line", 0.35))
    return elect(found, _supports)


def _supports(read: str, value: str) -> bool:
    a, b = (re.sub(r"^the(?=\w)", "", letters(t.replace("&", "and"))) for t in (read, value))
    return a == b or _is_short_for(read, value) or _is_short_for(value, read)


def _is_short_for(short: str, name: str) -> bool:
    """Return whether a word is made of the first letters of a name's words ("IPPR")."""
    if " " in short or len(short) < 3:
        return False
    initials = "".join(w[0] for w in re.findall(r"[A-Z][\w'’]*", name))
    return letters(short) == initials.lower()


def _said(front: Front) -> Iterator[Candidate]:
    for pattern, source, weight in _SAID:
        blocks = front.notices if "issued" in source else (*front.notices, *front.front)
        for block in blocks:
            if match := pattern.search(block.text):
                name = _trimmed(match["name"])
                # Where the words say that it is the publisher, its name may be any.
                if is_organisation(name, worded=False):
                    yield Candidate(cased(name, front.vocabulary), source, weight)
                    break


def _trimmed(name: str) -> str:
    """Return a name without the place and the licence that follow it."""
    name = re.split(r"\s*(?:,|\. |\ball rights\b|\bwith the authority\b)", name, maxsplit=1)[0]
    return name.strip(" .,-")


def _presented(front: Front) -> Iterator[Candidate]:
    for block in front.front:
        if match := _PRESENTED.search(block.text):
            office = match["of"].strip()
            named = rf"Department (?:for|of) {re.escape(office)}"
            printed = (re.search(named, b.text) for b in front.blocks)
            found = next((m for m in printed if m), None)
            name = found[0] if found else f"Department for {office}"
            yield Candidate(name, "the presentation to Parliament", 0.7)
            return


def _named_alone(front: Front, title: range) -> Iterator[Candidate]:
    """Yield the organisations whose names are lines of their own in the front matter."""
    for line in front.lines:
        if line.block in title:
            continue  # a report on an office, not by it
        block = front.front[line.block]
        on_cover = line.block in front.cover
        if (
            (block.kind not in ("body", "heading") and not on_cover)
            or block.kind == "table"
            or len(line.text.split()) > _LINE_WORDS
        ):
            continue
        whole = line.text.strip(" ,|·-–")
        parts = [p.strip() for p in re.split(r",\s|\s[|·–-]\s", whole)]
        place = "the cover" if on_cover else "the front matter"
        for name in [whole] if is_organisation(whole) else filter(is_organisation, parts):
            weight = 0.6 if on_cover else 0.25 if line.block < _NEAR else 0.1
            # Of a ministry and its government the ministry is meant, of a department and its
            # university the university.
            beside = (name not in (whole, parts[0]), bool(_HIGHER.search(name)))
            small = (block.words > _SHORT_LINE, bool(_PART.match(name)))
            weight *= 0.6 ** sum((*beside, *small))
            yield Candidate(cased(name, front.vocabulary), place, weight)


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
        used = re.compile(rf"\b{re.escape(name)}(?:['’]s)?\b")
        if sum(bool(used.search(b.text)) for b in front.blocks) > _USED:
            yield Candidate(name, "the cover", 0.35)


def _about(front: Front) -> Iterator[Candidate]:
    for block in front.front:
        if (match := _ABOUT.match(block.text)) and block.words <= 5:
            name = match["name"]
            shown = name.title() if name.isupper() and len(name) > 5 else name
            yield Candidate(shown, f"the heading “About {shown}”", 0.6)
            return


def _in_full(name: str, front: Front) -> str:
    """Return the name that an abbreviation stands for, if the report prints it."""
    if not re.fullmatch(r"[A-Z]{2,6}", name):
        return name
    words = r" (?:(?:of|for|and|the|&) )*".join(rf"{letter}[a-z]+" for letter in name)
    printed = (re.search(rf"\b{words}\b", b.text) for b in front.front)
    return next((m[0] for m in printed if m), name)


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
        plain = match["long"] if (match := _WITH_SHORT.match(name)) else _in_full(name, front)
        if name not in authors and is_organisation(plain):
            yield Candidate(plain, "the file's metadata", 0.5)


def _running(front: Front) -> Iterator[Candidate]:
    for text in front.running:
        plain = FOLIO.sub("", text)
        for part in re.split(r"\s+[|·/–-]\s+", plain):
            if is_organisation(part) and not find_dates(part):
                yield Candidate(cased(part, front.vocabulary), "the running heads", 0.4)


def _of_addresses(front: Front, known: list[str]) -> Iterator[Candidate]:
    """Yield the printed names that the web and mail addresses of the report spell.

    A label such as "ippr" spells "IPPR", "Institute for Public Policy Research" by its first
    letters, and "demos" spells "Demos".
    """
    counts: Counter[str] = Counter()
    for block in front.notices:
        for match in _HOST.finditer(block.text):
            labels = [p for p in match["host"].lower().split(".")[:-1] if p not in _COMMON]
            counts.update(labels[-1:])
    text = " ".join(b.text for b in front.front)
    for label, count in counts.most_common(3):
        weight = 0.25 if count < 2 else 0.5
        if name := _spelt(label, text, known):
            yield Candidate(name, f"the address {label}", weight)


def _of_file_name(front: Front, stem: str) -> Iterator[Candidate]:
    """Yield the printed name for which an abbreviation in the file's name stands."""
    for word in re.findall(r"[A-Za-z]{3,6}", stem):
        name = _in_full(word.upper(), front)
        if name != word.upper() and is_organisation(name):
            yield Candidate(cased(name, front.vocabulary), "the file name", 0.3)


def _spelt(label: str, text: str, known: list[str]) -> str | None:
    """Return the name that a host's label spells: one `known` already, or one that is printed."""
    plain = label.replace("-", "")
    for name in known:
        if letters(name) == plain or _is_short_for(label, name):
            return name
    if len(plain) >= 3 and (match := re.search(rf"\b{re.escape(plain.upper())}\b", text)):
        return match[0]
    words = re.search(rf"\b{re.escape(plain.capitalize())}\b", text)
    return words[0] if words and len(plain) >= 4 else None
