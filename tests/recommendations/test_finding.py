"""Each recommendation is found once, however it is printed, with its copies joined to it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from reformqa import Paragraph, Recommendation
from reformqa.parsing import parse
from reformqa.recommendations.finding import find_recommendations
from reformqa.text.similarity import content_words, overlap
from support.makers import paragraph, report

LOAF = "Bakers should weigh every loaf before it leaves the shop."
RYE = "Councils must lend a field to anyone who will sow rye in it."
OVEN = "Ministers should pay for one new oven in each parish."
PROSE = "The price of a loaf has gone up by a third since the mill was shut."


def found(*paragraphs: Paragraph) -> tuple[Recommendation, ...]:
    """Return the recommendations of a report with these paragraphs, given the ids "p1", "p2", …"""
    made = [replace(p, number=n, id=f"p{n}") for n, p in enumerate(paragraphs, start=1)]
    return find_recommendations(report(*made))


def item(text: str, kind: str = "bullet", section: str = "Chapter", **changes: str) -> Paragraph:
    """Return a list item in the section with that title."""
    at = sum(map(ord, section))
    return paragraph(text, kind=kind, section_path=(section,), section=at, **changes)


def stated(records: tuple[Recommendation, ...]) -> list[tuple[str | None, str, str]]:
    return [(r.label, r.text, r.stated) for r in records]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (f"Recommendation 7: {LOAF}", "Recommendation 7"),
        (f"Policy Option Two – {LOAF}", "Policy Option Two"),
        (f"PROPOSAL 3. {LOAF}", "PROPOSAL 3"),
        (f"Recommendation 4a - {LOAF}", "Recommendation 4a"),
    ],
)
def test_a_labelled_paragraph_is_a_recommendation_without_its_label(text: str, label: str):
    assert stated(found(paragraph(PROSE), paragraph(text))) == [(label, LOAF, "p2")]


@pytest.mark.parametrize(
    "text",
    [
        f"In Recommendation 7: {LOAF}",
        f"Recommendation {LOAF}",
        "Recommendation 7: see p. 4",
        "Recommendations are made below: there are four of them in this report.",
    ],
)
def test_words_that_only_speak_of_a_recommendation_are_none(text: str):
    assert found(paragraph(PROSE), paragraph(text)) == ()


def test_several_recommendations_in_one_table_cell_are_parted():
    raw = f"Bread\t<p><b>Recommendation 1:</b> {LOAF}</p><p>Recommendation 2: {RYE}</p>"
    assert stated(found(paragraph("Bread | …", kind="table", raw=raw))) == [
        ("Recommendation 1", LOAF, "p1"),
        ("Recommendation 2", RYE, "p1"),
    ]


def test_a_report_that_labels_its_recommendations_is_taken_at_its_word():
    records = found(
        paragraph(f"Recommendation 1: {LOAF}"),
        paragraph(f"Recommendation 2: {OVEN}"),
        item(RYE, section="Recommendations"),
        paragraph("We recommend that bakers should:"),
        item("weigh each loaf"),
    )
    assert stated(records) == [("Recommendation 1", LOAF, "p1"), ("Recommendation 2", OVEN, "p2")]


def test_one_label_alone_is_taken_where_no_section_lists_recommendations():
    records = found(paragraph(f"Recommendation 1: {LOAF}"), item(RYE, section="What we saw"))
    assert stated(records) == [("Recommendation 1", LOAF, "p1")]


def test_one_label_alone_loses_to_the_list_of_a_section_so_called():
    """The label may refer to another report."""
    records = found(
        paragraph(f"Recommendation 1: {LOAF}"),
        item(RYE, section="Recommendations"),
        item(OVEN, section="Recommendations"),
    )
    assert stated(records) == [(None, RYE, "p2"), (None, OVEN, "p3")]


def test_recommendations_are_preferred_to_conclusions_and_recommendations():
    records = found(
        item(PROSE, "numbered", "Conclusions and recommendations", label="1"),
        item(LOAF, "numbered", "Conclusions and recommendations", label="2"),
        item(RYE, "numbered", "Recommendations", label="3"),
    )
    assert stated(records) == [("3", RYE, "p3")]


def test_conclusions_and_recommendations_alone_are_taken():
    records = found(item(LOAF, "numbered", "Conclusions and recommendations", label="2"))
    assert stated(records) == [("2", LOAF, "p1")]


def test_copies_under_one_label_are_one_record():
    (record,) = found(
        paragraph(f"Recommendation 1: {LOAF}", section_path=("Summary",)),
        paragraph(PROSE),
        paragraph(f"Recommendation 1: {LOAF[:-1]}, day or night."),
        paragraph(f"Recommendation 1: {LOAF}", section_path=("Annex",)),
    )
    assert (record.text, record.section_path) == (LOAF, ("Summary",))
    assert (record.stated, record.restated) == ("p1", ("p3", "p4"))


def test_one_label_over_two_matters_is_two_records():
    records = found(paragraph(f"Recommendation 1: {LOAF}"), paragraph(f"Recommendation 1: {OVEN}"))
    assert [r.text for r in records] == [LOAF, OVEN]


def test_a_paragraph_that_opens_with_the_same_words_restates_it():
    (record,) = found(
        paragraph(f"Recommendation 1: {LOAF}"), paragraph(PROSE), paragraph(f"{LOAF} {PROSE}")
    )
    assert record.restated == ("p3",)


@pytest.mark.parametrize("section", ["Recommendations", "Policy options", "4. Our proposals"])
def test_the_items_of_a_section_so_called_are_recommendations(section: str):
    records = found(
        item("Weigh each loaf", section="What we saw"),
        item(LOAF, section=section),
        item(RYE, section=section),
    )
    assert stated(records) == [(None, LOAF, "p2"), (None, RYE, "p3")]


def test_bullets_below_a_numbered_item_are_its_sub_items():
    records = found(
        item(LOAF, "numbered", "Recommendations", label="1"),
        item("Use a brass scale.", "bullet", "Recommendations"),
        item("Check it monthly.", "bullet", "Recommendations"),
        item(RYE, "numbered", "Recommendations", label="2"),
    )
    assert [(r.label, r.text, r.sub_items) for r in records] == [
        ("1", LOAF, ("Use a brass scale.", "Check it monthly.")),
        ("2", RYE, ()),
    ]


def test_a_list_of_the_summary_that_says_what_should_be_done_is_one_of_recommendations():
    summary = {"section": "Summary", "section_kind": "summary"}
    records = found(item(LOAF, **summary), item(RYE, **summary), item("Salt is dear.", **summary))
    assert [r.text for r in records] == [LOAF, RYE, "Salt is dear."]


def test_a_list_in_the_summary_that_mostly_describes_is_not_one_of_recommendations():
    summary = {"section": "Summary", "section_kind": "summary"}
    assert (
        found(item(LOAF, **summary), item("Rye rose.", **summary), item("So it is.", **summary))
        == ()
    )


def test_a_sentence_set_in_bold_or_as_a_heading_is_a_recommendation():
    assert stated(found(paragraph(PROSE), paragraph(LOAF, bold=True))) == [(None, LOAF, "p2")]
    assert found(paragraph(PROSE), paragraph(LOAF)) == ()
    assert found(paragraph(LOAF), paragraph(PROSE, bold=True)) == ()


@pytest.mark.parametrize("printed", [f"### {LOAF}", f"**{LOAF}**"])
def test_a_bold_or_headed_sentence_of_a_file_is_a_recommendation(printed: str, tmp_path: Path):
    file = tmp_path / "made.md"
    file.write_text(f"# On Bread\n\n## Proposals\n\n{PROSE}\n\n{printed}\n\n{PROSE}\n", "utf-8")
    assert [r.text for r in find_recommendations(parse(file))] == [LOAF]


def test_bold_sentences_join_a_list_without_numbers_and_not_a_long_one_with():
    bold = paragraph(OVEN, bold=True)
    plain = found(item(LOAF, section="Recommendations"), bold)
    assert [r.text for r in plain] == [LOAF, OVEN]
    demands = [
        f"{who} should {what}."
        for who, what in (
            ("Millers", "publish the price of rye each week"),
            ("Ferrymen", "carry flour free of charge on Sundays"),
            ("Schools", "teach kneading in the third year"),
            ("Grocers", "give unsold rolls to neighbours by noon"),
            ("Inspectors", "visit cellars without notice in spring"),
        )
    ]
    items = [
        item(text, "numbered", "Recommendations", label=str(n))
        for n, text in enumerate(demands, start=1)
    ]
    assert [r.text for r in found(*items, bold)] == demands


def test_plain_paragraphs_of_a_section_of_recommendations_that_demand_are_taken():
    section = {"section_path": ("Recommendations",), "section": 7}
    records = found(
        paragraph(OVEN), paragraph(PROSE, **section), paragraph(LOAF, **section), paragraph(PROSE)
    )
    assert stated(records) == [(None, LOAF, "p3")]


@pytest.mark.parametrize(
    "text",
    [
        "We recommend that each parish keep one oven warm all winter.",
        "The Committee therefore recommends that each parish keep an oven warm.",
        "This inquiry would have recommended an oven for each parish of the valley.",
    ],
)
def test_at_last_a_paragraph_that_says_who_recommends_is_taken(text: str):
    assert stated(found(paragraph(PROSE), paragraph(text))) == [(None, text, "p2")]


@pytest.mark.parametrize(
    "text",
    [
        "Visitors recommend the rye bread of the long field above all others.",
        "We explain below which loaf we recommend above all.",
        "The list of recommendations is long, and nobody has read it.",
    ],
)
def test_a_paragraph_in_which_nobody_of_weight_recommends_is_none(text: str):
    assert found(paragraph(PROSE), paragraph(text)) == ()


def test_sentences_that_recommend_are_ignored_if_one_introduces_a_list():
    records = found(
        paragraph("We recommend that each parish keep one oven warm all winter."),
        paragraph("We recommend that bakers:"),
        item("weigh each loaf;"),
    )
    assert stated(records) == [(None, "weigh each loaf;", "p3")]


@pytest.mark.parametrize("lead", ["We recommend that bakers:", "In a year each council should:"])
def test_the_items_that_a_sentence_with_recommend_leads_in_are_recommendations(lead: str):
    records = found(
        item("flour"), paragraph(lead), item("weigh each loaf;"), paragraph(PROSE), item("salt")
    )
    assert stated(records) == [(None, "weigh each loaf;", "p3")]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "footnote"},
        {"kind": "furniture"},
        {"kind": "caption"},
        {"section_kind": "references"},
        {"section_kind": "licence"},
        {"section_kind": "front"},
    ],
)
def test_what_is_no_text_of_the_report_recommends_nothing(changes: dict[str, str]):
    assert found(paragraph(f"Recommendation 1: {LOAF}", **changes)) == ()


def test_an_id_comes_from_the_words_and_a_report_without_any_has_none():
    (first,) = found(paragraph(f"Recommendation 1: {LOAF}"))
    (second,) = found(paragraph(PROSE), paragraph(f"Proposal 9: {LOAF}"))
    assert first.id == second.id
    assert re.fullmatch(r"made-rec-[0-9a-f]{8}", first.id)
    assert found(paragraph(PROSE)) == ()


def test_words_that_carry_meaning_are_compared_without_number_or_case():
    assert content_words("The Councils must pay £3 for 40% of these") == {
        *("council", "must", "pay", "£3", "40%"),
    }
    assert overlap(frozenset("abc"), frozenset("bcde")) == pytest.approx(2 / 3)
    assert overlap(frozenset(), frozenset("a")) == 0


def score(folder: Path, name: str, truth: list[dict[str, object]]) -> tuple[int, int, int]:
    """Return the number of true recommendations, of those found, and of all found."""
    left = list(find_recommendations(parse(folder / f"{name}.txt")))
    total, right = len(left), 0
    for wanted in truth:
        match = next((r for r in left if agrees(wanted, r)), None)
        if match:
            left.remove(match)
            right += 1
    return len(truth), right, total


def agrees(wanted: dict[str, object], record: Recommendation) -> bool:
    label, text = wanted["label"], str(wanted["text"])
    if label and record.label and str(label).lower() == record.label.lower():
        return True
    words, has = (set(re.findall(r"\w+", t.lower())) for t in (text, record.text))
    return len(words & has) >= 0.8 * len(words)


def test_recommendations_of_the_five_reports_agree_with_the_hand_made_truth(shared: Path):
    gold = json.loads((shared / "gold" / "recommendations.json").read_text("utf-8"))
    scores = {
        name: score(shared / "corpus" / "text", name, [t for t in truth if t["tier"] == "formal"])
        for name, truth in gold.items()
    }
    assert len(scores) == 5
    for name, (wanted, right, total) in scores.items():
        assert right / wanted >= 0.85, name
        assert right / total >= 0.85, name
    wanted, right, total = (sum(column) for column in zip(*scores.values(), strict=True))
    assert right / wanted >= 0.95
    assert right / total >= 0.90
