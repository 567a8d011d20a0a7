"""Signs that the reports answer a question, and that a think tank speaks to it.

A best passage there always is. Whether it answers shows in how near its sentences come, in the
words of the question that it meets least, and in names and figures that stand nowhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reformqa.answering.selection import COSINE_WEIGHT, LATE_WEIGHT, Candidate
from reformqa.model import Hit
from reformqa.search.filters import Filters
from reformqa.search.query import Query
from reformqa.search.retriever import Hits, Retriever
from reformqa.text.tokens import STOP_WORDS, amounts, tokens

#: How many of the best hits are looked at.
LOOKED_AT = 10
#: So many of a question's words, those that a passage meets least, tell how well it meets it.
WEAKEST = 2
#: A question of fewer terms counts as one of so many: a keyword is no worse a question.
FEWEST = 4
#: Below this cosine of question and best passage, the question is about something else.
FAR = 0.28
#: A word that no passage meets with this cosine is told to the reader.
UNMET = 0.62
#: How many unmet words are told.
TOLD = 3

# Capitalised words within a question, and what joins them: "Office for Devolution".
_NAME = re.compile(
    r"(?<!^)(?<![.?!:] )\b[A-Z][\w-]*(?: (?:(?:of(?: the)?|for|and) )?[A-Z0-9][\w-]*)*"
)
# A numbered part of a report, which is there or not as a recommendation is: "Step 6".
_PART = re.compile(r"\b(step|shift|stage|phase|pillar|workstream) (\d+)\b", re.IGNORECASE)
# Words of asking, which passages need not meet.
_ASKING = re.compile(
    r"(?:recommend|propos|suggest|support|argu|think|say|said|want|call|claim|report|find|found"
    r"|conclu|describ|mention|happen|mean|use[ds]?$|does|reason|effect|make|made|much|many|more"
    r"|differ|case$|against|actually|just$|really)"
)
_ASKS_FIGURE = re.compile(r"\bhow (?:many|much)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs by name, and what of the question the reports lack.

    `labels` are recommendations that are named and do not exist, `names` and `figures` those that
    no passage prints, `words` those that no passage comes near; `far` tells that no passage is
    about anything like it. With such a label, or so far, there is no answer whatever the values.
    """

    values: Mapping[str, float]
    far: bool = False
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def read_signs(
    reading: Query,
    filters: Filters,
    hits: Hits,
    retriever: Retriever,
) -> Signs:
    """The signs of a question whose search gave these hits, at least one."""
    looked_at = hits[:LOOKED_AT]
    met = {
        word: cosines
        for word, cosines in retriever.words_met(reading, looked_at).items()
        if not _ASKING.match(word)
    }
    least = np.sort(np.array(list(met.values())), axis=0)[:WEAKEST] if met else np.ones((1, 1))
    missing = [a for a in reading.amounts if not retriever.printed.has(a, looked_at)]
    figures = tuple(_as_written(a, reading.text) for a in missing)
    names = tuple(n for n in _names(reading) if not retriever.printed.together(n, filters))
    parts = _missing_parts(reading.text, filters, retriever)
    terms = {t for t in tokens(reading.topic) if t not in STOP_WORDS}
    unmet = {w: float(cosines.max()) for w, cosines in met.items()}
    return Signs(
        values={
            "score": hits[0].score,
            "weakest": float(least.mean(axis=0).max()),
            "length": math.log1p(max(len(terms), FEWEST)),
            "figures": float(bool(figures)),
            "names": float(bool(names)),
            "asks_figure": float(bool(_ASKS_FIGURE.search(reading.text))),
        },
        far=max(h.similarity for h in looked_at) < FAR
        and retriever.printed.share(reading.topic, looked_at) < 1,
        labels=() if any(h.labelled for h in hits) else (*reading.labels, *parts),
        names=names,
        figures=figures,
        words=tuple(w for w in sorted(unmet, key=unmet.__getitem__) if unmet[w] < UNMET)[:TOLD],
    )


def speaking_signs(
    reading: Query,
    groups: Mapping[str, tuple[Sequence[Hit], Sequence[Candidate]]],
    retriever: Retriever,
) -> dict[str, dict[str, float]]:
    """For each think tank, from its hits and sentences: the signs that it speaks to the question.

    How near its best sentence comes, how far that is behind the best of all, and how much of the
    question its best passage prints.
    """
    nearest = {
        name: max(
            (LATE_WEIGHT * c.late + COSINE_WEIGHT * c.cosine for c in candidates), default=0.0
        )
        for name, (_, candidates) in groups.items()
    }
    best = max(nearest.values(), default=0.0)
    return {
        name: {
            "nearest": nearest[name],
            "behind": best - nearest[name],
            "printed": retriever.printed.share(reading.topic, hits[:LOOKED_AT]),
        }
        for name, (hits, _) in groups.items()
    }


def _as_written(amount: str, text: str) -> str:
    """An amount as the question writes it."""
    words = text.split()
    runs = (words[n : n + length] for length in (1, 2, 3) for n in range(len(words)))
    written = (" ".join(run).strip("?.,;:!()") for run in runs)
    return next((w for w in written if amounts(w) == [amount]), amount)


def _names(reading: Query) -> list[str]:
    """The names within a question that are of its matter: none of a publisher or a title."""
    found = (m.group() for m in _NAME.finditer(reading.text))
    return [name for name in found if name in reading.topic and tokens(name)]


def _missing_parts(text: str, filters: Filters, retriever: Retriever) -> list[str]:
    """The numbered parts named in `text` that are not there, of kinds that are numbered there."""
    return [
        f"{kind} {number}".lower()
        for kind, number in _PART.findall(text)
        if not retriever.printed.in_a_row(f"{kind} {number}", filters)
        and any(retriever.printed.in_a_row(f"{kind} {other}", filters) for other in (1, 2))
    ]
