"""A text or Markdown file becomes blocks, and no text makes the reader fail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa import Report, UnreadableFileError
from reformqa.parsing import parse
from reformqa.parsing.blocks import Block
from reformqa.parsing.readers.text import read_text
from reformqa.text.similarity import letters
from support.makers import block

PROSE = "The miller let nobody near the wheel, and the flour was the better for it."
LINES = st.sampled_from(
    [
        *(
            "# Bread",
            "## Rye",
            "#",
            "# **",
            "## <b></b>",
            "**Oats**",
            "BOX 1: AN OVEN",
            "Case study",
        ),
        *("- rye", "  - barley", "- **", "* *", "•", "1. flour", "a) water", "iv. salt", "1."),
        *("¹ Note of 2019", "<sup>4</sup> a note", "3 See www.x.org", "<sup>", "⁴"),
        *("Figure 1: loaves", "Table 2", "Source: ours", "grain\tsacks", "\t", "|", "Contents"),
        *("Rye 4", "CHAPTER ONE", "1. RYE", "References", "©", "12", "“Rye is king.”"),
        *("and the mill turned", "The mill turn-", "The mill turned and", PROSE, "", "", "", "---"),
    ]
)
WILD = st.one_of(
    st.text(max_size=200),
    st.lists(LINES, max_size=30).map("\n".join),
    st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=20).map("\n\n".join),
)
SENTENCES = st.lists(st.text("abcdefXYZ019", min_size=1, max_size=9), min_size=9, max_size=30).map(
    lambda words: " ".join(words) + "."
)


def blocks(folder: Path, text: str | bytes) -> list[Block]:
    file = folder / "loaf.txt"
    file.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return list(read_text(file).blocks)


def read_or_refusal(folder: Path, data: bytes) -> Report | str:
    file = folder / "loaf.txt"
    file.write_bytes(data)
    try:
        return parse(file)
    except UnreadableFileError as refused:
        return str(refused)


def test_lines_without_a_gap_are_one_paragraph(tmp_path: Path):
    assert blocks(tmp_path, "Rye keeps\nfor a week.\n\n\nOats do not.") == [
        block("Rye keeps for a week.", raw="Rye keeps\nfor a week."),
        block("Oats do not.", line=5),
    ]


def test_heading_marks_give_level_and_weight(tmp_path: Path):
    assert blocks(tmp_path, "# Bread\nRye keeps.\n### **Oats**") == [
        block("Bread", "heading", raw="# Bread", mark=1),
        block("Rye keeps.", line=2, gap=False),
        block("Oats", "heading", raw="### **Oats**", line=3, mark=3, bold=True, gap=False),
    ]


def test_two_titles_set_on_one_line_are_parted_by_a_colon(tmp_path: Path):
    assert [b.text for b in blocks(tmp_path, "## **CASE STUDY 2** **THE MILL**")] == [
        "CASE STUDY 2: THE MILL"
    ]


def test_list_items_keep_their_label_and_take_their_next_line(tmp_path: Path):
    assert blocks(tmp_path, "- rye\n  - barley, which\n    keeps\n2. oats\na) bran") == [
        block("rye", "bullet", raw="- rye"),
        block(
            *("barley, which keeps", "bullet"),
            raw="  - barley, which\n    keeps",
            line=2,
            gap=False,
        ),
        block("oats", "numbered", raw="2. oats", line=4, label="2", gap=False),
        block("bran", "numbered", raw="a) bran", line=5, label="a", gap=False),
    ]


def test_a_first_bullet_that_lost_its_mark_is_still_an_item(tmp_path: Path):
    found = blocks(tmp_path, "We bought:\n\n Rye flour\n\n- Oat flour")
    assert [(b.kind, b.text) for b in found] == [
        ("body", "We bought:"),
        ("bullet", "Rye flour"),
        ("bullet", "Oat flour"),
    ]


def test_a_table_row_is_its_cells_and_an_empty_cell_is_left_out(tmp_path: Path):
    text = "Grain\tSacks\nRye\t\t<b>12</b>\nOats\t7"
    assert [(b.kind, b.text, b.line) for b in blocks(tmp_path, text)] == [
        ("table", "Grain | Sacks", 1),
        ("table", "Rye | 12", 2),
        ("table", "Oats | 7", 3),
    ]


def test_a_piped_table_is_its_rows_without_the_rule(tmp_path: Path):
    text = "| Grain | Sacks |\n|:---|---:|\n| **Rye** |  |\n| Oats | 7 |"
    assert [(b.kind, b.text, b.line) for b in blocks(tmp_path, text)] == [
        ("table", "Grain | Sacks", 1),
        ("table", "Rye", 3),
        ("table", "Oats | 7", 4),
    ]


def test_an_underlined_line_is_a_heading_and_a_rule_alone_is_nothing(tmp_path: Path):
    text = "Bread\n=====\n\nRye\n---\n\nRye keeps.\n\n---\n\n* * *\n\nOats do not."
    assert [(b.kind, b.text, b.mark, b.line) for b in blocks(tmp_path, text)] == [
        ("heading", "Bread", 1, 1),
        ("heading", "Rye", 2, 4),
        ("body", "Rye keeps.", None, 7),
        ("body", "Oats do not.", None, 13),
    ]


def test_a_marked_quotation_is_a_quote_without_its_marks(tmp_path: Path):
    assert [(b.kind, b.text) for b in blocks(tmp_path, "> Rye is king,\n> said Ada.")] == [
        ("quote", "Rye is king, said Ada.")
    ]


@pytest.mark.parametrize(
    "text",
    ["Table 2 shows what was sown.", "The yield of rye, as set out in\nTable 2, is falling."],
)
def test_a_sentence_about_a_table_is_no_caption(tmp_path: Path, text: str):
    assert [(b.kind, b.text) for b in blocks(tmp_path, text)] == [("body", text.replace("\n", " "))]


def test_a_cell_that_runs_over_lines_stays_in_its_row(tmp_path: Path):
    found = blocks(tmp_path, "Rye\tkeeps for a\nweek or more\nOats\tdo not")
    assert [b.text for b in found] == ["Rye | keeps for a week or more", "Oats | do not"]


@pytest.mark.parametrize(
    "line", ["Figure 2: Loaves", "TABLE A1 Loaves", "Fig. 3 Loaves", "**Table 4:** Loaves"]
)
def test_a_figure_or_table_title_is_a_caption(tmp_path: Path, line: str):
    assert [b.kind for b in blocks(tmp_path, line)] == ["caption"]


@pytest.mark.parametrize("line", ["Source: our own count", "Notes: rounded", "**Sources:** ours"])
def test_a_source_line_is_a_caption(tmp_path: Path, line: str):
    assert [b.kind for b in blocks(tmp_path, f"Rye\t3\n{line}")] == ["table", "caption"]


@pytest.mark.parametrize(
    "line", ["<sup>1</sup> So said Ada.", "¹ So said Ada.", "1 Byron A (2019) On Rye, Mill Press"]
)
def test_a_line_under_a_footnote_mark_is_a_footnote(tmp_path: Path, line: str):
    assert [b.kind for b in blocks(tmp_path, f"{PROSE}\n\n{line}\n\n{PROSE}")] == [
        "body",
        "footnote",
        "body",
    ]


@pytest.mark.parametrize(
    "line", ["40 bakers were asked in the spring.", "90 Byron A (2019) On Rye, Mill Press"]
)
def test_a_paragraph_that_opens_with_a_figure_out_of_turn_is_no_footnote(tmp_path: Path, line: str):
    assert [b.kind for b in blocks(tmp_path, line)] == ["body"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('Rye\t<ul style="list-style: none">• keeps • grows</ul>', "Rye | • keeps • grows"),
        ("<tr><td nowrap>Rye</td>\t<TD width=3>7</TD></tr>", "Rye | 7"),
        ("Rye <!-- not\nshown --> keeps.", "Rye keeps."),
        ("<font\ncolor='red'>Rye</font> <<b>b>keeps.", "Rye < b>keeps."),
        ("Rye <b and c> oats, 5 < 6, <insert name>", "Rye <b and c> oats, 5 < 6, <insert name>"),
        ("900 m<sup>2</sup> of rye<sup>2</sup>", "900 m² of rye"),
    ],
)
def test_a_tag_is_not_shown(tmp_path: Path, text: str, words: str):
    assert [b.text for b in blocks(tmp_path, text)] == [words]


def test_an_html_table_is_its_rows(tmp_path: Path):
    text = "<table border=1>\n<tr><th>Boat</th><th>Crew</th></tr>\n<tr><td>Heron<td></tr></table>"
    assert [(b.kind, b.text) for b in blocks(tmp_path, text)] == [
        ("table", "Boat | Crew"),
        ("table", "Heron | "),
    ]


def test_a_contents_list_hides_none_of_the_report(tmp_path: Path):
    names = ("Introduction", "Locks and weirs", "Boats and banks")
    listed = "\n".join(f"{name} {n}" for n, name in enumerate(names, start=1))
    chapters = "".join(f"{name}\n\n{name}: {PROSE}\n\n" for name in names)
    file = tmp_path / "loaf.txt"
    file.write_text(f"THE CANAL REVIEW\n\nContents\n\n{listed}\n\n{chapters}", encoding="utf-8")
    report = parse(file)
    assert [s.title for s in report.sections][-3:] == list(names)
    assert [p.section_path for p in report.paragraphs if p.searchable] == [(n,) for n in names]
    assert [p.text for p in report.paragraphs if p.kind == "furniture"] == listed.split("\n")


@pytest.mark.parametrize("text", ["Rye grew in\n1972 and in\n73", "Rye 7\nOats 3", "We sold 12"])
def test_lines_that_end_with_figures_are_no_contents_list(tmp_path: Path, text: str):
    assert len(blocks(tmp_path, text)) == 1


@pytest.mark.parametrize(
    "data",
    [
        "Café bread’s best.".encode(),
        "Café bread’s best.".encode("utf-8-sig"),
        "Café bread’s best.".encode("utf-16"),
        "Café bread’s best.".encode("cp1252"),
    ],
)
def test_the_usual_encodings_are_read(tmp_path: Path, data: bytes):
    assert [b.text for b in blocks(tmp_path, data)] == ["Café bread’s best."]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "loaf.txt is empty. Replace it, or remove it."),
        (b" \n\t\n", "loaf.txt is empty. Replace it, or remove it."),
        (
            b"Rye\0oats",
            "loaf.txt holds binary data, not text. Convert it to UTF-8 text, or remove it.",
        ),
        (
            b"%PDF-1.7\n",
            "loaf.txt is a PDF under the name of a text file. Rename it to end in .pdf.",
        ),
    ],
)
def test_what_is_no_text_is_refused_with_the_file_and_the_cure(
    tmp_path: Path, data: bytes, message: str
):
    with pytest.raises(UnreadableFileError) as refused:
        blocks(tmp_path, data)
    assert str(refused.value) == message


def test_a_file_of_short_lines_alone_is_refused(tmp_path: Path):
    file = tmp_path / "loaf.txt"
    file.write_text("Rye.\n\nOats.", encoding="utf-8")
    with pytest.raises(UnreadableFileError) as refused:
        parse(file)
    assert str(refused.value) == ("loaf.txt holds no paragraph of text. Replace it, or remove it.")


@given(WILD)
def test_any_text_is_read_or_refused_and_its_ids_are_unique(tmp_path: Path, text: str):
    report = read_or_refusal(tmp_path, text.encode("utf-8"))
    if isinstance(report, str):
        assert report.startswith("loaf.txt ")
        return
    assert len({p.id for p in report.paragraphs}) == len(report.paragraphs)
    assert [p.number for p in report.paragraphs] == list(range(1, len(report.paragraphs) + 1))
    for section in report.sections:
        start, end = section.span
        assert report.paragraphs[start].kind == "heading"
        assert start < end <= len(report.paragraphs)


@given(
    st.lists(
        st.sampled_from(
            [
                *("<b>", "<<b>b>", "<*b>", "<td", " colspan='2'", ">", "</td>", "<ul style='x'>"),
                *("<sup>", "</sup>", "<!--", "-->", "`", "[x](", ")", "\t", "\n", PROSE, "rye "),
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_no_tag_is_shown(tmp_path: Path, text: str):
    report = read_or_refusal(tmp_path, text.encode("utf-8"))
    for paragraph in () if isinstance(report, str) else report.paragraphs:
        assert not re.search(r"</?(?:b|td|ul|sup)(?:\s[\w-]+=[^<>]*)?>", paragraph.text), paragraph


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_name(tmp_path: Path, data: bytes):
    outcome = read_or_refusal(tmp_path, data)
    assert outcome.startswith("loaf.txt ") if isinstance(outcome, str) else outcome.paragraphs


@given(st.lists(SENTENCES, min_size=1, max_size=12))
def test_a_file_of_plain_paragraphs_comes_out_with_every_letter(tmp_path: Path, texts: list[str]):
    file = tmp_path / "loaf.txt"
    file.write_text("\n\n".join(texts), encoding="utf-8")
    shown = "".join(letters(p.text) for p in parse(file).paragraphs)
    assert shown == letters("".join(texts))
