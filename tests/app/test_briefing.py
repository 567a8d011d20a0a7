"""The Briefing page: collected in a browser, written in, downloaded; and two tabs on one."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree
from playwright.sync_api import Browser, Page, expect
from streamlit.testing.v1 import AppTest

from reformqa import Briefing, Library, NoteItem, QuoteItem, read_briefing, write_briefing
from reformqa.app.html import label
from reformqa.briefing.kept import FOLDER, KeptBriefings
from support.briefings import ovens
from support.documents import citation
from support.places import PROJECT
from support.serving import free_port, served, settle
from support.sign_in import provider, secrets, sign_in


@pytest.fixture(scope="module")
def notes(notes_index: Path) -> Iterator[str]:
    with served(notes_index, PROJECT / "corpus") as address:
        yield address


def go_to_briefing(page: Page) -> None:
    page.get_by_role("link", name="Briefing").click()
    expect(page.get_by_role("heading", name="Briefing", exact=True)).to_be_visible()
    settle(page)


def press(page: Page, name: str, nth: int = 0) -> None:
    page.get_by_role("button", name=name, exact=True).nth(nth).click()
    settle(page)


def write(page: Page, label: str, text: str, nth: int = 0) -> None:
    page.get_by_label(label, exact=True).nth(nth).fill(text)
    page.keyboard.press("Tab")
    settle(page)


def collect(page: Page, address: str) -> list[str]:
    """Add the first quote of each think tank in a comparison, and return their words."""
    page.goto(f"{address}/compare?q=targets")
    settle(page)
    quotes = []
    for n in range(3):
        row = page.locator(f".st-key-compare-row-{n}")
        quotes.append(row.locator("p.quote").first.inner_text())
        row.get_by_role("button", name=re.compile("Add$")).first.click()
        settle(page)
        expect(row.get_by_role("button", name=re.compile("Added$"))).to_have_count(1)
    return quotes


def test_quotes_of_three_think_tanks_become_a_word_file_with_footnotes(
    notes: str, page: Page, library: Library, tmp_path: Path
):
    quotes = collect(page, notes)
    go_to_briefing(page)
    write(page, "Title", "Targets in public services")
    press(page, re.compile("Note below$"))
    write(page, "Note", "What follows <b>differs</b>.")
    press(page, re.compile("Add a note$"))
    write(page, "Note", "My conclusion.", 1)
    press(page, re.compile("Add a heading$"))
    write(page, "Heading", "Targets today")
    place = page.get_by_role("combobox", name="Place")
    expect(place).to_have_count(6)
    place.last.click()
    page.get_by_role("option", name="1 of 6").click()
    settle(page)
    page.get_by_role("button", name=re.compile("^Download")).click()
    with page.expect_download() as word:
        page.get_by_role("button", name="Word", exact=True).click()
    word.value.save_as(tmp_path / "briefing.docx")
    texts = [p.text.strip() for p in Document(tmp_path / "briefing.docx").paragraphs]
    assert texts[:2] == ["Targets in public services", "Targets today"]
    order = [*(f"“{q}”" for q in quotes[:1]), "What follows <b>differs</b>."]
    assert texts[2:7] == [*order, *(f"“{q}”" for q in quotes[1:]), "My conclusion."]
    with zipfile.ZipFile(tmp_path / "briefing.docx") as archive:
        root = etree.fromstring(archive.read("word/footnotes.xml"))
    notes_of = ["".join(note.itertext()) for note in root if note.get(qn("w:type")) is None]
    cited = [row.sentences[0].citations[0] for row in library.compare("targets").rows[:3]]
    assert len(notes_of) == 3
    for text, source in zip(notes_of, cited, strict=True):
        assert f"{source} · {notes}/?cite={source.paragraph_id}:" in text
        assert f"para {source.number}" in text


def test_a_briefing_file_is_opened_in_another_visit_and_a_bad_one_refused(
    notes: str, page: Page, browser: Browser, tmp_path: Path
):
    quotes = collect(page, notes)
    go_to_briefing(page)
    page.get_by_role("button", name=re.compile("^Briefing file")).click()
    with page.expect_download() as own:
        page.get_by_role("button", name="Download briefing file").click()
    own.value.save_as(tmp_path / "own.briefing.json")
    saved = read_briefing((tmp_path / "own.briefing.json").read_bytes())
    assert [q.citation.quote for q in saved.quotes] == quotes
    (tmp_path / "bad.json").write_text('{"format": "<b>other</b>"}')
    (tmp_path / "foreign.json").write_bytes(write_briefing(ovens()))
    (tmp_path / "huge.json").write_bytes(b" " * (5 * 2**20))
    other = browser.new_page()
    other.goto(f"{notes}/briefing")
    settle(other)
    for name, told in (
        ("bad.json", "The file is not a briefing."),
        ("foreign.json", "The briefing is of another library"),
        ("huge.json", "The file has 5.0 MB; a briefing has at most 4 MB."),
        ("own.briefing.json", quotes[2]),
    ):
        if not other.get_by_label("Open a briefing file").is_visible():
            other.get_by_role("button", name=re.compile("^Briefing file")).click()
        other.get_by_label("Open a briefing file").set_input_files(tmp_path / name)
        expect(other.get_by_text(told)).to_be_visible()
        settle(other)
    other.close()


def test_an_item_is_moved_by_keys(notes: str, page: Page):
    quotes = collect(page, notes)
    go_to_briefing(page)
    up = page.get_by_role("button", name=re.compile("Up$"))
    up.nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.locator("p.quote")).to_have_text([quotes[0], quotes[2], quotes[1]])
    settle(page)
    up.nth(1).focus()  # Streamlit may draw a moved item anew, and the focus is then lost
    page.keyboard.press("Enter")
    expect(page.locator("p.quote")).to_have_text([quotes[2], *quotes[:2]])
    settle(page)
    press(page, re.compile("Undo$"))
    expect(page.locator("p.quote")).to_have_text([quotes[0], quotes[2], quotes[1]])


def test_an_item_is_moved_to_any_place_by_keys(notes: str, page: Page):
    quotes = collect(page, notes)
    go_to_briefing(page)
    page.get_by_role("combobox", name="Place").first.focus()
    page.keyboard.type("3 of")
    page.keyboard.press("Enter")
    expect(page.locator("p.quote")).to_have_text([*quotes[1:], quotes[0]])


def test_who_signs_in_finds_the_briefing_on_another_machine(
    notes_index: Path, browser: Browser, tmp_path: Path
):
    port = free_port()
    kept = f'[app]\nbriefings = "{tmp_path}"\n'
    with provider() as issuer:
        environment = secrets(tmp_path, issuer, port, kept)
        with served(notes_index, PROJECT / "corpus", port=port, **environment) as address:
            here, there = browser.new_context().new_page(), browser.new_context().new_page()
            sign_in(here, address)
            go_to_briefing(here)
            write(here, "Title", "Of the office")
            sign_in(there, address)
            go_to_briefing(there)
            expect(there.get_by_label("Title", exact=True)).to_have_value("Of the office")
    assert (tmp_path / FOLDER).is_dir()
    assert not (notes_index / FOLDER).exists()


# Every page adds.


def _drawn() -> None:
    import streamlit as st

    from reformqa.app.pages import PAGES

    next(page for page in PAGES if page.address == st.query_params["page"]).draw()


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("ask", "How do I poach an egg?"),
        ("ask", "What would replace the Audit Commission?"),
        ("compare", "targets"),
        ("recommendations", ""),
        ("crosswalk", ""),
    ],
)
def test_what_a_page_shows_is_added_and_taken_out_again(
    index: Path, library: Library, address: str, asked: str
):
    page = AppTest.from_function(_drawn, default_timeout=120)
    page.query_params["page"] = address
    page.query_params["q"] = asked
    page.run()
    first = next(b.key for b in page.button if b.label == "Add")
    page.button(key=first).click().run()
    assert not page.exception
    assert page.button(key=first).label == "Added"
    checks = library.check_briefing(page.session_state["desk"].briefing)
    assert {(c.status, c.explanation) for c in checks} == {("stands", None)}
    page.button(key=first).click().run()
    assert page.session_state["desk"].briefing.items == ()


# Two tabs of one person.


def _tab() -> None:
    from reformqa.app.pages.briefing import PAGE
    from reformqa.app.state import briefing

    briefing.begin("ada")
    PAGE.draw()


@pytest.fixture
def index(notes_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index folder that keeps its own briefings."""
    index = tmp_path / "index"
    index.mkdir()
    for entry in notes_index.iterdir():
        (index / entry.name).symlink_to(entry)
    monkeypatch.setenv("REFORMQA_INDEX", str(index))
    monkeypatch.setenv("REFORMQA_CORPUS", str(PROJECT / "corpus"))
    return index


def tab() -> AppTest:
    return AppTest.from_function(_tab, default_timeout=120).run()


def retitle(tab: AppTest, title: str) -> None:
    tab.text_input[0].set_value(title).run()
    assert not tab.exception


def button(tab: AppTest, label: str) -> None:
    (found,) = [b for b in tab.button if b.label == label]
    found.click().run()
    assert not tab.exception


def test_a_person_finds_the_briefing_again(index: Path):
    retitle(tab(), "Of the morning")
    again = tab()
    assert again.text_input[0].value == "Of the morning"
    assert list(KeptBriefings(index / FOLDER).titles("ada").values()) == ["Of the morning"]


@pytest.mark.parametrize("choice", ["Open the other version", "Keep this one as a copy"])
def test_the_second_of_two_tabs_is_told_and_offered_both(index: Path, choice: str):
    retitle(tab(), "Shared")
    first, second = tab(), tab()
    retitle(first, "Of the first")
    retitle(second, "Of the second")
    assert "changed in another tab" in second.warning[0].value
    assert list(KeptBriefings(index / FOLDER).titles("ada").values()) == ["Of the first"]
    button(second, choice)
    assert not second.warning
    kept = set(KeptBriefings(index / FOLDER).titles("ada").values())
    if choice == "Open the other version":
        assert second.text_input[0].value == "Of the first"
        assert kept == {"Of the first"}
        button(second, "Undo")
        assert second.text_input[0].value == "Of the second"
    else:
        assert kept == {"Of the first", "Of the second (copy)"}


def test_words_of_a_file_are_never_markup(index: Path):
    bad = "<img src=x onerror=alert(1)> **bold** :material/home:"
    cited = citation(bad, publisher=bad, report_title=bad, repairs=(bad,))
    hostile = Briefing(bad, (QuoteItem(cited, name=bad, id=1), NoteItem(bad, id=2)))
    KeptBriefings(index / FOLDER).add("ada", hostile)
    page = tab()
    assert not page.exception
    drawn = "\n".join(str(e.body) for e in page.get("html"))
    assert "<img" not in drawn
    assert escape(bad) in drawn
    labels = [e.label for e in page.button if "onerror" in e.label]
    assert labels
    assert not [text for text in labels if label(bad) not in text]
    assert page.text_area[0].value == bad


def test_what_has_become_of_a_quote_is_said_beside_it(index: Path, library: Library):
    answer = library.ask("What would replace the Audit Commission?")
    made = Briefing.of("Audit").add(answer.sentences[0], answer.provenance)
    (quote,) = made.quotes
    forged = replace(quote, citation=replace(quote.citation, quote="It was invented."), id=2)
    lost = replace(quote, citation=replace(quote.citation, paragraph_id="no-1234567a"), id=3)
    KeptBriefings(index / FOLDER).add("ada", Briefing("Audit", (quote, forged, lost)))
    page = tab()
    told = [w.value for w in page.warning]
    assert len(told) == 2
    assert told[0].startswith("Changed")
    assert told[1].startswith("Gone from the library")
    drawn = [str(e.body) for e in page.get("html")]
    now = library.paragraph(quote.citation.paragraph_id).text
    assert f'<p class="context">{escape(now)}</p>' in drawn


def test_a_briefing_deleted_is_brought_back_by_undo(index: Path):
    retitle(tab(), "Precious")
    page = tab()
    button(page, "Delete this briefing")
    assert KeptBriefings(index / FOLDER).titles("ada") == {}
    assert page.text_input[0].value == "Briefing"
    button(page, "Undo")
    assert page.text_input[0].value == "Precious"
    assert list(KeptBriefings(index / FOLDER).titles("ada").values()) == ["Precious"]
