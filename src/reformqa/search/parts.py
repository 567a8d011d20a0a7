"""Two questions in one: "What share of firms ship by water, and what do parents say about cost?".

A question is cut only where each part can be asked by itself. "Which law set up Ofsted, and in what
year?" and "… and who should help write it?" cannot: they stay whole.
"""

from __future__ import annotations

import re

from reformqa.text.tokens import tokens

#: The most parts that a question is cut into; more are a list of questions, and stay whole.
MOST = 3
#: The least terms of a part: with fewer it leans on the one before.
LEAST_TERMS = 2

_ASKS = r"(?:what|who|whom|whose|how|when|where|why|which)"
_VERBS = r"(?:does|do|did|is|are|was|were|has|have|should|would|could|can|will)"
_CUT = re.compile(
    rf"\?\s+(?:and )?(?=(?:{_ASKS}|{_VERBS})\b)|,? and (?={_ASKS} \w+)|; (?={_ASKS}\b)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    rf"\W*(?:{_ASKS}|{_VERBS})\b(?: (?:many|much|often|far|long|big|large)\b)?", re.IGNORECASE
)
# Words that stand for something said before.
_LEANS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|these|those|there|he|she|him|his|her|such|ones?"
    r"|latter|former|others?|same|else|so|that(?=[?.,]|$)|on what grounds|besides|instead|then)\b",
    re.IGNORECASE,
)


def split_parts(text: str) -> tuple[str, ...]:
    """Return the questions that a question is made of, or only itself."""
    parts = [part.strip(" ,;") for part in _CUT.split(text)]
    if not 1 < len(parts) <= MOST or not all(map(_stands_alone, parts)):
        return (text,)
    if any(_LEANS.search(part) for part in parts[1:]):
        return (text,)
    return tuple(part if part.endswith("?") else f"{part}?" for part in parts)


def _stands_alone(part: str) -> bool:
    return bool(_OPENS.match(part)) and len(tokens(_OPENS.sub("", part))) >= LEAST_TERMS
