"""A scanned page, read by tesseract, becomes the same content as a page that has text."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from reformqa import UnreadableFileError
from reformqa.parsing.readers.pdf.lines import Line, body_size, read_lines
from reformqa.parsing.readers.pdf.ocr import page_from_tsv, read_scan, tesseract_available
from support.places import PROJECT

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
TABLE = "level page_num block_num par_num line_num word_num left top width height conf text"


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


def scan(folder: Path, *, turned: float = 0.0) -> Path:
    """Return the kites page as a picture in a PDF, slightly rotated as on a scanner."""
    with pypdfium2.PdfDocument(draw(folder)) as pdf:
        image = pdf[0].render(scale=200 / 72, grayscale=True).to_pil()
    image = image.rotate(turned, Image.Resampling.BICUBIC, fillcolor=255)
    image.save(folder / "scan.pdf", resolution=200)
    return folder / "scan.pdf"


def words(*rows: tuple[int, int, int, int, int, float, str]) -> str:
    """Return tesseract's table of words for a page of 600 by 800 pixels."""
    table = [TABLE.replace(" ", "\t"), "1\t1\t0\t0\t0\t0\t0\t0\t600\t800\t-1\t"]
    for line, left, top, width, height, sure, text in rows:
        table.append(f"5\t1\t1\t1\t{line}\t1\t{left}\t{top}\t{width}\t{height}\t{sure}\t{text}")
    return "\n".join(table) + "\n"


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
    tsv = (PROJECT / "tests" / "data" / "kite-scan.tsv").read_text(encoding="utf-8")
    content = page_from_tsv(tsv, 4, WIDTH, HEIGHT)
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
    rows: list[tuple[int, int, int, int, int, float, str]], shown: list[str]
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


@pytest.mark.parametrize("tsv", ["", TABLE, words(), "5\t1\n", words().replace("600", "0")])
def test_a_reading_without_words_is_a_page_without_runs(tsv: str):
    assert page_from_tsv(tsv, 2, 600, 800).runs == ()


@needs_tesseract
@pytest.mark.parametrize(("turned", "tolerance"), [(0.0, 1.0), (0.4, 4.0)])
def test_a_scan_is_read_into_lines_at_their_places(tmp_path: Path, turned: float, tolerance: float):
    file = scan(tmp_path, turned=turned)
    assert PdfReader(file).pages[0].extract_text() == ""
    content = read_scan(file, 1)
    assert (content.number, round(content.width), round(content.height)) == (1, WIDTH, HEIGHT)
    check_kites(read_lines(content), tolerance)


@needs_tesseract
@pytest.mark.parametrize("number", [0, 2])
def test_a_page_that_is_not_there_cannot_be_drawn(tmp_path: Path, number: int):
    with pytest.raises(UnreadableFileError) as refused:
        read_scan(scan(tmp_path), number)
    assert str(refused.value).startswith(f"scan.pdf, page {number} cannot be drawn")


@needs_tesseract
def test_an_empty_page_has_no_runs(tmp_path: Path):
    writer = PdfWriter()
    writer.add_blank_page(WIDTH, HEIGHT)
    writer.write(tmp_path / "blank.pdf")
    assert read_scan(tmp_path / "blank.pdf", 1).runs == ()


def test_without_tesseract_the_cure_is_named(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not tesseract_available()
    with pytest.raises(UnreadableFileError) as refused:
        read_scan(tmp_path / "kites.pdf", 1)
    assert str(refused.value) == (
        "kites.pdf has pages that need OCR. Install tesseract (Debian's tesseract-ocr package)."
    )


def test_a_failure_of_tesseract_is_reported_with_its_message(tmp_path: Path, monkeypatch):
    command = tmp_path / "tesseract"
    command.write_text("#!/bin/sh\necho no such language >&2\nexit 1\n", encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(UnreadableFileError) as refused:
        read_scan(draw(tmp_path), 1)
    assert str(refused.value) == "kites.pdf, page 1: tesseract failed (no such language)."


@needs_tesseract
def test_a_scanned_government_response_is_read(shared: Path):
    file = shared / "corpus" / "real" / "PostOfficeHorizon-IT-Inquiry-Response.pdf"
    lines = read_lines(read_scan(file, 7))
    assert sum(ln.bullet == "•" for ln in lines) == 7
    larger = [ln.text for ln in lines if ln.size > 1.1 * body_size(lines)]
    assert larger == ["Recommendation 5", "Recommendation accepted"]
