"""Vectors kept from build to build equal new ones, and each text is encoded once."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reformqa.models.base import TextVectors
from reformqa.models.cache import VectorCache
from reformqa.models.onnx import ROUND, OnnxEncoder
from reformqa.models.token_reduction import Reducer, Reduction
from support.models import small_encoder

TEXTS = [f"passage {n}: bread, rye and {n} trams" for n in range(6)]
FILE = "small.sqlite"

Bytes = tuple[bytes, bytes, bytes]


def cache(folder: Path, encoder: OnnxEncoder | None = None) -> VectorCache:
    encoder = encoder or small_encoder()
    return VectorCache(folder / FILE, encoder, Reduction.load(encoder.folder))


def as_bytes(vectors: TextVectors) -> Bytes:
    return vectors.sentence.tobytes(), vectors.tokens.tobytes(), vectors.pieces.tobytes()


def made_of(texts: Sequence[str], encoder: OnnxEncoder | None = None) -> list[Bytes]:
    """What the encoder itself makes of texts."""
    encoder = encoder or small_encoder()
    reducer = Reducer(encoder, Reduction.load(encoder.folder))
    return [as_bytes(reducer.reduce(e)) for e in encoder.encode_tokens(texts, "passage")]


def night(folder: Path, texts: Sequence[str]) -> tuple[list[Bytes], int]:
    """The vectors of texts by a cache opened again, and how many it had to encode."""
    with cache(folder) as opened:
        found = [as_bytes(v) for v in opened.vectors(texts)]
        return found, opened.encoded


def test_vectors_are_those_of_the_encoder_in_order(tmp_path: Path):
    texts = [f"{n} trams of rye" for n in range(ROUND + 3)]
    texts = [*texts, texts[0], *texts[::-1]]
    found, encoded = night(tmp_path, texts)
    assert found == made_of(texts)
    assert encoded == ROUND + 3


def test_vectors_have_the_shapes_and_types_that_indexes_take(tmp_path: Path):
    for _ in ("made", "kept"):
        with cache(tmp_path) as opened:
            (vectors,) = opened.vectors(["rye bread"])
            kept = len(opened.reducer.reduction.scale)
            assert opened.dimensions == small_encoder().dimensions
        assert vectors.sentence.dtype == np.float32
        assert vectors.sentence.shape == (small_encoder().dimensions,)
        assert vectors.tokens.dtype == np.int8
        assert vectors.tokens.shape[1] == kept
        assert vectors.pieces.dtype == np.int32
        assert vectors.pieces.ndim == 1


def test_a_text_is_encoded_once_however_often_the_cache_is_opened(tmp_path: Path):
    assert night(tmp_path, TEXTS[:4])[1] == 4
    assert night(tmp_path, TEXTS[2:]) == (made_of(TEXTS[2:]), 2)
    assert night(tmp_path, TEXTS) == (made_of(TEXTS), 0)
    assert night(tmp_path, []) == ([], 0)


def test_texts_of_equal_letters_and_other_bytes_differ(tmp_path: Path):
    texts = ["café", "cafe\u0301", "Café", "café "]
    assert night(tmp_path, texts) == (made_of(texts), 4)


HARMS = {
    "zeros": "UPDATE texts SET {} = zeroblob(length({}))",
    "cut": "UPDATE texts SET {} = substr({}, 2)",
    "empty": "UPDATE texts SET {} = x''",
    "no value": "UPDATE texts SET {} = NULL",
    "another kind": "UPDATE texts SET {} = CAST(length({}) AS TEXT)",
}


@pytest.mark.parametrize("column", ["sentence", "tokens", "pieces"])
@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_row_counts_as_missing(tmp_path: Path, column: str, harm: str):
    night(tmp_path, TEXTS)
    with closing(sqlite3.connect(tmp_path / FILE)) as database, database:
        statement = HARMS[harm].format(column, column)
        rows = "(SELECT digest FROM texts LIMIT 2)"
        database.execute(f"{statement} WHERE digest IN {rows}")
    assert night(tmp_path, TEXTS) == (made_of(TEXTS), 2)
    assert night(tmp_path, TEXTS) == (made_of(TEXTS), 0)


def test_vectors_of_one_row_in_place_of_anothers_count_as_damaged(tmp_path: Path):
    night(tmp_path, ["rye", "a tram by the harbour"])
    with closing(sqlite3.connect(tmp_path / FILE)) as database, database:
        database.execute("UPDATE texts SET sentence = (SELECT MAX(sentence) FROM texts)")
    found, encoded = night(tmp_path, ["rye", "a tram by the harbour"])
    assert found == made_of(["rye", "a tram by the harbour"])
    assert encoded == 1


@pytest.mark.parametrize("data", [b"", b"x", b"no database" * 999, b"SQLite format 3\0" * 600])
def test_another_file_in_its_place_is_replaced(tmp_path: Path, data: bytes):
    (tmp_path / FILE).write_bytes(data)
    assert night(tmp_path, TEXTS) == (made_of(TEXTS), len(TEXTS))
    assert night(tmp_path, TEXTS) == (made_of(TEXTS), 0)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_replaced(tmp_path: Path, share: float):
    night(tmp_path, TEXTS)
    data = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(data[: int(share * len(data))])
    assert night(tmp_path, TEXTS)[0] == made_of(TEXTS)
    assert night(tmp_path, TEXTS) == (made_of(TEXTS), 0)


@lru_cache
def kept_file() -> bytes:
    """A cache of two texts."""
    with tempfile.TemporaryDirectory() as folder:
        night(Path(folder), TEXTS[:2])
        return (Path(folder) / FILE).read_bytes()


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 7))
@example(place=0.2421, bit=0)  # where the columns are named
def test_a_bit_that_flips_anywhere_alters_no_vector(place: float, bit: int):
    with tempfile.TemporaryDirectory() as folder:
        data = bytearray(kept_file())
        data[int(place * len(data))] ^= 1 << bit
        (Path(folder) / FILE).write_bytes(data)
        assert night(Path(folder), TEXTS[:2])[0] == made_of(TEXTS[:2])


def test_a_database_of_other_tables_is_replaced(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / FILE)) as database, database:
        database.execute("CREATE TABLE texts (digest BLOB, vectors BLOB)")
    assert night(tmp_path, TEXTS) == (made_of(TEXTS), len(TEXTS))
    assert night(tmp_path, TEXTS) == (made_of(TEXTS), 0)


def test_another_reduction_of_the_same_model_forgets_everything(tmp_path: Path):
    """A model exported again may have axes that point the other way."""
    night(tmp_path, TEXTS)
    folder = tmp_path / "encoder"
    shutil.copytree(small_encoder().folder, folder)
    before = Reduction.load(folder)
    Reduction(before.mean, -before.components, before.scale).save(folder)
    other = OnnxEncoder(folder)
    with cache(tmp_path, other) as opened:
        found = [as_bytes(v) for v in opened.vectors(TEXTS)]
        assert opened.encoded == len(TEXTS)
    assert found == made_of(TEXTS, other)
    assert found != made_of(TEXTS)
    with cache(tmp_path, other) as opened:
        list(opened.vectors(TEXTS))
        assert opened.encoded == 0


def test_all_but_what_is_wanted_is_forgotten(tmp_path: Path):
    with cache(tmp_path) as opened:
        list(opened.vectors(TEXTS))
    with cache(tmp_path) as opened:
        list(opened.vectors(TEXTS[:2]))
        opened.keep_used()
        assert opened.encoded == 0
        list(opened.vectors(TEXTS[:2]))
        assert opened.encoded == 0
        list(opened.vectors(TEXTS))
        assert opened.encoded == len(TEXTS[2:])


def test_what_is_forgotten_gives_its_room_back(tmp_path: Path):
    with cache(tmp_path) as opened:
        list(opened.vectors([f"{n} trams at the harbour of {n}" for n in range(300)]))
    before = (tmp_path / FILE).stat().st_size
    with cache(tmp_path) as opened:
        list(opened.vectors(["0 trams at the harbour of 0"]))
        opened.keep_used()
    assert (tmp_path / FILE).stat().st_size < before / 5
    assert night(tmp_path, ["0 trams at the harbour of 0"])[1] == 0


WORDS = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.lists(st.lists(WORDS, max_size=4), max_size=3))
@example([["rye", "", "rye"], ["\0", "rye"], ["\ud800 tram"]])
def test_any_nights_give_the_vectors_of_the_encoder(nights: list[list[str]]):
    with tempfile.TemporaryDirectory() as folder:
        seen: set[str] = set()
        for texts in nights:
            found, encoded = night(Path(folder), texts)
            assert found == made_of(texts)
            assert encoded == len(set(texts) - seen)
            seen |= set(texts)


ENDLESS = """
import itertools, sys
from pathlib import Path
from reformqa.models.cache import VectorCache
from reformqa.models.onnx import OnnxEncoder
from reformqa.models.token_reduction import Reduction

model = Path(sys.argv[2])
with VectorCache(Path(sys.argv[1]), OnnxEncoder(model), Reduction.load(model)) as cache:
    for n in itertools.count():
        list(cache.vectors([f"{n} trams", f"{n} loaves"]))
        print(n, flush=True)
"""


def test_a_kill_loses_nothing_that_was_encoded_before(tmp_path: Path):
    command = [sys.executable, "-c", ENDLESS, str(tmp_path / FILE), str(small_encoder().folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        done = [int(process.stdout.readline()) for _ in range(20)]
        process.kill()
    texts = [f"{n} {what}" for n in done for what in ("trams", "loaves")]
    assert night(tmp_path, texts) == (made_of(texts), 0)
