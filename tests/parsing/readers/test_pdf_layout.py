"""A page is divided into columns, boxes, tables, notes and running heads."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from reformqa.parsing.readers.pdf.areas import find_areas
from reformqa.parsing.readers.pdf.cells import table_rows
from reformqa.parsing.readers.pdf.columns import column_count, reading_order
from reformqa.parsing.readers.pdf.content import GlyphRun, Shape
from reformqa.parsing.readers.pdf.graphics import Box
from reformqa.parsing.readers.pdf.layout import Zone, lay_out
from reformqa.parsing.readers.pdf.lines import read_lines
from reformqa.parsing.readers.pdf.notes import NoteCount
from reformqa.parsing.readers.pdf.running import running_lines
from reformqa.parsing.readers.pdf.strips import DOTS
from support.pdfs import column, page, rule, run, wall

PROSE = (
    "The bakers of the valley light their ovens",
    "long before dawn, and the smell of bread",
    "runs down the lanes to the canal, where the",
    "boats lie waiting for the first light and",
    "for the flour that the mill has ground.",
)


def boxes(x0: float, x1: float, top: float, count: int, step: float = 12) -> list[Box]:
    """Return the boxes of `count` lines, one below the other."""
    return [(x0, top + n * step, x1, top + n * step + 10) for n in range(count)]


# Reading order


def test_two_columns_are_read_one_after_the_other():
    left, right = boxes(50, 280, 100, 6), boxes(320, 550, 100, 6)
    mixed = [b for pair in zip(left, right, strict=True) for b in pair]
    assert reading_order(mixed) == [[0, 2, 4, 6, 8, 10], [1, 3, 5, 7, 9, 11]]
    assert column_count(mixed) == 2


def test_a_heading_over_both_columns_parts_the_page():
    above = [*boxes(50, 280, 100, 4), *boxes(320, 550, 100, 4)]
    heading = [(50.0, 170.0, 500.0, 186.0)]
    below = [*boxes(50, 280, 200, 4), *boxes(320, 550, 200, 4)]
    found = reading_order([*above, *heading, *below])
    assert found == [[0, 1, 2, 3], [4, 5, 6, 7], [8], [9, 10, 11, 12], [13, 14, 15, 16]]


def test_a_figure_across_the_middle_parts_the_page():
    figure = [(60.0, 300.0, 540.0, 420.0)]
    columns = [*boxes(50, 280, 100, 15), *boxes(320, 550, 100, 15)]
    below = [*boxes(50, 280, 440, 10), *boxes(320, 550, 440, 10)]
    found = reading_order([*figure, *columns, *below])
    assert [c[0] for c in found] == [1, 16, 0, 31, 41]


def test_three_columns_are_recognised():
    thirds = [*boxes(50, 200, 100, 5), *boxes(220, 370, 100, 5), *boxes(390, 550, 100, 5)]
    assert [c[0] for c in reading_order(thirds)] == [0, 5, 10]
    assert column_count(thirds) == 3


def test_a_column_with_short_lines_is_one_column():
    ends = (550, 120, 540, 300, 90, 545)
    ragged = [(50.0, 100 + 12 * n, x1, 110 + 12 * n) for n, x1 in enumerate(ends)]
    assert reading_order(ragged) == [[0, 1, 2, 3, 4, 5]]
    assert column_count(ragged) == 1


def test_no_boxes_have_no_order():
    assert reading_order([]) == []
    assert column_count([]) == 1


side = st.integers(0, 60).map(lambda n: 10.0 * n)
any_box = st.tuples(side, side, side, side).map(
    lambda t: (min(t[0], t[2]), min(t[1], t[3]), max(t[0], t[2]) + 5, max(t[1], t[3]) + 5)
)


@settings(deadline=None)
@given(st.lists(any_box, max_size=40))
def test_every_box_is_read_once_in_any_arrangement(made: list[Box]):
    assert sorted(i for c in reading_order(made) for i in c) == list(range(len(made)))


# Boxes and tables


def areas(runs: list[GlyphRun], *shapes: Shape) -> list[tuple[str, tuple[int, ...]]]:
    """Return the areas of a page, each as its kind and its rounded box."""
    shown = page(runs, shapes)
    found = find_areas(shown, read_lines(shown))
    return [(a.kind, tuple(round(v) for v in a.box)) for a in found]


def test_shaded_text_is_a_box_and_white_shading_none():
    text = column(PROSE, 60, 120)
    assert areas(text, Shape((50, 100, 300, 200), "0.80 0.90 1.00")) == [
        ("box", (50, 100, 300, 200))
    ]
    assert areas(text, Shape((50, 100, 300, 200), "1.00 1.00 1.00")) == []
    assert areas(text, Shape((50, 100, 300, 200), "0.00 0.00 0.00 0.00")) == []


def test_the_pages_background_is_no_box():
    assert areas(column(PROSE, 60, 120), Shape((0, 0, 600, 800), "0.90")) == []


def test_shading_without_text_and_a_bar_under_a_heading_are_no_boxes():
    assert areas([], Shape((50, 100, 300, 200), "0.90")) == []
    assert areas([run("A heading on a bar", 60, 112, 12)], Shape((50, 100, 300, 117), "0.9")) == []


def test_four_rules_make_a_frame():
    frame = (rule(50, 100, 300), rule(50, 200, 300), wall(50, 100, 200), wall(300, 100, 200))
    assert areas(column(PROSE, 60, 120), *frame) == [("box", (50, 100, 300, 200))]
    assert areas(column(PROSE, 60, 120), *frame[:3]) == []


def test_two_halves_of_one_shaded_box_are_one():
    halves = (Shape((50, 100, 300, 150), "0.90"), Shape((50, 150, 300, 200), "0.90"))
    assert areas(column(PROSE, 60, 120), *halves) == [("box", (50, 100, 300, 200))]


def test_a_bar_beside_text_makes_a_box_as_wide_as_its_text():
    bar = Shape((50, 100, 53, 200), "0.10")
    text = column(PROSE, 60, 120)
    assert areas(text, bar) == [("box", (50, 100, round(max(r.x1 for r in text)), 200))]
    assert areas(text, Shape((50, 100, 53, 700), "0.10")) == []  # text beside a part of it alone
    assert areas(text, wall(50, 100, 200)) == []


CELLS = (("Bread", "Loaves", "Price"), ("Rye", "1,200", "£3"), ("Oats", "90", "£4"))


def cell_runs(rows: tuple[tuple[str, ...], ...] = CELLS, step: float = 20) -> list[GlyphRun]:
    return [
        run(cell, 60 + 150 * n, 114 + step * m)
        for m, row in enumerate(rows)
        for n, cell in enumerate(row)
    ]


def read_table(runs: list[GlyphRun], shapes: list[Shape]) -> list[list[str]]:
    """Return the cells of the only table, row by row."""
    shown = page(runs, shapes)
    found = read_lines(shown)
    (table,) = [a for a in find_areas(shown, found) if a.kind == "table"]
    return [
        [" ".join(ln.whole for ln in cell) for cell in row]
        for row in table_rows(table.rows, table.walls, found)
    ]


def test_a_table_ruled_across_has_a_row_between_each_two_rules():
    rules = [rule(50, 100 + 20 * n, 500) for n in range(4)]
    assert read_table(cell_runs(), rules) == [list(row) for row in CELLS]


def test_a_table_in_a_grid_has_its_rows_and_cells():
    rules = [rule(50, 100 + 20 * n, 500) for n in range(4)]
    walls = [wall(x, 100, 160) for x in (50, 200, 350, 500)]
    assert read_table(cell_runs(), rules + walls) == [list(row) for row in CELLS]


def test_a_table_with_rules_at_its_head_and_foot_alone_is_parted_by_its_blanks():
    rules = [rule(50, y, 500) for y in (100, 120, 180)]
    rows = (*CELLS, ("Spelt", "7", "£9"))
    assert read_table(cell_runs(rows), rules) == [list(row) for row in rows]


def test_a_cell_of_two_lines_is_one_cell():
    rules = [rule(50, y, 500) for y in (100, 120, 150, 180)]
    rows = (("Rye", "Sown late"), ("Oats", "Sown early, and"), ("Spelt", "Never"))
    runs = [*cell_runs(rows[:1]), *column(("Oats",), 60, 132), *column(("Spelt",), 60, 162)]
    runs += column(("Sown early, and", "weeded twice"), 210, 132)
    runs += column(("Never",), 210, 162)
    assert read_table(runs, rules)[1] == ["Oats", "Sown early, and weeded twice"]


def test_dots_after_the_first_cell_end_a_row_that_no_rule_parts():
    rules = [rule(50, y, 500) for y in (100, 120, 165)]
    runs = [*cell_runs((("Bread", "Cost", "In all"),))]
    runs += column(("Rye, and what", "comes with it ........", "Oats .."), 60, 132)
    runs += column(("Two hours at £4", "= £8 ........", "One hour = £4"), 210, 132)
    runs += [run("£8", 360, 132, 10), run("£4", 360, 156, 10)]
    assert [" | ".join(DOTS.sub("", cell) for cell in row) for row in read_table(runs, rules)] == [
        "Bread | Cost | In all",
        "Rye, and what comes with it | Two hours at £4 = £8 | £8",
        "Oats | One hour = £4 | £4",
    ]


def test_a_charts_grid_is_no_table():
    grid = [rule(80, 100 + 20 * n, 500) for n in range(6)]
    scale = [run(f"{50 - 10 * n}", 60, 103 + 20 * n, 7) for n in range(6)]
    scale += [run(f"{10 * n}%", 120 + 60 * n, 110, 7) for n in range(5)]
    assert areas(scale, *grid) == []


def test_rules_over_and_under_prose_make_no_table():
    assert areas(column(PROSE, 60, 120), rule(50, 100, 500), rule(50, 200, 500)) == []


# Running heads, running feet and page numbers


def running(*pages: list[GlyphRun]) -> list[list[str]]:
    """Return the lines found as running heads on each page."""
    read = [read_lines(page(runs, (), n)) for n, runs in enumerate(pages, start=1)]
    found = running_lines(read)
    return [[ln.text for ln in one if id(ln) in found] for one in read]


def body(n: int) -> list[GlyphRun]:
    """Return text with different lines on each page."""
    crop = ("rye", "oats", "wheat", "spelt", "barley", "maize")[n - 1]
    return column([f"{words} {crop}" for words in PROSE], 50, 120)


def foot(n: int) -> list[GlyphRun]:
    return [run("Mill Press", 50, 780, 8), run(str(n), 300, 780)]


def test_heads_feet_and_folios_that_repeat_are_running():
    pages = [[run("On bread", 50, 40, 8), *body(n), *foot(n)] for n in (1, 2, 3, 4)]
    assert running(*pages) == [["On bread", "Mill Press", str(n)] for n in (1, 2, 3, 4)]


def test_heads_with_the_folio_in_them_are_running():
    pages = [[run(f"{n} On bread", 50, 40, 8), *body(n)] for n in (1, 2, 3, 4)]
    assert running(*pages) == [[f"{n} On bread"] for n in (1, 2, 3, 4)]


def test_heads_that_change_with_the_chapter_and_with_the_side_are_running():
    heads = ("On bread", "The mill", "On bread", "The mill", "On bread", "The oven")
    pages = [
        [run(head, 50 if n % 2 else 400, 40, 8), *body(n)] for n, head in enumerate(heads, start=1)
    ]
    assert running(*pages) == [[head] for head in heads]


def test_heads_that_occur_once_are_running_in_their_place():
    heads = ("Summary", "On bread", "The mill", "12 | The oven", "The post", "Prices")
    pages = [
        [run(head, 50 if n % 2 else 400, 40, 11), *body(n)] for n, head in enumerate(heads, start=1)
    ]
    assert running(*pages) == [[head] for head in heads]


def test_feet_with_the_sections_title_are_running_above_their_folios():
    titles = ("Summary", "On bread", "The mill", "The oven", "The post", "Prices")
    pages = [
        [*body(n), run(title, 50, 764), run(f"Page {n}", 300, 780)]
        for n, title in enumerate(titles, start=1)
    ]
    assert running(*pages) == [[title, f"Page {n}"] for n, title in enumerate(titles, start=1)]


def test_heads_at_the_side_of_the_text_are_running():
    titles = ("Summary", "On bread", "The mill", "The oven", "The post", "Prices")
    pages = [
        [*[replace(r, x0=r.x0 + 150, x1=r.x1 + 150) for r in body(n)], run(title, 40, 120, 8)]
        for n, title in enumerate(titles, start=1)
    ]
    assert running(*pages) == [[title] for title in titles]


def test_chapter_titles_at_the_top_of_the_text_are_not_running():
    pages = [
        [run(head, 50, 122, 16), *body(n)[2:]] for n, head in enumerate(("Rye", "Oats", "Tea"), 1)
    ]
    assert running(*pages, *[body(n) for n in (4, 5, 6)]) == [[]] * 6


def test_chapter_titles_whose_place_text_takes_on_other_pages_are_not_running():
    titles = ("Summary", "On bread", "The mill", "The oven", "The post")
    pages = [
        [run(title, 50, 84, 11, bold=True), *body(n)] for n, title in enumerate(titles, start=1)
    ]
    between = [run("Figure 1: The price of rye", 50, 84, 8), *body(6)]
    assert running(*pages, between) == [[]] * 6


def test_text_that_reaches_out_of_the_frame_is_not_running():
    pages = [[*column(["A long last line of some other paragraph"], 50, 106), *body(1)]] * 3
    assert running(*pages[:1], *[body(n) for n in (2, 3, 4, 5)]) == [[]] * 5


def test_the_first_lines_of_the_text_are_not_running():
    assert running(*[body(n) for n in (1, 2, 3, 4)]) == [[], [], [], []]


def test_a_label_that_pages_begin_with_is_not_running():
    pages = [[run(f"Recommendation {n}", 50, 40, 12), *body(n)] for n in (1, 2, 3, 4)]
    assert running(*pages) == [[], [], [], []]


def test_a_head_on_two_pages_only_is_not_running():
    assert running(*[[run("On bread", 50, 40, 8), *body(n)] for n in (1, 2)]) == [[], []]


def test_lone_folios_are_running_whatever_their_numerals():
    pages = [[*body(n), run(f, 300, 780)] for n, f in enumerate(("iv", "5", "Page 6 of 9"), 1)]
    assert running(*pages) == [["iv"], ["5"], ["Page 6 of 9"]]


# Footnotes and the whole page


def laid_out(runs: list[GlyphRun], *shapes: Shape, notes: NoteCount | None = None) -> list[Zone]:
    shown = page(runs, shapes)
    return lay_out(shown, read_lines(shown), set(), 10, notes or NoteCount())[0]


def said(zones: list[Zone], kind: str) -> list[str]:
    return [ln.whole for r in zones if r.kind == kind for ln in r.lines]


NOTES = ["Weighed on the town's own scales.", "The mill's ledger, third shelf."]


def noted(first: int = 1) -> list[GlyphRun]:
    """Return two footnotes in small type with raised numbers."""
    found = []
    for n, words in enumerate(NOTES):
        found += [run(str(first + n), 50, 697 + 10 * n, 5), run(words, 56, 700 + 10 * n, 8)]
    return found


def test_notes_below_a_rule_and_in_turn_are_footnotes():
    zones = laid_out([*column(PROSE, 50, 100), *noted()], rule(50, 688, 150))
    assert said(zones, "notes") == NOTES
    assert said(zones, "text") == list(PROSE)


def test_notes_need_no_rule_where_their_numbers_go_on():
    zones = laid_out([*column(PROSE, 50, 100), *noted(7)], notes=NoteCount(last=6))
    assert said(zones, "notes") == NOTES


def test_numbers_out_of_turn_without_a_rule_are_no_notes():
    assert (
        said(laid_out([*column(PROSE, 50, 100), *noted(300)], notes=NoteCount(last=6)), "notes")
        == []
    )


def test_a_note_that_goes_on_over_the_page_needs_its_rule_alone():
    rest = [run("and was copied out by hand in the following year.", 50, 700, 8)]
    text = column(PROSE, 50, 100)
    unfinished = NoteCount(last=6, goes_on=True)
    zones = laid_out([*text, *rest], rule(50, 688, 150), notes=unfinished)
    assert said(zones, "notes") == [rest[0].text]
    assert said(laid_out([*text, *rest], rule(50, 688, 150), notes=NoteCount(6)), "notes") == []


def test_notes_count_on_from_page_to_page():
    notes = NoteCount()
    laid_out([*column(PROSE, 50, 100), *noted()], rule(50, 688, 150), notes=notes)
    assert (notes.last, notes.goes_on) == (2, False)


def test_notes_in_a_column_beside_the_text_are_footnotes():
    words = run("runs down the lanes to the canal.", 200, 148)
    text = [*column(PROSE[:4], 200, 100), words, run("7", words.x1, 144, 6)]
    beside = column(["7. T. Baker, M.", "Miller. On salt", "and rye, 2031."], 50, 148, 9, size=7)
    zones = laid_out([*text, *column(PROSE, 200, 160), *beside], notes=NoteCount(last=6))
    assert said(zones, "notes")[0].startswith("7. T. Baker, M.")


def test_a_page_of_references_is_no_block_of_footnotes():
    small = [
        r
        for n in range(20)
        for r in (
            run(f"{n + 1}", 50, 97 + 12 * n, 5),
            run("Baker A, Ovens, 1999.", 58, 100 + 12 * n, 8),
        )
    ]
    assert said(laid_out(small), "notes") == []


def test_notes_at_the_foot_of_each_of_two_columns_come_last():
    left, right = column(PROSE, 50, 100), column(PROSE, 320, 100)
    note = [run("1", 50, 697, 5), run(NOTES[0], 56, 700, 8)]
    zones = laid_out([*left, *note, *right], rule(50, 688, 150))
    assert [r.kind for r in zones] == ["text", "text", "notes"]


def test_a_box_between_paragraphs_is_a_region_of_its_own():
    above, inside = column(PROSE, 50, 100), column(("Box 1: Salt", *PROSE), 60, 220)
    zones = laid_out([*above, *inside, *column(PROSE, 50, 340)], Shape((50, 200, 300, 300), "0.9"))
    assert [(r.kind, r.lines[0].whole) for r in zones] == [
        ("text", PROSE[0]),
        ("box", "Box 1: Salt"),
        ("text", PROSE[0]),
    ]


def test_the_words_and_figures_of_a_chart_are_set_aside():
    words = [run(w, 80 + 60 * n, 300, 7) for n, w in enumerate(("10", "20", "30", "Rye", "Oats"))]
    zones = laid_out([*column(PROSE, 50, 100), *words])
    assert said(zones, "label") == ["10", "20", "30", "Rye", "Oats"]


def test_a_heading_on_two_lines_over_two_columns_is_not_cut():
    title = [run("How the bakers of the valley buy their flour and", 50, 100, 18)]
    title += [run("their salt", 50, 122, 18)]
    left, right = column(PROSE * 2, 50, 160), column(PROSE * 2, 320, 160)
    zones = laid_out([*title, *left, *right])
    assert [ln.text for ln in zones[0].lines] == [title[0].text, title[1].text]


def test_running_heads_come_last_and_apart():
    shown = page([run("On bread", 50, 40, 8), *column(PROSE, 50, 100)])
    read = read_lines(shown)
    zones, columns = lay_out(shown, read, {id(read[0])}, 10, NoteCount())
    assert [(r.kind, len(r.lines)) for r in zones] == [("text", 5), ("running", 1)]
    assert columns == 1


def test_headings_beside_one_another_are_two():
    left = [run("Where the rye", 50, 325, 14), run("is sown", 50, 341, 14)]
    right = [run("The ovens of", 320, 298, 14), run("the town", 320, 314, 14)]
    prose = [*column([*PROSE, *PROSE], 50, 100), *column([*PROSE, *PROSE], 320, 100)]
    below = [*column(PROSE, 50, 370), *column(PROSE, 320, 370)]
    content = page([*prose, *left, *right, *below])
    zones = lay_out(content, read_lines(content), set(), 10, NoteCount())[0]
    said = [ln.text for z in zones for ln in z.lines]
    assert said.index("Where the rye") < said.index("The ovens of")
