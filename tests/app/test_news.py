"""The Library page tells what is new, and shows the operator's inbox."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from reformqa import Library, rebuild
from reformqa.news.watch import waiting, watch
from reformqa.settings import FetchSettings
from support import paper_server as ps
from support.paper_server import Site, gives
from support.serving import served, settle

TITLE = "The Lamp Room"
HOSTILE = "&lt;img src=x onerror=alert(1)&gt;**Free** :red[soup] [x](javascript:alert)"
PAPER = """# The Lamp Room

## Summary

Lighthouses are kept by fewer people every year, and none of them has been taught.
"""


def settings(folder: Path, site: Site, corrections: bool) -> str:
    file = folder / "reformqa.toml"
    file.write_text(
        f"[app]\ncorrections = {str(corrections).lower()}\n"
        f'[fetch]\npause = 0\ntries = 1\nprivate_hosts = ["{site.address}"]\n'
    )
    return str(file)


def announce(corpus: Path, site: Site) -> None:
    """Put out two papers, the second under a hostile title, and look at the site."""
    items = "".join(
        f"<item><title>{title}</title><link>{link}</link></item>"
        for title, link in ((TITLE, "/lamp.pdf"), (f"A{HOSTILE}", "/soup.pdf"))
    )
    site.has("/lamp.pdf", gives(ps.paper(TITLE)))
    site.has("/feed", gives(f"<rss version='2.0'><channel>{items}</channel></rss>".encode()))
    with (corpus / "catalogue.toml").open("a") as file:
        file.write(f'[[watch]]\nurl = "{site.url}/feed"\npublisher = "Keepers"\n')
    watch(corpus, settings=FetchSettings(pause=0, private_hosts=(site.address,)))


def test_the_operator_takes_a_paper_from_the_inbox_and_drops_another(
    own: tuple[Path, Path], site: Site, page: Page
):
    index, corpus = own
    announce(corpus, site)
    assert len(waiting(corpus)) == 2
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    chosen = settings(index.parent, site, corrections=True)
    with served(index, corpus, REFORMQA_SETTINGS=chosen) as address:
        page.goto(f"{address}/library")
        page.locator(".st-key-inbox summary").click()
        inbox = page.locator(".st-key-inbox")
        expect(inbox.get_by_text("Inbox: 2 papers")).to_be_visible()
        settle(page)
        lamp = inbox.locator("[data-testid=stForm]").filter(has_text=TITLE)
        soup = inbox.locator("[data-testid=stForm]").filter(has_text="soup")
        expect(soup.locator("img, strong")).to_have_count(0)
        lamp.get_by_role("textbox").fill("The Lamp Shop")
        lamp.get_by_role("button", name="Take").click()
        expect(inbox.get_by_text("another paper")).to_be_visible()
        lamp.get_by_role("textbox").fill(TITLE)
        lamp.get_by_role("button", name="Take").click()
        expect(inbox.get_by_text("was added")).to_be_visible()
        expect(inbox.get_by_text("Inbox: 1 paper")).to_be_visible()
        soup.get_by_role("button", name="Drop").click()
        expect(inbox.get_by_text("No paper waits")).to_be_visible()
    assert (corpus / "The Lamp Room.pdf").is_file()
    assert waiting(corpus) == ()
    assert dialogs == []


def test_the_inbox_is_the_operators_alone(own: tuple[Path, Path], site: Site, page: Page):
    index, corpus = own
    announce(corpus, site)
    chosen = settings(index.parent, site, corrections=False)
    with served(index, corpus, REFORMQA_SETTINGS=chosen) as address:
        page.goto(f"{address}/library")
        settle(page)
        expect(page.get_by_text("New: none")).to_be_visible()
        expect(page.get_by_text("Inbox")).to_have_count(0)


def test_a_visitor_sees_what_came_in_since_the_last_visit(own: tuple[Path, Path], page: Page):
    index, corpus = own
    with served(index, corpus) as address:
        page.goto(f"{address}/library")
        page.get_by_text("New: none").click()
        page.get_by_role("button", name="Mark all as seen").click()
        expect(page.get_by_text("Bookmark this page")).to_be_visible()
        bookmark = page.url
        assert f"since={Library.open(index).build.id}" in bookmark
        (corpus / "the-lamp-room.md").write_text(PAPER, encoding="utf-8")
        rebuild(corpus, index)
        page.goto(bookmark)
        expect(page.get_by_text("New: 1 report")).to_be_visible()
        page.locator(".st-key-new").get_by_role("button", name=TITLE).click()
        expect(page.get_by_role("heading", name=TITLE).first).to_be_visible()
        page.goto(f"{address}/library?since=20251399-000000-000000")
        expect(page.get_by_text("New: 6 reports")).to_be_visible()
        page.goto(f"{address}/library?since=%3Cb%3E")
        expect(page.get_by_text("does not know")).to_be_visible()
