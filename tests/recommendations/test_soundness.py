"""A report whose recommendations are probably incomplete says so in its parse report."""

from __future__ import annotations

from dataclasses import replace

from reformqa import Recommendation, Report, Section
from reformqa.ingest.inspect import inspect
from reformqa.ingest.prepare import prepare
from reformqa.recommendations.soundness import advice, missing_numbers
from support.makers import paragraph, report

DEMANDS = (
    "Bakers should weigh every loaf before it leaves the shop.",
    "Councils must lend a field to anyone who will sow rye in it.",
    "Ministers should pay for one new oven in each parish.",
    "The guild should publish the price of flour each week.",
)


def made(*labels: str) -> Report:
    """Return a report that states a demand after each label."""
    texts = [f"{label}: {text}" for label, text in zip(labels, DEMANDS, strict=False)]
    return report(*(replace(paragraph(t), id=f"p{n}", number=n) for n, t in enumerate(texts, 1)))


def labelled(*labels: str) -> list[Recommendation]:
    return [Recommendation(f"r{n}", "made", x, "", (), (), "p") for n, x in enumerate(labels)]


def test_a_gap_in_the_numbers_is_told_and_makes_the_verdict_check():
    prepared = prepare(made("Recommendation 1", "Recommendation 2", "Recommendation 4"))
    (said,) = prepared.report.reading.advice
    assert "number 3" in said
    assert prepared.report.reading.verdict == "check"
    assert inspect(made("Recommendation 1", "Recommendation 2", "Recommendation 4")).reading == (
        prepared.report.reading
    )


def test_numbers_without_a_gap_need_no_advice():
    prepared = prepare(made("Recommendation 1", "Recommendation 2", "Recommendation 3"))
    assert prepared.report.reading.advice == ()
    assert prepared.report.reading.verdict == "good"


def test_roman_numbers_and_bare_ones_are_counted():
    assert missing_numbers(labelled("I", "II", "IV")) == [3]
    assert missing_numbers(labelled("1", "2", "5")) == [3, 4]


def test_numbers_that_count_something_else_lack_none():
    assert missing_numbers(labelled("1", "2", "60")) == []
    assert missing_numbers(labelled("1", "2", "1", "3")) == []  # a count for each section
    assert missing_numbers(labelled("8.1", "8.3", "8.4")) == []
    assert missing_numbers([]) == []


def test_a_section_of_recommendations_without_any_is_doubtful():
    section = Section("Recommendations", 1, "chapter", None, (0, 1))
    bare = replace(report(paragraph("The mill is shut.")), sections=(section,))
    (said,) = advice(bare, ())
    assert "none was found" in said


def test_a_response_says_that_it_answers_others():
    parts = [
        part
        for label, text in zip("123", DEMANDS, strict=False)
        for part in (
            paragraph(f"Recommendation {label}: {text}"),
            paragraph("The Government accepts this recommendation."),
        )
    ]
    prepared = prepare(report(*(replace(p, id=f"p{n}", number=n) for n, p in enumerate(parts, 1))))
    (said,) = prepared.report.reading.advice
    assert "of others" in said
    assert prepared.recommendations == ()
    assert prepared.report.reading.verdict == "good"
