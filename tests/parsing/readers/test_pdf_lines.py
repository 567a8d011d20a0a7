"""Runs of text are joined into lines, and their marks are removed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reformqa.parsing.readers.pdf.content import GlyphRun
from reformqa.parsing.readers.pdf.lines import Line, body_size, note_start
from support.pdfs import column, lines, run, wall, width


def spread(words: str, x: float, base: float, gap: float, **changes: object) -> list[GlyphRun]:
    """Return words drawn one by one, `gap` points apart."""
    runs = []
    for word in words.split():
        runs.append(run(word, x, base, **changes))
        x = runs[-1].x1 + gap
    return runs


def texts(*runs: GlyphRun, **more: object) -> list[str]:
    return [ln.text for ln in lines(*runs, **more)]


def only(*runs: GlyphRun) -> Line:
    (line,) = lines(*runs)
    return line


def test_words_drawn_apart_are_one_line_with_spaces():
    assert texts(*spread("Ovens are lit before dawn", 50, 100, 3)) == ["Ovens are lit before dawn"]


def test_words_that_justification_drives_far_apart_are_one_line():
    above = run("The canal was dug by hand and took the town nine long winters.", 50, 88)
    assert texts(above, *spread("Boats were hauled by men", 50, 100, 22)) == [
        above.text,
        "Boats were hauled by men",
    ]


def test_words_at_equal_distances_are_one_justified_line():
    # No line above or below crosses the gaps, as in a list of people.
    words = "Baker, miller and keeper of locks"
    assert texts(*spread(words, 50, 100, 18)) == [words]


def test_figures_at_equal_distances_are_the_cells_of_a_table():
    assert texts(*spread("17% 30% 98% 45%", 50, 100, 40)) == ["17%", "30%", "98%", "45%"]


def test_letters_without_a_full_stop_are_the_marks_of_their_items():
    rows = {"a": 100, "i": 120, "ii": 140, "b": 160}
    marks = [run(mark, 50, base) for mark, base in rows.items()]
    items = [run("The mill turns with the brook", 70, base) for base in rows.values()]
    assert [ln.label for ln in lines(*marks, *items)] == list(rows)
    assert [ln.x for ln in lines(*marks, *items)] == [70] * 4


def test_a_letter_alone_is_a_word():
    line = only(run("a", 50, 100), run("mill stands on the brook", 58, 100))
    assert (line.label, line.text) == (None, "a mill stands on the brook")


def test_page_numbers_between_two_columns_are_those_of_their_titles():
    rows = [(f"Chapter on bread {n} ........ {n}", 100 + 20 * n) for n in (1, 2, 3, 4)]
    runs = [
        part
        for n, (_, base) in enumerate(rows, 1)
        for part in (
            run(f"Chapter on bread {n}", 50, base),
            run("........", 160, base),
            run(str(n), 285, base),
            run("Boats lie waiting here.", 305, base),
        )
    ]
    assert [t for t in texts(*runs) if not t.startswith("Boats")] == [title for title, _ in rows]


def test_text_across_a_gutter_is_another_line():
    assert texts(run("Left column here", 50, 100), run("Right column here", 320, 100)) == [
        "Left column here",
        "Right column here",
    ]


def test_pieces_of_one_word_are_joined_without_a_space():
    first = run("bak", 50, 100)
    assert texts(first, run("eries", first.x1 + 0.2, 100)) == ["bakeries"]


def test_a_mark_with_a_box_too_wide_parts_no_word():
    before = run("the Miller", 50, 100)
    mark = replace(run("’", before.x1 - 0.3, 100), x1=before.x1 + 9)
    after = run("s Property Act", before.x1 + 3, 100)
    assert texts(before, mark, after) == ["the Miller’s Property Act"]


def test_a_raised_note_mark_is_taken_out_and_its_place_kept():
    words = run("Bread rose by a third", 50, 100)
    mark = run("12", words.x1, 96, 6)
    line = only(words, mark, run(" in a year.", mark.x1, 100))
    assert line.text == "Bread rose by a third in a year."
    assert line.marks == ((len("Bread rose by a third"), "12"),)


def test_several_marks_at_one_place_are_kept_together():
    words = run("Bread rose", 50, 100)
    line = only(words, run("1, 2", words.x1, 96, 6))
    assert (line.text, line.marks) == ("Bread rose", ((10, "1,2"),))


@pytest.mark.parametrize("unit", ["m", "km", "cm"])
def test_a_raised_two_after_a_unit_is_a_power(unit: str):
    words = run(f"a plot of 40 {unit}", 50, 100)
    mark = run("2", words.x1, 96, 6)
    line = only(words, mark, run(" of mud", mark.x1, 100))
    assert (line.text, line.marks) == (f"a plot of 40 {unit}2 of mud", ())


def test_a_superscript_character_is_a_mark_too():
    words = run("Bread rose", 50, 100)
    line = only(words, run("³", words.x1, 100))
    assert (line.text, line.marks) == ("Bread rose", ((10, "³"),))


def test_a_raised_number_at_the_start_of_a_line_is_its_note_number():
    mark = run("7", 50, 97, 5)
    line = only(mark, run("Weighed on the town's own scales.", mark.x1 + 2, 100, 8))
    assert (line.note, line.text, line.marks) == ("7", "Weighed on the town's own scales.", ())
    assert note_start(line) == ("7", "Weighed on the town's own scales.")


@pytest.mark.parametrize(
    ("words", "number"),
    [("4 Weighed at noon", "4"), ("4. Weighed at noon", "4"), ("† Weighed at noon", "†")],
)
def test_a_note_may_start_with_a_number_that_is_not_raised(words: str, number: str):
    assert note_start(only(run(words, 50, 100, 8))) == (number, "Weighed at noon")


def test_a_sentence_is_no_note():
    assert note_start(only(run("Weighed at noon", 50, 100, 8))) is None


@pytest.mark.parametrize("bullet_first", [True, False])
def test_a_bullet_drawn_apart_is_put_to_its_text(bullet_first: bool):
    runs = [run("•", 50, 100), run("a field of rye", 72, 100)]
    line = only(*(runs if bullet_first else reversed(runs)))
    assert (line.bullet, line.text, line.prefix) == ("•", "a field of rye", "• ")
    assert line.x == pytest.approx(72)
    assert line.box[0] == pytest.approx(50)


@pytest.mark.parametrize(
    ("printed", "label"),
    [("1.", "1"), ("12.", "12"), ("(a)", "a"), ("b)", "b"), ("(iv)", "iv"), ("4.12.", "4.12")],
)
def test_a_number_or_letter_in_front_is_the_label(printed: str, label: str):
    line = only(run(printed, 50, 100), run("a field of rye", 80, 100))
    assert (line.label, line.text, line.whole) == (
        label,
        "a field of rye",
        f"{printed} a field of rye",
    )


@pytest.mark.parametrize("words", ["1988 was a dry year.", "A field of rye", "12 loaves a day"])
def test_what_only_begins_like_a_label_is_text(words: str):
    line = only(run(words, 50, 100))
    assert (line.label, line.bullet, line.text) == (None, None, words)


def test_ligatures_are_taken_apart_and_odd_spaces_made_plain():
    assert texts(run("The ﬁrst\u00a0ﬂoury\u2009oﬀer", 50, 100)) == ["The first floury offer"]


def test_a_soft_hyphen_is_kept_at_the_end_of_a_line_alone():
    assert texts(run("the ba\u00adkery was reno\u00ad", 50, 100)) == ["the bakery was reno\u00ad"]


def test_text_drawn_twice_as_a_shadow_is_read_once():
    assert texts(run("Dear bread", 50, 100, 20), run("Dear bread", 50.8, 100.6, 20)) == [
        "Dear bread"
    ]


def test_double_letters_drawn_glyph_by_glyph_are_kept():
    runs, x = [], 50.0
    for letter in "full bee":
        if letter != " ":
            runs.append(run(letter, x, 100))
        x += width(letter)
    assert texts(*runs) == ["full bee"]


def test_an_invisible_copy_under_a_page_of_visible_text_is_left_out():
    shown = column(["Ovens are lit before dawn so that the bread is ready by six."] * 5)
    hidden = column(["0vens are Iit befare down"], top=104, visible=False)
    assert texts(*hidden, *shown) == [r.text for r in shown]


CONTENTS = (("Where the flour comes from", 4), ("Who may bake", 11), ("Ovens", 19), ("Salt", 23))


@pytest.mark.parametrize("leader", ["", " . . . . . . . . . . . . . .", "........................"])
def test_page_numbers_at_the_right_edge_are_put_to_their_titles(leader: str):
    runs = []
    for n, (title, number) in enumerate(CONTENTS):
        base = 100 + 18 * n
        runs += [run(title + leader, 50, base)]
        runs += [run(str(number), 540 - width(str(number)), base)]
    for line, (title, number) in zip(lines(*runs), CONTENTS, strict=True):
        assert line.raw.startswith(title)
        assert line.raw.removeprefix(title).strip(" .") == str(number)


def test_page_numbers_at_the_left_edge_are_put_to_their_titles():
    runs = []
    for n, (title, number) in enumerate(CONTENTS):
        runs += [run(str(number), 50, 100 + 18 * n), run(title, 140, 100 + 18 * n)]
    assert [ln.raw for ln in lines(*runs)] == [f"{number} {title}" for title, number in CONTENTS]


def test_numbers_in_no_order_at_the_right_edge_are_cells():
    runs = []
    for n, number in enumerate((40, 7, 91, 12)):
        runs += [run("Loaves", 50, 100 + 18 * n), run(str(number), 500, 100 + 18 * n)]
    assert sorted(texts(*runs)) == sorted(["Loaves"] * 4 + ["40", "7", "91", "12"])


def test_an_upright_rule_keeps_two_cells_apart():
    left = run("Rye", 50, 100)
    right = run("Oats", left.x1 + 5, 100)
    assert texts(left, right) == ["Rye Oats"]
    assert texts(left, right, shapes=[wall(left.x1 + 2, 80, 120)]) == ["Rye", "Oats"]


def test_a_drop_cap_goes_back_to_its_word_and_gives_the_lines_their_edge():
    cap = run("B", 50, 124, 36)
    beside = column(["read is dear in the valley", "and has been so for years,"], cap.x1 + 2, 104)
    below = column(["as every baker will tell."] * 2, 50, 140)
    found = lines(cap, *beside, *below)
    assert [ln.text for ln in found][:2] == [
        "Bread is dear in the valley",
        "and has been so for years,",
    ]
    assert [ln.x for ln in found] == [50, 50, 50, 50]


def test_the_blank_below_a_drop_cap_reaches_to_one_more_line():
    cap = run("B", 50, 124, 36)
    words = ["read is dear in the valley", "and has been so for years,", "as every baker knows"]
    beside = column(words, cap.x1 + 2, 104, 14)
    below = run("who sells it.", 50, 146)
    assert [ln.x for ln in lines(cap, *beside, below)] == [50, 50, 50, 50]


def test_page_numbers_beside_a_second_column_of_contents_belong_to_their_titles():
    titles = ("The mill", "The oven", "The lock", "The quay")
    runs = [
        run(words, x, 100 + 18 * n)
        for n, title in enumerate(titles)
        for words, x in (
            *((title, 50), (str(n + 1), 130)),
            *((f"More of {title.lower()}", 150), (str(n + 5), 290)),
        )
    ]
    assert sorted(texts(*runs)) == sorted(
        [f"{t} {n + 1}" for n, t in enumerate(titles)]
        + [f"More of {t.lower()} {n + 5}" for n, t in enumerate(titles)]
    )


def test_a_large_number_before_an_item_is_its_label_and_does_not_set_its_size():
    number = run("3", 50, 102, 18)
    line = only(number, run("Every baker should weigh each loaf", number.x1 + 8, 100))
    assert (line.label, line.text, line.size) == ("3", "Every baker should weigh each loaf", 10)


def test_turned_text_is_read_apart_and_last():
    upright = run("Ovens are lit", 50, 100)
    turned = run("Photograph: a friend", 20, 400, 6, angle=90, x0=14, x1=20)
    found = lines(turned, upright)
    assert [(ln.text, ln.upright) for ln in found] == [
        ("Ovens are lit", True),
        ("Photograph: a friend", False),
    ]


def test_a_line_is_bold_where_all_of_it_is_its_mark_aside():
    words = run("Who bakes", 50, 100, bold=True)
    assert only(words, run("4", words.x1, 96, 6)).bold
    mixed = only(words, run("and who sells", words.x1 + 3, 100))
    assert (mixed.bold, mixed.opens_bold, mixed.closes_bold) == (False, True, False)


def test_a_lines_box_goes_from_its_first_run_to_its_last():
    first = run("Ovens", 50, 100)
    last = run("are lit", first.x1 + 3, 100)
    assert only(first, last).box == pytest.approx((50, 92.2, last.x1, 102.2))


def test_the_body_size_is_that_of_most_letters():
    found = lines(run("A large title", 50, 50, 24), *column(["Ovens are lit at dawn."] * 4))
    assert body_size(found) == 10
    assert body_size([]) == 10
