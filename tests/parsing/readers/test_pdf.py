"""A PDF's text layer becomes paragraphs with page and box; a PDF without one is refused."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from reformqa import Report, UnreadableFileError
from reformqa.parsing import parse
from reformqa.parsing.readers.pdf.characters import MOST_CHARACTERS
from support.pdfs import (
    DOT,
    LEFT,
    Sheet,
    content_of,
    one,
    pdf,
    picture,
    rectangle,
    report,
    set_lines,
    stroke,
    text,
    width,
    wrapped,
)

SIDES = ("north", "south", "east", "west")
KITES = "A kite that is flown from the {0} quay takes twenty metres of line and comes down at dusk."
NOBODY = "Nobody on the {0} quay counts kites, and nobody will do so while the wind is {0}."
MEASURE = 500


def kite_page(number: int, *more: str) -> str:
    """Return a page with a running head, a heading, two paragraphs and a page number."""
    side = SIDES[number - 1]
    return "\n".join(
        [
            text("Kites over the bay", LEFT, 30, 9),
            text(f"The {side} wind", LEFT, 70, 16),
            set_lines(wrapped(KITES.format(side) + " It is not missed.", 300), 100),
            set_lines(wrapped(NOBODY.format(side), 300), 150),
            text(str(number), LEFT, 780, 9),
            *more,
        ]
    )


def kite_report(folder: Path) -> Report:
    return report(folder, *map(kite_page, (1, 2, 3, 4)))


def refusal(path: Path) -> str | None:
    """Return why the file is refused, or None if it is read."""
    try:
        parse(path)
    except UnreadableFileError as refused:
        return str(refused)
    return None


def test_running_heads_and_folios_of_four_pages_are_furniture(tmp_path: Path):
    found = [(p.page, p.text) for p in kite_report(tmp_path).paragraphs if p.kind == "furniture"]
    assert found == [
        pair for n in (1, 2, 3, 4) for pair in ((n, "Kites over the bay"), (n, str(n)))
    ]


def test_a_line_in_larger_type_is_the_heading_of_the_text_below(tmp_path: Path):
    read = kite_report(tmp_path)
    assert [(p.page, p.text) for p in read.paragraphs if p.kind == "heading"] == [
        (n, f"The {side} wind") for n, side in enumerate(SIDES, start=1)
    ]
    assert one(read, "Nobody on the east").section_path == ("The east wind",)


# A report of two pages


FLOUR = (
    "The bakers of the valley buy their flour from one mill, and the mill buys its rye from the"
    " farms along the canal, which have sown it since the monks came. The millers keep a tenth for"
    " themselves. Nobody minds, for the wheel is old and the weir is older, and both of them are to"
    " be mended in the winter, when the water is low and the boats lie under the bridge."
)
PRICE = "A loaf costs a third more than it did before the lock was shut."
SALTY = "Salt is bought together, by the sack, in the first week of every month of the year."
TAIL = (
    "Nobody has weighed what the children carry off on their way to school, though many have",
    "tried, and the bakers say that they do not mind.",
)
ROWS = (("Crop", "Sacks", "Price"), ("Rye", "1,200", "£3"), ("Oats", "90", "£4"))


def bread_pages() -> list[str]:
    """Return two pages: heading, note, box, paragraph across the page end, list and table."""
    mark_at = LEFT + width(PRICE)
    first = [
        text("Bread in the valley", LEFT, 80, 24),
        text("Flour", LEFT, 130, 16, "F2"),
        set_lines(wrapped(FLOUR, MEASURE), 160),
        text(PRICE, LEFT, 220),
        text("1", mark_at, 216, 6),
        rectangle(LEFT, 240, 550, 310),
        text("Box 1: Salt", LEFT + 10, 260, 10, "F2"),
        set_lines(wrapped(SALTY, MEASURE - 20), 280, x=LEFT + 10),
        text("Crumbs", LEFT, 360, 16, "F2"),
        set_lines(wrapped(NOBODY.format("long"), MEASURE), 385),
        text(TAIL[0], LEFT, 670),
        stroke(LEFT, 710, 150, 710),
        text("1", LEFT, 719, 5),
        text("The ledger of the mill, third shelf.", LEFT + 5, 722, 8),
    ]
    second = [
        text(TAIL[1], LEFT, 80),
        text("Sacks", LEFT, 120, 16, "F2"),
        *(stroke(LEFT, 140 + 20 * n, 500, 140 + 20 * n) for n in range(4)),
        *(
            text(cell, LEFT + 10 + 150 * n, 154 + 20 * m)
            for m, row in enumerate(ROWS)
            for n, cell in enumerate(row)
        ),
        set_lines(wrapped(KITES.format("short"), MEASURE), 240),
        text("\u2022", LEFT, 270),
        text("a sack of rye from the long field", LEFT + 15, 270),
        text("\u2022", LEFT, 288),
        text("a sack of oats from the short one", LEFT + 15, 288),
    ]
    return ["\n".join(first), "\n".join(second)]


@pytest.fixture(scope="module")
def bread(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The parsed report of two pages."""
    return report(tmp_path_factory.mktemp("bread"), *bread_pages(), name="bread.pdf")


def test_the_report_is_read_in_order_and_by_kind(bread: Report):
    assert [(p.kind, p.text[:12]) for p in bread.paragraphs] == [
        ("heading", "Bread in the"),
        ("heading", "Flour"),
        ("body", FLOUR[:12]),
        ("body", PRICE[:12]),
        ("heading", "Box 1: Salt"),
        ("body", SALTY[:12]),
        ("heading", "Crumbs"),
        ("body", "Nobody on th"),
        ("body", TAIL[0][:12]),
        ("footnote", "The ledger o"),
        ("heading", "Sacks"),
        *(("table", " | ".join(row)[:12]) for row in ROWS),
        ("body", "A kite that "),
        ("bullet", "a sack of ry"),
        ("bullet", "a sack of oa"),
    ]


def test_a_places_box_lies_around_the_words_of_its_lines(bread: Report):
    lines = wrapped(FLOUR, MEASURE)
    assert len(lines) > 2
    (place,) = one(bread, FLOUR[:20]).places
    right = LEFT + max(map(width, lines))
    assert place.box == pytest.approx(
        (LEFT, 160 - 7.8, right, 160 + 12 * (len(lines) - 1) + 2.2), abs=0.06
    )
    assert (place.page, place.span) == (1, (0, len(FLOUR)))


def test_a_bullets_box_includes_its_mark(bread: Report):
    (place,) = one(bread, "a sack of rye").places
    right = LEFT + 15 + width("a sack of rye from the long field")
    assert place.box == pytest.approx((LEFT, 262.2, right, 272.2), abs=0.06)


def test_a_paragraph_over_the_page_end_has_a_place_on_each_page(bread: Report):
    found = one(bread, TAIL[0][:20])
    assert found.text == " ".join(TAIL)
    assert [(p.page, found.text[slice(*p.span)]) for p in found.places] == [
        (1, TAIL[0]),
        (2, TAIL[1]),
    ]
    assert [p.box[:2] for p in found.places] == [(LEFT, 662.2), (LEFT, 72.2)]


def test_a_span_of_the_text_is_the_text_at_its_place(bread: Report):
    shown = [content_of(pdf(*bread_pages()), number).runs for number in (1, 2)]
    for paragraph in bread.paragraphs:
        for place in paragraph.places:
            x0, top, x1, bottom = place.box
            inside = [
                r.text
                for r in shown[place.page - 1]
                if r.size > 6 and x0 - 1 < r.x0 and r.x1 < x1 + 1 and top < r.base < bottom
            ]
            printed = Counter(c for c in "".join(inside) if c.isalnum())
            part = paragraph.text[slice(*place.span)]
            assert Counter(c for c in part if c.isalnum()) == printed
            assert part.strip()


def test_a_note_mark_leads_to_its_footnote_and_is_not_in_the_text(bread: Report):
    note = one(bread, "The ledger of the mill")
    priced = one(bread, "A loaf costs")
    assert (note.kind, note.label) == ("footnote", "1")
    assert priced.text == PRICE
    assert priced.notes == (note.id,)
    assert [p.id for p in bread.paragraphs if p.notes] == [priced.id]
    assert (bread.reading.footnotes, bread.reading.linked) == (1, 1)


def test_a_tables_rows_are_paragraphs_with_their_cells_parted(bread: Report):
    rows = [p for p in bread.paragraphs if p.kind == "table"]
    assert [p.text for p in rows] == [" | ".join(row) for row in ROWS]
    assert {p.section_path for p in rows} == {("Sacks",)}


def test_a_shaded_box_is_a_section_of_kind_box_and_ends_with_its_shade(bread: Report):
    salty = one(bread, "Salt is bought")
    assert salty.section_kind == "box"
    assert salty.section_path == ("Flour", "Box 1: Salt")
    assert one(bread, "Nobody on the long").section_path == ("Crumbs",)


def test_the_title_comes_from_the_first_page(bread: Report):
    assert (bread.title, bread.guessed) == ("Bread in the valley", ("title",))


def test_a_clean_reading_is_judged_good(bread: Report):
    reading = bread.reading
    assert (reading.verdict, reading.advice, reading.pages, reading.columns) == ("good", (), 2, 1)
    assert (reading.headings, reading.joined) == ("type", 1)


def test_a_word_cut_by_a_page_end_is_mended(tmp_path: Path):
    first, second = bread_pages()
    first = first.replace("many have", "many neigh-")
    second = second.replace("tried, and", "bours, and")
    found = one(report(tmp_path, first, second), TAIL[0][:20])
    assert "though many neighbours, and the bakers" in found.text
    assert found.text[slice(*found.places[0].span)].endswith("many neigh")


def test_a_caption_a_bold_line_and_a_numbered_item_are_distinguished(tmp_path: Path):
    page = "\n".join(
        [
            set_lines(wrapped(FLOUR, MEASURE), 100),
            text("Who makes the kites", LEFT, 145, 10, "F2"),
            set_lines(wrapped(KITES.format("long"), MEASURE), 160),
            text("2. his aunt, who lives by the lock", LEFT, 200),
            text("Figure 1: Kites by day", LEFT, 240),
        ]
    )
    read = report(tmp_path, page)
    assert [(p.kind, p.text, p.label) for p in read.paragraphs if p.kind != "body"] == [
        ("heading", "Who makes the kites", None),
        ("numbered", "his aunt, who lives by the lock", "2"),
        ("caption", "Figure 1: Kites by day", None),
    ]


def test_a_sentence_in_bold_is_marked_bold(tmp_path: Path):
    bold = "Councils should pay for the slates of every mill that stands on a canal of the county."
    page = text(bold, LEFT, 100, 10, "F2") + set_lines(wrapped(FLOUR, MEASURE), 130)
    read = report(tmp_path, page, kite_page(2))
    assert one(read, "Councils should").bold
    assert not one(read, FLOUR[:20]).bold


def test_the_outline_sets_the_levels_of_headings(tmp_path: Path):
    pages = bread_pages()
    outline = [("Flour", 1), ("Crumbs", 1), ("Sacks", 2)]
    read = report(tmp_path, *pages, outline=outline)
    assert read.reading.headings == "outline"
    assert [(s.title, s.level) for s in read.sections if s.title in dict(outline)] == [
        ("Flour", 1),
        ("Crumbs", 1),
        ("Sacks", 1),
    ]


def test_two_columns_are_read_one_after_the_other(tmp_path: Path):
    columns = []
    for n, x in enumerate((LEFT, 320)):
        for m in range(4):
            words = NOBODY.format(SIDES[m]) + f" So it was in field {n + 1}."
            columns.append(set_lines(wrapped(words, 230), 100 + 60 * m, x=x))
    read = report(tmp_path, "\n".join(columns))
    assert [p.text.split()[3] for p in read.paragraphs] == [*SIDES, *SIDES]
    assert [p.text[-2] for p in read.paragraphs] == list("11112222")
    assert read.reading.columns == 2


# Metadata


def untitled(*, info: dict[str, str] | None, folder: Path) -> Report:
    """Return a report of prose alone, whose title can come only from its metadata."""
    page = set_lines(wrapped(FLOUR, MEASURE), 100) + set_lines(wrapped(SALTY, MEASURE), 150)
    return report(folder, page, kite_page(2), name="loaves-of-1990.pdf", info=info)


@pytest.mark.parametrize(
    "title",
    ["Microsoft Word - loaves.doc", "loaves_final_v2", "Untitled document", "Layout 1", "Loaves"],
)
def test_what_programs_write_for_a_title_is_not_taken(tmp_path: Path, title: str):
    info = {"Title": title, "Author": "Ada Miller"}
    read = untitled(info=info, folder=tmp_path)
    assert read.title != title
    assert read.authors == ()
    assert read.title == untitled(info=None, folder=tmp_path).title


def test_a_title_in_the_metadata_is_used_if_the_front_page_has_none(tmp_path: Path):
    info = {"Title": "Loaves and how to count them", "Author": "Ada Miller; Ben Baker"}
    page = set_lines(wrapped(FLOUR, MEASURE), 100) + set_lines(wrapped(SALTY, MEASURE), 150)
    read = report(tmp_path, page, info=info)
    assert (read.title, read.authors) == (
        "Loaves and how to count them",
        ("Ada Miller", "Ben Baker"),
    )
    assert set(read.guessed) == {"title", "authors"}


# Files and pages without text


SCANNED = Sheet(picture(0, 0, 600, 800), forms=(DOT,))


def test_a_scan_with_a_text_layer_gets_a_warning(tmp_path: Path):
    layer = "\n".join(kite_page(n) for n in (1, 2)) + set_lines(wrapped(FLOUR, MEASURE), 300)
    scan = Sheet(f"BT 3 Tr ET {layer} {picture(0, 0, 600, 800)}", forms=(DOT,))
    read = report(tmp_path, kite_page(1), scan)
    assert read.reading.layered == (2,)
    warning = "page 2 scanned: the scan's text layer may contain errors"
    assert warning in read.warnings
    assert read.reading.verdict == "check"


def test_a_page_with_a_picture_gets_a_warning_and_a_blank_page_does_not(tmp_path: Path):
    read = report(tmp_path, kite_page(1), "", kite_page(3), SCANNED)
    assert read.reading.bare == (4,)
    assert "no text on page 4: probably scanned, use OCR" in read.warnings
    assert not any("page 2" in w for w in read.warnings)


def test_a_page_that_cannot_be_read_leaves_the_others(tmp_path: Path):
    crowded = set_lines(["x" * (MOST_CHARACTERS // 20 + 1)] * 20, 100)
    read = report(tmp_path, kite_page(1), crowded, kite_page(3), kite_page(4))
    assert read.reading.broken == (2,)
    reason = f"ValueError: more than {MOST_CHARACTERS:,} characters on the page"
    assert f"page 2 could not be read ({reason}): get a fresh copy" in read.warnings
    assert {p.page for p in read.paragraphs} == {1, 3, 4}


def test_a_pdf_of_pictures_alone_has_no_text_layer(tmp_path: Path):
    with pytest.raises(UnreadableFileError) as refused:
        report(tmp_path, SCANNED, SCANNED, name="kites.pdf")
    assert str(refused.value) == (
        "kites.pdf has no text layer: its pages (2) are pictures (scanned)."
        " It needs OCR: install tesseract and use --ocr."
    )


def test_a_pdf_of_scraps_alone_is_refused(tmp_path: Path):
    with pytest.raises(UnreadableFileError, match=r"kites\.pdf holds no paragraph of text"):
        report(tmp_path, text("Kites", LEFT, 100), name="kites.pdf")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "kites.pdf is empty. Replace it, or remove it."),
        (b"Kites.", "kites.pdf is not a PDF, whatever its name says. Replace it, or remove it."),
    ],
)
def test_what_is_no_pdf_is_refused_with_the_file_and_the_cure(
    tmp_path: Path, data: bytes, message: str
):
    file = tmp_path / "kites.pdf"
    file.write_bytes(data)
    assert refusal(file) == message


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_pdf_cut_short_is_refused_as_broken(tmp_path: Path, share: float):
    file = tmp_path / "kites.pdf"
    whole = pdf(kite_page(1))
    file.write_bytes(whole[: int(len(whole) * share)])
    assert re.match(r"kites\.pdf is a broken PDF \(.+\)\. Get a", refusal(file) or "")


def test_a_pdf_with_a_password_is_refused_as_locked(tmp_path: Path):
    plain, locked = tmp_path / "plain.pdf", tmp_path / "kites.pdf"
    plain.write_bytes(pdf(kite_page(1)))
    writer = PdfWriter(clone_from=PdfReader(plain))
    writer.encrypt("tail", algorithm="AES-256")
    writer.write(locked)
    assert refusal(locked) == "kites.pdf is locked with a password. Save it without one."


def test_a_pdf_locked_for_its_owner_alone_is_read(tmp_path: Path):
    plain, locked = tmp_path / "plain.pdf", tmp_path / "kites.pdf"
    plain.write_bytes(pdf(kite_page(1)))
    writer = PdfWriter(clone_from=PdfReader(plain))
    writer.encrypt("", "owner", algorithm="AES-256")
    writer.write(locked)
    assert [p.text for p in parse(locked).paragraphs] == [p.text for p in parse(plain).paragraphs]


# The shared files


UGLY = {
    "empty.pdf": "is empty",
    "header-test-doc.pdf": "holds no paragraph of text",
    "loremipsum-flat.pdf": "has no text layer",
    "not-a-pdf.pdf": "is not a PDF",
    "single_table.pdf": "has no text layer",
    "truncated.pdf": "is a broken PDF",
}


def test_every_ugly_file_is_read_or_refused_by_name(shared: Path):
    files = sorted((shared / "corpus" / "ugly").glob("*.pdf"))
    refusals = {f.name: r for f in files if (r := refusal(f)) is not None}
    assert len(files) == 12
    assert refusals.keys() == UGLY.keys()
    for name, message in refusals.items():
        assert message.startswith(f"{name} {UGLY[name]}")
        assert re.search(r"(?:Replace|Ask|install|repair)", message)


def test_the_ugly_scan_with_a_text_layer_gets_a_warning(shared: Path):
    read = parse(shared / "corpus" / "ugly" / "pdf-with-ocr-text.pdf")
    assert read.reading.layered == (1,)
    assert any("may contain errors" in w for w in read.warnings)


def test_a_scanned_government_response_is_reported_as_having_no_text_layer(
    shared: Path, tmp_path: Path
):
    name = "PostOfficeHorizon-IT-Inquiry-Response.pdf"
    writer = PdfWriter()
    writer.append(shared / "corpus" / "real" / name, pages=(0, 2))  # the whole file takes long
    writer.write(tmp_path / name)
    message = refusal(tmp_path / name)
    assert message is not None
    assert message.startswith(f"{name} has no text layer: its pages (2) are pictures (scanned)")


FACTS = {
    "smarter-state": ("The Smarter State", "IPPR", "2023-10"),
    "going-public": ("Going Public", "Fabian Society", "2014-11"),
}


@pytest.fixture(scope="module", params=sorted(FACTS))
def typeset(request: pytest.FixtureRequest, shared: Path) -> tuple[str, PdfReader, Report]:
    """A typeset report: its name, its file, and the parsed report."""
    path = shared / "corpus" / "typeset" / f"{request.param}.pdf"
    return request.param, PdfReader(path), parse(path)


def test_a_typeset_report_gives_title_publisher_and_date(typeset):
    name, _, read = typeset
    assert (read.title, read.publisher, read.published) == FACTS[name]


def test_every_place_of_a_typeset_report_is_on_a_page(typeset):
    _, file, read = typeset
    assert all(p.places for p in read.paragraphs)
    for place in (place for p in read.paragraphs for place in p.places):
        size = file.pages[place.page - 1].mediabox
        # the covers print their titles across the left edge
        assert -100 < place.box[0] < place.box[2] <= size.width
        assert 0 <= place.box[1] < place.box[3] <= size.height
        assert place.box[0] > 0 or place.page == 1


def test_the_spans_of_a_typeset_paragraph_cover_its_text_in_order(typeset):
    _, _, read = typeset
    several = 0
    for paragraph in read.paragraphs:
        spans = [p.span for p in paragraph.places]
        several += len(spans) > 1
        assert (spans[0][0], spans[-1][1]) == (0, len(paragraph.text))
        for before, after in pairwise(spans):
            between = paragraph.text[before[1] : after[0]]
            assert before[0] < before[1] <= after[0]
            assert not any(c.isalnum() for c in between)
    assert several > 2
