"""Think tanks side by side: a row each, and silence said aloud."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from reformqa import (
    Comparison,
    ComparisonRow,
    Hits,
    Library,
    QuestionError,
    Recommendation,
    Report,
    Sentence,
    Settings,
    UnknownNameError,
)
from reformqa.answering.comparison import NEAREST, RECOMMENDATIONS, make_row
from reformqa.citations.verify import cite
from reformqa.tuning import load_tuning
from support.makers import hit, paragraph, report

PUBLISHERS = ["Demos", "Fabian Society", "IPPR"]
TOPICS = ("The role of targets", "What does Demos say about pay?", "the living wage", "Teesworks")


def said(text: str, recommendation: bool = False) -> Sentence:
    """A sentence cited to a paragraph of that text, as a recommendation or not."""
    known = Recommendation(text, "made", None, text, (), (), "p1") if recommendation else None
    return Sentence(text, (cite(text, paragraph(text), report()),), known)


#: The most words of a row.
WORDS = load_tuning().selection.row.words


def row(
    publisher: str,
    reports: Sequence[Report],
    hits: Hits,
    sentences: Sequence[Sentence],
    recommended: Sequence[Sentence],
    likely: float,
) -> ComparisonRow:
    infos = [r.info for r in reports]
    status = "speaks" if sentences else "silent"
    return make_row(publisher, infos, hits, status, sentences, recommended, likely, WORDS)


# ---- a row --------------------------------------------------------------------------------------


def test_a_row_of_one_that_speaks_has_its_sentences_and_recommendations():
    reports = [report(), report(id="two", title="Second", published=None), report(publisher="X")]
    spoken, more = said("Ovens are lit at dawn."), said("Do lend them.", recommendation=True)
    found = row("Maker", reports, Hits((hit("Near."),), searched=7), [spoken], [more], 0.75)
    assert found == ComparisonRow(
        publisher="Maker",
        status="speaks",
        sentences=(spoken,),
        recommendations=(more,),
        reports=("Made Report, 2024", "Second"),
        searched=7,
        nearest=(),
        confidence=0.75,
    )
    assert found.citations == (*spoken.citations, *more.citations)
    assert found.caption == "Made Report, 2024; Second"


def test_the_reports_of_a_row_are_named_newest_first():
    years = ("2014-11", "2024", None, "2023-10")
    reports = [report(id=str(y), title=f"R{n}", published=y) for n, y in enumerate(years)]
    found = row("Maker", reports, Hits(), [], [], 0.1)
    assert found.reports == ("R1, 2024", "R3, 2023", "R0, 2014", "R2")


def test_a_silent_row_has_the_nearest_and_says_how_much_was_searched():
    hits = Hits(tuple(hit("Far.", id=f"p{n}") for n in range(NEAREST + 2)), searched=7)
    found = row("Maker", [report()], hits, [], [], 0.1)
    assert (found.found, found.sentences, found.recommendations, found.citations) == (
        False,
        (),
        (),
        (),
    )
    assert (found.searched, found.nearest) == (7, tuple(hits[:NEAREST]))
    assert found.confidence == 0.1
    assert found.caption == "Made Report, 2024. No passage found (7 passages searched)."


def test_a_recommendation_that_is_quoted_already_is_not_shown_again():
    same, other = said("Lend your ovens."), said("Lend your mills.", recommendation=True)
    again = said("Lend your ovens.", recommendation=True)
    found = row("Maker", [report()], Hits(), [same], [again, other], 0.9)
    assert found.recommendations == (other,)


def test_a_row_shows_a_few_recommendations_at_most():
    things = ("ovens", "mills", "trams", "quays", "carts")
    known = [said(f"Do lend {what} to {what[0]}.", recommendation=True) for what in things]
    found = row("Maker", [report()], Hits(), [said("Ovens are lit.")], known, 0.9)
    assert found.recommendations == tuple(known[:RECOMMENDATIONS])


def test_a_row_takes_no_recommendation_that_makes_it_too_long():
    spoken, short = said("Ovens are lit."), said("Do lend ovens.", recommendation=True)
    long = said(" ".join(f"w{n}" for n in range(WORDS - 2)), recommendation=True)
    found = row("Maker", [report()], Hits(), [spoken], [long, short], 0.9)
    assert found.recommendations == (short,)


def test_a_row_that_comes_near_says_so_above_its_quotes():
    quote = said("Ovens are lit at dawn.")
    infos = [report(publisher="Zeta").info]
    near = make_row("Zeta", infos, Hits((hit("x"),), 7), "near", [quote], [], 0.4, WORDS)
    assert (near.status, near.found, near.nearest) == ("near", True, ())
    printed = str(Comparison("Ovens?", (near,)))
    assert printed.index("These quotes may touch on it") < printed.index("Ovens are lit at dawn.")


def test_a_comparison_in_print_says_who_is_silent():
    silent = row("Acme", [report(publisher="Acme")], Hits(searched=7), [], [], 0.1)
    speaks = row(
        "Zeta", [report(publisher="Zeta")], Hits(), [said("Ovens are lit at dawn.")], [], 0.9
    )
    printed = str(Comparison("Ovens?", (silent, speaks)))
    assert "No passage found (7 passages searched)" in printed
    assert printed.index("Acme") < printed.index("No passage") < printed.index("Zeta")
    assert printed.index("Zeta") < printed.index("Ovens are lit at dawn. [1]")


def test_papers_of_one_think_tank_are_told_apart():
    later = report(id="two", title="Second", published=None)
    first, more = said("Ovens are lit at dawn."), said("Do lend them.", recommendation=True)
    text = "Mills stand still in summer."
    other = Sentence(text, (cite(text, paragraph(text, report_id="two"), later),))
    found = row("Maker", [report(), later], Hits(), [first, other], [more], 0.9)
    assert found.by_report == {"Made Report, 2024": (first, more), "Second": (other,)}
    assert [(p.heading, p.caption, p.sentences) for p in found.parts] == [
        ("Maker", "Made Report, 2024", (first, more)),
        ("Maker", "Second", (other,)),
    ]
    alone = row("Maker", [report(), later], Hits(), [first], [], 0.9)
    assert [(p.caption, p.sentences) for p in alone.parts] == [(alone.caption, (first,))]


def test_a_row_is_shaped_for_short_quotes_of_many_paragraphs():
    shape, answer = load_tuning().selection.row, load_tuning().selection.answer
    assert shape.repeated > answer.repeated
    assert shape.brevity > answer.brevity


# ---- comparisons of a library -------------------------------------------------------------------


@pytest.fixture(scope="module")
def comparisons(library: Library) -> dict[str, Comparison]:
    """The comparisons on TOPICS."""
    return {t: library.compare(t) for t in TOPICS}


@pytest.mark.parametrize("topic", TOPICS)
def test_every_publisher_has_a_row_that_quotes_only_it(
    comparisons: dict[str, Comparison], topic: str
):
    comparison = comparisons[topic]
    assert [r.publisher for r in comparison] == PUBLISHERS
    speakers = {r.publisher: {c.publisher for c in r.citations} for r in comparison if r.found}
    assert speakers == {name: {name} for name in speakers}
    assert speakers


@pytest.mark.parametrize("topic", TOPICS)
def test_every_quote_of_a_comparison_stands_in_its_paragraph(
    library: Library, comparisons: dict[str, Comparison], topic: str
):
    citations = [c for r in comparisons[topic] for c in r.citations]
    stands = [library.paragraph(c.paragraph_id).text[slice(*c.span)] for c in citations]
    assert stands == [c.quote for c in citations]
    assert {c.status for c in citations} == {"verified"}


def test_quotes_of_comparisons_of_the_reports_themselves_stand_there(
    shared: Path, reports_library: Library
):
    lines = (shared / "gold" / "comparison.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in random.Random(5).sample(lines, 2)]
    for question in questions:
        rows = reports_library.compare(question).rows
        cited = [c for r in rows for c in r.citations]
        texts = [reports_library.paragraph(c.paragraph_id).text for c in cited]
        assert [t[slice(*c.span)] for c, t in zip(cited, texts, strict=True)] == [
            c.quote for c in cited
        ]
        assert sum(r.found for r in rows) >= 2


@pytest.mark.parametrize("topic", TOPICS)
def test_a_row_keeps_to_its_shape_and_makes_no_point_twice(
    comparisons: dict[str, Comparison], topic: str
):
    shape = load_tuning().selection.row
    quotes_at_most = Settings().answer.sentences_per_publisher
    for found in comparisons[topic]:
        quotes = [s.citations[0].quote for s in found.sentences]
        assert len(quotes) <= quotes_at_most
        assert len(quotes) <= 1 or sum(len(s.text.split()) for s in found.sentences) <= shape.words
        assert len(found.recommendations) <= RECOMMENDATIONS
        assert [(a, b) for a in quotes for b in quotes if a is not b and a in b] == []


@pytest.mark.parametrize("topic", TOPICS)
def test_silent_rows_have_the_nearest_and_nothing_else(
    library: Library, comparisons: dict[str, Comparison], topic: str
):
    for found in comparisons[topic]:
        assert found.searched > 0
        assert found.found == bool(found.sentences)
        assert found.found == (found.confidence >= library.tuning.speaks.threshold)
        if not found.found:
            assert found.citations == ()
            assert len(found.nearest) == NEAREST
            assert {h.publisher for h in found.nearest} == {found.publisher}
        else:
            assert found.nearest == ()
    searched = sum(r.searched for r in comparisons[topic])
    assert searched == library.build.passages


def test_where_nothing_is_near_every_row_is_silent(library: Library):
    comparison = library.compare("Which recipe makes the best sourdough bread?")
    assert [(r.publisher, r.found, r.citations) for r in comparison] == [
        (name, False, ()) for name in PUBLISHERS
    ]


def test_one_that_is_silent_stands_beside_one_that_speaks(comparisons: dict[str, Comparison]):
    rows = {r.publisher: r.found for r in comparisons["Teesworks"]}
    assert rows == {"Demos": True, "Fabian Society": False, "IPPR": False}


def test_recommendations_of_a_row_are_the_publishers_own(
    library: Library, comparisons: dict[str, Comparison]
):
    rows = {r.publisher: r for r in comparisons["the living wage"]}
    for name in PUBLISHERS:
        own = {r.id for r in library.recommendations(publisher=name)}
        stated = [s.recommendation for s in rows[name].recommendations]
        assert {r.id for r in stated if r} <= own
        assert None not in stated
    spoken = [*rows["Fabian Society"].sentences, *rows["Fabian Society"].recommendations]
    assert any("living wage" in s.text for s in spoken)


def test_a_filter_to_a_report_leaves_the_others_nothing_to_search(library: Library):
    rows = list(library.compare("targets", report="note-on-smarter-state"))
    passages = library.counts("note-on-smarter-state")["passages"]
    assert [(r.publisher, r.searched) for r in rows] == [
        ("Demos", 0),
        ("Fabian Society", 0),
        ("IPPR", passages),
    ]
    assert [r.found for r in rows] == [False, False, True]
    assert {c.report_id for r in rows for c in r.citations} == {"note-on-smarter-state"}


def test_a_filter_to_a_year_leaves_the_others_nothing_to_say(library: Library):
    rows = {r.publisher: (r.found, r.searched > 0) for r in library.compare("pay", published=2014)}
    assert rows == {"Demos": (False, False), "Fabian Society": (True, True), "IPPR": (False, False)}


def test_a_comparison_tells_build_and_reports(library: Library, comparisons):
    told = comparisons["The role of targets"]
    cited = {c.report_id for r in told for c in r.citations}
    assert told.provenance.build == library.build.id
    assert set(told.provenance.reports) == cited
    assert list(dict.fromkeys(p.heading for p in told.document().parts)) == PUBLISHERS


def test_an_unknown_report_and_an_empty_question_are_refused(library: Library):
    with pytest.raises(UnknownNameError, match="Did you mean note-on-smarter-state"):
        library.compare("targets", report="note-on-smart-state")
    with pytest.raises(QuestionError):
        library.compare(" ")
