"""Search: candidates of every leg, scored by every leg; a statement comes once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from reformqa import Hit, Recommendation
from reformqa.models.base import Encoding, Role
from reformqa.models.export import export_reranker
from reformqa.models.onnx import OnnxModels
from reformqa.models.token_reduction import plain_weights
from reformqa.search.expansion import load_everyday
from reformqa.search.filters import why_empty
from reformqa.search.hits import Hits
from reformqa.search.query import Query, parse_query
from reformqa.search.retriever import Search
from reformqa.search.wordings import REMEMBERED
from reformqa.storage.base import Filters, Store
from reformqa.storage.filtering import matches
from reformqa.storage.memory import MemoryStore
from reformqa.text.labels import label_keys
from reformqa.text.tokens import tokens
from reformqa.tuning import load_tuning
from support.asking import packaged_models, retriever_of, search, town_in_memory
from support.makers import contents, in_memory, paragraph, report, towns
from support.models import exported, small_cross_encoder

TOWNS = towns()
TUNING = load_tuning().search
INFOS = {r.id: r.info for r in TOWNS.reports}
PARAGRAPHS = {p.id: p for r in TOWNS.reports for p in r.paragraphs}
QUESTIONS = (
    "Who lends cold ovens to people who learn the trade?",
    "What is Recommendation 3?",
    "What are recommendations 3 and 4 and Policy Option Two?",
    "Who spent £41bn?",
    "Where do 38% or £41 billion come up?",
    "How do kids learn to bake?",
    "zeppelin",
    "the of and",
    "dawn",
    "Why is the rank and file of the tram depot unhappy with bosses?",
)
EVERYTHING = Filters()
FILTERS = (
    EVERYTHING,
    Filters(publisher=("Drivers", "Harbour Institute")),
    Filters(recommendations_only=True),
    Filters(phrases=("cold ovens",), section=("chapter", "annex")),
)


def reading(question: str) -> Query:
    return parse_query(question, TOWNS.reports)


@pytest.fixture(scope="module")
def town() -> MemoryStore:
    return town_in_memory()


def ids(hits: Sequence[Hit]) -> list[str]:
    return [h.paragraph.id for h in hits]


def printed_often(term: str) -> bool:
    """Whether so many passages have every word of an everyday term that it is the reports' own."""
    having = [set(tokens(term)) <= set(tokens(p.indexed)) for p in TOWNS.passages]
    return bool(tokens(term)) and sum(having) > TUNING.known_share * len(having)


def wordings(asked: Query, reword: bool = True) -> list[str]:
    own = asked.topic
    return list(dict.fromkeys([own, load_everyday().reword(own, printed_often)][: 1 + reword]))


@cache
def encoded(text: str, role: Role) -> Encoding:
    (encoding,) = packaged_models().encoder.encode_tokens([text], role)
    return encoding


def slow_late(question: str, passage: str, of_pieces: NDArray[np.float32]) -> float:
    """MaxSim of two texts, piece by piece, with the passage's tokens as an index stores them.

    `of_pieces` are the weights of the vocabulary's pieces.
    """
    models = packaged_models()
    asked, found = encoded(question, "question"), encoded(passage, "passage")
    said = [
        n not in models.encoder.special_pieces
        and any(map(str.isalnum, models.encoder.vocabulary[n]))
        for n in found.pieces.tolist()
    ]
    kept = models.reduction.stored(found.tokens[said]).astype(np.float32)
    own = models.reduction.asked(asked.tokens)
    weights = of_pieces[asked.pieces].tolist()
    weights = weights if any(weights) else [1.0] * len(weights)
    best = [max(float(vector @ piece) for vector in kept) for piece in own]
    return sum(w * b for w, b in zip(weights, best, strict=True)) / sum(weights)


def slow_legs(
    store: Store, asked: Query, rows: Sequence[int], reword: bool = True
) -> dict[str, list[float]]:
    """Every leg's score of each of those passages, one passage and one wording at a time."""
    ways = wordings(asked, reword)
    questions = [encoded(way, "question").sentence for way in ways]
    bm25 = BM25Okapi([tokens(p.indexed) for p in TOWNS.passages])
    by_words = np.mean([bm25.get_scores(tokens(way)) for way in ways], axis=0)
    legs: dict[str, list[float]] = {"late": [], "rare": [], "embedding": [], "bm25": []}
    weights = {"late": plain_weights(packaged_models().encoder), "rare": store.piece_weights}
    for row in rows:
        passage = TOWNS.passages[row]
        vector = encoded(passage.indexed, "passage").sentence
        for leg, of_pieces in weights.items():
            late = [slow_late(way, passage.indexed, of_pieces) for way in ways]
            legs[leg].append(float(np.mean(late)))
        legs["embedding"].append(float(np.mean([vector @ q for q in questions])))
        legs["bm25"].append(float(by_words[row]))
        if asked.amounts:
            held = [a in tokens(passage.indexed) for a in asked.amounts]
            legs.setdefault("amounts", []).append(sum(held) / len(held))
        if asked.labels:
            legs.setdefault("label", []).append(slow_label(asked, row))
    return legs


def slow_label(asked: Query, row: int) -> float:
    passage = TOWNS.passages[row]
    printed = label_keys(passage.text)
    best = 0.0
    for r in TOWNS.recommendations:
        if passage.paragraph_id in (r.stated, *r.restated):
            for key in set(label_keys(r.name)) & set(asked.labels):
                best = max(best, 1 / len(printed) if key in printed else 0.5)
    return best


@pytest.mark.parametrize("filters", FILTERS, ids=range(len(FILTERS)))
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_ranking_is_that_of_a_slow_sum_over_every_passage(
    town: MemoryStore, question: str, filters: Filters
):
    asked = reading(question)
    rows = [
        n
        for n, p in enumerate(TOWNS.passages)
        if matches(filters, p, PARAGRAPHS[p.paragraph_id].section_kind, INFOS[p.report_id])
    ]
    legs = slow_legs(town, asked, rows)
    best_bm25 = max(legs["bm25"]) if max(legs["bm25"]) > 0 else 1.0
    totals = {
        row: TUNING.late * legs["late"][n]
        + TUNING.rare * legs["rare"][n]
        + TUNING.embedding * legs["embedding"][n]
        + TUNING.bm25 * legs["bm25"][n] / best_bm25
        + TUNING.amounts * legs.get("amounts", [0] * len(rows))[n]
        + TUNING.label * legs.get("label", [0] * len(rows))[n]
        for n, row in enumerate(rows)
    }
    statements: dict[int, list[int]] = {}
    for row in rows:
        statements.setdefault(TOWNS.statements[row], []).append(row)
    hits = search(town, question, filters, limit=100)
    expected = sorted((max(totals[r] for r in s) for s in statements.values()), reverse=True)
    assert [h.score for h in hits] == pytest.approx(expected, abs=1e-4)
    place = {p: n for n, p in enumerate(TOWNS.passages)}
    for hit in hits:
        row = place[hit.passage]
        assert hit.paragraph.id == hit.passage.paragraph_id
        assert hit.score == pytest.approx(totals[row], abs=1e-4)
        own = {name: values[rows.index(row)] for name, values in legs.items()}
        assert {n: leg.score for n, leg in hit.legs.items()} == pytest.approx(own, abs=1e-4)
        assert hit.similarity == hit.legs["embedding"].score
        copies = {TOWNS.passages[r].paragraph_id for r in statements[TOWNS.statements[row]]}
        assert {hit.paragraph.id, *(p.id for p in hit.also)} == copies
        assert len(hit.also) == len(copies) - 1


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_rank_counts_the_candidates_that_the_leg_scores_higher(town: MemoryStore, question: str):
    asked = reading(question)
    legs = slow_legs(town, asked, range(len(TOWNS.passages)))
    for hit in search(town, question, limit=100):
        assert list(hit.legs) == list(legs)
        for name, leg in hit.legs.items():
            higher = sum(s > leg.score + 1e-4 for s in legs[name])
            equal = sum(abs(s - leg.score) <= 1e-4 for s in legs[name])
            assert 1 + higher <= leg.rank <= higher + equal


def test_equal_scores_share_the_best_of_their_ranks(town: MemoryStore):
    hits = search(town, "What are recommendations 3 and 4?", limit=100)
    labelled = {h.paragraph.id: h.legs["label"] for h in hits}
    assert (labelled["trams-3"].rank, labelled["trams-4"].rank) == (1, 1)
    assert labelled["trams-5"].rank == 3
    assert {leg.rank for i, leg in labelled.items() if leg.score == 0} == {5}


def test_hits_of_equal_score_come_in_the_order_of_the_reports(models: Mapping[str, Path]):
    texts = ("Rye.", "Oats.", "Rye.")
    reports = [
        report(paragraph(t, id=f"r{n}-1", report_id=f"r{n}"), id=f"r{n}")
        for n, t in enumerate(texts)
    ]
    held = contents(reports)
    apart = replace(held, statements=[0, 1, 2])
    assert ids(search(in_memory(apart, models), "rye")) == ["r0-1", "r2-1", "r1-1"]


def test_only_what_a_leg_puts_forward_is_scored(town: MemoryStore):
    vector = encoded("zeppelin", "question").sentence
    cosines = [float(encoded(p.indexed, "passage").sentence @ vector) for p in TOWNS.passages]
    nearest = {TOWNS.passages[n].paragraph_id for n in np.argsort(cosines)[-10:]}
    hits = search(town, "zeppelin", limit=5, candidates=10)  # no passage has the word
    assert {h.paragraph.id for h in hits} <= nearest
    assert not set(ids(search(town, "zeppelin", limit=100))) <= nearest


def test_words_bring_in_what_the_embedding_leaves_out(town: MemoryStore):
    question = "yachts, ferries, anchors, lighthouses, waves, sailors, piers and docks"
    few = {"limit": 5, "candidates": 10, "bm25_weight": 10}
    assert "ovens-5" not in ids(search(town, question, **few))
    assert ids(search(town, f"{question} of wood", **few))[0] in ("ovens-1", "ovens-5")
    assert "ovens-5" in ids(search(town, f"{question} of wood", **few))


@pytest.mark.parametrize("limit", [1, 5, 12, 23])
@pytest.mark.parametrize("question", ["zeppelin", "ovens at dawn", "What is Recommendation 3?"])
def test_a_limit_above_the_number_of_candidates_is_met(
    town: MemoryStore, question: str, limit: int
):
    assert len(set(TOWNS.statements)) == 23
    hits = search(town, question, limit=limit, candidates=10)
    assert len(hits) == limit
    assert len(set(ids(hits))) == limit


def test_many_copies_of_one_statement_keep_no_other_out(models: Mapping[str, Path]):
    texts = ["Rye keeps for a week in a stone crock."] * 30 + ["Trams run.", "Ships sail."]
    told = [paragraph(t, id=f"p{n:02}", number=n) for n, t in enumerate(texts)]
    store = in_memory(contents([report(*told)]), models)
    hits = search(store, "How long does rye keep in a crock?", limit=3, candidates=10)
    assert [len(h.also) for h in hits] == [29, 0, 0]
    assert {h.paragraph.id for h in hits[1:]} == {"p30", "p31"}


def test_a_hit_is_the_record_with_its_reports_facts(town: MemoryStore):
    hit = search(town, "brakes of the rolling stock", limit=1)[0]
    assert hit.paragraph == PARAGRAPHS["trams-8"]
    assert hit.passage.text == hit.paragraph.text
    assert (hit.publisher, hit.report_title, hit.year) == ("Drivers", "Trams by the Sea", 2020)
    harbour = search(town, "pilots and the colour of the water", limit=1)[0]
    assert (harbour.paragraph.id, harbour.year) == ("harbours-2", None)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How long does a loaf of rye last in a crock?", "loaves-2"),
        ("Does a frequent tram need a timetable?", "trams-1"),
        ("How does sand get into the port?", "harbours-1"),
        ("What keeps warm when the fire is out?", "ovens-3"),
        ("yeast", "loaves-5"),
    ],
)
def test_the_paragraph_that_answers_comes_first(town: MemoryStore, question: str, first: str):
    assert ids(search(town, question))[0] == first


def test_a_statement_comes_once_and_its_other_paragraphs_are_told(town: MemoryStore):
    hits = search(town, "Who lends cold ovens to people who learn the trade?", limit=100)
    copies = {"loaves-1", "loaves-3", "trams-6"}
    (found,) = (h for h in hits if h.paragraph.id in copies)
    assert found is hits[0]
    assert {p.id for p in found.also} == copies - {found.paragraph.id}
    assert [p.id for p in found.also] == sorted(p.id for p in found.also)
    assert all(PARAGRAPHS[p.id] == p for p in found.also)


@pytest.mark.parametrize(
    ("filters", "copies"),
    [
        (Filters(publisher=("Drivers",)), {"trams-6"}),
        (Filters(publisher=("Bakers Guild",)), {"loaves-1", "loaves-3"}),
        (Filters(section=("summary", "annex")), {"loaves-1", "trams-6"}),
        (Filters(recommendations_only=True), {"loaves-1", "loaves-3"}),
    ],
)
def test_the_other_paragraphs_of_a_statement_meet_the_filters_too(
    town: MemoryStore, filters: Filters, copies: set[str]
):
    found = search(town, "Who lends cold ovens to people who learn the trade?", filters)[0]
    assert {found.paragraph.id, *(p.id for p in found.also)} == copies


def test_a_paragraph_in_slices_comes_once_by_its_best_slice(town: MemoryStore):
    first, second = (p for p in TOWNS.passages if p.paragraph_id == "loaves-4")
    for question, best in (
        ("Who dresses the stones of the mill?", first),
        ("Who burns stored flour in a dry summer?", second),
    ):
        hits = search(town, question, limit=100)
        (found,) = (h for h in hits if h.paragraph.id == "loaves-4")
        assert (found.passage, found.also) == (best, ())
        assert found.passage.text in found.paragraph.text


def test_a_recommendation_named_by_its_label_comes_first(town: MemoryStore):
    assert ids(search(town, "What is Recommendation 14?"))[0] == "ovens-2"
    assert ids(search(town, "Policy Option Two"))[0] == "harbours-3"
    assert ids(search(town, "policy option 2 on loaves and ovens"))[0] == "harbours-3"


def test_a_labels_own_record_comes_before_a_table_that_holds_it_and_others(town: MemoryStore):
    hits = search(town, "What is Recommendation 4?", limit=100)
    assert ids(hits)[:2] == ["trams-4", "trams-5"]
    scores = {h.paragraph.id: h.legs["label"].score for h in hits}
    assert (scores["trams-4"], scores["trams-5"], scores["trams-3"]) == (1.0, 0.5, 0.0)


def test_a_copy_without_the_label_counts_half(town: MemoryStore):
    apart = Filters(section=("chapter",))
    (found,) = (
        h for h in search(town, "Recommendation 14", apart, 100) if h.paragraph.id == "ovens-4"
    )
    assert found.legs["label"].score == 0.5
    assert ids(search(town, "Recommendation 14", apart))[0] == "ovens-4"


def test_a_label_that_the_filters_leave_out_does_not_come(town: MemoryStore):
    hits = search(town, "What is Recommendation 14?", Filters(publisher=("Drivers",)), 100)
    assert hits
    assert {h.publisher for h in hits} == {"Drivers"}
    assert {h.legs["label"].score for h in hits} == {0.0}


def test_a_label_that_nothing_bears_has_no_effect_on_the_order(town: MemoryStore):
    named = search(town, "What does Recommendation 77 say about rye?", limit=100)
    assert {h.legs["label"].score for h in named} == {0.0}
    assert ids(named)[0] == "loaves-2"


@pytest.mark.parametrize(
    "question", ["Who spent £41bn?", "Who spent 41,000 million?", "£41 billion"]
)
def test_an_amount_is_found_however_it_is_written(town: MemoryStore, question: str):
    hits = search(town, question, limit=100)
    assert ids(hits)[0] == "loaves-6"
    assert hits[0].legs["amounts"].score == 1.0
    assert {h.legs["amounts"].score for h in hits[1:]} == {0.0}


def test_of_two_amounts_one_counts_half(town: MemoryStore):
    hits = search(town, "Who names £41bn or 38%?", limit=100)
    scores = {h.paragraph.id: h.legs["amounts"].score for h in hits}
    assert (scores["loaves-6"], scores["loaves-7"], scores["loaves-5"]) == (0.5, 0.5, 0.0)


LEGS = ("late", "rare", "embedding", "bm25")


def test_legs_that_play_no_part_are_not_told(town: MemoryStore):
    assert list(search(town, "rye")[0].legs) == ["late", "rare", "embedding", "bm25"]
    assert list(search(town, "rye at 3%")[0].legs) == [
        "late",
        "rare",
        "embedding",
        "bm25",
        "amounts",
    ]
    assert list(search(town, "Option 2")[0].legs) == ["late", "rare", "embedding", "bm25", "label"]


@pytest.mark.parametrize("leg", LEGS)
def test_a_weight_alone_ranks_by_its_leg(town: MemoryStore, leg: str):
    weights = {f"{name}_weight": float(name == leg) for name in LEGS}
    hits = search(town, "Who bakes rye in cold ovens at dawn?", **weights)
    scores = [h.legs[leg].score for h in hits]
    assert scores == sorted(scores, reverse=True)
    assert hits[0].legs[leg].rank == 1
    scale = scores[0] if leg == "bm25" else 1
    assert [h.score for h in hits] == pytest.approx([s / scale for s in scores], abs=1e-5)


def test_a_question_is_reworded_only_where_the_settings_say_so(town: MemoryStore):
    question = "How do kids learn to bake?"
    plain, reworded = (search(town, question, reword=r, limit=100) for r in (False, True))
    asked = reading(question)
    assert len(wordings(asked)) == 2
    rows = {p.paragraph_id: n for n, p in enumerate(TOWNS.passages)}
    for hits, reword in ((plain, False), (reworded, True)):
        row = rows[hits[0].paragraph.id]
        legs = slow_legs(town, asked, [row], reword)
        assert hits[0].legs["embedding"].score == pytest.approx(legs["embedding"][0], abs=1e-4)
    assert [h.score for h in plain] != pytest.approx([h.score for h in reworded], abs=1e-3)


def test_an_everyday_term_that_the_reports_print_is_not_reworded(models: Mapping[str, Path]):
    question, policy_words = "How do kids learn?", "children pupils"
    assert "children" in load_everyday().reword(question)
    for name, text in (("plain", "Kids learn by baking."), ("other", "The young learn by baking.")):
        told = [paragraph(text, id="made-1"), paragraph(policy_words, id="made-2", number=2)]
        store = in_memory(contents([report(*told)]), models)
        terms = {t for h in search(store, question) for t in h.terms}
        assert ("children" in terms) == (name == "other")


def test_a_name_is_found_where_its_acronym_stands_and_the_other_way_round(
    models: Mapping[str, Path],
):
    told = (
        "The Lighthouse Renewal Scheme (LRS) began in 1951.",
        "No claim shall be taken by LRS after May.",
        "The lighthouse scheme took years to renew.",
        "Keepers left the Lighthouse Renewal Scheme in June.",
    )
    paragraphs = [paragraph(t, id=f"made-{n}", number=n) for n, t in enumerate(told, start=1)]
    held = contents([report(*paragraphs)])
    store = in_memory(held, models)
    for question, best, form in (
        ("When are claims by the Lighthouse Renewal Scheme taken?", "made-2", "by the LRS taken?"),
        ("Who left LRS?", "made-4", "left Lighthouse Renewal Scheme?"),
    ):
        hits = search(store, question, limit=4)
        assert hits[0].paragraph.id == best
        asked = retriever_of(store).search([Search(reading(question), EVERYTHING, 4)])[0].asked
        own, other = asked.wordings
        assert own == question
        assert other.endswith(form)
        vectors = {p.paragraph_id: encoded(p.indexed, "passage") for p in held.passages}
        for hit in hits:
            vector = vectors[hit.paragraph.id].sentence
            cosines = [float(vector @ encoded(w, "question").sentence) for w in (own, other)]
            assert hit.legs["embedding"].score == pytest.approx(max(cosines), abs=1e-4)


def test_a_hit_names_the_words_of_the_question_that_stand_in_it(town: MemoryStore):
    def terms(question: str, paragraph_id: str, **settings: float) -> tuple[str, ...]:
        hits = search(town, question, limit=100, **settings)
        return next(h.terms for h in hits if h.paragraph.id == paragraph_id)

    assert terms("Do Ovens wait for the suns?", "loaves-7") == ("Ovens", "wait", "suns")
    assert terms("What of zeppelins?", "loaves-7") == ()
    assert terms("Who spent £41bn on a stove?", "loaves-6") == ("spent", "41bn", "stove")
    assert terms("summary", "loaves-2") == ("summary",)  # it stands in the section's title
    assert terms("rye and more rye", "loaves-2") == ("rye",)


def test_filters_that_leave_nothing_give_no_hits_and_the_reason(town: MemoryStore):
    none = Filters(publisher=("Drivers",), report=("ovens",))
    hits = search(town, "rye", none)
    assert (list(hits), hits.searched) == ([], 0)
    assert [hits.reason] == why_empty(town, [none])
    assert hits.reason


def test_searched_counts_the_passages_that_the_filters_leave(town: MemoryStore):
    assert search(town, "rye").searched == len(TOWNS.passages)
    drivers = Filters(publisher=("Drivers",))
    found = search(town, "rye", drivers, limit=1)
    assert (found.searched, found.reason) == (town.count([drivers])[0], None)


@pytest.mark.parametrize("publisher", ["Drivers", "Harbour Institute"])
def test_a_filter_gives_as_many_as_asked_though_others_score_higher(
    town: MemoryStore, publisher: str
):
    only = Filters(publisher=(publisher,))
    hits = search(town, "cold ovens of the bakers at dawn", only, limit=5, candidates=10)
    assert [h.publisher for h in hits] == [publisher] * 5


def test_what_is_remembered_of_questions_changes_no_hit_and_stays_small(town: MemoryStore):
    retriever = retriever_of(town)

    def asked(*questions: str) -> list[Hits]:
        found = retriever.search([Search(reading(q), EVERYTHING, 5) for q in questions])
        return [f.hits for f in found]

    first = asked("Who bakes rye?")
    assert asked("Who bakes rye?") == first
    asked(*(f"tram number {n}" for n in range(REMEMBERED + 1)))
    assert len(retriever._questions._encodings) <= REMEMBERED
    assert asked("Who bakes rye?") == first


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxModels:
    """The packaged models, and a small cross-encoder, its weights drawn at random."""
    folder = tmp_path_factory.mktemp("reranker")
    export_reranker(str(small_cross_encoder(folder / "model")), folder / "exported")
    return OnnxModels({**exported(), "reranker": folder / "exported"})


def test_a_reranker_orders_the_best_hits_by_its_own_score(
    cross_encoder: OnnxModels, town: MemoryStore
):
    question = "Who bakes rye in cold ovens at dawn?"
    before = search(town, question, limit=20)
    after = search(town, question, limit=20, models=cross_encoder, reranked=8)
    reranker = cross_encoder.reranker
    assert reranker
    scores = reranker.score(question, [h.passage.indexed for h in before[:8]])
    order = sorted(range(8), key=lambda n: -scores[n])
    assert order != list(range(8))
    assert ids(after) == [before[n].paragraph.id for n in order] + ids(before[8:])
    assert [h.legs["reranker"].rank for h in after[:8]] == list(range(1, 9))
    told = [h.legs["reranker"].score for h in after[:8]]
    assert told == pytest.approx(sorted(scores, reverse=True), abs=1e-5)
    assert all("reranker" not in h.legs for h in after[8:])
    assert {h.paragraph.id: h.score for h in after} == pytest.approx(
        {h.paragraph.id: h.score for h in before}
    )


def test_a_reranker_looks_deeper_than_the_limit(cross_encoder: OnnxModels, town: MemoryStore):
    question = "Who bakes rye in cold ovens at dawn?"
    deep = search(town, question, limit=20, models=cross_encoder, reranked=20)
    few = search(town, question, limit=2, models=cross_encoder, reranked=20)
    assert ids(few) == ids(deep)[:2]
    one = search(town, question, limit=2, models=cross_encoder, reranked=1)
    assert ["reranker" in h.legs for h in one] == [True, False]


def test_a_named_label_goes_before_the_rerankers_order(
    cross_encoder: OnnxModels, town: MemoryStore
):
    hits = search(town, "What is Recommendation 4?", models=cross_encoder)
    named = [h.legs["label"].score > 0 for h in hits]
    assert named == sorted(named, reverse=True)
    assert set(ids(hits)[: sum(named)]) == {"trams-4", "trams-5"}


def test_a_reranker_has_nothing_to_order_where_filters_leave_nothing(
    cross_encoder: OnnxModels, town: MemoryStore
):
    none = Filters(publisher=("Drivers",), report=("ovens",))
    hits = search(town, "rye", none, models=cross_encoder)
    assert list(hits) == []
    assert hits.reason


def test_a_build_of_one_passage_can_be_searched(models: Mapping[str, Path]):
    store = in_memory(contents([report(paragraph("Rye keeps for a week."))]), models)
    for question in ("How long does rye keep?", "zeppelin", "Recommendation 3", "£41bn", "the of"):
        hits = search(store, question)
        assert [(h.paragraph.id, h.legs["late"].rank) for h in hits] == [("made-00000001", 1)]


def test_a_label_said_by_two_reports_finds_both(models: Mapping[str, Path]):
    told = [
        report(paragraph(text, id=f"{name}-1", report_id=name), id=name)
        for name, text in (("one", "Bake bread."), ("two", "Lay rails."), ("three", "Dredge."))
    ]
    known = [
        Recommendation("one-1", "one", "1", "Bake bread.", (), (), "one-1"),
        Recommendation("two-1", "two", "Recommendation 1", "Lay rails.", (), (), "two-1"),
    ]
    store = in_memory(contents(told, known), models)
    hits = search(store, "What is Recommendation 1 on dredging?")
    assert set(ids(hits)[:2]) == {"one-1", "two-1"}
