"""A gate before Streamlit's server.

It takes files only from those who were shown the form, gives pictures and PDFs only to those who
may enter, and keeps what only operators need closed.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from reformqa.app.auth import access
from reformqa.app.serving.signed import signed_in, without_sign_in
from reformqa.app.state.library import settings
from reformqa.app.state.uploads import ADMISSIONS, Admissions, Refusal
from reformqa.errors import SettingsError

#: Where Streamlit takes files, before the session and the name of the file.
UPLOAD = "/_stcore/upload_file"
#: Where Streamlit serves pictures of pages, PDFs and exports; its own fonts are in /static/media.
MEDIA = re.compile(r"(?<!/static)/media/")
#: What is closed: figures of the server's memory and sessions, and Streamlit's interface for
#: programs, which nobody here uses.
CLOSED = ("/_stcore/metrics", "/_stcore/agent")


class Gate:
    """An ASGI middleware."""

    def __init__(self, app: ASGIApp, admissions: Admissions = ADMISSIONS) -> None:
        self._app = app
        self._admissions = admissions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                self._check(scope)
            except Refusal as refusal:
                response = PlainTextResponse(str(refusal), status_code=refusal.status)
                await response(scope, receive, send)
                return
        elif scope["type"] == "websocket" and not _may_enter(scope):
            scope = without_sign_in(scope)  # Streamlit alone would take it for 30 days
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Raise Refusal for a request that Streamlit must not see."""
        if any(route in scope["path"] for route in CLOSED):
            raise Refusal(404, "Not found.")
        if MEDIA.search(scope["path"]) and not _may_enter(scope):
            raise Refusal(403, "Sign in to see this.")
        _, route, rest = scope["path"].partition(UPLOAD)
        if route:
            self._check_upload(scope, rest)

    def _check_upload(self, scope: Scope, rest: str) -> None:
        session = rest.strip("/").partition("/")[0]
        if scope["method"] == "PUT":
            declared = Headers(scope=scope).get("content-length", "")
            size = int(declared) if declared.isascii() and declared.isdigit() else None
            try:
                self._admissions.claim(session, size, settings().app)
            except SettingsError as error:
                raise Refusal(503, "The settings of the app cannot be read.") from error
        elif not self._admissions.admitted(session):
            raise Refusal(404, "Not found.")


def _may_enter(scope: Scope) -> bool:
    """Return whether a request comes from somebody who may see the library."""
    try:
        who, days = access().who, settings().app.sign_in_days
    except SettingsError:  # then the pages show nothing either
        return False
    return who == "everybody" or (who == "who signs in" and signed_in(scope, days))
