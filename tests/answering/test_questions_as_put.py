"""Questions as people put them, asked of four small made reports (tests/data/river)."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa import Answer, Library, Settings, rebuild
from support.common import once
from support.makers import contents, in_memory, paragraph, report
from support.models import export_into, exported
from support.places import DATA


@pytest.fixture(scope="module")
def river() -> Library:
    def make(index: Path) -> None:
        rebuild(DATA / "river", export_into(index))

    return Library.open(once("river-index", make), Settings())


def cited(answer: Answer) -> set[str]:
    return {c.report_id for s in answer.sentences for c in s.citations}


def said(answer: Answer) -> str:
    return " ".join(s.text for s in answer.sentences)


@pytest.mark.parametrize(
    ("question", "reports", "words"),
    [
        (
            "What does Ada Finch say about night opening?",
            {"river-trade-2019", "river-trade-2024"},
            "Night opening worked",
        ),
        ("What does IfW say about mooring fees?", {"river-trade-2024"}, "Mooring fees"),
        ('What does "Boats for All" say about changing rooms?', {"boats-for-all"}, "changing room"),
        ("What does River Trade Revisited say about wages?", {"river-trade-2024"}, "£24,000"),
        ("What did Market Forum say in 2022 about tolls?", {"tolls-now"}, "Tolls are fair"),
        (
            "What did the Institute for Waterways say about keepers' pay in 2019?",
            {"river-trade-2019"},
            "£18,000",
        ),
        ("What is the third recommendation of Boats for All?", {"boats-for-all"}, "Lottery money"),
    ],
)
def test_a_question_is_answered_from_the_reports_that_it_names(
    river: Library, question: str, reports: set[str], words: str
):
    answer = river.ask(question)
    assert not answer.abstained
    assert cited(answer) <= reports
    assert words in said(answer)


def test_an_amount_that_is_asked_for_is_said_first(river: Library):
    first = river.ask("How much would tolls raise?").sentences[0]
    assert "£14 million" in first.text
    assert {c.report_id for c in first.citations} == {"tolls-now"}


def test_recommendations_of_a_year_are_those_of_that_report(river: Library):
    answer = river.ask("What did the IfW recommend in 2024?")
    assert [s.text for s in answer.sentences] == [
        "Night opening should be extended to the upper river by 2026.",
        "Mooring fees should not rise faster than prices.",
    ]


@pytest.mark.parametrize(
    "question",
    ["Which think tanks do not mention tolls?", "Which think tanks are silent on tolls?"],
)
def test_who_is_silent_comes_first_and_who_speaks_is_not_called_silent(
    river: Library, question: str
):
    answer = river.ask(question)
    assert answer.comparison is not None
    assert [(r.publisher, r.found) for r in answer.comparison] == [
        ("Institute for Waterways", False),
        ("Harbour Society", True),
        ("Market Forum", True),
    ]
    assert answer.note is not None
    assert "Institute for Waterways" in answer.note
    assert "Harbour Society" not in answer.note


def test_a_set_on_a_subject_that_no_recommendation_prints_is_empty(river: Library):
    answer = river.ask("List every recommendation on dragons")
    assert answer.abstained
    assert answer.sentences == ()


def test_a_reason_for_what_a_report_denies_comes_with_its_denial(river: Library):
    answer = river.ask("Why does the Harbour Society support tolls?")
    assert answer.note == (
        "The reports may say otherwise: “We do not support tolls on pleasure boats.”"
    )


def test_two_questions_are_answered_one_by_one(river: Library):
    answer = river.ask("What share of firms ship by water, and what do parents say about cost?")
    first, second = answer.parts
    assert "51 per cent of firms" in said(first)
    assert "64 per cent of parents" in said(second)
    assert set(answer.sentences) == {*first.sentences, *second.sentences}
    assert [p.heading for p in answer.document().parts] == [first.question, second.question]


def test_a_part_without_an_answer_is_named(river: Library):
    answer = river.ask("What do parents say about cost? How do I poach an ostrich egg?")
    assert "64 per cent of parents" in said(answer)
    assert answer.note is not None
    assert "No answer to “How do I poach an ostrich egg?”" in answer.note


@pytest.mark.parametrize(
    ("question", "corrected"),
    [
        ("nigth opening of lokcs", "night opening of locks"),
        ("sgould lokcs be free of tols", "should locks be free of tolls"),
        ("Who won the chess championship?", None),
        ("bandicoots", None),
    ],
)
def test_typing_errors_are_corrected_in_a_question_that_is_offered(
    river: Library, question: str, corrected: str | None
):
    answer = river.ask(question)
    assert answer.abstained
    assert answer.corrected == corrected
    assert answer.reason is not None
    assert (f"Did you mean “{corrected}”?" in answer.reason) == (corrected is not None)


def test_a_word_in_letters_that_are_not_indexed_is_no_typing_error(river: Library):
    answer = river.ask("ᐈiἧι")
    assert (answer.abstained, answer.corrected) == (True, None)


@pytest.mark.parametrize(
    ("question", "words", "reports"),
    [
        (
            "Who wrote River Trade Revisited?",
            "River Trade Revisited was written by Ada Finch and Tom Reed.",
            {"river-trade-2024"},
        ),
        (
            "When was Boats for All published?",
            "Boats for All was published in May 2023.",
            {"boats-for-all"},
        ),
        (
            "Who published Tolls Now?",
            "Tolls Now was published by Market Forum in January 2022.",
            {"tolls-now"},
        ),
        ("Who wrote Tolls Now?", "Tolls Now names no author.", {"tolls-now"}),
        (
            "What has Ada Finch written?",
            "River Trade Today was published by the Institute for Waterways in March 2019",
            {"river-trade-2019", "river-trade-2024"},
        ),
        (
            "What reports has IfW published since 2020?",
            "River Trade Revisited was published",
            {"river-trade-2024"},
        ),
        ("Who is Tom Reed?", "written by Ada Finch and Tom Reed", {"river-trade-2024"}),
        (
            "How many recommendations does River Trade Revisited make?",
            "River Trade Revisited makes 2 recommendations.",
            {"river-trade-2024"},
        ),
        (
            "How many recommendations are there?",
            "River Trade Revisited makes 2 recommendations.",
            {"boats-for-all", "river-trade-2019", "river-trade-2024", "tolls-now"},
        ),
        (
            "Which report is the newest?",
            "River Trade Revisited was published",
            {"boats-for-all", "river-trade-2019", "river-trade-2024", "tolls-now"},
        ),
        (
            "What is the latest report by IfW?",
            "River Trade Revisited was published",
            {"river-trade-2024"},
        ),
        (
            "Which think tanks are in the library?",
            "Tolls Now was published by Market Forum",
            {"boats-for-all", "river-trade-2019", "river-trade-2024", "tolls-now"},
        ),
    ],
)
def test_what_the_records_know_is_answered_from_them(
    river: Library, question: str, words: str, reports: set[str]
):
    answer = river.ask(question)
    assert not answer.abstained
    assert words in said(answer)
    assert cited(answer) == reports
    assert answer.note is not None
    assert answer.note.startswith("From the library's records of its reports.")
    assert all(c.status == "verified" for s in answer.sentences for c in s.citations)


def test_the_newest_report_comes_first_and_the_reports_are_counted(river: Library):
    assert "Revisited" in river.ask("What are the latest reports?").sentences[0].text
    note = river.ask("What reports do you have?").note
    assert note is not None
    assert "4 reports by" in note


def test_the_recommendations_counted_are_behind_the_count(river: Library):
    answer = river.ask("How many recommendations does River Trade Revisited make, and which?")
    assert [s.recommendation.label for s in answer.more if s.recommendation] == [
        "Recommendation 1",
        "Recommendation 2",
    ]
    assert answer.note is not None
    assert "2 recommendations in all." in answer.note


def test_the_recommendations_on_a_matter_are_counted(river: Library):
    answer = river.ask("How many recommendations are about mooring fees?")
    assert answer.note == f"{len(answer.sentences)} recommendations."
    assert "Mooring fees should not rise faster than prices" in said(answer)


@pytest.mark.parametrize(
    "question",
    [
        "Summarise River Trade Revisited",
        "summary of river trade revisited",
        "What is River Trade Revisited about?",
        "What are the main points of River Trade Revisited?",
    ],
)
def test_a_report_is_summed_up_in_its_own_words(river: Library, question: str):
    answer = river.ask(question)
    assert said(answer) == "Night opening worked, and should now reach the upper river."
    assert len(answer.more) == 2
    assert all(c.status == "verified" for s in answer.sentences for c in s.citations)


def test_a_publisher_that_says_something_is_not_summed_up(river: Library):
    note = river.ask("What does Market Forum say?").note
    assert note is None or "summary" not in note


def test_a_question_that_names_a_report_and_asks_more_is_no_question_about_its_record(
    river: Library,
):
    answer = river.ask("Who should pay for coaches, according to Boats for All?")
    assert answer.note != "From the library's records of its reports."


def test_a_name_beside_a_publisher_that_the_library_lacks_is_told(river: Library):
    answer = river.ask("What do Market Forum and the Lamp Trust say about tolls?")
    assert cited(answer) == {"tolls-now"}
    assert answer.note is not None
    assert "The library has no report by Lamp Trust." in answer.note


@pytest.mark.parametrize("word", ["anybody", "Everybody", "nothing"])
def test_a_reason_never_names_a_word_for_all_or_none(river: Library, word: str):
    answer = river.ask(f"Does {word} bother with bandicoots?")
    assert f"“{word}”".lower() not in str(answer.reason or answer.note).lower()


def test_years_may_be_open(river: Library):
    assert cited(river.ask("night opening", published=(2020, None))) == {"river-trade-2024"}
    assert cited(river.ask("night opening", published=(None, 2020))) == {"river-trade-2019"}


def test_reports_without_recommendations_may_still_tell_what_is_proposed():
    said = paragraph("The guild proposes a second door and a taller chimney for every town oven.")
    settings = Settings.model_validate({"answer": {"least_confidence": 0}})
    made = Library(in_memory(contents([report(said)]), exported()), settings)
    (publisher,) = made.publishers
    question = f"What changes does {publisher} propose for town ovens?"
    assert made.parse(question).set_of
    assert len(made.recommendations()) == 0
    assert [s.text for s in made.ask(question).sentences] == [said.text]
    assert made.ask("What are the recommendations?").abstained
