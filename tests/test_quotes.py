"""Sentences stand where their spans say; a citation is verified only where the words are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makers import paragraph, report
from reformqa import Citation
from reformqa.quotes import cite, sentences

PIECES = st.sampled_from(
    [
        "Bread rose by 2.5 per cent",
        "e.g.",
        "Dr. Crumb",
        "(see p. 4)",
        "‘Why?’",
        '"Stop."',
        "…",
        ".",
        "?!",
        ";",
        ":",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\u00a0",
        "U.S.",
        "£3.2bn",
        "and",
        "The end",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join)))
def test_every_sentence_stands_at_its_span_and_nothing_is_lost(text: str):
    found = list(sentences(text))
    assert [text[start:end] for (start, end), _ in found] == [s for _, s in found]
    assert [s for _, s in found] == [s.strip() for _, s in found]
    ends = [0, *(end for (_, end), _ in found)]
    assert all(start >= end for ((start, _), _), end in zip(found, ends, strict=False))
    assert "".join("".join(s.split()) for _, s in found) == "".join(text.split())


def test_sentences_are_cut_at_full_stops_but_not_in_figures_or_titles():
    text = "Dr. Crumb sold 2.5 loaves. Was it enough? It was."
    assert list(sentences(text)) == [
        ((0, 26), "Dr. Crumb sold 2.5 loaves."),
        ((27, 41), "Was it enough?"),
        ((42, 49), "It was."),
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_no_words_are_no_sentence(text: str):
    assert list(sentences(text)) == []


def test_a_sentence_printed_twice_is_found_in_both_places():
    assert list(sentences("Rye keeps. Rye keeps.")) == [
        ((0, 10), "Rye keeps."),
        ((11, 21), "Rye keeps."),
    ]


def test_a_citation_says_where_its_quote_stands():
    cited = paragraph("We bake. Rye keeps for a week.", number=7)
    assert cite("Rye keeps for a week.", cited, report(cited)) == Citation(
        paragraph_id="made-00000001",
        report_id="made",
        quote="Rye keeps for a week.",
        span=(9, 30),
        verified=True,
        publisher="Maker",
        report_title="Made Report",
        year=2024,
        section_path=("Chapter",),
        number=7,
        page=None,
    )


@pytest.mark.parametrize(
    "quote", ["rye keeps", "Rye  keeps", "Rye keeps!", "Rye-keeps", "Rye keeps. Wheat", "", " "]
)
def test_words_that_are_not_there_letter_for_letter_are_not_verified(quote: str):
    cited = paragraph("Rye keeps. So does barley.")
    assert cite(quote, cited, report(cited)).verified is False


def test_a_quote_that_is_not_there_has_an_empty_span():
    cited = paragraph("Rye keeps.")
    assert cite("Wheat", cited, report(cited)).span == (0, 0)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60), st.data())
def test_any_piece_of_a_paragraph_is_verified_at_its_span(text: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(text) - 1))
    quote = text[start : data.draw(st.integers(start + 1, len(text)))]
    cited = paragraph(text)
    citation = cite(quote, cited, report(cited))
    assert text[slice(*citation.span)] == quote
    assert citation.verified is bool(quote.strip())
