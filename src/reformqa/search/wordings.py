"""A question in its wordings, encoded: its own words, and those of the reports.

A name that the reports shorten ("Office for Devolution (OfD)") makes a second form of the question,
with the acronym for the name or the name for the acronym, since a passage prints one of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reformqa.models.base import Encoding, Models
from reformqa.search.expansion import Everyday
from reformqa.search.query import Query
from reformqa.storage.base import EncodedQuery, Filters, Store
from reformqa.text.acronyms import FACT, Acronyms
from reformqa.text.tokens import tokens

#: The questions whose encodings are kept.
REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in each of its wordings, encoded.

    `everyday` terms were put into other words; `swapped` has the names and acronyms that its second
    form puts for those of the first, as pairs.
    """

    query: Query
    wordings: tuple[str, ...]
    encoded: EncodedQuery
    everyday: tuple[str, ...]
    swapped: tuple[tuple[str, str], ...] = ()


class QuestionEncoder:
    """Words and encodes questions for one library, and remembers the last encodings.

    An everyday term that more than `known_share` of the passages print is the reports' own, and
    stays as it is.
    """

    def __init__(
        self, store: Store, models: Models, everyday: Everyday | None, known_share: float
    ) -> None:
        """Word questions with `everyday` terms, or only as they are if it is None."""
        self._store = store
        self._models = models
        self._everyday = everyday
        self._known_share = known_share
        self._acronyms = Acronyms(store.version.facts.get(FACT, {}))
        self._encodings: dict[str, Encoding] = {}

    def ask(self, queries: Sequence[Query]) -> dict[Query, Asked]:
        """Return each question in its wordings, encoded."""
        terms = {query: self._everyday_terms(query.topic) for query in queries}
        known = self._known([t for found in terms.values() for t in found])
        swaps = {query: self._acronyms.swapped(query.topic) for query in queries}
        worded = {query: self._wordings(query.topic, swaps[query][0], known) for query in queries}
        encodings = self._encode([w for wordings in worded.values() for w in wordings])
        return {
            query: Asked(
                query,
                wordings,
                EncodedQuery(
                    encodings=tuple(encodings[w] for w in wordings),
                    terms=tuple(tuple(tokens(w)) for w in wordings),
                    labels=query.labels,
                    extra=query.amounts,
                    forms=1 + bool(swaps[query][1]),
                ),
                tuple(t for t in terms[query] if t not in known),
                swaps[query][1],
            )
            for query, wordings in worded.items()
        }

    def _wordings(self, topic: str, swapped: str, known: set[str]) -> tuple[str, ...]:
        """Return the wordings of each form of the question, equally many of each."""
        forms = dict.fromkeys((topic, swapped))
        reworded = [(form, self._reworded(form, known)) for form in forms]
        if all(a == b for a, b in reworded):
            return tuple(forms)
        return tuple(w for pair in reworded for w in pair)

    def _everyday_terms(self, topic: str) -> list[str]:
        return self._everyday.terms(topic) if self._everyday else []

    def _reworded(self, topic: str, known: set[str]) -> str:
        return self._everyday.reword(topic, known.__contains__) if self._everyday else topic

    def _known(self, terms: Sequence[str]) -> set[str]:
        """Return the everyday terms that the reports use themselves."""
        stems = {term: found for term in terms if (found := tuple(tokens(term)))}
        if not stems:
            return set()
        wheres = [Filters(), *(Filters(terms=found) for found in stems.values())]
        every, *counts = self._store.count(wheres)
        return {
            term
            for term, count in zip(stems, counts, strict=True)
            if count > self._known_share * every
        }

    def _encode(self, wordings: Sequence[str]) -> dict[str, Encoding]:
        known = {w: e for w in wordings if (e := self._encodings.get(w))}
        new = [w for w in dict.fromkeys(wordings) if w not in known]
        known |= zip(new, self._models.encoder.encode_tokens(new, "question"), strict=True)
        # The app asks from several threads: what is remembered changes in one assignment.
        remembered = self._encodings | known
        self._encodings = remembered if len(remembered) <= REMEMBERED else {}
        return known
