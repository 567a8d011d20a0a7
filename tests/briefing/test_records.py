"""A briefing is changed by returning another; quotes keep their words, and their order is ours."""

from __future__ import annotations

import pytest

from reformqa import Answer, Briefing, BriefingError, HeadingItem, NoteItem, QuoteItem
from reformqa.briefing.records import LONGEST_NOTE, LONGEST_TITLE, MOST_ITEMS
from reformqa.model import Sentence
from support.briefings import GUILD, ovens
from support.documents import DOORS, OVENS, RYE, citation, sentence, tram


def shown(briefing: Briefing) -> list[str]:
    return [i.citation.quote if isinstance(i, QuoteItem) else i.text for i in briefing.items]


def test_items_stand_in_the_order_in_which_they_were_added():
    note = "My own words.\nAnd more of them."
    assert shown(ovens()) == [OVENS, "What to lend", note, RYE, DOORS]
    assert [type(i) for i in ovens().items[1:3]] == [HeadingItem, NoteItem]
    assert [i.id for i in ovens().items] == [1, 2, 3, 4, 5]


def test_a_quote_knows_its_build_its_day_its_name_and_the_facts_of_its_report():
    first, _, last = ovens().quotes
    assert (first.build, first.asked, first.name) == ("b1", "2026-11-21", "")
    assert first.source
    assert first.source.authors[0] == "Ada Miller"
    assert (last.build, last.name, last.source) == ("b2", "Recommendation 3", None)


def test_a_quote_is_added_once_and_the_same_words_of_one_sentence_too():
    once = Briefing.of("Ovens").add(sentence())
    assert once.add(sentence()) == once
    again = citation(paragraph_id="loaves-00000011")
    both = Sentence(OVENS, (citation(), again))
    assert len(Briefing.of("Ovens").add(both).items) == 1
    assert len(Briefing.of("Ovens").add(both).add(again).items) == 2
    assert once.find("loaves-0000000c", (0, len(OVENS))) == once.quotes[0]
    assert once.find("loaves-0000000c", (1, len(OVENS))) is None


def test_all_sentences_of_an_answer_are_added_with_where_they_come_from():
    answer = Answer("Ovens?", (sentence(), Sentence(DOORS, (tram(),))), provenance=GUILD)
    made = Briefing.of("Ovens").add(answer)
    assert shown(made) == [OVENS, DOORS]
    assert {q.build for q in made.quotes} == {"b1"}


def test_a_quote_that_is_not_printed_is_refused():
    bad = sentence("Invented.", status="unsupported", span=(0, 0), repairs=("not there",))
    with pytest.raises(BriefingError, match=r"“Invented\.” is not printed in loaves-0000000c"):
        Briefing.of("Ovens").add(bad)


@pytest.mark.parametrize(
    ("id", "steps", "order"),
    [
        (1, 1, [2, 1, 3, 4, 5]),
        (5, -1, [1, 2, 3, 5, 4]),
        (5, -9, [5, 1, 2, 3, 4]),
        (1, 9, [2, 3, 4, 5, 1]),
        (3, 0, [1, 2, 3, 4, 5]),
        (99, 1, [1, 2, 3, 4, 5]),
    ],
)
def test_an_item_moves_up_and_down_and_no_further_than_the_ends(
    id: int, steps: int, order: list[int]
):
    assert [i.id for i in ovens().move(id, steps).items] == order


def test_what_is_written_below_an_item_stands_there_and_ids_stay():
    made = ovens().add_heading("Here", below=1).add_note("There", below=6)
    assert [i.id for i in made.items] == [1, 6, 7, 2, 3, 4, 5]
    assert [i.id for i in made.remove(6).add_note("End", below=6).items][-1] == 8


def test_own_words_are_rewritten_and_a_quote_is_not():
    made = ovens().rewrite(2, "To lend").rewrite(3, "").rewrite(1, "Forged").rewrite(99, "x")
    assert shown(made) == [OVENS, "To lend", "", RYE, DOORS]
    assert made.entitled("  ").title == "Briefing"


@pytest.mark.parametrize("what", ["title", "heading", "note", "rewritten"])
def test_what_is_too_long_is_refused_with_the_limit(what: str):
    long = "x" * (LONGEST_NOTE + 1)
    made = Briefing.of("Ovens").add_heading("x")
    change = {
        "title": lambda: made.entitled(long[: LONGEST_TITLE + 1]),
        "heading": lambda: made.add_heading(long[: LONGEST_TITLE + 1]),
        "note": lambda: made.add_note(long),
        "rewritten": lambda: made.rewrite(1, long),
    }
    with pytest.raises(BriefingError, match=r"at most [\d,]+ are allowed"):
        change[what]()


def test_a_full_briefing_takes_no_more():
    full = Briefing("Full", tuple(NoteItem(str(n), id=n) for n in range(MOST_ITEMS)))
    with pytest.raises(BriefingError, match=f"{MOST_ITEMS} items, which is the most"):
        full.add_note("one more")
