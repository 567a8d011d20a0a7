"""A Word file becomes blocks by its styles, lists, tables, notes and boxes."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from reformqa import UnreadableFileError
from reformqa.parsing import parse
from reformqa.parsing.readers import docx as reader
from reformqa.parsing.readers import read_file

PROSE = "The miller let nobody near the wheel, and the flour was the better for it."
NOTES = (
    '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>'
    '<w:footnote w:id="7"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>Ibid.</w:t></w:r></w:p>'
    "</w:footnote></w:footnotes>"
)
RELATION = (
    '<Relationship Id="rId99" Target="footnotes.xml" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/footnotes"/></Relationships>'
)
KIND = (
    '<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.footnotes+xml"/></Types>'
)


def save(folder: Path, fill: Callable[[Any], object]) -> Path:
    document = Document()
    fill(document)
    file = folder / "loaf.docx"
    document.save(str(file))
    return file


def shown(folder: Path, fill: Callable[[Any], object]) -> list[tuple[str, str]]:
    return [(b.kind, b.text) for b in read_file(save(folder, fill)).blocks]


def report_on_bread(document: Any) -> None:
    document.core_properties.author = "Ada Byron; Mary Somerville"
    document.add_heading("On bread", 0)
    document.add_heading("Mills", 1)
    document.add_paragraph(PROSE)
    document.add_heading("Old mills", 2)
    document.add_paragraph(PROSE.replace("miller", "baker"))
    document.add_heading("Ovens", 1)


def test_headings_have_the_levels_of_their_styles(tmp_path: Path):
    report = parse(save(tmp_path, report_on_bread))
    assert [(s.title, s.level, s.kind) for s in report.sections] == [
        *(("On bread", 1, "front"), ("Mills", 1, "chapter")),
        *(("Old mills", 2, "section"), ("Ovens", 1, "chapter")),
    ]
    assert [p.page for p in report.paragraphs] == [None] * 6


def test_properties_are_metadata(tmp_path: Path):
    def fill(document: Any) -> None:
        document.core_properties.title = "Bread for all"
        document.core_properties.author = "Ada Byron; Mary Somerville"
        document.add_paragraph(PROSE)

    report = parse(save(tmp_path, fill))
    assert (report.title, report.authors) == ("Bread for all", ("Ada Byron", "Mary Somerville"))
    assert re.fullmatch(r"\d{4}-\d\d", report.published or "")


def test_an_outline_level_makes_a_heading_of_any_style(tmp_path: Path):
    def fill(document: Any) -> None:
        document.add_heading("On bread", 0)
        paragraph = document.add_paragraph("Mills")
        level = parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="1"/>')
        paragraph._p.get_or_add_pPr().append(level)

    found = read_file(save(tmp_path, fill)).blocks
    assert [(b.kind, b.text) for b in found] == [("heading", "On bread"), ("heading", "Mills")]


def test_a_plain_line_above_the_chapters_is_the_title(tmp_path: Path):
    def fill(document: Any) -> None:
        document.add_paragraph("On bread")
        for name in ("Rye", "Oats"):
            document.add_heading(name, 1)
            document.add_paragraph(f"{name}: {PROSE}")

    report = parse(save(tmp_path, fill))
    assert report.title == "On bread"
    assert [s.title for s in report.sections] == ["On bread", "Rye", "Oats"]


def test_a_file_without_a_title_loses_no_chapter(tmp_path: Path):
    def fill(document: Any) -> None:
        for name in ("Rye", "Oats"):
            document.add_heading(name, 1)
            document.add_paragraph(f"{name}: {PROSE}")

    report = parse(save(tmp_path, fill))
    assert [p.searchable for p in report.paragraphs if p.kind == "body"] == [True, True]


def test_list_items_are_counted_by_level(tmp_path: Path):
    def fill(document: Any) -> None:
        for text, style in (
            *(("rye", "List Bullet"), ("oats", "List Number"), ("bran", "List Number")),
            *(("salt", "List Number 2"),),
        ):
            document.add_paragraph(text, style=style)

    found = read_file(save(tmp_path, fill)).blocks
    assert [(b.kind, b.label, b.text) for b in found] == [
        *(("bullet", None, "rye"), ("numbered", "1", "oats"), ("numbered", "2", "bran")),
        ("numbered", "1", "salt"),
    ]


def test_captions_quotations_and_contents_are_told_by_their_styles(tmp_path: Path):
    def fill(document: Any) -> None:
        document.add_paragraph("Table 1: Loaves", style="Caption")
        document.add_paragraph("Rye is king.", style="Quote")
        contents = document.styles.add_style("toc 1", 1)
        document.add_paragraph("Mills 4", style=contents)

    assert [k for k, _ in shown(tmp_path, fill)] == ["caption", "quote", "furniture"]


def test_table_rows_keep_empty_and_merged_cells(tmp_path: Path):
    def fill(document: Any) -> None:
        table = document.add_table(3, 3)
        for r, line in enumerate((("Boat", "Crew", ""), ("Heron", "", "12"), ("", "9", ""))):
            for c, text in enumerate(line):
                table.cell(r, c).text = text
        table.cell(0, 1).merge(table.cell(0, 2))
        table.cell(1, 0).merge(table.cell(2, 0))

    assert shown(tmp_path, fill) == [
        *(("table", "Boat | Crew | "), ("table", "Heron |  | 12"), ("table", "Heron | 9 | ")),
    ]


def test_a_frame_is_a_box(tmp_path: Path):
    def fill(document: Any) -> None:
        report_on_bread(document)
        frame = document.add_table(1, 1).cell(0, 0)
        frame.text = "Box 1: Salt"
        frame.add_paragraph("Salt is sold by the sack on the quay.")
        document.add_paragraph("Ovens are lit before dawn in every town.")

    report = parse(save(tmp_path, fill))
    paths = {p.text: p.section_path for p in report.paragraphs}
    assert paths["Salt is sold by the sack on the quay."] == ("Ovens", "Box 1: Salt")
    assert paths["Ovens are lit before dawn in every town."] == ("Ovens",)


def test_a_text_box_follows_its_paragraph_once(tmp_path: Path):
    inner = "<w:txbxContent><w:p><w:r><w:t>Boxed words.</w:t></w:r></w:p></w:txbxContent>"

    def fill(document: Any) -> None:
        paragraph = document.add_paragraph(PROSE)
        run = parse_xml(
            f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/'
            f'2006"><mc:AlternateContent><mc:Choice Requires="wps">{inner}</mc:Choice>'
            f"<mc:Fallback>{inner}</mc:Fallback></mc:AlternateContent></w:r>"
        )
        paragraph._p.append(run)

    found = read_file(save(tmp_path, fill)).blocks
    assert [(b.text, b.box) for b in found] == [(PROSE, None), ("Boxed words.", 1)]


def test_deleted_and_hidden_words_are_left_out(tmp_path: Path):
    def fill(document: Any) -> None:
        paragraph = document.add_paragraph("Rye ")
        paragraph.add_run("hidden ").font.hidden = True
        for tag, text in (("del", "gone "), ("ins", "grows.")):
            word = "delText" if tag == "del" else "t"
            change = f"<w:{tag} {nsdecls('w')}><w:r><w:{word}>{text}</w:{word}></w:r></w:{tag}>"
            paragraph._p.append(parse_xml(change))

    assert shown(tmp_path, fill) == [("body", "Rye grows.")]


def repacked(file: Path, change: Callable[[str, bytes], bytes], **added: str) -> Path:
    """Return the package with its parts changed, and others added in the folder word."""
    with zipfile.ZipFile(file) as package:
        parts = {name: change(name, package.read(name)) for name in package.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
        for name, text in added.items():
            package.writestr(f"word/{name}.xml", text)
    return file


def test_a_footnote_is_linked_to_its_mark(tmp_path: Path):
    def fill(document: Any) -> None:
        report_on_bread(document)
        paragraph = document.add_paragraph("Salt is sold by the sack on the quay.")
        paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="7"/></w:r>'))

    def change(name: str, data: bytes) -> bytes:
        if name == "[Content_Types].xml":
            return data.replace(b"</Types>", KIND.encode())
        if name == "word/_rels/document.xml.rels":
            return data.replace(b"</Relationships>", RELATION.encode())
        return data

    report = parse(repacked(save(tmp_path, fill), change, footnotes=NOTES))
    body, note = report.paragraphs[-2:]
    assert (note.kind, note.label, note.text) == ("footnote", "1", "Ibid.")
    assert (body.text, body.notes) == ("Salt is sold by the sack on the quay.", (note.id,))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "loaf.docx is empty. Replace it, or remove it."),
        (b"Rye and oats", "loaf.docx is not a Word file, or is incomplete. Get a fresh copy."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "loaf.docx is locked with a password, or was saved by a Word older than 2007.",
        ),
    ],
)
def test_what_is_no_word_file_is_refused_with_the_cure(data: bytes, message: str, tmp_path: Path):
    file = tmp_path / "loaf.docx"
    file.write_bytes(data)
    with pytest.raises(UnreadableFileError, match=re.escape(message)):
        read_file(file)


def test_a_package_that_is_no_document_is_refused(tmp_path: Path):
    file = tmp_path / "loaf.docx"
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("rye.txt", "oats")
    with pytest.raises(UnreadableFileError, match=r"loaf\.docx is a damaged Word file"):
        read_file(file)


@pytest.mark.parametrize("limit", ["MOST_PART", "MOST_WHOLE"])
def test_a_file_that_unpacks_to_too_much_is_refused(
    limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = save(tmp_path, report_on_bread)
    monkeypatch.setattr(reader, limit, 20_000)
    with pytest.raises(UnreadableFileError, match=r"loaf\.docx unpacks to more than"):
        read_file(file)


def test_entities_are_not_expanded(tmp_path: Path):
    def change(name: str, data: bytes) -> bytes:
        if name != "word/document.xml":
            return data
        head, _, rest = data.partition(b"?>")
        bomb = b'<!DOCTYPE d [<!ENTITY a "rye rye rye">]>'
        return head + b"?>" + bomb + rest.replace(b"nobody", b"&a;")

    try:
        found = read_file(repacked(save(tmp_path, report_on_bread), change)).blocks
    except UnreadableFileError:
        return
    assert not any("rye rye" in b.text for b in found)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_read_or_refused_by_name(seed: int, tmp_path: Path):
    chance = random.Random(seed)
    file = save(tmp_path, report_on_bread)

    def flip(_: str, data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(chance.randrange(3)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        return bytes(changed[: chance.choice([len(changed), len(changed) // 2])])

    if seed % 2:
        repacked(file, flip)
    else:
        data = io.BytesIO(file.read_bytes()).getvalue()
        file.write_bytes(flip("", data))
    try:
        report = parse(file)
    except UnreadableFileError as refused:
        outcome = str(refused)
    else:
        outcome = report.source
    assert "loaf.docx" in outcome
