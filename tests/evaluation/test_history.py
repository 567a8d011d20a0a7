"""Scores over time: recorded beside the builds, read back, and never in their way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from reformqa import EvaluationFileError, ExportError, Library, Settings, cli
from reformqa.evaluation.history import FILE, Score, read_scores, record_score

SCORE = Score(
    when="2026-01-02T03:04:05+00:00",
    build="20260102-030405-00ff00",
    files=("gold.jsonl", "more.jsonl"),
    questions=40,
    facts=52,
    recall_at_5=0.9,
    recall_at_10=1.0,
    mrr=0.8125,
    recall_1000_words=0.75,
)
QUESTION = {
    "id": "q1",
    "question": "What six maxims guide public character?",
    "evidence": [{"any_of": ["The report's six maxims"]}, {"any_of": ["nowhere printed"]}],
}
shares = st.floats(0, 1)
scores = st.builds(
    Score,
    when=st.just(SCORE.when),
    build=st.text(st.characters(codec="utf-8")),
    files=st.tuples(st.text(st.characters(codec="utf-8"))),
    questions=st.integers(1),
    facts=st.integers(1),
    recall_at_5=shares,
    recall_at_10=shares,
    mrr=shares,
    recall_1000_words=shares,
)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A file of one question with two facts, one of which stands nowhere."""
    file = tmp_path / "folder" / "gold.jsonl"
    file.parent.mkdir()
    file.write_text(json.dumps(QUESTION), encoding="utf-8")
    return file


@pytest.fixture
def index(notes_index: Path, tmp_path: Path) -> Path:
    """A copy of the index of the reading notes."""
    shutil.copytree(notes_index, tmp_path / "index", ignore=shutil.ignore_patterns("cache"))
    return tmp_path / "index"


def test_an_index_without_scores_has_none(tmp_path: Path):
    assert read_scores(tmp_path) == ()


def test_scores_are_read_back_in_the_order_of_recording(tmp_path: Path):
    other = SCORE.model_copy(update={"mrr": 0.5})
    for score in (SCORE, other, SCORE):
        record_score(tmp_path, score)
    assert read_scores(tmp_path) == (SCORE, other, SCORE)


@given(scores)
def test_any_score_is_read_back_as_recorded(tmp_path: Path, score: Score):
    (tmp_path / FILE).unlink(missing_ok=True)
    record_score(tmp_path, score)
    assert read_scores(tmp_path) == (score,)


def test_a_score_says_what_it_is_of():
    assert str(SCORE) == (
        "2026-01-02, build 20260102-030405-00ff00: recall@5 0.900, recall@10 1.000, MRR 0.812"
        " on 40 questions (gold.jsonl, more.jsonl)"
    )


def test_a_line_cut_short_spoils_no_other(tmp_path: Path):
    record_score(tmp_path, SCORE)
    file = tmp_path / FILE
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:40])
    record_score(tmp_path, SCORE)
    lines = file.read_bytes().splitlines(keepends=True)
    assert (lines[0], lines[2]) == (whole, whole)
    with pytest.raises(EvaluationFileError, match=r"scores\.jsonl, line 2: not JSON"):
        read_scores(tmp_path)


@pytest.mark.parametrize("wrong", [{"mrr": 1.5}, {"mrr": "high"}, {"questions": 0}, {"when": "x"}])
def test_a_line_that_is_no_score_is_named(tmp_path: Path, wrong: dict[str, object]):
    record_score(tmp_path, SCORE)
    with (tmp_path / FILE).open("a") as file:
        file.write(json.dumps(SCORE.model_dump() | wrong) + "\n")
    with pytest.raises(EvaluationFileError, match=rf"scores\.jsonl, line 2: {next(iter(wrong))}"):
        read_scores(tmp_path)


def test_scores_that_cannot_be_written_are_an_error(tmp_path: Path):
    with pytest.raises(ExportError, match=r"absent.scores\.jsonl cannot be written"):
        record_score(tmp_path / "absent", SCORE)


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(cli.app, [*map(str, arguments)])
    assert result.exception is None
    return result.stdout


def test_evaluate_records_where_it_is_asked_to(index: Path, questions: Path):
    run("evaluate", questions, "--index", index)
    assert read_scores(index) == ()
    printed = json.loads(run("evaluate", questions, "--index", index, "--record", "--json"))
    library = Library.open(index, Settings())
    (score,) = read_scores(index)
    assert (score.build, score.files) == (library.build.id, ("gold.jsonl",))
    assert (score.questions, score.facts) == (1, 2)
    assert (score.recall_at_5, score.recall_at_10, score.mrr) == (0.5, 0.5, 0.5)
    assert score.recall_1000_words == printed["overall"]["recall_1000_words"]


def test_recording_touches_no_build(index: Path, questions: Path):
    def held() -> dict[str, tuple[bytes, int]]:
        files = [f for f in index.rglob("*") if f.is_file() and f.name != FILE]
        return {str(f): (f.read_bytes(), f.stat().st_mtime_ns) for f in files}

    before = held()
    run("evaluate", questions, "--index", index, "--record")
    assert (index / FILE).is_file()
    assert held() == before
