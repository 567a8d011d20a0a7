"""Who may use the server, from where, and how much: checked before anything else is done."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import time
from collections.abc import Collection, Iterable
from ipaddress import ip_address
from pathlib import Path

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reformqa.access import Access
from reformqa.errors import SettingsError
from reformqa.settings import ApiSettings

#: The bytes of the largest request: many times those of a long quote.
LARGEST = 256 * 1024
#: The route that tells monitoring whether a question could be answered; open to everybody.
HEALTH = "/healthz"
#: The names of this machine for itself.
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_TOKEN = re.compile(r"[!-~]{20,}", re.ASCII)
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.\-]+)(?::\d{1,5})?", re.ASCII)
_MAKE = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'"


def read_tokens(settings: ApiSettings) -> list[str]:
    """Return the tokens of the environment variable and the file that the settings name.

    Raises SettingsError if the file cannot be read or a token is too short to be secret; no
    message contains a token.
    """
    found = {f"The environment variable {settings.token_variable}": [_variable(settings)]}
    if settings.token_file:
        found[f"The file {settings.token_file}"] = _lines(Path(settings.token_file))
    for where, tokens in found.items():
        if not all(_TOKEN.fullmatch(token) for token in tokens if token):
            raise SettingsError(
                f"{where} has a token of fewer than 20 characters, or with spaces or letters"
                f" beyond ASCII. {_MAKE}"
            )
    return [token for tokens in found.values() for token in tokens if token]


def _variable(settings: ApiSettings) -> str:
    return os.environ.get(settings.token_variable, "").strip()


def _lines(file: Path) -> list[str]:
    """Return the lines of a file of tokens, without empty ones and those that begin with "#"."""
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file of tokens {file} cannot be read ({error}).") from error
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise SettingsError(f"The file of tokens {file} has none. {_MAKE}")
    return found


def check_access(access: Access, tokens: Collection[str], address: str) -> None:
    """Raise SettingsError if a server without a token would let in whom the app would not."""
    if tokens:
        return
    cure = f"Set a token: see docs/assistants.md, “Tokens”. {_MAKE}"
    if access.who != "everybody":
        raise SettingsError(f"The app asks visitors to sign in, so programs need a token. {cure}")
    if not is_loopback(address):
        raise SettingsError(
            f"Without a token the server may only listen on this machine, not on {address}. {cure}"
        )


def is_loopback(address: str) -> bool:
    """Return whether only this machine can reach an address to listen on."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


class Guard:
    """An ASGI middleware that answers for requests that must not pass."""

    def __init__(
        self, app: ASGIApp, tokens: Iterable[str], hosts: Iterable[str], a_minute: int
    ) -> None:
        """Let in who sends one of the tokens, or everybody if there are none.

        `hosts` are the names under which the server is reached, besides those of this machine.
        """
        self._app = app
        self._digests = [_digest(token) for token in tokens]
        self._hosts = {host.lower() for host in (*LOOPBACK, *hosts)}
        self._limit = RateLimitItemPerMinute(a_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refused = self._refusal(scope["path"], Headers(scope=scope), scope["client"])
            await (refused or self._app)(scope, receive, send)

    def _refusal(
        self, path: str, headers: Headers, client: tuple[str, int] | None
    ) -> Response | None:
        """Return the answer to a request that must not pass, or None."""
        if not self._knows(headers.get("host", "")):
            return _refused(421, "The server is not known by that name. Add it to api.hosts.")
        origin = headers.get("origin")
        if origin is not None and not self._knows(re.sub(r"^https?://", "", origin)):
            return _refused(403, "Pages of other sites may not use this server.")
        if path == HEALTH:
            return None
        token = self._token(headers.get("authorization", ""))
        who = token.hex() if token else client[0] if client else ""
        if not self._limiter.hit(self._limit, who):
            wait = self._limiter.get_window_stats(self._limit, who).reset_time - time.time()
            said = f"More than {self._limit.amount} requests in a minute. Wait, then go on."
            return _refused(429, said, {"Retry-After": str(max(1, round(wait)))})
        if self._digests and token is None:
            said = "The token is missing or wrong. Send it as: Authorization: Bearer TOKEN"
            return _refused(401, said, {"WWW-Authenticate": "Bearer"})
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length) > LARGEST:
            return _refused(413, f"The request is larger than {LARGEST // 1024} KB. Shorten it.")
        return None

    def _knows(self, host: str) -> bool:
        found = _HOST.fullmatch(host.lower())
        return found is not None and found[1] in self._hosts

    def _token(self, header: str) -> bytes | None:
        """Return the digest of the right token in a header; None if it has none.

        All are compared, in a time that does not depend on what was sent.
        """
        scheme, _, given = header.partition(" ")
        digest = _digest(given.strip()) if scheme.lower() == "bearer" else b""
        same = [known for known in self._digests if hmac.compare_digest(known, digest)]
        return same[0] if same else None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _refused(status: int, said: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"detail": said}, status, headers)
