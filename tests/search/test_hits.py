"""Hits are a sequence, compared by what they contain, that becomes a frame."""

from __future__ import annotations

import pytest

from reformqa import Hits
from reformqa.model import LegScore
from reformqa.search.hits import COLUMNS
from support.asking import search, town_in_memory
from support.makers import hit

FIRST, SECOND, THIRD = (hit(text, id=f"made-0000000{n}") for n, text in enumerate("abc"))
HITS = Hits((FIRST, SECOND, THIRD), searched=7)


def test_hits_are_a_sequence():
    assert (len(HITS), bool(HITS), bool(Hits())) == (3, True, False)
    assert (HITS[0], HITS[-1]) == (FIRST, THIRD)
    assert list(HITS) == [FIRST, SECOND, THIRD]
    assert list(reversed(HITS)) == [THIRD, SECOND, FIRST]
    assert SECOND in HITS
    assert HITS.index(SECOND) == 1
    with pytest.raises(IndexError):
        HITS[3]


def test_a_slice_is_a_tuple_of_hits():
    assert HITS[:2] == (FIRST, SECOND)
    assert HITS[::-1] == (THIRD, SECOND, FIRST)
    assert HITS[5:] == ()


def test_hits_are_equal_if_they_found_the_same_in_as_many_passages():
    assert Hits((FIRST, SECOND, THIRD), searched=7) == HITS
    assert Hits((FIRST, SECOND, THIRD), searched=8) != HITS
    assert Hits((FIRST, THIRD, SECOND), searched=7) != HITS
    assert Hits(reason="Nothing.") != Hits()
    with pytest.raises(AttributeError):
        HITS.searched = 8  # type: ignore[misc]


def test_a_frame_has_a_row_for_each_hit_and_columns_for_each_leg():
    hits = search(town_in_memory(), "What is Recommendation 3?", limit=3)
    frame = hits.to_pandas()
    legs = [f"{leg}_{what}" for leg in hits[0].legs for what in ("rank", "score")]
    assert tuple(frame.columns) == (*COLUMNS, *legs)
    assert frame["rank"].tolist() == [1, 2, 3]
    assert frame["score"].tolist() == [h.score for h in hits]
    assert frame["paragraph_id"].tolist() == [h.paragraph.id for h in hits]
    assert frame["publisher"].tolist() == [h.publisher for h in hits]
    for leg in ("late", "embedding", "bm25", "label"):
        scores = [h.legs[leg] for h in hits]
        ranks = zip(frame[f"{leg}_rank"], frame[f"{leg}_score"], strict=True)
        assert [LegScore(rank, score) for rank, score in ranks] == scores


def test_a_frame_of_no_hits_keeps_its_columns():
    frame = Hits(reason="Nothing is left to search.").to_pandas()
    assert (len(frame), tuple(frame.columns)) == (0, COLUMNS)
