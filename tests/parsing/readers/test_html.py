"""An HTML page becomes the blocks of its main text, and what it states about itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa import Report, UnreadableFileError
from reformqa.parsing import parse
from reformqa.parsing.readers import read_file

PROSE = "The miller let nobody near the wheel, and the flour was the better for it."
SHOWN_TAG = re.compile(r"</?(?:b|p|td|ul|li|div|table|sup|script|span|br)\b[^<>]*>", re.IGNORECASE)
TAGS = (
    *("p", "div", "ul", "ol", "li", "table", "tr", "td", "th", "h1", "h2", "b", "sup", "a", "br"),
    *("nav", "main", "blockquote", "pre", "script", "section"),
)
PIECES = st.one_of(
    st.sampled_from([f"<{t}>" for t in TAGS] + [f"</{t}>" for t in TAGS]),
    st.sampled_from(
        [
            *(
                "<!--",
                "-->",
                "<![CDATA[",
                "<td colspan=99999999>",
                "<td rowspan=-1>",
                "<li value=x>",
            ),
            *("&lt;p&gt;", "&#0;", "&amp;lt;b&gt;", "<a href='#fn1'>", "<p", "<<b>b>", PROSE, "1"),
            *("<section class=footnotes>", "<meta charset=x>", "<time datetime='x'>", "<title>"),
        ]
    ),
    st.text(max_size=20),
)


def save(folder: Path, page: str | bytes) -> Path:
    file = folder / "loaf.html"
    file.write_bytes(page if isinstance(page, bytes) else page.encode("utf-8", "replace"))
    return file


def shown(folder: Path, page: str) -> list[tuple[str, str]]:
    return [(b.kind, b.text) for b in read_file(save(folder, page)).blocks]


def read(folder: Path, page: str) -> Report:
    return parse(save(folder, page))


def test_each_kind_of_element_is_a_block(tmp_path: Path):
    page = """<h1>On <em>bread</em></h1><p>Rye <b>and</b><br>oats.</p>loose words
    <blockquote><p>Rye is king.</p></blockquote><figure><img src=x alt=no>
    <figcaption>Figure 1: Loaves</figcaption></figure><pre>x = 1</pre><dl><dt>Rye<dd>a grain</dl>"""
    assert shown(tmp_path, page) == [
        ("heading", "On bread"),
        ("body", "Rye and oats."),
        ("body", "loose words"),
        ("quote", "Rye is king."),
        ("caption", "Figure 1: Loaves"),
        ("furniture", "x = 1"),
        ("body", "Rye"),
        ("body", "a grain"),
    ]


def test_list_items_keep_their_numbers_and_nest(tmp_path: Path):
    page = """<ol start=3><li>rye<ul><li>oats</ul><li><p>bran</p><p>with salt</p></ol>
    <ol type=a><li>one<li value=4>four</ol>"""
    found = read_file(save(tmp_path, page)).blocks
    assert [(b.kind, b.label, b.text) for b in found] == [
        ("numbered", "3", "rye"),
        ("bullet", None, "oats"),
        ("numbered", "4", "bran"),
        ("body", None, "with salt"),
        ("numbered", "a", "one"),
        ("numbered", "d", "four"),
    ]


def test_a_table_keeps_empty_cells_and_those_that_cover_several(tmp_path: Path):
    page = """<table><caption>Table 1</caption><tr><th>Boat<th colspan=2>Crew
    <tr><td rowspan=2>Heron<td><td>12<tr><td><ul><li>a<li>b</ul><td></table>"""
    assert shown(tmp_path, page) == [
        ("caption", "Table 1"),
        ("table", "Boat | Crew | "),
        ("table", "Heron |  | 12"),
        ("table", "Heron | a b | "),
    ]


def test_a_table_that_arranges_the_page_is_no_table(tmp_path: Path):
    page = f"<table><tr><td><h2>Rye</h2><p>{PROSE}</p></td></tr></table>"
    assert shown(tmp_path, page) == [("heading", "Rye"), ("body", PROSE)]


AROUND = f"""<body class="has-sidebar"><header><nav><ul><li><a href=/>Home</a></ul></nav></header>
<div class="cookie-banner">We use cookies.</div><main><article><header><h1>Rye</h1></header>
<div class="share-links">Share this</div><p>{PROSE}</p><aside>Sign up</aside><script>x()</script>
<p hidden>not shown</p><form>Your e-mail</form></article></main><footer>Contact us</footer>"""


@pytest.mark.parametrize(
    "page", [AROUND, re.sub("</?(?:main|article)>", "", AROUND), AROUND.replace("main>", "div>")]
)
def test_what_surrounds_the_text_is_left_out(page: str, tmp_path: Path):
    assert shown(tmp_path, page) == [("heading", "Rye"), ("body", PROSE)]


def test_a_class_that_sounds_like_navigation_does_not_remove_the_text(tmp_path: Path):
    page = f"<div class='related content'><h1>Rye</h1><p>{PROSE}</p></div><p>Oats.</p>"
    assert ("body", PROSE) in shown(tmp_path, page)


def test_a_title_above_the_main_text_is_kept(tmp_path: Path):
    page = f"<header><h1>Rye</h1></header><main><p>{PROSE}</p></main>"
    assert shown(tmp_path, page) == [("heading", "Rye"), ("body", PROSE)]


def test_a_list_of_links_is_furniture(tmp_path: Path):
    links = "".join(f"<li><a href='#{n}'>Part {n}</a></li>" for n in "abc")
    assert {k for k, _ in shown(tmp_path, f"<ul>{links}</ul><p>{PROSE}</p>")} == {
        *("furniture", "body"),
    }


def test_text_below_the_title_is_searched_and_headings_keep_their_levels(tmp_path: Path):
    page = (
        f"<h1>Rye</h1><p>{PROSE}</p><h3>Mills</h3><p>{PROSE[:-1]} now.</p><h4>Old</h4><p>Oats.</p>"
    )
    report = read(tmp_path, page)
    assert [(s.title, s.level) for s in report.sections] == [("Rye", 1), ("Mills", 1), ("Old", 2)]
    assert all(p.searchable for p in report.paragraphs if p.kind == "body")


def test_several_top_headings_are_chapters(tmp_path: Path):
    page = f"<h1>Bread</h1><h1>Rye</h1><h2>Mills</h2><p>{PROSE}</p><h1>Oats</h1><p>They grow.</p>"
    report = read(tmp_path, page)
    assert [(s.title, s.level) for s in report.sections][1:] == [
        *(("Rye", 1), ("Mills", 2), ("Oats", 1)),
    ]


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        (
            "<sup><a href='#fn1' id='r1'>1</a></sup>",
            "<section class='footnotes'><ol><li id='fn1'>Ibid. <a href='#r1'>↩</a></ol></section>",
        ),
        (
            "<a href='#_ftn1' name='_ftnref1'>[1]</a>",
            "<p><a href='#_ftnref1' name='_ftn1'>[1]</a> Ibid.</p>",
        ),
        (
            "<a href='#footnote-1'>1</a>",
            "<div role='doc-endnotes'><p id='footnote-1'>Ibid.</p></div>",
        ),
    ],
)
def test_a_footnote_is_linked_to_its_mark(mark: str, note: str, tmp_path: Path):
    report = read(tmp_path, f"<h1>Rye</h1><p>{PROSE}{mark}</p>{note}")
    body, found = report.paragraphs[1:3]
    assert (found.kind, found.label, found.text) == ("footnote", "1", "Ibid.")
    assert (body.text, body.notes) == (PROSE, (found.id,))


def test_a_power_is_no_mark(tmp_path: Path):
    assert shown(tmp_path, "<p>900 m<sup>2</sup> and the 12<sup>th</sup></p>") == [
        ("body", "900 m² and the 12th")
    ]


CITED = """<title>Rye for all | Mill Institute</title>
<meta name=citation_author content="Ross, Eilidh">
<meta name="citation_author" content="Ada Byron">
<meta property=og:site_name content="Mill Institute">
<meta property=article:published_time content=2031-05-14T08:00Z>
<link rel=canonical href="https://mill.example/rye">"""


def test_a_page_states_its_metadata(tmp_path: Path):
    report = read(tmp_path, f"<head>{CITED}</head><body><h2>Oats</h2><p>{PROSE}</p>")
    assert (report.title, report.authors, report.publisher, report.published, report.url) == (
        *("Rye for all", ("Eilidh Ross", "Ada Byron"), "Mill Institute", "2031-05"),
        "https://mill.example/rye",
    )


def test_the_date_of_a_page_may_be_in_its_text(tmp_path: Path):
    page = f"<h1>Rye</h1><time datetime='2031-05-14'>last week</time><p>{PROSE}</p>"
    assert read(tmp_path, page).published == "2031-05"


@pytest.mark.parametrize(
    "page",
    [
        "<p>Café’s best</p>".encode("utf-8-sig"),
        "<p>Café’s best</p>".encode("utf-16"),
        "<p>Café’s best</p>".encode(),
        "<meta charset=windows-1252><p>Café’s best</p>".encode("cp1252"),
        "<?xml version='1.0' encoding='utf-8'?><html><p>Café’s best</p>".encode(),
        "<p>Café’s best</p>".encode("cp1252"),
    ],
)
def test_the_usual_encodings_are_read(page: bytes, tmp_path: Path):
    assert [b.text for b in read_file(save(tmp_path, page)).blocks] == ["Café’s best"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b" \n", "loaf.html is empty. Replace it, or remove it."),
        (b"%PDF-1.7", "is a PDF under the name of a page. Rename it to end in .pdf."),
        (b"<p>\0\0", "holds binary data, not HTML. Save the page again as HTML."),
        (b"<!-- -->", "contains no HTML. Save the page again."),
    ],
)
def test_what_is_no_page_is_refused_with_the_cure(data: bytes, message: str, tmp_path: Path):
    with pytest.raises(UnreadableFileError, match=re.escape(message)):
        read_file(save(tmp_path, data))


def test_a_page_nested_too_deeply_is_still_read(tmp_path: Path):
    assert shown(tmp_path, "<div>" * 1500 + PROSE) == [("body", PROSE)]


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_page_is_read_or_refused_and_no_tag_is_shown(tmp_path: Path, page: str):
    try:
        report = read(tmp_path, page)
    except UnreadableFileError:
        return
    for paragraph in report.paragraphs:
        assert not SHOWN_TAG.search(paragraph.text), paragraph
