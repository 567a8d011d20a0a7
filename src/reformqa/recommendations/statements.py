"""What a report states in one place, with its label and its parts.

A report is read as entries: paragraphs with the label that stands before them, be it printed as a
list number, at the head of the paragraph, or alone in the paragraph before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from reformqa.model import LIST_ITEMS, Paragraph
from reformqa.recommendations.evidence import (
    LED_IN,
    POSSIBLE,
    demand,
    leads_in,
)
from reformqa.text.labels import roman_value
from reformqa.text.similarity import content_words

#: A title of a recommendation has at most this many words.
TITLE_WORDS = 25

_ALONE = re.compile(r"\(?([IVXL]{1,6}|\d{1,3}(?:\.\d{1,2})*|[a-z]|[ivx]{1,5})[.)]?$")
_HEADS = re.compile(r"(?:\(([a-z]|[ivx]{1,5}|\d{1,2})\)|([IVXL]{1,6})[.)]) +(?=\S)")
_ROMAN = re.compile(r"[IVXL]{1,6}$")
_DIGITS = re.compile(r"R?(\d{1,3}(?:\.\d{1,3})*)[a-z]?$")


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
    def number(self) -> tuple[int, ...] | None:
        """The number in its label; None for parts and bullets."""
        return number_of(self.label or "")


def number_of(label: str) -> tuple[int, ...] | None:
    """Return the number in a label: (2,) for "2", "II" and "R2", (2, 1) for "2.1"; else None."""
    if _ROMAN.match(label):
        return (roman_value(label),)
    digits = _DIGITS.match(label)
    return tuple(map(int, digits[1].split("."))) if digits else None


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
        led_in = LED_IN if leads_in(self.text) else 0.0
        return max(led_in, *map(demand, [self.text, *self.sub_items]))


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


def stated_below(
    paragraph: Paragraph, title: str, rest: Sequence[Entry], *, numbers: bool = False
) -> Statement | None:
    """Return what a label or a title states: the words after it, or the demand below it.

    A title over a list, without a paragraph that demands, is the statement itself, with the list as
    its parts. With `numbers`, a numbered item of `rest` is a part as well.
    """
    if title and not is_title(title):
        return Statement(paragraph, title, None, following(title, rest, numbers=numbers))
    for n, entry in enumerate(rest):
        if title and entry.is_item:
            break
        if not title or states(entry.text):
            parts = following(entry.text, rest[n + 1 :], loose=bool(title))
            return Statement(entry.paragraph, entry.text, None, parts)
    return Statement(paragraph, title, None, following("", rest, loose=True)) if title else None


def states(text: str) -> bool:
    """Return whether the words may state a recommendation, or introduce its parts."""
    return demand(text) >= POSSIBLE or leads_in(text)


def is_title(text: str) -> bool:
    """Return whether a text is so short, and demands so little, that it is only a title."""
    short = len(text.split()) <= TITLE_WORDS and not text.endswith(".")
    return short and demand(text) < POSSIBLE


def following(
    text: str, rest: Sequence[Entry], *, loose: bool = False, numbers: bool = False
) -> list[str]:
    """Return the parts after a statement: the list it introduces, and lettered items.

    With `numbers`, numbered items are parts; under a title (`loose`), so is each further demand.
    """
    parts: list[str] = []
    for entry in rest:
        if loose or text.endswith(":"):
            part = entry.is_item or (loose and states(entry.text))
        else:
            part = entry.is_item and (numbers or entry.number is None)
        if part:
            parts.append(entry.text)
        elif not loose:
            break
    return parts
