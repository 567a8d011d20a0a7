"""Coverage is a comparison for each topic, as a table, a document and a drawing that agree."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from reformqa import Comparison, ExportError, Library
from reformqa.answering.coverage import Coverage
from reformqa.answering.results import ComparisonRow

TOPICS = ("targets and inspection", "the cost of dragons")


@pytest.fixture(scope="module")
def coverage(library: Library) -> Coverage:
    return library.coverage(TOPICS)


def test_the_table_says_what_each_comparison_says(library: Library, coverage: Coverage):
    table = coverage.to_pandas()
    assert (tuple(table.index), tuple(table.columns)) == (TOPICS, library.publishers)
    for topic in TOPICS:
        assert dict(table.loc[topic]) == {r.publisher: r.status for r in library.compare(topic)}
    assert set(table.loc["the cost of dragons"]) != {"speaks"}


def test_by_default_the_topics_are_those_of_the_themes(library: Library):
    topics = [c.question for c in library.coverage().comparisons]
    assert 0 < len(topics) <= 12
    assert set(topics) <= {t.name for t in library.themes}


def test_the_document_quotes_the_first_sentence_of_each_that_has_one(coverage: Coverage):
    for part, comparison in zip(coverage.document().parts, coverage.comparisons, strict=True):
        assert part.heading == comparison.question
        assert part.sentences == tuple(r.sentences[0] for r in comparison if r.sentences)
        assert all(f"{r.publisher}: {r.status}" in part.caption for r in comparison)


def test_the_drawing_names_every_topic_think_tank_and_state(coverage: Coverage, tmp_path: Path):
    root = ET.parse(coverage.draw(tmp_path / "map.svg")).getroot()
    words = [e.text or "" for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert words[: len(coverage.publishers)] == list(coverage.publishers)
    assert {*TOPICS} <= set(words)
    statuses = [row.status for c in coverage.comparisons for row in c]
    assert [w for w in words if w in {*statuses}] == statuses


def test_odd_names_do_no_harm_to_a_drawing():
    row = ComparisonRow("<script>&", "silent", (), (), (), 0)
    drawn = Coverage((Comparison("a" * 200, (row,)),)).to_svg()
    texts = [e.text or "" for e in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["<script>&", "a" * 43 + "…", "silent"]


def test_a_drawing_is_an_svg_in_a_folder_that_exists(coverage: Coverage, tmp_path: Path):
    with pytest.raises(ExportError, match="drawings are SVG files"):
        coverage.draw(tmp_path / "map.png")
    with pytest.raises(ExportError, match="cannot be written"):
        coverage.draw(tmp_path / "none" / "map.svg")
