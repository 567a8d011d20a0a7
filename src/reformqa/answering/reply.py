"""A language model's reply, whole or in pieces: the sentences that it proposes, or a reason.

Nothing here is checked but the form; see `generation` for what a sentence must hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

OTHER_MODEL = "Try again, or use another model."

_THOUGHT = "</think>"
_LIST = re.compile(r'"sentences"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Reply(_Shape):
    sentences: list[Any]


class _Message(_Shape):
    content: str | None = None
    refusal: str | None = None


class _Choice(_Shape):
    message: _Message
    finish_reason: str | None = None


class _Completion(_Shape):
    choices: list[_Choice]


class _Piece(_Shape):
    delta: _Message
    finish_reason: str | None = None


class _Event(_Shape):
    choices: list[_Piece] = []
    error: Any = None


class NoReplyError(Exception):
    """There is no reply to use; the message says what happened and what to do."""


def read(body: bytes) -> list[Any]:
    """Return the sentences that a whole reply proposes. Raises NoReplyError if there are none."""
    choices = _validated(_Completion, body).choices
    if not choices:
        raise NoReplyError(f"its reply is empty. {OTHER_MODEL}")
    return _sentences(choices[0])


class StreamedReply:
    """A reply that arrives as server-sent events, each with some letters more.

    A server that knows no streams sends a whole reply instead, which is read as one.
    """

    def __init__(self) -> None:
        self._line = bytearray()  # which has not ended
        self._whole = bytearray()  # what has come without an event
        self._text = ""
        self._refusal = ""
        self._finish: str | None = None
        self._began = False
        #: Whether the server has said that nothing follows.
        self.ended = False
        self._at, self._listed = 0, False  # where the next sentence begins, in the list or before

    def feed(self, piece: bytes) -> Iterator[Any]:
        """Yield the sentences that the piece completes. Raises NoReplyError if it is none."""
        self._line += piece
        if b"\n" not in piece:
            return
        *lines, rest = bytes(self._line).split(b"\n")
        self._line = bytearray(rest)
        for line in lines:
            self._take(line)
        yield from self._completed()

    def sentences(self) -> list[Any]:
        """Return the sentences that the reply proposes, as `read` returns those of a whole one.

        Raises NoReplyError if there are none, or the reply broke off.
        """
        if not self._began:
            return read(bytes(self._whole + self._line))
        if not (self.ended or self._finish):
            raise NoReplyError("the server broke off its reply. Try again, or check its log.")
        message = _Message(content=self._text, refusal=self._refusal or None)
        return _sentences(_Choice(message=message, finish_reason=self._finish))

    def _take(self, line: bytes) -> None:
        """Read one line of the stream; those without data are comments and names of events."""
        name, _, data = line.strip().partition(b":")
        if name != b"data":
            if not self._began:
                self._whole += line + b"\n"
            return
        self._began = True
        if data.strip() == b"[DONE]":
            self.ended = True
            return
        event = _validated(_Event, data)
        if event.error is not None:
            raise NoReplyError("the server failed during its reply. Try again, or check its log.")
        for choice in event.choices[:1]:
            self._text += choice.delta.content or ""
            self._refusal += choice.delta.refusal or ""
            self._finish = choice.finish_reason or self._finish

    def _completed(self) -> Iterator[Any]:
        """Yield the sentences of the list that have become complete."""
        thought = self._text.rfind(_THOUGHT)
        if thought >= self._at:  # a list in the reasoning was none
            self._at, self._listed = thought + len(_THOUGHT), False
        if not self._listed:
            thinks = thought < 0 and self._text.lstrip().startswith("<think>")
            found = None if thinks else _LIST.search(self._text, self._at)
            if not found:
                return
            self._at, self._listed = found.end(), True
        while between := _BETWEEN.match(self._text, self._at):
            try:
                given, self._at = _DECODER.raw_decode(self._text, between.end())
            except (ValueError, RecursionError):  # not complete, or never to be read
                return
            yield given


_Shaped = TypeVar("_Shaped", bound=_Shape)


def _validated(shape: type[_Shaped], data: bytes) -> _Shaped:
    try:
        return shape.model_validate_json(data)
    except ValidationError as error:
        raise NoReplyError(
            "the server's reply is not that of a language model. Check llm.base_url."
        ) from error


def _sentences(choice: _Choice) -> list[Any]:
    """Return the sentences of a model's message. Raises NoReplyError if there are none."""
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise NoReplyError("it, or a filter of its server, declined to answer.")
    # A reasoning model puts its reasoning first.
    content = (choice.message.content or "").rpartition(_THOUGHT)[2]
    try:
        reply = _Reply.model_validate_json(content[content.find("{") : content.rfind("}") + 1])
    except ValidationError as error:
        if choice.finish_reason == "length":
            raise NoReplyError("its reply was cut off. Increase llm.tokens.") from error
        wrong = "is not in the form asked for" if content.strip() else "is empty"
        raise NoReplyError(f"its reply {wrong}. {OTHER_MODEL}") from error
    return reply.sentences
