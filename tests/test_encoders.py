"""The real model: unit vectors, one a text, whatever stands beside it; nothing downloaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reformqa import EncoderError
from reformqa.encoders import PACKAGED, Encoder, load_encoder

TEXTS = (
    "Bread rises in a warm kitchen.",
    "A tram runs to the harbour every ten minutes, and every five on market days.",
    "Rain.",
    "The council mends the roof of the library before the winter comes. " * 12,
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder(PACKAGED)


def test_vectors_have_length_one(encoder: Encoder):
    vectors = encoder.sentence_vectors(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_has_one_vector_whatever_its_neighbours(encoder: Encoder):
    alone = np.vstack([encoder.sentence_vectors([t]) for t in TEXTS])
    together = encoder.sentence_vectors(TEXTS)
    in_pairs = encoder.sentence_vectors(TEXTS, batch_size=2)
    assert np.allclose(alone, together, atol=1e-5)
    assert np.allclose(in_pairs, together, atol=1e-5)


def test_vectors_come_in_the_order_of_the_texts(encoder: Encoder):
    turned = encoder.sentence_vectors(TEXTS[::-1])
    assert np.allclose(turned[::-1], encoder.sentence_vectors(TEXTS), atol=1e-5)


def test_texts_of_one_matter_are_nearer_than_texts_of_two(encoder: Encoder):
    question = "How often does the tram go to the harbour?"
    vectors = encoder.sentence_vectors([question, *TEXTS])
    assert int(np.argmax(vectors[1:] @ vectors[0])) == 1


def test_no_text_gives_no_vector(encoder: Encoder):
    assert encoder.sentence_vectors([]).shape == (0, encoder.dimensions)


def test_progress_counts_the_texts_done(encoder: Encoder):
    done: list[int] = []
    encoder.sentence_vectors(["rain"] * 300, batch_size=256, progress=done.append)
    assert done == [256, 300]


def test_an_encoder_is_loaded_once(encoder: Encoder):
    assert load_encoder(PACKAGED) is encoder


@pytest.mark.parametrize("name", ["no-such-model", "nobody/no-such-model", "/no/such/folder"])
def test_an_unknown_model_is_refused_and_not_downloaded(name: str):
    with pytest.raises(EncoderError) as error:
        load_encoder(name)
    assert repr(name) in str(error.value)
    assert "nothing is downloaded at run time" in str(error.value)


def test_a_folder_without_weights_is_refused(tmp_path: Path):
    with pytest.raises(EncoderError, match="holds no model weights"):
        load_encoder(str(tmp_path))


def test_a_folder_with_broken_weights_is_refused(tmp_path: Path):
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_encoder(str(tmp_path))
