"""Each recommendation is found once, however it is printed, with its copies joined to it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from reformqa import Paragraph, Recommendation, Report
from reformqa.parsing import parse
from reformqa.recommendations.finding import find_recommendations
from reformqa.recommendations.responses import is_response
from reformqa.text.labels import label_keys
from reformqa.text.similarity import content_words, overlap
from support import pdfs
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
        "The baker may recommend another loaf if the first one has gone stale.",
        "The miller told us that ministers should pay for the oven of each parish.",
        "The list of recommendations is long, and nobody has read it.",
    ],
)
def test_a_paragraph_in_which_nobody_of_weight_recommends_is_none(text: str):
    assert found(paragraph(PROSE), paragraph(text)) == ()


def test_sentences_that_recommend_are_ignored_if_one_introduces_a_list():
    records = found(
        paragraph("We recommend that each parish keep one oven warm all winter."),
        paragraph("We make the following recommendations:"),
        item(RYE),
    )
    assert stated(records) == [(None, RYE, "p3")]


@pytest.mark.parametrize("lead", ["In summary, we recommend that:", "Our recommendations are:"])
def test_the_items_that_a_sentence_with_recommend_leads_in_are_recommendations(lead: str):
    records = found(
        item("flour"), paragraph(lead), item("weigh each loaf;"), paragraph(PROSE), item("salt")
    )
    assert stated(records) == [(None, "weigh each loaf;", "p3")]


@pytest.mark.parametrize("lead", ["We recommend that bakers:", "In a year each council should:"])
@pytest.mark.parametrize("section", ["Chapter", "Recommendations"])
def test_a_list_of_what_somebody_should_do_is_one_recommendation_with_parts(
    lead: str, section: str
):
    path = {"section_path": (section,), "section": sum(map(ord, section))}
    (record,) = found(
        paragraph(PROSE),
        paragraph(lead, **path),
        item("weigh each loaf;", section=section),
        item("sweep the mill.", section=section),
    )
    assert (record.text, record.stated) == (lead, "p2")
    assert record.sub_items == ("weigh each loaf;", "sweep the mill.")


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


def head(title: str, *path: str) -> Paragraph:
    """Return the heading of the section at that path."""
    at = {"section_path": (*path, title), "section": sum(map(ord, "".join((*path, title))))}
    return paragraph(title, kind="heading", bold=True, **at)


def within(text: str, *path: str, kind: str = "body", label: str | None = None) -> Paragraph:
    """Return a paragraph of the section at that path."""
    at = {"section_path": path, "section": sum(map(ord, "".join(path)))}
    return paragraph(text, kind=kind, label=label, **at)


def test_lettered_parts_belong_to_the_numbered_item_before_them():
    here = "Recommendations"
    records = found(
        within("Training", here, kind="numbered", label="1"),
        within("the guild should test each baker once a year;", here, kind="numbered", label="a"),
        within("the test should be free.", here, kind="numbered", label="b"),
        within(OVEN, here, kind="numbered", label="2"),
        within("in a town, two;", here, kind="numbered", label="i"),
        within("in a city, ten.", here, kind="numbered", label="ii"),
        within(RYE, here, kind="numbered", label="3"),
        within("to sow it early;", here, kind="numbered", label="1"),
        within("to reap it late.", here, kind="numbered", label="2"),
        within(LOAF, here, kind="numbered", label="4"),
    )
    assert [(r.label, r.text, len(r.sub_items)) for r in records] == [
        ("1", "Training", 2),
        ("2", OVEN, 2),
        ("3", RYE, 2),
        ("4", LOAF, 0),
    ]


def test_numbered_subsections_of_a_chapter_of_recommendations_are_its_recommendations():
    chapter = "Recommendations"
    records = found(
        within(PROSE, chapter),
        head("1. Redress", chapter),
        within("I recommend that a fund be set up for those who ate the loaves.", chapter, "1."),
        within("its head should be a judge;", chapter, "1.", kind="numbered", label="a"),
        within("it should pay within a year.", chapter, "1.", kind="numbered", label="b"),
        head("2. Memory", chapter),
        within("a stone be raised at the mill;", chapter, "2.", kind="numbered", label="a"),
        within("its cost be met by ministers.", chapter, "2.", kind="numbered", label="b"),
        head("3. Training", chapter),
        within("The guild should train its members.", chapter, "3."),
    )
    assert [(r.label, r.text[:20], len(r.sub_items)) for r in records] == [
        ("1", "I recommend that a f", 2),
        ("2", "Memory", 2),
        ("3", "The guild should tra", 0),
    ]


def test_a_label_with_a_title_states_the_demand_below_it_with_its_list():
    here = "What must change"
    (record, other) = found(
        within("Recommendation 1: A simpler bench", "Summary"),
        head(here),
        within("Recommendation 1: A simpler bench", here),
        within("The guild and each council should set up one bench of millers. It should:", here),
        within("meet monthly;", here, kind="bullet"),
        within("publish its minutes.", here, kind="bullet"),
        within("Recommendation 2: More rye", here),
        within(RYE, here),
        within(PROSE, here),
    )
    assert (record.label, record.stated, record.restated) == ("Recommendation 1", "p4", ("p1",))
    assert record.sub_items == ("meet monthly;", "publish its minutes.")
    assert (other.label, other.text, other.sub_items) == ("Recommendation 2", RYE, ())


def test_lines_of_a_contents_list_are_no_recommendations():
    records = found(
        paragraph("Recommendation 1: A simpler bench 12"),
        paragraph("Recommendation 2: More rye ......... 14"),
        paragraph(f"Recommendation 1: {LOAF}"),
        paragraph(f"Recommendation 2: {RYE}"),
    )
    assert [r.stated for r in records] == ["p3", "p4"]


def test_the_conclusions_of_a_committee_are_told_from_its_recommendations():
    here = "Summary of conclusions and recommendations"
    records = found(
        within("The oven of the parish is old, and it smokes.", here, kind="numbered", label="1"),
        within("We welcome the pledge of the guild.", here, kind="numbered", label="2"),
        within(f"We note the price. {OVEN}", here, kind="numbered", label="3"),
        within("We urge the guild to publish its accounts.", here, kind="numbered", label="4"),
        within("Witnesses told us that rye should be free.", here, kind="numbered", label="5"),
    )
    assert [r.label for r in records] == ["3", "4"]


def test_a_list_that_goes_on_below_a_heading_at_the_wrong_level_is_one_list():
    here = "Conclusions and recommendations"
    records = found(
        within(LOAF, here, kind="numbered", label="1"),
        within(RYE, here, kind="numbered", label="2"),
        head("The mill"),
        within(OVEN, "The mill", kind="numbered", label="3"),
        within("The mill stands by the weir.", "The mill", kind="numbered", label="4"),
        head("Annex"),
        within("Ministers must read this annex.", "Annex", kind="numbered", label="1"),
    )
    assert [r.label for r in records] == ["1", "2", "3"]


def test_a_volume_called_after_its_recommendations_is_no_list_of_them():
    volume = "Overview and recommendations"
    complaints = [
        within(f"Nobody asked {who} what they ate.", volume, "What went wrong", kind="bullet")
        for who in ("the millers", "the bakers", "the ferrymen", "the parish", "the guild")
    ]
    records = found(
        *complaints,
        within(LOAF, volume, "Recommendations", kind="numbered", label="1"),
        within(RYE, volume, "Recommendations", kind="numbered", label="2"),
    )
    assert [r.text for r in records] == [LOAF, RYE]


@pytest.mark.parametrize(
    ("printed", "label", "key"),
    [
        (f"Recommendation IV: {LOAF}", "Recommendation IV", "recommendation 4"),
        (f"Recommendation 3.2 {LOAF}", "Recommendation 3.2", "recommendation 3.2"),
        (f"R7: {LOAF}", "R7", "recommendation 7"),
        (f"Key recommendation 2: {LOAF}", "recommendation 2", "recommendation 2"),
        (f"Recommendation #5: {LOAF}", "Recommendation #5", "recommendation 5"),
    ],
)
def test_labels_of_every_house_are_read_and_normalised(printed: str, label: str, key: str):
    (record,) = found(paragraph(PROSE), paragraph(printed))
    assert (record.label, record.text) == (label, LOAF)
    assert label_keys(record.name) == [key]


def test_roman_numbers_in_a_list_are_labels(shared: Path):
    report = parse(shared / "cases" / "roman-recommendations" / "keepers.pdf")
    records = find_recommendations(report)
    assert [r.label for r in records] == ["I", "II", "III", "IV"]
    assert label_keys(records[2].name) == ["recommendation 3"]
    assert label_keys("Recommendation III of Keepers First") == ["recommendation 3"]


def test_titled_recommendations_of_a_pdf_have_their_text_and_parts(tmp_path: Path):
    contents = [
        "Contents",
        "Recommendation 1: A simpler bench .......... 2",
        "Recommendation 2: More rye .......... 2",
    ]
    bench = f"{PROSE} The guild should set up one bench of millers for the whole town. It should:"
    body = "".join(
        (
            pdfs.text("2 What must change", 72, 80, 16, "F2"),
            pdfs.set_lines(pdfs.wrapped(PROSE * 2, 440), 110),
            pdfs.text("Recommendation 1: A simpler bench", 72, 160, 11, "F2"),
            pdfs.set_lines(pdfs.wrapped(bench, 440), 180),
            pdfs.set_lines(["(a) meet each month;", "(b) print its minutes."], 212, x=90),
            pdfs.text("Recommendation 2: More rye", 72, 260, 11, "F2"),
            pdfs.set_lines(pdfs.wrapped(RYE, 440), 280),
        )
    )
    read = pdfs.report(tmp_path, pdfs.set_lines(contents, 80), body)
    records = find_recommendations(read)
    assert [(r.label, r.text, r.sub_items) for r in records] == [
        ("Recommendation 1", bench, ("meet each month;", "print its minutes.")),
        ("Recommendation 2", RYE, ()),
    ]


def answer(*paragraphs: Paragraph, title: str = "Made Report") -> Report:
    made = [replace(p, number=n, id=f"p{n}") for n, p in enumerate(paragraphs, start=1)]
    return report(*made, title=title)


def test_a_response_has_no_recommendations_of_its_own():
    quoted = [
        part
        for n, text in enumerate((LOAF, RYE, OVEN), start=1)
        for part in (
            paragraph(f"Recommendation {n}: {text}"),
            paragraph("The Government accepts this recommendation, and will act on it."),
            paragraph("Each council should hear of it by spring."),
        )
    ]
    assert is_response(answer(*quoted))
    assert find_recommendations(answer(*quoted)) == ()
    plain = [p for p in quoted if "Government" not in p.text]
    assert not is_response(answer(*plain))
    assert len(find_recommendations(answer(*plain))) == 3


def test_a_report_that_tells_of_replies_is_no_response():
    told = [paragraph("The Government accepts that bread is dear.") for _ in range(5)]
    labels = [paragraph(f"Recommendation {n}: {t}") for n, t in enumerate((LOAF, RYE, OVEN))]
    assert not is_response(answer(*told, *labels))


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
