"""Read a question: whom it names, what it is about, and what kind of answer it wants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reformqa.errors import QuestionError
from reformqa.lexical import tokens

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
    r"\b(?:according to|(?:say|said) about|(?:how )?(?:do|does|would) differ"
    r" (?:on|over|about)|compare(?: the)?(?: on\b)?|versus(?: on\b)?|vs\b"
    r"|(?:the )?(?:\w+ )?think[ -]?tanks?(?:'|’)?"
    r"|(?:in |do |by )?(?:the|these) (?:\w+ )?reports?|versions?)\b",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(r"Society|Institute|Foundation|Trust|Centre|Commission|Association")
_NAME = "\0"  # stands for a publisher's name while a topic is made
_OWN_WORK = (
    r"(?:report|paper|note|version|view|position|plan|proposal|recommendation|author|essay|study"
    r"|pamphlet|poll|polling|research|roadmap|[Cc]ommission)s?"
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
    names = {p: _pattern(p) for p in publishers if p.strip()}
    named = tuple(p for p, pattern in names.items() if pattern.search(text))
    topic = _topic(text, [names[p] for p in named])
    several = len(named) > 1 or bool(_SEVERAL.search(text))
    recommends = bool(_RECOMMENDS.search(text))
    return Reading(text, topic if tokens(topic) else text, named, several, recommends)


def _topic(text: str, names: Sequence[re.Pattern[str]]) -> str:
    for name in names:
        text = name.sub(_NAME, text)
    text = re.sub(rf"{_NAME}(?:\s*(?:,|and|or|&|,\s*and)\s*{_NAME})*", " ", text)
    text = _SCAFFOLD.sub(" ", " ".join(text.split()))
    return " ".join(text.split()).strip(" ,:;-–")


def _pattern(publisher: str) -> re.Pattern[str]:
    """How a question may name a publisher: in full, in either case where it is an abbreviation.

    "The Fabians" and "the Fabian paper" name the Fabian Society, but "Health" alone does not
    name the Health Foundation: a first word stands for the whole only as a plural, or before
    a word for what a think tank writes.
    """
    name = publisher.strip()
    whole = re.escape(name.removeprefix("The "))
    forms = [rf"(?i:{whole})" if name.isupper() or " " in name else whole]
    words = name.split()
    if len(words) == 2 and _ORGANISATION.fullmatch(words[1]):
        first = re.escape(words[0])
        forms += [rf"{first}s", rf"{first}(?=(?:'s|’s)? {_OWN_WORK}\b)"]
    return re.compile(rf"\b(?:[Tt]he )?(?:{'|'.join(forms)})(?:'s|’s|'|’)?(?!\w)")
