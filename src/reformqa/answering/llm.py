"""A request to a language model behind any OpenAI-compatible server: a reply, or a reason.

Asked for by somebody who listens, the reply comes as a stream.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from importlib import import_module
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reformqa.answering.reply import OTHER_MODEL, NoReplyError, StreamedReply, read
from reformqa.errors import SettingsError
from reformqa.settings import LanguageModelSettings

if TYPE_CHECKING:
    from types import ModuleType

#: The most bytes of a reply; a longer one is not read to its end. In a stream, each word comes in
#: an envelope of some hundred bytes.
LONGEST_REPLY = 16_000_000

#: The headers to send; the client needs the last to know how to read the reply.
_HEADERS = frozenset(
    {"host", "accept", "authorization", "connection", "content-length", "content-type"}
    | {"x-stainless-raw-response"}
)
_SET_KEY = "Set the environment variable that llm.key_variable names to a valid key."


def propose(
    messages: list[dict[str, str]],
    settings: LanguageModelSettings,
    heard: Callable[[Any], None] | None = None,
) -> list[Any]:
    """Return the sentences that the model proposes, unchecked, within `settings.seconds`.

    With `heard`, the server is asked for a stream, and `heard` is told each sentence as soon as it
    is complete; what is returned is the same.
    Raises NoReplyError if the server or the model does anything else, SettingsError if the package
    `openai` is missing or the key is invalid.
    """
    call = _Call(messages, settings, streamed=heard is not None)
    with closing(_pieces(call, settings.seconds)) as pieces:
        if heard is None:
            return read(b"".join(pieces))
        reply = StreamedReply()
        for piece in pieces:
            for given in reply.feed(piece):
                heard(given)
            if reply.ended:
                break
        return reply.sentences()


def _pieces(call: _Call, seconds: float) -> Generator[bytes]:
    """Yield the body of the server's reply as it arrives. Raises NoReplyError if it does not."""
    deadline = monotonic() + seconds
    # The client's own time-outs apply to each read: a server that sends slowly never meets them.
    threading.Thread(target=call.run, daemon=True).start()
    try:
        while piece := call.piece(deadline - monotonic()):
            yield piece
    finally:
        call.abort()
    if call.fault:
        raise NoReplyError(call.fault)


class _Call:
    """One request, without retries, for a thread that can be abandoned.

    When it has ended, `fault` says what went wrong, or is empty. It repeats nothing that the server
    sent, which may have echoed the key.
    """

    def __init__(
        self, messages: list[dict[str, str]], settings: LanguageModelSettings, *, streamed: bool
    ) -> None:
        self._arrived: SimpleQueue[bytes] = SimpleQueue()
        self._server = f"the server at {urlsplit(settings.base_url).netloc}"
        self.fault = f"{self._server} could not be contacted. Check llm.base_url."
        self._late = (
            f"{self._server} did not finish its reply in time ({settings.seconds} s). Increase"
            " llm.seconds, or use a faster model."
        )
        self._messages = messages
        self._settings = settings
        self._form = {"stream": True} if streamed else {}
        self._openai = _openai()
        self._key = _key(settings)
        self._http: Any = None

    def piece(self, seconds: float) -> bytes:
        """Return the next piece of the reply, or b"" at its end.

        Raises NoReplyError if it does not arrive within so many seconds.
        """
        try:
            if seconds > 0:
                return self._arrived.get(timeout=seconds)
        except Empty:
            pass
        raise NoReplyError(self._late)

    def run(self) -> None:
        """Make the request, whatever becomes of it."""
        try:
            self._request()
        finally:
            self._arrived.put(b"")

    def _request(self) -> None:
        openai = self._openai
        # The client is built on httpx or httpx2, by the version of openai.
        http = import_module(openai.DefaultHttpxClient.__bases__[0].__module__.partition(".")[0])
        try:
            self._http = openai.DefaultHttpxClient(
                follow_redirects=False,
                timeout=self._settings.seconds,
                event_hooks={"request": [self._bare], "response": [self._check]},
            )
            with openai.OpenAI(
                api_key=self._key or "none",
                base_url=self._settings.base_url,
                max_retries=0,
                http_client=self._http,
            ) as client:
                self._receive(client)
        except openai.APIStatusError as error:
            self.fault = f"{self._server} {_meaning(error.status_code)}"
        except (openai.APITimeoutError, http.TimeoutException):
            self.fault = self._late
        except openai.APIConnectionError:
            self.fault = (
                f"{self._server} could not be reached, or did not speak HTTP. Check llm.base_url"
                " and that the server runs."
            )
        except (http.HTTPError, http.StreamError, OSError):
            self.fault = f"{self._server} broke off its reply. Try again, or check its log."
        except (openai.OpenAIError, http.InvalidURL, UnicodeError):
            pass  # `fault` says so already

    def abort(self) -> None:
        """Close the connection, so that the thread ends with its next read."""
        if self._http:
            self._http.close()

    def _receive(self, client: Any) -> None:
        with client.chat.completions.with_streaming_response.create(
            model=self._settings.model,
            messages=self._messages,
            temperature=0,
            max_tokens=self._settings.tokens,
            **self._form,
        ) as response:
            size = 0
            for piece in response.http_response.iter_raw():
                size += len(piece)
                if size > LONGEST_REPLY:
                    self.fault = f"the reply of {self._server} was far too long. {OTHER_MODEL}"
                    return
                if piece:
                    self._arrived.put(piece)
        self.fault = ""

    def _bare(self, request: Any) -> None:
        """Send nothing about this machine, and ask for a body that needs no unpacking."""
        for name in set(request.headers) - _HEADERS:
            del request.headers[name]
        if not self._key:
            request.headers.pop("authorization", None)
        request.headers["accept-encoding"] = "identity"

    def _check(self, response: Any) -> None:
        """Refuse a reply that is an error before its body, of whatever size, is read."""
        if response.status_code >= 300:
            raise self._openai.APIStatusError("", response=response, body=None)


def _openai() -> ModuleType:
    try:
        import openai  # takes a second, and only those who set a model need it
    except ImportError as error:
        raise SettingsError(
            "llm.model is set, but the package openai is not installed. Install it with"
            " pip install 'reformqa[llm]', or remove llm.model."
        ) from error
    return openai


def _key(settings: LanguageModelSettings) -> str:
    """Return the server's key, or "" if there is none. Raises SettingsError if it is not one."""
    key = os.environ.get(settings.key_variable, "").strip()
    if not re.fullmatch(r"[!-~]*", key):
        raise SettingsError(
            "The environment variable that llm.key_variable names does not contain a key: it has"
            " spaces, line breaks or characters outside ASCII. Set it to the key alone."
        )
    return key


def _meaning(status: int) -> str:
    """Return what an HTTP status other than success means, and what to do."""
    meanings = {
        400: "refused the request (400). Check llm.model, and that llm.tokens is not too large.",
        401: f"rejected the key (401). {_SET_KEY}",
        403: f"does not allow this (403). {_SET_KEY}",
        404: "has no such page or model (404). Check llm.base_url and llm.model.",
        413: "says that the request is too long (413). Use a model with a longer context.",
        429: "accepts no more requests for now (429). Try again later.",
    }
    if status in meanings:
        return meanings[status]
    if status < 400:
        return f"redirects to another address ({status}). Set llm.base_url to that address."
    if status < 500:
        return f"refused the request ({status}). Check llm.base_url and llm.model."
    return f"failed ({status}). Try again later, or check its log."
