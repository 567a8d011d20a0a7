"""Names and their acronyms, as reports define them and questions use them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa.text.acronyms import Acronyms, Defined, definitions

TABLE = {
    "Lighthouse Renewal Scheme": "LRS",
    "harbour wardens": "HW",
    "Harbour Wardens Board": "HWB",
    "Lock Repair Service": "LRS",
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the Lighthouse Renewal Scheme (LRS) closed", [("Lighthouse Renewal Scheme", "LRS")]),
        ("small and medium-sized ports (SMPs)", [("small and medium-sized ports", "SMP")]),
        ("all ferry safety boards (FSBs)", [("ferry safety boards", "FSB")]),
        ("barges (Figure 2) and boats (IfW)", []),
        ("paid by the LRS (the Lighthouse Renewal Scheme)", [("Lighthouse Renewal Scheme", "LRS")]),
        ("LRS | Lighthouse Renewal Scheme", [("Lighthouse Renewal Scheme", "LRS")]),
        ("IfW: Institute for Waterways.", [("Institute for Waterways", "IfW")]),
        ("the LRS (see above) closed", []),
        ("the lamp room (LRS) closed", []),
        ("Demos – what it is", []),
    ],
)
def test_a_definition_is_known_where_the_initials_fit(text: str, found: list[tuple[str, str]]):
    assert list(definitions(text)) == found


def test_of_several_acronyms_of_a_name_the_one_printed_most_counts():
    defined = Defined()
    defined.read(["The Lock Repair Service (LReS) and", "a Lock Repair Service (LRS) is"] * 2)
    defined.read(["Lock Repair Service (LRS)"])
    assert defined.table() == {"Lock Repair Service": "LRS"}


@pytest.mark.parametrize(
    ("text", "swapped", "pairs"),
    [
        (
            "Who closed the lighthouse renewal scheme?",
            "Who closed the LRS?",
            (("lighthouse renewal scheme", "LRS"),),
        ),
        ("Who ran the LRS?", "Who ran the Lighthouse Renewal Scheme?", None),
        ("How many HWs are there?", "How many harbour wardens are there?", None),
        ("What does the Harbour Wardens Board do?", "What does the HWB do?", None),
        ("the Lighthouse Renewal Scheme (LRS)", "the Lighthouse Renewal Scheme (LRS)", ()),
        ("who pays the lrs?", "who pays the lrs?", ()),
    ],
)
def test_a_name_and_its_acronym_change_places(
    text: str, swapped: str, pairs: tuple[tuple[str, str], ...] | None
):
    found, given_pairs = Acronyms(TABLE).swapped(text)
    assert found == swapped
    assert pairs is None or given_pairs == pairs


@given(st.text())
def test_a_text_without_names_stays_as_it_is(text: str):
    assert Acronyms({}).swapped(text) == (text, ())
