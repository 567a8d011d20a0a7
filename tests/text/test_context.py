"""A paragraph's context: its section, what leads it in, and the head of its table."""

from __future__ import annotations

import pytest

from reformqa.model import Paragraph
from reformqa.text.context import context, lead_in, table_head
from support.makers import paragraph, report

LEAD = paragraph("We bought three things:", id="p1")
ITEM = paragraph("a sack of rye", kind="bullet", id="p2")
CAPTION = paragraph("Table 1: What a loaf costs", kind="caption", id="c")
HEAD = paragraph("Loaf | Price", kind="table", id="h")
ROW = paragraph("Rye | 3", kind="table", id="r")


# ---- lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "leads"),
    [
        ([LEAD], True),
        ([LEAD, ITEM, ITEM], True),
        ([LEAD, paragraph("4 Ibid.", kind="footnote"), ITEM], True),
        ([LEAD, paragraph("The Baker | 7", kind="furniture")], True),
        ([LEAD, *[ITEM] * 11], True),
        ([paragraph("So it goes…")], True),
        ([paragraph("“We bought:", kind="quote")], True),
        ([paragraph("Rye is dear. We bought the following in spring.")], True),
        ([paragraph("The following is dear. We bought rye.")], False),
        ([paragraph("We bought rye.")], False),
        ([paragraph("We bought:", section=3)], False),
        ([paragraph("We bought:", kind="heading")], False),
        ([paragraph("We bought:", kind="caption")], False),
        ([LEAD, paragraph("And so on.")], False),
        ([LEAD, *[ITEM] * 12], False),
        ([], False),
    ],
)
def test_which_paragraph_leads_a_list_in(before: list[Paragraph], leads: bool):
    found = lead_in([*before, ITEM], len(before))
    assert found == (before[0] if leads else None)


@pytest.mark.parametrize("kind", ["body", "table", "quote", "caption", "heading"])
def test_a_paragraph_that_is_no_item_has_no_lead_in(kind: str):
    assert lead_in([LEAD, paragraph("Rye keeps.", kind=kind)], 1) is None


def test_an_item_with_a_list_of_its_own_leads_that_list_in():
    items = [
        paragraph("The baker should do this:", kind="body"),
        paragraph("Light the oven:", kind="numbered"),
        paragraph("fetch some wood.", kind="bullet"),
    ]
    assert lead_in(items, 2) == items[1]
    assert lead_in(items, 1) == items[0]


def test_a_numbered_paragraph_leads_in_the_items_that_share_its_numbering():
    texts = ("Towns shall:", "lend ovens;", "dress stones; and", "grind rye.", "Rye is dear.")
    items = [paragraph(text, kind="numbered") for text in texts]
    assert [lead_in(items, n) for n in range(5)] == [None, *[items[0]] * 3, None]


# ---- tables -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paragraphs", "position", "head"),
    [
        ([CAPTION, HEAD, ROW], 2, [CAPTION, HEAD]),
        ([CAPTION, HEAD, ROW, ROW, ROW], 4, [CAPTION, HEAD]),
        ([CAPTION, HEAD, ROW], 1, [CAPTION]),
        ([HEAD, ROW], 1, [HEAD]),
        ([HEAD, ROW], 0, []),
        ([LEAD, HEAD, ROW], 2, [HEAD]),
        ([HEAD, LEAD, ROW], 2, []),
        ([CAPTION, LEAD, HEAD, ROW], 3, [HEAD]),
        ([CAPTION, HEAD, ROW], 0, []),
        ([HEAD, LEAD], 1, []),
    ],
)
def test_the_head_of_a_table_is_its_caption_and_first_row(
    paragraphs: list[Paragraph], position: int, head: list[Paragraph]
):
    assert table_head(paragraphs, position) == head


@pytest.mark.parametrize("kind", ["furniture", "footnote"])
def test_a_table_continues_past_the_foot_of_a_page(kind: str):
    foot = paragraph("The Baker | 7", kind=kind)
    table = [CAPTION, HEAD, ROW, foot, ROW, ROW]
    assert table_head(table, 4) == [CAPTION, HEAD]
    assert table_head(table, 5) == [CAPTION, HEAD]


# ---- together -----------------------------------------------------------------------------------


def test_context_is_the_section_path_without_the_reports_title():
    made = report(paragraph("Rye keeps.", section_path=("Grain", "Rye")))
    assert context(made, 0) == "Grain. Rye. "
    assert made.title not in context(made, 0)


def test_a_paragraph_outside_all_sections_has_no_context():
    assert context(report(paragraph("Rye keeps.", section_path=())), 0) == ""


def test_an_items_context_ends_with_what_leads_it_in():
    assert context(report(LEAD, ITEM), 1) == "Chapter. We bought three things:. "
    assert context(report(LEAD, ITEM), 0) == "Chapter. "


def test_a_rows_context_ends_with_the_tables_head():
    made = report(CAPTION, HEAD, ROW)
    assert context(made, 2) == "Chapter. Table 1: What a loaf costs. Loaf | Price. "
    assert context(made, 1) == "Chapter. Table 1: What a loaf costs. "


def test_a_long_lead_in_gives_its_end():
    long = paragraph("x" * 300 + " which bought three things:", id="p1")
    assert context(report(long, ITEM), 1) == f"Chapter. {long.text[-200:]}. "


def test_a_long_head_gives_its_beginning():
    long = paragraph("Loaf | " + "y" * 300, kind="table")
    assert context(report(long, ROW), 1) == f"Chapter. {long.text[:200]}. "


def test_what_is_said_twice_is_there_once():
    made = report(paragraph("Rye keeps.", section_path=("Grain", "Rye", "Grain")))
    assert context(made, 0) == "Grain. Rye. "
