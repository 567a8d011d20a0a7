"""Amounts in words, put as reports print them: "four billion pounds" is "£4 billion"."""

from __future__ import annotations

import re

from reformqa.search.ordinals import CARDINAL, value

_SCALE = r"(?:thousand|million|billion|trillion|m|bn|tn|k)"
_IN_WORDS = re.compile(rf"\b({CARDINAL}) ({_SCALE})\b", re.IGNORECASE)
_POUNDS = re.compile(
    rf"(?<![£$€\w])(\d[\d,]*(?:\.\d+)?(?: ?{_SCALE})?) (?:pounds(?: sterling)?|quid)\b",
    re.IGNORECASE,
)


def as_printed(text: str) -> str:
    """Return the text with its sums in figures, after a pound sign if they are in pounds."""
    text = _IN_WORDS.sub(lambda m: f"{m[1] if m[1].isdigit() else value(m[1])} {m[2]}", text)
    return _POUNDS.sub(r"£\1", text)
