"""The list of recommendations: narrowed down, on paper, taken away."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa import Library, Provenance, Recommendation, Sentence, Settings, UnknownNameError
from reformqa.recommendations.listing import RECOMMENDATION_COLUMNS, Recommendations, holding
from support.asking import town_in_memory
from support.makers import contents, in_memory, paragraph, report

FABIAN = "note-on-going-public"


def made(text: str, label: str | None = None, *items: str) -> Recommendation:
    return Recommendation(f"made-{text}", "made", label, text, items, (), "made-00000001")


@pytest.fixture(scope="module")
def towns() -> Library:
    return Library(town_in_memory(), Settings())


OVEN = made("Lend the cold ovens of the Zoë café for long-term use.", "Policy Option Two")
TRAM = made("Let trams run.", "7", "Give the ‘night’ drivers more PAY.")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", [OVEN, TRAM]),
        ("  \n", [OVEN, TRAM]),
        ("CAFE", [OVEN]),
        ("zoe cafe", [OVEN]),
        ("zöe café", [OVEN]),
        ("cafe\u0301", [OVEN]),
        ("long‑term ovens", [OVEN]),
        ("ven, col", [OVEN]),
        ("option two", [OVEN]),
        ("recommendation 7", [TRAM]),
        ("drivers pay", [TRAM]),
        ('"night"', [TRAM]),
        ("ovens trams", []),
        ("...", []),
        ("^$.*", []),
    ],
)
def test_every_word_has_to_stand_in_label_text_or_items(words: str, expected: list[object]):
    assert holding([OVEN, TRAM], words) == expected


@given(st.text(max_size=40), st.text(max_size=12))
def test_whatever_is_typed_a_text_holds_its_own_words(text: str, typed: str):
    recommendation = made(text)
    assert holding([recommendation], " ".join(text.split())) == [recommendation]
    assert holding([recommendation], typed) in ([], [recommendation])


def test_words_narrow_the_list_of_a_library(library: Library):
    found = library.recommendations(containing="Citizens panel")
    assert found
    assert all("panel" in f"{r.text} {r.sub_items}".lower() for r in found)
    assert [r for r in library.recommendations() if r in found] == list(found)
    assert not library.recommendations(containing="panel", publisher="Fabian Society")


def test_years_leave_the_recommendations_of_their_reports(library: Library):
    years = {r.id: r.year for r in library.reports}
    found = library.recommendations(published=(2014, 2023))
    assert {years[r.report_id] for r in found} == {2014, 2023}
    assert not library.recommendations(published=1999)


def test_a_section_leaves_what_it_states_or_restates(towns: Library):
    def found(*kinds: str) -> list[str]:
        return [r.id for r in towns.recommendations(section=kinds)]

    assert found("summary") == ["loaves-Recommendation 1", "ovens-Recommendation 14"]
    assert found("annex") == ["trams-Recommendation 3", "trams-Recommendation 4"]
    assert found("conclusion") == []
    assert len(found("chapter", "annex")) == len(towns.recommendations())
    assert found() == [r.id for r in towns.recommendations()]


def test_a_matter_is_looked_for_everywhere_and_then_narrowed_down(towns: Library):
    about = towns.recommendations(about="lending cold ovens")
    assert {"loaves", "ovens"} == {r.report_id for r in about}
    in_summaries = towns.recommendations(about="lending cold ovens", section="summary")
    assert list(in_summaries) == list(about)
    loaves = towns.recommendations(about="lending cold ovens", containing="cold")
    assert [r.report_id for r in loaves] == ["loaves"]
    assert not towns.recommendations(about="lending cold ovens", section="annex")
    assert not towns.recommendations(about="lending cold ovens", containing="tram")


def test_an_unknown_kind_of_section_is_an_error(towns: Library):
    with pytest.raises(UnknownNameError, match="section kind"):
        towns.recommendations(section="chapters")


def test_on_paper_each_report_is_a_part_and_each_recommendation_is_cited(library: Library):
    found = library.recommendations()
    document = found.document()
    parts = [(p.heading, p.caption.rpartition(", ")[2]) for p in document.parts]
    reports = {r.id: (r.publisher, str(r.year)) for r in library.reports}
    assert parts == [reports[i] for i in dict.fromkeys(r.report_id for r in found)]
    sentences = [s for p in document.parts for s in p.sentences]
    assert [s.recommendation for s in sentences] == list(found)
    for sentence, recommendation in zip(sentences, found, strict=True):
        assert sentence.citations[0].paragraph_id == recommendation.stated
        assert {c.status for c in sentence.citations} == {"verified"}
    assert document.provenance.build == library.build.id
    assert document.notes == ()


def test_paper_says_what_the_list_was_narrowed_down_by(library: Library):
    chosen = {"publisher": "IPPR", "published": 2023, "section": "chapter"}
    found = library.recommendations(about="missions", containing="mission  TEST", **chosen)
    document = found.document()
    assert document.title == "Recommendations: missions"
    assert document.notes[0] == (
        "Only: IPPR; published in 2023; in sections of kind chapter; containing “mission TEST”."
    )


def test_an_empty_list_says_so_on_paper(library: Library):
    found = library.recommendations(containing="sourdough")
    assert str(found).startswith("Recommendations\n\nOnly: containing “sourdough”.")
    assert "No recommendation matches." in str(found)
    assert tuple(found.to_pandas().columns) == RECOMMENDATION_COLUMNS


def test_a_list_leaves_in_every_form(library: Library):
    found = library.recommendations(report=FABIAN)
    with zipfile.ZipFile(io.BytesIO(found.export("docx"))) as word:  # type: ignore[arg-type]
        text = word.read("word/document.xml").decode()
    table, titles = str(found.export("csv")), str(found.export("ris"))
    assert all(r.stated in table for r in found)
    assert all(r.stated in text for r in found)
    assert titles.count("TY  -") >= 1
    assert found.to_pandas()["id"].tolist() == [r.id for r in found]


def test_a_long_list_is_quickly_put_on_paper(models: Mapping[str, Path]):
    words = (
        "ovens",
        "trams",
        "harbours",
        "bread",
        "masons",
        "pilots",
        "millers",
        "carts",
        "kilns",
        "rye",
    )
    paragraphs = [
        paragraph(
            f"Towns should lend {a} to {b} for {n} days a year. " + "Nobody asks why. " * 20,
            id=f"made-{n}",
            number=n + 1,
        )
        for n, (a, b) in enumerate((a, b) for a in words for b in words)
    ]
    records = [
        Recommendation(f"r{p.number}", "made", None, p.text.split(". ")[0] + ".", (), (), p.id)
        for p in paragraphs
    ]
    store = in_memory(contents([report(*paragraphs)], records), models)
    library = Library(store, Settings())
    found = library.recommendations(containing="lend")
    started = time.perf_counter()
    assert len(found.document().references()) == len(found) == 100
    assert time.perf_counter() - started < 2  # usually a tenth of a second


# ---- a sequence ---------------------------------------------------------------------------------


def nothing_cited(
    recommendations: Sequence[Recommendation],
) -> tuple[tuple[Sentence, ...], Provenance]:
    return (), Provenance()


LISTED = Recommendations((OVEN, TRAM), nothing_cited)


def test_recommendations_are_a_sequence():
    assert (len(LISTED), bool(LISTED), bool(Recommendations((), nothing_cited))) == (2, True, False)
    assert (LISTED[0], LISTED[-1]) == (OVEN, TRAM)
    assert list(LISTED) == [OVEN, TRAM]
    assert TRAM in LISTED
    assert (LISTED[1:], LISTED[5:]) == ((TRAM,), ())


def test_recommendations_are_equal_if_they_are_the_same_under_the_same_title():
    """However they are cited."""
    assert Recommendations((OVEN, TRAM), lambda found: ((), Provenance("b1"))) == LISTED
    assert Recommendations((TRAM, OVEN), nothing_cited) != LISTED
    assert Recommendations((OVEN, TRAM), nothing_cited, notes=("Only: Demos.",)) != LISTED


def test_some_of_them_may_be_chosen_by_id():
    chosen = LISTED.only({TRAM.id, "unknown"})
    assert chosen == Recommendations((TRAM,), nothing_cited)
    assert not LISTED.only([])


def test_a_frame_has_a_row_each_and_keeps_its_columns_without_any():
    frame = LISTED.to_pandas()
    assert tuple(frame.columns) == RECOMMENDATION_COLUMNS
    assert frame["text"].tolist() == [OVEN.text, TRAM.text]
    assert frame["sub_items"].tolist() == [0, 1]
    empty = LISTED.only([]).to_pandas()
    assert (len(empty), tuple(empty.columns)) == (0, RECOMMENDATION_COLUMNS)
