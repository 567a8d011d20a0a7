"""Prepare a report for the index: find its recommendations and make its passages.

This is all that is made of a report by itself. It happens once, in the worker that reads the file;
the result stays in the parse cache.
"""

from __future__ import annotations

from dataclasses import dataclass

from reformqa.ingest.passages import make_passages
from reformqa.model import Passage, Recommendation, Report
from reformqa.recommendations.finding import find_recommendations
from reformqa.recommendations.soundness import with_advice
from reformqa.settings import PassageSettings


@dataclass(frozen=True, slots=True)
class PreparedReport:
    """A report with its recommendations and passages, in reading order.

    They depend on the report's paragraphs alone, not on its metadata.
    """

    report: Report
    recommendations: tuple[Recommendation, ...]
    passages: tuple[Passage, ...]


def prepare(report: Report, settings: PassageSettings = PassageSettings()) -> PreparedReport:
    """Return the report with its recommendations and passages.

    Its parse report says if recommendations are probably missing.
    """
    recommendations = find_recommendations(report)
    report = with_advice(report, recommendations)
    passages = tuple(make_passages(report, recommendations, settings))
    return PreparedReport(report, recommendations, passages)
