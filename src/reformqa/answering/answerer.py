"""From a question to an answer or a set of recommendations, in one line of steps.

    parse → gather evidence → features → decide → select → cite

Each step takes what the one before made. The store is called a constant number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reformqa.answering.abstention import reason
from reformqa.answering.comparison import NEAREST, ROW_HITS, nearest
from reformqa.answering.evidence import Material, gather, nearness_in
from reformqa.answering.features import (
    Features,
    answer_features,
    speaking_features,
)
from reformqa.answering.lists import REACH, whole_list
from reformqa.answering.premises import any_prints, contradicted, denied
from reformqa.answering.printed import prints_all
from reformqa.answering.quoting import Quoter
from reformqa.answering.results import Answer
from reformqa.answering.selection import Candidate, choose, quote, weigh
from reformqa.model import Hit, Paragraph, Recommendation, Sentence
from reformqa.recommendations.relevance import by_paragraph, on_the_matter, stated_in
from reformqa.search.asking import things_asked_for
from reformqa.search.hits import Hits
from reformqa.search.ordinals import numbered_parts
from reformqa.search.proposals import asks_count
from reformqa.search.query import Query
from reformqa.search.retriever import Retriever, Search
from reformqa.settings import AnswerSettings
from reformqa.storage.base import Filters
from reformqa.text.phrases import counted
from reformqa.tuning import Tuning

#: The paragraphs that an answer is selected from.
ANSWER_HITS = 12
#: The further sentences that are kept behind an answer, and the words of both together.
MORE, MORE_WORDS = 5, 300
#: The statements that a set of recommendations is selected from.
SET_STATEMENTS = 60


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the hits that it was made from."""

    answer: Answer
    hits: Hits


class Answerer:
    """Answers questions from one version of a library."""

    def __init__(
        self, retriever: Retriever, quoter: Quoter, tuning: Tuning, settings: AnswerSettings
    ) -> None:
        """Answer from what `retriever` finds, by the thresholds of `tuning`."""
        self._retriever = retriever
        self._store = retriever.store
        self._quoter = quoter
        self._tuning = tuning
        self._settings = settings

    def answer(
        self, query: Query, where: Filters, fits: Callable[[Paragraph], bool] | None = None
    ) -> Answered:
        """Return sentences that answer, or an abstention with its reason and nearest passages.

        With `fits`, only paragraphs that do are answered from.
        """
        material = self._material(query, where)
        if fits:
            hits = enumerate(material.hits)
            material = material.with_hits([n for n, h in hits if fits(h.paragraph)])
        if not material.hits:
            why = material.hits.reason or "Nothing was found."
            return Answered(self._refused(query, why), material.hits)
        if premise := contradicted(query, where, material.hits, self._store):
            return Answered(self._refused(query, premise, material.hits), material.hits)
        features = self._features(material, where)
        likely = self._likely(features, material.hits)
        sure = self._tuning.answers.sure
        if likely < sure and not features.labels and prints_all(query, material.hits):
            likely = sure
        if likely < self._threshold:
            known = self._quoter.known(where) if features.labels else []
            why = reason(features, query, known)
            return Answered(self._refused(query, why, material.hits, likely), material.hits)
        sentences, more = self._select(material)
        answer = Answer(
            query.text,
            sentences,
            nearest=nearest(material.hits),
            confidence=likely,
            note=denied(query, material.hits)
            or (None if likely >= sure else _doubt(features.words)),
            provenance=self._quoter.provenance((*sentences, *more)),
            more=more,
        )
        return Answered(answer, material.hits)

    def listed(self, query: Query, where: Filters) -> Answer:
        """Return the set of recommendations that a question asks for, or an abstention."""
        features = self.features(query, where) if numbered_parts(query.text) else None
        if features and features.labels:
            return self._refused(query, reason(features, query, self._quoter.known(where)))
        if not query.set_of:
            found, likely, hits = self._quoter.known(where), 1.0, Hits()
        else:
            found, likely, hits = self._on_matter(query, where)
        if not found and query.set_of:
            why = hits.reason or "No recommendation in the reports searched is on this subject."
            return self._refused(query, why, hits[:NEAREST], likely)
        if not found:
            hits = self._retriever.search([Search(query, where, NEAREST)])[0].hits
            why = hits.reason or "The reports searched make no recommendations."
            return self._refused(query, why, hits)
        sentences, provenance = self._quoter.cited(found)
        note = f"{counted(len(found), 'recommendation')}." if asks_count(query.text) else None
        return Answer(query.text, sentences, confidence=likely, note=note, provenance=provenance)

    def about(self, query: Query, where: Filters) -> list[Recommendation]:
        """Return the recommendations on a matter, by report and order."""
        return self._on_matter(query, where)[0]

    def features(self, query: Query, where: Filters) -> Features | None:
        """Return the features that the reports answer a question; None if nothing is found."""
        material = self._material(query, where)
        return self._features(material, where) if material.hits else None

    def would_answer(self, query: Query, where: Filters) -> bool:
        """Return whether there is an answer: of several publishers, whether anybody speaks."""
        if query.set_of == "":
            return bool(self._quoter.known(where))
        if query.set_of is None and not query.several:
            material = self._material(query, where)
            if not material.hits:
                return False
            return self._likely(self._features(material, where), material.hits) >= self._threshold
        (material,) = gather(self._retriever, [Search(query, where, ROW_HITS)])
        return self._spoken(material) >= self._tuning.speaks.sure

    def _material(self, query: Query, where: Filters) -> Material:
        """Gather the best paragraphs, with recommendations among them if the question asks for it.

        Of recommendations named by label, only those.
        """
        searches = [Search(query, where, ANSWER_HITS)]
        if query.recommends:
            only = replace(where, recommendations_only=True)
            searches.append(Search(query, only, ANSWER_HITS // 2))
        material, *more = gather(self._retriever, searches)
        if any(h.labelled for h in material.hits):
            best = max(h.legs["label"].score for h in material.hits if h.labelled)
            return material.with_hits(
                [
                    n
                    for n, h in enumerate(material.hits)
                    if h.labelled and h.legs["label"].score == best
                ]
            )
        return material.joined(more[0]) if more else material

    def _features(self, material: Material, where: Filters) -> Features:
        models, tuning = self._retriever.models, self._tuning.features
        return answer_features(material, where, self._store, models, tuning)

    def _likely(self, features: Features, hits: Sequence[Hit]) -> float:
        """Return the probability that the reports answer."""
        if any(h.labelled for h in hits):
            return 1.0
        if features.labels or features.far:
            return 0.0
        return self._tuning.answers.probability(features.values)

    @property
    def _threshold(self) -> float:
        own = self._settings.least_confidence
        return own if own >= 0 else self._tuning.answers.threshold

    def _refused(
        self, query: Query, why: str, hits: Sequence[Hit] = (), likely: float = 0.0
    ) -> Answer:
        provenance = self._quoter.provenance(())
        return Answer(query.text, (), True, why, nearest(hits), likely, provenance=provenance)

    def _spoken(self, material: Material) -> float:
        """Return the probability that anybody speaks to the question."""
        if not material.hits:
            return 0.0
        heard = {"all": (material, self._weigh(material))}
        features = speaking_features(material.asked.query, heard, self._store)["all"]
        return self._tuning.speaks.probability(features)

    def _weigh(self, material: Material) -> list[Candidate]:
        asks = material.asked.query.recommends
        nearness = nearness_in(material, self._retriever)
        return weigh(material, nearness, self._tuning.selection, demands=asks)

    def _select(self, material: Material) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
        """Return the sentences of an answer, and more of less merit."""
        shape, quotes = self._tuning.selection.answer, self._settings.sentences
        candidates, reports = self._weigh(material), self._store.reports()
        first = choose(candidates, shape, quotes)
        wider = shape.model_copy(update={"words": MORE_WORDS, "behind": 2 * shape.behind})
        every = choose(candidates, wider, quotes + MORE)
        more = [c for c in every if not any(c is taken for taken in first)]
        things = things_asked_for(material.asked.query.text)
        if first and things and (whole := self._whole(first[0], things)):
            cited = {c.paragraph_id for c in whole.citations}
            others = [c for c in first if c.hit.paragraph.id not in cited]
            more = [c for c in more if c.hit.paragraph.id not in cited]
            return (whole, *quote(others, reports)), quote(more, reports)
        return quote(first, reports), quote(more, reports)

    def _whole(self, candidate: Candidate, things: Sequence[str]) -> Sentence | None:
        """Return the whole list that a candidate is an item of, if it is one of those things."""
        if not candidate.lead:
            return None
        _, *following = self._store.neighbours([candidate.lead.id], 0, REACH)[candidate.lead.id]
        report = self._store.reports()[candidate.lead.report_id]
        return whole_list(candidate, following, report, things)

    def _on_matter(self, query: Query, where: Filters) -> tuple[list[Recommendation], float, Hits]:
        """Return the recommendations on a matter, how likely the reports speak to it, and hits."""
        only = replace(where, recommendations_only=True)
        searches = [Search(query, where, ROW_HITS), Search(query, only, SET_STATEMENTS)]
        said, recommend = gather(self._retriever, searches)
        likely = self._spoken(said)
        if likely < self._tuning.speaks.threshold:
            return [], likely, said.hits
        known = self._quoter.known(where)
        made = stated_in(recommend.hits, by_paragraph(known))
        nearness = nearness_in(said, self._retriever)
        chosen = {r.id for r in on_the_matter(made, nearness, self._tuning.sets)}
        if not any_prints([r for r in known if r.id in chosen], said.asked.wordings):
            return [], 0.0, said.hits
        return [r for r in known if r.id in chosen], likely, said.hits


def _doubt(words: Sequence[str]) -> str:
    """Return a note that the passages are close to the question and may still miss its point."""
    text = "These passages are close to the question but may not answer it."
    if words:
        text += f" They say little about {', '.join(f'“{w}”' for w in words)}."
    return text
