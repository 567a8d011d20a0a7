"""Cases are read by file and line, and a calibration is fitted on both sides of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reformqa import EvaluationFileError, Library, Settings
from reformqa.evaluation.calibrate import ANSWERED, REFUSED, SILENCED, Case, read_cases
from reformqa.storage.files.store import FilesStore

ANSWERABLE = (
    "Who lends cold ovens to people who learn the trade?",
    "What grinds rye for the whole coast?",
    "When does yeast wake in a warm room?",
    "How often does a tram come?",
    "Which fish does the market beside the quay sell?",
    "Why does dredging a harbour cost more each year?",
)
UNANSWERABLE = (
    "Which harbour sells zeppelins and marmalade?",
    "Who teaches giraffes to drive a tram at midnight?",
    "How many ships of Ruritania were lost in the harbour with their violins?",
    "Why does the baker dislike printers without ink?",
)


def line(question: str, *publishers: str, **more: Any) -> dict[str, Any]:
    return {"question": question, "evidence": [{"publisher": p} for p in publishers]} | more


COMPARED = (
    line("Who speaks of rye and mills?", "Bakers Guild", type="comparison", silent=["Drivers"]),
    line("Who speaks of trams?", "Drivers", type="comparison", silent=["Harbour Institute"]),
    line("Who speaks of a dredger?", "Harbour Institute", type="comparison", silent=["Drivers"]),
)
LINES = (
    *(line(q, "Maker", type="factual") for q in ANSWERABLE),
    *(line(q, type="off-topic") for q in UNANSWERABLE),
    *COMPARED,
)


def written(folder: Path, lines: Any, name: str = "cases.jsonl") -> Path:
    file = folder / name
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def made(town: FilesStore) -> Library:
    return Library(town, Settings())


def test_cases_are_what_their_lines_say(tmp_path: Path):
    first = written(
        tmp_path,
        [line("Rye?", "Demos"), line("Chess?", type="near-topic"), line("Ink?")],
    )
    second = written(
        tmp_path,
        [line("Who?", "IPPR", "Demos", "IPPR", type="comparison", silent=["Fabians"], id="x")],
        "more.jsonl",
    )
    assert read_cases([first, second]) == [
        Case("Rye?", ANSWERED),
        Case("Chess?", "near-topic"),
        Case("Ink?", "untyped"),
        Case("Who?", None, (("Demos", True), ("IPPR", True), ("Fabians", False))),
    ]


def test_blank_lines_are_no_cases_and_count_as_lines(tmp_path: Path):
    file = tmp_path / "cases.jsonl"
    file.write_text('\n  \n{"question": "Rye?"}\n\n{"question": 7}\n', encoding="utf-8")
    with pytest.raises(EvaluationFileError, match=r"cases\.jsonl, line 5: question: "):
        read_cases([file])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 2: not JSON"),
        ("[1]", "line 2: "),
        ('{"evidence": []}', "line 2: question: "),
        ('{"question": "Rye?", "evidence": "Demos"}', "line 2: evidence: "),
        ('{"question": "Rye?", "silent": [1]}', "line 2: silent.0: "),
    ],
)
def test_a_line_that_is_no_question_is_told_by_file_and_line(tmp_path: Path, text: str, said: str):
    file = tmp_path / "cases.jsonl"
    file.write_text(f'{{"question": "Rye?"}}\n{text}\n', encoding="utf-8")
    with pytest.raises(EvaluationFileError) as error:
        read_cases([file])
    assert str(error.value).startswith(f"{file}, {said}")


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(EvaluationFileError, match=r"There is no file .*absent\.jsonl"):
        read_cases([tmp_path / "absent.jsonl"])


def test_a_calibration_is_fitted_on_the_cases(made: Library, tmp_path: Path):
    told: list[tuple[int, int]] = []
    found = made.calibrate([written(tmp_path, LINES)], lambda *done: told.append(done))
    assert found.model == made.build.model
    assert found.answers.questions == {"answered": 6, "off-topic": 4}
    assert found.speaks.questions == {"silent": 3, "speaks": 3}
    assert set(found.answers.weights) == set(made.calibration.answers.weights)
    assert set(found.speaks.weights) == set(made.calibration.speaks.weights)
    assert told == [(n, len(LINES)) for n in range(len(LINES) + 1)]
    assert (found.answers.weights["weakest"], found.speaks.weights["nearest"]) > (0, 0)


def test_a_calibration_parts_what_it_was_fitted_on(made: Library, town: FilesStore, tmp_path: Path):
    found = made.calibrate([written(tmp_path, LINES)])
    facts = town.manifest["calibration"]
    try:
        town.manifest["calibration"] = found.model_dump(mode="json")
        own = Library(town, Settings())
    finally:
        town.manifest["calibration"] = facts
    refused = [q for q in ANSWERABLE if own.ask(q).abstained]
    answered = [q for q in UNANSWERABLE if not own.ask(q).abstained]
    assert len(refused) <= max(1, REFUSED * len(ANSWERABLE))
    assert answered == []
    rows = {r.publisher: r.found for r in own.compare("Who speaks of rye and mills?")}
    assert rows["Bakers Guild"]
    assert not rows["Drivers"]
    assert 0 < SILENCED < 0.5


def test_what_is_refused_by_rule_and_a_set_are_no_cases(made: Library, tmp_path: Path):
    extra = (
        line("What is Recommendation 77?", type="off-topic"),
        line("Teach quantum chromodynamics lattice gauge theory", type="off-topic"),
        line("Which recommendations concern ovens?", "Bakers Guild", type="list"),
    )
    with_them = made.calibrate([written(tmp_path, [*LINES, *extra])])
    assert with_them.answers == made.calibrate([written(tmp_path, LINES)]).answers


@pytest.mark.parametrize(
    ("lines", "side"),
    [
        ([x for x in LINES if x.get("type") != "off-topic"], "answers"),
        ([x for x in LINES if x.get("type") != "factual"], "answers"),
        ([x for x in LINES if x.get("type") != "comparison"], "speakers"),
        ([*LINES[:10], *({**c, "silent": []} for c in COMPARED)], "speakers"),
        ([], "answers"),
    ],
)
def test_one_side_alone_is_refused(made: Library, tmp_path: Path, lines: Any, side: str):
    with pytest.raises(EvaluationFileError, match=f"To calibrate {side}, give questions of both"):
        made.calibrate([written(tmp_path, lines)])
