"""A page is drawn once for all visitors, and one that cannot be drawn is not tried each time."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from reformqa import Library, Settings, SourceFileError
from reformqa.app.state import pictures
from reformqa.app.state.library import AT_ONCE, TURNS
from reformqa.settings import DrawingSettings
from support import bombs, pdfs
from support.nights import night


@pytest.fixture
def shelf(tmp_path: Path) -> Library:
    """A library of a page that is drawn and one that is not."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "bread.pdf").write_bytes(pdfs.pdf(pdfs.set_lines(bombs.WORDS, 100)))
    (corpus / "bomb.pdf").write_bytes(bombs.tiles())
    night(corpus, tmp_path / "index")
    settings = Settings(drawing=DrawingSettings(seconds=2))
    return Library.open(tmp_path / "index", settings, corpus=corpus)


def remove(library: Library, report_id: str) -> None:
    """Remove a report's file: whatever is drawn from now on is not."""
    library.source_file(report_id).unlink()


def test_what_was_drawn_is_kept(shelf: Library):
    (found,) = shelf.report("bread").paragraphs
    cover = pictures.cover(shelf, "bread")
    page = pictures.page_picture(shelf, found.id, (0, 3), None, None)
    assert cover
    assert page.marked == "words"
    remove(shelf, "bread")
    assert pictures.cover(shelf, "bread") == cover
    assert pictures.page_picture(shelf, found.id, (0, 3), None, None) == page


def test_what_cannot_be_drawn_is_remembered_with_the_reason(shelf: Library):
    (found,) = shelf.report("bomb").paragraphs
    reasons = []
    for attempt in range(2):
        with pytest.raises(SourceFileError) as of_cover:
            pictures.cover(shelf, "bomb")
        with pytest.raises(SourceFileError) as of_page:
            pictures.page_picture(shelf, found.id, (0, 3), None, None)
        reasons.append((str(of_cover.value), str(of_page.value)))
        if not attempt:
            remove(shelf, "bomb")  # drawn again, it would be missing
    assert reasons[0] == reasons[1]
    assert "took longer than 2 processor seconds" in reasons[0][0]


def test_drawing_needs_no_turn_in_the_queue_of_questions(shelf: Library):
    drawn: list[bytes | None] = []
    drawing = threading.Thread(target=lambda: drawn.append(pictures.cover(shelf, "bread")))
    with ExitStack() as taken:
        for _ in range(AT_ONCE):
            taken.enter_context(TURNS.turn(1))
        drawing.start()
        drawing.join(60)
        assert len(drawn) == 1
    drawing.join()
