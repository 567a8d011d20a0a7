"""What form an answer takes: sentences, a comparison, a set, or silence with its reason."""

from __future__ import annotations

import itertools
import re
from datetime import date

import pytest

from reformqa import Answer, Library, Recommendation, Settings
from reformqa.model import UNSEARCHED_PARAGRAPHS, Sentence
from reformqa.tuning import load_tuning
from support.asking import town_in_memory

FABIAN = "note-on-going-public"
OFF_TOPIC = (
    "Which recipe makes the best sourdough bread?",
    "How do I change the chain of a bicycle?",
    "Who won the chess championship in 1972?",
    "What does Demos say about Zanzibar?",
    "How many schools were built in Leeds?",
)
COMPARISONS = (
    ("What do the reports say about targets?", ["Demos", "Fabian Society", "IPPR"]),
    ("What do Demos and IPPR say about missions?", ["Demos", "IPPR"]),
    ("Teesworks: compare the think tanks", ["Demos", "Fabian Society", "IPPR"]),
)
SETS = (
    ("Which recommendations are about pay?", None),
    ("What does IPPR recommend on missions?", "IPPR"),
    ("List the Demos recommendations about the public service workforce", "Demos"),
)


def with_least(index, confidence: float) -> Library:
    return Library.open(
        index, Settings.model_validate({"answer": {"least_confidence": confidence}})
    )


@pytest.fixture(scope="module")
def made() -> Library:
    """The library of the made towns."""
    return Library(town_in_memory(), Settings())


@pytest.fixture(scope="module")
def asked(library: Library) -> dict[str, Answer]:
    """The answers to every question of this module that the notes are asked."""
    return {q: library.ask(q) for q in (*OFF_TOPIC, *(q for q, _ in (*COMPARISONS, *SETS)))}


def misquoted(library: Library, sentences: tuple[Sentence, ...]) -> list[str]:
    return [
        c.quote
        for s in sentences
        for c in s.citations
        if library.paragraph(c.paragraph_id).text[slice(*c.span)] != c.quote
    ]


# ---- silence ------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", OFF_TOPIC)
def test_a_question_off_the_topic_gets_a_reason_and_the_nearest(
    asked: dict[str, Answer], library: Library, question: str
):
    answer = asked[question]
    assert (answer.abstained, answer.sentences, answer.comparison) == (True, (), None)
    assert answer.reason
    assert answer.confidence < library.tuning.answers.threshold
    scores = [h.score for h in answer.nearest]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert {h.paragraph.kind for h in answer.nearest} & UNSEARCHED_PARAGRAPHS == set()


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Which recipe makes the best sourdough bread?", "“sourdough”"),
        ("What does Demos say about Zanzibar?", "The reports of Demos do not mention “Zanzibar”"),
        ("How many schools were built in Leeds?", "The reports do not mention “Leeds”"),
        ("Who won the chess championship in 1972?", "1972"),
    ],
)
def test_the_reason_names_what_the_reports_lack(asked: dict[str, Answer], question: str, told: str):
    assert told in str(asked[question].reason)


def test_what_stands_in_another_report_cannot_be_found_in_those_asked(library: Library):
    question = "What did Bovens write of dragons, gold and the treasure of a wizard at Teesworks?"
    everywhere, fabian = library.ask(question), library.ask(question, publisher="Fabian Society")
    assert (everywhere.abstained, fabian.abstained) == (True, True)
    assert "“Teesworks”" not in str(everywhere.reason)
    assert "“Teesworks”" in str(fabian.reason)


def test_where_the_filters_leave_nothing_the_reason_says_so(library: Library):
    answer = library.ask("targets", published=1950)
    assert (answer.abstained, answer.sentences, answer.nearest) == (True, (), ())
    assert answer.reason == (
        "Nothing is left to search: 1950 to 1950, but the reports are of 2014, 2023, 2024"
        " (filter on year)."
    )


def test_where_a_phrase_stands_nowhere_the_reason_says_so(library: Library):
    answer = library.ask('Who speaks up for "sourdough for all"?')
    assert (answer.abstained, answer.sentences, answer.nearest) == (True, (), ())
    assert answer.reason is not None
    assert "“sourdough for all” do not occur there" in answer.reason


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "What is Recommendation 77?",
            "There is no Recommendation 77 in the reports."
            " Their recommendations are numbered 1 to 14.",
        ),
        (
            "What does the Bakers Guild say in Recommendation 3?",
            "There is no Recommendation 3 in the reports of the Bakers Guild."
            " Their recommendations are numbered 1 to 14.",
        ),
        ("What is Policy Option Nine?", "There is no Policy Option 9 in the reports."),
    ],
)
def test_a_label_that_does_not_exist_is_refused_with_those_that_do(
    made: Library, question: str, told: str
):
    answer = made.ask(question)
    assert (answer.abstained, answer.sentences, answer.confidence) == (True, (), 0.0)
    assert answer.reason == told
    assert answer.nearest


# ---- how sure -----------------------------------------------------------------------------------


@pytest.mark.parametrize("question", OFF_TOPIC)
def test_without_a_least_confidence_there_is_always_an_answer(notes_index, question: str):
    answer = with_least(notes_index, 0).ask(question)
    assert (answer.abstained, answer.reason) == (False, None)
    assert answer.sentences


def test_at_full_confidence_only_what_is_labelled_is_answered():
    strict = Library(town_in_memory(), Settings.model_validate({"answer": {"least_confidence": 1}}))
    plain = strict.ask("Who lends cold ovens to people who learn the trade?")
    assert (plain.abstained, plain.sentences) == (True, ())
    labelled = strict.ask("What is Recommendation 14?")
    assert (labelled.abstained, labelled.confidence) == (False, 1.0)


def test_the_least_confidence_is_compared_with_the_answers_own(notes_index, library: Library):
    question = "What is wrong with national targets?"
    sure = library.ask(question).confidence
    assert library.tuning.answers.threshold < sure < 0.99
    assert not with_least(notes_index, sure - 0.01).ask(question).abstained
    assert with_least(notes_index, sure + 0.01).ask(question).abstained
    assert not with_least(notes_index, -1).ask(question).abstained


def test_a_doubtful_answer_says_so_and_a_sure_one_does_not(notes_index, library: Library):
    anyway = with_least(notes_index, 0)
    doubtful = anyway.ask("Which recipe makes the best sourdough bread?")
    assert doubtful.confidence < 0.5
    assert str(doubtful.note).startswith(
        "These passages are close to the question but may not answer it. They say little about “"
    )
    assert "“sourdough”" in str(doubtful.note)
    assert str(doubtful.note) in str(doubtful)
    sure = library.ask("What is wrong with national targets?")
    assert sure.confidence >= 0.5
    assert sure.note is None
    noted = [anyway.ask(q) for q in OFF_TOPIC]
    assert [a.note is None for a in noted] == [a.confidence >= 0.5 for a in noted]


# ---- comparisons --------------------------------------------------------------------------------


@pytest.mark.parametrize(("question", "publishers"), COMPARISONS)
def test_a_question_about_several_becomes_a_comparison_of_those_named(
    asked: dict[str, Answer], library: Library, question: str, publishers: list[str]
):
    answer = asked[question]
    assert answer.comparison is not None
    assert [r.publisher for r in answer.comparison] == publishers
    for row in answer.comparison:
        own = [s for s in answer.sentences if s.citations[0].publisher == row.publisher]
        assert set(own) == {*row.sentences, *row.recommendations}
        papers = [s.citations[0].report_id for s in own]  # each paper speaks in one piece
        assert len(list(itertools.groupby(papers))) == len(set(papers))
    assert len(answer.sentences) == sum(
        len(r.sentences) + len(r.recommendations) for r in answer.comparison
    )
    assert (answer.abstained, answer.reason) == (False, None)
    assert answer.confidence == max(r.confidence for r in answer.comparison)
    assert misquoted(library, answer.sentences) == []
    silent = [r for r in answer.comparison if not r.found]
    assert {h.paragraph.id for h in answer.nearest} <= {
        h.paragraph.id for r in silent for h in r.nearest
    }
    for name in publishers:
        assert name in str(answer)


def test_a_comparison_tells_silence_from_speech(asked: dict[str, Answer]):
    answer = asked["Teesworks: compare the think tanks"]
    assert answer.comparison
    assert {r.publisher: r.found for r in answer.comparison} == {
        "Demos": True,
        "Fabian Society": False,
        "IPPR": False,
    }
    assert set(answer.by_publisher) == {"Demos"}
    assert len(answer.nearest) == 3


def test_a_comparison_in_which_nobody_speaks_is_an_abstention(library: Library):
    answer = library.ask("How do the think tanks differ on recipes for sourdough bread?")
    assert answer.comparison is not None
    assert [r.found for r in answer.comparison] == [False, False, False]
    assert (answer.abstained, answer.sentences) == (True, ())
    assert answer.confidence < library.tuning.speaks.threshold
    assert answer.reason == "None of these think tanks addresses this question."
    assert len(answer.nearest) == 3


def test_a_comparison_asked_of_one_publisher_hears_it_alone(library: Library):
    answer = library.ask("What do the think tanks say about inspection?", publisher="IPPR")
    assert answer.comparison
    assert [r.publisher for r in answer.comparison] == ["IPPR"]


def test_a_question_about_one_is_no_comparison(library: Library):
    answer = library.ask("What is wrong with national targets compared with 2014?")
    assert answer.comparison is None


# ---- sets of recommendations --------------------------------------------------------------------


def stated(answer: Answer) -> list[Recommendation]:
    return [s.recommendation for s in answer.sentences if s.recommendation]


@pytest.mark.parametrize(("question", "publisher"), SETS)
def test_a_question_for_a_set_gives_recommendations_where_they_are_stated(
    asked: dict[str, Answer], library: Library, question: str, publisher: str | None
):
    answer = asked[question]
    found = stated(answer)
    assert not answer.abstained
    assert library.tuning.speaks.threshold <= answer.confidence <= 1
    assert len(found) == len(answer.sentences) > 1
    assert [s.citations[0].paragraph_id for s in answer.sentences] == [r.stated for r in found]
    assert misquoted(library, answer.sentences) == []
    every = list(library.recommendations(publisher=publisher))
    assert found == [r for r in every if r in found]  # by report, and in its order
    assert len(found) < len(every)


def test_a_set_on_a_matter_is_what_the_library_lists_about_it(
    asked: dict[str, Answer], library: Library
):
    listed = library.recommendations(about="What does IPPR recommend on missions?")
    assert stated(asked["What does IPPR recommend on missions?"]) == list(listed)
    assert all("mission" in (r.text + str(r.section_path)).lower() for r in listed[:3])


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        ("List the Fabian Society's recommendations", {"publisher": "Fabian Society"}),
        ("What are all the recommendations?", {}),
        ("List all the recommendations of Demos", {"publisher": "Demos"}),
    ],
)
def test_all_recommendations_are_all_of_them_in_order(
    library: Library, question: str, filters: dict[str, str]
):
    answer = library.ask(question)
    assert stated(answer) == list(library.recommendations(**filters))
    assert answer.confidence == 1.0
    assert len(answer.sentences) > 10
    assert misquoted(library, answer.sentences) == []
    assert {c.status for s in answer.sentences for c in s.citations} == {"verified"}


def test_all_recommendations_of_a_report_are_its_own(library: Library):
    answer = library.ask("List all the recommendations", report=FABIAN)
    assert [r.label for r in stated(answer)] == [str(n) for n in range(1, 20)]


def test_a_recommendation_in_a_set_is_told_with_its_sub_items(library: Library):
    answer = library.ask("List the Fabian Society's recommendations")
    held = [(s, s.recommendation) for s in answer.sentences if s.recommendation.sub_items]
    assert held
    for sentence, known in held:
        assert len(sentence.citations) == 1 + len(known.sub_items)
        letters = re.sub(r"\W", "", sentence.text)
        assert all(re.sub(r"\W", "", item) in letters for item in known.sub_items)


def test_a_set_that_nobody_makes_is_an_abstention(library: Library):
    answer = library.ask("Which recommendations deal with sourdough bread?")
    assert (answer.abstained, answer.sentences) == (True, ())
    assert answer.reason == "No recommendation in the reports searched is on this subject."
    assert answer.confidence < library.tuning.speaks.threshold
    assert len(answer.nearest) == 3


def test_a_set_asked_of_reports_without_recommendations_is_an_abstention(made: Library):
    answer = made.ask("List all the recommendations", published=2023)
    assert stated(answer) == list(made.recommendations(report="ovens"))
    silent = made.ask("List all the recommendations", published=2021)
    assert (silent.abstained, silent.nearest) == (True, ())
    none = made.ask("List all the recommendations", published=1950)
    assert (none.abstained, none.sentences) == (True, ())
    assert "1950" in str(none.reason)


# ---- the crosswalk, and where results come from -------------------------------------------------


def test_the_crosswalk_quotes_what_matches_where_it_is_stated(library: Library):
    found = library.crosswalk(least=0.5)
    matched = {r.id: r for m in found for r in (m.one, m.other)}
    assert matched
    assert set(found.sentences) == set(matched)
    assert misquoted(library, tuple(found.sentences.values())) == []
    assert {i: s.citations[0].paragraph_id for i, s in found.sentences.items()} == {
        i: r.stated for i, r in matched.items()
    }
    assert all(m.publishers[0] != m.publishers[1] and m.similarity >= 0.5 for m in found)


def test_a_crosswalk_may_be_asked_of_some_publishers(library: Library):
    found = library.crosswalk(publisher=["Demos", "IPPR"], least=0.4)
    assert {p for m in found for p in m.publishers} == {"Demos", "IPPR"}
    assert set(found.compared) == {"Demos", "IPPR"}
    alone = library.crosswalk(publisher="Demos")
    assert (len(alone), alone.reason) == (0, "Only Demos makes recommendations.")


def test_every_result_says_which_build_was_asked_and_when(
    asked: dict[str, Answer], library: Library
):
    for answer in asked.values():
        told = answer.provenance
        assert (told.build, told.asked) == (library.build.id, date.today().isoformat())
        assert set(told.reports) == {c.report_id for s in answer.sentences for c in s.citations}
    crosswalk = library.crosswalk(least=0.5)
    cited = {c.report_id for s in crosswalk.sentences.values() for c in s.citations}
    assert set(crosswalk.provenance.reports) == cited


def test_a_question_far_from_everything_is_refused_whatever_its_signs(made: Library):
    far = made.ask("Teach quantum chromodynamics lattice gauge theory")
    assert (far.abstained, far.confidence) == (True, 0.0)
    assert max(h.similarity for h in far.nearest) < load_tuning().features.far
