"""Themes of recommendations: each in one, named in their own words."""

from __future__ import annotations

import csv
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reformqa import Library, Recommendation, Settings, Theme
from reformqa.models.base import Role
from reformqa.recommendations.themes import (
    MOST_OTHERS,
    MOST_THEMES,
    OTHER,
    find_themes,
)
from reformqa.text.similarity import letters
from reformqa.tuning import load_tuning
from support.asking import packaged_models
from support.makers import contents, in_memory, paragraph, report
from support.places import PROJECT

TUNING = load_tuning().recommendations
PUBLISHERS = {"a": "Tank A", "b": "Tank B", "c": "Tank C"}
MATTERS = {
    "bread": [
        "Towns should lend their cold ovens to bakers.",
        "Bakers should be taught to bake rye bread in public ovens.",
        "The guild should test the ovens of all bakers each year.",
        "Schools should buy bread of local bakers.",
    ],
    "trams": [
        "Trams should run all night on the line to the coast.",
        "The depot should print the fares of trams on every door.",
        "Conductors should be free to stop trams for a pram.",
        "Drivers of trams should rest between two shifts.",
    ],
    "harbours": [
        "Harbours should be dredged each spring.",
        "Pilots should know the bar of all harbours.",
        "The fish market of harbours should open at dawn.",
        "Harbours should share pilots and buoys.",
    ],
}


def made(n: int, text: str, report_id: str = "a", *items: str) -> Recommendation:
    return Recommendation(f"{report_id}-{n}", report_id, None, text, items, (), f"p{n}")


def pointed(texts: Sequence[str]) -> NDArray[np.float32]:
    """A unit vector for each text, the same for the same letters."""
    rows = [random.Random(letters(t)) for t in texts]
    vectors = np.array([[r.gauss(0, 1) for _ in range(8)] for r in rows], dtype=np.float32)
    return vectors.reshape(len(texts), 8) / np.linalg.norm(vectors.reshape(-1, 8), axis=1)[:, None]


class Encoding:
    """An encoder made of a function from texts to vectors."""

    digest = "made"
    dimensions = 8

    def __init__(self, vectors: Callable[[Sequence[str]], NDArray[np.float32]]) -> None:
        self._vectors = vectors

    def encode(self, texts: Iterable[str], role: Role) -> Iterator[NDArray[np.float32]]:
        yield from self._vectors(list(texts))


POINTED = Encoding(pointed)


def themes_of(recommendations: Sequence[Recommendation]) -> tuple[Theme, ...]:
    texts = [r.text for r in recommendations]
    vectors = pointed(texts)
    return find_themes(
        recommendations, vectors, PUBLISHERS, POINTED, lambda words: "\n".join(texts), TUNING
    )


def of_meaning(
    records: Sequence[Recommendation], publishers: Mapping[str, str]
) -> tuple[Theme, ...]:
    """The themes that the packaged encoder leads to."""
    encoder, texts = packaged_models().encoder, [r.text for r in records]
    vectors = np.stack(list(encoder.encode(texts, "passage")))
    return find_themes(
        records, vectors, publishers, encoder, lambda words: "\n".join(texts), TUNING
    )


def by_meaning(texts: Sequence[str]) -> dict[str, list[str]]:
    """The same of three publishers: their texts by name."""
    records = [made(n, text, "abc"[n % 3]) for n, text in enumerate(texts)]
    found = of_meaning(records, PUBLISHERS)
    return {theme.name: [r.text for r in theme.recommendations] for theme in found}


def test_what_is_about_one_matter_is_one_theme_named_by_it():
    texts = [text for four in zip(*MATTERS.values(), strict=True) for text in four]
    found = by_meaning(texts)
    for matter in ("trams", "harbours"):
        (held,) = (held for name, held in found.items() if matter in name.lower())
        assert set(held) == set(MATTERS[matter])
    rest = (
        held for name, held in found.items() if not {"trams", "harbours"} & {*name.lower().split()}
    )
    assert {text for held in rest for text in held} == set(MATTERS["bread"])


@st.composite
def sets(draw: st.DrawFn) -> list[Recommendation]:
    words = st.sampled_from(
        ["ovens", "rye", "bread", "the", "of", "trams", "pay", "should", "7", "£3", "–", "é"]
    )
    texts = draw(
        st.lists(st.one_of(st.text(max_size=20), st.lists(words).map(" ".join)), max_size=30)
    )
    return [made(n, t, draw(st.sampled_from("abc"))) for n, t in enumerate(texts)]


@given(sets())
def test_each_recommendation_is_in_exactly_one_theme(recommendations: list[Recommendation]):
    found = themes_of(recommendations)
    placed = [r.id for theme in found for r in theme.recommendations]
    assert sorted(placed) == sorted(r.id for r in recommendations)
    order = {r.id: n for n, r in enumerate(recommendations)}
    for theme in found:
        rows = [order[r.id] for r in theme.recommendations]
        assert rows
        assert rows == sorted(rows)
    names = [theme.name for theme in found]
    assert len(set(names)) == len(names) <= MOST_THEMES + 1
    assert OTHER not in names[:-1]
    sizes = [len(t.recommendations) for t in found if t.name != OTHER]
    assert sizes == sorted(sizes, reverse=True)
    if sizes:
        assert sum(sizes) >= (1 - MOST_OTHERS) * len(recommendations)
    assert themes_of(recommendations) == found


@given(sets())
def test_a_name_is_made_of_words_that_are_printed(recommendations: list[Recommendation]):
    for theme in themes_of(recommendations):
        if theme.name == OTHER:
            assert theme.words == ()
            continue
        printed = " ".join(r.text for r in recommendations).casefold()
        assert theme.name[:1] == theme.name[:1].upper()
        assert all(w in printed for w in theme.name.casefold().split() if w != "and")


def test_none_and_one_and_two_and_the_same_twice():
    oven, tram = MATTERS["bread"][0], MATTERS["trams"][0]
    assert themes_of([]) == ()
    (alone,) = by_meaning([oven])
    assert alone != OTHER
    assert sorted(t for held in by_meaning([oven, tram]).values() for t in held) == [
        oven,
        tram,
    ]
    assert list(by_meaning([oven, oven]).values()) == [[oven, oven]]


def test_near_copies_stay_together_although_they_print_different_terms():
    """Four topics about a circle; a statement at 0 degrees, its copy at 20, nearer to 35."""
    degrees = {"trams": 0, "ovens": 35, "harbours": 180, "pilots": 230}

    def direction(angle: float) -> NDArray[np.float64]:
        return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle)), *[0.0] * 16])

    own = np.eye(18)[2:]
    texts = [f"See to the {name} of {n}." for name in degrees for n in range(4)]
    apart = np.radians(40)
    rows = [
        np.cos(apart) * direction(degrees[text.split()[3]]) + np.sin(apart) * own[n]
        for n, text in enumerate(texts)
    ]
    texts += ["Mend the trams.", "Mend the ovens."]
    vectors = np.array([*rows, direction(0), direction(20)], dtype=np.float32)
    found = find_themes(
        [made(n, text) for n, text in enumerate(texts)],
        vectors,
        PUBLISHERS,
        Encoding(lambda names: np.array([direction(degrees[n]) for n in names], dtype=np.float32)),
        lambda words: "\n".join(texts),
        TUNING,
    )
    held = {theme.name: [r.text for r in theme.recommendations] for theme in found}
    assert {"Trams", "Ovens"} <= set(held)
    assert held["Trams"][-2:] == texts[-2:]


def test_what_has_no_letters_is_another_matter():
    (theme,) = themes_of([made(1, "7 £3."), made(2, "–", "b"), made(3, "")])
    assert (theme.name, theme.words, len(theme.recommendations)) == (OTHER, (), 3)


def test_one_publisher_has_themes_too():
    texts = [t for four in MATTERS.values() for t in four]
    records = [made(n, text) for n, text in enumerate(texts)]
    assert len(of_meaning(records, {"a": "A"})) > 2


def test_as_many_vectors_as_recommendations_are_needed():
    with pytest.raises(ValueError, match="0 vectors for 1 recommendations"):
        find_themes([made(1, "x")], pointed([]), PUBLISHERS, POINTED, lambda words: "", TUNING)


def test_four_times_as_many_take_hardly_more_than_sixteen_times_as_long():
    """Each is compared with each: quadratic, and no worse. In processor time of one run."""
    words = sorted({w for four in MATTERS.values() for t in four for w in t.rstrip(".").split()})
    chosen = random.Random(1)
    texts = [" ".join(chosen.choices(words, k=30)) for _ in range(500)]
    took = {}
    for count in (125, 500):
        started = time.process_time()
        themes = themes_of([*map(made, range(count), texts)])
        took[count] = time.process_time() - started
        assert sum(len(t.recommendations) for t in themes) == count
    assert took[500] < 32 * took[125]


def test_a_library_of_nothing_has_no_theme(models: Mapping[str, Path]):
    held = contents([report(paragraph("Nothing is recommended here."))])
    assert Library(in_memory(held, models), Settings()).themes == ()


@pytest.mark.parametrize("which", ["library", "reports_library"])
def test_real_themes_are_few_and_named_apart(which: str, request: pytest.FixtureRequest):
    library: Library = request.getfixturevalue(which)
    themes = [t for t in library.themes if t.name != OTHER]
    assert 6 <= len(themes) <= MOST_THEMES
    names = [t.name.lower() for t in themes]
    firsts = [t.words[0].lower() for t in themes]
    assert not any(
        f" {firsts[n]} " in f" {b} "
        for m, b in enumerate(names)
        for n in range(len(firsts))
        if n != m
    )
    assert not any(p.lower() in name for p in library.publishers for name in names)
    assert sum(len(name.split()) > 1 for name in names) > len(names) / 2
    first = [t for t in themes if len(t.recommendations) > 1]
    own = [
        any(w.lower() in f"{r.text} {r.sub_items}".lower() for w in t.words)
        for t in first
        for r in t.recommendations
    ]
    assert sum(own) > len(own) / 2
    assert any("mission" in name for name in names)
    assert any("workforce" in name for name in names)


def test_judged_pairs_fall_together_where_they_should(shared: Path, reports_library: Library):
    of = {(r.report_id, letters(r.text)): r.id for r in reports_library.recommendations()}
    truth = json.loads((shared / "gold" / "recommendations.json").read_text(encoding="utf-8"))
    text_of = {t["id"]: letters(t["text"]) for listed in truth.values() for t in listed}
    at = {r.id: t.name for t in reports_library.themes for r in t.recommendations}
    together: dict[str, list[bool]] = {"same": [], "related": [], "different": []}
    with (PROJECT / "benchmarks" / "crosswalk.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            one, other = (
                at[of[row[side].split("/")[0], text_of[row[side]]]] for side in ("one", "other")
            )
            together[row["label"]].append(one == other != OTHER)
    share = {label: sum(pairs) / len(pairs) for label, pairs in together.items()}
    assert share["same"] >= 0.55
    assert share["related"] >= 0.45
    assert share["different"] <= 0.12
