"""A file is opened once, repaired if need be, and pdfium is used by one thread at a time."""

from __future__ import annotations

import threading
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader

from reformqa.parsing import parse
from reformqa.parsing.pdfium import PDFIUM
from reformqa.parsing.readers.pdf.opening import opened
from reformqa.parsing.readers.pdf.page_reading import read_page
from support.pdfs import pdf, text

WORDS = "The weir at Alder Bridge holds back the river in dry years."


def words_of(file: Path) -> list[str]:
    reader = PdfReader(BytesIO(file.read_bytes()))
    with opened(file, reader) as document:
        found = []
        for number in range(1, len(reader.pages) + 1):
            with document.page(number) as page:
                found += [run.text for run in read_page(page, number).runs]
    return found


def test_pages_are_counted_from_one(tmp_path: Path):
    file = tmp_path / "weirs.pdf"
    file.write_bytes(pdf(text("first", 50, 100), text("second", 50, 100)))
    assert words_of(file) == ["first", "second"]
    with (
        opened(file, PdfReader(file)) as document,
        pytest.raises(pypdfium2.PdfiumError),
        document.page(3),
    ):
        pass


@pytest.mark.parametrize("count", [1, 9])
def test_a_file_whose_pages_pdfium_miscounts_is_read_as_pypdf_writes_it(tmp_path: Path, count: int):
    file = tmp_path / "weirs.pdf"
    made = pdf(text("first", 50, 100), text("second", 50, 100))
    file.write_bytes(made.replace(b"/Count 2", f"/Count {count}".encode()))
    with pypdfium2.PdfDocument(file) as alone:
        assert len(alone) == count
    assert words_of(file) == ["first", "second"]


def test_a_file_is_parsed_in_a_thread_while_pdfium_is_used_elsewhere(tmp_path: Path):
    file = tmp_path / "weirs.pdf"
    file.write_bytes(pdf(text(WORDS, 50, 100)))
    read: list[str] = []

    def run() -> None:
        read.extend(p.text for p in parse(file).paragraphs)

    thread = threading.Thread(target=run)
    with PDFIUM:
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(30)
    assert read == [WORDS]
