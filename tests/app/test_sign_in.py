"""Who may enter is decided before anything of the library is shown."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reformqa import Library
from reformqa.access import NEEDED
from support.places import PROJECT
from support.serving import served, settle

AUTH = "".join(f'{name} = "https://bakers.example/oauth2callback"\n' for name in NEEDED)


def place(folder: Path, secrets: str | None, settings: str = "") -> dict[str, str]:
    """Return what tells the app of these secrets, in the home folder, and settings."""
    (folder / ".streamlit").mkdir()
    if secrets is not None:
        (folder / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
    (folder / "reformqa.toml").write_text(settings, encoding="utf-8")
    return {"HOME": str(folder), "REFORMQA_SETTINGS": str(folder / "reformqa.toml")}


@pytest.mark.parametrize(
    ("secrets", "settings", "said"),
    [
        (f"[Auth]\n{AUTH}", "", "Nobody may enter"),
        (None, '[app]\nsign_in = "required"\n', "Nobody may enter"),
        (f"[auth]\n{AUTH}", "", "Sign in to search the reports"),
    ],
)
def test_nothing_is_shown_to_whoever_may_not_enter(
    notes_index: Path, tmp_path: Path, page: Page, secrets: str | None, settings: str, said: str
):
    with served(notes_index, PROJECT / "corpus", **place(tmp_path, secrets, settings)) as address:
        for path in ("", "/library", "/?q=targets", "/health"):
            page.goto(f"{address}{path}")
            settle(page)
            shown = page.locator("[data-testid=stMain]")
            expect(shown.get_by_text(said)).to_be_visible()
            assert len(shown.inner_text()) < 250
            expect(page.get_by_role("link", name="Library")).to_have_count(0)


ROUTES = """
from app import app
for route in app._build_starlette_app().routes:
    print(route.path or "/", *(getattr(route, "methods", None) or ["GET"]))
"""
#: Every route of the server. Another one has to be thought about before it is added here.
KNOWN = {
    *("/", "/healthz", "/_stcore/health", "/_stcore/metrics", "/_stcore/host-config"),
    *("/media/{file_id:path}", "/_stcore/upload_file/{session_id}/{file_id}"),
    *("/component/{path:path}", "/_stcore/bidi-components/{path:path}", "/_stcore/stream"),
    *("/auth/login", "/auth/logout", "/oauth2callback", "/_stcore/agent/interact"),
    *("/_stcore/agent/openapi.json", "/_stcore/agent/mcp"),
}


def routes() -> dict[str, set[str]]:
    """Return the methods of each route of the server, which Streamlit names nowhere public."""
    command = [sys.executable, "-c", ROUTES]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    found: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        path, *methods = line.split()
        found.setdefault(path, set()).update(methods)
    return found


def test_no_route_tells_a_stranger_anything_of_the_library(
    notes_index: Path, library: Library, tmp_path: Path, page: Page
):
    found = routes()
    assert set(found) == KNOWN
    told = {r.title for r in library.reports} | {r.id for r in library.reports}
    told |= {library.build.id, *library.publishers}
    environment = place(tmp_path, f"[auth]\n{AUTH}")
    with served(notes_index, PROJECT / "corpus", **environment) as address:
        for path, methods in found.items():
            filled = re.sub(r"\{(\w+)(?::path)?\}", r"\1.png", path)
            for method in {*methods, "POST"} - {"HEAD"}:
                answer = page.request.fetch(
                    f"{address}{filled}", method=method, max_redirects=0, data="{}"
                )
                text = answer.text() + str(answer.headers)
                assert not [name for name in told if name in text], (path, method)
                closed = "metrics" in path or "agent" in path or "upload" in path
                assert (answer.status in (403, 404)) or not closed, (path, method)
