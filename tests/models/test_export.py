"""A model is found on this machine or refused; its fingerprint covers what makes its vectors."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reformqa import EncoderError
from reformqa.models.export import export_encoder, export_reranker
from reformqa.models.onnx import OnnxEncoder
from reformqa.models.registry import PACKAGED, find_model, fingerprint
from support.models import (
    MINILM,
    minilm_exported,
    other_small,
    reranker_exported,
    small,
    small_cross_encoder,
    small_exported,
)


@pytest.fixture(scope="module")
def saved() -> Path:
    """A small model's folder. Treat it as read-only."""
    return small()


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    """A copy of it, which a test may change."""
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def test_the_packaged_model_is_found_with_its_weights():
    assert (find_model(MINILM) / "model.safetensors").is_file()


def test_a_packaged_model_is_refused_if_its_package_or_weights_are_not_the_ones_expected(
    monkeypatch: pytest.MonkeyPatch,
):
    model = PACKAGED[MINILM]
    monkeypatch.setitem(PACKAGED, "absent", replace(model, module="no_such_package"))
    with pytest.raises(EncoderError, match=f"Install {model.distribution}"):
        find_model("absent")
    monkeypatch.setitem(PACKAGED, "altered", replace(model, sha256={"config.json": "0" * 64}))
    with pytest.raises(
        EncoderError, match=f"is not that of altered. Reinstall .*{model.distribution}"
    ):
        find_model("altered")


def test_a_folder_is_found_by_its_path(saved: Path):
    assert find_model(str(saved)) == saved


@pytest.mark.parametrize("name", ["no-such-model", "nobody/no-such-model", "/no/such/folder", "!"])
@pytest.mark.parametrize("find", [find_model, lambda name: export_encoder(name, Path("none"))])
def test_an_unknown_model_is_refused_and_not_downloaded(name: str, find):
    with pytest.raises(EncoderError) as error:
        find(name)
    assert repr(name) in str(error.value)
    assert "nothing is downloaded at run time" in str(error.value)


def test_a_folder_without_weights_is_refused(copy: Path):
    (copy / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match="contains no model weights"):
        find_model(str(copy))


@pytest.mark.parametrize("export", [export_encoder, export_reranker])
@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", b"{}"),
        ("config.json", b"{"),
        pytest.param("model.safetensors", b"not weights"),
    ],
)
def test_a_broken_model_is_refused(copy: Path, tmp_path: Path, export, file: str, content: bytes):
    (copy / file).write_bytes(content)
    with pytest.raises(EncoderError, match="cannot be loaded"):
        export(str(copy), tmp_path / "export")
    assert not (tmp_path / "export" / "model.json").exists()


def test_broken_weights_of_the_old_kind_are_refused(copy: Path, tmp_path: Path):
    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin").write_bytes(b"not weights")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        export_encoder(str(copy), tmp_path / "export")


def test_a_fingerprint_is_of_the_files_and_not_of_their_place(saved: Path, copy: Path):
    assert fingerprint(copy) == fingerprint(saved)
    assert len(fingerprint(copy)) == 64


def test_models_with_other_weights_have_other_fingerprints(saved: Path):
    assert fingerprint(other_small()) != fingerprint(saved)


def test_a_fingerprint_changes_with_one_bit_of_the_weights(saved: Path, copy: Path):
    weights = copy / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert fingerprint(copy) != fingerprint(saved)


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        ("1_Pooling/config.json", "pooling_mode", "cls"),
        ("sentence_bert_config.json", "max_seq_length", 12),
        ("config_sentence_transformers.json", "prompts", {"query": "Q: ", "document": ""}),
        ("config.json", "hidden_act", "relu"),
        ("tokenizer.json", "truncation", {"max_length": 3}),
    ],
)
def test_a_fingerprint_changes_with_how_the_weights_are_used(
    saved: Path, copy: Path, file: str, key: str, value: object
):
    config = json.loads((copy / file).read_text(encoding="utf-8"))
    (copy / file).write_text(json.dumps(config | {key: value}), encoding="utf-8")
    assert fingerprint(copy) != fingerprint(saved)


@pytest.mark.parametrize("where", ["model.safetensors", "2_Normalize"])
def test_a_fingerprint_changes_where_a_file_is_gone(saved: Path, copy: Path, where: str):
    gone = copy / where
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    assert fingerprint(copy) != fingerprint(saved)


def test_a_fingerprint_is_not_changed_by_a_note_beside_the_model(saved: Path, copy: Path):
    (copy / "README.md").write_text("Bread.", encoding="utf-8")
    assert fingerprint(copy) == fingerprint(saved)


def test_a_fingerprint_changes_with_a_vocabulary_kept_in_a_text_file(saved: Path, copy: Path):
    (copy / "tokenizer.json").unlink()
    (copy / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ntram", encoding="utf-8")
    before = fingerprint(copy)
    (copy / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nrye", encoding="utf-8")
    assert fingerprint(copy) != before


def test_a_fingerprint_changes_with_what_is_exported(saved: Path, monkeypatch: pytest.MonkeyPatch):
    before = fingerprint(saved)
    monkeypatch.setattr("reformqa.models.registry.EXPORT_VERSION", 0)
    assert fingerprint(saved) != before


def test_an_export_holds_a_graph_a_reduction_a_tokenizer_and_a_header():
    assert {f.name for f in minilm_exported().iterdir()} == {
        "model.onnx",
        "reduction.npz",
        "tokenizer.json",
        "model.json",
        "manifest.json",  # the tests' own
    }
    assert json.loads((minilm_exported() / "model.json").read_text(encoding="utf-8")) == {
        "model": MINILM,
        "digest": fingerprint(find_model(MINILM)),
        "max_pieces": 256,
        "dimensions": 384,
        "question_prompt": "",
        "passage_prompt": "",
    }


def test_a_models_prompts_and_length_are_in_the_header(saved: Path):
    header = json.loads((small_exported() / "model.json").read_text(encoding="utf-8"))
    assert header == {
        "model": str(saved),
        "digest": fingerprint(saved),
        "max_pieces": 24,
        "dimensions": 32,
        "question_prompt": "question: ",
        "passage_prompt": "passage: ",
    }


def test_a_reranker_has_one_graph():
    names = {f.name for f in reranker_exported().iterdir()}
    assert names == {"model.onnx", "tokenizer.json", "model.json"}


def test_exports_of_one_model_are_equal(saved: Path, tmp_path: Path):
    export_encoder(str(saved), tmp_path)
    vectors = [
        np.stack(list(OnnxEncoder(folder).encode(["rye bread", "tram"], "passage")))
        for folder in (tmp_path, small_exported())
    ]
    assert np.array_equal(*vectors)


def test_a_model_whose_tokenizer_has_no_file_is_refused(tmp_path: Path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, WordEmbeddings
    from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

    words = WordEmbeddings(WhitespaceTokenizer(["rye", "tram"]), np.eye(2, 8, dtype=np.float32))
    model = SentenceTransformer(modules=[words, Pooling(8)], device="cpu")
    model.save(str(tmp_path / "words"), create_model_card=False)
    with pytest.raises(EncoderError, match=r"no tokenizer\.json"):
        export_encoder(str(tmp_path / "words"), tmp_path / "export")


def test_a_model_without_attention_is_refused(tmp_path: Path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    static = StaticEmbedding(
        Tokenizer.from_file(str(minilm_exported() / "tokenizer.json")), embedding_dim=8
    )
    SentenceTransformer(modules=[static], device="cpu").save(
        str(tmp_path / "static"), create_model_card=False
    )
    with pytest.raises(EncoderError):
        export_encoder(str(tmp_path / "static"), tmp_path / "export")


@pytest.mark.parametrize("labels", [2, 3])
def test_a_classifier_is_no_reranker(tmp_path: Path, labels: int):
    model = small_cross_encoder(tmp_path, labels)
    with pytest.raises(EncoderError, match=f"returns {labels} scores for a pair"):
        export_reranker(str(model), tmp_path / "export")
