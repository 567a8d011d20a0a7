"""Check that the contents of a file match its suffix before it enters the corpus."""

from __future__ import annotations

import unicodedata

from reformqa.errors import UploadError
from reformqa.parsing.pdfium import PDFIUM
from reformqa.text.similarity import letters

#: The marker of a PDF is within this many bytes of its start, as PDF readers allow.
HEAD = 1024
#: The last line of a complete PDF is within this many bytes of its end.
_TAIL = 2048
#: The title of a paper is expected on this many pages.
_TITLE_PAGES = 5


def check_paper(name: str, data: bytes, most_pages: int | None = None) -> None:
    """Raise UploadError if a file is not what its suffix says, or has more than `most_pages`.

    Files other than PDF and text must not be empty; their readers check the rest.
    """
    if name.endswith(".pdf"):
        check_pdf(name, data, most_pages)
    elif name.endswith((".txt", ".md")):
        _check_text(name, data)
    elif not data:
        raise UploadError(f"{name} is empty.")


def check_pdf(name: str, data: bytes, most: int | None = None) -> None:
    """Raise UploadError if `data` is not a PDF that opens, or has more than `most` pages."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    if not is_pdf(data):
        raise UploadError(f"{name} is not a PDF, whatever its name says. Save it as one.")
    pages = 0
    try:
        with PDFIUM, pypdfium2.PdfDocument(data) as file:
            pages = len(file)
    except pypdfium2.PdfiumError as error:
        # PDFium may still report the error code of an earlier file.
        if error.err_code == pdfium.FPDF_ERR_PASSWORD and b"/Encrypt" in data:
            reason = f"{name} is locked with a password. Save it without one."
            raise UploadError(reason) from error
    if not pages:
        raise UploadError(f"{name} is a broken PDF, or has no pages. Get a fresh copy.")
    if most is not None and pages > most:
        raise UploadError(
            f"{name} has {pages} pages; at most {most} are allowed (the setting app.upload_pages)."
        )


def is_pdf(data: bytes) -> bool:
    """Return whether `data` begins with the marker of a PDF, after any white space."""
    return data[:HEAD].lstrip().startswith(b"%PDF")


def is_cut_off(data: bytes) -> bool:
    """Return whether a PDF lacks its last line, which readers look for near the end."""
    return b"%%EOF" not in data[-_TAIL:]


def has_title(data: bytes, title: str) -> bool:
    """Whether a PDF's first pages or its metadata contain `title`, by its letters and digits.

    The PDF must have passed `check_paper`.
    """
    named, text = _front(data)
    wanted = _letters(title)
    return wanted in _letters(text) or wanted in _letters(named)


def title_found(data: bytes) -> str:
    """Return the title in a PDF's metadata, or else its first words, or ""."""
    named, text = _front(data)
    plain = "".join(c if c.isprintable() else " " for c in named.strip() or text)
    found = " ".join(plain.split())
    return found if len(found) <= 80 else f"{found[:80]}…"


def _letters(text: str) -> str:
    return letters(unicodedata.normalize("NFKC", text))  # a ligature is two letters


def _front(data: bytes) -> tuple[str, str]:
    """Return the title in a PDF's metadata, and the text of its first pages."""
    import pypdfium2

    with PDFIUM, pypdfium2.PdfDocument(data) as file:
        named = file.get_metadata_value("Title")
        texts = []
        for number in range(min(len(file), _TITLE_PAGES)):
            try:
                texts.append(file[number].get_textpage().get_text_bounded())
            except pypdfium2.PdfiumError:  # a page that cannot be loaded has no title
                continue
    return named, "\n".join(texts)


def _check_text(name: str, data: bytes) -> None:
    """Raise UploadError if `data` is not UTF-8 text."""
    if data.lstrip().startswith(b"%PDF"):
        raise UploadError(f"{name} is a PDF under the name of a text file. Rename it to .pdf.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadError(f"{name} is not UTF-8 text. Save it as such.") from error
    if "\0" in text:
        raise UploadError(f"{name} holds binary data, not text. Save it as UTF-8 text.")
    if not text.strip():
        raise UploadError(f"{name} is empty.")
