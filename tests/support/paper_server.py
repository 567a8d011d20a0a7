"""A web site on this machine that gives papers, and misbehaves as a test tells it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support import pdfs

#: Answers one request.
Behaviour = Callable[["Handler"], None]


@dataclass
class Site:
    """Where the site is, what it has, and what it was asked."""

    address: str
    #: What each path does; of several, each does for one request, and the last for all others.
    pages: dict[str, list[Behaviour]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, but for robots.txt."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def has(self, path: str, *behaviours: Behaviour) -> str:
        """Let a path behave so; its address."""
        self.pages[path] = list(behaviours)
        return f"{self.url}{path}"


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the behaviour of its path."""

    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        self.site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        behaviours = self.site.pages.get(self.path, [status(404)])
        behaviour = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
        try:
            behaviour(self)
        except OSError:  # the client hung up
            self.close_connection = True

    def begin(self, code: int, **headers: str | int) -> None:
        """Send the status and the headers; `content_type` is Content-Type."""
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Site]:
    """A site that runs until the block ends."""
    handler = type("SiteHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    site = handler.site = Site(f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield site
    finally:
        site.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()


def paper(title: str = "Warm Ovens", pages: int = 1) -> bytes:
    """A PDF with that title on its first page."""
    return pdfs.pdf(*(pdfs.text(title if n == 0 else f"Page {n}", 50, 80) for n in range(pages)))


def status(code: int, **headers: str | int) -> Behaviour:
    return lambda h: h.begin(code, content_length=0, **headers)


def gives(body: bytes, kind: str = "application/pdf", **headers: str | int) -> Behaviour:
    def behave(h: Handler) -> None:
        h.begin(200, content_type=kind, content_length=len(body), **headers)
        h.wfile.write(body)

    return behave


def html(body: str, head: str = "") -> Behaviour:
    text = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return gives(text.encode(), "text/html; charset=utf-8")


def leads_to(address: str, code: int = 302) -> Behaviour:
    return status(code, location=address)


def breaks_off(body: bytes, after: int, **headers: str | int) -> Behaviour:
    """Promise the whole, give a part, and hang up."""

    def behave(h: Handler) -> None:
        h.begin(200, content_length=len(body), **headers)
        h.wfile.write(body[:after])
        h.close_connection = True

    return behave


def resumes(body: bytes, tag: str) -> Behaviour:
    """Give the part that is asked for where the version is the one asked of, or else the whole."""

    def behave(h: Handler) -> None:
        wanted = h.headers.get("Range", "")
        if not wanted or h.headers.get("If-Range") != tag:
            return gives(body, etag=tag)(h)
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(body):
            return status(416, content_range=f"bytes */{len(body)}")(h)
        told = f"bytes {start}-{len(body) - 1}/{len(body)}"
        h.begin(206, content_length=len(body) - start, content_range=told, etag=tag)
        h.wfile.write(body[start:])
        return None

    return behave


def drips(body: bytes, pause: float = 0.05) -> Behaviour:
    """Give the body one byte at a time."""

    def behave(h: Handler) -> None:
        h.begin(200, content_length=len(body))
        for byte in body:
            if h.site.stopped.wait(pause):
                return
            h.wfile.write(bytes([byte]))

    return behave


def drips_headers(h: Handler) -> None:
    """Never come to the end of the headers."""
    h.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not h.site.stopped.wait(0.05):
        h.wfile.write(b"x")


def never_ends(h: Handler) -> None:
    """A PDF of no told length that goes on and on."""
    h.begin(200, connection="close")
    h.wfile.write(paper())
    while not h.site.stopped.is_set():
        h.wfile.write(b"x" * 2**16)
