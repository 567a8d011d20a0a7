"""What the tools give: quotes that are printed, links that lead back, sizes that can be read."""

from __future__ import annotations

import random
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from reformqa import Library, UnknownNameError
from reformqa.assistants.linked import LinkedLibrary
from reformqa.assistants.results import Cited
from reformqa.assistants.tools import TOOLS
from reformqa.citations.permalink import linked
from reformqa.text.sentences import sentences

APP = "https://reports.example.org/reform"
#: Bytes of a result that an assistant can still read with others beside it.
READABLE = 40_000
REQUESTS: dict[str, list[dict[str, Any]]] = {
    "search": [
        {"question": "place-based budgets", "limit": 20},
        {"question": "targets", "publisher": "Demos"},
    ],
    "ask": [
        {"question": "Why not just spend more?"},
        {"question": "How do Demos and IPPR differ on targets?"},
        {"question": "What is the capital of Peru?"},
        {"question": "Which recommendations are there?"},
    ],
    "compare": [{"question": "the role of targets and inspection"}],
    "recommendations": [{"about": "workforce"}, {"limit": 20}],
    "paragraph": [{"paragraph": "of a report", "before": 10, "after": 10}],
    "outline": [{"report": "note-on-going-public"}],
    "reports": [{}, {"since": 2020, "publisher": ["IPPR"]}],
    "verify": [{"quote": "Nobody ever printed these words in a report"}],
}


@pytest.fixture(scope="module")
def of(library: Library) -> LinkedLibrary:
    return LinkedLibrary(library, APP)


def run(of: LinkedLibrary, name: str, **asked: Any) -> Any:
    tool = TOOLS[name]
    return tool.run(of, tool.takes.model_validate(asked))


def some_paragraph(of: LinkedLibrary) -> Any:
    report = of.library.report("note-on-going-public")
    return next(p for p in report.paragraphs[10:] if p.searchable and len(p.text) > 100)


@pytest.mark.parametrize("name", TOOLS)
def test_results_meet_their_schema_and_are_short_enough_to_read(of: LinkedLibrary, name: str):
    schema = TOOLS[name].gives.model_json_schema(mode="serialization")
    for asked in REQUESTS[name]:
        asked = {**asked, **({"paragraph": some_paragraph(of).id} if name == "paragraph" else {})}
        result = run(of, name, **asked)
        jsonschema.validate(result.model_dump(mode="json"), schema)
        assert result.build == of.build
        assert len(result.model_dump_json()) < READABLE


def cited_in(value: Any) -> list[Cited]:
    """Every citation in a result."""
    if isinstance(value, Cited):
        return [value]
    inner = value if isinstance(value, tuple) else [v for _, v in value] if is_model(value) else ()
    return [c for v in inner for c in cited_in(v)]


def is_model(value: Any) -> bool:
    return hasattr(value, "model_fields_set")


@pytest.mark.parametrize("name", ["search", "ask", "compare", "recommendations", "verify"])
def test_every_quote_is_printed_where_its_link_leads(of: LinkedLibrary, name: str):
    found = [c for asked in REQUESTS[name] for c in cited_in(run(of, name, **asked))]
    assert found or name == "verify"
    for cited in found:
        assert cited.permalink.startswith(f"{APP}/?cite={cited.paragraph_id}")
        assert linked(cited.permalink) == (cited.paragraph_id, of.build)
        printed = of.library.paragraph(cited.paragraph_id).text
        assert printed[slice(*cited.span)] == cited.quote
        assert cited.reference == str(cited)
        assert run(of, "verify", quote=cited.quote, paragraph=cited.permalink).status != "repaired"


def test_an_abstention_has_no_sentences_and_shows_what_is_near(of: LinkedLibrary):
    answer = run(of, "ask", question="What is the capital of Peru?")
    assert (answer.abstained, answer.sentences, answer.rows) == (True, (), ())
    assert "Peru" in answer.reason
    assert answer.nearest


def test_a_follow_up_is_answered_as_the_whole_question(of: LinkedLibrary):
    answer = run(of, "ask", question="And IPPR?", after="What does Demos say about targets?")
    assert answer.question == "What does IPPR say about targets?"
    assert {s.citations[0].publisher for s in answer.sentences} == {"IPPR"}


def test_a_comparison_has_a_row_for_every_publisher_and_no_sentence_twice(of: LinkedLibrary):
    answer = run(of, "ask", question="How do the think tanks differ on targets?")
    assert {row.publisher for row in answer.rows} == set(of.library.publishers)
    assert answer.sentences == ()


def test_a_list_is_read_to_its_end_in_parts(of: LinkedLibrary):
    whole = [r.id for r in of.library.recommendations()]
    parts = [run(of, "recommendations", limit=7, offset=n) for n in range(0, len(whole) + 7, 7)]
    assert [r.id for part in parts for r in part.recommendations] == whole
    assert {part.total for part in parts} == {len(whole)}


def test_an_outline_leads_to_the_text_of_each_section(of: LinkedLibrary):
    outline = run(of, "outline", report="note-on-going-public")
    section = next(s for s in outline.sections if s.paragraphs > 1)
    read = run(of, "paragraph", paragraph=section.paragraph_id, before=0, after=1)
    assert section.title in read.paragraphs[0].section_path
    assert read.paragraphs[0].paragraph_id == read.asked == section.paragraph_id


def test_reports_are_newest_first_and_filtered_by_year_and_publisher(of: LinkedLibrary):
    every = run(of, "reports").reports
    assert [r.published for r in every] == sorted((r.published for r in every), reverse=True)
    some = run(of, "reports", since=2020, publisher="ippr").reports
    assert {r.id for r in some} == {
        r.id for r in of.library.reports if r.publisher == "IPPR" and (r.year or 0) >= 2020
    }
    with pytest.raises(UnknownNameError, match="Did you mean Demos"):
        run(of, "reports", publisher="Demo")


def test_a_paragraph_that_never_was_is_an_error_and_a_stale_build_is_none(of: LinkedLibrary):
    found = some_paragraph(of)
    link = f"{APP}/?cite={found.id}&build=20200101-000000-abcdef"
    assert run(of, "paragraph", paragraph=link).explanation is None
    with pytest.raises(UnknownNameError, match="No paragraph is called"):
        run(of, "paragraph", paragraph="note-on-going-public-00000000")


@pytest.mark.parametrize(
    ("name", "asked", "key"),
    [
        ("ask", {}, "question"),
        ("ask", {"question": ""}, "question"),
        ("ask", {"question": "a" * 2_001}, "question"),
        ("search", {"question": "pay", "limit": 0}, "limit"),
        ("search", {"question": "pay", "limit": "5"}, "limit"),
        ("search", {"question": "pay", "publishers": "Demos"}, "publishers"),
        ("search", {"question": "pay", "publisher": 5}, "publisher"),
        ("verify", {"quote": "a" * 10_001}, "quote"),
    ],
)
def test_a_request_of_the_wrong_shape_is_refused_by_the_name_of_its_key(
    name: str, asked: dict[str, Any], key: str
):
    with pytest.raises(ValidationError) as refused:
        TOOLS[name].takes.model_validate(asked)
    assert [e["loc"] for e in refused.value.errors()] == [(key,)]


def test_a_quote_is_verified_repaired_or_refused_where_it_is_said_to_stand(of: LinkedLibrary):
    paragraph = some_paragraph(of)
    quote = next(t for _, t in sentences(paragraph.text) if len(t.split()) > 6)
    exact = run(of, "verify", quote=quote, paragraph=paragraph.id)
    assert (exact.status, exact.source.quote) == ("verified", quote)
    spaced = run(of, "verify", quote=quote.replace(" ", "  ", 1), paragraph=paragraph.id)
    assert (spaced.status, spaced.source.quote) == ("repaired", quote)
    assert "Spaces" in spaced.message
    wrong = run(of, "verify", quote=" ".join(["Marmalade", *quote.split()[1:]]))
    assert (wrong.status, wrong.source) == ("unsupported", None)
    assert "Marmalade" in wrong.message
    assert any(quote in near.quote for near in wrong.nearest)


def test_a_quote_said_to_stand_in_the_wrong_paragraph_is_shown_in_the_right_one(of: LinkedLibrary):
    right = some_paragraph(of)
    quote = next(t for _, t in sentences(right.text) if len(t.split()) > 6)
    report = of.library.report("note-on-balancing-act")
    wrong = next(p for p in report.paragraphs if p.searchable and quote not in p.text)
    found = run(of, "verify", quote=quote, paragraph=wrong.id)
    assert (found.status, found.source) == ("unsupported", None)
    assert right.id in [c.paragraph_id for c in found.elsewhere]


def test_a_quote_without_its_place_is_found_wherever_it_is_and_a_changed_one_is_not(
    of: LinkedLibrary,
):
    pool = [
        text
        for info in of.library.reports
        for p in of.library.report(info.id).paragraphs
        if p.searchable
        for _, text in sentences(p.text)
        if len(text.split()) > 7
    ]
    sample = random.Random(1).sample(pool, 40)
    found = [run(of, "verify", quote=quote).status for quote in sample]
    assert found.count("verified") >= 39
    changed = [" ".join([*q.split()[:4], "marmalade", *q.split()[5:]]) for q in sample]
    assert {run(of, "verify", quote=quote).status for quote in changed} == {"unsupported"}


@pytest.mark.parametrize("quote", ["…", "“”", "the the", "Demos"])
def test_words_that_prove_nothing_are_refused(of: LinkedLibrary, quote: str):
    assert run(of, "verify", quote=quote).status == "unsupported"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a-report-12345678", ("a-report-12345678", None)),
        ("a-report-12345678:3-9", ("a-report-12345678", None)),
        ("http://x/?cite=a-report-12345678:3-9&build=b1&q=z", ("a-report-12345678", "b1")),
        ("http://[x/?cite=a", ("http://[x/?cite=a", None)),
        ("any words at all", ("any words at all", None)),
    ],
)
def test_a_place_is_read_from_whatever_names_it(text: str, named: tuple[str, str | None]):
    assert linked(text) == named
