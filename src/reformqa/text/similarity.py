"""When two texts say the same: what two printings of a text have in common."""

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


def letters(text: str) -> str:
    """`text` in lower case with letters and digits only: what two printings have in common."""
    return "".join(c for c in text.lower() if c.isalnum())


def content_words(text: str) -> frozenset[str]:
    """The words of `text` that carry meaning, in lower case."""
    words = frozenset(re.findall(r"[a-z0-9£%]+", text.lower())) - _STOP
    return frozenset(w[:-1] if len(w) > 4 and w.endswith("s") else w for w in words)


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """The share of the shorter one's words that both have, 0 to 1."""
    return len(a & b) / max(1, min(len(a), len(b)))
