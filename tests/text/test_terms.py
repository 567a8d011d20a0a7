"""Noun phrases: the topics of texts, in their own words."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformqa.text.terms import Term, as_said, find_phrases, find_terms, is_noun, telling


def names(*texts: str, of: tuple[str, ...] = ()) -> list[str]:
    return [t.name for t in find_terms([(text,) for text in texts], of)]


def term(name: str, *texts: str) -> Term:
    (found,) = (t for t in find_terms([(text,) for text in texts]) if t.name == name)
    return found


def test_a_term_is_a_run_of_words_of_meaning():
    found = names("The cold ovens of the guild are for apprentices.")
    assert found == ["apprentices", "cold ovens", "guild"]


def test_the_texts_that_have_a_term_are_known_in_whatever_form_they_print_it():
    found = term("ovens", "The ovens of a town.", "An oven is cold.", "Rye keeps.")
    assert found.holders == {0, 1}


def test_a_term_is_named_as_it_is_most_often_printed():
    assert names("Trams!", "On trams.", "A tram?") == ["trams"]
    assert names("A Port Authority.", "Of the Port Authority, too.") == ["Port Authority"]
    assert names("The White Bread of towns.", "On white bread.")[-1] == "white bread"
    assert names("A ferry.", "A ferry.", "Of ferries.") == ["ferries"]


def test_a_term_almost_always_within_a_longer_one_is_left_out():
    assert "standards" not in names(*["They set minimum service standards."] * 3)
    assert "standards" in names("They set minimum service standards.", "Their standards fell.")


def test_common_words_of_recommendations_and_bodies_name_no_matter():
    assert names("A new approach to the framework of government.") == []
    assert "white paper" not in names("Publish a white paper on trams.")
    assert names("The long-term funding of rail is cross-cutting.") == ["long-term funding", "rail"]


def test_no_term_is_the_name_of_a_publisher_but_its_words_may_be():
    of = ("Health Foundation", "Demos")
    assert "Demos" not in names("The Demos plan for health.", of=of)
    assert "health" in names("The Demos plan for health.", of=of)
    assert "Health Foundation" not in names("What the Health Foundation says.", of=of)


TEXT = (
    "The depot opens at dawn. A depot is cold. They close the depot. The local depot is new."
    " A guild that is financial, a financial guild, the financial and the old, a financial fund."
    " Local people want to operate it; a local tram, a local port. They should liberate the line,"
    " and liberate the quay. The fares are chaired and the fares of the depot are low."
)


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("depot", True),
        ("fares", True),
        ("local", False),
        ("financial", False),
        ("liberate", False),
        ("chaired", False),
    ],
)
def test_a_noun_is_recognised_by_its_neighbours(name: str, noun: bool):
    assert is_noun(Term((name,), printed=Counter([name])), TEXT) is noun


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("workforce", "The workforce is tired. We pay the workforce. Workforce is a word.", "the"),
        ("prevention", "Prevention pays. The prevention of fire. More on prevention.", ""),
        ("Social Care", "On social care. For social care; in Social Care.", ""),
        ("dredger", "A dredger is dear. Each dredger of ours.", "the"),
        ("trams", "The trams to town. Many trams; those trams of old.", ""),
    ],
)
def test_a_phrase_is_said_with_its_article_and_in_its_capitals(name: str, text: str, said: str):
    expected = f"{said} {name.lower()}".strip()
    assert as_said(name, text) == expected


def test_a_phrase_that_is_only_part_of_longer_ones_is_not_said():
    assert as_said("Public Management", "New Public Management. New Public Management!") is None
    assert as_said("service", "Service standards fell; service standards rose.") is None
    assert as_said("tram", "A tram of old.") is None
    assert as_said("tram", "The tram of old.", 1) == "the tram"


def phrases(*texts: str) -> list[str]:
    return [t.name for t in find_phrases([(text,) for text in texts])]


def test_a_phrase_has_two_to_four_words_of_which_one_may_join_others():
    assert phrases("An Audit and Learning Guild.") == ["Audit and Learning Guild"]
    assert phrases("They lend cold public ovens.") == ["lend cold public ovens"]
    assert phrases("Ovens.", "The oven is cold and they are many.") == []
    assert phrases("Ovens and trams and ferries.") == ["ovens and trams", "trams and ferries"]


def test_a_phrase_does_not_join_what_says_nothing():
    assert phrases("A number of ferries.") == []
    assert phrases("A framework for trams.") == []
    assert phrases("The fares of trams.") == ["fares of trams"]


def test_a_phrase_ends_where_somebody_owns():
    assert phrases("The guild's ovens.") == []


def test_the_telling_words_of_a_phrase_are_neither_general_nor_do_they_join():
    (phrase,) = find_phrases([("The fares of public trams.",)])
    assert telling(phrase.key) == {"fare", "tram"}


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), max_size=6), st.text(max_size=20))
def test_any_text_gives_terms_that_can_be_looked_up(texts: list[str], name: str):
    for found in find_terms([(text,) for text in texts], (name,)):
        assert found.holders <= set(range(len(texts)))
        assert 1 <= len(found.key) <= 3
        assert is_noun(found, "\n".join(texts)) in (True, False)
        said = as_said(found.name, "\n".join(texts), 1)
        assert said is None or said.lower().endswith(found.name.lower())


def test_a_capital_that_begins_a_sentence_says_nothing():
    assert names("England!", "In England.") == ["England"]
    assert as_said("england", "England. England! In England. Of England.") == "England"
    assert as_said("trams", "Trams. Trams of old.") == "trams"
