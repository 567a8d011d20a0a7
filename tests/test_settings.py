"""Settings: defaults, refusals that name the key, and what asks for a rebuild."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa import Library, Settings, SettingsError, load_settings
from reformqa.storage.files.store import FilesStore


def written(folder: Path, text: str) -> Path:
    file = folder / "chosen.toml"
    file.write_text(text, encoding="utf-8")
    return file


def settings(**stages: dict[str, object]) -> Settings:
    return Settings.model_validate(stages)


def test_without_a_file_the_settings_are_the_defaults(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_settings() == Settings()
    assert load_settings().model_dump() == {
        "reading": {
            "seconds": 60,
            "stuck_seconds": 0,
            "megabytes": 1024,
            "workers": 0,
            "ocr": False,
        },
        "drawing": {"seconds": 10, "stuck_seconds": 120, "megabytes": 512},
        "passages": {"max_characters": 1000, "include": ()},
        "encoder": {
            "quality": "best",
            "model": "",
            "tokens": "",
            "reranker": "",
            "provider": "cpu",
            "threads": 0,
        },
        "search": {
            "candidates": 40,
            "late_weight": -1,
            "rare_weight": -1,
            "embedding_weight": -1,
            "bm25_weight": -1,
            "amounts_weight": -1,
            "everyday": "",
            "reword": True,
            "reranked": 30,
        },
        "answer": {
            "least_confidence": -1,
            "calibration": "",
            "sentences": 3,
            "sentences_per_publisher": 6,
        },
        "storage": {
            "url": "",
            "library": "reformqa",
            "database": "",
            "token_variable": "REFORMQA_MILVUS_TOKEN",
            "certificate": "",
            "seconds": 10,
        },
        "build": {"address": "", "engine": "local", "ask_again_seconds": 60},
        "rebuild": {
            "keep": 3,
            "grace_hours": 0,
            "most_lost": 0.1,
            "most_removed": 0.5,
            "most_forgotten": 0.05,
        },
        "llm": {
            "base_url": "",
            "model": "",
            "key_variable": "REFORMQA_LLM_KEY",
            "seconds": 30,
            "tokens": 1500,
        },
        "app": {
            "address": "http://localhost:8501",
            "sign_in": "auto",
            "secrets": "",
            "sign_in_days": 30,
            "uploads": "off",
            "upload_folder": "",
            "upload_megabytes": 20,
            "uploads_a_day": 20,
            "upload_pages": 600,
            "corrections": False,
            "briefings": "",
        },
        "api": {
            "token_variable": "REFORMQA_TOKEN",
            "token_file": "",
            "hosts": (),
            "requests_a_minute": 120,
        },
        "fetch": {
            "contact": "",
            "pause": 2,
            "megabytes": 100,
            "connect_seconds": 10,
            "read_seconds": 30,
            "seconds": 600,
            "tries": 4,
            "backoff": 2,
            "longest_wait": 120,
            "private_hosts": (),
        },
    }


def test_reformqa_toml_in_the_working_directory_is_read(tmp_path: Path, monkeypatch):
    (tmp_path / "reformqa.toml").write_text("[answer]\nsentences = 9\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_settings() == settings(answer={"sentences": 9})


def test_a_named_file_is_read_and_leaves_the_rest_at_the_defaults(tmp_path: Path):
    file = written(tmp_path, '[passages]\nmax_characters = 400\ninclude = ["front"]\n')
    assert load_settings(file) == settings(passages={"max_characters": 400, "include": ["front"]})


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[answer]\nsentence = 3\n", "answer.sentence"),
        ("[anwser]\nsentences = 3\n", "anwser"),
        ("colour = 1\n", "colour"),
        ("[answer]\nsentences = 0\n", "answer.sentences"),
        ("[answer]\nleast_similarity = 0.35\n", "answer.least_similarity"),
        ("[answer]\nleast_confidence = 1.5\n", "answer.least_confidence"),
        ("[answer]\nleast_confidence = -1.1\n", "answer.least_confidence"),
        ("[answer]\nleast_confidence = nan\n", "answer.least_confidence"),
        ("[answer]\ncalibration = 0.3\n", "answer.calibration"),
        ("[search]\nlate_weight = 11\n", "search.late_weight"),
        ("[search]\nbm25_weight = -1.1\n", "search.bm25_weight"),
        ("[search]\namounts_weight = inf\n", "search.amounts_weight"),
        ("[search]\nlabel_weight = 1\n", "search.label_weight"),
        ("[search]\nreranked = 0\n", "search.reranked"),
        ('[search]\nreword = "sometimes"\n', "search.reword"),
        ("[search]\neveryday = 1\n", "search.everyday"),
        ("[search]\nembedding_weight = -2\n", "search.embedding_weight"),
        ("[search]\nembedding_weight = nan\n", "search.embedding_weight"),
        ("[search]\ncandidates = 9\n", "search.candidates"),
        ("[reading]\nseconds = 0\n", "reading.seconds"),
        ("[reading]\nmegabytes = 64\n", "reading.megabytes"),
        ("[reading]\nworkers = -1\n", "reading.workers"),
        ("[passages]\nmax_characters = 199\n", "passages.max_characters"),
        ('[passages]\ninclude = ["appendix"]\n', "passages.include.0"),
        ("[encoder]\nbatch_size = 32\n", "encoder.batch_size"),
        ('[encoder]\nprovider = "tpu"\n', "encoder.provider"),
        ("[encoder]\nthreads = -1\n", "encoder.threads"),
        ("[encoder]\nreranker = true\n", "encoder.reranker"),
        ('[build]\nengine = "ray"\n', "build.engine"),
        ('[build]\naddress = "http://head:6379"\n', "build.address"),
        ('[build]\naddress = "head:99999"\n', "build.address"),
        ("[build]\nask_again_seconds = 0\n", "build.ask_again_seconds"),
        ('[llm]\nmodel = "small"\n', "llm.model"),
        ('[llm]\nbase_url = "localhost:8000"\n', "llm.base_url"),
        ('[llm]\nbase_url = "http://localhost:99999/v1"\n', "llm.base_url"),
        ('[llm]\nbase_url = "http://[::1/v1"\n', "llm.base_url"),
        ("[llm]\nseconds = 0\n", "llm.seconds"),
        ("[llm]\ntokens = 49\n", "llm.tokens"),
        ('[app]\nuploads = "on"\n', "app.uploads"),
        ("[app]\nupload_megabytes = 0\n", "app.upload_megabytes"),
        ("[app]\nupload_pages = 10001\n", "app.upload_pages"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name(tmp_path: Path, text: str, key: str):
    file = written(tmp_path, text)
    with pytest.raises(SettingsError) as error:
        load_settings(file)
    assert str(error.value).startswith(f"{file}: {key}: ")


@pytest.mark.parametrize(
    "line",
    [
        'key_variable = "sk-secret"',
        'key = "sk-secret"',
        'base_url = "http://me:sk-secret@host/v1"',
        'base_url = "http://host/v1?key=sk-secret"',
    ],
)
def test_a_key_in_the_wrong_place_is_refused_and_not_repeated(tmp_path: Path, line: str):
    with pytest.raises(SettingsError) as error:
        load_settings(written(tmp_path, f"[llm]\n{line}\n"))
    assert "secret" not in str(error.value)


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"chosen\.toml is not valid TOML"):
        load_settings(written(tmp_path, "[answer\n"))


def test_a_file_that_is_not_text_is_refused(tmp_path: Path):
    file = tmp_path / "chosen.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"chosen\.toml is not valid TOML"):
        load_settings(file)


def test_a_named_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"There is no settings file .*absent\.toml"):
        load_settings(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    "changed",
    [
        settings(reading={"ocr": True}),
        settings(passages={"max_characters": 999}),
        settings(passages={"include": ["licence"]}),
    ],
)
def test_a_setting_that_shapes_the_index_changes_the_fingerprint(changed: Settings):
    assert changed.index_fingerprint() != Settings().index_fingerprint()


@pytest.mark.parametrize(
    "changed",
    [
        settings(search={"candidates": 10, "embedding_weight": 0.5}),
        settings(answer={"sentences": 2, "least_confidence": 0.1}),
        settings(search={"reword": False, "everyday": "own.toml", "reranked": 5}),
        settings(reading={"seconds": 5, "megabytes": 512, "workers": 1}),
        settings(llm={"base_url": "http://localhost:8000/v1", "model": "small"}),
        settings(app={"uploads": "wait", "upload_megabytes": 1, "corrections": True}),
        settings(encoder={"provider": "cuda", "threads": 2}),
    ],
)
def test_a_setting_that_takes_effect_at_once_keeps_the_fingerprint(changed: Settings):
    assert changed.index_fingerprint() == Settings().index_fingerprint()


def test_models_are_told_apart_by_their_files_and_not_by_their_names():
    other = settings(encoder={"model": "another", "reranker": "a-third"})
    assert other.index_fingerprint() == Settings().index_fingerprint()


def test_terms_of_ones_own_are_asked_in_the_reports_words(town: FilesStore, tmp_path: Path):
    file = tmp_path / "own.toml"
    file.write_text('"zeppelin" = "slow oven"\n', encoding="utf-8")
    own = Library(town, settings(search={"everyday": str(file)}))
    assert own.search("zeppelin")[0].paragraph.id == "ovens-1"
    assert "slow" in own.search("zeppelin")[0].terms
    off = Library(town, settings(search={"everyday": str(file), "reword": False}))
    assert off.search("zeppelin")[0].terms == Library(town, Settings()).search("zeppelin")[0].terms


def test_a_missing_file_of_terms_is_refused(town: FilesStore, tmp_path: Path):
    with pytest.raises(SettingsError, match=r"search\.everyday: .*absent\.toml cannot be read"):
        Library(town, settings(search={"everyday": str(tmp_path / "absent.toml")}))


def test_settings_cannot_be_changed_after_they_are_read():
    with pytest.raises(ValueError, match="frozen"):
        Settings().answer.sentences = 3


@pytest.mark.parametrize("weight", [-1, 0, 0.4, 10])
def test_a_weight_is_none_or_more_or_left_to_the_tuning(weight: float):
    stages = {"search": {"bm25_weight": weight}}
    assert Settings.model_validate(stages).search.bm25_weight == weight


@pytest.mark.parametrize("weight", [-0.1, -2, 11])
def test_another_weight_is_refused(weight: float, tmp_path: Path):
    file = tmp_path / "reformqa.toml"
    file.write_text(f"[search]\nbm25_weight = {weight}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"search\.bm25_weight"):
        load_settings(file)
