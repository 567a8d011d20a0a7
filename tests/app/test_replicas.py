"""Two replicas of the app over one library: what is given to one is found at the other."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from reformqa import Library, load_settings, rebuild
from reformqa.app.serving import signed
from reformqa.app.serving.server import SCRIPT
from reformqa.ingest.waiting import Waiting
from support.cutting_proxy import cutting_proxy
from support.lamp_room import PAPER, QUESTION
from support.nights import make_corpus, night
from support.places import PROJECT
from support.serving import PATIENCE, free_port, served, settle
from support.sign_in import COOKIE_SECRET, provider, secrets, sign_in


def sources(page: Page, address: str, link: str) -> str:
    """Open a permalink, and return the words that are marked in the source."""
    page.goto(f"{address}/{link}")
    mark = page.locator(".st-key-source mark")
    expect(mark.first).to_be_visible()
    return " ".join(mark.all_inner_texts())


def test_what_is_handed_in_at_one_replica_is_answered_at_the_other(
    own: tuple[Path, Path], tmp_path: Path, page: Page
):
    index, corpus = own
    settings, uploads = tmp_path / "reformqa.toml", tmp_path / "uploads"
    settings.write_text(
        f'[app]\nuploads = "wait"\nupload_folder = "{uploads}"\n[rebuild]\nkeep = 1\n'
        "grace_hours = 24\n"
    )
    old = Library.open(index)
    gone = next(
        c
        for s in old.ask("What is said of the Audit Commission?").sentences
        for c in s.citations
        if c.report_id == "note-on-balancing-act"
    )
    old_link = f"?cite={gone.paragraph_id}:{gone.span[0]}-{gone.span[1]}&build={old.build.id}"
    replica = {"REFORMQA_SETTINGS": str(settings)}
    with served(index, corpus, **replica) as first, served(index, corpus, **replica) as second:
        page.goto(f"{first}/library")
        page.get_by_text("Add a report").click()
        with page.expect_response(lambda answer: "upload_file" in answer.url):
            page.locator("input[type=file]").set_input_files(
                {"name": "The Lamp Room.md", "mimeType": "text/plain", "buffer": PAPER.encode()}
            )
        page.get_by_role("button", name="Add to library").click()
        expect(page.get_by_text("was added. It becomes searchable")).to_be_visible()
        assert len(Waiting(str(uploads)).digests()) == 1
        (corpus / "note-on-balancing-act.md").unlink()
        new = rebuild(corpus, index, settings=load_settings(settings)).build
        assert (corpus / "The Lamp Room.md").read_text(encoding="utf-8") == PAPER
        page.goto(f"{second}/?q={quote(QUESTION)}")
        expect(page.locator("p.quote").first).to_contain_text("lighthouse keepers’ academy")
        cited = Library.open(index).ask(QUESTION).sentences[0].citations[0]
        link = f"?cite={cited.paragraph_id}:{cited.span[0]}-{cited.span[1]}&build={new.id}"
        for replica_address in (first, second):
            assert cited.quote in sources(page, replica_address, link)
            assert gone.quote in sources(page, replica_address, old_link)
            expect(page.locator("[data-testid=stAlert]").first).to_contain_text("no longer")


def test_a_visitor_whose_replica_is_gone_goes_on_at_another(notes_index: Path, page: Page):
    first, second, corpus = free_port(), free_port(), PROJECT / "corpus"
    with served(notes_index, corpus, second), cutting_proxy(first) as proxy:
        with served(notes_index, corpus, first):
            page.goto(f"{proxy.url}/?q={quote('What of the Audit Commission?')}")
            quotes = page.locator("p.quote")
            expect(quotes.first).to_be_visible()
            settle(page)
            before = quotes.all_inner_texts()
        proxy.lead_to(second)
        # The browser connects again by itself, and the page is drawn anew from its address.
        page.get_by_role("link", name="Library").first.click()
        expect(page.locator(".st-key-report-note-on-balancing-act")).to_be_visible(timeout=PATIENCE)
        page.go_back()
        settle(page)
        assert quotes.all_inner_texts() == before


def test_a_sign_in_of_a_replica_with_another_secret_is_refused_and_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(signed, "get_cookie_secret", lambda: COOKIE_SECRET)
    signed._say_that_secrets_differ.cache_clear()

    def request(secret: str) -> dict[str, object]:
        value = create_signed_value(secret, USER_COOKIE_NAME, "ada").decode()
        return {"type": "http", "headers": [(b"cookie", f"{USER_COOKIE_NAME}={value}".encode())]}

    assert signed.signed_in(request(COOKIE_SECRET), 30)
    assert not signed.signed_in({"type": "http", "headers": []}, 30)
    assert caplog.messages == []
    for _ in range(3):
        assert not signed.signed_in(request(COOKIE_SECRET[::-1]), 30)
    (message,) = caplog.messages
    assert "app.secrets" in message
    assert COOKIE_SECRET not in message


@pytest.mark.parametrize("keep", [3, 1])
def test_an_answer_turns_to_the_next_build_when_its_own_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: int
):
    corpus, index = make_corpus(tmp_path / "corpus"), tmp_path / "index"
    stages = {"rebuild": {"keep": keep}}
    night(corpus, index, stages)
    for name, value in (("INDEX", index), ("CORPUS", corpus)):
        monkeypatch.setenv(f"REFORMQA_{name}", str(value))
    monkeypatch.chdir(tmp_path)
    page = AppTest.from_file(str(SCRIPT), default_timeout=300)
    page.query_params["q"] = "How long does rye keep?"
    assert not page.run().exception
    night(corpus, index, stages, force=True)
    assert not page.run().exception
    assert [i.value[:28] for i in page.info if "updated" in i.value] == (
        ["The library has been updated"] if keep == 3 else []
    )


def test_who_signs_in_at_one_replica_is_known_at_those_with_the_same_secrets(
    notes_index: Path, page: Page, tmp_path: Path
):
    port, other = free_port(), tmp_path / "other-secrets.toml"
    shared = tmp_path / ".streamlit" / "secrets.toml"
    with provider() as issuer:
        environment = secrets(tmp_path, issuer, port, f'[app]\nsecrets = "{shared}"\n')
        environment["HOME"] = str(PROJECT)  # where no secrets are
        text = shared.read_text(encoding="utf-8").replace(COOKIE_SECRET, COOKIE_SECRET[::-1])
        other.write_text(text, encoding="utf-8")
        settings = tmp_path / "other-settings.toml"
        settings.write_text(f'[app]\nsecrets = "{other}"\n', encoding="utf-8")
        apart = {**environment, "REFORMQA_SETTINGS": str(settings)}
        with served(notes_index, PROJECT / "corpus", port, **environment) as first:
            sign_in(page, first)
        # One after another, at the one address that visitors know.
        with served(notes_index, PROJECT / "corpus", port, **environment) as second:
            page.goto(second)
            expect(page.get_by_role("heading", name="Ask the reports")).to_be_visible()
        with served(notes_index, PROJECT / "corpus", port, **apart) as third:
            page.goto(third)
            expect(page.get_by_role("button", name="Sign in")).to_be_visible()
