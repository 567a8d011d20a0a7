"""An exported model encodes as sentence-transformers does, a text alone or among others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnxruntime import SessionOptions
from sentence_transformers import SentenceTransformer

from reformqa import EncoderError
from reformqa.models import onnx
from reformqa.models.base import Encoding, Execution, Role
from reformqa.models.export import export_encoder
from reformqa.models.onnx import (
    MOST_THREADS,
    ROUND,
    OnnxEncoder,
    OnnxModels,
    OnnxReranker,
    default_threads,
)
from reformqa.models.registry import find_model
from support.models import (
    MINILM,
    PROMPTS,
    minilm_exported,
    reranker_exported,
    small_encoder,
    small_exported,
    small_model,
)

LONG = "The council mends the roof of the library before the winter comes. " * 40
TEXTS = (
    "Bread rises in a warm kitchen.",
    "A tram runs to the harbour every ten minutes, and every five on market days.",
    "Rain.",
    "The council mends the roof of the library before the winter comes. " * 12,
)
ODD = ("", " ", "…", "-- ?!", "\n\t", "Łódź tramwaj 港口 🚋", "naïve CAFÉ ﬁsh", "a" * 300, "x\0y")
WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="session")
def encoder() -> OnnxEncoder:
    return OnnxEncoder(minilm_exported())


@pytest.fixture(scope="session")
def original() -> SentenceTransformer:
    return SentenceTransformer(str(find_model(MINILM)), device="cpu")


@pytest.fixture(scope="module", params=["mean", "cls", "max"])
def small(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SentenceTransformer, OnnxEncoder]:
    """A small model with prompts, and its export."""
    folder = tmp_path_factory.mktemp(request.param)
    model = small_model(folder, request.param)
    export_encoder(str(model), folder / "export")
    return SentenceTransformer(str(model), device="cpu"), OnnxEncoder(folder / "export")


def encode(model: OnnxEncoder, texts: Sequence[str], role: Role = "question") -> list[Encoding]:
    return list(model.encode_tokens(texts, role))


def sentences(encodings: Sequence[Encoding]) -> NDArray[np.float32]:
    return np.stack([e.sentence for e in encodings])


def apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The largest difference of two sets of vectors, as a share of their length."""
    return float(np.abs(one - other).max() / np.linalg.norm(other, axis=1).max())


def assert_as_original(
    found: Sequence[Encoding], model: SentenceTransformer, texts: Sequence[str], prompt: str = ""
):
    vectors = model.encode(list(texts), prompt=prompt)
    tokens = model.encode(list(texts), prompt=prompt, output_value="token_embeddings")
    assert np.abs(sentences(found) - vectors).max() < 1e-5
    for one, other in zip(found, tokens, strict=True):
        assert one.tokens.shape == tuple(other.shape)
        assert len(one.pieces) == len(one.tokens)
        assert apart(one.tokens, other.numpy()) < 1e-5


def assert_alike(found: Sequence[Encoding], expected: Sequence[Encoding]):
    for one, other in zip(found, expected, strict=True):
        assert one.pieces.tolist() == other.pieces.tolist()
        assert np.abs(one.sentence - other.sentence).max() < 1e-5
        assert apart(one.tokens, other.tokens) < 1e-5


def assert_same(found: Sequence[Encoding], expected: Sequence[Encoding]):
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one.pieces, other.pieces)
        assert np.array_equal(one.sentence, other.sentence)
        assert np.array_equal(one.tokens, other.tokens)


@pytest.mark.parametrize("texts", [TEXTS, ODD, (LONG, "Rain."), ("Rain.",), (LONG,)])
def test_vectors_are_those_of_sentence_transformers(
    encoder: OnnxEncoder, original: SentenceTransformer, texts: tuple[str, ...]
):
    assert_as_original(encode(encoder, texts), original, texts)


@settings(max_examples=15)
@given(texts=st.lists(WILD, min_size=1, max_size=4))
def test_vectors_of_wild_texts_are_those_of_sentence_transformers(
    encoder: OnnxEncoder, original: SentenceTransformer, texts: list[str]
):
    assert_as_original(encode(encoder, texts), original, texts)


def test_a_long_text_is_cut_where_the_model_cuts_it(encoder: OnnxEncoder):
    assert [len(e.pieces) for e in encode(encoder, [LONG, "Rain."])] == [256, 4]


@pytest.mark.parametrize(("role", "prompt"), [("question", "query"), ("passage", "document")])
def test_a_models_own_pooling_and_prompts_are_followed(
    small: tuple[SentenceTransformer, OnnxEncoder], role: Role, prompt: str
):
    model, encoder = small
    texts = ("the tram", "rye bread, and bread of the harbour! " * 4, "", "Ż 7% -- £2.5")
    found = encode(encoder, texts, role)
    assert_as_original(found, model, texts, PROMPTS[prompt])
    assert np.abs(sentences(found) - model.encode(list(texts), prompt="")).max() > 1e-3
    assert np.array_equal(np.stack(list(encoder.encode(texts, role))), sentences(found))


def test_one_pooling_differs_from_another(
    small: tuple[SentenceTransformer, OnnxEncoder], tmp_path: Path
):
    model, encoder = small
    other = "cls" if model[1].pooling_mode == "mean" else "mean"
    twin = SentenceTransformer(str(small_model(tmp_path, other)), device="cpu")
    (found,) = encoder.encode(["rye bread"], "passage")
    assert np.abs(found - twin.encode(["rye bread"], prompt=PROMPTS["document"])[0]).max() > 1e-2


def test_vectors_have_length_one(encoder: OnnxEncoder):
    vectors = np.stack(list(encoder.encode((*TEXTS, *ODD), "passage")))
    assert vectors.shape == (len(TEXTS) + len(ODD), encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_has_one_encoding_whatever_its_neighbours(encoder: OnnxEncoder):
    """To the last bit, or a rebuild that keeps vectors would not equal one from nothing."""
    texts = (*TEXTS, *ODD, LONG)
    alone = [encode(encoder, [t])[0] for t in texts]
    assert_same(encode(encoder, texts), alone)
    beside = OnnxEncoder(minilm_exported(), side_by_side=True)
    assert_same(encode(beside, texts), alone)
    assert_same(encode(beside, texts[::-1])[::-1], alone)


@given(st.lists(st.sampled_from([*TEXTS, *ODD]) | WILD, max_size=12))
def test_every_text_of_many_has_its_encoding_in_order(texts: list[str]):
    alone = [encode(small_encoder(), [t])[0] for t in texts]
    assert_same(encode(small_encoder(), texts), alone)


def test_texts_are_read_as_they_are_needed():
    """An index of a million passages has no room for all of them at once."""
    read: list[int] = []

    def texts() -> Iterator[str]:
        for n in range(10 * ROUND):
            read.append(n)
            yield f"rye {n}"

    found = small_encoder().encode_tokens(texts(), "passage")
    assert read == []
    assert_same([next(found)], encode(small_encoder(), ["rye 0"], "passage"))
    assert len(read) == ROUND


def test_more_texts_than_a_round_are_encoded():
    texts = [f"rye {n}" for n in range(ROUND + 3)]
    found = encode(small_encoder(), texts)
    assert len(found) == len(texts)
    assert_same(found[-4:], [encode(small_encoder(), [t])[0] for t in texts[-4:]])


def test_texts_of_one_matter_are_nearer_than_texts_of_two(encoder: OnnxEncoder):
    question = "How often does the tram go to the harbour?"
    vectors = sentences(encode(encoder, [question, *TEXTS]))
    assert int(np.argmax(vectors[1:] @ vectors[0])) == 1


def test_no_text_has_no_vector(encoder: OnnxEncoder):
    assert encode(encoder, []) == []
    assert list(encoder.encode([], "passage")) == []


def test_pieces_are_named_by_the_vocabulary(encoder: OnnxEncoder):
    (found,) = encode(encoder, ["Tramlines, overbaking!"])
    pieces = [encoder.vocabulary[n] for n in found.pieces]
    assert pieces == ["[CLS]", "tram", "##lines", ",", "over", "##ba", "##king", "!", "[SEP]"]


def test_special_pieces_stand_for_no_text(encoder: OnnxEncoder):
    named = {encoder.vocabulary[n] for n in encoder.special_pieces}
    assert named == {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}


def test_half_a_character_is_read_as_an_unknown_one(encoder: OnnxEncoder):
    """A command line makes one of each byte that is not UTF-8."""
    assert_alike(encode(encoder, ["bread \udcff"]), encode(encoder, ["bread \ufffd"]))


def test_a_model_that_does_not_normalise_has_unit_vectors_all_the_same(tmp_path: Path):
    model = small_model(tmp_path, normalised=False)
    export_encoder(str(model), tmp_path / "export")
    original = SentenceTransformer(str(model), device="cpu")
    texts = ["rye bread", "the tram"]
    expected = original.encode(texts, prompt=PROMPTS["query"], normalize_embeddings=True)
    found = sentences(encode(OnnxEncoder(tmp_path / "export"), texts))
    assert np.abs(found - expected).max() < 1e-5


def test_a_model_that_leaves_its_prompts_out_of_the_mean_is_refused(tmp_path: Path):
    model = small_model(tmp_path, include_prompt=False)
    with pytest.raises(EncoderError, match="leaves its prompts out"):
        export_encoder(str(model), tmp_path / "export")


# ---- exports that cannot be opened --------------------------------------------------------------


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """An exported model that a test may spoil."""
    return Path(shutil.copytree(small_exported(), tmp_path / "broken"))


def spoil(file: Path, content: bytes | None) -> None:
    file.unlink()
    if content is not None:
        file.write_bytes(content)


@pytest.mark.parametrize("kind", [OnnxEncoder, OnnxReranker])
@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.json", b"{"),
        ("model.json", b"{}"),
        ("model.json", b"[]"),
        ("model.json", None),
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b"\xff"),
        ("tokenizer.json", None),
        ("model.onnx", b"no graph"),
        ("model.onnx", b""),
        ("model.onnx", None),
    ],
)
def test_a_broken_export_is_refused(
    broken: Path, file: str, content: bytes | None, kind: Callable[[Path], object]
):
    spoil(broken / file, content)
    with pytest.raises(EncoderError, match=r"cannot be opened.*rebuild --force"):
        kind(broken)


def test_a_graph_cut_short_is_refused(broken: Path):
    graph = broken / "model.onnx"
    spoil(graph, graph.read_bytes()[: graph.stat().st_size // 2])
    with pytest.raises(EncoderError, match="cannot be opened"):
        OnnxEncoder(broken)


def test_an_export_can_be_moved(broken: Path, tmp_path: Path):
    before = encode(OnnxEncoder(broken), ["rye bread"])
    moved = tmp_path / "else where"
    shutil.move(broken, moved)
    assert_same(encode(OnnxEncoder(moved), ["rye bread"]), before)


# ---- where models run ---------------------------------------------------------------------------


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> list[SessionOptions]:
    """The options of each session of onnxruntime that is opened."""
    seen: list[SessionOptions] = []
    session = onnx.onnxruntime.InferenceSession

    def opened(graph: str, given: SessionOptions, **others: object) -> object:
        seen.append(given)
        return session(graph, given, **others)

    monkeypatch.setattr(onnx.onnxruntime, "InferenceSession", opened)
    return seen


def workers(model: OnnxEncoder) -> int:
    """The number of texts that a model encodes at a time."""
    pool = getattr(model._map, "__self__", None)
    return pool._max_workers if isinstance(pool, ThreadPoolExecutor) else 1


def test_a_model_uses_as_many_threads_as_set(options: list[SessionOptions]):
    three = Execution(threads=3)
    within = OnnxEncoder(small_exported(), execution=three)
    beside = OnnxEncoder(small_exported(), side_by_side=True, execution=three)
    OnnxReranker(reranker_exported(), three)
    assert [o.intra_op_num_threads for o in options] == [3, 1, 3]
    assert [workers(model) for model in (within, beside)] == [1, 3]


def test_models_of_a_version_use_as_many_threads_as_set(options: list[SessionOptions]):
    folders = {"encoder": small_exported(), "reranker": reranker_exported()}
    models = OnnxModels(folders, execution=Execution(threads=2))
    assert (models.encoder, models.reranker) != (None, None)
    assert [o.intra_op_num_threads for o in options] == [2, 2]


@pytest.mark.parametrize(
    ("variable", "expected"),
    [("1", 1), ("3", 3), ("0", None), ("many", None), ("", None), (None, None)],
)
def test_threads_not_set_are_those_of_the_environment_or_a_few(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, expected: int | None
):
    monkeypatch.setattr(onnx.os, "cpu_count", lambda: 64)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    assert default_threads() == (expected or MOST_THREADS)


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_no_vector(encoder: OnnxEncoder, threads: int):
    execution = Execution(threads=threads)
    assert_alike(
        encode(OnnxEncoder(minilm_exported(), execution=execution), TEXTS), encode(encoder, TEXTS)
    )


@pytest.mark.parametrize(
    "open_model",
    [
        lambda execution: OnnxEncoder(small_exported(), execution=execution),
        lambda execution: OnnxReranker(reranker_exported(), execution),
    ],
)
def test_cuda_without_an_onnxruntime_that_has_it_is_refused(
    monkeypatch: pytest.MonkeyPatch, open_model: Callable[[Execution], object]
):
    monkeypatch.setattr(
        onnx.onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"]
    )
    match = r"encoder\.provider is 'cuda'.*Install onnxruntime-gpu, or set it to 'cpu'"
    with pytest.raises(EncoderError, match=match):
        open_model(Execution(provider="cuda"))
    assert open_model(Execution()) is not None


def test_the_provider_set_is_the_one_used(monkeypatch: pytest.MonkeyPatch):
    used: list[object] = []

    def opened(graph: str, given: SessionOptions, providers: list[str]) -> object:
        used.append(providers)
        raise ValueError("no GPU here")

    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnx.onnxruntime, "get_available_providers", lambda: both)
    monkeypatch.setattr(onnx.onnxruntime, "InferenceSession", opened)
    for provider in ("cuda", "cpu"):
        with pytest.raises(EncoderError, match="no GPU here"):
            OnnxEncoder(small_exported(), execution=Execution(provider=provider))
    assert used == [["CUDAExecutionProvider"], ["CPUExecutionProvider"]]


def test_models_are_opened_when_they_are_first_needed_and_once(options: list[SessionOptions]):
    checked: list[str] = []
    folders = {"encoder": small_exported(), "reranker": reranker_exported()}
    models = OnnxModels(folders, check=checked.append)
    assert (checked, len(options)) == ([], 0)
    for name, looked_at, opened in (
        ("reduction", "encoder/reduction.npz", 0),
        ("encoder", "encoder/", 1),
        ("reranker", "reranker/", 2),
    ):
        assert getattr(models, name) is getattr(models, name)
        assert checked[-1] == looked_at
        assert len(options) == opened
    assert len(checked) == 3


def test_a_model_that_fails_its_check_is_not_opened(options: list[SessionOptions]):
    def refuse(name: str) -> None:
        raise EncoderError(f"{name} is refused")

    models = OnnxModels({"encoder": small_exported()}, check=refuse)
    with pytest.raises(EncoderError, match=r"encoder/ is refused"):
        _ = models.encoder
    assert options == []


def test_without_a_reranker_there_is_none():
    assert OnnxModels({"encoder": small_exported()}).reranker is None
