"""Search: candidates within the filters, evidence for them, one fused ranking of statements.

A search takes a constant number of calls of the store, whatever it finds and however many filters
it asks with: everyday terms, counts, candidates, evidence, statements, paragraphs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Hit, LegScore, Paragraph, Passage, PassageId
from reformqa.models.base import Models
from reformqa.search.expansion import Everyday
from reformqa.search.filters import exact, why_empty
from reformqa.search.hits import Hits
from reformqa.search.query import Query
from reformqa.search.scoring import bm25_scores, late_between, late_scores, ranks
from reformqa.search.wordings import Asked, QuestionEncoder
from reformqa.settings import SearchSettings
from reformqa.storage.base import Evidence, Filters, Request, Store
from reformqa.storage.filtering import matches
from reformqa.text.labels import label_keys
from reformqa.text.tokens import words
from reformqa.tuning import SearchTuning

#: The candidates of each leg for a hit that is asked for: some are copies or slices.
SPARE = 2
#: The decimals to which scores are compared.
DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Search:
    """A question to search for within filters; `limit` hits are wanted."""

    query: Query
    where: Filters
    limit: int


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near texts come to a question: arrays of shape (texts,), means over its wordings.

    `late` is MaxSim, `cosine` that of the sentence vectors; `vectors` are those, unit rows of
    shape (texts, dimensions).
    """

    late: NDArray[np.float32]
    cosine: NDArray[np.float32]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a search, and all passages of their paragraphs by paragraph id."""

    asked: Asked
    hits: Hits
    passages: Mapping[str, tuple[PassageId, ...]]


@dataclass(frozen=True, slots=True)
class _Scored:
    """Candidates with their scores: each array has shape (candidates,)."""

    evidence: Evidence
    rows: NDArray[np.int64]
    legs: dict[str, NDArray[np.float32]]
    fused: NDArray[np.float32]
    best: NDArray[np.int64]

    @property
    def best_statements(self) -> list[int]:
        """The statements of the best candidates, best first."""
        found: list[int] = self.evidence.statements[self.rows[self.best]].tolist()
        return found


class Retriever:
    """Searches one version of a library."""

    def __init__(
        self,
        store: Store,
        models: Models,
        tuning: SearchTuning,
        settings: SearchSettings,
        everyday: Everyday,
    ) -> None:
        """Search `store` with `models`; `tuning` has the weights of the legs."""
        self.store = store
        self.models = models
        self._tuning = tuning
        self._settings = settings
        own = everyday if settings.reword else None
        self._questions = QuestionEncoder(store, models, own, tuning.known_share)

    def search(self, searches: Sequence[Search]) -> list[Found]:
        """Return what each search finds.

        All questions are encoded together. A passage's score is a weighted sum of its legs' scores
        as they are: a convex combination up to scale (Bruch, Gai and Ingber 2022, arXiv
        2210.11934), which beat reciprocal rank fusion in our measurements. BM25 is divided by its
        best score for the question. A paragraph counts by its best passage, and a statement by its
        best paragraph.
        Raises UnknownNameError for a filter with a name that the library does not have.
        """
        searches = [replace(s, where=exact(self.store, s.where)) for s in searches]
        asked = self._questions.ask(list(dict.fromkeys(s.query for s in searches)))
        wheres = list(dict.fromkeys(s.where for s in searches))
        left = dict(zip(wheres, self.store.count(wheres), strict=True))
        open_searches = [s for s in searches if left[s.where]]
        scored = dict(zip(open_searches, self._score(open_searches, asked), strict=True))
        numbers = {n for s in scored.values() for n in s.best_statements}
        statements = self.store.statements(sorted(numbers))
        wanted = {p.paragraph_id for passages in statements.values() for p in passages}
        paragraphs = self.store.paragraphs(sorted(wanted))
        found = []
        for search in searches:
            hits = Hits(
                reason=why_empty(self.store, search.where) if not left[search.where] else None
            )
            if search in scored:
                described = self._describe(
                    search, asked[search.query], scored[search], statements, paragraphs
                )
                reranked = self._rerank(search.query, described)[: search.limit]
                hits = Hits(tuple(reranked), searched=left[search.where])
            passages = {
                hit.paragraph.id: tuple(
                    p.id
                    for n in scored[search].best_statements
                    for p in statements[n]
                    if p.paragraph_id == hit.paragraph.id
                )
                for hit in hits
            }
            found.append(Found(asked[search.query], hits, passages))
        return found

    def nearness(self, asked: Asked, texts: Sequence[str]) -> Nearness:
        """Return how near texts that no index holds, such as sentences, come to the question."""
        different = list(dict.fromkeys(texts))
        encodings = self.models.quick.encode_tokens(different, "passage")
        known = dict(zip(different, encodings, strict=True))
        encoded = [known[text] for text in texts]
        vectors = np.stack([e.sentence for e in encoded])
        weights = self.store.piece_weights
        late = [late_between(w, encoded, weights) for w in asked.encoded.encodings]
        cosines = [vectors @ w.sentence for w in asked.encoded.encodings]
        return Nearness(np.mean(late, axis=0), np.mean(cosines, axis=0), vectors)

    def _score(self, searches: Sequence[Search], asked: Mapping[Query, Asked]) -> list[_Scored]:
        """Score the candidates of each search by every leg."""
        requests = [
            Request(
                query=asked[s.query].encoded,
                where=s.where,
                each=max(self._settings.candidates, SPARE * s.limit),
                statements=self._depth(s),
            )
            for s in searches
        ]
        candidates = self.store.candidates(requests) if requests else []
        of_query: dict[Query, dict[PassageId, None]] = {}
        for search, ids in zip(searches, candidates, strict=True):
            of_query.setdefault(search.query, {}).update(dict.fromkeys(ids))
        legs = {q: self._legs(asked[q], list(ids)) for q, ids in of_query.items()}
        scored = []
        for search, ids in zip(searches, candidates, strict=True):
            evidence, scores = legs[search.query]
            place = {i: n for n, i in enumerate(evidence.ids)}
            rows = np.array([place[i] for i in ids], dtype=np.int64)
            scored.append(self._fuse(evidence, rows, scores, self._depth(search)))
        return scored

    def _depth(self, search: Search) -> int:
        if self.models.reranker is None:
            return search.limit
        return max(search.limit, self._settings.reranked)

    def _legs(
        self, asked: Asked, ids: Sequence[PassageId]
    ) -> tuple[Evidence, dict[str, NDArray[np.float32]]]:
        """Return the evidence for passages, and each leg's scores of them."""
        query = asked.encoded
        evidence = self.store.evidence(query, ids)
        weights, reduction = self.store.piece_weights, self.models.reduction
        late = [late_scores(e, evidence, reduction, weights) for e in query.encodings]
        cosines = [evidence.vectors @ e.sentence for e in query.encodings]
        bm25 = [bm25_scores(terms, query, evidence) for terms in query.terms]
        scores = {
            "late": np.mean(late, axis=0),
            "embedding": np.mean(cosines, axis=0),
            "bm25": np.mean(bm25, axis=0),
        }
        if asked.query.amounts:
            place = {term: n for n, term in enumerate(query.all_terms)}
            held = evidence.held[[place[a] for a in asked.query.amounts]]
            scores["amounts"] = np.mean(held, axis=0, dtype=np.float32)
        if asked.query.labels:
            scores["label"] = self._label_scores(evidence)
        return evidence, scores

    def _label_scores(self, evidence: Evidence) -> NDArray[np.float32]:
        """Score the passages of the recommendations that the question names by label.

        A passage that states one alone scores 1; a table row that states several, a share; a copy
        without the label, half.
        """
        scores = np.zeros(len(evidence.ids), dtype=np.float32)
        rows = {i: n for n, i in enumerate(evidence.ids) if i in evidence.labelled}
        numbers = set(evidence.statements[list(rows.values())].tolist()) if rows else set()
        for passages in self.store.statements(sorted(numbers)).values():
            for passage in passages:
                if passage.id in rows:
                    printed = label_keys(passage.text)
                    scores[rows[passage.id]] = max(
                        1 / len(printed) if label in printed else 0.5
                        for label in evidence.labelled[passage.id]
                    )
        return scores

    def _fuse(
        self,
        evidence: Evidence,
        rows: NDArray[np.int64],
        scores: Mapping[str, NDArray[np.float32]],
        depth: int,
    ) -> _Scored:
        """Sum the legs' scores of the candidates `rows`, and find the best of each statement."""
        legs = {name: values[rows] for name, values in scores.items()}
        scale = float(legs["bm25"].max(initial=0)) or 1.0
        fused = np.zeros(len(rows), dtype=np.float32)
        for name, values in legs.items():
            fused += getattr(self._tuning, name) * values / (scale if name == "bm25" else 1.0)
        # Copies must tie whatever they were computed beside; of equals, the first one counts.
        order = np.argsort(-fused.round(DECIMALS), kind="stable")
        _, first = np.unique(evidence.statements[rows[order]], return_index=True)
        return _Scored(evidence, rows, legs, fused, order[np.sort(first)[:depth]])

    def _describe(
        self,
        search: Search,
        asked: Asked,
        scored: _Scored,
        statements: Mapping[int, Sequence[Passage]],
        paragraphs: Mapping[str, Paragraph],
    ) -> list[Hit]:
        """Return the best candidates with their records and their scores."""
        reports = self.store.reports()
        of_leg = {leg: ranks(scores) for leg, scores in scored.legs.items()}
        place = {term: n for n, term in enumerate(asked.encoded.all_terms)}
        named = [(w, place[term]) for wording in asked.wordings for w, term in words(wording)]
        found: list[Hit] = []
        for at, number in zip(scored.best.tolist(), scored.best_statements, strict=True):
            row = int(scored.rows[at])
            same = statements[number]
            (passage,) = (p for p in same if p.id == scored.evidence.ids[row])
            report = reports[passage.report_id]
            copies = dict.fromkeys(
                p.paragraph_id
                for p in same
                if matches(
                    search.where, p, paragraphs[p.paragraph_id].section_kind, reports[p.report_id]
                )
            )
            found.append(
                Hit(
                    paragraph=paragraphs[passage.paragraph_id],
                    passage=passage,
                    score=float(scored.fused[at]),
                    similarity=float(scored.legs["embedding"][at]),
                    legs={
                        n: LegScore(int(of_leg[n][at]), float(s[at]))
                        for n, s in scored.legs.items()
                    },
                    publisher=report.publisher,
                    report_title=report.title,
                    year=report.year,
                    terms=tuple(
                        dict.fromkeys(w for w, term in named if scored.evidence.held[term, row])
                    ),
                    also=tuple(paragraphs[i] for i in copies if i != passage.paragraph_id),
                )
            )
        return found

    def _rerank(self, query: Query, hits: list[Hit]) -> list[Hit]:
        """Return the hits with the best in the reranker's order, if there is one."""
        reranker = self.models.reranker
        if reranker is None or not hits:
            return hits
        best = hits[: self._settings.reranked]
        scores = reranker.score(query.text, [h.passage.indexed for h in best])
        of_best = ranks(scores)
        order = sorted(range(len(best)), key=lambda n: (not best[n].labelled, of_best[n]))
        legs = [
            h.legs | {"reranker": LegScore(int(r), float(s))}
            for h, r, s in zip(best, of_best, scores, strict=True)
        ]
        return [replace(best[n], legs=legs[n]) for n in order] + hits[len(best) :]
