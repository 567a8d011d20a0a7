"""Recommendations that are a title over lettered parts, as some inquiries print them.

    I recommend:
    2. Remembering the flood
    (a) A stone be raised …
    (b) A day be named …

The title is the recommendation, and its number the label. Acts and guidelines are printed in the
same way, so a run of such lists counts only with evidence: a lead-in that recommends, a section
called recommendations, or several lists in a row with parts that mostly demand something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reformqa.recommendations.evidence import (
    POSSIBLE,
    addresses,
    announces,
    demand,
    is_named,
    leads_in,
    recommends,
)
from reformqa.recommendations.lettered import parts_from
from reformqa.recommendations.statements import (
    Entry,
    Statement,
    is_title,
    number_of,
    stated_below,
    states,
)
from reformqa.text.similarity import letters

#: A lead-in stands, and the next list of a run begins, within this many paragraphs.
NEAR = 4
#: A list has at least this many parts.
LEAST_PARTS = 2
#: A numbered title of a run that has no lettered parts has at most this many paragraphs below it.
SHORT_TEXT = 3
#: Without a word of recommending before them, so many lists in a row are recommendations …
LEAST_IN_A_ROW = 3
#: … if more than this share of their parts demands something.
DEMANDING = 0.5

_NUMBER = re.compile(r"(?:recommendation )?(\d{1,2}(?:\.\d{1,2})*)[.:)]? +(?=\D)", re.IGNORECASE)
_INTRODUCES = re.compile(r"[:;,—–-]$")
_RECOMMENDING = re.compile(r"\brecommend(?:s|ed)?\b", re.IGNORECASE)
#: "A stone be raised": what follows "I recommend that", said without "that".
_SUBJUNCTIVE = re.compile(
    r"(?<!to )(?<!will )(?<!shall )(?<!may )(?<!can )(?<!not )\bbe \w+(?:ed|en|ne|de|ut|ld|lt|pt)\b"
)


@dataclass(frozen=True, slots=True)
class Titled:
    """A title, found at `at`, with what it states; the next paragraph after it is at `end`.

    `number` is (2,) for "2" and "II", and (4, 1) for "4.1".
    """

    at: int
    end: int
    statement: Statement
    number: tuple[int, ...] | None
    lettered: bool


def titled(found: Sequence[Entry]) -> tuple[list[Statement], list[Entry]]:
    """Return the statements that are titles over lettered parts, and the entries left over."""
    statements: list[Statement] = []
    taken: set[int] = set()
    for run in _runs(found):
        if any(one.lettered for one in run) and _is_evident(found, run):
            for one in run:
                statements.append(one.statement)
                taken.update(range(one.at, one.end))
    return statements, [e for n, e in enumerate(found) if n not in taken]


def _runs(found: Sequence[Entry]) -> Iterator[list[Titled]]:
    """Yield the runs of titles near each other."""
    run: list[Titled] = []
    for one in _titles(found):
        if run and not _next(run[-1], one):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _next(last: Titled, one: Titled) -> bool:
    if last.number and one.number:
        follows = one.number == (*last.number[:-1], last.number[-1] + 1)
    else:
        follows = last.number == one.number and last.lettered and one.lettered
    return follows and one.at - last.end <= NEAR


def _titles(found: Sequence[Entry]) -> Iterator[Titled]:
    at = 0
    while at < len(found):
        one = _titled(found, at) if _is_title(found[at]) else None
        if one:
            yield one
        at = one.end if one else at + 1


def _is_title(entry: Entry) -> bool:
    """Whether an entry may be the title of a recommendation, and not of a list of them."""
    text, paragraph = entry.text, entry.paragraph
    if is_named(text) or (entry.label and entry.number is None):
        return False
    if paragraph.kind == "heading":
        return True
    # A box may repeat the heading of its section.
    repeats = letters(text) in {letters(title) for title in paragraph.section_path}
    stands_out = paragraph.bold or entry.label or repeats
    return bool(stands_out) and is_title(text) and not _INTRODUCES.search(text)


def _titled(found: Sequence[Entry], at: int) -> Titled | None:
    """Return the title at `at` with its parts, or with the demand below it if it has a number."""
    entry = found[at]
    number = _NUMBER.match(entry.text)
    title = entry.text[number.end() :] if number else entry.text
    label = number[1] if number else entry.label
    for first in (at + 1, at + 2):
        parts, end = parts_from(found, first)
        lead = found[at + 1] if first == at + 2 and parts else None
        if len(parts) < LEAST_PARTS or (lead and not _is_lead(lead)):
            continue
        if lead and states(lead.text) and (addresses(lead.text) or not _introduces(lead)):
            statement = Statement(lead.paragraph, lead.text, label, parts)
        else:
            statement = Statement(entry.paragraph, title, label, parts)
        return Titled(at, end, statement, number_of(label or ""), lettered=True)
    return _unlettered(found, at, title, label) if label else None


def _is_lead(entry: Entry) -> bool:
    body = entry.paragraph.kind == "body" or entry.number is not None
    return body and bool(_INTRODUCES.search(entry.text) or states(entry.text))


def _unlettered(found: Sequence[Entry], at: int, title: str, label: str) -> Titled | None:
    """Return a numbered title over a few paragraphs of which the first demands something."""
    end = at + 1
    while end < len(found) and end <= at + SHORT_TEXT + 1 and not _is_title(found[end]):
        end += 1
    if not at + 1 < end <= at + 1 + SHORT_TEXT:
        return None
    first = found[at + 1].text
    if not states(first) or leads_in(first):
        return None
    statement = stated_below(found[at].paragraph, title, found[at + 1 : end])
    if statement is None:
        return None
    statement.label = label
    return Titled(at, end, statement, number_of(label), lettered=False)


def _is_evident(found: Sequence[Entry], run: Sequence[Titled]) -> bool:
    """Whether a run of titles has evidence that they are recommendations."""
    parts = [part for one in run if one.lettered for part in one.statement.sub_items]
    demanding = [part for part in parts if _demands(part)]
    if any(_is_led_in(found, one.at) for one in run):
        return True
    if _is_in_named(found, run[0].at):
        return bool(demanding)
    lists = sum(one.lettered and one.number is not None for one in run)
    if lists < LEAST_IN_A_ROW or len(demanding) <= DEMANDING * len(parts):
        return False
    # What an act demands is not recommended.
    return any(recommends(e.text) for e in found)


def _demands(part: str) -> bool:
    return demand(part) >= POSSIBLE or _SUBJUNCTIVE.search(part) is not None


def _is_led_in(found: Sequence[Entry], at: int) -> bool:
    """Whether the paragraphs before a title, or the one below it, introduce recommendations."""
    before = found[max(0, at - NEAR) : at]
    return any(map(_introduces, [*before, found[at + 1]])) or (
        bool(before) and before[-1].paragraph.kind == "body" and recommends(before[-1].text)
    )


def _introduces(entry: Entry) -> bool:
    """Whether a paragraph introduces what it recommends, and does not only speak of it."""
    said = _RECOMMENDING.search(entry.text) is not None or announces(entry.text)
    return said and leads_in(entry.text)


def _is_in_named(found: Sequence[Entry], at: int) -> bool:
    """Whether a title is in a section of recommendations, or its number counts such a one's items.

    Levels are often misread: "1. Redress" after "1.5 Recommendations" may seem to be beside it.
    """
    path = found[at].paragraph.section_path
    if any(map(is_named, path)):
        return True
    for entry in reversed(found[:at]):
        if entry.paragraph.kind != "heading":
            continue
        depth = len(entry.paragraph.section_path)
        if depth < len(path):
            return False
        if depth == len(path) and is_named(entry.text):
            return _NUMBER.match(found[at].text) is not None
    return False
