"""Lines become paragraphs, joined across columns, pages and boxes."""

from __future__ import annotations

import pytest

from reformqa.parsing.readers.pdf.content import GlyphRun, PageContent, Shape
from reformqa.parsing.readers.pdf.flow import Piece, cut, join
from reformqa.parsing.readers.pdf.grouping import (
    ends_sentence,
    find_leading,
    split_notes,
    split_paragraphs,
)
from reformqa.parsing.readers.pdf.layout import NoteCount, Zone, lay_out
from reformqa.parsing.readers.pdf.lines import body_size, read_lines
from reformqa.parsing.readers.pdf.roles import set_roles
from support.pdfs import MILL, OVEN, SALT, column, lines, page, rule, run, typeset


def grouped(*runs: GlyphRun) -> list[str]:
    """Return the paragraphs of a column of runs, including list marks."""
    found = lines(*runs)
    leading = find_leading([found])
    return [" ".join(ln.whole for ln in p) for p in split_paragraphs(found, leading)]


def zones(*pages: PageContent) -> list[Zone]:
    read = [read_lines(p) for p in pages]
    size = body_size(ln for found in read for ln in found)
    notes = NoteCount()
    parts = [lay_out(p, ln, set(), size, notes)[0] for p, ln in zip(pages, read, strict=True)]
    return [r for part in parts for r in part]


def pieces(*pages: PageContent) -> list[Piece]:
    """Return the joined pieces of a report with these pages."""
    found = zones(*pages)
    leading = find_leading([r.lines for r in found if r.kind in ("text", "box", "notes")])
    cut_up = cut(found, leading)
    set_roles(cut_up)
    return join(cut_up)


def flow(*pages: PageContent) -> list[str]:
    return [p.text for p in pieces(*pages) if p.kind == "text" and p.role == "text"]


def halves(words: str) -> tuple[str, str]:
    """Return the two halves of the words."""
    parts = words.split()
    middle = len(parts) // 2
    return " ".join(parts[:middle]), " ".join(parts[middle:])


# Grouping


def test_a_lone_indented_line_begins_a_paragraph_whatever_the_line_before_ends_with():
    rows = (
        *(("Baker A (2031) On the price of salt in the upper valley, Mill", 50),),
        *(("Press. https://www.example.org/on-the-price-of-salt-in-the", 50),),
        *(("Cooper B (2030) Where the rye is sown, and by whom it is cut", 64),),
        *(("and carried to the mill, Mill Press.", 50),),
    )
    found = grouped(*[run(words, x, 100 + 12 * n) for n, (words, x) in enumerate(rows)])
    assert [words[:6] for words in found] == ["Baker ", "Cooper"]


def test_an_indent_begins_a_paragraph_without_a_gap():
    assert grouped(*typeset([MILL, OVEN, SALT], indent=12)) == [MILL, OVEN, SALT]


def test_a_gap_begins_a_paragraph_without_an_indent():
    assert grouped(*typeset([MILL, OVEN, SALT], gap=8)) == [MILL, OVEN, SALT]


def test_a_full_last_line_and_a_gap_part_paragraphs():
    first = typeset([MILL], ends_full=True)
    assert grouped(*first, *typeset([OVEN], top=first[-1].base + 20)) == [MILL, OVEN]


def test_lines_without_gap_or_indent_are_one_paragraph():
    assert grouped(*typeset([MILL])) == [MILL]


def test_a_short_line_that_ends_a_sentence_ends_the_paragraph():
    assert grouped(*typeset([f"{MILL} It did so.", OVEN])) == [f"{MILL} It did so.", OVEN]


def test_a_first_line_set_out_hangs_over_its_paragraph():
    assert grouped(*typeset([MILL, OVEN, SALT], x=80, indent=-20)) == [MILL, OVEN, SALT]


def test_a_list_of_short_entries_is_split_at_the_indents_of_its_entries():
    # Most lines begin at the indent, and so do not tell where the column has its edge.
    runs = []
    for n in range(3):
        opening = run("Tom Baker, The bread and the ovens, p.", 64, 100 + 24 * n, x1=280)
        runs += [opening, run("57, on the ovens.", 50, 112 + 24 * n)]
    for n in range(3):
        opening = run("Anna Miller, The mills of the", 64, 172 + 24 * n, x1=280)
        runs += [opening, run("valley, 2031.", 50, 184 + 24 * n)]
    runs += [run(f"Joan Ferry, On rye, 203{n}.", 64, 244 + 12 * n) for n in range(6)]
    assert grouped(*runs)[:2] == ["Tom Baker, The bread and the ovens, p. 57, on the ovens."] * 2


def test_an_item_whose_lines_begin_below_its_mark_goes_on_after_a_full_line():
    items = (
        ("1. Baker, A. and Miller, T.", "https://bread.example/the-", "mill"),
        (
            "2. Canal Trust, Locks and",
            "their keepers, 2031. See:",
            "https://bread.example/all-locks",
        ),
    )
    runs = column([line for item in items for line in item], 50)
    assert grouped(*runs) == [" ".join(item) for item in items]


def test_a_quote_set_in_on_both_sides_is_one_paragraph():
    words = "The mill is to be kept by the Guild of"
    runs = [*typeset([MILL]), run(words, 70, 300, x1=243), run("Rye and Oats for ever.", 70, 312)]
    assert grouped(*runs)[1:] == [f"{words} Rye and Oats for ever."]


@pytest.mark.parametrize("marks", [("•", "•"), ("1.", "2."), ("(a)", "(b)"), ("–", "–")])
def test_hanging_items_are_a_paragraph_each(marks: tuple[str, str]):
    runs = []
    for n, (mark, words) in enumerate(zip(marks, (MILL, OVEN), strict=True)):
        item = typeset([words], x=70, top=100 + 12 * 6 * n)
        runs += [run(mark, 50, item[0].base), *item]
    assert grouped(*runs) == [f"{marks[0]} {MILL}", f"{marks[1]} {OVEN}"]


@pytest.mark.parametrize("start", ["12. and the year of the flood", "– and nobody was surprised –"])
def test_a_wrapped_line_that_starts_with_a_number_or_dash_is_no_item(start: str):
    runs = [
        run("The bridge was mended in the spring of the year", 50, 100, x1=280),
        run(start, 50, 112, x1=280),
        run("took it away again in autumn.", 50, 124),
    ]
    assert len(grouped(*runs)) == 1


def test_a_change_of_size_begins_a_paragraph():
    heading = run("The mill", 50, 100, 14)
    assert grouped(heading, *typeset([MILL], top=118)) == ["The mill", MILL]


def test_a_bold_line_above_its_text_is_a_paragraph():
    heading = run("Who keeps the mill", 50, 100, bold=True)
    assert grouped(heading, *typeset([MILL], top=112)) == ["Who keeps the mill", MILL]


def test_a_bold_opening_within_the_line_is_none():
    bold = run("The mill", 50, 100, bold=True)
    rest = run("stands where the canal bends, and", bold.x1 + 3, 100, x1=280)
    below = typeset(["farmers have long brought their rye to it in autumn."], top=112)
    assert len(grouped(bold, rest, *below)) == 1


def test_a_heading_on_two_lines_is_one():
    heading = column(["How the bakers of the valley", "buy their flour"], 50, 100, 20, size=16)
    assert grouped(*heading, *typeset([MILL], top=145))[0] == (
        "How the bakers of the valley buy their flour"
    )


def test_the_commonest_step_is_the_leading_of_its_size():
    found = lines(*typeset([MILL, OVEN], gap=8), *column(["Small print."] * 4, 50, 500, 9, size=7))
    leading = find_leading([found])
    assert (leading.of(10), leading.of(7), leading.body) == (12, 9, 10)
    assert 22 <= leading.of(20) <= 30  # an estimate: there are no lines of this size


@pytest.mark.parametrize("text", ["It is so.", "Is it?", "“It is so.”", "as follows:", "so.)"])
def test_a_sentence_ends_with_its_stop_and_quotes(text: str):
    assert ends_sentence(text)
    assert not ends_sentence(text.rstrip(".?:”)") + " and")


def test_notes_begin_with_the_numbers_that_follow_the_last():
    words = [
        "8 See the ledger for the year",
        "1999 and the next",
        "9 Ibid.",
        "40 loaves were meant",
    ]
    found = lines(*column(words, 50, 600, 10, size=8))
    notes = split_notes(found, 7)
    assert [[ln.text for ln in note] for note in notes] == [words[:2], words[2:]]


# Joining across columns, pages and boxes


def test_a_paragraph_goes_on_in_the_next_column():
    first, rest = halves(MILL)
    left = typeset([OVEN, SALT, first], gap=8, ends_full=True)
    right = typeset([rest, OVEN, SALT], x=320, gap=8)
    assert flow(page([*left, *right])) == [OVEN, SALT, MILL, OVEN, SALT]


def test_a_paragraph_goes_on_over_the_page():
    first, rest = halves(MILL)
    found = pieces(
        page(typeset([OVEN, first], gap=8, ends_full=True)),
        page(typeset([rest, SALT], gap=8), number=2),
    )
    assert [p.text for p in found] == [OVEN, MILL, SALT]
    assert [p.joined for p in found] == [False, True, False]
    assert {ln.page for ln in found[1].lines} == {1, 2}


def test_an_item_goes_on_at_its_indent_in_the_next_column():
    words = ("The mill was built in the second year", "by the families of Anna and of Tom")
    first = [run("•", 50, 700), *(run(w, 70, 700 + 12 * n, x1=280) for n, w in enumerate(words))]
    second = [run("Baker.", 340, 100), run("•", 320, 112), run("Rye is sown.", 340, 112)]
    left, right = typeset([MILL], 50, 100), typeset([OVEN], 320, 136)
    found = flow(page([*left, *first, *second, *right]))
    assert f"{' '.join(words)} Baker." in found


def test_a_dash_in_the_next_column_begins_the_next_item():
    first = [run("–", 50, 700), run("salt from the canal", 62, 700, x1=280)]
    second = [run("–", 320, 100), run("rye from the valley", 332, 100)]
    above = column(["Bread is made of rye."] * 5, 50, 100)
    beside = column(["Bread is made of rye."] * 5, 320, 112)
    found = flow(page([*above, *first, *second, *beside]))
    assert "salt from the canal" in found


def test_a_paragraph_that_ends_with_its_page_is_not_joined():
    assert flow(
        page(typeset([MILL, OVEN], gap=8)), page(typeset([SALT, MILL], gap=8), number=2)
    ) == [MILL, OVEN, SALT, MILL]


def test_a_word_hyphenated_at_the_page_end_is_joined():
    found = pieces(
        page(
            [*typeset([OVEN], ends_full=True), run("and the next year the mil-", 50, 160, x1=280)]
        ),
        page(column(["ler left the valley for good."]), number=2),
    )
    assert [p.text for p in found][-1].endswith("the mil- ler left the valley for good.")


def test_a_paragraph_goes_on_past_a_pull_quote():
    first, rest = halves(MILL)
    above = typeset([OVEN, first], gap=8, ends_full=True)
    quote = column(["the farmers of the valley", "have brought their rye"], 50, 200, 20, size=16)
    below = typeset([rest, SALT], top=250, gap=8)
    found = pieces(page([*above, *quote, *below], number=9))  # a first page may be a cover
    assert [p.text for p in found if p.role == "text"] == [OVEN, MILL, SALT]
    assert [p.role for p in found].count("pull quote") == 1


def test_a_paragraph_goes_on_past_a_box():
    first, rest = halves(MILL)
    above = typeset([OVEN, first], gap=8, ends_full=True)
    inside = typeset(["Box 1: Salt", SALT], x=60, top=220, measure=210, gap=8)
    below = typeset([rest, SALT], top=330, gap=8)
    shaded = page([*above, *inside, *below], [Shape((50, 205, 280, 310), "0.90")])
    assert flow(shaded) == [OVEN, MILL, SALT]


@pytest.mark.parametrize(("shade", "boxes"), [("0.90", {1}), ("0.50", {1, 2})])
def test_a_box_goes_on_in_the_box_of_one_look_in_the_next_column(shade: str, boxes: set[int]):
    first, rest = halves(MILL)
    left = typeset(["Box 1: Salt", SALT, first], x=60, top=620, measure=210, gap=8, ends_full=True)
    right = typeset([rest], x=330, top=100, measure=210)
    columns = [
        *typeset([OVEN] * 5, top=100, gap=8),
        *typeset([SALT] * 5, x=320, top=260, gap=8),
    ]
    shapes = [Shape((50, 605, 280, 790), "0.90"), Shape((320, 85, 550, 200), shade)]
    found = [p for p in pieces(page([*left, *right, *columns], shapes)) if p.kind == "box"]
    assert {p.box for p in found} == boxes
    assert [p.text for p in found][2:] == ([MILL] if boxes == {1} else [first, rest])


def test_a_heading_is_never_gone_on_with():
    heading = run("Where the rye is", 50, 400, 16)
    found = flow(page([*typeset([OVEN]), heading]), page(typeset([MILL.lower()]), number=2))
    assert found == [OVEN, MILL.lower()]


def test_indented_paragraphs_go_on_over_the_page_where_the_next_is_flush():
    first = "The mill stands where the canal bends, and has stood for long. It grinds rye."
    flush = "Nobody knows who built it, though the miller says that his grandmother did know it."
    before = typeset([OVEN, SALT, OVEN, first], indent=12, ends_full=True)
    after = [*typeset([flush]), *typeset([SALT, OVEN], top=136, indent=12)]
    assert flow(page(before), page(after, number=2))[3] == f"{first} {flush}"


def test_numbered_paragraphs_go_on_over_the_page_where_the_next_has_no_number():
    first = "The mill stands where the canal bends, and has stood there for long. It grinds rye."
    runs, top = [], 100.0
    for n, words in enumerate((OVEN, SALT, OVEN, first), start=1):
        item = typeset([words], x=80, top=top, ends_full=words is first)
        runs += [run(f"{n}.", 50, top), *item]
        top = item[-1].base + 20
    rest = "Nobody knows who built it, though the miller says that his grandmother did know it."
    found = flow(page(runs), page(typeset([rest], x=80), number=2))
    assert found[3:] == [f"{first} {rest}"]


def test_a_note_goes_on_over_the_page_and_the_text_too():
    first, rest = halves(MILL)
    note = [run("1", 50, 697, 5), run("Weighed on the scales of the town, which", 56, 700, 8)]
    more = [run("the council bought in a dry year.", 56, 700, 8)]
    found = pieces(
        page([*typeset([OVEN, first], gap=8, ends_full=True), *note], [rule(50, 688, 150)]),
        page([*typeset([rest, SALT], gap=8), *more], [rule(50, 688, 150)], number=2),
    )
    assert [(p.kind, p.text) for p in found] == [
        ("text", OVEN),
        ("text", MILL),
        ("notes", "Weighed on the scales of the town, which the council bought in a dry year."),
        ("text", SALT),
    ]


def test_a_table_has_a_piece_for_each_row():
    cells = [
        run(word, 60 + 150 * n, 114 + 20 * m)
        for m, row in enumerate((("Crop", "Price"), ("Rye", "£3"), ("Oats", "£4")))
        for n, word in enumerate(row)
    ]
    found = pieces(page(cells, [rule(50, 100 + 20 * n, 400) for n in range(4)]))
    assert [(p.kind, [c[0].text for c in p.cells]) for p in found] == [
        ("table", ["Crop", "Price"]),
        ("table", ["Rye", "£3"]),
        ("table", ["Oats", "£4"]),
    ]
