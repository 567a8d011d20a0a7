"""The library: one index opened for reading, and everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path

from reformqa.answering.answerer import Answerer
from reformqa.answering.calibration import Calibration
from reformqa.answering.generation import rephrase
from reformqa.answering.results import Answer, Comparison
from reformqa.answering.suggestions import find_examples, find_matters
from reformqa.citations.page_image import PagePicture, draw_cover, draw_page
from reformqa.citations.permalink import Trace, trace
from reformqa.citations.source_file import source_file
from reformqa.citations.verify import cite
from reformqa.errors import QuestionError, SourceFileError, UnknownNameError
from reformqa.evaluation.calibrate import calibrate, read_cases
from reformqa.evaluation.history import Score, read_scores
from reformqa.model import Build, Citation, Paragraph, Report
from reformqa.pipeline.runs import Run, last_run
from reformqa.recommendations.crosswalk import THRESHOLD, Crosswalk, Similar
from reformqa.recommendations.listing import (
    Recommendations,
    holding,
    in_sections,
    selection,
)
from reformqa.recommendations.themes import Theme
from reformqa.search.expansion import load_everyday
from reformqa.search.filters import Filters
from reformqa.search.narrowing import Names, Years, filters_of, narrowed
from reformqa.search.query import Query, parse_query
from reformqa.search.retriever import Hits, Retriever
from reformqa.settings import Settings, load_settings
from reformqa.storage.files.builds import list_builds
from reformqa.storage.files.store import Snapshot

#: How many passages a language model is given.
TO_WORD = 10


@dataclass(frozen=True)
class OpenParagraph(Paragraph):
    """A paragraph that can still be turned to its neighbours."""

    snapshot: Snapshot = field(kw_only=True, repr=False, compare=False)

    def context(self, before: int = 1, after: int = 1) -> list[Paragraph]:
        """The paragraph between its neighbours: so many before, itself, so many after."""
        return self.snapshot.around(self, max(0, before), max(0, after))


class Library:
    """The reports of one index build. Make it with `Library.open`."""

    def __init__(self, snapshot: Snapshot, settings: Settings, corpus: Path | None = None) -> None:
        self._snapshot = snapshot
        self._settings = settings
        self._corpus = corpus
        own = Path(settings.search.everyday) if settings.search.everyday else None
        self._retriever = Retriever(snapshot, settings.search, load_everyday(own))
        self._asker = Answerer(snapshot, self._retriever, settings.answer)

    @classmethod
    def open(
        cls,
        folder: str | Path,
        settings: Settings | None = None,
        corpus: str | Path | None = None,
    ) -> Library:
        """Open the build that the index in `folder` now serves, and keep to it.

        `settings` are those of reformqa.toml in the working directory unless given; `corpus` is
        the folder with the reports' own files, which only `source_file` and pictures need.
        Raises MissingIndexError where there is no index, DamagedIndexError where it is broken.
        """
        own = None if corpus is None else Path(corpus)
        return cls(Snapshot(Path(folder)), settings or load_settings(), own)

    @property
    def build(self) -> Build:
        """What the build holds, the files that were left out of it, and what is new in it."""
        return self._snapshot.build

    @property
    def builds(self) -> tuple[Build, ...]:
        """The builds of this index that are on disk, newest first."""
        return list_builds(self._snapshot.index)

    @property
    def scores(self) -> tuple[Score, ...]:
        """The scores that `reformqa evaluate --record` kept in this index, oldest first.

        Raises EvaluationFileError, naming the line, where one is no score.
        """
        return read_scores(self._snapshot.index)

    @property
    def last_run(self) -> Run | None:
        """What the last rebuild of this index did, whether or not it made a build; None where no
        record of it can be read."""
        return last_run(self._snapshot.index)

    def verify(self) -> None:
        """Compare every file of the build with its digest; opening does so for small ones alone.

        Raises DamagedIndexError where one differs.
        """
        self._snapshot.verify()

    @property
    def publishers(self) -> tuple[str, ...]:
        """The publishers, in alphabetical order."""
        return self._snapshot.publishers

    @property
    def section_kinds(self) -> tuple[str, ...]:
        """The kinds of section that are searched, in alphabetical order."""
        return self._snapshot.section_kinds

    def counts(self, report_id: str) -> dict[str, int]:
        """How many paragraphs, passages and recommendations a report has."""
        return {what: counts.get(report_id, 0) for what, counts in self._counts.items()}

    @cached_property
    def _counts(self) -> dict[str, dict[str, int]]:
        return {
            "paragraphs": self._snapshot.counts("paragraphs"),
            "passages": self._snapshot.counts("passages"),
            "recommendations": self._snapshot.counts("recommendations"),
        }

    @property
    def reports(self) -> list[Report]:
        """The reports by id, without sections and paragraphs; `report(id)` has those."""
        return list(self._snapshot.reports.values())

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
        """The paragraphs that best meet the question, best first.

        `published` is a year or a range of years; `section` one or more section kinds. A filter
        that nothing meets gives no hits.
        Raises QuestionError for no question, UnknownNameError for a name that nothing bears.
        """
        filters = filters_of(publisher, report, published, section, recommendations_only)
        return self._search_all([question], filters, limit)[0]

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
        """`search` for each of many questions, in order; quicker, as they are encoded together."""
        filters = filters_of(publisher, report, published, section, recommendations_only)
        return self._search_all(questions, filters, limit)

    def ask(
        self,
        question: str,
        *,
        publisher: Names = None,
        report: Names = None,
        published: Years = None,
        section: Names = None,
    ) -> Answer:
        """An answer of verbatim sentences, each with its citations, or an abstention.

        A question that names think tanks is answered from theirs alone; one about the think
        tanks together hears each of them.
        """
        reading = parse_query(question, self.reports)
        filters = narrowed(reading, filters_of(publisher, report, published, section, False))
        if reading.set_of is not None:
            return self._asker.listed(reading, filters)
        if reading.several:
            return self._asker.compared(reading, filters, filters.publisher or self.publishers)
        answer = self._asker.answer(reading, filters)
        if answer.abstained or not self._settings.llm.model:
            return answer
        passages = [h.paragraph for h in self._retriever.search([reading], [filters], TO_WORD)[0]]
        worded = rephrase(answer, passages, self._snapshot.reports, self._settings.llm)
        return replace(worded, provenance=self._asker.provenance(worded.sentences))

    def compare(
        self, question: str, *, report: Names = None, published: Years = None
    ) -> Comparison:
        """What each publisher says, a row each; those that say nothing have a row that says so."""
        reading = parse_query(question, self.reports)
        filters = filters_of(None, report, published, None, False)
        filters = replace(filters, phrases=reading.phrases)
        return self._asker.compare(reading, filters, self.publishers)

    def crosswalk(self, *, publisher: Names = None, least: float = THRESHOLD) -> Crosswalk:
        """Which recommendations of different think tanks are on the same matter.

        Among all, or those of the publishers named; `least` is the similarity that a match needs,
        from -1 to 1. Raises UnknownNameError for a publisher that nothing bears.
        """
        known = self._asker.known(filters_of(publisher, None, None, None, False))
        return self._asker.crosswalk(known, least)

    def similar(self, recommendation_id: str, *, least: float = THRESHOLD) -> tuple[Similar, ...]:
        """What other think tanks recommend that is nearest to it: one of each, best first.

        `least` is the similarity that each needs, from -1 to 1. Raises UnknownNameError for an id
        that no recommendation bears.
        """
        return self._asker.similar(recommendation_id, least)

    @cached_property
    def themes(self) -> tuple[Theme, ...]:
        """What the recommendations are about, the largest theme first; each is in one of them."""
        return self._asker.themes()

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """About six questions to begin with, of several kinds, which the reports answer."""

        def answered(question: str) -> bool:
            reading = parse_query(question, self.reports)
            return self._asker.would_answer(reading, narrowed(reading, Filters()))

        whole, printed = self._snapshot.report, self._asker.text_with
        return find_examples(self.reports, self.themes, whole, printed, answered)

    @cached_property
    def matters(self) -> tuple[str, ...]:
        """A few matters to compare, on which several think tanks make recommendations."""
        whole, printed = self._snapshot.report, self._asker.text_with
        return find_matters(self.reports, self.themes, whole, printed)

    def calibrate(
        self,
        files: Sequence[Path],
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Calibration:
        """When to answer and when a think tank speaks, fitted on files of questions.

        `calibrating.read_cases` says what the files hold; `save` on the result writes it for the
        setting `answer.calibration`. Raises EvaluationFileError for a file that cannot be used.
        """

        def read(question: str) -> tuple[Query, Filters]:
            reading = parse_query(question, self.reports)
            return reading, narrowed(reading, Filters())

        return calibrate(self._asker, read, read_cases(files), self.build.model, progress)

    @property
    def calibration(self) -> Calibration:
        """What the build's answers are held to."""
        return self._asker.calibration

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
        """The recommendations by report and order; with `about`, those on that matter.

        `section` are kinds of section, one of which prints it; `containing` are words that stand
        in its label, text or sub-items, capitals and accents ignored. Raises QuestionError for an
        empty `about`, UnknownNameError for a name that nothing bears.
        """
        filters = filters_of(publisher, report, published, section, False)
        if about is None:
            title, found = "Recommendations", self._asker.known(filters)
        else:
            reading = parse_query(about, self.reports)
            filters = narrowed(reading, filters)
            anywhere = replace(filters, section=())
            title, found = f"Recommendations: {about}", self._asker.about(reading, anywhere)
        kinds, paragraphs = self.section_kinds, self._snapshot.paragraphs
        found = in_sections(found, filters.section, kinds, paragraphs)
        found = holding(found, containing or "")
        notes = selection(filters, containing)
        return Recommendations(found, self._asker.cited, title, notes)

    def report(self, report_id: str) -> Report:
        """A report whole. Raises UnknownNameError where there is none of that id."""
        return self._snapshot.report(self._known(report_id).id)

    def paragraph(self, paragraph_id: str) -> OpenParagraph:
        """One paragraph. Raises UnknownNameError where there is none of that id."""
        try:
            found = self._snapshot.paragraph(paragraph_id)
        except KeyError:
            known = self._snapshot.paragraph_ids(paragraph_id.rpartition("-")[0])
            raise UnknownNameError("paragraph", paragraph_id, known) from None
        values = {f.name: getattr(found, f.name) for f in fields(Paragraph)}
        return OpenParagraph(**values, snapshot=self._snapshot)

    def citation(self, paragraph_id: str, span: tuple[int, int] = (0, 0)) -> Citation:
        """The citation of a paragraph's characters in `span`, or of the whole of it.

        Raises UnknownNameError where there is no such paragraph.
        """
        found = self.paragraph(paragraph_id)
        start, end = span if 0 <= span[0] < span[1] <= len(found.text) else (0, len(found.text))
        cited = cite(found.text[start:end], found, self._snapshot.reports[found.report_id])
        return replace(cited, quote=found.text[start:end], span=(start, end))

    def source_file(self, report_id: str) -> Path:
        """The file in the corpus folder that a report was read from.

        Raises UnknownNameError where there is no such report, SourceFileError where the file is
        missing or has changed since, or no corpus folder is known.
        """
        report = self._known(report_id)
        if self._corpus is None:
            raise SourceFileError(
                f"Which folder holds {report.source} is not known. Name the corpus folder:"
                " --corpus, REFORMQA_CORPUS, or corpus= of Library.open."
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
        """A page of the PDF, with the paragraph's characters in `span` marked: see `draw_page`.

        Raises UnknownNameError where there is no such paragraph, SourceFileError where its report
        is no PDF or the page cannot be had.
        """
        found = self.paragraph(paragraph_id)
        return draw_page(self.source_file(found.report_id), found, span, page, width, around)

    def cover(self, report_id: str, width: int = 160) -> bytes | None:
        """A report's first page as a small PNG, or None where its PDF cannot be had.

        Raises UnknownNameError where there is no such report.
        """
        try:
            return draw_cover(self.source_file(report_id), width)
        except SourceFileError:
            return None

    def _known(self, report_id: str) -> Report:
        """A report's facts, without sections and paragraphs."""
        if report_id not in self._snapshot.reports:
            raise UnknownNameError("report", report_id, self._snapshot.reports)
        return self._snapshot.reports[report_id]

    def trace(self, paragraph_id: str, build: str | None = None) -> Trace:
        """Where an old link leads now, or what has happened to its paragraph since.

        `build` is the id of the build that the link was made from, where it names one. Whatever is
        given, an answer comes back.
        """
        return trace(self._snapshot, paragraph_id, build)

    def _search_all(self, questions: Sequence[str], filters: Filters, limit: int) -> list[Hits]:
        if limit < 1:
            raise QuestionError(f"The limit is {limit}; ask for at least 1 hit.")
        readings = [parse_query(question, self.reports) for question in questions]
        return self._retriever.search(readings, [narrowed(r, filters) for r in readings], limit)
