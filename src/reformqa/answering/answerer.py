"""From a question to an answer, a comparison, or a set of recommendations: who is heard, and how.

The search finds paragraphs; here it is decided whether they answer, which form the answer takes,
and what is quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from reformqa.answering.abstention import reason
from reformqa.answering.calibration import Calibration
from reformqa.answering.comparison import NEAREST, gist, row
from reformqa.answering.features import LOOKED_AT, Signs, read_signs, speaking_signs
from reformqa.answering.results import Answer, Comparison, ComparisonRow
from reformqa.answering.selection import Candidate, Shape, choose, state, weigh
from reformqa.errors import UnknownNameError
from reformqa.exports.document import Provenance
from reformqa.model import Hit, Paragraph, Recommendation, Sentence
from reformqa.recommendations.crosswalk import Crosswalk, Similar, crosswalk, find_similar
from reformqa.recommendations.relevance import by_paragraph, on_the_matter, stated_in
from reformqa.recommendations.themes import Theme, find_themes
from reformqa.search.filters import Filters, apply
from reformqa.search.query import Query
from reformqa.search.retriever import Hits, Retriever
from reformqa.settings import AnswerSettings
from reformqa.storage.files.manifest import damaged
from reformqa.storage.files.store import Snapshot
from reformqa.text.context import LIST_REACH, lead_in
from reformqa.text.tokens import plain_terms

#: How many paragraphs an answer is chosen from, and each think tank's row of a comparison.
ANSWER_HITS = 12
ROW_HITS = 15
#: How many of a think tank's statements its row's recommendations are chosen from, and the share
#: of its best passage's score that each needs.
RECOMMENDING = 6
ROW_SHARE = 0.7
#: How many statements a set of recommendations is chosen from.
SET_HITS = 60
#: In how many passages it is looked up how a word is used.
USES = 24
#: Below this probability an answer says that it may miss the point.
SURE = 0.5


class Answerer:
    """Answers questions from one build."""

    def __init__(self, snapshot: Snapshot, retriever: Retriever, settings: AnswerSettings) -> None:
        self._snapshot = snapshot
        self._retriever = retriever
        self._settings = settings
        try:
            self.calibration = Calibration.model_validate(snapshot.manifest.get("calibration"))
        except ValidationError as error:
            raise damaged(Path(snapshot.build.id), "it was calibrated otherwise") from error

    def answer(self, reading: Query, filters: Filters) -> Answer:
        """Sentences that answer, or an abstention with its reason and the nearest passages."""
        hits = self._gathered(reading, filters)
        if not hits:
            return self._refused(reading, hits.reason or "Nothing was found.")
        signs = read_signs(reading, filters, hits, self._retriever)
        likely = self._likely(signs, hits)
        if likely < self._threshold:
            return self._refused(reading, reason(signs, reading, self.known(filters)), hits, likely)
        shape = Shape(self._settings.sentences)
        sentences = choose(self._weighed(reading, hits), self._snapshot.reports, shape)
        if signs.values["asks_figure"]:  # sentences with a figure first
            sentences = tuple(sorted(sentences, key=lambda s: not any(map(str.isdigit, s.text))))
        return Answer(
            reading.text,
            sentences,
            nearest=_nearest(hits),
            confidence=likely,
            note=None if likely >= SURE else _doubt(signs.words),
            provenance=self.provenance(sentences),
        )

    def _likely(self, signs: Signs, hits: Hits) -> float:
        if any(h.labelled for h in hits):
            return 1.0
        if signs.labels or signs.far:
            return 0.0
        return self.calibration.answers.probability(signs.values)

    def listed(self, reading: Query, filters: Filters) -> Answer:
        """The set of recommendations that a question asks for, or an abstention."""
        about = reading.set_of
        found, likely = self._about(reading, filters) if about else (self.known(filters), 1.0)
        if not found:
            hits = self._retriever.search([reading], [filters], NEAREST)[0]
            none = "No recommendation of the reports asked comes near this matter."
            why = hits.reason or (none if about else "The reports asked make none.")
            return self._refused(reading, why, hits, likely if about else 0.0)
        sentences, provenance = self.cited(found)
        return Answer(reading.text, sentences, confidence=likely, provenance=provenance)

    def _refused(
        self, reading: Query, why: str, hits: Sequence[Hit] = (), likely: float = 0.0
    ) -> Answer:
        nearest = _nearest(hits)
        return Answer(reading.text, (), True, why, nearest, likely, provenance=self.provenance(()))

    def signs(self, reading: Query, filters: Filters) -> Signs | None:
        """The signs that the reports answer a question; None where there is nothing to search."""
        hits = self._gathered(reading, filters)
        if not hits:
            return None
        return read_signs(reading, filters, hits, self._retriever)

    def speaking(self, reading: Query, filters: Filters) -> dict[str, dict[str, float]]:
        """For each publisher the signs that it speaks to a question."""
        groups = self._each_heard(reading, filters, self._snapshot.publishers)
        return speaking_signs(reading, groups, self._retriever)

    def compare(self, reading: Query, filters: Filters, publishers: Sequence[str]) -> Comparison:
        """A row for each of the publishers; one with nothing to say has a row that says so."""
        groups = self._each_heard(reading, filters, publishers)
        signs = speaking_signs(reading, groups, self._retriever)
        scale = self.calibration.speaks
        rows = []
        for name, (hits, candidates) in groups.items():
            likely = scale.probability(signs[name]) if hits else 0.0
            heard = candidates if likely >= scale.threshold else ()
            rows.append(
                self._row(reading, replace(filters, publisher=(name,)), hits, heard, likely)
            )
        sentences = [s for row in rows for s in (*row.sentences, *row.recommendations)]
        return Comparison(reading.text, tuple(rows), self.provenance(sentences))

    def compared(self, reading: Query, filters: Filters, publishers: Sequence[str]) -> Answer:
        """The comparison as an answer: the sentences of all who speak, or an abstention."""
        comparison = self.compare(reading, filters, publishers)
        papers = [said for row in comparison for said in row.by_report.values()]
        sentences = tuple(sentence for said in papers for sentence in said)
        return Answer(
            reading.text,
            sentences,
            abstained=not sentences,
            reason=None if sentences else "None of the think tanks asked speaks to this question.",
            nearest=_nearest([h for row in comparison for h in row.nearest]),
            confidence=max(row.confidence for row in comparison),
            comparison=comparison,
            provenance=comparison.provenance,
        )

    def about(self, reading: Query, filters: Filters) -> list[Recommendation]:
        """The recommendations on a matter, by report and order; none where nothing speaks to it."""
        return self._about(reading, filters)[0]

    def _about(self, reading: Query, filters: Filters) -> tuple[list[Recommendation], float]:
        """The recommendations on a matter, and how likely the reports speak to it."""
        heard = {"all": self._heard(reading, filters)}
        scale = self.calibration.speaks
        signs = speaking_signs(reading, heard, self._retriever)["all"]
        likely = scale.probability(signs) if heard["all"][0] else 0.0
        if likely < scale.threshold:
            return [], likely
        found = set(self.recommendations(reading, filters))
        return [r for r in self.known(filters) if r in found], likely

    def known(self, filters: Filters) -> list[Recommendation]:
        """The recommendations of the reports that the filters leave, by report and order."""
        wide = replace(filters, recommendations_only=False, section=(), phrases=())
        mask = apply(self._snapshot, wide).mask
        rows = self._snapshot.columns.report
        left = set(np.unique(rows if mask is None else rows[mask]).tolist())
        ids = {i for n, i in enumerate(self._snapshot.reports) if n in left}
        return [r for r in self._snapshot.recommendations() if r.report_id in ids]

    def cited(
        self, recommendations: Sequence[Recommendation]
    ) -> tuple[tuple[Sentence, ...], Provenance]:
        """Recommendations as cited sentences, in order, and where those come from."""
        sentences = tuple(self._stated(r) for r in recommendations)
        return sentences, self.provenance(sentences)

    def crosswalk(self, known: Sequence[Recommendation], least: float) -> Crosswalk:
        """Which of these recommendations match those of other think tanks."""
        every = {r.id: n for n, r in enumerate(self._snapshot.recommendations())}
        vectors = self._snapshot.recommendation_vectors[[every[r.id] for r in known]]
        reports, paragraphs = self._snapshot.reports, self._snapshot.paragraphs
        found = crosswalk(known, vectors, reports, paragraphs, threshold=least)
        matched = {r.id: self._stated(r) for r in known if r.id in found.sentences}
        return replace(found, sentences=matched, provenance=self.provenance(matched.values()))

    def similar(self, recommendation_id: str, least: float) -> tuple[Similar, ...]:
        """The nearest recommendation of each other think tank, best first.

        Raises UnknownNameError where there is no recommendation of that id.
        """
        every = self._snapshot.recommendations()
        row = {r.id: n for n, r in enumerate(every)}.get(recommendation_id)
        if row is None:
            raise UnknownNameError("recommendation", recommendation_id, (r.id for r in every))
        publishers = {r.id: r.publisher for r in self._snapshot.reports.values()}
        return find_similar(row, every, self._snapshot.recommendation_vectors, publishers, least)

    def themes(self) -> tuple[Theme, ...]:
        """The themes of all recommendations."""
        snapshot = self._snapshot
        return find_themes(
            snapshot.recommendations(),
            snapshot.recommendation_vectors,
            {r.id: r.publisher for r in snapshot.reports.values()},
            snapshot.encoder.sentence_vectors,
            self.text_with,
        )

    def text_with(self, words: str) -> str:
        """Some of what the library prints with all of the words, in whatever form."""
        rows = self._snapshot.legs.lexical.with_all(plain_terms(words))[:USES]
        return "\n".join(p.text for p in self._snapshot.passages(rows.tolist()).values())

    def would_answer(self, reading: Query, filters: Filters) -> bool:
        """Whether there is an answer, told without weighing a sentence.

        Of a set or several think tanks, whether the words are printed near enough together to do
        even if no sentence came near: a yes may be trusted, a no need not be.
        """
        if reading.set_of == "":
            return bool(self.known(filters))
        if reading.set_of is None and not reading.several:
            hits = self._gathered(reading, filters)
            if not hits:
                return False
            signs = read_signs(reading, filters, hits, self._retriever)
            return self._likely(signs, hits) >= self._threshold
        hits = self._retriever.search([reading], [filters], LOOKED_AT)[0]
        printed = self._retriever.printed.share(reading.topic, hits)
        scale = self.calibration.speaks
        likely = scale.probability({"nearest": 0.0, "behind": 0.0, "printed": printed})
        return bool(hits) and likely >= scale.threshold

    def recommendations(
        self, reading: Query, filters: Filters, statements: int = SET_HITS, least: float = 0.0
    ) -> list[Recommendation]:
        """Of so many statements found, the recommendations on the question's matter, best first.

        `least` is the score in the search that each statement needs.
        """
        only = replace(filters, recommendations_only=True)
        hits = self._retriever.search([reading], [only], statements)[0]
        found = stated_in([h for h in hits if h.score >= least], by_paragraph(self.known(filters)))
        return on_the_matter(found, partial(self._retriever.nearness, reading))

    @property
    def _threshold(self) -> float:
        own = self._settings.least_confidence
        return own if own >= 0 else self.calibration.answers.threshold

    def _gathered(self, reading: Query, filters: Filters) -> Hits:
        """The best paragraphs; recommendations among them where the question asks for those.

        Of recommendations named by label, those alone.
        """
        hits = self._retriever.search([reading], [filters], ANSWER_HITS)[0]
        if labelled := [h for h in hits if h.labelled]:
            best = max(h.legs["label"].score for h in labelled)
            hits[:] = [h for h in labelled if h.legs["label"].score == best]
        if labelled or not reading.recommends:
            return hits
        known = {h.paragraph.id for h in hits}
        only = replace(filters, recommendations_only=True)
        also = self._retriever.search([reading], [only], ANSWER_HITS // 2)[0]
        more = [h for h in also if h.paragraph.id not in known]
        return Hits([*hits, *more], searched=hits.searched, reason=hits.reason)

    def _weighed(self, reading: Query, hits: Hits) -> list[Candidate]:
        return weigh(reading, hits, partial(self._retriever.nearness, reading), self._lead_in)

    def _heard(self, reading: Query, filters: Filters) -> tuple[Hits, list[Candidate]]:
        hits = self._retriever.search([reading], [filters], ROW_HITS)[0]
        return hits, self._weighed(reading, hits)

    def _each_heard(
        self, reading: Query, filters: Filters, publishers: Sequence[str]
    ) -> dict[str, tuple[Hits, list[Candidate]]]:
        only = {name: replace(filters, publisher=(name,)) for name in publishers}
        return {name: self._heard(reading, own) for name, own in only.items()}

    def _row(
        self,
        reading: Query,
        filters: Filters,
        hits: Hits,
        candidates: Sequence[Candidate],
        likely: float,
    ) -> ComparisonRow:
        """The row of the one think tank that the filters leave; without candidates it is silent."""
        reports = self._snapshot.reports
        sentences = choose(candidates, reports, gist(self._settings.sentences_per_publisher))
        least = ROW_SHARE * hits[0].score if sentences else 0.0
        found = self.recommendations(reading, filters, RECOMMENDING, least) if sentences else []
        recommended = [self._stated(r) for r in found]
        (publisher,) = filters.publisher
        return row(publisher, reports.values(), hits, sentences, recommended, likely)

    def _stated(self, recommendation: Recommendation) -> Sentence:
        paragraph = self._snapshot.paragraph(recommendation.stated)
        items = len(recommendation.sub_items)
        _, *following = self._snapshot.around(paragraph, 0, 2 * items)  # notes may part them
        report = self._snapshot.reports[recommendation.report_id]
        return state(recommendation, paragraph, following, report)

    def _lead_in(self, paragraph: Paragraph) -> Paragraph | None:
        before = self._snapshot.around(paragraph, LIST_REACH, 0)
        return lead_in(before, len(before) - 1)

    def provenance(self, sentences: Iterable[Sentence]) -> Provenance:
        """The build asked, today, and the facts of the reports that the sentences cite."""
        cited = {c.report_id for s in sentences for c in s.citations}
        reports = {i: r for i, r in self._snapshot.reports.items() if i in cited}
        return Provenance(self._snapshot.build.id, date.today().isoformat(), reports)


def _nearest(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(sorted(hits, key=lambda h: -h.score)[:NEAREST])


def _doubt(words: Sequence[str]) -> str:
    """What to tell where the passages come near the question and may still miss its point."""
    text = "These passages come near the question but may not answer it."
    if words:
        text += f" They hardly speak of {', '.join(f'“{w}”' for w in words)}."
    return text
