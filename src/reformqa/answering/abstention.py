"""The reason for an abstention, in words: what the reports lack of what the question names."""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.answering.features import Features
from reformqa.model import Recommendation
from reformqa.search.publishers import publishers_listed
from reformqa.search.query import Query
from reformqa.text.labels import label_keys
from reformqa.text.phrases import listed


def reason(features: Features, query: Query, known: Sequence[Recommendation]) -> str:
    """Return why a question has no answer; `known` are the recommendations of the reports asked."""
    where = searched_in(query)
    if features.labels:
        return " ".join(_no_such_label(label, where, known) for label in features.labels)
    if features.names:
        names = listed([f"“{n}”" for n in features.names], "or")
        return f"{where[0].upper()}{where[1:]} do not mention {names}."
    if features.figures:
        figures = listed(features.figures, "or")
        return f"The closest passages in {where} do not contain {figures}."
    if features.words:
        words = listed([f"“{w}”" for w in features.words], "or")
        return f"The closest passages in {where} say nothing about {words}."
    return f"No passage in {where} is close enough to the question to answer it."


def searched_in(query: Query) -> str:
    """Return which reports were searched."""
    if not query.named:
        return "the reports"
    return f"the reports of {publishers_listed(query.named)}"


def _no_such_label(label: str, searched: str, known: Sequence[Recommendation]) -> str:
    """Return that no recommendation has the label, and how those of its kind are numbered."""
    kind = label.rpartition(" ")[0]
    keys = [key for r in known for key in label_keys(r.name) if key.rpartition(" ")[0] == kind]
    numbers = sorted({int(n) for k in keys if (n := k.rpartition(" ")[2]).isdigit()})
    text = f"There is no {label.title()} in {searched}."
    if len(numbers) > 1:
        text += f" Their {kind}s are numbered {numbers[0]} to {numbers[-1]}."
    return text
