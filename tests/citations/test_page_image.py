"""Pages are drawn with exactly the quoted words marked: what is yellow is read back."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from reformqa import (
    Library,
    Paragraph,
    Report,
    Settings,
    SourceFileError,
    UnknownNameError,
)
from reformqa.citations.page_image import (
    MOST_DOTS,
    PDFIUM,
    PagePicture,
    draw_cover,
    draw_page,
)
from reformqa.model import Region
from reformqa.parsing import parse
from reformqa.text.similarity import letters
from support import pdfs
from support.highlights import marked_letters
from support.makers import paragraph
from support.nights import night
from support.pdfs import LEFT, Sheet, one, text

OVENS = "Ovens are lit long before dawn, and the bakers are at work by three every day."
RYE = "The ofﬁce of rye is old; “nobody”, they say, has counted the loaves that it made."
LINES = pdfs.wrapped(
    f"{OVENS} Most of them sleep in the afternoon, which is quiet, and wake when the sun has gone."
    " They go to bed early, as bakers have always done, and dream of bread and of bakeries.",
    400,
)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Report]:
    """Write a page with a paragraph above a note, and a second page with another paragraph."""
    first = "\n".join(
        [
            *(text(words, LEFT, 100 + 12 * n) for n, words in enumerate(LINES)),
            text("7", LEFT + pdfs.width(LINES[-1]), 88 + 12 * len(LINES) - 4, 6),
            text("7 Nobody asked the bakers whether they dream in the afternoon.", LEFT, 700, 8),
        ]
    )
    report = pdfs.report(tmp_path, first, text(RYE, LEFT, 100))
    return tmp_path / "made.pdf", report


def quoted(found: Paragraph, quote: str) -> tuple[int, int]:
    start = found.text.index(quote)
    return start, start + len(quote)


def dots(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"), dtype=int)


@pytest.mark.parametrize(
    "quote",
    [
        "Ovens are lit long before dawn",
        "before dawn, and the bakers",
        "wake when the sun has gone. They go to bed early",
        "dream of bread and of bakeries.",
        "by",
    ],
)
def test_exactly_the_quoted_words_are_marked(quote: str, made):
    pdf, report = made
    found = one(report, "Ovens")
    drawn = draw_page(pdf, found, quoted(found, quote))
    assert (drawn.page, drawn.pages, drawn.marked, drawn.others) == (1, 2, "words", ())
    assert marked_letters(pdf, drawn) == letters(quote)


def test_the_page_is_the_one_on_which_the_words_are(made):
    pdf, report = made
    found = one(report, "The office")
    drawn = draw_page(pdf, found, quoted(found, "office of rye is old; “nobody”, they say"))
    assert (drawn.page, drawn.marked) == (2, "words")
    assert marked_letters(pdf, drawn) == "officeofryeisoldnobodytheysay"


def test_nothing_but_the_words_and_a_line_beside_the_paragraph_is_changed(made):
    pdf, report = made
    found = one(report, "Ovens")
    drawn = dots(draw_page(pdf, found, quoted(found, "Ovens are lit"), width=600).png)
    blank = dots(draw_page(pdf, paragraph("elsewhere"), page=1, width=600).png)
    changed = np.abs(drawn - blank).max(axis=2) > 12
    rows, columns = np.nonzero(changed[:, LEFT - 1 :])
    assert (rows.min(), rows.max()) == pytest.approx((91, 103), abs=3)
    end = pdfs.width("Ovens are lit")
    assert (columns.min(), columns.max()) == pytest.approx((1, end), abs=2)
    rows, columns = np.nonzero(changed[:, : LEFT - 1])
    assert (rows.min(), rows.max()) == pytest.approx((92, 126), abs=3)
    assert 0 < np.ptp(columns) <= 3
    inside = drawn[92:102, LEFT : LEFT + int(end)]
    assert inside.reshape(-1, 3).max(axis=0) == pytest.approx((255, 224, 138), abs=4)
    assert inside.min() < 60  # the print is still black


def test_words_on_a_dark_ground_are_marked_lighter(tmp_path: Path):
    ground = pdfs.rectangle(40, 80, 560, 160, "0.4 0.05 0.1 rg")
    report = pdfs.report(tmp_path, f"{ground} 1 g {pdfs.set_lines(LINES, 100)}")
    found = one(report, "Ovens")
    drawn = draw_page(tmp_path / "made.pdf", found, quoted(found, "long before dawn"))
    assert drawn.marked == "words"
    assert marked_letters(tmp_path / "made.pdf", drawn) == "longbeforedawn"


def test_an_empty_span_marks_the_paragraph_lightly(made):
    pdf, report = made
    found = one(report, "Ovens")
    drawn = draw_page(pdf, found)
    assert (drawn.page, drawn.marked, drawn.others) == (1, "paragraph", ())
    assert marked_letters(pdf, drawn).startswith(letters(found.text))
    assert 200 < dots(drawn.png)[150:190, 80:200, 2].max() < 230


def test_a_span_of_marks_alone_marks_the_paragraph(made):
    pdf, report = made
    found = one(report, "Ovens")
    start = found.text.index(", and")
    assert draw_page(pdf, found, (start, start + 1)).marked == "paragraph"


def test_another_page_can_be_asked_for(made):
    pdf, report = made
    found = one(report, "Ovens")
    drawn = draw_page(pdf, found, quoted(found, "Ovens are lit"), page=2)
    assert (drawn.page, drawn.marked, drawn.others) == (2, "nothing", (1,))
    assert marked_letters(pdf, drawn) == ""


def test_words_that_are_not_printed_as_read_are_not_marked(made):
    pdf, report = made
    found = one(report, "Ovens")
    other = replace(found, text=found.text.replace("Ovens", "Stoves"), ocr=True)
    start = other.text.index("are lit")
    assert draw_page(pdf, other, (start, start + 7)).marked == "paragraph"


def test_words_of_which_a_part_is_not_found_are_not_marked(made):
    pdf, report = made
    found = one(report, "Ovens")
    (place,) = found.places
    places = (replace(place, span=(0, 12)), replace(place, span=(12, len(found.text) + 12)))
    other = replace(found, text=f"Ovens are on {found.text}", places=places)
    assert draw_page(pdf, other, (0, 40)).marked == "paragraph"
    assert draw_page(pdf, other, (13, 40)).marked == "words"


def test_words_on_two_pages_are_marked_on_both(tmp_path: Path):
    lines = pdfs.wrapped(" ".join([*LINES, *LINES[::-1]]).replace("gone.", "gone,"), 300)
    top = [pdfs.set_lines(lines[:3], 742), pdfs.set_lines(lines[3:], 60)]
    report = pdfs.report(tmp_path, *top)
    pdf = tmp_path / "made.pdf"
    found = one(report, "Ovens")
    assert [p.page for p in found.places] == [1, 2]
    span = (3, len(found.text) - 3)
    first, second = draw_page(pdf, found, span), draw_page(pdf, found, span, page=2)
    assert (first.page, first.marked, first.others) == (1, "words", (2,))
    assert (second.page, second.marked, second.others) == (2, "words", (1,))
    both = marked_letters(pdf, first) + marked_letters(pdf, second)
    assert both == letters(found.text[slice(*span)])
    early = draw_page(pdf, found, (0, 5), page=2)
    assert (early.marked, early.others) == ("paragraph", (1,))


TURNS = {
    0: "1 0 0 1 {x} {up} Tm",
    90: "0 1 -1 0 {down} {x} Tm",
    180: "-1 0 0 -1 {right} {down} Tm",
    270: "0 -1 1 0 {up_right} {right_up} Tm",
}


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("boxes", ["", "/CropBox [20 30 580 760]", "/CropBox [-90 30 900 760]"])
def test_turned_and_cropped_pages_are_marked_where_the_words_are(
    turn: int, boxes: str, tmp_path: Path
):
    def line(words: str, down: float) -> str:
        at = {"x": 50, "up": 800 - down, "down": down, "right": 550}
        at |= {"up_right": 600 - down, "right_up": 740}
        return f"BT /F1 10 Tf {TURNS[turn].format(**at)} ({pdfs.escaped(words)}) Tj ET"

    drawn_lines = "\n".join(line(words, 100 + 12 * n) for n, words in enumerate(LINES))
    report = pdfs.report(tmp_path, Sheet(drawn_lines, f"{boxes} /Rotate {turn}"))
    found = one(report, "Ovens")
    quote = "sleep in the afternoon, which is quiet, and wake when the sun has gone. They go"
    drawn = draw_page(tmp_path / "made.pdf", found, quoted(found, quote))
    assert drawn.marked == "words"
    assert marked_letters(tmp_path / "made.pdf", drawn) == letters(quote)


def test_cells_of_a_table_row_and_columns_do_not_run_together(tmp_path: Path):
    left = pdfs.set_lines(pdfs.wrapped(" ".join(LINES), 200), 100)
    right = pdfs.set_lines(pdfs.wrapped(RYE * 3, 200), 100, x=330)
    report = pdfs.report(tmp_path, f"{left}\n{right}")
    found = one(report, "Ovens")
    drawn = draw_page(tmp_path / "made.pdf", found, (0, len(found.text)))
    assert drawn.marked == "words"
    assert marked_letters(tmp_path / "made.pdf", drawn) == letters(found.text)


# Images and files of every kind


@pytest.mark.parametrize("width", [1, 160, 900, 1800])
def test_a_picture_is_as_wide_as_asked(width: int, made):
    pdf, report = made
    drawn = draw_page(pdf, one(report, "Ovens"), width=width)
    assert Image.open(BytesIO(drawn.png)).width == width


@pytest.mark.parametrize(
    ("box", "width"),
    [("0 0 14000 14000", 900), ("0 0 10 14000", 900), ("0 0 14000 3", 900), ("0 0 600 800", 10**9)],
)
def test_no_picture_is_larger_than_the_limit(box: str, width: int, tmp_path: Path):
    pdf = tmp_path / "vast.pdf"
    pdf.write_bytes(pdfs.pdf(Sheet(text("HH", 10, 10), f"/MediaBox [{box}]")))
    drawn = draw_page(pdf, paragraph("elsewhere"), width=width)
    assert max(Image.open(BytesIO(drawn.png)).size) <= MOST_DOTS + 1


def test_a_place_beyond_the_page_does_no_harm(made):
    pdf, _ = made
    places = (Region(1, (-500.0, -500.0, 9000.0, 9000.0), (0, 5)), Region(1, (3, 9, 3, 9), (5, 9)))
    drawn = draw_page(pdf, paragraph("elsewhere", places=places), (0, 9))
    assert (drawn.page, drawn.marked) == (1, "paragraph")


@pytest.mark.parametrize("page", [0, -1, 3, 10**6])
def test_a_page_that_is_not_there_is_an_error_for_people(page: int, made):
    pdf, report = made
    with pytest.raises(SourceFileError, match=rf"has 2 pages\. There is no page {page}\."):
        draw_page(pdf, one(report, "Ovens"), page=page)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("gone.pdf", None, "cannot be opened"),
        ("noise.pdf", b"not a PDF", "cannot be opened"),
        ("hollow.pdf", pdfs.pdf(), "cannot be opened|has 0 pages"),
        ("hidden.pdf", pdfs.pdf(Sheet("", "/CropBox [700 900 800 999]")), "cannot be drawn"),
        ("notes.md", b"# Bread", "is a text file and has no pages"),
    ],
)
def test_a_file_that_cannot_be_drawn_is_an_error_for_people(
    name: str, data: bytes | None, reason: str, tmp_path: Path
):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    for draw in (lambda f: draw_page(f, paragraph("elsewhere")), draw_cover):
        with pytest.raises(SourceFileError, match=reason):
            draw(tmp_path / name)


def test_ugly_files_are_drawn_or_refused(shared: Path):
    refused = set()
    for file in sorted((shared / "corpus" / "ugly").glob("*.pdf")):
        try:
            assert Image.open(BytesIO(draw_cover(file))).width == 160
        except SourceFileError:
            refused.add(file.stem)
    assert {"empty", "not-a-pdf"} <= refused
    assert len(refused) < 5


def test_threads_draw_what_one_draws_alone(made):
    pdf, report = made
    found = one(report, "Ovens")
    spans = [(n, n + 20) for n in range(0, 160, 20)]
    alone = [draw_page(pdf, found, span, width=300) for span in spans]
    together: list[PagePicture | None] = [None] * len(spans)

    def draw(n: int) -> None:
        for _ in range(3):
            together[n] = draw_page(pdf, found, spans[n], width=300)

    threads = [threading.Thread(target=draw, args=(n,)) for n in range(len(spans))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_a_thread_waits_until_pdfium_is_free(made):
    drawing = threading.Thread(target=draw_cover, args=(made[0],))
    with PDFIUM:
        drawing.start()
        drawing.join(0.5)
        assert drawing.is_alive()
    drawing.join(30)
    assert not drawing.is_alive()


def test_files_and_pages_are_closed(made, monkeypatch: pytest.MonkeyPatch):
    pdf, report = made
    opened: list[pypdfium2.PdfDocument] = []

    class Watched(pypdfium2.PdfDocument):
        def __init__(self, *given: object, **more: object) -> None:
            super().__init__(*given, **more)
            opened.append(self)

    monkeypatch.setattr(pypdfium2, "PdfDocument", Watched)
    draw_page(pdf, one(report, "Ovens"), (0, 5))
    with pytest.raises(SourceFileError):
        draw_page(pdf, one(report, "Ovens"), page=9)
    assert [file.raw is None or not file.raw for file in opened] == [True, True]


# Real pages: random spans, read back


@pytest.fixture(scope="session")
def reports(shared: Path) -> dict[str, tuple[Path, Report]]:
    """Return a typeset report in one column, one in two, and a published report."""
    corpus = shared / "corpus"
    files = [
        corpus / "typeset" / "balancing-act.pdf",
        corpus / "typeset" / "going-public.pdf",
        corpus / "real" / "Behaviour-Change-Response.pdf",
    ]
    return {file.stem: (file, parse(file)) for file in files}


@pytest.mark.parametrize("name", ["balancing-act", "going-public", "Behaviour-Change-Response"])
def test_random_words_of_real_pages_are_marked_exactly(name: str, reports):
    pdf, report = reports[name]
    chance = random.Random(7)
    texts = [p for p in report.paragraphs if p.searchable and p.places]
    outcomes = []
    for found in chance.sample(texts, 30):
        starts = [n for n, c in enumerate(found.text) if not n or found.text[n - 1] == " "]
        start = chance.choice(starts)
        end = chance.choice([*(s - 1 for s in starts if s > start), len(found.text)])
        drawn = draw_page(pdf, found, (start, end))
        outcomes.append(drawn.marked)
        if drawn.marked == "words":
            shown = marked_letters(pdf, drawn)
            for page in drawn.others:
                shown += marked_letters(pdf, draw_page(pdf, found, (start, end), page))
            assert shown == letters(found.text[start:end])
    assert outcomes.count("words") >= 29


# Through the library


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a corpus of one PDF and one text file, and its index."""
    folder = tmp_path_factory.mktemp("shelf")
    corpus = folder / "corpus"
    (corpus / "2024").mkdir(parents=True)
    (corpus / "2024" / "ovens.pdf").write_bytes(pdfs.pdf(pdfs.set_lines(LINES, 100)))
    (corpus / "rye.txt").write_text(f"# Rye\n\n{RYE}\n", encoding="utf-8")
    night(corpus, folder / "index")
    return corpus, folder / "index"


def test_a_library_draws_the_page_of_a_paragraph(shelf):
    corpus, index = shelf
    library = Library.open(index, Settings(), corpus=corpus)
    pdf = library.source_file("ovens")
    assert pdf == corpus / "2024" / "ovens.pdf"
    found = one(library.report("ovens"), "Ovens")
    drawn = library.page_picture(found.id, quoted(found, "lit long before dawn"))
    assert (drawn.page, drawn.marked) == (1, "words")
    assert marked_letters(pdf, drawn) == "litlongbeforedawn"
    narrow = library.page_picture(found.id, page=1, width=300)
    assert Image.open(BytesIO(narrow.png)).width == 300


def test_a_cover_is_the_first_page_and_text_has_none(shelf):
    corpus, index = shelf
    library = Library.open(index, Settings(), corpus=str(corpus))
    cover = library.cover("ovens")
    assert cover is not None
    assert Image.open(BytesIO(cover)).size == (160, 214)
    assert library.cover("rye") is None
    assert library.source_file("rye") == corpus / "rye.txt"


def test_a_text_has_no_page_to_show(shelf):
    corpus, index = shelf
    library = Library.open(index, Settings(), corpus=corpus)
    with pytest.raises(SourceFileError, match=r"rye\.txt is a text file"):
        library.page_picture(library.report("rye").paragraphs[-1].id)


def test_without_a_corpus_folder_the_error_says_how_to_name_it(shelf):
    library = Library.open(shelf[1], Settings())
    with pytest.raises(SourceFileError, match="--corpus, REFORMQA_CORPUS"):
        library.source_file("ovens")
    assert library.cover("ovens") is None


def test_an_unknown_report_or_paragraph_is_named(shelf):
    library = Library.open(shelf[1], Settings(), corpus=shelf[0])
    for ask in (library.source_file, library.cover, library.page_picture):
        with pytest.raises(UnknownNameError):
            ask("oven")


def test_a_file_that_has_gone_or_changed_has_no_cover(shelf, tmp_path: Path):
    library = Library.open(shelf[1], Settings(), corpus=tmp_path)
    assert library.cover("ovens") is None
    (tmp_path / "ovens.pdf").write_bytes(pdfs.pdf(text("Another", 50, 50)))
    assert library.cover("ovens") is None
    with pytest.raises(SourceFileError, match="has changed since the index was built"):
        library.source_file("ovens")


def test_a_part_of_a_page_shows_its_column_large_enough_to_read(tmp_path: Path):
    left, right = pdfs.wrapped(OVENS, 200), pdfs.wrapped(OVENS.replace("Ovens", "Trams"), 200)
    columns = [text(w, 72, 100 + 12 * n, 10) for n, w in enumerate(left)]
    columns += [text(w, 320, 100 + 12 * n, 10) for n, w in enumerate(right)]
    made = pdfs.report(tmp_path, "\n".join(columns))
    found = next(p for p in made.paragraphs if p.text.startswith("Trams"))
    span = quoted(found, "Trams are lit")
    whole = draw_page(tmp_path / "made.pdf", found, span, width=600)
    part = draw_page(tmp_path / "made.pdf", found, span, width=600, around=20)
    assert part.marked == whole.marked == "words"
    wide, high = Image.open(BytesIO(part.png)).size
    assert wide == pytest.approx(600, abs=2)
    assert high < Image.open(BytesIO(whole.png)).height
    yellow = [_yellow_width(dots(p.png)) for p in (whole, part)]
    assert yellow[1] > 1.4 * yellow[0], "the words are larger than on the whole page"


def _yellow_width(pixels: np.ndarray) -> int:
    """Return how many columns of pixels the mark crosses."""
    marked = (pixels[:, :, 0] > 240) & (pixels[:, :, 2] < 170) & (pixels[:, :, 2] > 100)
    return int(marked.any(axis=0).sum())
