"""Late interaction agrees with a slow loop, and loses little by keeping small integers."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reformqa.storage.files.late import LateIndex, LateWriter

from reformqa.models.onnx import Encoder, Encoding
from reformqa.models.token_reduction import Reducer, Reduction
from reformqa.text.tokens import STOP_WORDS
from support.models import VOCABULARY, exported, small_encoder

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


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(exported())


def made(pieces: Sequence[int], seed: int, dimensions: int) -> Encoding:
    """An encoding of those pieces, its vectors drawn at random."""
    draw = np.random.default_rng(seed)
    tokens = draw.normal(size=(len(pieces), dimensions)).astype(np.float32)
    return Encoding(tokens[0], tokens, np.array(pieces, dtype=np.int64))


def write(
    folder: Path,
    encoder: Encoder,
    encodings: Sequence[Encoding],
    rows: Sequence[Sequence[int]],
    sample: Sequence[Encoding] = (),
) -> LateIndex:
    """An index of the encodings, each at its rows, written in the order given."""
    shown = np.concatenate([e.tokens for e in sample or encodings])
    reducer = Reducer(encoder, Reduction.fit(shown))
    with LateWriter(folder, reducer, sum(map(len, rows))) as writer:
        for encoding, of_text in zip(encodings, rows, strict=True):
            writer.add(of_text, reducer.tokens(encoding), np.unique(encoding.pieces))
    return LateIndex.load(folder)


# ---- slow twins: a loop a token, in plain floats ------------------------------------------------


def unit(vector: Floats) -> list[float]:
    length = math.sqrt(sum(float(x) ** 2 for x in vector))
    return [float(x) / length for x in vector]


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(one, other, strict=True))


def slow_weights(vocabulary: Sequence[str], special: Sequence[int], texts: Sequence[Encoding]):
    """A weight for each piece; `texts` has an encoding for each passage."""
    weights = []
    for number, piece in enumerate(vocabulary):
        holders = sum(number in t.pieces.tolist() for t in texts)
        weight = math.log(1 + (len(texts) - holders + 0.5) / (holders + 0.5))
        if piece in STOP_WORDS:
            weight *= 0.25
        if number in special or not any(c.isalnum() for c in piece):
            weight = 0.0
        weights.append(weight)
    return weights


def slow_maxsim(
    wording: Sequence[tuple[float, Sequence[float]]], passage: Sequence[Sequence[float]]
) -> float:
    """The weighted mean of the best cosines; `wording` has a weight and a vector a piece."""
    if not any(weight for weight, _ in wording):
        wording = [(1.0, vector) for _, vector in wording]
    total = sum(weight for weight, _ in wording)
    return sum(w * max(dot(v, p) for p in passage) for w, v in wording if w) / total


def slow_stored(folder: Path, row: int) -> list[list[float]]:
    """A row's vectors as they are on disk, made floats again."""
    starts, lengths, scale = (
        np.load(folder / f"late.{name}.npy") for name in ("starts", "lengths", "scale")
    )
    kept = len(scale)
    content = (folder / "late.tokens.i8").read_bytes()
    vectors = []
    for at in range(starts[row], starts[row] + lengths[row]):
        integers = memoryview(content[at * kept : (at + 1) * kept]).cast("b")
        vectors.append([i * float(s) for i, s in zip(integers, scale, strict=True)])
    return vectors


def slow_reduced(folder: Path, vector: Floats) -> list[float]:
    components = np.load(folder / "late.components.npy").astype(np.float64)
    return unit(np.array(unit(vector)) @ components)


# ---- scores ----------------------------------------------------------------------------------

PIECES = st.lists(st.integers(0, len(VOCABULARY) - 1), min_size=1, max_size=7)
BLANK = st.lists(st.sampled_from([*SPECIAL, *MARKS]), min_size=1, max_size=4)


@st.composite
def collections(draw: st.DrawFn) -> tuple[list[Encoding], list[list[int]], list[Encoding]]:
    """Encodings, the rows of each (in any order), and a question in some wordings."""
    dimensions = draw(st.sampled_from([3, 32, 150]))
    texts = draw(st.lists(PIECES | BLANK, min_size=1, max_size=6))
    repeats = [draw(st.integers(1, 3)) for _ in texts]
    order = iter(draw(st.permutations(range(sum(repeats)))))
    rows = [[next(order) for _ in range(n)] for n in repeats]
    encodings = [made(t, draw(st.integers(0, 99)), dimensions) for t in texts]
    wordings = draw(st.lists(PIECES | BLANK, min_size=1, max_size=3))
    asked = [made(w, draw(st.integers(100, 199)), dimensions) for w in wordings]
    if draw(st.booleans()):  # a question that is a passage
        asked.append(draw(st.sampled_from(encodings)))
    return encodings, rows, asked


@settings(max_examples=100, deadline=None)
@given(collections(), st.data())
def test_scores_are_those_of_a_slow_loop(collection, data: st.DataObject):
    encodings, rows, asked = collection
    encoder = small_encoder()
    of_row = {row: e for e, of_text in zip(encodings, rows, strict=True) for row in of_text}
    by_row = [of_row[row] for row in range(len(of_row))]
    chosen = data.draw(st.lists(st.sampled_from(range(len(by_row))), max_size=8))
    weights = slow_weights(encoder.vocabulary(), encoder.special_pieces(), by_row)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = write(folder, encoder, encodings, rows)
        found = index.score(asked, np.array(chosen, dtype=np.int64))
        expected = [
            [
                slow_maxsim(
                    [
                        (weights[piece], slow_reduced(folder, vector))
                        for piece, vector in zip(w.pieces, w.tokens, strict=True)
                    ],
                    slow_stored(folder, row),
                )
                for row in chosen
            ]
            for w in asked
        ]
        del index
    assert found.shape == (len(asked), len(chosen))
    assert np.allclose(found, np.array(expected).reshape(found.shape), atol=1e-4)


@settings(max_examples=50, deadline=None)
@given(collections())
def test_what_is_kept_of_a_text_are_its_words(collection):
    encodings, rows, _ = collection
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, small_encoder(), encodings, rows)
        for encoding, of_text in zip(encodings, rows, strict=True):
            words = [
                vector
                for piece, vector in zip(encoding.pieces, encoding.tokens, strict=True)
                if piece not in SPECIAL and piece not in MARKS
            ]
            expected = [slow_reduced(folder, v) for v in words or encoding.tokens]
            step = np.load(folder / "late.scale.npy")
            for row in of_text:
                stored = np.array(slow_stored(folder, row))
                assert stored.shape == np.array(expected).shape
                limit = np.clip(expected, -127 * step, 127 * step)
                assert (np.abs(stored - limit) <= 0.51 * step + 1e-6).all()


def exact(encoder: Encoder, question: Encoding, texts: Sequence[Encoding]) -> list[float]:
    """MaxSim over the vectors as the model gives them: neither reduced nor made integers."""
    special = set(encoder.special_pieces())
    vocabulary = encoder.vocabulary()
    asked = {n: vocabulary[n] for n in question.pieces.tolist()}
    weights = {}
    for number, piece in asked.items():
        holders = sum(number in t.pieces for t in texts)
        weights[number] = math.log(1 + (len(texts) - holders + 0.5) / (holders + 0.5))
        weights[number] *= 0.25 if piece in STOP_WORDS else 1
        if number in special or not any(c.isalnum() for c in piece):
            weights[number] = 0
    each = np.array([weights[n] for n in question.pieces.tolist()])
    units = question.tokens / np.linalg.norm(question.tokens, axis=1, keepdims=True)
    scores = []
    for text in texts:
        words = [
            n not in special and any(c.isalnum() for c in vocabulary[n])
            for n in text.pieces.tolist()
        ]
        tokens = text.tokens[words]
        tokens = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
        scores.append(float((units @ tokens.T).max(axis=1) @ each / each.sum()))
    return scores


def ranks(scores: NDArray[np.floating]) -> NDArray[np.intp]:
    return np.argsort(np.argsort(scores))


def test_scores_are_near_to_those_of_vectors_kept_whole(encoder: Encoder, tmp_path: Path):
    texts = [encoder.encode([t], "passage")[0] for t in TEXTS]
    index = write(tmp_path, encoder, texts, [[n] for n in range(len(texts))])
    rows = np.arange(len(texts))
    for question in encoder.encode(QUESTIONS):
        found = index.score([question], rows)[0]
        expected = np.array(exact(encoder, question, texts))
        assert np.abs(found - expected).max() < 0.12
        assert np.corrcoef(found, expected)[0, 1] > 0.999
        assert np.corrcoef(ranks(found), ranks(expected))[0, 1] > 0.98
        assert np.ptp(expected) > 0.5  # or any scores would be near


def test_integers_alone_lose_next_to_nothing(encoder: Encoder):
    tokens = np.concatenate([e.tokens for e in encoder.encode(TEXTS)])
    asked = np.concatenate([e.tokens for e in encoder.encode(QUESTIONS)])
    whole = Reduction.fit(tokens, kept=384)
    found = whole.asked(asked) @ whole.stored(tokens).astype(np.float32).T
    lengths = np.outer(np.linalg.norm(asked, axis=1), np.linalg.norm(tokens, axis=1))
    assert np.abs(found - asked @ tokens.T / lengths).max() < 0.02


def test_reduction_keeps_what_varies_most():
    """Vectors that lie in a plane are kept whole by two components."""
    draw = np.random.default_rng(3)
    plane = draw.normal(size=(2, 40))
    tokens = (draw.normal(size=(300, 2)) @ plane).astype(np.float32)
    reduction = Reduction.fit(tokens, kept=2)
    assert reduction.stored(tokens).shape == (300, 2)
    found = reduction.asked(tokens) @ reduction.stored(tokens).astype(np.float32).T
    units = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
    assert np.abs(found - units @ units.T).max() < 0.02


def test_integers_are_never_turned_round():
    """A value beyond what was seen is cut off: it does not overflow."""
    draw = np.random.default_rng(4)
    tokens = draw.normal(size=(2000, 6)).astype(np.float32) * [1, 0.1, 0.1, 0.1, 0.1, 0.1]
    reduction = Reduction.fit(tokens.astype(np.float32), kept=6)
    far = np.eye(6, dtype=np.float32)
    stored = reduction.stored(np.concatenate([far, -far]))
    assert (stored[:6] == -stored[6:]).all()
    assert (np.abs(stored.astype(int)).max(axis=1) == 127).any()
    found = reduction.asked(far) @ stored.astype(np.float32).T
    assert (np.diag(found[:, :6]) > 0).all()
    assert (np.diag(found[:, 6:]) < 0).all()


# ---- writing and reading ------------------------------------------------------------------------


def sentence(*pieces: str) -> list[int]:
    return [VOCABULARY.index(p) for p in ("[CLS]", *pieces, "[SEP]")]


def test_the_order_of_writing_changes_no_score(tmp_path: Path):
    encoder = small_encoder()
    texts = [made(sentence(*"abcde"[: n + 1]), n, 32) for n in range(5)]
    rows = [[n] for n in range(5)]
    every = np.arange(5)
    scores = []
    for order in ([0, 1, 2, 3, 4], [3, 0, 4, 2, 1]):
        folder = tmp_path / str(order)
        folder.mkdir()
        index = write(folder, encoder, [texts[n] for n in order], [rows[n] for n in order], texts)
        scores.append(index.score(texts, every))
    assert np.array_equal(*scores)
    assert np.allclose(np.diag(scores[0]), 1, atol=0.02)  # a text is most like itself
    assert (scores[0].argmax(axis=1) == every).all()


def test_rows_are_scored_in_the_order_asked_and_as_often(tmp_path: Path):
    texts = [made(sentence(*"abcde"[: n + 1]), n, 32) for n in range(5)]
    index = write(tmp_path, small_encoder(), texts, [[n] for n in range(5)])
    every = index.score(texts[:2], np.arange(5))
    rows = np.array([4, 0, 0, 3, 4])
    assert np.allclose(index.score(texts[:2], rows), every[:, rows], atol=1e-6)


def test_one_text_at_several_rows_is_kept_once(tmp_path: Path):
    texts = [made(sentence("rye", "bread"), 1, 32), made(sentence("tram"), 2, 32)]
    index = write(tmp_path, small_encoder(), texts, [[2, 0], [1]])
    assert (tmp_path / "late.tokens.i8").stat().st_size == 3 * 32
    assert np.load(tmp_path / "late.starts.npy").tolist() == [0, 2, 0]
    assert np.load(tmp_path / "late.lengths.npy").tolist() == [2, 1, 2]
    scores = index.score([texts[0]], np.arange(3))[0]
    assert scores[0] == pytest.approx(scores[2])
    assert scores[0] > scores[1] + 0.01


def test_a_text_at_several_rows_counts_as_often_in_the_idf(tmp_path: Path):
    encoder = small_encoder()
    texts = [made(sentence("rye"), 1, 32), made(sentence("tram"), 2, 32)]
    write(tmp_path, encoder, texts, [[0, 1, 2], [3]])
    weights = np.load(tmp_path / "late.weights.npy")
    expected = slow_weights(
        encoder.vocabulary(), encoder.special_pieces(), [*[texts[0]] * 3, texts[1]]
    )
    assert np.allclose(weights, expected, atol=1e-6)
    assert 0 < weights[VOCABULARY.index("rye")] < weights[VOCABULARY.index("tram")]


@pytest.mark.parametrize("pieces", [sentence("!", "?"), sentence("."), sentence()])
def test_a_passage_of_marks_alone_still_has_a_vector(tmp_path: Path, pieces: list[int]):
    texts = [made(sentence("rye"), 1, 32), made(pieces, 2, 32), made(sentence("tram"), 3, 32)]
    index = write(tmp_path, small_encoder(), texts, [[0], [1], [2]])
    assert np.load(tmp_path / "late.lengths.npy").tolist() == [1, len(pieces), 1]
    scores = index.score([texts[1], texts[0]], np.arange(3))
    assert np.isfinite(scores).all()
    assert scores[0].argmax() == 1
    assert scores[1].argmax() == 0


def test_marks_and_special_pieces_of_a_question_do_not_count(tmp_path: Path):
    texts = [made(sentence("rye"), 1, 32), made(sentence("tram"), 2, 32)]
    index = write(tmp_path, small_encoder(), texts, [[0], [1]])
    bare = made(sentence("rye", "bread"), 5, 32)
    pieces = [*bare.pieces[:-1], VOCABULARY.index("?"), bare.pieces[-1]]
    tokens = np.insert(bare.tokens, 3, made([9], 6, 32).tokens, axis=0)
    tokens[0] *= -1  # whatever the start's vector is
    marked = Encoding(bare.sentence, tokens, np.array(pieces))
    found = index.score([bare, marked], np.arange(2))
    assert np.allclose(found[0], found[1], atol=1e-6)


def test_a_stop_word_counts_a_quarter(tmp_path: Path):
    texts = [made(sentence("rye", "the"), 1, 32), made(sentence("tram"), 2, 32)]
    write(tmp_path, small_encoder(), texts, [[0], [1]])
    weights = np.load(tmp_path / "late.weights.npy")
    held = {p: float(weights[VOCABULARY.index(p)]) for p in ("rye", "the", "##s", "of", "bread")}
    assert held["the"] == pytest.approx(held["rye"] / 4)
    assert held["of"] == pytest.approx(held["bread"] / 4)
    assert held["##s"] == held["bread"]  # an ending is not the word "s"


def test_a_question_twice_over_scores_as_once(tmp_path: Path):
    texts = [made(sentence("rye"), 1, 32), made(sentence("tram"), 2, 32)]
    index = write(tmp_path, small_encoder(), texts, [[0], [1]])
    once = made(sentence("rye", "bread"), 5, 32)
    tokens = np.concatenate([once.tokens, once.tokens])
    twice = Encoding(once.sentence, tokens, np.concatenate([once.pieces, once.pieces]))
    found = index.score([once, twice], np.arange(2))
    assert np.allclose(found[0], found[1], atol=1e-6)


def test_nothing_asked_and_no_row_give_no_score(tmp_path: Path):
    texts = [made(sentence("rye"), 1, 32)]
    index = write(tmp_path, small_encoder(), texts, [[0]])
    assert index.score(texts, np.zeros(0, dtype=np.int64)).shape == (1, 0)
    assert index.score([], np.arange(1)).shape == (0, 1)


def test_a_text_of_few_pieces_can_be_the_whole_sample(encoder: Encoder, tmp_path: Path):
    texts = [encoder.encode([t], "passage")[0] for t in ("Rye.", "…", "The tram to the harbour")]
    index = write(tmp_path, encoder, texts, [[0], [1], [2]], texts[:1])
    scores = index.score(texts, np.arange(3))
    assert np.isfinite(scores).all()
    assert scores[0].argmax() == 0


def test_a_saved_index_is_one_for_every_reader(tmp_path: Path):
    texts = [made(sentence(*"abcde"[: n + 1]), n, 32) for n in range(5)]
    written = write(tmp_path, small_encoder(), texts, [[n] for n in range(5)])
    again = LateIndex.load(tmp_path)
    rows = np.arange(5)
    assert np.array_equal(again.score(texts, rows), written.score(texts, rows))


# ---- words, and texts that no index holds -------------------------------------------------------


def test_the_words_of_a_question_are_put_together_from_their_pieces(tmp_path: Path):
    texts = [made(sentence("rye"), 1, 32), made(sentence("tram"), 2, 32)]
    index = write(tmp_path, small_encoder(), texts, [[0], [1]])
    # the | rye ##s | ? | t ##a ##x | of | a | bread | ##s
    pieces = sentence(*("the", "rye", "##s", "?", "t", "##a", "##x", "of", "a", "bread", "##s"))
    assert index.words(made(pieces, 3, 32), VOCABULARY) == {
        "ryes": [2, 3],
        "tax": [5, 6, 7],
        "breads": [10, 11],
    }


def test_a_piece_that_goes_on_a_mark_or_nothing_is_a_word_of_its_own(tmp_path: Path):
    texts = [made(sentence("rye"), 1, 32), made(sentence("tram"), 2, 32)]
    index = write(tmp_path, small_encoder(), texts, [[0], [1]])
    found = index.words(made(sentence("rye", "?", "##s"), 3, 32), VOCABULARY)
    assert found["rye"] == [1]
    assert list(found.values()).count([3]) <= 1
    assert index.words(made(sentence("the", "of", "?", "b"), 3, 32), VOCABULARY) == {}


def test_the_words_of_a_real_question_are_its_own(encoder: Encoder, tmp_path: Path):
    texts = [encoder.encode([t], "passage")[0] for t in TEXTS[:6]]
    index = write(tmp_path, encoder, texts, [[n] for n in range(6)])
    (asked,) = encoder.encode(["Did the Northumberlandish bakers forget about inspectorates?"])
    found = index.words(asked, encoder.vocabulary())
    assert list(found) == ["northumberlandish", "bakers", "forget", "inspectorates"]
    assert len(found["northumberlandish"]) > 1
    places = [p for at in found.values() for p in at]
    assert places == sorted(set(places))


@settings(max_examples=60, deadline=None)
@given(collections(), st.data())
def test_how_well_each_piece_is_met_is_that_of_a_slow_loop(collection, data: st.DataObject):
    encodings, rows, asked = collection
    passages = sum(map(len, rows))
    chosen = data.draw(st.lists(st.sampled_from(range(passages)), max_size=6))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = write(folder, small_encoder(), encodings, rows)
        found = index.met(asked[0], np.array(chosen, dtype=np.int64))
        expected = [
            [
                max(dot(slow_reduced(folder, vector), p) for p in slow_stored(folder, row))
                for row in chosen
            ]
            for vector in asked[0].tokens
        ]
        del index
    assert found.shape == (len(asked[0].tokens), len(chosen))
    assert np.allclose(found, np.array(expected).reshape(found.shape), atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(collections())
def test_texts_of_no_index_are_scored_as_a_slow_loop_does_unreduced(collection):
    encodings, rows, asked = collection
    encoder = small_encoder()
    of_row = {row: e for e, of_text in zip(encodings, rows, strict=True) for row in of_text}
    by_row = [of_row[row] for row in range(len(of_row))]
    weights = slow_weights(encoder.vocabulary(), encoder.special_pieces(), by_row)
    with tempfile.TemporaryDirectory() as name:
        index = write(Path(name), encoder, encodings, rows)
        found = index.between(asked[0], encodings)
        del index
    wording = [(weights[p], unit(v)) for p, v in zip(asked[0].pieces, asked[0].tokens, strict=True)]
    expected = []
    for text in encodings:
        words = [unit(v) for p, v in zip(text.pieces, text.tokens, strict=True) if weights[p] > 0]
        said = any(weight for weight, _ in wording) and words
        expected.append(slow_maxsim(wording, words) if said else 0.0)
    assert np.allclose(found, expected, atol=1e-4)


def test_a_text_scores_apart_as_it_does_in_the_index(encoder: Encoder, tmp_path: Path):
    texts = [encoder.encode([t], "passage")[0] for t in TEXTS]
    index = write(tmp_path, encoder, texts, [[n] for n in range(len(texts))])
    for question in encoder.encode(QUESTIONS):
        apart = index.between(question, texts)
        within = index.score([question], np.arange(len(texts)))[0]
        assert np.abs(apart - within).max() < 0.12
        assert np.corrcoef(apart, within)[0, 1] > 0.999
    assert index.between(question, []).shape == (0,)
