"""Get what is at an address: within limits of time and size, politely, and resumed where broken."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import tenacity

from reformqa.errors import FetchError, FetchRefusedError
from reformqa.fetch.resume import Partial, validator_of
from reformqa.fetch.robots import ROBOT, Manners
from reformqa.fetch.transport import GuardedTransport, bare, check_form
from reformqa.ingest.validation import HEAD, is_pdf
from reformqa.settings import FetchSettings

#: How often an answer may send on to another address.
MOST_HOPS = 5
#: The largest page, or robots.txt, that is read (RFC 9309 asks for 500 KiB at least).
PAGE_BYTES = 5 * 2**20
ROBOTS_BYTES = 500 * 2**10
_BY_HAND = "Get the file in a browser, then use `reformqa add`."

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Response:
    """What an address gave, whole: where it was in the end, and which version of what."""

    address: str
    body: bytes
    etag: str | None
    last_modified: str | None


class _PassingError(FetchError):
    """A fault that may be gone at the next try, after so many seconds where the host says so."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Web:
    """The web as this program may use it; a context manager, for one run and one thread."""

    def __init__(self, settings: FetchSettings, version: str) -> None:
        self._settings = settings
        contact = f" (+{settings.contact})" if settings.contact else ""
        self._client = httpx.Client(
            transport=GuardedTransport(settings.private_hosts),
            trust_env=False,
            timeout=httpx.Timeout(settings.read_seconds, connect=settings.connect_seconds),
            # Not packed: parts of a packed answer could not be put together.
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

    def get(self, address: str, partial: Partial) -> Response:
        """What is at `address`, going on from what `partial` has of it, which is used up.

        Raises FetchRefusedError where the address, or a redirect, may not be asked or gives more
        than is taken, FetchError where its host fails; then `partial` keeps what has come.
        """
        until = time.monotonic() + self._settings.seconds
        try:
            answer = self._persistently(lambda: self._try(address, partial, until), until)
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
        """What `once` gives, tried again after a growing, random wait where a fault may pass."""
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

    def _try(self, address: str, partial: Partial, until: float) -> Response:
        with self._following(address, partial.headers(), until, self._manners.check) as response:
            self._check_status(response, partial)
            if response.status_code == 200:
                partial.begin(validator_of(response.headers))
            self._receive(response, partial)
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
        """The answer at the end of the redirects; each hop is checked before it is asked."""
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise FetchRefusedError(f"{address!r} is no address: {error}. Correct it.") from error
        for _ in range(MOST_HOPS + 1):
            check_form(url)
            check(url)
            with self._asking(url, headers, until) as response:
                if response.next_request is None:
                    yield response
                    return
                url = response.next_request.url
        raise FetchRefusedError(
            f"{bare(url)} leads on and on: more than {MOST_HOPS} redirects. {_BY_HAND}"
        )

    @contextmanager
    def _asking(
        self, url: httpx.URL, headers: Mapping[str, str], until: float
    ) -> Iterator[httpx.Response]:
        """The answer to one request, its body yet to be read."""
        self._manners.wait(url)
        late = FetchError(
            f"{bare(url)} took longer than {self._settings.seconds:g} seconds (the setting"
            " fetch.seconds). The next run goes on with it."
        )
        with _Watch(until) as watch:
            try:
                extensions = {"trace": watch.trace}
                request = self._client.build_request(
                    "GET", url, headers=headers, extensions=extensions
                )
                response = self._client.send(request, stream=True)
                try:
                    yield response
                finally:
                    response.close()
                if watch.over:  # an answer of no told length ends as if it were whole
                    raise late
            except httpx.TransportError as error:
                if watch.over:
                    raise late from error
                raise _PassingError(_told(url, error)) from error
            except (httpx.InvalidURL, UnicodeError) as error:  # of a redirect
                raise FetchRefusedError(f"{bare(url)} leads to what is no address.") from error
            except httpx.DecodingError as error:
                raise FetchError(f"{bare(url)} cannot be unpacked. {_BY_HAND}") from error
            finally:
                self._manners.asked(url)

    def _check_status(self, response: httpx.Response, partial: Partial) -> None:
        """Raise where the answer is not the file, or not the rest of it that was asked for."""
        status, at = response.status_code, bare(response.url)
        if status == 200:
            return
        resuming = bool(partial.headers())
        if status == 206 and resuming and _goes_on(response.headers, partial):
            return
        if status in (206, 416) and resuming:
            partial.drop()
            raise _PassingError(f"{at} has changed while it was fetched. Run it again.", 0.0)
        if status == 429 or status >= 500:
            after = _retry_after(response.headers.get("retry-after", ""))
            if after is not None and after > self._settings.longest_wait:
                raise FetchError(f"{at} asks to come back in {after:.0f} seconds. Run it then.")
            raise _PassingError(f"{at} is busy or fails ({status}). Run it again later.", after)
        cures = {401: _BY_HAND, 403: _BY_HAND}
        cure = cures.get(status, "Correct the address.")
        raise FetchError(f"{at} answers with status {status}. {cure}")

    def _receive(self, response: httpx.Response, partial: Partial) -> None:
        """Add the answer's body to `partial`, within the limits."""
        at = bare(response.url)
        packed = response.headers.get("content-encoding", "").strip().lower() or "identity"
        # Others, and one in another, make gigabytes of what one read gives.
        known = packed in ("identity", "gzip", "deflate")
        if not known or (packed != "identity" and response.status_code == 206):
            raise FetchRefusedError(f"{at} is packed in a way not asked for. {_BY_HAND}")
        if packed != "identity":
            partial.begin(None)  # its parts could not be put together
        size = partial.size
        declared = response.headers.get("content-length", "")
        if declared.isdigit():
            self._check_size(at, size + int(declared))
        head = partial.head(HEAD)
        with partial.open() as file:
            for piece in response.iter_bytes():
                size += len(piece)
                head += piece[: HEAD - len(head)]
                page = len(head) == HEAD and not is_pdf(head)
                self._check_size(at, size, page=page)
                file.write(piece)

    def _check_size(self, address: str, size: int, *, page: bool = False) -> None:
        if page and size > PAGE_BYTES:
            raise FetchRefusedError(
                f"{address} is no PDF, and too large for a web page. Give the PDF's own address."
            )
        if size > self._settings.megabytes * 2**20:
            raise FetchRefusedError(
                f"{address} has more than {self._settings.megabytes} MB. Raise the setting"
                " fetch.megabytes."
            )

    def _robots_at(self, robots: httpx.URL) -> str:
        """The text of a robots.txt; "" where there is none (RFC 9309, 2.3.1)."""
        until = time.monotonic() + self._settings.seconds

        def once() -> str:
            with self._following(str(robots), {}, until, lambda url: None) as response:
                if 400 <= response.status_code < 500 and response.status_code != 429:
                    return ""
                if response.status_code != 200:
                    after = _retry_after(response.headers.get("retry-after", ""))
                    wait = None if after is None else min(after, self._settings.longest_wait)
                    raise _PassingError(f"it answers with status {response.status_code}.", wait)
                text = b""
                for piece in response.iter_bytes():
                    text += piece[: ROBOTS_BYTES - len(text)]
                    if len(text) == ROBOTS_BYTES:
                        break
                return text.decode("utf-8", errors="replace")

        return self._persistently(once, until)


class _Watch:
    """Ends a request at a time, whatever its host does: drips its headers, or bytes of its body.

    A limit on each read does not do that, since each byte that comes starts it anew.
    """

    def __init__(self, until: float) -> None:
        self.over = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(0.0, until - time.monotonic()), self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:  # the socket is closed by now, and its number may be another's
            self._socket = None
        self._timer.cancel()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of the connection: called by httpcore (its extension `trace`)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
            if self.over:
                self._end()

    def _end(self) -> None:
        with self._lock:
            self.over = True
            if self._socket is not None:
                # The plain socket's own: that of a TLS socket is not for other threads.
                with suppress(OSError):  # the host may have closed it already
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _goes_on(headers: Mapping[str, str], partial: Partial) -> bool:
    """Whether a part begins where `partial` ends, and is of the same version."""
    here = headers.get("content-range", "").startswith(f"bytes {partial.size}-")
    version = validator_of(headers)
    return here and (version is None or version == partial.validator)


def _retry_after(value: str) -> float | None:
    """The seconds that a host asks for, as a number or a date (RFC 9110, 10.2.3)."""
    if re.fullmatch("[0-9]+", value):
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _told(url: httpx.URL, error: httpx.TransportError) -> str:
    """What became of a request that got no whole answer."""
    if isinstance(error, httpx.TimeoutException):
        return f"{url.host} did not answer in time. Run it again later."
    if isinstance(error, httpx.ConnectError):
        return f"{url.host} cannot be reached: {error}. Check the address and the network."
    return f"{url.host} broke off its answer. Run it again."
