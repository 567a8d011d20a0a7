"""Before there is an index, the app says where reports come from, and takes the first steps."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from support import pdfs
from support.models import export_into
from support.paper_server import Site, gives
from support.serving import served, settle

TITLE = "Cold Ovens for All"
OPEN = '[app]\ncorrections = true\nuploads = "rebuild"\n'


def begin(corpus: Path, site: Site, app: str) -> str:
    """Write a catalogue of one paper on a site, and settings; the settings' file."""
    page = pdfs.pdf(
        "\n".join(
            (
                pdfs.text(TITLE, 50, 80, 24, "F2"),
                pdfs.text("Apprentices and ovens", 50, 130, 16, "F2"),
                pdfs.set_lines(pdfs.wrapped(pdfs.MILL, 400), 160),
            )
        )
    )
    address = site.has("/ovens.pdf", gives(page))
    (corpus / "catalogue.toml").write_text(
        f'[reports.cold-ovens]\ntitle = "{TITLE}"\npublisher = "Bakers"\npublished = "2024"\n'
        f'file = "{address}"\n'
    )
    file = corpus.parent / "reformqa.toml"
    file.write_text(f'{app}[fetch]\npause = 0\ntries = 1\nprivate_hosts = ["{site.address}"]\n')
    return str(file)


def test_a_library_is_begun_in_the_app(corpus: Path, site: Site, tmp_path: Path, page: Page):
    settings = begin(corpus, site, OPEN)
    index = export_into(tmp_path / "index")
    with served(index, corpus, REFORMQA_SETTINGS=settings) as address:
        page.goto(address)
        expect(page.get_by_role("heading", name="First steps")).to_be_visible()
        expect(page.get_by_text(f"{TITLE} – Bakers 2024: missing")).to_be_visible()
        expect(page.get_by_role("link", name="Publisher’s page")).to_be_visible()
        expect(page.get_by_text("Add a report")).to_be_visible()
        expect(page.get_by_role("button", name="Build the index")).to_have_count(0)
        page.get_by_role("button", name="Download 1 paper").click()
        expect(page.get_by_text(f"{TITLE} – Bakers 2024: in the folder")).to_be_visible()
        settle(page)
        assert (corpus / "cold-ovens.pdf").is_file()
        page.get_by_role("button", name="Build the index").click()
        expect(page.get_by_role("heading", name="Ask the reports")).to_be_visible()
        expect(page.get_by_text("1 report by Bakers")).to_be_visible()


def test_a_download_that_fails_is_told(corpus: Path, site: Site, tmp_path: Path, page: Page):
    settings = begin(corpus, site, OPEN)
    site.has("/ovens.pdf", gives(b"no PDF at all"))
    with served(tmp_path / "index", corpus, REFORMQA_SETTINGS=settings) as address:
        page.goto(f"{address}/library")
        page.get_by_role("button", name="Download 1 paper").click()
        told = page.locator("[data-testid=stAlert]", has_text="cold-ovens:")
        expect(told).to_be_visible()
        expect(page.get_by_text(f"{TITLE} – Bakers 2024: missing")).to_be_visible()


def test_visitors_who_may_do_neither_are_told_the_commands(
    corpus: Path, site: Site, tmp_path: Path, page: Page
):
    settings = begin(corpus, site, "")
    (corpus / "note.md").write_text("# Ovens\n\nOvens are cold.\n")
    with served(tmp_path / "index", corpus, REFORMQA_SETTINGS=settings) as address:
        page.goto(address)
        settle(page)
        for command in ("reformqa fetch", "reformqa rebuild"):
            expect(page.get_by_text(command).first).to_be_visible()
        expect(page.get_by_text("Add a report")).to_have_count(0)
        for name in ("Download 1 paper", "Build the index"):
            expect(page.get_by_role("button", name=name)).to_have_count(0)
    assert site.asked == []


def test_a_missing_folder_is_told(tmp_path: Path, page: Page):
    with served(tmp_path / "index", tmp_path / "none") as address:
        page.goto(address)
        expect(page.get_by_text("There is no corpus folder")).to_be_visible()
