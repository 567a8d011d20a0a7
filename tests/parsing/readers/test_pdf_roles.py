"""Headings, their levels, captions, pull quotes and contents lists follow from look and place."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from reformqa.parsing.readers.pdf.content import GlyphRun, PageContent, Shape
from reformqa.parsing.readers.pdf.contents import Entry, listed
from reformqa.parsing.readers.pdf.flow import Piece, cut
from reformqa.parsing.readers.pdf.grouping import find_leading
from reformqa.parsing.readers.pdf.layout import NoteCount, lay_out
from reformqa.parsing.readers.pdf.levels import set_levels
from reformqa.parsing.readers.pdf.lines import read_lines
from reformqa.parsing.readers.pdf.roles import set_roles
from reformqa.text.similarity import letters
from support.pdfs import MILL, OVEN, column, page, run, typeset, width


def told(*pages: PageContent, size: float = 10) -> list[Piece]:
    """Return the pieces of these pages with their roles."""
    notes = NoteCount()
    zones = [r for p in pages for r in lay_out(p, read_lines(p), set(), size, notes)[0]]
    pieces = cut(zones, find_leading([r.lines for r in zones]))
    set_roles(pieces)
    return pieces


def stack(*parts: tuple[str, float, bool] | str, top: float = 100) -> list[GlyphRun]:
    """Return paragraphs of text and headings (words, size, bold), one below the other."""
    runs: list[GlyphRun] = []
    for part in parts:
        words, size, bold = (part, 10, False) if isinstance(part, str) else part
        if isinstance(part, str):
            runs += typeset([words], top=top, measure=480)
        else:
            top += size
            runs.append(run(words, 50, top, size, bold=bold))
        top = runs[-1].base + 24
    return runs


def roles(*parts: tuple[str, float, bool] | str) -> dict[str, str]:
    """Return the roles of these headings between paragraphs of text."""
    found = told(page(stack(MILL, OVEN, *parts, OVEN, MILL)))
    return {p.first.whole if len(p.lines) == 1 else p.text: p.role for p in found}


def levels(pieces: Sequence[Piece], entries: Sequence[Entry] = ()) -> tuple[str, dict[str, int]]:
    method = set_levels(pieces, entries)
    return method, {p.text: p.level for p in pieces if p.role == "heading"}


@pytest.mark.parametrize(
    "heading",
    [
        ("Where the rye is sown", 14, False),
        ("Where the rye is sown", 10, True),
        ("WHERE THE RYE IS SOWN", 10, False),
        ("2.1 Where the rye is sown", 12, True),
    ],
)
def test_large_bold_and_capital_lines_are_headings(heading: tuple[str, float, bool]):
    assert roles(heading)[heading[0]] == "heading"


@pytest.mark.parametrize(
    "line",
    [
        ("where the rye is sown", 14, False),
        ("“Where the rye is sown”", 14, False),
        ("Where the rye is sown,", 14, False),
        ("miller@valley.example", 14, True),
        ("1,200", 20, True),
        ("A word said in passing", 7, True),
        ("A line like all others", 10, False),
    ],
)
def test_scraps_quotes_and_plain_lines_are_no_headings(line: tuple[str, float, bool]):
    assert roles(line)[line[0]] != "heading"


@pytest.mark.parametrize(
    "caption",
    [
        "Figure 3: Loaves by day",
        "Table A2. Prices",
        "Source: the mill",
        "Note: in pounds",
        "© Mill",
    ],
)
def test_labels_and_sources_of_figures_are_captions(caption: str):
    assert roles(caption)[caption] == "caption"


def test_a_sentence_about_a_figure_is_none():
    words = "Figure 3 shows that rye was dear in every year but one, and that oats were not."
    assert roles(words)[words] == "text"


def test_a_large_sentence_that_the_text_repeats_is_a_pull_quote():
    words = "farmers of the valley have brought their rye to it"
    assert roles((words, 16, False))[words] == "pull quote"


def test_a_large_sentence_that_is_not_repeated_is_no_pull_quote():
    words = "Nobody in the valley has ever seen the mill at rest"
    assert roles((words, 16, False))[words] != "pull quote"


def test_names_with_their_posts_are_no_headings():
    people = ("Ada Miller", 10, True), ("Ben Baker", 10, True)
    found = roles(people[0], "Warden of the mill", people[1], "Keeper of the oven")
    assert [found[p[0]] for p in people] == ["text", "text"]


def in_red(words: str, base: float, **changes: bool) -> GlyphRun:
    return run(words, 50, base, look="times-bold 1.00 0.00 0.00", **changes)


def test_a_title_that_only_its_colour_tells_is_one_if_it_looks_like_others():
    titles = ("Rye", "Oats", "Salt", "1. Where is the price of bread set?")
    runs = stack(MILL, OVEN, top=60)
    for n, title in enumerate(titles):
        runs += [in_red(title, 180 + 90 * n), *stack(MILL, OVEN, top=198 + 90 * n)]
    found = told(page(runs))
    assert [p.first.whole for p in found if p.role == "heading"] == list(titles)


def test_a_heading_as_large_as_the_text_on_a_full_line_is_no_part_of_the_paragraph():
    words = "A heading in red that is exactly as long as the lines of the paragraph under it"
    text = typeset([MILL], top=112, measure=width(words, font="F2"))
    found = told(page([in_red(words, 100, bold=True), *text]))
    assert found[0].text == words


def test_a_heading_that_the_running_head_repeats_is_no_pull_quote():
    words = "Where the rye of the valley is sown and cut"
    sheet = page([run(f"{words} | Page 9 of 12", 50, 30), *stack((words, 14, True), MILL, OVEN)])
    lines = read_lines(sheet)
    zones = lay_out(sheet, lines, {id(lines[0])}, 10, NoteCount())[0]
    pieces = cut(zones, find_leading([z.lines for z in zones]))
    set_roles(pieces)
    assert [p.role for p in pieces if p.text == words] == ["heading"]


def cover(*lines: tuple[str, float]) -> PageContent:
    tops = (200, 260, 300, 340)
    return page([run(w, 50, top, size) for (w, size), top in zip(lines, tops, strict=False)])


def text_page(number: int, *parts: tuple[str, float, bool] | str) -> PageContent:
    return page(stack(*(parts or (MILL, OVEN, MILL))), number=number)


def test_the_cover_has_a_title_and_a_subtitle_and_no_other_headings():
    found = told(
        cover(("Bread for all", 32), ("How a valley feeds itself", 18), ("Ada Miller", 14)),
        text_page(2),
    )
    assert [(p.text, p.role, p.level) for p in found[:3]] == [
        ("Bread for all", "heading", 0),
        ("How a valley feeds itself", "heading", 0),
        ("Ada Miller", "text", None),
    ]


def test_a_byline_under_the_title_is_no_subtitle():
    found = told(cover(("Bread for all", 32), ("By Ada Miller", 18)), text_page(2))
    assert [p.role for p in found[:2]] == ["heading", "text"]


def test_the_title_page_says_the_title_once_more():
    title_page = page(cover(("Bread for all", 28)).runs, number=2)
    found = told(cover(("Bread for all", 32)), title_page, text_page(3))
    assert [(p.role, p.level) for p in found[:2]] == [("heading", 0), ("heading", 1)]


BODY = (
    ("The mill", 18, True),
    MILL,
    ("Its wheel", 13, True),
    OVEN,
    ("Its stones", 13, True),
    MILL,
    ("Its sails", 13, True),
    OVEN,
    ("How they are cut", 10, True),
    OVEN,
    ("The oven", 18, True),
    MILL,
)


def test_type_sizes_rank_headings():
    method, found = levels(told(text_page(9, *BODY)))
    assert method == "type"
    assert found == {
        "The mill": 1,
        "Its wheel": 2,
        "Its stones": 2,
        "Its sails": 2,
        "How they are cut": 3,
        "The oven": 1,
    }


def test_the_outline_takes_precedence_over_type_for_levels():
    outline = [
        Entry(letters(title), level, 9)
        for title, level in (("The mill", 2), ("Its wheel", 3), ("Its stones", 3), ("The oven", 2))
    ]
    method, found = levels(told(text_page(9, *BODY)), outline)
    assert method == "outline"
    assert [found[t] for t in ("The mill", "Its wheel", "The oven")] == [
        *(found["Its wheel"] - 1, found["The mill"] + 1, found["The mill"]),
    ]


def contents_page(*titles: tuple[str, int, float]) -> list[GlyphRun]:
    """Return a contents list with these titles, page numbers and indents."""
    runs = [run("Contents", 50, 80, 18)]
    for n, (title, number, indent) in enumerate(titles):
        base = 120 + 18 * n
        runs.append(run(title, 50 + indent, base))
        runs.append(run(str(number), 540 - width(str(number)), base))
    return runs


LIST = (("The mill", 2, 0), ("Its wheel", 2, 20), ("Its stones", 2, 20), ("The oven", 2, 0))


def test_the_contents_list_is_marked_and_its_indents_are_levels():
    pieces = told(page(contents_page(*LIST)), text_page(9, *BODY))
    assert [(e.title, e.level) for e in listed(pieces)] == [
        ("themill", 1),
        ("itswheel", 2),
        ("itsstones", 2),
        ("theoven", 1),
    ]
    assert {p.role for p in pieces if p.page == 1} == {"heading", "contents"}


def test_the_contents_list_gives_levels():
    pieces = told(page(contents_page(*LIST)), text_page(9, *BODY))
    method, found = levels(pieces, listed(pieces))
    assert method == "contents"
    assert (found["The mill"], found["Its wheel"], found["The oven"]) == (1, 2, 1)


def entries(*rows: list[GlyphRun]) -> list[tuple[str, int]]:
    """Return the titles and levels of a contents list of these rows."""
    runs = [run("Contents", 50, 80, 18), *(r for row in rows for r in row)]
    pieces = told(page(runs), text_page(9, *BODY))
    return [(e.title, e.level) for e in listed(pieces)]


FOUR = [("themill", 1), ("itswheel", 2), ("theoven", 1), ("salt", 1)]


def test_page_numbers_may_come_first_on_the_row():
    rows = ((2, "The mill", 0), (2, "Its wheel", 20), (3, "The oven", 0), (4, "Salt", 0))
    assert (
        entries(
            *(
                [run(str(number), 50 + indent, 120 + 18 * n), run(title, 90 + indent, 120 + 18 * n)]
                for n, (number, title, indent) in enumerate(rows)
            )
        )
        == FOUR
    )


def test_dots_and_numbers_may_stand_apart_from_the_titles():
    rows = ((2, "The mill", 0), (2, "Its wheel", 20), (3, "The oven", 0), (4, "Salt", 0))
    assert (
        entries(
            *(
                [run(title, 50 + indent, 120 + 18 * n), run(f"....... {number}", 300, 120 + 18 * n)]
                for n, (number, title, indent) in enumerate(rows)
            )
        )
        == FOUR
    )


def test_a_contents_list_in_two_columns_is_read_column_by_column():
    places = (("The mill 2", 50, 120), ("Its wheel 2", 70, 138))
    beside = (("The oven 3", 320, 120), ("Salt 4", 320, 138))
    assert entries([run(*place) for place in (*places, *beside)]) == FOUR


def test_the_page_number_of_a_wrapped_title_may_stand_on_its_first_line():
    lines = (("The mill", 2, 0), ("Its wheel of", 2, 20), ("old oak", 0, 20), ("The oven", 3, 0))
    bases = (120, 138, 150, 168)
    rows = [
        [run(t, 50 + x, y), *([run(str(n), 300, y)] if n else [])]
        for (t, n, x), y in zip(lines, bases, strict=True)
    ]
    found = entries(*rows, [run("Salt", 50, 186), run("4", 300, 186)])
    assert found == [("themill", 1), ("itswheelofoldoak", 2), ("theoven", 1), ("salt", 1)]


def test_the_title_of_a_contents_list_may_stand_beside_it():
    titles = ("The mill", "The oven", "The lock", "The quay", "Salt")
    rows = [run(f"{t} ....... {n}", 300, 80 + 18 * n) for n, t in enumerate(titles)]
    pieces = told(page([run("Contents", 50, 108, 18), *rows]), text_page(9, *BODY))
    assert [e.title for e in listed(pieces)] == [letters(t) for t in titles]


def test_numbers_that_begin_again_in_a_contents_list_give_no_level():
    titles = (("The mill", 0), ("1 Rye", 20), ("2 Oats", 20), ("The oven", 0), ("1 Ash", 20))
    rows = [
        [run(t, 50 + x, 120 + 18 * n), run(str(n + 2), 300, 120 + 18 * n)]
        for n, (t, x) in enumerate((*titles, ("2 Oak", 20)))
    ]
    assert [level for _, level in entries(*rows)] == [1, 2, 2, 1, 2, 2]


def test_a_line_of_the_imprint_is_no_heading():
    words = "PUBLISHED BY THE MILL PRESS IN MAY 2031"
    assert roles(words)[words] != "heading"


def test_a_chapter_whose_number_is_below_the_last_page_is_no_entry():
    titles = (("2", "The mill"), ("3", "Its wheel"), ("3", "Its stones"), ("4", "The oven"))
    rows = [
        run(words, x, 120 + 18 * n)
        for n, row in enumerate(titles)
        for words, x in zip(row, (50, 80), strict=True)
    ]
    chapter = text_page(5, ("1 The mill", 18, True), MILL, OVEN)
    pieces = told(page([run("Contents", 50, 80, 18), *rows]), chapter)
    assert [p.role for p in pieces if p.text == "1 The mill"] == ["heading"]


def test_a_line_of_text_that_begins_with_a_figures_number_is_no_caption():
    words = "figure 2) and the mill of the town have been lost."
    assert roles(words)[words] == "text"


def test_a_heading_of_notes_stays_one_though_a_chapter_follows():
    notes = "1. Baker, On salt, 2031."
    assert roles(("Notes", 10, True), notes, ("The next chapter", 18, True))["Notes"] == "heading"


def test_of_headings_with_the_same_words_the_one_in_order_is_named():
    titles = (("Summary", 2, 0), ("The mill", 9, 0), ("Prices", 9, 20), ("The oven", 9, 0))
    body = (
        *(("Summary", 18, True), MILL, ("Prices", 11, True), OVEN),
        *(("The mill", 18, True), MILL, ("Prices", 14, True), OVEN, ("The oven", 18, True), MILL),
    )
    pieces = told(page(contents_page(*titles)), text_page(9, *body))
    set_levels(pieces, listed(pieces))
    found = [p.level for p in pieces if p.role == "heading" and p.text == "Prices"]
    assert found == [3, 2]


def test_a_contents_heading_larger_than_the_chapters_says_nothing_of_their_level():
    pieces = told(
        page([run("Contents", 50, 80, 30), run("The mill", 50, 120), run("2", 500, 120)]),
        text_page(9, *BODY),
    )
    _, found = levels(pieces)
    assert (found["Contents"], found["The mill"]) == (1, 1)


def test_a_numbered_heading_on_the_page_after_the_contents_list_is_no_entry():
    titles = (("1 The mill", 2, 0), ("2 The oven", 2, 0), ("3 The lock", 3, 0), ("4 Salt", 4, 0))
    pieces = told(
        page(contents_page(*titles)), text_page(9, ("1 The mill", 18, True), MILL, OVEN, MILL)
    )
    assert [p.role for p in pieces if p.page == 9] == ["heading", "text", "text", "text"]


@pytest.mark.parametrize("size", [12, 10])
def test_a_chapters_number_above_its_title_has_the_titles_level(size: float):
    chapters = (
        *(("CHAPTER ONE", size, True), ("The mill", 18, True), MILL, ("Its wheel", 13, True), OVEN),
        *(("CHAPTER TWO", size, True), ("The oven", 18, True), MILL, OVEN),
    )
    _, found = levels(told(text_page(9, *chapters)))
    kickers = {"CHAPTER ONE": 1, "CHAPTER TWO": 1}
    assert found == kickers | {"The mill": 1, "Its wheel": 2, "The oven": 1}


def test_a_large_heading_at_the_top_of_the_first_page_is_the_title():
    first = page(stack(("Bread for all", 24, True), MILL, *BODY))
    _, found = levels(told(first))
    assert (found["Bread for all"], found["The mill"]) == (0, 1)


def test_under_a_heading_of_notes_what_has_a_number_is_a_note():
    notes = column(["1. Weighed at noon.", "2. Weighed at dusk."], 50, 400, 20)
    found = told(page([*stack(MILL, ("Notes", 14, True)), *notes]))
    assert [(p.kind, p.text) for p in found[-2:]] == [
        ("notes", "Weighed at noon."),
        ("notes", "Weighed at dusk."),
    ]


def test_a_frame_below_a_tables_caption_contains_the_table():
    caption = run("Table 1: Who bakes", 50, 300, 10)
    inside = column(["Ada bakes rye on Mondays and oats on Fridays."], 60, 325)
    frame = Shape((50, 308, 400, 340), "0.90")
    found = told(page([*stack(MILL, OVEN), caption, *inside], [frame]))
    assert [(p.kind, p.role) for p in found[-2:]] == [("text", "caption"), ("table", "text")]


def test_a_title_above_a_box_in_capitals_is_a_heading_of_the_box():
    inside = [run("BOX 1: SALT", 60, 320, 10, bold=True), *typeset([OVEN], 60, 340, 400)]
    shaded = Shape((50, 300, 480, 400), "0.90")
    found = told(page([*stack(MILL, OVEN), *inside], [shaded]))
    assert [(p.text, p.role, p.box) for p in found if p.box] == [
        ("BOX 1: SALT", "heading", 1),
        (OVEN, "text", 1),
    ]
