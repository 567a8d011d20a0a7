"""A Markdown file becomes blocks and metadata; none of its marks and tags is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa import Report, UnreadableFileError
from reformqa.parsing import parse
from reformqa.parsing.blocks import Block
from reformqa.parsing.readers import read_file

PROSE = "The miller let nobody near the wheel, and the flour was the better for it."
#: A tag as a reader of the app would see it.
SHOWN_TAG = re.compile(r"</?(?:b|p|td|ul|li|div|table|sup|script|span|br)\b[^<>]*>", re.IGNORECASE)
PIECES = st.sampled_from(
    [
        *(
            "# Rye",
            "## Oats {#oats .x}",
            "Rye\n---",
            "> said",
            "- rye",
            "  - oats",
            "7. bran",
            "***",
        ),
        *(
            "```",
            "~~~",
            "| a | b |",
            "|---|---|",
            "[^1]: Note.",
            "see[^1]",
            "![x](y)",
            "[a](<b> 'c')",
        ),
        *(
            "<ul style='a'>",
            "<td>",
            "</td>",
            "<!-- no",
            "-->",
            "<script>",
            "</div>",
            "<sup>3</sup>",
        ),
        *(
            "<p",
            "<b>",
            "<<b>b>",
            "<*b>",
            "`<b>`",
            "\\<b>",
            "&lt;b&gt;",
            "<br/>",
            "<table>\n\n<tr><td>",
        ),
        *(
            "---",
            "+++",
            "title: x",
            "a: [",
            ":::",
            "[[a|b]]",
            "==x==",
            "\t<p>x</p>\ty",
            PROSE,
            "",
            "",
        ),
    ]
)


def blocks(folder: Path, text: str) -> list[Block]:
    file = folder / "loaf.md"
    file.write_text(text, encoding="utf-8")
    return list(read_file(file).blocks)


def shown(folder: Path, text: str) -> list[tuple[str, str]]:
    return [(b.kind, b.text) for b in blocks(folder, text)]


def read(folder: Path, text: str) -> Report:
    file = folder / "loaf.md"
    file.write_text(text, encoding="utf-8")
    return parse(file)


YAML = """---
title: "Ferries for the isles"
author:
  - Morag Tulloch
  - name: Eilidh Ross
date: 2031-05-14
publisher: Isles Forum
---
"""
TOML = """+++
title = "Ferries for the isles"
authors = ["Morag Tulloch", "Eilidh Ross"]
date = 2031-05-14
publisher = "Isles Forum"
+++
"""


@pytest.mark.parametrize("front", [YAML, TOML, YAML.replace("\n---\n", "\n...\n")])
def test_front_matter_is_metadata_and_no_text(front: str, tmp_path: Path):
    text = f"{front}\n# Ferries for the isles\n\n## Fares\n\n{PROSE}\n"
    report = read(tmp_path, text)
    assert (report.title, report.authors) == (
        *("Ferries for the isles", ("Morag Tulloch", "Eilidh Ross")),
    )
    assert (report.publisher, report.published) == ("Isles Forum", "2031-05")
    assert [p.text for p in report.paragraphs] == ["Ferries for the isles", "Fares", PROSE]
    assert report.paragraphs[-1].lines == (text.splitlines().index(PROSE) + 1,)


def test_front_matter_that_is_no_yaml_is_read_line_by_line(tmp_path: Path):
    report = read(tmp_path, f"---\ntitle: Ferries: a plan\nauthor: A. Ross; B. Gunn\n---\n{PROSE}")
    assert (report.title, report.authors) == ("Ferries: a plan", ("A. Ross", "B. Gunn"))


def test_rules_around_a_paragraph_are_no_front_matter(tmp_path: Path):
    assert shown(tmp_path, f"---\n\n{PROSE}\n\n---\n\nRye.") == [("body", PROSE), ("body", "Rye.")]


def test_a_title_block_of_pandoc_is_metadata(tmp_path: Path):
    report = read(tmp_path, f"% Ferries\n% A. Ross; B. Gunn\n% May 2031\n\n{PROSE}")
    assert (report.title, report.authors, report.published) == (
        *("Ferries", ("A. Ross", "B. Gunn"), "2031-05"),
    )
    assert [p.text for p in report.paragraphs] == [PROSE]


@pytest.mark.parametrize(
    ("text", "heading", "mark"),
    [
        ("## Rye ##", "Rye", 2),
        ("### Rye {#rye .new}", "Rye", 3),
        ("Rye\n===", "Rye", 1),
        ("Rye *and* oats\n---", "Rye and oats", 2),
    ],
)
def test_a_heading_is_shown_without_its_marks(text: str, heading: str, mark: int, tmp_path: Path):
    found = blocks(tmp_path, f"{text}\n\n{PROSE}")
    assert [(b.kind, b.text, b.mark) for b in found[:1]] == [("heading", heading, mark)]


def test_a_paragraph_above_a_rule_is_no_heading(tmp_path: Path):
    assert shown(tmp_path, f"{PROSE}\n{PROSE}\n---\n") == [("body", f"{PROSE} {PROSE}")]


def test_list_items_keep_their_numbers_and_nest(tmp_path: Path):
    text = "3. rye\n   - oats,\n     rolled\n4. [x] bran\n\n   with salt\n\n- [ ] flour"
    assert [(b.kind, b.label, b.text) for b in blocks(tmp_path, text)] == [
        ("numbered", "3", "rye"),
        ("bullet", None, "oats, rolled"),
        ("numbered", "4", "bran"),
        ("body", None, "with salt"),
        ("bullet", None, "flour"),
    ]


def test_a_list_of_ones_is_counted(tmp_path: Path):
    assert [b.label for b in blocks(tmp_path, "1. rye\n1. oats\n1. bran")] == ["1", "2", "3"]


def test_a_table_keeps_its_empty_cells(tmp_path: Path):
    text = "| Grain | Sacks | Mill |\n|---|--:|---|\n| **Rye** | | 4 |\n| a \\| b | 7 | |"
    assert shown(tmp_path, text) == [
        ("table", "Grain | Sacks | Mill"),
        ("table", "Rye |  | 4"),
        ("table", "a | b | 7 | "),
    ]


def test_an_html_table_is_its_rows_even_across_empty_lines(tmp_path: Path):
    text = "<table>\n<tr><th>Boat<th>Crew\n\n<tr><td rowspan=2>Heron</td><td>12</td></tr>\n\n"
    text += "    <tr><td>9</td></tr>\n</table>\n\nRye."
    assert shown(tmp_path, text) == [
        *(("table", row) for row in ("Boat | Crew", "Heron | 12", "Heron | 9")),
        ("body", "Rye."),
    ]


def test_code_is_furniture_and_indented_text_is_none(tmp_path: Path):
    assert shown(tmp_path, f"```r\nx <- 1\n```\n\n    {PROSE}") == [
        ("furniture", "x <- 1"),
        ("body", PROSE),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('see [the log](x.org "Log") today', "see the log today"),
        ("see [the log][1] today\n\n[1]: x.org 'Log'", "see the log today"),
        ("at <https://x.org/a%20b> now", "at https://x.org/a%20b now"),
        ("rye ![a mill](mill.png){width=50%} and oats", "rye and oats"),
        ("the 12<sup>th</sup> loaf, 900 m<sup>2</sup>", "the 12th loaf, 900 m²"),
        ("rye<br>oats  \nbran\\\nsalt", "rye oats bran salt"),
        ("[rye]{.smallcaps} and ==oats== and ~~bran~~", "rye and oats and bran"),
        ("rye [[mill|the mill]] oats", "rye the mill oats"),
        ("<span style='x'>**rye**</span> 5 < 6 \\*", "rye 5 < 6 *"),
        ("rye <!-- no\nnot this --> oats", "rye oats"),
    ],
)
def test_marks_within_a_paragraph_are_not_shown(text: str, words: str, tmp_path: Path):
    assert shown(tmp_path, text) == [("body", words)]


def test_a_quotation_is_a_quote_and_a_callout_has_no_type(tmp_path: Path):
    assert shown(tmp_path, "> rye,\n> said she\n\n> [!NOTE] oats") == [
        ("quote", "rye, said she"),
        ("quote", "oats"),
    ]


def test_a_picture_alone_is_its_caption_or_nothing(tmp_path: Path):
    text = "![Figure 2: Loaves](a.png)\n\n![a nice loaf](b.png)\n\nRye."
    assert shown(tmp_path, text) == [("caption", "Figure 2: Loaves"), ("body", "Rye.")]


def test_what_is_never_closed_hides_nothing(tmp_path: Path):
    for opening in ("<!-- draft", "<script>", "<pre>", "<?php"):
        assert PROSE in "".join(t for _, t in shown(tmp_path, f"{opening}\n\n{PROSE}")), opening


def test_a_note_is_linked_to_its_mark_and_not_shown_in_the_text(tmp_path: Path):
    text = f"# Rye\n\n## Mills\n\n{PROSE}[^1] {PROSE}[^old]\n\n## Notes\n\n[^1]: Ibid.\n"
    report = read(tmp_path, f"{text}[^old]: Minutes of the office,\n    read again.\n")
    notes = [p for p in report.paragraphs if p.kind == "footnote"]
    assert [(n.label, n.text) for n in notes] == [
        ("1", "Ibid."),
        ("2", "Minutes of the office, read again."),
    ]
    body = next(p for p in report.paragraphs if p.kind == "body")
    assert (body.text, body.notes) == (f"{PROSE} {PROSE}", tuple(n.id for n in notes))


def test_a_report_on_an_office_is_not_by_it(tmp_path: Path):
    text = f"# The Harbour Office\n\n<!-- draft -->\n\n## Staff\n\n{PROSE}"
    report = read(tmp_path, text)
    assert (report.title, report.subtitle, report.publisher) == (
        *("The Harbour Office", None, "Unknown publisher"),
    )


@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=25).map("\n".join))
def test_any_markdown_is_read_or_refused_and_no_tag_is_shown(tmp_path: Path, text: str):
    file = tmp_path / "loaf.md"
    file.write_bytes(text.encode("utf-8", "replace"))
    try:
        report = parse(file)
    except UnreadableFileError:
        return
    for paragraph in report.paragraphs:
        assert not SHOWN_TAG.search(paragraph.text), paragraph
