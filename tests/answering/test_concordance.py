"""Every place that prints a phrase is found, however it is typed; terms are counted by group."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa import Paragraph, QuestionError, Report
from reformqa.answering.concordance import QUOTE_COLUMNS, Quotes, count_terms, find_quotes
from reformqa.exports.document import Provenance
from support.makers import paragraph, report

TEXT = (
    "The ofﬁce of the ‘night watch’ is old. A night  watch costs £41 million a year; the Night"
    " Watch has 12 officers. Nobody watches by day."
)


def of(*paragraphs: Paragraph, **changes: object) -> list[tuple[Report, Report]]:
    made = report(*paragraphs, **changes)
    return [(made, made)]


def found(pattern: str, text: str = TEXT, *, regex: bool = False) -> list[str]:
    return [q.citation.quote for q in find_quotes(pattern, of(paragraph(text)), regex=regex)]


def test_a_phrase_is_found_in_any_case_and_spacing_and_cited_as_printed():
    assert found("night watch") == ["night watch", "night  watch", "Night Watch"]
    assert found("“Night watch”") == ["‘night watch’"]
    assert found("office") == ["ofﬁce"]


def test_a_phrase_is_whole_words():
    assert found("watch") == ["watch", "watch", "Watch"]
    assert found("offic") == []


def test_a_pattern_is_pythons_own():
    assert found(r"£\d+ million", regex=True) == ["£41 million"]
    assert found(r"night", regex=True) == ["night", "night"]
    assert found(r"x*", regex=True) == [], "an empty match is no quote"


@pytest.mark.parametrize(
    ("pattern", "regex", "told"),
    [("", False, "nothing to look for"), ("…", True, "nothing"), ("a(", True, "not a regular")],
)
def test_what_cannot_be_looked_for_is_refused(pattern: str, regex: bool, told: str):
    with pytest.raises(QuestionError, match=told):
        found(pattern, regex=regex)


def test_a_quote_has_its_sentence_and_what_surrounds_it():
    first, *_ = find_quotes("12 officers", of(paragraph(TEXT)))
    assert first.sentence.startswith("A night  watch costs")
    assert first.sentence.endswith("has 12 officers.")
    assert TEXT.endswith(first.after)
    assert first.before.endswith("the Night Watch has ")
    assert first.citation.span == (TEXT.index("12"), TEXT.index(". Nobody"))


def test_text_that_is_not_searched_is_left_out():
    assert find_quotes("night watch", of(paragraph(TEXT, kind="furniture"))) == []


def test_the_frame_has_the_documented_columns_and_types():
    reports = of(paragraph(TEXT, number=3))
    quotes = tuple(find_quotes("night watch", reports))
    frame = Quotes("night watch", quotes, Provenance(reports={"made": reports[0][0]})).to_pandas()
    assert list(frame.columns) == list(QUOTE_COLUMNS)
    assert list(frame["paragraph"]) == [3, 3, 3]
    assert (frame.before.str[-1:].isin([" ", "‘"])).all()
    none = Quotes("night watch", ()).to_pandas()
    assert {n: str(t) for n, t in none.dtypes.items()} == {
        n: str(t) for n, t in frame.dtypes.items()
    }


@given(text=st.text(max_size=80), phrase=st.text(min_size=1, max_size=8))
def test_any_phrase_is_found_where_it_is_said_to_be(text: str, phrase: str):
    try:
        quotes = find_quotes(phrase, of(paragraph(text)))
    except QuestionError:
        return
    assert all(q.citation.quote == text[slice(*q.citation.span)] for q in quotes)
    assert all(q.before + q.citation.quote + q.after in text for q in quotes)


def test_terms_are_counted_in_the_paragraphs_of_each_group():
    trams = "The trams of the town are old. The trams are slow."
    reports = [
        *of(paragraph(trams), paragraph("Nobody likes the trams."), publisher="A"),
        *of(paragraph("The trams are red, and the ferry is blue."), publisher="B"),
        *of(paragraph("The ferry is late. The ferry is cold."), publisher="B", published="2020"),
    ]
    table = count_terms(reports, "publisher", 5).to_pandas()
    assert table.loc["trams"].to_dict() == {"A": 2, "B": 1, "paragraphs": 3}
    assert table.loc["ferry"].to_dict() == {"A": 0, "B": 2, "paragraphs": 2}
    assert table.paragraphs.is_monotonic_decreasing
    by_year = count_terms(reports, "year", 1).to_pandas()
    assert list(by_year.columns) == [2020, 2024, "paragraphs"]


def test_terms_are_not_counted_by_anything_else():
    with pytest.raises(QuestionError, match="publisher, report or year"):
        count_terms(of(paragraph(TEXT)), "town", 5)  # type: ignore[arg-type]
