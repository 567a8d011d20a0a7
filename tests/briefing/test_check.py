"""A briefing says of each quote whether the library still prints it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reformqa import Briefing, Library, Provenance, Settings
from reformqa.briefing.check import check_quote
from reformqa.citations.permalink import Trace
from support.nights import night

BEFORE = "The bakers of the harbour town light their ovens well before the first tram leaves."
AFTER = "The bakers of the harbour town light their ovens well after the first tram leaves."
AUDIT = "What would replace the Audit Commission?"


def quoted(library: Library) -> Briefing:
    answer = library.ask(AUDIT)
    return Briefing.of("Audit").add(answer.sentences[0], answer.provenance)


def test_a_quote_that_is_still_printed_stands(library: Library):
    (check,) = library.check_briefing(quoted(library))
    assert (check.status, check.explanation) == ("stands", None)
    assert check.now == check.quote.citation


def test_a_quote_with_other_words_than_its_paragraph_has_changed(library: Library):
    (item,) = quoted(library).quotes
    forged = replace(item, citation=replace(item.citation, quote="It was all invented by us."))
    (check,) = library.check_briefing(Briefing("Audit", (forged,)))
    assert check.status == "changed"
    assert check.explanation == "The paragraph does not print these words."
    assert check.now
    assert check.now.quote == library.paragraph(item.citation.paragraph_id).text


def test_a_quote_of_a_paragraph_that_is_gone_says_so(library: Library):
    (item,) = quoted(library).quotes
    for name, reason in (
        ("no-such-report-0000000c", "There is no report no-such-report"),
        ("<b>", "does not name a paragraph"),
    ):
        lost = replace(item, citation=replace(item.citation, paragraph_id=name))
        (check,) = library.check_briefing(Briefing("Audit", (lost,)))
        assert (check.status, check.now) == ("gone", None)
        assert reason in (check.explanation or "")


def test_words_that_moved_to_another_paragraph_stand_there(library: Library):
    (item,) = quoted(library).quotes
    found = library.paragraph(item.citation.paragraph_id)
    text = f"A new beginning. {found.text}"
    elsewhere = replace(found, id=f"{found.report_id}-0000000c", text=text, number=7)
    reports = {r.id: r for r in library.reports}
    check = check_quote(item, Trace(elsewhere, "The report has changed."), reports)
    assert (check.status, check.explanation) == ("stands", "The report has changed.")
    assert check.now
    assert (check.now.number, check.now.quote) == (7, item.citation.quote)
    assert check.now.span[0] == item.citation.span[0] + len("A new beginning. ")


def test_a_new_build_that_changes_a_paragraph_is_told_with_what_it_says_now(tmp_path: Path):
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    other = "A tram that comes every ten minutes needs no timetable at all."
    for words in (BEFORE, AFTER):
        text = f"# Bread in Towns\n\n## Ovens\n\n{words}\n\n{other}\n"
        (corpus / "bread.md").write_text(text, encoding="utf-8")
        night(corpus, index, {})
        if words == BEFORE:
            first = Library.open(index, Settings())
    ids = {p.text: p.id for p in first.report("bread").paragraphs}
    made = Briefing.of("Ovens")
    for words in (BEFORE, other):
        place = Provenance(first.build.id, "", {r.id: r for r in first.reports})
        made = made.add(first.citation(ids[words]), place)
    changed, same = Library.open(index, Settings()).check_briefing(made)
    assert changed.status == "changed"
    assert changed.explanation
    assert changed.explanation.startswith(f"The report has changed since build {first.build.id}.")
    assert changed.now
    assert changed.now.quote == AFTER
    assert (same.status, same.explanation) == ("stands", None)
