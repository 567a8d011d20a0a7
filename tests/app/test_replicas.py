"""Two replicas of the app over one library: what is given to one is found at the other."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from reformqa import Library, load_settings, rebuild
from reformqa.app.serving.server import SCRIPT
from reformqa.ingest.waiting import Waiting
from support.cutting_proxy import cutting_proxy
from support.nights import make_corpus, night
from support.places import PROJECT
from support.serving import PATIENCE, free_port, served, settle

QUESTION = "Who wants a lighthouse keepers’ academy?"
PAPER = """# The Lamp Room

## Summary

Lighthouses are kept by fewer people every year, and none of them has been taught.

Recommendation 1: The government should found a lighthouse keepers’ academy in every coastal county.
"""


@pytest.fixture
def own(notes_index: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Return an index and its corpus, which the test may change."""
    shutil.copytree(notes_index, tmp_path / "index")
    shutil.copytree(PROJECT / "corpus", tmp_path / "corpus")
    return tmp_path / "index", tmp_path / "corpus"


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
