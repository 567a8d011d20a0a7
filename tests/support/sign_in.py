"""A provider of sign-ins, and an app that admits whom it knows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from support.serving import free_port, wait_for

COOKIE_SECRET = "cold ovens and warm trams, all along the quay"


def secrets(folder: Path, issuer: str, port: int, settings: str) -> dict[str, str]:
    """Return what tells the app of the settings, and to let in whom the issuer knows."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "http://localhost:{port}/oauth2callback"\n'
        f'cookie_secret = "{COOKIE_SECRET}"\n'
        'client_id = "reformqa"\nclient_secret = "bread"\n'
        f'server_metadata_url = "{issuer}/.well-known/openid-configuration"\n'
    )
    (folder / "reformqa.toml").write_text(settings)
    return {"HOME": str(folder), "REFORMQA_SETTINGS": str(folder / "reformqa.toml")}


@contextmanager
def provider() -> Iterator[str]:
    """The address of an OpenID Connect provider that admits whoever gives a name."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    try:
        wait_for(f"{address}/.well-known/openid-configuration", started)
        yield address
    finally:
        started.terminate()
        started.wait(timeout=30)


def sign_in(page: Page, address: str) -> None:
    """Sign in at the app's address."""
    page.goto(address)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_placeholder("sub").fill("ada@bakers.example")
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_role("heading", name="Ask the reports")).to_be_visible()
