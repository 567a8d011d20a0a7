"""Open a PDF for pdfium, repaired by pypdf if pdfium cannot read it as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pypdfium2
from pypdf import PdfReader, PdfWriter

from reformqa.parsing.pdfium import PDFIUM


class Document:
    """A PDF opened by pdfium. Its pages are used one at a time, with the lock of pdfium."""

    def __init__(self, name: str, file: pypdfium2.PdfDocument) -> None:
        self.name = name
        self._file = file

    @contextmanager
    def page(self, number: int) -> Iterator[pypdfium2.PdfPage]:
        """Load page `number`, from 1, and hold the lock of pdfium until it is closed.

        Raises pypdfium2.PdfiumError if the page cannot be loaded.
        """
        with PDFIUM:
            page = self._file[number - 1]
            try:
                yield page
            finally:
                page.close()


@contextmanager
def opened(path: Path, reader: PdfReader) -> Iterator[Document]:
    """Open the PDF that `reader` has read.

    pypdf repairs some files that pdfium refuses, or of which it finds fewer pages. pdfium is then
    given the file as pypdf writes it. Raises pypdfium2.PdfiumError if it refuses that too.
    """
    with PDFIUM:
        file = _opened(path, len(reader.pages)) or pypdfium2.PdfDocument(_rewritten(reader))
    try:
        yield Document(path.name, file)
    finally:
        with PDFIUM:
            file.close()


def _opened(path: Path, pages: int) -> pypdfium2.PdfDocument | None:
    """Return the file, or None if pdfium does not find as many pages."""
    try:
        file = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return None
    if len(file) == pages:
        return file
    file.close()
    return None


def _rewritten(reader: PdfReader) -> bytes:
    """Return the pages that pypdf finds as a new file: a clone would keep a wrong page tree."""
    writer = PdfWriter()
    writer.append_pages_from_reader(reader)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
