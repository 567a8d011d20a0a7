"""Late interaction agrees with a slow loop, and loses little by small integers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reformqa.models.base import Encoding, TokenEncoder
from reformqa.models.onnx import open_encoder
from reformqa.models.token_reduction import Reducer, Reduction, piece_factors
from reformqa.search.scoring import (
    best_cosines,
    bm25_scores,
    content_pieces,
    of_question,
    ranks,
    weighted,
)
from reformqa.storage.base import EncodedQuery, Evidence
from reformqa.storage.files.tokens import piece_weights
from support.models import VOCABULARY, made_encoding, pieces_of, small_encoder

Floats = NDArray[np.float32]

SPECIAL = range(5)  # the start, the end, padding …
MARKS = [n for n, p in enumerate(VOCABULARY) if not any(c.isalnum() for c in p)]
TEXTS = tuple(
    f"{who} {does} {what}{where}"
    for who in ("The baker", "A pilot", "The council", "Nobody")
    for does in ("mends", "sells", "has forgotten", "measures")
    for what in ("the rye bread", "tram tickets", "3.5 tonnes of rope")
    for where in (" by the harbour.", ", in winter!", "")
)
QUESTIONS = (
    "Who sells tickets for the tram?",
    "rope at the harbour",
    "What did the baker forget, and when?",
    "3.5 tonnes",
    "Does anyone measure bread in the winter months?",
)


def evidence_of(
    encodings: Sequence[Encoding], model: TokenEncoder, reduction: Reduction
) -> Evidence:
    """Evidence of a passage for each encoding, with nothing but token vectors."""
    reducer = Reducer(model, reduction)
    tokens = [reducer.reduce(e).tokens for e in encodings]
    count, width = len(tokens), len(reduction.scale)
    return Evidence(
        ids=tuple(str(n) for n in range(count)),
        statements=np.arange(count),
        vectors=np.zeros((count, 1), dtype=np.float32),
        tokens=np.concatenate([np.zeros((0, width), dtype=np.int8), *tokens]),
        lengths=np.array([len(t) for t in tokens], dtype=np.int64),
        weights=np.zeros((0, count), dtype=np.float32),
        held=np.zeros((0, count), dtype=np.bool_),
        labelled={},
    )


def fitted(encodings: Sequence[Encoding]) -> Reduction:
    return Reduction.fit(np.concatenate([e.tokens for e in encodings]))


def weights_of(encodings: Sequence[Encoding], model: TokenEncoder) -> Floats:
    """The weights of the pieces in a library of those passages."""
    factors = piece_factors(model, 0.25)
    holders = np.zeros(len(factors), dtype=np.int64)
    for encoding in encodings:
        holders[np.unique(encoding.pieces)] += 1
    return piece_weights(holders, len(encodings), factors)


# ---- slow twins: a loop a token, in plain floats ------------------------------------------------


def unit(vector: Sequence[float] | NDArray[np.floating]) -> list[float]:
    length = math.sqrt(sum(float(x) ** 2 for x in vector)) or 1.0
    return [float(x) / length for x in vector]


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(one, other, strict=True))


def slow_maxsim(
    wording: Sequence[tuple[float, Sequence[float]]], passage: Sequence[Sequence[float]]
) -> float:
    """The weighted mean of the best cosines; `wording` has a weight and a vector a piece."""
    if not any(weight for weight, _ in wording):
        wording = [(1.0, vector) for _, vector in wording]
    total = sum(weight for weight, _ in wording)
    return sum(w * max(dot(v, p) for p in passage) for w, v in wording if w) / total


def slow_reduced(reduction: Reduction, vector: Floats) -> list[float]:
    about = vector.astype(np.float64) - reduction.mean
    return unit(np.array(unit(about)) @ reduction.components.astype(np.float64))


def slow_stored(reduction: Reduction, encoding: Encoding) -> list[list[float]]:
    """The vectors of a text's words as an index keeps them, made floats again."""
    vectors = zip(encoding.pieces.tolist(), encoding.tokens, strict=True)
    words = [v for p, v in vectors if p not in SPECIAL and p not in MARKS]
    stored = []
    for vector in words or encoding.tokens:
        steps = zip(slow_reduced(reduction, vector), reduction.scale.tolist(), strict=True)
        stored.append([min(127, max(-127, round(value / step))) * step for value, step in steps])
    return stored


def slow_whole(question: Encoding, text: Encoding, weights: Floats, mean: Floats) -> float:
    """MaxSim over the vectors about their mean: neither reduced nor made integers."""
    own = weights[question.pieces]
    about = [e.tokens - mean for e in (question, text)]
    units = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in about]
    words = units[1][weights[text.pieces] > 0]
    return float((units[0] @ words.T).max(axis=1) @ own / own.sum())


def late_scores(
    question: Encoding, evidence: Evidence, reduction: Reduction, weights: Floats
) -> Floats:
    return weighted(best_cosines(question, evidence, reduction), question, weights)


# ---- scores -------------------------------------------------------------------------------------

PIECES = st.lists(st.integers(0, len(VOCABULARY) - 1), min_size=1, max_size=7)
BLANK = st.lists(st.sampled_from([*SPECIAL, *MARKS]), min_size=1, max_size=4)


@st.composite
def collections(draw: st.DrawFn) -> tuple[list[Encoding], list[Encoding]]:
    """The encodings of passages, and a question in some wordings."""
    dimensions = draw(st.sampled_from([3, 32, 150]))
    texts = draw(st.lists(PIECES | BLANK, min_size=1, max_size=6))
    encodings = [made_encoding(t, draw(st.integers(0, 99)), dimensions) for t in texts]
    wordings = draw(st.lists(PIECES | BLANK, min_size=1, max_size=2))
    asked = [made_encoding(w, draw(st.integers(100, 199)), dimensions) for w in wordings]
    if draw(st.booleans()):  # a question that is a passage
        asked.append(draw(st.sampled_from(encodings)))
    return encodings, asked


@given(collections())
def test_late_scores_are_those_of_a_slow_loop(collection: tuple[list[Encoding], list[Encoding]]):
    encodings, asked = collection
    reduction = fitted(encodings)
    weights = weights_of(encodings, small_encoder())
    evidence = evidence_of(encodings, small_encoder(), reduction)
    for question in asked:
        pieces = zip(question.pieces, question.tokens, strict=True)
        wording = [(float(weights[p]), slow_reduced(reduction, v)) for p, v in pieces]
        expected = [slow_maxsim(wording, slow_stored(reduction, e)) for e in encodings]
        found = late_scores(question, evidence, reduction, weights)
        assert np.allclose(found, expected, atol=2e-3)


@given(collections())
def test_best_cosines_are_those_of_a_slow_loop(collection: tuple[list[Encoding], list[Encoding]]):
    encodings, (question, *_) = collection
    reduction = fitted(encodings)
    found = best_cosines(question, evidence_of(encodings, small_encoder(), reduction), reduction)
    stored = [slow_stored(reduction, e) for e in encodings]
    asked = [slow_reduced(reduction, v) for v in question.tokens]
    expected = [[max(dot(v, p) for p in passage) for passage in stored] for v in asked]
    assert found.shape == (len(question.pieces), len(encodings))
    assert np.allclose(found, expected, atol=2e-3)


def test_scores_are_near_those_of_vectors_kept_whole(models: Mapping[str, Path]):
    model = open_encoder(models)
    texts = list(model.encode_tokens(TEXTS, "passage"))
    reduction, weights = Reduction.load(models["tokens"]), weights_of(texts, model)
    evidence = evidence_of(texts, model, reduction)
    for question in model.encode_tokens(QUESTIONS, "question"):
        expected = np.array([slow_whole(question, text, weights, reduction.mean) for text in texts])
        assert np.ptp(expected) > 0.3  # or any scores would be near
        within = late_scores(question, evidence, reduction, weights)
        assert np.abs(within - expected).max() < 0.15
        assert np.corrcoef(within, expected)[0, 1] > 0.98
        assert np.corrcoef(ranks(within), ranks(expected))[0, 1] > 0.97


@pytest.fixture(scope="module")
def passages() -> list[Encoding]:
    return [made_encoding(pieces_of("rye"), 1), made_encoding(pieces_of("tram"), 2)]


def scored(passages: Sequence[Encoding], *questions: Encoding) -> list[Floats]:
    model, reduction = small_encoder(), fitted(passages)
    evidence, weights = evidence_of(passages, model, reduction), weights_of(passages, model)
    return [late_scores(q, evidence, reduction, weights) for q in questions]


def test_marks_and_special_pieces_of_a_question_do_not_count(passages: list[Encoding]):
    bare = made_encoding(pieces_of("rye", "bread"), 5)
    pieces = [*bare.pieces[:-1], VOCABULARY.index("?"), bare.pieces[-1]]
    tokens = np.insert(bare.tokens, 3, made_encoding([9], 6).tokens, axis=0)
    tokens[0] *= -1  # whatever the start's vector is
    marked = Encoding(bare.sentence, tokens, np.array(pieces))
    one, other = scored(passages, bare, marked)
    assert np.allclose(one, other, atol=1e-6)


def test_a_question_twice_over_scores_as_once(passages: list[Encoding]):
    once = made_encoding(pieces_of("rye", "bread"), 5)
    tokens = np.concatenate([once.tokens, once.tokens])
    twice = Encoding(once.sentence, tokens, np.concatenate([once.pieces, once.pieces]))
    one, other = scored(passages, once, twice)
    assert np.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("pieces", [("!", "?"), (".",), ()])
def test_a_passage_or_question_of_marks_alone_still_has_a_score(
    passages: list[Encoding], pieces: tuple[str, ...]
):
    blank = made_encoding(pieces_of(*pieces), 3)
    of_blank, of_rye = scored([passages[0], blank, passages[1]], blank, passages[0])
    assert np.isfinite([*of_blank, *of_rye]).all()
    assert of_blank.argmax() == 1
    assert of_rye.argmax() == 0


def test_no_passage_has_no_score(passages: list[Encoding]):
    question, reduction = passages[0], fitted(passages)
    weights = weights_of(passages, small_encoder())
    nothing = evidence_of([], small_encoder(), reduction)
    assert late_scores(question, nothing, reduction, weights).shape == (0,)
    assert best_cosines(question, nothing, reduction).shape == (3, 0)


def test_bm25_scores_are_the_sum_of_the_weights_of_a_wordings_terms(passages: list[Encoding]):
    query = EncodedQuery((), (("rye", "tram", "rye"), ("oven",)), extra=("41",))
    assert query.all_terms == ("rye", "tram", "oven", "41")
    base = evidence_of(passages, small_encoder(), fitted(passages))
    weights = np.array([[1, 2], [10, 20], [100, 200], [1000, 2000]], dtype=np.float32)
    evidence = replace(base, weights=weights, held=weights > 0)
    assert bm25_scores(query.terms[0], query, evidence).tolist() == [12, 24]
    assert bm25_scores(query.terms[1], query, evidence).tolist() == [100, 200]
    assert bm25_scores((), query, evidence).tolist() == [0, 0]


def test_a_question_scores_by_the_best_of_its_forms_each_the_mean_of_its_wordings():
    of_wordings = [np.array(s, dtype=np.float32) for s in ([1, 0], [3, 0], [0, 5], [1, 9])]
    assert of_question(of_wordings, forms=1).tolist() == [1.25, 3.5]
    assert of_question(of_wordings, forms=2).tolist() == [2, 7]


def test_equal_values_share_the_best_of_their_ranks():
    assert ranks(np.array([0.5, 0.9, 0.5, 0.1], dtype=np.float32)).tolist() == [2, 1, 2, 4]
    assert ranks(np.zeros(0, dtype=np.float32)).tolist() == []


# ---- words --------------------------------------------------------------------------------------


def words(*pieces: str) -> dict[str, list[int]]:
    """The words of a question of those pieces, which are all as rare."""
    question, weights = made_encoding(pieces_of(*pieces), 3), piece_factors(small_encoder(), 0.25)
    return content_pieces(question, dict(enumerate(VOCABULARY)), weights)


def test_the_words_of_a_question_are_put_together_from_their_pieces():
    # the | rye ##s | ? | t ##a ##x | of | a | bread | ##s
    found = words("the", "rye", "##s", "?", "t", "##a", "##x", "of", "a", "bread", "##s")
    assert found == {"ryes": [2, 3], "tax": [5, 6, 7], "breads": [10, 11]}


def test_a_piece_that_continues_a_mark_or_nothing_is_a_word_by_itself():
    found = words("rye", "?", "##s")
    assert found["rye"] == [1]
    assert list(found.values()).count([3]) <= 1
    assert words("the", "of", "?", "b") == {}


def test_the_words_of_a_real_question_are_found(models: Mapping[str, Path]):
    model = open_encoder(models)
    question = "Did the Northumberlandish bakers forget about inspectorates?"
    (asked,) = model.encode_tokens([question], "question")
    found = content_pieces(asked, model.vocabulary, piece_factors(model, 0.25))
    assert list(found) == ["northumberlandish", "bakers", "forget", "inspectorates"]
    assert len(found["northumberlandish"]) > 1
    places = [p for at in found.values() for p in at]
    assert places == sorted(set(places))
