"""From a question to an answer, a comparison or a set of recommendations, in one line of steps.

    parse → gather evidence → features → decide → select → cite

Each step takes what the one before made. The store is called a constant number of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from reformqa.answering.abstention import reason
from reformqa.answering.comparison import NEAREST, make_row
from reformqa.answering.evidence import Material, gather
from reformqa.answering.features import (
    LOOKED_AT,
    Features,
    answer_features,
    printed_shares,
    speaking_features,
)
from reformqa.answering.results import Answer, Comparison
from reformqa.answering.selection import Candidate, select, state, weigh
from reformqa.exports.document import Provenance
from reformqa.model import Hit, Recommendation, Sentence
from reformqa.recommendations.relevance import by_paragraph, on_the_matter, stated_in
from reformqa.search.hits import Hits
from reformqa.search.query import Query
from reformqa.search.retriever import Nearness, Retriever, Search
from reformqa.settings import AnswerSettings
from reformqa.storage.base import Filters
from reformqa.storage.filtering import matches_report
from reformqa.tuning import Tuning

#: The paragraphs that an answer is chosen from, and each publisher's row of a comparison.
ANSWER_HITS = 12
ROW_HITS = 15
#: The statements that the recommendations of a row, and of a set, are chosen from.
ROW_STATEMENTS = 6
SET_STATEMENTS = 60


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the hits that it was made from."""

    answer: Answer
    hits: Hits


class Answerer:
    """Answers questions from one version of a library."""

    def __init__(self, retriever: Retriever, tuning: Tuning, settings: AnswerSettings) -> None:
        """Answer from what `retriever` finds, by the thresholds of `tuning`."""
        self._retriever = retriever
        self._store = retriever.store
        self._tuning = tuning
        self._settings = settings

    def answer(self, query: Query, where: Filters) -> Answered:
        """Return sentences that answer, or an abstention with its reason and nearest passages."""
        material = self._material(query, where)
        if not material.hits:
            why = material.hits.reason or "Nothing was found."
            return Answered(self._refused(query, why), material.hits)
        features = self._features(material, where)
        likely = self._likely(features, material.hits)
        if likely < self._threshold:
            known = self.known(where) if features.labels else []
            why = reason(features, query, known)
            return Answered(self._refused(query, why, material.hits, likely), material.hits)
        sentences = self._select(material)
        if features.values["asks_figure"]:  # sentences with a figure first
            sentences = tuple(sorted(sentences, key=lambda s: not any(map(str.isdigit, s.text))))
        answer = Answer(
            query.text,
            sentences,
            nearest=_nearest(material.hits),
            confidence=likely,
            note=None if likely >= self._tuning.features.sure else _doubt(features.words),
            provenance=self.provenance(sentences),
        )
        return Answered(answer, material.hits)

    def listed(self, query: Query, where: Filters) -> Answer:
        """Return the set of recommendations that a question asks for, or an abstention."""
        if not query.set_of:
            found, likely, hits = self.known(where), 1.0, Hits()
        else:
            found, likely, hits = self._on_matter(query, where)
        if not found:
            if not query.set_of:
                hits = self._retriever.search([Search(query, where, NEAREST)])[0].hits
            none = "No recommendation of the reports asked comes near this matter."
            why = hits.reason or (none if query.set_of else "The reports asked make none.")
            return self._refused(query, why, hits[:NEAREST], likely if query.set_of else 0.0)
        sentences, provenance = self.cited(found)
        return Answer(query.text, sentences, confidence=likely, provenance=provenance)

    def compare(self, query: Query, where: Filters, publishers: Sequence[str]) -> Comparison:
        """Return a row for each of the publishers; those with nothing to say are silent."""
        found = self._hear(query, where, publishers, recommendations=True)
        groups = {name: (said, self._weigh(said)) for name, (said, _) in found.items()}
        features = speaking_features(query, groups, self._store, self._tuning.selection)
        scale = self._tuning.speaks
        likely = {
            name: scale.probability(features[name]) if said.hits else 0.0
            for name, (said, _) in groups.items()
        }
        heard = {
            name: candidates if likely[name] >= scale.threshold else []
            for name, (_, candidates) in groups.items()
        }
        spoken = {name: self._select_row(candidates) for name, candidates in heard.items()}
        recommended = self._recommended(query, where, found, spoken)
        reports = self._store.reports()
        rows = tuple(
            make_row(
                name,
                reports.values(),
                said.hits,
                spoken[name],
                recommended.get(name, ()),
                likely[name],
            )
            for name, (said, _) in found.items()
        )
        sentences = [s for row in rows for s in (*row.sentences, *row.recommendations)]
        return Comparison(query.text, rows, self.provenance(sentences))

    def compared(self, query: Query, where: Filters, publishers: Sequence[str]) -> Answer:
        """Return the comparison as an answer: the sentences of all who speak, or an abstention."""
        comparison = self.compare(query, where, publishers)
        papers = [said for row in comparison for said in row.by_report.values()]
        sentences = tuple(sentence for said in papers for sentence in said)
        return Answer(
            query.text,
            sentences,
            abstained=not sentences,
            reason=None if sentences else "None of the think tanks asked speaks to this question.",
            nearest=_nearest([h for row in comparison for h in row.nearest]),
            confidence=max(row.confidence for row in comparison),
            comparison=comparison,
            provenance=comparison.provenance,
        )

    def about(self, query: Query, where: Filters) -> list[Recommendation]:
        """Return the recommendations on a matter, by report and order."""
        return self._on_matter(query, where)[0]

    def known(self, where: Filters) -> list[Recommendation]:
        """Return the recommendations of the reports that the filters leave, by report and order."""
        reports = self._store.reports().values()
        return list(
            self._store.recommendations([r.id for r in reports if matches_report(where, r)])
        )

    def cited(
        self, recommendations: Sequence[Recommendation]
    ) -> tuple[tuple[Sentence, ...], Provenance]:
        """Return recommendations as cited sentences, in order, and where those come from."""
        sentences = tuple(self._state(recommendations).values())
        return sentences, self.provenance(sentences)

    def features(self, query: Query, where: Filters) -> Features | None:
        """Return the features that the reports answer a question; None if nothing is found."""
        material = self._material(query, where)
        return self._features(material, where) if material.hits else None

    def speaking(self, query: Query, where: Filters) -> dict[str, dict[str, float]]:
        """Return, for each publisher, the features that it speaks to a question."""
        publishers = sorted({r.publisher for r in self._store.reports().values()})
        found = self._hear(query, where, publishers)
        groups = {name: (said, self._weigh(said)) for name, (said, _) in found.items()}
        return speaking_features(query, groups, self._store, self._tuning.selection)

    def would_answer(self, query: Query, where: Filters) -> bool:
        """Return whether there is an answer, without weighing a sentence.

        For a set or several publishers, whether the words are printed near enough together to do
        even if no sentence came near: a yes can be trusted, a no cannot.
        """
        if query.set_of == "":
            return bool(self.known(where))
        if query.set_of is None and not query.several:
            material = self._material(query, where)
            if not material.hits:
                return False
            return self._likely(self._features(material, where), material.hits) >= self._threshold
        (material,) = gather(self._retriever, [Search(query, where, LOOKED_AT)])
        printed = printed_shares({"all": material}, query, self._store)["all"]
        scale = self._tuning.speaks
        likely = scale.probability({"nearest": 0.0, "behind": 0.0, "printed": printed})
        return bool(material.hits) and likely >= scale.threshold

    def provenance(self, sentences: Iterable[Sentence]) -> Provenance:
        """Return the build asked, today, and the metadata of the reports that are cited."""
        cited = {c.report_id for s in sentences for c in s.citations}
        reports = {i: r for i, r in self._store.reports().items() if i in cited}
        return Provenance(self._store.version.id, date.today().isoformat(), reports)

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
        nearest = _nearest(hits)
        return Answer(query.text, (), True, why, nearest, likely, provenance=self.provenance(()))

    def _weigh(self, material: Material) -> list[Candidate]:
        return weigh(material, self._nearness(material), self._tuning.selection)

    def _nearness(self, material: Material) -> partial[Nearness]:
        return partial(self._retriever.nearness, material.asked)

    def _select(self, material: Material) -> tuple[Sentence, ...]:
        tuning = self._tuning.selection
        candidates = self._weigh(material)
        quotes, reports = self._settings.sentences, self._store.reports()
        return select(candidates, reports, tuning.answer, quotes, tuning.same_point)

    def _select_row(self, candidates: Sequence[Candidate]) -> tuple[Sentence, ...]:
        tuning = self._tuning.selection
        quotes, reports = self._settings.sentences_per_publisher, self._store.reports()
        return select(candidates, reports, tuning.row, quotes, tuning.same_point)

    def _hear(
        self,
        query: Query,
        where: Filters,
        publishers: Sequence[str],
        *,
        recommendations: bool = False,
    ) -> dict[str, tuple[Material, Material | None]]:
        """Gather what each publisher says and, if asked for, what it recommends."""
        own = [replace(where, publisher=(name,)) for name in publishers]
        searches = [Search(query, w, ROW_HITS) for w in own]
        if recommendations:
            only = [replace(w, recommendations_only=True) for w in own]
            searches += [Search(query, w, ROW_STATEMENTS) for w in only]
        materials = gather(self._retriever, searches)
        said = materials[: len(own)]
        recommend: Sequence[Material | None] = materials[len(own) :] or [None] * len(own)
        return dict(zip(publishers, zip(said, recommend, strict=True), strict=True))

    def _recommended(
        self,
        query: Query,
        where: Filters,
        found: Mapping[str, tuple[Material, Material | None]],
        spoken: Mapping[str, Sequence[Sentence]],
    ) -> dict[str, list[Sentence]]:
        """Return the recommendations on the matter of each publisher that speaks, as sentences."""
        stated = by_paragraph(self.known(where))
        chosen: dict[str, list[Recommendation]] = {}
        for name, (said, recommend) in found.items():
            if spoken[name] and recommend:
                least = self._tuning.sets.row_share * said.hits[0].score
                hits = [h for h in recommend.hits if h.score >= least]
                made = stated_in(hits, stated)
                nearness = self._nearness(said)
                chosen[name] = on_the_matter(made, nearness, self._tuning.sets)
        sentences = self._state([r for every in chosen.values() for r in every])
        return {name: [sentences[r.id] for r in every] for name, every in chosen.items()}

    def _on_matter(self, query: Query, where: Filters) -> tuple[list[Recommendation], float, Hits]:
        """Return the recommendations on a matter, how likely the reports speak to it, and hits."""
        only = replace(where, recommendations_only=True)
        searches = [Search(query, where, ROW_HITS), Search(query, only, SET_STATEMENTS)]
        said, recommend = gather(self._retriever, searches)
        heard = {"all": (said, self._weigh(said))}
        scale = self._tuning.speaks
        features = speaking_features(query, heard, self._store, self._tuning.selection)["all"]
        likely = scale.probability(features) if said.hits else 0.0
        if likely < scale.threshold:
            return [], likely, said.hits
        known = self.known(where)
        made = stated_in(recommend.hits, by_paragraph(known))
        chosen = {r.id for r in on_the_matter(made, self._nearness(said), self._tuning.sets)}
        return [r for r in known if r.id in chosen], likely, said.hits

    def _state(self, recommendations: Sequence[Recommendation]) -> dict[str, Sentence]:
        """Return recommendations as cited sentences, by id and in order."""
        items = max((len(r.sub_items) for r in recommendations), default=0)
        stated = [r.stated for r in recommendations]
        near = self._store.neighbours(stated, 0, 2 * items)  # notes may stand between sub-items
        reports = self._store.reports()
        return {
            r.id: state(
                r,
                near[r.stated][0],
                near[r.stated][1 : 2 * len(r.sub_items) + 1],
                reports[r.report_id],
            )
            for r in recommendations
        }


def _nearest(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(sorted(hits, key=lambda h: -h.score)[:NEAREST])


def _doubt(words: Sequence[str]) -> str:
    """Return what to say if the passages come near the question and may still miss its point."""
    text = "These passages come near the question but may not answer it."
    if words:
        text += f" They hardly speak of {', '.join(f'“{w}”' for w in words)}."
    return text
