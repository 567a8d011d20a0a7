"""A passage is a paragraph or a slice of one, found by its words and by what leads to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makers import paragraph, report
from reformqa import Passage, Recommendation
from reformqa.passages import context, lead_in, make_passages
from reformqa.settings import PassageSettings

MODEST = settings(max_examples=100, deadline=None)
SHORT = PassageSettings(max_characters=200)
LEAD = paragraph("We bought three things:", id="p1")
ITEM = paragraph("a sack of rye", kind="bullet", id="p2")
SENTENCE = "The mill was shut in the autumn, and the price of flour went up by a third. "


def recommendation(stated: str, *restated: str) -> Recommendation:
    return Recommendation("made-rec-1", "made", None, "Weigh it.", (), (), stated, restated)


def test_a_paragraph_is_a_passage_indexed_with_title_and_section():
    made = report(paragraph("Rye keeps.", id="p1", section_path=("Grain", "Rye")))
    assert make_passages(made, ()) == [
        Passage("p1", "made", "Rye keeps.", "Made Report. Grain. Rye. Rye keeps.", (0, 10), False)
    ]


def test_an_item_is_indexed_with_the_words_that_lead_its_list_in():
    first, second = make_passages(report(LEAD, ITEM), ())
    assert first.indexed == "Made Report. Chapter. We bought three things:"
    assert second.indexed == "Made Report. Chapter. We bought three things:. a sack of rye"
    assert second.text == "a sack of rye"


def test_a_long_lead_in_gives_its_end():
    long = paragraph("x" * 300 + " which bought three things:", id="p1")
    text = context(report(long, ITEM), 1)
    assert text == f"Made Report. Chapter. {long.text[-200:]}."


@pytest.mark.parametrize(
    ("before", "leads"),
    [
        ([LEAD], True),
        ([LEAD, ITEM, ITEM], True),
        ([LEAD, paragraph("4 Ibid.", kind="footnote"), ITEM], True),
        ([paragraph("So it goes…")], True),
        ([paragraph("We bought rye.")], False),
        ([paragraph("We bought:", section=3)], False),
        ([paragraph("We bought:", kind="heading")], False),
        ([LEAD, paragraph("And so on.")], False),
        ([LEAD, *[ITEM] * 12], False),
        ([], False),
    ],
)
def test_which_paragraph_leads_a_list_in(before: list, leads: bool):
    found = lead_in([*before, ITEM], len(before))
    assert found == (before[0] if leads else None)


def test_a_paragraph_that_is_no_item_has_no_lead_in():
    assert lead_in([LEAD, paragraph("Rye keeps.")], 1) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "heading"},
        {"kind": "footnote"},
        {"kind": "furniture"},
        {"section_kind": "front"},
        {"section_kind": "references"},
        {"section_kind": "licence"},
    ],
)
def test_what_is_not_searched_has_no_passage(changes: dict[str, str]):
    passages = make_passages(report(paragraph("Rye.", **changes), paragraph("Oats.", id="p2")), ())
    assert [p.paragraph_id for p in passages] == ["p2"]


@pytest.mark.parametrize("kind", ["body", "bullet", "numbered", "table", "caption", "quote"])
def test_every_other_kind_has_a_passage(kind: str):
    assert [p.text for p in make_passages(report(paragraph("Rye.", kind=kind)), ())] == ["Rye."]


def test_a_section_left_out_is_searched_where_the_settings_ask_for_it():
    made = report(paragraph("Byron A", section_kind="references"))
    asked = PassageSettings(include=("references",))
    assert [p.text for p in make_passages(made, (), asked)] == ["Byron A"]


def test_passages_that_state_or_restate_a_recommendation_say_so():
    made = report(*(paragraph(f"Rye {n}.", id=f"p{n}") for n in range(4)))
    passages = make_passages(made, [recommendation("p0", "p2")])
    assert [p.recommends for p in passages] == [True, False, True, False]


def test_a_long_paragraph_is_sliced_at_sentence_ends():
    long = (SENTENCE * 4).strip()
    slices = make_passages(report(paragraph(long, id="p1")), (), SHORT)
    assert [(p.text, p.span) for p in slices] == [
        (SENTENCE * 2, (0, 2 * len(SENTENCE))),
        ((SENTENCE * 2).strip(), (2 * len(SENTENCE), len(long))),
    ]
    assert {p.indexed for p in slices} == {f"Made Report. Chapter. {(SENTENCE * 2).strip()}"}


@MODEST
@given(
    st.one_of(
        st.text(min_size=1, max_size=900),
        st.lists(st.sampled_from([SENTENCE, "rye", "; ", ", ", "? ", " | ", " ", "x" * 240])).map(
            "".join
        ),
    )
)
def test_slices_are_together_the_paragraph_and_none_is_too_long(text: str):
    slices = make_passages(report(paragraph(text)), (), SHORT)
    assert "".join(p.text for p in slices) == text
    assert [text[slice(*p.span)] for p in slices] == [p.text for p in slices]
    assert all(0 < len(p.text) <= SHORT.max_characters for p in slices)


def test_an_item_with_a_list_of_its_own_leads_that_list_in():
    items = [
        paragraph("Government should do this:", kind="body"),
        paragraph("Put it into practice:", kind="numbered"),
        paragraph("write a code.", kind="bullet"),
    ]
    assert lead_in(items, 2) == items[1]
    assert lead_in(items, 1) == items[0]
