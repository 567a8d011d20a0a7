"""Questions about editions: "What changed between the two editions of X?", "What is new in X?"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reformqa.answering.editions import (
    YEAR,
    EditionChanges,
    edition_name,
    find_editions,
    title_key,
)
from reformqa.answering.results import Answer
from reformqa.model import ReportInfo

#: The changes that an answer quotes, and those behind "Show more".
MOST, MORE = 12, 100
#: The least letters of a title by which a part of it is recognised.
LETTERS = 5

_CHANGED = r"what(?: has| have| is| are| was|['’]s)? (?:changed|new|different|gone)"
_DIFFERENCES = r"what are the (?:changes|differences)"
_EDITIONS = r"(?:the )?(?:[\w,]+ ){0,6}?(?:editions?|versions?)"
_OF = r"(?: (?:of|from|by) (?P<title>.+?))?"
_FORMS = tuple(
    re.compile(rf"{form}[\s?.!]*", re.IGNORECASE)
    for form in (
        rf"(?:{_CHANGED}|{_DIFFERENCES}) (?:between|in|since|from|with|to) {_EDITIONS}{_OF}",
        rf"how (?:do|did|does) {_EDITIONS}{_OF} (?:differ|compare)",
        rf"(?:please )?compare {_EDITIONS}{_OF}",
    )
)
#: A title alone: only the whole one counts, as anything may be new in anything.
_IN_TITLE = re.compile(rf"{_CHANGED} (?:in|since) (?P<title>.+?)[\s?.!]*", re.IGNORECASE)
_SINCE = re.compile(r"\bsince\b", re.IGNORECASE)
_YEAR = re.compile(YEAR)


def asked_editions(question: str, reports: Iterable[ReportInfo]) -> tuple[str, str] | None:
    """Return the ids of the newer and the older edition that a question compares, or None."""
    text = " ".join(question.split())
    form = next((m for f in _FORMS if (m := f.fullmatch(text))), None)
    alone = None if form else _IN_TITLE.fullmatch(text)
    if not (form or alone):
        return None
    groups = find_editions(reports)
    years = set(_YEAR.findall(text))
    if alone:
        found = [g for g in groups if _bare(alone["title"]) in _titles(g)]
    elif form and form["title"]:
        found = _named(groups, form["title"])
    else:
        found = _of_years(groups, years)
    return _chosen(found[0], years, bool(_SINCE.search(text))) if len(found) == 1 else None


def _bare(title: str) -> str:
    """Return the letters of a title without its edition, an article or quotation marks."""
    return title_key(title).removeprefix("the")


def _named(groups: Sequence[list[ReportInfo]], title: str) -> list[list[ReportInfo]]:
    """Return the groups of that title, or else those of which one is a part of the other."""
    asked = _bare(title)
    if whole := [g for g in groups if asked in _titles(g)]:
        return whole
    return [
        g
        for g in groups
        if any(
            min(len(own), len(asked)) >= LETTERS and (own in asked or asked in own)
            for own in _titles(g)
        )
    ]


def _titles(group: Iterable[ReportInfo]) -> set[str]:
    return {_bare(report.title) for report in group}


def _of_years(groups: Sequence[list[ReportInfo]], years: set[str]) -> list[list[ReportInfo]]:
    return [g for g in groups if all(any(y in _years(r) for r in g) for y in years)]


def _years(report: ReportInfo) -> set[str]:
    """Return the years that tell an edition: of its publication and in its title."""
    return {(report.published or "")[:4], *_YEAR.findall(report.title)}


def _chosen(group: Sequence[ReportInfo], years: set[str], since: bool) -> tuple[str, str]:
    """Return the newer and the older of two editions: those of the years, or else the last two."""
    of_years = [n for n, r in enumerate(group) if years & _years(r)]
    last = len(group) - 1
    if not of_years:
        newer, older = last, last - 1
    elif len(of_years) > 1:
        newer, older = of_years[-1], of_years[0]
    elif since and of_years[0] < last:
        newer, older = last, of_years[0]
    else:
        newer = max(1, of_years[0])
        older = newer - 1
    return group[newer].id, group[older].id


def edition_question(newer: ReportInfo, older: ReportInfo) -> str:
    """Return the question that compares two editions, as a reader would put it."""
    if newer.year and older.year and newer.year != older.year:
        which = f"between the {older.year} and {newer.year} editions"
    else:
        which = "between the last two editions"
    return f"What changed {which} of “{newer.title}”?"


def answer_editions(question: str, changes: EditionChanges) -> Answer:
    """Return the changes between two editions as an answer, recommendations first."""
    sentences = tuple(change.sentence for change in changes)
    if not sentences:
        newer, older = edition_name(changes.newer), edition_name(changes.older)
        return Answer(
            question,
            (),
            abstained=True,
            reason=f"Nothing is new, changed or gone from {older} to {newer}.",
            provenance=changes.provenance,
        )
    note = f"Two editions compared by their words. {changes.summary}"
    if len(sentences) > MOST + MORE:
        note += f" The first {MOST + MORE} changes are quoted; `Library.changes` has them all."
    return Answer(
        question,
        sentences[:MOST],
        confidence=1.0,
        note=note,
        more=sentences[MOST : MOST + MORE],
        provenance=changes.provenance,
    )
