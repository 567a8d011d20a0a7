"""Material: the hits of a search with the passages of their paragraphs and what leads lists in."""

from __future__ import annotations

import numpy as np
import pytest

from reformqa.answering.evidence import Material, gather
from reformqa.search.query import parse_query
from reformqa.search.retriever import Retriever, Search
from reformqa.storage.base import Filters
from support.asking import material_of, retriever_of, town_in_memory
from support.makers import contents, in_memory, paragraph, report, towns
from support.models import exported

PASSAGES = {p.id: p for p in towns().passages}


@pytest.fixture(scope="module")
def retriever() -> Retriever:
    return retriever_of(town_in_memory())


@pytest.fixture(scope="module")
def ovens(retriever: Retriever) -> Material:
    return material_of(retriever, "Who burns stored flour in cold ovens at the mill?")


def ids(material: Material) -> list[str]:
    return [h.paragraph.id for h in material.hits]


def owned(material: Material) -> dict[str, set[str]]:
    """The passages of each hit's paragraph, by its owner numbers."""
    found: dict[str, set[str]] = {i: set() for i in ids(material)}
    for passage_id, owner in zip(material.evidence.ids, material.owners.tolist(), strict=True):
        if owner >= 0:
            found[ids(material)[owner]].add(passage_id)
    return found


def all_passages(material: Material) -> dict[str, set[str]]:
    return {i: {p.id for p in PASSAGES.values() if p.paragraph_id == i} for i in ids(material)}


def test_every_passage_of_a_hits_paragraph_is_known(ovens: Material):
    assert owned(ovens) == all_passages(ovens)
    assert len(owned(ovens)["loaves-4"]) == 2  # in slices: one of them is the hit


def test_some_of_the_hits_keep_their_own_passages(ovens: Material):
    some = ovens.with_hits([4, 0])
    assert ids(some) == [ids(ovens)[4], ids(ovens)[0]]
    assert owned(some) == all_passages(some)
    assert some.hits.searched == ovens.hits.searched
    assert ids(ovens.first(3)) == ids(ovens)[:3]
    assert ids(ovens.first(99)) == ids(ovens)


def test_joined_material_has_each_hit_once_and_the_first_ones_first(retriever: Retriever):
    query = parse_query("Who should lend ovens?", list(retriever.store.reports().values()))
    only = Filters(recommendations_only=True)
    first, second = gather(retriever, [Search(query, Filters(), 3), Search(query, only, 6)])
    joined = first.joined(second)
    new = [i for i in ids(second) if i not in ids(first)]
    assert new
    assert set(ids(second)) & set(ids(first))
    assert ids(joined) == [*ids(first), *new]
    assert owned(joined) == all_passages(joined)


def test_the_largest_value_of_a_hits_passages_counts_for_it(ovens: Material):
    rows = np.arange(2 * len(ovens.owners), dtype=np.float32).reshape(2, -1)
    expected = [
        [max(float(v) for v, o in zip(row, ovens.owners, strict=True) if o == n) for row in rows]
        for n in range(len(ovens.hits))
    ]
    assert ovens.per_hit(rows).T.tolist() == expected


def test_the_items_of_a_list_have_the_paragraph_that_opens_it():
    told = (
        ("body", "Before it is lit, a good oven of the guild should:"),
        ("bullet", "hold its heat until noon;"),
        ("bullet", "have a door of iron."),
        ("body", "Wood is dear in spring."),
    )
    whole = report(
        *(
            paragraph(text, id=f"made-{n}", number=n, kind=kind)
            for n, (kind, text) in enumerate(told, start=1)
        )
    )
    retriever = retriever_of(in_memory(contents([whole]), exported()))
    material = material_of(retriever, "What should a good oven of the guild hold?")
    assert set(ids(material)) >= {"made-2", "made-3", "made-4"}
    assert {i: lead.id for i, lead in material.lead_ins.items()} == {
        "made-2": "made-1",
        "made-3": "made-1",
    }
