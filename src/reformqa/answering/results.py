"""What the library gives back to a question: an answer, or think tanks side by side.

Both print well, show as HTML in a notebook, become pandas frames, and export themselves.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.exportable import Exportable
from reformqa.model import Citation, Hit, Sentence

if TYPE_CHECKING:
    pass

#: How many characters of a passage are told that is near, and no answer.
TOLD = 200


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sentence of a language model that did not pass the gate, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One think tank's part in a comparison.

    `found` is false when no passage came near enough; `searched` says how many of the
    publisher's passages were looked at, so that silence is not mistaken for disagreement, and
    `nearest` holds the closest of them, which are not sources. `recommendations` are its
    recommendations on the matter; `reports` names those searched, with their years;
    `confidence` is how likely it speaks to the question, from 0 to 1.
    """

    publisher: str
    found: bool
    sentences: tuple[Sentence, ...]
    recommendations: tuple[Sentence, ...]
    reports: tuple[str, ...]
    searched: int
    nearest: tuple[Hit, ...] = ()
    confidence: float = 0.0

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation of the row, in order."""
        return tuple(c for s in (*self.sentences, *self.recommendations) for c in s.citations)

    @property
    def by_report(self) -> dict[str, tuple[Sentence, ...]]:
        """The sentences and recommendations of each of its reports, by title and year.

        Papers of one think tank may differ, so what each says stands together.
        """
        groups: dict[str, tuple[Sentence, ...]] = {}
        for sentence in (*self.sentences, *self.recommendations):
            cited = sentence.citations[0]
            title = f"{cited.report_title}, {cited.year}" if cited.year else cited.report_title
            groups[title] = (*groups.get(title, ()), sentence)
        return groups

    @property
    def parts(self) -> tuple[Part, ...]:
        """The row on paper: a part, or one for each report where several speak."""
        groups = self.by_report
        if len(groups) < 2:
            return (Part(self.publisher, self.caption, (*self.sentences, *self.recommendations)),)
        return tuple(Part(self.publisher, title, group) for title, group in groups.items())

    @property
    def caption(self) -> str:
        """Which reports were searched and, where nothing was found, how much of them."""
        reports = "; ".join(self.reports)
        if self.found:
            return reports
        return f"{reports}. No passage found ({self.searched} passages searched)."


@dataclass(frozen=True, slots=True)
class Comparison(Exportable):
    """A row for every publisher asked, those with nothing to say included."""

    question: str
    rows: tuple[ComparisonRow, ...]
    provenance: Provenance = field(default_factory=Provenance)

    def __iter__(self) -> Iterator[ComparisonRow]:
        return iter(self.rows)

    def document(self) -> ExportDocument:
        """A part for each think tank, or for each of its reports where several speak."""
        parts = tuple(part for row in self.rows for part in row.parts)
        return ExportDocument(self.question, (), parts, self.provenance)


@dataclass(frozen=True, slots=True)
class Answer(Exportable):
    """What the library says to a question, or why it says nothing.

    When `abstained`, `sentences` is empty, `reason` says why, and `nearest` holds the closest
    paragraphs, which are not sources. `confidence` is how likely the reports answer the question,
    from 0 to 1. Where the question asks for it, the answer is a `comparison`, whose sentences
    these are. `note` tells of what a reader should know besides; `left_out` are a language
    model's sentences that did not pass the gate.
    """

    question: str
    sentences: tuple[Sentence, ...]
    abstained: bool = False
    reason: str | None = None
    nearest: tuple[Hit, ...] = ()
    confidence: float = 0.0
    comparison: Comparison | None = None
    note: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def by_publisher(self) -> dict[str, tuple[Sentence, ...]]:
        """The sentences of each think tank, in the order in which they first speak."""
        groups: dict[str, tuple[Sentence, ...]] = {}
        for sentence in self.sentences:
            name = sentence.citations[0].publisher
            groups[name] = (*groups.get(name, ()), sentence)
        return groups

    def document(self) -> ExportDocument:
        """A part for each think tank that speaks; of a comparison, for the silent ones too."""
        notes = [*filter(None, (self.note, self.reason and f"No answer. {self.reason}"))]
        notes += [f"Near, but not an answer: {_told(h)}" for h in self.nearest if self.abstained]
        if self.comparison:
            parts: Sequence[Part] = self.comparison.document().parts
        else:
            parts = [Part(name, "", group) for name, group in self.by_publisher.items()]
        return ExportDocument(self.question, tuple(notes), tuple(parts), self.provenance)


def _told(hit: Hit) -> str:
    """A passage in a line: its opening words, and where it stands."""
    opening = textwrap.shorten(hit.passage.text, TOLD, placeholder=" …")
    year = f" {hit.year}" if hit.year else ""
    where = f"{hit.publisher}{year}, {hit.report_title}, para {hit.paragraph.number}"
    return f"{opening} ({where}, {hit.paragraph.id})"
