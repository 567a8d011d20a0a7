"""A briefing on paper: real footnotes in Word, footnotes in Markdown and HTML, pinpoints."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from html import escape
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from lxml import etree

from reformqa import exports
from reformqa.exports.document import ExportDocument
from support.briefings import ovens
from support.documents import DOORS, OVENS, RYE, bare, wild_documents

ADDRESS = "https://reports.example.org/app"
FIRST = "Bakers Guild 2014, Bread in Towns, p. 3, para 12"
MILLER = "Ada Miller, Jörg van der Bäcker, Cabinet Office (2014). Bread in Towns: Ovens for all."


def made() -> ExportDocument:
    return replace(ovens(), address=ADDRESS).document()


def drawn(document: ExportDocument, form: str) -> str:
    return str(exports.export(document, form))


def part(data: bytes, name: str) -> Any:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return etree.fromstring(archive.read(name))


def footnotes(data: bytes) -> list[str]:
    """The texts of a Word file's footnotes, in the order of their marks in the text."""
    notes = part(data, "word/footnotes.xml")
    by_id = {n.get(qn("w:id")): "".join(n.itertext()).strip() for n in notes}
    body = part(data, "word/document.xml")
    return [by_id[mark.get(qn("w:id"))] for mark in body.iter(qn("w:footnoteReference"))]


def test_word_has_a_real_footnote_for_each_quote_with_page_paragraph_and_link():
    data = exports.to_bytes(made(), "docx")
    first, second, third = footnotes(data)
    assert first == f"{FIRST} · {ADDRESS}/?cite=loaves-0000000c:0-68&build=b1"
    assert "p. 1 (PDF page 3), para 12" in second
    assert third.startswith("Drivers & Sons, Trams by the Sea, para 3 · ")
    links = part(data, "word/_rels/footnotes.xml.rels")
    assert [link.get("TargetMode") for link in links] == ["External"] * 3


def test_word_knows_its_footnotes_as_its_own():
    data = exports.to_bytes(made(), "docx")
    notes = part(data, "word/footnotes.xml")
    kinds = [n.get(qn("w:type")) for n in notes]
    assert kinds == ["separator", "continuationSeparator", None, None, None]
    listed = part(data, "word/settings.xml").find(qn("w:footnotePr"))
    assert [n.get(qn("w:id")) for n in listed] == ["-1", "0"]
    types = part(data, "[Content_Types].xml")
    named = {t.get("PartName"): t.get("ContentType") for t in types}
    assert named["/word/footnotes.xml"].endswith("wordprocessingml.footnotes+xml")


def test_word_uses_styles_that_a_template_can_change():
    opened = docx.Document(io.BytesIO(exports.to_bytes(made(), "docx")))
    styles = {p.text.strip(): p.style.name for p in opened.paragraphs}
    assert styles["Ovens & trams"] == "Title"
    assert styles["What to lend"] == "Heading 1"
    assert styles["My own words."] == styles["And more of them."] == "Body Text"
    assert styles[f"“{OVENS}”"] == "Quote"
    assert styles[f"Recommendation 3: “{DOORS}”"] == "Quote"
    assert styles["Bibliography"] == "Heading 1"
    (entry,) = [text for text in styles if text.startswith(MILLER)]
    assert styles[entry] == "Bibliography"
    used = {s.get(qn("w:val")) for s in part_styles(exports.to_bytes(made(), "docx"))}
    assert used <= {s.style_id for s in opened.styles}


def part_styles(data: bytes) -> list[Any]:
    notes = part(data, "word/footnotes.xml")
    return [*notes.iter(qn("w:pStyle")), *notes.iter(qn("w:rStyle"))]


def test_markdown_has_footnotes_and_a_bibliography():
    lines = drawn(made(), "markdown").split("\n\n")
    assert lines[:3] == ["# Ovens & trams", f"> “{OVENS}”[^1]", "## What to lend"]
    assert lines[3:6] == ["My own words.", "And more of them.", f"> “{RYE}”[^2]"]
    assert lines[6] == f"> **Recommendation 3:** “{DOORS}”[^3]"
    notes = [line for line in lines if line.startswith("[^")]
    assert [note[:5] for note in notes] == ["[^1]:", "[^2]:", "[^3]:"]
    assert f"(<{ADDRESS}/?cite=loaves-0000000c:0-68&amp;build=b1>)" in notes[0]


def test_html_has_notes_and_a_bibliography():
    page = drawn(made(), "html")
    assert f"“{escape(OVENS)}”<sup><span title='{FIRST}'>[1]</span></sup></blockquote>" in page
    assert "cite=loaves-0000000c:0-68&amp;build=b1' target='_blank'" in page
    assert ">Notes</h4>" in page
    assert "Drivers &amp; Sons (n.d.). Trams by the Sea." in page


def test_references_have_their_pinpoints():
    items = json.loads(drawn(made(), "csl-json"))
    assert "[1] p. 3, para 12 (loaves-0000000c)" in items[0]["note"]
    assert items[0]["author"][0] == {"family": "Miller", "given": "Ada"}
    assert "N1  - [3] para 3 (trams-00000003)" in drawn(made(), "ris")
    assert "[2] p. 1 (PDF page 3)" in drawn(made(), "bibtex")


def test_a_table_has_the_heading_that_each_quote_stands_under():
    rows = exports.rows(made())
    parts = [(row[1], row[3]) for row in rows]
    assert ("", OVENS) in parts
    assert ("What to lend", "My own words.") in parts
    assert ("What to lend", DOORS) in parts
    assert {row[-2] for row in rows} == {"b1, b2"}


def test_without_an_address_a_footnote_names_the_paragraph():
    first = footnotes(exports.to_bytes(ovens().document(), "docx"))[0]
    assert first == f"{FIRST} · loaves-0000000c"
    assert f"[^1]: {FIRST} · loaves-0000000c" in drawn(ovens().document(), "markdown")


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_an_address_that_is_none_of_the_web_is_no_link(form: str):
    bad = replace(ovens(), address="javascript:alert(1)//").document()
    assert "javascript" not in drawn(bad, form)


@given(wild_documents())
def test_footnotes_hold_any_text(wild: ExportDocument):
    noted = replace(wild, footnotes=True)
    for form in ("markdown", "html", "text"):
        content = exports.to_bytes(noted, form).decode()
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\ufffe]", content)
    assert "<script" not in drawn(noted, "html")
    assert "<script" not in drawn(noted, "markdown")


@settings(max_examples=15)
@given(wild_documents())
def test_word_holds_any_text_in_its_footnotes(wild: ExportDocument):
    data = exports.to_bytes(replace(wild, footnotes=True), "docx")
    whole = "".join(part(data, "word/document.xml").itertext())
    whole += "".join(part(data, "word/footnotes.xml").itertext())
    quotes = [s.text for p in wild.parts for s in p.sentences]
    assert [text for text in quotes if bare(text) not in bare(whole)] == []
