"""Briefings made by hand."""

from __future__ import annotations

from reformqa import Briefing
from reformqa.exports.document import Provenance
from support.documents import RYE, loaves, recommendation, sentence

#: Where the quotes of "Bread in Towns" were taken from.
GUILD = Provenance("b1", "2026-11-21", {"loaves": loaves()})


def ovens() -> Briefing:
    """Two quotes, a recommendation, a heading and a note of two lines."""
    return (
        Briefing.of("Ovens & trams")
        .add(sentence(), GUILD)
        .add_heading("What to lend")
        .add_note("My own words.\nAnd more of them.")
        .add(sentence(RYE, span=(70, 135), printed_page="1"), GUILD)
        .add(recommendation(), Provenance("b2", "2026-11-22"))
    )
