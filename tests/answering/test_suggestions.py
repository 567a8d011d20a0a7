"""Examples: questions that a person would ask, each of which is answered."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from reformqa import Library, Report, Section, Settings, rebuild
from reformqa.answering.answerer import Answerer
from reformqa.answering.quoting import Quoter
from reformqa.answering.suggestions import EXAMPLES, MATTERS, find_examples, find_topics
from reformqa.search.query import parse_query
from reformqa.storage.base import Filters
from reformqa.storage.files.store import FilesStore
from reformqa.tuning import load_tuning
from support.asking import retriever_of, town_in_memory
from support.makers import contents, in_memory, paragraph, report
from support.places import PROJECT

#: What no question should hold: a heading's number or its kind, doubled marks.
UGLY = re.compile(
    r"\d\.|[:;,.!]\?|\?\?|\b(?:introduction|conclusion|chapter|summary|contents|references)\b",
    re.IGNORECASE,
)
FORMS = re.compile(r"(?:What do|What does|Which recommendations concern) .+\?")


def check(library: Library) -> tuple[str, ...]:
    """The examples, each asked: well-formed, different, answered with citations that hold."""
    examples = library.examples
    assert len(set(examples)) == len(examples) <= EXAMPLES
    for question in examples:
        assert FORMS.fullmatch(question), question
        assert not UGLY.search(question), question
        answer = library.ask(question)
        assert not answer.abstained, f"{question} {answer.reason}"
        assert answer.sentences
        assert {c.status for s in answer.sentences for c in s.citations} == {"verified"}
    return examples


def check_matters(library: Library) -> None:
    """Several think tanks speak to each matter."""
    assert 2 <= len(library.matters) <= MATTERS
    for matter in library.matters:
        assert matter[0].isupper()
        assert sum(row.found for row in library.compare(matter)) > 1


def kinds(library: Library) -> set[str]:
    """The kinds of the examples, told by their first words and verbs."""
    shapes = {
        "all": r"What do the think tanks say about ",
        "which": r"Which recommendations concern ",
        "label": r"What does .*(?:Recommendation|Option) .*say\?",
        "recommend": r"What does .* recommend on ",
        "say": r"What does .* say about ",
    }
    return {
        next(kind for kind, shape in shapes.items() if re.match(shape, question))
        for question in library.examples
    }


def test_the_notes_give_examples_of_every_kind_that_are_answered(library: Library):
    assert len(check(library)) == EXAMPLES
    assert kinds(library) == {"all", "which", "label", "recommend", "say"}
    named = [p for p in library.publishers for q in library.examples if p in q]
    assert len(set(named)) > 1
    check_matters(library)


def test_the_reports_give_examples_of_every_kind_that_are_answered(reports_library: Library):
    examples = check(reports_library)
    assert len(examples) == EXAMPLES
    assert kinds(reports_library) == {"all", "which", "label", "recommend", "say"}
    assert any(r.title in q for r in reports_library.reports for q in examples)
    check_matters(reports_library)


def test_a_typeset_pdf_gives_examples_that_are_answered(shared: Path, tmp_path: Path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(shared / "corpus" / "typeset" / "smarter-state.pdf", corpus)
    catalogue = PROJECT / "corpus" / "catalogue.toml"
    rebuild(corpus, tmp_path / "index", catalogue=catalogue)
    library = Library.open(tmp_path / "index", Settings())
    assert len(check(library)) >= 4
    assert library.matters == ()


def test_made_reports_give_examples_that_are_answered():
    library = Library(town_in_memory(), Settings())
    assert len(check(library)) >= 4
    assert library.matters == ()


@pytest.mark.parametrize(
    "text",
    [
        "Every town should lend its cold ovens to people who learn the trade.",
        "The bread is stale.",
        "NHS trusts report late.",
    ],
)
def test_one_tiny_report_gives_an_example(models: Mapping[str, Path], text: str):
    library = Library(in_memory(contents([report(paragraph(text))]), models), Settings())
    assert check(library)
    assert library.matters == ()


@pytest.mark.parametrize(
    "question",
    [
        "Which recipe makes the best sourdough bread?",
        "What does Demos say about Zanzibar?",
        "What is Recommendation 99?",
        "Which recommendations deal with sourdough bread?",
        "What do the think tanks say about quantum chromodynamics?",
        "What does the Fabian Society recommend?",
        "Which recommendations concern pay?",
        "What do the think tanks say about missions?",
        "What does IPPR say about targets?",
    ],
)
def test_it_is_told_without_weighing_a_sentence_whether_there_is_an_answer(
    question: str, notes_index: Path, library: Library
):
    store = FilesStore(notes_index)
    query = parse_query(question, library.reports)
    answerer = Answerer(retriever_of(store), Quoter(store), load_tuning(), Settings().answer)
    answered = answerer.would_answer(query, Filters(publisher=query.named))
    assert answered is not library.ask(question).abstained


def test_examples_are_the_same_each_time(notes_index: Path, library: Library):
    again = Library.open(notes_index, Settings())
    assert (again.examples, again.matters) == (library.examples, library.matters)


def test_what_would_not_be_answered_is_no_example(library: Library):
    given = (library.reports, library.themes, library.report, lambda words: words)
    assert find_examples(*given, lambda question: False) == ()
    missions = find_examples(*given, lambda question: "missions" in question)
    assert missions
    assert all("missions" in question for question in missions)


def headed(*titles: str, text: str) -> Report:
    sections = tuple(Section(title, 1, "chapter", None, (0, 1)) for title in titles)
    return report(paragraph(text), sections=sections)


def test_topics_are_what_headings_name_in_the_words_of_the_text():
    text = (
        "Cold ovens are lent. We lend cold ovens to towns. Depots of old. Some depots of ours."
        " This chapter, and the chapter on rye."
    )
    of = headed("Chapter 2: Cold Ovens", "3.1 Depots", "Chapter 4: Sea Walls", text=text)
    assert list(find_topics(of, ())) == ["cold ovens", "depots"]
    assert list(find_topics(of, ("Cold Ovens",))) == ["depots"]


def test_where_headings_name_nothing_the_text_does():
    of = headed("Introduction", text="Depots of the coast are cold.")
    assert list(find_topics(of, ())) == ["the coast", "depots"]


def test_without_shared_themes_matters_are_what_headings_share(models: Mapping[str, Path]):
    reports = []
    for name in ("one", "two"):
        told = paragraph(
            f"The {name} sees cold ovens everywhere. Cold ovens of towns are cold ovens.",
            id=f"{name}-1",
            report_id=name,
        )
        sections = (Section("Cold Ovens", 1, "chapter", None, (0, 1)),)
        reports.append(report(told, id=name, publisher=name.title(), sections=sections))
    library = Library(in_memory(contents(reports), models), Settings())
    assert library.matters == ("Cold ovens",)
