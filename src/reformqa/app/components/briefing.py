"""The button that adds a quote to the visitor's briefing, or takes it out again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import streamlit as st

from reformqa.app.state.briefing import change, desk
from reformqa.briefing.records import Briefing
from reformqa.citations.permalink import Place
from reformqa.exports.document import Provenance
from reformqa.library import Library
from reformqa.model import Citation, Sentence

#: Returns a sentence or a citation, and where it comes from; called when it is added.
Find = Callable[[], tuple[Sentence | Citation, Provenance]]


def add_sentence(sentence: Sentence, provenance: Provenance, key: str) -> None:
    """Draw the button beside a sentence with its citations."""
    places = [Place.of(c) for c in sentence.citations]
    _draw(places, lambda: (sentence, provenance), key)


def add_place(of: Library, place: Place, key: str) -> None:
    """Draw the button beside a passage or a paragraph."""

    def find() -> tuple[Citation, Provenance]:
        citation = of.citation(place.paragraph_id, place.span)
        reports = {r.id: r for r in of.reports if r.id == citation.report_id}
        return citation, Provenance(of.build.id, reports=reports)

    _draw([place], find, key)


def _draw(places: Sequence[Place], find: Find, key: str) -> None:
    found = [desk().briefing.find(p.paragraph_id, p.span) for p in places]
    there = [quote.id for quote in found if quote]
    st.button(
        "Added" if there else "Add",
        key=f"{key}-add",
        type="tertiary",
        icon=":material/check:" if there else ":material/add:",
        help="Remove it from the briefing" if there else "Add it to the briefing",
        on_click=_remove if there else _add,
        args=(there if there else find,),
    )


def _add(find: Find) -> None:
    change(lambda briefing: briefing.add(*find()))


def _remove(ids: Sequence[int]) -> None:
    change(lambda briefing: reduce(Briefing.remove, ids, briefing))
