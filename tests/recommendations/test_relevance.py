"""Sets of recommendations: those that passages state, and those of them on a matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformqa import Recommendation
from reformqa.recommendations.relevance import (
    BEST_FEW,
    by_paragraph,
    on_the_matter,
    stated_in,
)
from reformqa.search.spans import Nearness, Part
from reformqa.tuning import load_tuning
from support.makers import hit, paragraph

TUNING = load_tuning().sets


def recommendation(name: str, stated: str, *restated: str, text: str = "") -> Recommendation:
    return Recommendation(
        name, "made", None, text or f"Do {name}.", (), ("Part", name), stated, restated
    )


Texts = Sequence[Sequence[Part]]


def said(parts: Sequence[Part]) -> str:
    return " ".join(p.passage.indexed[p.start : p.end] for p in parts)


def near(late: dict[str, float]) -> Callable[[Texts], Nearness]:
    """A nearness by text: its MaxSim is looked up, 0 where none is given."""

    def nearness(texts: Texts) -> Nearness:
        found = np.array([late.get(said(t), 0.0) for t in texts], dtype=np.float32)
        return Nearness(found, np.zeros(len(texts), dtype=np.float32))

    return nearness


def test_a_recommendation_is_known_by_every_paragraph_that_states_it():
    first, second = recommendation("first", "p1", "p2"), recommendation("second", "p2", "p3")
    assert dict(by_paragraph([first, second])) == {
        "p1": [first],
        "p2": [first, second],
        "p3": [second],
    }


def test_recommendations_come_in_the_order_of_their_hits_once_each_with_the_best():
    first, second = recommendation("first", "p1", "p2"), recommendation("second", "p3")
    hits = [hit("c", id="p3"), hit("b", id="p2"), hit("a", id="p1"), hit("d", id="p4")]
    found = stated_in(hits, by_paragraph([first, second]))
    assert list(found.items()) == [(second, hits[0]), (first, hits[1])]


def test_of_the_recommendations_in_one_paragraph_those_in_the_passage_count():
    first, second = recommendation("first", "p1"), recommendation("second", "p1")
    found = stated_in([hit("Aim | DO second.", id="p1")], by_paragraph([first, second]))
    assert list(found) == [second]


def test_a_statement_of_two_reports_is_a_recommendation_of_each():
    one, other = recommendation("one", "p1"), recommendation("other", "p9")
    copied = replace(hit("Do it.", id="p1"), also=(paragraph("Do it.", id="p9"),))
    assert stated_in([copied], by_paragraph([one, other])) == {one: copied, other: copied}


def test_a_set_on_a_matter_is_empty_where_nothing_was_found():
    assert on_the_matter({}, near({}), TUNING) == []


def test_the_nearest_come_first_whatever_the_search_put_first():
    one, two = recommendation("one", "p1"), recommendation("two", "p2")
    found = {one: hit("Do one.", id="p1"), two: hit("First, Do two. Then rest.", id="p2")}
    assert on_the_matter(found, near({"Do two.": 0.3, "Do one.": 0.2}), TUNING) == [two, one]


def test_a_recommendation_that_is_not_in_one_run_is_as_near_as_its_whole_passage():
    one, two = recommendation("one", "p1"), recommendation("two", "p2", text="Do … two.")
    found = {one: hit("Do one.", id="p1"), two: hit("Do, by dawn, two.", id="p2")}
    nearness = near({"Do, by dawn, two.": 0.3, "Do one.": 0.2})
    assert on_the_matter(found, nearness, TUNING) == [two, one]


def test_a_recommendations_section_counts_a_little():
    one, two = recommendation("one", "p1"), recommendation("two", "p2")
    found = {one: hit("Do one.", id="p1"), two: hit("Do two.", id="p2")}
    for made in found.values():
        context = f"Part {made.passage.text.split()[1]} "
        object.__setattr__(made.passage, "indexed", f"{context}{made.passage.text}")
    assert on_the_matter(found, near({"Part two. ": 0.1}), TUNING)[0] == two


MERITS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(MERITS)
def test_a_set_holds_those_that_come_near_enough_to_the_best_few(given_: list[tuple[int, int]]):
    known = [recommendation(f"r{n:02}", f"p{n}") for n in range(len(given_))]
    found = {
        r: hit(r.text, id=r.stated, similarity=score / 16)
        for r, (score, _) in zip(known, given_, strict=True)
    }
    late = {r.text: own / 16 for r, (_, own) in zip(known, given_, strict=True)}
    merits = sorted(((score + own) / 16 for score, own in given_), reverse=True)
    few = merits[:BEST_FEW]
    bar = sum(few) / len(few) - TUNING.behind
    of = {r: (s + o) / 16 for r, (s, o) in zip(known, given_, strict=True)}
    clear = {r for r in known if of[r] > bar + 1e-6}
    chosen = on_the_matter(found, near(late), TUNING)
    assert clear <= set(chosen) <= {r for r in known if of[r] > bar - 1e-6}
    assert [of[r] for r in chosen] == sorted((of[r] for r in chosen), reverse=True)
    assert len(set(chosen)) == len(chosen)
    assert max(of.values()) == pytest.approx(of[chosen[0]])
