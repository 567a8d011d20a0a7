"""Split a text into the terms that BM25 counts, with amounts normalised."""

from __future__ import annotations

import re

import Stemmer

_AMOUNT = re.compile(
    r"(?<![a-z0-9.])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?"
    r"(?:[\s-]?(%|per ?cents?\b|percent\b|pc\b|tn\b|trillion\b|bn\b|billion\b|mn?\b|million\b"
    r"|k\b|thousand\b))?(?![a-z0-9])"
)
_SCALES = {"t": 10**12, "b": 10**9, "m": 10**6, "k": 10**3}
_UNITS = frozenset(
    {"per", "cent", "cents", "percent", "pc", "tn", "trillion", "bn", "billion"}
    | {"m", "mn", "million", "k", "thousand"}
)
_TOKEN = re.compile(rf"(?P<amount>{_AMOUNT.pattern})|[a-z0-9]+", re.IGNORECASE)
STOP_WORDS = frozenset(
    word
    for line in (
        "a about above after again all also am an and any are as at be because been being between",
        "both but by can could did do does doing for from had has have he her here his how i if in",
        "into is it its itself just me more most my no nor not of on once only or other our out",
        "over own s same she should so some such t than that the their them then there these they",
        "this those through to too under until up very was we were what when where which while",
        "who whom why will with would you your",
    )
    for word in line.split()
)
_STEMMER = Stemmer.Stemmer("english")


def tokens(text: str) -> list[str]:
    """Return the terms of `text`: stemmed words without stop words, and normalised amounts."""
    return [term for _, term in words(text)]


def words(text: str) -> list[tuple[str, str]]:
    """Return the words and amounts of `text` as written, each with its term, without stop words."""
    found: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(text):
        if match["amount"]:
            found.append((match[0], amount(match["amount"])))
        elif (word := match[0].lower()) not in STOP_WORDS:
            found.append((match[0], _STEMMER.stemWord(word)))
    return found


def plain_terms(text: str) -> list[str]:
    """Return the terms of the words in `text` that cannot be part of an amount.

    "per cent of ovens" has only "oven": in a passage, the rest may be part of "38 per cent".
    """
    return [
        term
        for word, term in words(text)
        if word.lower() not in _UNITS and not any(c.isdigit() for c in word)
    ]


def amounts(text: str) -> list[str]:
    """Return the normalised amounts in `text`, in order."""
    return [amount(m["amount"]) for m in _TOKEN.finditer(text) if m["amount"]]


def amount(written: str) -> str:
    """Return the normalised form of a number.

    "£41bn", "41 billion" and "41,000 million" have the same form, and so do "38%" and "38 per
    cent".
    """
    match = _AMOUNT.fullmatch(written.lower())
    if not match:
        return written
    whole, part, unit = match.groups()
    value = float(whole.replace(",", "") + (part or ""))
    if not unit:
        return f"{value:.12g}"
    if unit[0] in "%p":
        return f"{value:.12g}%"
    scale = _SCALES["k" if unit.startswith("th") else unit[0]]
    return f"{value * scale:.12g}"
