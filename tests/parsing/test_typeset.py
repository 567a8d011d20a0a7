"""Typeset and real reports are parsed well: lower bounds on the scores of the benchmark.

The measures are those of benchmarks/parsing.py, which says what each of them means.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from support.places import PROJECT, REPORTS

Shares = dict[str, float | None]

#: The least score of each typeset report.
FLOORS = {
    "recall": 0.97,
    "precis": 0.95,
    "order": 0.99,
    "headF1": 0.95,
    "path": 0.93,
    "page": 0.99,
}
FORMAL = ("Behaviour-Change-Report-Recomm", "PostOfficeHorizon-I-_Inquiry-Recomm")


@pytest.fixture(scope="session")
def benchmark() -> ModuleType:
    """The module benchmarks/parsing.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PROJECT / "benchmarks"))
        return importlib.import_module("parsing")


def counts(benchmark: ModuleType, folder: Path) -> dict[str, dict[str, float]]:
    """The counts of each report in a folder, each read once and in this process."""
    return {
        path.stem: benchmark.evaluate(benchmark.read_report(path), truth).counts
        for path, truth in benchmark.find_truths(folder, None).items()
    }


@pytest.fixture(scope="session")
def typeset(shared: Path, benchmark: ModuleType) -> dict[str, dict[str, float]]:
    """The counts for the typeset reports."""
    return counts(benchmark, shared / "corpus" / "typeset")


@pytest.fixture(scope="session")
def real(shared: Path, benchmark: ModuleType) -> dict[str, dict[str, float]]:
    """The counts for the real reports."""
    return counts(benchmark, shared / "corpus" / "real")


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_typeset_report_is_read_nearly_whole(name: str, typeset, benchmark: ModuleType):
    scores: Shares = benchmark.shares(typeset[name])
    low = {key: scores[key] for key, floor in FLOORS.items() if (scores[key] or 0) < floor}
    assert low == {}


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_no_furniture_is_within_a_paragraph_of_a_typeset_report(
    name: str, typeset, benchmark: ModuleType
):
    leak = benchmark.shares(typeset[name])["leak"]
    assert typeset[name]["shown"] > 100
    assert leak <= 0.005


def test_the_recommendations_of_the_typeset_reports_are_found(typeset, benchmark: ModuleType):
    assert benchmark.shares(benchmark.total(list(typeset.values())))["recF1"] >= 0.95


def test_most_note_marks_of_the_typeset_reports_lead_to_their_notes(typeset, benchmark):
    scores = benchmark.shares(benchmark.total(list(typeset.values())))
    assert min(scores["notesR"], scores["notesP"]) >= 0.95


def test_the_paragraphs_of_the_real_reports_are_found(real, benchmark: ModuleType):
    assert len(real) == 5
    assert benchmark.shares(benchmark.total(list(real.values())))["loose"] >= 0.90


@pytest.mark.parametrize("name", FORMAL)
def test_the_listed_recommendations_of_a_real_report_are_found(
    name: str, real, benchmark: ModuleType
):
    """The list of the committee's report has its conclusions as well, which demand nothing."""
    scores: Shares = benchmark.shares(real[name])
    least = 0.65 if name.startswith("Behaviour") else 0.9
    assert (scores["recR"] or 0) >= least
    assert (scores["recP"] or 0) >= 0.95
