"""What a version contains: recommendations, passages and duplicates, made and written once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from reformqa.ingest.collect import Collected
from reformqa.ingest.duplicates import group_restatements
from reformqa.ingest.passages import make_passages
from reformqa.model import Passage, Progress, Recommendation
from reformqa.models.base import TextVectors
from reformqa.models.cache import VectorCache
from reformqa.recommendations.finding import find_recommendations
from reformqa.settings import PassageSettings
from reformqa.storage.base import Batch, Draft

_Record = TypeVar("_Record", Passage, Recommendation)

#: Progress is reported once for this many passages.
_REPORTED = 32


@dataclass(frozen=True, slots=True)
class Contents:
    """What is made of all reports before they are written.

    `paragraphs` is their number; `statements` has a number for each paragraph that is searched,
    equal if two state the same.
    """

    paragraphs: int
    recommendations: Sequence[Recommendation]
    passages: Sequence[Passage]
    statements: Mapping[str, int]

    @property
    def texts(self) -> set[str]:
        """Every text that has vectors."""
        return {p.indexed for p in self.passages} | {_whole(r) for r in self.recommendations}


def make_contents(collected: Collected, settings: PassageSettings) -> Contents:
    """Make recommendations, passages and duplicates; one report is in memory at a time."""
    recommendations: list[Recommendation] = []
    passages: list[Passage] = []
    searched: dict[str, str] = {}
    paragraphs = 0
    for report in collected:
        found = find_recommendations(report)
        recommendations += found
        own = make_passages(report, found, settings)
        passages += own
        wanted = {p.paragraph_id for p in own}
        searched |= {p.id: p.text for p in report.paragraphs if p.id in wanted}
        paragraphs += len(report.paragraphs)
    statements = group_restatements(searched, recommendations)
    return Contents(paragraphs, recommendations, passages, statements)


def write_contents(
    draft: Draft,
    collected: Collected,
    contents: Contents,
    cache: VectorCache,
    progress: Progress,
) -> None:
    """Write all reports into a draft, encoding the texts that `cache` lacks."""
    total = len(contents.passages)
    progress("encoding", 0, total)
    passages = _by_report(contents.passages)
    recommendations = _by_report(contents.recommendations)
    done = 0
    for report in collected:
        own, made = passages.get(report.id, []), recommendations.get(report.id, [])

        def encoded(own: Sequence[Passage] = own, before: int = done) -> Iterator[TextVectors]:
            texts = [p.indexed for p in own]
            for n, vectors in enumerate(cache.vectors(texts), start=before + 1):
                if n % _REPORTED == 0:
                    progress("encoding", n, total)
                yield vectors

        draft.put(
            Batch(
                report=report,
                recommendations=made,
                recommendation_vectors=_sentences(cache, [_whole(r) for r in made]),
                passages=own,
                statements=[contents.statements[p.paragraph_id] for p in own],
                vectors=encoded(),
            )
        )
        done += len(own)
    progress("encoding", total, total)


def _by_report(records: Sequence[_Record]) -> dict[str, list[_Record]]:
    grouped = itertools.groupby(records, key=lambda r: r.report_id)
    return {report_id: list(group) for report_id, group in grouped}


def _sentences(cache: VectorCache, texts: Sequence[str]) -> NDArray[np.float32]:
    vectors = np.empty((len(texts), cache.dimensions), dtype=np.float32)
    for n, found in enumerate(cache.vectors(texts)):
        vectors[n] = found.sentence
    return vectors


def _whole(recommendation: Recommendation) -> str:
    """Return a recommendation's words and sub-items, as they are encoded."""
    return " ".join((recommendation.text, *recommendation.sub_items))
