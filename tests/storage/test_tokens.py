"""The token index returns what was written, and weighs each piece by its idf."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reformqa.storage.files.places import SEGMENTS, Place, Places
from reformqa.storage.files.tokens import TOKENS, PieceCounts, TokenIndex, TokenWriter

PIECES = 7
WIDTH = 3


@dataclass(frozen=True)
class Text:
    """The token vectors of a text and the numbers of its different pieces."""

    tokens: NDArray[np.int8]
    pieces: NDArray[np.int32]


def text(pieces: Sequence[int], seed: int, width: int = WIDTH) -> Text:
    tokens = np.random.default_rng(seed).integers(-127, 128, size=(max(1, len(pieces)), width))
    return Text(tokens.astype(np.int8), np.unique(np.array(pieces, dtype=np.int32)))


def write(
    folder: Path, texts: Sequence[Text], order: Sequence[int], factors: Sequence[float]
) -> TokenIndex:
    """Write texts in that order; one that comes again is kept once."""
    own = folder / SEGMENTS / "one"
    own.mkdir(parents=True)
    writer, counts = TokenWriter(own), PieceCounts(np.array(factors, dtype=np.float32))
    rows: dict[int, int] = {}
    for number in order:
        counts.add(texts[number].pieces)
        if number in rows:
            writer.add_again(rows[number])
        else:
            rows[number] = writer.add(texts[number].tokens)
    writer.save()
    counts.save(folder)
    places = Places({"made": Place("one", 0, "")}, np.array([[0, len(order)]], dtype=np.int64))
    return TokenIndex.load(folder, places)


def slow_weights(
    texts: Sequence[Text], order: Sequence[int], factors: Sequence[float]
) -> list[float]:
    weights = []
    for piece, factor in enumerate(factors):
        holders = sum(piece in texts[n].pieces.tolist() for n in order)
        weights.append(factor * math.log(1 + (len(order) - holders + 0.5) / (holders + 0.5)))
    return weights


@st.composite
def written(draw: st.DrawFn) -> tuple[list[Text], list[int], list[float]]:
    """Texts, the order of writing with repeats, and a factor for each piece."""
    width = draw(st.integers(1, 5))
    pieces = st.lists(st.integers(0, PIECES - 1), min_size=1, max_size=5)
    texts = [text(p, seed, width) for seed, p in enumerate(draw(st.lists(pieces, min_size=1)))]
    order = draw(st.lists(st.sampled_from(range(len(texts))), min_size=1, max_size=12))
    factors = draw(st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=PIECES, max_size=PIECES))
    return texts, order, factors


@given(written(), st.data())
def test_any_rows_are_returned_as_written(
    case: tuple[list[Text], list[int], list[float]], data: st.DataObject
):
    texts, order, factors = case
    rows = data.draw(st.lists(st.sampled_from(range(len(order))), max_size=8))
    with tempfile.TemporaryDirectory() as folder:
        index = write(Path(folder), texts, order, factors)
        tokens, lengths = index.take(np.array(rows, dtype=np.int64))
        assert index.size == len(order)
        assert np.allclose(index.weights, slow_weights(texts, order, factors), atol=1e-6)
        kept = sum(texts[n].tokens.size for n in set(order))
        assert (Path(folder) / SEGMENTS / "one" / TOKENS).stat().st_size == kept
        found = np.split(tokens, np.cumsum(lengths)[:-1]) if rows else []
        assert len(tokens) == lengths.sum()
        assert lengths.dtype == np.int64
        for row, vectors in zip(rows, found, strict=True):
            assert np.array_equal(vectors, texts[order[row]].tokens)
        del index, tokens


def test_no_row_has_no_vector(tmp_path: Path):
    index = write(tmp_path, [text([1, 2], 1)], [0], [1.0] * PIECES)
    tokens, lengths = index.take(np.zeros(0, dtype=np.int64))
    assert tokens.shape == (0, WIDTH)
    assert lengths.shape == (0,)


def test_a_rare_piece_weighs_more_than_a_common_one(tmp_path: Path):
    texts = [text([0], 1), text([0, 1], 2), text([0, 1], 3), text([0, 2], 4)]
    weights = write(tmp_path, texts, range(4), [1.0] * PIECES).weights
    assert 0 < weights[0] < weights[1] < weights[2] < weights[3]
    assert weights[0] == pytest.approx(math.log(1 + 0.5 / 4.5))
