"""The tools: what assistants and programs may ask, each a function of a library and a request.

`TOOLS` is their one definition. `mcp` and `api` offer whatever it lists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reformqa.assistants import requests, results
from reformqa.assistants.linked import LinkedLibrary
from reformqa.assistants.verifying import verify
from reformqa.citations.permalink import linked
from reformqa.model import Paragraph, Section

#: The most sentences of an answer; lists of recommendations have more.
SENTENCES = 12
#: How many passages of an abstention are shown.
NEAREST = 3


def search(of: LinkedLibrary, asked: requests.SearchRequest) -> results.SearchResult:
    """Find the passages of the reports that best match a question, best first.

    Use it to see what the reports print on a matter. Quote only the `quote` of a source.
    """
    hits = of.library.search(
        asked.question,
        limit=asked.limit,
        publisher=asked.publisher,
        report=asked.report,
        published=(asked.since, asked.until),
        section=asked.section,
        recommendations_only=asked.recommendations_only,
    )
    return results.SearchResult(
        build=of.build,
        question=asked.question,
        hits=tuple(map(of.passage, hits)),
        searched=hits.searched,
        reason=hits.reason,
    )


def ask(of: LinkedLibrary, asked: requests.AskRequest) -> results.AskResult:
    """Answer a question with sentences quoted from the reports, or abstain and say why.

    If `abstained` is true, the reports do not answer: `nearest` are close passages, no sources.
    """
    answer = of.library.ask(
        asked.question,
        publisher=asked.publisher,
        report=asked.report,
        published=(asked.since, asked.until),
        section=asked.section,
        after=asked.after,
    )
    compared = () if answer.abstained or not answer.comparison else answer.comparison.rows
    sentences = () if compared else answer.sentences
    return results.AskResult(
        build=of.build,
        question=answer.question,
        abstained=answer.abstained,
        reason=answer.reason,
        note=answer.note,
        corrected=answer.corrected,
        confidence=round(answer.confidence, 3),
        sentences=of.statements(sentences[:SENTENCES]),
        rows=tuple(map(of.row, compared)),
        nearest=tuple(
            of.whole(hit.paragraph, hit.passage.span)
            for hit in (answer.nearest[:NEAREST] if answer.abstained else ())
        ),
        further=len(sentences[SENTENCES:]) + len(answer.more),
    )


def compare(of: LinkedLibrary, asked: requests.CompareRequest) -> results.CompareResult:
    """Compare what every think tank says on a matter, with a row for those that say nothing.

    A row's `status` is "speaks"; "near" if its quotes may only touch on the matter; or "silent".
    """
    compared = of.library.compare(
        asked.question, report=asked.report, published=(asked.since, asked.until)
    )
    return results.CompareResult(
        build=of.build, question=compared.question, rows=tuple(map(of.row, compared))
    )


def recommendations(
    of: LinkedLibrary, asked: requests.RecommendationsRequest
) -> results.RecommendationsResult:
    """List the recommendations of the reports, or those on a topic, each once.

    `total` counts them all; ask on with `offset` for the next ones.
    """
    found = of.library.recommendations(
        publisher=asked.publisher,
        report=asked.report,
        published=(asked.since, asked.until),
        about=asked.about,
        containing=asked.containing,
    )
    shown = found[asked.offset : asked.offset + asked.limit]
    sentences, _ = found.cite(shown)
    return results.RecommendationsResult(
        build=of.build,
        total=len(found),
        offset=asked.offset,
        recommendations=tuple(
            results.ListedRecommendation(
                id=r.id,
                name=r.name,
                text=r.text,
                sub_items=r.sub_items,
                citations=tuple(map(of.cited, sentence.citations)),
                restated=r.restated,
            )
            for r, sentence in zip(shown, sentences, strict=True)
        ),
    )


def paragraph(of: LinkedLibrary, asked: requests.ParagraphRequest) -> results.ParagraphResult:
    """Read a paragraph between its neighbours, with its footnotes.

    Use it to check what a quote means where it stands, or to read on in a report.
    """
    paragraph_id, build = linked(asked.paragraph)
    trace = of.library.trace(paragraph_id, build)
    found = of.library.paragraph(trace.paragraph.id if trace.paragraph else paragraph_id)
    around = found.context(asked.before, asked.after)
    read = [p for p in around if p.kind != "furniture" or p.id == found.id]
    return results.ParagraphResult(
        build=of.build,
        asked=found.id,
        explanation=trace.explanation,
        paragraphs=tuple(map(of.whole, read)),
        notes=tuple(of.whole(of.library.paragraph(note)) for note in found.notes),
    )


def outline(of: LinkedLibrary, asked: requests.OutlineRequest) -> results.OutlineResult:
    """List the sections of a report, each with the id of its first paragraph."""
    report = of.library.report(asked.report)
    shown = report.sections[asked.offset : asked.offset + asked.limit]
    return results.OutlineResult(
        build=of.build,
        report=of.report(report.info),
        total=len(report.sections),
        offset=asked.offset,
        sections=tuple(_section(s, report.paragraphs) for s in shown),
    )


def reports(of: LinkedLibrary, asked: requests.ReportsRequest) -> results.ReportsResult:
    """List the reports, newest first, and the names of their publishers."""
    found = of.library.list_reports(publisher=asked.publisher, published=(asked.since, asked.until))
    return results.ReportsResult(
        build=of.build,
        total=len(found),
        offset=asked.offset,
        publishers=of.library.publishers,
        reports=tuple(map(of.report, found[asked.offset : asked.offset + asked.limit])),
    )


def _section(section: Section, paragraphs: tuple[Paragraph, ...]) -> results.OutlineSection:
    own = [p for p in paragraphs[slice(*section.span)] if p.kind != "furniture"]
    return results.OutlineSection(
        title=section.title,
        level=section.level,
        kind=section.kind,
        page=own[0].page if own else None,
        paragraphs=len(own),
        paragraph_id=own[0].id if own else None,
    )


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its name and title, what it takes and gives, and the function that runs it.

    What the function's docstring says is what assistants are told.
    """

    title: str
    takes: type[requests.ToolRequest]
    gives: type[results.ToolResult]
    run: Callable[[LinkedLibrary, Any], results.ToolResult]

    @property
    def name(self) -> str:
        """The name under which it is called."""
        return self.run.__name__

    @property
    def description(self) -> str:
        """What it does, in a few sentences."""
        return " ".join((self.run.__doc__ or "").split())


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("Search the reports", requests.SearchRequest, results.SearchResult, search),
        Tool("Ask the reports", requests.AskRequest, results.AskResult, ask),
        Tool("Compare think tanks", requests.CompareRequest, results.CompareResult, compare),
        Tool(
            "List recommendations",
            requests.RecommendationsRequest,
            results.RecommendationsResult,
            recommendations,
        ),
        Tool("Read a paragraph", requests.ParagraphRequest, results.ParagraphResult, paragraph),
        Tool("Outline a report", requests.OutlineRequest, results.OutlineResult, outline),
        Tool("List the reports", requests.ReportsRequest, results.ReportsResult, reports),
        Tool("Verify a quote", requests.VerifyRequest, results.VerifyResult, verify),
    )
}
