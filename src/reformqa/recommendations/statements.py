"""The places where a report may state a recommendation, each with its label and its parts.

A report is read as entries: paragraphs with the label that stands before them, be it printed as a
list number, at the head of the paragraph, or alone in the paragraph before. Lettered and small
roman parts, bullets, and numbers below another number ("2.1" below "2") are parts of the statement
that they follow, never statements of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from reformqa.model import LIST_ITEMS, Paragraph
from reformqa.parsing.inline import clean
from reformqa.recommendations import evidence
from reformqa.text.labels import RECOMMENDATION_LABEL
from reformqa.text.similarity import content_words

#: A statement below a label that is only a title is looked for in this many paragraphs.
REACH = 12
#: A title of a recommendation has at most this many words.
TITLE_WORDS = 25

#: So many numbered subsections are recommendations, each one.
LEAST_SUBSECTIONS = 3

_NUMBERED_TITLE = re.compile(r"(?:recommendation )?(\d{1,2})[.:)]? +\D", re.IGNORECASE)
_ALONE = re.compile(r"\(?([IVXL]{1,6}|\d{1,3}(?:\.\d{1,2})*|[a-z]|[ivx]{1,5})[.)]?$")
_HEADS = re.compile(r"(?:\(([a-z]|[ivx]{1,5}|\d{1,2})\)|([IVXL]{1,6})[.)]) +(?=\S)")
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,2})*[a-z]?$|[IVXL]{1,6}$|R\d{1,3}$")


@dataclass(frozen=True, slots=True)
class Entry:
    """A paragraph without the label at its head; `label` is as printed, or None."""

    paragraph: Paragraph
    text: str
    label: str | None

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return self.paragraph.kind in LIST_ITEMS or self.label is not None

    @property
    def depth(self) -> int | None:
        """How deep its number is: 0 for "2" and "IV", 1 for "2.1"; None for parts and bullets."""
        return self.label.count(".") if self.label and _NUMBER.match(self.label) else None


@dataclass(slots=True)
class Statement:
    """A recommendation as stated in one place."""

    paragraph: Paragraph
    text: str
    label: str | None = None
    sub_items: list[str] = field(default_factory=list)

    @property
    def whole(self) -> str:
        """The text with its parts."""
        return " ".join([self.text, *self.sub_items])

    @property
    def words(self) -> frozenset[str]:
        """Its content words, those of parts left out."""
        return content_words(self.text)

    @property
    def demand(self) -> float:
        """How likely its words, or those of its parts, are to demand something, 0 to 1."""
        if evidence.LEADS_IN.search(self.text):
            return max(evidence.demand(self.text), evidence.LED_IN)
        return max(map(evidence.demand, [self.text, *self.sub_items]))


def entries(paragraphs: Sequence[Paragraph]) -> list[Entry]:
    """Return the paragraphs with their labels; one that is only a label goes to the next."""
    made: list[Entry] = []
    waiting: str | None = None
    for paragraph in paragraphs:
        text, label = paragraph.text, paragraph.label and paragraph.label.strip("().")
        if paragraph.kind in ("body", "numbered"):
            alone = _ALONE.match(text)
            if alone and not label:
                waiting = alone[1]
                continue
            head = _HEADS.match(text)
            if head and not label:
                label, text = head[1] or head[2], text[head.end() :]
            label = label or waiting
        made.append(Entry(paragraph, text, label))
        waiting = None
    return made


def labelled(paragraphs: Sequence[Paragraph]) -> Iterator[Statement]:
    """Yield what follows each label ("Recommendation 7: …"), in its paragraph or below it."""
    for n, paragraph in enumerate(paragraphs):
        parts = _parts(paragraph)
        waiting: str | None = None
        for k, part in enumerate(parts):
            label = RECOMMENDATION_LABEL.match(part)
            if label is None:
                if waiting:
                    yield Statement(paragraph, part, waiting)
                waiting = None
                continue
            waiting = None
            text = part[label.end() :].strip()
            if paragraph.kind == "table":
                if len(text) > 10:
                    yield Statement(paragraph, text, label[1])
                else:
                    waiting = label[1] if not text else None
            elif k == 0 and (not text or len(text) > 10):
                found = _below(paragraph, text, _reach(paragraphs, n))
                if found:
                    yield replace(found, label=label[1])


def _parts(paragraph: Paragraph) -> list[str]:
    """Return the paragraph's text, or for a table row the text of each paragraph in its cells."""
    if paragraph.kind != "table":
        return [paragraph.text]
    return [clean(p) for p in re.split(r"\t|</p>|<br ?/?>", paragraph.raw) if p.strip()]


def _reach(paragraphs: Sequence[Paragraph], n: int) -> list[Entry]:
    """Return the entries that may belong to the label of paragraph `n`."""
    end = n + 1
    while end < len(paragraphs) and end <= n + REACH:
        other = paragraphs[end]
        if other.kind in ("heading", "table") or RECOMMENDATION_LABEL.match(other.text):
            break
        if other.section != paragraphs[n].section and paragraphs[n].kind != "heading":
            break
        end += 1
    return entries(paragraphs[n + 1 : end])


def _below(paragraph: Paragraph, text: str, below: Sequence[Entry]) -> Statement | None:
    """Return what a label states: the text after it, or if that is a title, the demand below."""
    if text and not (is_title(text) and below):
        return Statement(paragraph, text, None, _following(text, below))
    for n, entry in enumerate(below):
        rest = below[n + 1 :]
        demands = evidence.demand(entry.text) >= evidence.POSSIBLE
        if demands or evidence.LEADS_IN.search(entry.text) or not text:
            return Statement(
                entry.paragraph, entry.text, None, _following(entry.text, rest, loose=bool(text))
            )
    return Statement(paragraph, text, None, _following(text, below)) if text else None


def is_title(text: str) -> bool:
    """Return whether a text is so short, and demands so little, that it is only a title."""
    short = len(text.split()) <= TITLE_WORDS and not text.endswith(".")
    return short and evidence.demand(text) < evidence.POSSIBLE


def _following(text: str, rest: Sequence[Entry], *, loose: bool = False) -> list[str]:
    """Return the parts after a statement: the list it introduces, and lettered items.

    Under a title (`loose`), every list and each further demand belongs to it as well.
    """
    parts: list[str] = []
    for entry in rest:
        numbered = entry.depth is not None and not loose
        demands = loose and evidence.demand(entry.text) >= evidence.POSSIBLE
        if (entry.is_item and not numbered) or demands or (entry.is_item and text.endswith(":")):
            parts.append(entry.text)
        elif not (loose and evidence.LEADS_IN.search(entry.text)):
            break
    return parts


def listed(run: Sequence[Entry]) -> Iterator[Statement]:
    """Yield the statements of a list: its items at the top, the others as their parts."""
    depths = [e.depth for e in run if e.depth is not None]
    top = min(depths, default=None)
    statement: Statement | None = None
    for entry in run:
        part = top is not None and entry.depth != top
        if not part and top is None and statement is not None:
            part = _is_part(run[0], entry)
        if statement and part:
            statement.sub_items.append(entry.text)
            continue
        if statement:
            yield statement
        statement = Statement(entry.paragraph, entry.text, entry.label)
    if statement:
        yield statement


def _is_part(first: Entry, entry: Entry) -> bool:
    """Whether an item of a list without numbers is a part of one like the first: (a) below •."""
    return (first.label is None) != (entry.label is None)


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
        before = None if entry.is_item else entry
    if run:
        yield lead, run


def named_sections(found: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Yield the entries of each section of recommendations, its subsections included.

    A list that goes on under the next headings, in number, belongs to it: their level may have been
    misread.
    """
    chapter: list[Entry] = []
    last = 0
    for entry in found:
        named = any(map(evidence.is_named, entry.paragraph.section_path))
        number = int(entry.label) if entry.label and entry.label.isdigit() else None
        goes_on = entry.paragraph.kind == "heading" or (number is not None and number == last + 1)
        if chapter and not named and not goes_on:
            yield chapter
            chapter = []
        if named or chapter:
            chapter.append(entry)
            last = number or last
    if chapter:
        yield chapter


def subsections(found: Sequence[Entry]) -> Iterator[Statement]:
    """Yield a statement for each numbered subsection, if no numbered item stands in them.

    An inquiry may print each recommendation as a subsection ("4. Training") with parts (a), (b).
    """
    runs: list[list[Entry]] = []
    for entry in found:
        if entry.paragraph.kind == "heading" and _NUMBERED_TITLE.match(entry.text):
            runs.append([entry])
        elif runs:
            runs[-1].append(entry)
    numbers = [int(m[1]) for run in runs if (m := _NUMBERED_TITLE.match(run[0].text))]
    plain = all(e.depth is None for run in runs for e in run[1:])
    if len(runs) < LEAST_SUBSECTIONS or numbers != list(range(1, len(runs) + 1)) or not plain:
        return
    for number, (head, *rest) in zip(numbers, runs, strict=True):
        found_below = _below(head.paragraph, head.text, rest)
        if found_below:
            yield replace(found_below, label=str(number))
