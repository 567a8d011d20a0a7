"""Exports of results: every form, the terminal, the notebook and the table."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given

from reformqa import exports
from reformqa.answering.results import Comparison, ComparisonRow
from reformqa.errors import UnknownNameError
from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.form import Form
from reformqa.exports.printable import clean, introduction, one_line, web_address
from support.documents import (
    NASTY,
    OVENS,
    RYE,
    bare,
    citation,
    comparison,
    document,
    doubtful,
    links,
    loaves,
    recommendation,
    sentence,
    texts,
    wild_documents,
)
from support.loaded import modules

FOR_READING = ("text", "html", "markdown")


def drawn(document: ExportDocument, form: str) -> str:
    found = exports.export(document, form)
    assert isinstance(found, str)
    return found


# The forms.


def test_an_unknown_form_is_an_error_that_names_the_known_ones():
    with pytest.raises(UnknownNameError, match="No export form is called 'pdf'") as raised:
        exports.export(comparison(), "pdf")
    assert all(name in str(raised.value) for name in exports.FORMS)


@pytest.mark.parametrize("name", ["answer.pdf", "answer", "docx"])
def test_an_unknown_suffix_is_an_error_and_nothing_is_written(tmp_path: Path, name: str):
    with pytest.raises(UnknownNameError, match="No export form is called"):
        exports.save(comparison(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", exports.FORMS)
def test_a_file_holds_the_form_that_its_suffix_names(tmp_path: Path, name: str):
    form = exports.FORMS[name]
    file = tmp_path / f"Antwort ü{form.suffix.upper()}"
    assert exports.save(comparison(), file) == file
    if name == "docx":  # a zip archive, which contains the time
        assert file.read_bytes()[:2] == b"PK"
    else:
        assert file.read_bytes() == exports.to_bytes(comparison(), name)
        assert drawn(comparison(), name) == file.read_bytes().decode(form.encoding)


def test_a_new_form_is_drawn_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    toy = Form("toy", "Toy", ".toy", "text/x-toy", lambda d: f"{d.title}!", "utf-16-le")
    monkeypatch.setitem(exports.FORMS, toy.name, toy)
    assert exports.export(comparison(), "toy") == "Should towns lend ovens?!"
    file = exports.save(comparison(), tmp_path / "answer.TOY")
    assert file.read_text("utf-16-le") == "Should towns lend ovens?!"


@pytest.mark.parametrize("name", ["exports", "exports.exportable", "exports.references"])
def test_importing_exports_loads_no_library_that_only_a_form_needs(name: str):
    program = f"import reformqa.{name}, sys; print(*(n for n in sys.modules if '.' not in n))"
    loaded = modules(program)
    assert "reformqa" in loaded
    assert loaded.isdisjoint({"docx", "pandas", "pybtex", "rispy"})


def test_suffixes_are_different():
    assert len({form.suffix for form in exports.FORMS.values()}) == len(exports.FORMS) == 8


@pytest.mark.parametrize("name", exports.FORMS)
def test_a_result_without_parts_or_provenance_is_drawn(name: str):
    empty = ExportDocument("Why?", ("No answer. Nothing is near.",), (), Provenance())
    assert name in ("bibtex", "ris") or exports.to_bytes(empty, name)  # nothing is cited
    if name in FOR_READING:
        assert "Nothing is near" in drawn(empty, name)
        assert "References" not in drawn(empty, name)
        assert "ndex build" not in drawn(empty, name)


@pytest.mark.parametrize("name", FOR_READING)
def test_every_reference_has_its_pinpoint_id_build_and_day(name: str):
    whole = drawn(comparison(), name)
    for wanted in ("Bakers Guild 2014, Bread in Towns, p. 3, para 12", "loaves-0000000c", "b1"):
        assert wanted in whole
    assert "para 3" in whole
    assert "2026-11-21" in whole


@pytest.mark.parametrize("name", FOR_READING)
def test_what_the_quote_gate_found_is_shown_unless_all_is_well(name: str):
    assert "(repaired: dashes; space)" in drawn(doubtful(), name)
    assert "(unsupported: not there)" in drawn(doubtful(), name)
    assert "verified" not in drawn(comparison(), name)


def test_a_repair_without_a_reason_is_shown_too():
    bad = document(Part("Guild", "", (sentence(status="unsupported"),)))
    assert "(unsupported)" in drawn(bad, "text")


@given(wild_documents())
def test_every_form_holds_any_text(wild: ExportDocument):
    for name in exports.FORMS.keys() - {"docx"}:  # which is slow and has its own test
        content = exports.to_bytes(wild, name).decode()
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\ufffe]", content)


@given(wild_documents())
def test_the_numbers_and_every_word_stand_in_the_text(wild: ExportDocument):
    shown = drawn(wild, "text")
    assert [text for text in texts(wild) if bare(text) not in bare(shown)] == []
    assert "[1]" in shown


# The terminal.


def test_a_comparison_on_the_terminal():
    lines = drawn(comparison(), "text").splitlines()
    assert lines[0] == "Should towns lend ovens?"
    assert lines[lines.index("Bakers Guild") + 2 :][:3] == [
        "Bread in Towns, 2014",
        f"• {OVENS} {RYE} [1][2]",
        f"• {RYE} [2]",
    ]
    assert "• Recommendation 3: The depot should print its fares on every door. [3]" in lines
    assert lines[lines.index("Harbour Trust") + 2].endswith("(7 passages searched).")
    assert lines[lines.index("References") + 1 :][:3] == [
        "[1] Bakers Guild 2014, Bread in Towns, p. 3, para 12 · loaves-0000000c",
        "[2] Bakers Guild 2014, Bread in Towns, p. 3, para 12 · loaves-0000000c",
        "[3] Drivers & Sons, Trams by the Sea, para 3 · trams-00000003",
    ]
    assert lines[-1] == "Index build b1, asked on 2026-11-21."


def test_a_quote_is_shown_where_the_sentence_has_other_words():
    lines = drawn(doubtful(), "text").splitlines()
    assert [line for line in lines if line.startswith("    ")] == [f"    “{OVENS}”"]


def test_a_recommendation_that_begins_with_its_name_is_not_introduced_twice():
    assert introduction(recommendation("3", "Recommendation 3: Print the fares.")) == ""
    assert introduction(recommendation("3", "RECOMMENDATION 3 Print the fares.")) == ""
    assert introduction(recommendation("3", "Recommendation 31 is dropped.")) == "Recommendation 3"
    assert introduction(recommendation(None)) == "Recommendation"
    assert introduction(sentence()) == ""


def test_text_loses_commands_to_the_terminal():
    assert clean("a\x1b[2Jb\r\nc\ud800\x9bd") == "a[2Jb\ncd"
    assert one_line(" a\u2028b\tc\x00 ") == "a b c"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.example/b_c?d=1&e=%20#f", "https://a.example/b_c?d=1&e=%20#f"),
        ("HTTP://a.example/ü (1)", "HTTP://a.example/%C3%BC%20%281%29"),
        ('https://a.example/">{<x>}\\', "https://a.example/%22%3E%7B%3Cx%3E%7D%5C"),
        ("javascript:alert(1)//https://a.example", None),
        ("https://a.example/it's", "https://a.example/it%27s"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https:", None),
        ("https://", None),
        ("https:///path", None),
        ("www.a.example", None),
        ("", None),
        (None, None),
    ],
)
def test_only_addresses_of_the_web_are_linked_to(url: str | None, address: str | None):
    assert web_address(url) == address


# The notebook.


class Outline(HTMLParser):
    """The tags and the text of a fragment; fails on tags that do not match."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(f"{tag} {sorted(name for name, _ in attrs)}")
        self.links += [value for name, value in attrs if name in ("href", "src")]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_comparison_in_a_notebook():
    outline = Outline(drawn(comparison(), "html"))
    assert outline.open == []
    assert outline.text.count("report") == len(outline.links) + 1  # and the note
    assert set(outline.links) == {"https://example.org/loaves_1?a=1&b=%20#top"}
    assert [t.split()[0] for t in outline.tags].count("li") == 3
    assert f"{OVENS} {RYE}[1][2]" in outline.text
    assert f"“{RYE}”" in outline.text
    assert "Recommendation 3: The depot" in outline.text
    assert "No passage found (7 passages searched)." in outline.text


def test_an_address_is_linked_to_as_it_is():
    url = "https://example.org/?a=1&copy;=2&amp;b=3"
    made = document(Part("G", "", (sentence(),)), reports={"loaves": loaves(url=url)})
    assert Outline(drawn(made, "html")).links == [url]


@given(wild_documents())
def test_no_text_becomes_html(wild: ExportDocument):
    outline = Outline(drawn(wild, "html"))
    tame = Outline(drawn(tamed(wild), "html"))
    assert outline.tags == tame.tags
    assert outline.links == links(wild)
    assert [text for text in texts(wild) if bare(text) not in bare(outline.text)] == []


def tamed(wild: ExportDocument) -> ExportDocument:
    """Return the document with a plain word for every text, and with its valid links."""
    urls = [r.url for r in wild.provenance.reports.values()]
    reports = {"loaves": loaves(url=urls[0] if web_address(urls[0]) else None)} if urls else {}
    parts = tuple(
        Part(
            "heading",
            "caption",
            tuple(
                sentence("word", status=c.status, repairs=("why",))
                for s in part.sentences
                for c in s.citations
            ),
        )
        for part in wild.parts
    )
    provenance = Provenance("b1", "2026-11-21", reports)
    return ExportDocument("title", ("note",), parts, provenance)


# The table.


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_for_every_citation_and_for_silence():
    rows = read(drawn(comparison(), "csv"))
    assert tuple(rows[0]) == exports.COLUMNS
    assert [(r["part"], r["reference"], r["status"]) for r in rows] == [
        ("Bakers Guild", "1", "verified"),
        ("Bakers Guild", "2", "verified"),
        ("Bakers Guild", "2", "verified"),
        ("Drivers & Sons", "3", "verified"),
        ("Harbour Trust", "", ""),
    ]
    first, silent = rows[0], rows[-1]
    expected = {
        "question": "Should towns lend ovens?",
        "sentence": f"{OVENS} {RYE}",
        "quote": OVENS,
        "publisher": "Bakers Guild",
        "title": "Bread in Towns",
        "report_id": "loaves",
        "authors": "Ada Miller; Jörg van der Bäcker; Cabinet Office",
        "published": "2014-11",
        "year": "2014",
        "page": "3",
        "printed_page": "",
        "paragraph": "12",
        "section": "Summary › Ovens",
        "paragraph_id": "loaves-0000000c",
        "url": "https://example.org/loaves_1?a=1&b=%20#top",
        "build": "b1",
        "asked": "2026-11-21",
        "recommendation": "",
    }
    assert {column: first[column] for column in expected} == expected
    assert rows[3]["recommendation"] == "Recommendation 3"
    assert silent["sentence"] == "Quays. No passage found (7 passages searched)."
    assert {k for k, v in silent.items() if v} == {"question", "part", "sentence", "build", "asked"}


def test_repairs_are_in_the_table():
    rows = read(drawn(doubtful(), "csv"))
    assert [(r["status"], r["repairs"]) for r in rows] == [
        ("repaired", "dashes; space"),
        ("unsupported", "not there"),
    ]


def test_numbers_stay_numbers_and_texts_are_quoted():
    line = drawn(comparison(), "csv").splitlines()[1]
    assert ',1,"Every town' in line
    assert ',"2014-11",2014,3,"",12,"Summary' in line


def test_the_file_has_a_byte_order_mark_and_the_text_has_none():
    assert exports.to_bytes(comparison(), "csv").startswith(b"\xef\xbb\xbf")
    assert drawn(comparison(), "csv").startswith('"question"')


def test_rows_are_untouched_and_become_a_frame():
    quote = "=1+1"
    wild = document(Part("Guild", "", (sentence(quote),)), reports={})
    row = dict(zip(exports.COLUMNS, exports.rows(wild)[0], strict=True))
    assert (row["sentence"], row["quote"], row["published"]) == (quote, quote, "2014")
    assert row["authors"] is None
    frame = Comparison(
        "Why?", (ComparisonRow("Guild", True, (sentence(),), (), (), 1),)
    ).to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert frame.loc[0, "quote"] == OVENS
    assert list(frame.columns) == list(exports.COLUMNS)


FORMULAS = ("=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\nx", "＝1", "＋1", "－1", "＠A", "\x00=1")


@pytest.mark.parametrize("text", [*FORMULAS, ' "=1"', "“-5", "\u00a0=1", "\ufeff=1"])
def test_no_cell_is_a_formula(text: str):
    rows = read(drawn(document(Part("Guild", "", (sentence(text),))), "csv"))
    assert rows[0]["sentence"] == f"'{clean(text)}"


@pytest.mark.parametrize("text", ["1 = 1", "a-b", "'tis", "“So”", "5 - 3", "", "–", "£41bn"])
def test_other_cells_are_left_alone(text: str):
    rows = read(drawn(document(Part("Guild", text)), "csv"))
    assert rows[0]["sentence"] == text


@given(wild_documents())
@example(document(Part("G", "", tuple(sentence(n, number=i) for i, n in enumerate(NASTY)))))
def test_any_text_comes_back_from_the_table(wild: ExportDocument):
    read_back = list(csv.reader(io.StringIO(drawn(wild, "csv"), newline="")))
    written = exports.rows(wild)
    assert len(read_back) == len(written) + 1
    for cells, values in zip(read_back[1:], written, strict=True):
        for cell, value in zip(cells, values, strict=True):
            if isinstance(value, str):
                assert cell.lstrip().lstrip('"“”‘’')[:1] not in tuple("=+-@＝＋－＠")
                assert bare(cell) in (bare(value), f"'{bare(value)}")
            else:
                assert cell == ("" if value is None else str(value))


# The numbers.


def test_numbers_follow_first_use_in_every_form():
    one, two = sentence(OVENS), sentence(RYE, paragraph_id="rye", number=13)
    again = dataclasses.replace(two, citations=(*two.citations, citation()))
    made = document(Part("Guild", "", (one, two, again)))
    assert f"{RYE} [2][1]" in drawn(made, "text")
    assert f"{RYE}[2][1]" in Outline(drawn(made, "html")).text
    assert rf"{RYE} \[2\]\[1\]" in drawn(made, "markdown")
    column = exports.COLUMNS.index("reference")
    assert [row[column] for row in exports.rows(made)] == [1, 2, 2, 1]
