"""Leave out the pages that cannot be read, so that an error on one page costs only that page.

The errors that the guard catches are named rather than caught by a broad `except`, which only the
guard of a whole file may use (`ingest.workers`). The tuple covers whatever a library or the layout
code raises on odd input; a lack of memory and an exit are not among them, as they concern the
whole file.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from pypdf.errors import DependencyError, PyPdfError


class UnreadablePageError(Exception):
    """A page cannot be read; the message says why, without naming the file or the page."""


_Result = TypeVar("_Result")
_Page = TypeVar("_Page")

#: What reading a page may raise:
#: - pypdf's own errors, and `DependencyError` for an encryption or image that needs a package;
#: - the built-in errors of arithmetic, types, keys and values, which pypdf lets through on files
#:   that violate the standard, and which a trap in the layout code would raise;
#: - `RuntimeError`, which includes RecursionError, NotImplementedError and pypdfium2's error;
#: - `OSError`, which includes Pillow's errors and a program that cannot be started;
#: - the errors of packed and compressed data, which are derived from `Exception` alone.
PAGE_ERRORS = (
    UnreadablePageError,
    PyPdfError,
    DependencyError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
#: The most characters of an error's message that are kept: some quote the file at length.
_WORDS = 120


class PageGuard:
    """The pages that could not be read, each with the reason."""

    def __init__(self) -> None:
        self.reasons: dict[int, str] = {}

    def attempt(self, number: int, step: Callable[[], _Result]) -> _Result | None:
        """Return the result of a step on page `number`, or None if the page cannot be read."""
        try:
            return step()
        except PAGE_ERRORS as error:
            self.reasons[number] = describe(error)
            return None

    def attempt_together(
        self,
        pages: Sequence[_Page],
        number: Callable[[_Page], int],
        step: Callable[[Sequence[_Page]], _Result],
    ) -> _Result:
        """Return the result of a step on all pages, without the pages that make it fail.

        A page is at fault if the step succeeds on the pages before it and fails with it. It is
        found by halving. `number` returns the number of a page.
        Raises the error of the last page at fault if none is left.
        """
        pages = list(pages)
        while True:
            try:
                return step(pages)
            except PAGE_ERRORS as error:
                at, cause = _first_at_fault(pages, step, error)
                self.reasons[number(pages.pop(at))] = describe(cause)
                if not pages:
                    raise cause from None


def _first_at_fault(
    pages: Sequence[_Page], step: Callable[[Sequence[_Page]], object], error: Exception
) -> tuple[int, Exception]:
    """Return the position of a page at fault, and the error; the step fails on all pages."""
    good, bad = 0, len(pages)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            step(pages[:middle])
            good = middle
        except PAGE_ERRORS as found:
            bad, error = middle, found
    return bad - 1, error


def describe(error: Exception) -> str:
    """Return an error in words: its message, after its type if the error is a built-in one."""
    words = " ".join(str(error).split())[:_WORDS]
    if isinstance(error, (PyPdfError, UnreadablePageError)) and words:
        return words
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
