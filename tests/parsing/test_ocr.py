"""A scanned page, read by tesseract, becomes the same content as a page that has text.

Most tests run with a stand-in for tesseract, or with none; a few run the machine's own as well.
"""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from reformqa import UnreadableFileError
from reformqa.parsing import parse
from reformqa.parsing.readers.pdf.content import PageContent
from reformqa.parsing.readers.pdf.guard import UnreadablePageError
from reformqa.parsing.readers.pdf.lines import Line, body_size, read_lines
from reformqa.parsing.readers.pdf.ocr import DPI, page_from_tsv, read_scan, tesseract_available
from reformqa.parsing.readers.pdf.opening import opened
from support.pdfs import DOT, Sheet, pdf, picture, set_lines
from support.places import DATA
from support.tesseract import HEADER, FakeTesseract, Word, table

needs_tesseract = pytest.mark.skipif(
    not tesseract_available(), reason="tesseract is absent: install Debian's tesseract-ocr package"
)
WIDTH, HEIGHT = 600, 800
LEFT = 60
#: Text, size, and its baseline's distance from the top.
KITES = (
    ("Kites over the harbour", 20, 90),
    ("A kite that is flown from the long quay takes twenty metres of line, and jumps", 11, 130),
    ("when a gust comes round the granary. Nobody buys kites from the ferry people.", 11, 145),
    ("and nobody mends a kite on a summer evening, for fear of rain.", 11, 160),
    ("Every kite has two parts:", 11, 190),
    ("long tails of cotton ribbon", 11, 212),
    ("two canes of split bamboo, which are glued and bound with thread", 11, 234),
    ("Kites, page 4", 8, 770),
)
BULLETS = (5, 6)
#: The table that tesseract printed for a scan of them.
KITES_READ = DATA / "kite-scan.tsv"


def draw(folder: Path) -> Path:
    """Draw the kites page as text in a PDF."""
    writer = PdfWriter()
    page = writer.add_blank_page(WIDTH, HEIGHT)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F"): font})}
    )
    drawn = []
    for n, (text, size, top) in enumerate(KITES):
        left = LEFT
        if n in BULLETS:
            drawn.append(f"BT /F {size} Tf {left} {HEIGHT - top} Td (\x95) Tj ET")
            left += 18
        drawn.append(f"BT /F {size} Tf {left} {HEIGHT - top} Td ({text}) Tj ET")
    stream = DecodedStreamObject()
    stream.set_data("\n".join(drawn).encode("latin-1"))
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(folder / "kites.pdf")
    return folder / "kites.pdf"


def recognised(file: Path, number: int) -> PageContent:
    with opened(file, PdfReader(file)) as document:
        return read_scan(document, number)


def scan(folder: Path, *, turned: float = 0.0) -> Path:
    """Return the kites page as a picture in a PDF, slightly rotated as on a scanner."""
    with pypdfium2.PdfDocument(draw(folder)) as pdf:
        image = pdf[0].render(scale=200 / 72, grayscale=True).to_pil()
    image = image.rotate(turned, Image.Resampling.BICUBIC, fillcolor=255)
    image.save(folder / "scan.pdf", resolution=200)
    return folder / "scan.pdf"


def words(*rows: Word) -> str:
    """Return tesseract's table for words of a page of 600 by 800 dots."""
    return table(rows, WIDTH, HEIGHT)


@pytest.fixture
def tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTesseract:
    """A stand-in that reads any page as the kites page, and is all that PATH leads to."""
    fake = FakeTesseract(tmp_path / "bin", KITES_READ.read_text(encoding="utf-8"))
    monkeypatch.setenv("PATH", str(fake.folder))
    return fake


def check_kites(lines: list[Line], tolerance: float) -> None:
    """Check that the lines are those of the kites page, in place and in size."""
    assert [ln.text for ln in lines] == [text for text, _, _ in KITES]
    assert [ln.bullet for ln in lines] == ["•" if n in BULLETS else None for n in range(8)]
    for line, (_, size, top) in zip(lines, KITES, strict=True):
        assert line.box[0] == pytest.approx(LEFT, abs=tolerance + 2)
        assert line.base == pytest.approx(top, abs=tolerance)
        assert line.size == pytest.approx(size, rel=0.08)
    assert len({ln.size for ln in lines[1:7]}) == 1


def test_a_kept_reading_of_a_scan_becomes_its_lines():
    content = page_from_tsv(KITES_READ.read_text(encoding="utf-8"), 4, WIDTH, HEIGHT)
    assert (content.number, content.width, content.height) == (4, WIDTH, HEIGHT)
    lines = read_lines(content)
    check_kites(lines, 1.0)
    assert body_size(lines) == lines[1].size


def test_words_of_a_line_share_base_and_size_and_meet_one_another():
    tsv = words((1, 10, 100, 30, 9, 95, "flag"), (1, 48, 102, 20, 7, 95, "was"))
    runs = page_from_tsv(tsv, 1, 600, 800).runs
    assert [r.text for r in runs] == ["flag ", "was"]
    assert len({(r.base, r.size) for r in runs}) == 1
    assert (runs[0].x0, runs[0].x1, runs[1].x0, runs[1].x1) == (10, 48, 48, 68)


def test_a_wide_gap_in_a_line_stays_a_gap():
    tsv = words((1, 10, 100, 30, 9, 95, "North"), (1, 300, 100, 20, 9, 95, "12"))
    runs = page_from_tsv(tsv, 1, 600, 800).runs
    assert [(r.text, r.x1) for r in runs] == [("North", 40), ("12", 320)]


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ([(1, 10, 100, 30, 9, 29, "Kite")], []),
        ([(1, 10, 100, 30, 9, 30, "Kite")], ["Kite"]),
        ([(1, 10, 100, 30, 9, 95, "In"), (1, 43, 100, 30, 9, 5, "2010,")], ["In ", "2010,"]),
        ([(1, 10, 100, 30, 9, 95, "In"), (1, 43, 100, 9, 1, 5, "~-")], ["In"]),
        ([(1, 10, 100, 30, 9, 95, " ")], []),
        ([(1, 10, 100, 30, 9, 95, "|"), (1, 50, 100, 30, 9, 95, "—")], []),
        ([(1, 10, 100, 30, 9, 95, '"Kite"')], ['"Kite"']),
        ([(1, 10, 100, 6, 6, 95, "e"), (1, 34, 100, 30, 9, 95, "Kite")], ["• ", "Kite"]),
        ([(1, 10, 100, 6, 9, 95, "e"), (1, 18, 100, 30, 9, 95, "Kite")], ["e ", "Kite"]),
    ],
)
def test_specks_are_dropped_doubtful_words_kept_and_bullets_mended(
    rows: list[Word], shown: list[str]
):
    assert [r.text for r in page_from_tsv(words(*rows), 1, 600, 800).runs] == shown


def test_lines_of_about_one_size_have_one_size_and_a_heading_keeps_its_own():
    tsv = words(
        (1, 10, 40, 80, 30, 95, "Heading"),
        (2, 10, 100, 300, 14, 95, "Likelihood"),
        (3, 10, 130, 300, 15, 95, "Establishable"),
        (4, 10, 160, 300, 14, 95, "Householder"),
    )
    sizes = [r.size for r in page_from_tsv(tsv, 1, 600, 800).runs]
    assert sizes[1] == sizes[2] == sizes[3] == 19.5
    assert sizes[0] > 1.4 * sizes[1]


@pytest.mark.parametrize("tsv", ["", HEADER, words(), "5\t1\n", words().replace("600", "0")])
def test_a_reading_without_words_is_a_page_without_runs(tsv: str):
    assert page_from_tsv(tsv, 2, 600, 800).runs == ()


def test_a_page_is_handed_to_tesseract_as_a_picture_and_its_words_are_placed(
    tmp_path: Path, tesseract: FakeTesseract
):
    assert tesseract_available()
    content = recognised(scan(tmp_path), 1)
    assert (content.number, round(content.width), round(content.height)) == (1, WIDTH, HEIGHT)
    check_kites(read_lines(content), 1.0)
    with Image.open(tesseract.picture) as picture:
        assert (picture.format, picture.mode) == ("PNG", "L")
        assert picture.width / WIDTH == pytest.approx(DPI / 72, abs=0.01)
    assert tesseract.arguments == [*["-", "-", "--psm", "3", "-l", "eng", "--dpi"], str(DPI), "tsv"]


@pytest.mark.usefixtures("tesseract")
def test_a_page_that_is_not_there_cannot_be_drawn(tmp_path: Path):
    with pytest.raises(UnreadablePageError, match="it cannot be drawn"):
        recognised(scan(tmp_path), 2)


def test_scans_are_read_only_where_ocr_is_asked_for(tmp_path: Path, tesseract: FakeTesseract):
    file = scan(tmp_path)
    with pytest.raises(UnreadableFileError, match="needs OCR"):
        parse(file)
    assert not tesseract.picture.exists()
    read = parse(file, ocr=True)
    assert read.reading.ocr == (1,)
    assert KITES[4][0] in [p.text for p in read.paragraphs]


def test_a_pdf_of_which_tesseract_reads_nothing_has_no_text(
    tmp_path: Path, tesseract: FakeTesseract
):
    (tesseract.folder / "tsv").write_text(words(), encoding="utf-8")
    assert recognised(scan(tmp_path), 1).runs == ()
    with pytest.raises(UnreadableFileError, match="has no text layer"):
        parse(tmp_path / "scan.pdf", ocr=True)


def test_without_tesseract_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert not tesseract_available()
    file = scan(tmp_path)
    for read in (lambda: recognised(file, 1), lambda: parse(file, ocr=True)):
        with pytest.raises(UnreadableFileError) as refused:
            read()
        assert str(refused.value) == (
            "scan.pdf has pages that need OCR. Install tesseract (Debian's tesseract-ocr package)."
        )


@pytest.mark.parametrize(
    ("script", "reason"),
    [("echo no such language >&2\nexit 1\n", "no such language"), ("exit 1\n", "no reason given")],
)
def test_a_tesseract_that_fails_is_told_with_what_it_said(
    tmp_path: Path, tesseract: FakeTesseract, script: str, reason: str
):
    tesseract.runs(script)
    with pytest.raises(UnreadablePageError) as refused:
        recognised(draw(tmp_path), 1)
    assert str(refused.value) == f"tesseract failed ({reason})"
    with pytest.raises(UnreadableFileError) as refused_file:
        parse(scan(tmp_path), ocr=True)
    assert f"(page 1: tesseract failed ({reason}))" in str(refused_file.value)


def test_a_page_on_which_tesseract_fails_costs_that_page(tmp_path: Path, tesseract: FakeTesseract):
    tesseract.runs("exit 1\n")
    words = set_lines([text for text, *_ in KITES], 100)
    file = tmp_path / "mixed.pdf"
    file.write_bytes(pdf(words, Sheet(picture(0, 0, 600, 800), forms=(DOT,)), words))
    read = parse(file, ocr=True)
    assert read.reading.broken == (2,)
    assert read.reading.ocr == ()
    reason = "tesseract failed (no reason given)"
    assert f"page 2 could not be read ({reason}): get a fresh copy" in read.warnings
    assert {p.page for p in read.paragraphs} == {1, 3}


# With the machine's own tesseract


@needs_tesseract
@pytest.mark.parametrize(("turned", "tolerance"), [(0.0, 1.0), (0.4, 4.0)])
def test_a_scan_is_read_into_lines_at_their_places(tmp_path: Path, turned: float, tolerance: float):
    file = scan(tmp_path, turned=turned)
    assert PdfReader(file).pages[0].extract_text() == ""
    content = recognised(file, 1)
    assert (content.number, round(content.width), round(content.height)) == (1, WIDTH, HEIGHT)
    check_kites(read_lines(content), tolerance)


@needs_tesseract
def test_a_blank_page_has_no_runs(tmp_path: Path):
    writer = PdfWriter()
    writer.add_blank_page(WIDTH, HEIGHT)
    writer.write(tmp_path / "blank.pdf")
    assert recognised(tmp_path / "blank.pdf", 1).runs == ()


@needs_tesseract
def test_a_scanned_government_response_is_read(shared: Path):
    file = shared / "corpus" / "real" / "PostOfficeHorizon-IT-Inquiry-Response.pdf"
    lines = read_lines(recognised(file, 7))
    assert sum(ln.bullet == "•" for ln in lines) == 7
    larger = [ln.text for ln in lines if ln.size > 1.1 * body_size(lines)]
    assert larger == ["Recommendation 5", "Recommendation accepted"]
