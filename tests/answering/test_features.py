"""Signs of an answer: what of a question the passages meet, and what stands nowhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from reformqa.answering.calibration import load_calibration

from reformqa import Hits, Settings
from reformqa.answering.features import (
    FAR,
    FEWEST,
    LOOKED_AT,
    TOLD,
    UNMET,
    WEAKEST,
    Signs,
    read_signs,
    speaking_signs,
)
from reformqa.answering.selection import Candidate, weigh
from reformqa.search.expansion import load_everyday
from reformqa.search.filters import Filters
from reformqa.search.query import Query, parse_query
from reformqa.search.retriever import Nearness, Retriever
from reformqa.storage.files.store import FilesStore
from reformqa.text.tokens import tokens

ANY = Filters()
DRIVERS = Filters(publisher=("Drivers",))
QUESTIONS = (
    "Who lends cold ovens to learners of the trade?",
    "How often does a tram need a timetable?",
    "Does yeast wake in a warm room before dawn?",
    "Which zeppelins carry marmalade to the moon?",
)


@pytest.fixture(scope="module")
def retriever(town: FilesStore) -> Retriever:
    return Retriever(town, Settings().search, load_everyday(None))


@pytest.fixture
def read(town: FilesStore, retriever: Retriever):
    """The signs of a question asked of the made towns."""

    def of(question: str, filters: Filters = ANY) -> Signs:
        asked, hits = heard(town, retriever, question, filters)
        return read_signs(asked, filters, hits, retriever)

    return of


def heard(
    town: FilesStore, retriever: Retriever, question: str, filters: Filters = ANY
) -> tuple[Query, Hits]:
    asked = parse_query(question, list(town.reports.values()))
    return asked, retriever.search([asked], [filters], 12)[0]


def test_the_packaged_calibration_weighs_the_signs_that_are_read(read, town, retriever):
    packaged = load_calibration()
    assert set(packaged.answers.weights) == set(read(QUESTIONS[0]).values)
    asked, hits = heard(town, retriever, QUESTIONS[0])
    speaking = speaking_signs(asked, {"": (hits, [])}, retriever)[""]
    assert set(packaged.speaks.weights) == set(speaking)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_sign_is_a_number(read, question: str):
    assert all(math.isfinite(v) for v in read(question).values.values())


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_score_is_that_of_the_best_hit(read, town, retriever, question: str):
    _, hits = heard(town, retriever, question)
    assert read(question).values["score"] == hits[0].score == max(h.score for h in hits)


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("ovens", FEWEST),
        ("Which cold ovens?", FEWEST),
        ("cold ovens wake yeast, dear wood", 6),
        ("cold ovens wake yeast, dear wood and cold oven and wood", 6),
    ],
)
def test_the_length_is_of_the_terms_and_a_keyword_is_no_worse(read, question: str, terms: int):
    assert read(question).values["length"] == pytest.approx(math.log(1 + terms))


def test_far_is_a_question_that_no_passage_is_like(read, town, retriever):
    told = {q: read(q).far for q in (*QUESTIONS, "Teach quantum chromodynamics lattice theory")}
    for question, far in told.items():
        _, hits = heard(town, retriever, question)
        assert far == (max(h.similarity for h in hits[:LOOKED_AT]) < FAR)
    assert list(told.values())[::4] == [False, True]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_weakest_words_are_those_of_the_passage_that_meets_them_best(
    read, town, retriever, question: str
):
    """A slow twin: for each hit the mean of its least met words, and the best of those."""
    asked, hits = heard(town, retriever, question)
    met = retriever.words_met(asked, hits[:LOOKED_AT])
    means = []
    for n in range(min(LOOKED_AT, len(hits))):
        cosines = sorted(float(of_word[n]) for of_word in met.values())[:WEAKEST]
        means.append(sum(cosines) / len(cosines))
    assert read(question).values["weakest"] == pytest.approx(max(means), abs=1e-6)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_word_is_met_by_the_best_passage_of_a_paragraph(town, retriever, question: str):
    """A slow twin of the table of words by hits, from the pieces of the question's encoding."""
    asked, hits = heard(town, retriever, question)
    (own,) = town.encoder.encode([asked.topic])
    late = town.legs.late
    places = late.words(own, town.encoder.vocabulary())
    found = retriever.words_met(asked, hits)
    assert list(found) == list(places)
    for word, at in places.items():
        expected = []
        for h in hits:
            rows = town.rows_of([h.paragraph.id]).tolist()
            best = [max(float(late.met(own, np.array([r]))[p, 0]) for r in rows) for p in at]
            expected.append(sum(best) / len(best))
        assert found[word].tolist() == pytest.approx(expected, abs=1e-5)


def test_words_that_no_passage_meets_are_told_the_least_met_first(read, town, retriever):
    question = "Which zeppelins carry purple marmalade and giraffes to Ida?"
    told = read(question).words
    asked, hits = heard(town, retriever, question)
    best = {w: float(c.max()) for w, c in retriever.words_met(asked, hits[:LOOKED_AT]).items()}
    assert 0 < len(told) <= TOLD
    assert all(best[w] < UNMET for w in told)
    assert [best[w] for w in told] == sorted(best[w] for w in told)
    assert set(told) & {"zeppelins", "marmalade", "giraffes"}
    assert read("Who lends cold ovens to people who learn the trade?").words == ()


@pytest.mark.parametrize(
    ("question", "filters", "names"),
    [
        ("What does Quentin Blake draw on ovens?", Filters(), ("Quentin Blake",)),
        ("Who in Zanzibar bakes rye for the Office for Yeast?", Filters(), None),
        ("Zanzibar is cold", Filters(), ()),
        ("Rye is dear. Zanzibar is cold.", Filters(), ()),
        ("Who pays the Conductors?", Filters(), ()),
        ("Who pays the Pilots?", Filters(), ()),
        ("Who pays the Pilots?", DRIVERS, ("Pilots",)),
        ("Who pays the Conductors?", DRIVERS, ()),
        ("Who bakes rye in the town?", Filters(), ()),
    ],
)
def test_names_that_stand_in_no_passage_are_a_sign(read, question: str, filters: Filters, names):
    found = read(question, filters)
    if names is None:
        assert found.names == ("Zanzibar", "Office for Yeast")
    else:
        assert found.names == names
    assert found.values["names"] == float(bool(found.names))


@pytest.mark.parametrize(
    ("question", "figures"),
    [
        ("Who spent £41bn on stoves?", ()),
        ("Who spent £42bn on stoves?", ("£42bn",)),
        ("Are 38% of ovens lit before six?", ()),
        ("Are 39% or 38% of ovens lit before six?", ("39%",)),
        ("Which ovens are lit before six?", ()),
    ],
)
def test_figures_that_no_near_passage_prints_are_a_sign(read, question: str, figures):
    found = read(question)
    assert found.figures == figures
    assert found.values["figures"] == float(bool(figures))


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("How many ovens are lit?", 1.0),
        ("By how much did fares rise?", 1.0),
        ("How does the tide cover rails?", 0.0),
        ("Are many ovens lit?", 0.0),
    ],
)
def test_asking_for_a_figure_is_a_sign(read, question: str, asks: float):
    assert read(question).values["asks_figure"] == asks


def test_only_labels_that_do_not_exist_are_told(read):
    assert read("What is Recommendation 77?").labels == ("recommendation 77",)
    assert read("What is Recommendation 14?").labels == ()
    assert read("What is Recommendation 14?", DRIVERS).labels == ("recommendation 14",)
    assert read("Who lends ovens?").labels == ()


# ---- whether a think tank speaks ----------------------------------------------------------------


def candidate(late: float, cosine: float) -> Candidate:
    vector = np.zeros(2, dtype=np.float32)
    return Candidate("Words.", 0, None, None, late, cosine, 0.0, vector)  # type: ignore[arg-type]


def test_the_best_sentence_of_each_and_how_far_it_is_behind(town, retriever):
    asked, _ = heard(town, retriever, "Who lends cold ovens?")
    groups = {
        "near": ([], [candidate(0.6, 0.4), candidate(0.7, 0.6)]),
        "far": ([], [candidate(0.5, 0.2)]),
        "nobody": ([], []),
    }
    found = speaking_signs(asked, groups, retriever)
    assert {n: s["nearest"] for n, s in found.items()} == pytest.approx(
        {"near": 1.0, "far": 0.6, "nobody": 0.0}
    )
    assert {n: s["behind"] for n, s in found.items()} == pytest.approx(
        {"near": 0.0, "far": 0.4, "nobody": 1.0}
    )
    assert {s["printed"] for s in found.values()} == {0.0}
    assert speaking_signs(asked, {}, retriever) == {}


@pytest.mark.parametrize("question", QUESTIONS[:3])
def test_the_share_printed_is_that_of_a_slow_loop(town: FilesStore, retriever, question: str):
    asked, hits = heard(town, retriever, question)
    texts = {
        n: (p.paragraph_id, set(tokens(p.indexed)))
        for n, p in town.passages(range(len(town.columns.report))).items()
    }
    weight = {}
    for term in set(tokens(asked.topic)):
        holders = sum(term in held for _, held in texts.values())
        weight[term] = math.log(1 + (len(texts) - holders + 0.5) / (holders + 0.5))
    shares = [
        sum(w for t, w in weight.items() if t in held) / sum(weight.values())
        for paragraph_id, held in texts.values()
        if paragraph_id in {h.paragraph.id for h in hits[:LOOKED_AT]}
    ]
    found = retriever.printed.share(asked.topic, hits[:LOOKED_AT])
    assert found == pytest.approx(max(shares), abs=1e-5)
    assert 0 < found <= 1
    assert retriever.printed.share(asked.topic, []) == 0.0


def test_nearness_is_the_mean_over_the_wordings_and_its_vectors_are_units(town, retriever):
    asked, hits = heard(town, retriever, "Who lends cold ovens to kids?")
    texts = [h.paragraph.text for h in hits[:4]]
    found: Nearness = retriever.nearness(asked, texts)
    encoded = town.quick_encoder.encode(texts, "passage")
    assert np.allclose(found.vectors, [e.sentence for e in encoded], atol=1e-4)
    assert np.allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-4)
    wordings = town.encoder.encode(list(retriever._wordings(asked)))
    assert len(wordings) == 2  # "kids" is an everyday word
    cosines = [[float(e.sentence @ w.sentence) for e in encoded] for w in wordings]
    assert np.allclose(found.cosine, np.mean(cosines, axis=0), atol=1e-4)
    late = [town.legs.late.between(w, encoded) for w in wordings]
    assert np.allclose(found.late, np.mean(late, axis=0), atol=1e-4)


def test_what_is_near_is_weighed_by_the_question(town, retriever):
    asked, hits = heard(town, retriever, "Who lends cold ovens to people who learn the trade?")
    found = weigh(asked, hits, lambda t: retriever.nearness(asked, t), lambda p: None)
    best = max(found, key=lambda c: c.merit)
    assert "lend its cold ovens" in best.text
