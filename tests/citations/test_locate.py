"""The words of a quote are found among a page's characters, exactly or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reformqa.citations.locate import Box, Glyph, find_words, standing_in
from reformqa.text.similarity import letters

#: The characters in a line; the height of a line and the width of a character, in points.
MEASURE, HIGH, WIDE = 30, 10.0, 5.0


def glyph(text: str, x: float, top: float, size: float = 1.0) -> Glyph:
    """Return a character that covers the centre of its room."""
    room = (x, top, x + WIDE * size, top + HIGH * size)
    return Glyph(text, (x + 1, top + 3 * size, x + 4 * size, top + 8 * size), room)


def printed(*pieces: tuple[str, float]) -> list[Glyph]:
    """Set pieces of text in a column, each with its size: 1, or less if small and raised."""
    glyphs: list[Glyph] = []
    x = top = 0.0
    for text, size in pieces:
        for character in text:
            if x > MEASURE * WIDE:
                x, top = 0.0, top + 1.2 * HIGH
            if character != " ":
                glyphs.append(glyph(character, x, top, size))
            x += WIDE * size
    return glyphs


def inside(glyphs: Sequence[Glyph], boxes: Sequence[Box]) -> str:
    """Return the text that a reader sees in the boxes: characters whose centre they cover."""
    return "".join(
        g.text
        for g in glyphs
        if any(
            b[0] <= (g.ink[0] + g.ink[2]) / 2 <= b[2] and b[1] <= (g.ink[1] + g.ink[3]) / 2 <= b[3]
            for b in boxes
        )
    )


def marked(text: str, quote: str, glyphs: Sequence[Glyph]) -> str | None:
    at = text.index(quote)
    boxes = find_words(text, (at, at + len(quote)), glyphs)
    return None if boxes is None else inside(glyphs, boxes)


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("bread is dear", "breadisdear"),
        ("Rye bread", "Ryebread"),
        ("in the north.", "inthenorth."),
        ("in the north", "inthenorth"),
        ("£4, they say", "£4,theysay"),
        ("4", "4"),
        ("“dear”", "“dear”"),
    ],
)
def test_a_quote_is_marked_with_its_own_signs_and_no_others(quote: str, shown: str):
    text = "“Rye bread is dear at £4, they say, and “dear” is not the word” in the north."
    assert marked(text, quote, printed((text, 1))) == shown


def test_quotation_marks_and_dashes_are_told_whatever_their_form():
    text, page = "He said 'no - never'.", "He said ‘no – never’."
    assert marked(text, "'no - never'.", printed((page, 1))) == "‘no–never’."


def test_what_the_page_prints_otherwise_is_found_by_its_letters():
    text = "The first office is place-based and efficient."
    page = "The ﬁrst oﬀice is place-\xadbased and eﬃ-cient."
    assert marked(text, "office is place-based and efficient", printed((page, 1))) == (
        "oﬀiceisplace-\xadbasedandeﬃ-cient"
    )


def test_a_note_mark_is_left_out_and_parts_its_line():
    text = "Bread is dear, rye is not."
    glyphs = printed(("Bread is dear,", 1), ("12", 0.6), (" rye is not.", 1))
    boxes = find_words(text, (0, len(text)), glyphs)
    assert boxes is not None
    assert len(boxes) == 2
    assert inside(glyphs, boxes) == "Breadisdear,ryeisnot."


def test_a_mark_after_a_year_takes_no_digit_of_it():
    text = "In 2011 bread was dear. Rye was not."
    glyphs = printed(("In 2011", 1), ("1", 0.6), (" bread was dear. Rye was not.", 1))
    assert marked(text, "In 2011", glyphs) == "In2011"
    boxes = find_words(text, (0, 7), glyphs)
    assert boxes is not None
    assert max(b[2] for b in boxes) == pytest.approx(7 * WIDE)


def test_a_formula_keeps_its_small_figure_beside_note_marks():
    text = "Less CO2 is good. More is bad."
    lowered = Glyph("2", (38, 8, 40, 12), (37, 6, 40, 13))
    glyphs = [*printed(("Less CO", 1)), lowered]
    x = 8 * WIDE
    for character in "is good.":
        glyphs.append(glyph(character, x := x + WIDE, 0))
    glyphs.append(glyph("7", x := x + WIDE, 0, 0.6))
    glyphs += [glyph(c, n * WIDE, 12) for n, c in enumerate("More is bad.")]
    glyphs = [g for g in glyphs if g.text != " "]
    assert marked(text, "Less CO2 is good.", glyphs) == "LessCO2isgood."


def test_a_pull_quote_in_the_region_is_not_marked():
    text = "Bread is dear in the northern towns. Rye is cheaper in most years. Oats are cheapest."
    sentence = "Rye is cheaper in most years."
    page = printed((text[:9], 1), (sentence, 1), (text[9:], 1))
    boxes = find_words(text, (text.index(sentence), text.index(" Oats")), page)
    assert boxes is not None
    first = page.index(next(g for g in page[len(sentence) + 10 :] if g.text == "R"))
    own = page[first : first + len(sentence.replace(" ", ""))]
    assert inside(page, boxes) == inside(own, boxes) == sentence.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Bread is dear.", "Bread is cheap."),
        ("Bread is dear.", "Bread is dear. Bread is dear."),
        ("Bread is dear.", ""),
        ("Bread is dear.", "Bread 34 is dear."),
        ("— … —", "— … —"),
    ],
)
def test_what_is_not_found_once_is_not_marked(text: str, page: str):
    assert find_words(text, (0, len(text)), printed((page, 1))) is None


def test_cells_of_a_row_are_marked_apart():
    text = "Bread | Rye"
    glyphs = [*printed(("Bread", 1)), *(glyph(c, 200 + n * WIDE, 0) for n, c in enumerate("Rye"))]
    assert find_words(text, (0, len(text)), glyphs) == [(0, 1.5, 25, 9.5), (200, 1.5, 215, 9.5)]


def test_a_line_below_is_marked_apart_even_where_it_begins_to_the_right():
    glyphs = [glyph("a", 0, 0), glyph("b", WIDE, 12)]
    assert find_words("a b", (0, 3), glyphs) == [(0, 1.5, 5, 9.5), (5, 13.5, 10, 21.5)]


def test_a_drop_cap_does_not_mark_the_lines_beside_it():
    cap = Glyph("B", (0, 0, 18, 22), (0, 0, 20, 24))
    lines = [glyph(c, 20 + n * WIDE, 0) for n, c in enumerate("readisdear")]
    lines += [glyph(c, 20 + n * WIDE, 12) for n, c in enumerate("andsoisrye")]
    text = "Bread is dear and so is rye"
    boxes = find_words(text, (0, 13), [cap, *lines])
    assert boxes is not None
    assert inside([cap, *lines], boxes) == "Breadisdear"


def test_fonts_that_claim_too_much_room_do_not_mark_the_next_line():
    wild = [
        Glyph(g.text, g.ink, (g.room[0], g.room[1] - 40, g.room[2], g.room[3] + 40))
        for g in printed(("Bread is dear and rye is as well, they say", 1))
    ]
    assert marked("Bread is dear and rye is as well, they say", "Bread is", wild) == "Breadis"


def test_glyphs_stand_in_the_place_that_holds_their_middle():
    glyphs = printed(("abc", 1))
    assert standing_in(glyphs, (5, 0, 10, 10)) == [glyphs[1]]
    assert standing_in(glyphs, (0, 20, 90, 30)) == []


# Any words, however often they repeat: the right ones are found, or none

words = st.lists(
    st.text("abé1ﬁ²’-", min_size=1, max_size=4).filter(lambda w: letters(w) != ""),
    min_size=1,
    max_size=25,
)


@given(words, st.data())
def test_words_printed_as_they_are_are_always_found(said: list[str], data: st.DataObject):
    first, last = sorted((data.draw(st.integers(0, len(said))), data.draw(st.integers(1, 25))))
    quoted = said[first:last]
    text = " ".join(said)
    start = len(" ".join([*said[:first], ""]))
    span = (start, start + len(" ".join(quoted)))
    glyphs = printed((text, 1))
    boxes = find_words(text, span, glyphs)
    if not quoted:
        assert boxes is None
    else:
        assert boxes is not None
        assert inside(glyphs, boxes) == "".join(quoted)


@given(words, st.integers(0, 24), st.integers(1, 999), st.data())
def test_words_with_a_note_mark_among_them_are_always_found(
    said: list[str], at: int, mark: int, data: st.DataObject
):
    said = [w.replace("²", "2") for w in said]
    assume(sum(map(len, said)) > 6)  # the type size is that of most characters
    before, after = " ".join(said[:at]), " ".join(["", *said[at:]])
    glyphs = printed((before, 1), (str(mark), 0.6), (after, 1))
    text = " ".join(said)
    boxes = find_words(text, (0, len(text)), glyphs)
    marks = {id(g) for g in glyphs if g.room[3] - g.room[1] < HIGH}
    assert boxes is not None
    assert inside([g for g in glyphs if id(g) not in marks], boxes) == "".join(said)
    assert inside([g for g in glyphs if id(g) in marks], boxes) == ""


@given(words, words, st.data())
def test_whatever_else_stands_in_the_place_no_other_words_are_marked(
    said: list[str], foreign: list[str], data: st.DataObject
):
    at, low, high = (data.draw(st.integers(0, len(said))) for _ in range(3))
    low, high = min(low, high), max(low, high)
    copied = data.draw(st.booleans())
    text = " ".join(said)
    among = [*said[:at], *(said[low:high] if copied else foreign), *said[at:]]
    glyphs = printed((" ".join(among), 1))
    starts = [0, *itertools.accumulate(len(w) + 1 for w in said)]
    boxes = find_words(text, (starts[low], max(starts[low], starts[high] - 1)), glyphs)
    if boxes is not None:
        assert letters(inside(glyphs, boxes)) == letters("".join(said[low:high]))
