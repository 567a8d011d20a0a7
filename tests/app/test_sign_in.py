"""Who may enter is decided before anything of the library is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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
