"""An exported cross-encoder scores as sentence-transformers does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder

from reformqa.models.onnx import BATCH, OnnxReranker
from support.models import reranker as small_reranker
from support.models import reranker_exported

QUESTION = "rye of the harbour?"
PASSAGES = (
    "the tram and the bread",
    "rye",
    "",
    "bread of the harbour, and the tram of the harbour. " * 6,
    "Ż 7% -- £2.5 🚋",
)


@pytest.fixture(scope="module")
def original() -> CrossEncoder:
    return CrossEncoder(str(small_reranker()), device="cpu")


@pytest.fixture(scope="module")
def reranker() -> OnnxReranker:
    return OnnxReranker(reranker_exported())


def predicted(model: CrossEncoder, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
    pairs = [(question, p) for p in passages]
    return model.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)


def test_scores_are_those_of_sentence_transformers(reranker: OnnxReranker, original: CrossEncoder):
    found = reranker.score(QUESTION, PASSAGES)
    assert found.shape == (len(PASSAGES),)
    assert found.dtype == np.float32
    assert np.abs(found - predicted(original, QUESTION, PASSAGES)).max() < 1e-4
    assert np.ptp(found) > 1e-2  # or equal scores would pass


def test_the_question_comes_first(reranker: OnnxReranker, original: CrossEncoder):
    forth = reranker.score("rye", ["the tram"])
    back = reranker.score("the tram", ["rye"])
    assert np.abs(forth - back).max() > 1e-3
    assert np.abs(forth - predicted(original, "rye", ["the tram"])).max() < 1e-4


@pytest.mark.parametrize("question", [QUESTION, "the bread of the harbour " * 9, ""])
def test_pairs_too_long_are_cut_where_the_model_cuts_them(
    reranker: OnnxReranker, original: CrossEncoder, question: str
):
    passages = [PASSAGES[3], PASSAGES[3] + "rye", "rye"]
    found = reranker.score(question, passages)
    assert np.abs(found - predicted(original, question, passages)).max() < 1e-4


def test_a_passage_has_one_score_whatever_its_neighbours(reranker: OnnxReranker):
    many = list(PASSAGES * 4)
    assert len(many) > 2 * BATCH
    alone = np.concatenate([reranker.score(QUESTION, [p]) for p in many])
    assert np.allclose(reranker.score(QUESTION, many), alone, atol=1e-4)


def test_no_passage_has_no_score(reranker: OnnxReranker):
    assert reranker.score(QUESTION, []).shape == (0,)


@settings(max_examples=25)
@given(
    question=st.text(st.sampled_from("rye tram? 🚋\n"), max_size=40),
    passages=st.lists(st.text(st.sampled_from("bread. the-£5%É"), max_size=60), min_size=1),
)
def test_scores_of_wild_texts_are_those_of_sentence_transformers(
    reranker: OnnxReranker, original: CrossEncoder, question: str, passages: list[str]
):
    found = reranker.score(question, passages)
    assert np.abs(found - predicted(original, question, passages)).max() < 1e-4
