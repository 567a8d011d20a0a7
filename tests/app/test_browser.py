"""The app in a real headless Chromium, served as by `make app` and used as by a person."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

import pytest
from docx import Document
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from reformqa import Library, rebuild
from reformqa.assistants.linked import LinkedLibrary
from support.models import export_into
from support.places import PROJECT
from support.serving import served, settle

QUESTION = "What do the think tanks want to do about targets?"
AUDIT = "What would replace the Audit Commission?"
#: A report with pages, cited by the answer to AUDIT.
PRINTED = "balancing-act"


@pytest.fixture(scope="module")
def notes(notes_index: Path) -> Iterator[str]:
    """Yield the address of the app with the reading notes."""
    with served(notes_index, PROJECT / "corpus") as address:
        yield address


@pytest.fixture(scope="module")
def printed(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a corpus of one report with pages, and its index."""
    folder = tmp_path_factory.mktemp("pages")
    corpus = folder / "corpus"
    corpus.mkdir()
    shutil.copy(shared / "corpus" / "typeset" / f"{PRINTED}.pdf", corpus)
    rebuild(corpus, export_into(folder / "index"), catalogue=PROJECT / "corpus" / "catalogue.toml")
    return folder


@pytest.fixture(scope="module")
def pages(printed: Path) -> Iterator[tuple[str, Library]]:
    """Yield the address of the app with that report, and its library."""
    index, corpus = printed / "index", printed / "corpus"
    with served(index, corpus) as address:
        yield address, Library.open(index, corpus=corpus)


def ask(page: Page, address: str, question: str) -> None:
    page.goto(address)
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def citation(page: Page, number: int) -> None:
    """Open a citation's source, and wait until it is drawn."""
    page.get_by_role("button", name=re.compile(rf"^\[{number}\] ")).click()
    expect(page.locator(".st-key-source p.cited")).to_be_visible()
    settle(page)


def follow_up(page: Page, question: str) -> None:
    settle(page)
    page.get_by_label("Follow-up question").fill(question)
    page.get_by_role("button", name="Follow up", exact=True).click()


# Asking


def test_a_question_is_typed_and_answered_with_citations(notes: str, page: Page):
    ask(page, notes, QUESTION)
    expect(page.get_by_role("button", name=re.compile(r"^\[1\] "))).to_be_visible()
    for publisher in ("Demos", "Fabian Society", "IPPR"):
        expect(page.get_by_role("heading", name=publisher, exact=True)).to_be_visible()


def test_an_example_picked_is_asked_and_answered(notes: str, page: Page, library: Library):
    page.goto(notes)
    example = library.examples[0]
    page.get_by_role("radio", name=example).click()
    expect(page.get_by_label("Your question")).to_have_value(example)
    expect(page.get_by_role("button", name=re.compile(r"^\[1\] "))).to_be_visible()


def test_a_thread_is_followed_up_shown_and_gone_back_in(notes: str, page: Page):
    first, second = "What does Demos say about targets?", "What does IPPR say about targets?"
    ask(page, notes, first)
    follow_up(page, "And IPPR?")
    expect(page.get_by_label("Your question")).to_have_value(second)
    expect(page.get_by_text("“And IPPR?” was read as the question above.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"^\[1\] IPPR"))).to_be_visible()
    address = parse_qs(urlsplit(page.url).query)
    assert (address["q"], address["after"]) == ([second], [first])
    page.reload()
    expect(page.locator(".st-key-thread").get_by_text(first)).to_be_visible()
    page.locator(".st-key-thread").get_by_role("button", name=first).click()
    expect(page.get_by_role("button", name=re.compile(r"^\[1\] Demos"))).to_be_visible()
    assert "after" not in parse_qs(urlsplit(page.url).query)


def test_a_follow_up_for_more_opens_what_is_behind_the_answer(notes: str, page: Page):
    ask(page, notes, AUDIT)
    further = page.locator('[class*="st-key-further-citations"]').first
    expect(page.get_by_text(re.compile(r"^Show \d more$"))).to_be_visible()
    expect(further).to_be_hidden()
    follow_up(page, "Show me more")
    expect(further).to_be_visible()


def test_a_new_question_starts_a_new_thread(notes: str, page: Page):
    ask(page, notes, "What does Demos say about targets?")
    follow_up(page, "And IPPR?")
    expect(page.locator(".st-key-thread")).to_be_visible()
    page.get_by_label("Your question").fill(AUDIT)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".st-key-thread")).to_have_count(0)


def test_an_empty_follow_up_is_told(notes: str, page: Page):
    ask(page, notes, AUDIT)
    follow_up(page, "?")
    expect(page.get_by_text("The question is empty.")).to_be_visible()


def test_a_citation_opens_its_paragraph_beside_the_answer(notes: str, page: Page, library: Library):
    ask(page, notes, AUDIT)
    cited = library.ask(AUDIT).sentences[0].citations[0]
    citation(page, 1)
    source = page.locator(".st-key-source")
    expect(source.locator("mark").first).to_be_visible()
    assert source.locator("mark").all_inner_texts() == [cited.quote]
    beside = source.bounding_box()
    answer = page.locator("p.quote").first.bounding_box()
    assert beside["x"] >= answer["x"] + answer["width"]
    expect(source.get_by_text("Licence")).to_be_visible()


def test_a_wide_screen_shows_the_first_source_until_it_is_closed(
    notes: str, page: Page, library: Library
):
    page.set_viewport_size({"width": 1440, "height": 900})
    ask(page, notes, AUDIT)
    first = page.locator(".st-key-first-source")
    quote = library.ask(AUDIT).sentences[0].citations[0].quote
    expect(first.locator("mark").first).to_have_text(quote)
    assert "cite" not in parse_qs(urlsplit(page.url).query)
    page.set_viewport_size({"width": 1000, "height": 900})
    expect(first).to_be_hidden()
    page.set_viewport_size({"width": 1440, "height": 900})
    settle(page)
    page.keyboard.press("Escape")
    expect(first).to_have_count(0)
    page.reload()
    expect(first).to_be_visible()


def test_quotes_are_gone_through_by_keys(notes: str, page: Page, library: Library):
    page.set_viewport_size({"width": 1440, "height": 900})
    answer = library.ask(AUDIT)
    quotes = [c for s in (*answer.sentences, *answer.more) for c in s.citations]
    ask(page, notes, AUDIT)
    settle(page)
    page.get_by_role("heading", name="Ask the reports").click()
    for key, at in (("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(page.get_by_text(f"Quote {at + 1} of {len(quotes)}")).to_be_visible()
        expect(page.locator(".st-key-source mark").first).to_be_visible()
        settle(page)
        assert parse_qs(urlsplit(page.url).query)["cite"][0].startswith(quotes[at].paragraph_id)


def test_think_tanks_are_not_hidden_behind_an_open_source(notes: str, page: Page):
    page.set_viewport_size({"width": 1440, "height": 900})
    ask(page, notes, QUESTION)
    citation(page, 1)
    beyond = page.locator(".st-key-source").bounding_box()["x"]
    columns = page.locator('.st-key-compared [data-testid="stColumn"]')
    assert columns.count() == 3
    for box in (columns.nth(n).bounding_box() for n in range(3)):
        assert box["x"] + box["width"] <= beyond


def test_the_source_is_stepped_through_and_closed_by_the_keyboard(notes: str, page: Page):
    ask(page, notes, AUDIT)
    citation(page, 1)
    source = page.locator(".st-key-source")
    here = source.locator("p.cited").inner_text()
    source.get_by_role("button", name="Next paragraph").click()
    expect(source.locator("p.context").first).to_have_text(here)
    source.get_by_role("button", name="Back to the quote").click()
    expect(source.locator("mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(source).to_have_count(0)


def test_a_citation_is_copied_with_the_address_of_the_page(notes: str, page: Page):
    ask(page, notes, AUDIT)
    citation(page, 1)
    page.get_by_role("button", name="Copy citation").click()
    expect(page.locator("code")).to_have_count(3)
    settle(page)
    told = page.locator("code").all_inner_texts()
    said = page.locator(".st-key-source mark").first.inner_text()
    assert told[0].startswith(f"“{said}” (")
    assert told[1] in told[0]
    query = parse_qs(urlsplit(told[2]).query)
    assert query["q"] == [AUDIT]
    assert query["cite"] == parse_qs(urlsplit(page.url).query)["cite"]


def test_why_a_passage_came_is_told_on_demand(notes: str, page: Page):
    ask(page, notes, AUDIT)
    citation(page, 1)
    expect(page.get_by_text(re.compile("Result number"))).to_have_count(0)
    page.get_by_text("Why this passage?").click()
    expect(page.get_by_text(re.compile(r"word by word #\d+ \(0\.\d\d\)")).first).to_be_visible()


def test_the_best_passages_open_with_their_working(notes: str, page: Page):
    ask(page, notes, QUESTION)
    page.get_by_text("Top passages and their ranking").click()
    expect(page.get_by_text(re.compile(r"meaning #\d+"))).to_have_count(10)


def test_a_section_and_a_question_of_the_visit_lead_on(notes: str, page: Page):
    ask(page, notes, AUDIT)
    citation(page, 1)
    page.get_by_role("button", name="Ask about this section").click()
    expect(page.get_by_label("Your question")).to_have_value(re.compile("^What does .* say about"))
    expect(page.locator(".st-key-source")).to_have_count(0)
    page.get_by_role("button", name="Recent questions").click()
    page.get_by_role("button", name=AUDIT).click()
    expect(page.get_by_label("Your question")).to_have_value(AUDIT)


def test_filters_are_kept_in_the_address_and_restrict_the_answer(notes: str, page: Page):
    page.goto(f"{notes}/?{urlencode({'q': 'targets', 'publisher': 'IPPR'})}")
    cited = page.get_by_role("button", name=re.compile(r"^\[\d+\] "))
    expect(cited.first).to_be_visible()
    settle(page)
    assert all(" IPPR 2023" in text for text in cited.all_inner_texts())
    expect(page.get_by_text("Filtered by IPPR")).to_be_visible()


def test_a_filter_chosen_asks_again_and_goes_into_the_address(notes: str, page: Page):
    ask(page, notes, "What is said about targets?")
    expect(page.get_by_role("button", name=re.compile(r"^\[1\] "))).to_be_visible()
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Think tank").click()
    page.get_by_role("option", name="Fabian Society").click()
    expect(page.get_by_text("Filtered by Fabian Society")).to_be_visible()
    page.wait_for_url(re.compile("publisher=Fabian"))
    page.keyboard.press("Escape")
    first = page.get_by_role("button", name=re.compile(r"^\[1\] "))
    expect(first).to_contain_text("Fabian Society 2014")


# The page


def test_the_marked_words_are_seen_on_their_page(pages: tuple[str, Library], page: Page):
    address, library = pages
    answer = library.ask(AUDIT)
    ask(page, address, AUDIT)
    citation(page, 1)
    picture = page.locator(".st-key-source img").first
    expect(picture).to_be_visible()
    cited = answer.sentences[0].citations[0]
    expect(picture).to_have_attribute("alt", re.compile(rf"^Page {cited.page} .*words marked$"))
    response = page.request.get(urljoin(address, picture.get_attribute("src")))
    drawn = Image.open(BytesIO(response.body())).convert("RGB")
    yellow = sum(r > 230 and g > 200 and b < 170 for r, g, b in drawn.get_flattened_data())
    assert yellow > 0.001 * drawn.width * drawn.height
    shown = picture.bounding_box()
    assert shown["width"] > 300


def test_the_pdf_opens_at_the_page(pages: tuple[str, Library], page: Page):
    address, library = pages
    ask(page, address, AUDIT)
    citation(page, 1)
    cited = library.ask(AUDIT).sentences[0].citations[0]
    link = page.get_by_role("link", name=f"Open the PDF at page {cited.page}")
    expect(link).to_be_visible()
    target = urljoin(address, link.get_attribute("href"))
    assert target.endswith(f"#page={cited.page}")
    assert page.request.get(target).body() == library.source_file(PRINTED).read_bytes()


def test_the_library_shows_covers_and_a_report_is_read_through(
    pages: tuple[str, Library], page: Page
):
    address, library = pages
    page.goto(f"{address}/library")
    expect(page.get_by_alt_text("Cover of Balancing Act")).to_be_visible()
    page.get_by_role("button", name="Read", exact=True).click()
    report = library.report(PRINTED)
    titled = [s for s in report.sections if s.span[1] - s.span[0] > 3][3]
    page.locator(".st-key-tree").get_by_role("button", name=titled.title).first.click()
    expect(page.get_by_role("heading", name=titled.title)).to_be_visible()
    own = next(p for p in report.paragraphs[slice(*titled.span)] if p.kind == "body")
    expect(page.locator("p.reading", has_text=own.text[:50])).to_be_visible()


def test_a_file_gone_from_the_corpus_is_told_and_the_text_still_shown(
    printed: Path, page: Page, tmp_path: Path
):
    with served(printed / "index", tmp_path) as address:
        ask(page, address, AUDIT)
        citation(page, 1)
        expect(page.get_by_text(re.compile("is not in the corpus folder"))).to_be_visible()
        expect(page.locator(".st-key-source mark")).to_be_visible()


# Comparing


def test_think_tanks_stand_side_by_side_and_silence_is_said(notes: str, page: Page):
    page.goto(f"{notes}/compare?q={quote('volcanoes and glaciers')}")
    expect(page.get_by_text("No passage found")).to_have_count(3)
    for publisher in ("Demos", "Fabian Society", "IPPR"):
        expect(page.get_by_role("heading", name=publisher, exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile(r"Going Public, 2014"))).to_be_visible()


def test_a_topic_of_the_table_of_coverage_opens_its_comparison(
    notes: str, page: Page, library: Library
):
    coverage = library.coverage()
    page.goto(f"{notes}/compare")
    page.get_by_text("Who speaks on what?").click()
    topic = coverage.comparisons[0].question
    expect(page.get_by_role("button", name=topic, exact=True)).to_be_visible()
    assert page.locator('.st-key-matrix [class*="st-key-shade"]').count() == sum(
        row.found for c in coverage.comparisons for row in c
    )
    page.get_by_role("button", name=topic, exact=True).click()
    expect(page.get_by_label("Topic")).to_have_value(topic)
    expect(page.locator(".st-key-compared")).to_be_visible()


def test_an_answer_is_downloaded_as_a_word_file(notes: str, page: Page):
    page.goto(f"{notes}/?q={quote(QUESTION)}")
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Word").click()
    paragraphs = [p.text for p in Document(download.value.path()).paragraphs]
    assert QUESTION in paragraphs
    assert {"Demos", "Fabian Society", "IPPR"} <= set(paragraphs)


def test_the_crosswalk_page_sets_recommendations_side_by_side(
    notes: str, page: Page, library: Library
):
    page.goto(f"{notes}/crosswalk")
    walk = library.crosswalk()
    levels = page.get_by_role("heading", name=re.compile(r" Similarity \d\.\d\d$"))
    expect(levels).to_have_count(len(walk.groups))
    settle(page)
    told = [f"{walk.level(g)} Similarity {g.similarity:.2f}" for g in walk.groups]
    assert levels.all_inner_texts() == told
    for match in walk:
        for side in (match.one, match.other):
            expect(page.locator("p.quote", has_text=side.text[:60]).first).to_be_visible()


def test_a_think_tank_keeps_its_column_through_the_crosswalk(
    notes: str, page: Page, library: Library
):
    page.goto(f"{notes}/crosswalk?least=0.30")
    walk = library.crosswalk(least=0.3)
    assert len({g.publishers for g in walk.groups}) > 1
    first = page.get_by_role("heading", level=3)
    expect(first).to_have_count(sum(len(g.publishers) for g in walk.groups))
    settle(page)
    lefts: dict[str, set[int]] = {}
    for heading in first.all():
        box = heading.bounding_box()
        assert box
        lefts.setdefault(heading.inner_text(), set()).add(round(box["x"]))
    assert set(lefts) == set(walk.publishers)
    assert all(len(places) == 1 for places in lefts.values())
    assert sorted(lefts, key=lambda name: min(lefts[name])) == list(walk.publishers)


def test_the_table_behind_the_crosswalk_opens(notes: str, page: Page):
    page.goto(f"{notes}/crosswalk")
    page.get_by_text("As a table").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


# Recommendations


def test_a_cell_of_the_themes_opens_its_list(notes: str, page: Page, library: Library):
    page.goto(f"{notes}/recommendations")
    theme = library.themes[0]
    publishers = {r.id: r.publisher for r in library.reports}
    own = [r for r in theme.recommendations if publishers[r.report_id] == "Demos"]
    expect(page.get_by_text(f"{len(library.recommendations())} recommendations")).to_be_visible()
    page.locator(".st-key-matrix").get_by_role("button", name=str(len(own)), exact=True).locator(
        "visible=true"
    ).first.click()
    expect(page.get_by_role("heading", name=f"{theme.name} Demos")).to_be_visible()
    expect(page.locator(".st-key-list p.quote")).to_have_count(len(own))


def test_recommendations_are_narrowed_down_by_words_and_matter(
    notes: str, page: Page, library: Library
):
    page.goto(f"{notes}/recommendations?words=workforce")
    count = len(library.recommendations(containing="workforce"))
    expect(page.get_by_text(re.compile(rf"^{count} recommendations?$"))).to_be_visible()
    box = page.get_by_label("Contains words")
    expect(box).to_have_value("workforce")
    box.fill("")
    box.press("Enter")
    expect(page.get_by_text(f"{len(library.recommendations())} recommendations")).to_be_visible()
    matter = page.get_by_label("Topic")
    matter.fill("workforce commission")
    matter.press("Enter")
    about = len(library.recommendations(about="workforce commission"))
    expect(page.get_by_text(re.compile(rf"^{about} recommendations?$"))).to_be_visible()
    expect(page.get_by_text("Recommendation 21").first).to_be_visible()


def test_a_recommendation_is_set_beside_similar_ones_elsewhere(
    notes: str, page: Page, library: Library
):
    one = next(iter(library.crosswalk())).one
    page.goto(f"{notes}/recommendations?like={one.id}")
    beside = page.locator(".st-key-like")
    expect(beside.get_by_text(one.text[:60])).to_be_visible()
    for similar in library.similar(one.id):
        expect(beside.get_by_text(similar.recommendation.text[:60]).first).to_be_visible()


# Addresses


def test_a_permalink_that_an_assistant_was_given_opens_its_quote(
    notes: str, library: Library, page: Page
):
    of = LinkedLibrary(library, notes)
    sentence = library.ask(AUDIT).sentences[0]
    cited = of.cited(sentence.citations[0])
    page.goto(cited.permalink)
    expect(page.locator(".st-key-source mark")).to_have_text(cited.quote)
    page.goto(of.report(of.infos[cited.report_id]).permalink)
    expect(page.get_by_role("heading", name=cited.report_title, exact=True)).to_be_visible()


def test_a_colleague_who_gets_the_address_sees_the_same(notes: str, page: Page, browser: Browser):
    ask(page, notes, AUDIT)
    citation(page, 2)
    expect(page.locator(".st-key-source mark")).to_be_visible()
    colleague = browser.new_page(viewport={"width": 1280, "height": 1000})
    colleague.goto(page.url)
    expect(colleague.locator(".st-key-source mark")).to_be_visible()
    settle(colleague)
    for place in ("mark", ".st-key-source p.cited"):
        expect(colleague.locator(place).first).to_be_visible()
        assert colleague.locator(place).all_inner_texts() == page.locator(place).all_inner_texts()
    quotes = colleague.locator("p.quote").all_inner_texts()
    assert quotes == page.locator("p.quote").all_inner_texts()
    colleague.close()


def test_going_back_in_the_browser_shows_the_question_before(notes: str, page: Page):
    ask(page, notes, AUDIT)
    first = page.locator("p.quote").first.inner_text()
    page.get_by_label("Your question").fill("Why not just spend more?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("p.quote").first).not_to_have_text(first)
    page.go_back()
    expect(page.get_by_label("Your question")).to_have_value(AUDIT)
    expect(page.locator("p.quote").first).to_have_text(first)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("?q=targets&publisher=Nobody", "asks for the publisher “Nobody”"),
        ("?q=targets&from=1066", "asks for the year “1066”"),
        ("?cite=going-public-00000000", "There is no report going-public"),
        ("?cite=../../etc/passwd", "does not cite a place in a report"),
        ("library?report=../../etc", "There is no report"),
    ],
)
def test_an_address_that_leads_nowhere_says_so(notes: str, page: Page, path: str, told: str):
    page.goto(f"{notes}/{path}")
    expect(page.locator("[data-testid=stAlert]", has_text=told).first).to_be_visible()
    expect(page.locator("p.quote")).to_have_count(0)


def test_what_is_like_no_recommendation_of_the_library_says_so_above_them_all(
    notes: str, page: Page
):
    page.goto(f"{notes}/recommendations?like=nothing")
    told = page.locator("[data-testid=stAlert]", has_text="not in this library")
    expect(told.first).to_be_visible()
    expect(page.locator("p.quote").first).to_be_visible()


# Failing


def test_a_missing_index_is_told_with_its_cure(page: Page, tmp_path: Path, notes_index: Path):
    index = tmp_path / "index"
    shutil.copytree(notes_index, index)
    with served(index, PROJECT / "corpus") as address:
        shutil.rmtree(index)
        page.goto(address)
        expect(page.get_by_text("reformqa rebuild").first).to_be_visible()
        assert "Traceback" not in page.inner_text("body")
