"""Numbers of recommendations and of parts: "the third recommendation", "step seven", "Shift 9"."""

from __future__ import annotations

import re

_CARDINALS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
)
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth", "twentieth"),
)
_VALUES = {w: n for words in (_CARDINALS, _ORDINALS) for n, w in enumerate(words, start=1)}


def _one_of(words: tuple[str, ...]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


#: Patterns of a number as a word or in figures: "three" or "3", "third" or "3rd".
CARDINAL = rf"(?:{_one_of(_CARDINALS)}|\d{{1,3}})"
ORDINAL = rf"(?:{_one_of(_ORDINALS)}|\d{{1,3}}(?:st|nd|rd|th))"

# "Proposal" and "option" are words of every topic: "the first option" names no label.
_LABEL = re.compile(rf"\b({ORDINAL}) (recommendation|policy option)\b", re.IGNORECASE)
# A numbered part of a report, which exists or not as a recommendation does.
_KINDS = r"step|shift|stage|phase|pillar|workstream|case study|chapter|appendix|annex"
_PART = re.compile(
    rf"\b({_KINDS}) ({CARDINAL})\b(?!\.\d)|\b({ORDINAL}) ({_KINDS})\b", re.IGNORECASE
)


def value(word: str) -> int:
    """Return the number that a cardinal or an ordinal stands for: "three", "3rd" and "3" are 3."""
    known = _VALUES.get(word.lower())
    return int(re.sub(r"\D", "", word)) if known is None else known


def with_numbers(text: str) -> str:
    """Return the text with "recommendation 3" for "third recommendation"."""
    return _LABEL.sub(lambda m: f"{m[2]} {value(m[1])}", text)


def numbered_parts(text: str) -> list[tuple[str, int]]:
    """Return the numbered parts that a text names: "step seven" and "seventh step" are step 7."""
    return [
        (kind.lower(), value(number))
        for before, after, ordinal, of in _PART.findall(text)
        for kind, number in [(before or of, after or ordinal)]
    ]
