"""Reports and questions are untrusted: no page turns any of their text into markup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from playwright.sync_api import Page, expect

from reformqa import Library, rebuild
from reformqa.app.html import escape, label, marked
from support.models import export_into
from support.nights import night
from support.serving import served, settle

#: Text that would be visible or run if taken for HTML, Markdown or Streamlit's own markup.
HOSTILE = (
    "<script>document.title='run'</script>",
    "<img src=x onerror=document.title='run'>",
    "![picture](https://example.org/spy.png)",
    "[link](javascript:document.title='run')",
    "https://example.org/spy www.example.org",
    "$x^2$ $$y_1$$",
    ":smile: :material/home: :red[red] :streamlit:",
    "*starred* _lined_ ~~struck~~ `code`",
)
ALL = " ".join(HOSTILE)
LAMPS = "# Lamps\n\n## Summary\n\nKeepers keep the lamps of the coast lit all night, every night.\n"
#: The elements that this text would become. The app itself uses none of them.
DRAWN = (
    "script:not([src]):not([type=module]), img[src*=spy], img[src='x'], a[href^=javascript],"
    " a[href*='example.org'], .katex, em, strong, del, span[style*='color:'],"
    " [data-testid=stMarkdownContainer] code"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Library]]:
    """Yield the address of the app with one hostile and one harmless report, and its library."""
    folder = tmp_path_factory.mktemp("hostile")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "hostile.txt").write_text(
        f"# Lamps {ALL}\n\n## Summary {ALL}\n\nLighthouses need keepers {ALL} every night.\n\n"
        f"Recommendation 1: The government should pay lighthouse keepers {ALL} in full.\n\n"
        f"## Chapter {ALL}\n\nThe lighthouse keepers of the coast are few {ALL} and tired.\n",
        encoding="utf-8",
    )
    (corpus / "catalogue.toml").write_text(
        f"[reports.hostile]\ntitle = '''Lamps {ALL}'''\npublisher = '''Coast {HOSTILE[6]}'''\n"
        f"authors = ['''{HOSTILE[0]}''']\nlicence = '''{HOSTILE[3]}'''\npublished = '2020'\n"
        "url = 'https://example.com/report'\n[reports.plain]\ntitle = 'Plain lamps'\n"
        "publisher = 'Inland'\npublished = '2021'\n",
        encoding="utf-8",
    )
    (corpus / "plain.txt").write_text(
        "# Plain lamps\n\n## Summary\n\nLighthouse keepers should be paid in full every month.\n\n"
        "Recommendation 1: The government should pay lighthouse keepers in full.\n",
        encoding="utf-8",
    )
    (corpus / "bad :smile: $x$ [a](b).pdf").write_bytes(b"no PDF")
    rebuild(corpus, export_into(folder / "index"))
    with served(folder / "index", corpus) as address:
        yield address, Library.open(folder / "index")


def addresses(library: Library) -> list[str]:
    asked = urlencode({"q": f"Who pays lighthouse keepers {ALL}?"})
    cited = library.search("Who pays the lighthouse keepers of the coast?")[0].paragraph
    one = library.recommendations()[0]
    return [
        f"?{asked}",
        f"?{urlencode({'q': 'Who pays lighthouse keepers?', 'cite': cited.id})}",
        f"?{urlencode({'q': ALL, 'publisher': ALL})}",
        f"compare?{asked}",
        "recommendations",
        f"recommendations?like={one.id}",
        f"recommendations?{urlencode({'theme': ALL, 'words': ALL})}",
        "crosswalk",
        "library",
        f"library?{urlencode({'report': 'hostile', 'section': 2})}",
        f"library?{urlencode({'report': ALL})}",
        "health",
    ]


def test_marks_in_reports_and_questions_are_shown_and_never_drawn(
    hostile: tuple[str, Library], page: Page
):
    address, library = hostile
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in addresses(library):
        page.goto(f"{address}/{path}")
        settle(page)
        assert page.title() != "run", path
        drawn = page.locator(f".stMainBlockContainer :is({DRAWN})")
        assert drawn.evaluate_all("found => found.map(e => e.outerHTML)") == [], path
        assert "😄" not in page.inner_text("body"), path
    # Streamlit gives the script of a component to the browser as a blob of the page's own.
    assert {urlsplit(url.removeprefix("blob:")).hostname for url in asked} == {"localhost"}


def test_the_marks_are_shown_as_they_are_written(hostile: tuple[str, Library], page: Page):
    address, _ = hostile
    for path in ("library?report=hostile&section=2", "recommendations"):
        page.goto(f"{address}/{path}")
        expect(page.get_by_text("Lamps").first).to_be_visible()
        settle(page)
        shown = page.inner_text("body").replace("\u2060", "")
        for mark in HOSTILE:
            assert mark in shown, path


# CommonMark shows U+FFFD for NUL.
@given(st.text(st.characters(exclude_characters="\0"), max_size=80))
def test_a_label_read_as_markdown_is_the_text_itself(text: str):
    (inline,) = MarkdownIt("commonmark", {"linkify": False}).parseInline(label(text))
    assert {child.type for child in inline.children or ()} <= {"text", "text_special"}
    read = "".join(child.content for child in inline.children or ())
    assert read.replace("\u2060", "") == " ".join(text.split()).replace("\u2060", "")


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_nothing_of_a_text_leaves_its_place_in_html(text: str, start: int, end: int):
    shown = marked(text, (start, end))
    bare = shown.replace("<mark>", "").replace("</mark>", "")
    assert bare == escape(text)
    assert "<" not in bare


def test_a_path_in_an_address_leads_nowhere(hostile: tuple[str, Library], page: Page):
    address, _ = hostile
    for path in ("../../etc/passwd", "..%2f..%2fapp.py", "media/../corpus/hostile.txt"):
        body = page.request.get(f"{address}/{path}").text()
        assert "root:" not in body
        assert "entry point" not in body
        assert "Lighthouses" not in body


ANSWERS = ("", "/library", "/_stcore/host-config", "/_stcore/health", "/healthz", "/media/no.png")
ANSWERS += ("/_stcore/metrics", "/_stcore/upload_file/a/b")


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_forbids_other_sites_to_frame_it(
    hostile: tuple[str, Library], page: Page, path: str
):
    headers = page.request.get(f"{hostile[0]}{path}").headers
    assert headers["content-security-policy"] == "frame-ancestors 'self'"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["x-content-type-options"] == "nosniff"


def test_another_site_cannot_frame_the_app(hostile: tuple[str, Library], page: Page):
    of_app = f"{hostile[0]}/library"
    with page.expect_event("requestfailed", lambda r: r.url == of_app) as refused:
        page.set_content(f"<iframe src='{of_app}'></iframe>")
    assert refused.value.failure == "net::ERR_BLOCKED_BY_RESPONSE"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/x/_stcore/metrics"])
def test_the_figures_of_the_server_are_closed(hostile: tuple[str, Library], page: Page, path: str):
    answer = page.request.get(f"{hostile[0]}{path}")
    assert answer.status == 404
    assert "bytes" not in answer.text()


def test_text_of_a_file_name_is_shown_in_health(hostile: tuple[str, Library], page: Page):
    address, _ = hostile
    page.goto(f"{address}/health")
    left_out = page.locator("[data-testid=stAlert]").first
    expect(left_out).to_be_visible()
    assert "bad :smile: $x$ [a](b).pdf" in left_out.inner_text().replace("\u2060", "")


def test_a_corpus_link_out_of_the_folder_shows_nothing_of_its_target(tmp_path: Path, page: Page):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "lamps.txt").write_text(LAMPS, "utf-8")
    night(corpus, tmp_path / "index")
    (tmp_path / "secret.txt").write_text("the combination is 1234", "utf-8")
    (corpus / "lamps.txt").unlink()
    (corpus / "lamps.txt").symlink_to(tmp_path / "secret.txt")
    with served(tmp_path / "index", corpus) as address:
        page.goto(f"{address}/library?report=lamps")
        expect(page.get_by_text("Keepers keep the lamps of the coast lit")).to_be_visible()
        assert "1234" not in page.content()
