"""Search: candidates of every leg, scored by every leg; a statement comes once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from reformqa import Hit, Recommendation
from reformqa.models.export import export_reranker
from reformqa.models.onnx import Encoder, Reranker
from reformqa.search.expansion import load_everyday
from reformqa.search.filters import Filters, apply
from reformqa.search.query import Query, parse_query
from reformqa.search.retriever import KNOWN_SHARE, LABEL_BONUS, REMEMBERED, Hits, Retriever
from reformqa.settings import SearchSettings
from reformqa.storage.files.store import FilesStore
from reformqa.text.labels import label_keys
from reformqa.text.tokens import tokens
from support.makers import contents, opened, paragraph, report, towns
from support.models import small_cross_encoder

TOWNS = towns()
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


def search(
    snapshot: FilesStore,
    question: str,
    filters: Filters = EVERYTHING,
    limit: int = 10,
    **settings: Any,
) -> Hits:
    chosen = SearchSettings.model_validate(settings)
    retriever = Retriever(snapshot, chosen, load_everyday())
    return retriever.search([reading(question)], [filters], limit)[0]


def ids(hits: Sequence[Hit]) -> list[str]:
    return [h.paragraph.id for h in hits]


def printed_often(term: str) -> bool:
    """Whether so many passages have every word of an everyday term that it is the reports' own."""
    having = [set(tokens(term)) <= set(tokens(p.indexed)) for p in TOWNS.passages]
    return bool(tokens(term)) and sum(having) > KNOWN_SHARE * len(having)


def wordings(asked: Query, reword: bool = True) -> list[str]:
    own = asked.topic
    return list(dict.fromkeys([own, load_everyday().reword(own, printed_often)][: 1 + reword]))


def slow_legs(
    snapshot: FilesStore, asked: Query, rows: Sequence[int], reword: bool = True
) -> dict[str, list[float]]:
    """Every leg's score of each of those passages, one passage and one wording at a time."""
    ways = wordings(asked, reword)
    encoder = snapshot.encoder
    questions = [encoder.encode([way])[0] for way in ways]
    bm25 = BM25Okapi([tokens(p.indexed) for p in TOWNS.passages])
    by_words = np.mean([bm25.get_scores(tokens(way)) for way in ways], axis=0)
    legs: dict[str, list[float]] = {"late": [], "embedding": [], "bm25": []}
    for row in rows:
        passage = TOWNS.passages[row]
        vector = encoder.encode([passage.indexed], "passage")[0].sentence
        late = snapshot.legs.late
        each = [late.score([q], np.array([row]))[0, 0] for q in questions]
        legs["late"].append(float(np.mean(each)))
        legs["embedding"].append(float(np.mean([vector @ q.sentence for q in questions])))
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
    town: FilesStore, question: str, filters: Filters
):
    asked = reading(question)
    mask = apply(town, filters).mask
    rows = range(len(TOWNS.passages)) if mask is None else np.flatnonzero(mask).tolist()
    legs = slow_legs(town, asked, rows)
    settings = SearchSettings()
    best_bm25 = max(legs["bm25"]) if max(legs["bm25"]) > 0 else 1.0
    totals = {
        row: settings.late_weight * legs["late"][n]
        + settings.embedding_weight * legs["embedding"][n]
        + settings.bm25_weight * legs["bm25"][n] / best_bm25
        + settings.amounts_weight * legs.get("amounts", [0] * len(rows))[n]
        + LABEL_BONUS * legs.get("label", [0] * len(rows))[n]
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
        own = {name: values[list(rows).index(row)] for name, values in legs.items()}
        assert {n: leg.score for n, leg in hit.legs.items()} == pytest.approx(own, abs=1e-4)
        assert hit.similarity == hit.legs["embedding"].score
        copies = {TOWNS.passages[r].paragraph_id for r in statements[TOWNS.statements[row]]}
        assert {hit.paragraph.id, *(p.id for p in hit.also)} == copies
        assert len(hit.also) == len(copies) - 1


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_rank_counts_the_candidates_that_the_leg_scores_higher(town: FilesStore, question: str):
    asked = reading(question)
    legs = slow_legs(town, asked, range(len(TOWNS.passages)))
    for hit in search(town, question, limit=100):
        assert list(hit.legs) == list(legs)
        for name, leg in hit.legs.items():
            higher = sum(s > leg.score + 1e-4 for s in legs[name])
            equal = sum(abs(s - leg.score) <= 1e-4 for s in legs[name])
            assert 1 + higher <= leg.rank <= higher + equal


def test_equal_scores_share_the_best_of_their_ranks(town: FilesStore):
    hits = search(town, "What are recommendations 3 and 4?", limit=100)
    labelled = {h.paragraph.id: h.legs["label"] for h in hits}
    assert (labelled["trams-3"].rank, labelled["trams-4"].rank) == (1, 1)
    assert labelled["trams-5"].rank == 3
    assert {leg.rank for i, leg in labelled.items() if leg.score == 0} == {5}


def test_hits_of_equal_score_come_in_the_order_of_the_reports(encoder: Path, tmp_path: Path):
    texts = ("Rye.", "Oats.", "Rye.")
    reports = [
        report(paragraph(t, id=f"r{n}-1", report_id=f"r{n}"), id=f"r{n}")
        for n, t in enumerate(texts)
    ]
    held = contents(reports)
    apart = type(held)(held.reports, (), held.passages, [0, 1, 2])
    assert ids(search(opened(tmp_path, apart, encoder), "rye")) == ["r0-1", "r2-1", "r1-1"]


def test_only_what_a_leg_puts_forward_is_scored(town: FilesStore):
    vector = town.encoder.encode(["zeppelin"])[0].sentence
    cosines = town.legs.dense.cosines(vector, np.arange(len(TOWNS.passages)))
    nearest = {TOWNS.passages[n].paragraph_id for n in np.argsort(-cosines)[:10]}
    hits = search(town, "zeppelin", limit=5, candidates=10)  # no passage has the word
    assert {h.paragraph.id for h in hits} <= nearest
    assert not set(ids(search(town, "zeppelin", limit=100))) <= nearest


def test_words_bring_in_what_the_embedding_leaves_out(town: FilesStore):
    question = "yachts, ferries, anchors, lighthouses, waves, sailors, piers and docks"
    few = {"limit": 5, "candidates": 10, "bm25_weight": 10}
    assert "ovens-5" not in ids(search(town, question, **few))
    assert ids(search(town, f"{question} of wood", **few))[0] in ("ovens-1", "ovens-5")
    assert "ovens-5" in ids(search(town, f"{question} of wood", **few))


@pytest.mark.parametrize("limit", [1, 5, 12, 23])
@pytest.mark.parametrize("question", ["zeppelin", "ovens at dawn", "What is Recommendation 3?"])
def test_a_limit_above_the_number_of_candidates_is_met(town: FilesStore, question: str, limit: int):
    assert len(set(TOWNS.statements)) == 23
    hits = search(town, question, limit=limit, candidates=10)
    assert len(hits) == limit
    assert len(set(ids(hits))) == limit


def test_many_copies_of_one_statement_keep_no_other_out(encoder: Path, tmp_path: Path):
    texts = ["Rye keeps for a week in a stone crock."] * 30 + ["Trams run.", "Ships sail."]
    told = [paragraph(t, id=f"p{n:02}", number=n) for n, t in enumerate(texts)]
    snapshot = opened(tmp_path, contents([report(*told)]), encoder)
    hits = search(snapshot, "How long does rye keep in a crock?", limit=3, candidates=10)
    assert [len(h.also) for h in hits] == [29, 0, 0]
    assert {h.paragraph.id for h in hits[1:]} == {"p30", "p31"}


def test_a_hit_is_the_record_with_its_reports_facts(town: FilesStore):
    hit = search(town, "brakes of the rolling stock", limit=1)[0]
    assert hit.paragraph == town.paragraph("trams-8")
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
def test_the_paragraph_that_answers_comes_first(town: FilesStore, question: str, first: str):
    assert ids(search(town, question))[0] == first


def test_a_statement_comes_once_and_its_other_paragraphs_are_told(town: FilesStore):
    hits = search(town, "Who lends cold ovens to people who learn the trade?", limit=100)
    copies = {"loaves-1", "loaves-3", "trams-6"}
    (found,) = (h for h in hits if h.paragraph.id in copies)
    assert found is hits[0]
    assert {p.id for p in found.also} == copies - {found.paragraph.id}
    assert [p.id for p in found.also] == sorted(p.id for p in found.also)
    assert all(town.paragraph(p.id) == p for p in found.also)


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
    town: FilesStore, filters: Filters, copies: set[str]
):
    found = search(town, "Who lends cold ovens to people who learn the trade?", filters)[0]
    assert {found.paragraph.id, *(p.id for p in found.also)} == copies


def test_a_paragraph_in_slices_comes_once_by_its_best_slice(town: FilesStore):
    first, second = (p for p in TOWNS.passages if p.paragraph_id == "loaves-4")
    for question, best in (
        ("Who dresses the stones of the mill?", first),
        ("Who burns stored flour in a dry summer?", second),
    ):
        hits = search(town, question, limit=100)
        (found,) = (h for h in hits if h.paragraph.id == "loaves-4")
        assert (found.passage, found.also) == (best, ())
        assert found.passage.text in found.paragraph.text


def test_a_recommendation_named_by_its_label_comes_first(town: FilesStore):
    assert ids(search(town, "What is Recommendation 14?"))[0] == "ovens-2"
    assert ids(search(town, "Policy Option Two"))[0] == "harbours-3"
    assert ids(search(town, "policy option 2 on loaves and ovens"))[0] == "harbours-3"


def test_a_labels_own_record_comes_before_a_table_that_holds_it_and_others(town: FilesStore):
    hits = search(town, "What is Recommendation 4?", limit=100)
    assert ids(hits)[:2] == ["trams-4", "trams-5"]
    scores = {h.paragraph.id: h.legs["label"].score for h in hits}
    assert (scores["trams-4"], scores["trams-5"], scores["trams-3"]) == (1.0, 0.5, 0.0)


def test_a_copy_without_the_label_counts_half(town: FilesStore):
    apart = Filters(section=("chapter",))
    (found,) = (
        h for h in search(town, "Recommendation 14", apart, 100) if h.paragraph.id == "ovens-4"
    )
    assert found.legs["label"].score == 0.5
    assert ids(search(town, "Recommendation 14", apart))[0] == "ovens-4"


def test_a_label_that_the_filters_leave_out_does_not_come(town: FilesStore):
    hits = search(town, "What is Recommendation 14?", Filters(publisher=("Drivers",)), 100)
    assert hits
    assert {h.publisher for h in hits} == {"Drivers"}
    assert {h.legs["label"].score for h in hits} == {0.0}


def test_a_label_that_nothing_bears_has_no_effect_on_the_order(town: FilesStore):
    named = search(town, "What does Recommendation 77 say about rye?", limit=100)
    assert {h.legs["label"].score for h in named} == {0.0}
    assert ids(named)[0] == "loaves-2"


@pytest.mark.parametrize(
    "question", ["Who spent £41bn?", "Who spent 41,000 million?", "£41 billion"]
)
def test_an_amount_is_found_however_it_is_written(town: FilesStore, question: str):
    hits = search(town, question, limit=100)
    assert ids(hits)[0] == "loaves-6"
    assert hits[0].legs["amounts"].score == 1.0
    assert {h.legs["amounts"].score for h in hits[1:]} == {0.0}


def test_of_two_amounts_one_counts_half(town: FilesStore):
    hits = search(town, "Who names £41bn or 38%?", limit=100)
    scores = {h.paragraph.id: h.legs["amounts"].score for h in hits}
    assert (scores["loaves-6"], scores["loaves-7"], scores["loaves-5"]) == (0.5, 0.5, 0.0)


def test_legs_that_play_no_part_are_not_told(town: FilesStore):
    assert list(search(town, "rye")[0].legs) == ["late", "embedding", "bm25"]
    assert list(search(town, "rye at 3%")[0].legs) == ["late", "embedding", "bm25", "amounts"]
    assert list(search(town, "Option 2")[0].legs) == ["late", "embedding", "bm25", "label"]


@pytest.mark.parametrize("leg", ["late", "embedding", "bm25"])
def test_a_weight_alone_ranks_by_its_leg(town: FilesStore, leg: str):
    weights = {f"{name}_weight": float(name == leg) for name in ("late", "embedding", "bm25")}
    hits = search(town, "Who bakes rye in cold ovens at dawn?", **weights)
    scores = [h.legs[leg].score for h in hits]
    assert scores == sorted(scores, reverse=True)
    assert hits[0].legs[leg].rank == 1
    scale = scores[0] if leg == "bm25" else 1
    assert [h.score for h in hits] == pytest.approx([s / scale for s in scores], abs=1e-5)


def test_a_question_is_reworded_only_where_the_settings_say_so(town: FilesStore):
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


def test_an_everyday_term_that_the_reports_print_is_not_reworded(encoder: Path, tmp_path: Path):
    question, policy_words = "How do kids learn?", "children pupils"
    assert "children" in load_everyday().reword(question)
    for name, text in (("plain", "Kids learn by baking."), ("other", "The young learn by baking.")):
        told = [paragraph(text, id="made-1"), paragraph(policy_words, id="made-2", number=2)]
        snapshot = opened(tmp_path / name, contents([report(*told)]), encoder)
        terms = {t for h in search(snapshot, question) for t in h.terms}
        assert ("children" in terms) == (name == "other")


def test_a_hit_names_the_words_of_the_question_that_stand_in_it(town: FilesStore):
    def terms(question: str, paragraph_id: str, **settings: float) -> tuple[str, ...]:
        hits = search(town, question, limit=100, **settings)
        return next(h.terms for h in hits if h.paragraph.id == paragraph_id)

    assert terms("Do Ovens wait for the suns?", "loaves-7") == ("Ovens", "wait", "suns")
    assert terms("What of zeppelins?", "loaves-7") == ()
    assert terms("Who spent £41bn on a stove?", "loaves-6") == ("spent", "41bn", "stove")
    assert terms("summary", "loaves-2") == ("summary",)  # it stands in the section's title
    assert terms("rye and more rye", "loaves-2") == ("rye",)


def test_filters_that_leave_nothing_give_no_hits_and_the_reason(town: FilesStore):
    none = Filters(publisher=("Drivers",), report=("ovens",))
    hits = search(town, "rye", none)
    assert (list(hits), hits.searched) == ([], 0)
    assert hits.reason == apply(town, none).reason is not None


def test_searched_counts_the_passages_that_the_filters_leave(town: FilesStore):
    assert search(town, "rye").searched == len(TOWNS.passages)
    drivers = Filters(publisher=("Drivers",))
    found = search(town, "rye", drivers, limit=1)
    assert (found.searched, found.reason) == (apply(town, drivers).count, None)


@pytest.mark.parametrize("publisher", ["Drivers", "Harbour Institute"])
def test_a_filter_gives_as_many_as_asked_though_others_score_higher(
    town: FilesStore, publisher: str
):
    only = Filters(publisher=(publisher,))
    hits = search(town, "cold ovens of the bakers at dawn", only, limit=5, candidates=10)
    assert [h.publisher for h in hits] == [publisher] * 5


def test_the_table_of_hits_has_a_row_a_hit(town: FilesStore):
    hits = search(town, "What is Recommendation 3?", limit=3)
    table = hits.to_pandas()
    assert table["paragraph_id"].tolist() == ids(hits)
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["score"].tolist() == [h.score for h in hits]
    assert table["publisher"].tolist() == [h.publisher for h in hits]
    for name in ("late", "embedding", "bm25", "label"):
        assert table[f"{name}_rank"].tolist() == [h.legs[name].rank for h in hits]
        assert table[f"{name}_score"].tolist() == [h.legs[name].score for h in hits]


def test_the_table_of_no_hits_has_the_same_columns_and_no_row(town: FilesStore):
    table = Hits().to_pandas()
    assert len(table) == 0
    assert (
        list(table.columns) == list(search(town, "rye").to_pandas().columns)[: len(table.columns)]
    )


def test_what_is_remembered_of_questions_changes_no_hit_and_stays_small(town: FilesStore):
    retriever = Retriever(town, SearchSettings(), load_everyday())

    def asked(*questions: str) -> list[Hits]:
        filters = [Filters()] * len(questions)
        return retriever.search([reading(q) for q in questions], filters, 5)

    first = asked("Who bakes rye?")
    assert asked("Who bakes rye?") == first
    asked(*(f"tram number {n}" for n in range(REMEMBERED + 1)))
    assert len(retriever._encodings) <= REMEMBERED
    assert [h.score for h in asked("Who bakes rye?")[0]] == pytest.approx(
        [h.score for h in first[0]], abs=1e-4
    )


@pytest.fixture(scope="module")
def ranked(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> FilesStore:
    """The towns with a small cross-encoder, its weights drawn at random, in the build."""
    folder = tmp_path_factory.mktemp("ranked")
    export_reranker(str(small_cross_encoder(folder / "model")), folder / "reranker")
    return opened(folder / "index", TOWNS, encoder, reranker=folder / "reranker")


def test_a_reranker_orders_the_best_hits_by_its_own_score(ranked: FilesStore, town: FilesStore):
    question = "Who bakes rye in cold ovens at dawn?"
    before = search(town, question, limit=20)
    after = search(ranked, question, limit=20, reranked=8)
    scores = Reranker(ranked._folder / "reranker").score(
        question, [h.passage.indexed for h in before[:8]]
    )
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


def test_a_reranker_looks_deeper_than_the_limit(ranked: FilesStore):
    question = "Who bakes rye in cold ovens at dawn?"
    deep = search(ranked, question, limit=20, reranked=20)
    assert ids(search(ranked, question, limit=2, reranked=20)) == ids(deep)[:2]
    assert "reranker" not in search(ranked, question, limit=2, reranked=1)[1].legs


def test_a_named_label_goes_before_the_rerankers_order(ranked: FilesStore):
    hits = search(ranked, "What is Recommendation 4?", limit=10)
    named = [h.legs["label"].score > 0 for h in hits]
    assert named == sorted(named, reverse=True)
    assert set(ids(hits)[: sum(named)]) == {"trams-4", "trams-5"}


def test_a_reranker_has_nothing_to_order_where_filters_leave_nothing(ranked: FilesStore):
    hits = search(ranked, "rye", Filters(publisher=("Drivers",), report=("ovens",)))
    assert list(hits) == []
    assert hits.reason


def test_a_build_of_one_passage_can_be_searched(encoder: Path, tmp_path: Path):
    snapshot = opened(tmp_path, contents([report(paragraph("Rye keeps for a week."))]), encoder)
    for question in ("How long does rye keep?", "zeppelin", "Recommendation 3", "£41bn", "the of"):
        hits = search(snapshot, question)
        assert [(h.paragraph.id, h.legs["late"].rank) for h in hits] == [("made-00000001", 1)]


def test_a_label_said_by_two_reports_finds_both(encoder: Path, tmp_path: Path):
    told = [
        report(paragraph(text, id=f"{name}-1", report_id=name), id=name)
        for name, text in (("one", "Bake bread."), ("two", "Lay rails."), ("three", "Dredge."))
    ]
    known = [
        Recommendation("one-1", "one", "1", "Bake bread.", (), (), "one-1"),
        Recommendation("two-1", "two", "Recommendation 1", "Lay rails.", (), (), "two-1"),
    ]
    snapshot = opened(tmp_path, contents(told, known), encoder)
    hits = search(snapshot, "What is Recommendation 1 on dredging?")
    assert set(ids(hits)[:2]) == {"one-1", "two-1"}


def test_the_vectors_are_those_of_the_builds_own_encoder(town: FilesStore, encoder: Path):
    own = Encoder(encoder).sentence_vectors([p.indexed for p in TOWNS.passages])
    for row, vector in enumerate(own):
        assert town.legs.dense.cosines(vector, np.array([row])) == pytest.approx(1, abs=1e-4)
