"""The words of a paragraph say whether it demands something, and the table says why."""

from __future__ import annotations

import pytest

from reformqa.recommendations import evidence
from reformqa.recommendations.evidence import LIKELY, POSSIBLE, demand, features
from reformqa.recommendations.weights import WEIGHTS


@pytest.mark.parametrize(
    "text",
    [
        "We recommend that each parish keep one oven warm all winter.",
        "The Committee therefore recommends that the guild train its members in spring.",
        "The Government should publish the price of rye each month.",
        "Councils should be given the right to mill for their schools.",
        "We note the pledge of the guild. The Department should hold it to its word.",
        "We recommend that the Ministry weigh the loaves (paragraph 7.12).",
    ],
)
def test_what_an_author_asks_of_somebody_is_likely_a_recommendation(text: str):
    assert demand(text) >= LIKELY


@pytest.mark.parametrize(
    "text",
    [
        "Establish a fund for the ovens of small parishes.",
        "We urge the guild to publish its accounts.",
        "Mills should close at dusk.",
    ],
)
def test_a_plain_demand_is_possible(text: str):
    assert demand(text) >= POSSIBLE


@pytest.mark.parametrize(
    "text",
    [
        "The price of a loaf has gone up by a third since the mill was shut.",
        "The miller told us that ministers should pay for the oven of each parish.",
        "Witnesses argued that the Government must act before the harvest.",
        "Nobody asked the bakers what they ate, and no letter was answered.",
        "We welcome the pledge of the guild, and commend its zeal.",
        "Is the Government ready for a winter without rye?",
        "The Department should have known of the fire.",
        "Comment: One baker said that rye is dear.",
        "Summary",
    ],
)
def test_what_is_told_asked_or_welcomed_demands_nothing(text: str):
    assert demand(text) < POSSIBLE


def test_a_witness_speaks_for_himself_and_the_author_for_the_report():
    assert {"reported"} == features("She told us that ministers should bake.") & {
        *("reported", "should", "addressed"),
    }
    assert {"performs", "recommends"} <= features(
        "The miller told us that flour is dear, and we recommend that ministers pay for it."
    )


@pytest.mark.parametrize(
    "text",
    [
        "The Committee may recommend that a mill be shut.",
        "The Commission was asked to recommend a price.",
        "We did not recommend that the mill be shut.",
    ],
)
def test_what_may_or_might_be_recommended_is_not_recommended(text: str):
    assert not features(text) & {"performs", "recommends"}


def test_every_weight_is_of_a_feature_and_the_plainest_count_most():
    known = {*evidence.SENTENCE, *evidence.OPENING, "orders", "short", "ends without a stop"}
    assert set(WEIGHTS) <= known
    assert min(WEIGHTS["performs"], WEIGHTS["addressed"]) > 1
    assert max(WEIGHTS["law"], WEIGHTS["asks whether"]) < 0


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Recommendations", True),
        ("7. Summary of conclusions and recommendations", True),
        ("Our proposals", True),
        ("Principles into practice: recommendations to the next government", True),
        ("Summary of Comments and Recommendations", False),
        ("Response to previous recommendations", False),
        ("Report and recommendations of the Board", False),
        ("On the recommendation of the Board", False),
    ],
)
def test_a_section_is_called_after_what_it_lists(title: str, named: bool):
    assert evidence.is_named(title) is named


@pytest.mark.parametrize(
    ("lead", "leads", "addresses"),
    [
        ("We recommend that bakers:", True, True),
        ("The Government should:", True, True),
        ("In summary, we recommend that:", True, False),
        ("We make the following recommendations:", True, False),
        ("Bread is made of three things:", False, False),
    ],
)
def test_a_lead_in_says_whether_its_list_has_parts_or_whole_recommendations(
    lead: str, leads: bool, addresses: bool
):
    assert (evidence.leads_in(lead), evidence.addresses(lead)) == (leads, addresses)
