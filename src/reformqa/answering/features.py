"""Features that tell whether the reports answer a question, and whether a publisher speaks to it.

There is always a best passage. Whether it answers depends on its score, on the words of the
question that it matches least, and on names and figures that occur nowhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reformqa.answering.evidence import Material
from reformqa.answering.selection import Candidate
from reformqa.models.base import Encoding, Models
from reformqa.search.ordinals import numbered_parts
from reformqa.search.query import Query
from reformqa.search.scoring import best_cosines, content_pieces
from reformqa.storage.base import Filters, Store
from reformqa.text.tokens import STOP_WORDS, amounts, tokens
from reformqa.tuning import FeatureTuning

#: The number of best hits that are examined.
LOOKED_AT = 10
#: The number of a question's words, those that a passage matches least, that measure its match.
WEAKEST = 2
#: Questions of fewer terms count as having this many: a keyword is no worse a question.
FEWEST = 4
#: The most unmatched words that are reported.
REPORTED = 3

# Capitalised words within a question, and what joins them: "Office for Devolution".
_NAME = re.compile(
    r"(?<!^)(?<![.?!:] )\b[A-Z][\w-]*(?: (?:(?:of(?: the)?|for|and) )?[A-Z0-9][\w-]*)*"
)
# Words of asking, which passages need not match.
_ASKING = re.compile(
    r"(?:recommend|propos|suggest|support|argu|think|say|said|want|call|claim|report|find|found"
    r"|conclu|describ|mention|happen|mean|use[ds]?$|does|reason|effect|make|made|much|many|more"
    r"|differ|case$|against|actually|just$|really)"
)
# Words for all or none, which say nothing of what the reports lack.
_INDEFINITE = re.compile(r"(?:any|some|every|no)(?:body|one|thing|where)", re.IGNORECASE)
_ASKS_FIGURE = re.compile(r"\bhow (?:many|much)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a question by name, and what of the question the reports lack.

    `labels` are recommendations that the question names and that do not exist; `names` and
    `figures` occur in no passage; `words` match none closely. `far` is true if no passage is about
    anything similar. With such a label, or if far, there is no answer, whatever the values.
    """

    values: Mapping[str, float]
    far: bool = False
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def answer_features(
    material: Material, where: Filters, store: Store, models: Models, tuning: FeatureTuning
) -> Features:
    """Return the features of a question whose search found at least one hit."""
    query, looked_at = material.asked.query, material.first(LOOKED_AT)
    met = {
        word: cosines
        for word, cosines in _words_met(looked_at, store, models).items()
        if not (_ASKING.match(word) or _INDEFINITE.fullmatch(word))
    }
    best = np.array(list(met.values())) if met else np.ones((1, 1))
    least = np.sort(best, axis=0)[:WEAKEST]
    held = _terms_held(looked_at)
    missing = [a for a in query.amounts if not held[a].any()]
    figures = tuple(_as_written(a, query.text) for a in missing)
    printed = _Printed(query, where, store)
    names = tuple(n for n in topic_names(query) if not printed.together(n))
    terms = {t for t in tokens(query.topic) if t not in STOP_WORDS}
    unmet = {w: float(cosines.max()) for w, cosines in met.items()}
    return Features(
        values={
            "score": material.hits[0].score,
            "met": float(best.mean(axis=0).max()),
            "weakest": float(least.mean(axis=0).max()),
            "length": math.log1p(max(len(terms), FEWEST)),
            "figures": float(bool(figures)),
            "names": float(bool(names)),
            "asks_figure": float(bool(_ASKS_FIGURE.search(query.text))),
        },
        far=not tokens(query.text)  # not a word in letters that are indexed
        or (
            max(h.similarity for h in looked_at.hits) < tuning.far
            and printed.share(looked_at, held) < 1
        ),
        labels=()
        if any(h.labelled for h in material.hits)
        else (*query.labels, *printed.missing_parts()),
        names=names,
        figures=figures,
        words=tuple(w for w in sorted(unmet, key=unmet.__getitem__) if unmet[w] < tuning.unmet)[
            :REPORTED
        ],
    )


def speaking_features(
    query: Query,
    groups: Mapping[str, tuple[Material, Sequence[Candidate]]],
    store: Store,
) -> dict[str, dict[str, float]]:
    """Return the features that decide whether each publisher addresses the question.

    `groups` has each publisher's material and sentences. The features are the nearness of its best
    sentence to the question's rare words, how far that is behind the best of all, and how much of
    the question its best passage contains.
    """
    nearest = {
        name: max((c.rare for c in found), default=0.0) for name, (_, found) in groups.items()
    }
    best = max(nearest.values(), default=0.0)
    shares = printed_shares({n: material for n, (material, _) in groups.items()}, query, store)
    return {
        name: {"nearest": nearest[name], "behind": best - nearest[name], "printed": shares[name]}
        for name in groups
    }


def printing_names(
    query: Query, publishers: Sequence[str], where: Filters, store: Store, most: float
) -> set[str]:
    """Return the publishers that print a rare name of the question: they are not silent on it.

    A name is rare if at most the share `most` of all passages print it.
    """
    terms = [tuple(tokens(name)) for name in topic_names(query)]
    own = [replace(where, publisher=(p,), terms=t) for t in terms for p in publishers]
    every, *counts = store.count([Filters(), *(Filters(terms=t) for t in terms), *own])
    rare = [0 < n <= most * every for n in counts[: len(terms)]]
    printed = iter(counts[len(terms) :])
    return {p for is_rare in rare for p in publishers if next(printed) and is_rare}


def printed_shares(
    materials: Mapping[str, Material], query: Query, store: Store
) -> dict[str, float]:
    """Return how much of the question the best passage of each material contains, 0 to 1."""
    printed = _Printed(query, Filters(), store)
    looked_at = {name: material.first(LOOKED_AT) for name, material in materials.items()}
    return {name: printed.share(m, _terms_held(m)) for name, m in looked_at.items()}


class _Printed:
    """Looks up which parts of a question occur in the reports, in one call of the store."""

    def __init__(self, query: Query, where: Filters, store: Store) -> None:
        self._terms = list(dict.fromkeys(tokens(query.topic)))
        self._where = where
        self._parts = [(kind, str(number)) for kind, number in numbered_parts(query.text)]
        wheres = {Filters(), *(Filters(terms=(t,)) for t in self._terms)}
        wheres |= {self._having(n) for n in topic_names(query)}
        for kind, number in self._parts:
            wheres |= {self._in_a_row(kind, n) for n in (number, "1", "2")}
        ordered = sorted(wheres, key=repr)
        self._count = dict(zip(ordered, store.count(ordered), strict=True))

    def together(self, words: str) -> bool:
        """Return whether a passage within the filters has all of the words."""
        return self._count[self._having(words)] > 0

    def missing_parts(self) -> list[str]:
        """Return the numbered parts that the question names and the reports lack.

        Only of kinds that the reports number.
        """
        return [
            f"{kind} {number}".lower()
            for kind, number in self._parts
            if not self._count[self._in_a_row(kind, number)]
            and any(self._count[self._in_a_row(kind, other)] for other in ("1", "2"))
        ]

    def share(self, material: Material, held: Mapping[str, NDArray[np.bool_]]) -> float:
        """Return the largest share of the topic's terms, weighted by idf, in one passage."""
        own = material.owners >= 0
        if not self._terms or not own.any():
            return 0.0
        every = self._count[Filters()]
        holders = np.array([self._count[Filters(terms=(t,))] for t in self._terms])
        idf = np.log1p((every - holders + 0.5) / (holders + 0.5))
        rows = np.array([held[t] for t in self._terms])[:, own]
        return float((idf @ rows / idf.sum()).max())

    def _having(self, words: str) -> Filters:
        return replace(self._where, terms=tuple(tokens(words)))

    def _in_a_row(self, kind: str, number: str) -> Filters:
        return replace(self._where, runs=(f"{kind} {number}",))


def _words_met(material: Material, store: Store, models: Models) -> dict[str, NDArray[np.float32]]:
    """Return, for each content word of the question, its best cosine with a word of each hit.

    Everyday words are left out, since reports use others for them. A name that has an acronym is
    met as well where that is, and the other way round. Arrays have shape (hits,).
    """
    asked = material.asked
    forms = asked.encoded.encodings[:: len(asked.encoded.encodings) // asked.encoded.forms]
    met, *other = (_met_in(form, material, store, models) for form in forms)
    for name, swapped in asked.swapped:
        inside = [other[0][w] for w in swapped.lower().split() if w in other[0]]
        for word in name.lower().split():
            if inside and word in met:
                met[word] = np.maximum(met[word], np.mean(inside, axis=0))
    left_out = {word for term in asked.everyday for word in term.lower().split()}
    return {word: cosines for word, cosines in met.items() if word not in left_out}


def _met_in(
    form: Encoding, material: Material, store: Store, models: Models
) -> dict[str, NDArray[np.float32]]:
    """Return, for each content word of an encoding, its best cosine with a word of each hit."""
    met = material.per_hit(best_cosines(form, material.evidence, models.reduction))
    pieces = content_pieces(form, models.encoder.vocabulary, store.piece_weights)
    return {word: met[places].mean(axis=0) for word, places in pieces.items()}


def _terms_held(material: Material) -> dict[str, NDArray[np.bool_]]:
    """Return, for each term of the question, which passages of the hits have it."""
    own = material.owners >= 0
    terms = material.asked.encoded.all_terms
    return {term: material.evidence.held[n] & own for n, term in enumerate(terms)}


def _as_written(amount: str, text: str) -> str:
    """Return an amount as the question writes it."""
    words = text.split()
    runs = (words[n : n + length] for length in (1, 2, 3) for n in range(len(words)))
    written = (" ".join(run).strip("?.,;:!()") for run in runs)
    return next((w for w in written if amounts(w) == [amount]), amount)


def topic_names(query: Query) -> list[str]:
    """Return the names within a question that belong to its topic, not to a publisher or title.

    None of a question in capitals, which has no names to tell.
    """
    if query.text.isupper():
        return []
    found = (m.group() for m in _NAME.finditer(query.text))
    return [
        name
        for name in found
        if name in query.topic and tokens(name) and not _INDEFINITE.fullmatch(name)
    ]
