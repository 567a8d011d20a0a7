"""One server for programs and assistants: /api and /mcp over one library, behind one guard."""

from __future__ import annotations

import uvicorn
from mcp.server.transport_security import RequestBodyLimitMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from reformqa.assistants.api import make_api
from reformqa.assistants.current import CurrentLibrary
from reformqa.assistants.guard import HEALTH, LARGEST, Guard
from reformqa.assistants.mcp import make_server
from reformqa.errors import ReformqaError

#: Seconds that requests have to finish when the server is asked to end.
PATIENCE = 10


def make_app(
    current: CurrentLibrary, tokens: list[str], hosts: tuple[str, ...], a_minute: int, version: str
) -> ASGIApp:
    """Return the server's app; `Guard` explains tokens, hosts and requests a minute."""
    # The guard has checked names and origins by then, for both alike.
    checked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = make_server(current, version).streamable_http_app(
        stateless_http=True,
        json_response=True,
        max_request_body_size=LARGEST,
        transport_security=checked,
    )

    def health(_: Request) -> Response:
        try:
            current.library()
        except ReformqaError:
            return PlainTextResponse("the library cannot be used: run `reformqa doctor`", 503)
        return PlainTextResponse("ok")

    app.add_route(HEALTH, health)
    app.mount("/api", make_api(current, version))
    # The guard refuses by what a request declares; this counts what undeclared ones send.
    return Guard(RequestBodyLimitMiddleware(app, LARGEST), tokens, hosts, a_minute)


def serve_http(app: ASGIApp, address: str, port: int) -> None:
    """Serve until the process is asked to end."""
    uvicorn.run(
        app,
        host=address,
        port=port,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,
    )
