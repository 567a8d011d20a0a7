"""The BM25 leg gives the scores that rank-bm25 gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from reformqa import Library
from reformqa.lexical import LexicalIndex, tokens
from reformqa.snapshot import Snapshot

LOAVES = ("rye bread and rye flour", "wheat bread", "a tram to the harbour", "the and of")
WORDS = st.sampled_from(["rye", "wheat", "tram", "harbour", "oven", "roof", "the", "2.5"])
TEXTS = st.lists(st.lists(WORDS, max_size=8).map(" ".join), min_size=1, max_size=12)


def slow_scores(texts: list[str], question: str) -> np.ndarray:
    return BM25Okapi([tokens(t) for t in texts]).get_scores(tokens(question))


@pytest.mark.parametrize(
    "question",
    ["targets", "Who inspects schools?", "pooled budgets, pooled budgets", "85 per cent of cuts"],
)
def test_scores_on_the_notes_are_those_of_rank_bm25(
    library: Library, notes_index: Path, question: str
):
    snapshot = Snapshot(notes_index)
    passages = snapshot.passages(range(library.build.passages))
    texts = [passages[n].indexed for n in range(library.build.passages)]
    expected = slow_scores(texts, question)
    assert expected.max() > 0
    assert np.allclose(snapshot.lexical.score(question), expected, atol=1e-4)


@settings(deadline=None)
@given(TEXTS.filter(lambda texts: any(map(tokens, texts))), st.lists(WORDS).map(" ".join))
def test_scores_are_those_of_rank_bm25(texts: list[str], question: str):
    index = LexicalIndex.build(texts)
    assert np.allclose(index.score(question), slow_scores(texts, question), atol=1e-4)


@pytest.mark.parametrize("question", ["zebra", "", "the of and", "?!"])
def test_terms_that_no_text_prints_score_nothing(question: str):
    assert LexicalIndex.build(LOAVES).score(question).tolist() == [0, 0, 0, 0]


def test_a_text_is_found_by_another_form_of_its_word():
    scores = LexicalIndex.build([*LOAVES, "trains", "boats"]).score("Harbours")
    assert np.flatnonzero(scores).tolist() == [2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Ovens were heating", ["oven", "heat"]),
        ("It cost £1,250.50 in 2014.", ["cost", "1,250.50", "2014"]),
        ("a baker’s dozen", ["baker", "dozen"]),
        ("—", []),
    ],
)
def test_tokens_are_stems_and_whole_numbers(text: str, expected: list[str]):
    assert tokens(text) == expected


@pytest.mark.parametrize("texts", [LOAVES, ("the", "and"), ()])
def test_a_saved_index_gives_the_same_scores(tmp_path: Path, texts: tuple[str, ...]):
    built = LexicalIndex.build(texts)
    built.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    assert loaded.size == len(texts)
    assert loaded.score("rye bread").tolist() == built.score("rye bread").tolist()
