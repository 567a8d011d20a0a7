"""The reading notes of the default corpus have their own words and the reports' facts."""

from __future__ import annotations

import calendar
import json
import re
import tomllib
from pathlib import Path

import pytest

from reformqa.ingest.corpus import read_catalogue
from reformqa.model import Metadata
from reformqa.parsing.inline import clean
from support.places import PROJECT, REPORTS

#: A run of this many words in common with a report would be a copy of its text.
RUN = 10


def note(report: str) -> str:
    return (PROJECT / "corpus" / f"note-on-{report}.md").read_text(encoding="utf-8")


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", clean(text).lower())


def figures(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,]\d+)*", clean(text)))


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}


@pytest.mark.parametrize("report", REPORTS)
def test_a_note_says_what_it_is_and_keeps_its_length(report: str):
    text = note(report)
    assert text.startswith("# Reading note on ")
    assert 900 <= len(text.split()) <= 1400


@pytest.mark.parametrize("report", REPORTS)
def test_every_figure_in_a_note_is_in_its_report(report: str, shared: Path):
    source = (shared / "corpus" / "text" / f"{report}.txt").read_text(encoding="utf-8")
    assert figures(note(report)) - figures(source) == set()


@pytest.mark.parametrize("report", REPORTS)
def test_no_note_contains_a_run_of_any_report(report: str, shared: Path):
    mine = runs(note(report))
    for other in REPORTS:
        source = (shared / "corpus" / "text" / f"{other}.txt").read_text(encoding="utf-8")
        assert mine & runs(source) == set(), other


def test_the_catalogue_knows_every_report_and_note():
    catalogue = tomllib.loads((PROJECT / "corpus" / "catalogue.toml").read_text(encoding="utf-8"))
    notes = {f"note-on-{r}" for r in REPORTS}
    assert set(catalogue["reports"]) == set(REPORTS) | notes
    assert {catalogue["reports"][n]["note_on"] for n in notes} == set(REPORTS)


def test_the_catalogue_agrees_with_the_hand_made_facts(shared: Path):
    truth = json.loads((shared / "gold" / "metadata.json").read_text(encoding="utf-8"))
    catalogue = read_catalogue(PROJECT / "corpus" / "catalogue.toml")
    for report in REPORTS:
        known, true = catalogue[report].facts, truth[report]
        month = list(calendar.month_name).index(true["month"])
        assert known == Metadata(
            title=true["title"],
            subtitle=true["subtitle"],
            authors=tuple(true["authors"]),
            publisher=true["publisher"],
            published=f"{true['year']}-{month:02d}",
            series=true["series"],
            licence=true["licence"],
            url=true["url"],
        )
