"""Each benchmark starts and explains itself; the two for unseen layouts do a small run."""

from __future__ import annotations

import dataclasses
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.pdfs import Sheet, pdf, report, set_lines
from support.places import PROJECT

NAMES = ("retrieval", "answers", "parsing", "survey", "layouts", "rebuild", "load", "quotes")
SENTENCE = [
    "The harbour board should publish its dues each spring, before any vessel",
    "is charged, and say how they were reckoned.",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_starts_and_explains_itself(name: str):
    script = PROJECT / "benchmarks" / f"{name}.py"
    command = [sys.executable, str(script), "--help"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert f"usage: {name}.py" in printed
    opening = script.read_text(encoding="utf-8").split('"""')[1]
    assert f"python benchmarks/{name}.py" in opening
    assert "Good for: " in opening
    assert "Needs: " in opening


@pytest.mark.parametrize("name", NAMES)
def test_the_figures_give_the_command_of_a_benchmark(name: str):
    figures = (PROJECT / "docs" / "figures.md").read_text(encoding="utf-8")
    assert f"    python benchmarks/{name}.py" in figures


def run(name: str, *options: object) -> subprocess.CompletedProcess[str]:
    script = PROJECT / "benchmarks" / f"{name}.py"
    command = [sys.executable, str(script), *map(str, options)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def surveyed(folder: Path) -> tuple[dict[str, Any], str]:
    """The figures of a survey of a folder, and what it printed."""
    done = run("survey", folder, "--json", folder / "figures.json")
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "figures.json").read_text("utf-8")), done.stdout


def test_the_survey_compares_with_pdfium_and_names_what_was_not_read(tmp_path: Path):
    hidden = "Quays outside the CropBox are nobody's business, and this sentence is cut off."
    page = set_lines(SENTENCE, 100) + "\n" + set_lines([hidden], 700)
    cropped = Sheet(page, entries="/CropBox [0 300 600 800]")
    (tmp_path / "cropped.pdf").write_bytes(pdf(cropped))
    (tmp_path / "again.pdf").write_bytes(pdf(cropped))  # equal files count once
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing more")
    figures, printed = surveyed(tmp_path)
    assert {name: row["outcome"] for name, row in figures["files"].items()} == {
        "again": "read",
        "broken": "refused",
    }
    row = figures["files"]["again"]
    assert row["both"] == len(" ".join(SENTENCE).split())
    assert row["unread"] == 0
    assert row["pages"] == 1
    assert row["mid"] == 0
    assert figures["all"]["read"] == figures["all"]["refused"] == 1
    assert "refused  broken: " in printed


def test_the_survey_lists_a_verdict_that_is_too_kind(tmp_path: Path):
    unended = [*SENTENCE[:1], "is charged and never without a word to"]
    pages = [set_lines(unended, top) for top in (100, 300)]
    (tmp_path / "unended.pdf").write_bytes(pdf(*pages))
    figures, printed = surveyed(tmp_path)
    assert figures["files"]["unended"]["mid"] == 1
    assert figures["files"]["unended"]["verdict"] == "good"
    assert figures["all"]["too kind"] == 1
    assert "unended: over 15% of the paragraphs cut in mid-sentence" in printed


def test_the_survey_counts_words_unread_doubled_and_off_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.syspath_prepend(str(PROJECT / "benchmarks"))
    survey, witness = (importlib.import_module(name) for name in ("survey", "witness"))
    read = report(tmp_path, set_lines(SENTENCE, 100))
    words = witness.split_words(" ".join(SENTENCE))
    spaced = [*words[:-1], words[-1][:3], words[-1][3:]]  # the same letters, spaced otherwise
    assert survey.compare(read, witness.Seen(1, spaced, [])) == {
        "both": len(spaced),
        "unread": 0,
        "doubled": 0,
        "off": 0,
    }
    seen = witness.Seen(1, [*words[2:-1], "mussels", "oysters"], words[-1:])
    found = survey.compare(read, seen)
    assert found["unread"] == 2 / len(seen.words)
    assert found["off"] == 1
    lost = sum(map(len, words[:2])) / sum(map(len, seen.words))
    assert found["doubled"] == pytest.approx(lost)  # two words that pdfium has not seen
    repeated = report(tmp_path, set_lines([*SENTENCE, *SENTENCE], 100))
    assert survey.compare(repeated, witness.Seen(1, words, []))["doubled"] == 1


def test_the_survey_knows_odd_letters_and_cut_paragraphs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(PROJECT / "benchmarks"))
    survey = importlib.import_module("survey")
    whole = "The dues rose by a tenth.12"
    assert not survey.is_cut(whole, "Dues")
    assert survey.is_cut("the dues rose by a tenth.", "The board said that")
    assert not survey.is_cut("publish its dues; and", "The board shall—")
    assert survey.is_cut("The dues rose by a tenth in the", whole)
    assert [survey.is_odd(c) for c in "é\ufffd\ue001\x02 "] == [False, True, True, True, False]


def test_the_survey_takes_no_file_name_and_no_sentence_for_a_fact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.syspath_prepend(str(PROJECT / "benchmarks"))
    survey = importlib.import_module("survey")
    read = report(tmp_path, set_lines(SENTENCE, 100))
    path = Path("land-policy.pdf")

    def judged(**facts: Any) -> str:
        return survey.facts(dataclasses.replace(read, **{"warnings": (), **facts}), path)

    good = {"title": "National Land Policy", "publisher": "Lands", "published": "2009-08"}
    assert judged(**good) == "TPD"
    assert judged(**good | {"title": "land policy"}) == "-PD"
    assert judged(**good | {"title": "The board should publish its dues."}) == "-PD"
    assert judged(**good | {"publisher": "on behalf of the board"}) == "T-D"
    assert judged(**good | {"published": "1066"}) == "TP-"
    assert judged(**good | {"published": None, "warnings": read.warnings}) == "T--"


def test_a_layout_is_set_with_its_truth_and_scored(tmp_path: Path):
    done = run("layouts", "--seeds", 8, "--shared", tmp_path / "none", "--keep", tmp_path)
    assert done.returncode == 0, done.stderr
    truth = json.loads((tmp_path / "layout-008.json").read_text("utf-8"))
    assert (tmp_path / "layout-008.pdf").read_bytes().startswith(b"%PDF")
    assert not truth["too_large"]
    assert {"heading", "paragraph", "recommendation"} <= {b["kind"] for b in truth["blocks"]}
    line = next(line for line in done.stdout.splitlines() if line.startswith("mean"))
    found = [float(share) for share in line.split()[1:]]
    assert len(found) == 6
    assert found[3] > 0.5  # recall: far less would mean that the truth is not of this PDF


def test_the_unseen_layouts_are_not_shown():
    done = run("layouts", "--seeds", "40-41", "--misses")
    assert done.returncode != 0
    assert "not to be looked at" in done.stderr
