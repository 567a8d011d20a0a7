"""A passage is a paragraph or a slice of one, found by its words and by what leads to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa import Passage, Recommendation
from reformqa.ingest.passages import make_passages
from reformqa.settings import PassageSettings
from support.makers import paragraph, report

SHORT = PassageSettings(max_characters=200)
LEAD = paragraph("We bought three things:", id="p1")
ITEM = paragraph("a sack of rye", kind="bullet", id="p2")
SENTENCE = "The mill was shut in the autumn, and the price of flour went up by a third. "


def recommendation(stated: str, *restated: str) -> Recommendation:
    return Recommendation("made-rec-1", "made", None, "Weigh it.", (), (), stated, restated)


def one_spaced(text: str) -> str:
    return " ".join(text.split())


def test_a_paragraph_is_a_passage_indexed_with_its_sections():
    made = report(paragraph("Rye keeps.", id="p1", section_path=("Grain", "Rye")))
    (passage,) = make_passages(made, ())
    assert one_spaced(passage.indexed) == "Grain. Rye. Rye keeps."
    assert replace(passage, indexed="") == Passage("p1", "made", "Rye keeps.", "", (0, 10), False)


def test_context_and_text_are_parted_by_one_space():
    made = report(paragraph("Rye keeps.", id="p1", section_path=("Grain", "Rye")))
    assert [p.indexed for p in make_passages(made, ())] == ["Grain. Rye. Rye keeps."]


def test_a_paragraph_outside_all_sections_is_indexed_as_it_is():
    made = report(paragraph("Rye keeps.", section_path=()))
    assert [p.indexed for p in make_passages(made, ())] == ["Rye keeps."]


def test_the_reports_title_is_not_indexed():
    made = report(LEAD, ITEM, paragraph("Loaf | Price", kind="table", id="p3"))
    passages = make_passages(made, ())
    assert len(passages) == 3
    assert [p for p in passages if "Made" in p.indexed] == []


def test_an_item_is_indexed_with_the_words_that_lead_its_list_in():
    first, second = make_passages(report(LEAD, ITEM), ())
    assert one_spaced(first.indexed) == "Chapter. We bought three things:"
    assert one_spaced(second.indexed) == "Chapter. We bought three things:. a sack of rye"
    assert second.text == "a sack of rye"


def test_a_row_is_indexed_with_its_tables_caption_and_head():
    made = report(
        paragraph("What loaves cost", kind="caption", id="c"),
        paragraph("Loaf | Price", kind="table", id="h"),
        paragraph("Rye | 3", kind="table", id="r"),
    )
    row = make_passages(made, ())[-1]
    assert one_spaced(row.indexed) == "Chapter. What loaves cost. Loaf | Price. Rye | 3"
    assert row.text == "Rye | 3"


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
    indexed = {one_spaced(p.indexed) for p in slices}
    assert indexed == {f"Chapter. {(SENTENCE * 2).strip()}"}


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
