"""The tuning: a scale is its formula, settings replace weights, and files are read or refused."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from reformqa import DamagedIndexError, ExportError, Library, Settings, SettingsError, rebuild
from reformqa.settings import SearchSettings
from reformqa.storage.files.store import FilesStore
from reformqa.tuning import Scale, Tuning, load_tuning, tuning_of
from support.models import DEFAULT
from support.places import PROJECT

NUMBERS = st.floats(-20, 20)
FEATURES = st.fixed_dictionaries({"near": NUMBERS, "far": NUMBERS})


@settings(max_examples=200, deadline=None)
@given(FEATURES, FEATURES, NUMBERS)
def test_a_probability_is_the_logistic_of_the_weighted_sum(weights, features, bias: float):
    scale = Scale(weights=weights, bias=bias, threshold=0.5, sure=0.5)
    total = bias + weights["near"] * features["near"] + weights["far"] * features["far"]
    found = scale.probability({**features, "else": 7.0})
    assert 0 <= found <= 1
    if abs(total) < 50:
        assert found == pytest.approx(1 / (1 + math.exp(-total)), rel=1e-9)
    else:
        assert found == pytest.approx(float(total > 0), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(FEATURES, st.floats(0.01, 5))
def test_more_of_a_good_feature_is_never_less_likely(features, more: float):
    scale = Scale(weights={"near": 1.5, "far": -2.0}, bias=0.3, threshold=0.5, sure=0.5)
    base = scale.probability(features)
    assert scale.probability(features | {"near": features["near"] + more}) >= base
    assert scale.probability(features | {"far": features["far"] + more}) <= base
    assert scale.probability({"near": 1.0 + more, "far": 0.0}) > scale.probability(
        {"near": 1.0, "far": 0.0}
    )


def test_a_feature_that_is_not_given_is_an_error():
    scale = Scale(weights={"near": 1.0}, bias=0.0, threshold=0.5, sure=0.5)
    with pytest.raises(KeyError, match="near"):
        scale.probability({"far": 1.0})
    assert Scale(weights={}, bias=0.0, threshold=0.5, sure=0.5).probability({}) == 0.5


def test_a_scale_cannot_be_changed_and_knows_its_fields():
    scale = Scale(weights={}, bias=0.0, threshold=0.5, sure=0.5)
    with pytest.raises(ValidationError, match="frozen"):
        scale.bias = 1.0
    for wrong in ({"threshold": 1.5}, {"threshold": -0.1}, {"slope": 2}):
        with pytest.raises(ValidationError):
            Scale.model_validate({**scale.model_dump(), **wrong})


# ---- files --------------------------------------------------------------------------------------


def changed(**changes: object) -> Tuning:
    """The packaged tuning with other thresholds of its answers."""
    packaged = load_tuning()
    return packaged.model_copy(update={"answers": packaged.answers.model_copy(update=changes)})


def test_the_packaged_tuning_says_what_it_is():
    packaged = load_tuning()
    assert packaged.model == DEFAULT
    for scale in (packaged.answers, packaged.speaks):
        assert 0 < scale.threshold < scale.sure < 1
        assert sum(scale.questions.values()) > 20
        assert [p.refused for p in scale.curve] == sorted(p.refused for p in scale.curve)
        assert [p.answered for p in scale.curve] == sorted(
            (p.answered for p in scale.curve), reverse=True
        )


def test_a_tuning_is_read_as_it_was_saved(tmp_path: Path):
    own = changed(threshold=0.625)
    own.save(tmp_path / "own.json")
    assert load_tuning(tmp_path / "own.json") == own
    with pytest.raises(ExportError, match="cannot be written"):
        own.save(tmp_path / "absent" / "own.json")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "Invalid JSON"),
        (b"[]", "Tuning"),
        (b"\xff\xfe{}", "own.json"),
        (json.dumps({"model": "m"}).encode(), "answers"),
        (
            json.dumps(load_tuning().model_dump(mode="json") | {"colour": "red"}).encode(),
            "colour",
        ),
        (None, "own.json"),
    ],
)
def test_a_tuning_that_cannot_be_read_is_an_error_with_its_cure(
    tmp_path: Path, content: bytes | None, said: str
):
    file = tmp_path / "own.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as error:
        load_tuning(file)
    assert str(file) in str(error.value)
    assert said in str(error.value)
    assert "reformqa evaluate --calibrate" in str(error.value)
    with pytest.raises(SettingsError):
        load_tuning(tmp_path)


@pytest.mark.parametrize("scale", ["answers", "speaks"])
def test_a_tuning_by_other_features_is_refused(tmp_path: Path, scale: str):
    values = load_tuning().model_dump(mode="json")
    values[scale]["weights"]["colour"] = 1.0
    (tmp_path / "own.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(SettingsError, match="colour"):
        load_tuning(tmp_path / "own.json")


# ---- settings beside it -------------------------------------------------------------------------

LEGS = ("late", "embedding", "bm25", "amounts")


def searching(**weights: float) -> SearchSettings:
    return SearchSettings.model_validate({f"{leg}_weight": w for leg, w in weights.items()})


@pytest.mark.parametrize("leg", LEGS)
def test_a_weight_in_the_settings_replaces_that_of_the_tuning_alone(leg: str):
    tuning = load_tuning()
    own = tuning.search_with(searching(**{leg: 7.5}))
    assert own.model_dump() == tuning.search.model_dump() | {leg: 7.5}
    assert tuning.search_with(SearchSettings()) == tuning.search


def test_a_weight_of_nothing_switches_a_leg_off():
    assert load_tuning().search_with(searching(bm25=0)).bm25 == 0


@pytest.mark.parametrize("leg", LEGS)
def test_a_changed_weight_is_a_misfit_with_its_cure(leg: str):
    misfit = load_tuning().misfit(searching(**{leg: 7.5}))
    assert misfit is not None
    assert f"(search.{leg}_weight)" in misfit
    assert "Remove the settings, or run `reformqa evaluate FILE --calibrate" in misfit
    assert "answer.calibration and rebuild" in misfit


def test_every_changed_weight_is_named_and_an_equal_one_fits():
    tuning = load_tuning()
    misfit = tuning.misfit(searching(late=7.5, bm25=0))
    assert "(search.late_weight, search.bm25_weight)" in str(misfit)
    assert tuning.misfit(SearchSettings()) is None
    same = {leg: getattr(tuning.search, leg) for leg in LEGS}
    assert tuning.misfit(searching(**same)) is None


# ---- builds -------------------------------------------------------------------------------------


def own_settings(file: Path) -> Settings:
    return Settings.model_validate({"answer": {"calibration": str(file)}})


def test_a_build_holds_its_tuning_and_another_makes_another_build(
    notes_index: Path, tmp_path: Path
):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(PROJECT / "corpus" / "note-on-smarter-state.md", corpus)
    index = tmp_path / "index"
    (index / "cache").mkdir(parents=True)  # the model need not be exported again
    shutil.copytree(notes_index / "cache" / "models", index / "cache" / "models")
    first = rebuild(corpus, index)
    packaged = load_tuning()
    assert FilesStore(index).version.facts["tuning"] == packaged.model_dump(mode="json")
    assert not rebuild(corpus, index).changed
    changed(threshold=1.0).save(tmp_path / "own.json")
    second = rebuild(corpus, index, settings=own_settings(tmp_path / "own.json"))
    assert (second.changed, second.build.id == first.build.id) == (True, False)
    assert Library.open(index, Settings()).tuning == changed(threshold=1.0)
    question = "What are the three p's that every service should deliver?"
    assert Library.open(index, Settings()).ask(question).abstained
    assert not rebuild(corpus, index, settings=own_settings(tmp_path / "own.json")).changed
    assert rebuild(corpus, index).changed  # and back to the packaged one
    assert not Library.open(index, Settings()).ask(question).abstained


def test_a_version_with_a_tuning_of_another_form_is_to_be_built_again():
    facts = load_tuning().model_dump(mode="json")
    assert tuning_of({"tuning": facts}, "b1") == load_tuning()
    weights = facts["answers"] | {"weights": {"colour": 1.0}}
    for wrong in ({}, {"tuning": facts | {"answers": weights}}, {"tuning": {"model": "m"}}):
        with pytest.raises(DamagedIndexError, match=r"build b1 .*`reformqa rebuild --force`"):
            tuning_of(wrong, "b1")


def test_a_tuning_that_is_not_there_stops_a_rebuild(tmp_path: Path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(PROJECT / "corpus" / "note-on-smarter-state.md", corpus)
    with pytest.raises(SettingsError, match=r"absent\.json cannot be read"):
        rebuild(corpus, tmp_path / "index", settings=own_settings(tmp_path / "absent.json"))
    assert not (tmp_path / "index" / "current").exists()
