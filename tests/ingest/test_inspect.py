"""The parse report of a file, on the command line and on its pages in a real Chromium."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Locator, Page, expect
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, RectangleObject
from typer.testing import CliRunner

from reformqa import CallerError, Paragraph, Region, Report, UnreadableFileError, cli
from reformqa.ingest.inspect import inspect, read_report, rows, write_html
from reformqa.model import Guess, ParseQuality, Section
from reformqa.parsing.readers.pdf.ocr import TAIL, TALL
from reformqa.settings import DrawingSettings
from support import bombs
from support.makers import paragraph, report
from support.pdfs import width
from support.tesseract import FakeTesseract, table

WIDTH, HEIGHT = 600, 800
Box = tuple[float, float, float, float]
#: Text, size, left edge and the baseline's distance from the top of the page.
HARBOUR = (
    ("Boats in the harbour", 20, 60, 90),
    ("The ferry leaves the long quay at six in the morning, and comes back at dusk", 11, 60, 130),
    ("with the baskets that the islanders weave in winter.", 11, 60, 144),
    ("A second boat carries nothing but flour, salt and the post, on Mondays only.", 11, 60, 180),
)
NOTE = """# Ferries [red] and Boats

## The [b]quay[/b]

The ferry leaves the long quay at six in the morning, and comes back at dusk with baskets.

## Recommendations

- The [i]council[/i] should mend the long quay before the winter storms.
"""


def draw(file: Path, *, pages: int = 1, turn: int = 0, crop: Box | None = None) -> Path:
    """Draw a PDF with the harbour's lines on each page, rotated and cropped on request.

    `crop` is measured like places: from the top left of the page as shown.
    """
    sideways = turn in (90, 270)
    wide, high = (HEIGHT, WIDTH) if sideways else (WIDTH, HEIGHT)

    def point(x: float, top: float) -> tuple[float, float]:
        turned = {0: (x, high - top), 90: (top, x), 180: (wide - x, top)}
        return turned.get(turn, (wide - top, high - x))

    across = {0: "1 0 0 1", 90: "0 1 -1 0", 180: "-1 0 0 -1", 270: "0 -1 1 0"}[turn]
    lines = []
    for text, size, left, top in HARBOUR:
        x, y = point(left, top)
        lines.append(f"BT /F {size} Tf {across} {x} {y} Tm ({text}) Tj ET")
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    named = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(wide, high)
        fonts = DictionaryObject({NameObject("/F"): named})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data("\n".join(lines).encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)
        if crop:
            corners = [point(*crop[:2]), point(*crop[2:])]
            (x0, x1), (y0, y1) = map(sorted, zip(*corners, strict=True))
            page.cropbox = RectangleObject((x0, y0, x1, y1))
        page.rotate(turn)
    writer.write(file)
    return file


def marked(number: int, text: str, *places: Region, **changes: object) -> Paragraph:
    """Return a paragraph with that number and those places."""
    return paragraph(text, id=f"made-{number:08}", number=number, places=places, **changes)


HEADING = (55.0, 70.0, 300.0, 95.0)
FERRY = (55.0, 118.0, 520.0, 148.0)
POST = (55.0, 168.0, 480.0, 184.0)


def made_report() -> Report:
    """Return a report with hostile text, a paragraph on two pages, and one without a place."""
    text = "The ferry 🛶 leaves at six. Then <script>document.title='run'</script> it returns."
    cut = text.index(" Then")
    return report(
        marked(1, "Boats & <b>harbours</b>", Region(1, HEADING, (0, 23)), kind="heading"),
        marked(
            2,
            text,
            Region(1, FERRY, (0, cut)),
            Region(2, FERRY, (cut, len(text))),
            section_path=("Boats & <b>harbours</b>", "Ferries"),
            notes=("made-00000004",),
        ),
        marked(3, "Flour, salt and the post.", Region(2, POST, (0, 25)), kind="bullet"),
        marked(4, "See the almanac.", Region(2, (55, 700, 200, 715), (0, 16)), kind="footnote",
               label="7"),
        marked(5, "</script> lost at sea", kind="quote"),
        sections=(Section("Boats & <b>harbours</b>", 1, "chapter", None, (0, 5)),),
        title="Boats & <i>Harbours</i>",
        guesses={"title": Guess("the cover", 0.8), "publisher": Guess("the imprint", 0.6)},
        warnings=("publisher not found", "page 2 read by OCR: the text may contain errors"),
        reading=ParseQuality(pages=2, headings="type", ocr=(2,), verdict="check",
                        advice=("page 2 read by OCR: the text may contain errors",)),
    )  # fmt: skip


def refused(monkeypatch, capsys, *arguments: str | Path) -> tuple[int | None, str]:
    """Return the exit status and the error output; there is no other output."""
    monkeypatch.setattr(sys, "argv", ["reformqa", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    captured = capsys.readouterr()
    assert captured.out == ""
    return ended.value.code, captured.err


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(cli.app, [*map(str, arguments)])
    assert result.exception is None
    return result.stdout


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A Markdown file with square brackets in its text."""
    file = tmp_path / "ferries.md"
    file.write_text(NOTE, encoding="utf-8")
    return file


# The parse report


def test_the_parse_report_lists_the_parse_quality():
    reading = ParseQuality(
        pages=90,
        columns=2,
        headings="outline",
        footnotes=9,
        linked=8,
        furniture=4,
        joined=3,
        searched=0.95,
        bare=(1, 2, 3, 7),
        broken=(9,),
        layered=(5, 6),
        ocr=(8,),
    )
    found = dict(rows(inspect(report(paragraph(), paragraph(kind="table"), reading=reading))))
    assert found == {
        "title": "Made Report",
        "authors": "not found",
        "publisher": "Maker",
        "published": "2024-05",
        "pages": "90",
        "columns": "2",
        "heading levels from": "the file's outline (bookmarks)",
        "paragraphs": "2: 1 body, 1 table",
        "recommendations": "0",
        "footnotes": "9, 8 of them linked to a mark",
        "page furniture": "4",
        "words searched": "95%",
        "joined across pages": "3",
        "pages without text": "pages 1 to 3 and 7",
        "unreadable pages": "page 9",
        "invisible text layer": "pages 5 to 6",
        "read by OCR": "page 8",
        "without a place": "2 paragraphs",
    }


def test_the_parse_report_of_a_text_file_has_no_lines_about_pages(note: Path):
    found = dict(rows(inspect(read_report(note))))
    assert found["title"] == "Ferries [red] and Boats (from the first heading, possible)"
    assert found["recommendations"] == "1"
    assert not found.keys() & {"pages", "columns", "joined across pages", "without a place"}


def test_sections_have_levels_pages_and_counts():
    (section,) = inspect(made_report()).sections
    assert (section.level, section.kind, section.page, section.paragraphs) == (1, "chapter", 1, 5)


def test_a_warning_that_is_also_advice_is_listed_once():
    assert inspect(made_report()).warnings == ("publisher not found",)


def test_the_catalogue_beside_the_file_is_used_and_another_may_be_named(note: Path, tmp_path: Path):
    entry = '[reports.ferries]\ntitle = "Quays"\npublisher = "Bakers"\n'
    (tmp_path / "catalogue.toml").write_text(entry, encoding="utf-8")
    other = tmp_path / "other.toml"
    named = entry.replace("ferries", "notes-on-ferries").replace("Quays", "Ferries red and boats")
    other.write_text(named, encoding="utf-8")
    assert read_report(note).title == "Quays"
    by_title = read_report(note, catalogue=other)
    assert (by_title.title, by_title.publisher) == ("Ferries red and boats", "Bakers")


# On the command line


def test_the_parse_report_is_printed_with_its_brackets_as_they_are(note: Path):
    text = run("inspect", note)
    assert text.startswith("ferries.md: good\n  – publisher not found")
    assert (
        "                  title  Ferries [red] and Boats (from the first heading, possible)\n"
        in text
    )
    assert "  The [b]quay[/b]  level 1\n" in text


def test_the_parse_report_as_json_is_the_inspection(tmp_path: Path):
    file = draw(tmp_path / "harbour.pdf")
    found = json.loads(run("inspect", file, "--json"))
    assert (found["id"], found["source"], found["reading"]["pages"]) == (
        *("harbour", "harbour.pdf"),
        1,
    )
    assert found["kinds"] == {"body": 2, "heading": 1}
    assert [(s["title"], s["page"]) for s in found["sections"]] == [("Boats in the harbour", 1)]


def test_the_page_is_written_and_its_size_printed(tmp_path: Path):
    file, out = draw(tmp_path / "harbour.pdf"), tmp_path / "out.html"
    result = CliRunner().invoke(cli.app, ["inspect", str(file), "--html", str(out)])
    assert result.exception is None
    assert result.stderr == f"Written: {out} (0.0 MB)\n"
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_scan_is_read_where_ocr_is_asked_for(tmp_path: Path, monkeypatch):
    dots = 4  # a point
    words = [
        (
            n,
            dots * left,
            round(dots * (top - TALL * size)),
            round(dots * width(text, size)),
            round(dots * (TALL + TAIL * bool(set(text) & set("gjpqy,"))) * size),
            95,
            text,
        )
        for n, (text, size, left, top) in enumerate(HARBOUR)
    ]
    fake = FakeTesseract(tmp_path / "bin", table(words, dots * WIDTH, dots * HEIGHT))
    monkeypatch.setenv("PATH", str(fake.folder))
    with pypdfium2.PdfDocument(draw(tmp_path / "harbour.pdf")) as pdf:
        image = pdf[0].render(scale=200 / 72, grayscale=True).to_pil()
    image.save(tmp_path / "scan.pdf", resolution=200)
    found = json.loads(run("inspect", tmp_path / "scan.pdf", "--ocr", "--json"))
    assert (found["reading"]["ocr"], found["kinds"]) == ([1], {"body": 2, "heading": 1})


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("absent.pdf",), 2, "Error: There is no file absent.pdf. Check the path.\n"),
        (
            ("ferries.odt",),
            2,
            "Error: ferries.odt is not one of .txt, .md, .docx, .html, .htm, .pdf.\n",
        ),
        (("torn.pdf",), 1, "Error: torn.pdf is not a PDF, whatever its name says."),
        (
            ("ferries.md", "--html", "o.html"),
            2,
            "--html shows the pages of a PDF; ferries.md",
        ),
        (("boats.pdf", "--html", "boats.pdf"), 2, "Error: --html would overwrite boats.pdf."),
        (("boats.pdf", "--html", "no/o.html"), 2, "Error: no/o.html cannot be written: No such"),
        (("boats.pdf", "--catalogue", "no.toml"), 2, "There is no catalogue file no.toml."),
    ],
)
def test_what_cannot_be_inspected_is_reported_in_one_line(
    note: Path, monkeypatch, capsys, arguments: tuple[str, ...], status: int, said: str
):
    monkeypatch.chdir(note.parent)
    draw(Path("boats.pdf"))
    Path("torn.pdf").write_bytes(b"torn")
    Path("ferries.odt").write_bytes(b"x")
    assert (found := refused(monkeypatch, capsys, "inspect", *arguments))[0] == status
    assert said in found[1]
    assert found[1].count("\n") == 1


def test_a_pdf_that_cannot_be_drawn_is_refused_and_nothing_is_written(tmp_path: Path):
    (tmp_path / "torn.pdf").write_bytes(b"torn")
    with pytest.raises(UnreadableFileError, match=r"torn\.pdf cannot be drawn"):
        write_html(made_report(), tmp_path / "torn.pdf", tmp_path / "out.html")
    assert not (tmp_path / "out.html").exists()


def test_a_page_that_never_ends_says_why_it_is_not_shown_and_the_others_are(tmp_path: Path):
    (tmp_path / "bomb.pdf").write_bytes(bombs.tiles())
    writer = PdfWriter()
    writer.append(draw(tmp_path / "made.pdf"))
    writer.append(tmp_path / "bomb.pdf")
    writer.write(tmp_path / "both.pdf")
    out = tmp_path / "out.html"
    limits = DrawingSettings(seconds=2)
    write_html(made_report(), tmp_path / "both.pdf", out, limits)
    first, second = out.read_text(encoding="utf-8").split('<section class="page" id="page-')[1:]
    assert "data:image/png" in first
    assert "both.pdf cannot be drawn: it took longer than 2 processor seconds" in second
    assert 'class="box body"' in second  # its paragraphs have their boxes all the same


def test_only_a_pdf_has_pages_to_show(note: Path, tmp_path: Path):
    with pytest.raises(CallerError, match=r"pages of a PDF; ferries\.md has none"):
        write_html(made_report(), note, tmp_path / "out.html")


# In the browser


@pytest.fixture(scope="module")
def browser_page(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": 1400, "height": 1400})


@pytest.fixture
def made(tmp_path: Path, browser_page: Page) -> Page:
    """The browser, showing the made report."""
    write_html(made_report(), draw(tmp_path / "made.pdf", pages=2), tmp_path / "made.html")
    browser_page.goto((tmp_path / "made.html").as_uri())
    return browser_page


def box(page: Page, number: int, part: int = 0) -> Locator:
    return page.locator(f".box[data-id='made-{number:08}'][data-part='{part}']")


def rectangle(found: Locator) -> Box:
    """Return its place in the window: left, top, width, height."""
    place = found.bounding_box()
    assert place is not None
    return (place["x"], place["y"], place["width"], place["height"])


def test_a_box_is_on_its_page_at_the_paragraphs_place(made: Page):
    left, top, wide, high = rectangle(made.locator("#page-1 .sheet"))
    assert high / wide == pytest.approx(HEIGHT / WIDTH, abs=0.002)
    scale = wide / WIDTH
    x0, y0, x1, y1 = FERRY
    assert rectangle(box(made, 2)) == pytest.approx(
        (left + scale * x0, top + scale * y0, scale * (x1 - x0), scale * (y1 - y0)), abs=1
    )


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (40, 50, 530, 300)])
def test_the_boxes_of_what_was_read_cover_the_words_and_nothing_else_is_dark(
    tmp_path: Path, browser_page: Page, turn: int, crop: Box | None
):
    file = draw(tmp_path / "boats.pdf", turn=turn, crop=crop)
    found = read_report(file)
    assert [p.kind for p in found.paragraphs] == ["heading", "body", "body"]
    write_html(found, file, tmp_path / "out.html")
    browser_page.goto((tmp_path / "out.html").as_uri())
    boxes = [rectangle(b) for b in browser_page.locator(".box").all()]
    browser_page.get_by_role("button", name="None").click()
    sheet = browser_page.locator(".sheet")
    left, top, _, _ = rectangle(sheet)
    seen = Image.open(io.BytesIO(sheet.screenshot())).convert("L")
    pen = ImageDraw.Draw(seen)
    for x, y, wide, high in boxes:
        area = (x - left - 1, y - top - 1, x - left + wide + 1, y - top + high + 1)
        darkest, _ = seen.crop([round(v) for v in area]).getextrema()
        assert darkest < 100
        pen.rectangle(area, fill=255)
    inner = seen.crop((3, 3, seen.width - 3, seen.height - 3))
    assert inner.getextrema()[0] > 200


def test_pointing_at_a_box_shows_its_paragraph_and_lights_all_its_parts(made: Page):
    box(made, 2, part=1).hover()
    detail = made.locator("#detail")
    expect(detail.locator("h2")).to_have_text("Paragraph 2body")
    expect(detail.locator(".path")).to_have_text("Boats & <b>harbours</b> › Ferries")
    expect(detail.locator(".text")).to_have_text(made_report().paragraphs[1].text)
    expect(detail.locator("mark")).to_have_text(
        "Then <script>document.title='run'</script> it returns."
    )
    expect(detail).to_contain_text("made-00000002")
    expect(detail).to_contain_text("pages 1, 2 (2 parts)")
    expect(detail).to_contain_text("note 7See the almanac.")
    expect(made.locator(".box.on")).to_have_count(2)
    assert made.title() == "Boats & <i>Harbours</i>: parse report"


def test_unchecking_a_kind_hides_its_boxes_and_none_hides_them_all(made: Page):
    made.get_by_role("checkbox", name="bullet").uncheck()
    expect(box(made, 3)).to_be_hidden()
    expect(box(made, 2)).to_be_visible()
    made.get_by_role("button", name="None").click()
    expect(made.locator(".box:visible")).to_have_count(0)
    made.get_by_role("button", name="All").click()
    expect(made.locator(".box:visible")).to_have_count(5)


def test_the_legend_counts_each_kind(made: Page):
    labels = made.locator("form label:has([data-kind])").all_inner_texts()
    assert sorted(" ".join(label.split()) for label in labels) == [
        *("body 1", "bullet 1", "footnote 1", "heading 1", "quote 1"),
    ]


def test_reading_order_is_shown_beside_the_boxes_and_can_be_hidden(made: Page):
    assert made.locator(".box span").all_inner_texts() == ["1", "2", "…2", "3", "4"]
    made.get_by_role("checkbox", name="Reading order").uncheck()
    expect(made.locator(".box span").first).to_be_hidden()


def test_arrow_keys_go_through_the_boxes_in_reading_order(made: Page):
    box(made, 1).focus()
    expect(made.locator("#detail h2")).to_have_text("Paragraph 1heading")
    made.get_by_role("checkbox", name="bullet").uncheck()
    box(made, 1).focus()
    for _ in range(3):
        made.keyboard.press("ArrowDown")
    expect(box(made, 4)).to_be_focused()  # past both parts of 2 and the hidden bullet
    expect(made.locator("#detail h2")).to_have_text("Paragraph 4footnote")
    made.keyboard.press("ArrowUp")
    expect(box(made, 2, part=1)).to_be_focused()


def test_a_click_keeps_a_paragraph_until_escape(made: Page):
    box(made, 2).click()
    box(made, 1).hover()
    expect(made.locator("#detail h2")).to_have_text("Paragraph 2body")
    made.keyboard.press("Escape")
    box(made, 3).hover()
    expect(made.locator("#detail h2")).to_have_text("Paragraph 3bullet")


def test_each_page_has_a_link_that_says_what_is_odd_about_it(made: Page):
    links = made.get_by_role("navigation", name="Pages").get_by_role("link")
    assert [link.get_attribute("aria-label") for link in links.all()] == [
        *("Page 1", "Page 2, read by OCR"),
    ]
    links.last.click()
    expect(made.locator("#page-2")).to_be_in_viewport()
    expect(links.last).to_have_attribute("aria-current", "page")
    expect(made.locator("#page-2 h3")).to_contain_text("read by OCR")


def test_the_parse_report_is_at_the_top_and_a_section_links_to_its_page(made: Page):
    head = made.locator("body > header")
    expect(head).to_contain_text("Verdict: check")
    advice = head.locator(".advice li").all_inner_texts()
    assert advice == ["page 2 read by OCR: the text may contain errors", "publisher not found"]
    made.locator("summary", has_text="Sections (1)").click()
    made.get_by_role("link", name="Boats & <b>harbours</b>").click()
    expect(box(made, 1)).to_have_class("box heading on")


def test_a_paragraph_without_a_place_is_listed_and_markup_in_it_is_not_run(made: Page):
    lost = made.locator(".placeless li")
    assert lost.all_inner_texts() == ["quote 5. </script> lost at sea made-00000005"]
    assert made.title() != "run"


def test_the_page_asks_for_nothing_and_raises_nothing(tmp_path: Path, browser_page: Page):
    write_html(made_report(), draw(tmp_path / "made.pdf", pages=2), tmp_path / "made.html")
    asked: list[str] = []
    raised: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url.split(":")[0]))
    browser_page.on("pageerror", lambda error: raised.append(str(error)))
    browser_page.on("console", lambda message: raised.append(message.text))
    browser_page.goto((tmp_path / "made.html").as_uri())
    browser_page.locator(".box").first.hover()
    assert (set(asked) - {"data"}, raised) == ({"file"}, [])


def test_a_typeset_report_of_25_pages_stays_below_four_megabytes(shared: Path, tmp_path: Path):
    file = shared / "corpus" / "typeset" / "smarter-state.pdf"
    write_html(read_report(file), file, tmp_path / "out.html")
    assert (tmp_path / "out.html").stat().st_size < 4_000_000
