"""The library: one version of an index, and everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reformqa.answering.answerer import Answerer
from reformqa.answering.comparison import Comparer
from reformqa.answering.concordance import By, Quotes, Terms, count_terms, find_quotes
from reformqa.answering.coverage import Coverage
from reformqa.answering.dispatch import Dispatcher, OnSentence
from reformqa.answering.editions import EditionChanges, compare_editions, find_editions
from reformqa.answering.features import Features
from reformqa.answering.quoting import Quoter
from reformqa.answering.results import Answer, Comparison, more_of
from reformqa.answering.suggestions import find_examples, find_matters
from reformqa.briefing.check import QuoteCheck, check_quote
from reformqa.briefing.records import Briefing
from reformqa.citations.drawing import draw_apart
from reformqa.citations.page_image import PagePicture, draw_cover, draw_page
from reformqa.citations.permalink import Trace, trace
from reformqa.citations.source_file import source_file
from reformqa.citations.verify import cite_span
from reformqa.errors import QuestionError, SourceFileError, UnknownNameError
from reformqa.model import Build, Citation, Paragraph, Report, ReportInfo
from reformqa.models.base import Execution
from reformqa.recommendations.background import distinct
from reformqa.recommendations.crosswalk import Crosswalk, Similar, crosswalk, find_similar
from reformqa.recommendations.listing import Recommendations, holding, in_sections, selection
from reformqa.recommendations.themes import OTHER, Theme, find_themes
from reformqa.search.acronyms import printed_names
from reformqa.search.expansion import load_everyday
from reformqa.search.filters import Names, Years, exact, make_filters, narrow
from reformqa.search.follow_ups import asks_more, complete
from reformqa.search.hits import Hits
from reformqa.search.query import Query, Reader
from reformqa.search.retriever import Retriever, Search
from reformqa.settings import Settings, load_settings
from reformqa.storage.base import Counted, Filters, Store, Versions
from reformqa.storage.chosen import open_versions
from reformqa.storage.filtering import matches_report
from reformqa.text.tokens import plain_terms
from reformqa.tuning import Tuning, tuning_of

#: The themes that a table of coverage has by default.
TOPICS = 12
#: The passages in which the use of a word is looked up.
USES = 24
_COUNTED: tuple[Counted, ...] = ("paragraphs", "passages", "recommendations")


@dataclass(frozen=True)
class OpenParagraph(Paragraph):
    """A paragraph that knows its neighbours."""

    store: Store = field(kw_only=True, repr=False, compare=False)

    def context(self, before: int = 1, after: int = 1) -> list[Paragraph]:
        """Return the paragraph between its neighbours: `before` of them, itself, `after`."""
        return self.store.neighbours([self.id], max(0, before), max(0, after))[self.id]


class Library:
    """The reports of one version of an index. Make it with `Library.open`."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        versions: Versions | None = None,
        corpus: Path | None = None,
    ) -> None:
        """Ask `store`; `versions` are those of its index, in which old links are followed."""
        self._store = store
        self._versions = versions
        self._settings = settings
        self._corpus = corpus
        self._tuning = tuning_of(store.version.facts, store.version.id)
        models = store.models(Execution(settings.encoder.provider, settings.encoder.threads))
        own = Path(settings.search.everyday) if settings.search.everyday else None
        self._retriever = Retriever(
            store,
            models,
            self._tuning.search_with(settings.search),
            settings.search,
            load_everyday(own),
        )
        self._reader = Reader(self.reports, printed_names(store, self.publishers))
        self._quoter = Quoter(store)
        parts = self._retriever, self._quoter, self._tuning, settings.answer
        self._answerer = Answerer(*parts)
        self._comparer = Comparer(*parts)
        self._dispatcher = Dispatcher(
            self._retriever,
            self._reader,
            self._quoter,
            self._answerer,
            self._comparer,
            self._tuning,
            settings.llm,
        )

    @classmethod
    def open(
        cls,
        folder: str | Path,
        settings: Settings | None = None,
        corpus: str | Path | None = None,
    ) -> Library:
        """Open the version that the index in `folder` now serves, and keep to it.

        The setting storage.url names a server instead; `folder` then keeps its models.

        `settings` default to those of reformqa.toml in the working directory. `corpus` is the
        folder with the reports' files, which only `source_file` and pictures need.
        Raises MissingIndexError if there is no index, DamagedIndexError if it is broken.
        """
        chosen = settings or load_settings()
        versions = open_versions(Path(folder), chosen.storage)
        own = None if corpus is None else Path(corpus)
        return cls(versions.open(), chosen, versions=versions, corpus=own)

    @property
    def build(self) -> Build:
        """What the version contains, the files that were left out, and what is new in it."""
        return self._store.version.build

    @property
    def tuning(self) -> Tuning:
        """The weights and thresholds that the version was built with."""
        return self._tuning

    @property
    def misfit(self) -> str | None:
        """Why the calibration does not fit the settings, and the cure; None if it fits."""
        return self._tuning.misfit(self._settings.search)

    @property
    def publishers(self) -> tuple[str, ...]:
        """The publishers, in alphabetical order."""
        return tuple(sorted({r.publisher for r in self.reports}))

    @property
    def section_kinds(self) -> tuple[str, ...]:
        """The kinds of section that are searched, in alphabetical order."""
        return self._store.section_kinds()

    @property
    def reports(self) -> list[ReportInfo]:
        """The reports by id, without their text; `report(id)` returns one whole."""
        return list(self._store.reports().values())

    def list_reports(self, *, publisher: Names = None, published: Years = None) -> list[ReportInfo]:
        """Return the reports of these publishers and years, newest first.

        Raises UnknownNameError for an unknown publisher, QuestionError for years that are none.
        """
        where = exact(self._store, make_filters(publisher, published=published))
        found = [r for r in self.reports if matches_report(where, r)]
        return sorted(found, key=lambda r: r.published or "", reverse=True)

    def counts(self, report_id: str) -> dict[str, int]:
        """Return how many paragraphs, passages and recommendations a report has."""
        return {what: counts.get(report_id, 0) for what, counts in self._counts.items()}

    @cached_property
    def _counts(self) -> dict[str, dict[str, int]]:
        return {what: self._store.counts(what) for what in _COUNTED}

    def search(
        self,
        question: str,
        *,
        limit: int = 10,
        publisher: Names = None,
        report: Names = None,
        published: Years = None,
        section: Names = None,
        recommendations_only: bool = False,
    ) -> Hits:
        """Return the paragraphs that best meet the question, best first.

        `published` is a year or an inclusive range of years, (2020, None) from 2020 on; `section`
        is one or more kinds of section. A filter that no passage meets returns no hits, and says
        why.
        Raises QuestionError for an empty question, UnknownNameError for a name that the library
        does not have.
        """
        where = make_filters(publisher, report, published, section, recommendations_only)
        return self._search([question], where, limit)[0]

    def search_many(
        self,
        questions: Sequence[str],
        *,
        limit: int = 10,
        publisher: Names = None,
        report: Names = None,
        published: Years = None,
        section: Names = None,
        recommendations_only: bool = False,
    ) -> list[Hits]:
        """Return what `search` returns for each question; faster, as all are encoded together."""
        where = make_filters(publisher, report, published, section, recommendations_only)
        return self._search(questions, where, limit)

    def ask(
        self,
        question: str,
        *,
        publisher: Names = None,
        report: Names = None,
        published: Years = None,
        section: Names = None,
        after: Answer | str | None = None,
        on_sentence: OnSentence | None = None,
    ) -> Answer:
        """Return an answer of verbatim sentences with their citations, or an abstention.

        `after` is the answer or the question before it, from which a follow-up ("And IPPR?",
        "Show me more") is completed; the answer's `question` is the whole one.

        A question that names publishers is answered from theirs alone; one about the publishers
        together asks each of them. Parts that can stand alone are answered one by one. What the
        records say of the reports (who wrote them, when) is answered from those.

        If the settings name a language model, `on_sentence` is called with each of its sentences as
        soon as it has passed the checks, while the model writes the next. The answer is the same
        without it; if the model's server fails, it is in the reports' own words after all.
        """
        given = make_filters(publisher, report, published, section)
        if after is None:
            return self._ask(question, given, on_sentence)
        earlier = after.question if isinstance(after, Answer) else after
        if asks_more(question):
            return more_of(after if isinstance(after, Answer) else self._ask(earlier, given))
        return self._ask(self.follow_up(question, earlier), given, on_sentence)

    def follow_up(self, question: str, before: str) -> str:
        """Return a follow-up as a question that stands alone, completed from the one before.

        Raises QuestionError if either is empty or far too long.
        """
        return complete(question, before, self._reader)

    def compare(
        self, question: str, *, report: Names = None, published: Years = None
    ) -> Comparison:
        """Return what each publisher says, in a row each; silent ones have a row that says so."""
        query = self.parse(question)
        given = make_filters(None, report, published)
        years = given.published or query.published
        where = replace(given, published=years, phrases=query.phrases)
        return self._comparer.compare(query, where, self.publishers)

    def coverage(
        self,
        topics: Sequence[str] | None = None,
        *,
        report: Names = None,
        published: Years = None,
    ) -> Coverage:
        """Return who speaks on which topics, by default on those of the largest themes.

        Raises QuestionError for a topic that is empty or far too long.
        """
        if topics is None:
            topics = [t.name for t in self.themes if t.name != OTHER][:TOPICS]
        compared = [self.compare(topic, report=report, published=published) for topic in topics]
        cited = {i for c in compared for i in c.provenance.reports}
        return Coverage(tuple(compared), self._quoter.origin(cited))

    def parse(self, question: str) -> Query:
        """Return how a question is understood: whom and what it names, and what it asks for.

        Raises QuestionError if it is empty or far too long.
        """
        return self._reader.parse(question)

    def features(self, question: str) -> Features | None:
        """Return the features that decide whether a question is answered; None without hits."""
        query = self.parse(question)
        return self._answerer.features(query, narrow(query, Filters()))

    def speaking(self, question: str) -> dict[str, dict[str, float]]:
        """Return the features that decide whether each publisher speaks to a question."""
        query = self.parse(question)
        return self._comparer.speaking(query, Filters(phrases=query.phrases))

    def quotes(
        self,
        pattern: str,
        *,
        regex: bool = False,
        publisher: Names = None,
        report: Names = None,
        published: Years = None,
    ) -> Quotes:
        """Return every place of the searched text that prints a phrase, in the library's order.

        With `regex`, `pattern` is a regular expression; otherwise case and typography are ignored.
        Raises QuestionError for a pattern that is empty or invalid, UnknownNameError for a name
        that the library does not have.
        """
        read = self._read(make_filters(publisher, report, published))
        found = tuple(find_quotes(pattern, read, regex=regex))
        return Quotes(pattern, found, self._quoter.origin({q.citation.report_id for q in found}))

    def terms(
        self,
        by: By = "publisher",
        *,
        most: int = 50,
        publisher: Names = None,
        report: Names = None,
        published: Years = None,
    ) -> Terms:
        """Return in how many paragraphs each publisher, report or year uses the commonest terms.

        Raises QuestionError for another grouping, UnknownNameError for a name that the library does
        not have.
        """
        read = self._read(make_filters(publisher, report, published))
        return count_terms(read, by, most)

    def recommendations(
        self,
        *,
        publisher: Names = None,
        report: Names = None,
        published: Years = None,
        section: Names = None,
        about: str | None = None,
        containing: str | None = None,
    ) -> Recommendations:
        """Return the recommendations by report and order; with `about`, those on that matter.

        `section` are kinds of section that state or restate them; `containing` are words that
        occur in label, text or sub-items, whatever their case and accents.
        Raises QuestionError for an empty `about`, UnknownNameError for a name that the library
        does not have.
        """
        where = make_filters(publisher, report, published, section)
        if about is None:
            title = "Recommendations"
            where = exact(self._store, replace(where, section=()))
            found = self._quoter.known(where)
        else:
            query = self.parse(about)
            title = f"Recommendations: {about}"
            where = exact(self._store, replace(narrow(query, where), section=()))
            found = self._answerer.about(query, where)
        kinds = make_filters(section=section).section
        found = in_sections(found, kinds, self.section_kinds, self._store.paragraphs)
        found = holding(found, containing or "")
        notes = selection(replace(where, section=kinds), containing)
        return Recommendations(tuple(found), self._quoter.cited, title, notes)

    def crosswalk(self, *, publisher: Names = None, least: float | None = None) -> Crosswalk:
        """Return which recommendations of different publishers are on the same matter.

        Among all, or those of the publishers named. `least` is the similarity that a match needs,
        from -1 to 1. Raises UnknownNameError for an unknown publisher.
        """
        known = self._quoter.known(exact(self._store, make_filters(publisher)))
        place = {r.id: n for n, r in enumerate(self._store.recommendations())}
        vectors = self._distinct[[place[r.id] for r in known]]
        tuned = self._tuning.recommendations
        return crosswalk(
            known,
            vectors,
            self._publisher_of,
            self._quoter.cited,
            threshold=tuned.match if least is None else least,
            same=tuned.same,
        )

    def similar(self, recommendation_id: str, *, least: float | None = None) -> tuple[Similar, ...]:
        """Return the nearest recommendation of each other publisher, best first.

        `least` is the similarity that each needs, from -1 to 1. Raises UnknownNameError for an
        unknown id.
        """
        every = self._store.recommendations()
        row = {r.id: n for n, r in enumerate(every)}.get(recommendation_id)
        if row is None:
            raise UnknownNameError("recommendation", recommendation_id, (r.id for r in every))
        threshold = self._tuning.recommendations.match if least is None else least
        return find_similar(row, every, self._distinct, self._publisher_of, threshold)

    @cached_property
    def _distinct(self) -> NDArray[np.float64]:
        return distinct(self._store.recommendation_vectors())

    @cached_property
    def themes(self) -> tuple[Theme, ...]:
        """What the recommendations are about, the largest theme first; each is in one of them."""
        return find_themes(
            self._store.recommendations(),
            self._store.recommendation_vectors(),
            self._publisher_of,
            self._retriever.models.encoder,
            self._text_with,
            self._tuning.recommendations,
        )

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """About six questions of several kinds to begin with, which the reports answer."""

        def answered(question: str) -> bool:
            query = self.parse(question)
            return self._answerer.would_answer(query, narrow(query, Filters()))

        return find_examples(
            self.reports, self.themes, self._store.report, self._text_with, answered
        )

    @cached_property
    def matters(self) -> tuple[str, ...]:
        """A few matters to compare, on which several publishers make recommendations."""
        return find_matters(self.reports, self.themes, self._store.report, self._text_with)

    def report(self, report_id: str) -> Report:
        """Return a whole report. Raises UnknownNameError for an unknown id."""
        return self._store.report(self._info(report_id).id)

    def editions(self, report_id: str) -> tuple[ReportInfo, ...]:
        """Return the editions of a report, itself among them, the oldest first.

        Reports of one publisher whose titles differ only in year or number are editions of one
        another. Raises UnknownNameError for an unknown id.
        """
        own = self._info(report_id)
        return self._editions.get(own.id, (own,))

    @cached_property
    def _editions(self) -> dict[str, tuple[ReportInfo, ...]]:
        """The reports that have other editions, each with all of them."""
        return {r.id: tuple(group) for group in find_editions(self.reports) for r in group}

    def changes(self, newer: str, older: str | None = None) -> EditionChanges:
        """Return what a report changed in an older one, by default in the edition before it.

        Raises UnknownNameError for an unknown id, QuestionError if it has no earlier edition.
        """
        if older is None:
            before = [r.id for r in self.editions(newer)]
            before = before[: before.index(newer)]
            if not before:
                raise QuestionError(
                    f"{newer} has no earlier edition in the library. Name the report to compare."
                )
            older = before[-1]
        known = self._store.recommendations([older, newer])
        return compare_editions(self.report(older), self.report(newer), known, self._quoter)

    def paragraph(self, paragraph_id: str) -> OpenParagraph:
        """Return a paragraph. Raises UnknownNameError for an unknown id."""
        found = self._paragraph(paragraph_id)
        values = {f.name: getattr(found, f.name) for f in fields(Paragraph)}
        return OpenParagraph(**values, store=self._store)

    def citation(self, paragraph_id: str, span: tuple[int, int] = (0, 0)) -> Citation:
        """Return the citation of a paragraph's characters in `span`, or of all of it.

        Raises UnknownNameError for an unknown paragraph.
        """
        found = self._paragraph(paragraph_id)
        return cite_span(span, found, self._store.reports()[found.report_id])

    def source_file(self, report_id: str) -> Path:
        """Return the file in the corpus folder that a report was read from.

        Raises UnknownNameError for an unknown report, SourceFileError if the file is missing or
        has changed since, or no corpus folder was given.
        """
        report = self._info(report_id)
        if self._corpus is None:
            raise SourceFileError(
                f"The folder with {report.source} is not known. Name the corpus folder: --corpus,"
                " REFORMQA_CORPUS, or corpus= of Library.open."
            )
        return source_file(self._corpus, report)

    def page_picture(
        self,
        paragraph_id: str,
        span: tuple[int, int] = (0, 0),
        page: int | None = None,
        width: int = 900,
        around: float | None = None,
    ) -> PagePicture:
        """Return a page of the PDF with the paragraph's characters in `span` marked.

        `citations.page_image.draw_page` explains the parameters. It is drawn in a process of its
        own, within the limits of the settings `drawing`.
        Raises UnknownNameError for an unknown paragraph, SourceFileError if its report is not a
        PDF or the page cannot be drawn within the limits.
        """
        found = self._paragraph(paragraph_id)
        pdf = self.source_file(found.report_id)
        limits = self._settings.drawing
        return draw_apart(draw_page, pdf, found, span, page, width, around, limits=limits)

    def cover(self, report_id: str, width: int = 160) -> bytes | None:
        """Return a report's first page as a small PNG, or None if it has no pages or no file.

        Raises UnknownNameError for an unknown report, SourceFileError if the page cannot be drawn
        within the limits of the settings `drawing`.
        """
        try:
            pdf = self.source_file(report_id)
        except SourceFileError:
            return None
        if not self._info(report_id).reading.pages:
            return None
        return draw_apart(draw_cover, pdf, width, limits=self._settings.drawing)

    def trace(self, paragraph_id: str, build: str | None = None) -> Trace:
        """Return where an old link leads now, or what has happened to its paragraph since.

        `build` is the id of the build that the link was made from, if it names one. Any input gets
        an answer.
        """
        return trace(self._store, self._versions, paragraph_id, build)

    def check_briefing(self, briefing: Briefing) -> tuple[QuoteCheck, ...]:
        """Return for every quote of a briefing whether it stands, has changed, or is gone."""
        reports = self._store.reports()
        return tuple(
            check_quote(q, self.trace(q.citation.paragraph_id, q.build or None), reports)
            for q in briefing.quotes
        )

    @property
    def _publisher_of(self) -> dict[str, str]:
        return {r.id: r.publisher for r in self.reports}

    def _text_with(self, words: str) -> str:
        """Return some of what the library prints with all of the words, in whatever form."""
        return "\n".join(p.text for p in self._store.containing(plain_terms(words), USES))

    def _read(self, where: Filters) -> list[tuple[ReportInfo, Report]]:
        """Return the reports that the filters leave, each with its metadata."""
        where = exact(self._store, where)
        asked = [r for r in self._store.reports().values() if matches_report(where, r)]
        return [(info, self._store.report(info.id)) for info in asked]

    def _info(self, report_id: str) -> ReportInfo:
        reports = self._store.reports()
        if report_id not in reports:
            raise UnknownNameError("report", report_id, reports)
        return reports[report_id]

    def _paragraph(self, paragraph_id: str) -> Paragraph:
        found = self._store.paragraphs([paragraph_id]).get(paragraph_id)
        if found is None:
            name = paragraph_id.rpartition("-")[0]
            known = name in self._store.reports()
            near = [p.id for p in self._store.report(name).paragraphs] if known else []
            raise UnknownNameError("paragraph", paragraph_id, near)
        return found

    def _ask(self, question: str, given: Filters, on_sentence: OnSentence | None = None) -> Answer:
        return self._dispatcher.answer(self.parse(question), given, self.changes, on_sentence)

    def _search(self, questions: Sequence[str], where: Filters, limit: int) -> list[Hits]:
        if limit < 1:
            raise QuestionError(f"The limit is {limit}; ask for at least 1 hit.")
        queries = [self.parse(question) for question in questions]
        searches = [Search(query, narrow(query, where), limit) for query in queries]
        return [found.hits for found in self._retriever.search(searches)]
