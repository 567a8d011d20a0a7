"""Why there is no answer, in words: what the question names that the reports do not have."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reformqa.answering.features import Features
from reformqa.model import Recommendation
from reformqa.search.query import Query
from reformqa.text.labels import label_keys

# What a think tank is called that takes an article.
_ORGANISATION = re.compile(
    r"(?<!^The )\b(?:Society|Institute|Foundation|Trust|Centre|Commission|Association|Guild)$"
)


def reason(features: Features, query: Query, known: Sequence[Recommendation]) -> str:
    """Return why a question has no answer; `known` are the recommendations of the reports asked."""
    whose = _whose(query)
    if features.labels:
        return " ".join(_no_such_label(label, whose, known) for label in features.labels)
    if features.names:
        return f"{_listed([f'“{n}”' for n in features.names])} cannot be found in {whose}."
    if features.figures:
        return f"The nearest passages of {whose} do not print {_listed(features.figures)}."
    if features.words:
        words = _listed([f"“{w}”" for w in features.words])
        return f"The nearest passages of {whose} do not speak of {words}."
    return f"No passage of {whose} comes near enough to be an answer."


def _whose(query: Query) -> str:
    if not query.named:
        return "the reports"
    names = [f"the {n}" if _ORGANISATION.search(n) else n for n in query.named]
    return f"the reports of {_listed(names)}"


def _no_such_label(label: str, whose: str, known: Sequence[Recommendation]) -> str:
    """That there is none of that label, and which there are of its kind."""
    kind = label.rpartition(" ")[0]
    keys = [key for r in known for key in label_keys(r.name) if key.rpartition(" ")[0] == kind]
    numbers = sorted({int(n) for k in keys if (n := k.rpartition(" ")[2]).isdigit()})
    text = f"There is no {label.title()} in {whose}."
    if len(numbers) > 1:
        text += f" Their {kind}s go from {numbers[0]} to {numbers[-1]}."
    return text


def _listed(parts: Sequence[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
