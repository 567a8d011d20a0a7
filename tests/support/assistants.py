"""The server for assistants and programs as its commands start it, and the SDK's own client."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from support.serving import free_port

TOKEN = "a-token-of-the-tests-own-0123456789"
COMMAND = [sys.executable, "-c", "from reformqa.cli import main; main()"]
#: Enough for every test against one server.
UNHURRIED = "[api]\nrequests_a_minute = 100000\n"


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a server is started with: a home of its own, without secrets and tokens."""
    return {**os.environ, "HOME": str(home), "REFORMQA_TOKEN": "", **more}


@contextmanager
def serving(
    index: Path, home: Path, *, token: str = TOKEN, settings: str = UNHURRIED
) -> Iterator[str]:
    """The address of `reformqa api` over an index; what it logs is in home/log."""
    (home / "reformqa.toml").write_text(settings, encoding="utf-8")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [*COMMAND, "api", "--index", str(index), "--port", str(port)]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=home,
            env=environment(home, REFORMQA_TOKEN=token),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=60)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers, be it with a refusal; fails if it has ended."""
    for _ in range(480):
        assert server.poll() is None, "the server ended before it answered"
        try:
            httpx2.get(f"{address}/healthz", timeout=60)
            return
        except httpx2.TransportError:  # not yet listening
            time.sleep(0.25)
    pytest.fail("the server did not answer within two minutes")


def post(address: str, tool: str, asked: object, token: str = TOKEN) -> httpx2.Response:
    """The API's answer to a request."""
    return httpx2.post(
        f"{address}/api/{tool}",
        json=asked,
        headers={"Authorization": f"Bearer {token}"},
        timeout=120,
    )


def over_stdio(index: Path, home: Path) -> Client:
    """A client that starts `reformqa mcp` itself."""
    return Client(
        StdioServerParameters(
            command=COMMAND[0],
            args=[*COMMAND[1:], "mcp", "--index", str(index)],
            cwd=home,
            env=environment(home),
        )
    )


def over_http(address: str, mode: str = "auto", token: str = TOKEN) -> Client:
    """A client of a server that `serving` has started."""
    return Client(_streams(address, token), mode=mode)


@asynccontextmanager
async def _streams(address: str, token: str) -> AsyncIterator[Any]:
    bearer = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=bearer, timeout=120) as http,
        streamable_http_client(f"{address}/mcp", http_client=http) as streams,
    ):
        yield streams


def talk(client: Client, talking: Callable[[Client], Awaitable[Any]]) -> Any:
    """Return what `talking` returns, given the client once it is connected."""

    async def run() -> Any:
        async with client as connected:
            return await talking(connected)

    return anyio.run(run)
