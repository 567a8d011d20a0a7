"""What a file has to be to be taken for a paper, told by its contents."""

from __future__ import annotations

import unicodedata

from reformqa.citations.page_image import PDFIUM
from reformqa.errors import UploadError
from reformqa.text.similarity import letters

#: How far into a file its mark may stand, as readers of PDFs allow.
HEAD = 1024
#: How far from its end the last line of a whole PDF may stand.
_TAIL = 2048
#: The pages on which a paper's title is looked for.
_TITLE_PAGES = 5


def check_paper(name: str, data: bytes, most_pages: int | None = None) -> None:
    """Raise UploadError where a file is not what its name's suffix says, or has too many pages."""
    if name.endswith(".pdf"):
        check_pdf(name, data, most_pages)
    else:
        _check_text(name, data)


def check_pdf(name: str, data: bytes, most: int | None = None) -> None:
    """Raise UploadError where it is no PDF that opens, or has more than `most` pages."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    if not is_pdf(data):
        raise UploadError(f"{name} is not a PDF, whatever its name says. Save it as one.")
    pages = 0
    try:
        with PDFIUM, pypdfium2.PdfDocument(data) as file:
            pages = len(file)
    except pypdfium2.PdfiumError as error:
        # pdfium may leave the code of an earlier file's error standing
        if error.err_code == pdfium.FPDF_ERR_PASSWORD and b"/Encrypt" in data:
            reason = f"{name} is locked with a password. Save it without one."
            raise UploadError(reason) from error
    if not pages:
        raise UploadError(f"{name} is a broken PDF, or has no pages. Ask for a fresh copy.")
    if most is not None and pages > most:
        raise UploadError(
            f"{name} has {pages} pages; at most {most} are taken (the setting app.upload_pages)."
        )


def is_pdf(data: bytes) -> bool:
    """Whether that begins as a PDF does: white space apart, with its mark."""
    return data[:HEAD].lstrip().startswith(b"%PDF")


def is_cut_off(data: bytes) -> bool:
    """Whether a PDF lacks its last line, which readers look for at the end."""
    return b"%%EOF" not in data[-_TAIL:]


def has_title(data: bytes, title: str) -> bool:
    """Whether a PDF's first pages, or its metadata, have that title, letters and digits compared.

    The PDF has to be one that `check_paper` lets pass.
    """
    named, text = _front(data)
    wanted = _letters(title)
    return wanted in _letters(text) or wanted in _letters(named)


def title_found(data: bytes) -> str:
    """What a PDF calls itself: the title of its metadata, or else its first words; or ""."""
    named, text = _front(data)
    plain = "".join(c if c.isprintable() else " " for c in named.strip() or text)
    found = " ".join(plain.split())
    return found if len(found) <= 80 else f"{found[:80]}…"


def _letters(text: str) -> str:
    return letters(unicodedata.normalize("NFKC", text))  # a ligature is two letters


def _front(data: bytes) -> tuple[str, str]:
    """The title in a PDF's metadata, and the text of its first pages."""
    import pypdfium2

    with PDFIUM, pypdfium2.PdfDocument(data) as file:
        named = file.get_metadata_value("Title")
        texts = []
        for number in range(min(len(file), _TITLE_PAGES)):
            try:
                texts.append(file[number].get_textpage().get_text_bounded())
            except pypdfium2.PdfiumError:  # a page that cannot be loaded has no title to read
                continue
    return named, "\n".join(texts)


def _check_text(name: str, data: bytes) -> None:
    """Raise UploadError where it is no UTF-8 text."""
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
