"""Take the pictures of the app that the README shows.

    .venv/bin/python docs/images/make.py

They show the reading notes of corpus/. One of them is set as a PDF first, by the browser that takes
the pictures, so that a page with its marked words is among them.
"""

from __future__ import annotations

import html
import re
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests"))

from reformqa import rebuild  # noqa: E402
from support.serving import PATIENCE, chromium, served  # noqa: E402

HERE = Path(__file__).parent
SET_AS_PDF = "note-on-balancing-act"
QUESTION = "What do the think tanks want to do about targets?"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 400, "height": 850}
STYLE = "body {font: 10.5pt/1.45 Georgia, serif} h1 {font-size: 20pt} h2 {font-size: 14pt}"


def set_as_pdf(browser: Browser, note: Path, target: Path) -> None:
    """Print a note in Markdown (headings, lists, paragraphs) as a PDF."""
    body = []
    for block in note.read_text(encoding="utf-8").split("\n\n"):
        text = html.escape(" ".join(block.split()))
        if heading := re.match(r"(#+) (.*)", text):
            level = min(len(heading[1]), 4)
            body.append(f"<h{level}>{heading[2]}</h{level}>")
        elif block.lstrip().startswith(("- ", "* ")):
            items = re.split(r"(?:^|\n)[-*] ", block)[1:]
            listed = "".join(f"<li>{html.escape(' '.join(i.split()))}</li>" for i in items)
            body.append(f"<ul>{listed}</ul>")
        else:
            body.append(f"<p>{text}</p>")
    page = browser.new_page()
    page.set_content(f"<style>{STYLE}</style>{''.join(body).replace('**', '')}")
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "24mm")
    page.pdf(path=target, format="A4", margin=margin)
    page.close()


def opened(browser: Browser, address: str, path: str, *, dark: bool = False, **size: int) -> Page:
    """A page of the app, drawn to its end."""
    page = browser.new_page(viewport={**DESKTOP, **size}, color_scheme="dark" if dark else "light")
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/{path}")
    page.locator("h1").wait_for()
    page.wait_for_timeout(6_000)
    return page


def main() -> None:
    """Build an index of the notes, serve it, and take each page's picture."""
    with tempfile.TemporaryDirectory() as temporary, chromium() as browser:
        corpus = Path(temporary) / "corpus"
        shutil.copytree(PROJECT / "corpus", corpus)
        set_as_pdf(browser, corpus / f"{SET_AS_PDF}.md", corpus / f"{SET_AS_PDF}.pdf")
        (corpus / f"{SET_AS_PDF}.md").unlink()
        index = Path(temporary) / "index"
        rebuild(corpus, index)
        with served(index, corpus) as address:
            asked = urlencode({"q": "What would replace the Audit Commission?"})
            page = opened(browser, address, f"?{asked}")
            page.locator("button", has_text=", p. ").first.click()
            page.locator(".st-key-source img").wait_for()
            page.wait_for_timeout(1_500)
            page.screenshot(path=HERE / "ask.png")
            compared = f"compare?{urlencode({'q': 'the role of targets'})}"
            for name, path, dark, size in (
                ("compare", compared, True, DESKTOP),
                ("recommendations", "recommendations", False, DESKTOP),
                ("crosswalk", "crosswalk", False, DESKTOP),
                ("library", "library", False, DESKTOP),
                ("health", "health", True, DESKTOP),
                ("phone", f"?{asked}", False, PHONE),
            ):
                page = opened(browser, address, path, dark=dark, **size)
                page.screenshot(path=HERE / f"{name}.png")
                page.close()


if __name__ == "__main__":
    main()
