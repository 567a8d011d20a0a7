"""Draw pages in processes of their own, with limits: drawing runs what the file says.

A few kilobytes can keep pdfium busy for days, or make it ask for gigabytes. Such a page is given
up, and the caller goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from reformqa.errors import SourceFileError
from reformqa.isolation.limits import Limits, OverloadError
from reformqa.isolation.task import run_apart

#: What drawing needs, imported once for all processes.
_PRELOAD = (
    *(__name__, "reformqa.citations.page_image", "reformqa.parsing.readers.pdf.characters"),
    *("PIL.Image", "pypdfium2"),
)

_Drawn = TypeVar("_Drawn")


def draw_apart(
    draw: Callable[..., _Drawn], pdf: Path, *arguments: object, limits: Limits
) -> _Drawn:
    """Return `draw(pdf, *arguments)`, called in a process of its own.

    Raises SourceFileError if it fails, meets a limit or crashes.
    """
    try:
        drawn: _Drawn = run_apart(_drawn, draw, pdf, arguments, limits=limits, preload=_PRELOAD)
    except OverloadError as error:
        raise SourceFileError(
            f"{pdf.name} cannot be drawn: it {error}. It may be damaged or malicious. Open the"
            f" file itself{_remedy(error)}."
        ) from error
    return drawn


def _remedy(error: OverloadError) -> str:
    names = {"processor": "seconds", "clock": "stuck_seconds", "memory": "megabytes"}
    return f", or raise drawing.{names[error.why]}" if error.why in names else ""


def _drawn(draw: Callable[..., _Drawn], pdf: Path, arguments: tuple[object, ...]) -> _Drawn:
    """Call `draw`, in the worker, with what odd files raise in one error that can be pickled."""
    from reformqa.parsing.readers.pdf.guard import PAGE_ERRORS, describe

    try:
        return draw(pdf, *arguments)
    except PAGE_ERRORS as error:
        raise SourceFileError(
            f"{pdf.name} cannot be drawn ({describe(error)}). Open the file itself."
        ) from None
