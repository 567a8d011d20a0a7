"""The app for everyone: by keyboard, by screen reader, on a phone, enlarged; and only who may."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from reformqa import Library
from support.places import PROJECT
from support.serving import PATIENCE, free_port, served, settle

AUDIT = "What would replace the Audit Commission?"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 400, "height": 850}
#: A window of 1280 dots enlarged to 200%.
ENLARGED = {"width": 640, "height": 450}


@pytest.fixture(scope="module")
def notes(notes_index: Path) -> Iterator[str]:
    with served(notes_index, PROJECT / "corpus") as address:
        yield address


def paths(library: Library) -> list[str]:
    cited = library.ask(AUDIT).sentences[0].citations[0]
    asked = {"q": AUDIT, "cite": f"{cited.paragraph_id}:{cited.span[0]}-{cited.span[1]}"}
    theme = library.themes[0].name
    return [
        "",
        f"?{urlencode(asked)}",
        "?q=How+do+I+poach+an+egg",
        "compare?q=targets",
        "recommendations",
        f"recommendations?{urlencode({'theme': theme})}",
        f"recommendations?like={library.recommendations()[0].id}",
        "crosswalk",
        "briefing",
        "library",
        "library?report=note-on-going-public&section=3",
        "health",
        "library?report=nothing",
    ]


def visit(page: Page, address: str) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    settle(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_has_a_serious_fault_of_accessibility(
    notes: str, browser: Browser, library: Library, scheme: str, size: dict[str, int]
):
    page = browser.new_page(viewport=size, color_scheme=scheme)
    faults = []
    for path in paths(library):
        visit(page, f"{notes}/{path}")
        for fault in Axe().run(page).response["violations"]:
            if fault["impact"] in ("serious", "critical"):
                faults.append((path, fault["id"], fault["nodes"][0]["html"][:200]))
    page.close()
    assert faults == []


@pytest.mark.parametrize("size", [PHONE, ENLARGED], ids=["phone", "enlarged"])
def test_nothing_is_cut_off_on_a_narrow_screen(
    notes: str, browser: Browser, library: Library, size: dict[str, int]
):
    page = browser.new_page(viewport=size)
    for path in paths(library):
        visit(page, f"{notes}/{path}")
        wide = page.evaluate(
            "(main => main.scrollWidth - main.clientWidth)(document.querySelector('.stMain'))"
        )
        assert wide <= 0, path
        beyond = page.locator("p.quote, p.cited, h1, h2, button[kind=tertiary]").evaluate_all(
            "found => found.filter(e => e.getClientRects().length"
            " && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.innerText)"
        )
        assert beyond == [], path
    page.close()


def test_a_question_is_asked_and_its_source_read_by_keyboard_alone(notes: str, browser: Browser):
    page = browser.new_page(viewport=DESKTOP)
    visit(page, notes)
    focused = "document.activeElement"
    for _ in range(25):
        page.keyboard.press("Tab")
        if page.evaluate(f"{focused}.getAttribute('aria-label')") == "Your question":
            break
    page.keyboard.type(AUDIT)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile(r"^\[1\] "))).to_be_visible()
    for _ in range(25):
        page.keyboard.press("Tab")
        if str(page.evaluate(f"{focused}.innerText")).startswith("[1] "):
            break
    outline = page.evaluate(f"getComputedStyle({focused}).outlineStyle")
    width = page.evaluate(f"parseFloat(getComputedStyle({focused}).outlineWidth)")
    assert outline == "solid"
    assert width >= 2
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-source mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-source")).to_have_count(0)
    page.close()


def test_the_source_lies_over_the_lower_part_of_a_phone(notes: str, browser: Browser):
    page = browser.new_page(viewport=PHONE)
    visit(page, f"{notes}/?{urlencode({'q': AUDIT})}")
    page.get_by_role("button", name=re.compile(r"^\[1\] ")).click()
    mark = page.locator(".st-key-source")
    expect(mark).to_be_visible()
    settle(page)
    box = mark.bounding_box()
    assert box["x"] == 0
    assert box["width"] == PHONE["width"]
    assert box["y"] > 200
    page.close()


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of an OpenID Connect provider that lets in whom it is told."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_where_the_secrets_cannot_be_read_nobody_sees_anything(
    notes_index: Path, page: Page, library: Library, tmp_path: Path
):
    """What keeps others out may stand in them."""
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[auth\n", encoding="utf-8")
    own = {"STREAMLIT_SECRETS_FILES": str(secrets)}
    with served(notes_index, PROJECT / "corpus", **own) as address:
        for path in ("", "library"):
            page.goto(f"{address}/{path}")
            expect(page.get_by_text("Nobody may enter")).to_be_visible()
            seen = page.inner_text("body")
            assert not [r.title for r in library.reports if r.title in seen]
            assert "Your question" not in seen


def test_nobody_unsigned_sees_anything_and_who_signs_in_does(
    notes_index: Path, provider: str, browser: Browser, library: Library, tmp_path: Path
):
    port = free_port()
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://localhost:{port}/oauth2callback"\n'
        f'cookie_secret = "{os.urandom(16).hex()}"\nclient_id = "reformqa"\n'
        'client_secret = "secret"\n'
        f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n',
        encoding="utf-8",
    )
    own = {"STREAMLIT_SECRETS_FILES": str(secrets)}
    with served(notes_index, PROJECT / "corpus", port=port, **own) as address:
        context = browser.new_context(viewport=DESKTOP)
        page = context.new_page()
        for path in paths(library):
            page.goto(f"{address}/{path}")
            expect(page.get_by_role("button", name="Sign in")).to_be_visible()
            page.wait_for_timeout(500)
            seen = page.inner_text("body")
            for told in (*library.publishers, *(r.title for r in library.reports), "Library"):
                assert told not in seen, path
        page.get_by_role("button", name="Sign in").click()
        page.locator("input[name=sub]").fill("ada@example.org")
        page.get_by_role("button", name="Authorize").click()
        expect(page.get_by_label("Your question")).to_be_visible()
        expect(page.get_by_text("ada@")).to_be_visible()
        other = browser.new_context(viewport=DESKTOP).new_page()
        other.goto(address)
        expect(other.get_by_role("button", name="Sign in")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_timeout(2_000)  # the provider may say goodbye
        page.goto(address)
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        context.close()
