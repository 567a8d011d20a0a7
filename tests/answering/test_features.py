"""Features of a question: what of it the passages meet, and what occurs nowhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from reformqa.answering.evidence import Material
from reformqa.answering.features import (
    FEWEST,
    LOOKED_AT,
    REPORTED,
    WEAKEST,
    Features,
    answer_features,
    printed_shares,
    printing_names,
    speaking_features,
)
from reformqa.answering.selection import Candidate, weigh
from reformqa.model import Passage
from reformqa.models.token_reduction import kept_pieces, plain_weights
from reformqa.search.retriever import Retriever
from reformqa.search.scoring import content_pieces
from reformqa.search.spans import context_of, parts_of
from reformqa.storage.base import Filters
from reformqa.text.sentences import sentences
from reformqa.text.tokens import tokens
from reformqa.tuning import load_tuning
from support.asking import material_of, retriever_of, town_in_memory
from support.makers import contents, in_memory, paragraph, report, towns
from support.models import exported

TOWNS = towns()
TUNING = load_tuning()
ANY = Filters()
DRIVERS = Filters(publisher=("Drivers",))
QUESTIONS = (
    "Who lends cold ovens to learners of the trade?",
    "How often does a tram need a timetable?",
    "Does yeast wake in a warm room before dawn?",
    "Which zeppelins carry marmalade to the moon?",
)


Read = Callable[..., Features]


@pytest.fixture(scope="module")
def retriever() -> Retriever:
    return retriever_of(town_in_memory())


@pytest.fixture
def read(retriever: Retriever) -> Read:
    """The features of a question asked of the made towns."""

    def of(question: str, where: Filters = ANY) -> Features:
        material = material_of(retriever, question, where)
        models, store = retriever.models, retriever.store
        return answer_features(material, where, store, models, TUNING.features)

    return of


def test_the_packaged_tuning_weighs_the_features_that_are_read(read: Read, retriever: Retriever):
    assert set(TUNING.answers.weights) == set(read(QUESTIONS[0]).values)
    material = material_of(retriever, QUESTIONS[0])
    groups = {"": (material, [])}
    query = material.asked.query
    speaking = speaking_features(query, groups, retriever.store)[""]
    assert set(TUNING.speaks.weights) == set(speaking)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_feature_is_a_number(read: Read, question: str):
    assert all(math.isfinite(v) for v in read(question).values.values())


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_score_is_that_of_the_best_hit(read: Read, retriever: Retriever, question: str):
    hits = material_of(retriever, question).hits
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
def test_the_length_is_of_the_terms_and_a_keyword_is_no_worse(
    read: Read, question: str, terms: int
):
    assert read(question).values["length"] == pytest.approx(math.log(1 + terms))


def test_far_is_a_question_that_no_passage_is_like(read: Read, retriever: Retriever):
    told = {q: read(q).far for q in (*QUESTIONS, "Teach quantum chromodynamics lattice theory")}
    for question, far in told.items():
        hits = material_of(retriever, question).hits
        assert far == (max(h.similarity for h in hits[:LOOKED_AT]) < TUNING.features.far)
    assert list(told.values())[::4] == [False, True]


def slow_met(retriever: Retriever, material: Material) -> dict[str, list[float]]:
    """For each content word of the question its best cosine in each hit, passage by passage."""
    store, models = town_in_memory(), retriever.models
    (own,) = models.encoder.encode_tokens([material.asked.query.topic], "question")
    asked = models.reduction.asked(own.tokens)
    kept = {row.passage.id: row.vectors.tokens.astype(np.float32) for row in store.rows}
    passages: dict[str, list[Passage]] = {}
    for passage in TOWNS.passages:
        passages.setdefault(passage.paragraph_id, []).append(passage)
    words = content_pieces(own, models.encoder.vocabulary, store.piece_weights)
    met: dict[str, list[float]] = {}
    for word, places in words.items():
        for hit in material.first(LOOKED_AT).hits:
            best = [
                max(float(asked[place] @ v) for p in passages[hit.paragraph.id] for v in kept[p.id])
                for place in places
            ]
            met.setdefault(word, []).append(sum(best) / len(best))
    return met


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_weakest_words_are_those_of_the_passage_that_meets_them_best(
    read: Read, retriever: Retriever, question: str
):
    """A slow twin: for each hit the mean of its least met words, and the best of those."""
    material = material_of(retriever, question)
    met = slow_met(retriever, material)
    means = []
    for n in range(len(material.first(LOOKED_AT).hits)):
        cosines = sorted(of_word[n] for of_word in met.values())[:WEAKEST]
        means.append(sum(cosines) / len(cosines))
    assert read(question).values["weakest"] == pytest.approx(max(means), abs=1e-5)


def test_words_that_no_passage_meets_are_reported_the_least_met_first(
    read: Read, retriever: Retriever
):
    question = "Which zeppelins carry purple marmalade and giraffes to Ida?"
    reported = read(question).words
    best = {w: max(c) for w, c in slow_met(retriever, material_of(retriever, question)).items()}
    assert 0 < len(reported) <= REPORTED
    assert all(best[w] < TUNING.features.unmet for w in reported)
    assert [best[w] for w in reported] == sorted(best[w] for w in reported)
    assert set(reported) & {"zeppelins", "marmalade", "giraffes"}
    assert read("Who lends cold ovens to people who learn the trade?").words == ()


def test_an_everyday_word_is_not_reported_though_no_passage_meets_it(read: Read):
    """Reports print other words in its place."""
    assert "kids" not in read("Do kids like zeppelins?").words
    assert "kidneys" in read("Do kidneys like zeppelins?").words


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
def test_names_that_occur_in_no_passage_are_a_feature(
    read: Read, question: str, filters: Filters, names: tuple[str, ...] | None
):
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
def test_figures_that_no_near_passage_prints_are_a_feature(
    read: Read, question: str, figures: tuple[str, ...]
):
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
def test_asking_for_a_figure_is_a_feature(read: Read, question: str, asks: float):
    assert read(question).values["asks_figure"] == asks


def test_only_labels_that_do_not_exist_are_reported(read: Read):
    assert read("What is Recommendation 77?").labels == ("recommendation 77",)
    assert read("What is Recommendation 14?").labels == ()
    assert read("What is Recommendation 14?", DRIVERS).labels == ("recommendation 14",)
    assert read("Who lends ovens?").labels == ()


# ---- whether a think tank speaks ----------------------------------------------------------------


def candidate(late: float, rare: float) -> Candidate:
    return Candidate("Words.", None, None, late, rare, 0.0)  # type: ignore[arg-type]


def test_the_best_sentence_of_each_and_how_far_it_is_behind(retriever: Retriever):
    material = material_of(retriever, "Who lends cold ovens?")
    silent = material.with_hits([])
    groups = {
        "near": (silent, [candidate(0.6, 0.4), candidate(0.7, 0.6)]),
        "far": (silent, [candidate(0.5, 0.2)]),
        "nobody": (silent, []),
    }
    best, other = 0.6, 0.2
    store, query = retriever.store, material.asked.query
    found = speaking_features(query, groups, store)
    assert {n: s["nearest"] for n, s in found.items()} == pytest.approx(
        {"near": best, "far": other, "nobody": 0.0}
    )
    assert {n: s["behind"] for n, s in found.items()} == pytest.approx(
        {"near": 0.0, "far": best - other, "nobody": best}
    )
    assert {s["printed"] for s in found.values()} == {0.0}
    assert speaking_features(query, {}, store) == {}


@pytest.mark.parametrize(
    ("question", "most", "printing"),
    [
        ("How do they see the Mason of the valley?", 0.1, {"Bakers Guild"}),
        ("How do they see the Mason of the valley?", 0.0, set()),  # not so rare
        ("How do they see the mason of the valley?", 0.1, set()),  # no name
        ("How do they see the Marmalade Party?", 0.1, set()),
    ],
)
def test_those_who_print_a_rare_name_of_the_question_are_told(
    retriever: Retriever, question: str, most: float, printing: set[str]
):
    publishers = sorted({r.publisher for r in retriever.store.reports().values()})
    query = material_of(retriever, question).asked.query
    assert printing_names(query, publishers, ANY, retriever.store, most) == printing


@pytest.mark.parametrize("question", QUESTIONS[:3])
def test_the_share_printed_is_that_of_a_slow_loop(retriever: Retriever, question: str):
    material = material_of(retriever, question)
    texts = [(p.paragraph_id, set(tokens(p.indexed))) for p in TOWNS.passages]
    weight = {}
    for term in set(tokens(material.asked.query.topic)):
        holders = sum(term in held for _, held in texts)
        weight[term] = math.log(1 + (len(texts) - holders + 0.5) / (holders + 0.5))
    near = {h.paragraph.id for h in material.hits[:LOOKED_AT]}
    shares = [
        sum(w for t, w in weight.items() if t in held) / sum(weight.values())
        for paragraph_id, held in texts
        if paragraph_id in near
    ]
    groups = {"all": material, "silent": material.with_hits([])}
    found = printed_shares(groups, material.asked.query, retriever.store)
    assert found["all"] == pytest.approx(max(shares), abs=1e-5)
    assert 0 < found["all"] <= 1
    assert found["silent"] == 0.0


def test_a_sentence_is_as_near_as_a_slow_loop_over_its_own_words_finds(retriever: Retriever):
    """Those of its passage's vectors whose pieces begin within it, a loop for each."""
    material = material_of(retriever, "Who lends cold ovens to kids?")
    assert len(material.asked.wordings) == 2  # "kids" is an everyday word
    passages = [h.passage for h in material.hits[:4]]
    texts = [parts_of([p], (s, e)) for p in passages for s, e in sentence_spans(p)]
    texts += [[*parts_of(passages[:1], passages[0].span), context_of(passages[1])], []]
    found = retriever.nearness(material.asked, material.evidence, texts)
    encoder, reduction = retriever.models.encoder, retriever.models.reduction
    kept = kept_pieces(encoder)
    weights = {"late": plain_weights(encoder), "rare": retriever.store.piece_weights}
    for which, of_pieces in weights.items():
        expected = np.zeros(len(texts))
        for n, parts in enumerate(texts):
            vectors = []
            for part in parts:
                (encoding,) = encoder.encode_tokens([part.passage.indexed], "passage")
                pieces = encoder.split(part.passage.indexed, "passage")
                for number, (start, _), vector in zip(
                    pieces.numbers, pieces.places, encoding.tokens, strict=True
                ):
                    if kept[number] and part.start <= start < part.end:
                        vectors.append(reduction.stored(vector[None])[0].astype(np.float32))
            for wording in material.asked.encoded.encodings if vectors else ():
                own = of_pieces[wording.pieces]
                asked = reduction.asked(wording.tokens)
                best = [max(float(v @ a) for v in vectors) for a in asked]
                expected[n] += own @ best / own.sum() / len(material.asked.wordings)
        assert np.allclose(getattr(found, which), expected, atol=1e-4)
        assert expected[-1] == 0 < expected[:-1].min()


def sentence_spans(passage: Passage) -> list[tuple[int, int]]:
    """The spans of a passage's sentences in its paragraph."""
    start = passage.span[0]
    return [(start + a, start + b) for (a, b), _ in sentences(passage.text)]


def test_the_part_of_a_paragraph_in_two_slices_is_in_both():
    slices = [
        Passage("p", "r", "Rye keeps. ", "Grain. Rye keeps.", (0, 11)),
        Passage("p", "r", "Wheat does not.", "Grain. Wheat does not.", (11, 26)),
    ]
    text = "".join(s.text for s in slices)
    found = parts_of(slices, (text.index("keeps"), text.index("does")))
    assert [p.passage.indexed[p.start : p.end] for p in found] == ["keeps.", "Wheat "]
    assert [context_of(s).end for s in slices] == [7, 7]


def test_what_is_near_is_weighed_by_the_question(retriever: Retriever):
    material = material_of(retriever, "Who lends cold ovens to people who learn the trade?")
    nearness = partial(retriever.nearness, material.asked, material.evidence)
    found = weigh(material, nearness, TUNING.selection, demands=False)
    best = max(found, key=lambda c: c.merit)
    assert "lend its cold ovens" in best.text


# ---- numbered parts -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def steps() -> Retriever:
    """A report in steps that it numbers, and that also names a pillar without a number."""
    told = (
        "Step 1: light the oven before dawn, with dry wood of the valley.",
        "Step 2: rake out the ash, and leave the door of the oven shut.",
        "The third pillar of baking is patience with an oven.",
    )
    paragraphs = [paragraph(t, id=f"made-{n}", number=n) for n, t in enumerate(told, start=1)]
    return retriever_of(in_memory(contents([report(*paragraphs)]), exported()))


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("What is step 1 of lighting an oven?", ()),
        ("What is Step 6 of lighting an oven?", ("step 6",)),
        ("What are step 2 and step 7 of baking?", ("step 7",)),
        ("What is pillar 4 of baking?", ()),  # nothing says that pillars are numbered
        ("What is step six of lighting an oven?", ("step 6",)),
        ("What is the sixth step of lighting an oven?", ("step 6",)),
    ],
)
def test_a_numbered_part_that_is_not_there_is_as_a_label_that_does_not_exist(
    steps: Retriever, question: str, labels: tuple[str, ...]
):
    material = material_of(steps, question)
    found = answer_features(material, ANY, steps.store, steps.models, TUNING.features)
    assert found.labels == labels
