"""Search: filters first, then each leg, then one fused ranking of paragraphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reformqa.errors import QuestionError, UnknownNameError
from reformqa.model import Hit, Leg
from reformqa.settings import SearchSettings
from reformqa.snapshot import Snapshot

#: Turns a question into a unit vector, shape (dimensions,).
Embed = Callable[[str], NDArray[np.float32]]


#: The columns of a frame of hits; each leg adds its rank and score.
COLUMNS = (
    *("rank", "score", "similarity", "publisher", "year", "report_id", "report", "section"),
    *("number", "page", "paragraph_id", "text"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What to search in. Filters restrict before anything is ranked, and fail closed."""

    publisher: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    published: tuple[int, int] | None = None
    section: tuple[str, ...] = ()
    recommendations_only: bool = False


class Hits(list[Hit]):
    """The hits of a search, best first; `searched` is how many passages the filters left."""

    def __init__(self, hits: Sequence[Hit] = (), *, searched: int = 0) -> None:
        super().__init__(hits)
        self.searched = searched

    def to_pandas(self) -> pd.DataFrame:
        """A row a hit: rank, score, report, paragraph, text, and each leg's rank and score."""
        rows = []
        for rank, hit in enumerate(self, start=1):
            legs = {f"{n}_{k}": v for n, leg in hit.legs.items() for k, v in asdict(leg).items()}
            found = hit.paragraph
            row: tuple[Any, ...] = (
                *(rank, hit.score, hit.similarity, hit.publisher, hit.year),
                *(found.report_id, hit.report_title, " › ".join(found.section_path)),
                *(found.number, found.page, found.id, found.text),
            )
            rows.append(dict(zip(COLUMNS, row, strict=True)) | legs)
        return pd.DataFrame(rows, columns=None if rows else list(COLUMNS))


def search(
    snapshot: Snapshot,
    embed: Embed,
    topic: str,
    filters: Filters = Filters(),
    *,
    limit: int = 10,
    settings: SearchSettings = SearchSettings(),
) -> Hits:
    """The paragraphs that best meet a question's topic, best first.

    The legs' scores are brought to 0–1 over the candidates and summed with fixed weights: a
    convex combination (Bruch, Gai and Ingber 2022, arXiv 2210.11934), which the project's
    measurements put above reciprocal rank fusion. A paragraph counts by its best passage.
    Raises UnknownNameError for a filter that names what nothing bears.
    """
    if limit < 1:
        raise QuestionError(f"The limit is {limit}; ask for at least 1 hit.")
    allowed = _allowed(snapshot, filters)
    if not len(allowed):
        return Hits()
    vector = embed(topic)
    wanted = min(max(settings.candidates, limit), len(allowed))
    lexical = snapshot.lexical.score(topic)[allowed]
    best = np.argsort(-lexical, kind="stable")[:wanted]
    by_words = allowed[best[lexical[best] > 0]]
    by_meaning, _ = snapshot.dense.nearest(vector, wanted, allowed)
    rows = np.union1d(by_words, by_meaning)
    scores = {
        "bm25": lexical[np.searchsorted(allowed, rows)],
        "embedding": snapshot.dense.cosines(vector, rows),
    }
    weights = {"bm25": 1 - settings.embedding_weight, "embedding": settings.embedding_weight}
    fused = fuse(scores, weights)
    order = np.lexsort((rows, -fused))
    return _hits(snapshot, rows, scores, fused, order, limit, searched=len(allowed))


def fuse(scores: dict[str, NDArray[np.float32]], weights: dict[str, float]) -> NDArray[np.float64]:
    """The weighted sum of the legs' scores, each brought to 0–1 over the candidates."""
    total = np.zeros(len(next(iter(scores.values()))))
    for leg, values in scores.items():
        low, high = float(values.min()), float(values.max())
        total += weights[leg] * (values - low) / (high - low or 1.0)
    return total


def _hits(
    snapshot: Snapshot,
    rows: NDArray[np.int64],
    scores: dict[str, NDArray[np.float32]],
    fused: NDArray[np.float64],
    order: NDArray[np.int64],
    limit: int,
    *,
    searched: int,
) -> Hits:
    ranks = {leg: _ranks(values) for leg, values in scores.items()}
    hits: dict[str, Hit] = {}
    passages = snapshot.passages(rows.tolist())
    for at in order:
        passage = passages[int(rows[at])]
        if passage.paragraph_id in hits:
            continue
        if len(hits) == limit:
            break
        report = snapshot.reports[passage.report_id]
        hits[passage.paragraph_id] = Hit(
            paragraph=snapshot.paragraph(passage.paragraph_id),
            passage=passage,
            score=float(fused[at]),
            similarity=float(scores["embedding"][at]),
            legs={n: Leg(int(ranks[n][at]), float(scores[n][at])) for n in scores},
            publisher=report.publisher,
            report_title=report.title,
            year=report.year,
        )
    return Hits(list(hits.values()), searched=searched)


def _ranks(values: NDArray[np.float32]) -> NDArray[np.int64]:
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return ranks


def _allowed(snapshot: Snapshot, filters: Filters) -> NDArray[np.int64]:
    """The rows that the filters leave, in order. Unknown names raise UnknownNameError."""
    conditions: list[str] = ["1"]
    values: list[str | int] = []
    named = (
        ("publisher", "publisher", snapshot.publishers, filters.publisher),
        ("report", "report_id", tuple(snapshot.reports), filters.report),
        ("section kind", "section_kind", snapshot.section_kinds, filters.section),
    )
    for what, column, known, wanted in named:
        if wanted:
            exact = [known_name(what, name, known) for name in wanted]
            conditions.append(f"{column} IN ({','.join('?' * len(exact))})")
            values += exact
    if filters.published:
        first, last = filters.published
        if first > last:
            raise QuestionError(f"The years {first} to {last} run backwards. Swap them.")
        conditions.append("year BETWEEN ? AND ?")
        values += [first, last]
    if filters.recommendations_only:
        conditions.append("recommends")
    return snapshot.passage_rows(" AND ".join(conditions), values)


def known_name(what: str, name: str, known: Sequence[str]) -> str:
    """The name as the library has it, capitals aside. Raises UnknownNameError for no such name."""
    folded = {k.casefold(): k for k in known}
    if name.strip().casefold() not in folded:
        raise UnknownNameError(what, name, known)
    return folded[name.strip().casefold()]
