"""Small token vectors lose little, and what is kept of a text are its words."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reformqa import EncoderError
from reformqa.models.onnx import open_encoder
from reformqa.models.token_reduction import (
    Reducer,
    Reduction,
    kept_pieces,
    piece_factors,
    plain_weights,
    unit_rows,
    word_of,
)
from reformqa.text.tokens import STOP_WORDS
from support.models import VOCABULARY, made_encoding, pieces_of, small_encoder, small_exported

Floats = NDArray[np.float32]

SPECIAL = range(5)  # the start, the end, padding …
MARKS = [n for n, p in enumerate(VOCABULARY) if not any(c.isalnum() for c in p)]
TEXTS = (
    "The baker mends the rye bread by the harbour.",
    "A pilot sells tram tickets, in winter!",
    "The council has forgotten 3.5 tonnes of rope",
)


def cosines(asked: Floats, stored: Floats, reduction: Reduction) -> Floats:
    """The cosines of vectors about the reduction's mean."""
    one, other = (unit_rows(v - reduction.mean) for v in (asked, stored))
    return np.asarray(one @ other.T, dtype=np.float32)


def test_integers_alone_lose_next_to_nothing(models: Mapping[str, Path]):
    model = open_encoder(models)
    tokens = np.concatenate([e.tokens for e in model.encode_tokens(TEXTS, "passage")])
    asked = np.concatenate([e.tokens for e in model.encode_tokens(TEXTS[::-1], "question")])
    whole = Reduction.fit(tokens, kept=384)
    found = whole.asked(asked) @ whole.stored(tokens).astype(np.float32).T
    assert np.abs(found - cosines(asked, tokens, whole)).max() < 0.02


def test_reduction_keeps_what_varies_most():
    """Vectors that lie in a plane are kept whole by two components."""
    draw = np.random.default_rng(3)
    plane = draw.normal(size=(2, 40))
    tokens = (draw.normal(size=(300, 2)) @ plane).astype(np.float32)
    reduction = Reduction.fit(tokens, kept=2)
    assert reduction.stored(tokens).shape == (300, 2)
    found = reduction.asked(tokens) @ reduction.stored(tokens).astype(np.float32).T
    assert np.abs(found - cosines(tokens, tokens, reduction)).max() < 0.02


def test_integers_never_overflow():
    """A value beyond those seen is cut off; it does not change its sign."""
    draw = np.random.default_rng(4)
    tokens = draw.normal(size=(2000, 6)).astype(np.float32) * [1, 0.1, 0.1, 0.1, 0.1, 0.1]
    reduction = Reduction.fit(tokens.astype(np.float32), kept=6)
    far = np.eye(6, dtype=np.float32)
    stored = reduction.stored(np.concatenate([far, -far]) + reduction.mean)
    assert (stored[:6] == -stored[6:]).all()
    assert (np.abs(stored.astype(int)).max(axis=1) == 127).any()
    found = reduction.asked(far + reduction.mean) @ stored.astype(np.float32).T
    assert (np.diag(found[:, :6]) > 0).all()
    assert (np.diag(found[:, 6:]) < 0).all()


@given(st.lists(st.integers(0, len(VOCABULARY) - 1), min_size=1, max_size=7), st.integers(0, 99))
def test_what_is_kept_of_a_text_are_its_words(pieces: list[int], seed: int):
    encoding = made_encoding(pieces, seed)
    reduction = Reduction.fit(np.random.default_rng(1).normal(size=(99, 32)).astype(np.float32))
    kept = Reducer(small_encoder(), reduction).reduce(encoding)
    words = [p not in SPECIAL and p not in MARKS for p in pieces]
    expected = encoding.tokens[words] if any(words) else encoding.tokens
    limit = np.clip(
        unit_rows(unit_rows(expected - reduction.mean) @ reduction.components),
        -127 * reduction.scale,
        127 * reduction.scale,
    )
    assert (np.abs(kept.tokens * reduction.scale - limit) <= 0.51 * reduction.scale + 1e-6).all()
    assert np.array_equal(kept.sentence, encoding.sentence)
    assert kept.pieces.tolist() == sorted(set(pieces))


def test_pieces_count_by_what_they_say():
    """A stop word counts a quarter here; marks and special pieces count nothing."""
    kept = kept_pieces(small_encoder())
    factors = piece_factors(small_encoder(), 0.25)
    for number, piece in enumerate(VOCABULARY):
        silent = number in SPECIAL or number in MARKS
        assert kept[number] == (not silent)
        assert factors[number] == (0 if silent else 0.25 if piece in STOP_WORDS else 1)
    found = {p: factors[VOCABULARY.index(p)] for p in ("the", "of", "rye", "##s", "?", "[CLS]")}
    # "##s" is an ending, not the word "s".
    assert found == {"the": 0.25, "of": 0.25, "rye": 1, "##s": 1, "?": 0, "[CLS]": 0}


def test_where_all_words_count_alike_masks_count_a_part():
    weights = plain_weights(small_encoder())
    found = {p: float(weights[VOCABULARY.index(p)]) for p in ("the", "rye", "##s", "?", "[CLS]")}
    assert found == {"the": 1, "rye": 1, "##s": 1, "?": 0, "[CLS]": 0}
    assert 0 < weights[VOCABULARY.index("[MASK]")] < 1


@pytest.mark.parametrize(
    ("piece", "word"),
    [("Rye", "rye"), ("▁Rye", "rye"), ("Ġrye", "rye"), ("##s", "##s")],
)
def test_a_word_is_its_piece_without_the_mark_of_its_start(piece: str, word: str):
    assert word_of(piece) == word


def test_the_reduction_of_a_model_depends_on_the_model_alone():
    one, other = (Reduction.of_model(small_encoder()) for _ in range(2))
    saved = Reduction.load(small_exported())
    for reduction in (other, saved):
        assert np.array_equal(reduction.mean, one.mean)
        assert np.array_equal(reduction.components, one.components)
        assert np.array_equal(reduction.scale, one.scale)
    kept = one.asked(made_encoding(pieces_of("rye"), 1).tokens)
    assert kept.shape == (3, 32)


@pytest.mark.parametrize("data", [None, b"", b"no array"])
def test_a_reduction_that_cannot_be_read_is_refused(tmp_path: Path, data: bytes | None):
    shutil.copytree(small_exported(), tmp_path / "model")
    (tmp_path / "model" / "reduction.npz").unlink()
    if data is not None:
        (tmp_path / "model" / "reduction.npz").write_bytes(data)
    with pytest.raises(EncoderError, match=r"cannot be opened.*rebuild --force"):
        Reduction.load(tmp_path / "model")
