"""What the reports print: whether words, names and figures stand in them, and where."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Hit
from reformqa.search.filters import Filters, apply
from reformqa.storage.files.store import Snapshot
from reformqa.text.tokens import tokens


class Printed:
    """Looks words up in one build."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def has(self, amount: str, hits: Sequence[Hit]) -> bool:
        """Whether one of the hits' paragraphs has the amount, as `lexical.amounts` writes it."""
        return bool(self._snapshot.legs.lexical.holds(amount, self._rows_of(hits)).any())

    def together(self, words: str, filters: Filters) -> bool:
        """Whether a passage that the filters leave has all of the words."""
        return bool(len(self._with_all(words, filters)))

    def in_a_row(self, words: str, filters: Filters) -> bool:
        """Whether a passage that the filters leave, or its context, has the words in a row."""
        gap = r"\W+"
        row = re.compile(rf"\b{gap.join(map(re.escape, words.split()))}\b", re.IGNORECASE)
        found = self._snapshot.passages(self._with_all(words, filters).tolist()).values()
        return any(row.search(p.indexed) for p in found)

    def share(self, topic: str, hits: Sequence[Hit]) -> float:
        """The share of the topic's terms, by idf, that the hit with most of them has."""
        lexical = self._snapshot.legs.lexical
        terms = list(dict.fromkeys(tokens(topic)))
        rows = self._rows_of(hits)
        if not terms or not len(rows):
            return 0.0
        holders = np.array([len(lexical.with_all([t])) for t in terms])
        idf = np.log1p((lexical.size - holders + 0.5) / (holders + 0.5))
        held = np.array([lexical.holds(t, rows) for t in terms])
        return float((idf @ held / idf.sum()).max())

    def _with_all(self, words: str, filters: Filters) -> NDArray[np.int64]:
        rows = self._snapshot.legs.lexical.with_all(tokens(words))
        mask = apply(self._snapshot, filters).mask
        return rows if mask is None else rows[mask[rows]]

    def _rows_of(self, hits: Sequence[Hit]) -> NDArray[np.int64]:
        return self._snapshot.rows_of([h.paragraph.id for h in hits])
