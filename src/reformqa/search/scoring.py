"""Score passages from what a store knows of them: late interaction, cosines and BM25.

Late interaction is ColBERT's MaxSim (Khattab and Zaharia 2020, arXiv 2004.12832), once with all
words of the question alike, as that model was trained, and once by their idf, which tells what the
question is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reformqa.models.base import Encoding, TokenReduction
from reformqa.models.token_reduction import word_of
from reformqa.storage.base import EncodedQuery, Evidence
from reformqa.text.tokens import STOP_WORDS


@dataclass(frozen=True, slots=True)
class PieceWeights:
    """How much each piece of the vocabulary counts in a question: arrays of shape (pieces,).

    In `plain`, words count alike, and the masks that fill a question up a part; `rare` is their
    idf. Marks and other special pieces count nothing.
    """

    plain: NDArray[np.float32]
    rare: NDArray[np.float32]


def of_question(
    of_wordings: Sequence[NDArray[Any]] | NDArray[Any], forms: int
) -> NDArray[np.float32]:
    """Return the scores for a question from those for its wordings, each of shape (texts,).

    In each form of the question, the mean over its wordings counts; of the forms, the best.
    """
    scores = np.asarray(of_wordings, dtype=np.float32).reshape(forms, -1, len(of_wordings[0]))
    return np.asarray(scores.mean(axis=1).max(axis=0), dtype=np.float32)


def best_cosines(
    encoding: Encoding, evidence: Evidence, reduction: TokenReduction
) -> NDArray[np.float32]:
    """Return the best cosine of each piece of a question in each passage: (pieces, passages)."""
    if not len(evidence.ids):
        return np.zeros((len(encoding.pieces), 0), dtype=np.float32)
    similar = evidence.tokens.astype(np.float32) @ reduction.asked(encoding.tokens).T
    return np.asarray(np.maximum.reduceat(similar, _starts(evidence), axis=0).T, dtype=np.float32)


def weighted(
    cosines: NDArray[np.float32], encoding: Encoding, weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the mean over a question's pieces, each by its weight: MaxSim, 0 to 1 in practice.

    `cosines` has shape (pieces, texts), `weights` are those of the vocabulary; what is returned has
    shape (texts,).
    """
    own = weights[encoding.pieces]
    if not own.any():  # nothing but stop marks: every piece counts alike
        own = np.ones_like(own)
    return np.asarray((own / own.sum()) @ cosines, dtype=np.float32)


def bm25_scores(terms: Sequence[str], query: EncodedQuery, evidence: Evidence) -> NDArray[Any]:
    """Return the BM25 score of each passage for the terms of a wording, shape (passages,)."""
    place = {term: n for n, term in enumerate(query.all_terms)}
    scores = np.zeros(len(evidence.ids), dtype=np.float32)
    for term in terms:
        scores += evidence.weights[place[term]]
    return scores


def content_pieces(
    encoding: Encoding, vocabulary: Mapping[int, str], weights: NDArray[np.float32]
) -> dict[str, list[int]]:
    """Return the words of a question that say something, each with the places of its pieces."""
    found: list[tuple[str, list[int]]] = []
    for place, number in enumerate(encoding.pieces.tolist()):
        piece = vocabulary[number]
        if weights[number] <= 0:
            continue
        if piece.startswith("##") and found and found[-1][1][-1] == place - 1:
            word, places = found.pop()
            found.append((word + piece.removeprefix("##"), [*places, place]))
        else:
            found.append((word_of(piece), [place]))
    return {w: places for w, places in found if w not in STOP_WORDS and len(w) > 1}


def ranks(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return ranks from 1, best first; equal values share the best of their ranks."""
    return np.asarray(1 + np.searchsorted(np.sort(-values), -values), dtype=np.int64)


def _starts(evidence: Evidence) -> NDArray[np.int64]:
    return np.cumsum(evidence.lengths) - evidence.lengths
