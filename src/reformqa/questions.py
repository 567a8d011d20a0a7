"""Read a question: whom it names, what it is about, and what kind of answer it wants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reformqa.errors import QuestionError

#: A question longer than this (characters) is a pasted document, not a question.
MAX_CHARACTERS = 2_000

_SEVERAL = re.compile(
    r"\bthink[ -]?tanks\b|\bthe (?:\w+ )?reports\b|\bcompar\w+|\bdiffer\w*|\b(?:dis)?agree\w*"
    r"|\bversus\b|\bvs\b|\beach of\b",
    re.IGNORECASE,
)
_RECOMMENDS = re.compile(
    r"\brecommend\w*|\bpropos\w+|\bshould\b|\bwant\w*|\bcall(?:s|ing)? for\b", re.IGNORECASE
)
# Words about the asking, not about the matter: they would only draw in passages on "reports".
_SCAFFOLD = re.compile(
    r"\b(?:according to|(?:say|said) about|(?:how )?(?:do|does|would) (?:and |the )*differ"
    r" (?:on|over|about)|compare(?: the)?|(?:the )?(?:\w+ )?think[ -]?tanks?(?:'|’)?"
    r"|(?:in |do |by )?(?:the|these) (?:\w+ )?reports?|versions?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as understood.

    `topic` is the question without the names of publishers and the words of asking; `named` are
    the publishers it names; `several` tells that it asks about think tanks together;
    `recommends` that it asks what should be done.
    """

    text: str
    topic: str
    named: tuple[str, ...]
    several: bool
    recommends: bool


def read_question(question: str, publishers: Sequence[str]) -> Reading:
    """Understand a question. Raises QuestionError where it is empty or far too long."""
    text = " ".join(question.split())
    if not any(c.isalnum() for c in text):
        raise QuestionError("The question is empty. Ask in a few words or a sentence.")
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(
            f"The question has {len(text):,} characters; {MAX_CHARACTERS:,} is the most."
            " Ask for one thing at a time."
        )
    names = {p: _pattern(p) for p in publishers}
    named = tuple(p for p, pattern in names.items() if pattern.search(text))
    topic = text
    for name in named:
        topic = names[name].sub(" ", topic)
    topic = re.sub(r"\s*,\s*(?:,|and\b)\s*|\s+and\s+(?=and\b|the\s+differ)", " ", topic)
    topic = " ".join(_SCAFFOLD.sub(" ", topic).split()).strip(" ,:;-–")
    several = len(named) > 1 or bool(_SEVERAL.search(text))
    long_enough = len(re.findall(r"[A-Za-z]{3,}", topic)) >= 1
    return Reading(
        text, topic if long_enough else text, named, several, bool(_RECOMMENDS.search(text))
    )


def _pattern(publisher: str) -> re.Pattern[str]:
    """A publisher's name in a question: whole, or its first word, as a plural or possessive."""
    first = re.escape(publisher.split()[0])
    return re.compile(rf"\b(?:the )?(?:{re.escape(publisher)}|{first})(?:s|'s|’s)?(?!\w)")
