"""What a version contains: duplicates are found among all reports, then each is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reformqa.ingest.collect import Collected
from reformqa.ingest.duplicates import group_restatements
from reformqa.model import Passage, Progress, Recommendation
from reformqa.models.base import TextVectors
from reformqa.models.cache import VectorCache
from reformqa.storage.base import Batch, Draft
from reformqa.text.acronyms import Defined

#: Progress is reported once for this many passages.
_REPORTED = 32


@dataclass(frozen=True, slots=True)
class Contents:
    """What is known of all reports together before they are written.

    `paragraphs`, `passages` and `recommendations` are their numbers. `statements` has a number for
    each paragraph that is searched, equal if two state the same. `texts` are those to encode,
    `acronyms` those of the names that the reports define.
    """

    paragraphs: int
    passages: int
    recommendations: int
    statements: Mapping[str, int]
    texts: Set[str]
    acronyms: Mapping[str, str]


def make_contents(collected: Collected) -> Contents:
    """Find the duplicates among all reports; one report is in memory at a time."""
    recommendations: list[Recommendation] = []
    searched: dict[str, str] = {}
    texts: set[str] = set()
    defined = Defined()
    paragraphs = passages = 0
    for prepared in collected:
        report = prepared.report
        recommendations += prepared.recommendations
        wanted = {p.paragraph_id for p in prepared.passages}
        searched |= {p.id: p.text for p in report.paragraphs if p.id in wanted}
        texts.update(p.indexed for p in prepared.passages)
        defined.read(p.text for p in report.paragraphs)
        paragraphs += len(report.paragraphs)
        passages += len(prepared.passages)
    texts.update(map(_whole, recommendations))
    statements = group_restatements(searched, recommendations)
    counts = paragraphs, passages, len(recommendations)
    return Contents(*counts, statements, texts, defined.table())


def write_contents(
    draft: Draft,
    collected: Collected,
    contents: Contents,
    cache: VectorCache,
    progress: Progress,
) -> None:
    """Write all reports into a draft, encoding the texts that `cache` lacks."""
    total = contents.passages
    progress("encoding", 0, total)
    done = 0

    def encoded(passages: Sequence[Passage], before: int) -> Iterator[TextVectors]:
        texts = [p.indexed for p in passages]
        for n, vectors in enumerate(cache.vectors(texts), start=before + 1):
            if n % _REPORTED == 0:
                progress("encoding", n, total)
            yield vectors

    for prepared in collected:
        passages, recommendations = prepared.passages, prepared.recommendations

        draft.put(
            Batch(
                report=prepared.report,
                recommendations=recommendations,
                recommendation_vectors=_sentences(cache, [_whole(r) for r in recommendations]),
                passages=passages,
                statements=[contents.statements[p.paragraph_id] for p in passages],
                vectors=encoded(passages, done),
            )
        )
        done += len(passages)
    progress("encoding", total, total)


def _sentences(cache: VectorCache, texts: Sequence[str]) -> NDArray[np.float32]:
    vectors = np.empty((len(texts), cache.dimensions), dtype=np.float32)
    for n, found in enumerate(cache.vectors(texts)):
        vectors[n] = found.sentence
    return vectors


def _whole(recommendation: Recommendation) -> str:
    """Return a recommendation's words and sub-items, as they are encoded."""
    return " ".join((recommendation.text, *recommendation.sub_items))
