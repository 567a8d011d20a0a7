"""Think tanks side by side: a row each, and silence said aloud."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from makers import hit, report
from reformqa import Hit, Library, QuestionError, Recommendation, Sentence, UnknownNameError
from reformqa.compare import compare, stated_in
from reformqa.retrieval import Hits

PUBLISHERS = ["Demos", "Fabian Society", "IPPR"]


def recommendation(name: str, stated: str, *restated: str) -> Recommendation:
    return Recommendation(name, "made", None, f"Do {name}.", (), (), stated, restated)


def as_said(hits: Sequence[Hit]) -> list[Sentence]:
    return [Sentence(h.paragraph.text, ()) for h in hits]


def test_recommendations_come_in_the_order_of_their_hits_once_each():
    first, second = recommendation("first", "p1", "p2"), recommendation("second", "p3")
    hits = [hit("c", id="p3"), hit("b", id="p2"), hit("a", id="p1"), hit("d", id="p4")]
    assert stated_in(hits, [first, second]) == (second, first)


def test_of_the_recommendations_in_one_paragraph_those_in_the_passage_count():
    first, second = recommendation("first", "p1"), recommendation("second", "p1")
    assert stated_in([hit("Aim | DO second.", id="p1")], [first, second]) == (second,)


def test_a_row_holds_what_is_near_and_only_that():
    reports = [report(), report(id="two", title="Second Report", published=None)]
    near, far = hit("Near.", similarity=0.9, id="p1"), hit("Far.", similarity=0.1, id="p2")
    known = [recommendation("near", "p1"), recommendation("far", "p2")]
    found = compare(
        "Loaves?",
        reports,
        known,
        lambda name: (Hits([near, far], searched=7), Hits([far, near], searched=2)),
        as_said,
        lambda h: h.similarity > 0.5,
    )
    (row,) = found
    assert (row.publisher, row.found, row.searched) == ("Maker", True, 7)
    assert row.sentences == (Sentence("Near.", ()),)
    assert row.recommendations == (known[0],)
    assert row.reports == ("Made Report, 2024", "Second Report")


def test_a_publisher_with_nothing_near_says_nothing_but_how_much_was_searched():
    searched = (Hits([hit("Far.", similarity=0.1)], searched=7), Hits(searched=2))
    reports = [report(publisher="Zeta"), report(id="two", publisher="Acme")]
    found = compare("Loaves?", reports, [], lambda n: searched, as_said, lambda h: False)
    assert [(r.publisher, r.found, r.sentences, r.searched) for r in found.rows] == [
        ("Acme", False, (), 7),
        ("Zeta", False, (), 7),
    ]
    assert str(found) == (
        "Acme (Made Report, 2024)\n  no passage found (7 passages searched)\n"
        "Zeta (Made Report, 2024)\n  no passage found (7 passages searched)"
    )


def test_a_row_shows_three_recommendations_at_most():
    known = [recommendation(str(n), f"p{n}") for n in range(5)]
    hits = Hits([hit("Near.", id=f"p{n}") for n in range(5)], searched=5)
    found = compare("?", [report()], known, lambda n: (hits, hits), as_said, lambda h: True)
    assert found.rows[0].recommendations == tuple(known[:3])


@pytest.mark.parametrize("question", ["The role of targets", "What does Demos say about pay?"])
def test_every_publisher_has_a_row_that_quotes_only_it(library: Library, question: str):
    comparison = library.compare(question)
    assert [r.publisher for r in comparison] == PUBLISHERS
    speakers = {r.publisher: {c.publisher for c in r.citations} for r in comparison if r.found}
    assert speakers == {name: {name} for name in speakers}
    assert "Demos" in speakers


def test_every_quote_of_a_comparison_stands_in_its_paragraph(library: Library):
    citations = [c for r in library.compare("The role of targets") for c in r.citations]
    stands = [library.paragraph(c.paragraph_id).text[slice(*c.span)] for c in citations]
    assert stands == [c.quote for c in citations]
    assert {c.verified for c in citations} == {True}


def test_where_nothing_is_near_every_row_says_how_much_was_searched(library: Library):
    comparison = library.compare("Which recipe makes the best sourdough bread?")
    assert [(r.publisher, r.found, r.sentences) for r in comparison] == [
        (name, False, ()) for name in PUBLISHERS
    ]
    assert all(r.searched > 0 for r in comparison)
    assert sum(r.searched for r in comparison) == library.build.passages


def test_one_that_is_silent_stands_beside_one_that_speaks(library: Library):
    rows = {r.publisher: r.found for r in library.compare("Teesworks")}
    assert rows == {"Demos": True, "Fabian Society": False, "IPPR": False}


def test_recommendations_of_a_row_are_the_publishers_own(library: Library):
    rows = {r.publisher: r for r in library.compare("the living wage")}
    for name in PUBLISHERS:
        own = {r.id for r in library.recommendations(publisher=name)}
        assert {r.id for r in rows[name].recommendations} <= own
    assert rows["Fabian Society"].recommendations[0].label == "12"


def test_a_filter_to_a_report_leaves_the_others_nothing_to_search(library: Library):
    rows = list(library.compare("targets", report="note-on-smarter-state"))
    passages = library.counts("note-on-smarter-state")["passages"]
    assert [(r.publisher, r.searched) for r in rows] == [
        ("Demos", 0),
        ("Fabian Society", 0),
        ("IPPR", passages),
    ]
    assert {c.report_id for r in rows for c in r.citations} == {"note-on-smarter-state"}


def test_a_filter_to_a_year_leaves_the_others_nothing_to_say(library: Library):
    rows = {r.publisher: (r.found, r.searched > 0) for r in library.compare("pay", published=2014)}
    assert rows == {"Demos": (False, False), "Fabian Society": (True, True), "IPPR": (False, False)}


def test_an_unknown_report_and_an_empty_question_are_refused(library: Library):
    with pytest.raises(UnknownNameError, match="Did you mean note-on-smarter-state"):
        library.compare("targets", report="note-on-smart-state")
    with pytest.raises(QuestionError):
        library.compare(" ")
