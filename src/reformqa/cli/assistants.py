"""The commands that serve assistants and programs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reformqa import __version__
from reformqa.access import read_access, secrets_files
from reformqa.assistants.current import CurrentLibrary
from reformqa.cli.options import INDEX, Index, SettingsFile
from reformqa.cli.output import err
from reformqa.errors import ReformqaError, SettingsError
from reformqa.settings import Settings, load_settings

app = typer.Typer()


@app.command("mcp")
def mcp_command(index: Index = INDEX, settings: SettingsFile = None) -> None:
    """Serve an assistant on this machine over the standard streams (MCP).

    The assistant starts this command itself: see docs/assistants.md.
    """
    _check_installed()
    from reformqa.assistants.mcp import make_server, serve_stdio  # an extra, slow to import

    current = _open(index, load_settings(settings))
    serve_stdio(make_server(current, __version__))


@app.command("api")
def api_command(
    index: Index = INDEX,
    port: Annotated[int, typer.Option(help="The port to serve on.")] = 8502,
    address: Annotated[
        str, typer.Option(help="The address to serve on. Others than this machine's need a token.")
    ] = "127.0.0.1",
    settings: SettingsFile = None,
) -> None:
    """Serve programs (/api) and assistants elsewhere (/mcp) over HTTP."""
    _check_installed()
    from reformqa.assistants.guard import check_access, read_tokens  # an extra, slow to import
    from reformqa.assistants.server import make_app, serve_http

    chosen = load_settings(settings)
    tokens = read_tokens(chosen.api)
    secrets = secrets_files(named=chosen.app.secrets)
    check_access(read_access(secrets, required=chosen.app.needs_sign_in), tokens, address)
    own = f"[{address}]" if ":" in address else address
    current = _open(index, chosen)
    limit = chosen.api.requests_a_minute
    served = make_app(current, tokens, (*chosen.api.hosts, own), limit, __version__)
    where = escape(f"http://{own}:{port}")
    err.print(f"Programs: {where}/api (schema: /api/openapi.json)")
    err.print(f"Assistants: {where}/mcp (press Ctrl-C to stop)")
    serve_http(served, address, port)


def _check_installed() -> None:
    missing = [name for name in ("fastapi", "limits", "mcp") if find_spec(name) is None]
    if missing:
        raise SettingsError(
            f"This command needs packages that are not installed ({', '.join(missing)}). Run"
            " `pip install 'reformqa[mcp]'`."
        )


def _open(index: Path, settings: Settings) -> CurrentLibrary:
    """Return the library to serve, opened so that the first question need not wait for that.

    If it cannot be opened, each request says why, until it can.
    """
    current = CurrentLibrary(index, settings)
    try:
        current.library()
    except ReformqaError as error:
        err.print(f"[yellow]Needs attention:[/] {escape(str(error))}")
    return current
