"""The cited reports, read back as reference managers read them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import rispy
from hypothesis import given
from pybtex.database import parse_string
from pybtex.richtext import Text

from reformqa import exports
from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.names import Name, name
from reformqa.exports.printable import one_line
from reformqa.model import Guess
from support.documents import (
    OVENS,
    RYE,
    bare,
    comparison,
    document,
    doubtful,
    links,
    loaves,
    sentence,
    wild_documents,
)

PLACES = [
    f"[1] p. 3, para 12 (loaves-0000000c): “{OVENS}”",
    f"[2] p. 3, para 12 (loaves-0000000c): “{RYE}”",
    "Index build b1, asked on 2026-11-21.",
]


def bibtex(made: ExportDocument) -> Any:
    return parse_string(str(exports.export(made, "bibtex")), "bibtex").entries


def ris(made: ExportDocument) -> list[dict[str, Any]]:
    return rispy.loads(str(exports.export(made, "ris")))


def csl(made: ExportDocument) -> list[dict[str, Any]]:
    found = json.loads(str(exports.export(made, "csl-json")))
    assert isinstance(found, list)
    return found


def unlatexed(text: str) -> str:
    """Return a field's text as LaTeX prints it, including commands that pybtex lacks."""
    own = {"textbraceleft": "\ue000", "textbraceright": "\ue001", "textasciicircum": "^"}
    own |= {"textbackslash": "\ue002"}
    text = re.sub(r"\{\\(\w+)\}", lambda m: own.get(m[1], m[0]), text).replace(r"\$", "\ue003")
    shown = str(Text.from_latex(text))
    return shown.translate({0xE000: "{", 0xE001: "}", 0xE002: "\\", 0xE003: "$"})


def test_an_entry_a_report_in_bibtex():
    entries = bibtex(comparison())
    assert list(entries) == ["loaves", "trams"]
    assert entries["loaves"].type == "techreport"
    assert dict(entries["loaves"].fields) == {
        "title": "Bread in Towns: Ovens for all",
        "institution": "Bakers Guild",
        "year": "2014",
        "month": "November",
        "url": "https://example.org/loaves_1?a=1&b=%20#top",
        "urldate": "2026-11-21",
        "annote": " ".join(PLACES),
    }
    assert [str(p) for p in entries["loaves"].persons["author"]] == [
        "Miller, Ada",
        "van der Bäcker, Jörg",
        "{Cabinet Office}",
    ]
    trams = entries["trams"]
    assert [str(p) for p in trams.persons["author"]] == [r"{Drivers \& Sons}"]
    assert "year" not in trams.fields
    assert "[3] para 3 (trams-00000003): “The depot" in trams.fields["annote"]


def test_a_month_is_the_style_s_own_word():
    assert "month = nov," in str(exports.export(comparison(), "bibtex"))


def test_a_record_a_report_in_ris():
    first, second = ris(comparison())
    assert first == {
        "type_of_reference": "RPRT",
        "id": "loaves",
        "title": "Bread in Towns: Ovens for all",
        "authors": ["Miller, Ada", "van der Bäcker, Jörg", "Cabinet Office"],
        "publisher": "Bakers Guild",
        "year": "2014",
        "date": "2014/11//",
        "urls": ["https://example.org/loaves_1?a=1&b=%20#top"],
        "access_date": "2026/11/21/",
        "notes": PLACES,
    }
    assert second["authors"] == [second["publisher"]] == ["Drivers & Sons"]
    assert "year" not in second
    assert str(exports.export(comparison(), "ris")).startswith("TY  - RPRT\n")


def test_an_item_a_report_in_csl_json():
    first, second = csl(comparison())
    assert first == {
        "id": "loaves",
        "type": "report",
        "title": "Bread in Towns: Ovens for all",
        "author": [
            {"family": "Miller", "given": "Ada"},
            {"family": "van der Bäcker", "given": "Jörg"},
            {"literal": "Cabinet Office"},
        ],
        "issued": {"date-parts": [[2014, 11]]},
        "publisher": "Bakers Guild",
        "URL": "https://example.org/loaves_1?a=1&b=%20#top",
        "accessed": {"date-parts": [[2026, 11, 21]]},
        "note": "\n".join(PLACES),
    }
    assert second["author"] == [{"literal": "Drivers & Sons"}]
    assert "issued" not in second


def test_what_the_quote_gate_found_is_in_the_notes():
    (record,) = ris(doubtful())
    assert record["notes"][0].endswith("” (repaired: dashes; space)")
    assert record["notes"][1].endswith("“Invented.” (unsupported: not there)")


def test_facts_that_were_guessed_are_called_so():
    guessed = loaves(
        guesses={"title": Guess("the cover", 0.7), "authors": Guess("the byline", 0.7)}
    )
    made = document(Part("Guild", "", (sentence(),)), reports={"loaves": guessed})
    assert "Read from the front page, not checked: authors, title" in ris(made)[0]["notes"]


def test_a_reading_note_is_called_so_and_is_not_its_publisher_s():
    note = loaves(note_on="loaves-itself", authors=())
    made = document(Part("Guild", "", (sentence(),)), reports={"loaves": note})
    assert "A reading note on the report, not the report itself" in ris(made)[0]["notes"]
    assert "author" not in csl(made)[0]
    assert "author" not in bibtex(made)["loaves"].persons
    assert csl(made)[0]["publisher"] == "Bakers Guild"


@pytest.mark.parametrize(
    ("published", "parts", "month", "date"),
    [
        ("2024-02", [2024, 2], "February", "2024/02//"),
        ("2024", [2024], None, "2024///"),
        ("2024-13", [2024, 13], None, "2024/13//"),
    ],
)
def test_dates(published: str, parts: list[int], month: str | None, date: str):
    reports = {"loaves": loaves(published=published)}
    made = document(Part("Guild", "", (sentence(),)), reports=reports)
    assert csl(made)[0]["issued"] == {"date-parts": [parts]}
    assert bibtex(made)["loaves"].fields.get("month") == month
    assert ris(made)[0]["date"] == date


def test_without_provenance_the_citation_tells_what_it_can():
    made = ExportDocument("Why?", (), (Part("Guild", "", (sentence(),)),), Provenance())
    (item,) = csl(made)
    assert item == {
        "id": "loaves",
        "type": "report",
        "title": "Bread in Towns",
        "author": [{"literal": "Bakers Guild"}],
        "issued": {"date-parts": [[2014]]},
        "publisher": "Bakers Guild",
        "note": PLACES[0],
    }
    assert "urldate" not in bibtex(made)["loaves"].fields
    assert "access_date" not in ris(made)[0]


def test_keys_are_plain_and_different():
    ids = ("a b", "a-b", "A-B", "{x}", "ü", "", "a-b-2", "a,b")
    made = document(Part("G", "", tuple(sentence(report_id=i) for i in ids)), reports={})
    keys = [item["id"] for item in csl(made)]
    assert keys == ["a-b", "a-b-2", "A-B-3", "x", "report", "report-2", "a-b-2-2", "a-b-4"]
    assert list(bibtex(made)) == keys


SIGNS = "A & B: 100% of #1_2 for £5 $x$ {y} } ^ ~ \\alpha \"q\" 'z' <t> é“ü”–🚋 @a = b, c"


def test_signs_come_back():
    facts = loaves(title=SIGNS, subtitle=None, publisher=SIGNS, authors=(SIGNS,))
    made = document(Part("G", "", (sentence(SIGNS),)), reports={"loaves": facts})
    fields = bibtex(made)["loaves"].fields
    (author,) = bibtex(made)["loaves"].persons["author"]
    assert unlatexed(fields["title"]) == unlatexed(fields["institution"]) == SIGNS
    assert unlatexed(str(author)) == SIGNS
    assert f"“{SIGNS}”" in unlatexed(fields["annote"])
    assert re.findall(r"(?<!\\)[&%#_$~^]", fields["title"]) == []
    assert ris(made)[0]["title"] == csl(made)[0]["title"] == SIGNS


@given(wild_documents())
def test_any_text_comes_back_from_every_form(wild: ExportDocument):
    ((key, entry),) = bibtex(wild).items()
    (record,) = ris(wild)
    (item,) = csl(wild)
    (cited,) = wild.parts[0].sentences[0].citations
    report = wild.provenance.reports.get(cited.report_id)
    subtitle = (report and report.subtitle) or ""
    assert key == record["id"] == item["id"]
    assert re.fullmatch(r"[A-Za-z0-9.:_-]+", key)
    for title in (unlatexed(entry.fields["title"]), record["title"], item["title"]):
        assert bare(title).startswith(bare(cited.report_title))
        assert bare(title).endswith(bare(subtitle))
    quote = bare(cited.quote)
    for notes in (unlatexed(entry.fields["annote"]), "".join(record["notes"]), item["note"]):
        assert f"“{quote}”" in bare(notes)
    for publisher in (
        unlatexed(entry.fields["institution"]),
        record["publisher"],
        item["publisher"],
    ):
        assert bare(publisher) == bare(cited.publisher)
    (url,) = links(wild) or [None]
    assert entry.fields.get("url") == item.get("URL") == url
    assert record.get("urls") == ([url.replace(";", "%3B")] if url else None)
    authors = len(report.authors) if report and report.authors else 1
    assert len(entry.persons["author"]) == len(record["authors"]) == len(item["author"]) == authors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Miller", Name("Miller", "Ada")),
        ("Ada Mary Miller-Stone", Name("Miller-Stone", "Ada Mary")),
        ("Miller, Ada Mary", Name("Miller", "Ada Mary")),
        ("Harry Quilter-Pinner", Name("Quilter-Pinner", "Harry")),
        ("Ludwig van Beethoven", Name("van Beethoven", "Ludwig")),
        ("Ludwig van der Mühle", Name("van der Mühle", "Ludwig")),
        ("Ada dos Santos", Name("dos Santos", "Ada")),
        ("van Beethoven, Ludwig", Name("van Beethoven", "Ludwig")),
        ("Ada {x} Miller", Name("Ada {x} Miller")),
        ("Institute for Public Policy Research", Name("Institute for Public Policy Research")),
        ("Van Morris", Name("Morris", "Van")),
        ("von der Mühle", Name("von der Mühle")),
        ("Ada von", Name("von", "Ada")),
        ("Cabinet Office", Name("Cabinet Office")),
        ("Department for Ovens, Yeast and Rye", Name("Department for Ovens, Yeast and Rye")),
        ("Miller & Sons", Name("Miller & Sons")),
        ("Ada Miller and Tom Baker", Name("Ada Miller and Tom Baker")),
        ("Bakery", Name("Bakery")),
        ("Miller, Ada, MP", Name("Miller, Ada, MP")),
        ("Miller,", Name("Miller,")),
        ("Team 9", Name("Team 9")),
    ],
)
def test_names(text: str, expected: Name):
    assert name(text) == expected
    assert one_line(f"{expected.given} {expected.family}")


@pytest.mark.parametrize("name", ["bibtex", "ris", "csl-json", "csv", "markdown"])
def test_an_export_names_the_printed_page(name: str):
    def made(printed: str | None) -> str:
        part = Part("Bakers Guild", "", (sentence(printed_page=printed),))
        return str(exports.export(document(part), name))

    assert "xlvii" in made("xlvii")
    assert "p. xlvii (PDF page 3), para 12" in made("xlvii") or name == "csv"
    assert "xlvii" not in made(None)
