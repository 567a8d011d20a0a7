"""What each tool gives: the library's records without what only the app needs.

Fields have the names and meanings of the records in docs/data-model.md. Every quote is a `Cited`:
a Citation with the line that names its source and the link that opens it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from reformqa.answering.results import Standing
from reformqa.model import Citation, SectionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited(Citation):
    """A citation for somebody who has no more than this.

    `reference` names publisher, year, report and place in one line; `permalink` opens the place in
    the app.
    """

    reference: str
    permalink: str


class ToolResult(BaseModel):
    """The base class of all results; `build` is the id of the build that was asked."""

    model_config = ConfigDict(frozen=True)

    build: str


class Quoted(BaseModel):
    """A Sentence: its text and the citations that support it.

    `recommendation` is the id of the recommendation that it states, if it states one.
    """

    text: str
    citations: tuple[Cited, ...]
    recommendation: str | None = None


class FoundPassage(BaseModel):
    """A Hit: the passage as a citation. `also` are the ids of paragraphs that state the same."""

    source: Cited
    score: float
    also: tuple[str, ...] = ()


class SearchResult(ToolResult):
    """Hits, best first; `searched` counts the passages that the filters left, and if they left
    none, `reason` says why."""

    question: str
    hits: tuple[FoundPassage, ...]
    searched: int
    reason: str | None = None


class Row(BaseModel):
    """A ComparisonRow.

    `further` counts its recommendations on the subject that are left out here.
    """

    publisher: str
    status: Standing
    confidence: float
    searched: int
    reports: tuple[str, ...]
    sentences: tuple[Quoted, ...]
    recommendations: tuple[Quoted, ...]
    further: int = 0


class CompareResult(ToolResult):
    """A row for every publisher, the silent ones included."""

    question: str
    rows: tuple[Row, ...]


class AskResult(ToolResult):
    """An Answer. `nearest` are the closest passages of an abstention, which are no sources.

    If the question asks for a comparison, `rows` are its rows and `sentences` is empty. `further`
    counts the sentences that are left out here.
    """

    question: str
    abstained: bool
    reason: str | None
    note: str | None
    corrected: str | None
    confidence: float
    sentences: tuple[Quoted, ...]
    rows: tuple[Row, ...]
    nearest: tuple[Cited, ...]
    further: int = 0


class ListedRecommendation(BaseModel):
    """A Recommendation with its citations; `restated` are the ids of paragraphs that repeat it."""

    id: str
    name: str
    text: str
    sub_items: tuple[str, ...]
    citations: tuple[Cited, ...]
    restated: tuple[str, ...]


class RecommendationsResult(ToolResult):
    """A part of a list of `total` recommendations, from number `offset` on."""

    total: int
    offset: int
    recommendations: tuple[ListedRecommendation, ...]


class ListedReport(BaseModel):
    """A ReportInfo. `permalink` opens the report in the app; `guessed` names unchecked facts."""

    id: str
    title: str
    subtitle: str | None
    authors: tuple[str, ...]
    publisher: str
    published: str | None
    licence: str | None
    url: str | None
    guessed: tuple[str, ...]
    note_on: str | None
    stale: str | None
    paragraphs: int
    recommendations: int
    permalink: str


class ReportsResult(ToolResult):
    """A part of a list of `total` reports, from number `offset` on, and all publishers."""

    total: int
    offset: int
    publishers: tuple[str, ...]
    reports: tuple[ListedReport, ...]


class OutlineSection(BaseModel):
    """A Section; `paragraph_id` is the first paragraph in it, `paragraphs` how many it has."""

    title: str
    level: int
    kind: SectionKind
    page: int | None
    paragraphs: int
    paragraph_id: str | None


class OutlineResult(ToolResult):
    """A report and a part of its `total` sections, in order, from number `offset` on."""

    report: ListedReport
    total: int
    offset: int
    sections: tuple[OutlineSection, ...]


class ParagraphResult(ToolResult):
    """A paragraph (`asked` is its id) between its neighbours, in order, without running heads.

    `notes` are the footnotes that it refers to. If the paragraph that was asked for is gone,
    `explanation` says what has happened, and `asked` is the most similar one.
    """

    asked: str
    explanation: str | None
    paragraphs: tuple[Cited, ...]
    notes: tuple[Cited, ...]


class VerifyResult(ToolResult):
    """Whether a quote is printed, and where.

    `source` is the citation of a quote that is verified or repaired. Of an unsupported one,
    `elsewhere` are other paragraphs that print it, and `nearest` the printed sentences that are
    most like it.
    """

    status: Literal["verified", "repaired", "unsupported"]
    message: str
    source: Cited | None
    elsewhere: tuple[Cited, ...]
    nearest: tuple[Cited, ...]
