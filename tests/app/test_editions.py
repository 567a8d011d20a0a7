"""The Library page leads from an edition to what it changed in the one before."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from support.nights import night
from support.serving import served, settle

EDITION = """# The State of Ovens {year}

## {section}

Every oven of the town is lit before dawn. It burns {fuel} for three hours.

The mill grinds rye on two days of the week and wheat on four.
"""
CATALOGUE = """[reports.ovens-{year}]
title = "The State of Ovens {year}"
publisher = "Bakers"
published = "{year}-05"
"""


def test_what_an_edition_changed_is_asked_from_the_library(page: Page, tmp_path: Path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    editions = ((2019, "Ovens", "oak"), (2024, "Furnaces", "peat"))
    for year, section, fuel in editions:
        text = EDITION.format(year=year, section=section, fuel=fuel)
        (corpus / f"ovens-{year}.md").write_text(text)
    entries = "\n".join(CATALOGUE.format(year=year) for year, *_ in editions)
    (corpus / "catalogue.toml").write_text(entries)
    night(corpus, tmp_path / "index")
    with served(tmp_path / "index", corpus) as address:
        page.goto(f"{address}/library")
        settle(page)
        button = page.get_by_role("button", name="What changed since May 2019")
        expect(button).to_have_count(1)
        button.click()
        question = "What changed between the 2019 and 2024 editions of “The State of Ovens 2024”?"
        expect(page.get_by_label("Your question")).to_have_value(question)
        expect(page.get_by_text("Two editions compared by their words.")).to_be_visible()
        settle(page)
        told = page.locator("p.quote").all_inner_texts()
        assert told == [
            "New section: “Furnaces”",
            "Gone, a section: “Ovens”",
            "Changed paragraph: “It burns peat for three hours.”"
            " Before: “It burns oak for three hours.”",
        ]
        page.get_by_role("button", name="[4] Bakers 2019").click()
        mark = page.locator(".st-key-source mark").first
        expect(mark).to_have_text("It burns oak for three hours.")
