"""The library as a script sees it: filters, names, neighbours and tables."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import ref

import pytest

from reformqa import (
    DamagedIndexError,
    Library,
    MissingIndexError,
    QuestionError,
    Recommendation,
    Settings,
    UnknownNameError,
    verify,
)
from reformqa.text.sentences import sentences
from support.llm_server import proposes, serving
from support.makers import contents, in_memory, paragraph, report

FABIAN = "note-on-going-public"
AUDIT = "What would replace the Audit Commission?"


def test_the_library_lists_its_reports_and_publishers(library: Library):
    assert [r.id for r in library.reports] == [
        "note-on-balancing-act",
        "note-on-going-public",
        "note-on-great-government",
        "note-on-reform-dividend",
        "note-on-smarter-state",
    ]
    assert library.publishers == ("Demos", "Fabian Society", "IPPR")
    assert library.section_kinds == ("chapter", "section", "summary")


def test_the_counts_of_the_reports_add_up_to_those_of_the_build(library: Library):
    counts = [library.counts(r.id) for r in library.reports]
    build = library.build
    assert {k: sum(c[k] for c in counts) for k in counts[0]} == {
        "paragraphs": build.paragraphs,
        "passages": build.passages,
        "recommendations": build.recommendations,
    }


@pytest.mark.parametrize("published", [2014, (2014, 2014), (2000, 2022)])
def test_a_search_by_year_finds_only_reports_of_that_year(library: Library, published):
    hits = library.search("targets and inspection", limit=20, published=published)
    assert [h.paragraph.report_id for h in hits] == [FABIAN] * 20
    assert hits.searched == library.counts(FABIAN)["passages"]


@pytest.mark.parametrize("published", [1999, (2015, 2022), (2025, 2030)])
def test_a_search_in_years_without_a_report_finds_nothing(library: Library, published):
    hits = library.search("targets", published=published)
    assert (list(hits), hits.searched) == ([], 0)
    assert hits.reason is not None
    assert "but the reports are of 2014, 2023, 2024 (filter" in hits.reason


def test_years_that_run_backwards_are_refused(library: Library):
    with pytest.raises(QuestionError, match="2024 to 2014 run backwards"):
        library.search("targets", published=(2024, 2014))


@pytest.mark.parametrize("limit", [0, -3])
def test_a_search_for_no_hit_is_refused(library: Library, limit: int):
    with pytest.raises(QuestionError, match=f"The limit is {limit}"):
        library.search("targets", limit=limit)


@pytest.mark.parametrize("publisher", ["IPPR", "ippr", ["IPPR"]])
def test_a_search_by_publisher_gives_as_many_as_asked(library: Library, publisher):
    hits = library.search("ringmaster of the town hall", limit=15, publisher=publisher)
    assert [h.publisher for h in hits] == ["IPPR"] * 15


def test_a_search_may_name_several_and_hears_all_of_them(library: Library):
    hits = library.search("targets", limit=20, publisher=["IPPR", "Demos"])
    assert {h.publisher for h in hits} == {"IPPR", "Demos"}


def test_a_search_keeps_to_the_sections_asked_for(library: Library):
    hits = library.search("public services", limit=10, section="summary")
    assert hits
    assert {h.paragraph.section_kind for h in hits} == {"summary"}


def test_a_search_for_recommendations_finds_paragraphs_that_state_one(library: Library):
    known = library.recommendations()
    stating = {p for r in known for p in (r.stated, *r.restated)}
    hits = library.search("pay of staff", limit=20, recommendations_only=True)
    assert len(hits) == 20
    assert {h.paragraph.id for h in hits} - stating == set()


@pytest.mark.parametrize(
    ("filters", "near"),
    [
        ({"publisher": "Demo"}, ["Demos"]),
        ({"publisher": ["IPPR", "Fabian"]}, ["Fabian Society"]),
        ({"report": "note-on-going-publik"}, [FABIAN]),
        ({"section": "sumary"}, ["summary"]),
    ],
)
def test_a_name_that_nothing_bears_is_refused_with_a_near_one(library: Library, filters, near):
    with pytest.raises(UnknownNameError) as error:
        library.search("targets", **filters)
    assert error.value.near[:1] == near


@pytest.mark.parametrize(
    ("question", "publisher"),
    [
        ("What does the Fabian Society say about setting central targets?", "Fabian Society"),
        ("What do the Fabians say about trade unions and working conditions?", "Fabian Society"),
        ("How would Demos use missions to hold local services to account?", "Demos"),
        ("What is IPPR's case against targets for complex problems?", "IPPR"),
    ],
)
def test_a_question_that_names_a_publisher_is_answered_by_it_alone(
    library: Library, question: str, publisher: str
):
    assert list(library.ask(question).by_publisher) == [publisher]
    assert {h.publisher for h in library.search(question)} == {publisher}


def test_a_follow_up_is_answered_as_the_whole_question(library: Library):
    first = library.ask("What does Demos say about targets?")
    then = library.ask("And IPPR?", after=first)
    assert then.question == "What does IPPR say about targets?"
    assert then == library.ask(then.question)
    assert then == library.ask("And IPPR?", after=first.question)


def test_a_follow_up_for_more_gives_the_further_sentences_once(library: Library):
    first = library.ask(AUDIT)
    assert first.more, "the case needs an answer with more behind it"
    more = library.ask("Show me more", after=first)
    assert (more.sentences, more.question) == (first.more, first.question)
    assert library.ask("more", after=AUDIT).sentences == first.more
    last = library.ask("Show me more", after=more)
    assert last.abstained
    assert "Nothing else is as close" in last.reason


def test_a_filter_goes_before_the_name_in_the_question(library: Library):
    answer = library.ask("What does Demos say about targets for simple tasks?", publisher="IPPR")
    assert list(answer.by_publisher) == ["IPPR"]


def test_a_question_may_be_asked_of_one_report(library: Library):
    question = "What is wrong with exhaustive lists of national targets?"
    answer = library.ask(question, report=FABIAN)
    several = library.ask("What do the think tanks say about targets?", report=FABIAN)
    for told in (answer, several):
        cited = {c.report_id for s in told.sentences for c in s.citations}
        assert cited == {FABIAN}


def test_recommendations_may_be_asked_of_a_publisher_or_a_report(library: Library):
    everything = library.recommendations()
    of = {r.id: r.publisher for r in library.reports}
    own = [r for r in everything if of[r.report_id] == "IPPR"]
    assert list(library.recommendations(publisher="IPPR")) == own
    assert {r.report_id for r in own} == {"note-on-great-government", "note-on-smarter-state"}
    fabian = library.recommendations(report=FABIAN)
    assert [r.label for r in fabian] == [str(n) for n in range(1, 20)]
    assert list(library.recommendations(publisher="IPPR", report=FABIAN)) == []


def test_recommendations_about_a_matter_are_the_publishers_and_near_it(library: Library):
    found = library.recommendations(publisher="Fabian Society", about="outsourcing")
    assert "4" in [r.label for r in found]
    assert {r.report_id for r in found} == {FABIAN}
    assert len(found) < len(library.recommendations(publisher="Fabian Society"))


def test_recommendations_about_a_matter_that_names_a_publisher_are_its_own(library: Library):
    found = library.recommendations(about="What does the Fabian Society want on outsourcing?")
    assert {r.report_id for r in found} == {FABIAN}


def test_recommendations_about_nothing_near_are_none(library: Library):
    assert not library.recommendations(about="the best recipe for sourdough bread")


@pytest.mark.parametrize(
    "filters", [{"publisher": "Demo"}, {"publisher": "Demo", "about": "pay"}, {"report": "going"}]
)
def test_recommendations_of_an_unknown_name_are_refused(library: Library, filters):
    with pytest.raises(UnknownNameError):
        library.recommendations(**filters)


def test_a_report_is_given_whole(library: Library):
    report = library.report(FABIAN)
    assert (report.title, report.year) == ("Reading note on Going Public", 2014)
    assert [p.number for p in report.paragraphs] == list(range(1, len(report.paragraphs) + 1))
    assert report.note_on == "going-public"
    assert "Recommendations" in [s.title for s in report.sections]


def test_an_unknown_report_is_refused_with_a_near_one(library: Library):
    with pytest.raises(UnknownNameError) as error:
        library.report("note-on-going-publik")
    assert error.value.near[:1] == [FABIAN]


def test_an_unknown_paragraph_is_refused(library: Library):
    with pytest.raises(UnknownNameError, match="No paragraph is called 'made-00000001'"):
        library.paragraph("made-00000001")


def test_a_paragraph_stands_between_its_neighbours(library: Library):
    paragraphs = library.report(FABIAN).paragraphs
    middle = library.paragraph(paragraphs[10].id)
    assert middle.text == paragraphs[10].text
    assert middle.context(before=1, after=1) == list(paragraphs[9:12])
    assert middle.context(before=0, after=2) == list(paragraphs[10:13])


def test_the_first_and_last_paragraph_have_one_neighbour(library: Library):
    paragraphs = library.report(FABIAN).paragraphs
    assert library.paragraph(paragraphs[0].id).context() == list(paragraphs[:2])
    assert library.paragraph(paragraphs[-1].id).context() == list(paragraphs[-2:])


def test_the_table_of_hits_has_these_columns(library: Library):
    table = library.search("targets", limit=3).to_pandas()
    assert list(table.columns) == [
        "rank",
        "score",
        "similarity",
        "publisher",
        "year",
        "report_id",
        "report",
        "section",
        "number",
        "page",
        "paragraph_id",
        "text",
        "late_rank",
        "late_score",
        "rare_rank",
        "rare_score",
        "embedding_rank",
        "embedding_score",
        "bm25_rank",
        "bm25_score",
    ]
    assert table["rank"].tolist() == [1, 2, 3]


def test_the_table_of_recommendations_has_these_columns(library: Library):
    found = library.recommendations(report=FABIAN)
    table = found.to_pandas()
    assert list(table.columns) == [
        "id",
        "report_id",
        "label",
        "text",
        "sub_items",
        "section",
        "stated",
        "restated",
    ]
    assert table["text"].tolist() == [r.text for r in found]
    assert table["sub_items"].tolist() == [len(r.sub_items) for r in found]


def test_a_higher_bar_in_the_settings_makes_the_answer_silence(notes_index: Path):
    strict = Settings.model_validate({"answer": {"least_confidence": 0.99}})
    question = "What is wrong with national targets?"
    answer = Library.open(str(notes_index), strict).ask(question)
    assert (answer.abstained, answer.sentences) == (True, ())
    assert answer.reason
    assert answer.confidence < 0.99
    assert not Library.open(str(notes_index), Settings()).ask(question).abstained


@pytest.mark.parametrize("question", ["", " \n", "word " * 20_000])
def test_an_empty_or_endless_question_is_refused_everywhere(library: Library, question: str):
    for ask in (library.search, library.ask, library.compare):
        with pytest.raises(QuestionError):
            ask(question)
    with pytest.raises(QuestionError):
        library.recommendations(about=question)


def test_a_question_that_names_a_report_is_answered_from_it_alone(library: Library):
    question = "What does the 2014 report say about the right to trigger early inspection?"
    assert {h.paragraph.report_id for h in library.search(question)} == {FABIAN}
    cited = {c.report_id for s in library.ask(question).sentences for c in s.citations}
    assert cited == {FABIAN}


def test_a_named_report_gives_way_to_a_filter(library: Library):
    question = "What does the 2014 report say about inspection?"
    assert {h.publisher for h in library.search(question, publisher="IPPR")} == {"IPPR"}
    given = library.search(question, report="note-on-balancing-act")
    assert {h.paragraph.report_id for h in given} == {"note-on-balancing-act"}


def test_a_phrase_holds_beside_every_filter(library: Library):
    question = 'Who speaks of "public character"?'
    everywhere = {h.publisher for h in library.search(question, limit=50)}
    assert "Fabian Society" in everywhere
    own = library.search(question, publisher="Fabian Society")
    assert own
    assert all("public character" in h.passage.text.lower() for h in own)
    for name in set(library.publishers) - everywhere:
        assert library.search(question, publisher=name).reason
    by_hand = library.recommendations(about=question)
    assert {r.report_id for r in by_hand} <= {FABIAN}


@pytest.mark.parametrize("limit", [1, 40, 150])
def test_a_search_gives_as_many_as_asked_where_there_are_so_many(library: Library, limit: int):
    hits = library.search("zeppelins", limit=limit)
    assert len(hits) == limit
    assert len({h.paragraph.id for h in hits}) == limit


def test_a_copy_in_another_hit_does_not_come_again(library: Library):
    hits = library.search("What should be done about the pay of staff?", limit=100)
    told = [i for h in hits for i in (h.paragraph.id, *(p.id for p in h.also))]
    assert len(told) == len(set(told))


def test_a_recommendation_that_two_reports_make_is_listed_for_both(models: Mapping[str, Path]):
    text = "Every town should lend its cold ovens to people who learn the trade."
    told = [
        report(paragraph(text, id=f"{name}-1", report_id=name), id=name, publisher=name)
        for name in ("bakers", "millers")
    ]
    known = [
        Recommendation(f"{name}-rec", name, None, text, (), (), f"{name}-1")
        for name in ("bakers", "millers")
    ]
    library = Library(in_memory(contents(told, known), models), Settings())
    found = library.recommendations(about="lending cold ovens")
    assert {r.report_id for r in found} == {"bakers", "millers"}
    assert [r.report_id for r in library.recommendations(about="ovens", publisher="millers")] == [
        "millers"
    ]


def test_a_whole_index_is_verified_and_a_harmed_one_is_not(notes_index: Path, tmp_path: Path):
    shutil.copytree(notes_index, tmp_path / "index")
    verify(tmp_path / "index")
    (weights,) = (tmp_path / "index" / "builds").glob("*/encoder/model.onnx")
    with weights.open("r+b") as stream:
        stream.seek(20_000_000)
        stream.write(b"bread and trams")
    with pytest.raises(DamagedIndexError, match=r"model\.onnx is altered"):
        verify(tmp_path / "index")


def test_years_may_be_given_as_a_list(library: Library):
    years: Any = [2014, 2014]
    assert library.search("targets", published=years) == library.search("targets", published=2014)


def test_a_folder_without_an_index_is_refused(tmp_path: Path):
    with pytest.raises(MissingIndexError, match="rebuild"):
        Library.open(tmp_path)


def test_a_language_model_that_is_set_words_the_answer_from_the_passages(notes_index: Path):
    question = "What would replace the Audit Commission?"
    plain = Library.open(notes_index, Settings())
    passage = plain.search(question)[0].paragraph
    quote = next(text for _, text in sentences(passage.text))
    with serving() as server:
        server.behaviour = proposes((quote, (1, quote)), ("It costs £9bn.", (1, quote)))
        settings = Settings.model_validate({"llm": {"base_url": server.url, "model": "small"}})
        answer = Library.open(notes_index, settings).ask(question)
        refused = Library.open(notes_index, settings).ask("How do I poach an egg?")
    assert [s.text for s in answer.sentences] == [quote]
    assert [c.paragraph_id for c in answer.sentences[0].citations] == [passage.id]
    assert [left_out.text for left_out in answer.left_out] == ["It costs £9bn."]
    assert set(answer.provenance.reports) == {passage.report_id}
    assert refused.abstained
    assert len(server.requests) == 1


def test_a_library_that_nobody_uses_leaves_at_once_with_its_models(notes_index: Path):
    """A cycle would keep them until the garbage is collected, one more after each rebuild."""
    gc.collect()
    gc.disable()
    try:
        unused = Library.open(notes_index)
        unused.ask(f"What does {unused.reports[0].publisher} recommend?")
        kept = [ref(unused), ref(unused._store), ref(unused._retriever)]
        del unused
        assert [r() for r in kept] == [None, None, None]
    finally:
        gc.enable()
