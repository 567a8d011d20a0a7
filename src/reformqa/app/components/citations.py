"""Sentences with numbered citations, each a button that opens its source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from reformqa.app.components.briefing import add_sentence
from reformqa.app.html import escape, label
from reformqa.app.state import url
from reformqa.citations.permalink import Place
from reformqa.exports.document import Provenance
from reformqa.model import Citation, Sentence


def draw_sentences(
    sentences: Sequence[Sentence],
    number: int,
    key: str,
    provenance: Provenance,
    *,
    titled: bool = True,
) -> int:
    """Draw sentences with citations numbered after `number`, and return the last number.

    Citations name their report unless its title is shown above (`titled`). `provenance` is where
    the sentences come from, for the briefing.
    """
    for sentence in sentences:
        named = sentence.recommendation
        name = f"<b>{escape(named.name)}</b> " if named else ""
        st.html(f'<p class="quote">{name}{escape(sentence.text)}</p>')
        with st.container(horizontal=True, gap="small", key=f"{key}-citations-{number + 1}"):
            for citation in sentence.citations:
                number += 1
                where = citation.pinpoint if titled else str(citation)
                cite_button(citation, f"[{number}] {where}", f"{key}-{number}")
            add_sentence(sentence, provenance, f"{key}-{number}")
    return number


def places(citations: Iterable[Citation]) -> list[Place]:
    """Return the cited places, in order."""
    return [Place.of(c) for c in citations]


def cite_button(citation: Citation, text: str, key: str) -> None:
    """Draw a button that opens the source of a citation."""
    place = Place.of(citation)
    open_button(place, text, key)
    if citation.status != "verified":
        st.caption(label(f"This quote is {citation.status}: {'; '.join(citation.repairs)}"))


def open_button(place: Place, text: str, key: str) -> None:
    """Draw a button that opens the source of a place, highlighted while it is open."""
    st.button(
        label(text),
        key=f"{key}-open" if url.cited() == place else key,
        type="tertiary",
        wrap=True,
        on_click=_open,
        args=(place,),
    )


def _open(place: Place) -> None:
    st.session_state["quoted"] = place
    url.put(cite=str(place), page=None)
