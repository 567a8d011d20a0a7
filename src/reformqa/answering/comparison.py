"""Think tanks side by side: each is asked on its own, and silence is stated.

Nothing here claims that two agree or differ: a row has what one says, in its own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reformqa.answering.evidence import Material, gather, nearness_in
from reformqa.answering.features import printing_names, speaking_features
from reformqa.answering.quoting import Quoter
from reformqa.answering.results import Answer, Comparison, ComparisonRow, Standing
from reformqa.answering.selection import SAME_WORDS, Candidate, choose, quote, weigh
from reformqa.model import Hit, Recommendation, ReportInfo, Sentence
from reformqa.recommendations.relevance import by_paragraph, on_the_matter, stated_in
from reformqa.search.hits import Hits
from reformqa.search.publishers import publishers_listed
from reformqa.search.query import Query
from reformqa.search.retriever import Retriever, Search
from reformqa.settings import AnswerSettings
from reformqa.storage.base import Filters
from reformqa.text.similarity import content_words, overlap
from reformqa.tuning import Tuning

#: The paragraphs that a publisher's row is selected from.
ROW_HITS = 15
#: The statements that the recommendations of a row are selected from.
ROW_STATEMENTS = 6
#: The recommendations that a row shows.
RECOMMENDATIONS = 3
#: The nearest passages that are shown if nothing answers.
NEAREST = 3


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was found of one publisher, the sentences in it, and what it recommends."""

    said: Material
    candidates: Sequence[Candidate]
    recommended: Material | None


class Comparer:
    """Asks each publisher of one version of a library the same question."""

    def __init__(
        self, retriever: Retriever, quoter: Quoter, tuning: Tuning, settings: AnswerSettings
    ) -> None:
        self._retriever = retriever
        self._store = retriever.store
        self._quoter = quoter
        self._tuning = tuning
        self._settings = settings

    def compare(self, query: Query, where: Filters, publishers: Sequence[str]) -> Comparison:
        """Return a row for each of the publishers: those that speak, come near, or are silent.

        The silent come first if the question asks for them.
        """
        heard = self._hear(query, where, publishers, recommendations=True)
        features = self._features(query, heard)
        scale = self._tuning.speaks
        likely = {
            name: scale.probability(features[name]) if found.said.hits else 0.0
            for name, found in heard.items()
        }
        most = self._tuning.search.known_share
        for name in printing_names(query, publishers, where, self._store, most):
            likely[name] = max(likely[name], scale.threshold)
        spoken = {
            name: self._select(found.candidates) if likely[name] >= scale.threshold else ()
            for name, found in heard.items()
        }
        speakers = [name for name in heard if likely[name] >= scale.sure and spoken[name]]
        recommended = self._recommended(where, {name: heard[name] for name in speakers})
        reports = self._store.reports().values()
        rows = tuple(
            make_row(
                name,
                reports,
                found.said.hits,
                "speaks" if name in speakers else "near" if spoken[name] else "silent",
                spoken[name],
                recommended.get(name, ()),
                likely[name],
                self._tuning.selection.row.words,
            )
            for name, found in heard.items()
        )
        if query.silence:
            rows = tuple(sorted(rows, key=lambda row: row.found))
        sentences = [s for row in rows for s in (*row.sentences, *row.recommendations)]
        return Comparison(query.text, rows, self._quoter.provenance(sentences))

    def answer(self, query: Query, where: Filters, publishers: Sequence[str]) -> Answer:
        """Return the comparison as an answer: the sentences of all who speak, or an abstention."""
        comparison = self.compare(query, where, publishers)
        papers = [said for row in comparison for said in row.by_report.values()]
        speaks = any(row.status == "speaks" for row in comparison)
        sentences = tuple(sentence for said in papers for sentence in said) if speaks else ()
        return Answer(
            query.text,
            sentences,
            abstained=not speaks,
            reason=None if speaks else "None of these think tanks addresses this question.",
            nearest=nearest([h for row in comparison for h in row.nearest]),
            confidence=max(row.confidence for row in comparison),
            comparison=comparison,
            note=_silent(comparison) if query.silence else None,
            provenance=comparison.provenance,
        )

    def speaking(self, query: Query, where: Filters) -> dict[str, dict[str, float]]:
        """Return, for each publisher, the features that it speaks to a question."""
        publishers = sorted({r.publisher for r in self._store.reports().values()})
        return self._features(query, self._hear(query, where, publishers))

    def _hear(
        self,
        query: Query,
        where: Filters,
        publishers: Sequence[str],
        *,
        recommendations: bool = False,
    ) -> dict[str, _Heard]:
        """Gather what each publisher says and, if asked for, what it recommends."""
        own = [replace(where, publisher=(name,)) for name in publishers]
        searches = [Search(query, w, ROW_HITS) for w in own]
        if recommendations:
            only = [replace(w, recommendations_only=True) for w in own]
            searches += [Search(query, w, ROW_STATEMENTS) for w in only]
        materials = gather(self._retriever, searches)
        said = materials[: len(own)]
        recommended: Sequence[Material | None] = materials[len(own) :] or [None] * len(own)
        return {
            name: _Heard(of, self._weigh(of), more)
            for name, of, more in zip(publishers, said, recommended, strict=True)
        }

    def _weigh(self, material: Material) -> list[Candidate]:
        nearness = nearness_in(material, self._retriever)
        return weigh(material, nearness, self._tuning.selection, demands=True)

    def _features(self, query: Query, heard: Mapping[str, _Heard]) -> dict[str, dict[str, float]]:
        groups = {name: (found.said, found.candidates) for name, found in heard.items()}
        return speaking_features(query, groups, self._store)

    def _select(self, candidates: Sequence[Candidate]) -> tuple[Sentence, ...]:
        shape, quotes = self._tuning.selection.row, self._settings.sentences_per_publisher
        return quote(choose(candidates, shape, quotes), self._store.reports())

    def _recommended(
        self, where: Filters, speakers: Mapping[str, _Heard]
    ) -> dict[str, list[Sentence]]:
        """Return the recommendations on the matter of each of the publishers, as sentences."""
        stated = by_paragraph(self._quoter.known(where))
        chosen: dict[str, list[Recommendation]] = {}
        for name, found in speakers.items():
            if found.recommended:
                least = self._tuning.sets.row_share * found.said.hits[0].score
                near = max(h.legs["rare"].score for h in found.said.hits)
                near -= self._tuning.selection.row.astray
                of = found.recommended
                hits = [h for h in of.hits if h.score >= least and h.legs["rare"].score >= near]
                nearness = nearness_in(of, self._retriever)
                chosen[name] = on_the_matter(stated_in(hits, stated), nearness, self._tuning.sets)
        sentences = self._quoter.sentences([r for every in chosen.values() for r in every])
        return {name: [sentences[r.id] for r in every] for name, every in chosen.items()}


def make_row(
    publisher: str,
    reports: Iterable[ReportInfo],
    hits: Hits,
    status: Standing,
    sentences: Sequence[Sentence],
    recommended: Sequence[Sentence],
    likely: float,
    most_words: int,
) -> ComparisonRow:
    """Return a publisher's row: its sentences, and those recommendations not said already.

    Recommendations fill the row up to `most_words`. `likely` is the probability that the publisher
    speaks. `reports` are all of the library; the row names its publisher's, newest first.
    """
    said = [content_words(s.text) for s in sentences]
    left = most_words - sum(len(s.text.split()) for s in sentences)
    more: list[Sentence] = []
    for sentence in recommended:
        words, length = content_words(sentence.text), len(sentence.text.split())
        if length <= left and all(overlap(words, other) <= SAME_WORDS for other in said):
            said.append(words)
            more.append(sentence)
            left -= length
    own = [r for r in reports if r.publisher == publisher]
    own.sort(key=lambda r: r.published or "", reverse=True)
    return ComparisonRow(
        publisher=publisher,
        status=status,
        sentences=tuple(sentences),
        recommendations=tuple(more[:RECOMMENDATIONS]),
        reports=tuple(f"{r.title}, {r.year}" if r.year else r.title for r in own),
        searched=hits.searched,
        nearest=() if sentences else hits[:NEAREST],
        confidence=likely,
    )


def _silent(comparison: Comparison) -> str | None:
    """Return a note that names the publishers of whom no passage was found."""
    names = [row.publisher for row in comparison if not row.found]
    return f"No passage was found in the reports of {publishers_listed(names)}." if names else None


def nearest(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return the few hits to show if nothing answers, best first."""
    return tuple(sorted(hits, key=lambda h: -h.score)[:NEAREST])
