"""The BM25 index scores as rank-bm25 does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from reformqa.sorted_runs import RUN
from reformqa.storage.files.bm25 import Bm25Index, _Sums
from reformqa.storage.files.postings import PostingsWriter
from reformqa.storage.files.rowset import RowSet
from reformqa.text.tokens import tokens
from support.makers import towns

Scores = NDArray[np.floating]

LOAVES = ("rye bread and rye flour", "wheat bread", "a tram to the harbour", "the and of")
WORDS = st.sampled_from(["rye", "wheat", "tram", "harbour", "oven", "roof", "the", "2.5", "3%"])
TEXTS = st.lists(st.lists(WORDS, max_size=8).map(" ".join), min_size=1, max_size=12)


def index_of(texts: Sequence[str], run: int = RUN) -> Bm25Index:
    return written([tokens(text) for text in texts], run)


def written(documents: Iterable[Sequence[str]], run: int = RUN) -> Bm25Index:
    """The index of documents, written in runs of about `run` counts."""
    with TemporaryDirectory() as name:
        write(Path(name), documents, run)
        return Bm25Index.load(Path(name))  # what is mapped stays when its files are gone


def write(folder: Path, documents: Iterable[Sequence[str]], run: int = RUN) -> None:
    writer = PostingsWriter(folder, run)
    for terms in documents:
        writer.add(terms)
    writer.save()


def scores(index: Bm25Index, question: str) -> Scores:
    """The score of every row, each of its terms looked up."""
    terms = tokens(question)
    weights, _ = index.weights(terms, np.arange(index.size))
    found = np.zeros(index.size, dtype=np.float32)
    for of_term in weights:
        found += of_term
    return found


def slow_scores_or_0(texts: Sequence[str], asked: Sequence[str]) -> Scores:
    return slow_scores(texts, " ".join(asked)) if any(map(tokens, texts)) else np.zeros(len(texts))


def slow_scores(texts: Sequence[str], question: str) -> Scores:
    return BM25Okapi([tokens(t) for t in texts]).get_scores(tokens(question))


# ---- scores -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    ["ovens", "Who lends cold ovens to towns?", "rye and rye of the harbour", "38% of ovens"],
)
def test_scores_of_a_library_are_those_of_rank_bm25(question: str):
    texts = [p.indexed for p in towns().passages]
    expected = slow_scores(texts, question)
    assert expected.max() > 0
    assert np.allclose(scores(index_of(texts), question), expected, atol=1e-4)


@given(
    TEXTS.filter(lambda texts: any(map(tokens, texts))),
    st.lists(WORDS).map(" ".join),
    st.sampled_from([1, 3, RUN]),
)
def test_scores_are_those_of_rank_bm25(texts: list[str], question: str, run: int):
    """Whether the counts stay in memory or are merged from runs on the disk."""
    found = scores(index_of(texts, run), question)
    assert np.allclose(found, slow_scores(texts, question), atol=1e-4)


@pytest.mark.parametrize("question", ["zebra", "", "the of and", "?!"])
def test_terms_that_no_text_has_score_nothing(question: str):
    assert scores(index_of(LOAVES), question).tolist() == [0, 0, 0, 0]


def test_a_text_is_found_by_another_form_of_its_word():
    index = index_of([*LOAVES, "trains", "boats"])
    assert np.flatnonzero(scores(index, "Harbours")).tolist() == [2]


def test_a_text_is_found_by_another_form_of_its_amount():
    texts = ["The harbour cost £41 billion.", "Trams carry 38 per cent.", "41 loaves", "38 ovens"]
    index = index_of(texts)
    assert np.flatnonzero(scores(index, "£41,000m")).tolist() == [0]
    assert np.flatnonzero(scores(index, "38%")).tolist() == [1]


@given(TEXTS, st.lists(WORDS, max_size=4), st.data())
def test_weights_add_up_to_scores_in_any_rows(
    texts: list[str], asked: list[str], data: st.DataObject
):
    rows = data.draw(st.lists(st.sampled_from(range(len(texts))), max_size=9))
    terms = tokens(" ".join(asked))
    index = index_of(texts)
    weights, held = index.weights(terms, np.array(rows, dtype=np.int64))
    assert weights.shape == held.shape == (len(terms), len(rows))
    assert np.allclose(weights.sum(axis=0), slow_scores_or_0(texts, asked)[rows], atol=1e-4)
    assert held.tolist() == [[term in tokens(texts[row]) for row in rows] for term in terms]
    assert not weights[~held].any()


def test_a_term_can_be_held_and_weigh_nothing():
    """An idf of 0, which a term in half of the passages has."""
    weights, held = written([["rye"], ["tram"]]).weights(["rye"], np.array([0, 1]))
    assert weights.tolist() == [[0, 0]]
    assert held.tolist() == [[True, False]]


@given(TEXTS, st.lists(WORDS, max_size=3))
def test_rows_with_all_terms_are_as_their_tokens_say(texts: list[str], asked: list[str]):
    terms = tokens(" ".join(asked))
    found = index_of(texts).with_all(terms)
    held = [n for n, text in enumerate(texts) if set(terms) <= set(tokens(text))]
    assert found.tolist() == held


def test_every_row_has_all_of_no_terms():
    index = index_of(LOAVES)
    assert index.with_all([]).tolist() == [0, 1, 2, 3]
    assert index.with_all(["zebra"]).tolist() == []
    assert written(()).with_all([]).tolist() == []


@pytest.mark.parametrize("texts", [LOAVES, ("the", "and"), ()])
def test_runs_leave_nothing_behind_and_change_no_file(tmp_path: Path, texts: tuple[str, ...]):
    files = []
    for run in (1, 4, RUN):
        folder = tmp_path / str(run)
        folder.mkdir()
        write(folder, map(tokens, texts), run)
        files.append({f.name: f.read_bytes() for f in folder.iterdir()})
    assert files[0] == files[1] == files[2]
    assert sorted(files[0]) == [
        "lexical.data.npy",
        "lexical.data.npy.sums",
        "lexical.indices.npy",
        "lexical.indices.npy.sums",
        "lexical.indptr.npy",
        "lexical.json",
        "lexical.peaks.npy",
    ]
    assert Bm25Index.load(tmp_path / "1").size == len(texts)


# ---- the best rows ------------------------------------------------------------------------------


def slow_best(
    index: Bm25Index, terms: Sequence[str], wanted: int, allowed: RowSet | None = None
) -> list[int]:
    """The rows of the best scores among those of every row."""
    found = scores(index, " ".join(terms))
    rows = range(index.size) if allowed is None else allowed.rows().tolist()
    scored = sorted((row for row in rows if found[row]), key=lambda row: (-found[row], row))
    return sorted(scored[:wanted])


@given(TEXTS, st.lists(WORDS, max_size=4), st.integers(0, 9), st.data())
def test_the_best_rows_are_those_of_scoring_every_row(
    texts: list[str], asked: list[str], wanted: int, data: st.DataObject
):
    """So few texts also have terms of a negative weight."""
    index, terms = index_of(texts), tokens(" ".join(asked))
    some = data.draw(st.none() | st.sets(st.sampled_from(range(len(texts)))).map(sorted))
    allowed = None if some is None else RowSet.of(some, len(texts))
    assert index.best(terms, wanted, allowed).tolist() == slow_best(index, terms, wanted, allowed)


@pytest.fixture(scope="module")
def large() -> Bm25Index:
    """3,000 texts of numbered words, the lower the more common."""
    draw = np.random.default_rng(7)
    lengths = draw.integers(5, 60, size=3_000).tolist()
    return written([f"w{n}" for n in draw.zipf(1.3, n).clip(max=900)] for n in lengths)


@given(
    st.lists(st.integers(0, 40).map(lambda n: f"w{n * n // 2}"), min_size=1, max_size=9),
    st.sampled_from([1, 10, 100]),
    st.sampled_from([1.0, 0.5, 0.01]),
)
def test_the_best_of_many_rows_are_those_of_scoring_every_row(
    large: Bm25Index, terms: list[str], wanted: int, share: float
):
    allowed = RowSet.where(np.random.default_rng(8).random(large.size) < share)
    for left in (None, allowed):
        assert large.best(terms, wanted, left).tolist() == slow_best(large, terms, wanted, left)


def test_a_common_term_is_looked_up_only_for_the_rows_of_rare_ones(
    large: Bm25Index, monkeypatch: pytest.MonkeyPatch
):
    """Of its own rows, only those are added up that hold the rare one too."""
    added: list[int] = []
    add = _Sums.add

    def counted(sums: _Sums, rows: NDArray[np.int32], weights: NDArray[np.float32]) -> None:
        added.append(len(rows))
        add(sums, rows, weights)

    monkeypatch.setattr(_Sums, "add", counted)
    rare, common = large.count(["w60"]), large.count(["w1"])
    assert 10 < rare < common / 20
    large.best(["w1", "w60"], 10)
    assert added == [rare, len(large.with_all(["w1", "w60"]))]
    added.clear()
    large.best(["w1", "w60"], rare + 1)
    assert added == [rare, common]


@given(TEXTS, st.lists(WORDS, max_size=3))
def test_rows_with_all_terms_are_counted(texts: list[str], asked: list[str]):
    index, terms = index_of(texts), tokens(" ".join(asked))
    assert index.count(terms) == len(index.with_all(terms))
