"""Search: candidates within the filters, evidence for them, one fused ranking of statements.

A search takes a constant number of calls of the store, whatever it finds and however many filters
it asks with: counts (of everyday terms, of the filters), candidates, evidence, statements,
paragraphs. Two more are rare: the statements of labels, and which filter left nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from reformqa.model import Hit, LegScore, Paragraph, Passage, PassageId
from reformqa.models.base import Models
from reformqa.models.token_reduction import plain_weights
from reformqa.search.expansion import Everyday
from reformqa.search.filters import exact, why_empty
from reformqa.search.hits import Hits
from reformqa.search.query import Query
from reformqa.search.ranking import Ranked, fuse, score
from reformqa.search.scoring import PieceWeights, ranks
from reformqa.search.spans import Nearness, Part, SpanScorer
from reformqa.search.wordings import Asked, QuestionEncoder
from reformqa.settings import SearchSettings
from reformqa.storage.base import Evidence, Filters, Request, Store
from reformqa.storage.filtering import matches
from reformqa.text.tokens import words
from reformqa.tuning import SearchTuning

#: The candidates of each leg for a hit that is asked for: some are copies or slices.
SPARE = 2


@dataclass(frozen=True, slots=True)
class Search:
    """A question to search for within filters; `limit` hits are wanted."""

    query: Query
    where: Filters
    limit: int


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a search, and all passages of their paragraphs by paragraph id."""

    asked: Asked
    hits: Hits
    passages: Mapping[str, Sequence[Passage]]


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
        """Return what each search finds; all questions are encoded together.

        Raises UnknownNameError for a filter with a name that the library does not have.
        """
        searches = [replace(s, where=exact(self.store, s.where)) for s in searches]
        asked = self._questions.ask(list(dict.fromkeys(s.query for s in searches)))
        wheres = list(dict.fromkeys(s.where for s in searches))
        left = dict(zip(wheres, self.store.count(wheres), strict=True))
        empty = [where for where in wheres if not left[where]]
        reasons = dict(zip(empty, why_empty(self.store, empty), strict=True))
        possible = list(dict.fromkeys(s for s in searches if left[s.where]))
        ranked = dict(zip(possible, self._rank(possible, asked), strict=True))
        numbers = {n for found in ranked.values() for n in found.best_statements}
        statements = self.store.statements(sorted(numbers))
        wanted = {p.paragraph_id for passages in statements.values() for p in passages}
        paragraphs = self.store.paragraphs(sorted(wanted))
        found = []
        for search in searches:
            if search not in ranked:
                found.append(Found(asked[search.query], Hits(reason=reasons[search.where]), {}))
                continue
            own = asked[search.query]
            hits = self._describe(search, own, ranked[search], statements, paragraphs)
            best = tuple(self._rerank(search.query, hits)[: search.limit])
            passages = _by_paragraph(statements[n] for n in ranked[search].best_statements)
            of_hits = {hit.paragraph.id: passages[hit.paragraph.id] for hit in best}
            found.append(Found(own, Hits(best, searched=left[search.where]), of_hits))
        return found

    def nearness(
        self, asked: Asked, evidence: Evidence, parts: Sequence[Sequence[Part]]
    ) -> Nearness:
        """Return how near texts come to the question, each made of parts of passages.

        `evidence` is of those passages. Nothing is encoded.
        """
        return self._spans.nearness(asked.encoded, evidence, parts)

    @cached_property
    def _weights(self) -> PieceWeights:
        return PieceWeights(plain_weights(self.models.encoder), self.store.piece_weights)

    @cached_property
    def _spans(self) -> SpanScorer:
        return SpanScorer(self.models, self._weights)

    def _rank(self, searches: Sequence[Search], asked: Mapping[Query, Asked]) -> list[Ranked]:
        """Rank the candidates of each search; passages are scored once for each question."""
        if not searches:
            return []
        candidates = self.store.candidates(
            [
                Request(
                    query=asked[s.query].encoded,
                    where=s.where,
                    each=max(self._settings.candidates, SPARE * s.limit),
                    statements=self._depth(s),
                )
                for s in searches
            ]
        )
        of_query: dict[Query, dict[PassageId, None]] = {}
        for search, ids in zip(searches, candidates, strict=True):
            of_query.setdefault(search.query, {}).update(dict.fromkeys(ids))
        against = self.store, self.models.reduction, self._weights
        scores = {q: score(asked[q], list(i), *against) for q, i in of_query.items()}
        return [
            fuse(scores[search.query], ids, self._depth(search), self._tuning)
            for search, ids in zip(searches, candidates, strict=True)
        ]

    def _depth(self, search: Search) -> int:
        """Return how many statements are ranked: the reranker looks deeper than the limit."""
        if self.models.reranker is None:
            return search.limit
        return max(search.limit, self._settings.reranked)

    def _describe(
        self,
        search: Search,
        asked: Asked,
        ranked: Ranked,
        statements: Mapping[int, Sequence[Passage]],
        paragraphs: Mapping[str, Paragraph],
    ) -> list[Hit]:
        """Return the best candidates with their records and their scores."""
        reports = self.store.reports()
        of_leg = {leg: ranks(scores) for leg, scores in ranked.legs.items()}
        place = {term: n for n, term in enumerate(asked.encoded.all_terms)}
        named = [(w, place[term]) for wording in asked.wordings for w, term in words(wording)]
        found: list[Hit] = []
        for at, number in zip(ranked.best.tolist(), ranked.best_statements, strict=True):
            row = int(ranked.rows[at])
            same = statements[number]
            (passage,) = (p for p in same if p.id == ranked.evidence.ids[row])
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
                    score=float(ranked.fused[at]),
                    similarity=float(ranked.legs["embedding"][at]),
                    legs={
                        n: LegScore(int(of_leg[n][at]), float(s[at]))
                        for n, s in ranked.legs.items()
                    },
                    publisher=report.publisher,
                    report_title=report.title,
                    year=report.year,
                    terms=tuple(
                        dict.fromkeys(w for w, term in named if ranked.evidence.held[term, row])
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


def _by_paragraph(statements: Iterable[Sequence[Passage]]) -> dict[str, list[Passage]]:
    """Return the passages of each paragraph, in the order of the statements."""
    found: dict[str, list[Passage]] = {}
    for passages in statements:
        for passage in passages:
            found.setdefault(passage.paragraph_id, []).append(passage)
    return found
