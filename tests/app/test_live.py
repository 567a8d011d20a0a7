"""The app while the library changes: a rebuild during reading, and uploaded reports."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from reformqa import Library, rebuild
from support.lamp_room import PAPER, QUESTION
from support.places import PROJECT
from support.serving import served, settle


def settings(folder: Path, uploads: str) -> str:
    file = folder / "reformqa.toml"
    file.write_text(f'[app]\nuploads = "{uploads}"\nupload_megabytes = 1\n', encoding="utf-8")
    return str(file)


def correctable(folder: Path) -> str:
    file = folder / "corrections.toml"
    file.write_text("[app]\ncorrections = true\n", encoding="utf-8")
    return str(file)


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def test_a_rebuild_under_a_reader_breaks_nothing_and_the_next_question_uses_it(
    own: tuple[Path, Path], page: Page
):
    index, corpus = own
    with served(index, corpus) as address:
        page.goto(f"{address}/?q={quote('What would replace the Audit Commission?')}")
        expect(page.get_by_role("button", name=re.compile(r"^\[1\] "))).to_be_visible()
        settle(page)
        before = page.locator("p.quote").all_inner_texts()
        (corpus / "note-on-balancing-act.md").unlink()
        (corpus / "the-lamp-room.md").write_text(PAPER, encoding="utf-8")
        rebuild(corpus, index)
        # The answer stays and its sources open, although the report is gone by now.
        page.get_by_role("button", name=re.compile(r"^\[1\] ")).click()
        expect(page.locator(".st-key-source mark")).to_be_visible()
        settle(page)
        assert page.locator("p.quote").all_inner_texts() == before
        expect(page.get_by_text("The library has been updated")).to_be_visible()
        ask(page, QUESTION)
        expect(page.locator("p.quote").first).to_contain_text("lighthouse keepers’ academy")


def test_an_old_link_says_what_has_changed(own: tuple[Path, Path], page: Page):
    index, corpus = own
    old = Library.open(index)
    cited = next(
        c
        for s in old.ask("What is said of the Audit Commission?").sentences
        for c in s.citations
        if c.report_id == "note-on-balancing-act"
    )
    link = f"?cite={cited.paragraph_id}:{cited.span[0]}-{cited.span[1]}&build={old.build.id}"
    (corpus / "note-on-balancing-act.md").unlink()
    rebuild(corpus, index)
    with served(index, corpus) as address:
        page.goto(f"{address}/{link}")
        expect(page.locator("[data-testid=stAlert]").first).to_contain_text("no longer")
        expect(page.locator(".st-key-source mark")).to_have_text(cited.quote)


def hand_in(page: Page, name: str, data: bytes) -> None:
    """Choose a file, wait for its upload, and press the button."""
    with page.expect_response(lambda answer: "upload_file" in answer.url):
        page.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        )
    page.get_by_role("button", name="Add to library").click()


def test_a_paper_handed_in_waits_for_the_rebuild(own: tuple[Path, Path], page: Page):
    index, corpus = own
    with served(index, corpus, REFORMQA_SETTINGS=settings(index.parent, "wait")) as address:
        page.goto(f"{address}/library")
        page.get_by_text("Add a report").click()
        hand_in(page, "The Lamp Room.md", PAPER.encode())
        expect(page.get_by_text("was added. It becomes searchable")).to_be_visible()
        assert [f for f in corpus.iterdir() if f.read_bytes() == PAPER.encode()]
        hand_in(page, "no.pdf", b"not a PDF")
        expect(page.locator("[data-testid=stAlertContentError]")).to_be_visible()
        assert not list(corpus.glob("*.pdf"))


def test_a_paper_handed_in_is_read_at_once_where_that_is_set(own: tuple[Path, Path], page: Page):
    index, corpus = own
    with served(index, corpus, REFORMQA_SETTINGS=settings(index.parent, "rebuild")) as address:
        page.goto(f"{address}/library")
        page.get_by_text("Add a report").click()
        hand_in(page, "The Lamp Room.md", PAPER.encode())
        expect(page.get_by_role("heading", name="The Lamp Room")).to_be_visible()
        page.get_by_role("link", name="Ask").first.click()
        ask(page, QUESTION)
        expect(page.locator("p.quote").first).to_contain_text("lighthouse keepers’ academy")


def test_uploads_are_off_unless_set(own: tuple[Path, Path], page: Page):
    index, corpus = own
    with served(index, corpus) as address:
        page.goto(f"{address}/library")
        expect(page.get_by_text("6 reports").or_(page.get_by_text("5 reports"))).to_be_visible()
        expect(page.get_by_text("Add a report")).to_have_count(0)


def test_a_fact_is_corrected_on_the_library_page_and_the_next_rebuild_uses_it(
    own: tuple[Path, Path], page: Page
):
    index, corpus = own
    (corpus / "the-lamp-room.md").write_text(PAPER, encoding="utf-8")
    rebuild(corpus, index)
    with served(index, corpus, REFORMQA_SETTINGS=correctable(index.parent)) as address:
        page.goto(f"{address}/library")
        report = page.locator(".st-key-report-the-lamp-room")
        expect(report.get_by_text("title from the first heading")).to_be_visible()
        settle(page)
        report.get_by_text("Correct these facts").click()
        report.get_by_label("Publisher").fill("Keepers’ Guild")
        report.get_by_label("Date").fill("no idea")
        report.get_by_role("button", name="Save corrections").click()
        expect(report.get_by_text("“no idea” is no date")).to_be_visible()
        report.get_by_label("Date").fill("14 March 2031")
        report.get_by_role("button", name="Save corrections").click()
        expect(report.get_by_text("Saved in the catalogue")).to_be_visible()
        rebuild(corpus, index)
        page.reload()
        expect(report.locator("p.facts")).to_have_text("Keepers’ Guild · March 2031")
    written = (corpus / "catalogue.toml").read_text(encoding="utf-8")
    before = (PROJECT / "corpus" / "catalogue.toml").read_text(encoding="utf-8")
    assert written.startswith(before)
    assert 'published = "2031-03"' in written.removeprefix(before)


def test_facts_are_not_corrected_unless_that_is_set(own: tuple[Path, Path], page: Page):
    index, corpus = own
    with served(index, corpus) as address:
        page.goto(f"{address}/library")
        expect(page.locator(".st-key-report-note-on-balancing-act")).to_be_visible()
        expect(page.get_by_text("Correct these facts")).to_have_count(0)
