"""Pictures of pages, drawn once for all visitors and beside the queue of questions.

A page that cannot be drawn is remembered too, with the reason: it may have taken as long as its
limit allows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import streamlit as st

from reformqa.citations.page_image import PagePicture
from reformqa.errors import SourceFileError
from reformqa.library import Library

#: The width of a page's picture in pixels.
WIDTH = 1_000
#: How many pages are remembered, and for how long. Covers are small, and the Library page shows
#: them all.
PAGES, PAGES_FOR = 256, "1h"
COVERS, COVERS_FOR = 5_000, "24h"
#: How many pages are drawn at a time.
AT_ONCE = 2
_DRAWINGS = threading.BoundedSemaphore(AT_ONCE)


def page_picture(
    of: Library, paragraph_id: str, span: tuple[int, int], page: int | None, around: float | None
) -> PagePicture:
    """Return `Library.page_picture`. Raises SourceFileError if it cannot be drawn."""
    asked = (paragraph_id, span, page, around)
    found = _page(
        of.build.id, asked, lambda: of.page_picture(paragraph_id, span, page, WIDTH, around)
    )
    if isinstance(found, SourceFileError):
        raise SourceFileError(str(found))
    return found


def cover(of: Library, report_id: str) -> bytes | None:
    """Return `Library.cover`. Raises SourceFileError if it cannot be drawn."""
    found = _cover(of.build.id, report_id, lambda: of.cover(report_id))
    if isinstance(found, SourceFileError):
        raise SourceFileError(str(found))
    return found


@st.cache_resource(max_entries=PAGES, ttl=PAGES_FOR, show_spinner=False)
def _page(
    build: str, asked: tuple[Any, ...], _draw: Callable[[], PagePicture]
) -> PagePicture | SourceFileError:
    with _DRAWINGS:
        try:
            return _draw()
        except SourceFileError as error:
            return error


@st.cache_resource(max_entries=COVERS, ttl=COVERS_FOR, show_spinner=False)
def _cover(
    build: str, report_id: str, _draw: Callable[[], bytes | None]
) -> bytes | SourceFileError | None:
    with _DRAWINGS:
        try:
            return _draw()
        except SourceFileError as error:
            return error
