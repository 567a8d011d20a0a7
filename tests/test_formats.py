"""Files that people write may be nested as deeply as they like: the error is one for people."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from reformqa import CorpusError, ReformqaError, load_settings
from reformqa.evaluation.metrics import read_questions
from reformqa.fetch.keep import present
from reformqa.formats import parse_json, parse_toml
from reformqa.ingest.catalogue import correct
from reformqa.ingest.corpus import read_catalogue
from reformqa.model import ReportInfo
from reformqa.search.expansion import load_everyday
from reformqa.tuning import load_tuning
from support.makers import report

DEEP = 50_000
ARRAYS = "a = " + "[" * DEEP + "]" * DEEP
TABLES = "[" + ".".join("a" * 5_000) + "]\n"


@pytest.mark.parametrize("text", [ARRAYS, "a = " + "{a = " * DEEP])
def test_toml_that_is_too_deep_is_not_valid_toml(text: str):
    with pytest.raises(tomllib.TOMLDecodeError, match="it is nested too deeply"):
        parse_toml(text)


@pytest.mark.parametrize("text", ["[" * DEEP, '{"a":' * DEEP, b"[" * DEEP])
def test_json_that_is_too_deep_is_not_valid_json(text: str | bytes):
    with pytest.raises(ValueError, match="it is nested too deeply"):
        parse_json(text)


def test_what_is_valid_is_read_as_ever():
    assert parse_toml("a = [[1]]\n") == {"a": [[1]]}
    assert parse_json(b'{"a": [[1]]}') == {"a": [[1]]}


READERS: tuple[tuple[str, Callable[[Path], object]], ...] = (
    ("settings", load_settings),
    ("catalogue", read_catalogue),
    ("everyday", load_everyday),
    ("tuning", load_tuning),
    ("questions", lambda file: read_questions([file])),
)


@pytest.mark.parametrize("text", [ARRAYS, TABLES, "[" * DEEP, '{"a": ' * 200 + "1" + "}" * 200])
@pytest.mark.parametrize(("name", "read"), READERS, ids=[name for name, _ in READERS])
def test_a_file_that_is_too_deep_is_named(
    tmp_path: Path, name: str, read: Callable[[Path], object], text: str
):
    file = tmp_path / f"{name}.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ReformqaError) as error:
        read(file)
    assert file.name in str(error.value)
    assert len(str(error.value)) < 3_000


@pytest.mark.parametrize("text", [ARRAYS, TABLES])
def test_a_catalogue_that_is_too_deep_is_not_changed(tmp_path: Path, text: str):
    file = tmp_path / "catalogue.toml"
    file.write_text(text, encoding="utf-8")
    info: ReportInfo = report(id="bread").info
    with pytest.raises(CorpusError):
        correct(file, info, {"title": "Bread"})
    assert file.read_text(encoding="utf-8") == text


def test_an_origin_that_is_too_deep_is_none(tmp_path: Path):
    (tmp_path / "bread.md").write_text("# Bread\n", encoding="utf-8")
    (tmp_path / "bread.provenance.json").write_text("[" * DEEP, encoding="utf-8")
    assert present(tmp_path) == {"bread": tmp_path / "bread.md"}
