"""A language model's sentences on the page, in a browser, while the model still writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reformqa import Library
from reformqa.settings import load_settings
from support.llm_server import DONE, ModelServer, event, proposal, proposes, serving, streams
from support.places import PROJECT
from support.serving import served

AUDIT = "What would replace the Audit Commission?"
TARGETS = "What is wrong with targets?"
FALSE = "It costs £9bn."


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def settings(server: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings that name the model, which words the answers."""
    file = tmp_path_factory.mktemp("settings") / "reformqa.toml"
    file.write_text(f'[llm]\nbase_url = "{server.url}"\nmodel = "small"\n', "utf-8")
    return file


@pytest.fixture(scope="module")
def address(settings: Path, notes_index: Path) -> Iterator[str]:
    """The address of the app with those settings."""
    with served(notes_index, PROJECT / "corpus", REFORMQA_SETTINGS=str(settings)) as found:
        yield found


def ask(page: Page, address: str, question: str) -> None:
    page.goto(address)
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def quoted(library: Library, question: str) -> tuple[str, str]:
    """A quote from each of the first two passages that the model is sent."""
    first, second = (hit.paragraph.text for hit in library.search(question, limit=2))
    return first.split(". ")[0], second.split(". ")[0]


def test_checked_sentences_are_shown_while_the_model_writes(
    server: ModelServer,
    address: str,
    settings: Path,
    notes_index: Path,
    library: Library,
    page: Page,
):
    said = quoted(library, AUDIT)
    told = [(said[0], (1, said[0])), (FALSE, (1, said[0])), (said[1], (2, said[1]))]
    server.behaviour = proposes(*told)
    whole = Library.open(notes_index, load_settings(settings)).ask(AUDIT)
    answer = [s.text for of in whole.by_publisher.values() for s in of]
    assert sorted(answer) == sorted(said)
    whole, before = proposal(*told), proposal(*told[:2])[:-2]
    go_on, asked = threading.Event(), len(server.requests)
    begun, rest = event({"content": before}), event({"content": whole[len(before) :]})
    server.behaviour = streams(begun, go_on, rest, event({}, "stop"), DONE)
    ask(page, address, AUDIT)
    early = page.locator(".st-key-early p.quote")
    expect(early).to_have_text([said[0]])
    expect(page.get_by_text(FALSE)).to_have_count(0)
    go_on.set()
    expect(page.locator(".st-key-answer p.quote")).to_have_text(answer)
    expect(early).to_have_count(0)
    expect(page.get_by_text(FALSE)).to_be_visible()  # left out, with the reason

    ask(page, address, AUDIT)  # in a new session, of what is remembered
    expect(page.locator(".st-key-answer p.quote")).to_have_text(answer)
    expect(early).to_have_count(0)
    assert len(server.requests) == asked + 1


def test_a_stream_that_breaks_off_gives_way_to_the_reports_words(
    server: ModelServer, address: str, library: Library, page: Page
):
    said = quoted(library, TARGETS)
    told = proposal((said[0], (1, said[0])), (said[1], (2, said[1])))
    go_on = threading.Event()
    server.behaviour = streams(event({"content": told[:-40]}), go_on, ends=False)
    ask(page, address, TARGETS)
    expect(page.locator(".st-key-early p.quote")).to_have_text([said[0]])
    go_on.set()
    expect(page.get_by_text("broke off its reply.")).to_be_visible()
    expect(page.locator(".st-key-early p.quote")).to_have_count(0)
    plain = library.ask(TARGETS)
    expect(page.locator(".st-key-answer p.quote")).to_have_text([s.text for s in plain.sentences])
