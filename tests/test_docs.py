"""The documents match the code: examples run, names exist, links lead somewhere."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import pkgutil
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pydantic import BaseModel

import reformqa
from reformqa import Library, Settings, cli, load_settings
from reformqa.ingest.corpus import read_catalogue
from support.places import PROJECT

#: A report of a run is not among them: it is in index/, if there is an index.
DOCUMENTS = sorted({*PROJECT.glob("*.md"), *PROJECT.glob("*/*.md")} - {*PROJECT.glob("index/*.md")})
#: Inner modules, below the package, all of whose records docs/data-model.md describes.
DESCRIBED = (
    *("model", "tuning", "models.base", "storage.base"),
    *("parsing.blocks", "ingest.corpus", "ingest.collect", "ingest.prepare", "ingest.inspect"),
    *("search.query", "search.hits", "answering.concordance", "answering.coverage"),
    *("answering.features", "answering.results"),
    *("citations.page_image", "citations.permalink", "exports.document"),
    *("briefing.records", "briefing.check", "briefing.kept"),
    *("recommendations.crosswalk", "recommendations.listing", "recommendations.themes"),
    *("evaluation.history", "evaluation.metrics", "evaluation.calibrate"),
    *("pipeline.background", "pipeline.contents", "pipeline.runs", "pipeline.status"),
    *("fetch.keep", "fetch.papers", "doctor.findings", "assistants.results"),
    *("ingest.watched", "news.announcements", "news.inbox", "news.watch", "news.arrivals"),
    "news.questions",
)
COMMANDS: dict[str, Any] = typer.main.get_group(cli.app).commands


def read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def workplace(notes_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the corpus of notes and a copy of their index."""
    shutil.copytree(notes_index, tmp_path / "index", copy_function=os.link)
    (tmp_path / "corpus").symlink_to(PROJECT / "corpus")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_of_the_readme_runs_and_prints_what_a_think_tank_says(
    workplace: Path, library: Library, capsys: pytest.CaptureFixture[str]
):
    examples = blocks(read("README.md"), "python")
    for example in examples:
        exec(compile(example, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert any(publisher in printed for publisher in library.publishers)


def test_the_examples_of_the_python_page_run_in_order(
    workplace: Path, capsys: pytest.CaptureFixture[str]
):
    names: dict[str, Any] = {}
    for example in blocks(read("docs/python-api.md"), "python"):
        exec(compile(example, "docs/python-api.md", "exec"), names)
    assert names["hits"]
    assert names["answer"].sentences
    assert (workplace / "answer.md").is_file()
    assert "No earlier build is called" in capsys.readouterr().out


def test_the_notebook_runs_from_top_to_bottom(workplace: Path):
    notebook = json.loads(read("docs/example.ipynb"))
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [], "clear the outputs before committing"
            exec(compile("".join(cell["source"]), f"example.ipynb: {cell['id']}", "exec"), names)
    assert set(names["table"]["part"]) == set(names["library"].publishers)
    assert len(names["quotes"]) == len(names["quotes"].to_pandas())
    assert (
        names["terms"].drop(columns="paragraphs").sum(axis=1) == names["terms"].paragraphs
    ).all()
    assert (workplace / "comparison.docx").is_file()


def test_the_python_page_names_everything_public():
    named = set(re.findall(r"`(?:reformqa\.)?(\w+)`", read("docs/python-api.md")))
    assert set(reformqa.__all__) - named == set()


def test_the_reference_of_the_interface_is_made_without_a_warning(tmp_path: Path):
    make = [sys.executable, "-W", "error", str(PROJECT / "docs" / "make_api.py"), str(tmp_path)]
    run = subprocess.run(make, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    page = (tmp_path / "reformqa.html").read_text(encoding="utf-8")
    missing = [name for name in reformqa.__all__ if f'id="{name}"' not in page]
    assert missing == []


def test_the_command_line_page_is_what_the_help_texts_say():
    made = runpy.run_path(str(PROJECT / "docs" / "make_cli.py"))["page"]()
    assert read("docs/cli.md") == made, "Run .venv/bin/python docs/make_cli.py"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(PROJECT)))
def test_every_command_in_a_document_exists_with_its_options(document: Path):
    wrong = [
        (name, option)
        for name, options in commands_in(document.read_text(encoding="utf-8"))
        for option in options or ["--help"]
        if name not in COMMANDS or option not in {*options_of(COMMANDS[name]), "--help"}
    ]
    assert wrong == []


def commands_in(text: str) -> list[tuple[str, list[str]]]:
    """The commands in a document's code, each with its options."""
    joined = re.sub(r"\\\n\s*", " ", text)
    code = re.findall(r"`(reformqa [^`]+)`|^ {4}(?:.*/)?(reformqa .+)$", joined, re.MULTILINE)
    calls = [re.match(r"reformqa ([a-z]+)\b(.*)", span or line, re.DOTALL) for span, line in code]
    return [(call[1], re.findall(r"--[a-z][a-z-]*", call[2])) for call in calls if call]


def options_of(command: Any) -> list[str]:
    return [o for p in command.params for o in (*p.opts, *p.secondary_opts)]


def test_every_command_explains_itself():
    bare = {name for name, command in COMMANDS.items() if not command.help}
    bare |= {f"{name} {p.name}" for name, c in COMMANDS.items() for p in c.params if not p.help}
    assert bare == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(PROJECT)))
def test_settings_in_a_document_are_valid(document: Path, tmp_path: Path):
    stages = set(Settings.model_fields)
    for block in blocks(document.read_text(encoding="utf-8"), "toml"):
        if stages & tomllib.loads(block).keys():
            file = tmp_path / "reformqa.toml"
            file.write_text(block, encoding="utf-8")
            load_settings(file)


def test_the_operators_page_lists_every_setting_with_its_default():
    (block,) = [b for b in blocks(read("docs/settings.md"), "toml") if "[search]" in b]
    listed = tomllib.loads(block)
    assert Settings.model_validate(listed) == Settings()
    known = {name: set(type(stage).model_fields) for name, stage in Settings()}
    assert {name: set(keys) for name, keys in listed.items()} == known


def test_the_catalogue_entry_of_the_corpus_readme_is_valid(tmp_path: Path):
    file = tmp_path / "catalogue.toml"
    (block,) = blocks(read("corpus/README.md"), "toml")
    file.write_text(block, encoding="utf-8")
    assert read_catalogue(file)["my-new-report"].facts.published == "2026-03"


def records_of(module: str) -> dict[str, type]:
    """The public records that a module of the package defines."""
    full = f"{reformqa.__name__}.{module}"
    return {
        name: value
        for name, value in vars(importlib.import_module(full)).items()
        if isinstance(value, type) and value.__module__ == full and name[0] != "_"
        if dataclasses.is_dataclass(value) or issubclass(value, BaseModel)
    }


def fields_of(record: type) -> set[str]:
    """The public fields that a record adds to those of the record it extends."""
    if issubclass(record, BaseModel):
        return set(record.model_fields)
    bases = [base for base in record.__bases__ if dataclasses.is_dataclass(base)]
    inherited = {f.name for base in bases for f in dataclasses.fields(base)}
    return {f.name for f in dataclasses.fields(record) if f.name[0] != "_"} - inherited


def test_the_data_model_page_names_every_record_and_field():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", read("docs/data-model.md"), re.MULTILINE))
    modules = [
        m.name.removeprefix("reformqa.")
        for m in pkgutil.walk_packages(reformqa.__path__, "reformqa.")
        if not m.name.startswith(("reformqa.app", "reformqa.__main__"))
    ]
    described = {n: r for m in DESCRIBED for n, r in records_of(m).items()}
    known = {n: r for m in modules for n, r in records_of(m).items()} | described
    assert set(described) - set(rows) == set()
    assert set(rows) - set(known) == set()
    lacking = {
        name: fields_of(known[name]) - set(re.findall(r"`(\w+)`", row))
        for name, row in rows.items()
    }
    assert {name: missing for name, missing in lacking.items() if missing} == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(PROJECT)))
def test_every_link_to_a_file_leads_to_one(document: Path):
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", text)
    assert [t for t in targets if not (document.parent / t).exists()] == []


@pytest.mark.parametrize("name", ["docs/data-model.md", "docs/design.md"])
def test_every_module_named_is_there(name: str):
    named = re.findall(r"`([a-z_]+/[a-z_/]*)(?:\.(\w+))?`", read(name))
    named = [(path, suffix) for path, suffix in named if not path.startswith(("index/", "corpus/"))]
    missing = [
        path
        for path, suffix in named
        if not any(
            (root / file).exists()
            for root in (PROJECT / "src" / "reformqa", PROJECT)
            for file in (path, f"{path}.py", f"{path}.{suffix}")
        )
    ]
    assert len(named) > 20
    assert missing == []


def test_the_version_is_one():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert project["version"] == reformqa.__version__


def test_the_tests_of_each_promise_of_security_are_there():
    promises = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/.]+)`", promises)
    assert len(named) > 10
    assert [path for path in named if not (PROJECT / path).exists()] == []


def test_every_package_that_is_needed_has_its_licence_on_the_page():
    made = runpy.run_path(str(PROJECT / "docs" / "make_licences.py"))
    rows = re.findall(r"^\| ([\w.-]+) \| (.+) \|$", read("docs/licences.md"), re.MULTILINE)
    listed = {name: licence for name, licence in rows if name != "Package"}
    needed = made["needed"]()
    # starlette is needed by streamlit, cryptography by an extra of pypdf
    assert {"streamlit", "torch", "starlette", "cryptography"} <= set(needed)
    wrong = {n for n, found in needed.items() if listed.get(n) != made["licence"](found)}
    assert not wrong, "Run .venv/bin/python docs/make_licences.py"
    assert all(listed.values())
