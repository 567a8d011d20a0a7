"""The app by its keys: `/` goes to the question box, and `?` lists them all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from support.places import PROJECT
from support.serving import served, settle

AUDIT = "What would replace the Audit Commission?"


@pytest.fixture(scope="module")
def notes(notes_index: Path) -> Iterator[str]:
    """Yield the address of the app with the reading notes."""
    with served(notes_index, PROJECT / "corpus") as address:
        yield address


def visit(page: Page, address: str) -> Locator:
    """Open a page, and return its list of keys."""
    page.goto(address)
    settle(page)
    page.get_by_role("heading", level=1).click()
    return page.get_by_role("dialog", name="Keys")


@pytest.mark.parametrize(
    ("path", "name"), [("", "Your question"), ("compare", "Topic"), ("recommendations", "Topic")]
)
def test_a_slash_goes_to_the_question_box(notes: str, page: Page, path: str, name: str):
    visit(page, f"{notes}/{path}")
    page.keyboard.press("/")
    box = page.get_by_label(name, exact=True)
    expect(box).to_be_focused()
    page.keyboard.type("and/or?")
    expect(box).to_have_value("and/or?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_a_slash_marks_the_question_that_was_asked(notes: str, page: Page):
    visit(page, f"{notes}/?q={quote(AUDIT)}")
    page.keyboard.press("/")
    page.keyboard.type("targets")
    expect(page.get_by_label("Your question")).to_have_value("targets")


def test_keys_with_a_modifier_are_left_to_the_browser(notes: str, page: Page):
    listed = visit(page, notes)
    page.keyboard.press("Control+/")
    page.keyboard.press("Alt+?")
    expect(page.get_by_label("Your question")).not_to_be_focused()
    expect(listed).to_be_hidden()


def test_a_page_without_a_box_has_nowhere_to_go(notes: str, page: Page):
    listed = visit(page, f"{notes}/health")
    page.keyboard.press("/")
    page.keyboard.press("?")
    expect(listed).to_be_visible()


def test_a_question_mark_lists_the_keys_and_escape_closes_only_the_list(notes: str, page: Page):
    listed = visit(page, f"{notes}/?q={quote(AUDIT)}")
    page.get_by_role("button", name=re.compile(r"^\[1\] ")).click()
    source = page.locator(".st-key-source")
    expect(source.locator("p.cited")).to_be_visible()
    settle(page)
    page.keyboard.press("?")
    expect(listed).to_be_visible()
    assert listed.locator("kbd").all_inner_texts() == ["/", "j", "k", "Esc", "?"]
    assert not Axe().run(page, "#keys").response["violations"]
    page.keyboard.press("j")
    page.keyboard.press("/")
    expect(listed.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    settle(page)
    expect(source).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Quote 1 of "))).to_be_visible()
    page.keyboard.press("Escape")
    expect(source).to_have_count(0)


def test_the_list_opens_by_its_button_which_has_the_focus_afterwards(notes: str, page: Page):
    listed = visit(page, notes)
    button = page.get_by_role("button", name="Keys")
    button.focus()
    page.keyboard.press("Enter")
    expect(listed).to_be_visible()
    page.keyboard.press("Enter")
    expect(listed).to_be_hidden()
    expect(button).to_be_focused()


def test_the_keys_work_after_a_change_of_page(notes: str, page: Page):
    listed = visit(page, notes)
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare think tanks")).to_be_visible()
    settle(page)
    page.keyboard.press("?")
    expect(listed).to_have_count(1)
    expect(listed).to_be_visible()
