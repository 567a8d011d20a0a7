"""A fact or a heading without end is cut, and the report says so."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from reformqa import CorpusError
from reformqa.ingest.corpus import read_catalogue
from reformqa.model import Metadata
from reformqa.parsing import parse
from reformqa.parsing.lengths import LONGEST, LONGEST_HEADING, MOST_AUTHORS, bounded, shortened

BODY = "The bakers of the town light their ovens well before the dawn, and sleep at noon.\n\n" * 3
LONG = "oven " * 20_000


@pytest.mark.parametrize(
    ("text", "cut"),
    [("a bc", "a bc"), ("a bcd", "a…"), ("abcdef", "abc…"), ("", ""), ("ab cd", "ab…")],
)
def test_a_text_is_cut_between_words(text: str, cut: str):
    assert shortened(text, 4) == cut
    assert len(shortened(text, 4)) <= 4


def test_facts_of_the_longest_lengths_are_kept_and_longer_ones_are_cut():
    most = {name: "x" * n for name, n in LONGEST.items() if name != "authors"}
    facts = Metadata(**most, authors=("x" * LONGEST["authors"],) * MOST_AUTHORS)
    assert bounded(facts) == (facts, ())
    for name, value in most.items():
        changed, warnings = bounded(dataclasses.replace(facts, **{name: f"{value}x"}))
        kept = getattr(changed, name)
        assert kept is None if name == "url" else len(kept) <= LONGEST[name]
        assert len(warnings) == 1
        assert warnings[0].startswith(f"{name} too long")
    many = dataclasses.replace(facts, authors=(*facts.authors, "Ada"))
    assert bounded(many) == (facts, ("authors too long: only the beginning is kept",))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("heading.md", f"# {LONG}\n\n{BODY}"),
        ("stated.md", f"---\ntitle: {LONG}\nauthor: {LONG}\nlicense: {LONG}\n---\n# B\n\n{BODY}"),
        ("page.html", f"<title>{LONG}</title><meta name=author content='{LONG}'><p>{BODY}</p>"),
    ],
)
def test_a_report_whose_facts_have_no_end_has_short_ones_and_says_so(
    tmp_path: Path, name: str, text: str
):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    read = parse(file)
    assert len(read.title) <= LONGEST["title"]
    assert all(len(author) <= LONGEST["authors"] for author in read.authors)
    assert len(read.licence or "") <= LONGEST["licence"]
    assert "title too long: only the beginning is kept" in read.warnings


def test_the_title_of_a_section_is_cut_and_its_heading_is_not(tmp_path: Path):
    file = tmp_path / "long.md"
    file.write_text(f"# Bread\n\n{BODY}## {LONG}\n\n{BODY}", encoding="utf-8")
    read = parse(file)
    assert max(len(s.title) for s in read.sections) <= LONGEST_HEADING
    assert max(len(title) for p in read.paragraphs for title in p.section_path) <= LONGEST_HEADING
    assert LONG.strip() in {p.text for p in read.paragraphs}


@pytest.mark.parametrize("name", sorted(LONGEST))
def test_a_catalogue_with_a_fact_without_end_is_refused_and_the_key_named(
    tmp_path: Path, name: str
):
    facts = {"title": '"Bread"', "publisher": '"Bakers"'}
    facts[name] = f'["{LONG}"]' if name == "authors" else f'"{LONG}"'
    file = tmp_path / "catalogue.toml"
    rows = "".join(f"{key} = {value}\n" for key, value in facts.items())
    file.write_text(f"[reports.bread]\n{rows}", encoding="utf-8")
    with pytest.raises(CorpusError) as error:
        read_catalogue(file)
    assert f"reports.bread.{name}" in str(error.value)
    assert len(str(error.value)) < 500
