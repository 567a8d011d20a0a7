"""Recommendations as a list that can be narrowed down, shown and taken away."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.exportable import Exportable
from reformqa.model import Paragraph, Recommendation, Sentence
from reformqa.search.filters import Filters, known_name
from reformqa.text.normalise import Plain

if TYPE_CHECKING:
    import pandas as pd

#: The columns of a frame of recommendations; the last is how often it is restated.
RECOMMENDATION_COLUMNS = (
    *("id", "report_id", "label", "text", "sub_items"),
    *("section", "stated", "restated"),
)
#: What people put about words and do not mean.
_ABOUT_WORDS = " '.,;:!?()[]"

#: Recommendations as cited sentences, in order, and where those come from.
Cited = Callable[[Sequence[Recommendation]], tuple[Sequence[Sentence], Provenance]]


class Recommendations(Exportable, list[Recommendation]):
    """Recommendations, in order.

    `title` and `notes` say on paper which they are. The citations are looked up when a document
    is made: a millisecond each.
    """

    def __init__(
        self,
        found: Iterable[Recommendation],
        cited: Cited,
        title: str = "Recommendations",
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(found)
        self.title = title
        self.notes = notes
        self._cited = cited

    def only(self, ids: Collection[str]) -> Recommendations:
        """Those of them with such ids."""
        found = [r for r in self if r.id in ids]
        return Recommendations(found, self._cited, self.title, self.notes)

    def document(self) -> ExportDocument:
        """A part for each report, under its publisher's name; each recommendation with citations.

        A report's are together, where its first stands.
        """
        sentences, provenance = self._cited(self)
        groups: dict[str, list[Sentence]] = {}
        for recommendation, sentence in zip(self, sentences, strict=True):
            groups.setdefault(recommendation.report_id, []).append(sentence)
        parts = []
        for report_id, group in groups.items():
            report = provenance.reports[report_id]
            caption = f"{report.title}, {report.year}" if report.year else report.title
            parts.append(Part(report.publisher, caption, tuple(group)))
        notes = self.notes if self else (*self.notes, "There is no such recommendation.")
        return ExportDocument(self.title, notes, tuple(parts), provenance)

    def to_pandas(self) -> pd.DataFrame:
        """A row a recommendation."""
        import pandas as pd  # takes half a second, which a search need not wait for

        return pd.DataFrame(
            [
                (
                    *(r.id, r.report_id, r.label, r.text, len(r.sub_items)),
                    *(" › ".join(r.section_path), r.stated, len(r.restated)),
                )
                for r in self
            ],
            columns=list(RECOMMENDATION_COLUMNS),
        )


def in_sections(
    recommendations: Sequence[Recommendation],
    kinds: Sequence[str],
    known: Sequence[str],
    paragraphs: Callable[[Sequence[str]], Mapping[str, Paragraph]],
) -> list[Recommendation]:
    """Those that a section of one of the kinds prints, be it once more; all for no kind.

    `known` are the kinds that there are; `paragraphs` gives those of some ids.
    Raises UnknownNameError for a kind that is not known.
    """
    wanted = {known_name("section kind", kind, known) for kind in kinds}
    if not wanted:
        return list(recommendations)
    printing = {r.id: (r.stated, *r.restated) for r in recommendations}
    found = paragraphs(sorted({i for ids in printing.values() for i in ids}))
    return [
        r for r in recommendations if any(found[i].section_kind in wanted for i in printing[r.id])
    ]


def holding(recommendations: Iterable[Recommendation], words: str) -> list[Recommendation]:
    """Those that hold each of the words, or parts of words, in label, text or sub-items.

    Capitals, accents and the shapes of dashes and quotation marks are ignored; no word leaves all.
    """
    wanted = [word.strip(_ABOUT_WORDS) or word for word in _folded(words).split()]
    if not wanted:
        return list(recommendations)
    found = []
    for recommendation in recommendations:
        r = recommendation
        text = _folded("\n".join((r.name, r.text, *r.sub_items)))
        if all(word in text for word in wanted):
            found.append(recommendation)
    return found


def selection(filters: Filters, words: str | None) -> tuple[str, ...]:
    """What a list was narrowed down by, as a note; none where it holds all."""
    told = list(filters.publisher)
    told += [f"the report {i}" for i in filters.report]
    if filters.published:
        first, last = filters.published
        told.append(f"published in {first}" if first == last else f"published {first} to {last}")
    told += [f"in a section of the kind {kind}" for kind in filters.section]
    if words and words.strip():
        told.append(f"with the words {' '.join(words.split())}")
    return (f"Only: {'; '.join(told)}.",) if told else ()


def _folded(text: str) -> str:
    """The text without capitals and accents, each dash and quotation mark in one shape."""
    plain = unicodedata.normalize("NFKD", Plain(text).text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))
