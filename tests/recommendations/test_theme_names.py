"""Names of themes: phrases that many of the theme print and few others, or else its terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from reformqa.models.base import Role
from reformqa.recommendations.background import make_field
from reformqa.recommendations.theme_names import Namer
from reformqa.text.terms import Term, find_terms
from reformqa.tuning import load_tuning

TUNING = load_tuning().recommendations
OVENS = (
    "They set minimum oven standards.",
    "Let bread have the minimum oven standards of old.",
    "Bread and rye have standards.",
)
TRAMS = ("Trams run on the coast.", "Trams stop at night.", "Fares of trams fall.")
TEXTS = (*OVENS, *TRAMS)


class Flat:
    """An encoder that gives all phrases, or those named, one direction."""

    digest = "flat"
    dimensions = 8

    def __init__(self, far: Sequence[str] = ()) -> None:
        self._far = far

    def encode(self, texts: Iterable[str], role: Role) -> Iterator[NDArray[np.float32]]:
        for text in texts:
            yield np.eye(8, dtype=np.float32)[7 if text in self._far else 0]


def namer(texts: Sequence[str] = TEXTS, encoder: Flat | None = None, **tuned: float) -> Namer:
    """A namer of texts, the first half of which point one way and the second another."""
    half = len(texts) // 2
    vectors = np.eye(8, dtype=np.float32)[[0] * half + [1] * (len(texts) - half)]
    tuning = TUNING.model_copy(update=tuned)
    field = make_field(vectors, ["Bakers"] * len(texts), copies_from=2)
    printing: Callable[[str], str] = lambda words: "\n".join(texts)  # noqa: E731
    return Namer([(t,) for t in texts], field, encoder or Flat(), printing, tuning)


def term(name: str, texts: Sequence[str] = TEXTS) -> Term:
    return next(t for t in find_terms([(text,) for text in texts]) if t.name.lower() == name)


def own(*names: str, merit: float = 0.5) -> list[tuple[Term, float]]:
    return [(term(name), merit) for name in names]


def test_the_name_is_the_phrase_that_most_of_the_theme_prints():
    assert namer().name(own("bread"), [0, 1, 2], []) == "Minimum oven standards"


def test_a_phrase_is_not_good_enough_beyond_the_tuned_score():
    strict = namer(phrase=99.0)
    assert strict.name(own("bread"), [0, 1, 2], []) == "Bread"
    assert strict.name(own("rye", "standards"), [0, 1, 2], []) == "Rye and standards"
    weak = own("rye", "standards", merit=TUNING.second - 0.01)
    assert strict.name(weak, [0, 1, 2], []) == "Rye"


def test_a_name_does_not_contain_the_term_of_another_theme():
    name = namer().name(own("bread"), [0, 1, 2], [term("standards")])
    assert "standards" not in name


def test_a_phrase_that_one_statement_prints_names_no_theme_of_three():
    assert namer(phrase=0.0).name(own("trams"), [3, 4, 5], []) == "Trams"


def test_what_is_far_in_meaning_is_no_name():
    far = Flat(far=["minimum oven standards"])
    assert namer().name(own("bread"), [0, 1, 2], []) == "Minimum oven standards"
    assert namer(encoder=far).name(own("bread"), [0, 1, 2], []) == "Bread"


def test_a_theme_of_everything_has_a_name():
    assert namer(OVENS * 2).name([(term("bread", OVENS), 1.0)], range(6), [])
