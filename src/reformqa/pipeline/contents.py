"""What a version contains: duplicates are found among all reports, then each is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reformqa.ingest.collect import Collected
from reformqa.ingest.duplicates import Restatements
from reformqa.ingest.prepare import PreparedReport
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
    each paragraph that is searched, in the order of reports, equal if two state the same.
    `acronyms` are those of the names that the reports define.
    """

    paragraphs: int
    passages: int
    recommendations: int
    statements: NDArray[np.int64]
    acronyms: Mapping[str, str]


def make_contents(collected: Collected, folder: Path) -> Contents:
    """Find the duplicates among all reports; one report is in memory at a time.

    What is sorted on the way takes room in `folder`.
    """
    paragraphs = passages = recommendations = 0
    defined = Defined()
    with closing(Restatements(folder)) as restatements:
        for prepared in collected:
            restatements.add(_searched(prepared), prepared.recommendations)
            defined.read(p.text for p in prepared.report.paragraphs)
            paragraphs += len(prepared.report.paragraphs)
            passages += len(prepared.passages)
            recommendations += len(prepared.recommendations)
        counts = paragraphs, passages, recommendations
        return Contents(*counts, restatements.groups(), defined.table())


def texts_of(collected: Collected) -> Iterator[str]:
    """Yield what has to be encoded of all reports, one report after another."""
    for prepared in collected:
        yield from map(_whole, prepared.recommendations)
        yield from (p.indexed for p in prepared.passages)


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
    done = searched = 0

    def encoded(passages: Sequence[Passage], before: int) -> Iterator[TextVectors]:
        texts = [p.indexed for p in passages]
        for n, vectors in enumerate(cache.vectors(texts), start=before + 1):
            if n % _REPORTED == 0:
                progress("encoding", n, total)
            yield vectors

    for prepared in collected:
        passages, recommendations = prepared.passages, prepared.recommendations
        own = _searched(prepared)
        numbers = contents.statements[searched : searched + len(own)].tolist()
        statements = dict(zip(own, numbers, strict=True))
        searched += len(own)
        draft.put(
            Batch(
                report=prepared.report,
                recommendations=recommendations,
                recommendation_vectors=_sentences(cache, [_whole(r) for r in recommendations]),
                passages=passages,
                statements=[statements[p.paragraph_id] for p in passages],
                vectors=encoded(passages, done),
            )
        )
        done += len(passages)
    progress("encoding", total, total)


def _searched(prepared: PreparedReport) -> dict[str, str]:
    """Return the texts of the paragraphs that have passages, by id."""
    wanted = {p.paragraph_id for p in prepared.passages}
    return {p.id: p.text for p in prepared.report.paragraphs if p.id in wanted}


def _sentences(cache: VectorCache, texts: Sequence[str]) -> NDArray[np.float32]:
    vectors = np.empty((len(texts), cache.dimensions), dtype=np.float32)
    for n, found in enumerate(cache.vectors(texts)):
        vectors[n] = found.sentence
    return vectors


def _whole(recommendation: Recommendation) -> str:
    """Return a recommendation's words and sub-items, as they are encoded."""
    return " ".join((recommendation.text, *recommendation.sub_items))
