"""An answer holds only what its paragraphs print, short, and makes no point twice."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformqa import Answer, Hit, Library, Paragraph, Sentence, Settings
from reformqa.answering.evidence import Material
from reformqa.answering.selection import ROW_WORDS, Candidate, choose, quotable, quote, state, weigh
from reformqa.model import UNSEARCHED_PARAGRAPHS, Recommendation
from reformqa.search.hits import Hits
from reformqa.search.query import parse_query
from reformqa.search.spans import Nearness, Part
from reformqa.search.wordings import Asked
from reformqa.storage.base import EncodedQuery, Evidence
from reformqa.text.similarity import content_words
from reformqa.tuning import Shape, load_tuning
from support.asking import town_in_memory
from support.makers import by, hit, paragraph, report

QUESTIONS = (
    "What is wrong with national targets?",
    "How should Demos fund prevention?",
    "What does the Fabian Society say about the outsourcing of whole service systems?",
    "Who should inspect public services?",
    "What is the liberated model?",
    "What would replace the Audit Commission?",
    "What are the three p's?",
    "What six maxims guide public character?",
    "What is the Buurtzorg model of care?",
    "capital spending",
    "Why did Mid Staffordshire fail?",
    "What does IPPR say about the training of staff?",
)
TUNING = load_tuning().selection
#: The shape and the number of the quotes of an answer by `library`, whose settings are the
#: defaults.
SHAPE = TUNING.answer
QUOTES = Settings().answer.sentences


@pytest.fixture(scope="module")
def answers(library: Library) -> dict[str, Answer]:
    """The answers to QUESTIONS."""
    return {q: library.ask(q) for q in QUESTIONS}


# ---- answers of a library -----------------------------------------------------------------------


def misquoted(library: Library, sentences: Sequence[Sentence]) -> list[str]:
    """The quotes that do not stand in their paragraph letter for letter, or were not verified."""
    citations = [c for s in sentences for c in s.citations]
    return [
        c.quote
        for c in citations
        if library.paragraph(c.paragraph_id).text[slice(*c.span)] != c.quote
        or c.status != "verified"
    ]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_quote_stands_letter_for_letter_in_the_paragraph_cited(
    library: Library, answers: dict[str, Answer], question: str
):
    answer = answers[question]
    assert (answer.abstained, answer.reason) == (False, None)
    assert answer.sentences
    assert misquoted(library, answer.sentences) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_sentence_of_an_answer_is_the_words_of_its_citations(
    answers: dict[str, Answer], question: str
):
    sentences = answers[question].sentences
    quotes = [dict.fromkeys(c.quote for c in reversed(s.citations)) for s in sentences]
    assert [s.text for s in sentences] == [" ".join(of) for of in quotes]


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_quote_of_an_answer_is_within_another(answers: dict[str, Answer], question: str):
    found = [s.citations[0].quote for s in answers[question].sentences]
    assert [(a, b) for n, a in enumerate(found) for b in found[n + 1 :] if a in b or b in a] == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_keeps_to_the_shape(answers: dict[str, Answer], question: str):
    sentences = answers[question].sentences
    assert len(sentences) <= QUOTES
    assert len(sentences) == 1 or words(sentences) <= SHAPE.words


@pytest.mark.parametrize("question", QUESTIONS)
def test_only_searchable_paragraphs_are_quoted(
    library: Library, answers: dict[str, Answer], question: str
):
    cited = [c.paragraph_id for s in answers[question].sentences for c in s.citations]
    kinds = {library.paragraph(p).kind for p in cited}
    assert kinds
    assert kinds & UNSEARCHED_PARAGRAPHS == set()


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_kept_behind_an_answer_is_verbatim_too_and_says_none_of_it_again(
    library: Library, answers: dict[str, Answer], question: str
):
    answer = answers[question]
    assert misquoted(library, answer.more) == []
    assert set(answer.more) & set(answer.sentences) == set()


def test_quotes_from_the_reports_themselves_stand_there(shared: Path, reports_library: Library):
    files = sorted((shared / "gold").glob("*.jsonl"))
    lines = [json.loads(t) for f in files for t in f.read_text(encoding="utf-8").splitlines()]
    sampled = random.Random(14).sample(lines, 9)
    told = [reports_library.ask(line["question"]) for line in sampled]
    assert {a.question: misquoted(reports_library, a.sentences) for a in told} == {
        a.question: [] for a in told
    }
    assert sum(not a.abstained for a in told) >= 5
    sets = [a for a in told if any(s.recommendation for s in a.sentences)]
    short = [a for a in told if a.sentences and not a.comparison and a not in sets]
    assert short
    assert [a.question for a in short if words(a.sentences) > SHAPE.words] == []


def words(sentences: Sequence[Sentence]) -> int:
    return sum(len(s.text.split()) for s in sentences)


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


@pytest.fixture(scope="module")
def made() -> Library:
    """The library of the made towns."""
    return Library(town_in_memory(), Settings())


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is Recommendation 14?", "Guilds should test each oven once in every year."),
        ("What does Policy Option Two say?", "The port should buy a second dredger for the bar."),
        ("Recommendation 4", "Conductors should be free to stop the tram for a pram."),
        ("Does Recommendation 3 speak of chess in Zanzibar?", "The depot should print its fares"),
    ],
)
def test_a_question_on_a_recommendation_by_its_label_is_answered_by_it_alone(
    made: Library, question: str, said: str
):
    answer = made.ask(question)
    assert (answer.abstained, answer.confidence, answer.note) == (False, 1.0, None)
    assert [said in s.text for s in answer.sentences] == [True]


def test_several_recommendations_by_their_labels_are_all_in_the_answer(made: Library):
    answer = made.ask("What are recommendations 3 and 4?")
    assert {s.citations[0].paragraph_id for s in answer.sentences} == {"trams-3", "trams-4"}


def test_a_question_that_quotes_is_answered_from_paragraphs_that_print_it(made: Library):
    answer = made.ask('Who rests "before dawn" when the tide covers the rails?')
    cited = {c.paragraph_id for s in answer.sentences for c in s.citations}
    assert cited
    assert cited <= {"loaves-5", "trams-2"}


# ---- what may be quoted -------------------------------------------------------------------------


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end in quotable(text)]


def test_a_sentence_that_leans_is_quoted_with_the_one_before_it():
    text = "Bakers start at three. They finish by noon. Ovens cool."
    assert quoted(text) == [
        "Bakers start at three.",
        "Bakers start at three. They finish by noon.",
        "Ovens cool.",
    ]


@pytest.mark.parametrize(
    "leaning",
    ["As part of this, towns lend ovens.", "In other words, bread is dear."],
)
def test_more_ways_to_lean_on_a_sentence(leaning: str):
    before = "Bakers ask for help each year."
    assert quotable(f"{before} {leaning}")[-1][0] == 0


def test_a_title_that_begins_a_paragraph_is_quoted_with_what_it_announces():
    text = "Complexity. The lives of bakers are complex. Ovens are simple."
    quotes = [text[slice(*span)] for span in quotable(text)]
    assert quotes == ["Complexity. The lives of bakers are complex.", "Ovens are simple."]
    assert quotable("Complexity.") == [(0, 11)]


def test_the_cells_of_a_table_row_are_quoted_apart():
    assert quoted("Rye | Keeps well. Costs more.") == ["Rye", "Keeps well.", "Costs more."]


def test_a_question_in_a_report_is_quoted_with_its_answer_and_never_alone():
    text = "Why not bake more? Flour is dear. Ovens are few."
    assert quoted(text) == ["Why not bake more? Flour is dear.", "Ovens are few."]


# ---- weighing -----------------------------------------------------------------------------------

Texts = Sequence[Sequence[Part]]
NearnessOf = Callable[[Texts], Nearness]


def alike(texts: Texts) -> Nearness:
    """Every text is as near as every other."""
    same = np.full(len(texts), 0.5, dtype=np.float32)
    return Nearness(same, same)


def material(*hits: Hit, question: str, lead: Paragraph | None) -> Material:
    """The material of those hits, each after the lead-in if there is one; without evidence."""
    query = parse_query(question, [by("Maker")])
    none = np.zeros(0, dtype=np.int64)
    asked = Asked(query, (query.topic,), EncodedQuery((), ()), ())
    passages = {h.paragraph.id: [h.passage] for h in hits}
    lead_ins = {h.paragraph.id: lead for h in hits if lead}
    return Material(asked, Hits(hits), Evidence((), *[none] * 6, {}), none, passages, lead_ins)


def weighed(
    *hits: Hit,
    nearness: NearnessOf = alike,
    lead: Paragraph | None = None,
    demands: bool = False,
    question: str = "How are loaves baked in towns?",
) -> list[Candidate]:
    made = material(*hits, question=question, lead=lead)
    return weigh(made, nearness, TUNING, demands=demands)


def selected(
    candidates: Sequence[Candidate], shape: Shape = SHAPE, quotes: int = QUOTES
) -> tuple[Sentence, ...]:
    return quote(choose(candidates, shape, quotes), {"made": report().info})


def composed(*hits: Hit) -> list[str]:
    """The sentences selected from those hits."""
    return [s.text for s in selected(weighed(*hits))]


def test_the_merit_of_a_quote_is_its_paragraphs_score_and_its_own_nearness():
    def nearness(texts: Texts) -> Nearness:
        order = np.arange(1, len(texts) + 1, dtype=np.float32) / 10
        return Nearness(order, order * 2)

    found = weighed(
        hit("Ovens cool down by the evening. Wood is dear in every spring.", similarity=0.75),
        hit("Rye keeps for a whole week.", id="p2", similarity=0.5),
        nearness=nearness,
    )
    assert [(c.text, c.hit.paragraph.id) for c in found] == [
        ("Ovens cool down by the evening.", "made-00000001"),
        ("Wood is dear in every spring.", "made-00000001"),
        ("Rye keeps for a whole week.", "p2"),
    ]
    scores = (0.75, 0.75, 0.5)
    expected = [
        s + TUNING.late * n / 10 + TUNING.rare * 2 * n / 10 for n, s in enumerate(scores, start=1)
    ]
    assert [c.merit for c in found] == pytest.approx(expected)
    assert [(c.late, c.rare) for c in found] == [
        (pytest.approx(n / 10), pytest.approx(n / 5)) for n in (1, 2, 3)
    ]


def test_what_should_be_done_counts_where_the_question_asks_for_it():
    text = "Towns should lend their ovens to learners."
    plain = hit("Towns often lend their ovens to learners.", id="p2")
    said = hit(text)
    what_is = weighed(said, plain)
    what_to_do = weighed(said, plain, demands=True)
    assert len({c.merit for c in what_is}) == 1
    gained = [b.merit - a.merit for a, b in zip(what_is, what_to_do, strict=True)]
    assert gained == pytest.approx([TUNING.demand, 0.0])
    assert TUNING.demand > 0


def test_a_stance_counts_where_the_question_asks_who_is_for_or_against():
    found = (hit("Bakers oppose tolls on flour."), hit("Bakers count tolls on flour.", id="p2"))
    for question, gains in (("Who is against tolls?", True), ("What are tolls?", False)):
        against, neutral = weighed(*found, demands=True, question=question)
        assert (against.merit > neutral.merit) == gains


def test_a_quote_that_says_what_is_asked_for_comes_first_but_brings_no_weak_one_in():
    found = (hit("Bakers lit their ovens in May."), hit("Bakers lit 40 ovens in May.", id="p2"))
    plain, figure = weighed(*found, question="How many ovens are lit?")
    assert (plain.bonus, figure.bonus) == (0.0, TUNING.expected)
    assert figure.merit == plain.merit
    assert TUNING.expected > 0
    assert choose([plain, figure], SHAPE, QUOTES)[0] is figure

    def astray(texts: Texts) -> Nearness:
        near = np.array([0.9, 0.9 - TUNING.answer.astray], dtype=np.float32)
        return Nearness(near, near)

    other = weighed(*found, nearness=astray, question="How many ovens are lit?")[1]
    assert other.bonus == 0.0
    weak = replace(figure, merit=plain.merit - SHAPE.behind - 0.01, bonus=SHAPE.behind)
    assert choose([plain, weak], SHAPE, QUOTES) == [plain]


def test_a_quote_that_leans_on_what_it_leaves_out_has_less_merit():
    plain, leaning = weighed(
        hit("Ovens keep the heat of the fire."), hit("They keep the heat of the fire.", id="p2")
    )
    assert leaning.merit == pytest.approx(plain.merit - TUNING.leaning)
    assert TUNING.leaning > 0


def test_a_quote_of_few_words_is_left_out_where_there_are_others():
    few = hit("Targets often fail. The bakers of the valley measure nothing.")
    assert [c.text for c in weighed(few)] == ["The bakers of the valley measure nothing."]
    assert composed(hit("Targets fail.")) == ["Targets fail."]
    assert weighed() == []


def test_the_opening_of_a_list_is_not_quoted_without_an_item():
    opening = hit("The rules of ovens for all bakers are these:")
    assert composed(opening, hit("Ovens are hot and heavy.", id="p2")) == [
        "Ovens are hot and heavy."
    ]


def test_a_list_item_is_weighed_with_its_lead_in_and_its_other_sentences_alone():
    lead = paragraph("Ovens vary. A good oven should:", id="lead", number=1)
    seen: list[list[str]] = []

    def nearness(texts: Texts) -> Nearness:
        seen.extend([p.passage.indexed[p.start : p.end] for p in parts] for parts in texts)
        return alike(texts)

    item = hit("keep heat. Bricks do so for half a day.", id="item", kind="bullet")
    led = replace(item.passage, indexed=f"Ovens. {lead.text}. {item.passage.text}")
    first, second = weighed(replace(item, passage=led), nearness=nearness, lead=lead)
    assert seen == [["keep heat.", lead.text], ["Bricks do so for half a day."]]
    assert (first.lead, second.lead) == (lead, None)
    assert (first.words, second.words) == (8, 7)


def test_only_the_last_sentence_of_a_lead_in_is_shown():
    lead = paragraph("Ovens vary. A good oven should:", id="lead", number=1)
    found = weighed(hit("keep its heat;", id="item", kind="bullet"), lead=lead)
    (sentence,) = selected(found)
    assert sentence.text == "A good oven should: keep its heat;"
    assert [(c.paragraph_id, c.span) for c in sentence.citations] == [
        ("item", (0, 14)),
        ("lead", (12, 31)),
    ]


# ---- selecting -----------------------------------------------------------------------------------


def candidate(text: str, merit: float = 1.0, **changes) -> Candidate:
    """A quote of its own paragraph, unless changed."""
    found = hit(changes.pop("whole", text), id=changes.pop("paragraph_id", f"p-{text}"))
    values = {"lead": None, "late": 0.0, "rare": 0.0} | changes
    return Candidate(text, hit=found, merit=merit, **values)


def shaped(**changes: float) -> Shape:
    """The shape of an answer, but for those changes."""
    return SHAPE.model_copy(update=changes)


def chosen(candidates: Sequence[Candidate], quotes: int, **changes: float) -> list[str]:
    return [s.text for s in selected(candidates, shaped(**changes), quotes)]


def test_nothing_is_chosen_from_nothing():
    assert selected([]) == ()


def test_the_best_quote_comes_first_wherever_it_stands_in_its_paragraph():
    whole = "Rye keeps for a week. Wheat is stale by evening."
    found = [
        candidate("Trams run at noon today.", 1.2),
        candidate("Rye keeps for a week.", 1.1, whole=whole, paragraph_id="loaf"),
        candidate("Wheat is stale by evening.", 1.5, whole=whole, paragraph_id="loaf"),
    ]
    assert chosen(found, 3, repeated=0.0) == [
        "Wheat is stale by evening.",
        "Trams run at noon today.",
        "Rye keeps for a week.",
    ]


def test_a_quote_whose_words_stand_in_another_is_not_made_twice():
    long = "Costly ovens keep the bakers of the valley poor in winter."
    within = "Bakers in the valley are kept poor: costly ovens keep them so."
    assert chosen([candidate(long, 2), candidate(within, 1.9)], 3) == [long]


def test_a_quote_too_long_for_what_is_left_gives_way_to_a_shorter_one():
    first = candidate("one two three four five six", 2)
    long = candidate(" ".join(f"l{n}" for n in range(10)), 1.9)
    short = candidate("seven eight nine ten", 1.8)
    assert chosen([first, long, short], 3, words=12) == [first.text, short.text]
    assert chosen([first, long, short], 3, words=16) == [first.text, long.text]


def test_the_first_quote_is_taken_however_long_it_is():
    long = candidate(" ".join(f"l{n}" for n in range(40)), 5)
    assert chosen([long, candidate("seven eight nine ten")], 3, words=20) == [long.text]


def test_a_quote_far_below_the_best_is_left_out():
    found = [candidate("one two three four", 2), candidate("five six seven eight", 1.5)]
    for behind, expected in ((0.6, 2), (0.4, 1)):
        assert len(chosen(found, 3, behind=behind, brevity=0.0)) == expected


def test_a_quote_far_from_the_rare_words_of_the_question_is_left_out():
    near, far = candidate("one two three four", 2, rare=0.7), candidate("five six", 2, rare=0.3)
    assert chosen([far, near], 3, astray=0.3) == [near.text]
    assert set(chosen([far, near], 3, astray=0.5)) == {near.text, far.text}


def test_each_quote_of_a_paragraph_makes_the_next_of_it_weaker():
    whole = "one two three four. five six seven eight."
    found = [
        candidate("one two three four.", 2, whole=whole, paragraph_id="p"),
        candidate("five six seven eight.", 1.8, whole=whole, paragraph_id="p"),
        candidate("nine ten eleven twelve", 1.7),
    ]
    assert chosen(found, 2, repeated=0.05) == [found[0].text, found[1].text]
    assert chosen(found, 2, repeated=0.15) == [found[0].text, found[2].text]


def test_the_third_quote_of_a_paragraph_loses_twice_what_the_second_does():
    texts = ("one two three four.", "five six seven eight.", "ten oven tram quay.")
    of_one = [
        candidate(text, merit, whole=" ".join(texts), paragraph_id="p")
        for text, merit in zip(texts, (3.0, 2.9, 2.8), strict=True)
    ]
    other = candidate("rye mill ash cod", 2.5)
    assert other.text not in chosen([*of_one, other], 3, repeated=0.1, behind=2.0)
    assert other.text in chosen([*of_one, other], 3, repeated=0.2, behind=2.0)


def test_of_two_quotes_as_near_the_shorter_is_taken():
    long = candidate(" ".join(f"l{n}" for n in range(30)))
    short = candidate("one two three four five six seven eight nine ten")
    assert chosen([long, short], 1) == [short.text]
    assert chosen([long, short], 1, brevity=0.0) == [long.text]


def test_below_eight_words_shortness_gains_no_more():
    eight, three = (" ".join(f"{n}w{i}" for i in range(n)) for n in (8, 3))
    assert chosen([candidate(eight), candidate(three)], 1) == [eight]
    assert chosen([candidate(three), candidate(eight)], 1) == [three]


WORDS = ("rye", "oat", "tram", "oven", "mill", "quay", "loaf", "rail", "crew", "bar", "ash", "cod")


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    """The quotes of up to four paragraphs, some with a lead-in; words repeat."""
    found = []
    for n in range(draw(st.integers(0, 4))):
        quotes = draw(
            st.lists(st.lists(st.sampled_from(WORDS), min_size=3, max_size=14), max_size=4)
        )
        texts = [f"{' '.join(q).capitalize()}." for q in quotes]
        lead = paragraph("A good oven should:", id="lead") if draw(st.booleans()) else None
        for order, text in enumerate(texts):
            found.append(
                candidate(
                    text,
                    draw(st.integers(2, 20)) / 8,
                    rare=draw(st.sampled_from((0.2, 0.4, 0.6))),
                    bonus=draw(st.sampled_from((0.0, 0.2))),
                    lead=lead if order == 0 else None,
                    whole=" ".join(texts),
                    paragraph_id=f"p{n}",
                )
            )
    return draw(st.permutations(found))


SHAPES = st.builds(
    Shape,
    words=st.integers(3, 60),
    behind=st.sampled_from((0.0, 0.25, 0.6, 2.0)),
    astray=st.sampled_from((0.1, 0.5)),
    repeated=st.sampled_from((0.0, 0.15, 0.4)),
    brevity=st.sampled_from((0.0, 0.13, 0.2)),
)


def slow_same(one: Candidate, other: Candidate) -> bool:
    ours, theirs = content_words(one.text), content_words(other.text)
    shared = [w for w in ours if w in theirs]
    fewer = max(1, min(len(ours), len(theirs)))
    return len(shared) / fewer > 0.8


def slow_length(one: Candidate) -> int:
    return len(one.text.split()) + (len(one.lead.text.split()) if one.lead else 0)


def slow_choice(given: Sequence[Candidate], shape: Shape, quotes: int) -> list[Candidate]:
    """The best of all that are left, again and again, everything worked out anew each time."""
    taken: list[Candidate] = []
    seen: set[int] = set()
    nearest = max((c.rare for c in given), default=0.0)
    given = [c for c in given if c.rare >= nearest - shape.astray]

    def merit(one: Candidate) -> float:
        mates = [t for t in taken if t.hit.paragraph.id == one.hit.paragraph.id]
        length = math.log(max(8, slow_length(one)) / 25)
        return one.merit - shape.brevity * length - shape.repeated * len(mates)

    top = max((merit(c) for c in given), default=0.0)
    while len(taken) < quotes and len(seen) < len(given):
        left = [n for n in range(len(given)) if n not in seen]
        best = max(left, key=lambda n: merit(given[n]) + given[n].bonus)
        seen.add(best)
        if taken and merit(given[best]) < top - shape.behind:
            continue
        total = sum(map(slow_length, taken)) + slow_length(given[best])
        too_long = bool(taken) and total > shape.words
        if not too_long and not any(slow_same(given[best], t) for t in taken):
            taken.append(given[best])
    return taken


@settings(max_examples=300, deadline=None)
@given(candidates(), SHAPES, st.integers(1, 8))
def test_the_choice_is_that_of_a_slow_loop(given_: list[Candidate], shape: Shape, quotes: int):
    expected = slow_choice(given_, shape, quotes)
    found = selected(given_, shape, quotes)
    assert [(s.citations[0].quote, s.citations[0].paragraph_id) for s in found] == [
        (c.text, c.hit.paragraph.id) for c in expected
    ]
    assert [len(s.citations) for s in found] == [2 if c.lead else 1 for c in expected]
    assert len(found) <= quotes
    assert len(found) <= 1 or words(found) <= shape.words
    assert len(given_) == 0 or len(found) > 0


# ---- recommendations as sentences, and print ----------------------------------------------------


def recommendation(text: str, *sub_items: str) -> Recommendation:
    return Recommendation("made-1", "made", "1", text, sub_items, (), "made-00000001")


def test_a_recommendation_is_stated_in_the_words_of_its_paragraph():
    stated = paragraph("Recommendation 1: Towns should lend ovens to learners.")
    known = recommendation("Towns should lend ovens to learners.")
    sentence = state(known, stated, [], report())
    assert (sentence.text, sentence.recommendation) == (known.text, known)
    (citation,) = sentence.citations
    assert (citation.status, stated.text[slice(*citation.span)]) == ("verified", known.text)


def test_a_recommendation_whose_words_stand_apart_cites_the_whole_paragraph():
    stated = paragraph("Towns should lend ovens. Nobody knows why. They should lend mills too.")
    known = recommendation("Towns should lend ovens. They should lend mills too.")
    (citation,) = state(known, stated, [], report()).citations
    assert (citation.status, citation.quote) == ("verified", stated.text)


def test_a_recommendations_sub_items_are_cited_where_they_stand():
    known = recommendation("Towns should lend three things:", "their ovens at night", "old mills")
    stated = paragraph("1. Towns should lend three things:")
    following = [
        paragraph("their ovens at night", id="title", kind="heading"),
        paragraph("their ovens at night,", id="first", kind="bullet"),
        paragraph("old mills", id="second", kind="bullet"),
        paragraph("Nobody wants old mills today.", id="third"),
    ]
    sentence = state(known, stated, following, report())
    assert [(c.paragraph_id, c.quote) for c in sentence.citations] == [
        ("made-00000001", known.text),
        ("first", "their ovens at night"),
        ("second", "old mills"),
    ]
    assert sentence.text == f"{known.text} their ovens at night old mills"
    bare = state(known, stated, [], report())  # an item that stands nowhere is not told
    assert [c.quote for c in bare.citations] == [known.text]


def test_an_answer_in_print_numbers_its_citations_by_publisher():
    sentences = selected(weighed(hit("Loaves are baked at dawn.", number=4)))
    printed = str(Answer("How?", sentences))
    assert re.search(r"Loaves are baked at dawn\. \[1\]", printed)
    assert re.search(r"\[1\] Maker 2024, Made Report, para 4", printed)
    assert printed.index("Maker\n") < printed.index("Loaves")


def test_sentences_are_grouped_by_who_says_them_in_the_order_of_speaking():
    held = {"made": report().info, "two": report(id="two", publisher="Second").info}
    hits = [
        hit("Loaves are baked at dawn.", id="a", similarity=0.7, report_id="two"),
        hit("Trams leave before sunrise today.", id="b", similarity=0.6),
        hit("Pilots know the bar by colour.", id="c", similarity=0.5, report_id="two"),
    ]
    taken = choose(weighed(*hits), shaped(behind=2.0, repeated=0.0), 3)
    answer = Answer("How?", quote(taken, held))
    assert [s.citations[0].publisher for s in answer.sentences] == ["Second", "Maker", "Second"]
    assert {n: [s.text for s in g] for n, g in answer.by_publisher.items()} == {
        "Second": [hits[0].paragraph.text, hits[2].paragraph.text],
        "Maker": [hits[1].paragraph.text],
    }
    assert list(answer.by_publisher) == ["Second", "Maker"]


def test_what_two_reports_say_is_said_once_with_both_citations(made: Library):
    said = "Every town should lend its cold ovens to people who learn the trade."
    answer = made.ask("Who should lend cold ovens to people who learn the trade?")
    (sentence,) = (s for s in (*answer.sentences, *answer.more) if s.text == said)
    assert [c.report_id for c in sentence.citations] == ["loaves", "trams"]
    assert misquoted(made, [sentence]) == []


# ---- rows of tables -----------------------------------------------------------------------------

HEAD = paragraph("Club | Members 2022 | Members 2023", id="head", kind="table")


def test_a_row_of_figures_is_quoted_with_the_head_of_its_table():
    row = hit("Crane End | 120 | 98", id="row", kind="table")
    (found,) = weighed(row, lead=HEAD)
    (sentence,) = selected([found])
    assert sentence.text == "Club | Members 2022 | Members 2023: Crane End | 120 | 98"
    assert [(c.paragraph_id, c.quote) for c in sentence.citations] == [
        ("row", "Crane End | 120 | 98"),
        ("head", HEAD.text),
    ]


def test_only_a_long_row_is_quoted_cell_by_cell():
    text = "Ovens | Every town should lend its cold ovens in 2024. | Rye keeps for a whole week."
    (whole,) = weighed(hit(text, id="row", kind="table"), lead=HEAD)
    assert (whole.text, whole.lead) == (text, HEAD)
    rest = " ".join(["word"] * ROW_WORDS)
    found = weighed(hit(f"{text} | {rest} | • {rest}", id="row", kind="table"), lead=HEAD)
    assert [c.text for c in found] == [
        "Every town should lend its cold ovens in 2024.",
        "Rye keeps for a whole week.",
        f"• {rest}",
    ]
    assert {c.lead for c in found} == {None}


def test_a_row_of_figures_without_a_head_is_not_quoted_beside_sentences():
    row, other = hit("Crane | 120 | 98", id="row", kind="table"), hit("Rye keeps for a whole week.")
    assert [c.text for c in weighed(row, other)] == ["Rye keeps for a whole week."]
