"""Lists of recommendations: filtered, shown and exported."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, overload

from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.exportable import Exportable
from reformqa.model import Paragraph, Recommendation, Sentence
from reformqa.search.filters import known_name
from reformqa.storage.base import Filters
from reformqa.text.normalise import Plain

if TYPE_CHECKING:
    import pandas as pd

#: The columns of a frame of recommendations; the last is the number of restatements.
RECOMMENDATION_COLUMNS = (
    *("id", "report_id", "label", "text", "sub_items"),
    *("section", "stated", "restated"),
)
#: Marks that people type around words and that are ignored.
_ABOUT_WORDS = " '.,;:!?()[]"

#: Returns recommendations as cited sentences, in order, and where those come from.
Cite = Callable[[Sequence[Recommendation]], tuple[Sequence[Sentence], Provenance]]


@dataclass(frozen=True, slots=True)
class Recommendations(Exportable, Sequence[Recommendation]):
    """Recommendations, in order.

    `title` and `notes` describe them in a document. `cite` turns them into cited sentences when a
    document is made, which takes a millisecond each.
    """

    found: tuple[Recommendation, ...]
    cite: Cite = field(repr=False, compare=False)
    title: str = "Recommendations"
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, index: int) -> Recommendation: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Recommendation, ...]: ...
    def __getitem__(self, index: int | slice) -> Recommendation | tuple[Recommendation, ...]:
        return self.found[index]

    def __iter__(self) -> Iterator[Recommendation]:
        return iter(self.found)

    def only(self, ids: Collection[str]) -> Recommendations:
        """Return those with one of the ids."""
        return replace(self, found=tuple(r for r in self.found if r.id in ids))

    def document(self) -> ExportDocument:
        """Return a part for each report, under its publisher's name, with citations.

        A report's recommendations are together, where its first one is.
        """
        sentences, provenance = self.cite(self.found)
        groups: dict[str, list[Sentence]] = {}
        for recommendation, sentence in zip(self.found, sentences, strict=True):
            groups.setdefault(recommendation.report_id, []).append(sentence)
        parts = []
        for report_id, group in groups.items():
            report = provenance.reports[report_id]
            caption = f"{report.title}, {report.year}" if report.year else report.title
            parts.append(Part(report.publisher, caption, tuple(group)))
        notes = self.notes if self.found else (*self.notes, "No recommendation matches.")
        return ExportDocument(self.title, notes, tuple(parts), provenance)

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each recommendation."""
        import pandas as pd  # takes half a second, which a search need not wait for

        return pd.DataFrame(
            [
                (
                    *(r.id, r.report_id, r.label, r.text, len(r.sub_items)),
                    *(" › ".join(r.section_path), r.stated, len(r.restated)),
                )
                for r in self.found
            ],
            columns=list(RECOMMENDATION_COLUMNS),
        )


def in_sections(
    recommendations: Sequence[Recommendation],
    kinds: Sequence[str],
    known: Sequence[str],
    paragraphs: Callable[[Sequence[str]], Mapping[str, Paragraph]],
) -> list[Recommendation]:
    """Return those stated or restated in a section of one of the kinds; all if `kinds` is empty.

    `known` are the kinds that exist; `paragraphs` returns paragraphs by id.
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
    """Return those with every word, or part of a word, in label, text or sub-items.

    Case, accents and the shapes of dashes and quotation marks are ignored. No words return all.
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
    """Return a note of the filters of a list; no note if the list is complete."""
    chosen = list(filters.publisher)
    chosen += [f"the report {i}" for i in filters.report]
    if filters.published:
        first, last = filters.published
        chosen.append(f"published in {first}" if first == last else f"published {first} to {last}")
    chosen += [f"in sections of kind {kind}" for kind in filters.section]
    if words and words.strip():
        chosen.append(f"containing “{' '.join(words.split())}”")
    return (f"Only: {'; '.join(chosen)}.",) if chosen else ()


def _folded(text: str) -> str:
    """Return the text in lower case without accents, dashes and quotation marks in one shape."""
    plain = unicodedata.normalize("NFKD", Plain(text).text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))
