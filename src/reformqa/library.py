"""The library: one index opened for reading, and everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reformqa.answer import choose, compose, is_near
from reformqa.compare import compare, stated_in
from reformqa.context import LIST_REACH, lead_in
from reformqa.errors import QuestionError, UnknownNameError
from reformqa.filters import Filters, known_name
from reformqa.model import (
    Build,
    Hit,
    Paragraph,
    Recommendation,
    Report,
    Sentence,
)
from reformqa.questions import Reading, read_question
from reformqa.results import Answer, Comparison
from reformqa.retrieval import Hits, Retriever
from reformqa.settings import Settings, load_settings
from reformqa.snapshot import Snapshot
from reformqa.wording import load_everyday

if TYPE_CHECKING:
    import pandas as pd

#: One name, several, or none.
Names = str | Sequence[str] | None
#: A year, or the first and last of a range.
Years = int | tuple[int, int] | None

#: How many paragraphs an answer is chosen from, and how many of each publisher in a comparison.
ANSWER_HITS = 8
PUBLISHER_HITS = 5


#: The columns of a frame of recommendations; the last is how often it is restated.
RECOMMENDATION_COLUMNS = (
    *("id", "report_id", "label", "text", "sub_items"),
    *("section", "stated", "restated"),
)


@dataclass(frozen=True)
class OpenParagraph(Paragraph):
    """A paragraph that can still be turned to its neighbours."""

    snapshot: Snapshot = field(kw_only=True, repr=False, compare=False)

    def context(self, before: int = 1, after: int = 1) -> list[Paragraph]:
        """The paragraph between its neighbours: so many before, itself, so many after."""
        return self.snapshot.around(self, max(0, before), max(0, after))


class Recommendations(list[Recommendation]):
    """Recommendations, in order."""

    def to_pandas(self) -> pd.DataFrame:
        """A row a recommendation."""
        import pandas as pd  # takes half a second, which a search need not wait for

        return pd.DataFrame(
            [
                (
                    *(r.id, r.report_id, r.label, r.text, len(r.sub_items)),
                    *(" › ".join(r.section_path), r.stated, len(r.restated)),
                )
                for r in self
            ],
            columns=list(RECOMMENDATION_COLUMNS),
        )


class Library:
    """The reports of one index build. Make it with `Library.open`."""

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        self._snapshot = snapshot
        self._settings = settings
        own = Path(settings.search.everyday) if settings.search.everyday else None
        self._retriever = Retriever(snapshot, settings.search, load_everyday(own))

    @classmethod
    def open(cls, folder: str | Path, settings: Settings | None = None) -> Library:
        """Open the build that the index in `folder` now serves, and keep to it.

        `settings` are those of reformqa.toml in the working directory unless given.
        Raises MissingIndexError where there is no index, DamagedIndexError where it is broken.
        """
        return cls(Snapshot(Path(folder)), settings or load_settings())

    @property
    def build(self) -> Build:
        """What the build holds, and the files that were left out of it."""
        return self._snapshot.build

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
        filters = _filters(publisher, report, published, section, recommendations_only)
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
        filters = _filters(publisher, report, published, section, recommendations_only)
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
        reading = read_question(question, self.reports)
        filters = _filters(publisher, report, published, section, False)
        filters = _narrowed(reading, filters)
        if reading.several:
            names = filters.publisher or self.publishers
            groups = [
                self._gather(reading, replace(filters, publisher=(name,)), PUBLISHER_HITS)
                for name in names
            ]
        else:
            groups = [self._gather(reading, filters, ANSWER_HITS)]
        return compose(
            reading,
            groups,
            self._snapshot.reports,
            self._embed_all,
            self._lead_in,
            self._settings.answer,
        )

    def compare(
        self, question: str, *, report: Names = None, published: Years = None
    ) -> Comparison:
        """What each publisher says, a row each; those that say nothing have a row that says so."""
        reading = read_question(question, self.reports)
        filters = _filters(None, report, published, None, False)
        filters = replace(filters, phrases=reading.phrases)

        def search_publisher(name: str) -> tuple[Hits, Hits]:
            only = replace(filters, publisher=(name,))
            recommending = replace(only, recommendations_only=True)
            return (
                self._search(reading, only, PUBLISHER_HITS),
                self._search(reading, recommending, PUBLISHER_HITS),
            )

        def choose_from(hits: Sequence[Hit]) -> list[Sentence]:
            limit = self._settings.answer.sentences_per_publisher
            reports = self._snapshot.reports
            return choose(reading, hits, reports, self._embed_all, self._lead_in, limit)

        return compare(
            reading.text,
            self.reports,
            self.recommendations(),
            search_publisher,
            choose_from,
            lambda hit: is_near(hit, reading, self._settings.answer),
        )

    def recommendations(
        self, *, publisher: Names = None, report: Names = None, about: str | None = None
    ) -> Recommendations:
        """The recommendations by report and order; with `about`, those near it, nearest first."""
        filters = _filters(publisher, report, None, None, True)
        known = self._snapshot.recommendations()
        if about is not None:
            reading = read_question(about, self.reports)
            hits = self._search(reading, _narrowed(reading, filters), 4 * ANSWER_HITS)
            near = [h for h in hits if is_near(h, reading, self._settings.answer)]
            return Recommendations(stated_in(near, known))
        reports = self._snapshot.reports
        publishers = {known_name("publisher", p, self.publishers) for p in filters.publisher}
        ids = {known_name("report", i, tuple(reports)) for i in filters.report}
        return Recommendations(
            r
            for r in known
            if (not ids or r.report_id in ids)
            and (not publishers or reports[r.report_id].publisher in publishers)
        )

    def report(self, report_id: str) -> Report:
        """A report whole. Raises UnknownNameError where there is none of that id."""
        if report_id not in self._snapshot.reports:
            raise UnknownNameError("report", report_id, self._snapshot.reports)
        return self._snapshot.report(report_id)

    def paragraph(self, paragraph_id: str) -> OpenParagraph:
        """One paragraph. Raises UnknownNameError where there is none of that id."""
        try:
            found = self._snapshot.paragraph(paragraph_id)
        except KeyError:
            known = self._snapshot.paragraph_ids(paragraph_id.rpartition("-")[0])
            raise UnknownNameError("paragraph", paragraph_id, known) from None
        values = {f.name: getattr(found, f.name) for f in fields(Paragraph)}
        return OpenParagraph(**values, snapshot=self._snapshot)

    def _search_all(self, questions: Sequence[str], filters: Filters, limit: int) -> list[Hits]:
        if limit < 1:
            raise QuestionError(f"The limit is {limit}; ask for at least 1 hit.")
        readings = [read_question(question, self.reports) for question in questions]
        return self._retriever.search(readings, [_narrowed(r, filters) for r in readings], limit)

    def _search(self, reading: Reading, filters: Filters, limit: int) -> Hits:
        return self._retriever.search([reading], [filters], limit)[0]

    def _gather(self, reading: Reading, filters: Filters, limit: int) -> Hits:
        """The best paragraphs; recommendations among them where the question asks for those.

        Of recommendations named by label, those alone.
        """
        hits = self._search(reading, filters, limit)
        if labelled := [h for h in hits if h.labelled]:
            best = max(h.legs["label"].score for h in labelled)
            hits[:] = [h for h in labelled if h.legs["label"].score == best]
        if labelled or not reading.recommends:
            return hits
        known = {h.paragraph.id for h in hits}
        also = self._search(reading, replace(filters, recommendations_only=True), limit // 2)
        more = [h for h in also if h.paragraph.id not in known]
        return Hits([*hits, *more], searched=hits.searched, reason=hits.reason)

    def _embed_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._snapshot.encoder.sentence_vectors(texts)

    def _lead_in(self, paragraph: Paragraph) -> Paragraph | None:
        before = self._snapshot.around(paragraph, LIST_REACH, 0)
        return lead_in(before, len(before) - 1)


def _filters(
    publisher: Names, report: Names, published: Years, section: Names, recommendations_only: bool
) -> Filters:
    years = (published, published) if isinstance(published, int) else published
    years = (years[0], years[1]) if years else None  # a list will do, and no list can be a key
    return Filters(_names(publisher), _names(report), years, _names(section), recommendations_only)


def _narrowed(reading: Reading, filters: Filters) -> Filters:
    """The filters, with the publishers, reports and phrases that the question itself names.

    A filter that is given stands: what the question names does not widen or replace it.
    """
    if not (filters.publisher or filters.report):
        of_named = () if reading.reports else reading.named
        filters = replace(filters, publisher=of_named, report=reading.reports)
    return replace(filters, phrases=reading.phrases)


def _names(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())
