"""Recommendations of different think tanks on the same matter: each the other's nearest."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reformqa import Library, UnknownNameError
from reformqa.answering.quoting import Quoter
from reformqa.citations.verify import cite
from reformqa.exports.document import Provenance
from reformqa.model import Recommendation, Sentence
from reformqa.recommendations.background import distinct
from reformqa.recommendations.crosswalk import (
    COLUMNS,
    MATTER,
    MEASURE,
    Crosswalk,
    Match,
    crosswalk,
    find_matches,
    find_similar,
)
from reformqa.storage.base import Store
from reformqa.storage.files.store import FilesStore
from reformqa.text.similarity import letters
from reformqa.tuning import load_tuning
from support.makers import contents, in_memory, paragraph, report
from support.places import PROJECT

MATCH = load_tuning().recommendations.match
SAME = load_tuning().recommendations.same
#: Who publishes the reports "a1", "a2", "b1", …
PUBLISHERS = {f"{name}{n}": f"Tank {name.upper()}" for name in "abc" for n in (1, 2)}
#: Unit vectors whose products are exact, so that many are equally near.
EXACT = [
    *(v for v in itertools.product((-1.0, 0.0, 1.0), repeat=4) if sum(map(abs, v)) == 1),
    *itertools.product((-0.5, 0.5), repeat=4),
]


def made(name: str, **changes: object) -> Recommendation:
    """The recommendation "a1-x" of the report "a1"."""
    values = {"label": None, "text": f"Do {name}.", "sub_items": (), "section_path": ()}
    return Recommendation(
        id=name, report_id=name.split("-")[0], stated=f"{name}-p", **(values | changes)
    )  # type: ignore[arg-type]


def unit(*rows: Sequence[float]) -> NDArray[np.float32]:
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def angles(**degrees: float) -> tuple[list[Recommendation], NDArray[np.float32]]:
    """Recommendations in a plane: a1_x=30 is "a1-x" at 30 degrees."""
    at = np.radians(list(degrees.values()))
    records = [made(name.replace("_", "-")) for name in degrees]
    return records, np.stack([np.cos(at), np.sin(at)], axis=1).astype(np.float32)


def found(
    records: Sequence[Recommendation], vectors: NDArray[np.float32], threshold: float = -1
) -> list[tuple[str, str]]:
    matches = find_matches(records, vectors, PUBLISHERS, threshold)
    return [(m.one.id, m.other.id) for m in matches]


def walked(
    records: Sequence[Recommendation], vectors: NDArray[np.float32], threshold: float = 0.5
) -> Crosswalk:
    """A crosswalk of made recommendations, each stated by a paragraph of its own."""
    reports = {i: report(id=i, publisher=p, title=f"On {i}").info for i, p in PUBLISHERS.items()}
    stated = {
        r.stated: paragraph(f"7. {r.text} Soon.", id=r.stated, report_id=r.report_id)
        for r in records
    }

    def cited(found: Sequence[Recommendation]) -> tuple[list[Sentence], Provenance]:
        quotes = [(cite(r.text, stated[r.stated], reports[r.report_id]),) for r in found]
        sentences = [Sentence(r.text, q, r) for r, q in zip(found, quotes, strict=True)]
        return sentences, Provenance("b1", "2024-01-01")

    return crosswalk(records, vectors, PUBLISHERS, cited, threshold=threshold, same=0.8)


def slow(
    records: Sequence[Recommendation],
    vectors: NDArray[np.float32],
    publisher_of: Mapping[str, str],
    threshold: float,
) -> list[tuple[str, str, float]]:
    """What `find_matches` should find, pair by pair."""
    vector = {r.id: v.astype(float) for r, v in zip(records, vectors, strict=True)}

    def cosine(a: Recommendation, b: Recommendation) -> float:
        return round(float(sum(x * y for x, y in zip(vector[a.id], vector[b.id], strict=True))), 4)

    def nearest(a: Recommendation, publisher: str) -> str:
        others = [r for r in records if publisher_of[r.report_id] == publisher]
        return min(others, key=lambda b: (-cosine(a, b), b.id)).id

    pairs = []
    for a, b in itertools.permutations(records, 2):
        one, other = publisher_of[a.report_id], publisher_of[b.report_id]
        mutual = one < other and nearest(a, other) == b.id and nearest(b, one) == a.id
        if mutual and cosine(a, b) >= threshold:
            pairs.append((a.id, b.id, cosine(a, b)))
    return sorted(pairs, key=lambda p: (-p[2], p[0], p[1]))


@st.composite
def sets(draw: st.DrawFn) -> tuple[list[Recommendation], NDArray[np.float32]]:
    reports = draw(st.lists(st.sampled_from(sorted(PUBLISHERS)), max_size=14))
    rows = draw(st.lists(st.sampled_from(EXACT), min_size=len(reports), max_size=len(reports)))
    records = [made(f"{name}-{n}") for n, name in enumerate(reports)]
    return records, np.array(rows, dtype=np.float32).reshape(len(reports), 4)


@given(sets(), st.sampled_from([-1.0, 0.0, 0.5, 1.0]))
def test_what_is_found_is_what_comparing_pair_by_pair_finds(given_, threshold: float):
    records, vectors = given_
    matches = find_matches(records, vectors, PUBLISHERS, threshold)
    told = [(m.one.id, m.other.id, m.similarity) for m in matches]
    assert told == slow(records, vectors, PUBLISHERS, threshold)


@given(st.integers(0, 10_000), st.integers(0, 30))
def test_vectors_of_any_direction_too(seed: int, size: int):
    random = np.random.default_rng(seed)
    names = random.choice(sorted(PUBLISHERS), size)
    records = [made(f"{name}-{n}") for n, name in enumerate(names)]
    vectors = unit(*random.normal(size=(size, 8))) if size else np.zeros((0, 8), np.float32)
    pairs = [(a, b) for a, b, _ in slow(records, vectors, PUBLISHERS, 0.1)]
    assert sorted(found(records, vectors, 0.1)) == sorted(pairs)


@given(sets(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_changes_nothing(given_, random):
    records, vectors = given_
    order = random.sample(range(len(records)), len(records))
    shuffled = [records[n] for n in order]
    expected = find_matches(records, vectors, PUBLISHERS, 0)
    assert find_matches(shuffled, vectors[order], PUBLISHERS, 0) == expected


@given(sets())
def test_every_match_is_in_a_group_whose_members_all_match(given_):
    records, vectors = given_
    walk = walked(records, vectors, 0)
    similarity = {frozenset((m.one.id, m.other.id)): m.similarity for m in walk}
    covered = set()
    for group in walk.groups:
        pairs = [
            frozenset((a.id, b.id)) for a, b in itertools.combinations(group.recommendations, 2)
        ]
        assert set(pairs) <= set(similarity)
        assert group.similarity == min(similarity[p] for p in pairs)
        assert list(group.publishers) == sorted(set(group.publishers))
        assert [PUBLISHERS[r.report_id] for r in group.recommendations] == list(group.publishers)
        covered |= set(pairs)
    assert covered == set(similarity)


def test_the_nearest_of_a_nearest_is_no_match_unless_it_is_mutual():
    records, vectors = angles(a1_x=0, a1_y=50, b1_z=40)
    assert found(records, vectors) == [("a1-y", "b1-z")]


def test_a_match_tells_its_sides_by_publisher_and_the_cosine():
    records, vectors = angles(b2_x=60, a1_y=0)
    (match,) = find_matches(records, vectors, PUBLISHERS, 0.5)
    assert match == Match(records[1], records[0], ("Tank A", "Tank B"), 0.5)


def test_matches_come_best_first():
    records, vectors = angles(a1_x=0, b1_x=30, a1_y=100, b1_y=120, a1_z=200, b1_z=210)
    assert [i for i, _ in found(records, vectors)] == ["a1-z", "a1-y", "a1-x"]


def test_a_match_reaches_the_threshold():
    records, vectors = angles(a1_x=0, b1_x=60)
    assert found(records, vectors, 0.5) == [("a1-x", "b1-x")]
    assert found(records, vectors, 0.5001) == []


def test_what_one_publisher_says_twice_does_not_match_itself():
    records, vectors = angles(a1_x=0, a2_x=0, b1_x=20)
    assert found(records, vectors) == [("a1-x", "b1-x")]
    assert found(*angles(a1_x=0, a2_x=0)) == []


def test_of_copies_the_first_by_id_matches_although_rounding_sets_the_other_nearer():
    records, vectors = angles(a2_x=0, a1_x=0.001, b1_x=20)
    assert vectors[1] @ vectors[2] > vectors[0] @ vectors[2]
    assert found(records, vectors) == [("a1-x", "b1-x")]
    records, vectors = angles(a1_x=0, a2_x=0.001, b1_x=20)
    assert found(records, vectors) == [("a1-x", "b1-x")]


def test_as_many_vectors_as_recommendations_are_needed():
    with pytest.raises(ValueError, match="1 vectors for 2 recommendations"):
        find_matches([made("a1-x"), made("b1-x")], unit([1, 0]), PUBLISHERS, 0.5)


def test_three_that_match_each_other_are_one_group():
    walk = walked(*angles(a1_x=0, b1_x=10, c1_x=30, a1_y=180, b1_y=200))
    three, two = walk.groups
    assert [r.id for r in three.recommendations] == ["a1-x", "b1-x", "c1-x"]
    assert three.publishers == ("Tank A", "Tank B", "Tank C")
    assert three.similarity == pytest.approx(np.cos(np.radians(30)), abs=1e-4)
    assert [r.id for r in two.recommendations] == ["a1-y", "b1-y"]
    assert (len(walk), len(walk.document().parts)) == (4, 2)


def test_likeness_is_not_handed_on():
    walk = walked(*angles(a1_x=0, b1_x=50, c1_x=100))
    assert [[r.id for r in g.recommendations] for g in walk.groups] == [
        ["a1-x", "b1-x"],
        ["b1-x", "c1-x"],
    ]


def test_a_side_is_a_sentence_cited_to_the_paragraph_that_states_it():
    records, vectors = angles(a1_x=0, b1_x=10, b1_y=90)
    walk = walked(records, vectors)
    (part,) = walk.document().parts
    assert (part.heading, part.caption) == ("Tank A / Tank B", f"{MEASURE}. Similarity 0.98")
    assert [s.recommendation for s in part.sentences] == records[:2]
    for sentence, record in zip(part.sentences, records[:2], strict=True):
        (citation,) = sentence.citations
        assert sentence.text == citation.quote == record.text
        assert (citation.paragraph_id, citation.status) == (record.stated, "verified")
        assert citation.span == (3, 3 + len(record.text))
    assert sorted(walk.sentences) == ["a1-x", "b1-x"]


def test_the_document_tells_what_was_compared_and_where_it_comes_from():
    records, vectors = angles(b1_x=10, a1_x=0, b2_y=90)
    walk = walked(records, vectors, threshold=0.9)
    assert walk.threshold == 0.9
    assert walk.document().provenance == Provenance("b1", "2024-01-01")
    assert walk.document().notes[0].endswith("Compared: Tank A: 1; Tank B: 2.")
    assert len(walk.document().notes) == 1


def test_a_frame_has_a_row_a_match():
    records, vectors = angles(a1_x=0, b1_x=60)
    frame = walked(records, vectors).to_pandas()
    assert tuple(frame.columns) == COLUMNS
    assert frame.to_dict("records") == [
        {
            "one_publisher": "Tank A",
            "one_report": "a1",
            "one_label": None,
            "one_text": "Do a1-x.",
            "one_paragraph": "a1-x-p",
            "other_publisher": "Tank B",
            "other_report": "b1",
            "other_label": None,
            "other_text": "Do b1-x.",
            "other_paragraph": "b1-x-p",
            "similarity": 0.5,
            "level": MATTER,
        }
    ]


@pytest.mark.parametrize(
    ("degrees", "reason"),
    [
        ({}, "The reports make no recommendations."),
        ({"a1_x": 0, "a2_x": 0}, "Only Tank A makes recommendations."),
        ({"a1_x": 0, "b1_x": 90}, "similarity of 0.50 or more"),
    ],
)
def test_no_match_is_told_with_its_reason(degrees: dict[str, float], reason: str):
    records = [made(name.replace("_", "-")) for name in degrees]
    walk = walked(records, angles(**degrees)[1] if degrees else np.zeros((0, 2), np.float32))
    assert not list(walk)
    assert reason in (walk.reason or "")
    assert reason in walk.document().notes[-1]
    assert walk.document().parts == ()
    assert tuple(walk.to_pandas().columns) == COLUMNS


def test_where_there_is_a_match_there_is_no_reason():
    assert walked(*angles(a1_x=0, b1_x=1)).reason is None


@given(sets(), st.sampled_from([-1.0, 0.0, 0.5]), st.integers(0))
def test_of_each_other_publisher_the_nearest_is_similar_best_first(given_, least: float, n: int):
    records, vectors = given_
    if not records:
        return
    row = n % len(records)
    own = PUBLISHERS[records[row].report_id]
    expected = []
    for publisher in set(PUBLISHERS.values()) - {own}:
        by = [
            (-round(float(vectors[m].astype(float) @ vectors[row]), 4), r.id, publisher)
            for m, r in enumerate(records)
            if PUBLISHERS[r.report_id] == publisher
        ]
        expected += [min(by)] if by and -min(by)[0] >= least else []
    found = find_similar(row, records, vectors, PUBLISHERS, least)
    assert [(-s.similarity, s.recommendation.id, s.publisher) for s in found] == sorted(expected)


def test_a_level_says_in_words_how_near_recommendations_are():
    walk = walked(*angles(a1_x=0, a1_y=90, b1_x=20, b1_y=140))
    assert [(round(m.similarity, 2), walk.level(m)) for m in walk] == [
        (0.94, MEASURE),
        (0.64, MATTER),
    ]
    assert [walk.level(g) for g in walk.groups] == [MEASURE, MATTER]
    assert [p.caption for p in walk.document().parts] == [
        f"{MEASURE}. Similarity 0.94",
        f"{MATTER}. Similarity 0.64",
    ]
    assert list(walk.to_pandas()["level"]) == [MEASURE, MATTER]


def test_what_is_similar_need_not_be_mutual():
    records, vectors = angles(a1_x=0, a1_y=50, b1_z=40)
    (found,) = find_similar(0, records, vectors, PUBLISHERS, 0.5)
    assert (found.recommendation, found.publisher) == (records[2], "Tank B")


def test_a_match_is_among_what_is_similar_to_either_side(library: Library):
    match, *_ = library.crosswalk()
    for one, other in ((match.one, match.other), (match.other, match.one)):
        found = library.similar(one.id)
        assert (other, match.similarity) in [(s.recommendation, s.similarity) for s in found]
        assert all(s.similarity >= MATCH for s in found)
        assert library.similar(one.id, least=0.99) == ()


def test_an_unknown_recommendation_has_nothing_similar(library: Library):
    with pytest.raises(UnknownNameError, match="recommendation is called 'note-on-nothing-1'"):
        library.similar("note-on-nothing-1")


def test_a_build_gives_the_vectors_that_match(models: Mapping[str, Path]):
    reports = []
    records = []
    for name, publisher, *texts in (
        ("z-oven", "Bakers", "Towns should lend cold ovens to apprentices.", "Rye should be kept."),
        ("a-tram", "Drivers", "Trams should run all night.", "Councils should lend idle ovens."),
    ):
        paragraphs = [
            paragraph(text, id=f"{name}-{n}", report_id=name, number=n)
            for n, text in enumerate(texts, 1)
        ]
        reports.append(report(*paragraphs, id=name, publisher=publisher))
        records += [
            Recommendation(f"{name}-r{p.number}", name, None, p.text, (), (), p.id)
            for p in paragraphs
        ]
    walk = _of(in_memory(contents(reports, records), models))
    assert [(m.one.id, m.other.id) for m in walk] == [("z-oven-r1", "a-tram-r2")]
    assert [s.citations[0].status for s in walk.sentences.values()] == ["verified"] * 2


def test_the_five_reports_match_where_they_should(shared: Path, reports_index: Path):
    store = FilesStore(reports_index)
    walk = _of(store)
    ids = _named(shared, store)
    labels = {frozenset((ids[one], ids[other])): label for one, other, label in _judged()}
    found = {frozenset((m.one.id, m.other.id)) for m in walk}
    judged = [labels[pair] for pair in found]
    assert {frozenset((ids[one], ids[other])) for one, other in SURE} <= found
    assert judged.count("different") <= len(judged) / 3
    assert all(
        tuple(store.reports()[r.report_id].publisher for r in (m.one, m.other)) == m.publishers
        for m in walk
    )
    assert all(m.publishers[0] < m.publishers[1] for m in walk)
    assert {s.citations[0].status for s in walk.sentences.values()} == {"verified"}


def test_no_pair_was_judged_twice_or_within_a_publisher():
    pairs = [frozenset(pair) for *pair, _ in _judged()]
    assert len(set(pairs)) == len(pairs)
    assert {label for *_, label in _judged()} == {"same", "related", "different"}
    publisher = {
        "reform-dividend": 1,
        "balancing-act": 1,
        "great-government": 2,
        "smarter-state": 2,
    }
    for pair in pairs:
        assert len({publisher.get(name.split("/")[0], 3) for name in pair}) == 2


#: Judged the same, and so near that no threshold in reach leaves them out.
SURE = (
    ("balancing-act/R1", "great-government/R4"),
    ("reform-dividend/R8", "great-government/R2"),
    ("reform-dividend/R2", "going-public/R1"),
)


def _of(store: Store) -> Crosswalk:
    return crosswalk(
        store.recommendations(),
        distinct(store.recommendation_vectors()),
        {i: r.publisher for i, r in store.reports().items()},
        Quoter(store).cited,
        threshold=MATCH,
        same=SAME,
    )


def _named(shared: Path, store: Store) -> dict[str, str]:
    """The ids of the records by their names in the truth."""
    ids = {(r.report_id, letters(r.text)): r.id for r in store.recommendations()}
    truth = json.loads((shared / "gold" / "recommendations.json").read_text(encoding="utf-8"))
    return {
        t["id"]: ids[name, letters(t["text"])]
        for name, listed in truth.items()
        for t in listed
        if t["tier"] == "formal"
    }


def _judged() -> list[tuple[str, str, str]]:
    """The pairs of benchmarks/crosswalk.tsv, by their names in the truth, and their labels."""
    lines = (PROJECT / "benchmarks" / "crosswalk.tsv").read_text(encoding="utf-8").splitlines()
    return [(one, other, label) for one, other, label in (line.split("\t") for line in lines[1:])]
