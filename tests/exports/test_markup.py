"""Results as Markdown, rendered, and as Word documents, reopened."""

from __future__ import annotations

import io
import itertools
import re
from html import escape
from typing import Any

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from hypothesis import example, given
from markdown_it import MarkdownIt

from reformqa import exports
from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.markdown import escaped
from reformqa.exports.printable import colophon
from support.documents import (
    NASTY,
    OVENS,
    RYE,
    bare,
    comparison,
    document,
    doubtful,
    links,
    sentence,
    texts,
    wild_documents,
)

#: CommonMark with GitHub's extensions.
RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def markdown(made: ExportDocument) -> str:
    found = exports.export(made, "markdown")
    assert isinstance(found, str)
    return found


def blocks(text: str) -> list[tuple[str, list[str], str]]:
    """Return every block of rendered Markdown: its container, its marks and its words."""
    found = []
    tokens = RENDERER.parse(text)
    for before, token in itertools.pairwise(tokens):
        assert token.type not in ("fence", "code_block", "html_block", "hr"), token.content
        if token.type == "inline":
            inner = token.children or []
            marks = [t.type for t in inner if t.type != "text"]
            words = "".join(t.content for t in inner if t.type == "text")
            found.append((f"{before.tag}{before.level}", marks, words))
    return found


EMPHASIS = ["em_open", "em_close"]
STRONG = ["strong_open", "strong_close"]
LINK = ["link_open", "link_close"]


def test_a_comparison_in_markdown():
    quote, item = "p3", "p2"  # a paragraph in a block quote in a list item
    place = "Bakers Guild 2014, Bread in Towns, p. 3, para 12 · loaves-0000000c · report"
    assert blocks(markdown(comparison())) == [
        ("h10", [], "Should towns lend ovens?"),
        ("p0", [], "One report could not be read."),
        ("h20", [], "Bakers Guild"),
        ("p0", EMPHASIS, "Bread in Towns, 2014"),
        ("p0", [], f"{OVENS} {RYE} [1][2]"),
        ("p0", [], f"{RYE} [2]"),
        ("h20", [], "Drivers & Sons"),
        ("p0", EMPHASIS, "Trams by the Sea"),
        ("p0", STRONG, "Recommendation 3: The depot should print its fares on every door. [3]"),
        ("h20", [], "Harbour Trust"),
        ("p0", EMPHASIS, "Quays. No passage found (7 passages searched)."),
        ("h20", [], "References"),
        (item, LINK, place),
        (quote, [], f"“{OVENS}”"),
        (item, LINK, place),
        (quote, [], f"“{RYE}”"),
        (item, [], "Drivers & Sons, Trams by the Sea, para 3 · trams-00000003"),
        (quote, [], "“The depot should print its fares on every door.”"),
        ("p0", [], "Index build b1, asked on 2026-11-21."),
    ]
    html = RENDERER.render(markdown(comparison()))
    assert html.count('<a href="https://example.org/loaves_1?a=1&amp;b=%20#top">') == 2
    assert html.count("<ol") == 1


def test_many_references_are_one_list():
    many = tuple(sentence(number=n) for n in range(1, 121))
    html = RENDERER.render(markdown(document(Part("Guild", "", many))))
    assert html.count("<ol") == 1
    assert html.count("<li>") == html.count("<blockquote>") == 120
    assert "<pre>" not in html


def test_an_ordinary_sentence_is_readable_in_the_source():
    plain = "In 2014 (see p. 3) the Bakers' Guild, & others - “all” - spent £41 billion: too much!"
    assert escaped(plain) == plain


def test_a_bar_could_be_a_cell_s_end_where_the_text_is_pasted():
    assert escaped("a | b") == r"a \| b"


@pytest.mark.parametrize("text", [n for n in NASTY if bare(n)])
def test_nasty_text_is_printed_as_it_is(text: str):
    for before, after in (("", ""), ("word ", " word"), ("", "\n" + text)):
        whole = f"{before}{text}{after}"
        for source in (escaped(whole), f"## {escaped(whole)}", f"1. {escaped(whole)}"):
            ((_, marks, words),) = blocks(source)
            assert marks == []
            assert bare(words) == bare(whole)


@pytest.mark.parametrize(
    "text",
    ["https://a.example", "www.a.example", "mailto:x", "ada@a.example", "a.example/x", ":x:"],
)
def test_no_address_becomes_a_link_by_itself(text: str):
    # Renderers look for these in the source, without a backslash.
    assert not re.search(r"(?<!\\)(?:://|@|\.\w|:\w)", escaped(text))


@given(wild_documents())
def test_no_text_becomes_markup(wild: ExportDocument):
    (cited,) = wild.parts[0].sentences[0].citations
    reference = [*(LINK if links(wild) else []), *(STRONG if cited.status != "verified" else [])]
    expected: list[tuple[str, list[str]]] = [
        *(("h10", []), ("p0", [])),
        *(("h20", []), ("p0", EMPHASIS), ("p0", [])),
        *(("h20", []), ("p0", EMPHASIS)),
        *(("h20", []), ("p2", reference), ("p3", []), ("p0", [])),
    ]
    found = blocks(markdown(wild))
    assert [(container, marks) for container, marks, _ in found] == expected
    html = RENDERER.render(markdown(wild))
    normal = [RENDERER.normalizeLink(link) for link in links(wild)]
    assert re.findall(r'(?:href|src)="([^"]*)"', html) == [escape(link) for link in normal]
    words = bare("".join(words for _, _, words in found))
    assert [text for text in texts(wild) if bare(text) not in words] == []
    assert f"[1]{bare('References')}" not in words  # the silent part is between them
    assert words.endswith(bare(colophon(wild.provenance)))


# Word.


def opened(made: ExportDocument) -> Any:
    content = exports.export(made, "docx")
    assert isinstance(content, bytes)
    return docx.Document(io.BytesIO(content))


def test_a_comparison_in_word():
    made = opened(comparison())
    assert [(p.style.name, p.text) for p in made.paragraphs] == [
        ("Title", "Should towns lend ovens?"),
        ("Normal", "One report could not be read."),
        ("Heading 1", "Bakers Guild"),
        ("Normal", "Bread in Towns, 2014"),
        ("Normal", f"{OVENS} {RYE}1, 2"),
        ("Normal", f"{RYE}2"),
        ("Heading 1", "Drivers & Sons"),
        ("Normal", "Trams by the Sea"),
        ("Normal", "Recommendation 3: The depot should print its fares on every door.3"),
        ("Heading 1", "Harbour Trust"),
        ("Normal", "Quays. No passage found (7 passages searched)."),
        ("Heading 1", "References"),
        *(
            (
                "List Number",
                "Bakers Guild 2014, Bread in Towns, p. 3, para 12 · loaves-0000000c · report\n"
                f"“{quote}”",
            )
            for quote in (OVENS, RYE)
        ),
        (
            "List Number",
            "Drivers & Sons, Trams by the Sea, para 3 · trams-00000003\n"
            "“The depot should print its fares on every door.”",
        ),
        ("Normal", "Index build b1, asked on 2026-11-21."),
    ]


def test_captions_are_italic_and_numbers_are_raised():
    paragraphs = opened(comparison()).paragraphs
    assert [r.italic for r in paragraphs[3].runs] == [True]
    assert [(r.text, r.font.superscript) for r in paragraphs[4].runs][1:] == [("1, 2", True)]
    assert [r.text for r in paragraphs[8].runs if r.bold] == ["Recommendation 3: "]


def test_a_report_is_linked_to():
    made = opened(comparison())
    found = [link for p in made.paragraphs for link in p.hyperlinks]
    assert [(link.text, link.url) for link in found] == [
        ("report", "https://example.org/loaves_1?a=1&b=%20#top")
    ] * 2
    kinds = [r.reltype for r in made.part.rels.values() if r.is_external]
    assert kinds == [RELATIONSHIP_TYPE.HYPERLINK]


def test_the_properties_are_the_document_s_own():
    properties = opened(comparison()).core_properties
    assert properties.title == "Should towns lend ovens?"
    assert properties.author == properties.last_modified_by == ""
    assert properties.comments == "Index build b1, asked on 2026-11-21."
    assert properties.created.date().isoformat() == "2026-11-21"


def test_a_question_longer_than_a_property_can_be():
    made = opened(document(title="Why? " * 100))
    assert len(made.core_properties.title) <= 255
    assert made.paragraphs[0].text == ("Why? " * 100).strip()


def test_a_document_asked_on_no_known_day():
    made = opened(ExportDocument("Why?", (), (), Provenance()))
    assert [p.text for p in made.paragraphs] == ["Why?"]


def test_doubt_is_shown_in_word():
    bold = [r.text for p in opened(doubtful()).paragraphs for r in p.runs if r.bold]
    assert bold == [" (repaired: dashes; space)", " (unsupported: not there)"]


@given(wild_documents())
@example(document(Part("G", "c", tuple(sentence(n, number=i) for i, n in enumerate(NASTY)))))
def test_any_text_comes_back_from_word(wild: ExportDocument):
    made = opened(wild)
    whole = bare("\n".join(p.text for p in made.paragraphs))
    assert [text for text in texts(wild) if bare(text) not in whole] == []
    assert [link.url for p in made.paragraphs for link in p.hyperlinks] == links(wild)
    styles = [p.style.name for p in made.paragraphs if p.style.name != "Normal"]
    said = sum(len(part.sentences) for part in wild.parts)
    headings = ["Heading 1"] * (len(wild.parts) + 1)
    assert styles == ["Title", *headings, *["List Number"] * said]
