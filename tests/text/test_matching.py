"""Texts of two versions are paired: equal ones first, then the most alike."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from reformqa.text.matching import likeness, match
from reformqa.text.similarity import content_words, letters

WORDS = st.sampled_from(["oven", "rye", "tram", "coast", "pilot", "the", "of", "Oven."])
TEXTS = st.lists(st.lists(WORDS, max_size=5).map(" ".join), max_size=8)


def slow(before: Sequence[str], after: Sequence[str], least: float) -> dict[int, int]:
    """What `match` should find: the best pair that is left, again and again."""
    found: dict[int, int] = {}
    for n, text in enumerate(before):
        left = [m for m in range(len(after)) if m not in found.values()]
        equal = [m for m in left if letters(after[m]) == letters(text)]
        if equal:
            found[n] = equal[0]
    while True:
        ranked = [
            (
                -likeness(*map(content_words, (one, other))),
                abs(n / len(before) - m / len(after)),
                n,
                m,
            )
            for n, one in enumerate(before)
            for m, other in enumerate(after)
            if n not in found and m not in found.values()
        ]
        ranked = [r for r in ranked if -r[0] >= least and r[0] < 0]
        if not ranked:
            return found
        *_, n, m = min(ranked)
        found[n] = m


@given(TEXTS, TEXTS, st.sampled_from([0.1, 0.5, 1.0]))
def test_the_best_pairs_are_found(before: list[str], after: list[str], least: float):
    assert match(before, after, least) == slow(before, after, least)


def test_a_text_that_moved_is_itself_and_not_the_one_in_its_place():
    before = ["Ovens are cold on Mondays.", "Trams run all night."]
    assert match(before, list(reversed(before)), 0.5) == {0: 1, 1: 0}


def test_likeness_is_the_share_of_words_in_both():
    assert likeness(frozenset("ab"), frozenset("bc")) == 0.5
    assert likeness(frozenset(), frozenset()) == 0.0
