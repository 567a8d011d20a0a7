"""The terms of a text: stems without stop words, and amounts in one form however written."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reformqa.text.tokens import STOP_WORDS, amount, amounts, tokens, words

#: Pieces from which numbers and their units are put together, rightly and wrongly.
PARTS = st.sampled_from(
    [
        *("0", "5", "41", "1990", "1,250", "1,000,000", "12,34", "00", "9" * 40, "٣", "²"),
        *(".", ",", "-", "–", " ", "\n", "£", "(", "a", "Ä", "İ"),
        *("%", "per cent", "per", "cents", "pc", "tn", "bn", "billion", "m", "mn", "million", "k"),
        *("thousand", "thousandth", "miles", "banks", "people", "Trillion", "MILLION"),
    ]
)
NUMBERS = st.lists(PARTS, max_size=8).map("".join)


# ---- terms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Ovens were heating", ["oven", "heat"]),
        ("It cost £1,250.50 in 2014.", ["cost", "1250.5", "2014"]),
        ("a baker’s dozen", ["baker", "dozen"]),
        ("platform 9b, 1990s, the 5th", ["platform", "9b", "1990s", "5th"]),
        ("2014-15", ["2014", "15"]),
        ("version 2.5.3", ["version", "2.5", "3"]),
        ("—", []),
    ],
)
def test_tokens_are_stems_and_amounts(text: str, expected: list[str]):
    assert tokens(text) == expected


def test_stop_words_are_left_out_however_written():
    text = " ".join(sorted(STOP_WORDS))
    assert tokens(text) == tokens(text.upper()) == []


def test_words_are_paired_with_their_terms_as_written():
    text = "The Trams of Ghent cost £2.5m, or 38 Per Cent of the Ovens’ price."
    assert words(text) == [
        ("Trams", "tram"),
        ("Ghent", "ghent"),
        ("cost", "cost"),
        ("2.5m", "2500000"),
        ("38 Per Cent", "38%"),
        ("Ovens", "oven"),
        ("price", "price"),
    ]


def test_words_are_as_written_after_a_letter_that_grows_in_lower_case():
    assert words("İİ trams")[-1] == ("trams", "tram")


@given(NUMBERS | st.text())
@example("9" * 400 + " trillion")
@example("\ud800 5%")
def test_tokens_are_given_for_any_text(text: str):
    found = words(text)
    assert tokens(text) == [term for _, term in found]
    assert set(amounts(text)) <= set(tokens(text))


# ---- amounts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forms",
    [
        (
            "£41bn",
            "£41 billion",
            "£41,000 million",
            "41-billion",
            "£41,000,000,000",
            "41.0 Billion",
        ),
        ("38%", "38 %", "38 per cent", "38 percent", "38pc", "38 pc", "38.0%", "38-per cent"),
        ("1,250", "1250", "1250.0", "01250"),
        ("5.0%", "5%", "5 Per Cent"),
        ("2.5m", "2.5 million", "2.5mn", "2,500,000", "2,500 thousand", "2500k"),
        ("1tn", "1 trillion", "1,000bn", "1,000,000,000,000"),
        ("£5k", "£5 thousand", "5,000"),
        ("0.1", "0.10"),
    ],
)
def test_one_amount_has_one_form(forms: tuple[str, ...]):
    found = [amounts(f"It took {form}, or so.") for form in forms]
    assert found == [found[0]] * len(forms)
    assert len(found[0]) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("38%", "38"), ("5m", "5"), ("5m", "5bn"), ("1.25", "125"), ("0.5%", "5%"), ("2.5", "25")],
)
def test_two_amounts_have_two_forms(one: str, other: str):
    assert amounts(one) != amounts(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in 2014", ["2014"]),
        ("2014-15 and 2019–20", ["2014", "15", "2019", "20"]),
        ("5 miles", ["5"]),
        ("3 km", ["3"]),
        ("4 banks", ["4"]),
        ("10 people", ["10"]),
        ("7 thousandths", ["7"]),
        ("6 tnt", ["6"]),
        ("100 metres", ["100"]),
        ("8 percentage points", ["8"]),
        ("9 per centimetre", ["9"]),
        ("12 pcs", ["12"]),
        ("1 in 5", ["1", "5"]),
        ("12,34", ["12", "34"]),
        ("1,2500", ["1", "2500"]),
        ("5² and 5³", ["5", "5"]),
        ("platform 9b, the 1990s, 20p, a5", []),
        ("no number", []),
    ],
)
def test_numbers_are_read_with_their_own_units_alone(text: str, expected: list[str]):
    assert amounts(text) == expected


def test_amounts_are_in_order_and_as_often_as_printed():
    assert amounts("7 loaves, £2m, 7 trams and 3%") == ["7", "2000000", "7", "3%"]


@given(NUMBERS)
def test_an_amount_is_its_own_normal_form(text: str):
    for found in amounts(text):
        assert amount(found) == found
        assert amounts(found) == [found] or re.search(r"e\+|inf", found)


@given(
    st.integers(0, 10**9),
    st.sampled_from([("", 0), ("k", 3), (" thousand", 3), ("m", 6), (" million", 6), ("bn", 9)]),
)
def test_an_amount_is_its_value_in_full(number: int, unit: tuple[str, int]):
    written, power = unit
    value = number * 10**power
    forms = {f"{number}{written}", f"{number:,}{written}", f"{value:,}", str(value)}
    assert len({amount(form) for form in forms}) == 1
    assert float(amount(str(value))) == pytest.approx(value, rel=1e-11)


def test_what_is_no_amount_is_left_as_it_is():
    assert [amount(w) for w in ("rye", "", "1990s", "5 miles")] == ["rye", "", "1990s", "5 miles"]
