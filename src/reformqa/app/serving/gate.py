"""A gate before Streamlit's server.

It takes files only from those who were shown the form, and keeps what only operators need closed.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from reformqa.app.state.library import settings
from reformqa.app.state.uploads import ADMISSIONS, Admissions, Refusal
from reformqa.errors import SettingsError

#: Where Streamlit takes files, before the session and the name of the file.
UPLOAD = "/_stcore/upload_file"
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
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Raise Refusal for a request that Streamlit must not see."""
        if any(route in scope["path"] for route in CLOSED):
            raise Refusal(404, "Not found.")
        _, route, rest = scope["path"].partition(UPLOAD)
        if not route:
            return
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
