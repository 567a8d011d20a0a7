"""Whether a sentence or a table row that was found prints all that a question asks about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reformqa.model import Hit
from reformqa.search.query import Query
from reformqa.text.sentences import sentences
from reformqa.text.tokens import tokens

#: With fewer terms, a sentence that prints them all may well say something else.
LEAST_TERMS = 2

_FIGURE = re.compile(
    r"\bhow (?:much|many|large|big|long)\b"
    r"|\b(?:what|which) (?:share|proportion|percentage|number)\b",
    re.IGNORECASE,
)
# Words for the figure itself, which a sentence gives in digits.
_OF_FIGURES = re.compile(
    r"\bhow (?:much|many|large|big|long)\b(?: money)?"
    r"|\b(?:share|proportion|percentage|per cent|number|amount|total) of\b",
    re.IGNORECASE,
)


def prints_all(query: Query, hits: Sequence[Hit]) -> bool:
    """Return whether one sentence has every term of the question, and a figure if it asks one.

    A row of a table has the terms of its column heads.
    """
    asked = set(tokens(_OF_FIGURES.sub(" ", query.topic)))
    if len(asked) < LEAST_TERMS:
        return False
    figure = bool(_FIGURE.search(query.text))
    return any(
        asked <= set(tokens(context)) and (not figure or _has_more(said, query))
        for context, said in _statements(hits)
    )


def _statements(hits: Iterable[Hit]) -> Iterable[tuple[str, str]]:
    """Yield each sentence twice; each row of a table with its heads, and by itself."""
    for hit in hits:
        text = hit.paragraph.text
        if hit.paragraph.kind == "table":
            yield hit.passage.indexed, text
        else:
            for span, _ in sentences(text):
                yield (sentence := text[slice(*span)]), sentence


def _has_more(sentence: str, query: Query) -> bool:
    """Return whether the sentence has a figure that the question does not."""
    own = set(re.findall(r"\d+", query.text))
    return any(number not in own for number in re.findall(r"\d+", sentence))
