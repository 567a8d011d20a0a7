"""A library whose records carry links, made into what the tools give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property

from reformqa.answering.results import ComparisonRow
from reformqa.assistants.results import Cited, FoundPassage, ListedReport, Quoted, Row
from reformqa.citations.permalink import Place, permalink, report_link
from reformqa.citations.verify import cite_span
from reformqa.library import Library
from reformqa.model import Citation, Hit, Paragraph, ReportInfo, Sentence

#: The most recommendations in a row of a comparison.
IN_ROW = 3


@dataclass(frozen=True)
class LinkedLibrary:
    """A library, and the address of the app that opens its places."""

    library: Library
    app: str

    @property
    def build(self) -> str:
        """The id of the build that is asked."""
        return self.library.build.id

    @cached_property
    def infos(self) -> dict[str, ReportInfo]:
        """The reports by id."""
        return {r.id: r for r in self.library.reports}

    def cited(self, citation: Citation) -> Cited:
        """Return a citation with its reference and permalink."""
        values = {f.name: getattr(citation, f.name) for f in fields(Citation)}
        place = Place.of(citation)
        return Cited(
            **values, reference=str(citation), permalink=permalink(self.app, place, self.build)
        )

    def whole(self, paragraph: Paragraph, span: tuple[int, int] = (0, 0)) -> Cited:
        """Return the citation of a paragraph, or of its characters in `span`."""
        return self.cited(cite_span(span, paragraph, self.infos[paragraph.report_id]))

    def passage(self, hit: Hit) -> FoundPassage:
        """Return a hit."""
        return FoundPassage(
            source=self.whole(hit.paragraph, hit.passage.span),
            score=round(hit.score, 4),
            also=tuple(p.id for p in hit.also),
        )

    def statements(self, sentences: Iterable[Sentence]) -> tuple[Quoted, ...]:
        """Return sentences."""
        return tuple(
            Quoted(
                text=s.text,
                citations=tuple(map(self.cited, s.citations)),
                recommendation=s.recommendation.id if s.recommendation else None,
            )
            for s in sentences
        )

    def row(self, row: ComparisonRow) -> Row:
        """Return a row of a comparison, with its first recommendations."""
        return Row(
            publisher=row.publisher,
            status=row.status,
            confidence=round(row.confidence, 3),
            searched=row.searched,
            reports=row.reports,
            sentences=self.statements(row.sentences),
            recommendations=self.statements(row.recommendations[:IN_ROW]),
            further=len(row.recommendations[IN_ROW:]),
        )

    def report(self, info: ReportInfo) -> ListedReport:
        """Return a report."""
        counts = self.library.counts(info.id)
        return ListedReport(
            id=info.id,
            title=info.title,
            subtitle=info.subtitle,
            authors=info.authors,
            publisher=info.publisher,
            published=info.published,
            licence=info.licence,
            url=info.url,
            guessed=info.guessed,
            note_on=info.note_on,
            stale=info.stale,
            paragraphs=counts["paragraphs"],
            recommendations=counts["recommendations"],
            permalink=report_link(self.app, info.id),
        )
