"""Compare texts by their letters or their words."""

from __future__ import annotations

import re

_STOP = frozenset(
    word
    for line in (
        "a an and are as at be by for from in into is it its of on or our should such than that",
        "the their them these they this those to up was we were which will with",
    )
    for word in line.split()
)

_NO_LETTERS = re.compile(r"[\W_]+")


def letters(text: str) -> str:
    """Return only the letters and digits of `text`, in lower case.

    Two printings of a text agree in them, whatever their spaces, hyphens and marks.
    """
    return _NO_LETTERS.sub("", text.lower())


def content_words(text: str) -> frozenset[str]:
    """Return the words of `text` in lower case, without stop words and the plural "s"."""
    words = frozenset(re.findall(r"[a-z0-9£%]+", text.lower())) - _STOP
    return frozenset(w[:-1] if len(w) > 4 and w.endswith("s") else w for w in words)


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of the smaller set that is in both sets, 0 to 1."""
    return len(a & b) / max(1, min(len(a), len(b)))
