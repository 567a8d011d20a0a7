"""Read what a PDF says about itself: its information dictionary and its XMP metadata."""

from __future__ import annotations

import datetime
import re

from pypdf import PdfReader

from reformqa.model import Metadata
from reformqa.parsing.readers.pdf.guard import PAGE_ERRORS

#: A file dated before this year was made by a computer without a clock: PDF dates from 1993.
FIRST_YEAR = 1993


def read_information(reader: PdfReader) -> Metadata:
    """Return the title, the authors, the publisher and the month of creation.

    They come from the information dictionary (ISO 32000-1, 14.3.3), and the publisher from the
    Dublin Core of the XMP metadata (14.3.2). Without what is broken.
    """
    try:
        info = reader.metadata
        title, author = (str(info.title or ""), str(info.author or "")) if info else ("", "")
    except PAGE_ERRORS:
        title = author = ""
    authors = tuple(a.strip() for a in re.split(r";|, | and ", author) if a.strip())
    return Metadata(
        title=" ".join(title.split()) or None,
        authors=authors,
        publisher=_publisher(reader),
        published=_created(reader),
    )


def _created(reader: PdfReader) -> str | None:
    try:
        made = reader.metadata.creation_date if reader.metadata else None
    except PAGE_ERRORS:
        return None
    if made is None or not FIRST_YEAR <= made.year <= datetime.date.today().year:
        return None
    return f"{made.year}-{made.month:02d}"


def _publisher(reader: PdfReader) -> str | None:
    try:
        xmp = reader.xmp_metadata
        named = (xmp.dc_publisher if xmp else None) or []
    except PAGE_ERRORS:
        return None
    return next((" ".join(str(name).split()) for name in named if str(name).strip()), None)
