"""A question for all of several things is answered by the whole list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from reformqa import Library, Paragraph, Settings
from reformqa.answering.lists import MOST_WORDS, is_list_of, items_of, whole_list
from reformqa.answering.selection import Candidate
from reformqa.search.asking import things_asked_for
from support.makers import contents, hit, in_memory, paragraph, report
from support.models import exported

LEAD = paragraph("Bakers agree. Four rules of the oven hold everywhere:", id="lead")
RULE = ("rules",)
RULES = ("Light it before dawn.", "Rake out the ash", "Shut the door;", "Never bake alone.")
ITEMS = tuple(
    paragraph(text, id=f"item-{n}", number=n + 1, kind="bullet")
    for n, text in enumerate(RULES, start=1)
)


def item(paragraphs: Sequence[Paragraph] = ITEMS) -> Candidate:
    first = paragraphs[0]
    found = hit(first.text, id=first.id, kind=first.kind)
    return Candidate(first.text, found, LEAD, 0.0, 0.0, 1.0)


def test_every_item_of_a_list_is_told_after_its_opening_and_cited():
    whole = whole_list(item(), ITEMS, report().info, RULE)
    assert whole is not None
    assert whole.text == (
        "Four rules of the oven hold everywhere: Light it before dawn. Rake out the ash;"
        " Shut the door; Never bake alone."
    )
    assert [c.paragraph_id for c in whole.citations] == ["lead", *(p.id for p in ITEMS)]
    assert {c.status for c in whole.citations} == {"verified"}


def test_a_list_ends_where_the_text_goes_on_and_notes_do_not_end_it():
    note = paragraph("12. See there.", id="note", kind="footnote")
    text = paragraph("So much for ovens.", id="text")
    other = paragraph("Another list's item.", id="other", kind="bullet")
    assert items_of(ITEMS[0], [ITEMS[0], note, ITEMS[1], text, other]) == list(ITEMS[:2])
    elsewhere = paragraph("Of the next section.", id="else", kind="bullet", section=1)
    assert items_of(ITEMS[0], [*ITEMS[:2], elsewhere]) == list(ITEMS[:2])


def test_of_a_long_list_the_first_sentences_are_told_and_of_one_far_too_long_nothing():
    rest = " ".join(["word"] * MOST_WORDS)
    long = [paragraph(f"Rule {n}. And {rest}.", id=f"l{n}", kind="bullet") for n in (1, 2)]
    whole = whole_list(item(long), long, report().info, RULE)
    assert whole is not None
    assert whole.text.endswith("everywhere: Rule 1. Rule 2.")
    endless = [paragraph(f"{rest}.", id=f"l{n}", kind="bullet") for n in (1, 2)]
    assert whole_list(item(endless), endless, report().info, RULE) is None
    assert whole_list(item(), ITEMS[:1], report().info, RULE) is None


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("What are the four rules of the oven?", ("rules", "four")),
        ("Which three steps will the ministry take?", ("steps", "three")),
        ("List the main aims of the guild", ("aims",)),
        ("Name the 5 key baking skills", ("skills", "5")),
        ("How many rules are there?", ()),
        ("What is the third rule?", ()),
        ("Did two bakers agree?", ()),
        ("ovens", ()),
    ],
)
def test_it_is_seen_what_things_are_asked_for(question: str, things: tuple[str, ...]):
    assert things_asked_for(question) == things


def test_a_list_is_of_what_its_opening_or_a_heading_names():
    under = replace(LEAD, section_path=("Good Habits", "Ovens"))
    assert is_list_of(("rule",), LEAD, ITEMS[:2])
    assert is_list_of(("habits",), under, ITEMS)
    assert not is_list_of(("habits",), LEAD, ITEMS)
    assert not is_list_of(("problems", "five"), under, ITEMS)
    assert is_list_of(("problems", "4"), under, ITEMS)


def test_a_library_answers_with_the_whole_list():
    made = in_memory(contents([report(LEAD, *ITEMS)]), exported())
    answer = Library(made, Settings()).ask("What are the four rules of the oven?")
    assert answer.sentences[0].text.endswith("Shut the door; Never bake alone.")
    cited = [c.paragraph_id for s in answer.sentences[1:] for c in s.citations]
    assert not {p.id for p in ITEMS} & set(cited)
    other = Library(made, Settings()).ask("What are the main problems of an oven?")
    assert not other.sentences or len(other.sentences[0].citations) <= 2
