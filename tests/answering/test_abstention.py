"""Why there is no answer: what the question names that the reports do not have."""

from __future__ import annotations

import pytest

from reformqa import Recommendation
from reformqa.answering.abstention import reason
from reformqa.answering.features import Features
from reformqa.search.query import Query, parse_query
from support.makers import by

PUBLISHERS = [by("Demos"), by("IPPR")]


def asked(question: str = "Who mends ovens?") -> Query:
    return parse_query(question, PUBLISHERS)


def known(*labels: str | None) -> list[Recommendation]:
    return [Recommendation(f"r{n}", "made", x, "Do.", (), (), "p") for n, x in enumerate(labels)]


def test_a_label_that_does_not_exist_is_refused_with_those_that_do():
    features = Features({}, labels=("recommendation 77",), names=("Leeds",), words=("chess",))
    labels = known("7", "Recommendation 22", "Recommendation 3", "Policy Option Nine", None)
    assert reason(features, asked(), labels) == (
        "There is no Recommendation 77 in the reports. Their recommendations are numbered 3 to 22."
    )


def test_the_range_is_that_of_the_same_kind_of_label():
    features = Features({}, labels=("policy option 30",))
    labels = known("7", "22", "Policy Option Two", "Policy Option Nine")
    told = reason(features, asked(), labels)
    assert told.endswith(
        "There is no Policy Option 30 in the reports. Their policy options are numbered 2 to 9."
    )


def test_each_label_that_does_not_exist_is_named():
    features = Features({}, labels=("recommendation 77", "policy option 30"))
    told = reason(features, asked(), known("1", "2"))
    assert told == (
        "There is no Recommendation 77 in the reports. Their recommendations are numbered 1 to 2."
        " There is no Policy Option 30 in the reports."
    )


@pytest.mark.parametrize("labels", [(), ("5",), (None, "Proposal 2.1", "Proposal 2.2")])
def test_no_range_is_told_where_there_is_none(labels: tuple[str | None, ...]):
    told = reason(Features({}, labels=("recommendation 77",)), asked(), known(*labels))
    assert told == "There is no Recommendation 77 in the reports."


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Leeds",), "The reports do not mention “Leeds”."),
        (("Leeds", "Ely"), "The reports do not mention “Leeds” or “Ely”."),
        (("Ely", "Hull", "Ayr"), "The reports do not mention “Ely”, “Hull” or “Ayr”."),
    ],
)
def test_names_that_stand_nowhere_are_told(names: tuple[str, ...], expected: str):
    assert reason(Features({}, names=names, words=("chess",)), asked(), []) == expected


def test_a_figure_that_is_absent_is_told():
    features = Features({}, figures=("39%",), words=("chess",))
    assert (
        reason(features, asked(), []) == "The closest passages in the reports do not contain 39%."
    )


def test_words_that_no_passage_meets_are_told():
    assert reason(Features({}, words=("chess", "club")), asked(), []) == (
        "The closest passages in the reports say nothing about “chess” or “club”."
    )


def test_without_a_feature_the_reason_is_that_nothing_is_near():
    assert reason(Features({}), asked(), []) == (
        "No passage in the reports is close enough to the question to answer it."
    )


def test_the_reason_says_whose_reports_were_asked():
    one = reason(Features({}, words=("chess",)), asked("What does Demos say of chess?"), [])
    both = reason(Features({}, names=("Ely",)), asked("What do IPPR and Demos say of Ely?"), [])
    assert one == "The closest passages in the reports of Demos say nothing about “chess”."
    assert both == "The reports of Demos and IPPR do not mention “Ely”."
