"""Pages are drawn in another process: a hostile one is given up, and the others are drawn."""

from __future__ import annotations

import threading
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from reformqa import Library, Settings, SourceFileError
from reformqa.citations.drawing import draw_apart
from reformqa.citations.page_image import PDFIUM, draw_cover, draw_page
from reformqa.parsing import parse
from reformqa.settings import DrawingSettings
from support import bombs, pdfs
from support.makers import paragraph
from support.nights import night

LIMITS = DrawingSettings(seconds=3)
TIGHT = Settings(drawing=LIMITS)
OVENS = "Ovens are lit long before dawn, and the bakers are at work by three."


@pytest.fixture
def bread(tmp_path: Path) -> Path:
    file = tmp_path / "bread.pdf"
    file.write_bytes(pdfs.pdf(pdfs.text(OVENS, pdfs.LEFT, 100)))
    return file


@pytest.fixture
def bomb(tmp_path: Path) -> Path:
    file = tmp_path / "bomb.pdf"
    file.write_bytes(bombs.tiles())
    return file


def test_what_is_drawn_apart_is_what_is_drawn(bread: Path):
    (found,) = parse(bread).paragraphs
    assert draw_apart(draw_cover, bread, limits=LIMITS) == draw_cover(bread)
    assert draw_apart(draw_page, bread, found, (0, 9), limits=LIMITS) == draw_page(
        bread, found, (0, 9)
    )


def test_a_page_that_never_ends_is_given_up_with_the_reason_and_a_remedy(bomb: Path):
    assert parse(bomb).reading.verdict == "good"
    with pytest.raises(SourceFileError) as error:
        draw_apart(draw_cover, bomb, limits=LIMITS)
    assert str(error.value) == (
        "bomb.pdf cannot be drawn: it took longer than 3 processor seconds. It may be damaged or"
        " malicious. Open the file itself, or raise drawing.seconds."
    )


def test_drawing_does_not_take_the_lock_of_this_process(bread: Path):
    """What holds pdfium here, as a reader may, does not stop a picture."""
    with PDFIUM:
        assert Image.open(BytesIO(draw_apart(draw_cover, bread, limits=LIMITS))).width == 160


def test_others_are_drawn_while_a_hostile_page_is_drawn(bread: Path, bomb: Path):
    begun, ended = threading.Event(), threading.Event()

    def draw() -> None:
        begun.set()
        with pytest.raises(SourceFileError):
            draw_apart(draw_cover, bomb, limits=DrawingSettings(seconds=20))
        ended.set()

    hostile = threading.Thread(target=draw)
    hostile.start()
    begun.wait()
    assert draw_apart(draw_cover, bread, limits=LIMITS)
    assert not ended.is_set()
    hostile.join()
    assert ended.is_set()


@pytest.mark.parametrize(("page", "reason"), [(0, "There is no page 0"), (7, "There is no page 7")])
def test_errors_for_people_come_back_as_they_are(bread: Path, page: int, reason: str):
    with pytest.raises(SourceFileError, match=reason):
        draw_apart(draw_page, bread, paragraph("elsewhere"), (0, 0), page, limits=LIMITS)


def fail(pdf: Path) -> None:
    raise ZeroDivisionError(f"{pdf.name} has no height")


def test_an_error_that_nobody_foresaw_is_one_for_people(bread: Path):
    with pytest.raises(SourceFileError, match=r"bread\.pdf cannot be drawn \(ZeroDivisionError"):
        draw_apart(fail, bread, limits=LIMITS)


def test_a_library_gives_up_a_hostile_page_and_draws_the_next(
    bread: Path, bomb: Path, tmp_path_factory: pytest.TempPathFactory
):
    index = tmp_path_factory.mktemp("index")
    night(bread.parent, index)
    library = Library.open(index, TIGHT, corpus=bread.parent)
    for refused in (
        lambda: library.cover("bomb"),
        lambda: library.page_picture(library.report("bomb").paragraphs[0].id),
    ):
        with pytest.raises(SourceFileError, match="took longer than 3 processor seconds"):
            refused()
    assert library.cover("bread")
    drawn = library.page_picture(library.report("bread").paragraphs[0].id, (0, 9))
    assert drawn.marked == "words"
