"""Cleaned text contains only words; line breaks are repaired; capitals become title case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa.parsing.inline import Vocabulary, clean, is_capitals
from reformqa.text.similarity import letters

#: No "&", "\\", "[" or "<": nested escapes are removed one layer at a time.
PLAIN = st.text(st.characters(exclude_characters="&\\[<", exclude_categories=["Cs"]), max_size=80)
WORDS = st.text("abcdeXYZéñ0123456789 .,;:'’()-–£%?!", max_size=80)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("**bold** and *leaning* words", "bold and leaning words"),
        ("a sum of 5 * 3 loaves", "a sum of 5 * 3 loaves"),
        ("<b>Rye</b> and <em>barley</em>", "Rye and barley"),
        ("one<br>two<br/>three", "one two three"),
        ("5 < 6 and b > c", "5 < 6 and b > c"),
        ("see [the log](https://x.org/a_(b)) today", "see the log today"),
        ("at <https://x.org/loaf> now", "at https://x.org/loaf now"),
        ("1\\. not a list \\*here\\*", "1. not a list *here*"),
        ("Bread &amp; salt &lt;b&gt;", "Bread & salt <b>"),
        ("eﬃcient oﬀers of ﬂour", "efficient offers of flour"),
        ("a soft\u00adhyphen and\u00a0a  wide\tgap", "a softhyphen and a wide gap"),
        ("rye , barley ; oats .", "rye, barley; oats."),
        ("\ufeffRye", "Rye"),
        ("  ", ""),
    ],
)
def test_marks_are_taken_off_and_words_are_kept(raw: str, shown: str):
    assert clean(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("bread<sup>4</sup> rose", "bread rose"),
        ("bread<sup> 4, 5 </sup>, rose", "bread, rose"),
        ("bread <sup>2</sup>.", "bread."),
        ("bread rose.⁴ Then", "bread rose. Then"),
        ("bread⁴⁵ rose", "bread rose"),
        ("the 12<sup>th</sup> loaf", "the 12 th loaf"),
    ],
)
def test_a_footnote_mark_is_taken_off(raw: str, shown: str):
    assert clean(raw) == shown


@pytest.mark.parametrize("text", ["900 m² of rye", "4 km² of rye", "2 cm³", "10³ loaves", "CO₂"])
def test_the_power_of_a_unit_or_a_figure_is_no_footnote_mark(text: str):
    assert clean(text) == text


@given(PLAIN)
def test_cleaning_clean_text_changes_nothing(text: str):
    assert clean(clean(text)) == clean(text)


@given(WORDS)
def test_cleaning_plain_words_loses_no_letter_or_figure(text: str):
    assert letters(clean(text)) == letters(text)


@pytest.mark.parametrize(
    ("left", "right", "whole"),
    [
        ("the manage-", "ment of it", "the management of it"),
        ("a place-", "based plan", "a place-based plan"),
        ("a co-", "operative", "a co-operative"),
        ("the pre-", "War years", "the pre-War years"),
        ("in 2010-", "11", "in 2010-11"),
        ("not so -", "or so", "not so - or so"),
        ("the end", "of it", "the end of it"),
        ("the end", "", "the end"),
        ("", "of it", "of it"),
    ],
)
def test_a_compound_keeps_its_hyphen_across_a_break(left: str, right: str, whole: str):
    vocabulary = Vocabulary(["A place-based plan for co-operative bakers."])
    assert vocabulary.join(left, right) == whole


def test_a_word_printed_whole_elsewhere_loses_the_hyphen_even_where_a_compound_is_printed_too():
    vocabulary = Vocabulary(["The co-operative bakers.", "A cooperative of bakers."])
    assert vocabulary.join("a co-", "operative oven") == "a cooperative oven"


@given(WORDS, WORDS, st.lists(WORDS, max_size=4))
def test_joining_two_parts_keeps_every_letter_of_both(left: str, right: str, texts: list[str]):
    assert letters(Vocabulary(texts).join(left, right)) == letters(left) + letters(right)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("THE NHS AND THE BAKER", "The NHS and the Baker"),
        ("BREAD IN THE 2020S", "Bread in the 2020s"),
        ("AFTER 2020 BREAD ROSE", "After 2020 Bread Rose"),
        ("BREAD: A HISTORY OF NPM", "Bread: A History of NPM"),
        ("‘THE MAGIC LOAF’", "‘The Magic Loaf’"),
        ("WHAT'S IN A LOAF?", "What's in a Loaf?"),
        ("PLACE-BASED BREAD", "Place-Based Bread"),
        ("Bread for the many", "Bread for the many"),
        ("RYE – THE WAY BACK", "Rye – The Way Back"),
    ],
)
def test_a_title_in_capitals_becomes_title_case_but_abbreviations_stay(printed: str, shown: str):
    vocabulary = Vocabulary(["In the 2020s the NHS ate bread.", "NPM is the bane of the NHS."])
    assert vocabulary.title(printed) == shown


def test_a_word_that_only_capital_titles_print_is_no_abbreviation():
    assert Vocabulary(["RYE AND BARLEY", "Wheat."]).title("RYE AND BARLEY") == "Rye and Barley"


def test_a_name_is_a_name_unless_the_report_prints_its_words_small():
    vocabulary = Vocabulary(["Ada Byron baked bread.", "The bread of Ada Byron."])
    assert [vocabulary.is_name(t) for t in ("Ada Byron", "Ada Bread", "Mary Baker")] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("text", "capitals"),
    [
        ("THE BREAD WE EAT", True),
        ("THE 2020s", True),
        ("WHAT MPs EAT", True),
        ("NHS", True),
        ("THE BREAD We EAT NOW", True),
        ("The bread we eat", False),
        ("Key Findings", False),
        ("EU and UK", False),
        ("UK", False),
        ("A 1", False),
        ("", False),
    ],
)
def test_what_counts_as_set_in_capitals(text: str, capitals: bool):
    assert is_capitals(text) is capitals
