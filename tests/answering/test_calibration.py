"""From signs to a probability: a scale is its formula, and a fit does what it says."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from reformqa.answering.calibration import (
    Calibration,
    Point,
    Scale,
    curve,
    fit,
    load_calibration,
)

from reformqa import (
    DamagedIndexError,
    ExportError,
    Library,
    Settings,
    SettingsError,
    rebuild,
)
from reformqa.storage.files.store import FilesStore
from support.places import PROJECT

NUMBERS = st.floats(-20, 20)
SIGNS = st.fixed_dictionaries({"near": NUMBERS, "far": NUMBERS})


@settings(max_examples=200, deadline=None)
@given(SIGNS, SIGNS, NUMBERS)
def test_a_probability_is_the_logistic_of_the_weighted_sum(weights, signs, bias: float):
    scale = Scale(weights=weights, bias=bias, threshold=0.5)
    total = bias + weights["near"] * signs["near"] + weights["far"] * signs["far"]
    found = scale.probability({**signs, "else": 7.0})
    assert 0 <= found <= 1
    if abs(total) < 50:
        assert found == pytest.approx(1 / (1 + math.exp(-total)), rel=1e-9)
    else:
        assert found == pytest.approx(float(total > 0), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(SIGNS, st.floats(0.01, 5))
def test_more_of_a_good_sign_is_never_less_likely(signs, more: float):
    scale = Scale(weights={"near": 1.5, "far": -2.0}, bias=0.3, threshold=0.5)
    base = scale.probability(signs)
    assert scale.probability(signs | {"near": signs["near"] + more}) >= base
    assert scale.probability(signs | {"far": signs["far"] + more}) <= base
    assert scale.probability({"near": 1.0 + more, "far": 0.0}) > scale.probability(
        {"near": 1.0, "far": 0.0}
    )


def test_a_sign_that_is_not_given_is_an_error():
    scale = Scale(weights={"near": 1.0}, bias=0.0, threshold=0.5)
    with pytest.raises(KeyError, match="near"):
        scale.probability({"far": 1.0})
    assert Scale(weights={}, bias=0.0, threshold=0.5).probability({}) == 0.5


def test_a_scale_cannot_be_changed_and_knows_its_fields():
    scale = Scale(weights={}, bias=0.0, threshold=0.5)
    with pytest.raises(ValidationError, match="frozen"):
        scale.bias = 1.0
    for wrong in ({"threshold": 1.5}, {"threshold": -0.1}, {"slope": 2}):
        with pytest.raises(ValidationError):
            Scale.model_validate({"weights": {}, "bias": 0.0, "threshold": 0.5} | wrong)


# ---- fitting ------------------------------------------------------------------------------------


def drawn(apart: float, yes: int = 60, no: int = 60) -> tuple[list[dict[str, float]], list[str]]:
    """Signs of two kinds of question, their means so far apart; the second sign is noise."""
    draw = np.random.default_rng(8)
    near = np.concatenate([draw.normal(apart, 1, yes), draw.normal(0, 1, no)])
    noise = draw.normal(0, 3, yes + no)
    signs = [{"near": float(a), "noise": float(b)} for a, b in zip(near, noise, strict=True)]
    return signs, ["yes"] * yes + ["off-topic"] * (no - no // 2) + ["near-topic"] * (no // 2)


def test_a_fit_tells_apart_what_can_be_told_apart():
    signs, kinds = drawn(apart=12)
    scale = fit(signs, kinds, "yes", refused=0.0)
    likely = [scale.probability(s) for s in signs]
    answerable = [p for p, k in zip(likely, kinds, strict=True) if k == "yes"]
    others = [p for p, k in zip(likely, kinds, strict=True) if k != "yes"]
    assert min(answerable) > 0.5 > max(others)
    assert scale.weights["near"] > 0.1
    assert abs(scale.weights["noise"]) < scale.weights["near"] / 5
    assert scale.questions == {"near-topic": 30, "off-topic": 30, "yes": 60}


@pytest.mark.parametrize("refused", [0.0, 0.06, 0.25, 0.5])
def test_the_threshold_refuses_the_share_asked_for(refused: float):
    signs, kinds = drawn(apart=1.5)
    scale = fit(signs, kinds, "yes", refused)
    likely = [scale.probability(s) for s, k in zip(signs, kinds, strict=True) if k == "yes"]
    share = sum(p < scale.threshold for p in likely) / len(likely)
    assert share == pytest.approx(refused, abs=1 / len(likely) + 1e-9)


def test_both_sides_weigh_alike_however_many_questions_each_has():
    signs, kinds = drawn(apart=4, yes=300, no=30)
    scale = fit(signs, kinds, "yes", refused=0.1)
    assert scale.probability({"near": 2.0, "noise": 0.0}) == pytest.approx(0.5, abs=0.12)


def test_a_curve_goes_from_answering_all_to_answering_none():
    signs, kinds = drawn(apart=1.5)
    points = fit(signs, kinds, "yes", refused=0.1).curve
    assert [p.threshold for p in points] == [n / 50 for n in range(51)]
    assert (points[0].refused, points[0].answered) == (0.0, 1.0)
    assert [p.refused for p in points] == sorted(p.refused for p in points)
    assert [p.answered for p in points] == sorted((p.answered for p in points), reverse=True)
    assert points[-1].refused > 0.9 > 0.1 > points[-1].answered


def test_each_point_of_a_curve_counts_both_sides():
    points = {p.threshold: p for p in curve([0.2, 0.5, 0.9, 0.9], [0.1, 0.5])}
    assert points[0.5] == Point(threshold=0.5, refused=0.25, answered=0.5)
    assert points[0.52] == Point(threshold=0.52, refused=0.5, answered=0.0)
    assert points[0.2].refused == 0.0


@pytest.mark.parametrize("kinds", [["yes", "yes"], ["no", "no"]])
def test_one_side_alone_cannot_be_fitted(kinds: list[str]):
    with pytest.raises(ValueError, match="class"):
        fit([{"near": 1.0}, {"near": 2.0}], kinds, "yes", 0.1)


# ---- files --------------------------------------------------------------------------------------


def changed(**changes) -> Calibration:
    """The packaged calibration with other thresholds of its answers."""
    packaged = load_calibration()
    return packaged.model_copy(update={"answers": packaged.answers.model_copy(update=changes)})


def test_the_packaged_calibration_says_what_it_is():
    packaged = load_calibration()
    assert packaged.model == Settings().encoder.model
    for scale in (packaged.answers, packaged.speaks):
        assert 0 < scale.threshold < 1
        assert sum(scale.questions.values()) > 20
        assert [p.refused for p in scale.curve] == sorted(p.refused for p in scale.curve)
        assert [p.answered for p in scale.curve] == sorted(
            (p.answered for p in scale.curve), reverse=True
        )


def test_a_calibration_is_read_as_it_was_saved(tmp_path: Path):
    own = changed(threshold=0.625)
    own.save(tmp_path / "own.json")
    assert load_calibration(tmp_path / "own.json") == own
    with pytest.raises(ExportError, match="cannot be written"):
        own.save(tmp_path / "absent" / "own.json")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "Invalid JSON"),
        (b"[]", "Calibration"),
        (b"\xff\xfe{}", "own.json"),
        (json.dumps({"model": "m"}).encode(), "answers"),
        (
            json.dumps(load_calibration().model_dump(mode="json") | {"colour": "red"}).encode(),
            "colour",
        ),
        (None, "own.json"),
    ],
)
def test_a_calibration_that_cannot_be_read_is_told_with_what_to_do(
    tmp_path: Path, content: bytes | None, said: str
):
    file = tmp_path / "own.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as error:
        load_calibration(file)
    assert str(file) in str(error.value)
    assert said in str(error.value)
    assert "reformqa evaluate --calibrate" in str(error.value)
    with pytest.raises(SettingsError):
        load_calibration(tmp_path)


@pytest.mark.parametrize("scale", ["answers", "speaks"])
def test_a_calibration_by_other_signs_is_refused(tmp_path: Path, scale: str):
    values = load_calibration().model_dump(mode="json")
    values[scale]["weights"]["colour"] = 1.0
    (tmp_path / "own.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(SettingsError, match="colour"):
        load_calibration(tmp_path / "own.json")


# ---- builds -------------------------------------------------------------------------------------


def own_settings(file: Path) -> Settings:
    return Settings.model_validate({"answer": {"calibration": str(file)}})


def test_a_build_holds_its_calibration_and_another_makes_another_build(
    notes_index: Path, tmp_path: Path
):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(PROJECT / "corpus" / "note-on-smarter-state.md", corpus)
    index = tmp_path / "index"
    (index / "cache").mkdir(parents=True)  # the model need not be exported anew
    shutil.copytree(notes_index / "cache" / "models", index / "cache" / "models")
    first = rebuild(corpus, index)
    packaged = load_calibration()
    assert FilesStore(index).manifest["calibration"] == packaged.model_dump(mode="json")
    assert not rebuild(corpus, index).changed
    changed(threshold=1.0).save(tmp_path / "own.json")
    second = rebuild(corpus, index, settings=own_settings(tmp_path / "own.json"))
    assert (second.changed, second.build.id == first.build.id) == (True, False)
    assert Library.open(index, Settings()).calibration == changed(threshold=1.0)
    question = "What are the three p's that every service should deliver?"
    assert Library.open(index, Settings()).ask(question).abstained
    assert not rebuild(corpus, index, settings=own_settings(tmp_path / "own.json")).changed
    assert rebuild(corpus, index).changed  # and back to the packaged one
    assert not Library.open(index, Settings()).ask(question).abstained


def test_a_build_calibrated_by_other_signs_is_told_to_be_made_anew(town: FilesStore):
    facts = town.manifest["calibration"]
    for wrong in (None, facts | {"answers": facts["answers"] | {"weights": {"colour": 1.0}}}):
        try:
            town.manifest["calibration"] = wrong
            with pytest.raises(DamagedIndexError, match="calibrated otherwise"):
                Library(town, Settings())
        finally:
            town.manifest["calibration"] = facts


def test_a_calibration_that_is_not_there_stops_a_rebuild(tmp_path: Path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(PROJECT / "corpus" / "note-on-smarter-state.md", corpus)
    with pytest.raises(SettingsError, match=r"absent\.json cannot be read"):
        rebuild(corpus, tmp_path / "index", settings=own_settings(tmp_path / "absent.json"))
    assert not (tmp_path / "index" / "current").exists()
