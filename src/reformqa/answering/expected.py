"""What the words of a question let one expect of an answer: a figure, a date, a reason, things.

Expected answer types are an old means of question answering (Li and Roth 2002, "Learning question
classifiers"). The nearest sentence often only repeats the question; the one that answers says what
was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from reformqa.search.ordinals import CARDINAL, value

_ASKS_FIGURE = re.compile(
    r"(?:^|[,;:.] )(?:and |by |for |at |in |of )?how (?:many|much|far|long|often|large|big|old|high"
    r"|fast)\b"
    r"|\b(?:what|which) (?:share|proportion|percentage|per ?cent|number|figure|amount|sum|fraction"
    r"|rate)\b|\bwhat\b.*\bcosts?\b",
    re.IGNORECASE,
)
_ASKS_DATE = re.compile(
    r"^(?:and )?when\b|\b(?:by|since|until) when\b|\b(?:what|which) (?:year|month|date)\b",
    re.IGNORECASE,
)
_ASKS_REASON = re.compile(
    r"\bwhy\b|\breasons?\b|\bwhat (?:caused|causes|explains?|stopped|stops|held back|holds back)\b",
    re.IGNORECASE,
)
_ASKS_THINGS = re.compile(
    rf"\b(?:what|which)(?: are| were)?(?: the)? (?P<count>{CARDINAL})\b", re.IGNORECASE
)
_FIGURE = re.compile(
    rf"\d[\d,.]*\d|\b(?:(?!one\b){CARDINAL}|hundred|thousand|million|billion|trillion|half|third"
    r"|quarter|doubled?)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b(?:January|February|March|April|June|July|August|September|October"
    r"|November|December)\b"
)
_REASON = re.compile(
    r"\b(?:because|since|due to|reasons?|so that|in order to|(?:the|a) result|results? in"
    r"|resulted in|leads?|led to|therefore|caus(?:e[sd]?|ing)|driven by|owing to|thanks to"
    r"|stems? from|explain(?:s|ed)?|means? that)\b",
    re.IGNORECASE,
)
_BETWEEN_THINGS = re.compile(r"[,;]| and | or ")


def expected_of(question: str) -> Callable[[str], bool] | None:
    """Return what tells whether a sentence says what is asked for; None if nothing is expected."""
    if _ASKS_DATE.search(question):
        return lambda text: bool(_DATE.search(text))
    if asks_figure(question):
        asked = _figures(question)
        return lambda text: bool(_figures(text) - asked)
    if _ASKS_REASON.search(question):
        return lambda text: bool(_REASON.search(text))
    if things := _ASKS_THINGS.search(question):
        least = value(things["count"]) - 1
        return lambda text: len(_BETWEEN_THINGS.findall(text)) >= least
    return None


def asks_figure(question: str) -> bool:
    """Return whether it asks for a figure: "How much does it cost?"."""
    return bool(_ASKS_FIGURE.search(question))


def _figures(text: str) -> set[str]:
    return {m.group().lower() for m in _FIGURE.finditer(text)}
