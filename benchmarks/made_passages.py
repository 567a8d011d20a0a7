"""Reports of made words and their made vectors, as many as are asked for, from a seed.

Words are drawn from a long-tailed vocabulary (Zipf and Mandelbrot): a passage holds 60, the most
common word is in a quarter of all passages, and new reports bring new words. One paragraph in
twenty is one of a few thousand that other reports print too, with a word changed. Vectors lie
around as many centres as there are subjects. A report depends on its number and edition alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from reformqa.ingest.prepare import PreparedReport
from reformqa.model import Paragraph, Passage, Report
from reformqa.models.base import TextVectors

#: The passages of a report, and the words of a passage.
PASSAGES, WORDS = 250, 60
VOCABULARY, SUBJECTS, SHARED = 300_000, 2_000, 3_000
DIMENSIONS, REDUCED, TOKENS, PIECES = 384, 48, 8, 30_000
PUBLISHERS, YEARS = 40, 25
KINDS = ("summary", "chapter", "chapter", "section", "annex")

_CONSONANTS, _VOWELS = "bdfgklmnprtvz", "aiou"


def word(number: int) -> str:
    """Return a word of its own for each number."""
    letters = ""
    number += 1
    while number:
        number, at = divmod(number, len(_CONSONANTS) * len(_VOWELS))
        letters += _CONSONANTS[at // len(_VOWELS)] + _VOWELS[at % len(_VOWELS)]
    return letters + "k"  # no ending that a stemmer knows


class MadeReports:
    """Prepared reports, each made when it is reached; those in `changed` in another edition."""

    def __init__(self, reports: int, seed: int, changed: Set[int] = frozenset()) -> None:
        self._reports = reports
        self._seed = seed
        self._changed = changed
        self._vocabulary = [word(n) for n in range(VOCABULARY)]
        shares = 1 / (np.arange(VOCABULARY) + 20) ** 1.05
        self._up_to = np.cumsum(shares / shares.sum())

    def __iter__(self) -> Iterator[PreparedReport]:
        return map(self._report, range(self._reports))

    def text(self, draw: np.random.Generator, words: int = WORDS) -> str:
        """Return some words."""
        numbers = np.searchsorted(self._up_to, draw.random(words)).clip(max=VOCABULARY - 1)
        return " ".join([self._vocabulary[n] for n in numbers.tolist()])

    @cached_property
    def _shared(self) -> list[str]:
        draw = np.random.default_rng([self._seed, 1])
        return [self.text(draw) for _ in range(SHARED)]

    def _report(self, number: int) -> PreparedReport:
        draw = np.random.default_rng([self._seed, 2, number, number in self._changed])
        name = f"report-{number:06}"
        paragraphs, passages = [], []
        for n in range(PASSAGES):
            text = self.text(draw)
            if draw.random() < 0.05:
                text = f"{self._shared[draw.integers(SHARED)]} {self.text(draw, 1)}"
            kind = KINDS[n * len(KINDS) // PASSAGES]
            own = f"{name}-{n:04}"
            place = ("Made", kind)
            paragraphs.append(Paragraph(own, name, n, "body", text, text, 0, place, kind))  # type: ignore[arg-type]
            span = (0, len(text))
            passages.append(Passage(own, name, text, f"Made {text}", span, n % 20 == 0))
        publisher, year = f"Institute {number % PUBLISHERS}", 2000 + number // 7 % YEARS
        report = Report(
            id=name,
            title=f"Report {number}",
            subtitle=None,
            authors=(),
            publisher=publisher,
            published=f"{year}",
            series=None,
            licence=None,
            url=None,
            source=f"{name}.txt",
            sha256="0" * 64,
            sections=(),
            paragraphs=tuple(paragraphs),
        )
        return PreparedReport(report, (), tuple(passages))


@dataclass(frozen=True, slots=True)
class MadeVectors:
    """Vectors of texts, as a cache of vectors that has them all."""

    seed: int
    dimensions: int = DIMENSIONS

    def vectors(self, texts: Sequence[str]) -> Iterator[TextVectors]:
        """Yield the vectors of texts, in order."""
        for text in texts:
            draw = np.random.default_rng([self.seed, 3, crc32(text.encode())])
            yield TextVectors(
                self.sentence(draw),
                draw.integers(-127, 128, (TOKENS, REDUCED), dtype=np.int8),
                np.unique(draw.integers(0, PIECES, TOKENS, dtype=np.int32)),
            )

    def sentence(self, draw: np.random.Generator) -> NDArray[np.float32]:
        """Return a unit vector near one of the centres."""
        centre = np.random.default_rng([self.seed, 4, draw.integers(SUBJECTS)])
        made = centre.standard_normal(DIMENSIONS, dtype=np.float32)
        made += draw.standard_normal(DIMENSIONS, dtype=np.float32)
        return made / np.linalg.norm(made)
