"""Matches between recommendations of different think tanks on the same subject.

Two recommendations match if each is the other's nearest among all that the other's publisher
makes (mutual nearest neighbours: Gowda and Krishna 1978, Pattern Recognition 10, 105-112) and the
cosine of their vectors, less what all have in common, reaches a threshold. So a recommendation has
at most one match with each other publisher, and one that a publisher repeats in a second report
does not match itself. A match means that two are worth reading side by side, not that they agree.
From a higher cosine on, they are called perhaps the same measure, below it of the same matter.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.exportable import Exportable
from reformqa.model import Recommendation, Sentence
from reformqa.recommendations.listing import Cite

if TYPE_CHECKING:
    import pandas as pd

#: The decimals to which cosines are compared: a copy must tie with its twin on every machine.
DECIMALS = 4

#: What is said of recommendations that are near, and of those that are very near.
MATTER, MEASURE = "The same matter", "Perhaps the same measure"

_SIDE = ("publisher", "report", "label", "text", "paragraph")
#: The columns of a frame of matches; paragraphs are ids.
COLUMNS = (
    *(f"{side}_{name}" for side in ("one", "other") for name in _SIDE),
    "similarity",
    "level",
)


@dataclass(frozen=True, slots=True)
class Match:
    """Two recommendations of two publishers, each the other's nearest among those of its publisher.

    `publishers` are theirs, in alphabetical order; `similarity` is the cosine, -1 to 1.
    """

    one: Recommendation
    other: Recommendation
    publishers: tuple[str, str]
    similarity: float


@dataclass(frozen=True, slots=True)
class Similar:
    """A recommendation by another publisher that is similar to one; `similarity` is the cosine."""

    recommendation: Recommendation
    publisher: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Group:
    """Recommendations that all match each other, at most one of each publisher, by publisher.

    `similarity` is that of the least similar two.
    """

    recommendations: tuple[Recommendation, ...]
    publishers: tuple[str, ...]
    similarity: float


@dataclass(frozen=True, slots=True)
class Crosswalk(Exportable):
    """The matches with a similarity of at least `threshold`, best first.

    From the similarity `same` on, they are perhaps the same measure. `compared` is the number of
    recommendations of each publisher that makes any; `sentences` are those that matched, as cited
    sentences, by the recommendation's id.
    """

    matches: tuple[Match, ...]
    threshold: float
    same: float
    compared: Mapping[str, int]
    sentences: Mapping[str, Sentence] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    def __iter__(self) -> Iterator[Match]:
        return iter(self.matches)

    def __len__(self) -> int:
        return len(self.matches)

    def level(self, of: Match | Group) -> str:
        """Return in words how near the recommendations of a match or a group are: MATTER, …"""
        return MEASURE if of.similarity >= self.same else MATTER

    @property
    def publishers(self) -> tuple[str, ...]:
        """The publishers of the matches, in alphabetical order."""
        return tuple(sorted({p for m in self.matches for p in m.publishers}))

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of recommendations that all match each other, best first.

        Every match is in a group. A recommendation is in several groups if those it matches do not
        match each other: similarity is not transitive.
        """
        return tuple(_groups(self.matches))

    @property
    def reason(self) -> str | None:
        """The reason why there is no match, or None if there is one."""
        if self.matches:
            return None
        if not self.compared:
            return "The reports make no recommendations."
        if len(self.compared) == 1:
            return f"Only {next(iter(self.compared))} makes recommendations."
        return (
            "No two recommendations of different think tanks are each other's nearest with a"
            f" similarity of {self.threshold:.2f} or more."
        )

    def document(self) -> ExportDocument:
        """Return a part for each group: one recommendation of each of its think tanks."""
        compared = "; ".join(f"{name}: {count}" for name, count in self.compared.items())
        notes = [
            "Recommendations similar enough to be read side by side; they need not agree."
            f" Compared: {compared or 'none'}."
        ]
        if self.reason:
            notes.append(f"No match. {self.reason}")
        parts = tuple(
            Part(
                " / ".join(g.publishers),
                f"{self.level(g)}. Similarity"
                f" {'at least ' if len(g.publishers) > 2 else ''}{g.similarity:.2f}",
                tuple(self.sentences[r.id] for r in g.recommendations if r.id in self.sentences),
            )
            for g in self.groups
        )
        title = "Recommendations on the same subject"
        return ExportDocument(title, tuple(notes), parts, self.provenance)

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each match: COLUMNS, first of one side, then of the other."""
        import pandas as pd  # takes half a second, which a crosswalk need not wait for

        rows = [
            (
                *(m.publishers[0], m.one.report_id, m.one.label, m.one.text, m.one.stated),
                *(m.publishers[1], m.other.report_id, m.other.label, m.other.text, m.other.stated),
                m.similarity,
                self.level(m),
            )
            for m in self.matches
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))


def crosswalk(
    recommendations: Sequence[Recommendation],
    vectors: NDArray[np.floating],
    publisher_of: Mapping[str, str],
    cite: Cite,
    *,
    threshold: float,
    same: float,
) -> Crosswalk:
    """Return the crosswalk of `recommendations`, citing those that match.

    `vectors` are their unit vectors without their background, shape (recommendations, dimensions);
    `publisher_of` is by report id. Raises KeyError for an unknown report, ValueError if there are
    not as many vectors as recommendations.
    """
    matches = find_matches(recommendations, vectors, publisher_of, threshold)
    matched = list({r.id: r for m in matches for r in (m.one, m.other)}.values())
    sentences, provenance = cite(matched)
    by_id = {r.id: sentence for r, sentence in zip(matched, sentences, strict=True)}
    names = sorted(publisher_of[r.report_id] for r in recommendations)
    compared = {name: len(list(group)) for name, group in itertools.groupby(names)}
    return Crosswalk(tuple(matches), threshold, same, compared, by_id, provenance)


def find_matches(
    recommendations: Sequence[Recommendation],
    vectors: NDArray[np.floating],
    publisher_of: Mapping[str, str],
    threshold: float,
) -> list[Match]:
    """Return the mutual nearest neighbours of every two publishers, best first.

    Their cosine is at least `threshold`. `vectors` are unit rows, shape (recommendations,
    dimensions); `publisher_of` is by report id. Ties go to the first id, so that neither the order
    of the recommendations nor copies change the result. Raises ValueError if the numbers of vectors
    and recommendations differ.
    """
    if len(vectors) != len(recommendations):
        raise ValueError(f"{len(vectors)} vectors for {len(recommendations)} recommendations")
    rows: dict[str, list[int]] = defaultdict(list)
    for row in sorted(range(len(recommendations)), key=lambda n: recommendations[n].id):
        rows[publisher_of[recommendations[row].report_id]].append(row)
    found = [
        Match(recommendations[a], recommendations[b], (one, other), similarity)
        for one, other in itertools.combinations(sorted(rows), 2)
        for a, b, similarity in _mutual(vectors, rows[one], rows[other])
        if similarity >= threshold
    ]
    return sorted(found, key=lambda m: (-m.similarity, m.one.id, m.other.id))


def find_similar(
    row: int,
    recommendations: Sequence[Recommendation],
    vectors: NDArray[np.floating],
    publisher_of: Mapping[str, str],
    threshold: float,
) -> tuple[Similar, ...]:
    """Return the recommendation of each other publisher most similar to that in `row`, best first.

    Their cosine is at least `threshold`; ties go to the first id. Unlike matches, they need not be
    mutual: the question is what else there is to read. Other parameters are as in `find_matches`.
    """
    own = publisher_of[recommendations[row].report_id]
    cosines = np.round(vectors.astype(np.float64) @ vectors[row], DECIMALS).tolist()
    nearest: dict[str, Similar] = {}
    for recommendation, cosine in sorted(
        zip(recommendations, cosines, strict=True), key=lambda pair: (-pair[1], pair[0].id)
    ):
        publisher = publisher_of[recommendation.report_id]
        if publisher != own and cosine >= threshold:
            nearest.setdefault(publisher, Similar(recommendation, publisher, cosine))
    return tuple(nearest.values())


def _mutual(
    vectors: NDArray[np.floating], ones: Sequence[int], others: Sequence[int]
) -> Iterator[tuple[int, int, float]]:
    """Yield the rows of each two that are each other's nearest, and their cosine.

    Ties go to the first row.
    """
    cosines = np.round(vectors[ones].astype(np.float64) @ vectors[others].T, DECIMALS)
    to_other, to_one = cosines.argmax(axis=1), cosines.argmax(axis=0)
    for n in np.flatnonzero(to_one[to_other] == np.arange(len(ones))).tolist():
        yield ones[n], others[int(to_other[n])], float(cosines[n, to_other[n]])


def _groups(matches: Sequence[Match]) -> Iterator[Group]:
    """Yield, for each match that is in no group yet, the match and all that match every member."""
    records = {r.id: (p, r) for m in matches for p, r in _sides(m)}
    similarity = {frozenset((m.one.id, m.other.id)): m.similarity for m in matches}
    beside: dict[str, list[str]] = defaultdict(list)  # best first, as the matches are
    for match in matches:
        beside[match.one.id].append(match.other.id)
        beside[match.other.id].append(match.one.id)
    grouped: set[frozenset[str]] = set()
    for match in matches:
        if frozenset((match.one.id, match.other.id)) in grouped:
            continue
        members = [match.one.id, match.other.id]
        for more in beside[match.one.id]:
            if all(more in beside[member] for member in members):
                members.append(more)
        pairs = [frozenset(pair) for pair in itertools.combinations(members, 2)]
        grouped.update(pairs)
        sides = sorted((records[i] for i in members), key=lambda side: side[0])
        least = min(similarity[pair] for pair in pairs)
        yield Group(tuple(r for _, r in sides), tuple(p for p, _ in sides), least)


def _sides(match: Match) -> tuple[tuple[str, Recommendation], tuple[str, Recommendation]]:
    return (match.publishers[0], match.one), (match.publishers[1], match.other)
