"""Landing pages: which links lead to the paper, and the order in which they are tried."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa.fetch.links import pdf_links

AT = "https://bakers.example/reports/warm"


def links(html: str, title: str | None = "Warm Ovens") -> tuple[str, ...]:
    return pdf_links(html, AT, title)


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("w.pdf", "https://bakers.example/reports/w.pdf"),
        ("/w.pdf", "https://bakers.example/w.pdf"),
        ("//cdn.example/w.pdf?v=1", "https://cdn.example/w.pdf?v=1"),
        (" https://cdn.example/W.PDF ", "https://cdn.example/W.PDF"),
        ("?download=pdf", "https://bakers.example/reports/warm?download=pdf"),
    ],
)
def test_a_link_is_made_absolute(href: str, address: str):
    assert links(f'<a href="{href}">pdf</a>') == (address,)


@pytest.mark.parametrize("href", ["javascript:pdf()", "mailto:a@b.example?pdf", "data:,pdf", "#"])
def test_what_is_no_web_address_is_no_link(href: str):
    assert links(f'<a href="{href}">x</a><a href="file:///w.pdf">pdf</a>') == ()


def test_only_links_that_may_lead_to_a_pdf_count():
    html = (
        '<a href="/about">About</a><a href="/a">Download</a><a href="/b">Read the report</a>'
        '<a href="/c" type="application/pdf">It</a><a href="/d.pdf">It</a><a href="/e-pdf">It</a>'
        '<a href="/f"><img alt="PDF"></a><a href="/g" aria-label="Download it"></a><a>pdf</a>'
    )
    assert {urlsplit(a).path for a in links(html)} == {
        *("/a", "/b", "/c", "/d.pdf", "/e-pdf", "/f", "/g")
    }


def test_links_are_ordered_by_the_titles_words_then_by_suffix_then_as_they_stand():
    html = (
        '<a href="/1">Download</a><a href="/2.pdf">Annex</a><a href="/3.pdf">Ovens</a>'
        '<a href="/warm-ovens">download</a><a href="/5.pdf">The <i>warm</i> oven</a>'
    )
    wanted = ["/5.pdf", "/warm-ovens", "/3.pdf", "/2.pdf", "/1"]
    assert [urlsplit(a).path for a in links(html)] == wanted
    assert [urlsplit(a).path for a in links(html, None)][:3] == ["/2.pdf", "/3.pdf", "/5.pdf"]


def test_what_meta_names_comes_first_and_each_address_once():
    html = (
        '<a href="w.pdf">Warm Ovens</a><a href="/reports/w.pdf">again</a>'
        '<META NAME="Citation_PDF_URL" CONTENT="/m.pdf"><meta name="citation_title" content="x">'
    )
    assert [urlsplit(a).path for a in links(html)] == ["/m.pdf", "/reports/w.pdf"]


def test_the_first_base_holds_and_may_be_relative():
    html = '<base href="/files/"><base href="/other/"><a href="w.pdf">pdf</a>'
    assert links(html) == ("https://bakers.example/files/w.pdf",)


@pytest.mark.parametrize(
    "part",
    ["<a ", "<a href='", "<!--", "</a", "<?", "<a b='c' ", "<a =/=/", "<img alt=x>pdf", "<script>"],
)
def test_a_page_made_to_take_long_does_not(part: str):
    """Eight times the page takes some eight times the work, not sixty-four."""

    def work(characters: int) -> float:
        began = time.process_time()
        links("<a href=x.pdf>" + part * (characters // len(part)))
        return time.process_time() - began

    assert work(2**18) < 24 * max(work(2**15), 0.003)


def test_what_a_comment_or_a_script_holds_is_no_link():
    html = (
        '<!-- <a href="1.pdf">x</a> --><SCRIPT>"<a href=2.pdf>"</script >İ<a href="3.pdf">x</a>'
        '<!-- <a href="4.pdf">'
    )
    assert [urlsplit(a).path for a in links(html)] == ["/reports/3.pdf"]


MARKUP = st.sampled_from(
    ["<a href='", "x.pdf", "'>", "</a>", "<base href=", "<!", "<![", "<!--", "<?", "&#", "//[", "<"]
)


@given(st.lists(MARKUP | st.text(max_size=5), max_size=30).map("".join))
def test_any_page_is_read(html: str):
    for link in links(html):
        assert urlsplit(link).scheme in ("http", "https")
