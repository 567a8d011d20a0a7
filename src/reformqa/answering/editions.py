"""What changed between two editions of a report: what is new, gone, or put in other words.

Reports are editions of one another if the catalogue says so, or if they have one publisher and one
title, but for the marks of an edition: a year, a month, a number, "second edition", "updated".
Their recommendations, sections and paragraphs are paired by `text.matching`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from reformqa.answering.quoting import Quoter
from reformqa.citations.verify import cite_span
from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.exportable import Exportable
from reformqa.model import Citation, Recommendation, Report, ReportInfo, Sentence
from reformqa.text.dates import in_words
from reformqa.text.matching import match
from reformqa.text.phrases import listed
from reformqa.text.sentences import sentences
from reformqa.text.similarity import letters

if TYPE_CHECKING:
    import pandas as pd

#: The least likeness of two paragraphs of which one replaces the other.
LEAST = 0.5

Kind = Literal["recommendation", "section", "paragraph"]
State = Literal["new", "changed", "gone"]
KINDS: tuple[Kind, ...] = ("recommendation", "section", "paragraph")
STATES: tuple[State, ...] = ("new", "changed", "gone")

YEAR = r"(?<!\d)(?:19|20)\d\d(?!\d)"
_YEARS = rf"{YEAR}(?:\s?[-–/]\s?(?:19|20)?\d\d)?"
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|spring|summer|autumn|winter)"
)
_ORDER = r"(?:first|second|third|fourth|fifth|\d+(?:st|nd|rd|th)|new|revised|updated|latest)"
#: What a title says of its edition.
_MARK = re.compile(
    rf"\b(?:{_MONTH}\s+)?{_YEARS}(?!\w)"
    rf"|\b(?:{_ORDER}\s+)?(?:edition|version|issue)(?:\s+(?:no\.?\s*)?\d+)?(?!\w)"
    r"|\b(?:no\.?|number|issue)\s*\d+(?!\w)|\b(?:revised|updated?)\b|\s\d+\s*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class EditionChange:
    """What became of a recommendation, a section or a paragraph.

    `before` cites it in the older edition, `after` in the newer one: None if it is new, or gone. Of
    a paragraph that changed they cite the first sentence that differs.
    """

    kind: Kind
    before: Citation | None
    after: Citation | None

    @property
    def state(self) -> State:
        """Whether it is new, has changed, or is gone."""
        if self.before is None:
            return "new"
        return "changed" if self.after else "gone"

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations, the newer edition's first."""
        return tuple(c for c in (self.after, self.before) if c)

    @property
    def sentence(self) -> Sentence:
        """The change in words, with its quotes, the newer edition's first."""
        newer, older = (f"“{c.quote}”" if c else "" for c in (self.after, self.before))
        said = {
            "new": f"New {self.kind}: {newer}",
            "changed": f"Changed {self.kind}: {newer} Before: {older}",
            "gone": f"Gone, a {self.kind}: {older}",
        }
        return Sentence(said[self.state], self.citations)


@dataclass(frozen=True, slots=True)
class EditionChanges(Exportable):
    """What the `newer` edition of a report changed in the `older` one, in their order.

    `unchanged` is the number of recommendations and paragraphs that are the same in both.
    """

    older: ReportInfo
    newer: ReportInfo
    changes: tuple[EditionChange, ...]
    unchanged: int
    provenance: Provenance = field(default_factory=Provenance, repr=False)

    def __iter__(self) -> Iterator[EditionChange]:
        return iter(self.changes)

    def of(self, kind: Kind, state: State) -> tuple[EditionChange, ...]:
        """Return the changes of one kind: `of("recommendation", "new")`."""
        return tuple(c for c in self.changes if (c.kind, c.state) == (kind, state))

    @property
    def counts(self) -> dict[Kind, dict[State, int]]:
        """The number of changes of each kind and state."""
        return {kind: {state: len(self.of(kind, state)) for state in STATES} for kind in KINDS}

    @property
    def summary(self) -> str:
        """The two editions and the numbers of changes, in a sentence or two."""
        parts = []
        for kind, of_kind in self.counts.items():
            numbers = [f"{count} {state}" for state, count in of_kind.items() if count]
            if numbers:
                parts.append(f"{kind}s: {listed(numbers, 'and')}")
        told = "; ".join(parts) or "nothing"
        return (
            f"From {edition_name(self.older)} to {edition_name(self.newer)}: {told}."
            f" Recommendations and paragraphs that are the same: {self.unchanged}."
        )

    def document(self) -> ExportDocument:
        """Return a part for what is new, changed and gone of each kind."""
        parts = tuple(
            Part(f"{state.capitalize()} {kind}s", "", tuple(c.sentence for c in found))
            for kind in KINDS
            for state in STATES
            if (found := self.of(kind, state))
        )
        title = f"{self.newer.title}: what changed"
        return ExportDocument(title, (self.summary,), parts, self.provenance)

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each change: its kind and state, both quotes and both paragraphs."""
        import pandas as pd  # takes half a second, which a question need not wait for

        sides = ("before", "after")
        rows = [
            (
                *(c.kind, c.state),
                *(s.quote if s else None for s in (c.before, c.after)),
                *(s.paragraph_id if s else None for s in (c.before, c.after)),
            )
            for c in self.changes
        ]
        columns = ["kind", "state", *sides, *(f"{side}_paragraph" for side in sides)]
        return pd.DataFrame(rows, columns=columns)


def edition_name(report: ReportInfo) -> str:
    """Return how a report is told from its other editions: by its date, or else by its title."""
    return in_words(report.published) or report.title


def title_key(title: str) -> str:
    """Return the letters of a title without what it says of its edition."""
    return letters(_MARK.sub(" ", title)) or letters(title)


def find_editions(reports: Iterable[ReportInfo]) -> list[list[ReportInfo]]:
    """Return the reports that have other editions, each with those, the oldest first."""
    own = {r.id: r for r in reports if not r.note_on}
    groups: dict[tuple[str, str], list[ReportInfo]] = {}
    for report in own.values():
        first = _first(report, own)
        groups.setdefault((first.publisher, title_key(first.title)), []).append(report)
    return [sorted(group, key=_age) for group in groups.values() if len(group) > 1]


def _first(report: ReportInfo, reports: Mapping[str, ReportInfo]) -> ReportInfo:
    """Return the report that the catalogue leads to, from one edition to another."""
    passed = {report.id}
    while (before := reports.get(report.edition_of or "")) and before.id not in passed:
        passed.add(before.id)
        report = before
    return report


def _age(report: ReportInfo) -> tuple[str, list[int], str]:
    """Return what editions are sorted by: the date, then the numbers of the title."""
    return report.published or "", [int(n) for n in _NUMBER.findall(report.title)], report.id


@dataclass(frozen=True, slots=True)
class _Piece:
    """A recommendation, a section or a paragraph: its text, and the citation of all of it."""

    text: str
    cited: Citation


def compare_editions(
    older: Report, newer: Report, known: Sequence[Recommendation], quoter: Quoter
) -> EditionChanges:
    """Return what became of the older edition; `known` are the recommendations of both."""
    recommended = quoter.sentences(known)
    changes: list[EditionChange] = []
    unchanged = 0
    for kind in KINDS:
        before, after = (_pieces(kind, r, known, recommended) for r in (older, newer))
        pairs = match([p.text for p in before], [p.text for p in after], LEAST)
        same = {b for b, a in pairs.items() if letters(before[b].text) == letters(after[a].text)}
        unchanged += len(same) if kind != "section" else 0
        origin = {a: b for b, a in pairs.items()}
        for n, piece in enumerate(after):
            if n not in origin:
                changes.append(EditionChange(kind, None, piece.cited))
            elif origin[n] not in same:
                changes.append(_changed(kind, before[origin[n]], piece))
        changes += [
            EditionChange(kind, piece.cited, None)
            for n, piece in enumerate(before)
            if n not in pairs
        ]
    cited = quoter.origin({older.id, newer.id})
    return EditionChanges(older.info, newer.info, tuple(changes), unchanged, cited)


def _pieces(
    kind: Kind,
    report: Report,
    known: Sequence[Recommendation],
    recommended: Mapping[str, Sentence],
) -> list[_Piece]:
    """Return the recommendations, sections or paragraphs of a report in their order."""
    own = [r for r in known if r.report_id == report.id]
    if kind == "recommendation":
        return [
            _Piece(" ".join((r.text, *r.sub_items)), recommended[r.id].citations[0]) for r in own
        ]
    if kind == "section":
        shown = [p for p in report.paragraphs if p.kind == "heading" and p.section_kind != "front"]
    else:
        stating = {i for r in own for i in (r.stated, *r.restated)}
        shown = [p for p in report.paragraphs if p.searchable and p.id not in stating]
    return [_Piece(p.text, cite_span((0, 0), p, report)) for p in shown]


def _changed(kind: Kind, before: _Piece, after: _Piece) -> EditionChange:
    """Return a change that cites the first sentence of each that the other does not have."""
    if kind != "paragraph":
        return EditionChange(kind, before.cited, after.cited)
    return EditionChange(kind, _differing(before, after.text), _differing(after, before.text))


def _differing(piece: _Piece, other: str) -> Citation:
    """Return the citation of the first sentence that another text does not have, or of all."""
    there = {letters(sentence) for _, sentence in sentences(other)}
    for span, sentence in sentences(piece.text):
        if letters(sentence) not in there:
            return replace(piece.cited, quote=piece.text[slice(*span)], span=span)
    return piece.cited
