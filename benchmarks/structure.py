"""Sections, paragraphs and recommendations of the reports as text, against the hand-made truth."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reformqa.model import Paragraph, Recommendation, Report
from reformqa.parsing import parse
from reformqa.recommendations.finding import find_recommendations
from scoring import Counts
from truths import letters

#: What is printed: the counts of what is right, and what they are a share of.
COLUMNS = {
    "recall": ("found", "headings"),
    "precis": ("found", "sections"),
    "level": ("level", "found"),
    "parent": ("parent", "found"),
    "title": ("title", "found"),
    "whole": ("whole", "paragraphs"),
    "placed": ("placed", "paragraphs"),
    "recR": ("recs right", "recs"),
    "recP": ("recs right", "records"),
    "joined": ("joined", "restated"),
}

Truths = Sequence[Mapping[str, Any]]


def score_texts(shared: Path, wanted: Sequence[str] | None) -> dict[str, Counts]:
    """Return the counts of each report as text."""
    names = ("sections", "paragraphs", "recommendations")
    truth = {n: json.loads((shared / "gold" / f"{n}.json").read_text("utf-8")) for n in names}
    return {
        report: score_text(
            parse(shared / "corpus" / "text" / f"{report}.txt"),
            {name: truth[name][report] for name in names},
        )
        for report in truth["sections"]
        if not wanted or report in wanted
    }


def score_text(report: Report, truth: Mapping[str, Truths]) -> Counts:
    """Return the counts of a report read from text."""
    return {
        **count_sections(report, truth["sections"]),
        **count_paragraphs(report, truth["paragraphs"]),
        **count_recommendations(report, truth["recommendations"]),
    }


def count_sections(report: Report, truth: Truths) -> Counts:
    """Return how many headings are true and found, and right in level, parent and title."""
    headings = [t for t in truth if t["kind"] not in ("figure", "table")]
    wanted = [t for t in headings if not t.get("optional")]
    found = {s.line: s for s in report.sections}
    optional = {t["line"] for t in headings if t.get("optional")}
    pairs = [(t, found[t["line"]]) for t in wanted if t["line"] in found]
    lines = [None if s.parent is None else report.sections[s.parent].line for _, s in pairs]
    return {
        "headings": len(wanted),
        "sections": len([line for line in found if line not in optional]),
        "found": len(pairs),
        "level": sum(t["level"] == s.level for t, s in pairs),
        "parent": sum(t["parent"] == p for (t, _), p in zip(pairs, lines, strict=True)),
        "title": sum(letters(t["title"]) == letters(s.title) for t, s in pairs),
    }


def count_paragraphs(report: Report, truth: Truths) -> Counts:
    """Return how many sampled paragraphs are whole, and stand in the right section."""
    texts = [(letters(p.text), p) for p in report.paragraphs]
    whole = placed = 0
    for t in truth:
        first, last = letters(t["first_words"]), letters(t["last_words"])
        match = [p for text, p in texts if text.startswith(first) and text.endswith(last)]
        names = {letters(n) for n in (t["section"], *t.get("alt_sections", []))}
        whole += bool(match)
        placed += any(p.section_path and letters(p.section_path[-1]) in names for p in match)
    return {"paragraphs": len(truth), "whole": whole, "placed": placed}


def count_recommendations(report: Report, truth: Truths) -> Counts:
    """Return how many recommendations are true and found, and how many restatements joined."""
    wanted = [t for t in truth if t["tier"] == "formal"]
    found = list(find_recommendations(report))
    by_id = {p.id: p for p in report.paragraphs}
    counts: Counts = {"recs": len(wanted), "records": len(found)}
    counts |= {"recs right": 0, "restated": 0, "joined": 0}
    for t in wanted:
        match = next((r for r in found if is_same(t, r)), None)
        counts["restated"] += len(t["restated_lines"])
        if match:
            found.remove(match)
            lines = source_lines([by_id[i] for i in (match.stated, *match.restated)])
            counts["recs right"] += 1
            counts["joined"] += sum(line in lines for line in t["restated_lines"])
    return counts


def is_same(truth: Mapping[str, Any], found: Recommendation) -> bool:
    """Return whether a recommendation has the truth's label, or 0.8 of its words."""
    if truth["label"] and found.label and letters(truth["label"]) == letters(found.label):
        return True
    wanted, words = (set(re.findall(r"\w+", x.lower())) for x in (truth["text"], found.text))
    return len(wanted & words) >= 0.8 * len(wanted)


def source_lines(paragraphs: Sequence[Paragraph]) -> set[int]:
    """Return the source lines of the paragraphs' parts."""
    return {line for p in paragraphs for line in p.lines}
