"""Cases are read by file and line, and a calibration is fitted on both sides of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reformqa import EvaluationFileError, Library, Settings
from reformqa.evaluation.calibrate import (
    ANSWERED,
    REFUSED,
    SILENCED,
    Case,
    calibrate,
    curve,
    fit,
    read_cases,
)
from reformqa.tuning import Point
from support.asking import town_in_memory

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
def made() -> Library:
    return Library(town_in_memory(), Settings())


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
    found = calibrate(made, [written(tmp_path, LINES)], lambda *done: told.append(done))
    assert found.model == made.build.model
    assert found.answers.questions == {"answered": 6, "off-topic": 3}  # one is far off
    assert found.speaks.questions == {"silent": 3, "speaks": 3}
    assert set(found.answers.weights) == set(made.tuning.answers.weights)
    assert set(found.speaks.weights) == set(made.tuning.speaks.weights)
    assert told == [(n, len(LINES)) for n in range(len(LINES) + 1)]
    assert (found.answers.weights["weakest"], found.speaks.weights["nearest"]) > (0, 0)


def test_a_calibration_parts_what_it_was_fitted_on(made: Library, tmp_path: Path):
    found = calibrate(made, [written(tmp_path, LINES)])
    store = town_in_memory()
    facts = {"tuning": found.model_dump(mode="json")}
    own = Library(replace(store, version=replace(store.version, facts=facts)), Settings())
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
    with_them = calibrate(made, [written(tmp_path, [*LINES, *extra])])
    assert with_them.answers == calibrate(made, [written(tmp_path, LINES)]).answers


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
        calibrate(made, [written(tmp_path, lines)])


# ---- fitting ------------------------------------------------------------------------------------


def drawn(apart: float, yes: int = 60, no: int = 60) -> tuple[list[dict[str, float]], list[str]]:
    """Features of two kinds of question, their means so far apart; the second feature is noise."""
    draw = np.random.default_rng(8)
    near = np.concatenate([draw.normal(apart, 1, yes), draw.normal(0, 1, no)])
    noise = draw.normal(0, 3, yes + no)
    features = [{"near": float(a), "noise": float(b)} for a, b in zip(near, noise, strict=True)]
    return features, ["yes"] * yes + ["off-topic"] * (no - no // 2) + ["near-topic"] * (no // 2)


def test_a_fit_tells_apart_what_can_be_told_apart():
    features, kinds = drawn(apart=12)
    scale = fit(features, kinds, "yes", (0.0, 0.2))
    likely = [scale.probability(f) for f in features]
    answerable = [p for p, k in zip(likely, kinds, strict=True) if k == "yes"]
    others = [p for p, k in zip(likely, kinds, strict=True) if k != "yes"]
    assert min(answerable) > 0.5 > max(others)
    assert scale.weights["near"] > 0.1
    assert abs(scale.weights["noise"]) < scale.weights["near"] / 5
    assert scale.questions == {"near-topic": 30, "off-topic": 30, "yes": 60}


@pytest.mark.parametrize("refused", [0.0, 0.06, 0.25, 0.5])
def test_the_threshold_refuses_the_share_asked_for(refused: float):
    features, kinds = drawn(apart=1.5)
    scale = fit(features, kinds, "yes", (refused, 0.7))
    likely = [scale.probability(f) for f, k in zip(features, kinds, strict=True) if k == "yes"]
    share = sum(p < scale.threshold for p in likely) / len(likely)
    assert share == pytest.approx(refused, abs=1 / len(likely) + 1e-9)


def test_both_sides_weigh_alike_however_many_questions_each_has():
    features, kinds = drawn(apart=4, yes=300, no=30)
    scale = fit(features, kinds, "yes", (0.1, 0.2))
    assert scale.probability({"near": 2.0, "noise": 0.0}) == pytest.approx(0.5, abs=0.12)


def test_a_curve_goes_from_answering_all_to_answering_none():
    features, kinds = drawn(apart=1.5)
    points = fit(features, kinds, "yes", (0.1, 0.2)).curve
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
        fit([{"near": 1.0}, {"near": 2.0}], kinds, "yes", (0.1, 0.2))
