"""What has become of a briefing's quotes since they were taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reformqa.briefing.records import QuoteItem
from reformqa.citations.permalink import Trace
from reformqa.citations.verify import cite, cite_span
from reformqa.model import Citation, ReportInfo


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """What has become of a quote.

    Its `status` is "stands" if the library still prints the words, and `now` is their citation;
    "changed" if their paragraph now has other words, and `now` quotes those; or "gone", and `now`
    is None. `explanation` says what has happened, and is None if nothing has.
    """

    quote: QuoteItem
    status: Literal["stands", "changed", "gone"]
    explanation: str | None = None
    now: Citation | None = None


def check_quote(quote: QuoteItem, trace: Trace, reports: Mapping[str, ReportInfo]) -> QuoteCheck:
    """Return what has become of a quote; `trace` says where its paragraph is now."""
    found = trace.paragraph
    if found is None:
        return QuoteCheck(quote, "gone", trace.explanation)
    report = reports[found.report_id]
    given = quote.citation
    if found.text[slice(*given.span)] == given.quote:
        return QuoteCheck(quote, "stands", trace.explanation, cite_span(given.span, found, report))
    again = cite(given.quote, found, report)
    if again.status != "unsupported":
        return QuoteCheck(quote, "stands", trace.explanation, again)
    explanation = trace.explanation or "The paragraph does not print these words."
    now = cite_span((0, 0), found, report)
    return QuoteCheck(quote, "changed", explanation, now)
