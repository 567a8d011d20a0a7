"""The results of a question: an answer, or a comparison of think tanks.

Both can be printed, shown as HTML in a notebook, turned into pandas frames, and exported.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.exportable import Exportable
from reformqa.model import Citation, Hit, Sentence

#: Where a think tank stands to a question.
Standing = Literal["speaks", "near", "silent"]
#: What is said above the quotes of one that comes near.
MAY_TOUCH = "These quotes may touch on it."
#: The characters shown of a passage that is close but not an answer.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sentence by a language model that failed a check, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One think tank's row in a comparison.

    Its `status` is "speaks"; or "near" if its sentences may only touch on the question; or
    "silent" if no passage is anywhere near, and it has no sentences. `searched` is the number of
    the publisher's passages that were searched, so that silence is not mistaken for disagreement;
    of a silent one, `nearest` are the closest of them, which are not sources. `recommendations` are
    its recommendations on the subject; `reports` are the titles and years of those searched;
    `confidence` is the probability that it addresses the question, from 0 to 1.
    """

    publisher: str
    status: Standing
    sentences: tuple[Sentence, ...]
    recommendations: tuple[Sentence, ...]
    reports: tuple[str, ...]
    searched: int
    nearest: tuple[Hit, ...] = ()
    confidence: float = 0.0

    @property
    def found(self) -> bool:
        """Whether a passage was close enough to be quoted: it speaks, or comes near."""
        return self.status != "silent"

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation of the row, in order."""
        return tuple(c for s in (*self.sentences, *self.recommendations) for c in s.citations)

    @property
    def by_report(self) -> dict[str, tuple[Sentence, ...]]:
        """The sentences and recommendations of each of its reports, by title and year.

        Reports of one think tank may differ, so the sentences of each stay together.
        """
        groups: dict[str, tuple[Sentence, ...]] = {}
        for sentence in (*self.sentences, *self.recommendations):
            cited = sentence.citations[0]
            title = f"{cited.report_title}, {cited.year}" if cited.year else cited.report_title
            groups[title] = (*groups.get(title, ()), sentence)
        return groups

    @property
    def parts(self) -> tuple[Part, ...]:
        """The row in a document: one part, or one for each report if several are quoted."""
        groups = self.by_report
        if len(groups) < 2:
            return (Part(self.publisher, self.caption, (*self.sentences, *self.recommendations)),)
        return tuple(Part(self.publisher, f"{t}{self._said}", g) for t, g in groups.items())

    @property
    def caption(self) -> str:
        """The reports searched and, if it does not speak, what was found instead."""
        return f"{'; '.join(self.reports)}{self._said}"

    @property
    def _said(self) -> str:
        if self.status == "near":
            return f". {MAY_TOUCH}"
        return "" if self.found else f". No passage found ({self.searched} passages searched)."


@dataclass(frozen=True, slots=True)
class Comparison(Exportable):
    """A row for every publisher asked, including those with nothing to say."""

    question: str
    rows: tuple[ComparisonRow, ...]
    provenance: Provenance = field(default_factory=Provenance)

    def __iter__(self) -> Iterator[ComparisonRow]:
        return iter(self.rows)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation of the rows, in order."""
        return tuple(c for row in self.rows for c in row.citations)

    def document(self) -> ExportDocument:
        """Return a part for each think tank, or for each of its reports if several are quoted."""
        parts = tuple(part for row in self.rows for part in row.parts)
        return ExportDocument(self.question, (), parts, self.provenance)


@dataclass(frozen=True, slots=True)
class Answer(Exportable):
    """The sentences that answer a question, or the reason why there are none.

    If `abstained`, `sentences` is empty, `reason` says why, and `nearest` are the closest
    paragraphs, which are not sources. `confidence` is the probability that the reports answer the
    question, from 0 to 1. If the question asks for a comparison, `comparison` is that, and
    `sentences` are all of its sentences. `note` is a remark for the reader; `left_out` are a
    language model's sentences that failed a check. `parts` are the answers to the questions that it
    is made of, if there are several; `corrected` is the question without its typing errors, if it
    has no answer as it is. `more` are sentences that say less of the matter, for a reader who wants
    them.
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
    parts: tuple[Answer, ...] = ()
    corrected: str | None = None
    more: tuple[Sentence, ...] = ()

    @property
    def by_publisher(self) -> dict[str, tuple[Sentence, ...]]:
        """The sentences of each think tank, in order of first appearance."""
        groups: dict[str, tuple[Sentence, ...]] = {}
        for sentence in self.sentences:
            name = sentence.citations[0].publisher
            groups[name] = (*groups.get(name, ()), sentence)
        return groups

    def document(self) -> ExportDocument:
        """Return a part for each think tank quoted; in a comparison, for the silent ones too."""
        notes = [*filter(None, (self.note, self.reason and f"No answer. {self.reason}"))]
        notes += [f"Close, but not an answer: {_shown(h)}" for h in self.nearest if self.abstained]
        if self.comparison:
            parts: Sequence[Part] = self.comparison.document().parts
        elif self.parts:
            parts = [Part(part.question, "", part.sentences) for part in self.parts]
        else:
            parts = [Part(name, "", group) for name, group in self.by_publisher.items()]
        return ExportDocument(self.question, tuple(notes), tuple(parts), self.provenance)


def more_of(answer: Answer) -> Answer:
    """Return the further sentences of an answer as one of their own, or an abstention."""
    if answer.more:
        return replace(answer, sentences=answer.more, more=(), note=None, left_out=())
    return Answer(
        answer.question,
        (),
        abstained=True,
        reason="Nothing else is as close to the question. Ask about a part of it.",
        nearest=answer.nearest,
        provenance=answer.provenance,
    )


def _shown(hit: Hit) -> str:
    """Return a passage in one line: its opening words, and its place."""
    opening = textwrap.shorten(hit.passage.text, SHOWN, placeholder=" …")
    year = f" {hit.year}" if hit.year else ""
    where = f"{hit.publisher}{year}, {hit.report_title}, para {hit.paragraph.number}"
    return f"{opening} ({where}, {hit.paragraph.id})"
