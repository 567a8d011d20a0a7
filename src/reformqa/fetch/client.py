"""Download from an address: within limits of time and size, politely, and resumable."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self, TypeVar

import httpx
import tenacity

from reformqa.errors import FetchError, FetchRefusedError
from reformqa.fetch.deadline import Deadline
from reformqa.fetch.resume import Partial, validator_of
from reformqa.fetch.robots import ROBOT, Manners
from reformqa.fetch.transport import GuardedTransport, bare, check_form
from reformqa.ingest.validation import HEAD, is_pdf
from reformqa.settings import FetchSettings

#: The most redirects that are followed.
MOST_HOPS = 5
#: The most bytes of a web page, and of a robots.txt, that are read. RFC 9309 requires 500 KiB.
PAGE_BYTES = 5 * 2**20
ROBOTS_BYTES = 500 * 2**10
_BY_HAND = "Download the file in a browser, then use `reformqa add`."

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer: its final address, its body, and its version as the host names it."""

    address: str
    body: bytes
    etag: str | None
    last_modified: str | None


class _PassingError(FetchError):
    """A temporary failure. `after` is the wait in seconds that the host asks for, if it does."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Web:
    """A polite HTTP client: a context manager for one run, used by one thread."""

    def __init__(self, settings: FetchSettings, version: str) -> None:
        self._settings = settings
        contact = f" (+{settings.contact})" if settings.contact else ""
        self._client = httpx.Client(
            transport=GuardedTransport(settings.private_hosts),
            trust_env=False,
            timeout=httpx.Timeout(settings.read_seconds, connect=settings.connect_seconds),
            # Uncompressed, because the parts of a compressed answer cannot be joined.
            headers={
                "User-Agent": f"{ROBOT}/{version}{contact}",
                "Accept-Encoding": "identity",
                "Connection": "close",
            },
        )
        self._manners = Manners(settings, self._robots_at)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def until(self) -> float:
        """Return the time at which a paper that is begun now has to be there (monotonic)."""
        return time.monotonic() + self._settings.seconds

    def get(self, address: str, partial: Partial, until: float, *, page: bool = False) -> Response:
        """Download `address`, continuing from `partial`, which is dropped when complete.

        With `page`, it may have only the size of a web page, even if it is a PDF.
        Raises FetchRefusedError if the address or a redirect is not allowed or the answer is too
        large. Raises FetchError if the host fails or it is not there `until` then; `partial`
        keeps what has arrived.
        """
        try:
            answer = self._persistently(lambda: self._try(address, partial, until, page), until)
        except FetchRefusedError:
            partial.drop()
            raise
        except FetchError:
            if partial.validator is None:
                partial.drop()
            raise
        partial.drop()
        return answer

    def _persistently(self, once: Callable[[], _T], until: float) -> _T:
        """Return `once()`, retried after a growing random wait while its failures are temporary."""
        limit = self._settings.longest_wait
        growing = tenacity.wait_random_exponential(multiplier=self._settings.backoff, max=limit)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.after if isinstance(error, _PassingError) else None
            return growing(state) if asked is None else asked

        tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_PassingError),
            wait=wait,
            stop=tenacity.stop_after_attempt(self._settings.tries)
            | tenacity.stop_before_delay(max(0.0, until - time.monotonic())),
            reraise=True,
        )
        return tries(once)

    def _try(self, address: str, partial: Partial, until: float, page: bool) -> Response:
        with self._following(address, partial.headers(), until, self._manners.check) as response:
            self._check_status(response, partial)
            if response.status_code == 200:
                partial.begin(validator_of(response.headers))
            self._receive(response, partial, page)
            return Response(
                bare(response.url),
                partial.read(),
                response.headers.get("etag"),
                response.headers.get("last-modified"),
            )

    @contextmanager
    def _following(
        self,
        address: str,
        headers: Mapping[str, str],
        until: float,
        check: Callable[[httpx.URL], None],
    ) -> Iterator[httpx.Response]:
        """Yield the answer at the end of the redirects, checking each hop before requesting it."""
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise FetchRefusedError(
                f"{address!r} is not an address: {error}. Correct it."
            ) from error
        for _ in range(MOST_HOPS + 1):
            check_form(url)
            check(url)
            with self._asking(url, headers, until) as response:
                if response.next_request is None:
                    yield response
                    return
                url = response.next_request.url
        raise FetchRefusedError(f"{bare(url)} redirects more than {MOST_HOPS} times. {_BY_HAND}")

    @contextmanager
    def _asking(
        self, url: httpx.URL, headers: Mapping[str, str], until: float
    ) -> Iterator[httpx.Response]:
        """Yield the answer to one request, before its body is read."""
        self._manners.wait(url)
        late = FetchError(
            f"{bare(url)} took longer than {self._settings.seconds:g} seconds (the setting"
            " fetch.seconds). The next run continues the download."
        )
        with Deadline(until) as deadline:
            try:
                extensions = {"trace": deadline.trace}
                request = self._client.build_request(
                    "GET", url, headers=headers, extensions=extensions
                )
                response = self._client.send(request, stream=True)
                try:
                    yield response
                finally:
                    response.close()
                if deadline.passed:  # without a declared length, it ends as if complete
                    raise late
            except httpx.TransportError as error:
                if deadline.passed:
                    raise late from error
                raise _PassingError(_description(url, error)) from error
            except (httpx.InvalidURL, UnicodeError) as error:  # in a redirect
                raise FetchRefusedError(
                    f"{bare(url)} redirects to an invalid address. {_BY_HAND}"
                ) from error
            except httpx.DecodingError as error:
                raise FetchError(f"{bare(url)} cannot be decompressed. {_BY_HAND}") from error
            finally:
                self._manners.asked(url)

    def _check_status(self, response: httpx.Response, partial: Partial) -> None:
        """Raise FetchError unless the answer is the file, or the part of it that was requested."""
        status, at = response.status_code, bare(response.url)
        if status == 200:
            return
        resuming = bool(partial.headers())
        if status == 206 and resuming and partial.is_continued_by(response.headers):
            return
        if status in (206, 416) and resuming:
            partial.drop()
            raise _PassingError(f"{at} changed during the download. Try again.", 0.0)
        if status == 429 or status >= 500:
            after = _retry_after(response.headers.get("retry-after", ""))
            if after is not None and after > self._settings.longest_wait:
                raise FetchError(f"{at} asks to wait {after:.0f} seconds. Try again then.")
            raise _PassingError(f"{at} is busy or failing ({status}). Try again later.", after)
        cures = {401: _BY_HAND, 403: _BY_HAND}
        cure = cures.get(status, "Correct the address.")
        raise FetchError(f"{at} returned status {status}. {cure}")

    def _receive(self, response: httpx.Response, partial: Partial, page: bool) -> None:
        """Append the answer's body to `partial`, within the limits of a PDF or of a `page`."""
        at = bare(response.url)
        packed = response.headers.get("content-encoding", "").strip().lower() or "identity"
        # Any other encoding, or a nested one, can expand a single read to gigabytes.
        known = packed in ("identity", "gzip", "deflate")
        if not known or (packed != "identity" and response.status_code == 206):
            raise FetchRefusedError(f"{at} uses an unsupported compression. {_BY_HAND}")
        if packed != "identity":
            partial.begin(None)  # its parts could not be joined
        size = partial.size
        declared = response.headers.get("content-length", "")
        if declared.isdigit():
            self._check_size(at, size + int(declared), page=page)
        head = partial.head(HEAD)
        with partial.open() as file:
            for piece in response.iter_bytes():
                size += len(piece)
                head += piece[: HEAD - len(head)]
                no_pdf = len(head) == HEAD and not is_pdf(head)
                self._check_size(at, size, page=page or no_pdf)
                file.write(piece)

    def _check_size(self, address: str, size: int, *, page: bool = False) -> None:
        if page and size > PAGE_BYTES:
            raise FetchRefusedError(
                f"{address} is too large for a web page or a feed ({PAGE_BYTES // 2**20} MB). Use"
                " the PDF's own address, or a shorter feed."
            )
        if size > self._settings.megabytes * 2**20:
            raise FetchRefusedError(
                f"{address} is larger than {self._settings.megabytes} MB. Raise the setting"
                " fetch.megabytes."
            )

    def _robots_at(self, robots: httpx.URL) -> str:
        """Return the text of a robots.txt, or "" if there is none (RFC 9309, 2.3.1)."""
        until = self.until()

        def once() -> str:
            with self._following(str(robots), {}, until, lambda url: None) as response:
                if 400 <= response.status_code < 500 and response.status_code != 429:
                    return ""
                if response.status_code != 200:
                    after = _retry_after(response.headers.get("retry-after", ""))
                    wait = None if after is None else min(after, self._settings.longest_wait)
                    raise _PassingError(f"it returned status {response.status_code}.", wait)
                text = b""
                for piece in response.iter_bytes():
                    text += piece[: ROBOTS_BYTES - len(text)]
                    if len(text) == ROBOTS_BYTES:
                        break
                return text.decode("utf-8", errors="replace")

        return self._persistently(once, until)


def _retry_after(value: str) -> float | None:
    """Return the seconds in a Retry-After header, a number or a date (RFC 9110, 10.2.3)."""
    if re.fullmatch("[0-9]+", value):
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _description(url: httpx.URL, error: httpx.TransportError) -> str:
    """Return the message for a request without a complete answer."""
    if isinstance(error, httpx.TimeoutException):
        return f"{url.host} did not answer in time. Try again later."
    if isinstance(error, httpx.ConnectError):
        return f"{url.host} cannot be reached: {error}. Check the address and the network."
    return f"{url.host} broke off its answer. Try again."
