"""Search: filters first, then candidates from the legs, then one fused ranking of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Hit, LegScore
from reformqa.models.onnx import Encoding
from reformqa.search.expansion import Everyday
from reformqa.search.filters import Allowed, Filters, apply
from reformqa.search.lookup import Printed
from reformqa.search.query import Query
from reformqa.settings import SearchSettings
from reformqa.storage.files.store import Snapshot
from reformqa.text.labels import label_keys
from reformqa.text.tokens import tokens, words

if TYPE_CHECKING:
    import pandas as pd

#: The columns of a frame of hits; each leg adds its rank and score.
COLUMNS = (
    *("rank", "score", "similarity", "publisher", "year", "report_id", "report", "section"),
    *("number", "page", "paragraph_id", "text"),
)
#: What a recommendation named by its label gains: more than the other legs together give.
LABEL_BONUS = 2.0
#: How many candidates each leg gives for a hit that is asked for: some are copies or slices.
SPARE = 2
#: An everyday term that more than this share of the passages print is the reports' own.
KNOWN_SHARE = 0.005
#: How many questions' encodings are kept: one question is often searched for each think tank.
REMEMBERED = 256


class Hits(list[Hit]):
    """The hits of a search, best first.

    `searched` is how many passages the filters left; where they left none, `reason` says why.
    """

    def __init__(
        self, hits: Sequence[Hit] = (), *, searched: int = 0, reason: str | None = None
    ) -> None:
        super().__init__(hits)
        self.searched = searched
        self.reason = reason

    def to_pandas(self) -> pd.DataFrame:
        """A row a hit: rank, score, report, paragraph, text, and each leg's rank and score."""
        import pandas as pd  # takes half a second, which a search need not wait for

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


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near texts come to a question: arrays of shape (texts,), means over its wordings.

    `late` is MaxSim, `cosine` of the sentence vectors; `vectors` are those, unit rows of shape
    (texts, dimensions).
    """

    late: NDArray[np.float32]
    cosine: NDArray[np.float32]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question's topic in each of its wordings, and their encodings."""

    reading: Query
    wordings: tuple[str, ...]
    encodings: tuple[Encoding, ...]


@dataclass(frozen=True, slots=True)
class _Scored:
    """Candidates with their scores: `rows` and each array of `legs` have shape (candidates,)."""

    rows: NDArray[np.int64]
    legs: dict[str, NDArray[np.float32]]
    fused: NDArray[np.float32]


class Retriever:
    """Searches one build."""

    def __init__(self, snapshot: Snapshot, settings: SearchSettings, everyday: Everyday) -> None:
        self._snapshot = snapshot
        self._settings = settings
        self._everyday = everyday
        self.printed = Printed(snapshot)
        self._encodings: dict[str, Encoding] = {}
        self._weights = {
            "late": settings.late_weight,
            "embedding": settings.embedding_weight,
            "bm25": settings.bm25_weight,
            "amounts": settings.amounts_weight,
            "label": LABEL_BONUS,
        }

    def search(
        self, readings: Sequence[Query], filters: Sequence[Filters], limit: int
    ) -> list[Hits]:
        """The hits of each question under its filters.

        All questions are encoded together. The score of a passage is a weighted sum of its legs'
        scores as they are: a convex combination up to scale (Bruch, Gai and Ingber 2022, arXiv
        2210.11934), which the project's measurements put above reciprocal rank fusion. BM25 is
        divided by its best score for the question. A paragraph counts by its best passage, and a
        statement by its best paragraph.
        Raises UnknownNameError for a filter that names what nothing bears.
        """
        allowed = {f: apply(self._snapshot, f) for f in dict.fromkeys(filters)}
        asked = self._encoded(readings)
        wanted = max(self._settings.candidates, SPARE * limit)
        by_meaning = self._nearest(asked, filters, allowed, wanted)
        return [
            self._hits(question, allowed[chosen], near, wanted, limit)
            if allowed[chosen].count
            else Hits(reason=allowed[chosen].reason)
            for question, chosen, near in zip(asked, filters, by_meaning, strict=True)
        ]

    def nearness(self, reading: Query, texts: Sequence[str]) -> Nearness:
        """How near texts that no index holds, such as single sentences, come to the question."""
        (asked,) = self._encoded([reading])
        different = list(dict.fromkeys(texts))
        encodings = self._snapshot.quick_encoder.encode(different, "passage")
        found = dict(zip(different, encodings, strict=True))
        encoded = [found[text] for text in texts]
        vectors = np.stack([e.sentence for e in encoded])
        late = [self._snapshot.legs.late.between(w, encoded) for w in asked.encodings]
        cosines = [vectors @ w.sentence for w in asked.encodings]
        return Nearness(np.mean(late, axis=0), np.mean(cosines, axis=0), vectors)

    def words_met(self, reading: Query, hits: Sequence[Hit]) -> dict[str, NDArray[np.float32]]:
        """For each word of the question that says something, the best cosine with a word of each
        hit's paragraph: shape (hits,).

        Everyday words are left out: reports print others in their place.
        """
        (asked,) = self._encoded([reading])
        own = asked.encodings[0]
        late = self._snapshot.legs.late
        met = []
        for hit in hits:
            rows = self._snapshot.rows_of([hit.paragraph.id])
            met.append(late.met(own, rows).max(axis=1))
        reworded = self._settings.reword
        everyday = self._everyday.terms(reading.topic, self._known) if reworded else []
        left_out = {word for term in everyday for word in term.lower().split()}
        return {
            word: np.array([m[places].mean() for m in met], dtype=np.float32)
            for word, places in late.words(own, self._vocabulary).items()
            if word not in left_out
        }

    @cached_property
    def _vocabulary(self) -> list[str]:
        return self._snapshot.encoder.vocabulary()

    def _encoded(self, readings: Sequence[Query]) -> list[_Asked]:
        wordings = [self._wordings(r) for r in readings]
        wanted = dict.fromkeys(w for ws in wordings for w in ws)
        known = {w: e for w in wanted if (e := self._encodings.get(w))}
        new = [w for w in wanted if w not in known]
        known |= zip(new, self._snapshot.encoder.encode_all(new, "question"), strict=True)
        # The app asks from several threads: what is remembered changes in one assignment.
        remembered = self._encodings | known
        self._encodings = remembered if len(remembered) <= REMEMBERED else {}
        return [
            _Asked(r, ws, tuple(known[w] for w in ws))
            for r, ws in zip(readings, wordings, strict=True)
        ]

    def _wordings(self, reading: Query) -> tuple[str, ...]:
        own = reading.topic
        reworded = self._everyday.reword(own, self._known) if self._settings.reword else own
        return tuple(dict.fromkeys((own, reworded)))

    def _known(self, term: str) -> bool:
        """Whether the reports use an everyday term so often that it needs no other words."""
        terms = tokens(term)
        lexical = self._snapshot.legs.lexical
        return bool(terms) and len(lexical.with_all(terms)) > KNOWN_SHARE * lexical.size

    def _nearest(
        self,
        asked: Sequence[_Asked],
        filters: Sequence[Filters],
        allowed: dict[Filters, Allowed],
        wanted: int,
    ) -> list[NDArray[np.int64]]:
        """The embedding's candidates for each question; those of like filters found together."""
        found: list[list[NDArray[np.int64]]] = [[] for _ in asked]
        for chosen, left in allowed.items():
            places = [n for n, f in enumerate(filters) if f == chosen and left.count]
            vectors = [(n, e.sentence) for n in places for e in asked[n].encodings]
            if not vectors:
                continue
            stacked = np.stack([v for _, v in vectors])
            near = self._snapshot.legs.dense.nearest(stacked, wanted, left.mask)
            for (n, _), rows in zip(vectors, near, strict=True):
                found[n].append(rows)
        return [np.concatenate(f) if f else np.zeros(0, dtype=np.int64) for f in found]

    def _hits(
        self,
        asked: _Asked,
        allowed: Allowed,
        by_meaning: NDArray[np.int64],
        wanted: int,
        limit: int,
    ) -> Hits:
        depth = max(limit, self._settings.reranked) if self._snapshot.reranker else limit
        scored = self._score(asked, allowed, by_meaning, wanted)
        best = self._best_of_statements(scored, depth)
        while len(best) < depth and wanted < allowed.count:  # many copies, or many slices
            wanted *= 2
            vectors = np.stack([e.sentence for e in asked.encodings])
            near = self._snapshot.legs.dense.nearest(vectors, wanted, allowed.mask)
            scored = self._score(asked, allowed, np.concatenate(near), wanted)
            best = self._best_of_statements(scored, depth)
        found = self._described(asked, scored, best, allowed)
        return Hits(self._reranked(asked, found)[:limit], searched=allowed.count)

    def _described(
        self, asked: _Asked, scored: _Scored, best: NDArray[np.int64], allowed: Allowed
    ) -> list[Hit]:
        """The hits at the places `best`, with their records and their working."""
        passages = self._snapshot.passages(scored.rows[best].tolist())
        copies = self._copies(scored.rows[best], allowed)
        needed = {p.paragraph_id for p in passages.values()} | {i for c in copies for i in c}
        paragraphs = self._snapshot.paragraphs(sorted(needed))
        ranks = {leg: _ranks(scores) for leg, scores in scored.legs.items()}
        holds = self._snapshot.legs.lexical.holds
        held = {
            word: holds(term, scored.rows)
            for wording in asked.wordings
            for word, term in words(wording)
        }
        found: list[Hit] = []
        for at, others in zip(best, copies, strict=True):
            passage = passages[int(scored.rows[at])]
            report = self._snapshot.reports[passage.report_id]
            found.append(
                Hit(
                    paragraph=paragraphs[passage.paragraph_id],
                    passage=passage,
                    score=float(scored.fused[at]),
                    similarity=float(scored.legs["embedding"][at]),
                    legs={
                        n: LegScore(int(ranks[n][at]), float(s[at])) for n, s in scored.legs.items()
                    },
                    publisher=report.publisher,
                    report_title=report.title,
                    year=report.year,
                    terms=tuple(word for word, has in held.items() if has[at]),
                    also=tuple(paragraphs[i] for i in others if i != passage.paragraph_id),
                )
            )
        return found

    def _score(
        self, asked: _Asked, allowed: Allowed, by_meaning: NDArray[np.int64], wanted: int
    ) -> _Scored:
        """The candidates of all legs, each scored by every leg."""
        legs = self._snapshot.legs
        by_words = [legs.lexical.score(wording) for wording in asked.wordings]
        labels = self._labels(asked.reading, allowed)
        parts = [by_meaning, *(_best(s, wanted, allowed.mask) for s in by_words)]
        parts.append(np.array(list(labels), dtype=np.int64))
        rows = np.unique(np.concatenate(parts)).astype(np.int64)
        cosines = [legs.dense.cosines(e.sentence, rows) for e in asked.encodings]
        bm25 = np.mean([s[rows] for s in by_words], axis=0)
        scores = {
            "late": legs.late.score(asked.encodings, rows).mean(axis=0),
            "embedding": np.mean(cosines, axis=0),
            "bm25": bm25,
        }
        if asked.reading.amounts:
            held = [legs.lexical.holds(a, rows) for a in asked.reading.amounts]
            scores["amounts"] = np.mean(held, axis=0, dtype=np.float32)
        if asked.reading.labels:
            named = [labels.get(int(row), 0.0) for row in rows]
            scores["label"] = np.array(named, dtype=np.float32)
        scales = {"bm25": float(bm25.max(initial=0)) or 1.0}
        fused = sum(self._weights[n] * s / scales.get(n, 1.0) for n, s in scores.items())
        return _Scored(rows, scores, np.asarray(fused, dtype=np.float32))

    def _labels(self, reading: Query, allowed: Allowed) -> dict[int, float]:
        """The passages of the recommendations that the question names by label, each with a score.

        One that states it alone has 1; a row of a table that holds several, a share; a copy that
        leaves the label out, half.
        """
        scores: dict[int, float] = {}
        for label in reading.labels:
            rows = self._snapshot.labelled(label)
            rows = rows if allowed.mask is None else rows[allowed.mask[rows]]
            for row, passage in self._snapshot.passages(rows.tolist()).items():
                printed = label_keys(passage.text)
                own = 1 / len(printed) if label in printed else 0.5
                scores[row] = max(own, scores.get(row, 0.0))
        return scores

    def _best_of_statements(self, scored: _Scored, limit: int) -> NDArray[np.int64]:
        """The places of the best candidates, best first, one for each statement."""
        order = np.lexsort((scored.rows, -scored.fused))
        statements = self._snapshot.columns.statement[scored.rows[order]]
        _, first = np.unique(statements, return_index=True)
        return order[np.sort(first)[:limit]]

    def _copies(self, rows: NDArray[np.int64], allowed: Allowed) -> list[list[str]]:
        """For each passage the ids of the paragraphs that state what it states, itself among them.

        Paragraphs that the filters leave out are not listed.
        """
        statements = self._snapshot.columns.statement[rows].tolist()
        places = self._snapshot.restated(statements)
        mask = allowed.mask
        return [
            list(dict.fromkeys(i for row, i in places[s] if mask is None or mask[row]))
            for s in statements
        ]

    def _reranked(self, asked: _Asked, hits: list[Hit]) -> list[Hit]:
        """The best hits in the reranker's order, where the build has one; the others after."""
        reranker = self._snapshot.reranker
        if reranker is None or not hits:
            return hits
        best = hits[: self._settings.reranked]
        scores = reranker.score(asked.reading.text, [h.passage.indexed for h in best])
        ranks = _ranks(scores)
        order = sorted(range(len(best)), key=lambda n: (not best[n].labelled, ranks[n]))
        legs = [
            h.legs | {"reranker": LegScore(int(r), float(s))}
            for h, r, s in zip(best, ranks, scores, strict=True)
        ]
        return [replace(best[n], legs=legs[n]) for n in order] + hits[len(best) :]


def _best(
    scores: NDArray[np.float32], wanted: int, mask: NDArray[np.bool_] | None
) -> NDArray[np.int64]:
    """The rows of the best scores above 0, within `mask`."""
    rows = np.flatnonzero(scores if mask is None else scores * mask)
    if len(rows) > wanted:
        rows = rows[np.argpartition(-scores[rows], wanted)[:wanted]]
    return rows


def _ranks(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Ranks from 1, best first; equal values share the best of their ranks."""
    return np.asarray(1 + np.searchsorted(np.sort(-values), -values), dtype=np.int64)
