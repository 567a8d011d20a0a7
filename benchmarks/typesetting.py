"""Composed reports set by Chromium, each with its exact truth beside the PDF."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2
from playwright.sync_api import Browser, sync_playwright

from composing import Report
from house_styles import Style
from setting import Setting
from truths import letters

SCRIPT = Path(__file__).with_name("typesetting.js")
#: Letters of a block's beginning and end that have to stand on its pages.
CHECKED = 16


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window. Raises SystemExit if there is none."""
    path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if path is None:
        sys.exit("no Chromium found: install Debian's package `chromium`")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--font-render-hinting=none"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


def typeset(report: Report, style: Style, seed: int, folder: Path, browser: Browser) -> Path:
    """Set a report, write its PDF and its truth (`.json`) into a folder, and return the PDF.

    Raises SystemExit if a block does not stand on the page that the truth gives.
    """
    setting = Setting(report, style, seed)
    page = browser.new_page()
    page.emulate_media(media="print")
    page.set_content(setting.page())
    page.add_script_tag(path=str(SCRIPT))
    placed = page.evaluate("spec => typeset(spec)", setting.spec())
    pdf = folder / f"layout-{seed:03}.pdf"
    pdf.write_bytes(
        page.pdf(
            prefer_css_page_size=True,
            print_background=True,
            tagged=style.tagged or style.outline,
            outline=style.outline,
        )
    )
    page.close()
    truth = setting.truth(placed)
    pdf.with_suffix(".json").write_text(json.dumps(truth, indent=1) + "\n", "utf-8")
    check(pdf, truth)
    return pdf


def check(pdf: Path, truth: Mapping[str, Any]) -> None:
    """Raise SystemExit if a block does not begin and end on the pages that the truth gives."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [_form(page.get_textpage().get_text_range()) for page in document]
    if len(pages) != truth["pages"]:
        sys.exit(f"{pdf} has {len(pages)} pages, not {truth['pages']}")
    for block in truth["blocks"]:
        first, last = block["pages"]
        form = _form(block["text"]).removeprefix(_form(block.get("label") or ""))
        if block["kind"] == "table":
            continue  # its words may stand in another order in the file
        if form[1 : CHECKED + 1] not in pages[first - 1] or form[-CHECKED:] not in pages[last - 1]:
            sys.exit(f"{pdf}: not on pages {first} to {last}: {block['text'][:80]}")


def _form(text: str) -> str:
    """Return the letters of a text without figures, among which are note marks."""
    return re.sub(r"\d", "", letters(text))
