"""What a build depends on: other rules make another build, a tuning has to fit its model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reformqa import Settings, SettingsError, rebuild
from reformqa.ingest.rules import PIPELINE_VERSION
from reformqa.storage.files.store import FilesStore
from reformqa.tuning import load_tuning
from support.models import DEFAULT, export_into, small
from support.nights import make_corpus, night


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two short reports and their catalogue."""
    return make_corpus(tmp_path / "corpus")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder for an index."""
    return tmp_path / "index"


def tuning_for(model: str | Path, folder: Path) -> Path:
    """Write a tuning that was fitted with `model`."""
    file = folder / "tuning.json"
    load_tuning().model_copy(update={"model": str(model)}).save(file)
    return file


def test_other_rules_make_another_build_of_the_same_files(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
):
    first = night(corpus, index)
    assert FilesStore(index).version.facts["rules"] == PIPELINE_VERSION
    for module in ("pipeline.facts", "ingest.parse_cache"):
        monkeypatch.setattr(f"reformqa.{module}.PIPELINE_VERSION", PIPELINE_VERSION + 1)
    steps: list[tuple[str, int, int]] = []
    second = night(corpus, index, progress=lambda *step: steps.append(step))
    assert (second.changed, second.build.changes.reason) == (True, "other rules")
    assert second.build.changes.before == first.build.id
    assert [s for s in steps if s[0] == "reading" and s[2]] == []  # nothing is parsed
    assert FilesStore(index).version.facts["rules"] == PIPELINE_VERSION + 1
    assert night(corpus, index).changed is False


def test_a_tuning_for_another_model_is_refused_before_anything_is_written(
    corpus: Path, index: Path, tmp_path: Path
):
    first = night(corpus, index).build
    (corpus / "more.md").write_text("# More\n\nOats keep for two weeks.\n", encoding="utf-8")
    written = {f: f.stat().st_mtime_ns for part in ("builds", "cache") for f in files(index, part)}
    own = tuning_for(DEFAULT, tmp_path)
    with pytest.raises(SettingsError) as error:
        night(corpus, index, {"answer": {"calibration": str(own)}})
    assert str(error.value).startswith(
        f"The calibration {own} was fitted with the model {DEFAULT}, not with {small()}."
    )
    assert "reformqa evaluate FILE --calibrate" in str(error.value)
    assert "remove the setting answer.calibration" in str(error.value)
    assert FilesStore(index).version.build == first
    after = {f: f.stat().st_mtime_ns for part in ("builds", "cache") for f in files(index, part)}
    assert after == written


def files(index: Path, part: str) -> list[Path]:
    return [f for f in (index / part).rglob("*") if f.is_file()]


def test_a_tuning_for_the_model_is_kept_with_the_build(corpus: Path, index: Path, tmp_path: Path):
    own = tuning_for(small(), tmp_path)
    calibrated = {"answer": {"calibration": str(own)}, "search": {}}
    outcome = night(corpus, index, calibrated)
    assert outcome.notes == ()
    stored = FilesStore(index).version.facts["tuning"]
    assert stored == json.loads(own.read_text(encoding="utf-8"))
    packaged = night(corpus, index)
    assert packaged.build.changes.reason == "another calibration"


def test_the_packaged_tuning_beside_another_model_is_a_note(corpus: Path, index: Path):
    (note,) = night(corpus, index).notes
    assert note.startswith(f"The calibration was fitted with the model {DEFAULT}, not with ")
    assert "confidences are guesses" in note
    assert "name that file in the setting answer.calibration" in note


def test_other_weights_than_the_tuning_was_fitted_with_are_a_note(corpus: Path, index: Path):
    weights = Settings.model_validate({"search": {"bm25_weight": 1, "late_weight": 0}})
    (note,) = rebuild(corpus, export_into(index), settings=weights).notes
    assert note.startswith("The calibration was fitted with other weights than the settings have")
    assert "(search.late_weight, search.bm25_weight)" in note
    fitted = load_tuning().search
    same = Settings.model_validate({"search": {"bm25_weight": fitted.bm25}})
    assert rebuild(corpus, index, settings=same, force=True).notes == ()
