"""A rebuild run by the app: its steps, outcome and failures, and how it is stopped."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reformqa import Library, RenewalError, Settings, cli
from reformqa.model import FileProblem
from reformqa.pipeline import background
from reformqa.pipeline.background import Step, renew
from reformqa.pipeline.rebuild import STEPS
from support.loaded import HEAVY, modules
from support.models import export_into, small, small_export_into

BREAD = "# Bread\n\n## Ovens\n\nThe bakers of the harbour town light their ovens before dawn.\n"
REBUILD = [sys.executable, "-P", "-m", "reformqa", "rebuild", "--log-json"]


@pytest.fixture(autouse=True)
def set_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file of the working directory, which names the small model."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reformqa.toml").write_text(f'[encoder]\nmodel = "{small()}"\n', encoding="utf-8")
    return tmp_path / "reformqa.toml"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of one report."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "bread.md").write_text(BREAD, encoding="utf-8")
    return folder


@pytest.fixture
def long_corpus(corpus: Path, index: Path, set_: Path) -> Path:
    """A corpus that takes many seconds to encode, with the packaged model."""
    set_.unlink()
    export_into(index)
    words = ("loaf", "oven", "flour", "crust", "rye", "wheat", "dawn", "harbour", "tram", "guild")
    lines = [f"{n} {' '.join(words[(n * k) % 10] for k in range(1, 60))}." for n in range(4_000)]
    (corpus / "long.md").write_text("# Long\n\n## All\n\n" + "\n\n".join(lines), encoding="utf-8")
    return corpus


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder for an index that has the small model exported already, which saves seconds."""
    return small_export_into(tmp_path / "index")


@pytest.fixture
def children(monkeypatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The processes that were started, real ones; those that a test leaves running are ended."""
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(background.subprocess, "Popen", Noted)
    yield started
    for child in started:
        child.kill()
        child.wait()


def wait_for(found, child: subprocess.Popen[bytes]) -> None:
    while not found():
        assert child.poll() is None
        time.sleep(0.02)


def stand_in(folder: Path, program: str, monkeypatch) -> None:
    """Let the child process run that program for the command."""
    (folder / "reformqa").mkdir(parents=True)
    (folder / "reformqa" / "__init__.py").touch()
    (folder / "reformqa" / "__main__.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def half_made(index: Path) -> list[Path]:
    return list((index / "builds").glob(".*")) if (index / "builds").is_dir() else []


def test_the_steps_lead_to_the_build_that_is_served(corpus: Path, index: Path):
    (corpus / "torn.pdf").write_bytes(b"torn")
    *steps, last = renew(corpus, index)
    assert list(dict.fromkeys(step.stage for step in steps)) == list(STEPS)
    assert [s for s in steps if s.stage == "reading"][1:] == [
        Step("reading", n, 2) for n in range(3)
    ]
    assert [s for s in steps if s.stage == "encoding"][-1] == Step("encoding", 1, 1)
    assert (last.stage, last.done, last.total) == ("done", 1, 1)
    assert last.outcome
    assert last.outcome.changed
    assert last.outcome.build == Library.open(index, Settings()).build
    assert last.outcome.build.changes.added == ("bread",)
    (problem,) = last.outcome.build.problems
    assert isinstance(problem, FileProblem)
    assert problem.file == "torn.pdf"


def test_where_nothing_has_changed_the_outcome_says_so(corpus: Path, index: Path):
    *_, first = renew(corpus, index)
    step, again = renew(corpus, index)
    assert step == Step("listing", 0, 0)
    assert again.outcome
    assert first.outcome
    assert (again.outcome.changed, again.outcome.build) == (False, first.outcome.build)


def test_catalogue_and_settings_are_those_named(corpus: Path, index: Path, tmp_path: Path):
    catalogue, settings_file = tmp_path / "own catalogue.toml", tmp_path / "own.toml"
    catalogue.write_text('[reports.bread]\ntitle = "Bread"\npublisher = "Bakers"\n')
    settings_file.write_text(f'[encoder]\nmodel = "{small()}"\n[passages]\nmax_characters = 321\n')
    list(renew(corpus, index, catalogue=catalogue, settings_file=settings_file))
    assert Library.open(index, Settings()).publishers == ("Bakers",)
    settings_file.write_text("[passages]\nmax_characters = 1\n")
    with pytest.raises(RenewalError, match=r"own\.toml: passages\.max_characters"):
        list(renew(corpus, index, settings_file=settings_file))


def test_a_rebuild_that_fails_is_told_in_its_own_words(tmp_path: Path):
    with pytest.raises(RenewalError, match=r"There is no corpus folder .*absent") as error:
        list(renew(tmp_path / "absent", tmp_path / "index"))
    assert "Error" not in str(error.value)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (
            "raise ValueError('odd')",
            "ended with status 1: ValueError: odd. The index has not changed.",
        ),
        ("import os; os.kill(os.getpid(), 9)", "status -9. The machine may be out of memory."),
        ("", "ended with status 0. The index"),
        ("import sys; sys.exit(3)", "ended with status 3. The index"),
        ("import sys; sys.stderr.write('x' * 1_000_000)", "x" * 300),
    ],
)
def test_a_rebuild_that_ends_without_a_word_is_told(
    corpus: Path, index: Path, tmp_path: Path, monkeypatch, program: str, said: str
):
    stand_in(tmp_path / "lib", program, monkeypatch)
    with pytest.raises(RenewalError) as error:
        list(renew(corpus, index))
    assert said in str(error.value)


def test_lines_that_a_library_prints_are_passed_over(corpus: Path, tmp_path: Path, monkeypatch):
    event = '{"event": "progress", "stage": "reading", "done": 1, "total": 2}'
    program = f"""import sys
sys.stdout.buffer.write(b'noise {{\\n[1]\\n\\xff\\n{event}\\nmore noise')"""
    stand_in(tmp_path / "lib", program, monkeypatch)
    with closing(renew(corpus, tmp_path / "index")) as steps:
        assert next(steps) == Step("reading", 1, 2)
        with pytest.raises(RenewalError, match="ended with status 0"):
            next(steps)


def test_nothing_in_the_working_directory_is_taken_for_a_module(
    corpus: Path, index: Path, tmp_path: Path, monkeypatch
):
    (tmp_path / "numpy.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    *_, last = renew(Path("corpus"), Path("index"))
    assert last.outcome


def test_one_at_a_time(corpus: Path, index: Path):
    with closing(renew(corpus, index)) as first:
        next(first)
        with pytest.raises(RenewalError, match="is already being rebuilt"):
            next(renew(corpus, index))
    *_, last = renew(corpus, index)
    assert last.outcome


def test_steps_that_are_closed_stop_the_rebuild_and_clear_up(
    long_corpus: Path, index: Path, children
):
    with closing(renew(long_corpus, index)) as steps:
        next(steps)
        (child,) = children
        wait_for(lambda: half_made(index), child)
        assert child.poll() is None
    assert child.poll() == 128 + 15  # ended by itself, not by force
    assert half_made(index) == []
    assert not (index / "current").exists()


def test_steps_that_are_forgotten_stop_the_rebuild(long_corpus: Path, index: Path, children):
    steps = renew(long_corpus, index)
    next(steps)
    del steps
    assert children[0].poll() is not None


def test_a_rebuild_that_nobody_listens_to_any_more_ends_itself(long_corpus: Path, index: Path):
    """The app may be killed while a rebuild runs: what it tells then goes nowhere."""
    options = ["--corpus", str(long_corpus), "--index", str(index)]
    child = subprocess.Popen(
        [*REBUILD, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert child.stdout
        child.stdout.readline()
        child.stdout.close()
        assert child.wait(timeout=60) != 0
    finally:
        child.kill()
        child.wait()
    assert half_made(index) == []
    assert not (index / "current").exists()


def test_renewing_loads_none_of_what_building_needs(corpus: Path, index: Path):
    program = (
        "import sys; from pathlib import Path; from reformqa.pipeline.background import renew\n"
        "*_, last = renew(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "assert last.outcome.changed\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = modules(program, str(corpus), str(index))
    assert "reformqa" in loaded
    assert loaded.isdisjoint(HEAVY)


# The lines themselves


def lines(*arguments: str | Path) -> list[dict[str, object]]:
    result = CliRunner().invoke(cli.app, ["rebuild", "--log-json", *map(str, arguments)])
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_step_is_a_line_and_the_last_one_is_the_outcome(corpus: Path, index: Path):
    told = lines("--corpus", corpus, "--index", index)
    assert {t["event"] for t in told[:-1]} == {"progress"}
    assert told[-1]["event"] == "outcome"
    assert [t["at"] for t in told] == sorted(str(t["at"]) for t in told)
    assert {"event": "progress", "stage": "reading", "done": 1, "total": 1} in [
        {k: v for k, v in t.items() if k != "at"} for t in told
    ]
    assert told[-1]["changed"] is True
    assert told[-1]["build"]["id"] == Library.open(index, Settings()).build.id


def test_a_foreseen_error_is_a_line_with_its_exit_status(tmp_path: Path):
    *_, told = lines("--corpus", tmp_path / "absent", "--index", tmp_path / "index")
    assert (told["event"], told["exit_status"]) == ("error", 2)
    assert str(told["message"]).startswith("There is no corpus folder")
