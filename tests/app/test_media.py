"""Pictures and PDFs are given to who may enter, and a sign-in lasts as long as the settings say."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import urljoin

import pytest
from itsdangerous import TimestampSigner
from playwright.sync_api import Browser, Page, expect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from reformqa import Library
from support import bombs, pdfs
from support.nights import night
from support.serving import free_port, served, settle
from support.sign_in import COOKIE_SECRET, provider, secrets, sign_in


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with a corpus of one PDF, and its index."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "bread.pdf").write_bytes(pdfs.pdf(pdfs.set_lines(bombs.WORDS, 100)))
    night(tmp_path / "corpus", tmp_path / "index")
    return tmp_path


def addresses(page: Page, address: str, cited: str) -> list[str]:
    """Return where the cover of the report, its page and its PDF are served."""
    pictures = page.get_by_test_id("stImage").locator("img")
    page.goto(f"{address}/library?cite={cited}")
    settle(page)
    link = page.locator("a[href*='/media/']").first
    expect(link).to_be_visible()
    expect(pictures).to_have_count(2)
    found = [picture.get_attribute("src") for picture in pictures.all()]
    return [urljoin(address, path or "") for path in (*found, link.get_attribute("href"))]


def test_a_picture_and_a_pdf_need_the_sign_in_by_their_own_address(
    shelf: Path, page: Page, browser: Browser
):
    (cited,) = Library.open(shelf / "index").report("bread").paragraphs
    port = free_port()
    with provider() as issuer:
        environment = secrets(shelf, issuer, port, "")
        with served(shelf / "index", shelf / "corpus", port, **environment) as address:
            sign_in(page, address)
            found = addresses(page, address, cited.id)
            assert [page.request.get(a).status for a in found] == [200, 200, 200]
            stranger = browser.new_context()
            assert [stranger.request.get(a).status for a in found] == [403, 403, 403]
            forged = {"Cookie": f"{USER_COOKIE_NAME}=made.up.words"}
            assert stranger.request.get(found[0], headers=forged).status == 403
            stranger.close()


@pytest.mark.parametrize(("age", "shown"), [(1.5, "Ask the reports"), (2.5, "reformqa")])
def test_a_sign_in_lasts_as_long_as_the_settings_say(
    shelf: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch, age: float, shown: str
):
    then = int(time.time() - age * 24 * 3600)
    port = free_port()
    with served(
        *(shelf / "index", shelf / "corpus", port),
        **secrets(shelf, "http://localhost:1", port, "[app]\nsign_in_days = 2\n"),
    ) as address:
        user = json.dumps({"origin": address, "is_logged_in": True, "name": "Ada"})
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: then)
        cookie = create_signed_value(COOKIE_SECRET, USER_COOKIE_NAME, user).decode()
        visitor = browser.new_context()
        visitor.add_cookies([{"name": USER_COOKIE_NAME, "value": cookie, "url": address}])
        page = visitor.new_page()
        page.goto(address)
        settle(page)
        expect(page.get_by_role("heading", level=1, name=shown)).to_be_visible()
        visitor.close()
