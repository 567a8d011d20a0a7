"""Paragraphs are joined, keep their words, and have ids that depend on their content."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa import Report
from reformqa.parsing import parse, report_id
from reformqa.text.similarity import letters

HEAD = ("# On Clocks", "## The tower")
FIRST = "The clock in the tower has been wrong since the winter that the bell was lowered to the"
REST = "yard and its frame was sold, which nobody on the parish council will now admit to."
WHOLE = f"{FIRST} {REST}"
LATER = "A second clock was bought by the school, and it has kept good time for eleven years."
OTHERS = [
    f"Clock number {n} was wound by a man called Finch on the {n}th of May." for n in range(16)
]


def read(folder: Path, *blocks: str, name: str = "clocks.txt") -> Report:
    file = folder / name
    file.write_text("\n\n".join([*HEAD, *blocks]), encoding="utf-8")
    return parse(file)


def shown(report: Report) -> list[tuple[str, str]]:
    """Return the kind and text of each paragraph below the two headings."""
    return [(p.kind, p.text) for p in report.paragraphs[2:]]


def test_a_paragraph_cut_by_a_page_break_is_whole_again(tmp_path: Path):
    report = read(tmp_path, FIRST, REST, LATER)
    assert shown(report) == [("body", WHOLE), ("body", LATER)]
    assert report.paragraphs[2].lines == (5, 7)
    assert report.paragraphs[2].raw == f"{FIRST}\n\n{REST}"


def test_a_paragraph_goes_on_past_a_footnote(tmp_path: Path):
    note = "<sup>1</sup> Parish minutes, 1987."
    report = read(tmp_path, FIRST.replace("winter", "winter<sup>1</sup>"), note, REST)
    assert shown(report) == [("body", WHOLE), ("footnote", "Parish minutes, 1987.")]


def test_a_paragraph_goes_on_past_a_figure(tmp_path: Path):
    report = read(tmp_path, FIRST, "Figure 1: Minutes lost a year", "Source: parish log", REST)
    assert shown(report) == [
        ("body", WHOLE),
        ("caption", "Figure 1: Minutes lost a year"),
        ("caption", "Source: parish log"),
    ]


def test_a_paragraph_goes_on_past_a_box_and_ends_it(tmp_path: Path):
    report = read(tmp_path, "### Its face", FIRST, "### Box 1: The bell", OTHERS[0], REST, LATER)
    assert [(p.text, p.section_path[-1]) for p in report.paragraphs[3:]] == [
        (WHOLE, "Its face"),
        ("Box 1: The bell", "Box 1: The bell"),
        (OTHERS[0], "Box 1: The bell"),
        (LATER, "Its face"),
    ]


def test_a_paragraph_never_goes_on_into_another_chapter(tmp_path: Path):
    report = read(tmp_path, FIRST, "## The school", REST)
    assert shown(report) == [("body", FIRST), ("heading", "The school"), ("body", REST)]


def test_an_unfinished_line_waits_for_a_capital_only_after_a_word_that_goes_on(tmp_path: Path):
    on = read(tmp_path, "We asked the men of the", "Finch family, who wind it on Sundays at noon.")
    off = read(
        tmp_path, "We asked the men of that town", "Finch was asked on the Sunday at noon too."
    )
    assert shown(on) == [
        ("body", "We asked the men of the Finch family, who wind it on Sundays at noon.")
    ]
    assert len(shown(off)) == 2


@pytest.mark.parametrize(
    ("first", "rest", "whole"),
    [
        ("It fell to the parish to pay for its main-", "tenance.", "pay for its maintenance."),
        ("They bought a second-", "hand clock.", "bought a second-hand clock."),
        ("It was sold by a man from pre-", "War Ghent.", "a man from pre-War Ghent."),
    ],
)
def test_a_word_cut_by_a_page_break_is_mended(tmp_path: Path, first: str, rest: str, whole: str):
    report = read(
        tmp_path, first, rest, "The second-hand market for clocks is thin in those parts."
    )
    assert report.paragraphs[2].text.endswith(whole)


def test_an_item_goes_on_after_a_page_break_and_stays_an_item(tmp_path: Path):
    report = read(tmp_path, "Two men came:", "- one who had wound it since the", "war.", LATER)
    assert shown(report) == [
        ("body", "Two men came:"),
        ("bullet", "one who had wound it since the war."),
        ("body", LATER),
    ]


def test_a_doubled_paragraph_is_kept_once_and_marked_once(tmp_path: Path):
    assert shown(read(tmp_path, LATER, WHOLE, LATER)) == [
        ("body", LATER),
        ("body", WHOLE),
        ("furniture", LATER),
    ]


@pytest.mark.parametrize("before", [True, False])
def test_a_pull_quote_is_furniture_before_or_after_its_source(tmp_path: Path, before: bool):
    quote = "“It has been wrong for so long that we set our lunch by it and are never late.”"
    source = f"The verger was plain about it. {quote} He laughed."
    order = (quote, source) if before else (source, quote)
    kinds = {text: kind for kind, text in shown(read(tmp_path, *order))}
    assert kinds == {quote: "furniture", source: "body"}


def test_a_quotation_that_stands_alone_is_a_quote(tmp_path: Path):
    quote = "“It has been wrong for so long that we set our lunch by it and are never late.”"
    assert shown(read(tmp_path, LATER, quote, WHOLE))[1] == ("quote", quote)


def test_repeated_text_far_apart_is_kept_and_its_ids_differ(tmp_path: Path):
    report = read(tmp_path, LATER, *OTHERS, LATER)
    first, last = report.paragraphs[2], report.paragraphs[-1]
    assert (first.text, last.text, last.kind) == (LATER, LATER, "body")
    assert last.id == f"{first.id}-2"


def test_ids_are_the_report_and_a_hash_of_the_letters(tmp_path: Path):
    plain = read(tmp_path, LATER, WHOLE)
    restyled = read(tmp_path, f"**{LATER}**", WHOLE.replace(", ", " – "))
    assert [p.id for p in plain.paragraphs] == [p.id for p in restyled.paragraphs]
    assert all(re.fullmatch(r"clocks-[0-9a-f]{8}", p.id) for p in plain.paragraphs)


def test_the_same_file_read_twice_is_the_same_report(tmp_path: Path):
    assert read(tmp_path, FIRST, REST, LATER) == read(tmp_path, FIRST, REST, LATER)


@given(st.integers(0, 15), st.text("abc XYZ", max_size=30))
def test_an_edit_elsewhere_changes_no_other_id(tmp_path: Path, at: int, words: str):
    edited = [*OTHERS]
    edited[at] = f"Now {words} stopped."
    before = {p.text: p.id for p in read(tmp_path, *OTHERS).paragraphs if p.text != OTHERS[at]}
    after = {p.text: p.id for p in read(tmp_path, *edited).paragraphs}
    assert {text: after.get(text) for text in before} == before


@given(st.integers(0, 15))
def test_a_paragraph_put_in_changes_numbers_but_no_id(tmp_path: Path, at: int):
    before = read(tmp_path, *OTHERS).paragraphs
    after = read(tmp_path, *OTHERS[:at], LATER, *OTHERS[at:]).paragraphs
    assert [p.id for p in after if p.text != LATER] == [p.id for p in before]
    assert [p.number for p in after] == list(range(1, len(before) + 2))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("Going Public.txt", "going-public"), ("A_b--2024.MD", "a-b-2024"), ("…é1.pdf", "1")],
)
def test_a_reports_id_comes_from_its_file_name(name: str, wanted: str):
    assert report_id(Path("folder") / name) == wanted


def test_files_without_a_plain_letter_in_their_names_have_ids_of_their_own():
    first, second = (report_id(Path(name)) for name in ("報告.txt", "改革.txt"))
    assert re.fullmatch(r"report-[0-9a-f]{8}", first)
    assert re.fullmatch(r"report-[0-9a-f]{8}", second)
    assert first != second


def test_paragraphs_of_the_five_reports_are_whole_and_in_their_section(shared: Path):
    truth = json.loads((shared / "gold" / "paragraphs.json").read_text("utf-8"))
    wanted = whole = placed = 0
    for name, entries in truth.items():
        report = parse(shared / "corpus" / "text" / f"{name}.txt")
        texts = [(letters(p.text), p) for p in report.paragraphs]
        for t in entries:
            first, last = letters(t["first_words"]), letters(t["last_words"])
            same = [p for text, p in texts if text.startswith(first) and text.endswith(last)]
            names = {letters(n) for n in (t["section"], *t.get("alt_sections", []))}
            wanted += 1
            whole += bool(same)
            placed += any(letters(p.section_path[-1]) in names for p in same if p.section_path)
    assert wanted >= 300
    assert whole / wanted >= 0.98
    assert placed / wanted >= 0.9
