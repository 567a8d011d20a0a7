"""Advise on recommendations that were probably missed, or are doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from reformqa.model import Recommendation, Report
from reformqa.recommendations.evidence import is_named
from reformqa.recommendations.responses import is_response
from reformqa.text.labels import label_keys

#: Numbers below this many are no sequence that could lack one.
LEAST_NUMBERED = 3
#: With more numbers missing than this share of the last one, they count something else.
MOST_MISSING = 0.5
#: So many missing numbers are named, the others counted.
NAMED = 6


def with_advice(report: Report, recommendations: Sequence[Recommendation]) -> Report:
    """Return the report with advice on its recommendations added to its parse report.

    Its verdict becomes "check" if it was good and some are probably missing.
    """
    if is_response(report):
        found = ["answers recommendations of others: what it quotes is not listed as its own"]
        verdict = report.reading.verdict
    else:
        found = advice(report, recommendations)
        good = report.reading.verdict == "good"
        verdict = "check" if good and found else report.reading.verdict
    if not found:
        return report
    told = tuple(dict.fromkeys((*report.reading.advice, *found)))
    reading = replace(report.reading, verdict=verdict, advice=told)
    return replace(
        report, reading=reading, warnings=tuple(dict.fromkeys((*report.warnings, *found)))
    )


def advice(report: Report, recommendations: Sequence[Recommendation]) -> list[str]:
    """Return a sentence for each doubt about the recommendations found in a report."""
    found = []
    missing = missing_numbers(recommendations)
    if missing:
        shown = ", ".join(map(str, missing[:NAMED])) + ", …" * (len(missing) > NAMED)
        found.append(
            f"recommendations are missing between those found (number {shown}): see the pages"
        )
    named = any(is_named(s.title) and s.kind != "front" for s in report.sections)
    if named and not recommendations:
        found.append("a section is called after recommendations, but none was found in it")
    return found


def missing_numbers(recommendations: Sequence[Recommendation]) -> list[int]:
    """Return the whole numbers that the labels leave out, if they count from 1 and are unique."""
    keys = [key for r in recommendations if r.label for key in label_keys(r.name)[:1]]
    kinds = Counter(key.rpartition(" ")[0] for key in keys)
    if not kinds:
        return []
    kind = kinds.most_common(1)[0][0]
    numbers = [
        int(number)
        for key in keys
        if (number := key.rpartition(" ")[2]).isdigit() and key.startswith(kind)
    ]
    if len(set(numbers)) < max(LEAST_NUMBERED, len(numbers)):
        return []
    missing = sorted({*range(1, max(numbers))} - set(numbers))
    return missing if len(missing) <= MOST_MISSING * max(numbers) else []
