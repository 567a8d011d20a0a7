"""Search: filters come first and fail closed, the legs are fused, a paragraph counts once."""

from __future__ import annotations

from math import cos, radians, sin
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makers import paragraph, report
from reformqa import QuestionError, UnknownNameError
from reformqa.model import Build, Leg, Passage
from reformqa.retrieval import Filters, Hits, fuse, search
from reformqa.settings import SearchSettings
from reformqa.snapshot import Contents, Snapshot, publish, write

#: Report, publisher, published, and the angles from the question at which its paragraphs lie.
REPORTS = (
    ("ash", "Alpha Institute", "2014-11", range(0, 24, 2)),
    ("beech", "Beta", "2020", range(31, 43, 2)),
    ("cedar", "Gamma", None, (50, 52, 54)),
)


def east(topic: str) -> np.ndarray:
    return np.array([1, 0], dtype=np.float32)


def angled(*degrees: float) -> np.ndarray:
    return np.array([(cos(radians(d)), sin(radians(d))) for d in degrees], dtype=np.float32)


def opened(index: Path, contents: Contents) -> Snapshot:
    write(index, Build("b1", "now", "made", 0, 0, 0, 0), contents, {})
    publish(index, "b1")
    return Snapshot(index)


@pytest.fixture(scope="module")
def woods(tmp_path_factory) -> Snapshot:
    """Words tell where a paragraph lies: "beech37 leaf" is 37 degrees off; cedar50 is rhubarb."""
    reports, passages, angles = [], [], []
    for name, publisher, published, degrees in REPORTS:
        paragraphs = []
        for n, angle in enumerate(degrees, start=1):
            text = "rhubarb" if (name, n) == ("cedar", 1) else f"{name}{angle} leaf"
            kind = "summary" if n == 1 else "chapter"
            place = {"id": f"{name}-{angle}", "report_id": name, "section_kind": kind}
            paragraphs.append(paragraph(text, **place, number=n))
            passages.append(
                Passage(f"{name}-{angle}", name, text, text, (0, len(text)), recommends=n == 2)
            )
            angles.append(angle)
        facts = {"id": name, "publisher": publisher, "published": published}
        reports.append(report(*paragraphs, **facts))
    contents = Contents(reports, (), passages, angled(*angles))
    return opened(tmp_path_factory.mktemp("woods"), contents)


def ids(hits: Hits) -> list[str]:
    return [h.paragraph.id for h in hits]


def test_hits_come_nearest_first_and_as_many_as_asked(woods: Snapshot):
    assert ids(search(woods, east, "zebra", limit=3)) == ["ash-0", "ash-2", "ash-4"]
    assert len(search(woods, east, "zebra", limit=100)) == 21


def test_a_word_that_only_one_paragraph_prints_brings_it_up(woods: Snapshot):
    words_only = SearchSettings(embedding_weight=0)
    hits = search(woods, east, "rhubarb", limit=2, settings=words_only)
    assert ids(hits) == ["cedar-50", "ash-0"]
    assert hits[0].score == 1.0
    assert hits[0].legs["bm25"].rank == 1


def test_words_bring_in_what_lies_too_far_off_to_be_a_candidate(woods: Snapshot):
    narrow = SearchSettings(candidates=10, embedding_weight=0.5)
    assert "cedar-50" not in ids(search(woods, east, "zebra", settings=narrow))
    assert "cedar-50" in ids(search(woods, east, "rhubarb", settings=narrow))


def test_a_limit_above_the_number_of_candidates_is_met(woods: Snapshot):
    narrow = SearchSettings(candidates=10)
    assert len(search(woods, east, "zebra", limit=15, settings=narrow)) == 15


def test_a_hit_tells_its_scores_and_its_report(woods: Snapshot):
    hit = search(woods, east, "zebra", Filters(publisher=("Beta",)))[0]
    cosine = float(angled(31)[0, 0])
    assert hit.paragraph == woods.paragraph("beech-31")
    assert (hit.publisher, hit.report_title, hit.year) == ("Beta", "Made Report", 2020)
    assert hit.legs == {"bm25": Leg(1, 0.0), "embedding": Leg(1, pytest.approx(cosine))}
    assert (hit.similarity, hit.score) == (pytest.approx(cosine), pytest.approx(0.65))


def test_a_filter_gives_as_many_as_asked_though_others_score_higher(woods: Snapshot):
    narrow = SearchSettings(candidates=10)  # fewer than Alpha's paragraphs, all of them nearer
    only = Filters(publisher=("Beta",))
    hits = search(woods, east, "zebra", only, limit=4, settings=narrow)
    assert ids(hits) == ["beech-31", "beech-33", "beech-35", "beech-37"]
    assert hits.searched == 6


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(publisher=("Beta", "Gamma"), section=("summary",)), ["beech-31", "cedar-50"]),
        (Filters(publisher=("  beta ",), recommendations_only=True), ["beech-33"]),
        (Filters(report=("CEDAR",)), ["cedar-50", "cedar-52", "cedar-54"]),
        (Filters(recommendations_only=True), ["ash-2", "beech-33", "cedar-52"]),
        (Filters(published=(2020, 2024), section=("summary",)), ["beech-31"]),
        (Filters(published=(2014, 2020), section=("summary",)), ["ash-0", "beech-31"]),
        (Filters(published=(2015, 2019)), []),
        (Filters(publisher=("Alpha Institute",), published=(2020, 2020)), []),
        (Filters(publisher=("Alpha Institute",), report=("beech",)), []),
    ],
)
def test_filters_leave_what_meets_all_of_them(
    woods: Snapshot, filters: Filters, expected: list[str]
):
    hits = search(woods, east, "zebra", filters)
    assert (ids(hits), hits.searched) == (expected, len(expected))


@pytest.mark.parametrize(
    ("filters", "near"),
    [
        (Filters(publisher=("Betta",)), ["Beta"]),
        (Filters(publisher=("Beta", "Alpha Institut")), ["Alpha Institute"]),
        (Filters(report=("ceder",)), ["cedar"]),
        (Filters(section=("sumary",)), ["summary"]),
        (Filters(publisher=("",)), []),
    ],
)
def test_a_filter_that_names_what_nothing_bears_is_refused(
    woods: Snapshot, filters: Filters, near: list[str]
):
    with pytest.raises(UnknownNameError) as error:
        search(woods, east, "zebra", filters)
    assert error.value.near == near


def test_years_that_run_backwards_are_refused(woods: Snapshot):
    with pytest.raises(QuestionError, match="2020 to 2014 run backwards"):
        search(woods, east, "zebra", Filters(published=(2020, 2014)))


@pytest.mark.parametrize("limit", [0, -1])
def test_fewer_than_one_hit_cannot_be_asked_for(woods: Snapshot, limit: int):
    with pytest.raises(QuestionError, match=f"The limit is {limit}"):
        search(woods, east, "zebra", limit=limit)


def test_a_paragraph_in_slices_comes_once_by_its_best_slice(tmp_path: Path):
    whole, other = paragraph("oak elm fir", id="long"), paragraph("yew", id="short", number=2)
    passages = [
        Passage("long", "made", "oak ", "oak", (0, 4)),
        Passage("long", "made", "elm ", "elm", (4, 8)),
        Passage("long", "made", "fir", "fir", (8, 11)),
        Passage("short", "made", "yew", "yew", (0, 3)),
    ]
    contents = Contents([report(whole, other)], (), passages, angled(20, 5, 10, 15))
    hits = search(opened(tmp_path, contents), east, "zebra", limit=5)
    assert [(h.paragraph.id, h.passage.text) for h in hits] == [("long", "elm "), ("short", "yew")]
    assert hits.searched == 4


SCORES = st.lists(
    st.tuples(st.floats(-1, 1, width=32), st.floats(0, 64, width=32)), min_size=1, max_size=20
)


@settings(deadline=None)
@given(SCORES, st.floats(0, 1))
def test_fusion_is_the_weighted_sum_of_scores_brought_to_0_to_1(
    pairs: list[tuple[float, float]], weight: float
):
    legs = {"embedding": [p[0] for p in pairs], "bm25": [p[1] for p in pairs]}
    weights = {"embedding": weight, "bm25": 1 - weight}
    expected = []
    for n in range(len(pairs)):
        total = 0.0
        for name, values in legs.items():
            span = max(values) - min(values)
            total += weights[name] * ((values[n] - min(values)) / span if span else 0)
        expected.append(total)
    arrays = {name: np.array(values, dtype=np.float32) for name, values in legs.items()}
    assert np.allclose(fuse(arrays, weights), expected, atol=1e-5)


def test_the_table_of_hits_has_a_row_a_hit(woods: Snapshot):
    table = search(woods, east, "zebra", limit=2).to_pandas()
    assert table["paragraph_id"].tolist() == ["ash-0", "ash-2"]
    assert table["rank"].tolist() == [1, 2]
    assert table["publisher"].tolist() == ["Alpha Institute", "Alpha Institute"]
    assert table["embedding_rank"].tolist() == [1, 2]
