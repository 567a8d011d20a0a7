"""A server on this machine that speaks /v1/chat/completions, and misbehaves as a test tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Answers one request; the server is given too, for what lasts until it stops.
Behaviour = Callable[[BaseHTTPRequestHandler, "ModelServer"], None]


@dataclass(frozen=True)
class Request:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ModelServer:
    """Where the server is, what it does next, and what it was asked."""

    address: str
    behaviour: Behaviour
    requests: list[Request] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    #: Set when the client hung up on a behaviour that goes on.
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://{self.address}/v1"


@contextmanager
def serving() -> Iterator[ModelServer]:
    """A server that runs until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.requests.append(Request(self.path, headers, body))
            try:
                server.behaviour(self, server)
            except OSError:
                self.close_connection = True
                server.left.set()

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    server = ModelServer(f"127.0.0.1:{listening.server_address[1]}", says("{}"))
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        listening.shutdown()
        listening.server_close()
        thread.join()


def sends(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    """These bytes, as JSON unless `headers` (with _ for -) name another type."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def behave(handler: BaseHTTPRequestHandler, _: ModelServer) -> None:
        handler.send_response(status)
        for name, value in ({"content-type": "application/json"} | named).items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def completes(*choices: Any) -> Behaviour:
    """A chat completion with these choices, as a stream if the request asks for one."""
    reply = {"id": "c1", "object": "chat.completion", "model": "small", "choices": choices}
    whole = sends(json.dumps(reply).encode())
    said = [event for choice in choices for event in _events(**choice)]
    streamed = sends(b"".join([*said, DONE]), content_type="text/event-stream")

    def behave(handler: BaseHTTPRequestHandler, server: ModelServer) -> None:
        asks_stream = server.requests[-1].json.get("stream")
        (streamed if asks_stream else whole)(handler, server)

    return behave


#: The last event of a stream, and the letters that an event brings.
DONE, LETTERS = b"data: [DONE]\n\n", 7


def event(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    """Some letters more of a message, or its end."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    told = {"id": "c1", "object": "chat.completion.chunk", "model": "small", "choices": [choice]}
    return f"data: {json.dumps(told)}\n\n".encode()


def _events(message: dict[str, Any], finish_reason: str, **_: Any) -> Iterator[bytes]:
    content = message["content"]
    yield event(message | {"content": ""})
    if isinstance(content, str):
        for start in range(0, len(content), LETTERS):
            yield event({"content": content[start : start + LETTERS]})
    else:
        yield event({"content": content})
    yield event({}, finish_reason)


def streams(*pieces: bytes | threading.Event, ends: bool = True) -> Behaviour:
    """These pieces of a stream, with a wait for each threading.Event; `ends` properly or not."""

    def behave(handler: BaseHTTPRequestHandler, server: ModelServer) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        for piece in pieces:
            if isinstance(piece, threading.Event):
                while not (piece.wait(0.02) or server.stopped.is_set()):
                    pass
            else:
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                handler.wfile.flush()
        if ends:
            handler.wfile.write(b"0\r\n\r\n")

    return behave


def says(content: Any, finish_reason: str = "stop", **message: Any) -> Behaviour:
    """A chat completion with this message."""
    told = {"role": "assistant", "content": content} | message
    return completes({"index": 0, "message": told, "finish_reason": finish_reason})


def proposes(*sentences: Any) -> Behaviour:
    """A reply in the form asked for: a text and its citations (passage, quote) each."""
    return says(proposal(*sentences))


def proposal(*sentences: Any) -> str:
    """What `proposes` says."""
    given = [
        {"text": s[0], "citations": [{"passage": p, "quote": q} for p, q in s[1:]]}
        if isinstance(s, tuple)
        else s
        for s in sentences
    ]
    return json.dumps({"sentences": given})


def hangs(_: BaseHTTPRequestHandler, server: ModelServer) -> None:
    """No reply at all, while the server runs."""
    server.stopped.wait()


def drips(start: bytes, drop: bytes) -> Behaviour:
    """`start` at once, then a drop twenty times a second without end."""

    def behave(handler: BaseHTTPRequestHandler, server: ModelServer) -> None:
        handler.close_connection = True
        handler.wfile.write(start)
        while not server.stopped.wait(0.05):
            handler.wfile.write(drop)

    return behave


def breaks_off(start: bytes) -> Behaviour:
    """`start`, and then the connection is closed."""

    def behave(handler: BaseHTTPRequestHandler, _: ModelServer) -> None:
        handler.close_connection = True
        handler.wfile.write(start)

    return behave
