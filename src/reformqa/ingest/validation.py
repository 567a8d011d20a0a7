"""Check that the contents of a file match its suffix before it enters the corpus."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from reformqa.errors import UploadError
from reformqa.isolation.limits import Limits, OverloadError
from reformqa.isolation.task import run_apart
from reformqa.parsing.pdfium import PDFIUM
from reformqa.parsing.readers.pdf.guard import PAGE_ERRORS, describe
from reformqa.settings import DrawingSettings
from reformqa.text.similarity import letters

#: The marker of a PDF is within this many bytes of its start, as PDF readers allow.
HEAD = 1024
#: The last line of a complete PDF is within this many bytes of its end.
_TAIL = 2048
#: The title of a paper is expected on this many pages.
_TITLE_PAGES = 5
#: The most characters of a title, or of a page, that are compared.
_LONGEST = 50_000


@dataclass(frozen=True, slots=True)
class Front:
    """What a PDF says first: its number of pages, its title, and the text of its first pages.

    The title is that of the metadata.
    """

    pages: int
    title: str
    text: str

    def has_title(self, title: str) -> bool:
        """Return whether the first pages or the metadata contain `title`, by letters and digits."""
        wanted = _letters(title)
        return wanted in _letters(self.text) or wanted in _letters(self.title)

    def title_found(self) -> str:
        """Return the title in the metadata, or else the first words, or ""."""
        words = self.title.strip() or self.text
        found = " ".join("".join(c if c.isprintable() else " " for c in words).split())
        return found if len(found) <= 80 else f"{found[:80]}…"


def check_paper(
    name: str,
    data: bytes,
    most_pages: int | None = None,
    limits: Limits = DrawingSettings(),
) -> None:
    """Raise UploadError if a file is not what its suffix says, or has more than `most_pages`.

    A PDF is opened in a process of its own, within `limits`. Files other than PDF and text must
    not be empty; their readers check the rest.
    """
    if name.endswith(".pdf"):
        _check_pdf(name, data, most_pages, limits)
    elif name.endswith((".txt", ".md")):
        _check_text(name, data)
    elif not data:
        raise UploadError(f"{name} is empty.")


def _check_pdf(name: str, data: bytes, most: int | None, limits: Limits) -> None:
    try:
        pages = read_front(name, data, limits).pages
    except OverloadError as error:
        raise UploadError(
            f"{name} cannot be checked: it {error}. It may be damaged or malicious. Save it again"
            " (print it to a new PDF)."
        ) from error
    if most is not None and pages > most:
        raise UploadError(
            f"{name} has {pages} pages; at most {most} are allowed (the setting app.upload_pages)."
        )


def read_front(
    name: str, data: bytes, limits: Limits = DrawingSettings(), clock: float | None = None
) -> Front:
    """Read the front of a PDF in a process of its own, within `limits` and `clock` seconds.

    Raises UploadError if `data` is not a PDF that opens, OverloadError if it meets a limit or
    crashes the process.
    """
    if not is_pdf(data):
        raise UploadError(f"{name} is not a PDF, whatever its name says. Save it as one.")
    return run_apart(
        _front, name, data, limits=limits, preload=[__name__, "pypdfium2"], clock=clock
    )


def is_pdf(data: bytes) -> bool:
    """Return whether `data` begins with the marker of a PDF, after any white space."""
    return data[:HEAD].lstrip().startswith(b"%PDF")


def is_cut_off(data: bytes) -> bool:
    """Return whether a PDF lacks its last line, which readers look for near the end."""
    return b"%%EOF" not in data[-_TAIL:]


def _letters(text: str) -> str:
    return letters(unicodedata.normalize("NFKC", text))  # a ligature is two letters


def _front(name: str, data: bytes) -> Front:
    """Read the front of a PDF, in the worker."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        with PDFIUM, pypdfium2.PdfDocument(data) as file:
            if pages := len(file):
                return Front(pages, file.get_metadata_value("Title")[:_LONGEST], _text(file))
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise UploadError(f"{name} is locked with a password. Save it without one.") from None
    except PAGE_ERRORS as error:
        raise UploadError(f"{name} cannot be read ({describe(error)}). Get a fresh copy.") from None
    raise UploadError(f"{name} is a broken PDF, or has no pages. Get a fresh copy.")


def _text(file: Any) -> str:
    """Return the text of the first pages."""
    import pypdfium2

    texts = []
    for number in range(min(len(file), _TITLE_PAGES)):
        try:
            texts.append(file[number].get_textpage().get_text_bounded()[:_LONGEST])
        except pypdfium2.PdfiumError:  # a page that cannot be loaded has no title
            continue
    return "\n".join(texts)


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
