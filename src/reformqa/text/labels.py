"""Recognise and normalise the labels of recommendations."""

from __future__ import annotations

import re

_WORDS = {
    word: n
    for n, word in enumerate(
        (
            *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
            *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
            *("eighteen", "nineteen", "twenty"),
        ),
        start=1,
    )
}
_SPELT = "|".join(sorted(_WORDS, key=len, reverse=True))
#: Roman numbers are printed in capitals; "I" is one only where no verb can follow the pronoun.
_ROMAN = (
    r"(?-i:(?=[IVXL]{2,7}\b)(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b|[VX]\b"
    r"|I\b(?=\s*(?:[:.,;?!)–—-]|$|of\b|in\b|from\b|by\b)))"
)
_NUMBER = rf"(?:\d{{1,3}}(?:\.\d{{1,2}})*[a-z]?\b|{_ROMAN}|(?:{_SPELT})\b)"
_KIND = r"(?:policy )?(?:recommendation|option|proposal)"
_SIGN = r"(?:no\.? ?|number |# ?)?"
#: The label of a recommendation at the head of a paragraph: "Recommendation 7:", "Policy Option
#: Two –", "RECOMMENDATION IV", "Key recommendation 3.2.", "R4:".
RECOMMENDATION_LABEL = re.compile(
    rf"^(?:(?:key|main|principal|final|interim|priority|urgent) )?"
    rf"((?:{_KIND}s? {_SIGN}{_NUMBER}|(?-i:R|Rec\.? ?)\d{{1,3}}(?=[:.–—)]|$)))"
    r"(?:\s*(?:[:.–—)-]\s*|$)|\s(?-i:(?=[A-Z][a-z]+ [a-z])))",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"\b(recommendation|policy option|option|proposal)s? {_SIGN}({_NUMBER})"
    rf"((?:(?:,| and| or|,? (?:and|or)) {_NUMBER})*)"
    r"|\b(?-i:R|Rec\.? ?)(\d{1,3})\b",
    re.IGNORECASE,
)
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}


def label_keys(text: str) -> list[str]:
    """Return the normalised label of each recommendation named in `text`, in order.

    "Recommendation 7", "Recommendation VII" and "R7" are "recommendation 7"; "Policy Option Two"
    is "policy option 2"; "Recommendations 3, 4 and 9" are three labels.
    """
    keys = []
    for match in _NAMED.finditer(text):
        kind, first, more, short = match.groups()
        others = re.findall(r"[\w.]*\w", more or "")
        for number in [first or short, *others]:
            if number.lower() not in ("and", "or"):
                keys.append(f"{(kind or 'recommendation').lower()} {_number(number)}")
    return list(dict.fromkeys(keys))


def label_numbers(text: str) -> set[str]:
    """Return the numbers in the labels of recommendations in `text`, which are not amounts."""
    return {key.rpartition(" ")[2] for key in label_keys(text)}


def roman_value(number: str) -> int:
    """Return the value of a roman number in capitals."""
    values = [_VALUES[c] for c in number]
    return sum(-v if v < max(values[n + 1 :], default=0) else v for n, v in enumerate(values))


def _number(number: str) -> str:
    if re.fullmatch(r"[IVXL]+", number):
        return str(roman_value(number))
    return str(_WORDS.get(number.lower(), number.lower()))
