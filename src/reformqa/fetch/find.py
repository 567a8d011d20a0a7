"""Find a paper at an address: the PDF itself, or a page that links to it."""

from __future__ import annotations

import re
import time
from pathlib import Path

from reformqa.errors import FetchError, FetchRefusedError, UploadError
from reformqa.fetch.client import Response, Web
from reformqa.fetch.links import pdf_links
from reformqa.fetch.resume import Partial
from reformqa.ingest.validation import is_cut_off, is_pdf, read_front
from reformqa.isolation.limits import Limits, OverloadError
from reformqa.settings import DrawingSettings

#: How many links of a page are tried.
MOST_LINKS = 5
#: The least seconds that the check of a paper is given, which arrived at the last moment.
_LEAST_CLOCK = 5.0
#: What to do about a paper that cannot be found.
BY_HAND = "Set `file` in the catalogue to the PDF's address, or use `reformqa add`."

_PAGE = re.compile(rb"<(?:!doctype html|html|head|body|meta|a)\b", re.IGNORECASE)


def find_paper(
    web: Web, corpus: Path, address: str, title: str | None, limits: Limits = DrawingSettings()
) -> Response:
    """Return the PDF at `address`, or the one with that title that the page there links to.

    Partial downloads are kept in `corpus`. One clock, `fetch.seconds`, is over all downloads and
    checks. Raises FetchRefusedError if there is no such PDF, and FetchError if a host fails or
    the time is over.
    """
    until = web.until()
    answer = web.get(address, Partial(corpus, address), until)
    if is_pdf(answer.body):
        _check(answer, title, limits, until)
        return answer
    if not _PAGE.search(answer.body):
        raise FetchRefusedError(f"{answer.address} is neither a PDF nor a web page. {BY_HAND}")
    links = pdf_links(_decoded(answer.body), answer.address, title)[:MOST_LINKS]
    if not links:
        raise FetchRefusedError(f"The page {answer.address} does not link to a PDF. {BY_HAND}")
    faults: list[FetchError] = []
    for link in links:
        try:
            linked = web.get(link, Partial(corpus, link), until)
            _check(linked, title, limits, until)
        except FetchError as error:
            faults.append(error)
        else:
            return linked
    reasons = " ".join(dict.fromkeys(map(str, faults)))
    message = f"No link on the page {answer.address} leads to the paper. {reasons}"
    if all(isinstance(fault, FetchRefusedError) for fault in faults):
        raise FetchRefusedError(message)
    raise FetchError(message)


def _check(answer: Response, title: str | None, limits: Limits, until: float) -> None:
    """Raise FetchRefusedError if an answer is not a complete PDF, or has another title.

    Raises FetchError if that was not found out in time.
    """
    if is_pdf(answer.body) and is_cut_off(answer.body):
        raise FetchRefusedError(f"The PDF at {answer.address} is incomplete. {BY_HAND}")
    left = until - time.monotonic()
    try:
        front = read_front(answer.address, answer.body, limits, max(left, _LEAST_CLOCK))
    except UploadError as error:
        raise FetchRefusedError(str(error)) from error
    except OverloadError as error:
        reason = f"{answer.address} cannot be checked: it {error}."
        if error.passing:
            raise FetchError(f"{reason} The next run tries again.") from error
        raise FetchRefusedError(f"{reason} It may be damaged or malicious. {BY_HAND}") from error
    if title and not front.has_title(title):
        found = front.title_found()
        what = f'another paper, "{found}"' if found else "a paper with no readable title"
        raise FetchRefusedError(f'{answer.address} is {what}, not "{title}". {BY_HAND}')


def _decoded(page: bytes) -> str:
    """Return a page's text. Its declared encoding is ignored: addresses hardly depend on it."""
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError:
        return page.decode("cp1252", errors="replace")
