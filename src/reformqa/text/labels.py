"""Normalise the labels of recommendations."""

from __future__ import annotations

import re

_NUMBERS = {
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
_LABEL = re.compile(
    r"\b(recommendation|policy option|option|proposal)s? (?:no\.? |number |#)?"
    rf"(\d+(?:\.\d+)?[a-z]?|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b"
    rf"((?:(?:,| and| or|,? (?:and|or)) (?:\d+[a-z]?|{'|'.join(_NUMBERS)})\b)*)",
    re.IGNORECASE,
)


def label_keys(text: str) -> list[str]:
    """Return the normalised label of each recommendation named in `text`, in order.

    "Recommendation 7" is "recommendation 7"; "Policy Option Two" is "policy option 2";
    "Recommendations 3, 4 and 9" are three labels.
    """
    keys = []
    for match in _LABEL.finditer(text):
        kind, first, more = match.groups()
        others = [n for n in re.findall(r"\w+", more) if n.lower() not in ("and", "or")]
        for number in [first, *others]:
            keys.append(f"{kind.lower()} {_NUMBERS.get(number.lower(), number.lower())}")
    return list(dict.fromkeys(keys))


def label_numbers(text: str) -> set[str]:
    """Return the numbers in the labels of recommendations in `text`, which are not amounts."""
    return {key.rpartition(" ")[2] for key in label_keys(text)}
