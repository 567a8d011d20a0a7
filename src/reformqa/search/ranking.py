"""Rank candidates: the legs' scores of each passage, and one fused order of statements.

A passage's score is a weighted sum of its legs' scores as they are: a convex combination up to
scale (Bruch, Gai and Ingber 2022, arXiv 2210.11934), which beat reciprocal rank fusion in our
measurements. BM25 is divided by its best score for the question. A paragraph counts by its best
passage, and a statement by its best paragraph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reformqa.model import PassageId
from reformqa.models.base import TokenReduction
from reformqa.search.scoring import (
    PieceWeights,
    best_cosines,
    bm25_scores,
    of_question,
    weighted,
)
from reformqa.search.wordings import Asked
from reformqa.storage.base import Evidence, Store
from reformqa.text.labels import label_keys
from reformqa.tuning import SearchTuning

#: The decimals to which scores are compared.
DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Scores:
    """The evidence for passages, and each leg's scores of them, shape (passages,)."""

    evidence: Evidence
    legs: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The candidates of one search with their scores: each array has shape (candidates,).

    `rows` are their places in `evidence`; `best` are the best of each statement, best first.
    """

    evidence: Evidence
    rows: NDArray[np.int64]
    legs: Mapping[str, NDArray[np.float32]]
    fused: NDArray[np.float32]
    best: NDArray[np.int64]

    @property
    def best_statements(self) -> list[int]:
        """The statements of the best candidates, best first."""
        found: list[int] = self.evidence.statements[self.rows[self.best]].tolist()
        return found


def score(
    asked: Asked,
    ids: Sequence[PassageId],
    store: Store,
    reduction: TokenReduction,
    weights: PieceWeights,
) -> Scores:
    """Return every leg's scores of those passages (see `scoring.of_question`)."""
    query = asked.encoded
    evidence = store.evidence(query, ids)
    best = [(best_cosines(e, evidence, reduction), e) for e in query.encodings]
    cosines = [evidence.vectors @ e.sentence for e in query.encodings]
    bm25 = [bm25_scores(terms, query, evidence) for terms in query.terms]
    legs = {
        "late": of_question([weighted(b, e, weights.plain) for b, e in best], query.forms),
        "rare": of_question([weighted(b, e, weights.rare) for b, e in best], query.forms),
        "embedding": of_question(cosines, query.forms),
        "bm25": of_question(bm25, query.forms),
    }
    if asked.query.amounts:
        place = {term: n for n, term in enumerate(query.all_terms)}
        held = evidence.held[[place[a] for a in asked.query.amounts]]
        legs["amounts"] = np.mean(held, axis=0, dtype=np.float32)
    if asked.query.labels:
        legs["label"] = _label_scores(evidence, store)
    return Scores(evidence, legs)


def fuse(
    scores: Scores, candidates: Sequence[PassageId], depth: int, tuning: SearchTuning
) -> Ranked:
    """Sum the legs' scores of the candidates, and find the `depth` best statements."""
    evidence = scores.evidence
    place = {passage_id: n for n, passage_id in enumerate(evidence.ids)}
    rows = np.array([place[i] for i in candidates], dtype=np.int64)
    legs = {name: values[rows] for name, values in scores.legs.items()}
    scale = float(legs["bm25"].max(initial=0)) or 1.0
    fused = np.zeros(len(rows), dtype=np.float32)
    for name, values in legs.items():
        fused += getattr(tuning, name) * values / (scale if name == "bm25" else 1.0)
    # Copies must tie whatever they were computed beside; of equals, the first one counts.
    order = np.argsort(-fused.round(DECIMALS), kind="stable")
    _, first = np.unique(evidence.statements[rows[order]], return_index=True)
    return Ranked(evidence, rows, legs, fused, order[np.sort(first)[:depth]])


def _label_scores(evidence: Evidence, store: Store) -> NDArray[np.float32]:
    """Score the passages of the recommendations that the question names by label.

    A passage that states one alone scores 1; a table row that states several, a share; a copy
    without the label, half.
    """
    scores = np.zeros(len(evidence.ids), dtype=np.float32)
    rows = {i: n for n, i in enumerate(evidence.ids) if i in evidence.labelled}
    numbers = set(evidence.statements[list(rows.values())].tolist()) if rows else set()
    for passages in store.statements(sorted(numbers)).values():
        for passage in passages:
            if passage.id in rows:
                printed = label_keys(passage.text)
                scores[rows[passage.id]] = max(
                    1 / len(printed) if label in printed else 0.5
                    for label in evidence.labelled[passage.id]
                )
    return scores
