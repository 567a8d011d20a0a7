"""A PDF's text layer becomes paragraphs with page and box; a PDF without one is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from reformqa import Paragraph, Place, Report, UnreadableFileError
from reformqa.parsing import parse

#: A line of a page: text, size, and its baseline's distance from the top; bold where it says so.
Line = tuple[str, float, float] | tuple[str, float, float, bool]

HEIGHT = 800
LEFT = 50
SIDES = ("north", "south", "east", "west")


def pdf(*pages: list[Line]) -> bytes:
    """A small PDF of those pages, 600 by 800 points, with Helvetica and its bold."""
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
    ]
    for n, lines in enumerate(pages):
        drawn = "\n".join(map(draw, lines))
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 {HEIGHT}] /Contents {6 + 2 * n} 0 R"
            " /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>",
            f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        ]
    return assemble(objects)


def draw(line: Line) -> str:
    text, size, top = line[:3]
    font = "F2" if line[3:] == (True,) else "F1"
    return f"BT /{font} {size} Tf 1 0 0 1 {LEFT} {HEIGHT - top} Tm ({text}) Tj ET"


def assemble(objects: list[str]) -> bytes:
    out, starts = b"%PDF-1.4\n", []
    for n, body in enumerate(objects, start=1):
        starts.append(len(out))
        out += f"{n} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    return out + (head + table + tail).encode("latin-1")


def read(folder: Path, *pages: list[Line]) -> Report:
    file = folder / "kites.pdf"
    file.write_bytes(pdf(*pages))
    return parse(file)


def kite_page(number: int) -> list[Line]:
    """A page with running head, heading, a paragraph of two lines, one of one, and a folio."""
    side = SIDES[number - 1]
    return [
        ("Kites over the bay", 9, 30),
        (f"The {side} wind", 16, 70),
        (
            f"A kite that is flown on the {side} side of the bay takes twenty metres of line and",
            11,
            100,
        ),
        (f"comes down at dusk on the {side} sand.", 11, 114),
        (
            f"Nobody on the {side} side counts kites, and nobody has asked for it to be done.",
            11,
            150,
        ),
        (str(number), 9, 780),
    ]


def one(report: Report, opening: str) -> Paragraph:
    (found,) = [p for p in report.paragraphs if p.text.startswith(opening)]
    return found


def refusal(path: Path) -> str | None:
    """Why the file is refused, or None where it is read."""
    try:
        parse(path)
    except UnreadableFileError as refused:
        return str(refused)
    return None


def test_running_heads_and_folios_of_four_pages_are_furniture(tmp_path: Path):
    report = read(tmp_path, *map(kite_page, (1, 2, 3, 4)))
    assert [(p.page, p.text) for p in report.paragraphs if p.kind == "furniture"] == [
        *((1, "Kites over the bay"), (1, "1"), (2, "Kites over the bay"), (2, "2")),
        *((3, "Kites over the bay"), (3, "3"), (4, "Kites over the bay"), (4, "4")),
    ]


def test_a_line_in_larger_type_is_a_heading(tmp_path: Path):
    report = read(tmp_path, *map(kite_page, (1, 2, 3, 4)))
    assert [(p.page, p.text) for p in report.paragraphs if p.kind == "heading"] == [
        (1, "The north wind"),
        (2, "The south wind"),
        (3, "The east wind"),
        (4, "The west wind"),
    ]


def test_a_paragraph_has_its_page_and_a_box_around_its_lines(tmp_path: Path):
    report = read(tmp_path, *map(kite_page, (1, 2, 3, 4)))
    found = one(report, "A kite that is flown on the east")
    (place,) = found.places
    longest = len(
        "A kite that is flown on the east side of the bay takes twenty metres of line and"
    )
    assert (place.page, place.span) == (3, (0, len(found.text)))
    assert place.box == pytest.approx((LEFT, 100 - 11, LEFT + longest * 11 * 0.48, 114 - 11 + 13.2))
    assert (found.page, found.kind, found.lines) == (3, "body", ())


def test_a_paragraph_over_two_pages_has_a_place_on_each(tmp_path: Path):
    pages = [kite_page(n) for n in (1, 2, 3, 4)]
    pages[0][4:5] = [
        ("Nobody on the north side has seen", 11, 150),
        ("a kite that was made by", 11, 164),
    ]
    pages[1][1:2] = [("a boy of nine who", 11, 58), ("had never been there.", 11, 72)]
    found = one(read(tmp_path, *pages), "Nobody on the north side")
    assert [(p.page, found.text[slice(*p.span)]) for p in found.places] == [
        (1, "Nobody on the north side has seen a kite that was made by"),
        (2, "a boy of nine who had never been there."),
    ]


def test_a_word_cut_by_a_page_end_is_mended(tmp_path: Path):
    pages = [kite_page(n) for n in (1, 2, 3, 4)]
    pages[0][4] = ("Nobody on the north side flies a kite that was man-", 11, 150)
    pages[1][1] = ("ufactured by a boy of nine.", 11, 70)
    found = one(read(tmp_path, *pages), "Nobody on the north side")
    assert found.text == (
        "Nobody on the north side flies a kite that was manufactured by a boy of nine."
    )


def test_lines_far_apart_are_two_paragraphs_and_close_ones_one(tmp_path: Path):
    report = read(tmp_path, kite_page(1))
    assert [(p.kind, p.text) for p in report.paragraphs[2:4]] == [
        (
            "body",
            "A kite that is flown on the north side of the bay takes twenty metres of line and"
            " comes down at dusk on the north sand.",
        ),
        ("body", "Nobody on the north side counts kites, and nobody has asked for it to be done."),
    ]


def test_lists_captions_notes_and_bold_lines_are_told_apart(tmp_path: Path):
    page = kite_page(1)
    page[4:5] = [
        ("Who makes the kites", 11, 135, True),
        ("They say, nobody.", 11, 160, True),
        ("- a boy of nine", 11, 180),
        ("2. his aunt", 11, 210),
        ("Figure 1: Kites by day", 11, 240),
        ("1 Hopper G, Kites, 2019", 8, 700),
    ]
    report = read(tmp_path, page)
    assert [(p.kind, p.text, p.label) for p in report.paragraphs[3:9]] == [
        ("heading", "Who makes the kites", None),
        ("body", "They say, nobody.", None),
        ("bullet", "a boy of nine", None),
        ("numbered", "his aunt", "2"),
        ("caption", "Figure 1: Kites by day", None),
        ("footnote", "1 Hopper G, Kites, 2019", None),
    ]


def test_a_page_without_text_among_others_is_a_warning(tmp_path: Path):
    report = read(tmp_path, kite_page(1), [], kite_page(2), [])
    assert report.warnings[0] == "no text on page 2, 4: scanned or empty"


def test_a_pdf_of_pictures_alone_has_no_text_layer(tmp_path: Path):
    with pytest.raises(UnreadableFileError) as refused:
        read(tmp_path, [], [])
    assert str(refused.value) == (
        "kites.pdf has no text layer: its pages are pictures (scanned). It needs OCR first."
    )


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
    assert re.match(r"kites\.pdf is a broken PDF \(.+\)\. Ask for", refusal(file) or "")


def test_a_pdf_with_a_password_is_refused_as_locked(tmp_path: Path):
    plain, locked = tmp_path / "plain.pdf", tmp_path / "kites.pdf"
    plain.write_bytes(pdf(kite_page(1)))
    writer = PdfWriter(clone_from=PdfReader(plain))
    writer.encrypt("tail", algorithm="AES-256")
    writer.write(locked)
    assert refusal(locked) == "kites.pdf is locked with a password. Save it unlocked."


def test_every_ugly_file_is_read_or_refused_by_name(shared: Path):
    files = sorted((shared / "corpus" / "ugly").glob("*.pdf"))
    refusals = {f.name: r for f in files if (r := refusal(f)) is not None}
    assert len(files) == 12
    assert all(message.startswith(f"{name} ") for name, message in refusals.items())
    assert refusals.keys() == {
        *("empty.pdf", "header-test-doc.pdf", "loremipsum-flat.pdf", "not-a-pdf.pdf"),
        *("single_table.pdf", "truncated.pdf"),
    }


def test_a_scanned_government_response_is_reported_as_having_no_text_layer(shared: Path):
    name = "PostOfficeHorizon-IT-Inquiry-Response.pdf"
    message = refusal(shared / "corpus" / "real" / name)
    assert message is not None
    assert message.startswith(f"{name} has no text layer")


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("smarter-state", ("The Smarter State", "IPPR", "2023-10")),
        ("balancing-act", ("Balancing Act", "Demos", "2024-12")),
    ],
)
def test_a_typeset_report_gives_title_publisher_and_places(
    shared: Path, name: str, facts: tuple[str, str, str]
):
    path = shared / "corpus" / "typeset" / f"{name}.pdf"
    report = parse(path)
    pages = len(PdfReader(path).pages)
    assert (report.title, report.publisher, report.published) == facts
    places: list[Place] = [p for paragraph in report.paragraphs for p in paragraph.places]
    assert {p.page for p in places} <= set(range(1, pages + 1))
    assert all(paragraph.places for paragraph in report.paragraphs)
    assert all(p.box[0] < p.box[2] and p.box[1] < p.box[3] for p in places)
    assert all(0 <= p.places[0].span[0] <= p.places[-1].span[1] for p in report.paragraphs)
