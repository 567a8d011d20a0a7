"""What an answer is made from: hits, all passages of their paragraphs, and what leads lists in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from reformqa.model import LIST_ITEMS, Paragraph, Passage
from reformqa.search.hits import Hits
from reformqa.search.retriever import Found, Retriever, Search
from reformqa.search.spans import NearnessOf
from reformqa.search.wordings import Asked
from reformqa.storage.base import Evidence
from reformqa.text.context import LIST_REACH, lead_in, table_head

#: The head of a table is at most this many paragraphs above its rows.
TABLE_REACH = max(60, LIST_REACH)

_LED = (*LIST_ITEMS, "table")


@dataclass(frozen=True, slots=True)
class Material:
    """The hits of one search with what is known of them.

    `evidence` is of every passage of the hits' paragraphs, `owners` says of which hit each is:
    shape (passages,). `passages` are those of each hit's paragraph, and `lead_ins` the paragraphs
    that open the lists of hits or head their tables, both by the paragraph's id.
    """

    asked: Asked
    hits: Hits
    evidence: Evidence
    owners: NDArray[np.int64]
    passages: Mapping[str, Sequence[Passage]]
    lead_ins: Mapping[str, Paragraph]

    def with_hits(self, hits: Sequence[int]) -> Material:
        """Return the material of some of the hits, by position and in that order."""
        place = {n: position for position, n in enumerate(hits)}
        chosen = tuple(self.hits[n] for n in hits)
        owners = np.array([place.get(int(o), -1) for o in self.owners], dtype=np.int64)
        return replace(self, hits=replace(self.hits, hits=chosen), owners=owners)

    def joined(self, other: Material) -> Material:
        """Return this material followed by the hits of another that are new."""
        known = {h.paragraph.id for h in self.hits}
        new = [n for n, h in enumerate(other.hits) if h.paragraph.id not in known]
        more = other.with_hits(new)
        owners = np.where(more.owners >= 0, more.owners + len(self.hits), self.owners)
        hits = replace(self.hits, hits=(*self.hits, *more.hits))
        passages = {**other.passages, **self.passages}
        lead_ins = {**other.lead_ins, **self.lead_ins}
        return replace(self, hits=hits, owners=owners, passages=passages, lead_ins=lead_ins)

    def first(self, count: int) -> Material:
        """Return the material of the first hits."""
        return self.with_hits(range(min(count, len(self.hits))))

    def per_hit(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the largest of each hit's passages' values.

        `values` has shape (n, passages), what is returned (n, hits).
        """
        found = np.full((len(values), len(self.hits)), -np.inf, dtype=np.float32)
        for passage, owner in enumerate(self.owners.tolist()):
            if owner >= 0:
                found[:, owner] = np.maximum(found[:, owner], values[:, passage])
        return found


def gather(retriever: Retriever, searches: Sequence[Search]) -> list[Material]:
    """Return the material that each of the searches for one question finds."""
    found = retriever.search(searches)
    ids = dict.fromkeys(p.id for f in found for own in f.passages.values() for p in own)
    evidence = retriever.store.evidence(found[0].asked.encoded, list(ids))
    place = {i: n for n, i in enumerate(ids)}
    led = {h.paragraph.id for f in found for h in f.hits if h.paragraph.kind in _LED}
    before = retriever.store.neighbours(sorted(led), TABLE_REACH, 0)
    lead_ins = {i: lead for i, near in before.items() if (lead := _lead(near))}
    return [
        Material(f.asked, f.hits, evidence, _owners(f, place), f.passages, lead_ins) for f in found
    ]


def nearness_in(material: Material, retriever: Retriever) -> NearnessOf:
    """Return what says how near texts, made of parts of the material, come to its question."""
    return partial(retriever.nearness, material.asked, material.evidence)


def _lead(near: Sequence[Paragraph]) -> Paragraph | None:
    """Return what opens the list of the last of these paragraphs, or heads its table."""
    last = len(near) - 1
    if near[last].kind == "table":
        return next((p for p in reversed(table_head(near, last)) if p.kind == "table"), None)
    return lead_in(near, last)


def _owners(found: Found, place: Mapping[str, int]) -> NDArray[np.int64]:
    """Return the hit that each passage belongs to, or -1."""
    owners = np.full(len(place), -1, dtype=np.int64)
    for n, hit in enumerate(found.hits):
        for passage in found.passages[hit.paragraph.id]:
            owners[place[passage.id]] = n
    return owners
