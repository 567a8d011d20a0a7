"""Filters on one passage at a time: what every store's compiled filter must agree with."""

from __future__ import annotations

import re

from reformqa.model import Passage, ReportInfo, SectionKind
from reformqa.storage.base import Filters
from reformqa.text.tokens import tokens

_WORD = re.compile(r"[^\W_]+")


def matches(
    where: Filters, passage: Passage, section_kind: SectionKind, report: ReportInfo
) -> bool:
    """Return whether a passage, in a section of that kind of that report, meets the filters."""
    return (
        matches_report(where, report)
        and (not where.section or section_kind in where.section)
        and (passage.recommends or not where.recommendations_only)
        and all(has_phrase(passage.text, phrase) for phrase in where.phrases)
        and all(has_run(passage.indexed, run) for run in where.runs)
        and (not where.terms or set(where.terms) <= set(tokens(passage.indexed)))
    )


def matches_report(where: Filters, report: ReportInfo) -> bool:
    """Return whether a report meets the filters on publisher, report and year."""
    if where.publisher and report.publisher not in where.publisher:
        return False
    if where.report and report.id not in where.report:
        return False
    if where.published is None:
        return True
    first, last = where.published
    return report.year is not None and first <= report.year <= last


def has_phrase(text: str, phrase: str) -> bool:
    """Return whether `text` has the words of `phrase` in a row, ignoring case and marks.

    A phrase that runs over the end of a slice of a long paragraph is not found.
    """
    return _words(phrase) in _words(text)


def has_run(text: str, run: str) -> bool:
    """Return whether `text` has the words of `run` in a row with nothing but marks between.

    Numbers count only as whole amounts: "option 3" is not in "option 3.5 million".
    """
    words = r"\W+".join(map(re.escape, run.split()))
    if re.search(rf"\b{words}\b", text, re.IGNORECASE) is None:
        return False
    return set(tokens(run)) <= set(tokens(text))


def _words(text: str) -> str:
    """Return the words of `text` in lower case, each between spaces."""
    # Each word by itself: "İ" becomes two characters in lower case, the second not a letter.
    return f" {' '.join(word.lower() for word in _WORD.findall(text))} "
