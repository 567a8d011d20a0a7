"""Recommendations in the words of the paragraphs that state them, and where results come from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from reformqa.answering.selection import state
from reformqa.exports.document import Provenance
from reformqa.model import Recommendation, Sentence
from reformqa.storage.base import Filters, Store
from reformqa.storage.filtering import matches_report


class Quoter:
    """Quotes from one version of a library."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, where: Filters) -> list[Recommendation]:
        """Return the recommendations of the reports that the filters leave, by report and order."""
        reports = self._store.reports().values()
        return list(
            self._store.recommendations([r.id for r in reports if matches_report(where, r)])
        )

    def sentences(self, recommendations: Sequence[Recommendation]) -> dict[str, Sentence]:
        """Return recommendations as cited sentences, by id and in order."""
        items = max((len(r.sub_items) for r in recommendations), default=0)
        stated = [r.stated for r in recommendations]
        near = self._store.neighbours(stated, 0, 2 * items)  # notes may stand between sub-items
        reports = self._store.reports()
        return {
            r.id: state(
                r,
                near[r.stated][0],
                near[r.stated][1 : 2 * len(r.sub_items) + 1],
                reports[r.report_id],
            )
            for r in recommendations
        }

    def cited(
        self, recommendations: Sequence[Recommendation]
    ) -> tuple[tuple[Sentence, ...], Provenance]:
        """Return recommendations as cited sentences, in order, and where those come from."""
        sentences = tuple(self.sentences(recommendations).values())
        return sentences, self.provenance(sentences)

    def provenance(self, sentences: Iterable[Sentence]) -> Provenance:
        """Return the build asked, today, and the metadata of the reports that are cited."""
        return self.origin({c.report_id for s in sentences for c in s.citations})

    def origin(self, cited: Collection[str]) -> Provenance:
        """Return the build asked, today, and the metadata of the reports with these ids."""
        reports = {i: r for i, r in self._store.reports().items() if i in cited}
        return Provenance(self._store.version.id, date.today().isoformat(), reports)
