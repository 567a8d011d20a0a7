"""A page is read as runs of text with their place and look, and as shapes and images."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from reformqa.parsing.readers.pdf.content import GlyphRun, PageContent
from reformqa.parsing.readers.pdf.page_objects import DEEPEST_FORM, MOST_SHAPES
from support.pdfs import (
    DOT,
    HEIGHT,
    Form,
    Sheet,
    content,
    content_of,
    pdf,
    picture,
    rectangle,
    stroke,
    text,
)

#: Widths in Adobe's metrics of Helvetica, in thousandths of an em.
H, SPACE = 0.722, 0.278


def runs(operators: str, **sheet: object) -> tuple[GlyphRun, ...]:
    return content(Sheet(operators, **sheet)).runs


def only(operators: str, **sheet: object) -> GlyphRun:
    (found,) = runs(operators, **sheet)
    return found


def shown(operators: str) -> str:
    """Return operators in a text object in 10 point Helvetica at 50 points, 100 from the top."""
    return f"BT /F1 10 Tf 50 {HEIGHT - 100} Td {operators} ET"


@pytest.mark.parametrize(
    ("operators", "width"),
    [
        ("(HH) Tj", 20 * H),
        ("3 Tc (HH) Tj", 20 * H + 3),
        ("5 Tw (H H) Tj", 20 * H + 10 * SPACE + 5),
        ("50 Tz (HH) Tj", 10 * H),
        ("50 Tz 4 Tc (HH) Tj", 10 * H + 2),
        ("[(H) -100 (H)] TJ", 20 * H + 1),
    ],
)
def test_a_runs_right_edge_comes_from_its_fonts_widths_and_spacing(operators: str, width: float):
    run = only(shown(operators))
    assert (run.x0, run.x1) == pytest.approx((50, 50 + width))


def test_a_runs_box_surrounds_its_baseline_in_points_from_the_top():
    run = only(text("HH", 50, 100, 20))
    assert (run.base, run.size) == pytest.approx((100, 20))
    assert run.box == pytest.approx((50, 100 - 15.6, 50 + 40 * H, 100 + 4.4))


@pytest.mark.parametrize(
    ("operators", "base"),
    [
        ("14 TL T* (H) Tj", 114),
        ("14 TL (H) '", 114),
        ('14 TL 2 3 (H H) "', 114),
        ("0 -9 TD T* (H) Tj", 118),
        ("0 -5 Td (H) Tj", 105),
        ("4 Ts (H) Tj", 96),
        ("1 0 0 1 50 300 Tm (H) Tj", HEIGHT - 300),
    ],
)
def test_operators_that_move_the_line_move_the_baseline(operators: str, base: float):
    assert only(shown(operators)).base == pytest.approx(base)


def test_the_double_quote_sets_word_and_letter_spacing():
    run = only(shown('14 TL 2 3 (H H) "'))
    assert run.x1 - run.x0 == pytest.approx(20 * H + 10 * SPACE + 2 + 2 * 3)


def test_strings_shown_one_after_another_go_on_where_the_last_ended():
    first, second = runs(shown("(HH) Tj (H) Tj"))
    assert second.x0 == pytest.approx(first.x1)


@pytest.mark.parametrize(
    ("kern", "words"), [(-30, "HH"), (-120, "HH"), (-250, "H H"), (-900, "H H"), (60, "HH")]
)
def test_a_wide_kern_is_a_space_and_a_narrow_one_is_none(kern: int, words: str):
    assert only(shown(f"[(H) {kern} (H)] TJ")).text == words


def test_a_kern_of_many_ems_parts_two_columns():
    left, right = runs(shown("[(H) -20000 (HH)] TJ"))
    assert [left.text, right.text] == ["H", "HH"]
    assert (left.x1, right.x0) == pytest.approx((50 + 10 * H, 50 + 10 * H + 200))


def test_a_wide_kern_before_a_last_space_leaves_the_words():
    assert [r.text for r in runs(shown("[(H) -20000 ( )] TJ"))] == ["H"]


def test_spaces_widened_to_justify_a_line_part_no_run():
    assert only(shown("30 Tw (H H H) Tj")).text == "H H H"
    assert [r.text for r in runs(shown("5 Tw [(H H ) -9000 (H)] TJ"))] == ["H H ", "H"]


def test_a_run_knows_its_marked_content_and_one_in_a_form_the_forms():
    form = Form("/P << /MCID 9 >> BDC BT /F1 9 Tf 1 1 Td (in) Tj ET EMC")
    marked = "/P << /MCID 4 >> BDC {} EMC {} /Figure << /MCID 5 >> BDC /X0 Do EMC"
    drawn = marked.format(text("first", 50, 100), text("second", 50, 120))
    found = runs(drawn, forms=(form,))
    assert [(r.text, r.mark) for r in found] == [("first", 4), ("second", None), ("in", 5)]


def test_text_in_a_form_is_placed_by_its_matrix_and_cm():
    form = Form("BT /F1 10 Tf 10 20 Td (HH) Tj ET", matrix="2 0 0 2 5 7")
    run = only("q 1 0 0 1 100 300 cm /X0 Do Q", forms=(form,))
    assert (run.x0, run.base) == pytest.approx((100 + 5 + 20, HEIGHT - (300 + 7 + 40)))
    assert (run.size, run.x1 - run.x0) == pytest.approx((20, 40 * H))


def test_a_form_leaves_the_pages_state_alone():
    form = Form("1 0 0 rg 4 0 0 4 0 0 cm BT /F1 9 Tf 1 1 Td (in) Tj ET")
    _, after = runs(f"/X0 Do {text('after', 50, 100)}", forms=(form,))
    assert (after.x0, after.base, after.size) == pytest.approx((50, 100, 10))
    assert after.look.endswith(" 0.00 0.00 0.00")


@pytest.mark.parametrize(
    ("turn", "size", "x0", "base", "angle"),
    [
        (0, (600, 800), 100, 600, 0),
        (90, (800, 600), 200, 100, 270),
        (180, (600, 800), 500, 200, 180),
        (270, (800, 600), 600, 500, 90),
    ],
)
def test_a_turned_page_is_read_in_the_frame_that_a_viewer_shows(
    turn: int, size: tuple[int, int], x0: float, base: float, angle: int
):
    page = content(Sheet("BT /F1 10 Tf 100 200 Td (HH) Tj ET", f"/Rotate {turn}"))
    (run,) = page.runs
    assert (page.width, page.height) == size
    assert run.angle == angle
    start = {0: (run.x0, run.base), 180: (run.x1, run.base)}.get(turn)
    if start is None:  # upright in the frame: the run is along the height of the page
        start = (run.x0, run.base - 20 * H if turn == 90 else run.base)
    assert start == pytest.approx((x0, base))


def test_text_that_a_turned_page_sets_upright_is_upright():
    upright = "BT /F1 10 Tf 0 1 -1 0 300 200 Tm (HH) Tj ET"
    run = only(upright, entries="/Rotate 90")
    assert (run.angle, run.x0, run.base) == (0, pytest.approx(200), pytest.approx(300))
    assert run.x1 - run.x0 == pytest.approx(20 * H)


def test_a_page_is_as_large_as_what_a_viewer_shows_of_it():
    page = content(Sheet(text("HH", 150, 200), "/CropBox [100 50 500 700]"))
    (run,) = page.runs
    assert (page.width, page.height) == (400, 650)
    assert (run.x0, run.base) == pytest.approx((50, 100))


@pytest.mark.parametrize(
    ("boxes", "size", "start"),
    [
        ("/CropBox [-50 -50 700 900]", (600, 800), (150, 200)),
        ("/MediaBox [0 0 600 800] /CropBox [100 50 700 900]", (500, 750), (50, 200)),
        ("/MediaBox [600 800 0 0]", (600, 800), (150, 200)),
        ("/MediaBox [-100 -200 500 600]", (600, 800), (250, 0)),
        ("/CropBox [700 900 800 1000]", (600, 800), (150, 200)),
    ],
)
def test_a_page_is_no_larger_than_its_sheet(
    boxes: str, size: tuple[int, int], start: tuple[int, int]
):
    page = content(Sheet(text("HH", 150, 200), boxes))
    (run,) = page.runs
    assert (page.width, page.height) == size
    assert (run.x0, run.base) == pytest.approx(start)


def test_invisible_text_is_marked_and_restored_text_is_not():
    hidden, plain = runs(f"q BT 3 Tr ET {text('hidden', 50, 100)} Q {text('plain', 50, 120)}")
    assert [(r.text, r.visible) for r in (hidden, plain)] == [("hidden", False), ("plain", True)]


def test_a_restored_state_brings_back_matrix_font_and_colour():
    inner = "q 3 0 0 3 9 9 cm 1 0 0 rg /F2 30 Tf BT 5 5 Td (in) Tj ET Q"
    run = runs(f"/F1 10 Tf {inner} BT 50 700 Td (HH) Tj ET")[1]
    assert (run.x0, run.base, run.size, run.bold) == (50, 100, pytest.approx(10), False)
    assert run.look == "helvetica 0.00 0.00 0.00"


def test_restoring_more_than_was_saved_is_passed_over():
    assert only(f"Q Q Q {text('H', 50, 100)}").x0 == 50


@pytest.mark.parametrize(
    ("font", "bold", "italic"), [("F1", False, False), ("F2", True, False), ("F3", False, True)]
)
def test_a_fonts_name_tells_bold_and_italic(font: str, bold: bool, italic: bool):
    run = only(text("H", 50, 100, 10, font))
    assert (run.bold, run.italic) == (bold, italic)


def test_characters_follow_the_fonts_encoding():
    assert only(text("ﬁve “£4” – don’t", 50, 100)).text == "five “£4” – don’t"


def test_rectangles_and_lines_are_shapes_and_filled_ones_have_a_colour():
    page = content(rectangle(50, 100, 250, 180, "0.5 0 0 rg") + stroke(50, 300, 550, 300))
    filled, line = page.shapes
    assert (filled.box, filled.fill) == (pytest.approx((50, 100, 250, 180)), "0.50 0.00 0.00")
    assert (line.box, line.fill) == (pytest.approx((50, 300, 550, 300)), None)
    assert (filled.width, filled.height) == pytest.approx((200, 80))


def test_an_area_drawn_as_a_path_is_one_shape_and_a_clipping_path_none():
    path = "50 500 m 250 500 l 250 600 l 50 600 l 50 500 l"
    (shape,) = content(f"0.9 g {path} f").shapes
    assert shape.box == pytest.approx((50, 200, 250, 300))
    assert content(f"{path} W n").shapes == ()


def test_an_image_is_placed_by_its_matrix():
    (box,) = content(Sheet(picture(50, 100, 250, 200), forms=(DOT,))).images
    assert box == pytest.approx((50, 100, 250, 200))


@pytest.mark.parametrize(
    ("operators", "scanned", "pictured"),
    [
        (picture(0, 0, 600, 800), False, True),
        (picture(0, 0, 600, 800) + text("A title over a photograph", 50, 100), False, True),
        (picture(0, 0, 600, 800) + " " + text("x" * 401, 50, 100, 1), True, True),
        (picture(0, 0, 300, 300) + " " + text("x" * 401, 50, 100, 1), False, True),
        (f"BT 3 Tr ET {text('A layer', 50, 100)}", True, False),
        (text("Plain", 50, 100) + stroke(50, 110, 90, 110), False, False),
    ],
)
def test_a_scan_is_distinguished_from_a_page_with_a_picture(
    operators: str, scanned: bool, pictured: bool
):
    page = content(Sheet(operators, forms=(DOT,)))
    assert (page.scanned, page.pictured) == (scanned, pictured)


def test_a_page_without_contents_shows_nothing():
    bare = pdf("").replace(b"/Contents", b"/Nothing ")
    assert content_of(bare, 1, 4) == PageContent(4, 600, 800, (), (), ())


def test_what_lies_outside_the_crop_box_is_not_on_the_page():
    drawn = (
        text("Left page", 50, 100)
        + f" {text('Right page', 350, 100)} {rectangle(340, 90, 500, 120)}"
        + f" {text('Below the page', 50, 760)}"
    )
    page = content(Sheet(drawn, "/CropBox [0 100 300 800]"))
    assert ([r.text for r in page.runs], page.shapes) == (["Left page"], ())
    page = content(Sheet(drawn, "/CropBox [300 100 600 800]"))
    assert [(r.text, r.x0) for r in page.runs] == [("Right page", 50)]
    assert len(page.shapes) == 1


@pytest.mark.parametrize("turn", [0, 90])
def test_of_a_line_mostly_beyond_the_crop_box_the_visible_letters_are_read(turn: int):
    line = text("HHHHHHHH", 100, 400)
    right = 100 + 31 * H
    (run,) = content(Sheet(line, f"/CropBox [90 0 {right} 800] /Rotate {turn}")).runs
    assert run.text == "HHH"
    if not turn:
        assert (run.x0, run.x1) == pytest.approx((10, 10 + 30 * H))


def test_a_line_that_bleeds_off_the_page_stays_whole():
    (run,) = content(Sheet(text("HHHHHHHH", 100, 400), f"/CropBox [{100 + 31 * H} 0 400 800]")).runs
    assert (run.text, run.x0) == ("HHHHHHHH", pytest.approx(-31 * H))


def test_forms_nested_too_deep_are_refused():
    forms = tuple(Form(f"/X{n + 1} Do") for n in range(DEEPEST_FORM + 1))
    with pytest.raises(ValueError, match="forms are nested more than 12 deep"):
        content(Sheet("/X0 Do", forms=forms))


def test_a_form_that_draws_itself_for_ever_is_refused():
    with pytest.raises(ValueError, match="forms are nested"):
        content(Sheet("/X0 Do", forms=(Form("/X0 Do"),)))


def test_a_page_of_too_many_characters_is_refused():
    lines = [text("x" * 20_000, 50, 100 + n, 0.001) for n in range(11)]
    assert sum(len(r.text) for r in runs(" ".join(lines[:9]))) == 180_000
    with pytest.raises(ValueError, match="more than 200,000 characters"):
        runs(" ".join(lines))


def test_shapes_beyond_the_limit_are_left_out():
    drawn = " ".join(rectangle(50, n % 700, 90, n % 700 + 5) for n in range(MOST_SHAPES + 2))
    assert len(content(drawn).shapes) == MOST_SHAPES


@pytest.mark.parametrize(
    "operators",
    [
        "(HH) Tj",
        "BT /F9 10 Tf (HH) Tj ET",
        "/F1 Tf BT (HH) Tj ET",
        "BT /F1 10 Tf [] TJ Tj ET",
        "Do",
    ],
)
def test_operators_without_their_operands_are_passed_over(operators: str):
    assert content(f"{operators} {text('still here', 50, 100)}").runs[-1].text == "still here"


# The slow and obvious twin: the text that pypdf extracts


def letters(words: str) -> Counter[str]:
    return Counter(c for c in words if c.isalnum())


def test_the_letters_of_a_page_are_those_that_pypdf_extracts():
    sheet = Sheet(
        text("Ovens are lit (before) dawn.", 50, 100)
        + " "
        + shown("14 TL [(Rye) -300 (oats)] TJ T* (barley) Tj")
        + f" q 1 0 0 1 9 9 cm /X0 Do Q {text('Bold £4', 50, 300, 20, 'F2')}",
        forms=(Form(text("In a form", 50, 500)),),
    )
    page = PdfReader(BytesIO(pdf(sheet))).pages[0]
    found = "".join(r.text for r in content(sheet).runs)
    assert letters(found) == letters(page.extract_text())
    assert letters(found)["O"] == 1


@pytest.mark.parametrize("name", ["balancing-act", "great-government", "going-public"])
def test_the_letters_of_a_typeset_page_are_those_that_pypdf_extracts(shared: Path, name: str):
    file = shared / "corpus" / "typeset" / f"{name}.pdf"
    reader = PdfReader(file)
    for number in (1, 4, 9):
        page = reader.pages[number - 1]
        found = "".join(r.text for r in content_of(file, number).runs)
        assert letters(found) == letters(page.extract_text())
        assert len(found) > 20
