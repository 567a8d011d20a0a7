"""Lists of recommendations, and the parts of their items.

Lettered and small roman items, bullets, and numbers out of sequence ("2.1" below "2", or 1, 2, 3
below "4") are parts of the statement that they follow, never statements of their own. So is a list
that a sentence introduces which says who should do it: "The Government should:".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from reformqa.recommendations.evidence import (
    addresses,
    announces,
    is_named,
)
from reformqa.recommendations.lettered import highest
from reformqa.recommendations.statements import Entry, Statement, stated_below, states

#: So many numbered subsections are recommendations, each one.
LEAST_SUBSECTIONS = 3
#: A numbered list may lack so many numbers in a row, misread, and still go on.
MISSING = 2
#: A section with more than this share of the report is a volume whose title speaks of
#: recommendations, and no list of them.
WIDEST = 0.5

_NUMBERED_TITLE = re.compile(r"(?:recommendation )?(\d{1,2})[.:)]? +\D", re.IGNORECASE)


def named_sections(found: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Yield the entries of each section of recommendations, its subsections included.

    A list that goes on under the next headings, in number, belongs to it: their level may have been
    misread.
    """
    names = _named(found)
    chapter: list[Entry] = []
    for entry in found:
        named = any(prefix in names for prefix in _prefixes(entry))
        heading = entry.paragraph.kind == "heading"
        if chapter and not named and not heading and not _goes_on(chapter, entry):
            yield chapter
            chapter = []
        if named or chapter:
            chapter.append(entry)
    if chapter:
        yield chapter


def _named(found: Sequence[Entry]) -> set[tuple[str, ...]]:
    """Return the paths of the sections called recommendations, volumes left out if others are."""
    counts = Counter(prefix for e in found for prefix in _prefixes(e) if is_named(prefix[-1]))
    narrow = {prefix for prefix, count in counts.items() if count <= WIDEST * len(found)}
    return narrow or set(counts)


def _prefixes(entry: Entry) -> list[tuple[str, ...]]:
    path = entry.paragraph.section_path
    return [path[: n + 1] for n in range(len(path))]


def _goes_on(chapter: Sequence[Entry], entry: Entry) -> bool:
    """Whether an entry's number follows the last one of the chapter."""
    last = next((e.number for e in reversed(chapter) if e.number), None)
    return last is not None and entry.number == (*last[:-1], last[-1] + 1)


def numbered(chapter: Sequence[Entry]) -> list[Statement]:
    """Return the statements of a chapter that numbers them, as items or as subsections."""
    openers = _subsections(chapter) or _items(chapter)
    statements = []
    for at, after in pairwise([*openers, len(chapter)]):
        head, rest = chapter[at], chapter[at + 1 : after]
        title = _NUMBERED_TITLE.match(head.text) if head.paragraph.kind == "heading" else None
        if title:
            statement = stated_below(head.paragraph, head.text[title.end() - 1 :], rest)
            label: str | None = title[1]
        else:
            within = _up_to_heading(rest)
            statement = stated_below(head.paragraph, head.text, within, numbers=True)
            label = head.label
        if statement:
            statement.label = label
            statements.append(statement)
    return statements


def _up_to_heading(rest: Sequence[Entry]) -> Sequence[Entry]:
    end = next((n for n, e in enumerate(rest) if e.paragraph.kind == "heading"), len(rest))
    return rest[:end]


def _subsections(chapter: Sequence[Entry]) -> list[int]:
    """Return where the numbered subsections begin, if each is a recommendation.

    An inquiry may print each as a subsection ("4. Training") with parts (a), (b), (c). A list that
    goes on from one subsection to the next has its recommendations as items.
    """
    heads = [
        (n, int(title[1]))
        for n, e in enumerate(chapter)
        if e.paragraph.kind == "heading" and (title := _NUMBERED_TITLE.match(e.text))
    ]
    if [number for _, number in heads] != list(range(1, len(heads) + 1)):
        return []
    starts = [n for n, _ in heads]
    firsts = [
        next((e.number for e in chapter[at + 1 : after] if e.number), None)
        for at, after in pairwise([*starts, len(chapter)])
    ]
    alone = all(first in (None, (1,)) for first in firsts)
    return starts if len(heads) >= LEAST_SUBSECTIONS and alone else []


def _items(chapter: Sequence[Entry]) -> list[int]:
    """Return where the numbered items begin, those left out that are parts of another."""
    openers: list[int] = []
    for n, entry in enumerate(chapter):
        number = entry.number
        if number is None or entry.paragraph.kind == "heading":
            continue
        last = chapter[openers[-1]] if openers else None
        if last is None or last.number is None or _follows(last, entry):
            openers.append(n)
    return openers


def _follows(last: Entry, entry: Entry) -> bool:
    """Whether an item is the next of its list, or the first of the next section's."""
    one, other = last.number or (), entry.number or ()
    if len(one) != len(other):
        return False
    elsewhere = last.paragraph.section != entry.paragraph.section
    if other[-1] == 1 and (elsewhere or one[:-1] != other[:-1]):
        return True
    return one[:-1] == other[:-1] and one[-1] < other[-1] <= one[-1] + 1 + MISSING


def of_list(lead: Entry | None, run: Sequence[Entry]) -> list[Statement]:
    """Return the statements of a list: one, with parts, if its lead-in says who should do them."""
    if lead and _takes(lead, run):
        return [Statement(lead.paragraph, lead.text, lead.label, [e.text for e in run])]
    openers = _items(run) or highest(run)
    return [
        Statement(run[at].paragraph, run[at].text, run[at].label, [e.text for e in run[at + 1 : b]])
        for at, b in pairwise([*openers, len(run)])
    ]


def _takes(lead: Entry, run: Sequence[Entry]) -> bool:
    """Whether the items of a list are parts of the sentence before it."""
    lettered = run[0].label is not None and run[0].number is None
    return addresses(lead.text) or (lettered and states(lead.text) and not announces(lead.text))


def lists(found: Sequence[Entry]) -> Iterator[tuple[Entry | None, list[Entry]]]:
    """Yield the paragraph before each run of list items within one section, and the run."""
    run: list[Entry] = []
    lead: Entry | None = None
    before: Entry | None = None
    for entry in found:
        if run and (not entry.is_item or entry.paragraph.section != run[0].paragraph.section):
            yield lead, run
            run = []
        if entry.is_item:
            lead = lead if run else before
            run.append(entry)
        before = None if entry.is_item or entry.paragraph.kind == "heading" else entry
    if run:
        yield lead, run
