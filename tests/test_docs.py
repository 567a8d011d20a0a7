"""What the documents say is so: code runs, names exist, links lead somewhere."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

import reformqa
from reformqa import cli, fetch, model
from reformqa.answering import calibration, features, results
from reformqa.citations import page_image, permalink
from reformqa.cli import admin
from reformqa.doctor import findings
from reformqa.evaluation import history
from reformqa.exports import document
from reformqa.ingest.corpus import read_catalogue
from reformqa.pipeline import background, runs, status
from reformqa.recommendations import crosswalk, themes
from reformqa.settings import FetchSettings, Settings, load_settings
from support.places import PROJECT

#: The report of a run is not among them, which stands in index/ where there is an index.
DOCUMENTS = sorted({*PROJECT.glob("*.md"), *PROJECT.glob("*/*.md")} - {*PROJECT.glob("index/*.md")})
#: What the data model page tells of a record in other words than its fields' names.
UNNAMED = {
    "Build": {"reports", "paragraphs", "passages", "recommendations"},
    "Metadata": {
        f.name for f in dataclasses.fields(model.Metadata)
    },  # described as a part of Report
}
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def code(document: str, language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", document, re.DOTALL)[0]


def test_the_python_of_the_readme_runs_and_prints_an_answer(
    notes_index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(notes_index.parent)
    exec(compile(code(README, "python"), "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "Demos 2024" in printed
    assert "Fabian Society" in printed


def test_the_settings_of_the_readme_are_the_defaults(tmp_path: Path):
    file = tmp_path / "reformqa.toml"
    file.write_text(code(README, "toml"), encoding="utf-8")
    assert load_settings(file) == Settings()


def test_the_settings_for_fetching_on_the_operators_page_are_the_defaults(tmp_path: Path):
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    (told,) = [t for t in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "[fetch]" in t]
    file = tmp_path / "reformqa.toml"
    file.write_text(told, encoding="utf-8")
    assert load_settings(file) == Settings()
    assert set(tomllib.loads(told)["fetch"]) == set(FetchSettings.model_fields)


def test_the_catalogue_entry_of_the_corpus_readme_is_valid(tmp_path: Path):
    file = tmp_path / "catalogue.toml"
    text = (PROJECT / "corpus" / "README.md").read_text(encoding="utf-8")
    file.write_text(code(text, "toml"), encoding="utf-8")
    assert read_catalogue(file)["my-new-report"].facts.published == "2026-03"


COMMANDS = [*cli.app.registered_commands, *admin.app.registered_commands]


def test_the_readme_lists_every_command_and_no_other():
    listed = re.findall(r"^\| `reformqa (\w+)", README, re.MULTILINE)
    names = {c.name or c.callback.__name__ for c in COMMANDS if c.callback}
    assert set(listed) == names
    assert len(listed) == len(names)


def test_every_command_explains_itself():
    bare = {c.name for c in COMMANDS if not (c.callback and c.callback.__doc__)}
    assert bare == set()


def fields_of(record: type) -> set[str]:
    if issubclass(record, BaseModel):
        return set(record.model_fields)
    return {f.name for f in dataclasses.fields(record)}


def records_of(module: ModuleType) -> dict[str, type]:
    """The public records that a module defines."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__ and name[0] != "_"
        if dataclasses.is_dataclass(value) or issubclass(value, BaseModel)
    }


def test_the_data_model_page_names_every_record_and_field():
    page = (PROJECT / "docs" / "data-model.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE))
    flowing = records_of(model)
    modules = (results, document, crosswalk, features, calibration, history, permalink, page_image)
    modules += (background, themes, fetch, findings, runs, status)
    others = [records_of(m) for m in modules]
    known = flowing | {name: record for found in others for name, record in found.items()}
    assert set(flowing) <= set(rows) <= set(known)
    assert {"Answer", "Comparison", "ComparisonRow", "Crosswalk"} <= set(rows)
    lacking = {
        name: fields_of(known[name]) - UNNAMED.get(name, set()) - set(re.findall(r"\w+", row))
        for name, row in rows.items()
    }
    assert {name: missing for name, missing in lacking.items() if missing} == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(PROJECT)))
def test_every_link_to_a_file_leads_to_one(document: Path):
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", text)
    assert [t for t in targets if not (document.parent / t).exists()] == []


def test_the_version_is_one():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == reformqa.__version__
