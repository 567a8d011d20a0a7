"""An answer holds only what its paragraphs print, makes no point twice, and may be silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from makers import by, hit, paragraph, report
from reformqa import Answer, Hit, Hits, Library, Paragraph, Settings
from reformqa.answer import compose, is_near, quotable
from reformqa.model import UNSEARCHED_PARAGRAPHS, Leg
from reformqa.questions import Reading, read_question
from reformqa.settings import AnswerSettings
from reformqa.snapshot import Snapshot

QUESTIONS = (
    "What do the reports say about targets?",
    "How should Demos fund prevention?",
    "What does the Fabian Society say about localism?",
    "How do the think tanks differ on the private sector?",
    "Who should inspect public services?",
    "What is the liberated model?",
    "What would replace the Audit Commission?",
    "What are the three p's?",
    "What six maxims guide public character?",
    "How large was the NHS maintenance backlog?",
    "Buurtzorg",
    "capital spending",
    "What do Demos and IPPR say about missions?",
    "Why did Mid Staffordshire fail?",
)
OFF_TOPIC = (
    "Which recipe makes the best sourdough bread?",
    "How do I change the chain of a bicycle?",
    "Who won the chess championship in 1972?",
)


@pytest.fixture(scope="module")
def answers(library: Library) -> dict[str, Answer]:
    """The answers to QUESTIONS."""
    return {q: library.ask(q) for q in QUESTIONS}


def reading(text: str = "How are loaves baked in towns?") -> Reading:
    return read_question(text, [by("Maker"), by("Second")])


def one_way(texts: Sequence[str]) -> np.ndarray:
    """Every text means the same, but for a mark: its own direction, 60 degrees off."""
    vectors = np.zeros((len(texts), len(texts) + 1), dtype=np.float32)
    vectors[:, 0] = 0.5
    vectors[np.arange(len(texts)), np.arange(1, len(texts) + 1)] = np.sqrt(0.75)
    vectors[0] = 0
    vectors[0, 0] = 1
    return vectors


def all_alike(texts: Sequence[str]) -> np.ndarray:
    return np.ones((len(texts), 1), dtype=np.float32)


def no_lead(item: Paragraph) -> Paragraph | None:
    return None


def composed(
    *groups: Sequence[Hit], embed=one_way, lead=no_lead, question: Reading | None = None, **settings
) -> Answer:
    reports = {"made": report(), "two": report(id="two", publisher="Second")}
    chosen = AnswerSettings(**settings)
    heard = [Hits(g) for g in groups]
    return compose(question or reading(), heard, reports, embed, lead, chosen)


def texts(answer: Answer) -> list[str]:
    return [s.text for s in answer.sentences]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_quote_stands_letter_for_letter_in_the_paragraph_cited(
    library: Library, answers: dict[str, Answer], question: str
):
    answer = answers[question]
    citations = [c for s in answer.sentences for c in s.citations]
    stands = [library.paragraph(c.paragraph_id).text[slice(*c.span)] for c in citations]
    assert stands == [c.quote for c in citations]
    assert {c.verified for c in citations} == {True}
    assert (answer.abstained, answer.reason) == (False, None)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_sentence_of_an_answer_is_the_words_of_its_citations(
    answers: dict[str, Answer], question: str
):
    sentences = answers[question].sentences
    quoted = [" ".join(c.quote for c in reversed(s.citations)) for s in sentences]
    assert [s.text for s in sentences] == quoted


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_quote_of_an_answer_is_within_another(answers: dict[str, Answer], question: str):
    found = [s.citations[0].quote for s in answers[question].sentences]
    assert [(a, b) for n, a in enumerate(found) for b in found[n + 1 :] if a in b or b in a] == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_only_searchable_paragraphs_are_quoted(
    library: Library, answers: dict[str, Answer], question: str
):
    cited = [c.paragraph_id for s in answers[question].sentences for c in s.citations]
    kinds = {library.paragraph(p).kind for p in cited}
    assert kinds
    assert kinds & UNSEARCHED_PARAGRAPHS == set()


@pytest.mark.parametrize("question", OFF_TOPIC)
def test_a_question_off_the_topic_gets_a_reason_and_the_nearest(library: Library, question: str):
    answer = library.ask(question)
    assert (answer.abstained, answer.sentences) == (True, ())
    best = answer.nearest[0].similarity
    assert answer.reason == (
        "Nothing in the reports comes near enough to this question (best similarity"
        f" {best:.2f}, needed 0.35)."
    )
    assert [h.similarity for h in answer.nearest] == sorted(
        (h.similarity for h in answer.nearest), reverse=True
    )
    assert len(answer.nearest) == 3


def test_where_the_filters_leave_nothing_the_reason_says_so(library: Library):
    answer = library.ask("targets", published=1950)
    assert (answer.abstained, answer.sentences, answer.nearest) == (True, (), ())
    assert answer.reason == (
        "Nothing is left to search by the filter on year: 1950 to 1950, but the reports are of"
        " 2014, 2023, 2024."
    )


def test_where_a_phrase_stands_nowhere_the_reason_says_so(library: Library):
    answer = library.ask('Who wants "sourdough for all"?')
    assert (answer.abstained, answer.sentences, answer.nearest) == (True, (), ())
    assert answer.reason is not None
    assert "“sourdough for all” do not stand there" in answer.reason


def test_where_nothing_is_near_and_nothing_was_found_the_answer_says_so():
    assert composed([]).reason == "Nothing was found."
    heard = [Hits(reason="It is shut."), Hits(reason="It is far.")]
    told = compose(reading(), heard, {}, one_way, no_lead)
    assert (told.abstained, told.reason) == (True, "It is shut.")


@pytest.fixture(scope="module")
def made(town: Snapshot) -> Library:
    """The library of the made towns."""
    return Library(town, Settings())


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is Recommendation 14?", "Guilds should test each oven once in every year."),
        ("What does Policy Option Two say?", "The port should buy a second dredger for the bar."),
        ("Recommendation 4", "Conductors should be free to stop the tram for a pram."),
    ],
)
def test_a_question_on_a_recommendation_by_its_label_is_answered_by_it_alone(
    made: Library, question: str, said: str
):
    answer = made.ask(question)
    assert not answer.abstained
    assert [said in s.text for s in answer.sentences] == [True]


def test_several_recommendations_by_their_labels_are_all_in_the_answer(made: Library):
    answer = made.ask("What are recommendations 3 and 4?")
    assert {s.citations[0].paragraph_id for s in answer.sentences} == {"trams-3", "trams-4"}


def test_a_label_that_nothing_bears_is_no_reason_to_answer(made: Library):
    assert made.ask("What is Recommendation 77 on chess?").abstained


@pytest.mark.parametrize(("score", "near"), [(1.0, True), (0.5, True), (0.0, False)])
def test_a_passage_that_is_named_by_its_label_is_near(score: float, near: bool):
    found = replace(hit("Loaves.", similarity=0.1), legs={"label": Leg(1, score)})
    asked = reading("What does Recommendation 3 say of ovens at dawn?")
    assert is_near(found, asked, AnswerSettings()) is near


def test_a_question_that_quotes_is_answered_from_paragraphs_that_print_it(made: Library):
    answer = made.ask('Who rests "before dawn" when the tide covers the rails?')
    cited = {c.paragraph_id for s in answer.sentences for c in s.citations}
    assert cited
    assert cited <= {"loaves-5", "trams-2"}


@pytest.mark.parametrize(
    "question",
    [
        "What do the reports say about targets?",
        "How do the think tanks differ on the private sector?",
    ],
)
def test_when_several_are_asked_each_speaks_in_turn(answers: dict[str, Answer], question: str):
    answer = answers[question]
    speakers = [s.citations[0].publisher for s in answer.sentences]
    assert set(speakers) == {"Demos", "Fabian Society", "IPPR"}
    turns = [a for a, b in zip(speakers, ["", *speakers], strict=False) if a != b]
    assert len(turns) == 3
    assert list(answer.by_publisher) == turns
    assert sum(answer.by_publisher.values(), ()) == answer.sentences


def test_a_list_item_is_shown_with_its_lead_in_and_both_are_cited(
    library: Library, answers: dict[str, Answer]
):
    answer = answers["What six maxims guide public character?"]
    item = next(s for s in answer.sentences if len(s.citations) == 2)
    quoted, lead = (library.paragraph(c.paragraph_id) for c in item.citations)
    assert (quoted.kind, lead.kind) == ("bullet", "body")
    assert (item.citations[0].quote, item.citations[1].quote[-1]) == (quoted.text, ":")
    assert lead.number < quoted.number
    assert item.text == f"{item.citations[1].quote} {quoted.text}"


def test_only_the_last_sentence_of_a_lead_in_is_shown():
    lead = paragraph("Ovens vary. A good oven should:", id="lead", number=1)
    answer = composed([hit("keep its heat;", id="item", kind="bullet")], lead=lambda p: lead)
    assert texts(answer) == ["A good oven should: keep its heat;"]
    citations = answer.sentences[0].citations
    assert [(c.paragraph_id, c.span) for c in citations] == [("item", (0, 14)), ("lead", (12, 31))]


def test_a_sentence_that_says_what_another_says_is_passed_over():
    hits = [
        hit("Loaves are baked at dawn here.", id="p1", similarity=0.9),
        hit("At dawn the loaves get baked.", id="p2"),
    ]
    assert texts(composed(hits, embed=all_alike)) == ["Loaves are baked at dawn here."]


def test_a_sentence_that_is_within_another_is_passed_over():
    hits = [
        hit("Loaves are baked at dawn in the north tower.", id="p1", similarity=0.9),
        hit("Loaves are baked at dawn in the north tower.", id="p2"),
        hit("Trams leave the old depot at noon.", id="p3"),
    ]
    assert texts(composed(hits)) == [hits[0].paragraph.text, hits[2].paragraph.text]


def test_a_paragraph_gives_two_quotes_at_most():
    text = "Rye bread keeps very well. Wheat bread goes stale soon. Oat bread is never sold."
    assert len(texts(composed([hit(text)]))) == 2


def test_a_sentence_that_leans_is_quoted_with_the_one_before_it():
    text = "Bakers start at three. They finish by noon. Ovens cool."
    assert quotable(text) == [
        "Bakers start at three.",
        "Bakers start at three. They finish by noon.",
        "Ovens cool.",
    ]


def test_the_cells_of_a_table_row_are_quoted_apart():
    assert quotable("Rye | Keeps well. Costs more.") == ["Rye", "Keeps well.", "Costs more."]


def test_an_answer_has_no_more_sentences_than_the_settings_say():
    names = ("rye", "oat", "wheat", "barley", "spelt")
    hits = [hit(f"The town sells {n} bread daily.", id=n) for n in names]
    assert len(texts(composed(hits, sentences=4))) == 4


def test_each_of_several_has_no_more_sentences_than_the_settings_say():
    names = ("rye", "oat", "wheat")
    first = [hit(f"Our town sells {n} bread daily.", id=n) for n in names]
    second = [hit(f"Villages buy {n} flour weekly.", id=f"{n}2", report_id="two") for n in names]
    answer = composed(first, second, sentences_per_publisher=2)
    assert [s.citations[0].publisher for s in answer.sentences] == ["Maker"] * 2 + ["Second"] * 2


def test_hits_below_the_least_similarity_are_silence():
    answer = composed([hit("Loaves are baked at dawn.", similarity=0.34)])
    assert (answer.abstained, len(answer.nearest)) == (True, 1)
    near = composed([hit("Loaves are baked at dawn.", similarity=0.35)])
    assert texts(near) == ["Loaves are baked at dawn."]


@pytest.mark.parametrize(
    ("topic", "near"),
    [
        ("loaves", True),
        ("dawn loaves", True),
        ("loaves oven", False),
        ("How are loaves baked?", True),
    ],
)
def test_a_topic_of_a_term_or_two_is_met_by_a_passage_that_prints_them(topic: str, near: bool):
    found = hit("Loaves are baked at dawn.", similarity=0.1)
    assert is_near(found, reading(topic), AnswerSettings()) is near


def test_a_topic_of_three_terms_is_not_met_by_words_alone():
    found = hit("Loaves are baked at dawn.", similarity=0.1)
    assert not is_near(found, reading("Are loaves baked at dawn?"), AnswerSettings())


def test_an_answer_in_print_numbers_its_citations_by_publisher():
    answer = composed([hit("Loaves are baked at dawn.", number=4)])
    assert str(answer) == (
        "Maker\n  Loaves are baked at dawn. [1]\n\n[1] Maker 2024, Made Report, para 4"
    )


def test_a_near_paragraph_of_few_words_is_still_an_answer():
    reading = read_question("targets fail?", [])
    heard = [Hits([hit("Targets fail.")])]
    answer = compose(reading, heard, {"made": report()}, even_vectors, lambda p: None)
    assert [s.text for s in answer.sentences] == ["Targets fail."]


def test_the_opening_of_a_list_is_not_quoted_without_an_item():
    reading = read_question("what are the rules of ovens", [])
    hits = [hit("The rules of ovens for all bakers are these: "), hit("Ovens are hot and heavy.")]
    answer = compose(reading, [Hits(hits)], {"made": report()}, even_vectors, lambda p: None)
    assert [s.text for s in answer.sentences] == ["Ovens are hot and heavy."]


def even_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """The same vector for every text: nothing is nearer than anything else."""
    return np.ones((len(texts), 1), dtype=np.float32)


def test_a_question_in_a_report_is_quoted_with_its_answer_and_never_alone():
    text = "Why not bake more? Flour is dear. Ovens are few."
    assert quotable(text) == ["Why not bake more? Flour is dear.", "Ovens are few."]


def test_a_quote_whose_words_stand_in_another_is_not_made_twice():
    hits = [
        hit("Costly ovens keep the bakers of the valley poor in winter."),
        hit("Bakers in the valley are kept poor: costly ovens keep them so.", id="made-00000002"),
    ]
    reading = read_question("ovens and bakers", [])
    answer = compose(reading, [Hits(hits)], {"made": report()}, spread_vectors, lambda p: None)
    assert [s.text for s in answer.sentences] == [hits[0].paragraph.text]


def spread_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors near the first text's and far from each other's."""
    vectors = np.eye(len(texts), dtype=np.float32) * 0.8
    vectors[:, 0] = 0.6
    vectors[0] = np.eye(len(texts), dtype=np.float32)[0]
    return vectors
