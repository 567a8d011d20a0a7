"""Every store does the same: records, filters, candidates, evidence, and versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reformqa import MissingIndexError
from reformqa.model import (
    Build,
    Changes,
    FileProblem,
    Guess,
    Paragraph,
    ParseQuality,
    Passage,
    Recommendation,
    Region,
    Section,
)
from reformqa.models.base import Encoding, Execution, TextEncoder, TextVectors
from reformqa.models.onnx import open_encoder
from reformqa.storage.base import (
    Batch,
    EncodedQuery,
    Filters,
    IndexVersion,
    Request,
    Store,
    StoreWriter,
)
from reformqa.storage.files.store import FilesStore
from reformqa.storage.files.writer import FilesWriter
from reformqa.storage.filtering import has_phrase, has_run, matches
from reformqa.storage.memory import MemoryStore, MemoryWriter
from reformqa.text.labels import label_keys
from reformqa.text.tokens import amounts, tokens
from reformqa.tuning import load_tuning
from support.makers import BUILD, Held, in_memory, opened, paragraph, publish, report, sealed, towns
from support.models import small_models

#: Questions, each in its wordings.
QUESTIONS = (
    ("Who may use the ovens of a town?",),
    ("How often do trams come?", "How often do trams (streetcars, rails) come?"),
    ("Recommendation 3 of the drivers",),
    ("Recommendations 4 and 3, and Policy Option Two", "harbour harbour dredging"),
    ("Who spent £41bn, or 38%?",),
    ("zebra?",),
)
FILTERS = {
    "none": Filters(),
    "publisher": Filters(publisher=("Bakers Guild",)),
    "publishers": Filters(publisher=("Drivers", "Harbour Institute", "Nobody")),
    "report": Filters(report=("ovens",)),
    "reports": Filters(report=("trams", "loaves", "hush")),
    "years": Filters(published=(2014, 2020)),
    "no year": Filters(published=(1900, 2000)),
    "section": Filters(section=("summary",)),
    "sections": Filters(section=("annex", "box", "conclusion", "unknown")),
    "recommendations": Filters(recommendations_only=True),
    "phrase": Filters(phrases=("COLD ovens to people",)),
    "phrases": Filters(phrases=("ovens", "to people who")),
    "amount in a phrase": Filters(phrases=("per cent of ovens",)),
    "marks": Filters(phrases=("…",)),
    "run": Filters(runs=("recommendation 3",)),
    "context in a run": Filters(runs=("chapter drivers start",)),
    "terms": Filters(terms=("oven",)),
    "terms together": Filters(terms=("oven", "cold", "town")),
    "unknown term": Filters(terms=("oven", "zebra")),
    "all at once": Filters(
        publisher=("Bakers Guild", "Drivers"),
        report=("loaves", "trams"),
        published=(2014, 2014),
        section=("summary", "chapter"),
        recommendations_only=True,
        phrases=("cold ovens",),
        runs=("lend its cold",),
        terms=("trade",),
    ),
    "nothing": Filters(publisher=("Nobody",)),
    "a report without passages": Filters(report=("hush",)),
}
BEFORE = "20251231-000000-000000"
EARLIER, LATER, LATEST = (f"2026010{n}-000000-000000" for n in (2, 3, 4))


@pytest.fixture(scope="module")
def held() -> Held:
    return towns()


@pytest.fixture(scope="module")
def memory(models: Mapping[str, Path], held: Held) -> MemoryStore:
    return in_memory(held, models)


@pytest.fixture(scope="module")
def town_after_nights(
    models: Mapping[str, Path], held: Held, tmp_path_factory: pytest.TempPathFactory
) -> FilesStore:
    """The same version in files, in segments that it shares with earlier ones.

    Before, a report was missing; another had other words, and was first in its segment.
    """
    then = paragraph("Once there was no bread.", id="loaves-0", report_id="loaves")
    same = held.reports[1:3]
    own = {r.id for r in same}
    words = [Passage(then.id, "loaves", then.text, then.text, (0, 24))]
    words += [p for p in held.passages if p.report_id in own]
    before = Held(
        reports=(report(then, id="loaves"), *same),
        recommendations=[r for r in held.recommendations if r.report_id in own],
        passages=words,
        statements=range(len(words)),
    )
    index = tmp_path_factory.mktemp("nights")
    opened(index, before, models, BEFORE)
    store = opened(index, held, models)
    assert len(list((index / "builds" / BUILD / "segments").iterdir())) == 2
    return store


@pytest.fixture(params=["files", "nights", "memory", "milvus"])
def store(request: pytest.FixtureRequest) -> Store:
    """The same version in each store."""
    return found(request, request.param)


@pytest.fixture(params=["files", "nights", "milvus"])
def kept(request: pytest.FixtureRequest) -> Store:
    """The same version in each store that must do as the one in memory."""
    return found(request, request.param)


def found(request: pytest.FixtureRequest, kind: str) -> Store:
    names = {
        "files": "town",
        "nights": "town_after_nights",
        "memory": "memory",
        "milvus": "town_on_milvus",
    }
    of_kind: Store = request.getfixturevalue(names[kind])
    return of_kind


@pytest.fixture(scope="module")
def model(models: Mapping[str, Path]) -> TextEncoder:
    return open_encoder(models)


@pytest.fixture(scope="module")
def queries(model: TextEncoder) -> list[EncodedQuery]:
    return [
        EncodedQuery(
            encodings=tuple(model.encode_tokens(wordings, "question")),
            terms=tuple(tuple(tokens(w)) for w in wordings),
            labels=tuple(label_keys(wordings[0])),
            extra=tuple(amounts(wordings[0])),
        )
        for wordings in QUESTIONS
    ]


def paragraphs(held: Held) -> dict[str, Paragraph]:
    return {p.id: p for r in held.reports for p in r.paragraphs}


def slow_filter(held: Held, where: Filters) -> list[Passage]:
    """The passages that a filter leaves, looked at one by one."""
    infos = {r.id: r.info for r in held.reports}
    kinds = {i: p.section_kind for i, p in paragraphs(held).items()}
    return [
        p for p in held.passages if matches(where, p, kinds[p.paragraph_id], infos[p.report_id])
    ]


def left_by(store: Store, query: EncodedQuery, where: Filters) -> list[str]:
    """The ids of all passages that a filter leaves: candidates without a limit."""
    (found,) = store.candidates([Request(query, where, each=10_000, statements=1)])
    return found


# ---- records ------------------------------------------------------------------------------------


def test_a_version_says_what_it_is(store: Store, held: Held):
    build = store.version.build
    assert store.version.id == build.id == BUILD
    counts = build.reports, build.paragraphs, build.passages, build.recommendations
    assert counts == (5, 27, len(held.passages), 5)
    tuning = load_tuning().model_dump(mode="json")
    assert store.version.facts == {"tuning": tuning, "acronyms": {}}
    store.verify()


def test_reports_are_listed_by_id_without_their_text(store: Store, held: Held):
    expected = {r.id: r.info for r in sorted(held.reports, key=lambda r: r.id)}
    assert dict(store.reports()) == expected
    assert list(store.reports()) == ["harbours", "hush", "loaves", "ovens", "trams"]


def test_a_report_is_read_whole(store: Store, held: Held):
    assert [store.report(r.id) for r in held.reports] == list(held.reports)
    with pytest.raises(KeyError, match="absent"):
        store.report("absent")


def test_section_kinds_are_those_with_passages(store: Store):
    assert store.section_kinds() == ("annex", "box", "chapter", "conclusion", "summary")


def test_records_are_counted_by_report(store: Store):
    found = [store.counts(what) for what in ("paragraphs", "passages", "recommendations")]
    assert found == [
        {"loaves": 8, "trams": 8, "harbours": 5, "ovens": 5, "hush": 1},
        {"loaves": 9, "trams": 9, "harbours": 5, "ovens": 5},
        {"loaves": 1, "trams": 2, "harbours": 1, "ovens": 1},
    ]


def test_paragraphs_are_found_by_id_and_unknown_ids_left_out(store: Store, held: Held):
    known = paragraphs(held)
    assert store.paragraphs(known) == known
    assert store.paragraphs(iter(["ovens-2", "absent", "ovens-2"])) == {"ovens-2": known["ovens-2"]}
    assert store.paragraphs([]) == {}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0, 0, {"loaves-1": [1], "loaves-8": [8], "hush-1": [1]}),
        (1, 2, {"loaves-1": [1, 2, 3], "loaves-8": [7, 8], "hush-1": [1]}),
        (99, 0, {"loaves-1": [1], "loaves-8": [*range(1, 9)], "hush-1": [1]}),
    ],
)
def test_neighbours_are_of_the_report_alone(
    store: Store, before: int, after: int, expected: dict[str, list[int]]
):
    found = store.neighbours([*expected, "absent"], before, after)
    assert {i: [p.number for p in near] for i, near in found.items()} == expected
    assert all(p.report_id == i.split("-")[0] for i, near in found.items() for p in near)


def test_recommendations_come_by_report_and_order(store: Store, held: Held):
    every = sorted(held.recommendations, key=lambda r: r.report_id)
    assert list(store.recommendations()) == every
    some = list(store.recommendations(iter(["trams", "harbours", "absent"])))
    assert some == [r for r in every if r.report_id in ("trams", "harbours")]
    assert list(store.recommendations([])) == []


def test_the_vectors_of_recommendations_are_in_their_order(store: Store, model: TextEncoder):
    texts = [" ".join((r.text, *r.sub_items)) for r in store.recommendations()]
    vectors = store.recommendation_vectors()
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, np.stack(list(model.encode(texts, "passage"))), atol=1e-5)


def test_passages_with_all_terms_come_in_order(store: Store, held: Held):
    for terms in (["oven"], ["oven", "cold"], ["oven", "zebra"], ["41000000000"], []):
        every = [p for p in held.passages if set(terms) <= set(tokens(p.indexed))]
        assert store.containing(terms, 1_000) == every
        assert store.containing(terms, 2) == every[:2]


@pytest.mark.parametrize("count", [1, 4, 28, 1_000])
def test_a_sample_is_spread_over_the_library(store: Store, held: Held, count: int):
    sample = store.sample(count)
    assert sample == list(held.passages)[:: max(1, len(held.passages) // count)]
    assert len(sample) >= min(count, len(held.passages))


def test_the_passages_of_a_statement_come_together(store: Store, held: Held):
    found = store.statements({*held.statements, 10_000})
    expected: dict[int, list[Passage]] = {}
    for passage, number in zip(held.passages, held.statements, strict=True):
        expected.setdefault(number, []).append(passage)
    assert found == expected
    assert store.statements([]) == {}
    copies = next(of for of in found.values() if of[0].id == "ovens-2")
    assert [p.id for p in copies] == ["ovens-2", "ovens-4"]


def test_models_are_those_it_was_made_with(store: Store, model: TextEncoder):
    models = store.models(Execution())
    (found,) = models.encoder.encode(["rye"], "passage")
    assert np.array_equal(found, next(model.encode(["rye"], "passage")))
    assert models.encoder.digest == model.digest
    assert models.reranker is None


# ---- filters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", FILTERS.values(), ids=FILTERS)
def test_a_filter_leaves_the_passages_that_match(
    store: Store, held: Held, queries: list[EncodedQuery], where: Filters
):
    expected = [p.id for p in slow_filter(held, where)]
    assert store.count([where]) == [len(expected)]
    assert left_by(store, queries[0], where) == expected


def test_most_filters_of_these_tests_leave_some_and_not_all(held: Held):
    left = {name: len(slow_filter(held, where)) for name, where in FILTERS.items()}
    nothing = ["no year", "marks", "unknown term", "nothing", "a report without passages"]
    assert [name for name, number in left.items() if not number] == nothing
    assert [name for name, number in left.items() if number == len(held.passages)] == ["none"]


def test_filters_are_counted_together(store: Store):
    wheres = [*FILTERS.values(), Filters(), Filters(report=("ovens",))]
    assert store.count(wheres) == [n for where in wheres for n in store.count([where])]
    assert store.count([]) == []


TEXTS = [text for p in towns().passages for text in (p.text, p.indexed)]
ODD = ("", "…", "per cent", "m", "41", "0", "K", "İ", "the", "recommendation 1", "harbour-", "a_b")


@st.composite
def runs_of_words(draw: st.DrawFn) -> str:
    """Some words in a row of a passage or its context, perhaps spoilt."""
    words = draw(st.sampled_from(TEXTS)).split()
    start = draw(st.integers(0, len(words) - 1))
    run = " ".join(words[start : start + draw(st.integers(1, 4))])
    spoil = draw(st.sampled_from([str, str.upper, lambda r: r.strip(".,;:!|£"), lambda r: r[1:]]))
    return draw(st.sampled_from(ODD)) if draw(st.integers(0, 5)) == 0 else spoil(run)


def some_of(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.just(()) | st.lists(st.sampled_from(values), min_size=1, max_size=3).map(tuple)


FILTERINGS = st.builds(
    Filters,
    publisher=some_of("Bakers Guild", "Drivers", "Harbour Institute", "Quiet Press", "Nobody"),
    report=some_of("loaves", "trams", "harbours", "ovens", "hush", "absent"),
    published=st.none() | st.tuples(st.integers(2012, 2021), st.integers(2013, 2024)),
    section=some_of("summary", "chapter", "annex", "box", "references", "unknown"),
    recommendations_only=st.sampled_from([False, False, True]),
    phrases=st.lists(runs_of_words(), max_size=2).map(tuple),
    runs=st.lists(runs_of_words(), max_size=1).map(tuple),
    terms=some_of(*sorted({t for text in TEXTS for t in tokens(text)} | {"zebra"})),
)


@given(where=FILTERINGS)
@example(where=Filters(runs=("only 38",)))  # part of an amount
@example(where=Filters(phrases=("spent £41",)))
def test_any_filter_leaves_the_passages_that_match(
    kept: Store, held: Held, queries: list[EncodedQuery], where: Filters
):
    expected = [p.id for p in slow_filter(held, where)]
    assert kept.count([where]) == [len(expected)]
    assert left_by(kept, queries[0], where) == expected


def test_a_phrase_is_words_in_a_row_whatever_their_case_and_marks():
    text = "“Cold ovens,” she said; İzmir bakes 38 per cent_more."
    for phrase in ("cold OVENS", "ovens she", "38 per", "cent more", "İzmir"):
        assert has_phrase(text, phrase)
    for phrase in ("old ovens", "ovens said", "zmir", "", "…"):
        assert not has_phrase(text, phrase)


def test_a_run_is_words_in_a_row_with_their_amounts_whole():
    assert has_run("See Recommendation 3: the depot", "recommendation 3")
    assert has_run("See Recommendation\n(3)", "recommendation 3")
    assert not has_run("See Recommendation 31", "recommendation 3")
    assert not has_run("See Recommendation 3.5", "recommendation 3")
    assert not has_run("See Recommendation 3 million", "recommendation 3")


# ---- candidates and evidence --------------------------------------------------------------------


@pytest.mark.parametrize("where", FILTERS.values(), ids=FILTERS)
def test_candidates_are_the_same_from_all(
    kept: Store, memory: MemoryStore, queries: list[EncodedQuery], where: Filters
):
    requests = [
        Request(query, where, each, statements)
        for query in queries
        for each, statements in ((1, 1), (3, 1), (2, 6), (1, 100), (100, 1))
    ]
    assert kept.candidates(requests) == memory.candidates(requests)


def test_requests_are_answered_together_as_alone(store: Store, queries: list[EncodedQuery]):
    requests = [
        Request(query, where, each, 3)
        for query in queries
        for where in (Filters(), FILTERS["publisher"], FILTERS["nothing"])
        for each in (1, 4)
    ]
    alone = [store.candidates([request])[0] for request in requests]
    assert store.candidates(requests) == alone
    assert store.candidates([]) == []


def test_candidates_come_in_order_from_words_and_from_meaning(
    store: Store, queries: list[EncodedQuery], held: Held
):
    order = [p.id for p in held.passages]
    (found,) = store.candidates([Request(queries[0], Filters(), each=2, statements=1)])
    assert found == sorted(found, key=order.index)
    assert 2 <= len(found) <= 4
    (unknown,) = store.candidates([Request(queries[-1], Filters(), each=2, statements=1)])
    assert len(unknown) == 2  # no passage has a word of it


def test_recommendations_that_are_named_are_candidates(store: Store, queries: list[EncodedQuery]):
    (found,) = store.candidates([Request(queries[2], Filters(), each=1, statements=1)])
    assert {"trams-3", "trams-5"} <= set(found)
    (found,) = store.candidates([Request(queries[2], FILTERS["report"], each=1, statements=1)])
    assert not any(i.startswith("trams") for i in found)


def test_more_candidates_are_looked_at_where_many_state_the_same(
    store: Store, queries: list[EncodedQuery], held: Held
):
    statement = {p.id: n for p, n in zip(held.passages, held.statements, strict=True)}
    for query in queries:
        (found,) = store.candidates([Request(query, Filters(), each=1, statements=12)])
        assert len({statement[i] for i in found}) >= 12


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_evidence_is_the_same_from_all(
    kept: Store, memory: MemoryStore, queries: list[EncodedQuery], held: Held, number: int
):
    query = queries[number]
    every = [p.id for p in held.passages]
    for ids in (every, every[::-1], every[5:2:-1], [*every[:3], every[1]], []):
        one, other = kept.evidence(query, ids), memory.evidence(query, ids)
        assert one.ids == other.ids == tuple(ids)
        assert one.labelled == other.labelled
        for name in ("statements", "tokens", "lengths", "held"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
        for name in ("vectors", "weights"):
            assert np.allclose(getattr(one, name), getattr(other, name), atol=1e-4), name
        for name in ("statements", "vectors", "tokens", "lengths", "weights", "held"):
            of_one, of_other = getattr(one, name), getattr(other, name)
            assert (of_one.shape, of_one.dtype) == (of_other.shape, of_other.dtype), name


def test_evidence_is_what_is_known_of_each_passage(
    store: Store, queries: list[EncodedQuery], held: Held, model: TextEncoder
):
    query = queries[3]
    ids = ["trams-5", "harbours-3", "loaves-4", "trams-3"]
    of_id = {p.id: (p, n) for p, n in zip(held.passages, held.statements, strict=True)}
    found = store.evidence(query, ids)
    texts = [of_id[i][0].indexed for i in ids]
    assert found.statements.tolist() == [of_id[i][1] for i in ids]
    assert np.allclose(found.vectors, np.stack(list(model.encode(texts, "passage"))), atol=1e-5)
    assert len(found.tokens) == found.lengths.sum()
    expected = [[term in tokens(text) for text in texts] for term in query.all_terms]
    assert found.held.tolist() == expected
    assert (found.weights[~found.held] == 0).all()
    assert (found.weights[found.held] > 0).all()
    assert found.labelled == {
        "trams-5": ("recommendation 4", "recommendation 3"),
        "harbours-3": ("policy option 2",),
        "trams-3": ("recommendation 3",),
    }


def test_pieces_weigh_the_same_in_all(kept: Store, memory: MemoryStore):
    assert np.allclose(kept.piece_weights, memory.piece_weights, atol=1e-5)
    assert 0 < np.count_nonzero(kept.piece_weights) < len(kept.piece_weights)


# ---- versions -----------------------------------------------------------------------------------

FULL = report(
    paragraph(
        "Rye keeps. Wheat does not.",
        places=(Region(2, (1.5, 2.0, 3.0, 4.0), (0, 10)), Region(3, (0, 0, 1, 1), (10, 26))),
        section_path=("Grain", "Rye & “wheat”"),
        notes=("made-00000003",),
        ocr=True,
    ),
    paragraph(
        "Heat the oven.",
        id="made-00000002",
        number=2,
        kind="numbered",
        raw="1. Heat the *oven*.",
        section=1,
        section_kind="summary",
        lines=(4, 5),
        label="1",
        bold=True,
    ),
    subtitle="On Bread",
    authors=("A. Miller", "B. Baker"),
    series="Loaves",
    licence="CC BY",
    url="https://example.org/bread?a=1&b=2",
    sections=(
        Section("Grain", 1, "chapter", None, (0, 1), 3),
        Section("Ovens", 2, "summary", 0, (1, 2)),
    ),
    guesses={"subtitle": Guess("the cover", 0.7)},
    warnings=("the oven is cold",),
    note_on="whole-loaf",
    reading=ParseQuality(pages=3, bare=(2,), verdict="check", advice=("Look at page 2.",)),
)
FULL_RECOMMENDATION = Recommendation(
    "made-rec-1",
    "made",
    "Step 1",
    "Heat the oven.",
    ("Light it.",),
    ("Ovens",),
    "made-00000002",
    ("made-00000001",),
)
FULL_PASSAGE = Passage(
    "made-00000002", "made", "the oven.", "Ovens. Heat the oven.", (5, 14), recommends=True
)


def test_every_field_of_a_record_comes_back_as_written(writer: StoreWriter):
    problems = (FileProblem("torn.pdf", "torn", kept=True),)
    changes = Changes("20250101-000000-000000", added=("made",), moved=(("a", "b"),), reason="new")
    build = Build(EARLIER, "2026-01-02", "a-model", 1, 2, 1, 1, problems, problems, changes)
    facts = {"models": {"encoder": {"name": "made"}}, "sources": {"made": "0" * 64}, "left_out": []}
    vectors = TextVectors(
        np.array([0.6, 0.8], dtype=np.float32),
        np.array([[1, -127], [0, 127]], dtype=np.int8),
        np.array([1], dtype=np.int32),
    )
    recommended = np.array([[0, 1]], dtype=np.float32)
    batch = Batch(FULL, [FULL_RECOMMENDATION], recommended, [FULL_PASSAGE], [7], [vectors])
    with writer.begin(EARLIER, piece_factors=np.array([1, 0.5], dtype=np.float32)) as draft:
        draft.put(batch)
        draft.seal(IndexVersion(build, facts))
        draft.publish()
    store = writer.open()
    assert store.version == IndexVersion(build, facts)
    assert store.report("made") == FULL
    assert store.reports()["made"] == FULL.info
    assert store.paragraphs(["made-00000001"]) == {"made-00000001": FULL.paragraphs[0]}
    assert list(store.recommendations()) == [FULL_RECOMMENDATION]
    assert store.statements([7]) == {7: [FULL_PASSAGE]}
    assert np.array_equal(store.recommendation_vectors(), recommended)
    evidence = store.evidence(EncodedQuery((), ()), ["made-00000002@5"])
    assert np.array_equal(evidence.vectors, [vectors.sentence])
    assert np.array_equal(evidence.tokens, vectors.tokens)
    assert store.piece_weights == pytest.approx([np.log1p(1.5 / 0.5), 0.5 * np.log1p(0.5 / 1.5)])


@pytest.fixture(params=["files", "memory", "milvus"])
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> StoreWriter:
    """A writer of each kind, with no version yet."""
    kinds: dict[str, Callable[[], StoreWriter]] = {
        "files": lambda: FilesWriter(tmp_path / "index"),
        "memory": MemoryWriter,
        "milvus": lambda: request.getfixturevalue("milvus").writer(tmp_path / "models"),
    }
    return kinds[request.param]()


def add(writer: StoreWriter, *version_ids: str) -> None:
    for version_id in version_ids:
        publish(writer, small_contents(), small_models(), version_id)


def small_contents() -> Held:
    """The first report of the towns alone."""
    held = towns()
    of = [n for n, p in enumerate(held.passages) if p.report_id == "loaves"]
    return replace(
        held,
        reports=held.reports[:1],
        recommendations=held.recommendations[:1],
        passages=[held.passages[n] for n in of],
        statements=[held.statements[n] for n in of],
    )


def test_of_equal_scores_the_first_passages_are_candidates(writer: StoreWriter):
    texts = [*(55 * ["Rye keeps for a week."]), *(5 * ["Rye keeps."]), *(80 * ["Trams run."])]
    made = report(*(paragraph(t, id=f"made-{n}", number=n) for n, t in enumerate(texts, start=1)))
    angles = np.linspace(0, 1, len(texts))
    vectors = [
        TextVectors(
            np.array([np.cos(angle), np.sin(angle)], dtype=np.float32),
            np.array([[1]], dtype=np.int8),
            np.array([0], dtype=np.int32),
        )
        for angle in angles
    ]
    passages = [Passage(p.id, "made", p.text, p.text, (0, len(p.text))) for p in made.paragraphs]
    nothing = np.zeros((0, 2), dtype=np.float32)
    batch = Batch(made, [], nothing, passages, range(len(texts)), vectors)
    with writer.begin(EARLIER, piece_factors=np.ones(1, dtype=np.float32)) as draft:
        draft.put(batch)
        store = draft.seal(IndexVersion(Build(EARLIER, "now", "made", 1, 140, 140, 0), {}))
        last = Encoding(vectors[-1].sentence, nothing, np.zeros(0, dtype=np.int64))
        request = Request(EncodedQuery((last,), (("rye",),)), Filters(), each=7, statements=1)
        expected = [f"made-{n}" for n in (1, 2, *range(56, 61), *range(134, 141))]
        assert store.candidates([request]) == [expected]


def test_without_a_version_there_is_nothing_to_open(writer: StoreWriter):
    assert writer.versions() == []
    for ask in (writer.served, writer.open, lambda: writer.open(EARLIER)):
        with pytest.raises(MissingIndexError):
            ask()


def test_the_version_published_last_is_served(writer: StoreWriter):
    add(writer, LATER, LATEST, EARLIER)
    assert writer.versions() == [LATEST, LATER, EARLIER]
    assert writer.served() == writer.open().version.id == EARLIER
    assert writer.open(LATER).version.id == LATER


def test_an_unknown_version_is_not_opened_and_not_served(writer: StoreWriter):
    add(writer, EARLIER)
    for ask in (writer.open, writer.serve):
        with pytest.raises(MissingIndexError, match=LATER):
            ask(LATER)
    assert writer.served() == EARLIER


def test_an_earlier_version_can_be_served_again(writer: StoreWriter):
    add(writer, EARLIER, LATER)
    reader = writer.open()
    writer.serve(EARLIER)
    assert writer.served() == writer.open().version.id == EARLIER
    assert reader.version.id == LATER


@pytest.mark.parametrize(("keep", "kept"), [(1, [LATEST, EARLIER]), (2, [LATEST, LATER, EARLIER])])
def test_pruning_keeps_the_newest_and_the_one_served(
    writer: StoreWriter, keep: int, kept: Sequence[str]
):
    add(writer, EARLIER, LATER, LATEST)
    reader = writer.open(LATER)
    writer.serve(EARLIER)
    writer.prune(keep)
    assert writer.versions() == list(kept)
    assert writer.served() == EARLIER
    assert reader.paragraphs(["loaves-1"])["loaves-1"].number == 1  # open as it was


def test_pruning_spares_what_others_still_read(writer: StoreWriter):
    add(writer, EARLIER, LATER, LATEST)
    writer.prune(1, {EARLIER})
    assert writer.versions() == [LATEST, EARLIER]
    assert writer.open(EARLIER).paragraphs(["loaves-1"])["loaves-1"].number == 1
    writer.prune(1)
    assert writer.versions() == [LATEST]


def test_a_sealed_version_is_read_before_it_is_served(writer: StoreWriter, held: Held):
    add(writer, EARLIER)
    with sealed(writer, small_contents(), small_models(), LATER) as (draft, store):
        assert store.version.id == LATER
        assert store.report("loaves") == held.reports[0]
        store.verify()
        assert writer.versions() == [writer.served()] == [EARLIER]
        draft.publish()
    assert writer.served() == LATER


@pytest.mark.parametrize("error", [None, ZeroDivisionError])
def test_a_draft_that_is_not_published_leaves_nothing(
    writer: StoreWriter, error: type[Exception] | None
):
    add(writer, EARLIER)
    stops = pytest.raises(error) if error else nullcontext()
    with stops, sealed(writer, small_contents(), small_models(), LATER):
        if error:
            raise error
    assert writer.versions() == [writer.served()] == [EARLIER]
    with pytest.raises(MissingIndexError):
        writer.open(LATER)
    add(writer, LATER)
    assert writer.served() == LATER
